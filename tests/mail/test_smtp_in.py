"""The front door, by real sessions: what it takes, what it refuses, and what no client can make it do."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiosmtpd.smtp import SMTP

from bot.mail.limits import Limits
from bot.mail.smtp_in import Envelope, SmtpServer, serve_smtp
from bot.mail.smtp_text import mailbox, with_enhanced_code

PROGRAM = "dspp@aastrom.com"
MESSAGE = b"From: ann@example.com\r\nTo: dspp@aastrom.com\r\nSubject: hello\r\n\r\nPlease invest $250.\r\n"
QUICK = replace(Limits(), closing_seconds=0.3)


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
    return address.lower() in {PROGRAM, "dspp+c2@aastrom.com"}


@asynccontextmanager
async def door(inbox: Inbox, limits: Limits = QUICK) -> AsyncIterator[SmtpServer]:
    server = await serve_smtp(
        ("127.0.0.1", 0), accept=inbox.accept, is_recipient=is_recipient, limits=limits, hostname="mx.aastrom.com"
    )
    try:
        yield server
    finally:
        if inbox.gate is not None:
            inbox.gate.set()
        server.close()
        await server.wait_closed()


class Client:
    """A client that says exactly what it is told to, and reads replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, server: SmtpServer) -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 20)
        return cls(reader, writer)

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

    async def asks(self, line: str | bytes) -> str:
        await self.say(line)
        return await self.hear()

    async def rest(self) -> list[str]:
        """Every reply until the connection ends."""
        heard = []
        while line := await self.hear():
            heard.append(line)
        return heard

    async def to_data(self, *recipients: str) -> None:
        await self.hear()
        assert (await self.asks("EHLO client.example.com")).startswith("250 ")
        assert (await self.asks("MAIL FROM:<ann@example.com>")).startswith("250 2.1.0")
        for recipient in recipients or (PROGRAM,):
            assert (await self.asks(f"RCPT TO:<{recipient}>")).startswith("250 2.1.5")
        assert (await self.asks("DATA")).startswith("354")

    async def close(self) -> None:
        self.writer.close()


async def with_smtplib(server: SmtpServer, work: Callable[[smtplib.SMTP], object]) -> object:
    def run() -> object:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
            return work(client)

    return await asyncio.to_thread(run)


# -- what it takes ----------------------------------------------------------------------------------------------------


async def test_a_message_is_accepted_whole() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        refused = await with_smtplib(server, lambda client: client.sendmail("ann@example.com", [PROGRAM], MESSAGE))
    assert refused == {}
    (envelope,) = inbox.kept
    assert envelope.mail_from == "ann@example.com"
    assert envelope.recipients == (PROGRAM,)
    assert envelope.raw == MESSAGE
    assert envelope.peer == "127.0.0.1"


async def test_one_message_to_several_of_our_addresses_is_accepted_once() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data(PROGRAM, "dspp+c2@aastrom.com", PROGRAM)
        assert (await client.asks(MESSAGE + b".")).startswith("250 2.0.0")
        await client.close()
    assert [envelope.recipients for envelope in inbox.kept] == [(PROGRAM, "dspp+c2@aastrom.com")]


async def test_dots_are_unstuffed_and_eight_bits_kept() -> None:
    inbox = Inbox()
    content = "Subject: café\r\n\r\n.\r\n..two\r\n.hidden\r\n".encode()
    async with door(inbox) as server:
        await with_smtplib(server, lambda client: client.sendmail("ann@example.com", [PROGRAM], content))
    assert inbox.kept[0].raw == content


async def test_the_null_sender_is_empty() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        await with_smtplib(server, lambda client: client.sendmail("", [PROGRAM], MESSAGE))
    assert inbox.kept[0].mail_from == ""


async def test_an_address_beyond_ascii_is_taken() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        assert (await client.asks("MAIL FROM:<jürgen@exämple.de> SMTPUTF8 BODY=8BITMIME")).startswith("250")
        await client.asks(f"RCPT TO:<{PROGRAM}>")
        await client.asks("DATA")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
        await client.close()
    assert inbox.kept[0].mail_from == "jürgen@exämple.de"


async def test_a_whole_pipelined_session_is_carried_out_though_the_client_stops_sending() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.say("EHLO c", "MAIL FROM:<a@b.example>", f"RCPT TO:<{PROGRAM}>", "DATA", MESSAGE + b".", "QUIT")
        client.writer.write_eof()
        heard = await client.rest()
    assert len(inbox.kept) == 1
    assert heard[-1].startswith("221")
    assert any(line == "250 2.0.0 Stored" for line in heard)


async def test_several_messages_go_through_one_session() -> None:
    inbox = Inbox()
    async with door(inbox) as server:

        def three(client: smtplib.SMTP) -> None:
            for _ in range(3):
                client.sendmail("ann@example.com", [PROGRAM], MESSAGE)

        await with_smtplib(server, three)
    assert len(inbox.kept) == 3


async def test_what_we_offer_and_how_replies_look() -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        assert (await client.hear()).startswith("220 mx.aastrom.com")
        await client.say("EHLO client.example.com")
        offered = []
        while True:
            line = (await client.reader.readline()).decode().rstrip()
            offered.append(line[4:])
            if line[3] == " ":
                break
        assert {"8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"} <= set(offered)
        assert f"SIZE {QUICK.message_bytes}" in offered
        assert not [line for line in offered if line.startswith(("AUTH", "HELP", "STARTTLS"))]
        for command in ("NOOP", "RSET", "VRFY ann@example.com", "NONSENSE", "DATA", "RCPT TO:<x@y>", "MAIL FROM:x", ""):
            reply = await client.asks(command)
            code, enhanced = reply.split(" ")[:2]
            assert enhanced.startswith(f"{code[0]}."), reply
        await client.close()


# -- what it refuses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("RCPT TO:<nobody@aastrom.com>", "550 5.1.1", id="an unknown mailbox"),
        pytest.param("RCPT TO:<dspp+cforged@aastrom.com>", "550 5.1.1", id="an address that we did not make"),
        pytest.param("RCPT TO:<>", "550 5.1.1", id="nobody"),
        pytest.param("RCPT TO:<dspp@aastrom.com\x00>", "553 5.1.3", id="NUL in a recipient"),
        pytest.param("RCPT TO:<dspp@aastrom.com", "553 5.1.3", id="an open bracket"),
        pytest.param("RCPT TO:<" + "a" * 300 + "@aastrom.com>", "553 5.1.3", id="an address without end"),
        pytest.param(b"RCPT TO:<\xff@aastrom.com>", "553 5.1.3", id="bytes that are no letters"),
        pytest.param("MAIL FROM:<again@example.com>", "503 5.5.1", id="a second sender"),
        pytest.param("X" * 1100, "500 5.5.2", id="a command line too long"),
        pytest.param("X" * 200_000, "500 5.5.2", id="a command line far too long"),
    ],
)
async def test_a_command_is_refused(command: str | bytes, code: str) -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        await client.asks("MAIL FROM:<ann@example.com>")
        assert (await client.asks(command)).startswith(code)
        await client.close()


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        pytest.param("<a\x00b@example.com>", "553 5.1.3", id="NUL"),
        pytest.param("<a b@example.com>", "553 5.1.3", id="a space"),
        pytest.param("<a@example.com> SIZE=10000001", "552 5.3.4", id="a size over the limit"),
        pytest.param("<a@example.com> SIZE=10000000", "250", id="a size at the limit"),
        pytest.param("<a@example.com> NOSUCH=1", "555", id="an unknown parameter"),
        pytest.param('<"ann smith"@example.com>', "250", id="a quoted local part"),
        pytest.param("<@relay.example,@other.example:a@example.com>", "250", id="a source route"),
        pytest.param("a@example.com", "250", id="without brackets"),
    ],
)
async def test_senders(sender: str, code: str) -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        assert (await client.asks(f"MAIL FROM:{sender}")).startswith(code)
        await client.close()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"Subject: x\r\n\r\none\ntwo\r\n", "550", id="a bare line feed"),
        pytest.param(b"Subject: x\r\n\r\none\rtwo\r\n", "550", id="a bare carriage return"),
        pytest.param(b"Subject: x\r\n\r\none\r\r\ntwo\r\n", "550", id="a doubled carriage return"),
        pytest.param(b"Subject: x\r\n\r\na\x00b\r\n", "550", id="NUL"),
        pytest.param(b"Received: by x\r\n" * 51 + b"\r\nhi\r\n", "554 5.4.6", id="going in circles"),
        pytest.param(b"Received: by x\r\n" * 50 + b"\r\nhi\r\n", "250", id="as many hops as allowed"),
        pytest.param(b"X: y\r\n" * 1001 + b"\r\nhi\r\n", "552", id="too many fields"),
        pytest.param(b"X: y\r\n" * 200_000 + b"\r\nhi\r\n", "552", id="200,000 fields"),
        pytest.param(b"X: " + b"y" * 60_000 + b"\r\n z" * 70_000 + b"\r\n\r\nhi\r\n", "552", id="a field without end"),
        pytest.param(b"Subject: x\r\n\r\n" + b"a" * 70_000 + b"\r\n", "500 5.5.2", id="a line too long"),
        pytest.param(b"Subject: x\r\n\r\n" + b"a" * 60_000 + b"\r\n", "250", id="a long line"),
        pytest.param(b"Subject: x\r\n\r\n" + (b"a" * 998 + b"\r\n") * 10_100, "552 5.3.4", id="oversize without SIZE"),
        pytest.param(b"", "250", id="nothing at all"),
    ],
)
async def test_content(content: bytes, code: str) -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(content + b".")
        assert (await client.hear()).startswith(code)
        # The session goes on, with nothing left over from that message.
        assert (await client.asks("DATA")).startswith("503 5.5.1")
        assert (await client.asks("NOOP")).startswith("250")
        await client.close()
    assert len(inbox.kept) == (code == "250")


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(end, id=repr(end))
        for end in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\n\n.\n", b"\r\n\x00.\r\n", b"\r.\r\n")
    ],
)
async def test_no_second_message_is_smuggled_in(end: bytes) -> None:
    inbox = Inbox()
    smuggled = b"MAIL FROM:<ceo@aastrom.com>\r\nRCPT TO:<dspp@aastrom.com>\r\nDATA\r\nSell all.\r\n"
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"Subject: x\r\n\r\nhello" + end + smuggled + b".")
        assert (await client.hear()).startswith("550")
        assert (await client.asks("NOOP")).startswith("250")
        await client.close()
    assert inbox.kept == []


# -- faults of ours ---------------------------------------------------------------------------------------------------


async def test_a_store_that_fails_is_a_passing_fault_and_its_text_stays_inside() -> None:
    inbox = Inbox(fault=RuntimeError("password of the database is hunter2"))
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        reply = await client.asks(MESSAGE + b".")
        assert reply == "451 4.3.0 Not stored, please try again later"
        # Mended, the same session gets it through.
        inbox.fault = None
        await client.asks("MAIL FROM:<ann@example.com>")
        await client.asks(f"RCPT TO:<{PROGRAM}>")
        await client.asks("DATA")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
        await client.close()
    assert len(inbox.kept) == 1


async def test_a_cancelled_store_is_no_acceptance() -> None:
    inbox = Inbox(fault=asyncio.CancelledError())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("451")
        await client.close()


async def test_a_store_that_hangs_ends_in_451() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox, replace(QUICK, accept_seconds=0.1)) as server:
        client = await Client.connect(server)
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("451")
        await client.close()


async def test_a_fault_in_a_command_answers_451_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    def failing(address: str) -> bool:
        raise RuntimeError(f"secret about {address}")

    server = await serve_smtp(
        ("127.0.0.1", 0), accept=Inbox().accept, is_recipient=failing, limits=QUICK, hostname="mx.aastrom.com"
    )
    client = await Client.connect(server)
    await client.hear()
    await client.asks("EHLO client.example.com")
    await client.asks("MAIL FROM:<ann@example.com>")
    assert await client.asks(f"RCPT TO:<{PROGRAM}>") == "451 4.3.0 Not stored, please try again later"
    server.close()
    await server.wait_closed()
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
    assert "ann@example.com" not in caplog.text


async def test_a_client_that_leaves_while_its_message_is_stored_does_not_interrupt_the_store() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        client.writer.transport.abort()
        await asyncio.sleep(0.05)
        assert inbox.gate is not None
        inbox.gate.set()
        await asyncio.sleep(0.05)
    assert len(inbox.kept) == 1


# -- the end ----------------------------------------------------------------------------------------------------------


async def test_closing_while_content_comes_in_tells_the_client_to_come_back() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"Subject: half")
        await asyncio.sleep(0.05)
        server.close()
        assert (await client.hear()).startswith("421")
        assert await client.hear() == ""
    assert inbox.kept == []


async def test_closing_while_a_message_is_stored_gives_its_answer_first() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        server.close()
        assert inbox.gate is not None
        inbox.gate.set()
        heard = await client.rest()
    assert heard[0] == "250 2.0.0 Stored"
    assert heard[1].startswith("421")
    assert len(inbox.kept) == 1


async def test_a_session_that_is_cancelled_in_content_hears_421() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"Subject: half")
        await asyncio.sleep(0.05)
        (session,) = server._sessions
        assert isinstance(session, SMTP)
        assert session._handler_coroutine is not None
        session._handler_coroutine.cancel()
        assert (await client.hear()).startswith("421")
        assert await client.hear() == ""
    assert inbox.kept == []


async def test_a_closed_door_takes_nobody() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


# -- abuse ------------------------------------------------------------------------------------------------------------


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
            for _ in range(200):
                await asyncio.sleep(0.02)
                if not server._sessions:
                    break
            flooding.cancel()
            assert not server._sessions


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


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        pytest.param("<a@b.example>", "a@b.example", id="plain"),
        pytest.param("<>", "<>", id="null"),
        pytest.param("<postmaster>", "postmaster", id="without a domain"),
        pytest.param("<a@b.example> SIZE=1", "a@b.example", id="with parameters"),
        pytest.param("<a@b.example>SIZE=1", None, id="parameters without a space"),
        pytest.param("<a@b@c.example>", None, id="two signs"),
        pytest.param("<a<b@c.example>", None, id="nested brackets"),
        pytest.param("<a@b.example\x7f>", None, id="a control character"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_mailboxes(argument: str, address: str | None) -> None:
    assert mailbox(argument)[0] == address


@pytest.mark.parametrize(
    ("reply", "whole"),
    [
        pytest.param("250 OK", "250 2.0.0 OK", id="added"),
        pytest.param("250 2.1.0 OK", "250 2.1.0 OK", id="already there"),
        pytest.param("250-first", "250-first", id="not the last line"),
        pytest.param("354 go on", "354 go on", id="an intermediate reply"),
        pytest.param("220 mx", "220 mx", id="the greeting"),
        pytest.param("599 strange", "599 5.0.0 strange", id="an unknown code"),
    ],
)
def test_enhanced_codes(reply: str, whole: str) -> None:
    assert with_enhanced_code(reply) == whole
