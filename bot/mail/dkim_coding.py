"""Whether a body says the same however its coding and its type are stated, so that leaving them open changes nothing.

A signature holds the octets of the body, not how they are read. Who may change, add or take away the transfer coding
makes "$5=" and "00" on the next line of "$500"; who takes away the type makes a letter of the source of one. Neither
needs to be signed where every statement that could have stood there leads to the same words.
"""

from __future__ import annotations

import re

from bot.mail.dkim_fields import Form, SignedMessage, canonical_body
from bot.mail.limits import Limits
from bot.mail.mime import read_parts

_LIMITS = Limits()
_UNCODED = frozenset({"", "7bit", "8bit", "binary"})
_QUOTED_PRINTABLE = "quoted-printable"
_BASE64_OCTETS = re.compile(rb"[A-Za-z0-9+/]+")
_BASE64_GROUP = 4
_MARKUP = re.compile(rb"[^\t\r\n -~]|[<&]")
_DELIMITER = re.compile(rb"(?:\A|\n)--")
_FIELD = re.compile(rb"\s*[!-9;-~]+[ \t]*:")
_SOFT = re.compile(rb" (?:\r|\Z)")


def is_coding_open(message: SignedMessage) -> bool:
    """Whether another Content-Transfer-Encoding than the stated one, or none, could make other words of the body.

    It could not where the message has parts: then each part states its own, inside the body (RFC 2045 section 6.4).
    Nor where the body is not coded, holds no equals sign, which quoted-printable would read otherwise (RFC 2045 section
    6.7), and could not be base64. Takes time in proportion to the message.
    """
    stated = message.all("content-transfer-encoding")
    if len(stated) > 1:
        return True
    if _has_parts(message):
        return False
    coding = stated[0].relaxed().decode("latin-1").lower() if stated else ""
    if coding in _UNCODED or coding == _QUOTED_PRINTABLE:
        return b"=" in message.body or _may_be_base64(message.body)
    return bool(message.body.strip())


def is_type_open(message: SignedMessage, form: Form) -> bool:
    """Whether another Content-Type than the stated one, or any in place of none, could make other words of the body.

    It could not where none is stated and the body is plain words: ASCII without a sign of markup, of a part or of
    a letter's header, and without lines that could run on. A space at a line's end makes it run on into the next where
    the type says format=flowed (RFC 3676 section 4.1). The relaxed `form` of the body leaves such spaces open, so there
    two lines are enough. Charsets that read plain ASCII as something else are none of ours (`charsets`), but for
    UTF-16, in which no writer's words are plain ASCII in each octet.
    """
    body = message.body
    return bool(
        message.all("content-type")
        or _MARKUP.search(body)
        or _DELIMITER.search(body)
        or _FIELD.match(body)
        or _SOFT.search(body)
        or (form == "relaxed" and b"\n" in body.strip())
        or _may_be_base64(body)
    )


def _has_parts(message: SignedMessage) -> bool:
    """Whether the message is read as parts, whatever coding it states."""
    types = message.all("content-type")
    if len(types) != 1 or not types[0].relaxed().lower().startswith(b"multipart/"):
        return False
    root, _defects = read_parts(b"Content-Type:" + types[0].value + b"\r\n" + message.body, _LIMITS)
    return root.is_container


def _may_be_base64(body: bytes) -> bool:
    """Whether the body could be base64 without padding; with padding it holds an equals sign.

    Spaces at the ends of lines say nothing against it: the relaxed form of the body leaves them open.
    """
    bare = canonical_body(body, "relaxed").translate(None, b"\r\n").strip(b" \t")
    return len(bare) % _BASE64_GROUP == 0 and _BASE64_OCTETS.fullmatch(bare) is not None
