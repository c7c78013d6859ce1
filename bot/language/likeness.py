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


def near(rows: Sequence[Example], others: Sequence[Example]) -> list[tuple[str, str]]:
    """The pairs (id of a row, id of another) whose bodies are nearly the same."""
    return list(_pairs(rows, others))


def _pairs(rows: Sequence[Example], others: Sequence[Example]) -> Iterator[tuple[str, str]]:
    known = [_grams(other.body) for other in others]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, grams in enumerate(known):
        for gram in grams:
            holders[gram].append(at)
    whole = {_plain(other.body): other.id for other in others if len(_plain(other.body).split()) >= LEAST_WORDS}
    for row in rows:
        if twin := whole.get(_plain(row.body)):
            yield row.id, twin
            continue
        own = _grams(row.body)
        shared: dict[int, int] = defaultdict(int)
        for gram in own:
            for at in holders.get(gram, ()):
                shared[at] += 1
        for at, count in shared.items():
            least = min(len(own), len(known[at]))
            together = len(own | known[at])
            if least >= LEAST_GRAMS and (count / together > MOST_SHARED or count / least > MOST_HELD):
                yield row.id, others[at].id


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _grams(text: str) -> frozenset[str]:
    words = _WORD.findall(text.lower())
    return frozenset(" ".join(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1))
