"""dspp prices and payments: closes and money come in by file, or from two people."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from bot.commands.common import add_json, office_of, person, say
from bot.exchange_files import HEADER, day_of, decimal_of
from bot.month.checks import load_checks
from bot.month.closes import enter_close, load_closes
from bot.month.office import StepRefused
from handlers.plan.payments import PaymentState

_LOADERS = {"checks": load_checks}


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
    waiting = payments.add_parser("waiting", help="payments that wait for a person, each with the reason")
    add_json(waiting)
    waiting.set_defaults(run=_waiting)


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
    loaded = _LOADERS[kind](office, options.file, office.clock.now())
    facts = {name.replace("_", " "): str(value) for name, value in asdict(loaded).items()}
    say(options, facts, "\n".join(f"{name}: {value}" for name, value in facts.items()))
    return 0


def _kind_of(path: Path) -> str:
    """What the header record of a file says it is; empty where there is none. OSError."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = [value.strip(' "\r\n') for value in file.readline(200).split(",")]
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
