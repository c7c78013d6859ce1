"""The same letter twice has one key; two letters have two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dedupe import dedupe_key

LETTER = (
    b"From: Ann <ann@example.com>\r\nTo: dspp@aastrom.com\r\nSubject: Invest\r\n"
    b"Date: Tue, 4 Nov 2003 09:00:00 -0500\r\n"
    b"Message-ID: <1@example.com>\r\nContent-Type: text/plain\r\n\r\nPlease invest $250.\r\n\r\nAnn\r\n"
)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(LETTER, id="the same bytes"),
        pytest.param(b"Received: by relay; today\r\nReceived: by other\r\n" + LETTER, id="another way"),
        pytest.param(b"Return-Path: <ann@example.com>\r\nDelivered-To: dspp@aastrom.com\r\n" + LETTER, id="delivered"),
        pytest.param(
            b"Authentication-Results: mx; dkim=pass\r\nARC-Seal: i=1\r\nDKIM-Signature: v=1;\r\n b=abc\r\n" + LETTER,
            id="signed",
        ),
        pytest.param(b"X-Spam-Score: 1\r\nX-Originating-IP: 1.2.3.4\r\n" + LETTER, id="judged"),
        pytest.param(LETTER.replace(b"\r\n", b"\n"), id="other line ends"),
        pytest.param(LETTER + b"\r\n\r\n", id="blank lines at the end"),
        pytest.param(LETTER.replace(b"$250.\r\n", b"$250.  \r\n"), id="spaces at a line's end"),
        pytest.param(LETTER.replace(b"Subject: Invest", b"Subject:\r\n Invest"), id="folded"),
        pytest.param(LETTER.replace(b"Subject:", b"SUBJECT:"), id="a name in capitals"),
    ],
)
def test_the_same_letter_has_the_same_key(again: bytes) -> None:
    assert dedupe_key("email", again) == dedupe_key("email", LETTER)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(LETTER.replace(b"$250", b"$251"), id="another amount"),
        pytest.param(LETTER.replace(b"<1@example.com>", b"<2@example.com>"), id="another id"),
        pytest.param(LETTER.replace(b"<1@example.com>", b""), id="no id"),
        pytest.param(LETTER.replace(b"09:00:00", b"09:00:01"), id="another moment"),
        pytest.param(LETTER.replace(b"From: Ann <ann@", b"From: Ann <bob@"), id="another sender"),
        pytest.param(LETTER.replace(b"text/plain", b"text/html"), id="another type"),
        pytest.param(LETTER.replace(b"Subject: Invest", b"Subject: Sell"), id="another subject"),
        pytest.param(LETTER.replace(b"To: dspp@", b"To: ir@"), id="another recipient"),
    ],
)
def test_another_letter_has_another_key(other: bytes) -> None:
    assert dedupe_key("email", other) != dedupe_key("email", LETTER)


def test_the_key_tells_channel_and_id() -> None:
    channel, message_id, digest = dedupe_key("email", LETTER).split("|")
    assert (channel, message_id, len(digest)) == ("email", "<1@example.com>", 64)
    assert dedupe_key("chat", LETTER) != dedupe_key("email", LETTER)


def test_letters_without_an_id_are_told_apart_by_what_they_say() -> None:
    first, second = b"Subject: x\n\none\n", b"Subject: x\n\ntwo\n"
    assert dedupe_key("email", first) != dedupe_key("email", second)
    assert dedupe_key("email", first) == dedupe_key("email", first.replace(b"\n", b"\r\n"))


@given(st.binary(max_size=500))
def test_every_message_has_a_short_printable_key(raw: bytes) -> None:
    key = dedupe_key("email", raw)
    assert key.isprintable()
    assert len(key) < 400
    assert key == dedupe_key("email", raw)
