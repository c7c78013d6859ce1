"""One client's connection below its commands: who it is, how it becomes encrypted, and how it ends, whatever it does.

`smtp_in` builds its sessions on this. Every way to end is bounded in time, also for a client that reads nothing.
"""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import cast

from bot.mail.content_reader import waiting_octets
from bot.mail.limits import Limits
from bot.mail.peers import LOCAL, UNKNOWN, is_within, peer_of
from bot.mail.proxy_line import NoProxyHeader, read_proxy_line
from bot.mail.smtp_server import Door, SmtpServer
from bot.mail.tls import Agreed, agreed

CLOSING = "421 4.3.2 Service shutting down, please try again later"
SESSION_TOO_LONG = "421 4.4.2 Session too long, closing connection"
_NOT_THIS_WAY = "421 4.7.0 Not reachable this way"
_PASSED_BY = "a client came past the load balancers and was sent away; if it is one, its network must be listed"


class Stage(Enum):
    """What a session is at."""

    COMMANDS = auto()
    HANDSHAKE = auto()
    CONTENT = auto()
    STORING = auto()


class Connection:
    """What a session knows of its client, and how it lets go. The fields below are the SMTP library's."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.BaseTransport | None
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _handler_coroutine: asyncio.Task[None] | None

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._door: Door = server.door
        self._limits: Limits = server.limits
        self._stage = Stage.COMMANDS
        self._peer = UNKNOWN
        self._tls: Agreed | None = None
        self._farewell = ""
        """The last words, once it is decided that the session ends."""

    @property
    def wire(self) -> asyncio.Transport | None:
        """The connection, if there is one. A loop's transports do what asyncio's do, but need not be a subclass."""
        return cast("asyncio.Transport | None", self.transport)

    @property
    def is_tls_offered(self) -> bool:
        """Whether the client may still say STARTTLS."""
        return self._door.certificates is not None and self._tls is None

    def shut_down(self) -> None:
        """Tell the client to come back, now or after the answer to the message that is being stored."""
        self.take_leave(CLOSING)

    def cut(self) -> None:
        """Let go of the connection without waiting for anything."""
        abort(self.wire)

    def take_leave(self, reply: str) -> None:
        """End the session with `reply`, but not in the middle of storing a message."""
        self._farewell = reply
        if self._stage is not Stage.STORING:
            self.hang_up(reply)

    def hang_up(self, reply: str) -> None:
        """Last words, sent if the client reads them in time. In a handshake there is no way to say them."""
        transport = self.wire
        if transport is None:
            return
        if self._stage is Stage.HANDSHAKE:
            abort(transport)
        else:
            self.say(reply)
            transport.close()
            # A client that reads nothing would keep its connection for ever.
            self.loop.call_later(self._limits.closing_seconds, abort, transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    async def end(self, reply: str) -> None:
        """Hang up from within the session. Does not return: hanging up cancels it."""
        self.hang_up(reply)
        await asyncio.sleep(0)

    def say(self, reply: str) -> None:
        """Write a line without waiting; nothing on a connection that is closing."""
        transport = self.wire
        if transport is not None and not transport.is_closing():
            transport.write(reply.encode("ascii", "replace") + b"\r\n")

    def turn_away(self, transport: asyncio.BaseTransport, reply: str) -> None:
        """Say why and close. No patience with a client that cannot even take this, for there may be very many."""
        self.transport = transport
        self.say(reply)
        transport.close()
        if self.wire is not None and self.wire.get_write_buffer_size():
            self.wire.abort()

    def refusal_at_sight(self, transport: asyncio.BaseTransport) -> str:
        """Count the client in, as far as it is known yet, or the reply that sends it away."""
        self._peer = LOCAL if self._server.is_unix else peer_of(transport.get_extra_info("peername"))
        if not self._door.proxies:
            return self._server.admit_peer(self, self._peer)
        if is_within(self._peer, self._door.proxies):
            return ""  # Counted once we know for whom it speaks.
        self._server.tell_once(_PASSED_BY)
        return _NOT_THIS_WAY

    async def learn_client(self) -> None:
        """Have the load balancer say who the client is, and count that one in. The caller bounds the time."""
        try:
            self._peer = await read_proxy_line(self._reader)
        except NoProxyHeader as fault:
            self._server.tell_once(f"a load balancer's connection was closed: {fault}")
            await self.end(_NOT_THIS_WAY)
        refusal = self._server.admit_peer(self, self._peer)
        if refusal:
            await self.end(refusal)

    async def read_line(self) -> bytes:
        """One line with its end. Of a line far too long nothing is true but that it is too long."""
        skipped = 0
        while True:
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as overrun:
                skipped += len(await self._reader.read(overrun.consumed))
                if skipped > self._limits.message_bytes:
                    await self.end("500 5.5.2 Command line too long")
            else:
                return line if not skipped else bytes(self._limits.command_length + 1)

    async def secure(self) -> bool:
        """The handshake behind STARTTLS (RFC 3207 section 4); whether it came about. If not, the connection is gone.

        What was sent in the clear behind STARTTLS must not be taken for what comes encrypted (CVE-2011-0411): nothing
        is read from here on but by TLS, and whoever has sent something already is an intruder or cannot wait.
        """
        raw, certificates = self.wire, self._door.certificates
        if raw is None or certificates is None:
            return False
        raw.pause_reading()
        if waiting_octets(self._reader):
            await self.end("554 5.5.1 Nothing may follow STARTTLS before the handshake")
        self._stage = Stage.HANDSHAKE
        raw.write(b"220 2.0.0 Ready to start TLS\r\n")
        secured: asyncio.Transport | None = None
        try:
            secured = await self.loop.start_tls(
                raw,
                self,  # type: ignore[arg-type]  # It is a protocol together with the library's session.
                certificates.current(),
                server_side=True,
                ssl_handshake_timeout=self._limits.handshake_seconds,
                ssl_shutdown_timeout=self._limits.closing_seconds,
            )
        except OSError:
            pass  # The handshake failed, took too long, or the client left.
        finally:
            self._stage = Stage.COMMANDS
            if secured is None:  # Also what comes back, without an exception, if the connection was cut meanwhile.
                abort(raw)
                self.connection_lost(None)
        if secured is None or self.transport is None:
            return False
        self._go_on_with(secured)
        raw.resume_reading()  # In case that the reader stopped it, being fuller than it likes.
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """The connection has ended; may be told more than once. The protocol that this is mixed into does it."""
        raise NotImplementedError

    def _go_on_with(self, secured: asyncio.Transport) -> None:
        self._tls = agreed(secured.get_extra_info("ssl_object"))
        self.transport = secured
        # There is no public way to give a reader and a writer another transport; the SMTP library does the same.
        self._reader._transport = secured  # type: ignore[attr-defined]  # See above.
        self._writer._transport = secured  # type: ignore[attr-defined]  # See above.


def abort(transport: asyncio.Transport | None) -> None:
    """Cut a connection, if there is one."""
    if transport is not None:
        transport.abort()
