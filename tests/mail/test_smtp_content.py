"""The end of content, what is smuggled past it, and bombs of parts: by real sessions in both dialects, and by rule."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.content import refusal_of
from bot.mail.content_reader import EndlessContent, Room, read_content
from bot.mail.limits import Limits
from bot.mail.part_scan import MOST_DASHED_LINES, _Scan, is_bomb
from tests.mail.front_door import DIALECTS, QUICK, Client, Inbox, door

BOTH = [pytest.param(hello, more, id="LMTP" if more else "SMTP") for hello, more in DIALECTS]
SECOND_MESSAGE = b"MAIL FROM:<ceo@aastrom.com>\r\nRCPT TO:<dspp@aastrom.com>\r\nDATA\r\nSell all.\r\n"
LINE_ENDS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\r\n",
    b"\n\r",
    b"\r\n\x00",
    b"\x00\r\n",
    b"\r\x00\n",
    b"\x0b",
    b"\x0c",
    b"\xc2\x85",
)
FALSE_ENDS = [
    *(
        before + b"." + after
        for before, after in product(LINE_ENDS, LINE_ENDS)
        if not (before.endswith(b"\r\n") and after.startswith(b"\r\n"))
    ),
    b"\r\n.\x00\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n .\r\n",
    b"\r\n. \r\n",
    b"\r\n..\r\n",
    b"\n.\r\n.\n",
    b"\r\n.\r",
    b".\r\n",
    b"\r\n\xef\xbb\xbf.\r\n",
    "\r\n\uff0e\r\n".encode(),
    b"\r\n=2E\r\n",
]
HARMLESS = {
    b"\r\n .\r\n",
    b"\r\n. \r\n",
    b"\r\n..\r\n",
    b".\r\n",
    b"\r\n\xef\xbb\xbf.\r\n",
    "\r\n\uff0e\r\n".encode(),
    b"\r\n=2E\r\n",
    *(a + b"." + b for a, b in product((b"\x0b", b"\x0c", b"\xc2\x85", b"\r\n"), repeat=2) if a != b or a != b"\r\n"),
}
"""Not the end, and nothing that another program could take for it."""


@pytest.mark.parametrize(("hello", "more"), BOTH)
@pytest.mark.parametrize("end", [pytest.param(end, id=repr(end)) for end in FALSE_ENDS])
async def test_no_second_message_is_smuggled_in(hello: str, more: dict[str, Any], end: bytes) -> None:
    """Whatever is not CRLF.CRLF ends nothing; what another program might take for the end is refused besides."""
    inbox = Inbox()
    async with door(inbox, **more) as server:
        client = await Client.connect(server)
        await client.to_data(hello=hello)
        await client.say(b"Subject: x\r\n\r\nhello" + end + SECOND_MESSAGE + b".", "NOOP", "QUIT")
        heard = await client.rest()
    assert [line[:3] for line in heard] == ["250" if end in HARMLESS else "550", "250", "221"]
    assert [envelope.mail_from for envelope in inbox.kept] == (["ann@example.com"] if end in HARMLESS else [])


@pytest.mark.parametrize(("hello", "more"), BOTH)
@pytest.mark.parametrize("pieces", [1, 2, 3])
async def test_the_end_is_found_however_it_is_cut_into_packets(hello: str, more: dict[str, Any], pieces: int) -> None:
    inbox = Inbox()
    content = b"Subject: x\r\n\r\n..one\r\n" + b"y" * 100 + b"\r\n"
    sent = content + b".\r\nNOOP\r\n"
    async with door(inbox, **more) as server:
        client = await Client.connect(server)
        await client.to_data(hello=hello)
        for start in range(0, len(sent), pieces):
            client.writer.write(sent[start : start + pieces])
            await asyncio.sleep(0)
        assert (await client.hear()).startswith("250 2.0.0 Stored")
        assert (await client.hear()).startswith("250")
    assert inbox.kept[0].raw == content.replace(b"..one", b".one")


def stuffed(content: bytes) -> bytes:
    """What a client sends: written line by line, unlike what it tests."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\r\n"


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.\r", b"x" * 30]), max_size=40),
    st.integers(1, 40),
)
def test_content_comes_out_as_it_went_in(pieces: list[bytes], cut: int) -> None:
    content = b"".join(pieces)
    content = content + b"\r\n" if content and not content.endswith(b"\r\n") else content
    sent = stuffed(content) + b"NOOP\r\n"

    async def take() -> tuple[bytes | str, bytes]:
        reader = asyncio.StreamReader(limit=64)

        async def feed() -> None:
            for start in range(0, len(sent), cut):
                reader.feed_data(sent[start : start + cut])
                await asyncio.sleep(0)
            reader.feed_eof()

        feeding = asyncio.create_task(feed())
        with Room(10**6).share() as share:
            taken = await read_content(reader, Limits(), share)
        await feeding
        return taken, await reader.read()

    assert asyncio.run(take()) == (content, b"NOOP\r\n")


async def test_a_message_at_the_limit_is_taken_and_one_octet_more_is_not() -> None:
    limits = replace(QUICK, message_bytes=100_000)
    for surplus, code in ((0, "250"), (1, "552 5.3.4")):
        async with door(Inbox(), limits) as server:
            client = await Client.connect(server)
            await client.to_data()
            body = b"Subject: x\r\n\r\n" + (b"y" * 998 + b"\r\n") * 99
            body += b"z" * (100_000 + surplus - len(body) - 2) + b"\r\n"
            await client.say(body + b".")
            assert (await client.hear()).startswith(code)


async def test_more_content_than_all_sessions_may_hold_is_put_off_and_room_comes_free() -> None:
    inbox = Inbox(gate=asyncio.Event())
    limits = replace(QUICK, content_bytes_at_once=600_000)
    body = b"Subject: x\r\n\r\n" + (b"y" * 998 + b"\r\n") * 300
    async with door(inbox, limits) as server:
        first, second = await Client.connect(server), await Client.connect(server)
        await first.to_data()
        await first.say(body + b".")
        await inbox.began.wait()
        await second.to_data()
        await second.say(body + b".")
        assert (await second.hear()).startswith("452 4.3.1")
        assert inbox.gate is not None
        inbox.gate.set()
        assert (await first.hear()).startswith("250")
        assert server.room.held == 0
        await second.to_data_again()
        await second.say(body + b".")
        assert (await second.hear()).startswith("250")


async def test_room_comes_free_when_a_client_goes_away_in_the_middle() -> None:
    async with door(Inbox()) as server:
        client = await Client.connect(server)
        await client.to_data()
        await client.say(b"y" * 998, b"y" * 70_000)
        while not server.room.held:
            await asyncio.sleep(0.01)
        client.writer.transport.abort()
        while server._sessions:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        assert server.room.held == 0


async def test_content_far_beyond_the_limit_is_not_read_to_its_end() -> None:
    reader = asyncio.StreamReader(limit=1_000)
    reader.feed_data(b"x" * 60_000)
    with Room(10**6).share() as share, pytest.raises(EndlessContent):
        await read_content(reader, replace(Limits(), message_bytes=10_000), share)


@pytest.mark.parametrize(
    ("lengths", "over"),
    [
        pytest.param([10], False, id="at the limit"),
        pytest.param([11], True, id="one more"),
        pytest.param([2, 10, 2, 10], False, id="short and long by turns"),
        pytest.param([2, 11, 2], True, id="in the middle"),
        pytest.param([2] * 50 + [11], True, id="at the end"),
        pytest.param([], False, id="none"),
    ],
)
def test_lines_too_long(lengths: list[int], over: bool) -> None:
    content = b"".join(b"x" * (length - 2) + b"\r\n" for length in lengths)
    assert refusal_of(content, replace(Limits(), line_length=10)).startswith("500") == over


def test_a_message_that_begins_with_its_body_has_no_header() -> None:
    assert refusal_of(b"\r\n" + b"Received: x\r\n" * 60 + b"\r\n", Limits()) == ""


# -- bombs ------------------------------------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    """Parts within parts, each of another boundary."""
    opening = b"".join(
        b'Content-Type: multipart/mixed;\r\n boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(levels)
    )
    return opening + b"\r\nhello\r\n" + b"".join(b"--b%d--\r\n" % level for level in reversed(range(levels)))


def many(parts: int, between: bytes = b"\r\nhi\r\n") -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + between) * parts + b"--b--\r\n"


LETTER = b"Content-Type: message/rfc822\r\n\r\n"
DIGEST = b"Content-Type: multipart/digest; boundary=d\r\n\r\n"


@pytest.mark.parametrize(
    ("content", "bomb"),
    [
        pytest.param(many(2_000), False, id="as many parts as may be"),
        pytest.param(many(2_001), True, id="one part more"),
        pytest.param(many(2_001, b""), True, id="parts without anything"),
        pytest.param(many(2_001, b"Content-Type: text/plain\r\n"), True, id="parts whose headers do not end"),
        pytest.param(nested(200), False, id="as deep as may be"),
        pytest.param(nested(201), True, id="one level more"),
        pytest.param(LETTER * 200 + b"hi\r\n", False, id="letters in letters"),
        pytest.param(LETTER * 201 + b"hi\r\n", True, id="one letter more"),
        pytest.param(LETTER * 300_000, True, id="letters in letters without end"),
        pytest.param(DIGEST + b"--d\r\n\r\n" * 100 + nested(150), False, id="letters side by side are not deep"),
        pytest.param(DIGEST + b"--d\r\n\r\n" + LETTER * 199 + nested(5), True, id="letters and parts by turns"),
        pytest.param(b"Subject: x\r\n\r\n" + many(5_000), False, id="a text that shows a bomb"),
        pytest.param(b"Subject: x\r\n\r\n" + b"--\r\n" * 200_000, False, id="a text of dashes"),
        pytest.param(b"Subject: x\r\n\r\n" + b"Content-Type: text/plain\r\n" * 5_000, False, id="a text of headers"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--c\r\n" * 5_000, False, id="another boundary"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n" + b"--b\r\n" * 5_000,
            False,
            id="behind the end",
        ),
        pytest.param(b"Content-Type: multipart/mixed\r\n\r\n" + b"--b\r\n" * 5_000, False, id="no boundary"),
        pytest.param(b"\r\n" + many(5_000), False, id="no header"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_bombs(content: bytes, bomb: bool) -> None:
    assert is_bomb(content, Limits()) == bomb


def test_letters_in_letters_are_not_followed_to_their_end() -> None:
    scan = _Scan(LETTER * 300_000, most_letters=200)
    scan.enter(0)
    assert scan.letters == 201


@pytest.mark.parametrize(("hello", "more"), BOTH)
async def test_a_bomb_is_refused_at_the_door_and_the_session_goes_on(hello: str, more: dict[str, Any]) -> None:
    async with door(Inbox(), **more) as server:
        client = await Client.connect(server)
        await client.to_data(hello=hello)
        await client.say(many(2_001, b"\r\n" + b"y" * 500 + b"\r\n") + b".")
        assert (await client.hear()) == "554 5.6.0 Too many parts, or too deep"
        assert (await client.asks("NOOP")).startswith("250")


@given(
    st.lists(
        st.sampled_from([b"--b\r\n", b"--b--\r\n", b"\r\n", LETTER, DIGEST, b"--d\r\n", many(1), nested(2), b"x\r\n"]),
        max_size=60,
    )
)
def test_the_scan_never_fails_and_counts_at_most_what_is_there(pieces: list[bytes]) -> None:
    content = DIGEST + b"".join(pieces)
    assert not is_bomb(content, Limits())
    dashes, letters = (
        content.count(b"--"),
        content.count(b"rfc822") + content.count(b"multipart/") + content.count(b"--d"),
    )
    assert not is_bomb(content, replace(Limits(), refused_parts=dashes, refused_depth=letters))


def test_the_scan_gives_up_on_dashes_without_end() -> None:
    """A second bomb behind them is the reader's to bound; what is tested is that the scan does stop."""
    content = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--x\r\n" * (MOST_DASHED_LINES + 3_000)
        + b"--b\r\n" * 3_000
    )
    assert not is_bomb(content, Limits())
