"""The front door with a client before it, for tests: what a session says and hears, and an inbox behind."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.mail.limits import Limits
from bot.mail.lmtp import LMTP
from bot.mail.smtp_in import Envelope, SmtpServer, serve_smtp

PROGRAM = "dspp@aastrom.com"
SECOND = "dspp+c2@aastrom.com"
MESSAGE = b"From: ann@example.com\r\nTo: dspp@aastrom.com\r\nSubject: hello\r\n\r\nPlease invest $250.\r\n"
QUICK = replace(Limits(), closing_seconds=0.3)
LOOPBACK = ("127.0.0.1", 0)


@dataclass
class Inbox:
    """Stands for the store: keeps what it accepted, or fails as told."""

    kept: list[Envelope] = field(default_factory=list)
    fault: BaseException | None = None
    gate: asyncio.Event | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)
    loops: set[int] = field(default_factory=set)

    async def accept(self, envelope: Envelope) -> None:
        self.began.set()
        self.loops.add(id(asyncio.get_running_loop()))
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.kept.append(envelope)


def is_recipient(address: str) -> bool:
    return address.lower() in {PROGRAM, SECOND}


@asynccontextmanager
async def door(
    inbox: Inbox,
    limits: Limits = QUICK,
    listen: tuple[str, int] | Path = LOOPBACK,
    accepts: Callable[[str], bool] = is_recipient,
    **more: Any,
) -> AsyncIterator[SmtpServer]:
    """A door that listens; at its end nothing may have gone wrong on the loop unseen."""
    loop = asyncio.get_running_loop()
    unseen: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unseen.append(context))
    server = await serve_smtp(
        listen, accept=inbox.accept, is_recipient=accepts, limits=limits, hostname="mx.aastrom.com", **more
    )
    try:
        yield server
    finally:
        if inbox.gate is not None:
            inbox.gate.set()
        server.close()
        await server.wait_closed()
        loop.set_exception_handler(None)
    assert unseen == []
    assert server.room.held == 0


class Client:
    """A client that says exactly what it is told to, and reads replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, server: SmtpServer) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 20)
        return cls(reader, writer)

    @classmethod
    async def connect_to(cls, path: Path) -> Client:
        return cls(*await asyncio.open_unix_connection(path))

    async def say(self, *lines: str | bytes) -> None:
        for line in lines:
            self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        await self.writer.drain()

    async def hear(self) -> str:
        """One whole reply, its last line; empty when the connection has ended."""
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode()
            if not line or line[3:4] != "-":
                return line.rstrip("\r\n")

    async def hear_all_lines(self) -> list[str]:
        """One whole reply, every line of it without its code."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode().rstrip("\r\n")
            lines.append(line[4:])
            if line[3:4] != "-":
                return lines

    async def asks(self, line: str | bytes) -> str:
        await self.say(line)
        return await self.hear()

    async def rest(self) -> list[str]:
        """Every reply until the connection ends."""
        heard = []
        while line := await self.hear():
            heard.append(line)
        return heard

    async def to_data(self, *recipients: str, hello: str = "EHLO") -> None:
        await self.hear()
        assert (await self.asks(f"{hello} client.example.com")).startswith("250 ")
        await self.to_data_again(*recipients)

    async def to_data_again(self, *recipients: str) -> None:
        assert (await self.asks("MAIL FROM:<ann@example.com>")).startswith("250 2.1.0")
        for recipient in recipients or (PROGRAM,):
            assert (await self.asks(f"RCPT TO:<{recipient}>")).startswith("250 2.1.5")
        assert (await self.asks("DATA")).startswith("354")

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake, behind the server's 220."""
        await asyncio.wait_for(self.writer.start_tls(context), 10)

    async def close(self) -> None:
        self.writer.close()


async def with_smtplib(server: SmtpServer, work: Callable[[smtplib.SMTP], object]) -> object:
    def run() -> object:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
            return work(client)

    return await asyncio.to_thread(run)


async def until(is_so: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for what other tasks bring about; fails if they do not."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline, "it did not come about"
        await asyncio.sleep(0.01)


DIALECTS: Iterable[tuple[str, dict[str, Any]]] = (("EHLO", {}), ("LHLO", {"dialect": LMTP}))
"""How a client greets, and the door that wants to be greeted like that."""
