"""Statements and years' summaries into the outbox: one a holder and period, however often it is repeated.

In pieces: what a piece tells is read, its papers are made outside any transaction, and
the letters are queued if nothing has moved meanwhile. No more are queued than the outbox
may hold of such letters, so that confirmations and answers go first; what finds no room
is queued by the next run. A holder without an email address, or one whose letters came
back, gets theirs on paper, and nobody is written to of whom it is said that they died.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bot.files.from_bank import CHECKS
from bot.mail.compose import Attachment
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office, StepRefused, is_reached
from bot.month.statement_facts import Paper, Period, papers_of
from bot.statement_pdf import statement_filename, statement_pdf
from handlers.plan.accounts import AccountStatus
from handlers.plan.eligibility import is_deceased
from handlers.plan.statement import FiguresDisagree
from storage.outbox import OutboxState
from storage.statement_rows import StatementRows
from storage.store import Transaction

PIECE = 100
"""Papers of one transaction."""
ROOM = 1_000
"""So many letters that nobody waits for may be queued at a time; with its paper each takes some 80 kB."""
PAPERS_AT_ONCE = 4
"""So many papers are made at once, at most; typst lets go of the interpreter while it sets one."""
PDF = "application/pdf"

Progress = Callable[[int, int], None]
"""Is told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class MailingReport:
    """Who of those to whom a period's paper is due got it."""

    period: str
    due: int
    queued: int
    sent: int
    came_back: int
    """Given up, or returned for good."""
    waiting: int
    """For room in the outbox, or for a run that was stopped."""
    by_post: tuple[str, ...]
    """Account numbers of those who get theirs on paper, those whose letter came back among them."""
    with_staff: tuple[str, ...]
    """Account numbers of holders who died, or are said to have: a person answers whoever asks."""
    disagreeing: tuple[str, ...]
    """Account numbers of those whose figures disagree: no paper can be made."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be queued."""
        return not self.waiting


def check_may_send(tx: Transaction, office: Office, period: Period, now: datetime) -> None:
    """StepRefused before the period is over, and while the bank may still report money that was received in it."""
    if office.today(now) <= period.last_day:
        raise StepRefused(f"{period.name} is not over; its last day is {period.last_day.isoformat()}")
    if is_bank_awaited(tx, office, period, now):
        raise StepRefused(
            f"no lockbox file tells of the last banking session of {period.name} yet;"
            " load it with dspp payments import FILE"
        )


def is_bank_awaited(tx: Transaction, office: Office, period: Period, now: datetime) -> bool:
    """Whether the bank's files do not reach the period's end: a check may be reported that its paper would lack."""
    told = tx.files.last_day(CHECKS.kind)
    calendar = office.plan.calendar(now)
    last = calendar.on_or_before(period.last_day)
    if not calendar.is_banking_session(last):
        last = calendar.banking_session_before(last)
    return told is not None and told < last


def send_papers(
    office: Office, period: Period, now: datetime, *, dry_run: bool = False, progress: Progress | None = None
) -> MailingReport:
    """Queue the period's papers for all to whom they are due, as far as there is room. StepRefused if it is too early.

    Once all are queued, Investor Relations gets a report; a second time nothing is
    sent twice, and with `dry_run` nothing at all.
    """
    with office.store.reading() as tx:
        check_may_send(tx, office, period, now)
        due = due_of(tx, period, office.plan.book.timezone)
        if dry_run:
            return report_of(tx, office, period, now)
        missing = _without_letter(tx, period, due)
        room = max(0, ROOM - tx.outbox.count_unhurried())
    left = missing
    with ThreadPoolExecutor(min(PAPERS_AT_ONCE, os.cpu_count() or 1)) as setters:
        while left and room > 0:
            queued, untried = _send_piece(office, period, left[:PIECE], room, now, setters)
            room -= queued
            left = [*untried, *left[PIECE:]]
            if progress is not None:
                progress(len(due) - len(left), len(due))
    with office.store.transaction() as tx:
        office.store.lock(tx, {period.job})
        report = report_of(tx, office, period, now, untried=frozenset(left))
        if report.due and report.is_done:
            _tell_staff(tx, office, period, report, now)
    return report


def due_of(tx: Transaction, period: Period, timezone: str) -> tuple[str, ...]:
    """The registrations to which a period's paper is due, in order: something moved, or they elected one anyway.

    PLAN, "Monthly statement". An account that is terminated elects nothing any more.
    """
    rows = StatementRows(tx.connection)
    elected = tx.registrations.by_ids(rows.elected())
    living = {
        one
        for one, holder in elected.items()
        if holder.account is not None and holder.account.status is not AccountStatus.TERMINATED
    }
    return tuple(sorted({*rows.moved(*period.bounds(timezone)), *living}))


def report_of(
    tx: Transaction, office: Office, period: Period, now: datetime, *, untried: Collection[str] = ()
) -> MailingReport:
    """Who got the period's paper by now, who will, and who must be answered in another way.

    Of those `untried` it is taken that they will: their figures are not looked at.
    """
    due = due_of(tx, period, office.plan.book.timezone)
    states = tx.outbox.states_of([period.cause(one) for one in due])
    found = list(states.values())
    missing = [one for one in due if period.cause(one) not in states and one not in untried]
    back = {OutboxState.DEAD, OutboxState.RETURNED}
    on_paper = [one for one in due if states.get(period.cause(one)) in back]
    staff: list[str] = []
    disagreeing: list[str] = []
    waiting = sum(one in untried for one in due)
    for piece in _pieces(missing):
        holders = tx.registrations.by_ids(piece)
        papers = papers_of(tx, office, period, holders, now)
        for one, holder in holders.items():
            if is_deceased(holder):
                staff.append(one)
            elif isinstance(papers[one], FiguresDisagree):
                disagreeing.append(one)
            elif is_reached(holder):
                waiting += 1
            else:
                on_paper.append(one)
    return MailingReport(
        period=period.name,
        due=len(due),
        queued=found.count(OutboxState.QUEUED),
        sent=found.count(OutboxState.SENT),
        came_back=sum(found.count(state) for state in back),
        waiting=waiting,
        by_post=_numbers(tx, on_paper),
        with_staff=_numbers(tx, staff),
        disagreeing=_numbers(tx, disagreeing),
    )


def _send_piece(
    office: Office, period: Period, piece: Sequence[str], room: int, now: datetime, setters: ThreadPoolExecutor
) -> tuple[int, list[str]]:
    """Queue at most `room` papers of a piece; how many, and for whom there was no room.

    Those whose facts moved meanwhile get theirs in the next run.
    """
    with office.store.reading() as tx:
        papers = _to_be_written(tx, office, period, piece, now)
    chosen, untried = dict(list(papers.items())[:room]), list(papers)[room:]
    book = office.plan.book
    made = dict(zip(chosen, setters.map(lambda told: statement_pdf(told, book), chosen.values()), strict=True))
    if not made:
        return 0, untried
    with office.store.transaction() as tx:
        office.store.lock(tx, {period.job})
        holders = tx.registrations.by_ids(made)
        now_told = papers_of(tx, office, period, holders, now)
        queued = sum(
            office.write_to(
                tx,
                holders[one],
                told,
                cause=period.cause(one),
                now=now,
                attachments=(Attachment(statement_filename(told), PDF, made[one]),),
            )
            for one, told in chosen.items()
            if now_told[one] == told
        )
    return queued, untried


def _to_be_written(
    tx: Transaction, office: Office, period: Period, piece: Sequence[str], now: datetime
) -> Mapping[str, Paper]:
    """The papers of a piece that can be made, of holders to whom letters may go."""
    holders = {one: holder for one, holder in tx.registrations.by_ids(piece).items() if is_reached(holder)}
    found = papers_of(tx, office, period, holders, now)
    return {one: paper for one, paper in found.items() if not isinstance(paper, FiguresDisagree)}


def _without_letter(tx: Transaction, period: Period, due: Sequence[str]) -> list[str]:
    written = tx.outbox.states_of([period.cause(one) for one in due])
    return [one for one in due if period.cause(one) not in written]


def _tell_staff(tx: Transaction, office: Office, period: Period, report: MailingReport, now: datetime) -> None:
    """That all is queued, and what is left for people to do; once. Schedules ask whether it was told."""
    command = f"dspp statements report --{'year' if period.is_year else 'month'} {period.name}"
    cycle = f"{period.last_day:%Y-%m}"
    told = CycleNeedsPerson(
        cycle=cycle,
        purchase_date=office.month(cycle, now).purchase_date,
        what=f"See who gets the {'summary' if period.is_year else 'statement'} of {period.name} on paper",
        why=_in_numbers(report),
        command=command,
        until=None,
    )
    office.tell_staff(tx, told, cause=period.job, now=now)


def _in_numbers(report: MailingReport) -> str:
    mailed = report.queued + report.sent
    return (
        f"{mailed} of {report.due} are in the mail. On paper: {len(report.by_post)}."
        f" Of holders of whom a death was reported: {len(report.with_staff)}."
        f" Not made, because figures disagree: {len(report.disagreeing)}; compare their ledger with their orders."
    )


def _numbers(tx: Transaction, registration_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(tx.registrations.account_numbers(registration_ids).values()))


def _pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PIECE] for start in range(0, len(ids), PIECE))
