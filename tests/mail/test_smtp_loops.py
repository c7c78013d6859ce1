"""The front door on each event loop that it may stand on: the last words are heard, and a connection can be secured.

Another loop's connections are not of the classes that the standard library's are, so whatever asks for these is silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from bot.doors import new_loop
from tests.mail import certificates
from tests.mail.front_door import MESSAGE, QUICK, Client, Inbox, door


def _uvloop() -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = import_module("uvloop").new_event_loop()
    return loop


LOOPS = [
    pytest.param(asyncio.new_event_loop, id="the standard library's"),
    pytest.param(_uvloop, id="uvloop's", marks=pytest.mark.skipif(not find_spec("uvloop"), reason="no uvloop here")),
]
on_each_loop = pytest.mark.parametrize("loop", LOOPS)
Loop = Callable[[], asyncio.AbstractEventLoop]


def run(loop: Loop, work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work)


@on_each_loop
def test_a_message_is_taken_and_goodbye_is_said(loop: Loop) -> None:
    async def session() -> None:
        inbox = Inbox()
        async with door(inbox) as server:
            client = await Client.connect(server)
            await client.to_data()
            assert await client.asks(MESSAGE + b".") == "250 2.0.0 Stored"
            await client.say("QUIT")
            assert await client.rest() == ["221 2.0.0 Bye"]
        assert [envelope.raw for envelope in inbox.kept] == [MESSAGE]

    run(loop, session())


@on_each_loop
def test_who_is_sent_away_hears_why(loop: Loop) -> None:
    async def session() -> None:
        async with door(Inbox(), replace(QUICK, connections=1)) as server:
            first = await Client.connect(server)
            assert (await first.hear()).startswith("220")
            second = await Client.connect(server)
            assert [line[:9] for line in await second.rest()] == ["421 4.3.2"]
            server.close()
            assert [line[:9] for line in await first.rest()] == ["421 4.3.2"]

    run(loop, session())


@on_each_loop
def test_a_client_that_reads_nothing_is_cut_off(loop: Loop) -> None:
    async def session() -> None:
        async with door(Inbox(), replace(QUICK, idle_seconds=0.2)) as server:
            client = await Client.connect(server)
            cast(asyncio.Transport, client.writer.transport).pause_reading()
            while server._sessions:
                await asyncio.sleep(0.02)

    run(loop, asyncio.wait_for(session(), 20))


@on_each_loop
def test_a_message_comes_encrypted(loop: Loop, tmp_path: Path) -> None:
    async def session() -> None:
        inbox = Inbox()
        async with door(inbox, certificates=certificates.made(tmp_path)) as server:
            client = await Client.connect(server)
            await client.hear()
            await client.asks("EHLO c")
            assert (await client.asks("STARTTLS")).startswith("220")
            await client.start_tls(certificates.trusting())
            await client.asks("EHLO c")
            await client.to_data_again()
            assert await client.asks(MESSAGE + b".") == "250 2.0.0 Stored"
            await client.say("QUIT")
            assert await client.hear() == "221 2.0.0 Bye"
        assert inbox.kept[0].is_tls

    run(loop, session())


def test_the_service_stands_on_the_faster_loop_where_it_is_installed() -> None:
    loop = new_loop()
    loop.close()
    assert type(loop).__module__.startswith("uvloop" if find_spec("uvloop") else "asyncio")
