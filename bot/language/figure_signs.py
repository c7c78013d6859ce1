"""What the grammar says of a figure, as signs from which `figures` learns what it is for.

One line a sign: that it stands where the grammar looks for money or for shares,
that another figure takes it back, that it looks like a year. None decides by
itself; how much each counts is learned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.language.corrections import is_corrected_by
from bot.language.found import Found
from bot.language.readings import Reading
from bot.language.text import after, before
from bot.language.told import Part, part_of

_SHARES_AFTER = re.compile(r"\s*(?:sh|units?\b)")
_DOLLARS_BEFORE = re.compile(r"\$\s*$")
_YEARS: Final = (1900, 2030)
_DAYS: Final = 32
_LEAST_PAID, _MOST_PAID = 250, 10_000
"""The plan's limits of a purchase (PLAN.md section 1); a figure beyond them is seldom ordered."""
_SHORT, _LONG = 12, 80
"""Words of a message that tells nothing beside, and of one that tells much."""

COUNTS: Final = 2.0
"""How much more a sign counts than one number of the encoder, both standardized."""


def signs(reading: Reading, figure: Found[Decimal], number: int) -> NDArray[np.float32]:
    """The signs of the figure that is `number` among those of the text (from 0): 1 or 0 each."""
    text, figures, value = reading.text, reading.figures, figure.value
    part = part_of(text, figure.start, figure.end)
    values = {one.value for one in figures}
    is_whole = value == value.to_integral_value()
    words = len(text.split())
    references = reading.references
    found = (
        _stands(figure, reading.amounts),
        _stands(figure, reading.bare_amounts),
        _stands(figure, reading.shares),
        _stands(figure, reading.bare_shares),
        _stands(figure, reading.held_shares),
        _stands(figure, reading.days_of_month),
        _stands(figure, (*references.accounts, *references.order_ids, *references.either)),
        part is Part.ORDERED,
        part is Part.TOLD,
        any(is_corrected_by(text, figure.end, other.start) for other in figures if other.start > figure.start),
        any(is_corrected_by(text, other.end, figure.start) for other in figures if other.start < figure.start),
        sum(one.value == value for one in figures) > 1,
        len(values) == 1,
        len(values) == 2,
        number == 0,
        number == len(figures) - 1,
        text.find("\n\n") > figure.start,
        is_whole and _YEARS[0] <= value <= _YEARS[1],
        value < 10,
        value < _DAYS,
        value >= _LEAST_PAID,
        value > _MOST_PAID,
        not is_whole,
        bool(_SHARES_AFTER.match(after(text, figure.end))),
        text[figure.start] == "$" or bool(_DOLLARS_BEFORE.search(before(text, figure.start))),
        words < _SHORT,
        words > _LONG,
    )
    return np.array(found, dtype=np.float32)


def _stands(figure: Found[Decimal], items: Sequence[Found[object]]) -> bool:
    return any(item.start == figure.start for item in items)
