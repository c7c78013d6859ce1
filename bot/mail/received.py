"""The Received field that we put above a message (RFC 5321 section 4.4): who handed it to us, how, and when.

It is the only line of a message that is true because we wrote it, so nothing that a client said may break out of it or
look like more than it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from bot.mail.addresses import is_addr_spec
from bot.mail.lmtp import Dialect
from bot.mail.peers import Peer
from bot.mail.tls import Agreed

_MOST_NAME = 255
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*\.?")
_LITERAL = re.compile(r"\[[A-Za-z0-9:.]{2,60}\]")
_UNSAFE_CIPHER = re.compile(r"[^A-Za-z0-9._-]")
_NO_NAME = "unknown"


@dataclass(frozen=True, slots=True)
class Handover:
    """The facts of one message's arrival."""

    helo: str
    """What the client called itself, unchecked."""
    peer: Peer
    hostname: str
    """Ours."""
    dialect: Dialect
    is_extended: bool
    """Whether the client greeted with EHLO or LHLO."""
    is_utf8: bool
    """Whether it asked for SMTPUTF8 (RFC 6531)."""
    tls: Agreed | None
    token: str
    """Ours, to find this arrival by."""
    recipients: tuple[str, ...]
    at: datetime
    """Aware of its time zone."""


def protocol(handover: Handover) -> str:
    """The word behind "with": one of SMTP, ESMTP, ESMTPS, LMTP, LMTPS (RFC 3848), with UTF8 before it (RFC 6531).

    UTF8 stands before SMTP or LMTP, not before ESMTP, and a client that only said HELO spoke plain SMTP whatever below.
    """
    base = handover.dialect.name
    if not handover.is_extended:
        return base
    secured = "S" if handover.tls else ""
    if handover.is_utf8:
        return f"UTF8{base}{secured}"
    return f"{'E' if base == 'SMTP' else ''}{base}{secured}"


def received_field(handover: Handover) -> bytes:
    """The whole field, CRLF at its end included, in lines of fewer than 998 octets, all of them printable ASCII.

    A name that is neither a domain nor an address literal is written "unknown". The recipient is named only where there
    is one, for others must not learn of hidden ones (RFC 5321 section 7.2).
    """
    lines = [
        f"Received: from {_name(handover.helo)} ({_literal(handover.peer)})",
        f"by {_name(handover.hostname)} with {protocol(handover)}{_tls_comment(handover.tls)}",
        f"id {handover.token}{_for_clause(handover.recipients)}; {format_datetime(handover.at)}",
    ]
    return ("\r\n\t".join(lines) + "\r\n").encode("ascii")


def _name(text: str) -> str:
    is_safe = len(text) <= _MOST_NAME and (_DOMAIN.fullmatch(text) or _LITERAL.fullmatch(text))
    return text if is_safe else _NO_NAME


def _literal(peer: Peer) -> str:
    address = peer.address
    if address is None:
        return peer.name
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def _tls_comment(tls: Agreed | None) -> str:
    if tls is None:
        return ""
    return f" ({_UNSAFE_CIPHER.sub('?', tls.version)} {_UNSAFE_CIPHER.sub('?', tls.cipher)})"


def _for_clause(recipients: tuple[str, ...]) -> str:
    if len(recipients) != 1 or not recipients[0].isascii() or not is_addr_spec(recipients[0]):
        return ""
    return f" for <{recipients[0]}>"
