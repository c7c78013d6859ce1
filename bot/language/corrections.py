"""The sender's own corrections inside one message: the last value governs, true rivals all stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from bot.language.found import Found
from bot.language.text import after, before

Value = TypeVar("Value")

REACH = 220
"""A word of correction farther from what it corrects than this many characters corrects nothing."""

_CORRECTION = re.compile(
    r"(?<!\w)(?:no,|nah|nope|naw|no wait|no\.|wait|make (?:that|it|them)|sorry|scratch (?:that|the)|strike (?:that|the)"
    r"|i mean|i meant|meant|correction|oops|whoops|or rather|i'?d rather|typo|on (?:second thought|reflection)"
    r"|my second thought|change (?:that|it) to|let'?s (?:say|do|make)|let us (?:say|make)"
    r"|(?:it|that|this) (?:should|ought to|was (?:meant|supposed) to) (?:be|read|say|have been|have said)"
    r"|should'?ve been|shoulda been|should read|ought to (?:be|read|say)|should say|force of habit|actually"
    r"|want (?:that|it) to be"
    r"|i transposed|i reversed|my mistake|err|hm+|instead|dropped a zero|too many zeros|u know what|you know what"
    r"|come down|what i intended)(?!\w| of\b)|\*\s*$",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(
    (
        r"(?<!\w)(?:strike that|scratch that|no wait|wait,? no|correction|oops|whoops|typo|i transposed"
        r"|(?<!what )i meant"
        r"|my mistake|on second thought)(?!\w)"
    ),
    re.IGNORECASE,
)
_GOVERNS = re.compile(
    r"(?:\bmake (?:that|it|them|mine)|\b(?:change|correct) (?:that|it) to|\b(?:should|ought to) (?:be|read|say"
    r"|have been)"
    r"|\bshould'?ve been|\bi (?:mean|meant)|\bcorrection:?|\blet'?s (?:say|make it|do)|\blet us (?:say|make it)"
    r"|\b(?:bring|cut|take|knock|move) (?:it|that) (?:up |down )?to"
    r"|\b(?:it|that|figure|amount|number) is to (?:be|read)|\bwant (?:that|it) to be|\bi intended (?:is|was))"
    r"\s*,?\s*(?:an? |only |just |an even |exactly |the )?(?:sum of )?(?:us)?\$?\s*$"
)
"""Words directly before a value that replace what was said before, however far above; as in a postscript."""
_IN_ALL_AFTER = re.compile(r"\s*(?:dollars|bucks|shares|shs)?,?\s*(?:in all|all told|altogether|in total)\b(?! over)")
_DECIDED_AFTER = re.compile(
    r"\s*(?:dollars|bucks|shares|shs)?\s+it (?:is|shall be|will be)"
    r"(?=\s*(?:[.,!;)]|$|(?:then|by|from|and|please|pls|so)\b))"
)
"""After a value that is settled on among those said before: "five hundred it is"."""
_MONTHLY = re.compile(r"\b(?:a|each|every|per) month|monthly|deduct|debit|draft")
_ONCE = re.compile(r"\b(?:one purchase|once|one[- ]time|one[- ]off|single|check|lump sum)\b")

_OR_ELSE = re.compile(r"[\s.,?!]*(?:or|or maybe|maybe|or perhaps|perhaps)\s*(?:sell|buy)?\s*\$?", re.IGNORECASE)


def is_corrected_by(text: str, after: int, start: int) -> bool:
    """Whether a word of correction stands between `after` and what begins at `start`."""
    return 0 <= start - after <= REACH and bool(_CORRECTION.search(text, after, start))


def is_taken_back(
    text: str, found: Sequence[Found[Value]], figures: Sequence[tuple[int, int]], answers: Sequence[int] = ()
) -> bool:
    """Whether the last of `found` is corrected by something that was not read.

    Either nothing answers a plain word of correction, or a figure that is no
    candidate follows one ("$500, make it an even 600") or rivals it ("100. or
    200"). What begins at `answers` (a day, an account) is another detail: a
    word of correction before it is spent on that.
    """
    if not found:
        return False
    end = found[-1].end
    if any(
        not any(match.end() <= answer <= match.end() + REACH for answer in answers)
        for match in _UNRESOLVED.finditer(text, end, end + REACH)
    ):
        return True
    return any(
        is_corrected_by(text, end, start) or bool(_OR_ELSE.fullmatch(text, end, min(start, end + REACH)))
        for start, _ in figures
        if end <= start <= end + REACH
    )


def governing(text: str, found: Sequence[Found[Value]]) -> tuple[Found[Value], ...]:
    """`found` (in order) without what the sender took back, and each value once."""
    kept: list[Found[Value]] = []
    values: set[Value] = set()
    for item in found:
        if kept and _replaces(text, kept[-1], item):
            kept, values = [item], {item.value}
        elif item.value not in values:
            kept.append(item)
            values.add(item.value)
    return tuple(kept)


def _replaces(text: str, earlier: Found[object], later: Found[object]) -> bool:
    """Whether `later` is said to stand in place of `earlier`.

    A figure of the monthly deduction corrects none of a single purchase.
    """
    prefix, suffix = before(text, later.start), after(text, later.end)
    if _IN_ALL_AFTER.match(suffix) or _DECIDED_AFTER.match(suffix):
        return True
    if not is_corrected_by(text, earlier.end, later.start) and not _GOVERNS.search(prefix):
        return False
    around = before(text, earlier.start) + after(text, earlier.end)
    return not _ONCE.search(around) or not _MONTHLY.search(prefix + suffix)
