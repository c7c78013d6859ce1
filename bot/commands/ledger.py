"""dspp ledger: the books as they stand, whether they agree, and as a file for other programs."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from bot.commands.common import add_json, say, service_of
from bot.ledger_export import write_beancount
from handlers.plan.money import Money, Shares
from storage.control_totals import ControlTotal
from storage.ledger import SHARE


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("ledger", help="the books: shares and cash, double entry").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    check = family.add_parser("check", help="hold every control total against the ledger; status 1 if one is wrong")
    add_json(check)
    check.set_defaults(run=_check)
    balances = family.add_parser("balances", help="what stands in each account")
    balances.add_argument("prefix", nargs="?", default="", help='only accounts that begin so, such as "plan:"')
    add_json(balances)
    balances.set_defaults(run=_balances)
    show = family.add_parser("show", help="every posting of one account, earliest first")
    show.add_argument("account", help='such as "company" or "plan:REGISTRATION"')
    add_json(show)
    show.set_defaults(run=_show)
    export = family.add_parser("export", help="write the whole ledger as a beancount file")
    export.add_argument("file", type=Path)
    export.set_defaults(run=_export)


def _check(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        totals = tx.control_totals.all()
    say(options, [asdict(total) | {"holds": total.holds} for total in totals], "\n".join(map(_told, totals)))
    return 0 if all(total.holds for total in totals) else 1


def _told(total: ControlTotal) -> str:
    expected, found = (quantity(figure, total.unit) for figure in (total.expected, total.found))
    if total.holds:
        return f"ok     {total.name}: {expected}"
    return f"WRONG  {total.name}: {expected} by the record of what happened, {found} by the ledger"


def _balances(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        found = tx.ledger.balances(options.prefix)
    rows = [
        {"account": account, "unit": unit, "quantity": quantity(units, unit)}
        for (account, unit), units in found.items()
    ]
    say(options, rows, "\n".join(f"{row['quantity']:>20}  {row['account']}" for row in rows) or "none")
    return 0


def _show(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        rows = [
            {
                "at": entry.at.isoformat(),
                "entry": entry.id,
                "quantity": quantity(posting.quantity, posting.unit),
                "memo": entry.memo,
            }
            for entry, posting in tx.ledger.entries_of(options.account)
        ]
    lines = [f"{row['at'][:16]}  {row['quantity']:>20}  {row['entry']}  {row['memo']}" for row in rows]
    say(options, rows, "\n".join(lines) or "none")
    return 0


def _export(options: argparse.Namespace) -> int:
    service = service_of(options)
    with service.store.reading() as tx:
        entries = write_beancount(tx.ledger, service.plan.book.issuer.ticker, options.file)
    print(f"{entries} entries written to {options.file}", file=sys.stderr)
    return 0


def quantity(units: int, unit: str) -> str:
    """A figure of the ledger for people: "-1,250.5000 shares", "$300.00"; a count as it is."""
    sign = "-" if units < 0 else ""
    if unit == SHARE:
        return f"{sign}{Shares.from_units(abs(units)).count:,.4f} shares"
    if unit == "USD":
        return f"{sign}${Money.from_cents(abs(units)).dollars:,.2f}"
    return f"{units} {unit}"
