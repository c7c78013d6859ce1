"""How a value is written in a cell of an exchanged file: one notation for each sort of value, read and written alike.

Numbers are digits with at most one point, days YYYY-MM-DD, instants carry
their offset. Free text that a spreadsheet could take for a formula is written
with an apostrophe before its first sign, and read without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from bot.exchange_files import day_of, decimal_of
from bot.files.nacha_debits import AccountType
from bot.holders_file import is_routing_number
from handlers.plan.accounts import TRANSFER_AGENT_HOLDS, Hold
from handlers.plan.money import Money, Price, Shares

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Notation(Generic[ValueT]):
    """How one sort of value is written: `read` takes a cell's text and raises ValueError, `write` gives it back."""

    read: Callable[[str], ValueT]
    write: Callable[[ValueT], str]
    wanted: str
    """What a fault says is wanted, as a clause that ends in "wanted"."""
    is_secret: bool = False
    """A fault never repeats what stands there."""


_BEFORE_A_FORMULA = re.compile(r"""(?P<start>(?:^|[,;|"])[ ']*)(?P<sign>[=+\-@\u2212\uff1d\uff0b\uff0d\uff20])""")
"""A sign that begins a cell, or would where another separator than ours is in use. `CSV Injection`, OWASP."""

_GUARDED = re.compile(r"""(?P<start>(?:^|[,;|"])[ ']*)'(?P<sign>[=+\-@\u2212\uff1d\uff0b\uff0d\uff20])""")


def guarded(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula: an apostrophe before each sign that could begin one."""
    return _BEFORE_A_FORMULA.sub(r"\g<start>'\g<sign>", text)


def unguarded(text: str) -> str:
    """What was `guarded`, as it was; text that nobody guarded stays as it is."""
    return _GUARDED.sub(r"\g<start>\g<sign>", text)


def text_of(least: int, most: int) -> Notation[str]:
    """Free text of so many printable characters."""

    def read(cell: str) -> str:
        text = unguarded(cell)
        if not least <= len(text) <= most or not text.isprintable():
            raise ValueError(text)
        return text

    return Notation(read, guarded, f"{f'{least} to' if least else 'at most'} {most} printable characters are wanted")


def pattern_of(pattern: str, wanted: str, *, is_secret: bool = False) -> Notation[str]:
    """Text that matches the whole of `pattern`, and cannot be taken for a formula."""
    wholly = re.compile(pattern, re.ASCII)

    def read(cell: str) -> str:
        if not wholly.fullmatch(cell):
            raise ValueError(cell)
        return cell

    return Notation(read, str, wanted, is_secret)


def _number(cell: str) -> Decimal:
    number = decimal_of(cell)
    if number is None:
        raise ValueError(cell)
    return number


def _above_zero(cell: str) -> Decimal:
    number = _number(cell)
    if not number:
        raise ValueError(cell)
    return number


def _instant(cell: str) -> datetime:
    if not _INSTANT.fullmatch(cell):
        raise ValueError(cell)
    instant = datetime.fromisoformat(cell)
    offset = instant.utcoffset()
    if offset is None or abs(offset) > _WIDEST_OFFSET:
        raise ValueError(cell)
    return instant


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_WIDEST_OFFSET = timedelta(hours=14)


def _check_number(cell: str) -> str:
    """Without zeros in front, so that the lockbox and the returns name a check alike."""
    number = cell.lstrip("0")
    if not _DIGITS.fullmatch(number) or len(cell) > 15:
        raise ValueError(cell)
    return number


_DIGITS = re.compile(r"[0-9]+")


def _routing(cell: str) -> str:
    if cell and not is_routing_number(cell):
        raise ValueError(cell)
    return cell


def _hold(cell: str) -> Hold:
    hold = Hold(cell)
    if hold not in TRANSFER_AGENT_HOLDS:
        raise ValueError(cell)
    return hold


_ACCOUNT = "[A-Za-z0-9][A-Za-z0-9-]{3,19}"
_FOUR_PLACES = "with at most four places is wanted, such as"

ACCOUNT = pattern_of(_ACCOUNT, "4 to 20 letters, digits and hyphens are wanted")
ACCOUNT_IF_KNOWN = pattern_of(f"({_ACCOUNT})?", "4 to 20 letters, digits and hyphens, or nothing, are wanted")
REFERENCE = pattern_of(
    "[A-Za-z0-9][A-Za-z0-9:._/-]{0,63}",
    "1 to 64 letters, digits and signs of :._/- are wanted, a letter or digit first",
)
REFERENCE_IF_ANY = pattern_of(
    "([A-Za-z0-9][A-Za-z0-9:._/-]{0,63})?", "nothing, or at most 64 letters, digits and signs of :._/-, are wanted"
)
CYCLE = pattern_of("[0-9]{4}-(0[1-9]|1[0-2])", "a month is wanted, such as 2003-11")
COUNTRY = pattern_of("[A-Z]{2}", "a country code of two capitals is wanted, such as US")
STATE_IF_ANY = pattern_of("([A-Z]{2})?", "a USPS state code, or nothing, is wanted")
CURRENCY = pattern_of("[A-Z]{3}", "a currency code of three capitals is wanted, such as USD")
TRACE = pattern_of("[0-9]{15}", "a trace number of fifteen digits is wanted")
ACH_CODE = pattern_of("[RC](0[1-9]|[1-9][0-9])", "a return code such as R01, or a change code such as C01, is wanted")
BANK_ACCOUNT = pattern_of(
    "([0-9A-Za-z][0-9A-Za-z-]{0,16})?", "1 to 17 digits, letters and hyphens, or nothing, are wanted", is_secret=True
)
ROUTING = Notation(_routing, str, "nine digits with a right check digit, or nothing, are wanted", is_secret=True)
CHECK_NUMBER = Notation(_check_number, str, "a check number of 1 to 15 digits is wanted")
HOLD: Notation[Hold] = Notation(
    _hold, lambda hold: hold.value, f"one of {', '.join(hold.value for hold in TRANSFER_AGENT_HOLDS)} is wanted"
)
ACCOUNT_TYPE: Notation[AccountType | None] = Notation(
    lambda cell: AccountType(cell) if cell else None,
    lambda kind: kind.value if kind else "",
    "checking or savings, or nothing, is wanted",
)
DAY: Notation[date] = Notation(day_of, date.isoformat, "YYYY-MM-DD is wanted")
DAY_IF_ANY: Notation[date | None] = Notation(
    lambda cell: day_of(cell) if cell else None,
    lambda day: day.isoformat() if day else "",
    "YYYY-MM-DD, or nothing, is wanted",
)
INSTANT: Notation[datetime] = Notation(
    _instant, datetime.isoformat, "an instant with its offset is wanted, such as 2003-11-05T14:30:00-05:00"
)
DOLLARS: Notation[Money] = Notation(
    lambda cell: Money(_number(cell)), str, "an amount in whole cents is wanted, such as 250.00"
)
DOLLARS_ABOVE_ZERO: Notation[Money] = Notation(
    lambda cell: Money(_above_zero(cell)), str, "an amount above zero in whole cents is wanted, such as 250.00"
)
PRICE: Notation[Price] = Notation(lambda cell: Price(_number(cell)), str, f"a price above zero {_FOUR_PLACES} 1.1200")
SHARES: Notation[Shares] = Notation(
    lambda cell: Shares(_number(cell)), str, f"a number of shares {_FOUR_PLACES} 120.5000"
)
SHARES_ABOVE_ZERO: Notation[Shares] = Notation(
    lambda cell: Shares(_above_zero(cell)), str, f"a number of shares above zero {_FOUR_PLACES} 120.5000"
)

_LIKE_A_SECRET = re.compile(r"(?!\d{4}-\d\d-\d\d$)(?=(?:[ -]*\d){7})[\d -]+")
_LONGEST_REPEATED = 60


def repeated(value: str, *, is_secret: bool = False) -> str:
    """`value` as a fault may repeat it: not if it is secret or may be a taxpayer id or a bank account."""
    if is_secret or _LIKE_A_SECRET.fullmatch(value):
        return "what stands there"
    return repr(value if len(value) <= _LONGEST_REPEATED else value[:_LONGEST_REPEATED] + "...")
