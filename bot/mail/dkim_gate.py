"""The gate that a signature must get through before its key is asked for: what RFC 6376 demands, and what we do.

What can be said of a signature from the message alone is said here: that it is well formed, of a kind that proves
something, by a domain that belongs to somebody, and that no field beside the signed ones could be taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.mail.dkim_coding import is_coding_open, is_type_open
from bot.mail.dkim_fields import (
    Form,
    RawField,
    SignedMessage,
    decoded_base64,
    has_one_value,
    key_name,
    read_domain,
    read_forms,
    read_names,
    read_selector,
    read_tags,
)
from bot.mail.dkim_reasons import DkimReason
from bot.mail.dkim_verify import ALGORITHMS
from bot.mail.organization import organizational_domain

FUTURE_SECONDS = 3_600
"""How far ahead of ours a signer's clock may be."""
DEMANDED_FIELDS = (
    "from", "subject", "date", "to", "message-id", "content-type", "content-transfer-encoding",
)  # fmt: skip
"""What a signature must cover where it is present: who, what, when, to whom, which, and how the body is to be read.

How the body is to be read must be covered where it is not stated, too, unless every way leads to the same words."""
WEAK_ALGORITHMS = frozenset({"rsa-sha1"})
"""Known, and not accepted (RFC 8301 section 3.1)."""

_REQUIRED_TAGS = frozenset({"v", "a", "b", "bh", "d", "h", "s"})
_TIME = re.compile(r"[0-9]{1,12}")
_LOCAL = re.compile(r"[!-?A-~]{0,64}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature field that is well formed (RFC 6376 section 3.5)."""

    field: RawField
    domain: str
    """In lower-case A-labels, like the selector."""
    selector: str
    identity: str
    algorithm: str
    header_form: Form
    body_form: Form
    names: tuple[str, ...]
    """The signed fields in lower case, in the order of h=."""
    body_hash: bytes
    value: bytes
    signed_at: int | None
    """In seconds of the Unix epoch, like the end."""
    expires_at: int | None

    @property
    def key_name(self) -> str:
        """Where its key stands."""
        return key_name(self.selector, self.domain)

    @property
    def identity_domain(self) -> str:
        """The domain of the signer's identity, in lower-case A-labels; empty if it is none."""
        return self.identity.rpartition("@")[2]


def admitted(message: SignedMessage, field: RawField) -> Signature | DkimReason:
    """The signature in `field` if it is of a kind that could pass, or why it cannot, whatever its key and the time."""
    if len(message.all("from")) != 1:
        return DkimReason.FROM_NOT_SINGLE
    tags = read_tags(field.value)
    if isinstance(tags, DkimReason):
        return tags
    if not has_one_value(field.value) and "b" in tags:
        return DkimReason.TAGS_MALFORMED
    if not tags.keys() >= _REQUIRED_TAGS:
        return DkimReason.TAG_MISSING
    refusal = next((reason for refuses, reason in _TAG_RULES if refuses(tags)), None)
    if refusal is not None:
        return refusal
    signature = _read_signature(field, tags)
    if isinstance(signature, DkimReason):
        return signature
    return next((reason for refuses, reason in _MESSAGE_RULES if refuses(signature, message)), signature)


def clock_refusal(signature: Signature, now: datetime) -> DkimReason | None:
    """Why the signature does not count at this moment; None if it does."""
    seconds = now.timestamp()
    if signature.signed_at is not None and signature.signed_at > seconds + FUTURE_SECONDS:
        return DkimReason.SIGNED_IN_FUTURE
    if signature.expires_at is not None and signature.expires_at < seconds:
        return DkimReason.EXPIRED
    return None


def open_fields(signature: Signature, message: SignedMessage, demanded: Collection[str]) -> tuple[str, ...]:
    """Those of `demanded` that the signature does not cover and that somebody could have changed to other words.

    They stand in the message; of those that say how the body is read, also one that could have been taken away.
    """
    form = signature.body_form
    return tuple(name for name in demanded if name not in signature.names and _is_open(name, message, form))


def _is_open(name: str, message: SignedMessage, body_form: Form) -> bool:
    match name:
        case "content-type":
            return is_type_open(message, body_form)
        case "content-transfer-encoding":
            return is_coding_open(message)
        case _:
            return bool(message.all(name))


_TAG_RULES: tuple[tuple[Callable[[Mapping[str, str]], bool], DkimReason], ...] = (
    (lambda tags: tags["v"] != "1", DkimReason.VERSION_UNKNOWN),
    (lambda tags: tags["a"] in WEAK_ALGORITHMS, DkimReason.ALGORITHM_WEAK),
    (lambda tags: tags["a"] not in ALGORITHMS, DkimReason.ALGORITHM_UNKNOWN),
    (
        lambda tags: "dns/txt" not in [way.strip(" ") for way in tags.get("q", "dns/txt").split(":")],
        DkimReason.QUERY_UNKNOWN,
    ),
    (lambda tags: "l" in tags, DkimReason.BODY_LENGTH),
    (
        lambda tags: not all(_TIME.fullmatch(tags[name]) for name in ("t", "x") if name in tags),
        DkimReason.TIME_MALFORMED,
    ),
    (lambda tags: "t" in tags and "x" in tags and int(tags["x"]) <= int(tags["t"]), DkimReason.TIMES_REVERSED),
)
"""What a list of tags may not be, with its reason (RFC 6376 section 3.5). The first that holds counts."""


def _read_signature(field: RawField, tags: Mapping[str, str]) -> Signature | DkimReason:
    forms, names = read_forms(tags.get("c", "simple/simple")), read_names(tags["h"])
    value, body_hash = decoded_base64(tags["b"]), decoded_base64(tags["bh"])
    domain, selector = read_domain(tags["d"]), read_selector(tags["s"])
    local, at, below = tags.get("i", f"@{tags['d']}").rpartition("@")
    identity = f"{local}@{read_domain(below)}" if at else ""
    if forms is None:
        return DkimReason.CANONICALIZATION_UNKNOWN
    if names is None:
        return DkimReason.NAMES_MALFORMED
    if value is None or body_hash is None or len(body_hash) != sha256().digest_size:
        return DkimReason.BASE64_BROKEN
    if not domain:
        return DkimReason.DOMAIN_MALFORMED
    if not key_name(selector, domain):
        return DkimReason.SELECTOR_MALFORMED
    signed_at, expires_at = (int(tags[name]) if name in tags else None for name in ("t", "x"))
    algorithm = tags["a"]
    return Signature(
        field, domain, selector, identity, algorithm, *forms, names, body_hash, value, signed_at, expires_at
    )


def _is_inside(signature: Signature) -> bool:
    local, _, domain = signature.identity.rpartition("@")
    return _LOCAL.fullmatch(local) is not None and f".{domain}".endswith(f".{signature.domain}")


_MESSAGE_RULES: tuple[tuple[Callable[[Signature, SignedMessage], bool], DkimReason], ...] = (
    (lambda signature, _: organizational_domain(signature.domain) is None, DkimReason.DOMAIN_PUBLIC),
    (lambda signature, _: not _is_inside(signature), DkimReason.IDENTITY_OUTSIDE),
    (lambda signature, _: "from" not in signature.names, DkimReason.FROM_UNSIGNED),
    (
        lambda signature, message: any(
            0 < signature.names.count(name) < len(message.all(name)) for name in DEMANDED_FIELDS
        ),
        DkimReason.FIELD_ADDED,
    ),
)
"""What a signature may not be for this message, with its reason. The first that holds counts.

Signed fields are taken from the bottom up (RFC 6376 section 5.4.2), so of two Subjects of which one is signed a reader
would see the other.
"""
