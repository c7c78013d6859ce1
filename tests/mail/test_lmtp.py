"""LMTP at the front door (RFC 2033), by real sessions on TCP and on a Unix socket."""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import replace
from pathlib import Path

import pytest

from bot.mail.lmtp import LMTP, SMTP, Dialect
from bot.mail.smtp_in import SmtpServer
from tests.mail.front_door import MESSAGE, PROGRAM, QUICK, SECOND, Client, Inbox, door


async def greeted(server: SmtpServer) -> Client:
    client = await Client.connect(server)
    assert (await client.hear()) == "220 mx.aastrom.com LMTP"
    assert (await client.asks("LHLO relay.example")).startswith("250 ")
    assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("250")
    return client


async def test_each_accepted_recipient_gets_a_reply_and_the_message_is_stored_once() -> None:
    inbox = Inbox()
    async with door(inbox, dialect=LMTP) as server:
        client = await greeted(server)
        for recipient, code in ((PROGRAM, "250"), ("nobody@aastrom.com", "550"), (SECOND, "250")):
            assert (await client.asks(f"RCPT TO:<{recipient}>")).startswith(code)
        await client.asks("DATA")
        await client.say(MESSAGE + b".", "NOOP")
        replies = [await client.hear() for _ in range(3)]
    assert replies == ["250 2.0.0 Stored", "250 2.0.0 Stored", "250 2.0.0 OK"]
    (envelope,) = inbox.kept
    assert envelope.recipients == (PROGRAM, SECOND)
    assert envelope.protocol == "LMTP"


async def test_a_recipient_that_is_named_three_times_gets_three_replies() -> None:
    """RFC 2033 section 4.2: one for each successful RCPT, also where they name the same mailbox."""
    inbox = Inbox()
    async with door(inbox, dialect=LMTP) as server:
        client = await greeted(server)
        for _ in range(3):
            await client.asks(f"RCPT TO:<{PROGRAM}>")
        await client.asks("DATA")
        await client.say(MESSAGE + b".", "NOOP")
        replies = [await client.hear() for _ in range(4)]
    assert replies == [*["250 2.0.0 Stored"] * 3, "250 2.0.0 OK"]
    assert inbox.kept[0].recipients == (PROGRAM,)


@pytest.mark.parametrize(
    ("content", "fault", "reply"),
    [
        pytest.param(b"a\nb\r\n", None, "550 5.6.0", id="content that is refused"),
        pytest.param(MESSAGE, RuntimeError("full"), "451 4.3.0", id="content that is not stored"),
        pytest.param(b"x" * 70_000 + b"\r\n", None, "500 5.5.2", id="a line too long"),
    ],
)
async def test_each_recipient_hears_of_a_failure_and_it_counts_as_one(
    content: bytes, fault: BaseException | None, reply: str
) -> None:
    async with door(Inbox(fault=fault), replace(QUICK, errors=1), dialect=LMTP) as server:
        client = await greeted(server)
        for recipient in (PROGRAM, SECOND):
            await client.asks(f"RCPT TO:<{recipient}>")
        await client.asks("DATA")
        await client.say(content + b".", "NOOP")
        replies = [await client.hear() for _ in range(3)]
    assert [found[:9] for found in replies] == [reply, reply, "250 2.0.0"]


async def test_no_accepted_recipient_means_no_content() -> None:
    async with door(Inbox(), dialect=LMTP) as server:
        client = await greeted(server)
        await client.asks("RCPT TO:<nobody@aastrom.com>")
        assert (await client.asks("DATA")).startswith("503 5.5.1")


@pytest.mark.parametrize(
    ("dialect", "greeting"),
    [
        pytest.param(LMTP, "HELO", id="HELO in LMTP"),
        pytest.param(LMTP, "EHLO", id="EHLO in LMTP"),
        pytest.param(SMTP, "LHLO", id="LHLO in SMTP"),
    ],
)
async def test_the_other_dialects_greeting_is_not_understood(dialect: Dialect, greeting: str) -> None:
    async with door(Inbox(), dialect=dialect) as server:
        client = await Client.connect(server)
        await client.hear()
        assert (await client.asks(f"{greeting} client.example.com")).startswith("500 5.5.1")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("503 5.5.1")


async def test_what_lmtp_offers() -> None:
    """RFC 2033 section 5: pipelining and enhanced codes must be there."""
    async with door(Inbox(), dialect=LMTP) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.say("LHLO relay.example")
        offered = await client.hear_all_lines()
    assert {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"} <= set(offered)
    assert "CHUNKING" not in offered


async def test_a_closing_door_answers_each_recipient_of_the_message_being_stored() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox, dialect=LMTP) as server:
        client = await greeted(server)
        for recipient in (PROGRAM, SECOND):
            await client.asks(f"RCPT TO:<{recipient}>")
        await client.asks("DATA")
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        server.close()
        assert inbox.gate is not None
        inbox.gate.set()
        heard = await client.rest()
    assert heard == ["250 2.0.0 Stored", "250 2.0.0 Stored", "421 4.3.2 Service shutting down, please try again later"]


async def test_pythons_own_lmtp_client_delivers_by_a_unix_socket(tmp_path: Path) -> None:
    """It reads one reply only, so it is given one recipient that we have."""
    path = tmp_path / "lmtp.sock"
    inbox = Inbox()
    async with door(inbox, listen=path, dialect=LMTP):

        def deliver() -> object:
            with smtplib.LMTP(str(path)) as client:
                return client.sendmail("ann@example.com", [PROGRAM, "nobody@aastrom.com"], MESSAGE)

        refused = await asyncio.to_thread(deliver)
    assert isinstance(refused, dict)
    assert list(refused) == ["nobody@aastrom.com"]
    assert inbox.kept[0].peer == "local"
    assert b"(local)" in inbox.kept[0].received
