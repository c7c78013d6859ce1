"""Where a cycle stands, and what comes next: the same facts for the schedule and for `dspp cycle status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.month.closes import ISSUED_FROM, closes_of
from bot.month.issue import INSTRUCTION, allotted_shares
from bot.month.lock import is_money_awaited
from bot.month.office import Office
from bot.month.trial import is_current, sales_state, shares_left
from handlers.plan.calendar import PurchaseMonth, coming_purchases
from handlers.plan.closes import missing_days
from handlers.plan.cycle import CycleFacts, CycleState, CycleStep, cycle_id
from handlers.plan.cycle_steps import StepDue, steps_due
from handlers.plan.money import NO_SHARES
from storage.cycles import Cycle
from storage.store import Transaction


def facts_of(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> CycleFacts:
    """What is stored of a cycle, as far as the next step hangs on it."""
    month = office.month(cycle.id, now)
    closes = closes_of(tx, office, cycle.pricing_days)
    steps = {act.step for act in tx.cycles.acts(cycle.id)}
    has_trial = cycle.state in {CycleState.TRIAL_RUN, CycleState.APPROVED}
    sales = sales_state(tx, cycle)
    sold = tx.month_sales.sold(cycle.id)
    settles = [one.settles_on for one in sold if one.settles_on is not None]
    return CycleFacts(
        state=cycle.state,
        month=month,
        is_exhausted=is_exhausted(tx, office, cycle),
        reminded=CycleStep.REMIND in steps,
        debits_sent=tx.sent_files.of(f"debits:{cycle.id}") is not None or CycleStep.SEND_DEBITS in steps,
        messages_waiting=bool(tx.messages.count_waiting(cycle.cut_off)),
        payments_awaited=is_money_awaited(tx, office, cycle),
        closes_missing=missing_days(cycle.pricing_days, closes),
        closes_in_doubt=tuple(day for day in cycle.pricing_days if day in closes and closes[day].need is not None),
        trial_is_current=not has_trial or is_current(tx, office, cycle),
        approvals=len(tx.cycles.approvers(cycle.id, cycle.trial_digest)),
        is_allotting=bool(cycle.settled_to),
        instruction_sent=tx.sent_files.of(INSTRUCTION + cycle.id) is not None,
        sales=sales,
        fills_loaded=bool(tx.month_sales.fills(cycle.id)),
        sales_settle_on=max(settles, default=None),
    )


def is_exhausted(tx: Transaction, office: Office, cycle: Cycle) -> bool:
    """Whether the aggregate limit leaves nothing for this cycle, or only the dust of a month that ran short.

    Shares that came back since, when an issue was canceled, are not dust. OC, "Limit runs short", "Aggregate limit".
    """
    left = shares_left(tx, office, cycle)
    if left == NO_SHARES:
        return True
    for earlier in reversed(tx.cycles.all()):
        if earlier.id < cycle.id and earlier.state in ISSUED_FROM and earlier.available is not None:
            ran_short = earlier.demanded is not None and earlier.demanded >= earlier.available
            return ran_short and left <= earlier.available - allotted_shares(tx, earlier)
    return False


def due_of(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> tuple[StepDue, ...]:
    """What comes next in a cycle."""
    facts = facts_of(tx, office, cycle, now)
    return steps_due(facts, now, office.plan.calendar(now), office.terms(cycle.purchase_date))


def open_cycles(tx: Transaction, office: Office, now: datetime) -> tuple[Cycle, ...]:
    """Every cycle that is not over, and the one that is coming, which is opened if it was not."""
    coming = next(coming_purchases(now, office.plan.calendar(now), office.plan.book))
    for month in (*_missed(tx, office, coming, now), coming):
        tx.cycles.open(month, now)
    return tx.cycles.all()


def _missed(tx: Transaction, office: Office, coming: PurchaseMonth, now: datetime) -> Iterator[PurchaseMonth]:
    """Months before the coming one that nobody opened: an outage went over them, or orders wait in them."""
    known = tx.cycles.all()
    since = [cycle.cut_off for cycle in known[-1:]]
    since += [cut_off for cut_off in (tx.month_orders.earliest_open(), tx.month_sales.earliest_open()) if cut_off]
    if not since:
        return
    opened = {cycle.id for cycle in known}
    for month in coming_purchases(min(since), office.plan.calendar(now), office.plan.book):
        if month.purchase_date >= coming.purchase_date:
            return
        if cycle_id(month) not in opened:
            yield month
