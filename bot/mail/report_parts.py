"""What all machine reports share (RFC 6522): a part of fields in blocks, and one that returns the letter or its header.

Reports come broken: with the wrong type, without the blank lines between blocks, with text among the fields. So the
fields are read as one stream, blocks are counted, and a line that is no field is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.mail.headers import HeaderSection, message_ids, read_header_section
from bot.mail.limits import Limits
from bot.mail.mime import Part

RETURNED_TYPES = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
    "message/partial",
})  # fmt: skip
"""Types of the part that returns a letter (RFC 6522 section 3, RFC 6533 section 4)."""

Block = tuple[tuple[str, str], ...]


def report_type(root: Part) -> str:
    """The kind of report that the message says it is, in lower case; empty if it is none (RFC 6522 section 3)."""
    return root.parameter("report-type").strip().lower() if root.content_type == "multipart/report" else ""


def blocks(content: bytes, limits: Limits) -> Iterator[Block]:
    """The groups of fields that blank lines set apart, names in lower case, `limits.header_count` fields at most."""
    at, end = 0, min(len(content), limits.header_bytes)
    remaining = steps = limits.header_count
    while at < end and remaining > 0 and steps > 0:
        section = read_header_section(content, at, end, limits)
        steps -= 1
        if section.fields:
            yield section.fields[:remaining]
            remaining -= len(section.fields)
        at = section.body_at if section.body_at > at else _next_line(content, at, end)


def returned_header(leaves: Iterable[Part], limits: Limits) -> HeaderSection | None:
    """The header section of the letter that a report returns; None if it returns none."""
    for leaf in leaves:
        if leaf.content_type in RETURNED_TYPES:
            content = leaf.content()[0][: limits.header_bytes].lstrip(b"\r\n")
            return read_header_section(content, 0, len(content), limits)
    return None


def returned_id(header: HeaderSection | None) -> str:
    """The Message-ID of the returned letter, with its angle brackets; empty if it is not told."""
    return next(iter(message_ids(header.all("message-id")[:1], 1)), "") if header else ""


def _next_line(content: bytes, at: int, end: int) -> int:
    found = content.find(b"\n", at, end)
    return found + 1 if found >= 0 else end
