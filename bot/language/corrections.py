"""The sender's own corrections inside one message: the last value governs, true rivals all stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from bot.language.found import Found

Value = TypeVar("Value")

REACH = 220
"""A correction farther from what it corrects than this many characters is none."""

_CORRECTION = re.compile(
    r"(?<!\w)(?:no,|no wait|no\.|wait|make (?:that|it|them)|sorry|scratch that|strike that|i mean|i meant|meant"
    r"|correction|oops|whoops|or rather|"
    r"typo|on second thought|change (?:that|it) to|let'?s (?:say|do|make)|that should (?:be|read|say)|actually"
    r"|i transposed|my mistake|err|instead)(?!\w| of\b)|\*\s*$",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(
    (
        r"(?<!\w)(?:strike that|scratch that|no wait|wait,? no|correction|oops|whoops|typo|i transposed|i meant"
        r"|my mistake|on second thought)(?!\w)"
    ),
    re.IGNORECASE,
)


def is_corrected_by(text: str, after: int, start: int) -> bool:
    """Whether a word of correction stands between `after` and what begins at `start`."""
    return start - after <= REACH and bool(_CORRECTION.search(text, after, start))


def is_taken_back(text: str, found: Sequence[Found[Value]], figures: Sequence[tuple[int, int]]) -> bool:
    """Whether the last of `found` is corrected by something that was not read.

    Either nothing answers a plain word of correction, or a figure that is no
    candidate follows one ("$500, make it an even 600").
    """
    if not found:
        return False
    end = found[-1].end
    if _UNRESOLVED.search(text, end, end + REACH):
        return True
    return any(is_corrected_by(text, end, start) for start, _ in figures if start >= end)


def governing(text: str, found: Sequence[Found[Value]]) -> tuple[Found[Value], ...]:
    """`found` (in order) without what the sender took back, and each value once."""
    kept: list[Found[Value]] = []
    for item in found:
        if kept and item.start - kept[-1].end <= REACH and _CORRECTION.search(text[kept[-1].end : item.start]):
            kept = [item]
        elif all(item.value != other.value for other in kept):
            kept.append(item)
    return tuple(kept)
