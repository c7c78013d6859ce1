"""The values of the plan-terms file, each checked and given its type.

A reader takes what TOML holds and returns the plan's own value, or raises
`Unfit` with the problem and its remedy. Where a value stands is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import time
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.mail.addresses import is_addr_spec
from handlers.plan.money import Money, Shares
from handlers.plan.terms import Issuer, LagUnit

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


MOST_SHARES = 10_000_000_000
MOST_DISCOUNT = Decimal("0.25")
"""More off the price than a quarter is taken for a slip: percent written for a part of one."""
LEAST_JUMP = Decimal("0.01")
"""A smaller move than a hundredth would stop every close."""
MOST_REPRESENTMENTS = 2
"""The ACH rules let a debit be presented again no more often."""
NOTHING_IS_LARGE = "none"
"""How the file says of large_purchase that no purchase needs a second factor."""
OWN_LETTERS = 20
"""How long the program's address may be before the @: what is keyed to it stands behind (bot/mail/addresses.py)."""
_HOST_AND_PATH = re.compile(r"//[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)+(:\d{1,5})?(/[!-~]*)?")


class Unfit(ValueError):
    """A value is not what its key needs. The file's owner mends it; a retry does not help."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}")
        self.problem = problem
        self.remedy = remedy


def text(value: object) -> str:
    """A text of one line, not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Unfit("not a text", 'Write it in quotes, such as "Aastrom"')
    if any(ord(character) < 32 for character in value):
        raise Unfit("has a line break or control character", "Write it in one line")
    return value


def address(value: object) -> str:
    """An email address: mail is written to it, and from it."""
    found = text(value)
    if not is_addr_spec(found):
        raise Unfit("not an email address", 'Write it plainly, such as "ir@example.com"')
    return found


def own_address(value: object) -> str:
    """The program's address, short enough that the keyed addresses made from it are addresses too."""
    found = address(value)
    local = found.rpartition("@")[0]
    if "+" in local or len(local.encode()) > OWN_LETTERS:
        remedy = f'Use one without "+" and with at most {OWN_LETTERS} letters before the @'
        raise Unfit("no address that replies can be keyed to", remedy)
    return found


def link(value: object) -> str:
    """Where a reader finds the prospectus: an address of the web, or one to write to."""
    found = text(value)
    remedy = 'Write it whole, such as "https://www.example.com/prospectus", or "mailto:ir@example.com"'
    scheme, _, rest = found.partition(":")
    if scheme.lower() == "mailto":
        is_fit = is_addr_spec(rest)
    else:
        is_fit = scheme.lower() in {"http", "https"} and _HOST_AND_PATH.fullmatch(rest) is not None
    if not is_fit:
        raise Unfit("no link that a reader could follow", remedy)
    return found


def timezone(value: object) -> str:
    """The name of a timezone that this machine knows."""
    name = text(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Unfit("not a timezone that is known", 'Write an IANA name such as "America/New_York"') from None
    return name


def _decimal(value: object) -> Decimal:
    """A number as written, in quotes or bare; never a binary fraction."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit("not a number", 'Write digits only, such as "250.00"')
    number = Decimal(value)
    if not number.is_finite():
        raise Unfit("not a number", 'Write digits only, such as "250.00"')
    if number < 0:
        raise Unfit("is negative", "Write zero or more")
    return number


def _money(least: str, most: str) -> Callable[[object], Money]:
    """A reader of dollars and cents within bounds, both inclusive."""

    def money(value: object) -> Money:
        number = _decimal(value)
        try:
            amount = Money(number)
        except ValueError:
            raise Unfit("is no amount in dollars and cents", 'Write two decimals at most, such as "250.00"') from None
        if not Money.of(least) <= amount <= Money.of(most):
            raise Unfit("is out of range", f"Write an amount from {least} to {most} dollars")
        return amount

    return money


def _shares(value: object) -> Shares:
    number = _decimal(value)
    try:
        shares = Shares(number)
    except ValueError:
        raise Unfit("is no number of shares", 'Write four decimals at most, such as "10000000"') from None
    if not 1 <= number <= MOST_SHARES:
        raise Unfit("is out of range", f"Write a number from 1 to {MOST_SHARES}")
    return shares


def _discount(value: object) -> Decimal:
    discount = _decimal(value)
    if discount >= 1:
        raise Unfit("is 100 % or more", 'Write the part of one taken off, such as "0.03" for 3 %')
    if discount > MOST_DISCOUNT:
        raise Unfit("is out of range", f'Write at most "{MOST_DISCOUNT}"; "0.03" is 3 %')
    return discount


def _jump(value: object) -> Decimal:
    """How far a close may move before two people must vouch for it, as a part of one."""
    jump = _decimal(value)
    if not LEAST_JUMP <= jump <= 1:
        raise Unfit("is out of range", f'Write a part of one from "{LEAST_JUMP}" to "1"; "0.40" is 40 %')
    return jump


def _large(value: object) -> Money | None:
    """Above how many dollars buying needs a second factor; None where the file says plainly that nothing does."""
    return None if value == NOTHING_IS_LARGE else _money("0.00", "100000000.00")(value)


def _weekday(value: object) -> int:
    if value not in WEEKDAYS[:5]:
        raise Unfit("is no weekday", "Write one of " + ", ".join(WEEKDAYS[:5]))
    return WEEKDAYS.index(str(value))


def _lag_unit(value: object) -> LagUnit:
    try:
        return LagUnit(value)
    except ValueError:
        raise Unfit("is neither kind of days", 'Write "calendar" or "sessions"') from None


def _time(value: object) -> time:
    if not isinstance(value, time):
        raise Unfit("is no time of day", "Write it without quotes, such as 17:00:00")
    return value


def _whole(least: int, most: int) -> Callable[[object], int]:
    def whole(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Unfit("is not a whole number", f"Write one from {least} to {most}, without quotes")
        if not least <= value <= most:
            problem = "is negative" if value < 0 else "is out of range"
            raise Unfit(problem, f"Write a whole number from {least} to {most}")
        return value

    return whole


TERMS: Mapping[str, Callable[[object], object]] = {
    "purchase_min": _money("0.01", "1000000.00"),
    "monthly_max": _money("0.01", "100000000.00"),
    "discount": _discount,
    "purchase_weekday": _weekday,
    "purchase_after_day": _whole(0, 21),
    "pricing_count": _whole(1, 10),
    "pricing_lag": _whole(0, 10),
    "pricing_lag_unit": _lag_unit,
    "cut_off_time": _time,
    "good_funds_sessions": _whole(0, 30),
    "settlement_sessions": _whole(0, 10),
    "aggregate_limit": _shares,
    "change_hold_sessions": _whole(0, 60),
    "code_hours": _whole(1, 24),
    "code_tries": _whole(1, 20),
    "large_purchase": _large,
    "staff_reply_sessions": _whole(1, 30),
    "sale_fee": _money("0.00", "1000.00"),
    "returned_payment_fee": _money("0.00", "1000.00"),
    "check_return_sessions": _whole(0, 60),
    "debit_return_days": _whole(0, 730),
    "debit_lead_sessions": _whole(1, 20),
    "representments": _whole(0, MOST_REPRESENTMENTS),
    "close_jump": _jump,
    "error_report_days": _whole(1, 730),
}
"""Each term and its reader. The bounds are no rules of the plan: they catch slips that would stop or empty it."""
ISSUER: Mapping[str, Callable[[object], object]] = {field.name: text for field in fields(Issuer)} | {
    "program_address": own_address,
    "ir_address": address,
}
PROSPECTUS: Mapping[str, Callable[[object], str]] = {"version": text, "title": text, "link": link}
