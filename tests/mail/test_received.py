"""The Received field: what it says, and that no client can write in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import compat32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dedupe import dedupe_key
from bot.mail.lmtp import LMTP, SMTP, Dialect
from bot.mail.peers import LOCAL, UNKNOWN, Peer
from bot.mail.received import Handover, protocol, received_field
from bot.mail.tls import Agreed
from tests.mail.front_door import MESSAGE, PROGRAM, SECOND, Client, Inbox, door

TLS = Agreed("TLSv1.3", "TLS_AES_256_GCM_SHA384")
PLAIN = Handover(
    helo="client.example.com",
    peer=Peer("192.0.2.7", 40_000),
    hostname="mx.aastrom.com",
    dialect=SMTP,
    is_extended=True,
    is_utf8=False,
    tls=None,
    token="0123456789abcdef",
    recipients=(PROGRAM,),
    at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
)


def test_what_it_looks_like() -> None:
    assert received_field(replace(PLAIN, tls=TLS)) == (
        b"Received: from client.example.com ([192.0.2.7])\r\n"
        b"\tby mx.aastrom.com with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
        b"\tid 0123456789abcdef for <dspp@aastrom.com>; Mon, 23 Nov 2026 09:30:00 +0000\r\n"
    )


@pytest.mark.parametrize(
    ("dialect", "extended", "utf8", "tls", "word"),
    [
        pytest.param(SMTP, False, False, None, "SMTP", id="HELO"),
        pytest.param(SMTP, True, False, None, "ESMTP", id="EHLO"),
        pytest.param(SMTP, True, False, TLS, "ESMTPS", id="EHLO encrypted"),
        pytest.param(SMTP, False, False, TLS, "SMTP", id="HELO encrypted"),
        pytest.param(SMTP, True, True, None, "UTF8SMTP", id="SMTPUTF8"),
        pytest.param(SMTP, True, True, TLS, "UTF8SMTPS", id="SMTPUTF8 encrypted"),
        pytest.param(LMTP, True, False, None, "LMTP", id="LHLO"),
        pytest.param(LMTP, True, False, TLS, "LMTPS", id="LHLO encrypted"),
        pytest.param(LMTP, True, True, None, "UTF8LMTP", id="LMTP with SMTPUTF8"),
        pytest.param(LMTP, True, True, TLS, "UTF8LMTPS", id="LMTP with SMTPUTF8 encrypted"),
    ],
)
def test_the_word_for_how_it_came(dialect: Dialect, extended: bool, utf8: bool, tls: Agreed | None, word: str) -> None:
    handover = replace(PLAIN, dialect=dialect, is_extended=extended, is_utf8=utf8, tls=tls)
    assert protocol(handover) == word
    assert f" with {word}".encode() in received_field(handover)


@pytest.mark.parametrize(
    ("peer", "shown"),
    [
        pytest.param(Peer("2001:db8::7", 1), b"([IPv6:2001:db8::7])", id="IPv6"),
        pytest.param(LOCAL, b"(local)", id="a Unix socket"),
        pytest.param(UNKNOWN, b"(unknown)", id="nobody told"),
    ],
)
def test_who_it_came_from(peer: Peer, shown: bytes) -> None:
    assert shown in received_field(replace(PLAIN, peer=peer)).splitlines()[0]


@pytest.mark.parametrize(
    ("helo", "shown"),
    [
        pytest.param("[192.0.2.7]", "[192.0.2.7]", id="an address literal"),
        pytest.param("[IPv6:2001:db8::7]", "[IPv6:2001:db8::7]", id="an IPv6 literal"),
        pytest.param("localhost", "localhost", id="no domain, but harmless"),
        pytest.param("under_score.example.", "under_score.example.", id="common mistakes"),
        pytest.param("", "unknown", id="nothing"),
        pytest.param("a by mx.bank.example with ESMTPS", "unknown", id="clauses of its own"),
        pytest.param("a.example (mx.bank.example [198.51.100.1])", "unknown", id="a comment"),
        pytest.param("a\r\nFrom: ceo@aastrom.com", "unknown", id="a field of its own"),
        pytest.param("a;b", "unknown", id="an end of its own"),
        pytest.param("jürgen.example", "unknown", id="letters beyond ASCII"),
        pytest.param("x." * 200 + "example", "unknown", id="a name without end"),
        pytest.param("a..b", "unknown", id="an empty label"),
        pytest.param("=?utf-8?q?x?=", "unknown", id="an encoded word"),
    ],
)
def test_what_the_client_calls_itself_cannot_say_more(helo: str, shown: str) -> None:
    assert received_field(replace(PLAIN, helo=helo)).splitlines()[0] == f"Received: from {shown} ([192.0.2.7])".encode()


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param((PROGRAM, SECOND), id="several"),
        pytest.param((), id="none"),
        pytest.param(("a> by evil",), id="no address"),
        pytest.param(('"a b"@aastrom.com',), id="a quoted one"),
        pytest.param(("dspp@aåström.com",), id="letters beyond ASCII"),
    ],
)
def test_recipients_are_named_only_where_there_is_one_that_is_safe(recipients: tuple[str, ...]) -> None:
    assert b" for " not in received_field(replace(PLAIN, recipients=recipients))


def test_a_time_elsewhere_keeps_its_zone() -> None:
    at = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert received_field(replace(PLAIN, at=at)).endswith(b"Wed, 01 Jul 2026 09:30:00 -0500\r\n")


@given(helo=st.text(max_size=300), recipient=st.text(max_size=80), cipher=st.text(max_size=40))
def test_it_is_one_field_whatever_the_client_says(helo: str, recipient: str, cipher: str) -> None:
    field = received_field(replace(PLAIN, helo=helo, recipients=(recipient,), tls=Agreed("TLSv1.3", cipher)))
    assert field.endswith(b"\r\n")
    assert re.fullmatch(rb"(?:[ -~]{1,997}\r\n\t){2}[ -~]{1,997}\r\n", field)
    message = message_from_bytes(field + MESSAGE, policy=compat32)
    assert message.keys() == ["Received", "From", "To", "Subject"]
    assert message["Received"].count(";") == 1


@pytest.mark.parametrize("hello", ["HELO x", "EHLO x", "EHLO a (b) by evil", "EHLO [192.0.2.1]"])
async def test_the_message_below_it_is_kept_octet_for_octet(hello: str) -> None:
    inbox = Inbox()
    now = datetime(2026, 11, 23, tzinfo=UTC)
    async with door(inbox, now=lambda: now) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks(hello)
        await client.to_data_again(PROGRAM, SECOND)
        await client.asks(MESSAGE + b".")
    (envelope,) = inbox.kept
    assert envelope.raw == MESSAGE
    assert envelope.traced == envelope.received + MESSAGE
    assert envelope.received.startswith(b"Received: from ")
    assert b"Mon, 23 Nov 2026 00:00:00 +0000" in envelope.received
    assert dedupe_key("email", envelope.traced) == dedupe_key("email", MESSAGE)


async def test_every_message_has_a_token_of_its_own() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        for _ in range(2):
            await client.to_data_again()
            await client.asks(MESSAGE + b".")
    tokens = [re.findall(rb"\tid ([0-9a-f]{16}) ", envelope.received) for envelope in inbox.kept]
    assert len(tokens[0]) == len(tokens[1]) == 1
    assert tokens[0] != tokens[1]
