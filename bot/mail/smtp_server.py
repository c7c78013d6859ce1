"""The listening socket, the sessions that came from it, and the messages that are being stored.

Nothing here speaks SMTP; `smtp_in` does, and gives this the sessions. A message that is being stored is carried to its
end whatever becomes of its client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.mail.connection_rate import ConnectionRate
from bot.mail.content_reader import Room
from bot.mail.limits import Limits
from bot.mail.lmtp import Dialect
from bot.mail.peers import Network, Peer, counted_host, is_stranger, is_within
from bot.mail.received import Handover, protocol, received_field
from bot.mail.smtp_text import printable
from bot.mail.tls import Agreed, Certificates
from bot.mail.unix_socket import identity, listening_socket, remove

_log = logging.getLogger(__name__)

_MOST_HELO = 255
_FULL = "421 4.3.2 Too many connections, please try again later"
_TOO_OFTEN = "421 4.7.0 Too many connections in a short time, please try again later"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it came through the door."""

    mail_from: str
    """The envelope sender; empty for the null sender."""
    recipients: tuple[str, ...]
    """Ours, each once, as the client wrote them."""
    raw: bytes
    """The message as the client sent it, byte for byte."""
    peer: str
    """The client's address, also behind a load balancer; "local" for a Unix socket, "unknown" where nobody told."""
    helo: str
    """The name it gave, printable characters only."""
    peer_port: int | None = None
    protocol: str = "SMTP"
    """As the Received field says it: ESMTP, ESMTPS, LMTP and so on."""
    tls: Agreed | None = None
    """What STARTTLS agreed on; None for a message in the clear."""
    received: bytes = b""
    """The Received field that belongs above the message, its line end included."""

    @property
    def is_tls(self) -> bool:
        """Whether the message came encrypted."""
        return self.tls is not None

    @property
    def traced(self) -> bytes:
        """What is kept: the message below our Received field."""
        return self.received + self.raw


def envelope_of(handover: Handover, mail_from: str, raw: bytes) -> Envelope:
    """The message `raw` as it was handed over."""
    return Envelope(
        mail_from=mail_from,
        recipients=handover.recipients,
        raw=raw,
        peer=handover.peer.name,
        helo=printable(handover.helo)[:_MOST_HELO],
        peer_port=handover.peer.port,
        protocol=protocol(handover),
        tls=handover.tls,
        received=received_field(handover),
    )


Accept = Callable[[Envelope], Awaitable[None]]
HasRoom = Callable[[int], bool]
"""Whether there is room to keep so many octets more."""
Listen = tuple[str, int] | Path


@dataclass(frozen=True, slots=True)
class Door:
    """How a listener receives its clients."""

    hostname: str
    """Ours, as the greeting and the Received field name it."""
    dialect: Dialect
    certificates: Certificates | None
    """What STARTTLS shows; None where it is not offered."""
    is_tls_required: bool
    proxies: tuple[Network, ...]
    """Where load balancers are, that must begin with a PROXY header. Empty: clients come themselves."""
    relays: tuple[Network, ...]
    """Where mail servers of our own are, that bring the mail of many and are not counted by their address."""
    now: Callable[[], datetime]
    has_room: HasRoom


class Session(Protocol):
    """One client's session, as far as the server is concerned."""

    def shut_down(self) -> None:
        """Tell the client to come back, now or after the answer to the message that is being stored."""

    def cut(self) -> None:
        """Let go of the connection without waiting for anything."""


class SmtpServer:
    """The listening socket and the sessions that came from it."""

    def __init__(self, accept: Accept, is_recipient: Callable[[str], bool], limits: Limits, door: Door) -> None:
        self.limits = limits
        self.is_recipient = is_recipient
        self.door = door
        self.is_closing = False
        self.room = Room(limits.content_bytes_at_once)
        self._accept = accept
        self._listener: asyncio.Server | None = None
        self._path: Path | None = None
        self._made: tuple[int, int] | None = None
        self._sessions: set[Session] = set()
        self._hosts: dict[Session, str] = {}
        self._by_host: Counter[str] = Counter()
        self._rate = ConnectionRate(
            limits.connection_burst,
            limits.connections_per_minute,
            limits.remembered_addresses,
            asyncio.get_running_loop().time,
        )
        self._accepting: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()

    async def open(self, listen: Listen, mode: int, session: Callable[[SmtpServer], asyncio.Protocol]) -> None:
        """Begin to listen; `session` makes the protocol of each connection. `mode` is that of a Unix socket."""
        loop = asyncio.get_running_loop()
        if isinstance(listen, Path):
            made = listening_socket(listen, mode)
            self._path, self._made = listen, identity(listen)
            self._listener = await loop.create_unix_server(lambda: session(self), sock=made)
        else:
            self._listener = await loop.create_server(lambda: session(self), *listen)

    @property
    def is_unix(self) -> bool:
        """Whether clients come by a Unix socket."""
        return self._path is not None

    @property
    def port(self) -> int:
        """The port that was bound."""
        if self._listener is None or not self._listener.sockets or self.is_unix:
            raise RuntimeError("the server does not listen on a port")
        return int(self._listener.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and tell every client to come back. A message that is being stored is answered first."""
        self.is_closing = True
        if self._listener is not None:
            self._listener.close()
        if self._path is not None:
            remove(self._path, self._made)
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

    def admit(self, session: Session) -> str:
        """Count a new session in, or the reply that sends it away."""
        if self.is_closing or len(self._sessions) >= self.limits.connections:
            return _FULL
        self._sessions.add(session)
        return ""

    def admit_peer(self, session: Session, peer: Peer) -> str:
        """Count a session to where its client is, or the reply that sends it away.

        Programs of this machine and a load balancer's checks may come as often as they like: they are ours.
        """
        host = counted_host(peer)
        if not is_within(peer, self.door.relays):
            if is_stranger(peer) and not self._rate.admits(host):
                return _TOO_OFTEN
            if peer.address is not None and self._by_host[host] >= self.limits.connections_per_address:
                return _FULL
        self._hosts[session] = host
        self._by_host[host] += 1
        return ""

    def tell_once(self, what: str) -> None:
        """Log what an operator must know but a stranger can repeat as often as he likes. `what` is one of a few."""
        if what not in self._told:
            self._told.add(what)
            _log.warning("%s (said once)", what)

    def leave(self, session: Session) -> None:
        """Count an ended session out. Once more does no harm."""
        self._sessions.discard(session)
        host = self._hosts.pop(session, None)
        if host is not None:
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


def where(error: BaseException) -> str:
    """A fault's kind and place. Its text may hold a message's content, so it stays out of the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{place}"
