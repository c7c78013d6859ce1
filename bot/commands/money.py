"""dspp prices, payments, refunds and deductions: money comes in by file and goes back by file; people decide."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.common import add_json, office_of, person, say
from bot.exchange_files import HEADER, day_of, decimal_of
from bot.files.from_bank import ACH_RETURNS, RETURNED_CHECKS
from bot.month.authorisations import authorise
from bot.month.bank_returns import NACHA_RETURNS, load_ach_returns, load_nacha_returns, load_returned_checks
from bot.month.checks import load_checks
from bot.month.closes import enter_close, load_closes
from bot.month.debit_plan import plan_debits
from bot.month.decisions import match_payment, refund_payment, release_payment
from bot.month.office import Office, StepRefused
from bot.month.refunds import send_refunds
from handlers.plan.calendar import coming_purchases
from handlers.plan.payments import PaymentState
from storage.cycles import THE_PROGRAM

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_LOADERS: Mapping[str, Callable[[Office, Path, datetime], Any]] = {
    "checks": load_checks,
    RETURNED_CHECKS.kind: load_returned_checks,
    ACH_RETURNS.kind: load_ach_returns,
    NACHA_RETURNS: load_nacha_returns,
}
"""What the bank sends, by the kind that a file's header record names; returns in NACHA form have no such record."""

_NACHA_BEGINS = "101"
"""The first characters of every file in NACHA form: its record type, and its priority code."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    prices = commands.add_parser("prices", help="closes of the pricing days").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    loading = prices.add_parser("import", help="check a prices file and load it, whole or not at all")
    loading.add_argument("file", type=Path)
    add_json(loading)
    loading.set_defaults(run=_load_prices)
    entering = prices.add_parser("enter", help="one person's close; it stands once another enters the same")
    entering.add_argument("day", help="YYYY-MM-DD")
    entering.add_argument("close", help="dollars a share")
    entering.add_argument("--source", required=True, metavar="TEXT", help="where it was read")
    entering.add_argument("--by", required=True, metavar="NAME", type=person, help="who read it there")
    add_json(entering)
    entering.set_defaults(run=_enter_price)
    payments = commands.add_parser("payments", help="checks and debits").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    money = payments.add_parser("import", help="check a file of the bank's and load it, whole or not at all")
    money.add_argument("file", type=Path)
    add_json(money)
    money.set_defaults(run=_load_payments)
    _register_decisions(payments)
    waiting = payments.add_parser("waiting", help="payments that wait for a person, each with the reason")
    add_json(waiting)
    waiting.set_defaults(run=_waiting)
    _register_refunds(commands)
    _register_deductions(commands)


def _register_decisions(payments: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    deciding = payments.add_parser("decide", help="what is done with a payment that waits for a person")
    deciding.add_argument("payment", help="its id, as dspp payments waiting shows it")
    what = deciding.add_mutually_exclusive_group(required=True)
    what.add_argument("--account", help="whose it is; it is invested if nothing stands against the holder")
    what.add_argument("--release", action="store_true", help="let it be invested")
    what.add_argument("--refund", action="store_true", help="let it go back to its holder")
    deciding.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the audit record")
    _add_person(deciding)
    deciding.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add_json(deciding)
    deciding.set_defaults(run=_decide)


def _register_refunds(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    refunds = commands.add_parser("refunds", help="money that goes back").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    sending = refunds.add_parser("send", help="write the day's file of refund checks")
    sending.add_argument("--by", default=THE_PROGRAM, metavar="NAME", type=person, help="who does it")
    sending.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add_json(sending)
    sending.set_defaults(run=_send_refunds)


def _register_deductions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    deductions = commands.add_parser("deductions", help="monthly automatic deductions").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    authorising = deductions.add_parser("authorise", help="record that the signed authorisation is here")
    authorising.add_argument("account", help="the account number, in full")
    authorising.add_argument("--form", required=True, metavar="REFERENCE", help="where the signed form is kept")
    _add_person(authorising)
    add_json(authorising)
    authorising.set_defaults(run=_authorise)
    listing = deductions.add_parser("list", help="what would be debited today for the coming purchase, and what not")
    add_json(listing)
    listing.set_defaults(run=_list_deductions)


def _add_person(command: argparse.ArgumentParser) -> None:
    command.add_argument("--by", required=True, metavar="NAME", type=person, help="who does it")


def _load_prices(options: argparse.Namespace) -> int:
    office = office_of(options)
    found = load_closes(office, options.file, office.clock.now())
    lines = [_close_told(one.day.isoformat(), one.close, stands=one.stands, remarks=one.remarks) for one in found]
    say(options, [asdict(one) for one in found], "\n".join(lines))
    return 0


def _enter_price(options: argparse.Namespace) -> int:
    office = office_of(options)
    try:
        day = day_of(options.day)
    except ValueError as fault:
        raise StepRefused(f"{options.day!r} is no day: {fault}") from None
    dollars = decimal_of(options.close)
    if dollars is None:
        raise StepRefused(f"{options.close!r} is no price; write digits and at most a point, such as 1.12")
    found = enter_close(office, day, Decimal(dollars), options.source, options.by, office.clock.now())
    told = _close_told(found.day.isoformat(), found.close, stands=found.stands, remarks=found.remarks)
    say(options, asdict(found), told)
    return 0


def _close_told(day: str, close: str, *, stands: bool, remarks: tuple[str, ...]) -> str:
    return f"{day}  {close}  {'stands' if stands else 'does not stand yet'}" + "".join(f"; {one}" for one in remarks)


def _load_payments(options: argparse.Namespace) -> int:
    office = office_of(options)
    kind = _kind_of(options.file)
    if kind not in _LOADERS:
        raise StepRefused(f"{options.file}: a file of kind {kind!r}; of the bank's are taken: {', '.join(_LOADERS)}")
    return _told(options, _LOADERS[kind](office, options.file, office.clock.now()))


def _kind_of(path: Path) -> str:
    """What the header record of a file says it is; empty where there is none. OSError."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        line = file.readline(200)
    if line.startswith(_NACHA_BEGINS):
        return NACHA_RETURNS
    first = [value.strip(' "\r\n') for value in line.split(",")]
    return first[1] if len(first) > 1 and first[0] == HEADER else ""


def _waiting(options: argparse.Namespace) -> int:
    with office_of(options).store.reading() as tx:
        found = [*tx.payments.in_state(PaymentState.UNMATCHED), *tx.payments.in_state(PaymentState.HELD)]
    rows = [
        {
            "payment": one.id,
            "state": one.state.value,
            "reason": one.reason,
            "amount": str(one.amount),
            "received_at": one.received_at,
            "instrument": one.instrument,
        }
        for one in found
    ]
    lines = [
        f"{row['payment']}  {row['state']}  ${row['amount']}  check {row['instrument']}  {row['reason']}"
        for row in rows
    ]
    say(options, rows, "\n".join(lines) or "none")
    return 0


def _decide(options: argparse.Namespace) -> int:
    office = office_of(options)
    now = office.clock.now()
    if options.account:
        done = match_payment(
            office, options.payment, options.account, options.by, options.reason, now, dry_run=options.dry_run
        )
    else:
        decide = release_payment if options.release else refund_payment
        done = decide(office, options.payment, options.by, options.reason, now, dry_run=options.dry_run)
    return _told(options, done)


def _send_refunds(options: argparse.Namespace) -> int:
    office = office_of(options)
    return _told(options, send_refunds(office, options.by, office.clock.now(), dry_run=options.dry_run))


def _authorise(options: argparse.Namespace) -> int:
    office = office_of(options)
    return _told(options, authorise(office, options.account, options.by, options.form, office.clock.now()))


def _told(options: argparse.Namespace, done: DataclassInstance) -> int:
    """What was done, or with --dry-run would be, one value a line."""
    values = {field.name.replace("_", " "): str(getattr(done, field.name)) for field in fields(done)}
    facts = {name: value for name, value in values.items() if value}
    would = "nothing was done; this would be:\n" if getattr(options, "dry_run", False) else ""
    say(options, facts, would + "\n".join(f"{name}: {value}" for name, value in facts.items()))
    return 0


def _list_deductions(options: argparse.Namespace) -> int:
    office = office_of(options)
    now = office.clock.now()
    month = next(coming_purchases(now, office.plan.calendar(now), office.plan.book))
    with office.store.transaction() as tx, tx.trial():
        cycle = tx.cycles.open(month, now)
        found = plan_debits(tx, office, cycle, office.today(now), now)
        listed = [(one.registration_id, str(one.amount), "") for one in found.monthly]
        listed += [(one.registration_id, str(one.amount), one.order_id) for one in found.single]
        listed += [
            (one.registration_id, ", ".join(reason.name for reason in one.reasons), one.order_id)
            for one in found.left_out
        ]
        numbers = tx.registrations.account_numbers({registration_id for registration_id, *_ in listed})
    rows = [
        {"account": numbers[registration_id], "debit": debit, "order": order_id}
        for registration_id, debit, order_id in sorted(listed, key=lambda one: (numbers[one[0]], one[2]))
    ]
    lines = [f"{row['account']}  {row['debit']}  {row['order']}".rstrip() for row in rows]
    say(options, rows, "\n".join(lines) or "none")
    return 0
