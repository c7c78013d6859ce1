"""The front door when something fails behind it, or it closes: nothing is lost, and the client knows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiosmtpd.smtp import SMTP

from bot.mail.smtp_in import serve_smtp
from tests.mail.front_door import MESSAGE, PROGRAM, QUICK, Client, Inbox, door

# -- faults of ours ---------------------------------------------------------------------------------------------------


async def test_a_store_that_fails_is_a_passing_fault_and_its_text_stays_inside() -> None:
    inbox = Inbox(fault=RuntimeError("password of the database is hunter2"))
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        reply = await client.asks(MESSAGE + b".")
        assert reply == "451 4.3.0 Not stored, please try again later"
        # Mended, the same session gets it through.
        inbox.fault = None
        await client.asks("MAIL FROM:<ann@example.com>")
        await client.asks(f"RCPT TO:<{PROGRAM}>")
        await client.asks("DATA")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
        await client.close()
    assert len(inbox.kept) == 1


async def test_a_cancelled_store_is_no_acceptance() -> None:
    inbox = Inbox(fault=asyncio.CancelledError())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("451")
        await client.close()


async def test_a_store_that_hangs_ends_in_451() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox, replace(QUICK, accept_seconds=0.1)) as server:
        client = await Client.connect(server)
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("451")
        await client.close()


async def test_a_fault_in_a_command_answers_451_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    def failing(address: str) -> bool:
        raise RuntimeError(f"secret about {address}")

    server = await serve_smtp(
        ("127.0.0.1", 0), accept=Inbox().accept, is_recipient=failing, limits=QUICK, hostname="mx.aastrom.com"
    )
    client = await Client.connect(server)
    await client.hear()
    await client.asks("EHLO client.example.com")
    await client.asks("MAIL FROM:<ann@example.com>")
    assert await client.asks(f"RCPT TO:<{PROGRAM}>") == "451 4.3.0 Not stored, please try again later"
    server.close()
    await server.wait_closed()
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert "ann@example.com" not in caplog.text


async def test_a_client_that_leaves_while_its_message_is_stored_does_not_interrupt_the_store() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        client.writer.transport.abort()
        await asyncio.sleep(0.05)
        assert inbox.gate is not None
        inbox.gate.set()
        await asyncio.sleep(0.05)
    assert len(inbox.kept) == 1


# -- the end ----------------------------------------------------------------------------------------------------------


async def test_closing_while_content_comes_in_tells_the_client_to_come_back() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"Subject: half")
        await asyncio.sleep(0.05)
        server.close()
        assert (await client.hear()).startswith("421")
        assert await client.hear() == ""
    assert inbox.kept == []


async def test_closing_while_a_message_is_stored_gives_its_answer_first() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        server.close()
        assert inbox.gate is not None
        inbox.gate.set()
        heard = await client.rest()
    assert heard[0] == "250 2.0.0 Stored"
    assert heard[1].startswith("421")
    assert len(inbox.kept) == 1


async def test_a_session_that_is_cancelled_in_content_hears_421() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"Subject: half")
        await asyncio.sleep(0.05)
        (session,) = server._sessions
        assert isinstance(session, SMTP)
        assert session._handler_coroutine is not None
        session._handler_coroutine.cancel()
        assert (await client.hear()).startswith("421")
        assert await client.hear() == ""
    assert inbox.kept == []


async def test_a_closed_door_takes_nobody() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
