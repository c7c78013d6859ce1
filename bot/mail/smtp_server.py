"""The listening socket, the sessions that came from it, and the messages that are being stored.

Nothing here speaks SMTP; `smtp_in` does, and gives this the sessions. A message that is being stored is carried to its
end whatever becomes of its client.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.mail.limits import Limits

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it came through the door."""

    mail_from: str
    """The envelope sender; empty for the null sender."""
    recipients: tuple[str, ...]
    """Ours, each once, as the client wrote them."""
    raw: bytes
    peer: str
    """The client's address."""
    helo: str
    """The name it gave, printable characters only."""


Accept = Callable[[Envelope], Awaitable[None]]


class Session(Protocol):
    """One client's session, as far as the server is concerned."""

    def shut_down(self) -> None:
        """Tell the client to come back, now or after the answer to the message that is being stored."""

    def cut(self) -> None:
        """Let go of the connection without waiting for anything."""


class SmtpServer:
    """The listening socket and the sessions that came from it."""

    def __init__(self, accept: Accept, is_recipient: Callable[[str], bool], limits: Limits, hostname: str) -> None:
        self.limits = limits
        self.is_recipient = is_recipient
        self.hostname = hostname
        self.is_closing = False
        self._accept = accept
        self._listener: asyncio.Server | None = None
        self._sessions: set[Session] = set()
        self._by_host: Counter[str] = Counter()
        self._accepting: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int, session: Callable[[SmtpServer], asyncio.Protocol]) -> None:
        """Begin to listen; `session` makes the protocol of each connection."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: session(self), host, port)

    @property
    def port(self) -> int:
        """The port that was bound."""
        if self._listener is None or not self._listener.sockets:
            raise RuntimeError("the server does not listen")
        return int(self._listener.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and tell every client to come back. A message that is being stored is answered first."""
        self.is_closing = True
        if self._listener is not None:
            self._listener.close()
        for session in tuple(self._sessions):
            session.shut_down()

    async def wait_closed(self) -> None:
        """Return when every session has ended; those that do not end in time are cut off."""
        if self._accepting:
            await asyncio.wait(set(self._accepting), timeout=self.limits.accept_seconds)
        deadline = asyncio.get_running_loop().time() + self.limits.closing_seconds
        while self._sessions and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        for session in tuple(self._sessions):
            session.cut()
        if self._listener is not None:
            await self._listener.wait_closed()

    def admit(self, session: Session, host: str) -> bool:
        """Count a new session in; False if there are too many."""
        limits = self.limits
        is_full = len(self._sessions) >= limits.connections or self._by_host[host] >= limits.connections_per_address
        if is_full or self.is_closing:
            return False
        self._sessions.add(session)
        self._by_host[host] += 1
        return True

    def leave(self, session: Session, host: str) -> None:
        """Count an ended session out."""
        if session in self._sessions:
            self._sessions.discard(session)
            self._by_host[host] -= 1
            if self._by_host[host] <= 0:
                del self._by_host[host]

    async def store(self, envelope: Envelope) -> bool:
        """Have a message committed; whether it was. A client that goes away meanwhile does not interrupt it."""
        task = asyncio.ensure_future(self._run_accept(envelope))
        self._accepting.add(task)
        task.add_done_callback(self._settled)
        await asyncio.wait({task}, timeout=self.limits.accept_seconds)
        return task.done() and not task.cancelled() and task.exception() is None

    async def _run_accept(self, envelope: Envelope) -> None:
        await self._accept(envelope)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._accepting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a message was not stored: %s", where(error))


def counted_host(peer: str) -> str:
    """What connections are counted by: an IPv4 address, or the IPv6 network that one customer has."""
    with suppress(ValueError):
        address = ipaddress.ip_address(peer.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address):
            mapped = address.ipv4_mapped
            return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return peer


def where(error: BaseException) -> str:
    """A fault's kind and place. Its text may hold a message's content, so it stays out of the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{place}"
