"""What staff decide about money that could not simply be taken: whose it is, that it is invested, that it goes back.

The person answers for the check itself (who drew it, how it is dated); what stands
against the holder is asked again and is nobody's to wave through.
OC, "How to pay", "Which month"; PR, "States", "Prospectus".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.month.collect import give_back
from bot.month.office import Office, StepRefused
from bot.month.step import at_the_month
from handlers.plan.accounts import Registration
from handlers.plan.calendar import PurchaseMonth, coming_purchases
from handlers.plan.cycle import CycleState, cycle_id
from handlers.plan.orders import PaymentMethod, PurchaseOrderState
from handlers.plan.payments import Doubt, PaymentState, doubts_of_holder, order_awaiting
from storage.audit import AuditKind, staff
from storage.ids import quotable
from storage.ledger import UNMATCHED, USD, move, plan_account
from storage.payments import Payment
from storage.store import Transaction

Decision = Callable[[Transaction, Office, Payment, datetime], "Decided"]
Act = Callable[[Office, str, str, str, datetime], "Decided"]
"""Releasing a payment, and giving it back: which, by whom, why, when."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Where a payment stands after a decision."""

    payment: str
    state: str
    order: str = ""
    purchase_date: str = ""
    reason: str = ""
    """Why it is still held."""


def match_payment(
    office: Office, number: str, account: str, by: str, why: str, now: datetime, *, dry_run: bool = False
) -> Decided:
    """Give money of nobody known to an account. It is invested if nothing stands against the holder, else held."""

    def matched(tx: Transaction, office: Office, payment: Payment, now: datetime) -> Decided:
        holder = tx.registrations.by_account_number(account)
        if holder is None:
            raise StepRefused(f"no registration has the account number {account}")
        if payment.state is PaymentState.HELD and payment.registration_id == holder.id:
            return Decided(payment.id, payment.state.value, reason=payment.reason)
        _check_stands(payment, PaymentState.UNMATCHED)
        if payment.amount.cents:
            lines = move(UNMATCHED, plan_account(holder.id), USD, payment.amount.cents)
            tx.ledger.post(f"match:{payment.id}", now, "matched by staff", lines)
        tx.payments.move(payment.id, payment.state, PaymentState.HELD, now, registration_id=holder.id)
        doubts = _doubts(tx, office, payment, holder, now)
        if doubts or not payment.amount.cents:
            reason = doubts[0] if doubts else Doubt.NOT_US_DOLLARS
            tx.payments.move(payment.id, PaymentState.HELD, PaymentState.HELD, now, reason=reason.name)
            return Decided(payment.id, PaymentState.HELD.value, reason=reason.name)
        return _invest(tx, office, _again(tx, payment), holder, now)

    return _decide(office, number, matched, "match", by, why, now, dry_run=dry_run)


def release_payment(office: Office, number: str, by: str, why: str, now: datetime, *, dry_run: bool = False) -> Decided:
    """Let a held payment be invested. StepRefused while something stands against its holder."""

    def released(tx: Transaction, office: Office, payment: Payment, now: datetime) -> Decided:
        _check_stands(payment, PaymentState.HELD)
        if not payment.amount.cents:
            raise StepRefused(f"payment {payment.id} brought no U.S. dollars, so it cannot be invested; give it back")
        holder = tx.registrations.by_ids({payment.registration_id or ""})[payment.registration_id or ""]
        doubts = _doubts(tx, office, payment, holder, now)
        if doubts:
            raise StepRefused(
                f"payment {payment.id} cannot be invested: {', '.join(doubt.name for doubt in doubts)} still stands"
            )
        return _invest(tx, office, payment, holder, now)

    return _decide(office, number, released, "release", by, why, now, dry_run=dry_run)


def refund_payment(office: Office, number: str, by: str, why: str, now: datetime, *, dry_run: bool = False) -> Decided:
    """Let a held payment go back, with the next file of refunds after it is collected."""

    def refunded(tx: Transaction, office: Office, payment: Payment, now: datetime) -> Decided:
        _check_stands(payment, PaymentState.HELD)
        if not payment.amount.cents:
            raise StepRefused(f"payment {payment.id} brought no U.S. dollars; have the bank send the check itself back")
        give_back(tx, (payment,), payment.reason[:24], now)
        if payment.order_id:
            held = {PurchaseOrderState.HELD}
            tx.month_orders.move_purchases([payment.order_id], held, PurchaseOrderState.REFUND_PENDING)
        return Decided(payment.id, PaymentState.REFUND_PENDING.value, payment.order_id or "")

    return _decide(office, number, refunded, "refund", by, why, now, dry_run=dry_run)


def _decide(
    office: Office,
    number: str,
    decision: Decision,
    word: str,
    by: str,
    why: str,
    now: datetime,
    *,
    dry_run: bool,
) -> Decided:
    """Carry out a decision and keep who took it and why."""
    with at_the_month(office, dry_run=dry_run) as tx:
        payment = tx.payments.of(number)
        if payment is None:
            raise StepRefused(f"there is no payment {number}; dspp payments waiting lists those that wait")
        done = decision(tx, office, payment, now)
        facts = {"command": f"payments decide: {word}", "before": payment.state.value, "after": done.state}
        private = {"reason": why}
        tx.audit.note(staff(by), AuditKind.STAFF_ACT, f"payment:{number}", facts, now, private=private)
        return done


def _check_stands(payment: Payment, wanted: PaymentState) -> None:
    if payment.state is not wanted:
        remedy = {
            PaymentState.UNMATCHED: "; say whose it is first, with --account",
            PaymentState.HELD: "; it has an account, so release it or give it back",
        }.get(payment.state, "; nothing is to be decided about it")
        raise StepRefused(f"payment {payment.id} is {payment.state.value}{remedy}")


def _again(tx: Transaction, payment: Payment) -> Payment:
    found = tx.payments.of(payment.id)
    if found is None:
        raise LookupError(f"payment {payment.id} is gone")
    return found


def _month_open(tx: Transaction, office: Office, payment: Payment, now: datetime) -> PurchaseMonth:
    """The month of its receipt if that still takes money, else the next that does. OC, "Which month"."""
    for month in coming_purchases(payment.received_at, office.plan.calendar(now), office.plan.book):
        cycle = tx.cycles.of(cycle_id(month))
        if (cycle is None and now <= month.cut_off) or (cycle is not None and cycle.state is CycleState.OPEN):
            return month
    raise LookupError("purchase months have come to an end")


def _doubts(
    tx: Transaction, office: Office, payment: Payment, holder: Registration, now: datetime
) -> tuple[Doubt, ...]:
    """What stands against the holder today and on the purchase date that the money would be for."""
    month = _month_open(tx, office, payment, now)
    return doubts_of_holder(holder, (office.today(now), month.purchase_date), tx.states.all(), office.plan.book)


def _invest(tx: Transaction, office: Office, payment: Payment, holder: Registration, now: datetime) -> Decided:
    """Put money into its own order, into one that waits for a check, or into a new one: of an open month."""
    month = _month_open(tx, office, payment, now)
    order_id = payment.order_id
    before = {PurchaseOrderState.AWAITING_PAYMENT, PurchaseOrderState.HELD}
    if order_id is not None:
        tx.month_orders.carry_forward(order_id, month.purchase_date, month.cut_off)
    else:
        orders = tx.orders.of_registrations([holder.id])
        waiting = order_awaiting(payment.amount, holder.id, orders, month.purchase_date)
        order_id = waiting.id if waiting else _own_order(tx, payment, holder, month)
    tx.month_orders.move_purchases([order_id], before, PurchaseOrderState.UNCOLLECTED)
    facts: dict[str, object] = {"order_id": order_id, "purchase_date": month.purchase_date, "reason": ""}
    tx.payments.move(payment.id, PaymentState.HELD, PaymentState.UNCOLLECTED, now, **facts)
    return Decided(payment.id, PaymentState.UNCOLLECTED.value, order_id, month.purchase_date.isoformat())


def _own_order(tx: Transaction, payment: Payment, holder: Registration, month: PurchaseMonth) -> str:
    cause = f"released:{payment.id}"
    order_id = "P-" + quotable(cause, 7)
    tx.month_orders.take_own(
        order_id,
        cause,
        holder.id,
        payment.amount,
        PaymentMethod.CHECK,
        month.purchase_date,
        month.cut_off,
        payment.received_at,
        "check",
    )
    return order_id
