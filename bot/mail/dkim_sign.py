"""Signing outgoing letters with DKIM (RFC 6376), so that a forged letter in our name can be told from ours.

A letter is signed when it is handed on, not when it is written. The row in the outbox stays what the rules decided,
the same at every try; keys live only in the process that sends; a letter that waited for days, or that staff send
again, leaves with the keys of that day and a signature that has not expired. The same letter at the same second gets
the same bytes, and no transaction is open meanwhile. The price is that two tries may differ in this one field, which
receivers do not look at when they tell copies apart by the Message-ID.

The signature is put together here rather than by dkimpy's `sign`, which has no expiry, asks the system's clock instead
of the service's, breaks a long domain in two, and does RSA in Python integers (6 ms, and a time that depends on the
key). Canonical forms are dkimpy's, RSA and Ed25519 are cryptography's; tests let dkimpy verify what comes out.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from dkim.canonicalization import Relaxed  # type: ignore[import-untyped]  # dkimpy has no types

from bot.mail.courier import Courier, Deferred, Delivery
from bot.mail.dkim_keys import SigningKey, SigningKeys
from bot.mail.headers import read_header_section, single_address
from bot.mail.limits import Limits

SIGNED = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
"""What a reader or a program goes by. Each is listed once more than it occurs (RFC 6376 section 8.15), also where it
does not occur: whoever adds a second From, a Reply-To or a way to unsubscribe breaks the signature."""
SIGNATURE_LIFE = timedelta(days=14)
"""How long a signature counts (x=): longer than we and a relay behind us together keep trying, and no longer, so that a
letter cannot be sent around under our name for ever."""
LINE_OCTETS = 998
"""RFC 5322 section 2.1.1. A longer line would be broken on its way, and the signature with it."""
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")
_SPACES = re.compile(rb"[ \t]+")
_FIELD_NAME = re.compile(rb"[!-9;-~]+")
_FOLD_AT = 72
_LIMITS = Limits()


class CannotSign(ValueError):
    """The letter cannot be signed: it is not one of this domain, or not well formed. A retry alone does not help."""


@dataclass(frozen=True, slots=True)
class SigningCourier:
    """Signs each letter and hands it to another courier.

    A letter that cannot be signed is not sent without: receivers would turn it away, and nobody would know why. It is
    deferred, since the fault is in our set-up, and staff see the reason in the list of letters.
    """

    courier: Courier
    keys: SigningKeys
    now: Callable[[], datetime]
    """The service's clock, by which the letters are dated too."""

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand on `raw`, signed."""
        try:
            signed = sign(raw, self.keys, self.now())
        except CannotSign as fault:
            return Deferred(str(fault))
        return await self.courier.send(envelope_from, recipient, signed)

    async def aclose(self) -> None:
        """Close what the courier keeps open."""
        await self.courier.aclose()


def sign(raw: bytes, keys: SigningKeys, now: datetime) -> bytes:
    """`raw` with a signature by each of `keys` on top, line ends CRLF as they will be sent. CannotSign.

    The signing domain (d=) is that of the From address, so that the signature counts for DMARC. `now` has a zone.
    """
    if now.tzinfo is None:
        raise ValueError("the time of a signature needs a zone")
    letter = _LINE_END.sub(b"\r\n", raw)
    letter += b"" if letter.endswith(b"\r\n") else b"\r\n"
    if max(map(len, letter.split(b"\r\n"))) > LINE_OCTETS:
        raise CannotSign("a line is longer than mail allows; the letter is not signed and not sent")
    fields = _fields(letter, keys.domain)
    # Spaces go first: the library takes time in proportion to the square of a run of them.
    body: bytes = Relaxed.canonicalize_body(_SPACES.sub(b" ", letter.partition(b"\r\n\r\n")[2]))
    body_hash = b64encode(sha256(body).digest()).decode()
    return b"".join(_signature(key, fields, body_hash, now) for key in keys.keys) + letter


def _fields(letter: bytes, domain: str) -> dict[str, list[bytes]]:
    """The canonical header fields by name, each name's last first, as they are signed (RFC 6376 section 5.4.2)."""
    section = read_header_section(letter, 0, len(letter), _LIMITS)
    sender, fault = single_address(section.all("from"))
    if section.defects or fault or sender.rpartition("@")[2] != domain:
        raise CannotSign(f"not one well-formed letter from {domain}; it is not signed and not sent")
    by_name: dict[str, list[bytes]] = {}
    for line in reversed(_NEXT_FIELD.split(letter.partition(b"\r\n\r\n")[0])):
        name, _, value = line.partition(b":")
        if _FIELD_NAME.fullmatch(name) is None:
            raise CannotSign(f"not one well-formed letter from {domain}; it is not signed and not sent")
        by_name.setdefault(name.decode("ascii").lower(), []).append(_canonical(name, value))
    return by_name


def _canonical(name: bytes, value: bytes) -> bytes:
    ((canonical_name, canonical_value),) = Relaxed.canonicalize_headers([(name, value)])
    return bytes(canonical_name + b":" + canonical_value)


def _signature(key: SigningKey, fields: dict[str, list[bytes]], body_hash: str, now: datetime) -> bytes:
    """One DKIM-Signature field, CRLF at its end. Its own b= counts as empty while it is made (section 3.7)."""
    seconds = int(now.timestamp())
    names = [name for name in SIGNED for _ in range(len(fields.get(name, ())) + 1)]
    unsigned = "\r\n\t".join(
        (
            f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;",
            f"d={key.domain}; s={key.selector};",
            f"t={seconds}; x={seconds + int(SIGNATURE_LIFE.total_seconds())};",
            *_header_list(names),
            f"bh={body_hash};",
            "b=",
        )
    ).encode("ascii")
    name, _, value = unsigned.partition(b":")
    signed = b"".join(line for field in SIGNED for line in fields.get(field, ()))
    made = b64encode(key.signature(signed + _canonical(name, value).removesuffix(b"\r\n")))
    return unsigned + b"\r\n\t".join(made[at : at + _FOLD_AT] for at in range(0, len(made), _FOLD_AT)) + b"\r\n"


def _header_list(names: list[str]) -> Iterator[str]:
    """The h= of the names, in lines that end at a colon (section 3.5)."""
    line = "h="
    for at, name in enumerate(names):
        word = name + (";" if at == len(names) - 1 else ":")
        if len(line) + len(word) > _FOLD_AT:
            yield line
            line = ""
        line += word
    yield line
