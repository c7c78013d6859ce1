"""Finds messages that say nearly the same words, so that no test asks what the training told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.language.examples import Example

GRAM = 3
"""Words in a row that are compared."""
LEAST_GRAMS = 5
"""Shorter messages are near only where they are equal."""
MOST_SHARED = 0.5
"""Share of the runs of words of both messages together beyond which they are near."""
MOST_HELD = 0.7
"""Share of the runs of the shorter message that the other may hold."""
LEAST_WORDS = 5
"""Messages of fewer words are the same for everybody ("thank you")."""

_WORD = re.compile(r"[a-z0-9$']+")
_FIGURE = re.compile(r"\d[\d,.]*")


def near(rows: Sequence[Example], others: Sequence[Example]) -> list[tuple[str, str]]:
    """The pairs (id of a row, id of another) that say nearly the same; other figures do not make them others."""
    return list(_pairs(rows, others))


def _pairs(rows: Sequence[Example], others: Sequence[Example]) -> Iterator[tuple[str, str]]:
    known = [_grams(_said(other)) for other in others]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, grams in enumerate(known):
        for gram in grams:
            holders[gram].append(at)
    whole = {said: other.id for other in others if len((said := " ".join(_words(_said(other)))).split()) >= LEAST_WORDS}
    for row in rows:
        if twin := whole.get(" ".join(_words(_said(row)))):
            yield row.id, twin
            continue
        own = _grams(_said(row))
        shared: dict[int, int] = defaultdict(int)
        for gram in own:
            for at in holders.get(gram, ()):
                shared[at] += 1
        for at, count in shared.items():
            least = min(len(own), len(known[at]))
            together = len(own | known[at])
            if least >= LEAST_GRAMS and (count / together > MOST_SHARED or count / least > MOST_HELD):
                yield row.id, others[at].id


def _said(row: Example) -> str:
    return f"{row.subject} {row.body}"


def _words(text: str) -> list[str]:
    return _WORD.findall(_FIGURE.sub("0", text.lower()))


def _grams(text: str) -> frozenset[str]:
    words = _words(text)
    return frozenset(" ".join(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1))
