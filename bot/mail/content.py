"""Whether a message can be taken at all, decided at the door where the client can still be told.

Only what would harm whoever handles the bytes next is refused: a bare CR or LF (other programs end a message there,
which lets one message smuggle a second), NUL, headers without end, a message that has been going in circles, and a bomb
of parts. What is merely more than we care to read is taken, and goes to a person.
"""

from __future__ import annotations

import re

from bot.mail.limits import Limits
from bot.mail.part_scan import is_bomb

_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^[^ \t\r\n]", re.MULTILINE)
_LINE_END = b"\r\n"


def refusal_of(content: bytes, limits: Limits) -> str:
    """The reply that refuses `content`, empty if it can be taken. Takes time in proportion to its length."""
    if _has_line_over(content, limits.line_length):
        return "500 5.5.2 Line too long"
    if b"\x00" in content:
        return "550 5.6.0 NUL characters are not accepted"
    bare = content.replace(_LINE_END, b"")
    if b"\r" in bare or b"\n" in bare:
        return "550 5.6.0 Bare CR or LF is not accepted"
    header = _header(content)
    if len(header) > limits.header_bytes:
        return "552 5.3.4 Header too big"
    if len(_RECEIVED.findall(header)) > limits.hops:
        return "554 5.4.6 Too many hops"
    if len(_FIELD.findall(header)) > limits.header_count:
        return "552 5.3.4 Too many header fields"
    if is_bomb(content, limits):
        return "554 5.6.0 Too many parts, or too deep"
    return ""


def _header(content: bytes) -> bytes:
    """The header section without the empty line that ends it; nothing where the message begins with that line."""
    if content.startswith(_LINE_END):
        return b""
    end = content.find(b"\r\n\r\n")
    return content[: end + 2] if end >= 0 else content


def _has_line_over(content: bytes, longest: int) -> bool:
    """Whether a line has more than `longest` octets, its end included.

    Each window begins with a line and must hold its end; the last end in it begins the next window. Two steps together
    go on by at least `longest`, so it is linear whatever the lines.
    """
    start = 0
    while len(content) - start > longest:
        end = content.rfind(b"\n", start, start + longest)
        if end < 0:
            return True
        start = end + 1
    return False
