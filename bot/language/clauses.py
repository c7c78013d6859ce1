"""The parts of a message that may ask for different things: sentences, list items and joined requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from spacy.tokens import Doc

LEAST_WORDS = 2
"""Shorter parts (a greeting, a name) ask for nothing by themselves."""
MOST = 60
"""Parts of one message that are looked at."""
MOST_SENTENCES = 400
"""Sentences of one message that are looked at for its parts."""

_VERB = (
    r"please|kindly|can|could|would|will you|sell|buy|purchase|invest|stop|start|pause|cancel|scrap|kill|send"
    r"|give|mail|tell|what|whats|what's|how|put|change|terminate|close|shut|see that|"
    r"enroll|raise|lower|have|let me|i want|i'd like|i would like|i need|also|is |when|where|withdraw|drop|get"
    r"|somebody|someone|take me|do \$|instead|unload|liquidate|dump|suspend|resume|replace|update|reduce|increase|skip"
    r"|debit|deduct|transfer|issue|remove|explain|i wish"
)
_JOINT = re.compile(
    (
        rf"(?:,|;)?(?<!\s)\s{{1,20}}(?:and|then|plus|also|&)\s+(?:then\s+|also\s+|please\s+|you can\s+)?(?={_VERB})"
        rf"|;\s+"
        rf"|\s-\s(?={_VERB})|\n\s{{0,40}}\n|\n(?=\s{{0,40}}(?:\(?[a-e1-9]\)|[1-9][.)]|[-*]\s))"
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A half-open stretch of the text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words of it."""
        return text[self.start : self.end]


def clauses(doc: Doc) -> tuple[Clause, ...]:
    """The clauses of a doc with sentence boundaries, in order; all of it where it has none of two words."""
    text = doc.text
    found: list[Clause] = []
    for sentence in islice(doc.sents, MOST_SENTENCES):
        for start, end in _pieces(text, sentence.start_char, sentence.end_char):
            if len(text[start:end].split()) >= LEAST_WORDS:
                found.append(Clause(start, end))
        if len(found) >= MOST:
            break
    return tuple(found[:MOST]) or (Clause(0, len(text)),)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch cut at joints, with the white space at either end taken off."""
    cuts: Iterable[re.Match[str]] = _JOINT.finditer(text, start, end)
    at = start
    for cut in cuts:
        yield from _trimmed(text, at, cut.start())
        at = cut.end()
    yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stretch = text[start:end]
    left = len(stretch) - len(stretch.lstrip())
    right = len(stretch.rstrip())
    if right > left:
        yield start + left, start + right
