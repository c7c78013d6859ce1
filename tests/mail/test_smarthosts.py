"""Smarthosts that are slow, that want a login, or that speak another charset: no letter is sent twice or given up."""

from __future__ import annotations

import asyncio

import pytest

from bot.mail.courier import Deferred, Rejected, Sent, SmarthostCourier
from tests.mail.test_courier import LETTER, scripted


async def test_a_host_that_has_the_whole_letter_is_given_time_to_take_it() -> None:
    taken: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(0.6)
                taken.append(content)
            writer.write(b"250 ok\r\n")
            if line.startswith(b"QUIT"):
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    courier = SmarthostCourier("127.0.0.1", port, timeout_seconds=0.3)
    result = await courier.send("a@x.example", "b@y.example", LETTER)
    server.close()
    assert isinstance(result, Sent)
    assert len(taken) == 1


@pytest.mark.parametrize("reply", ["530 5.7.0 authentication required", "535 5.7.8 no", "538 5.7.11 encrypt first"])
@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
async def test_the_want_of_a_login_is_no_letters_fault(command: str, reply: str) -> None:
    async with scripted({command: reply}) as port:
        result = await SmarthostCourier("127.0.0.1", port, timeout_seconds=5).send("a@x.example", "b@y.example", LETTER)
    assert isinstance(result, Deferred)


async def test_a_refusal_stays_one_when_the_host_says_nothing_after_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            if line.startswith((b"RSET", b"QUIT")):
                continue
            writer.write(b"550 5.1.1 nobody\r\n" if line.startswith(b"RCPT") else b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    courier = SmarthostCourier("127.0.0.1", port, timeout_seconds=0.3)
    result = await courier.send("a@x.example", "b@y.example", LETTER)
    server.close()
    assert isinstance(result, Rejected)


async def test_words_in_another_charset_can_be_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 bonjour\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 allez\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 accept\xe9\r\n")
            if line.startswith(b"QUIT"):
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await SmarthostCourier("127.0.0.1", port, timeout_seconds=5).send("a@x.example", "b@y.example", LETTER)
    server.close()
    assert isinstance(result, Sent)
    result.detail.encode("utf-8")
