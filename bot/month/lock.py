"""The lock: once the cut-off is past and everything that came in time is in, what the month takes of each order.

It writes only what it found (an acceptance for each order, the count of each
sale) and the states of the orders it took, so that it can be undone until two
people have approved. What follows for money and holders (expiry, refunds, what is
carried forward) is done with the allotment. Until then what it found is held against
how things stand: a payment that came back, or a holder who has died, changes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from bot.files.from_bank import CHECKS
from bot.month.collect import collect
from bot.month.office import Office, StepRefused
from bot.month.step import begin, finish
from bot.wording import instant
from handlers.plan.acceptance import PaidOrder, accept
from handlers.plan.accounts import Registration
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.eligibility import check_participant
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Shares, total
from handlers.plan.orders import (
    CANCELLABLE_PURCHASE,
    CANCELLABLE_SALE,
    Portion,
    PurchaseOrderState,
    SaleOrder,
    SaleOrderState,
)
from handlers.plan.payments import PaymentState, doubts_of_holder
from handlers.plan.sales import count_at_cut_off, settled_shares
from handlers.plan.states import StateList
from handlers.plan.terms import PlanTerms
from storage.cycles import Cycle
from storage.month_orders import AcceptedPurchase, MonthPurchase
from storage.month_sales import MonthSale, SaleResult
from storage.payments import Payment
from storage.store import Transaction

NOT_PAID = "NOT_PAID"
"""No money came by the cut-off: the order expires."""
CARRIED_FORWARD = "CARRIED_FORWARD"
"""Its money is not good by the purchase date: it counts for the next one."""
HELD = "HELD:"
"""A person decides; what follows is why."""

PIECE = 2_000
"""Orders that are counted at a time."""
LIVE_PAYMENTS = (PaymentState.UNCOLLECTED, PaymentState.GOOD)
"""Money that is there, and may still be invested."""
COUNTED_STATES = CANCELLABLE_PURCHASE | {PurchaseOrderState.LOCKED}
"""Where an order stands that the lock counted, until it is allotted."""
_SETTLED = frozenset({CycleState.ALLOTTED, CycleState.ISSUED, CycleState.CONFIRMED, CycleState.DEFERRED})
"""Cycles that carry nothing forward any more."""


@dataclass(slots=True)
class LockReport:
    """What the lock found."""

    cycle: str
    orders: int = 0
    accepted: Money = ZERO_DOLLARS
    returned: Money = ZERO_DOLLARS
    reasons: Counter[str] = field(default_factory=Counter)
    sales: int = 0
    shares_for_sale: Shares = NO_SHARES
    sales_not_covered: int = 0


def lock(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> LockReport:
    """Lock a cycle. StepRefused before its cut-off, and while something that may have come in time is not in yet."""
    with begin(office, number, CycleStep.LOCK, now, dry_run=dry_run) as (tx, cycle):
        _check_all_is_in(tx, office, cycle, now)
        collect(tx, office.today(cycle.cut_off), now)
        report = LockReport(cycle.id)
        paid = 0
        for piece in _pieces(tx.month_orders.purchases(cycle.purchase_date, CANCELLABLE_PURCHASE)):
            found = list(_found(tx, office, cycle, piece))
            tx.month_orders.accept(cycle.id, found)
            paid += sum(bool(one.paid.cents) for one in found)
            _add(report, found)
        _count_sales(tx, cycle, report)
        are_all_locked = tx.month_orders.lock_accepted(cycle.id) == paid
        are_all_locked &= tx.month_sales.lock_counted(cycle.id) == report.sales
        if not are_all_locked or _uncounted(tx, cycle):
            raise StepRefused(f"orders of cycle {number} came in or were canceled while they were counted; lock again")
        finish(
            tx,
            cycle,
            CycleStep.LOCK,
            by,
            now,
            detail={
                "orders": report.orders,
                "accepted": str(report.accepted),
                "returned": str(report.returned),
                "reasons": dict(sorted(report.reasons.items())),
                "shares_for_sale": str(report.shares_for_sale),
            },
            accepted=report.accepted,
        )
    return report


def _check_all_is_in(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> None:
    """Receipt decides, so nothing that was received in time may still be on its way through the program."""
    if now <= cycle.cut_off:
        until = instant(cycle.cut_off, office.plan.book.timezone)
        raise StepRefused(f"the cut-off of {cycle.id} is not past; it is {until}")
    behind = next((one for one in tx.cycles.all() if one.id < cycle.id and _is_behind(tx, one)), None)
    if behind is not None:
        raise StepRefused(
            f"cycle {behind.id} is still {behind.state.value}; finish it first: what it carries forward counts here"
        )
    waiting = tx.messages.count_waiting(cycle.cut_off)
    if waiting:
        raise StepRefused(
            f"{waiting} messages that came before the cut-off are not worked on yet; start the service and try again"
        )
    if is_money_awaited(tx, office, cycle):
        day = office.today(cycle.cut_off).isoformat()
        raise StepRefused(f"no lockbox file tells of {day} yet; load it with dspp payments import FILE")


def is_money_awaited(tx: Transaction, office: Office, cycle: Cycle) -> bool:
    """Whether the bank has not told yet of the day of the cut-off: a check may have come that nobody knows of."""
    told = tx.files.last_day(CHECKS.kind)
    return told is None or told < office.today(cycle.cut_off)


def _is_behind(tx: Transaction, earlier: Cycle) -> bool:
    """Whether an earlier cycle still has orders that may go on to this one."""
    if earlier.state is CycleState.OPEN:
        return bool(tx.month_orders.uncounted(earlier.purchase_date, earlier.id))
    return earlier.state not in _SETTLED


def _uncounted(tx: Transaction, cycle: Cycle) -> bool:
    """Whether an order of the month came in since the orders were read, so that nobody counted it."""
    aside = tx.month_orders.uncounted(cycle.purchase_date, cycle.id)
    return bool(aside or tx.month_sales.uncounted(cycle.purchase_date, cycle.id))


def _pieces(orders: Iterator[MonthPurchase]) -> Iterator[list[MonthPurchase]]:
    """The orders in pieces; one taxpayer's are always together."""
    piece: list[MonthPurchase] = []
    for _, own in groupby(orders, key=lambda order: order.taxpayer):
        piece += own
        if len(piece) >= PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def changed_since(
    tx: Transaction, office: Office, cycle: Cycle, taxpayer: str | None = None
) -> Iterator[tuple[str, AcceptedPurchase | None]]:
    """Orders of which the month would now take something else than its lock took, each with what; None: no part of it.

    Nothing that was not counted then comes in: what was received later counts for the next month.
    """
    for order_id in tx.month_orders.no_longer_counted(cycle.id, cycle.purchase_date, COUNTED_STATES):
        yield order_id, None
    orders = tx.month_orders.purchases(cycle.purchase_date, COUNTED_STATES, counted_in=cycle.id, taxpayer=taxpayer)
    for piece in _pieces(orders):
        stored = tx.month_orders.acceptances_of(cycle.id, [order.id for order in piece])
        for one in _found(tx, office, cycle, piece):
            if stored[one.order_id] != one:
                yield one.order_id, one


def count_again(tx: Transaction, office: Office, cycle: Cycle, taxpayer: str | None, now: datetime) -> int:
    """Let what a locked month takes follow how things stand now, of one taxpayer's orders or of all (None).

    Only before the first allotment. Returns of how many orders it changed; a trial of before no longer stands then.
    """
    changed = list(changed_since(tx, office, cycle, taxpayer))
    if not changed:
        return 0
    numbers = [order_id for order_id, _ in changed]
    tx.month_orders.unlock_accepted(cycle.id, numbers)
    tx.month_orders.forget_acceptances(cycle.id, numbers)
    tx.month_orders.accept(cycle.id, [one for _, one in changed if one is not None])
    tx.month_orders.lock_accepted(cycle.id)
    tx.cycles.note_facts(cycle.id, now, accepted=total(one.accepted for one in tx.month_orders.accepted(cycle.id)))
    return len(changed)


def _found(tx: Transaction, office: Office, cycle: Cycle, piece: Sequence[MonthPurchase]) -> Iterator[AcceptedPurchase]:
    """What the month takes of each of these orders, as things stand."""
    holders = tx.registrations.by_ids({order.registration_id for order in piece})
    paid: dict[str, list[Payment]] = {}
    for payment in tx.payments.of_orders([order.id for order in piece]):
        if payment.order_id is not None and payment.state in LIVE_PAYMENTS:
            paid.setdefault(payment.order_id, []).append(payment)
    states, terms = tx.states.all(), office.terms(cycle.purchase_date)
    for _, own in groupby(piece, key=lambda order: order.taxpayer):
        yield from _of_taxpayer(list(own), holders, paid, cycle, office, terms, states)


def _add(report: LockReport, found: Sequence[AcceptedPurchase]) -> None:
    report.orders += len(found)
    report.accepted += total(one.accepted for one in found)
    report.returned += total(one.returned for one in found)
    report.reasons.update(one.reason for one in found)


def _of_taxpayer(
    orders: Sequence[MonthPurchase],
    holders: Mapping[str, Registration],
    paid: Mapping[str, Sequence[Payment]],
    cycle: Cycle,
    office: Office,
    terms: PlanTerms,
    states: StateList,
) -> list[AcceptedPurchase]:
    """What the month takes of one taxpayer's orders."""
    aside: dict[str, str] = {}
    counted: list[PaidOrder] = []
    days = (office.today(cycle.cut_off), cycle.purchase_date)
    for order in orders:
        payments = paid.get(order.id, ())
        doubts = doubts_of_holder(holders[order.registration_id], days, states, office.plan.book)
        if not payments:
            aside[order.id] = NOT_PAID
        elif doubts:
            aside[order.id] = HELD + doubts[0].name
        elif any(payment.good_on > cycle.purchase_date for payment in payments):
            aside[order.id] = CARRIED_FORWARD
        else:
            received = min(payment.received_at for payment in payments)
            amount = total(payment.amount for payment in payments)
            counted.append(PaidOrder(order.id, order.taxpayer, order.is_deduction, received, amount))
    by_id = {order.id: order for order in orders}
    amounts = {order.order_id: order.amount for order in counted}
    found = [
        AcceptedPurchase(
            one.order_id,
            by_id[one.order_id].registration_id,
            amounts[one.order_id],
            one.accepted,
            one.returned,
            one.reason.name,
        )
        for one in (accept(counted, terms) if counted else ())
    ]
    nothing = (ZERO_DOLLARS, ZERO_DOLLARS, ZERO_DOLLARS)
    found += [
        AcceptedPurchase(order_id, by_id[order_id].registration_id, *nothing, reason)
        for order_id, reason in aside.items()
    ]
    return found


def _count_sales(tx: Transaction, cycle: Cycle, report: LockReport) -> None:
    """Count each sale order again against what its account may sell."""
    for registration_id, own in groupby(
        tx.month_sales.of_month(cycle.purchase_date, CANCELLABLE_SALE), key=lambda order: order.registration_id
    ):
        orders = list(own)
        holder = tx.registrations.by_ids({registration_id})[registration_id]
        bound = tx.payments.at_risk(registration_id, cycle.purchase_date) + tx.month_sales.under_way(registration_id)
        found = _sales_of(orders, holder, bound, cycle)
        tx.month_sales.keep(cycle.id, found)
        covered = sum(one.shares != NO_SHARES for one in found)
        report.sales += covered
        report.sales_not_covered += len(found) - covered
        report.shares_for_sale = sum((one.shares for one in found), report.shares_for_sale)


def may_not_sell(holder: Registration, cycle: Cycle) -> bool:
    """Whether something lies over the account, so that nothing of it is sold in this month."""
    return bool(check_participant(holder)) or (
        holder.sales_held_until is not None and cycle.purchase_date < holder.sales_held_until
    )


def _sales_of(orders: Sequence[MonthSale], holder: Registration, bound: Shares, cycle: Cycle) -> list[SaleResult]:
    """How many shares each order sells; none where it is not covered or the account may not sell.

    `bound` are shares that no sale may touch: their payment may come back, or they are in a batch of before.
    """
    settled = settled_shares(holder)
    free = settled - bound if bound < settled else NO_SHARES
    is_held = may_not_sell(holder, cycle)
    asked = [
        SaleOrder(
            order.id,
            order.registration_id,
            order.shares,
            Portion(order.portion) if order.portion else None,
            cycle.purchase_date,
            cycle.cut_off,
            order.state,
            order.received_at,
        )
        for order in orders
    ]
    return [
        SaleResult(one.order_id, holder.id, one.shares if one.is_covered and not is_held else NO_SHARES)
        for one in count_at_cut_off(asked, free)
    ]


def forget(tx: Transaction, cycle: Cycle) -> None:
    """Undo a lock: the orders stand again as they stood before it."""
    tx.month_orders.unlock_accepted(cycle.id)
    tx.month_orders.forget_acceptances(cycle.id)
    tx.month_sales.move_all(cycle.id, {SaleOrderState.LOCKED}, SaleOrderState.QUEUED)
    tx.month_sales.forget(cycle.id)
