"""How quantities, days and instants are written for people. American usage; pure functions.

Knows nothing of templates; `bot/render.py` offers these to them as filters.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from num2words import num2words  # type: ignore[import-untyped]  # it ships no types

from handlers.plan.calendar import PurchaseMonth
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod
from handlers.plan.states import STATE_NAMES

TEXT_COLUMNS = 72
LONGEST_LINE = 78

_ZONE_NAMES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Los_Angeles": "Pacific time",
}


def money(amount: Money) -> str:
    """ "$1,250.00"."""
    return f"${amount.dollars:,.2f}"


def money_words(amount: Money) -> str:
    """ "one thousand two hundred fifty dollars"; cents only where there are some."""
    dollars, cents = divmod(amount.cents, 100)
    words = _count(dollars, "dollar")
    return f"{words} and {_count(cents, 'cent')}" if cents else words


def shares(count: Shares) -> str:
    """ "1,234.5678": always four places, so that columns and letters agree with statements."""
    return f"{count.count:,.4f}"


def share_number(count: Shares) -> str:
    """ "100", "230.1178": as sentences have it, with decimals only where there are some."""
    return shares(count).removesuffix(".0000")


def share_words(count: Shares) -> str:
    """ "two hundred shares", "two hundred thirty and 1178/10,000 shares"."""
    whole, fraction = divmod(count.units, 10_000)
    if not fraction:
        return _count(whole, "share")
    part = f"{fraction}/10,000"
    return f"{_number(whole)} and {part} shares" if whole else f"{part} of a share"


def day(when: date) -> str:
    """ "Wednesday, November 19, 2003"."""
    return f"{when:%A, %B} {when.day}, {when.year}"


def short_day(when: date) -> str:
    """ "November 19, 2003"."""
    return f"{when:%B} {when.day}, {when.year}"


def days(when: Sequence[date]) -> str:
    """ "November 13, 14 and 17, 2003"; months and years are named again only where they differ."""
    if len({each.year for each in when}) > 1:
        return listed([short_day(each) for each in when])
    if len({each.month for each in when}) > 1:
        return listed([f"{each:%B} {each.day}" for each in when]) + f", {when[0].year}"
    return f"{when[0]:%B} {listed([str(each.day) for each in when])}, {when[0].year}"


def instant(when: datetime, timezone: str) -> str:
    """ "Wednesday, November 12, 2003, 5:00 p.m. Eastern time", in the plan's timezone."""
    local = when.astimezone(ZoneInfo(timezone))
    half = "a.m." if local.hour < 12 else "p.m."
    zone = _ZONE_NAMES.get(timezone, timezone)
    return f"{day(local)}, {local.hour % 12 or 12}:{local.minute:02} {half} {zone}"


def purchase_month(month: PurchaseMonth) -> str:
    """ "November 2003"."""
    return f"{month.purchase_date:%B} {month.purchase_date.year}"


def percent(part: Decimal) -> str:
    """ "3%"."""
    return f"{(part * 100).normalize():f}%"


def payment_method(method: PaymentMethod) -> str:
    """ "check", "automatic deduction"."""
    return method.value.replace("_", " ")


def state_name(code: str) -> str:
    """ "New Jersey"; what is no code stands as it is."""
    return STATE_NAMES.get(code, code)


def listed(items: Iterable[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    *front, end = items
    return f"{', '.join(front)} {last} {end}" if front else end


def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """`text` as lines for a mail reader in a terminal: no link is broken, nothing else is too long.

    Later lines are indented by `indent`; the first begins with `first`.
    """
    lines = textwrap.wrap(
        " ".join(str(text).split()),
        TEXT_COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    whole: list[str] = []
    for line in lines:
        too_long = len(line) > LONGEST_LINE and "://" not in line
        whole += textwrap.wrap(line, TEXT_COLUMNS, subsequent_indent=" " * indent) if too_long else [line]
    return "\n".join(whole)


def wording_filters(timezone: str) -> dict[str, Callable[..., str]]:
    """The filters of the templates, by name."""
    plain = (
        money, money_words, shares, share_number, share_words, day, short_day, days, purchase_month, percent,
        payment_method, state_name, listed, wrapped,
    )  # fmt: skip
    named: dict[str, Callable[..., str]] = {function.__name__: function for function in plain}
    return named | {"instant": partial(instant, timezone=timezone)}


def _number(count: int) -> str:
    """A whole number in words, as Americans say it: "two thousand five hundred twelve"."""
    return str(num2words(count)).replace(",", "").replace(" and ", " ")


def _count(count: int, unit: str) -> str:
    return f"{_number(count)} {unit}" if count == 1 else f"{_number(count)} {unit}s"
