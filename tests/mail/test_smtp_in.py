"""The front door, by real sessions: what it takes and what it refuses."""

from __future__ import annotations

import smtplib

import pytest

from tests.mail.front_door import MESSAGE, PROGRAM, QUICK, Client, Inbox, door, with_smtplib

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
        assert not [line for line in offered if line.startswith(("AUTH", "HELP", "STARTTLS", "CHUNKING", "BINARYMIME"))]
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
        pytest.param("RCPT TO:<dspp@aastrom.com\x00>", "500 5.5.2", id="NUL in a recipient"),
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
        pytest.param("<a\x00b@example.com>", "500 5.5.2", id="NUL"),
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
