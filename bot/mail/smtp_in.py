"""The front door: SMTP sessions on the service's own loop.

A message is acknowledged (250) only after `accept` has committed it. Whatever goes wrong before, the client is told to
come back (4xx) or why never (5xx), and never hears of our insides. What the library leaves open is closed here: it
has no limit on recipients, commands or connections, answers a passing fault with a permanent 500 and its text, lets
a line without end fill the memory, and cuts what follows no rule at all (bare line feeds, NUL) into content.
This module does not read mail; `parse` does that later.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, syntax
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Greeting

from bot.mail.content import refusal_of
from bot.mail.limits import Limits
from bot.mail.smtp_server import Accept, Envelope, SmtpServer, counted_host, where
from bot.mail.smtp_text import REPLY_CODE, mailbox, printable, with_enhanced_code

__all__ = ["Envelope", "SmtpServer", "serve_smtp"]

_log = logging.getLogger(__name__)

_TRY_LATER = "451 4.3.0 Not stored, please try again later"
_CLOSING = "421 4.3.2 Service shutting down, please try again later"


async def serve_smtp(
    listen: tuple[str, int],
    *,
    accept: Accept,
    is_recipient: Callable[[str], bool],
    limits: Limits,
    hostname: str,
) -> SmtpServer:
    """Listen on (host, port), port 0 for any free one. OSError if the address cannot be had.

    `accept` returns once the message is committed, and raises if it is not. `is_recipient` tells our addresses. Both
    run on the current loop; one message to several of our addresses is one `accept`.
    """
    # The library logs addresses and whole commands at INFO; logs hold neither.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = SmtpServer(accept, is_recipient, limits, hostname)
    await server.open(*listen, _Session)
    return server


class _Stage(Enum):
    COMMANDS = auto()
    CONTENT = auto()
    STORING = auto()


class _Hooks:
    """What the library asks at each command."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def handle_EHLO(
        self, session: SMTP, greeting: Greeting, transaction: Transaction, hostname: str, responses: list[str]
    ) -> list[str]:
        greeting.host_name = hostname
        offered = [line for line in responses if not line.startswith("250-AUTH ") and line != "250 HELP"]
        return [*offered, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(
        self, session: SMTP, greeting: Greeting, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        return "250 2.1.0 Sender noted"

    async def handle_RCPT(
        self, session: SMTP, greeting: Greeting, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        if len(transaction.rcpt_tos) >= self._server.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if not self._server.is_recipient(address):
            return "550 5.1.1 No such mailbox here"
        if address not in transaction.rcpt_tos:
            transaction.rcpt_tos.append(address)
        return "250 2.1.5 Recipient known"


class _Session(SMTP):
    """One client. Room is left for STARTTLS, LMTP and PROXY, which the library brings along."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._limits = server.limits
        # In the library all sessions share these: one's EHLO widens them and another's start clears them.
        self.command_size_limits = defaultdict(lambda: server.limits.command_length)
        self.command_size_limit = server.limits.command_length
        self.line_length_limit = server.limits.line_length
        self._stage = _Stage.COMMANDS
        self._host = ""
        self._is_admitted = False
        self._is_greeting = False
        self._is_leaving = False
        self._replies = 0
        self._errors = 0
        super().__init__(
            _Hooks(server),
            data_size_limit=server.limits.message_bytes,
            enable_SMTPUTF8=True,
            hostname=server.hostname,
            ident="ESMTP",
            timeout=server.limits.idle_seconds,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            loop=asyncio.get_running_loop(),
        )

    # -- connection -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the client or send it away."""
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple) else "local"
        self._host = counted_host(self._peer)
        self._is_admitted = self._server.admit(self, self._host)
        if self._is_admitted:
            super().connection_made(transport)
            return
        self.transport = transport
        self._say("421 4.3.2 Too many connections, please try again later")
        transport.close()
        self.loop.call_later(self._limits.closing_seconds, _abort, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the client out."""
        self._server.leave(self, self._host)
        if self._is_admitted:
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The client will send no more. What it sent before is still carried out, and it may listen for the answers.

        The library would cancel the session here, with commands unread and a message perhaps half stored.
        """
        return asyncio.StreamReaderProtocol.eof_received(self) if self._is_admitted else False

    def shut_down(self) -> None:
        """Tell the client to come back, now or after the answer to the message that is being stored."""
        self._is_leaving = True
        if self._stage is not _Stage.STORING:
            self._hang_up(_CLOSING)

    def cut(self) -> None:
        """Let go of the connection without waiting for anything."""
        _abort(self.transport)

    def _timeout_cb(self) -> None:
        self._hang_up("421 4.4.2 Timeout, closing connection")

    def _hang_up(self, reply: str) -> None:
        """Last words, sent if the client reads them in time."""
        transport = self.transport
        if transport is None:
            return
        self._say(reply)
        transport.close()
        # A client that reads nothing would keep its connection for ever.
        self.loop.call_later(self._limits.closing_seconds, _abort, transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def _say(self, reply: str) -> None:
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(reply.encode("ascii", "replace") + b"\r\n")

    # -- replies --------------------------------------------------------------------------------------------------

    async def push(self, status: AnyStr) -> None:
        """Send one reply line, with its enhanced code (RFC 2034), and end the session after too many."""
        text = status.decode("utf-8", "replace") if isinstance(status, bytes) else str(status)
        if not self._is_greeting:
            text = with_enhanced_code(text)
        await super().push(printable(text))
        if REPLY_CODE.match(text):
            self._replies += 1
            self._errors += text.startswith("5")
        if self._replies > self._limits.commands or self._errors > self._limits.errors:
            self._hang_up("421 4.7.0 Too many commands or errors, closing connection")
            await asyncio.sleep(0)  # Here the session ends: hanging up cancelled it.

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours is passing, as far as the client is concerned."""
        if isinstance(error, asyncio.IncompleteReadError):
            self._hang_up("421 4.4.2 Connection ended by client")
            return _TRY_LATER
        _log.error("an SMTP session met a fault: %s", where(error))
        self._set_rset_state()  # type: ignore[no-untyped-call]  # the library's, unannotated
        return _TRY_LATER

    # -- commands -------------------------------------------------------------------------------------------------

    async def smtp_HELO(self, hostname: str) -> None:
        """Greeting; its reply bears no enhanced code."""
        await self._greet(super().smtp_HELO(hostname))

    async def smtp_EHLO(self, hostname: str) -> None:
        """Greeting and what we can do; its reply bears no enhanced code."""
        self.command_size_limits.clear()
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

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Address and parameters of MAIL and RCPT. The library's own reading takes control characters."""
        return mailbox(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Take the content, look whether it can be taken at all, and have it stored."""
        assert self.envelope is not None  # noqa: S101  # the library sets it when the connection is made
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            reply = await self._take_message(self.envelope)
        except asyncio.CancelledError:
            self._say("421 4.3.2 Not stored, please try again later")
            raise
        finally:
            self._stage = _Stage.COMMANDS
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # the library's, unannotated
        self._reset_timeout()
        await self.push(reply)
        if self._is_leaving:
            self._hang_up(_CLOSING)

    async def _take_message(self, transaction: Transaction) -> str:
        self._stage = _Stage.CONTENT
        self._reset_timeout(self._limits.data_seconds)
        content = await self._read_content()
        if isinstance(content, str):
            return content
        refusal = refusal_of(content, self._limits)
        if refusal:
            return refusal
        self._stage = _Stage.STORING
        self._reset_timeout(self._limits.accept_seconds + self._limits.closing_seconds)
        assert self.session is not None  # noqa: S101  # the library sets it when the connection is made
        envelope = Envelope(
            mail_from="" if transaction.mail_from == "<>" else transaction.mail_from or "",
            recipients=tuple(transaction.rcpt_tos),
            raw=content,
            peer=self._peer,
            helo=printable(self.session.host_name or "")[:255],
        )
        return "250 2.0.0 Stored" if await self._server.store(envelope) else _TRY_LATER

    async def _read_content(self) -> bytes | str:
        """The content, dots unstuffed, or the reply that refuses it. Ends at CRLF.CRLF and nothing else."""
        kept = bytearray()  # One object: ten megabytes of empty lines would be hundreds as a list of them.
        octets = 0
        is_line_start = True
        is_too_long = False
        limits = self._limits
        while True:
            try:
                line = await self._reader.readuntil(b"\r\n")
                is_whole = True
            except asyncio.LimitOverrunError as overrun:
                line = await self._reader.read(overrun.consumed)
                is_whole, is_too_long = False, True
            if is_line_start and line == b".\r\n":
                break
            octets += len(line)
            if octets > limits.drain_factor * limits.message_bytes:
                self._hang_up("552 5.3.4 Message too big")
                await asyncio.sleep(0)
            if octets > limits.message_bytes or is_too_long:
                kept.clear()  # Read on to the end, for most clients hear no reply before it; but keep nothing.
            else:
                kept += line[1:] if is_line_start and line.startswith(b".") else line
            is_line_start = is_whole
        if octets > limits.message_bytes:
            return "552 5.3.4 Message too big"
        return "500 5.5.2 Line too long" if is_too_long else bytes(kept)


def _abort(transport: Any) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
