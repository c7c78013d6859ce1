"""Knowing a message that came before: a sender who did not hear our 250 brings it again, and it is kept once.

The same key must never stand for two messages that would be treated in different ways, or whoever brings an altered
copy first keeps the genuine letter from ever being answered. So the key covers every octet, for a field that no
signature covers may make a letter a program's; and of the envelope all that decides: who brought it, under which name
and for which sender (SPF), and for which of our purposes. A retry by the same client comes as it was. What comes in
another way is another message, also a provider's retry from another of its hosts, which nothing tells from a
stranger's copy; what was signed is done once all the same (`first_signed`), and an unsigned letter orders nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from bot.mail.addresses import is_bounce_address
from bot.mail.charsets import decode
from bot.mail.headers import message_ids

_VERSION = b"dspp-dedupe/2\n"
"""Keys of another version differ: a retry that an upgrade comes between is kept twice; what was signed acts once."""
_LONGEST_SHOWN = 200
_LINE_END = b"\r\n"
_HEADER_END = _LINE_END * 2
_FOLDED = rb"[^\r\n]*+\r\n(?:[ \t][^\r\n]*+\r\n)*+"
_PLAIN = re.compile(rb"(?:[!-9;-~]++:" + _FOLDED + rb")*+")
"""A header section that every reader takes for the same fields: nothing in it ends it early or begins it late."""
_RECEIVED = re.compile(rb"^received:" + _FOLDED, re.IGNORECASE | re.MULTILINE)
"""What each relay puts on top (RFC 5321 section 4.4), the other way to us of a message to two of our addresses."""
_SIGNATURE = re.compile(rb"^dkim-signature:(" + _FOLDED + rb")", re.IGNORECASE | re.MULTILINE)
_NAMING = re.compile(rb"^(?:message-id|date):(?:[ \t]|\r\n[ \t])*+[^ \t\r\n]", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^message-id:(" + _FOLDED + rb")", re.IGNORECASE | re.MULTILINE)
_SPACES = re.compile(rb"\s+")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What decides about a message besides its content."""

    mail_from: str = ""
    """The envelope sender; empty for the null sender."""
    peer: str = ""
    """The client's address. Who is outside can repeat every word of a message, but not its way."""
    helo: str = ""
    """The name the client gave."""
    letters: tuple[str, ...] = ()
    """The letters that it may be a report on: those of their envelope senders that it came to."""
    is_report: bool = False
    """Whether it came to nothing else, which makes it a program's."""

    @property
    def told(self) -> tuple[object, ...]:
        """All of it in one order."""
        return self.mail_from, self.peer, self.helo, self.letters, self.is_report


def delivery_of(mail_from: str, peer: str, helo: str, recipients: Collection[str]) -> Delivery:
    """What of an envelope decides about its message.

    Which of our other addresses it came to decides nothing: a message to two of them may come in two transactions, and
    is one. The case of letters in an address does not matter.
    """
    letters = tuple(sorted({address.lower() for address in recipients if is_bounce_address(address)}))
    return Delivery(mail_from, peer, helo, letters, bool(letters) and all(map(is_bounce_address, recipients)))


_NOWHERE = Delivery()


def dedupe_key(channel: str, raw: bytes, received_on: date | None = None, delivery: Delivery = _NOWHERE) -> str:
    """Channel, Message-ID and a digest over content and delivery, set apart by bars.

    The same for two messages only if they have the same delivery and the same octets, their Received fields set aside.
    These count, too, where a signature names them (RFC 6376 section 5.4) or the header section is not plainly one.
    `received_on` counts only for a letter with neither Message-ID nor date: the same words another day are another
    letter. Any bytes have a key; the time it takes is in proportion to their number.
    """
    end = raw.find(_HEADER_END)
    header = raw[: end + len(_LINE_END)] if end >= 0 else raw
    day = received_on.isoformat() if received_on is not None and _NAMING.search(header) is None else ""
    digest = sha256(_VERSION + json.dumps([day, *delivery.told]).encode() + b"\n")
    digest.update(_settled(header))
    digest.update(memoryview(raw)[len(header) :])
    named = _MESSAGE_ID.search(header)
    return f"{channel}|{shown_id(decode(named[1], '')[0] if named else '')}|{digest.hexdigest()}"


def _settled(header: bytes) -> bytes:
    """The header section without what relays put on top of it, where it is plain that nobody reads anything in that."""
    if _RECEIVED.search(header) is None or _PLAIN.fullmatch(header) is None:
        return header
    signed = _SPACES.sub(b"", b"".join(_SIGNATURE.findall(header))).lower()
    return header if b"received" in signed else _RECEIVED.sub(b"", header) or header


def shown_id(value: str) -> str:
    """A Message-ID as the key has it, from a header's value: a very long one as its digest."""
    found = next(iter(message_ids([value], 1)), "")
    return found if len(found) <= _LONGEST_SHOWN else f"<{sha256(found.encode('utf-8', 'replace')).hexdigest()}>"
