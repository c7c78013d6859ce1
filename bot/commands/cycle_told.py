"""What the steps of the month did, in words and columns for an IR officer, and as plain facts for programs.

Dollars and shares with separators, figures under each other, what is unusual in
a sentence of its own. Pure: reports go in, text comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from bot.month.allot import AllotReport
from bot.month.aside import DeferReport
from bot.month.confirm import DeliveryReport
from bot.month.issue import Acknowledged
from bot.month.lock import HELD, LockReport
from bot.month.sales import Allocated
from bot.month.trial import TrialOrder, TrialReport
from handlers.plan.cycle_steps import APPROVALS_NEEDED
from handlers.plan.money import Money, Price, Shares
from storage.sent_files import SentFile

Line = tuple[str, object]
"""A title and its figure."""

_REASONS: Mapping[str, str] = {
    "IN_FULL": "taken in full",
    "OVER_MAXIMUM": "over the month's maximum, so some or all goes back",
    "GAVE_WAY": "deductions that shrank to what the maximum leaves",
    "UNDER_MINIMUM": "under the minimum, so all goes back",
    "NOT_PAID": "not paid, so they expire",
    "CARRIED_FORWARD": "not good funds in time, so they go on to the next month",
}
"""What became of orders, by the reason that the lock keeps."""


def figure(value: object) -> str:
    """A figure as people read it: "$15,250.00", "4,999.9998", "1,204"."""
    match value:
        case Money():
            return f"${value.dollars:,.2f}"
        case Price():
            return f"${value.dollars:,.4f}"
        case Shares():
            return f"{value.count:,.4f}"
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return f"{value:,}"
        case _:
            return str(value)


def facts(report: object) -> object:
    """A report as values that JSON has: amounts as texts with all their places, names as the program has them."""
    if is_dataclass(report) and not isinstance(report, type | Money | Price | Shares):
        return {field.name: facts(getattr(report, field.name)) for field in fields(report)}
    match report:
        case Mapping():
            return {str(name): facts(value) for name, value in report.items()}
        case tuple() | list():
            return [facts(each) for each in report]
        case Enum():
            return report.value
        case date() | datetime():
            return report.isoformat()
        case None | bool() | int() | str():
            return report
        case _:
            return str(report)


def told(report: object) -> str:
    """A report in words and columns."""
    match report:
        case LockReport():
            return _lock(report)
        case TrialReport():
            return _trial(report)
        case AllotReport():
            return _table(
                f"cycle {report.cycle} is allotted",
                [
                    ("orders", report.orders),
                    ("shares", report.shares),
                    ("invested", report.invested),
                    ("refunded", report.refunded),
                ],
            )
        case DeferReport():
            days = ", ".join(day.isoformat() for day in report.missing)
            title = f"cycle {report.cycle} is put off by a month, for want of the closes of {days}"
            return _table(title, [("orders", report.orders), ("money that waits", report.waiting)])
        case Allocated():
            return _table(
                f"the sale of cycle {report.cycle} is divided among its sellers",
                [("orders", report.orders), ("shares", report.shares), ("gross", report.gross), ("net", report.net)],
            )
        case DeliveryReport():
            return _delivery(report)
        case Acknowledged():
            return f"cycle {report.cycle}: {figure(report.shares)} shares are issued, reference {report.reference}"
        case SentFile():
            return _table(report.name, [("rows", report.rows), *report.totals.items()])
        case Price():
            return f"price {figure(report)} a share"
        case tuple() if report and isinstance(report[0], date):
            return "pricing waits for the closes of " + ", ".join(day.isoformat() for day in report)
        case tuple() if report and isinstance(report[0], TrialOrder):
            return "\n".join(map(_trial_order, report))
        case tuple() if report:
            return "\n".join(map(told, report))
        case _:
            return "nothing is to be written" if report is None or report == () else str(report)


def _table(title: str, lines: Iterable[Line]) -> str:
    """A title, and below it each figure to the right of its name."""
    written = [(name, figure(value)) for name, value in lines]
    wide = max((len(name) for name, _ in written), default=0)
    right = max((len(value) for _, value in written), default=0)
    return "\n".join([title, *(f"  {name:<{wide}}  {value:>{right}}" for name, value in written)])


def _lock(report: LockReport) -> str:
    text = _table(
        f"cycle {report.cycle} is locked",
        [
            ("orders", report.orders),
            ("accepted", report.accepted),
            ("to be returned", report.returned),
            ("sale orders", report.sales),
            ("shares for sale", report.shares_for_sale),
        ],
    )
    notes = [f"  {figure(count)} {_reason(reason)}" for reason, count in sorted(Counter(report.reasons).items())]
    if report.sales_not_covered:
        notes.append(f"  {figure(report.sales_not_covered)} sale orders sell nothing: too few shares, or held")
    return "\n".join([text, *notes])


def _reason(reason: str) -> str:
    if reason.startswith(HELD):
        return f"held for a person: {reason.removeprefix(HELD).replace('_', ' ').lower()}"
    return _REASONS.get(reason, reason)


def _trial(report: TrialReport) -> str:
    text = _table(
        f"trial of cycle {report.cycle}",
        [
            ("price a share", f"${report.price}"),
            ("orders", report.orders),
            ("accepted", Money.from_cents(report.accepted_cents)),
            ("invested", Money.from_cents(report.invested_cents)),
            ("refunded", Money.from_cents(report.refunded_cents)),
            ("shares", Shares.from_units(report.allotted_units)),
            ("shares left under the limit", report.available),
        ],
    )
    notes = []
    if report.counted_again:
        notes.append(
            f"since the lock something has changed for {figure(report.counted_again)} orders, and was counted again"
        )
    if report.is_short:
        notes.append(
            f"the limit runs short: {figure(report.reduced)} orders get fewer shares than their dollars would buy,"
            f" each the same part; list them with dspp cycle report {report.cycle} --orders"
        )
    if report.exhausts:
        notes.append("this month exhausts the program: no debit follows")
    by = " and ".join(report.approvers) or "nobody yet"
    notes.append(f"approved by {by} ({len(report.approvers)} of {APPROVALS_NEEDED})")
    notes.append(f"digest {report.digest}")
    return "\n".join([text, *(f"  {note}" for note in notes)])


def _trial_order(one: TrialOrder) -> str:
    amounts = f"{figure(one.accepted):>13} accepted  {figure(one.invested):>13} invested  {figure(one.back):>13} back"
    return f"{one.order_id}  {one.account:<12}  {amounts}  {figure(one.shares):>16} shares  {_reason(one.reason)}"


def _delivery(report: DeliveryReport) -> str:
    text = _table(
        f"confirmations of cycle {report.cycle}",
        [
            ("due", report.due),
            ("waiting to leave", report.queued),
            ("sent", report.sent),
            ("came back", report.came_back),
            ("to go by post", len(report.by_post)),
        ],
    )
    return "\n".join([text, *(f"  by post: {account}" for account in report.by_post)])
