"""Handing letters on, to a real SMTP host on this machine and into a folder."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.mail.courier import Courier, Deferred, Delivery, FolderCourier, Rejected, Sent, SmarthostCourier, Unavailable
from bot.mail.limits import Limits
from bot.mail.smtp_in import Envelope, serve_smtp

LETTER = b"From: dspp@aastrom.com\r\nMessage-ID: <1.letter@aastrom.com>\r\n\r\n.dots\r\nhello\r\n"


@asynccontextmanager
async def scripted(replies: dict[str, str], greeting: str = "220 hello") -> AsyncIterator[int]:
    """A host that answers each command as told, and 250 to all others."""
    talks: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks[asyncio.current_task()] = writer
        writer.write(greeting.encode() + b"\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.split(":")[0].split(" ")[0].upper()
            reply = replies.get(command, "354 go on" if command == "DATA" else "250 ok")
            if reply == "hang up":
                break
            writer.write(reply.encode() + b"\r\n")
            if command == "DATA" and reply.startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                end = replies.get(".", "250 taken")
                if end == "hang up":
                    break
                writer.write(end.encode() + b"\r\n")
            if command == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task, writer in talks.items():
            writer.close()
            if task is not None:
                await task


async def sent_to(port: int, letter: bytes = LETTER, **options: Any) -> Delivery:
    """What becomes of one letter that is handed to the host at `port`."""
    courier = SmarthostCourier("127.0.0.1", port, **{"timeout_seconds": 5, **options})
    try:
        return await courier.send("dspp+b1@aastrom.com", "ann@example.com", letter)
    finally:
        await courier.aclose()


async def test_a_letter_arrives_unchanged_at_a_real_host() -> None:
    arrived: list[Envelope] = []

    async def accept(envelope: Envelope) -> None:
        arrived.append(envelope)

    server = await serve_smtp(
        ("127.0.0.1", 0), accept=accept, is_recipient=lambda _: True, limits=Limits(), hostname="relay.example"
    )
    courier: Courier = SmarthostCourier("127.0.0.1", server.port, local_hostname="bot.aastrom.com", timeout_seconds=5)
    result = await courier.send("dspp+b1@aastrom.com", "ann@example.com", LETTER)
    beyond_ascii = await courier.send("dspp+b1@aastrom.com", "jürgen@exämple.de", LETTER)
    without_sender = await courier.send("", "ann@example.com", LETTER)
    await courier.aclose()
    server.close()
    await server.wait_closed()
    assert isinstance(result, Sent)
    assert isinstance(beyond_ascii, Sent)
    assert isinstance(without_sender, Sent)
    assert [envelope.raw for envelope in arrived] == [LETTER] * 3
    assert arrived[0].mail_from == "dspp+b1@aastrom.com"
    assert arrived[0].helo == "bot.aastrom.com"
    assert [envelope.recipients[0] for envelope in arrived] == [
        "ann@example.com",
        "jürgen@exämple.de",
        "ann@example.com",
    ]
    assert arrived[2].mail_from == ""


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param({}, Sent, id="taken"),
        pytest.param({"RCPT": "550 5.1.1 nobody"}, Rejected, id="nobody there"),
        pytest.param({"RCPT": "450 4.2.0 later"}, Deferred, id="grey-listed"),
        pytest.param({"MAIL": "550 not from you"}, Unavailable, id="our sender refused"),
        pytest.param({"MAIL": "451 later"}, Unavailable, id="our sender put off"),
        pytest.param({"DATA": "554 no"}, Rejected, id="content refused at once"),
        pytest.param({".": "554 spam"}, Rejected, id="content refused"),
        pytest.param({".": "452 disk full"}, Deferred, id="content put off"),
        pytest.param({".": "hang up"}, Deferred, id="cut off at the last moment"),
        pytest.param({"RCPT": "hang up"}, Deferred, id="cut off in the middle"),
        pytest.param({"EHLO": "550 go away", "HELO": "550 go away"}, Unavailable, id="we are refused, not the letter"),
        pytest.param({"QUIT": "500 rude"}, Sent, id="a rude goodbye"),
        pytest.param({"QUIT": "hang up"}, Sent, id="no goodbye"),
        pytest.param({"RCPT": "garbage"}, Deferred, id="no SMTP at all"),
        pytest.param({"MAIL": "garbage"}, Unavailable, id="no SMTP before the letter"),
        pytest.param({"MAIL": "hang up"}, Unavailable, id="cut off before the letter"),
        pytest.param({"RCPT": "421 4.3.2 closing"}, Unavailable, id="the host shuts down"),
        pytest.param({"EHLO": "502 what"}, Sent, id="a host of old"),
    ],
)
async def test_what_becomes_of_a_letter(replies: dict[str, str], expected: type) -> None:
    async with scripted(replies) as port:
        assert isinstance(await sent_to(port), expected)


@pytest.mark.parametrize("greeting", ["554 closed", "421 busy", "nonsense"])
async def test_a_host_that_does_not_greet_us_is_unavailable(greeting: str) -> None:
    async with scripted({}, greeting) as port:
        assert isinstance(await sent_to(port), Unavailable)


async def test_no_host_is_unavailable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert isinstance(await sent_to(port), Unavailable)


async def test_a_host_that_says_nothing_is_unavailable() -> None:
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await sent_to(port, timeout_seconds=0.2)
    server.close()
    await ended.wait()
    assert isinstance(result, Unavailable)


async def test_tls_that_is_asked_for_is_never_done_without() -> None:
    async with scripted({}) as port:
        assert isinstance(await sent_to(port, security="starttls"), Unavailable)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        pytest.param("a@aastrom.com", "b@example.com> SIZE=1\r\nRCPT TO:<c@example.com", id="recipient"),
        pytest.param("a\r\n@aastrom.com", "b@example.com", id="sender"),
        pytest.param("a@aastrom.com", "", id="nobody"),
    ],
)
async def test_an_unsafe_address_is_rejected_before_anybody_is_called(sender: str, recipient: str) -> None:
    courier = SmarthostCourier("192.0.2.1", 25, timeout_seconds=1)
    assert isinstance(await courier.send(sender, recipient, LETTER), Rejected)


async def test_what_the_host_said_is_kept_short_and_on_one_line() -> None:
    async with scripted({"RCPT": "550 5.1.1 " + "x" * 400}) as port:
        result = await sent_to(port)
    assert isinstance(result, Rejected)
    assert result.detail.startswith("550 5.1.1 xxx")
    assert len(result.detail) <= 200
    assert result.detail.isprintable()


async def test_a_letter_is_one_file_however_often_it_is_sent(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    courier: Courier = FolderCourier(folder)
    first = await courier.send("a@aastrom.com", "b@example.com", LETTER)
    second = await courier.send("a@aastrom.com", "b@example.com", LETTER.replace(b"hello", b"again"))
    other = await courier.send("a@aastrom.com", "b@example.com", LETTER.replace(b"<1.", b"<2."))
    assert first == second == Sent("1.letter@aastrom.com.eml")
    assert isinstance(other, Sent)
    assert sorted(path.name for path in folder.iterdir()) == ["1.letter@aastrom.com.eml", "2.letter@aastrom.com.eml"]
    assert b"again" in (folder / "1.letter@aastrom.com.eml").read_bytes()


@pytest.mark.parametrize(
    "message_id",
    [
        pytest.param(b"<../../../etc/cron.d/x@a>", id="a path"),
        pytest.param(b"<.hidden@a>", id="a hidden file"),
        pytest.param(b"<" + b"x" * 400 + b"@a>", id="a long id"),
        pytest.param(b"", id="none"),
    ],
)
async def test_no_message_id_leads_out_of_the_folder(message_id: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    await FolderCourier(folder).send(
        "a@x.example", "b@y.example", LETTER.replace(b"<1.letter@aastrom.com>", message_id)
    )
    (path,) = folder.iterdir()
    assert path.suffix == ".eml"
    assert not path.name.startswith(".")
    assert list(tmp_path.iterdir()) == [folder]


async def test_ids_that_look_alike_in_a_file_name_stay_apart(tmp_path: Path) -> None:
    courier = FolderCourier(tmp_path)
    for message_id in (b"<a/b@x>", b"<a_b@x>", b"<a:b@x>"):
        await courier.send("a@x.example", "b@y.example", LETTER.replace(b"<1.letter@aastrom.com>", message_id))
    assert len(list(tmp_path.iterdir())) == 3


async def test_a_folder_that_cannot_be_written_defers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = await FolderCourier(tmp_path / "file").send("a@x.example", "b@y.example", LETTER)
    assert isinstance(result, Deferred)
    assert str(tmp_path) not in result.detail
