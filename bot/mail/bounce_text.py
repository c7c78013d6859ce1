"""Bounces without structure: the words in which a mail system tells a person that a letter failed, and for whom.

Read are the lines before the returned letter, so many and so long as the bounds here say. An address counts where it
stands alone, or where its own line or those below it give a reason; the bounce's own recipient never counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bot.mail.addresses import is_addr_spec
from bot.mail.charsets import decode
from bot.mail.failure_words import DAEMONS, reason_in_words
from bot.mail.html_text import HtmlTooDeep, html_to_text
from bot.mail.limits import Limits
from bot.mail.mime import Part
from bot.mail.report_parts import RETURNED_TYPES
from bot.mail.status_codes import Kind, code_within, reply_class

MOST_LINES = 150
LINE_CHARACTERS = 160
"""Bounds of what is read: more than any system's explanation needs, little enough for patterns of square time."""
_PART_BYTES = 50_000
_MOST_PARTS = 10
_REASON_LINES = 8
_REASON_CHARACTERS = 1_000

_RETURNED = re.compile(
    r"[\s>]*-{2,}.*(?:copy|original|below this line|headers? (?:of|follow)|message headers?|(?:unsent|returned) message"
    r"|kopie|ursprüngliche|origine|mensaje|messaggio|исходн)|(?:received|return-path):\s|message headers? follow"
    r"|included is a copy|original message headers:",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"'*,;:=|`]{1,64}@[^\s<>()\[\]\"'*,;:=|`@]{1,190}")
_ALONE = re.compile(r"[\s<>\"'()*:;,.•–-]*(?:(?:to|recipient|user|address|rcpt to|mailto|smtp)[\s:<]*)?", re.IGNORECASE)
_SENDER_LINE = re.compile(r"[\s>*]*(?:from|reply-to|sender|de|von|da|от|送信者)\s*:", re.IGNORECASE)


def told_lines(leaves: Sequence[Part], limits: Limits) -> tuple[str, ...]:
    """The lines in which a report tells people what happened, up to the letter that it returns."""
    lines: list[str] = []
    for leaf in leaves[:_MOST_PARTS]:
        if leaf.content_type in RETURNED_TYPES or len(lines) >= MOST_LINES:
            break
        is_text = leaf.content_type in ("text/plain", "text/html") or leaf.content_type.startswith("multipart/")
        if is_text and leaf.disposition != "attachment":
            lines += _lines_of(leaf, limits)
    told: list[str] = []
    for line in lines[:MOST_LINES]:
        if _RETURNED.match(line):
            break
        told.append(line)
    return tuple(told)


def failed_addresses(lines: Sequence[str], others: Collection[str]) -> tuple[str, ...]:
    """The addresses that `lines` say the letter did not reach, in lower case, in order; those in `others` left out."""
    found: dict[str, None] = {}
    for number, line in enumerate(lines):
        if _SENDER_LINE.match(line):
            continue
        for address, is_alone in _addresses(line):
            if address in others or address.partition("@")[0] in DAEMONS:
                continue
            if is_alone or _names_a_reason(" ".join(lines[number : number + 2])):
                found.setdefault(address)
    return tuple(found)


def reason_for(address: str, lines: Sequence[str]) -> str:
    """The words that belong to `address`: its line and those below, up to a blank line or another address.

    All lines, where those give no reason of their own.
    """
    for number, line in enumerate(lines):
        if address and address in line.lower():
            reason = " ".join(_paragraph(address, lines[number : number + _REASON_LINES]))
            if _names_a_reason(reason):
                return reason[:_REASON_CHARACTERS]
    return " ".join(" ".join(lines).split())[: 2 * _REASON_CHARACTERS]


def _lines_of(leaf: Part, limits: Limits) -> list[str]:
    text = decode(leaf.content()[0][:_PART_BYTES], leaf.parameter("charset"))[0]
    if leaf.content_type == "text/html":
        try:
            text = html_to_text(text, limits)
        except HtmlTooDeep:
            return []
    # Cut before it is split: millions of empty lines would fill the memory.
    return [line[:LINE_CHARACTERS].rstrip() for line in text[:_PART_BYTES].splitlines()]


def _addresses(line: str) -> Iterator[tuple[str, bool]]:
    """The addresses in `line`, and whether each stands at its beginning and alone or before a colon."""
    for found in _ADDRESS.finditer(line):
        address = found[0].strip(".").lower()
        if is_addr_spec(address):
            after = line[found.end() :].lstrip(" >)]\"'*.")
            is_alone = _ALONE.fullmatch(line, 0, found.start()) is not None and (not after or after[0] in ":(<[;,")
            yield address, is_alone


def _paragraph(address: str, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        others = [other for other, is_alone in _addresses(line) if is_alone and other != address]
        if number and (not line.strip() or others):
            return
        yield line.strip()


def _names_a_reason(text: str) -> bool:
    return bool(code_within(text) or reply_class(text)) or reason_in_words(text) is not Kind.UNKNOWN
