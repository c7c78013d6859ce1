"""Whether a message can be taken at all, decided at the door where the client can still be told.

Only what would harm whoever handles the bytes next is refused: a bare CR or LF (other programs end a message there,
which lets one message smuggle a second), NUL, headers without end, and a message that has been going in circles.
"""

from __future__ import annotations

import re

from bot.mail.limits import Limits

_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^[^ \t\r\n]", re.MULTILINE)


def refusal_of(content: bytes, limits: Limits) -> str:
    """The reply that refuses `content`, empty if it can be taken."""
    if b"\x00" in content:
        return "550 5.6.0 NUL characters are not accepted"
    bare = content.replace(b"\r\n", b"")
    if b"\r" in bare or b"\n" in bare:
        return "550 5.6.0 Bare CR or LF is not accepted"
    end = content.find(b"\r\n\r\n")
    header = content[: end + 2] if end >= 0 else content
    if len(header) > limits.header_bytes:
        return "552 5.3.4 Header too big"
    if len(_RECEIVED.findall(header)) > limits.hops:
        return "554 5.4.6 Too many hops"
    if len(_FIELD.findall(header)) > limits.header_count:
        return "552 5.3.4 Too many header fields"
    return ""
