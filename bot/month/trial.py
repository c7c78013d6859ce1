"""The trial run: the whole allotment computed from what is locked, approved by two people, and undone if need be."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.month import lock as locking
from bot.month.closes import is_price_of
from bot.month.office import Office, StepRefused
from bot.month.step import at_the_month, begin, finish
from handlers.plan.allotment import AcceptedOrder, Allotment, AllotmentBasis, AllotmentKind, Demand, allot, demand_of
from handlers.plan.cycle import UNDONE_TO, CycleState, CycleStep, SalesState
from handlers.plan.cycle_steps import APPROVALS_NEEDED
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Price, Shares
from storage.cycles import THE_PROGRAM, Cycle
from storage.ledger import SHARE, UNISSUED
from storage.month_orders import AcceptedPurchase
from storage.store import Transaction

SALES_SENT = "sale-batch:"
"""The cause of the file that tells the broker what to sell; the cycle's id follows."""


@dataclass(slots=True)
class TrialReport:
    """What an allotment would do."""

    cycle: str
    price: str
    available: Shares
    digest: str
    orders: int = 0
    accepted_cents: int = 0
    allotted_units: int = 0
    invested_cents: int = 0
    refunded_cents: int = 0
    """Of what was accepted; what was over the maximum comes besides."""
    is_short: bool = False
    exhausts: bool = False
    reduced: int = 0
    """Orders that get fewer shares than their dollars would buy, or none."""
    counted_again: int = 0
    """Orders of which the month now takes something else than the lock took: a payment came back, a holder died."""
    approvers: tuple[str, ...] = field(default=())


def run_trial(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> TrialReport:
    """Compute the whole allotment from how things stand, and store what approvals will name.

    StepRefused if the closes say another price than that of the cycle.
    """
    with begin(office, number, CycleStep.RUN_TRIAL, now, dry_run=dry_run) as (tx, cycle):
        if not is_price_of(tx, office, cycle):
            raise StepRefused(
                f"the closes have changed, or are disputed, since cycle {number} was priced; undo it with"
                f" dspp cycle undo {number}, and price it again"
            )
        changed = locking.count_again(tx, office, cycle, None, now)
        available = shares_left(tx, office, cycle)
        basis = basis_of(tx, cycle, available)
        report = _report(tx, cycle, basis, digest_of(tx, office, cycle, available, _runs(tx, cycle) + 1))
        report.counted_again = changed
        finish(
            tx,
            cycle,
            CycleStep.RUN_TRIAL,
            by,
            now,
            digest=report.digest,
            detail={
                "orders": report.orders,
                "allotted": str(Shares.from_units(report.allotted_units)),
                "invested": str(Money.from_cents(report.invested_cents)),
                "refunded": str(Money.from_cents(report.refunded_cents)),
                "available": str(available),
                "counted_again": changed,
            },
            available=available,
            demanded=Shares.from_units(basis.demand.units),
            trial_digest=report.digest,
        )
        return report


def approve(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> tuple[str, ...]:
    """One person's approval of the trial run; the second different one moves the cycle on. Returns who approved.

    StepRefused if the same person approved it before, if nobody is named, or what the trial rests on has changed.
    """
    if _spelled(by) in {"", _spelled(THE_PROGRAM)}:
        raise StepRefused("an approval is a person’s; name them with --by")
    with begin(office, number, CycleStep.APPROVE, now, dry_run=dry_run) as (tx, cycle):
        if not is_current(tx, office, cycle):
            raise StepRefused(
                f"what the trial of cycle {number} rests on has changed, or it was undone; void it with"
                f" dspp cycle void {number}, and run it again with dspp cycle trial {number}"
            )
        before = tx.cycles.approvers(number, cycle.trial_digest)
        if _spelled(by) in map(_spelled, before):
            raise StepRefused(f"{by} approved this trial before; another person has to")
        approvers = (*before, by)
        if len(approvers) >= APPROVALS_NEEDED:
            finish(tx, cycle, CycleStep.APPROVE, by, now, digest=cycle.trial_digest, detail={"of": list(approvers)})
        else:
            tx.cycles.note(number, CycleStep.APPROVE, by, now, digest=cycle.trial_digest)
        return approvers


def void_approvals(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> None:
    """Back to the priced cycle, because what the trial rests on has changed. StepRefused if it has not."""
    with begin(office, number, CycleStep.VOID_APPROVALS, now, dry_run=dry_run) as (tx, cycle):
        if is_current(tx, office, cycle):
            raise StepRefused(
                f"the trial of cycle {number} still rests on what is stored; undo it if it must be undone"
            )
        finish(tx, cycle, CycleStep.VOID_APPROVALS, by, now, detail={}, trial_digest="")


def undo(office: Office, number: str, by: str, reason: str, now: datetime, *, dry_run: bool = False) -> CycleState:
    """One step back. StepRefused once anything was allotted, and for the lock once the sales went out."""
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.of(number)
        after = UNDONE_TO.get(cycle.state) if cycle else None
        if cycle is None or after is None or cycle.settled_to:
            raise StepRefused(f"nothing of cycle {number} can be undone: it is not begun, or shares were allotted")
        if cycle.state is CycleState.LOCKED:
            if sales_state(tx, cycle) not in {SalesState.NONE, SalesState.LOCKED}:
                raise StepRefused(f"the sales of cycle {number} are with the broker; its lock stands")
            locking.forget(tx, cycle)
        facts: dict[str, object] = {"trial_digest": ""}
        if after in {CycleState.PRICED, CycleState.LOCKED, CycleState.OPEN}:
            facts |= {"available": None, "demanded": None}
        if after in {CycleState.LOCKED, CycleState.OPEN}:
            facts["price"] = None
        if after is CycleState.OPEN:
            facts["accepted"] = None
        tx.cycles.move(number, cycle.state, after, now, **facts)
        tx.cycles.note(number, CycleStep.VOID_APPROVALS, by, now, undone=cycle.state.value, reason=reason)
        return after


def sales_state(tx: Transaction, cycle: Cycle) -> SalesState:
    """Where the month's sales stand."""
    sold = [one for one in tx.month_sales.sold(cycle.id) if one.shares.units]
    if not sold:
        return SalesState.NONE
    if any(act.step is CycleStep.SEND_PROCEEDS for act in tx.cycles.acts(cycle.id)):
        return SalesState.PAID
    if all(one.gross is not None for one in sold):
        return SalesState.ALLOCATED
    return SalesState.SENT if tx.sent_files.of(SALES_SENT + cycle.id) is not None else SalesState.LOCKED


def shares_left(tx: Transaction, office: Office, cycle: Cycle) -> Shares:
    """What the aggregate limit still leaves. PR and OC, "Aggregate limit"."""
    issued = -tx.ledger.balance(UNISSUED, SHARE)
    limit = office.terms(cycle.purchase_date).aggregate_limit.units
    return Shares.from_units(max(0, limit - issued))


def basis_of(tx: Transaction, cycle: Cycle, available: Shares) -> AllotmentBasis:
    """What every order's part rests on."""
    price = price_of(cycle)
    demand = demand_of(price, map(as_order, _accepted(tx, cycle)))
    return AllotmentBasis(price, available, demand)


def stored_basis(tx: Transaction, cycle: Cycle) -> AllotmentBasis:
    """The basis as the trial stored it: the same for every piece of the allotment."""
    if cycle.available is None or cycle.demanded is None:
        raise StepRefused(f"cycle {cycle.id} has no trial run; run dspp cycle trial {cycle.id}")
    orders = cents = 0
    for one in _accepted(tx, cycle):
        orders, cents = orders + 1, cents + one.accepted.cents
    return AllotmentBasis(price_of(cycle), cycle.available, Demand(orders, cents, cycle.demanded.units))


def price_of(cycle: Cycle) -> Price:
    """The cycle's price. StepRefused before it is priced."""
    if cycle.price is None:
        raise StepRefused(f"cycle {cycle.id} is not priced; run dspp cycle price {cycle.id}")
    return cycle.price


def as_order(one: AcceptedPurchase) -> AcceptedOrder:
    """What was accepted, as the allotment's rules take it."""
    return AcceptedOrder(one.order_id, one.accepted)


def digest_of(tx: Transaction, office: Office, cycle: Cycle, available: Shares, run: int) -> str:
    """SHA-256 of everything the allotment rests on: price, terms, shares left, and what the lock took of each order.

    `run` tells one trial from another of the same figures: what was approved before an undo is not approved after it.
    """
    terms = office.terms(cycle.purchase_date)
    head = {
        "run": run,
        "cycle": cycle.id,
        "purchase_date": cycle.purchase_date.isoformat(),
        "price": str(cycle.price),
        "available": str(available),
        "limit": str(terms.aggregate_limit),
        "discount": str(terms.discount),
    }
    digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for one in tx.month_orders.accepted(cycle.id):
        row = (one.order_id, one.registration_id, one.paid.cents, one.accepted.cents, one.returned.cents, one.reason)
        digest.update(json.dumps(row).encode())
    return digest.hexdigest()


def is_current(tx: Transaction, office: Office, cycle: Cycle) -> bool:
    """Whether what the last trial rests on still stands: closes, terms, shares left, payments, and who may buy."""
    if cycle.settled_to:
        return True  # its allotment has begun; what it rests on was held then, and the shares left are fewer since
    digest = digest_of(tx, office, cycle, shares_left(tx, office, cycle), _runs(tx, cycle))
    if cycle.trial_digest != digest or not is_price_of(tx, office, cycle):
        return False
    return next(locking.changed_since(tx, office, cycle), None) is None


def _runs(tx: Transaction, cycle: Cycle) -> int:
    return sum(act.step is CycleStep.RUN_TRIAL for act in tx.cycles.acts(cycle.id))


def trial_report(tx: Transaction, office: Office, cycle: Cycle) -> TrialReport:
    """The report of the trial that stands. StepRefused if there is none."""
    report = _report(tx, cycle, stored_basis(tx, cycle), cycle.trial_digest)
    report.approvers = tx.cycles.approvers(cycle.id, cycle.trial_digest)
    return report


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """One order of a trial: what the month takes of it, and what it gets."""

    order_id: str
    account: str
    """The whole number: for Investor Relations alone."""
    paid: Money
    accepted: Money
    invested: Money
    back: Money
    """Of what was paid, over the maximum or for want of shares."""
    shares: Shares
    reason: str


def trial_orders(tx: Transaction, cycle: Cycle) -> tuple[TrialOrder, ...]:
    """Every order of the trial that stands, by its number. StepRefused if there is none."""
    basis = stored_basis(tx, cycle)
    counted = list(tx.month_orders.accepted(cycle.id))
    given = {one.order_id: one for one in _allotments(tx, cycle, basis)}
    numbers = tx.registrations.account_numbers({one.registration_id for one in counted})
    found = []
    for one in counted:
        own = given.get(one.order_id)
        invested, shares = (own.invested, own.shares) if own else (ZERO_DOLLARS, NO_SHARES)
        back = one.returned + (own.refunded if own else ZERO_DOLLARS)
        account = numbers[one.registration_id]
        found.append(TrialOrder(one.order_id, account, one.paid, one.accepted, invested, back, shares, one.reason))
    return tuple(found)


def _report(tx: Transaction, cycle: Cycle, basis: AllotmentBasis, digest: str) -> TrialReport:
    report = TrialReport(cycle.id, str(basis.price), basis.left, digest)
    report.is_short, report.exhausts = basis.is_short, basis.exhausts
    for one in _allotments(tx, cycle, basis):
        report.orders += 1
        report.allotted_units += one.shares.units
        report.invested_cents += one.invested.cents
        report.refunded_cents += one.refunded.cents
        report.reduced += one.kind is not AllotmentKind.IN_FULL
    report.accepted_cents = report.invested_cents + report.refunded_cents
    return report


def _allotments(tx: Transaction, cycle: Cycle, basis: AllotmentBasis) -> Iterator[Allotment]:
    return allot(basis, map(as_order, _accepted(tx, cycle)))


def _accepted(tx: Transaction, cycle: Cycle) -> Iterator[AcceptedPurchase]:
    return (one for one in tx.month_orders.accepted(cycle.id) if one.accepted.cents)


def _spelled(name: str) -> str:
    """A person's name for comparison: letters and digits alone, so that "J. Doe" and "j doe" are one person."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
