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

from handlers.plan.money import Money, Shares
from handlers.plan.terms import Issuer, LagUnit

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


def _money(value: object) -> Money:
    try:
        return Money(_decimal(value))
    except Unfit:
        raise
    except ValueError:
        raise Unfit("is no amount in dollars and cents", 'Write two decimals at most, such as "250.00"') from None


def _shares(value: object) -> Shares:
    try:
        return Shares(_decimal(value))
    except Unfit:
        raise
    except ValueError:
        raise Unfit("is no number of shares", 'Write four decimals at most, such as "10000000"') from None


def _discount(value: object) -> Decimal:
    discount = _decimal(value)
    if discount >= 1:
        raise Unfit("is 100 % or more", 'Write the part of one taken off, such as "0.03" for 3 %')
    return discount


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
    "purchase_min": _money,
    "monthly_max": _money,
    "discount": _discount,
    "purchase_weekday": _weekday,
    "purchase_after_day": _whole(0, 21),
    "pricing_count": _whole(1, 30),
    "pricing_lag": _whole(0, 30),
    "pricing_lag_unit": _lag_unit,
    "cut_off_time": _time,
    "good_funds_sessions": _whole(0, 60),
    "settlement_sessions": _whole(0, 30),
    "aggregate_limit": _shares,
    "change_hold_sessions": _whole(0, 60),
    "code_hours": _whole(1, 24),
    "code_tries": _whole(1, 20),
    "staff_reply_sessions": _whole(1, 60),
    "sale_fee": _money,
    "returned_payment_fee": _money,
}
ISSUER: Mapping[str, Callable[[object], object]] = {field.name: text for field in fields(Issuer)}
PROSPECTUS_TEXTS = ("version", "title", "link")
