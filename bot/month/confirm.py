"""Purchase confirmations into the outbox: one an order, however often the step is repeated, and a report "N of N".

In pieces, each its own transaction. A holder without an email address, or one whose
letters came back, is answered by post: the report says to whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.month.closes import priced_closes
from bot.month.letter_facts import Close, PurchaseConfirmation
from bot.month.office import Office
from bot.month.step import begin, finish
from bot.month.trial import price_of
from handlers.plan.accounts import Registration
from handlers.plan.cycle import CycleStep
from handlers.plan.money import ZERO_DOLLARS
from handlers.plan.orders import PaymentMethod, PurchaseOrderState
from storage.cycles import Cycle
from storage.month_orders import AllottedPurchase
from storage.outbox import OutboxState
from storage.store import Transaction

PIECE = 500
CAUSE = "purchase-confirmation:"
"""What a confirmation is queued for; the order's number follows."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Who of a cycle's buyers got their confirmation."""

    cycle: str
    due: int
    queued: int
    sent: int
    came_back: int
    """Given up, or returned for good."""
    by_post: tuple[str, ...]
    """Account numbers of those who get theirs on paper."""


def confirm_purchases(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> DeliveryReport:
    """Queue the confirmation of every order that got shares. StepRefused before the issue is acknowledged."""
    if dry_run:
        with begin(office, number, CycleStep.CONFIRM, now, dry_run=True) as (tx, cycle):
            last = _piece(tx, office, cycle, "", now)
            while last:
                last = _piece(tx, office, cycle, last, now)
            return _finish(tx, cycle, by, now)
    last = ""
    while True:
        with begin(office, number, CycleStep.CONFIRM, now) as (tx, cycle):
            last = _piece(tx, office, cycle, last, now)
            if not last:
                return _finish(tx, cycle, by, now)


def _piece(tx: Transaction, office: Office, cycle: Cycle, after: str, now: datetime) -> str:
    """Queue the confirmations of the next piece, and return its last order; empty once there is none."""
    piece = list(tx.month_orders.allotted(cycle.id, after, PIECE))
    _queue(tx, office, cycle, [one for one in piece if one.shares.units], now)
    return piece[-1].order_id if piece else ""


def _finish(tx: Transaction, cycle: Cycle, by: str, now: datetime) -> DeliveryReport:
    bought = [one.order_id for one in tx.month_orders.allotted(cycle.id) if one.shares.units]
    tx.month_orders.move_purchases(bought, {PurchaseOrderState.ISSUED}, PurchaseOrderState.CONFIRMATION_SENT)
    report = delivery_report(tx, cycle.id)
    finish(tx, cycle, CycleStep.CONFIRM, by, now, detail={"due": report.due, "by_post": len(report.by_post)})
    return report


def _queue(tx: Transaction, office: Office, cycle: Cycle, piece: Sequence[AllottedPurchase], now: datetime) -> None:
    holders = tx.registrations.by_ids({one.registration_id for one in piece})
    closes = [Close(day, price) for day, price in sorted(priced_closes(tx, cycle).items())]
    methods = tx.month_orders.payment_methods([one.order_id for one in piece])
    for one in piece:
        holder = holders[one.registration_id]
        told = confirmation_of(office, cycle, one, holder, closes, methods[one.order_id])
        office.write_to(tx, holder, told, cause=CAUSE + one.order_id, now=now)


def confirmation_of(
    office: Office,
    cycle: Cycle,
    one: AllottedPurchase,
    holder: Registration,
    closes: Sequence[Close],
    method: PaymentMethod,
) -> PurchaseConfirmation:
    """What a buyer is told, every figure from the books."""
    terms = office.terms(cycle.purchase_date)
    return PurchaseConfirmation(
        account=holder.masked_account,
        order_id=one.order_id,
        purchase_date=cycle.purchase_date,
        closes=tuple(closes),
        discount=terms.discount,
        price=price_of(cycle),
        method=method,
        accepted=one.invested + one.refunded,
        invested=one.invested,
        refunded=one.refunded,
        shares=one.shares,
        fees=ZERO_DOLLARS,
        balance_before=one.balance_before,
        balance_after=one.balance_before + one.shares,
        is_reduced=one.shares < one.demanded,
        error_report_days=terms.error_report_days,
    )


def delivery_report(tx: Transaction, number: str) -> DeliveryReport:
    """Due, queued, sent, given up, and who is answered by post instead."""
    bought = [one for one in tx.month_orders.allotted(number) if one.shares.units]
    states = tx.outbox.states_of([CAUSE + one.order_id for one in bought])
    arrived = {OutboxState.QUEUED, OutboxState.SENT}
    unreached = {one.registration_id for one in bought if states.get(CAUSE + one.order_id) not in arrived}
    numbers = tx.registrations.account_numbers(unreached)
    by_state = list(states.values())
    return DeliveryReport(
        cycle=number,
        due=len(bought),
        queued=by_state.count(OutboxState.QUEUED),
        sent=by_state.count(OutboxState.SENT),
        came_back=by_state.count(OutboxState.DEAD) + by_state.count(OutboxState.RETURNED),
        by_post=tuple(sorted(numbers.values())),
    )
