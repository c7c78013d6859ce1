"""The commands of SMTP in every order and shape, by real sessions: one table, a reply for each line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.smtp_text import Command, are_parameters_plain, read_command
from tests.mail.front_door import MESSAGE, PROGRAM, QUICK, Client, Inbox, door, until

HELLO = ("EHLO c", "250")
SENDER = ("MAIL FROM:<ann@example.com>", "250 2.1.0")
RECIPIENT = (f"RCPT TO:<{PROGRAM}>", "250 2.1.5")


@pytest.mark.parametrize(
    "exchange",
    [
        pytest.param(
            [("MAIL FROM:<a@b.example>", "503 5.5.1"), ("RCPT TO:<a@b.example>", "503 5.5.1"), ("DATA", "503")],
            id="no greeting",
        ),
        pytest.param(
            [("RSET", "250 2.0.0"), ("NOOP", "250 2.0.0"), ("QUIT", "221 2.0.0")], id="what needs no greeting"
        ),
        pytest.param([("EHLO", "501"), ("HELO", "501"), HELLO], id="a greeting without a name"),
        pytest.param([HELLO, ("DATA", "503 5.5.1"), ("RCPT TO:<a@b.example>", "503 5.5.1")], id="no sender"),
        pytest.param([HELLO, SENDER, ("DATA", "503 5.5.1")], id="no recipient"),
        pytest.param(
            [HELLO, SENDER, ("RCPT TO:<x@aastrom.com>", "550 5.1.1"), ("DATA", "503 5.5.1")], id="no recipient of ours"
        ),
        pytest.param([HELLO, SENDER, (SENDER[0], "503 5.5.1")], id="a second sender"),
        pytest.param([HELLO, ("MAIL FROM:<>", "250"), ("MAIL FROM:<>", "503 5.5.1")], id="a second sender, both null"),
        pytest.param(
            [HELLO, SENDER, RECIPIENT, ("DATA now", "501 5.5.4"), ("DATA", "354")], id="DATA with an argument"
        ),
        pytest.param([HELLO, SENDER, ("RSET", "250"), (RECIPIENT[0], "503"), SENDER], id="RSET after the sender"),
        pytest.param(
            [HELLO, SENDER, RECIPIENT, ("RSET", "250"), ("DATA", "503"), SENDER], id="RSET after the recipient"
        ),
        pytest.param([HELLO, SENDER, RECIPIENT, ("RSET x", "501 5.5.4"), ("DATA", "354")], id="RSET with an argument"),
        pytest.param([HELLO, SENDER, RECIPIENT, HELLO, ("DATA", "503")], id="a second greeting forgets"),
        pytest.param(
            [("HELO c", "250"), ("MAIL FROM:<a@b.example> SIZE=5", "501 5.5.4"), SENDER], id="parameters without EHLO"
        ),
        pytest.param(
            [HELLO, ("NOOP with words", "250"), ("VRFY ann", "252 2.5.0"), ("EXPN list", "502 5.5.1"), ("HELP", "214")],
            id="small talk",
        ),
        pytest.param([HELLO, ("QUIT now", "501 5.5.4"), ("QUIT", "221 2.0.0")], id="QUIT with an argument"),
        pytest.param([HELLO, SENDER, RECIPIENT, ("BDAT 5 LAST", "500 5.5.2"), ("DATA", "354")], id="BDAT"),
        pytest.param(
            [
                HELLO,
                ("AUTH PLAIN AGEAYg==", "502 5.5.1"),
                ("AUTH", "502 5.5.1"),
                ("ETRN x", "500 5.5.2"),
                ("TURN", "500 5.5.2"),
            ],
            id="what is not offered",
        ),
        pytest.param(
            [HELLO, ("mail from:<ann@example.com>", "250"), (f"rcpt to:<{PROGRAM.upper()}>", "250"), ("data", "354")],
            id="small letters",
        ),
        pytest.param([HELLO, ("MAIL FROM: <ann@example.com>", "250")], id="a space behind the colon"),
        pytest.param(
            [
                HELLO,
                ("MAIL", "501"),
                ("MAIL FROM", "501"),
                ("MAIL TO:<a@b.example>", "501"),
                ("MAIL FROM:", "553 5.1.3"),
            ],
            id="half a command",
        ),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> BODY=8BITMIME SIZE=100", "250")], id="parameters that we know"
        ),
        pytest.param([HELLO, ("MAIL FROM:<ann@example.com> BODY=BINARYMIME", "501 5.5.4"), SENDER], id="BINARYMIME"),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> RET=FULL", "555 5.5.4"), SENDER],
            id="a parameter of MAIL that we do not know",
        ),
        pytest.param(
            [HELLO, SENDER, (f"RCPT TO:<{PROGRAM}> NOTIFY=NEVER", "555 5.5.4"), RECIPIENT], id="a parameter of RCPT"
        ),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> SIZE=1 SIZE=2", "501 5.5.4"), SENDER], id="a parameter twice"
        ),
        pytest.param([HELLO, ("MAIL FROM:<ann@example.com> SIZE=²", "501 5.5.4"), SENDER], id="a size of odd digits"),
        pytest.param([HELLO, ("MAIL FROM:<ann@example.com> SIZE=-1", "501 5.5.4"), SENDER], id="a size below nothing"),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> SIZE=" + "9" * 500, "552 5.3.4"), SENDER], id="an enormous size"
        ),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> SIZE=10000001", "552 5.3.4"), SENDER], id="a size over the limit"
        ),
        pytest.param(
            [HELLO, ("MAIL FROM:<jürgen@example.com>", "553 5.6.7"), SENDER],
            id="a sender beyond ASCII without SMTPUTF8",
        ),
        pytest.param([HELLO, ("MAIL FROM:<jürgen@example.com> SMTPUTF8", "250")], id="a sender beyond ASCII"),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> SMTPUTF8=1", "501 5.5.4"), SENDER], id="SMTPUTF8 with a value"
        ),
        pytest.param(
            [HELLO, SENDER, ("RCPT TO:<dspp@aåström.com>", "553 5.6.7"), RECIPIENT],
            id="a recipient beyond ASCII without SMTPUTF8",
        ),
        pytest.param(
            [HELLO, ("MAIL FROM:<ann@example.com> SMTPUTF8", "250"), ("RCPT TO:<dspp@aåström.com>", "550 5.1.1")],
            id="a recipient beyond ASCII",
        ),
        pytest.param(
            [HELLO, ("", "500 5.5.2"), (" NOOP", "500 5.5.2"), ("N00P", "500 5.5.2"), (b"N\xc3\x96OP", "500 5.5.2")],
            id="no command",
        ),
        pytest.param(
            [
                HELLO,
                (b"NOOP \x00", "500 5.5.2"),
                (b"NOOP\x00", "500 5.5.2"),
                (b"\x00", "500 5.5.2"),
                (b"EHLO a\x00b", "500 5.5.2"),
            ],
            id="NUL",
        ),
        pytest.param(
            [
                HELLO,
                (b"NOOP\rMAIL FROM:<a@b.example>", "500 5.5.2"),
                (b"NOOP\r", "500 5.5.2"),
                (b"NOOP\tx", "500 5.5.2"),
                (b"NOOP \x1b[2J", "500 5.5.2"),
            ],
            id="other control characters",
        ),
        pytest.param(
            [HELLO, ("NOOP " + "x" * 1_017, "250"), ("NOOP " + "x" * 1_018, "500 5.5.2")],
            id="a line at the limit and over it",
        ),
        pytest.param(
            [HELLO, (b"NOOP " + b"x" * 65_536, "500 5.5.2"), (b"NOOP " + b"x" * 300_000, "500 5.5.2"), ("NOOP", "250")],
            id="a line beyond the buffer",
        ),
    ],
)
async def test_commands(exchange: list[tuple[str | bytes, str]]) -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        for line, reply in exchange:
            heard = await client.asks(line)
            assert heard.startswith(reply), (line[:60], heard)


@pytest.mark.parametrize("line", [b"NOOP\n", b"MAIL FROM:<a@b.example>\n", b"\n", b"QUIT\n", b"x" * 70_000 + b"\n"])
async def test_a_bare_line_feed_ends_no_command(line: bytes) -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        client.writer.write(line)
        assert (await client.hear()).startswith("500 5.5.2")
        assert (await client.asks("RCPT TO:<a@b.example>")).startswith("503")


async def test_a_refused_command_never_comes_back_to_the_client() -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        for line in (
            "XYZZY-secret",
            "XYZZY secret",
            "MAIL FROM:secret",
            "RCPT TO:<secret",
            "VRFY secret",
            "HELP secret",
        ):
            assert "secret" not in (await client.asks(line)).lower()


@pytest.mark.parametrize("first", ["GET / HTTP/1.1", "POST / HTTP/1.1", "CONNECT x:25 HTTP/1.1", "post / HTTP/1.0"])
async def test_a_browser_that_was_talked_into_it_brings_no_mail(first: str) -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.say(first, "Host: x", "", "EHLO c", SENDER[0], RECIPIENT[0], "DATA", MESSAGE + b".", "QUIT")
        assert (await client.hear()).startswith("220")
        assert (await client.hear()).startswith("421 4.7.0")
        await until(lambda: not server._sessions)
    assert inbox.kept == []


async def test_commands_that_drip_end_the_session() -> None:
    async with door(Inbox(), replace(QUICK, idle_seconds=0.3)) as server:
        client = await Client.connect(server)
        await client.hear()

        async def drip() -> None:
            while True:
                client.writer.write(b"N")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert (await client.hear()).startswith("421 4.4.2")
        dripping.cancel()


async def test_a_session_as_a_whole_has_an_end_however_busy_it_is() -> None:
    async with door(Inbox(), replace(QUICK, session_seconds=0.4)) as server:
        client = await Client.connect(server)
        await client.hear()
        while (reply := await client.asks("NOOP")).startswith("250"):
            await asyncio.sleep(0.02)
    assert reply.startswith("421 4.4.2")


async def test_a_session_that_ends_while_a_message_is_stored_answers_it_first() -> None:
    inbox = Inbox(gate=asyncio.Event())
    async with door(inbox, replace(QUICK, session_seconds=0.3)) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(MESSAGE + b".")
        await inbox.began.wait()
        await asyncio.sleep(0.4)
        assert inbox.gate is not None
        inbox.gate.set()
        assert await client.rest() == ["250 2.0.0 Stored", "421 4.4.2 Session too long, closing connection"]
    assert len(inbox.kept) == 1


async def test_a_session_brings_so_many_messages_and_no_more() -> None:
    inbox = Inbox()
    async with door(inbox, replace(QUICK, session_messages=2)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        for _ in range(2):
            await client.to_data_again()
            await client.asks(MESSAGE + b".")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("421 4.7.0")
        assert await client.hear() == ""
    assert len(inbox.kept) == 2


async def test_a_command_line_without_end_ends_the_session() -> None:
    async with door(Inbox(), replace(QUICK, message_bytes=200_000)) as server:
        client = await Client.connect(server)
        await client.hear()
        heard = ""
        try:
            for _ in range(400):
                client.writer.write(b"x" * 50_000)
                await client.writer.drain()
            heard = await client.hear()
        except (ConnectionResetError, BrokenPipeError):
            heard = "500 (the connection was reset while we wrote)"
    assert heard.startswith("500")


@given(st.binary(max_size=80))
def test_any_line_is_a_command_or_has_its_refusal(line: bytes) -> None:
    command = read_command(line + b"\r\n", 1_024)
    if isinstance(command, str):
        assert command.startswith("500 5.5.2 ")
    else:
        assert isinstance(command, Command)
        assert command.verb.isascii()
        assert command.verb.isalpha()
        assert command.verb.isupper()
        assert command.argument != ""
    assert isinstance(read_command(line.rstrip(b"\r") + b"\n", 1_024), str)


@pytest.mark.parametrize(
    ("parameters", "plain"),
    [
        pytest.param([], True, id="none"),
        pytest.param(["SIZE=1", "BODY=8BITMIME", "SMTPUTF8"], True, id="three"),
        pytest.param(["SIZE=1", "size=2"], False, id="one twice"),
        pytest.param(["SIZE=١"], False, id="digits of another script"),
    ],
)
def test_parameters(parameters: list[str], plain: bool) -> None:
    assert are_parameters_plain(parameters) == plain
