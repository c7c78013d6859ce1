"""The tree of parts in a message, found by their boundaries, under limits, whatever the bytes.

The library's parser is not used for this: it recurses with the nesting and costs depth times lines. Here each level is
one linear search, nesting and parts are counted, and every byte of a broken message ends up in some part.
Only header fields are read by the library, in `headers.typed`.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from quopri import decodestring

from bot.mail.charsets import decode
from bot.mail.headers import HeaderSection, read_header_section, typed
from bot.mail.limits import Limits

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_BAD_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|\Z)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
_MOST_BOUNDARY = 1_000
_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a leaf with its bytes, or a container with parts."""

    section: HeaderSection
    content_type: str
    """Lower-case type/subtype; text/plain where it is absent or senseless (RFC 2045 section 5.2)."""
    body: bytes
    """As transferred. Empty for a container whose parts were found."""
    children: tuple[Part, ...] = ()

    @property
    def is_container(self) -> bool:
        """Whether it holds parts instead of content."""
        return bool(self.children)

    def parameter(self, name: str, header: str = "content-type") -> str:
        """A parameter of Content-Type or `header`, RFC 2231 forms joined; empty if there is none."""
        try:
            value = typed(self.section).get_param(name, "", header)
        except (ValueError, TypeError, LookupError, UnicodeError):
            return ""
        if isinstance(value, tuple):
            return _extended(value)
        return str(value)

    @property
    def file_name(self) -> str:
        """The name that the sender gave, not cleaned; empty if none."""
        return self.parameter("filename", "content-disposition") or self.parameter("name")

    @property
    def disposition(self) -> str:
        """ "attachment", "inline" or what the sender made up; empty if not stated."""
        return self.section.first("content-disposition").partition(";")[0].strip().lower()

    def content(self) -> tuple[bytes, str]:
        """The decoded bytes and the defect met in decoding, "" if none. Broken coding yields what it can."""
        encoding = self.section.first("content-transfer-encoding").partition(";")[0].strip().strip("\"'").lower()
        if encoding in _IDENTITY:
            return self.body, ""
        if encoding == "base64":
            return _from_base64(self.body)
        if encoding == "quoted-printable":
            return decodestring(self.body), "quoted_printable_broken" if _BAD_QUOTED.search(self.body) else ""
        return self.body, "transfer_encoding_unknown"

    def leaves(self) -> Iterator[Part]:
        """Every part with content of its own, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.is_container:
                waiting.extend(reversed(part.children))
            else:
                yield part


@dataclass(slots=True)
class _Count:
    parts: int
    defects: list[str]


def read_parts(raw: bytes, limits: Limits) -> tuple[Part, tuple[str, ...]]:
    """The message as a tree, and its structural defects. Past a limit the rest stays unread in the part it began in."""
    count = _Count(0, [])
    root = _read(raw, 0, len(raw), 0, "text/plain", count, limits)
    return root, tuple(dict.fromkeys(count.defects))


def _read(raw: bytes, start: int, end: int, depth: int, default: str, count: _Count, limits: Limits) -> Part:
    section = read_header_section(raw, start, end, limits)
    count.parts += 1
    count.defects.extend(section.defects)
    content_type = _content_type(section, default, count.defects)
    if content_type.startswith("multipart/"):
        children = _children(raw, section, end, depth, content_type, count, limits)
        if children:
            return Part(section, content_type, b"", children)
    return Part(section, content_type, raw[section.body_at : end])


def _children(
    raw: bytes, section: HeaderSection, end: int, depth: int, content_type: str, count: _Count, limits: Limits
) -> tuple[Part, ...]:
    if depth >= limits.mime_depth:
        count.defects.append("mime_too_deep")
        return ()
    boundary = Part(section, content_type, b"").parameter("boundary").rstrip(" ")
    if not 0 < len(boundary) <= _MOST_BOUNDARY:
        count.defects.append("boundary_missing")
        return ()
    default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    children: list[Part] = []
    for start, stop in _between(raw, section.body_at, end, boundary, count.defects):
        if count.parts >= limits.mime_parts:
            count.defects.append("too_many_parts")
            break
        children.append(_read(raw, start, stop, depth + 1, default, count, limits))
    if not children:
        count.defects.append("boundary_not_found")
    return tuple(children)


def _between(raw: bytes, start: int, end: int, boundary: str, defects: list[str]) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends. What precedes the first boundary and follows the closing one is dropped."""
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    delimiter = re.compile(rb"--" + mark + rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
    opened = -1
    at = start
    while (found := delimiter.search(raw, at, end)) is not None:
        if found.start() > start and raw[found.start() - 1] not in b"\r\n":
            at = found.start() + 1
            continue
        if opened >= 0:
            yield opened, max(opened, _before_line_end(raw, found.start()))
        if found[1]:
            return
        opened = at = found.end()
    if opened >= 0:
        defects.append("closing_boundary_missing")
        yield opened, end


def _before_line_end(raw: bytes, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    return at - 2 if raw[at - 2 : at] == b"\r\n" else at - 1


def _content_type(section: HeaderSection, default: str, defects: list[str]) -> str:
    values = section.all("content-type")
    if len(values) > 1:
        defects.append("several_content_types")
    if not values:
        return default
    stated = values[0].partition(";")[0].strip().lower()
    if stated in ("text", "text/"):
        return "text/plain"
    if _TYPE.fullmatch(stated) is None:
        defects.append("content_type_malformed")
        return "text/plain"
    return stated


def _extended(value: tuple[str | None, str | None, str]) -> str:
    """An RFC 2231 value as text."""
    charset, _, text = value
    return decode(text.encode("latin-1", "replace"), charset or "")[0]


def _from_base64(body: bytes) -> tuple[bytes, str]:
    """Every group that makes sense. Padding within (pieces joined by careless relays) starts a new piece."""
    bare = body.translate(None, b" \t\r\n")
    cleaned = _NOT_BASE64.sub(b"", bare)
    is_broken = len(cleaned) != len(bare)
    pieces: list[bytes] = []
    for piece in filter(None, cleaned.split(b"=")):
        whole = piece[: len(piece) - (len(piece) % 4 == 1)]
        is_broken = is_broken or len(whole) != len(piece)
        pieces.append(b64decode(whole + b"=" * (-len(whole) % 4)))
    return b"".join(pieces), "base64_broken" if is_broken else ""
