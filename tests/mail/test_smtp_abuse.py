"""The front door under abuse, by real sessions: what no client can make it do, and many at once."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from bot.mail.limits import Limits
from tests.mail.front_door import MESSAGE, PROGRAM, QUICK, Client, Inbox, door, until


async def test_ten_thousand_recipients_end_the_session() -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        await client.asks("MAIL FROM:<ann@example.com>")
        writing = asyncio.create_task(client.say(*[f"RCPT TO:<{PROGRAM}>"] * 10_000))
        heard = []
        try:
            heard = await client.rest()
        except ConnectionResetError:
            heard.append("421 (the connection was reset while we wrote)")
        writing.cancel()
    assert len(heard) <= Limits().commands + 2
    assert heard[-1].startswith("421")


async def test_more_recipients_than_allowed_are_put_off() -> None:
    inbox = Inbox()
    async with door(inbox, replace(QUICK, recipients=1)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        await client.asks("MAIL FROM:<ann@example.com>")
        assert (await client.asks(f"RCPT TO:<{PROGRAM}>")).startswith("250")
        assert (await client.asks("RCPT TO:<dspp+c2@aastrom.com>")).startswith("452 4.5.3")
        await client.asks("DATA")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
        await client.close()
    assert inbox.kept[0].recipients == (PROGRAM,)


async def test_guessing_mailboxes_ends_the_session() -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        await client.asks("MAIL FROM:<ann@example.com>")
        replies: list[str] = []
        while reply := await client.asks(f"RCPT TO:<guess{len(replies)}@aastrom.com>"):
            replies.append(reply)
            if reply.startswith("421"):
                break
    assert len(replies) == Limits().errors + 2
    assert replies[-1].startswith("421 4.7.0")


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(replace(QUICK, connections=2), id="in all"),
        pytest.param(replace(QUICK, connections_per_address=2), id="from one address"),
    ],
)
async def test_too_many_connections_are_sent_away_and_places_come_free(limits: Limits) -> None:
    async with door(Inbox(), limits) as server:
        first, second = await Client.connect(server), await Client.connect(server)
        assert (await first.hear()).startswith("220")
        assert (await second.hear()).startswith("220")
        third = await Client.connect(server)
        assert (await third.hear()).startswith("421")
        assert await third.hear() == ""
        assert (await first.asks("QUIT")).startswith("221")
        await asyncio.sleep(0.05)
        fourth = await Client.connect(server)
        assert (await fourth.hear()).startswith("220")
        for client in (second, fourth):
            await client.close()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param((), id="at the greeting"),
        pytest.param(("EHLO c",), id="after EHLO"),
    ],
)
async def test_silence_ends_the_session(before: tuple[str, ...]) -> None:
    async with door(Inbox(), replace(QUICK, idle_seconds=0.2)) as server:
        client = await Client.connect(server)
        await client.hear()
        for line in before:
            await client.asks(line)
        assert (await client.hear()).startswith("421 4.4.2")
        assert await client.hear() == ""


async def test_content_that_drips_for_ever_is_cut_off() -> None:
    inbox = Inbox()
    async with door(inbox, replace(QUICK, data_seconds=0.3)) as server:
        client = await Client.connect(server)
        await client.to_data()

        async def drip() -> None:
            while True:
                client.writer.write(b"x\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert (await client.hear()).startswith("421 4.4.2")
        dripping.cancel()
    assert inbox.kept == []


async def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """The library keeps every fragment of a line until it ends."""
    limits = replace(QUICK, message_bytes=200_000, line_length=10_000)
    async with door(Inbox(), limits) as server:
        client = await Client.connect(server)
        await client.to_data()
        heard = ""
        try:
            for _ in range(100):
                client.writer.write(b"x" * 50_000)
                await client.writer.drain()
            heard = await client.hear()
        except (ConnectionResetError, BrokenPipeError):
            heard = "552 (the connection was reset while we wrote)"
    assert heard.startswith("552")


async def test_a_client_that_reads_nothing_is_cut_off() -> None:
    async with door(Inbox(), replace(QUICK, idle_seconds=0.3, commands=10_000_000)) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.setblocking(False)
            loop = asyncio.get_running_loop()

            async def flood() -> None:
                while True:
                    await loop.sock_sendall(raw, b"NOOP\r\n" * 1000)

            flooding = asyncio.create_task(flood())
            await until(lambda: not server._sessions, 30)
            flooding.cancel()


async def test_sessions_do_not_share_their_limits() -> None:
    """In the library each EHLO widens the limit of all sessions, and each new session takes it back."""
    async with door(Inbox()) as server:
        first = await Client.connect(server)
        await first.hear()
        for _ in range(5):
            await first.asks("EHLO client.example.com")
        second = await Client.connect(server)
        await second.hear()
        sender = "MAIL FROM:<" + "a" * 60 + "@" + "b" * 60 + ".example.com>"
        assert (await first.asks(sender)).startswith("250")
        assert (await first.asks("NOOP " + "x" * 1100)).startswith("500")
        for client in (first, second):
            await client.close()


async def test_many_clients_at_once_share_the_loop_of_the_service() -> None:
    inbox = Inbox()
    async with door(inbox) as server:

        async def send() -> str:
            client = await Client.connect(server)
            await client.to_data()
            reply = await client.asks(MESSAGE + b".")
            await client.close()
            return reply

        replies = await asyncio.gather(*(send() for _ in range(20)))
    assert all(reply.startswith("250") for reply in replies)
    assert len(inbox.kept) == 20
    assert inbox.loops == {id(asyncio.get_running_loop())}
