"""What of a cycle waits for a person, and from when on Investor Relations is told so: once a day each, at its hour.

A table from what is waited for to when and how it is said. The cause of each notice
bears the day it is for, so that a schedule may ask as often as it likes, and an outage
is followed by one notice and not by one for each day that it took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.month.issue import INSTRUCTION
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office
from bot.month.trial import SALES_SENT
from bot.wording import days
from handlers.plan.calendar import TradingCalendar
from handlers.plan.cycle import CycleFacts, CycleStep
from handlers.plan.cycle_steps import APPROVALS_NEEDED, StepDue, WaitsFor
from storage.cycles import Cycle
from storage.store import Transaction

MORNING = time(8)
"""From this hour of a session on, staff are told what they should have done before."""
EVENING = time(18)
"""From this hour of a session on, staff are told what the day should have brought."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person is asked for, and the notice's cause, which tells one from the next."""

    cause: str
    told: CycleNeedsPerson


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A step that waits, and what its notice hangs on."""

    tx: Transaction
    office: Office
    cycle: Cycle
    facts: CycleFacts
    due: StepDue
    now: datetime

    @property
    def calendar(self) -> TradingCalendar:
        return self.office.plan.calendar(self.now)

    @property
    def morning(self) -> date:
        return last_session_at(MORNING, self.office, self.now)

    @property
    def evening(self) -> date:
        return last_session_at(EVENING, self.office, self.now)

    def day_written(self, cause: str) -> date | None:
        """The day on which the file of a cause was written; None if it was not."""
        sent = self.tx.sent_files.of(cause)
        return self.office.today(sent.written_at) if sent else None

    def ask(self, day: date | str, what: str, why: str, command: str) -> Ask:
        until = self.due.at if self.due.at is not None and self.due.at > self.now else None
        told = CycleNeedsPerson(self.cycle.id, self.cycle.purchase_date, what, why, command, until)
        waits = self.due.waits_for.name if self.due.waits_for else ""
        return Ask(f"needs:{self.cycle.id}:{self.due.step.name}:{waits}:{day}", told)


def last_session_at(hour: time, office: Office, now: datetime) -> date:
    """The last session of which this hour is past, in the plan's timezone."""
    local = now.astimezone(ZoneInfo(office.plan.book.timezone))
    day = local.date() if local.time() >= hour else local.date() - timedelta(days=1)
    return office.plan.calendar(now).on_or_before(day)


def asks_of(
    tx: Transaction, office: Office, cycle: Cycle, facts: CycleFacts, due: Sequence[StepDue], now: datetime
) -> Iterator[Ask]:
    """What of `due` a person has to be told by now."""
    for one in due:
        asked = _WHEN[one.waits_for](_Waiting(tx, office, cycle, facts, one, now)) if one.waits_for in _WHEN else None
        if asked is not None:
            yield asked


def _closes(waiting: _Waiting) -> Ask | None:
    """From the evening of a pricing day on whose close is missing or disputed."""
    facts = waiting.facts
    open_days = sorted({*facts.closes_missing, *facts.closes_in_doubt})
    over = tuple(day for day in open_days if day <= waiting.evening)
    if not over:
        return None
    return waiting.ask(
        waiting.evening,
        "Load the closes that are missing, or let two people enter them",
        f"No undisputed close stands for {days(over)}. A close is never substituted.",
        f"dspp prices enter {over[0].isoformat()} CLOSE --source TEXT --by NAME",
    )


def _approvals(waiting: _Waiting) -> Ask:
    """At once for each trial; and again from the session before the purchase date on."""
    cycle, morning = waiting.cycle, waiting.morning
    missing = APPROVALS_NEEDED - waiting.facts.approvals
    is_late = morning >= waiting.calendar.sessions_back(cycle.purchase_date, 1)
    return waiting.ask(
        morning if is_late else cycle.trial_digest[:16],
        "Look at the trial run and approve it",
        f"The trial run is made; {'two people have' if missing > 1 else 'one more person has'} to approve it"
        " before anything is issued.",
        f"dspp cycle report {cycle.id}",
    )


def _acknowledgement(waiting: _Waiting) -> Ask | None:
    """From the evening of the banking session after the instruction on."""
    sent = waiting.day_written(INSTRUCTION + waiting.cycle.id)
    if sent is None or waiting.evening < waiting.calendar.banking_sessions_after(sent, 1):
        return None
    return waiting.ask(
        waiting.evening,
        "Ask the transfer agent for the acknowledgement of the issue",
        "The issuance instruction was written, and no acknowledgement is loaded. Nobody gets a confirmation before it.",
        "dspp cycle acknowledge FILE",
    )


def _fills(waiting: _Waiting) -> Ask | None:
    """From the evening of the day on that the batch of sales went out."""
    sent = waiting.day_written(SALES_SENT + waiting.cycle.id)
    if sent is None or waiting.evening < sent:
        return None
    return waiting.ask(
        waiting.evening,
        "Ask the broker for the fills of the sales",
        "The batch of sales was written, and no fills are loaded. No seller is paid before them.",
        "dspp cycle fills FILE",
    )


def _decision(waiting: _Waiting) -> Ask:
    """Each morning while a person has to decide."""
    what, why = {
        CycleStep.DEFER: (
            "Decide whether the purchase is put off to the next month",
            "The purchase date is over, and a close is still missing. Holders may be offered their money back.",
        ),
        CycleStep.SEND_DEBITS: (
            "Decide about this month’s automatic deductions",
            "Their file was not written on its day. Sent later, its money may come after the cut-off.",
        ),
    }.get(waiting.due.step, (f"Decide about “{waiting.due.step.value}”", "It does not go on by itself."))
    word = "defer" if waiting.due.step is CycleStep.DEFER else "status"
    return waiting.ask(waiting.morning, what, why, f"dspp cycle {word} {waiting.cycle.id}")


def _bank(waiting: _Waiting) -> Ask | None:
    """From the morning after the cut-off on."""
    if waiting.morning <= waiting.office.today(waiting.cycle.cut_off):
        return None
    return waiting.ask(
        waiting.morning,
        "Load the bank’s file of checks up to the cut-off",
        "The cut-off is past, but no lockbox file tells of its day. Nothing is locked before.",
        "dspp payments import FILE",
    )


def _messages(waiting: _Waiting) -> Ask | None:
    """From the morning after the cut-off on; by then each was answered, or the service does not work."""
    if waiting.morning <= waiting.office.today(waiting.cycle.cut_off):
        return None
    return waiting.ask(
        waiting.morning,
        "See why messages that came before the cut-off are not answered",
        "The lock waits for them, because they count for this month.",
        "dspp doctor",
    )


_WHEN: Mapping[WaitsFor | None, Callable[[_Waiting], Ask | None]] = {
    WaitsFor.CLOSES: _closes,
    WaitsFor.APPROVALS: _approvals,
    WaitsFor.ACKNOWLEDGEMENT: _acknowledgement,
    WaitsFor.FILLS: _fills,
    WaitsFor.DECISION: _decision,
    WaitsFor.BANK: _bank,
    WaitsFor.MESSAGES: _messages,
}
"""What waits for its time alone is told to nobody."""
