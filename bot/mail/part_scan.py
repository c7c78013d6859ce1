"""How many parts a message has and how deep they nest, told cheaply enough to be done while the client waits.

This follows boundaries and nothing else: no value is decoded, and what it does not understand it passes over. So it can
miss a bomb that is made with care (the reader has bounds of its own for that) but takes no letter for one: only a part
that really begins, inside parts that are really open, is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.mail.limits import Limits

MOST_DASHED_LINES = 100_000
"""Lines that look like a boundary and are none, before the scan gives up: ASCII art, or somebody who wants our time."""
_MOST_CONTENT_TYPE = 4_096
_MOST_HEADER = 16_384
_DASHED = re.compile(rb"\r\n--([^\r\n]{1,1000}+)(?=\r\n|\Z)")
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_BOUNDARY = re.compile(rb"\bboundary[ \t]*=[ \t]*(?:\"([^\"\r\n]{1,1000})\"|([^\s\";]{1,1000}))", re.IGNORECASE)
_LETTER = b"message/rfc822"
_DIGEST = b"multipart/digest"
_HEADER_END = b"\r\n\r\n"


def is_bomb(content: bytes, limits: Limits) -> bool:
    """Whether `content` has more parts than `refused_parts` or nests deeper than `refused_depth`.

    Takes time in proportion to the length of `content`, whose lines end in CRLF.
    """
    scan = _Scan(content, limits.refused_depth)
    scan.enter(0)
    for seen, found in enumerate(_DASHED.finditer(content)):
        if seen >= MOST_DASHED_LINES + limits.refused_parts:
            break
        scan.meet(found[1].rstrip(b" \t"), found.end())
        if scan.parts > limits.refused_parts or scan.depth > limits.refused_depth:
            return True
        if scan.is_flat:
            break
    return scan.depth > limits.refused_depth


@dataclass(slots=True)
class _Open:
    """A multipart whose closing boundary has not come."""

    boundary: bytes
    is_digest: bool
    letters: int
    """Letters within letters on the way to it."""


@dataclass(slots=True)
class _Scan:
    content: bytes
    most_letters: int
    parts: int = 0
    opened: list[_Open] = field(default_factory=list)
    place: dict[bytes, int] = field(default_factory=dict)
    letters: int = 0
    header_end: int = -1
    """The first end of a header at or after the place last asked about; the end of the content if there is none."""

    @property
    def depth(self) -> int:
        return len(self.opened) + self.letters

    @property
    def is_flat(self) -> bool:
        """Whether no multipart was ever open, so that no line can be a boundary."""
        return not self.opened and not self.parts

    def meet(self, line: bytes, end: int) -> None:
        """A line that begins with two dashes: what follows them, and where it ends."""
        if line in self.place:
            self._close_within(self.place[line] + 1)
            self.parts += 1
            self.enter(min(end + 2, len(self.content)))
        elif line.endswith(b"--") and line[:-2] in self.place:
            self._close_within(self.place[line[:-2]])

    def enter(self, at: int) -> None:
        """Read the header that begins at `at`, and those of the letters that begin directly behind it."""
        self.letters = self.opened[-1].letters if self.opened else 0
        is_letter_by_default = bool(self.opened) and self.opened[-1].is_digest
        while True:
            end = self._end_of_header(at)
            content_type = _content_type(self.content[at : min(end, at + _MOST_HEADER)])
            kind = content_type.lstrip().lower()
            if kind.startswith(b"multipart/"):
                self._open(content_type, kind.startswith(_DIGEST))
                return
            if not kind.startswith(_LETTER) and not (is_letter_by_default and not kind):
                return
            self.letters += 1
            is_letter_by_default = False
            at = end + (2 if self.content[at : at + 2] == b"\r\n" else 4)
            if at >= len(self.content) or self.letters > self.most_letters:
                return

    def _open(self, content_type: bytes, is_digest: bool) -> None:
        found = _BOUNDARY.search(content_type)
        boundary = (found[1] or found[2]).rstrip(b" \t") if found else b""
        if boundary and boundary not in self.place:
            self.place[boundary] = len(self.opened)
            self.opened.append(_Open(boundary, is_digest, self.letters))

    def _close_within(self, depth: int) -> None:
        while len(self.opened) > depth:
            del self.place[self.opened.pop().boundary]
        self.letters = self.opened[-1].letters if self.opened else 0

    def _end_of_header(self, at: int) -> int:
        """Where the header that begins at `at` ends. The search is not repeated for what it has gone over."""
        if self.content[at : at + 2] == b"\r\n":
            return at
        if self.header_end < at:
            found = self.content.find(_HEADER_END, at)
            self.header_end = found if found >= 0 else len(self.content)
        return self.header_end


def _content_type(header: bytes) -> bytes:
    """The value of the first Content-Type, as far as it is looked at; empty if there is none."""
    found = _CONTENT_TYPE.search(header)
    if found is None:
        return b""
    value = header[found.end() : found.end() + _MOST_CONTENT_TYPE]
    end = _FIELD_END.search(value)
    return value[: end.start()] if end else value
