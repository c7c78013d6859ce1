"""Moved: what becomes of a participant whose state of record is another one now.

Purchases and deductions stop where the program cannot be offered; holding and
selling stay. OC, "Moved to a closed state".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from handlers.contract import CancelOrder, ChangeDeduction, DeductionChange, Effect
from handlers.plan.accounts import AccountStatus, Deduction, Registration
from handlers.plan.deductions import live_deduction
from handlers.plan.orders import Order, PurchaseOrder

_TAKING_PART = frozenset({AccountStatus.ACTIVE, AccountStatus.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Stopped:
    """What ends with a move to a closed state: the open purchases, and the deduction if there is one."""

    purchases: tuple[PurchaseOrder, ...]
    deduction: Deduction | None
    effects: tuple[Effect, ...]


def takes_part(registration: Registration) -> bool:
    """Whether the registration has an account through which it can buy, or could until it is released."""
    return registration.account is not None and registration.account.status in _TAKING_PART


def stopped_by_move(registration: Registration, orders: Iterable[Order], now: datetime) -> Stopped:
    """What is stopped: each purchase order up to its cut-off, and the deduction. Past the cut-off an order goes on."""
    purchases = tuple(
        order
        for order in orders
        if isinstance(order, PurchaseOrder)
        and order.registration_id == registration.id
        and order.is_open
        and now <= order.cut_off
    )
    deduction = live_deduction(registration)
    effects: list[Effect] = [CancelOrder(order.id) for order in purchases]
    if deduction is not None:
        effects.append(ChangeDeduction(registration.id, DeductionChange.STOP, None))
    return Stopped(purchases, deduction, tuple(effects))
