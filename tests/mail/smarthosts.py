"""A smarthost for tests: a real SMTP conversation on this machine that does what it is told and keeps what was said."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.mail.courier import Delivery, SmarthostCourier
from tests.mail.test_courier import LETTER


class Host:
    """A host that keeps what each session said, and can hang up, be full or be slow."""

    def __init__(self) -> None:
        self.sessions: list[list[str]] = []
        self.most = 99
        self.refused = 0
        self.replies: dict[str, str] = {}
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.context: ssl.SSLContext | None = None
        self.port = 0
        self._open: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    @property
    def open(self) -> int:
        """Connections that stand."""
        return len(self._open)

    @property
    def taken(self) -> int:
        """Letters that it has."""
        return sum(session.count(".") for session in self.sessions)

    def hang_up(self) -> None:
        """Close every connection without a word."""
        for writer in self._open.values():
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        if self.open >= self.most:
            self.refused += 1
            writer.write(b"421 4.7.0 too many connections\r\n")
            writer.close()
            return
        said: list[str] = []
        self.sessions.append(said)
        self._open[asyncio.current_task()] = writer
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._converse(said, reader, writer)
        finally:
            del self._open[asyncio.current_task()]
            writer.close()

    async def _converse(self, said: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := (await reader.readline()).decode().strip():
            said.append(line)
            default = "354 go on" if line == "DATA" else "250 ok"
            reply = next((reply for start, reply in self.replies.items() if line.startswith(start)), default)
            if reply == "hang up":
                return
            if reply != "silence":
                writer.write(reply.encode() + b"\r\n")
            if line == "STARTTLS" and self.context:
                await writer.start_tls(self.context)
            if reply.startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                said.append(".")
                await self.goes_on.wait()
                writer.write(b"250 2.0.0 taken\r\n")
            if line == "QUIT":
                return


@asynccontextmanager
async def host(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[tuple[Host, SmarthostCourier]]:
    """A host, with TLS from the first byte if it has `tls`, and a courier that sends to it."""
    there = Host()
    server = await asyncio.start_server(there.talk, "127.0.0.1", 0, ssl=tls)
    there.port = server.sockets[0].getsockname()[1]
    courier = SmarthostCourier("127.0.0.1", there.port, **{"timeout_seconds": 5, **options})
    try:
        yield there, courier
    finally:
        there.goes_on.set()
        await courier.aclose()
        server.close()
        while there.open:
            there.hang_up()
            await asyncio.sleep(0.01)


async def send(courier: SmarthostCourier, number: int = 1) -> Delivery:
    """Hand a letter with the given number to the courier."""
    return await courier.send(f"dspp+b{number}@aastrom.com", f"holder-{number}@example.com", LETTER)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until `is_so()`, ten seconds at most."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)
