"""What comes next in a purchase cycle: what is due by itself now, and who or what the rest waits for.

The scheduler runs what `steps_due` says and `dspp cycle status` shows it, so the two
cannot disagree. A step is due because of what is stored and what time it is,
never because a timer ticked: what an outage missed is made up in order. PLAN,
section 6, and "Cut-off", "A close is missing", "Sales".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from handlers.plan.calendar import PurchaseMonth, TradingCalendar
from handlers.plan.cycle import CycleFacts, CycleState, CycleStep, SalesState
from handlers.plan.terms import PlanTerms

APPROVALS_NEEDED = 2
"""Different people who approve a trial run before anything is issued."""
REMINDERS_AHEAD = timedelta(days=7)
"""Reminders and the pre-advice of debits leave this long before the cut-off."""


class WaitsFor(Enum):
    """What keeps a step that comes next from running by itself."""

    CLOCK = "its time"
    MESSAGES = "messages received by the cut-off to be answered"
    BANK = "the bank's files up to the cut-off"
    CLOSES = "closes, by file or entered by two people"
    APPROVALS = "approvals by two people"
    DECISION = "a person's decision"
    ACKNOWLEDGEMENT = "the transfer agent's acknowledgement"
    FILLS = "the broker's fills"


@dataclass(frozen=True, slots=True)
class StepDue:
    """A step that comes next: due now by itself, or waiting."""

    step: CycleStep
    waits_for: WaitsFor | None
    """None: it is due now and runs by itself."""
    at: datetime | None = None
    """From when on it may run, or by when a person should have acted."""

    @property
    def is_due(self) -> bool:
        """Whether the scheduler runs it now."""
        return self.waits_for is None


def debits_leave_by(month: PurchaseMonth, calendar: TradingCalendar, terms: PlanTerms) -> date:
    """The banking session by which the file of debits leaves: so many before the day of the cut-off. OC."""
    day = month.cut_off_day
    for _ in range(terms.debit_lead_sessions):
        day = calendar.banking_session_before(day)
    return day


def steps_due(facts: CycleFacts, now: datetime, calendar: TradingCalendar, terms: PlanTerms) -> tuple[StepDue, ...]:
    """What comes next in a cycle, in the order in which it is to run: the purchase first, then the sales.

    Of what is due only the first is to be run; then it is asked again, for the
    facts have changed. A cycle that is over, its sales too, has nothing.
    """
    timing = _Timing(facts.month, now, calendar, terms)
    return (*_NEXT[facts.state](facts, timing), *_sales(facts, timing))


@dataclass(frozen=True, slots=True)
class _Timing:
    """The clock held against a month's dates, in the timezone of its cut-off."""

    month: PurchaseMonth
    now: datetime
    calendar: TradingCalendar
    terms: PlanTerms

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.month.cut_off.tzinfo)

    def from_day(self, step: CycleStep, day: date) -> StepDue:
        """The step, due from the beginning of a day on."""
        return self.from_instant(step, self.start_of(day))

    def from_instant(self, step: CycleStep, at: datetime) -> StepDue:
        return StepDue(step, None if self.now >= at else WaitsFor.CLOCK, at)

    @property
    def is_purchase_date_over(self) -> bool:
        return self.now >= self.start_of(self.month.purchase_date + timedelta(days=1))


def _open(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    """Up to the cut-off, inclusive, reminders and debits; after it nothing but the lock, whatever was missed."""
    cut_off = facts.month.cut_off
    if timing.now > cut_off:
        yield StepDue(CycleStep.LOCK, _lock_waits_for(facts), cut_off)
        return
    if not facts.reminded and not facts.is_exhausted:
        yield timing.from_instant(CycleStep.REMIND, cut_off - REMINDERS_AHEAD)
    if not facts.debits_sent and not facts.is_exhausted:
        yield _debits(facts, timing)
    yield StepDue(CycleStep.LOCK, WaitsFor.CLOCK, cut_off)


def _lock_waits_for(facts: CycleFacts) -> WaitsFor | None:
    """What was received in time counts, though it is read later: so the lock waits for it."""
    if facts.messages_waiting:
        return WaitsFor.MESSAGES
    return WaitsFor.BANK if facts.payments_awaited else None


def _debits(facts: CycleFacts, timing: _Timing) -> StepDue:
    """Due all the day on which they leave. Later their money may come after the cut-off, so a person decides."""
    day = debits_leave_by(facts.month, timing.calendar, timing.terms)
    if timing.now >= timing.start_of(day + timedelta(days=1)):
        return StepDue(CycleStep.SEND_DEBITS, WaitsFor.DECISION, facts.month.cut_off)
    return timing.from_day(CycleStep.SEND_DEBITS, day)


def _locked(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    """A price as soon as there are all closes; once the last pricing day is over without them, pricing is held."""
    over = timing.start_of(facts.month.pricing_days[-1] + timedelta(days=1))
    if not (facts.closes_missing or facts.closes_in_doubt):
        yield StepDue(CycleStep.PRICE, None)
    elif timing.now >= over:
        yield StepDue(CycleStep.HOLD_PRICING, None, over)
    else:
        yield StepDue(CycleStep.PRICE, WaitsFor.CLOSES, over)


def _pricing_held(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    """The closes, or, once the purchase date is over without them, the decision to defer."""
    if not (facts.closes_missing or facts.closes_in_doubt):
        yield StepDue(CycleStep.PRICE, None)
        return
    yield StepDue(CycleStep.PRICE, WaitsFor.CLOSES, timing.start_of(facts.month.purchase_date))
    if timing.is_purchase_date_over:
        yield StepDue(CycleStep.DEFER, WaitsFor.DECISION)


def _priced(_facts: CycleFacts, _timing: _Timing) -> Iterator[StepDue]:
    yield StepDue(CycleStep.RUN_TRIAL, None)


def _trial_run(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    if not facts.trial_is_current:
        yield StepDue(CycleStep.VOID_APPROVALS, None)
    elif facts.approvals >= APPROVALS_NEEDED:
        yield StepDue(CycleStep.APPROVE, None)
    else:
        yield StepDue(CycleStep.APPROVE, WaitsFor.APPROVALS, timing.start_of(facts.month.purchase_date))


def _approved(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    """Whatever changes after the first allotment changes no allotment any more: the rest follows the same basis."""
    if not facts.trial_is_current and not facts.is_allotting:
        yield StepDue(CycleStep.VOID_APPROVALS, None)
    else:
        yield timing.from_day(CycleStep.ALLOT, facts.month.purchase_date)


def _allotted(facts: CycleFacts, _timing: _Timing) -> Iterator[StepDue]:
    if not facts.instruction_sent:
        yield StepDue(CycleStep.INSTRUCT_ISSUE, None)
    else:
        yield StepDue(CycleStep.ACKNOWLEDGE, None if facts.acknowledged else WaitsFor.ACKNOWLEDGEMENT)


def _issued(_facts: CycleFacts, _timing: _Timing) -> Iterator[StepDue]:
    yield StepDue(CycleStep.CONFIRM, None)


def _over(_facts: CycleFacts, _timing: _Timing) -> Iterator[StepDue]:
    yield from ()


_NEXT: Mapping[CycleState, Callable[[CycleFacts, _Timing], Iterator[StepDue]]] = {
    CycleState.OPEN: _open,
    CycleState.LOCKED: _locked,
    CycleState.PRICING_HELD: _pricing_held,
    CycleState.PRICED: _priced,
    CycleState.TRIAL_RUN: _trial_run,
    CycleState.APPROVED: _approved,
    CycleState.ALLOTTED: _allotted,
    CycleState.ISSUED: _issued,
    CycleState.CONFIRMED: _over,
    CycleState.DEFERRED: _over,
}


def _sales(facts: CycleFacts, timing: _Timing) -> Iterator[StepDue]:
    """The sales need the lock and the purchase date, but no price: a missing close keeps nobody from selling."""
    if facts.state is CycleState.OPEN:
        return
    match facts.sales:
        case SalesState.LOCKED:
            yield timing.from_day(CycleStep.SEND_SALES, facts.month.purchase_date)
        case SalesState.SENT:
            yield StepDue(CycleStep.ALLOCATE_SALES, None if facts.fills_loaded else WaitsFor.FILLS)
        case SalesState.ALLOCATED if facts.sales_settle_on is not None:
            yield timing.from_day(CycleStep.SEND_PROCEEDS, facts.sales_settle_on)
        case SalesState.ALLOCATED:
            yield StepDue(CycleStep.SEND_PROCEEDS, WaitsFor.FILLS)
        case SalesState.NONE | SalesState.PAID:
            pass
