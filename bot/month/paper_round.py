"""Last month's statements on the first banking session of a month, and last year's summaries in January.

Due by the clock and by what was told of them: the report to Investor Relations marks a
period as done. Only the period just over is sent by itself; an older one by a command.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office
from bot.month.statement_facts import Period, month_period, year_period
from bot.month.statements import due_of, is_bank_awaited, send_papers
from bot.month.what_waits import EVENING, MORNING, last_session_at
from storage.store import Transaction


def papers_due(office: Office, now: datetime) -> tuple[Period, ...]:
    """The periods whose papers may leave now: from the morning of the month's first banking session on."""
    calendar = office.plan.calendar(now)
    first_day = office.today(now).replace(day=1)
    before = first_day - timedelta(days=1)
    if last_session_at(MORNING, office, now) < calendar.banking_sessions_after(before, 1):
        return ()
    month = month_period(f"{before:%Y-%m}")
    return (month, year_period(f"{before:%Y}")) if first_day.month == 1 else (month,)


def send_due_papers(office: Office, now: datetime, finished: set[str]) -> None:
    """Send what is due as far as there is room, and add what is done to `finished`; tell what the bank keeps back."""
    for period in papers_due(office, now):
        if period.job in finished:
            continue
        with office.store.reading() as tx:
            is_done = tx.outbox.has(period.job) or not due_of(tx, period, office.plan.book.timezone)
            is_awaited = is_bank_awaited(tx, office, period, now)
        if is_done:
            finished.add(period.job)
        elif is_awaited:
            with office.store.transaction() as tx:
                office.store.lock(tx, {period.job})
                _tell_bank_is_awaited(tx, office, period, now)
        elif send_papers(office, period, now).is_done:
            finished.add(period.job)


def _tell_bank_is_awaited(tx: Transaction, office: Office, period: Period, now: datetime) -> None:
    """Each evening from the first banking session on; once a day."""
    evening = last_session_at(EVENING, office, now)
    if evening <= period.last_day:
        return
    cycle = f"{period.last_day:%Y-%m}"
    told = CycleNeedsPerson(
        cycle=cycle,
        purchase_date=office.month(cycle, now).purchase_date,
        what=f"Load the bank’s files of checks up to the end of {period.name}",
        why="The papers of that time wait for them: a check that was received in it may still be reported.",
        command="dspp payments import FILE",
        until=None,
    )
    office.tell_staff(tx, told, cause=f"needs:{period.job}:bank:{evening.isoformat()}", now=now)
