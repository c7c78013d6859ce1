"""The front door: SMTP and LMTP sessions on the service's own loop.

A message is acknowledged (250) only after `accept` has committed it. Whatever goes wrong before, the client is told to
come back (4xx) or why never (5xx), and never hears of our insides. What the library leaves open is closed here: it
has no limit on recipients, commands or connections, takes a bare line feed for the end of a command, answers a passing
fault with a permanent 500 and its text, lets a line without end fill the memory, and hangs on some broken handshakes.
This module does not read mail; `parse` does that later.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import AnyStr

from aiosmtpd.smtp import SMTP as LibrarySession
from aiosmtpd.smtp import Envelope as LibraryTransaction
from aiosmtpd.smtp import Session as Greeting

from bot.mail.content import refusal_of
from bot.mail.content_reader import EndlessContent, read_content
from bot.mail.limits import Limits
from bot.mail.lmtp import LMTP, SMTP, Dialect
from bot.mail.peers import Network
from bot.mail.received import Handover
from bot.mail.smtp_connection import SESSION_TOO_LONG, Connection, Stage
from bot.mail.smtp_server import Accept, Door, Envelope, HasRoom, Listen, SmtpServer, envelope_of, where
from bot.mail.smtp_text import (
    REPLY_CODE,
    WEB_VERBS,
    are_parameters_plain,
    mailbox,
    printable,
    read_command,
    with_enhanced_code,
)
from bot.mail.tls import Certificates

__all__ = ["Envelope", "SmtpServer", "serve_smtp"]

_log = logging.getLogger(__name__)

_NO_ROOM = "452 4.3.1 Insufficient system storage, please try again later"
_TRY_LATER = "451 4.3.0 Not stored, please try again later"
_SIZE = "SIZE="
_LOOKED_AT_ON_THE_LOOP = 262_144
"""Octets of content that are looked at on the loop; more are looked at beside it."""


async def serve_smtp(
    listen: Listen,
    *,
    accept: Accept,
    is_recipient: Callable[[str], bool],
    limits: Limits,
    hostname: str,
    dialect: Dialect = SMTP,
    certificates: Certificates | None = None,
    is_tls_required: bool = False,
    proxies: tuple[Network, ...] = (),
    relays: tuple[Network, ...] = (),
    socket_mode: int = 0o660,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    has_room: HasRoom = lambda _: True,
) -> SmtpServer:
    """Listen on (host, port), port 0 for any free one, or at the path of a Unix socket. OSError if it cannot be had.

    `accept` returns once the message is committed, and raises if it is not. `is_recipient` tells our addresses. Both
    run on the current loop; one message to several of our addresses is one `accept`. `certificates` makes STARTTLS
    known, `is_tls_required` refuses mail without it. Where `proxies` are given, only they may connect, and must begin
    with a PROXY header. `relays` are mail servers of our own, which are not counted by their address. While there is
    not `has_room`, which is asked at every message, mail is put off. Each listener keeps `limits` by itself.
    """
    if is_tls_required and certificates is None:
        raise ValueError("TLS is required of clients, but there is no certificate to offer it with")
    # The library logs addresses and whole commands at INFO; logs hold neither.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    kept_by = Door(hostname, dialect, certificates, is_tls_required, proxies, relays, now, has_room)
    server = SmtpServer(accept, is_recipient, limits, kept_by)
    await server.open(listen, socket_mode, _Session)
    return server


class _Transaction(LibraryTransaction):
    """One message in the making."""

    known = 0
    """Accepted RCPT commands, repeated ones included: what LMTP answers, and what is limited."""


class _Hooks:
    """What the library asks at each command."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_EHLO(
        self, session: _Session, greeting: Greeting, transaction: _Transaction, hostname: str, responses: list[str]
    ) -> list[str]:
        greeting.host_name = hostname
        offered = [line for line in responses if line != "250 HELP"]
        starttls = ["250-STARTTLS"] if session.is_tls_offered else []
        return [*offered, *starttls, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(
        self, session: _Session, greeting: Greeting, transaction: _Transaction, address: str, options: list[str]
    ) -> str:
        if not address.isascii() and not transaction.smtp_utf8:
            return "553 5.6.7 Such an address needs SMTPUTF8"  # RFC 6531 section 3.5
        told = [int(option[len(_SIZE) :]) for option in options if option.startswith(_SIZE)]
        if told and not self._server.door.has_room(told[0]):
            return _NO_ROOM
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        return "250 2.1.0 Sender noted"

    async def handle_RCPT(
        self, session: _Session, greeting: Greeting, transaction: _Transaction, address: str, options: list[str]
    ) -> str:
        if transaction.known >= self._server.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if not address.isascii() and not transaction.smtp_utf8:
            return "553 5.6.7 Such an address needs SMTPUTF8"
        if not self._server.is_recipient(address):
            return "550 5.1.1 No such mailbox here"
        transaction.known += 1
        if address not in transaction.rcpt_tos:
            transaction.rcpt_tos.append(address)
        return "250 2.1.5 Recipient known"


class _Session(Connection, LibrarySession):
    """One client. The library keeps the state of MAIL and RCPT; the course of commands, content and TLS are ours."""

    def __init__(self, server: SmtpServer) -> None:
        Connection.__init__(self, server)
        # In the library all sessions share these: one's EHLO widens them and another's start clears them.
        self.command_size_limits = defaultdict(int)
        self.line_length_limit = server.limits.line_length
        self._is_admitted = False
        self._is_greeting = False
        self._ending: asyncio.TimerHandle | None = None
        self._replies = 0
        self._errors = 0
        self._messages = 0
        LibrarySession.__init__(
            self,
            _Hooks(server),
            data_size_limit=server.limits.message_bytes,
            enable_SMTPUTF8=True,
            hostname=self._door.hostname,
            ident=self._door.dialect.banner,
            timeout=server.limits.idle_seconds,
            loop=asyncio.get_running_loop(),
        )

    # -- connection -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the client or send it away."""
        refusal = self._server.admit(self) or self.refusal_at_sight(transport)
        if refusal:
            self._server.leave(self)
            self.turn_away(transport, refusal)
            return
        self._is_admitted = True
        self._ending = self.loop.call_later(self._limits.session_seconds, self.take_leave, SESSION_TOO_LONG)
        LibrarySession.connection_made(self, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the client out. A handshake that fails may bring this about twice, which does no harm."""
        self._server.leave(self)
        if self._ending is not None:
            self._ending.cancel()
        if self._is_admitted:
            LibrarySession.connection_lost(self, error)

    def eof_received(self) -> bool | None:
        """The client will send no more. What it sent before is still carried out, and it may listen for the answers.

        The library would cancel the session here, with commands unread and a message perhaps half stored. TLS has no
        such state: there the end of one direction is the end of both.
        """
        stays_open = asyncio.StreamReaderProtocol.eof_received(self) if self._is_admitted else False
        return stays_open and self._tls is None

    def _timeout_cb(self) -> None:
        self.hang_up("421 4.4.2 Timeout, closing connection")

    def _create_envelope(self) -> LibraryTransaction:
        return _Transaction()

    # -- replies --------------------------------------------------------------------------------------------------

    async def push(self, status: AnyStr) -> None:
        """Send one reply line, with its enhanced code (RFC 2034), and end the session after too many."""
        await self._reply(status.decode("utf-8", "replace") if isinstance(status, bytes) else str(status))

    async def _reply(self, text: str, times: int = 1) -> None:
        if not self._is_greeting:
            text = with_enhanced_code(text)
        self._writer.write((printable(text).encode("ascii") + b"\r\n") * times)
        await self._writer.drain()
        if REPLY_CODE.match(text):
            self._replies += 1
            self._errors += text.startswith("5")
        if self._replies > self._limits.commands or self._errors > self._limits.errors:
            await self.end("421 4.7.0 Too many commands or errors, closing connection")

    # -- the course of a session ----------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        try:
            if self._door.proxies:
                self._reset_timeout(self._limits.proxy_seconds)
                await self.learn_client()
                self._reset_timeout()
            await self.push(f"220 {self._door.hostname} {self._door.dialect.banner}")
            while self.transport is not None:
                await self._carry_out_next()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hang_up("421 4.4.2 Connection ended by client")
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _carry_out_next(self) -> None:
        """One command. A fault of ours in it is passing, as far as the client is concerned."""
        try:
            command = read_command(await self.read_line(), self._limits.command_length)
            if isinstance(command, str):
                await self.push(command)
                return
            method = self._smtp_methods.get(command.verb)
            if command.verb in self._door.dialect.foreign_greetings:
                await self.push(f"500 5.5.1 {self._door.dialect.name} is spoken here")
            elif command.verb in WEB_VERBS:
                await self.end("421 4.7.0 This is no web server")
            elif method is None:
                await self.push("500 5.5.2 Command not recognized")
            else:
                self._reset_timeout()
                await method(command.argument)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise
        except Exception as error:
            _log.error("an SMTP session met a fault: %s", where(error))
            self._set_rset_state()  # type: ignore[no-untyped-call]  # the library's, unannotated
            await self.push(_TRY_LATER)

    # -- commands -------------------------------------------------------------------------------------------------

    async def check_helo_needed(self, helo: str = "") -> bool:
        """Whether the client must introduce itself first; if so, it has been told."""
        return await super().check_helo_needed("LHLO" if self._door.dialect is LMTP else "EHLO")

    async def smtp_HELO(self, hostname: str) -> None:
        """Greeting; its reply bears no enhanced code."""
        await self._greet(super().smtp_HELO(hostname))

    async def smtp_EHLO(self, hostname: str) -> None:
        """Greeting and what we can do; its reply bears no enhanced code."""
        await self._greet(super().smtp_EHLO(hostname))

    async def smtp_LHLO(self, hostname: str) -> None:
        """The same in LMTP."""
        await self._greet(super().smtp_EHLO(hostname))

    async def _greet(self, greeting: Awaitable[None]) -> None:
        self._is_greeting = True
        try:
            await greeting
        finally:
            self._is_greeting = False

    async def smtp_VRFY(self, arg: str) -> None:
        """Tell nobody who is here."""
        await self.push("252 2.5.0 Send some mail to find out")

    async def smtp_HELP(self, arg: str) -> None:
        """Little to tell."""
        await self.push("214 2.0.0 See RFC 5321")

    async def smtp_AUTH(self, arg: str) -> None:
        """Nobody logs in here."""
        await self.push("502 5.5.1 Not offered")

    async def smtp_QUIT(self, arg: str) -> None:
        """Goodbye, also to a client that does not listen any more."""
        if arg:
            await self.push("501 5.5.4 Syntax: QUIT")
        else:
            await self.end("221 2.0.0 Bye")

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Go on encrypted, and know nothing of what was said in the clear. Counts and limits stay."""
        if self._door.certificates is None:
            await self.push("502 5.5.1 Not offered")
        elif self._tls is not None:
            await self.push("503 5.5.1 Encrypted already")
        elif arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
        elif await self.secure():
            self.session = self._create_session()
            self._set_rset_state()  # type: ignore[no-untyped-call]  # the library's, unannotated
            self._reset_timeout()

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a message, if the session may still bring one."""
        if self._door.is_tls_required and self._tls is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
        elif self._messages >= self._limits.session_messages:
            await self.end("421 4.7.0 Too many messages in one session, please open another")
        else:
            await super().smtp_MAIL(arg)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Address and parameters of MAIL and RCPT. The library's own reading takes control characters."""
        return mailbox(arg)

    def _getparams(self, params: Sequence[str]) -> dict[str, str | bool] | None:
        """Parameters by name, None if they are malformed. The library's takes digits that are none, and the last."""
        return super()._getparams(params) if are_parameters_plain(params) else None

    async def smtp_DATA(self, arg: str) -> None:
        """Take the content, look whether it can be taken at all, and have it stored."""
        transaction = self.envelope
        assert isinstance(transaction, _Transaction)  # noqa: S101  # the library asks us to make them
        if await self.check_helo_needed():
            return
        if not transaction.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not self._door.has_room(0):
            await self.push(_NO_ROOM)
            return
        self._messages += 1
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            reply = await self._take_message(transaction)
        except EndlessContent:
            await self.end("552 5.3.4 Message too big")
            raise
        except asyncio.CancelledError:
            self.say("421 4.3.2 Not stored, please try again later")
            raise
        finally:
            self._stage = Stage.COMMANDS
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # the library's, unannotated
        self._reset_timeout()
        await self._reply(reply, self._door.dialect.replies_after_content(transaction.known))
        if self._farewell:
            self.hang_up(self._farewell)

    async def _take_message(self, transaction: _Transaction) -> str:
        self._stage = Stage.CONTENT
        self._reset_timeout(self._limits.data_seconds)
        with self._server.room.share() as share:
            content = await read_content(self._reader, self._limits, share)
            if isinstance(content, str):
                return content
            if len(content) <= _LOOKED_AT_ON_THE_LOOP:
                refusal = refusal_of(content, self._limits)
            else:
                refusal = await asyncio.to_thread(refusal_of, content, self._limits)
            if refusal:
                return refusal
            self._stage = Stage.STORING
            self._reset_timeout(self._limits.accept_seconds + self._limits.closing_seconds)
            sender = "" if transaction.mail_from == "<>" else transaction.mail_from or ""
            envelope = envelope_of(self._handover(transaction), sender, content)
            return "250 2.0.0 Stored" if await self._server.store(envelope) else _TRY_LATER

    def _handover(self, transaction: _Transaction) -> Handover:
        assert self.session is not None  # noqa: S101  # the library sets it when the connection is made
        return Handover(
            helo=self.session.host_name or "",
            peer=self._peer,
            hostname=self._door.hostname,
            dialect=self._door.dialect,
            is_extended=self.session.extended_smtp,
            is_utf8=transaction.smtp_utf8,
            tls=self._tls,
            token=secrets.token_hex(8),
            recipients=tuple(transaction.rcpt_tos),
            at=self._door.now(),
        )
