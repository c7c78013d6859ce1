"""A signed message taken apart for checking: its raw fields, its body, and the small grammars of tags and names.

Reading is stricter than elsewhere. A signature is worth something only if the program that checks it and the program
that reads the message see the same fields and the same body; what two sound readers could read differently is refused
here instead of being repaired. Everything takes time in proportion to its input.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from bot.mail.dkim_reasons import DkimReason
from bot.mail.headers import read_header_section
from bot.mail.limits import Limits
from bot.mail.organization import LONGEST_DOMAIN, canonical_domain

Form = Literal["simple", "relaxed"]
"""A canonicalization (RFC 6376 section 3.4)."""

FIELD_OCTETS = 8_192
"""Longest signature field that is looked at. Ordinary ones have 300 to 2,500; dkimpy needs the square of its spaces."""
GAP_OCTETS = 200
"""Longest run of spaces and line ends in a signature field that is looked at."""
MOST_TAGS = 50
"""Tags in one list. RFC 6376 knows thirteen."""
MOST_NAMES = 100
"""Names in one list of signed fields. The longest in ordinary mail have about 60."""

_NAME = re.compile(rb"[!-9;-~]+")
_FIELD_NAME = re.compile(r"[!-9<-~]{1,200}")  # Neither colon nor semicolon.
_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_UNTAGGABLE = re.compile(r"[^ -~\u00a0-\U0010ffff]")
_LONG_GAP = re.compile(rb"[ \t\r\n]{%d}" % (GAP_OCTETS + 1))
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_SELECTOR = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*")
_SPACES = re.compile(rb"[ \t]+")
_VALUE_TAG = re.compile(rb"[;\s]b\s*=")


@dataclass(frozen=True, slots=True)
class RawField:
    """One header field as it stands in the message."""

    name: bytes
    """As written, up to the colon."""
    value: bytes
    """What follows the colon, with its folding and the CRLF at its end."""

    @property
    def key(self) -> str:
        """The name by which fields are compared."""
        return self.name.decode("ascii").lower()

    def relaxed(self) -> bytes:
        """The value unfolded, runs of spaces made one, none at its ends (RFC 6376 section 3.4.2)."""
        # strip() takes more than spaces and tabs, as dkimpy does: what it overlooks must not make a difference.
        return _SPACES.sub(b" ", self.value.replace(b"\r\n", b"")).strip()


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message whose fields and body every program sees alike."""

    fields: tuple[RawField, ...]
    body: bytes
    """With CRLF at the line ends."""

    def all(self, name: str) -> tuple[RawField, ...]:
        """Every field of that lower-case name, topmost first."""
        return tuple(field for field in self.fields if field.key == name)

    def body_hash(self, form: Form) -> bytes:
        """The SHA-256 of the canonical body (RFC 6376 section 3.7)."""
        return sha256(canonical_body(self.body, form)).digest()


def read_signed_message(raw: bytes, limits: Limits) -> SignedMessage | DkimReason:
    """`raw` taken apart, or why its signatures prove nothing.

    A message whose every line ends in a bare LF is read as if each ended in CRLF: a mailbox file has it so. Everything
    else that is not plain (NUL, mixed line ends, a line that is no field, a space before a colon, a header over its
    limits) is refused, and so is what `read_header_section`, by which the rest of the service reads, sees differently.
    """
    if len(raw) > limits.message_bytes:
        return DkimReason.MESSAGE_TOO_LARGE
    content = _with_crlf(raw)
    if b"\x00" in content or not content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n"):
        return DkimReason.LINE_ENDS
    header, body = _halves(content)
    fields = _fields(header) if len(header) <= limits.header_bytes else None
    if fields is None:
        return DkimReason.HEADER_MALFORMED
    section = read_header_section(raw, 0, len(raw), limits)
    names = tuple(name for name, _ in section.fields)
    if section.defects or names != tuple(field.key for field in fields) or _with_crlf(raw[section.body_at :]) != body:
        return DkimReason.HEADER_MALFORMED
    return SignedMessage(fields, body)


def _with_crlf(content: bytes) -> bytes:
    return content if b"\r" in content else content.replace(b"\n", b"\r\n")


def _halves(content: bytes) -> tuple[bytes, bytes]:
    """Header section and body, without the empty line between them."""
    if content.startswith(b"\r\n"):
        return b"", content[2:]
    header, blank, body = content.partition(b"\r\n\r\n")
    return (header + b"\r\n" if blank or not header.endswith(b"\r\n") else header), body


def _fields(header: bytes) -> tuple[RawField, ...] | None:
    """Every field of `header`, None if a line is neither a field nor the continuation of one."""
    opened: list[tuple[bytes, list[bytes]]] = []
    for line in header.split(b"\r\n")[:-1]:
        if line[:1] in (b" ", b"\t"):
            if not opened:
                return None
            opened[-1][1].append(line)
            continue
        name, colon, value = line.partition(b":")
        if not colon or _NAME.fullmatch(name) is None:
            return None
        opened.append((name, [value]))
    return tuple(RawField(name, b"\r\n".join(lines) + b"\r\n") for name, lines in opened)


def canonical_body(body: bytes, form: Form) -> bytes:
    """`body` as it is hashed (RFC 6376 sections 3.4.3 and 3.4.4). Its line ends must be CRLF.

    dkimpy's own way takes the square of a run of spaces, so the runs are halved until none is left.
    """
    if form == "relaxed":
        body = body.replace(b"\t", b" ")
        while b"  " in body:
            body = body.replace(b"  ", b" ")
        body = body.replace(b" \r\n", b"\r\n")
    kept = body.rstrip(b"\r\n")
    return kept if not kept and form == "relaxed" else kept + b"\r\n"


def read_tags(value: bytes) -> Mapping[str, str] | DkimReason:
    """The tags of a list, FWS around names and values taken away (RFC 6376 section 3.2), or what is wrong with it.

    UTF-8 is allowed (RFC 8616), control characters are not.
    """
    if len(value) > FIELD_OCTETS or _LONG_GAP.search(value):
        return DkimReason.FIELD_TOO_LONG
    try:
        text = value.replace(b"\r\n", b"").decode("utf-8").replace("\t", " ").strip(" ")
    except UnicodeDecodeError:
        return DkimReason.TAGS_MALFORMED
    items = text.removesuffix(";").split(";")
    if _UNTAGGABLE.search(text) or len(items) > MOST_TAGS:
        return DkimReason.TAGS_MALFORMED
    tags: dict[str, str] = {}
    for item in items:
        name, equals, content = item.partition("=")
        name = name.strip(" ")
        if not equals or _TAG_NAME.fullmatch(name) is None:
            return DkimReason.TAGS_MALFORMED
        if name in tags:
            return DkimReason.TAG_REPEATED
        tags[name] = content.strip(" ")
    return tags


def has_one_value(value: bytes) -> bool:
    """Whether b= stands in a signature field once, also within other tags.

    dkimpy leaves out every one when it hashes the field, so what follows a second one would not be signed.
    """
    return len(_VALUE_TAG.findall(value)) == 1


def decoded_base64(text: str) -> bytes | None:
    """The bytes of strict base64 in which spaces may stand (RFC 6376 section 2.10); None if it is broken or empty."""
    bare = "".join(text.split(" "))
    if _BASE64.fullmatch(bare) is None:
        return None
    try:
        return b64decode(bare, validate=True)
    except (Base64Error, ValueError):
        return None


def read_forms(text: str) -> tuple[Form, Form] | None:
    """The canonicalizations of header and body that c= names; None if one is not known (RFC 6376 section 3.5)."""
    forms: Mapping[str, Form] = {"simple": "simple", "relaxed": "relaxed"}
    header, _, body = text.partition("/")
    header_form, body_form = forms.get(header), forms.get(body if "/" in text else "simple")
    return None if header_form is None or body_form is None else (header_form, body_form)


def read_names(text: str) -> tuple[str, ...] | None:
    """The signed fields that h= names, in lower case and in its order; None if it is malformed or too long."""
    names = tuple(name.strip(" ").lower() for name in text.split(":", MOST_NAMES))
    if len(names) > MOST_NAMES or not all(_FIELD_NAME.fullmatch(name) for name in names):
        return None
    return names


def read_domain(text: str) -> str:
    """A signing domain as names are compared, in lower-case A-labels; empty if it is none or has a single label."""
    domain = canonical_domain(text) or ""
    return domain if "." in domain else ""


def read_selector(text: str) -> str:
    """A key's selector in lower case, one or more labels; empty if it is none."""
    selector = text.lower() if len(text) <= LONGEST_DOMAIN else ""
    return selector if _SELECTOR.fullmatch(selector) else ""


def key_name(selector: str, domain: str) -> str:
    """Where the key stands (RFC 6376 section 3.6.2.1); empty if that is longer than a name may be."""
    name = f"{selector}._domainkey.{domain}"
    return name if selector and domain and len(name) <= LONGEST_DOMAIN else ""
