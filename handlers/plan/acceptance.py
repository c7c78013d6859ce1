"""How much of each payment a purchase month takes, once the cut-off has closed it.

Per taxpayer over all registrations: what was received first is served first, up
to the maximum; monthly deductions come last and shrink to what is left; a total
under the minimum goes back whole. The terms are those in force on the purchase
date. Whether a holder may buy at all is decided elsewhere, before.

PR and OC, "Minimum and maximum", "Aggregation", "Over the maximum", "Under the minimum".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import groupby

from handlers.plan.deductions import amount_to_debit
from handlers.plan.money import ZERO_DOLLARS, Money, total
from handlers.plan.terms import PlanTerms


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """An order of the month with the money that came for it."""

    order_id: str
    taxpayer: str
    """An opaque key, equal for all registrations of one taxpayer."""
    is_deduction: bool
    """Whether it is the monthly deduction, which gives way. A single purchase that is paid by a debit does not."""
    received_at: datetime
    """When its payment was received; the order itself may be older or younger."""
    amount: Money


class AcceptanceReason(Enum):
    """Why so much of an order was accepted and no more."""

    IN_FULL = "in full"
    OVER_MAXIMUM = "the month's maximum left less, or nothing"
    GAVE_WAY = "a deduction shrinks to what the month's maximum leaves"
    UNDER_MINIMUM = "the month's total is under the minimum"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the month takes of one order, and what goes back; the two add up to what was paid."""

    order_id: str
    accepted: Money
    returned: Money
    reason: AcceptanceReason


def accept(orders: Iterable[PaidOrder], terms: PlanTerms) -> tuple[Acceptance, ...]:
    """What the month takes of each of one taxpayer's `orders`, in the order in which they are served.

    Payments received at the same instant are served by the orders' ids, so that
    the answer never hangs on the order in which rows were read. ValueError if the
    orders are of several taxpayers, if one is there twice, or without money: such
    rows are no month of anybody's.
    """
    served = sorted(orders, key=lambda order: (order.is_deduction, order.received_at, order.order_id))
    _check(served)
    if total(order.amount for order in served) < terms.purchase_min:
        return tuple(_back(order) for order in served)
    received, found = ZERO_DOLLARS, []
    for order in served:
        accepted = amount_to_debit(order.amount, received, terms)
        received += accepted
        found.append(Acceptance(order.order_id, accepted, order.amount - accepted, _reason(order, accepted)))
    return tuple(found)


def accept_month(orders: Iterable[PaidOrder], terms: PlanTerms) -> Iterator[Acceptance]:
    """What the month takes of each order, taxpayer after taxpayer.

    `orders` come one taxpayer's after another's, in any order of taxpayers (ORDER
    BY taxpayer in any collation); kept in memory are one taxpayer's orders and the
    keys of those before. ValueError where a taxpayer's orders lie apart: their
    limits would be counted twice.
    """
    seen: set[str] = set()
    for taxpayer, own in groupby(orders, key=lambda order: order.taxpayer):
        if taxpayer in seen:
            raise ValueError(f"the orders of taxpayer {taxpayer} lie apart; sort the month's orders by taxpayer")
        seen.add(taxpayer)
        yield from accept(own, terms)


def _check(served: Sequence[PaidOrder]) -> None:
    if len({order.taxpayer for order in served}) > 1:
        raise ValueError("orders of several taxpayers have no common maximum; use accept_month")
    if len({order.order_id for order in served}) < len(served):
        raise ValueError("an order is there twice: " + ", ".join(order.order_id for order in served))
    for order in served:
        if not order.amount.cents:
            raise ValueError(f"order {order.order_id} has no money to accept; it is to expire instead")


def _back(order: PaidOrder) -> Acceptance:
    return Acceptance(order.order_id, ZERO_DOLLARS, order.amount, AcceptanceReason.UNDER_MINIMUM)


def _reason(order: PaidOrder, accepted: Money) -> AcceptanceReason:
    if accepted == order.amount:
        return AcceptanceReason.IN_FULL
    return AcceptanceReason.GAVE_WAY if order.is_deduction else AcceptanceReason.OVER_MAXIMUM
