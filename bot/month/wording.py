"""How the figures of the month are written: prices, averages, signed shares, short days. Pure functions.

Knows nothing of templates; `bot/render.py` offers these to them as filters.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Protocol

from bot.wording import shares
from handlers.plan.money import Price, Shares

SHOWN_PLACES = 6
"""So many places of a figure that does not end are shown; it is never reckoned with."""


PHONE_COLUMNS = 40
"""So many characters of plain text fit on a phone."""


class Titled(Protocol):
    """A column of a table."""

    @property
    def title(self) -> str:
        """What stands over it."""

    @property
    def is_figure(self) -> bool:
        """Whether its cells are figures, to be set to the right."""


def price(each: Price) -> str:
    """ "$1.0864": always four places."""
    return f"${each.dollars:,.4f}"


def average(closes: Iterable[Price]) -> str:
    """ "$1.12", or "$1.616667, rounded here only" where the average does not end."""
    dollars = [each.dollars for each in closes]
    with localcontext() as exact:
        exact.prec = 60
        return exact_price(sum(dollars, Decimal(0)) / len(dollars))


def exact_price(dollars: Decimal) -> str:
    """ "$1.1234", or "$1.616667, rounded here only" where it has more places than are shown."""
    step = Decimal(1).scaleb(-SHOWN_PLACES)
    with localcontext() as exact:
        exact.prec = 60
        shown = dollars.quantize(step, ROUND_HALF_UP)
    if shown != dollars:
        return f"${shown:,f}, rounded here only"
    places = max(2, -int(shown.normalize().as_tuple().exponent))
    return f"${shown:,.{places}f}"


def signed(count: Shares, is_in: bool) -> str:
    """ "+230.1178" for shares that come in, "-40.0000" for those that leave."""
    return ("+" if is_in else "-") + shares(count)


def table_day(when: date) -> str:
    """ "Nov 19, 2003": short, for a column."""
    return f"{when:%b} {when.day}, {when.year}"


def phone_table(columns: Sequence[Titled], rows: Iterable[Sequence[str]]) -> str:
    """A table for a narrow screen: each row's words, and below them each figure with its title, figures to the right.

    No line is longer than PHONE_COLUMNS unless a single word is; a cell without a figure is left out.
    """
    blocks = []
    for row in rows:
        cells = list(zip(columns, row, strict=True))
        words = "  ".join(cell for column, cell in cells if cell and not column.is_figure)
        lines = textwrap.wrap(
            words, PHONE_COLUMNS, initial_indent="  ", subsequent_indent="    ", break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
        for column, cell in cells:
            if cell and column.is_figure:
                room = max(len(column.title) + 2, PHONE_COLUMNS - 4 - len(cell))
                lines.append(f"    {column.title:<{room}}{cell}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def month_filters() -> dict[str, Callable[..., str]]:
    """The filters of the month's templates, by name."""
    named: tuple[Callable[..., str], ...] = (price, average, exact_price, signed, table_day, phone_table)
    return {function.__name__: function for function in named}
