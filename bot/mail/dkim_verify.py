"""The key that a signing domain publishes, and the check of one signature against it.

dkimpy does the arithmetic; it is given only what was checked before: one key, one algorithm, fields that are taken
apart already and a signature of the right length. It never meets the name servers, the clock, the message or its body,
and it says nothing to the log. Keys that would make a check take as long as a stranger likes are refused.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dkim import DKIM  # type: ignore[import-untyped]  # dkimpy has no types
from dkim.crypto import UnparsableKeyError, parse_public_key  # type: ignore[import-untyped]  # dkimpy has no types

from bot.mail.dkim_fields import Form, RawField, decoded_base64, has_one_value, read_tags
from bot.mail.dkim_reasons import DkimReason
from bot.mail.dns import Answer, DnsFailure

RSA_BITS_LEAST = 1_024
"""RFC 8301 section 3.2."""
RSA_BITS_MOST = 8_192
"""The time of a check grows with the cube. RFC 8301 asks for 4096."""
EXPONENT_BITS = 64
"""Bits of an RSA key's public exponent. Sound keys have 17, some 33; a check takes time in proportion to them."""
ED25519_OCTETS = 32
ED25519_BITS = 256
ED25519_SIGNATURE_OCTETS = 64

ALGORITHMS: Mapping[str, str] = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
"""The type of key that each accepted algorithm needs (RFC 8301, RFC 8463)."""

_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)
"""A logger of its own that nobody listens to: dkimpy would write down what it checks."""
_SHA256 = "sha256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that may be used."""

    kind: str
    """rsa or ed25519."""
    bits: int
    content: bytes
    """DER of an RSA key, or the 32 octets of an Ed25519 key."""
    signature_octets: int
    """How long each of its signatures is."""
    flags: frozenset[str]
    """The t= flags of its record."""

    @property
    def is_testing(self) -> bool:
        """Whether its signatures count as none (t=y)."""
        return "y" in self.flags

    @property
    def is_for_exact_domain(self) -> bool:
        """Whether identities in a subdomain may not use it (t=s)."""
        return "s" in self.flags


def read_key(answer: Answer | DnsFailure | None, kind: str) -> SigningKey | DkimReason:
    """The key of that kind in what the name servers said, or why there is none to use (RFC 6376 sections 3.6.1, 6.1.2).

    `answer` is None where nobody asked; that is no answer either. Several records are refused instead of choosing one:
    which comes first is not the domain's word.
    """
    if answer is None or isinstance(answer, DnsFailure):
        return DkimReason.KEY_UNREACHABLE
    if not answer.records:
        return DkimReason.KEY_MISSING
    if len(answer.records) > 1:
        return DkimReason.KEY_AMBIGUOUS
    tags = read_tags(answer.records[0].encode("utf-8", "replace"))
    if isinstance(tags, DkimReason) or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return DkimReason.KEY_MALFORMED
    if "v" in tags and next(iter(tags)) != "v":
        return DkimReason.KEY_MALFORMED
    if not tags["p"]:
        return DkimReason.KEY_REVOKED
    if tags.get("k", "rsa") != kind:
        return DkimReason.KEY_OTHER_TYPE
    if "h" in tags and _SHA256 not in _listed(tags["h"]):
        return DkimReason.KEY_OTHER_HASH
    if not _listed(tags.get("s", "*")) & {"*", "email"}:
        return DkimReason.KEY_OTHER_SERVICE
    content = decoded_base64(tags["p"])
    if content is None:
        return DkimReason.KEY_MALFORMED
    flags = _listed(tags.get("t", ""))
    return _rsa_key(content, flags) if kind == "rsa" else _ed25519_key(content, flags)


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip(" ") for word in text.split(":"))


def _rsa_key(content: bytes, flags: frozenset[str]) -> SigningKey | DkimReason:
    try:
        numbers = parse_public_key(content)
    except (UnparsableKeyError, AssertionError, IndexError, TypeError, ValueError):
        return DkimReason.KEY_MALFORMED
    modulus, exponent = int(numbers["modulus"]), int(numbers["publicExponent"])
    bits = modulus.bit_length()
    if bits < RSA_BITS_LEAST:
        return DkimReason.KEY_TOO_SHORT
    if bits > RSA_BITS_MOST:
        return DkimReason.KEY_TOO_LONG
    if exponent < 3 or exponent % 2 == 0 or modulus % 2 == 0 or exponent.bit_length() > EXPONENT_BITS:
        return DkimReason.KEY_EXPONENT
    return SigningKey("rsa", bits, content, (bits + 7) // 8, flags)


def _ed25519_key(content: bytes, flags: frozenset[str]) -> SigningKey | DkimReason:
    if len(content) != ED25519_OCTETS:
        return DkimReason.KEY_MALFORMED
    return SigningKey("ed25519", ED25519_BITS, content, ED25519_SIGNATURE_OCTETS, flags)


def signature_refusal(
    key: SigningKey, signature: bytes, field: RawField, signed: Sequence[RawField], names: Sequence[str], form: Form
) -> DkimReason | None:
    """None if `signature` is that of `key` over the fields of `signed` that `names` names and over `field` without it.

    Fields are taken from the bottom up, one for each time that a name is given (RFC 6376 section 5.4.2).
    """
    if not has_one_value(field.value):
        return DkimReason.TAGS_MALFORMED
    if len(signature) != key.signature_octets:  # RFC 8017 section 8.2.2, RFC 8032 section 5.1.7.
        return DkimReason.SIGNATURE_WRONG
    record = f"k={key.kind}; p={b64encode(key.content).decode('ascii')}".encode("ascii")
    # No bh=: the body is compared before. s= and d= only make the name that the answer below is for.
    tags = {
        b"a": f"{key.kind}-{_SHA256}".encode("ascii"),
        b"b": b64encode(signature),
        b"c": f"{form}/simple".encode("ascii"),
        b"d": b"",
        b"s": b"",
    }
    try:
        check = DKIM(logger=_SILENT, minkey=RSA_BITS_LEAST)
        check.headers = [(part.name, part.value) for part in signed]
        is_genuine = check.verify_sig(
            tags, [name.encode("ascii") for name in names], (field.name, field.value), lambda *_, **__: record
        )
    except Exception:
        return DkimReason.CHECK_BROKEN
    return None if is_genuine is True else DkimReason.SIGNATURE_WRONG
