"""The allotment: on the purchase date money becomes shares, and what follows for every other order is done.

In pieces, each its own transaction, in order of the orders' ids: mail goes on being
taken between them, and after a crash the next run goes on behind the last piece.
Each piece holds an order's shares, its ledger entry and its new state together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.month.aside import live_payments, put_aside, tell_of_held
from bot.month.collect import collect
from bot.month.lock import LIVE_PAYMENTS
from bot.month.office import Office, StepRefused
from bot.month.sales import settle_uncovered
from bot.month.step import begin, finish
from bot.month.trial import as_order, is_current, price_of, stored_basis
from handlers.plan.allotment import Allotment, AllotmentBasis, AllotmentTotals, Demand, allot, faults_of
from handlers.plan.cycle import CycleStep
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Shares, shares_bought, total
from handlers.plan.orders import CANCELLABLE_PURCHASE, PurchaseOrderState
from handlers.plan.payments import PaymentState
from storage.cycles import Cycle
from storage.ledger import COMPANY, SHARE, UNISSUED, USD, Entry, Posting, move, plan_account, refunds_account
from storage.month_orders import AcceptedPurchase, AllottedPurchase
from storage.payments import Payment, Refund
from storage.store import Transaction

PIECE = 1_000
"""Orders of one transaction: a second or less, so that nobody's mail waits."""
_BEFORE = CANCELLABLE_PURCHASE | {PurchaseOrderState.LOCKED}


@dataclass(frozen=True, slots=True)
class AllotReport:
    """What was allotted in all."""

    cycle: str
    orders: int
    shares: Shares
    invested: Money
    refunded: Money


class BooksDisagree(RuntimeError):
    """What was allotted contradicts what it rests on. Nothing further is done before a person has looked."""


def allot_month(
    office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False, at_once: int = PIECE
) -> AllotReport:
    """Allot a cycle that two people have approved, `at_once` orders in a transaction.

    StepRefused before its purchase date; BooksDisagree.
    """
    if dry_run:
        with begin(office, number, CycleStep.ALLOT, now, dry_run=True) as (tx, cycle):
            while (report := _piece(tx, office, cycle, by, now, at_once)) is None:
                cycle = _again(tx, number)
            return report
    while True:
        with begin(office, number, CycleStep.ALLOT, now) as (tx, cycle):
            report = _piece(tx, office, cycle, by, now, at_once)
        if report is not None:
            return report


def _piece(tx: Transaction, office: Office, cycle: Cycle, by: str, now: datetime, at_once: int) -> AllotReport | None:
    """Allot the next piece; None if there may be another, the report once all is done."""
    _check_may(tx, office, cycle, now)
    piece = list(tx.month_orders.accepted(cycle.id, cycle.settled_to, at_once))
    if not piece:
        return _finish(tx, office, cycle, by, now)
    _settle(tx, office, cycle, _basis_of_a_piece(cycle), piece, now)
    tx.cycles.note_facts(cycle.id, now, settled_to=piece[-1].order_id)
    return None


def _basis_of_a_piece(cycle: Cycle) -> AllotmentBasis:
    """What one order's part rests on: of the demand, only its shares; the whole is held against the sums at the end."""
    if cycle.available is None or cycle.demanded is None:
        raise StepRefused(f"cycle {cycle.id} has no trial run; run dspp cycle trial {cycle.id}")
    return AllotmentBasis(price_of(cycle), cycle.available, Demand(units=cycle.demanded.units))


def _again(tx: Transaction, number: str) -> Cycle:
    cycle = tx.cycles.of(number)
    if cycle is None:
        raise LookupError(f"cycle {number} is gone")
    return cycle


def _check_may(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> None:
    if office.today(now) < cycle.purchase_date:
        raise StepRefused(f"the purchase date of cycle {cycle.id} is {cycle.purchase_date.isoformat()}; nothing before")
    if not is_current(tx, office, cycle):
        raise StepRefused(
            f"what the trial of cycle {cycle.id} rests on has changed; void it with dspp cycle void {cycle.id}, then"
            " run it again and let two people approve it again"
        )
    if not cycle.settled_to:
        collect(tx, cycle.purchase_date, now)


def _settle(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    basis: AllotmentBasis,
    piece: Sequence[AcceptedPurchase],
    now: datetime,
) -> None:
    """Do what the lock found, for one piece of the month's orders."""
    holders = tx.registrations.by_ids({one.registration_id for one in piece})
    paid = live_payments(tx, [one.order_id for one in piece])
    taken = [one for one in piece if one.paid.cents]
    for one in taken:
        there = total(payment.amount for payment in paid.get(one.order_id, ()))
        if there != one.paid:
            raise BooksDisagree(
                f"cycle {cycle.id}, order {one.order_id}: ${one.paid} was counted, but ${there} is there; a payment"
                " came back or was moved while shares were being allotted"
            )
    _invest(tx, cycle, basis, taken, paid, now)
    aside = [one for one in piece if not one.paid.cents]
    put_aside(tx, office, cycle, aside, holders, paid, now)


def _invest(
    tx: Transaction,
    cycle: Cycle,
    basis: AllotmentBasis,
    taken: Sequence[AcceptedPurchase],
    paid: Mapping[str, Sequence[Payment]],
    now: datetime,
) -> None:
    """Shares for what was accepted; the rest of each order's money goes back."""
    given = {one.order_id: one for one in allot(basis, (as_order(one) for one in taken if one.accepted.cents))}
    held = tx.ledger.plan_shares({one.registration_id for one in taken})
    rows: list[AllottedPurchase] = []
    entries: list[Entry] = []
    back: list[Refund] = []
    invested: list[str] = []
    returned: list[str] = []
    for one in taken:
        found = given.get(one.order_id)
        balance = held.get(one.registration_id, NO_SHARES)
        if found is not None and found.shares.units:
            held[one.registration_id] = balance + found.shares
            invested.append(one.order_id)
        else:
            returned.append(one.order_id)
        if found is not None:
            rows.append(_row(one, found, basis, balance))
        going_back = one.returned + (found.refunded if found else ZERO_DOLLARS)
        entries.append(_entry(cycle, one, found, going_back, now))
        if going_back.cents:
            good = max(payment.good_on for payment in paid[one.order_id])
            reason = one.reason if one.returned.cents else "LIMIT_RAN_SHORT"
            back.append(Refund(f"allot:{one.order_id}", one.registration_id, one.order_id, going_back, reason, good))
    tx.month_orders.allot(cycle.id, rows)
    tx.ledger.post_all(entries)
    tx.payments.refund(back, now)
    tx.month_orders.move_purchases(invested, _BEFORE, PurchaseOrderState.ALLOTTED)
    tx.month_orders.move_purchases(returned, _BEFORE, PurchaseOrderState.REFUND_PENDING)
    _move_payments(tx, invested, paid, PaymentState.INVESTED, now)
    _move_payments(tx, returned, paid, PaymentState.REFUND_PENDING, now)


def _row(one: AcceptedPurchase, found: Allotment, basis: AllotmentBasis, balance: Shares) -> AllottedPurchase:
    demanded = shares_bought(one.accepted, basis.price)
    return AllottedPurchase(
        one.order_id, one.registration_id, demanded, found.shares, found.invested, found.refunded, balance
    )


def _entry(cycle: Cycle, one: AcceptedPurchase, found: Allotment | None, back: Money, now: datetime) -> Entry:
    """One entry for an order: its money into the company and back, its shares out of the unissued."""
    own = plan_account(one.registration_id)
    lines: list[Posting] = []
    if found is not None and found.shares.units:
        lines += move(own, COMPANY, USD, found.invested.cents)
        lines += move(UNISSUED, own, SHARE, found.shares.units)
    if back.cents:
        lines += move(own, refunds_account(one.registration_id), USD, back.cents)
    return Entry(f"allot:{one.order_id}", now, f"purchase of cycle {cycle.id}", lines)


def _move_payments(
    tx: Transaction,
    order_ids: Sequence[str],
    paid: Mapping[str, Sequence[Payment]],
    after: PaymentState,
    now: datetime,
) -> None:
    numbers = [payment.id for order_id in order_ids for payment in paid.get(order_id, ())]
    for before in LIVE_PAYMENTS:
        tx.payments.move_all(numbers, before, after, now)


def _finish(tx: Transaction, office: Office, cycle: Cycle, by: str, now: datetime) -> AllotReport:
    """Hold the sums of what was allotted against what it rests on, and move on. BooksDisagree."""
    basis, report = stored_basis(tx, cycle), _sum(tx, cycle)
    totals = AllotmentTotals(report.orders, report.shares.units, report.invested.cents, report.refunded.cents)
    wrong = [fault.value for fault in faults_of(totals, basis)]
    wrong += [broken.name for broken in tx.control_totals.broken()]
    if wrong:
        raise BooksDisagree(f"cycle {cycle.id}: {'; '.join(wrong)}")
    settle_uncovered(tx, cycle)
    tell_of_held(tx, office, cycle, now)
    finish(
        tx,
        cycle,
        CycleStep.ALLOT,
        by,
        now,
        detail={
            "orders": report.orders,
            "shares": str(report.shares),
            "invested": str(report.invested),
            "refunded": str(report.refunded),
        },
    )
    return report


def _sum(tx: Transaction, cycle: Cycle) -> AllotReport:
    orders = units = invested = refunded = 0
    for one in tx.month_orders.allotted(cycle.id):
        orders += 1
        units += one.shares.units
        invested += one.invested.cents
        refunded += one.refunded.cents
    return AllotReport(
        cycle.id, orders, Shares.from_units(units), Money.from_cents(invested), Money.from_cents(refunded)
    )
