"""dspp statements: a holder's statement to look at, and those of a month or a year into the mail."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from bot.commands.common import add_json, office_of, person, say
from bot.exchange_files import put_file
from bot.month.letter_facts import section_of
from bot.month.office import Office, StepRefused
from bot.month.statement_facts import Paper, Period, month_period, papers_of, year_period
from bot.month.statements import MailingReport, report_of, send_papers
from bot.render import Renderer
from bot.statement_pdf import statement_pdf
from handlers.plan.accounts import Registration
from handlers.plan.calendar import coming_purchases
from handlers.plan.statement import FiguresDisagree
from handlers.timing import COMING_SHOWN
from storage.audit import AuditKind, staff
from storage.statement_rows import StatementRows
from storage.store import Transaction


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("statements", help="monthly statements and years' summaries").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    preview = family.add_parser("preview", help="one holder's, as the letter words it; nothing is sent")
    preview.add_argument("account")
    _add_period(preview)
    preview.add_argument("--pdf", type=Path, metavar="FILE", help="write the paper that goes with it, to be printed")
    preview.set_defaults(run=_preview)
    send = family.add_parser("send", help="queue a month's statements, each once, as far as there is room")
    send.add_argument("--month", required=True, metavar="MONTH", help='such as "2003-11"')
    _add_sending(send)
    year = family.add_parser("year", help="queue a year's summaries, each once, as far as there is room")
    year.add_argument("year", help='such as "2003"')
    _add_sending(year)
    report = family.add_parser("report", help="who got theirs, who gets it on paper, and whose figures disagree")
    _add_period(report)
    add_json(report)
    report.set_defaults(run=_report)
    elect = family.add_parser("elect", help="record that a holder wants a statement for quiet months too")
    elect.add_argument("account")
    elect.add_argument("--off", action="store_true", help="only for months in which something moved")
    elect.add_argument("--by", required=True, metavar="NAME", type=person, help="who records it")
    elect.set_defaults(run=_elect)


def _add_period(command: argparse.ArgumentParser) -> None:
    either = command.add_mutually_exclusive_group(required=True)
    either.add_argument("--month", metavar="MONTH", help='such as "2003-11"')
    either.add_argument("--year", metavar="YEAR", help='such as "2003"')


def _add_sending(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dry-run", action="store_true", help="say to whom it would go, and do nothing")
    add_json(command)
    command.set_defaults(run=_send)


def _period(options: argparse.Namespace) -> Period:
    """The month or the year that was given. StepRefused if it is none."""
    year = getattr(options, "year", None)
    return year_period(year) if year else month_period(options.month)


def _preview(options: argparse.Namespace) -> int:
    office, period = office_of(options), _period(options)
    now = office.clock.now()
    with office.store.reading() as tx:
        holder = _holder(tx, options.account)
        found = papers_of(tx, office, period, {holder.id: holder}, now)[holder.id]
    if isinstance(found, FiguresDisagree):
        raise StepRefused(f"no paper can be made: {found}")
    if options.pdf is not None:
        put_file(options.pdf, statement_pdf(found, office.plan.book))
    print(_worded(office, found, holder))
    return 0


def _worded(office: Office, told: Paper, holder: Registration) -> str:
    """The letter as plain text."""
    now, book = office.clock.now(), office.plan.book
    coming = tuple(islice(coming_purchases(now, office.plan.calendar(now), book), COMING_SHOWN))
    sections, today = [section_of(told)], office.today(now)
    return Renderer(book).letter(sections, name=holder.name, reference="", today=today, coming=coming).text


def _send(options: argparse.Namespace) -> int:
    office = office_of(options)

    def progress(done: int, due: int) -> None:
        print(f"{done} of {due}", file=sys.stderr, flush=True)

    now = office.clock.now()
    report = send_papers(office, _period(options), now, dry_run=options.dry_run, progress=progress)
    _tell(options, report, "nothing was queued; this is how it stands:\n" if options.dry_run else "")
    return 0


def _report(options: argparse.Namespace) -> int:
    office, period = office_of(options), _period(options)
    with office.store.reading() as tx:
        report = report_of(tx, office, period, office.clock.now())
    _tell(options, report)
    return 0


def _tell(options: argparse.Namespace, report: MailingReport, before: str = "") -> None:
    lines = [
        f"{report.period}: {report.queued + report.sent} of {report.due} queued or sent",
        f"queued: {report.queued}",
        f"sent: {report.sent}",
        f"came back: {report.came_back}",
        f"waiting: {report.waiting}" + ("; run it again once there is room in the outbox" if report.waiting else ""),
        f"on paper: {_listed(report.by_post)}",
        f"with staff, after a death: {_listed(report.with_staff)}",
        f"figures disagree: {_listed(report.disagreeing)}",
    ]
    say(options, asdict(report) | {"is_done": report.is_done}, before + "\n".join(lines))


def _listed(numbers: tuple[str, ...]) -> str:
    return f"{len(numbers)} ({', '.join(numbers)})" if numbers else "0"


def _elect(options: argparse.Namespace) -> int:
    office = office_of(options)
    now = office.clock.now()
    with office.store.transaction() as tx:
        holder = _holder(tx, options.account)
        if not StatementRows(tx.connection).elect(holder.id, is_elected=not options.off):
            raise StepRefused(f"{options.account} has no account in the plan, so there is nothing to tell every month")
        facts = {"command": "statements elect", "is_elected": not options.off}
        tx.audit.note(staff(options.by), AuditKind.STAFF_ACT, f"registration:{holder.id}", facts, now)
    print(
        f"{options.account}: statements {'only of months in which something moves' if options.off else 'every month'}"
    )
    return 0


def _holder(tx: Transaction, account: str) -> Registration:
    holder = tx.registrations.by_account_number(account)
    if holder is None:
        raise StepRefused(f"there is no account {account}; write its whole number as the holders file has it")
    return holder
