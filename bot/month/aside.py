"""Orders that take no part in a month's purchase: expired, held, carried forward; or all of them put off by a month.

Done with the allotment, or with the decision to defer; until then the lock can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.month.closes import closes_of, undecided
from bot.month.letter_facts import CarriedForward, CycleNeedsPerson, Deferred, OrderExpired
from bot.month.lock import CARRIED_FORWARD, HELD, LIVE_PAYMENTS, NOT_PAID
from bot.month.office import Office, StepRefused
from bot.month.sales import settle_uncovered
from bot.month.step import begin, finish
from handlers.plan.accounts import Registration
from handlers.plan.calendar import PurchaseMonth, coming_purchases
from handlers.plan.cycle import CycleStep
from handlers.plan.money import Money, total
from handlers.plan.orders import CANCELLABLE_PURCHASE, PurchaseOrderState
from handlers.plan.payments import PaymentState
from storage.cycles import Cycle
from storage.month_orders import AcceptedPurchase
from storage.payments import Payment
from storage.store import Transaction

_BEFORE = CANCELLABLE_PURCHASE | {PurchaseOrderState.LOCKED}


@dataclass(frozen=True, slots=True)
class DeferReport:
    """What was put off."""

    cycle: str
    orders: int
    waiting: Money
    """The money of these orders; it waits for the next purchase date, or for its holders to ask it back."""
    missing: tuple[date, ...]


def defer(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> DeferReport:
    """Put a month's purchases off to the next, because a close is missing through the purchase date.

    StepRefused while a close may still come, and once all are there. The sales go
    their own way. PR and OC, "A close is missing".
    """
    with begin(office, number, CycleStep.DEFER, now, dry_run=dry_run) as (tx, cycle):
        missing = undecided(cycle, closes_of(tx, office, cycle.pricing_days))
        if not missing:
            raise StepRefused(f"every close of cycle {number} is there; price it")
        if office.today(now) <= cycle.purchase_date:
            over = (cycle.purchase_date + timedelta(days=1)).isoformat()
            raise StepRefused(f"a close may still come; cycle {number} can be deferred from {over} on")
        counted = list(tx.month_orders.accepted(cycle.id))
        numbers = [one.order_id for one in counted]
        holders = tx.registrations.by_ids({one.registration_id for one in counted})
        paid = live_payments(tx, numbers)
        put_off = [one for one in counted if one.paid.cents]
        _check_paid(cycle, put_off, paid)
        following = _following(office, cycle, now)
        tx.month_orders.unlock_accepted(cycle.id)
        for one in put_off:
            _defer_one(
                tx, office, cycle, one, holders[one.registration_id], paid[one.order_id], missing, following, now
            )
        put_aside(tx, office, cycle, [one for one in counted if not one.paid.cents], holders, paid, now)
        settle_uncovered(tx, cycle)
        tell_of_held(tx, office, cycle, now)
        report = DeferReport(cycle.id, len(put_off), total(one.paid for one in put_off), missing)
        days = [day.isoformat() for day in missing]
        detail = {"orders": report.orders, "waiting": str(report.waiting), "missing": days}
        finish(tx, cycle, CycleStep.DEFER, by, now, detail=detail)
        return report


def _check_paid(cycle: Cycle, put_off: Sequence[AcceptedPurchase], paid: Mapping[str, Sequence[Payment]]) -> None:
    for one in put_off:
        if total(payment.amount for payment in paid.get(one.order_id, ())) != one.paid:
            raise StepRefused(
                f"money of cycle {cycle.id} has changed since it was locked; undo it to the lock, and lock it again"
            )


def _defer_one(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    one: AcceptedPurchase,
    holder: Registration,
    payments: Sequence[Payment],
    missing: tuple[date, ...],
    following: PurchaseMonth,
    now: datetime,
) -> None:
    _go_on(tx, cycle, one, payments, following, now)
    told = Deferred(
        account=holder.masked_account,
        amount=one.paid,
        missing=missing,
        purchase_date=cycle.purchase_date,
        next_month=following,
    )
    office.write_to(tx, holder, told, cause=f"deferred:{cycle.id}:{one.order_id}", now=now)


def _go_on(
    tx: Transaction,
    cycle: Cycle,
    one: AcceptedPurchase,
    payments: Sequence[Payment],
    following: PurchaseMonth,
    now: datetime,
) -> None:
    """Let an order and its money count for the following month, which takes of it what it will."""
    tx.month_orders.carry_forward(one.order_id, following.purchase_date, following.cut_off)
    tx.month_orders.forget_acceptances(cycle.id, [one.order_id])
    for payment in payments:
        tx.payments.move(payment.id, payment.state, payment.state, now, purchase_date=following.purchase_date)


def live_payments(tx: Transaction, order_ids: Sequence[str]) -> dict[str, list[Payment]]:
    """The money that is there for each of these orders."""
    paid: dict[str, list[Payment]] = {}
    for payment in tx.payments.of_orders(order_ids):
        if payment.order_id is not None and payment.state in LIVE_PAYMENTS:
            paid.setdefault(payment.order_id, []).append(payment)
    return paid


def put_aside(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    aside: Sequence[AcceptedPurchase],
    holders: Mapping[str, Registration],
    paid: Mapping[str, Sequence[Payment]],
    now: datetime,
) -> None:
    """Expired, held, carried forward: what becomes of orders that take no part in this purchase."""
    if not aside:
        return
    following = _following(office, cycle, now)
    for one in aside:
        holder = holders[one.registration_id]
        if one.reason == NOT_PAID:
            _expire(tx, office, cycle, one, holder, following, now)
        elif one.reason == CARRIED_FORWARD:
            _carry_forward(tx, office, cycle, one, holder, paid[one.order_id], following, now)
        elif one.reason.startswith(HELD):
            tx.month_orders.move_purchases([one.order_id], _BEFORE, PurchaseOrderState.HELD)
            for payment in paid.get(one.order_id, ()):
                reason = one.reason.removeprefix(HELD)
                tx.payments.move(payment.id, payment.state, PaymentState.HELD, now, reason=reason)


def _following(office: Office, cycle: Cycle, now: datetime) -> PurchaseMonth:
    """The purchase month after this one."""
    coming = coming_purchases(cycle.cut_off, office.plan.calendar(now), office.plan.book)
    return next(month for month in coming if month.purchase_date > cycle.purchase_date)


def _expire(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    one: AcceptedPurchase,
    holder: Registration,
    following: PurchaseMonth,
    now: datetime,
) -> None:
    order = tx.orders.purchase(one.order_id)
    if order is None or not tx.month_orders.move_purchases([one.order_id], _BEFORE, PurchaseOrderState.EXPIRED):
        return
    told = OrderExpired(
        account=holder.masked_account,
        order_id=one.order_id,
        amount=order.amount,
        purchase_date=cycle.purchase_date,
        cut_off=cycle.cut_off,
        next_month=following,
    )
    office.write_to(tx, holder, told, cause=f"expired:{one.order_id}", now=now)


def _carry_forward(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    one: AcceptedPurchase,
    holder: Registration,
    payments: Sequence[Payment],
    following: PurchaseMonth,
    now: datetime,
) -> None:
    order = tx.orders.purchase(one.order_id)
    if order is None:
        return
    _go_on(tx, cycle, one, payments, following, now)
    last = max(payments, key=lambda payment: payment.good_on)
    told = CarriedForward(
        account=holder.masked_account,
        order_id=one.order_id,
        amount=total(payment.amount for payment in payments),
        method=order.payment_method,
        received_on=office.today(last.received_at),
        good_on=last.good_on,
        purchase_date=cycle.purchase_date,
        next_month=following,
    )
    office.write_to(tx, holder, told, cause=f"carried:{cycle.id}:{one.order_id}", now=now)


def tell_of_held(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> None:
    """Tell Investor Relations of orders that only a person can decide on, since nobody else will."""
    held = sum(one.reason.startswith(HELD) for one in tx.month_orders.accepted(cycle.id))
    if not held:
        return
    told = CycleNeedsPerson(
        cycle=cycle.id,
        purchase_date=cycle.purchase_date,
        what="Decide on orders that were held",
        why=f"{held} paid {'order' if held == 1 else 'orders'} took no part in this purchase, because the holder may"
        " not buy as things stand. The money waits. Each payment is listed with the reason.",
        command="dspp payments waiting",
        until=None,
    )
    office.tell_staff(tx, told, cause=f"orders-held:{cycle.id}", now=now)
