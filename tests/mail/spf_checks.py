"""Short ways to say an SPF check, for the tests of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.mail.dns import Resolver
from bot.mail.spf import SpfVerdict, check_spf
from tests.name_server import ZoneAnswers

PEER = "192.0.2.1"
HELO = "mail.example.com"
RECEIVER = "mx.aastrom.com"


async def check(
    resolver: Resolver,
    mail_from: str = "ann@example.com",
    *,
    peer: str = PEER,
    helo: str = HELO,
    explains: bool = False,
) -> SpfVerdict:
    """What we say of it, as a receiver with an address in our domain."""
    return await check_spf(peer, mail_from, helo, resolver, RECEIVER, explains=explains)


def record(text: str, others: Mapping[str, Mapping[str, Sequence[str] | str]] | None = None) -> ZoneAnswers:
    """example.com with this record, and whatever else there is."""
    return ZoneAnswers({"example.com": {"TXT": [text]}, **(others or {})})
