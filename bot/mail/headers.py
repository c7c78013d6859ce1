"""The header section of a message or part: its fields, unfolded and decoded, and the few that carry identity.

Parsing is by hand and in linear time. The library's modern policy takes seconds of CPU for one long header, and its
address parser has known errors in the Python versions we run on, so neither meets a stranger's bytes.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from quopri import decodestring

from bot.mail.addresses import is_addr_spec
from bot.mail.charsets import decode
from bot.mail.limits import Limits

_LINE_END = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(rb"[!-9;-~]+")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,500}>")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+")
_PARAMETER_TEXT = 2_000
"""Longest Content-Type or Content-Disposition that is taken apart; the library needs the square of its length."""


@dataclass(frozen=True, slots=True)
class HeaderSection:
    """The fields of one header section in order, names in lower case, values unfolded but not decoded."""

    fields: tuple[tuple[str, str], ...]
    defects: tuple[str, ...]
    body_at: int
    """Where the body begins in the bytes that were read."""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the field `name`."""
        return tuple(value for field, value in self.fields if field == name)

    def first(self, name: str) -> str:
        """The first value of the field `name`; empty if there is none."""
        return next((value for field, value in self.fields if field == name), "")


def read_header_section(raw: bytes, start: int, end: int, limits: Limits) -> HeaderSection:
    """The header section that begins at `start`. Over its limits the rest is skipped, which is a defect."""
    fields: list[tuple[str, list[str]]] = []
    defects: list[str] = []
    at, body_at = start, end
    while at < end:
        found = _LINE_END.search(raw, at, end)
        line_stop, after = (found.start(), found.end()) if found else (end, end)
        if line_stop == at:
            body_at = after
            break
        line = raw[at:line_stop]
        is_folded = line[:1] in (b" ", b"\t")
        if after - start > limits.header_bytes or (len(fields) >= limits.header_count and not is_folded):
            defects.append("header_over_limit")
            body_at = _blank_line(raw, at, end)
            break
        if is_folded and fields:
            fields[-1][1].append(_text(line))
        elif is_folded:
            defects.append("header_starts_folded")
        elif not _take_field(line, fields) and not line.startswith((b"From ", b">From ")):
            # A mailbox file's separator line is passed over; anything else that is no field begins the body.
            defects.append("header_without_blank_line")
            body_at = at
            break
        at = after
    unfolded = tuple((name, "\n".join(lines)) for name, lines in fields)
    return HeaderSection(unfolded, tuple(dict.fromkeys(defects)), body_at)


def _take_field(line: bytes, fields: list[tuple[str, list[str]]]) -> bool:
    name, colon, value = line.partition(b":")
    if not colon or _NAME.fullmatch(name.rstrip(b" \t")) is None:
        return False
    fields.append((name.rstrip(b" \t").decode("ascii").lower(), [_text(value)]))
    return True


def _blank_line(raw: bytes, start: int, end: int) -> int:
    """Where the body begins after a header section that is too long to read."""
    stops = [
        found + len(mark) for mark in (b"\r\n\r\n", b"\n\n", b"\r\r") if (found := raw.find(mark, start, end)) >= 0
    ]
    return min(stops, default=end)


def _text(value: bytes) -> str:
    return decode(value.strip(b" \t"), "")[0]


def decoded(value: str, characters: int) -> str:
    """A header value for people: encoded words decoded, one line, no control characters, cut at `characters`."""
    source = _BETWEEN_WORDS.sub(r"\1", value[: 8 * characters + 80])
    pieces: list[str] = []
    at = 0
    pending, pending_charset = b"", ""
    for word in _ENCODED_WORD.finditer(source):
        charset = word[1].partition("*")[0]
        if pending and (word.start() != at or charset != pending_charset):
            pieces.append(decode(pending, pending_charset)[0])
            pending = b""
        pieces.append(source[at : word.start()])
        # Bytes of neighbouring words are joined before decoding: senders split letters between words.
        pending, pending_charset = pending + _word_bytes(word[2], word[3]), charset
        at = word.end()
    if pending:
        pieces.append(decode(pending, pending_charset)[0])
    pieces.append(source[at:])
    return " ".join(_CONTROLS.sub(" ", "".join(pieces)).split())[:characters]


def _word_bytes(encoding: str, text: str) -> bytes:
    source = text.encode("utf-8", "surrogatepass")
    if encoding in "qQ":
        return decodestring(source, header=True)
    try:
        return b64decode(source + b"=" * (-len(source) % 4))
    except (Base64Error, ValueError):
        return source


def single_address(values: tuple[str, ...]) -> tuple[str, str]:
    """The one address of a From field in lower case and "", or "" and why there is none.

    The reasons: missing, several_headers, several_addresses, group, malformed. A display name is thrown away unread.
    """
    if not values:
        return "", "missing"
    if len(values) > 1:
        return "", "several_headers"
    bare = _without_names(values[0])
    if bare is None:
        return "", "malformed"
    if "," in bare.strip(", \n\t"):
        return "", "several_addresses"
    if ":" in bare or ";" in bare:
        return "", "group"
    bare = bare.strip(", \n\t")
    if "<" in bare or ">" in bare:
        before, _, rest = bare.partition("<")
        address, closing, after = rest.partition(">")
        is_repeated = before.strip().lower() == address.strip().lower()  # Some programs give it as the name, unquoted.
        if not closing or after.strip() or "<" in address or ">" in before or ("@" in before and not is_repeated):
            return "", "malformed"
        bare = address.strip()
    lowered = bare.lower()  # Which may be longer.
    return (lowered, "") if is_addr_spec(bare) and is_addr_spec(lowered) else ("", "malformed")


def _without_names(value: str) -> str | None:
    """`value` without quoted strings and comments, None where one does not end. Only marks and plain words remain."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = letter != '"'
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0:
                return None
        elif depth:
            continue
        elif letter == '"':
            quoted = True
            kept.append("\x00")  # Where a name stood, so that `"a"@b.example` does not become `@b.example`.
        else:
            kept.append(letter)
    if quoted or depth:
        return None
    bare = "".join(kept)
    before_angle = bare.partition("<")[0] if "<" in bare else ""
    return before_angle.replace("\x00", " ") + bare[len(before_angle) :]


def message_ids(values: Iterable[str], most: int) -> tuple[str, ...]:
    """The well-formed Message-IDs in `values`, each once, in order, the last `most` of them."""
    found = dict.fromkeys(found for value in values for found in _MESSAGE_ID.findall(value[: 600 * most]))
    return tuple(found)[-most:]


def sent_at(value: str) -> datetime | None:
    """The moment in a Date field; None if it makes no sense. Without a zone it counts as UTC (RFC 5322 "-0000")."""
    try:
        moment = parsedate_to_datetime(value[:100].replace("\n", " "))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def typed(section: HeaderSection) -> Message:
    """The Content-* fields as the library's message, for its reading of parameters. Overlong values count as absent."""
    message = Message(policy=compat32)
    for name in ("content-type", "content-disposition"):
        value = section.first(name)
        if value and len(value) <= _PARAMETER_TEXT:
            message[name] = value.replace("\n", " ")
    return message
