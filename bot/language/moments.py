"""Which of the days and dates that a message names are ordered: signs of each, and how far chances are believed.

"The 20th is a good day" and "first bite on the 5th of September" set a day in
words that no table has. Every day and date of a text is a candidate; the words
around it and the grammar's own finding teach which is meant (`figures`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.language.corrections import governing
from bot.language.dates import ORDINALS, named_dates
from bot.language.found import Found
from bot.language.readings import Reading

Value = TypeVar("Value")

COUNTS: Final = 6.0
"""How much more a sign counts than one number of the encoder, both standardized."""
ASKED: Final = 0.5
"""Chance from which on a day is taken that the grammar does not find."""
KEPT: Final = 0.3
"""Chance under which a day is dropped that the grammar finds."""
TERSE: Final = 6
"""So few words leave nothing to look at around a day."""
_SHORT, _LONG = 12, 60
_DAY = re.compile(
    rf"(?<![\w$.,/-])(?:(?P<figure>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b"
    rf"|(?P<word>{'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b"
    r"|(?:\bday\s{0,2}[:#.]{0,20}\s{0,2}|\bthe\s)(?P<number>[1-9]|[12]\d|3[01])"
    r"(?![\d.,:/]\d|\d|\s?%|st|nd|rd|th|\s+(?:shares|shs|dollars|bucks|hundred|thousand)))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day of the month or a date, as it stands in a text."""

    value: int | str
    """The day, or an ISO date with missing parts left off."""
    start: int
    end: int

    @property
    def found(self) -> Found[object]:
        """Its value and its place."""
        return Found(self.value, self.start, self.end)


def moments(text: str) -> tuple[Moment, ...]:
    """Every date and every day of a month that `text` names, whatever it says of it, in order of appearance."""
    dates = named_dates(text)
    found = [Moment(date.value, date.start, date.end) for date in dates]
    for match in _DAY.finditer(text):
        if any(date.start < match.end() and match.start() < date.end for date in dates):
            continue
        figure = match["figure"] or match["number"]
        day = int(figure) if figure else ORDINALS[match["word"].lower()]
        found.append(Moment(day, match.start(str(match.lastgroup)), match.end()))
    return tuple(sorted(found, key=lambda moment: moment.start))


def signs(reading: Reading, moment: Moment, among: Sequence[Moment]) -> NDArray[np.float32]:
    """The signs of a moment among all of its text: 1 or 0 each."""
    words = len(reading.text.split())
    is_date = isinstance(moment.value, str)
    found = (
        is_date,
        _is_found(moment, reading.effective_dates if is_date else reading.days_of_month),
        _is_found(moment, reading.starting_dates),
        len(among) == 1,
        moment == among[0],
        moment == among[-1],
        sum(one.value == moment.value for one in among) > 1,
        words < _SHORT,
        words > _LONG,
        bool(reading.amounts),
        bool(reading.deduction_frequencies),
        reading.text.find("\n\n") > moment.start,
        isinstance(moment.value, str) and moment.value.startswith("--"),
        isinstance(moment.value, str) and len(moment.value) > len("2003-12"),
    )
    return np.array(found, dtype=np.float32)


def _is_found(moment: Moment, items: Sequence[Found[Value]]) -> bool:
    return any(item.value == moment.value and item.start < moment.end and moment.start < item.end for item in items)


def with_moments(reading: Reading, chances: Mapping[Moment, float]) -> Reading:
    """`reading` with the days and dates that are ordered, as far as `chances` say so.

    What the grammar found stays unless that is improbable, what it did not find
    comes in where it is probable. What was not looked at stays as it is, and in a
    few words ("The first." to a question of ours) what the grammar found.
    """
    is_terse = len(reading.text.split()) <= TERSE
    chances = {one: max(chance, KEPT) if is_terse else chance for one, chance in chances.items()}
    days = [one for one in chances if isinstance(one.value, int)]
    dates = [one for one in chances if isinstance(one.value, str)]
    return replace(
        reading,
        days_of_month=_settled(reading.text, reading.days_of_month, days, chances),
        effective_dates=_settled(reading.text, reading.effective_dates, dates, chances),
        starting_dates=_settled(reading.text, reading.starting_dates, dates, chances),
        days={moment.start: chance for moment, chance in chances.items()},
    )


def _settled(
    text: str, grammar: Sequence[Found[Value]], named: Sequence[Moment], chances: Mapping[Moment, float]
) -> tuple[Found[Value], ...]:
    kept = [
        item for item in grammar if max((chances[one] for one in named if _is_found(one, [item])), default=1.0) >= KEPT
    ]
    values = {item.value for item in kept}
    come = [Found(one.value, one.start, one.end) for one in named if chances[one] >= ASKED and one.value not in values]
    if not come:
        return tuple(kept)
    return governing(text, sorted([*kept, *come], key=lambda item: item.start))  # type: ignore[list-item]  # of one kind
