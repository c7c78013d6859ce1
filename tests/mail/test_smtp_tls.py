"""STARTTLS at the front door, by real handshakes: what is forgotten, what is refused, and how certificates change."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.mail.lmtp import LMTP
from bot.mail.smtp_in import serve_smtp
from tests.mail import certificates
from tests.mail.front_door import (
    LOOPBACK,
    MESSAGE,
    PROGRAM,
    QUICK,
    Client,
    Inbox,
    door,
    is_recipient,
    until,
    with_smtplib,
)


async def secured(client: Client) -> Client:
    await client.hear()
    await client.asks("EHLO client.example.com")
    assert (await client.asks("STARTTLS")).startswith("220 2.0.0")
    await client.start_tls(certificates.trusting())
    return client


# -- what it does -----------------------------------------------------------------------------------------------------


async def test_a_message_comes_encrypted_and_its_trace_says_how(tmp_path: Path) -> None:
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path)) as server:

        def send(client: smtplib.SMTP) -> None:
            client.starttls(context=certificates.trusting())
            client.sendmail("ann@example.com", [PROGRAM], MESSAGE)

        await with_smtplib(server, send)
    (envelope,) = inbox.kept
    assert envelope.is_tls
    assert envelope.tls is not None
    assert envelope.tls.version == "TLSv1.3"
    assert envelope.protocol == "ESMTPS"
    assert f" with ESMTPS (TLSv1.3 {envelope.tls.cipher})".encode() in envelope.received
    assert envelope.raw == MESSAGE


async def test_a_message_in_lmtp_can_be_encrypted_too(tmp_path: Path) -> None:
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path), dialect=LMTP) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("LHLO relay.example")
        await client.asks("STARTTLS")
        await client.start_tls(certificates.trusting())
        await client.asks("LHLO relay.example")
        await client.to_data_again()
        assert (await client.asks(MESSAGE + b".")).startswith("250 2.0.0")
    assert inbox.kept[0].protocol == "LMTPS"


async def test_it_is_offered_until_it_is_used_and_only_where_there_is_a_certificate(tmp_path: Path) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.say("EHLO client.example.com")
        assert "STARTTLS" in await client.hear_all_lines()
        await client.asks("STARTTLS")
        await client.start_tls(certificates.trusting())
        await client.say("EHLO client.example.com")
        assert "STARTTLS" not in await client.hear_all_lines()
        assert (await client.asks("STARTTLS")).startswith("503 5.5.1")
        assert (await client.asks("AUTH PLAIN AGEAYg==")).startswith("502 5.5.1")
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        assert (await client.asks("STARTTLS")).startswith("502 5.5.1")


async def test_what_was_said_in_the_clear_is_forgotten(tmp_path: Path) -> None:
    """RFC 3207 section 4.2: also who the client said it was."""
    async with door(Inbox(), certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        await client.asks("MAIL FROM:<mallory@example.com>")
        await client.asks(f"RCPT TO:<{PROGRAM}>")
        await client.asks("STARTTLS")
        await client.start_tls(certificates.trusting())
        assert (await client.asks("DATA")).startswith("503 5.5.1")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("503 5.5.1")
        await client.asks("EHLO client.example.com")
        assert (await client.asks(f"RCPT TO:<{PROGRAM}>")).startswith("503 5.5.1")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("250")


async def test_more_than_the_reader_holds_in_one_packet_with_the_end_of_the_handshake_is_read_on(
    tmp_path: Path,
) -> None:
    """The reader then stops the connection below TLS, and nobody but us can let it go on."""
    inbox = Inbox()
    body = b"\r\n" + (b"x" * 998 + b"\r\n") * 400
    spoken = f"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{PROGRAM}>\r\nDATA\r\n".encode() + body + b".\r\nQUIT\r\n"

    last_word = threading.Event()

    def speak(port: int) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = certificates.trusting().wrap_bio(incoming, outgoing)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.recv(1_000)
            raw.sendall(b"STARTTLS\r\n")
            raw.recv(1_000)
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    incoming.write(raw.recv(65_536))
            client.write(spoken)
            last_word.set()
            raw.sendall(outgoing.read())  # The client's last word of the handshake is among it.
            while raw.recv(65_536):
                pass

    limits = replace(QUICK, idle_seconds=3, line_length=8_192)
    async with door(inbox, limits, certificates=certificates.made(tmp_path)) as server:
        speaking = asyncio.create_task(asyncio.to_thread(speak, server.port))
        await until(last_word.is_set)
        time.sleep(0.3)  # The loop stands still, so that all of it has come when it looks.
        await speaking
    assert inbox.kept[0].raw == body


# -- what it does not let happen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "injected",
    [
        pytest.param(b"NOOP\r\n", id="a whole command"),
        pytest.param(b"MAIL FROM:<mallory@example.com>\r\nRCPT TO:<dspp@aastrom.com>\r\nDATA\r\n", id="a transaction"),
        pytest.param(b"M", id="the beginning of a command"),
        pytest.param(b"\x00", id="one octet"),
    ],
)
async def test_nothing_can_be_injected_behind_starttls(tmp_path: Path, injected: bytes) -> None:
    """CVE-2011-0411: an intruder puts commands into the clear part, and the server takes them for the client's."""
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        client.writer.write(b"STARTTLS\r\n" + injected)
        heard = await client.rest()
        await until(lambda: not server._sessions)
    assert heard == ["554 5.5.1 Nothing may follow STARTTLS before the handshake"]


async def test_what_is_injected_behind_the_220_breaks_the_handshake(tmp_path: Path) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        assert (await client.asks("STARTTLS")).startswith("220")
        await client.say("MAIL FROM:<mallory@example.com>", "NOOP")
        heard = b""
        with suppress(ConnectionResetError):
            heard = await asyncio.wait_for(client.reader.read(), 5)
        assert b"250" not in heard
        await until(lambda: not server._sessions)


@pytest.mark.parametrize("listens", [True, False], ids=["a client that waits", "a client that leaves"])
async def test_a_half_open_handshake_ends(tmp_path: Path, listens: bool) -> None:
    limits = replace(QUICK, handshake_seconds=0.3)
    async with door(Inbox(), limits, certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("STARTTLS")
        client.writer.write(b"\x16\x03\x01")  # The beginning of a TLS record.
        await client.writer.drain()
        if not listens:
            client.writer.transport.abort()
        await until(lambda: not server._sessions)
        assert server._by_host == {}


async def test_a_handshake_that_drips_ends(tmp_path: Path) -> None:
    limits = replace(QUICK, handshake_seconds=0.3)
    async with door(Inbox(), limits, certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("STARTTLS")

        async def drip() -> None:
            for octet in b"\x16\x03\x01\x20\x00" + bytes(1_000):
                client.writer.write(bytes([octet]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        await until(lambda: not server._sessions)
        dripping.cancel()


async def test_closing_in_the_middle_of_a_handshake_says_nothing_in_the_clear(tmp_path: Path) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("STARTTLS")
        await asyncio.sleep(0.05)
        server.close()
        heard = b""
        with suppress(ConnectionResetError):
            heard = await asyncio.wait_for(client.reader.read(), 5)
        assert b"421" not in heard
        await until(lambda: not server._sessions)


@pytest.mark.parametrize("politely", [True, False], ids=["with TLS's own end", "with nothing"])
async def test_a_client_that_leaves_while_its_message_is_stored_does_not_interrupt_that(
    tmp_path: Path, politely: bool
) -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox, certificates=certificates.made(tmp_path)) as server:
        client = await secured(await Client.connect(server))
        await client.asks("EHLO c")
        await client.to_data_again()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        if politely:
            await client.close()
        else:
            client.writer.transport.abort()
        await until(lambda: not server._sessions)
        assert inbox.gate is not None
        inbox.gate.set()
        await until(lambda: inbox.kept)
    assert inbox.kept[0].raw == MESSAGE


async def test_a_client_that_leaves_in_the_middle_of_content_brings_no_message(tmp_path: Path) -> None:
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path)) as server:
        client = await secured(await Client.connect(server))
        await client.asks("EHLO c")
        await client.to_data_again()
        await client.say(MESSAGE)
        await client.close()
        await until(lambda: not server._sessions)
    assert inbox.kept == []


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_old_versions_of_tls_are_refused(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("STARTTLS")
        old = certificates.trusting()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, newest
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.start_tls(old)
        await until(lambda: not server._sessions)


async def test_tls_1_2_is_taken(tmp_path: Path) -> None:
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("STARTTLS")
        context = certificates.trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        await client.start_tls(context)
        await client.asks("EHLO client.example.com")
        await client.to_data_again()
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    assert inbox.kept[0].tls is not None
    assert inbox.kept[0].tls.version == "TLSv1.2"


async def test_a_client_that_reads_nothing_is_cut_off_under_tls_as_well(tmp_path: Path) -> None:
    limits = replace(QUICK, idle_seconds=0.3, commands=10_000_000)
    async with door(Inbox(), limits, certificates=certificates.made(tmp_path)) as server:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.connect(("127.0.0.1", server.port))
        client = await secured(Client(*await asyncio.open_connection(sock=raw)))
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # A transport that reads has it.

        async def flood() -> None:
            with suppress(ConnectionResetError):
                while True:
                    client.writer.write(b"NOOP\r\n" * 1_000)
                    await client.writer.drain()

        flooding = asyncio.create_task(flood())
        await until(lambda: not server._sessions, 30)
        flooding.cancel()


async def test_a_message_in_the_clear_is_refused_where_tls_is_required(tmp_path: Path) -> None:
    inbox = Inbox()
    async with door(inbox, certificates=certificates.made(tmp_path), is_tls_required=True) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO client.example.com")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("530 5.7.0")
        assert (await client.asks(f"RCPT TO:<{PROGRAM}>")).startswith("503")
        await client.asks("STARTTLS")
        await client.start_tls(certificates.trusting())
        await client.asks("EHLO client.example.com")
        await client.to_data_again()
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    assert len(inbox.kept) == 1


async def test_requiring_tls_without_a_certificate_is_a_fault_at_the_start() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        await serve_smtp(
            LOOPBACK,
            accept=Inbox().accept,
            is_recipient=is_recipient,
            limits=QUICK,
            hostname="mx.aastrom.com",
            is_tls_required=True,
        )
