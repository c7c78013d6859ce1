"""Text made plain for reading, without moving a single character.

Every reader of details works on `plain(text)`, which is as long as the text
it came from, so that a span found in one stands in the other. Characters that
could disguise a number are replaced by a mark no grammar reads across.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MARK = "\ufffd"
"""Stands for a character that must not be read past: digits of other scripts, hidden and reordering characters."""

LONGEST = 12_000
"""Characters of live text that are read; a longer message is never acted on."""

_SAME = {
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2026": ".", "\u2022": "*", "\u00b7": "*", "\r": "\n", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip

_ELLIPSIS_WITHIN = re.compile(r"(?<=\d)\u2026(?=\d)")
"""Three points in one character between digits: no decimal point."""
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FOREIGN_LETTER = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_MIXED_WORD = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z]")


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    kind = unicodedata.category(character)
    if kind == "Zs" or character == "\t":
        return " "
    if kind in {"Nd", "No", "Nl", "Cf", "Cc", "Cs", "Co", "Cn"}:
        return MARK
    return character


def plain(text: str) -> str:
    """`text` with typographic variants made ASCII and disguising characters marked; the same length."""
    if text.isascii() and not re.search(r"[\x00-\x08\x0b-\x1f\x7f`\t]", text):
        return text
    text = _ELLIPSIS_WITHIN.sub(MARK, text)
    return "".join(
        character
        if (" " <= character <= "~" and character != "`") or character == "\n"
        else _plain_character(character)
        for character in text
    )


def is_disguised(text: str) -> bool:
    """Whether what a person sees may differ from what a program reads.

    True for characters that reorder text, for digits of other scripts and for
    words that mix Latin with Greek or Cyrillic letters. Nothing in such a text
    may be acted on.
    """
    if text.isascii():
        return False
    if _REORDERING.search(text) or (_FOREIGN_LETTER.search(text) and _MIXED_WORD.search(text)):
        return True
    return any(not character.isascii() and unicodedata.category(character) == "Nd" for character in text)


def before(text: str, start: int, width: int = 60) -> str:
    """The stretch before `start`, lower-case, within its sentence and at most `width` long."""
    stretch = text[max(0, start - width) : start].lower()
    cut = max(stretch.rfind("\n\n"), *(match.end() - 1 for match in _STOP.finditer(stretch)), -1)
    return stretch[cut + 1 :].replace("\n", " ")


def after(text: str, end: int, width: int = 60) -> str:
    """The stretch after `end`, lower-case, within its sentence and at most `width` long."""
    stretch = text[end : end + width].lower()
    match = _STOP.search(stretch)
    return (stretch[: match.start() + 1] if match else stretch).replace("\n", " ")


_STOP = re.compile(
    r"(?:(?<!\bno)(?<!\bmr)(?<!\bmrs)(?<!\bdr)(?<!\bacct)(?<!\bst)(?<!\b[wnse])(?<!\n\d)[.][)\"']?(?=\s)"
    r"|[!?;][)\"']?(?=\s)|\n\n)"
)


_LOOK_BEHIND = re.compile(r"\(\?<[!=][^)]*\)")


def cues(table: str) -> re.Pattern[str]:
    """A pattern for any of the phrases in `table` as whole words, whatever their case.

    Phrases are regular expressions set apart by a bar between blanks; a bar
    without blanks is their own. A blank stands for any white space, and a
    phrase too long for one line goes on in the next.
    """
    phrases = [re.sub(r"\s*\n\s*", "", phrase) for phrase in re.split(r"\s+\|\s+", table.strip())]
    joined = "|".join(re.sub(r" (?![?*+{])", r"\\s+", phrase) for phrase in phrases)
    joined = _LOOK_BEHIND.sub(lambda match: match.group().replace(r"\s+", r"\s"), joined)
    return re.compile(rf"(?<![\w'])(?:{joined})(?![\w])", re.IGNORECASE)
