"""Which deliveries are one: a retry is, and nothing that could be treated in another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dedupe import Delivery, dedupe_key, delivery_of
from tests.mail.signing import LETTER as UNSIGNED
from tests.mail.signing import sign

LETTER = (
    b"From: Ann <ann@example.com>\r\nTo: dspp@aastrom.com\r\nSubject: Invest\r\n"
    b"Date: Mon, 3 Nov 2003 09:00:00 -0500\r\nMessage-ID: <1@example.com>\r\n"
    b"Content-Type: text/plain\r\n\r\nPlease invest $250.\r\n\r\nAnn\r\n"
)
STAMP = b"Received: from a.example\r\n\tby b.example; Mon, 23 Nov 2026 12:00:00 +0000\r\n"
FIRST_BOUNCE, SECOND_BOUNCE = (f"dspp+b{letter * 26}{letter * 16}@aastrom.com" for letter in "xy")
DELIVERY = delivery_of("ann@example.com", "192.0.2.1", "mx.example.com", ("dspp@aastrom.com",))
MONDAY, TUESDAY = date(2003, 11, 3), date(2003, 11, 4)


def in_header(field: bytes, raw: bytes = LETTER) -> bytes:
    """`raw` with another field, directly above the blank line."""
    return raw.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n", 1)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(LETTER, id="a retry, octet for octet"),
        pytest.param(STAMP + LETTER, id="by a relay more"),
        pytest.param(STAMP.replace(b"Received", b"RECEIVED") * 3 + LETTER, id="by three relays more"),
        pytest.param(in_header(STAMP[:-2]), id="stamped below"),
    ],
)
def test_the_same_letter_has_the_same_key(again: bytes) -> None:
    assert dedupe_key("email", again) == dedupe_key("email", LETTER)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(LETTER.replace(b"$250", b"$251"), id="another amount"),
        pytest.param(LETTER.replace(b"<1@example.com>", b"<2@example.com>"), id="another id"),
        pytest.param(LETTER.replace(b"Message-ID: <1@example.com>\r\n", b""), id="no id"),
        pytest.param(LETTER.replace(b"09:00:00", b"09:00:01"), id="another moment"),
        pytest.param(LETTER.replace(b"From: Ann <ann@", b"From: Ann <bob@"), id="another sender"),
        pytest.param(LETTER.replace(b"text/plain", b"text/html"), id="another type"),
        pytest.param(LETTER.replace(b"To: dspp@", b"To: ir@"), id="another recipient"),
        pytest.param(in_header(b"DKIM-Signature: v=1; b=abc"), id="a signature"),
        pytest.param(in_header(b"Authentication-Results: mx.aastrom.com; dmarc=pass"), id="findings"),
        pytest.param(in_header(b"X-Autoreply: yes"), id="an answering program's field"),
        pytest.param(in_header(b"X-Foo-automatic: yes"), id="a field that nobody knows"),
        pytest.param(in_header(b"Content-Disposition: attachment"), id="the root an attachment"),
        pytest.param(in_header(b"Content-Transfer-Encoding: base64"), id="another encoding"),
        pytest.param(in_header(b"Delivered-To: autoresponder@example.com"), id="Delivered-To, which tells a program"),
        pytest.param(in_header(b"Return-Path: <>"), id="Return-Path, which tells a bounce"),
        pytest.param(in_header(b"List-Id: <friends.list.example>"), id="a list's copy"),
        pytest.param(LETTER.replace(b"Subject: Invest", b"Subject:\r\n Invest"), id="folded, which simple forms sign"),
        pytest.param(LETTER.replace(b"Subject:", b"SUBJECT:"), id="a name in capitals, likewise"),
        pytest.param(LETTER.replace(b"$250.\r\n", b"$250. \r\n"), id="a space at a line's end, likewise"),
        pytest.param(LETTER + b"\r\n", id="a blank line at the end"),
        pytest.param(LETTER.replace(b"\r\n", b"\n"), id="other line ends"),
        pytest.param(LETTER.replace(b"\r\n\r\n", b"\r\nReceived: sell all\r\n\r\n", 1).replace(b"To:", b"To :"),
                     id="a field that not all readers take for one, and Received behind it"),
    ],
)  # fmt: skip
def test_another_letter_has_another_key(other: bytes) -> None:
    assert dedupe_key("email", other) != dedupe_key("email", LETTER)


def test_words_that_look_like_a_stamp_count_where_a_reader_takes_them_for_text() -> None:
    """A line that is no field begins the body, for one reader; what stands below it is then what the sender says."""
    broken = in_header(b"this is no field\r\nReceived: sell $100 of them")
    assert dedupe_key("email", broken) != dedupe_key("email", broken.replace(b"$100", b"$900"))
    in_body = LETTER + b"Received: $100\r\n"
    assert dedupe_key("email", in_body) != dedupe_key("email", in_body.replace(b"$100", b"$900"))
    headless = b"\r\nReceived: $100\r\n\r\nbody\r\n"
    assert dedupe_key("email", headless) != dedupe_key("email", headless.replace(b"$100", b"$900"))


@pytest.mark.parametrize("names", [b"from:received", b"from:\r\n\tReceived :to", b"from:Re ceived"])
def test_a_stamp_counts_where_a_signature_names_it(names: bytes) -> None:
    """RFC 6376 leaves it to the signer. A copy with another stamp would fail where the genuine letter passes."""
    signed = b"DKIM-Signature: v=1; h=" + names + b"; b=abc\r\n" + STAMP + LETTER
    assert dedupe_key("email", signed) != dedupe_key("email", signed.replace(b"a.example", b"c.example"))


def test_a_stamp_does_not_count_where_a_signature_does_not_name_it() -> None:
    signed = sign(UNSIGNED)
    assert dedupe_key("email", STAMP + signed) == dedupe_key("email", signed)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(DELIVERY, mail_from="bob@example.com"), id="another envelope sender"),
        pytest.param(replace(DELIVERY, mail_from=""), id="the null sender"),
        pytest.param(replace(DELIVERY, peer="192.0.2.2"), id="another client"),
        pytest.param(replace(DELIVERY, helo="mx2.example.com"), id="another name of the client"),
        pytest.param(replace(DELIVERY, letters=(FIRST_BOUNCE,)), id="to a letter's envelope sender, too"),
        pytest.param(replace(DELIVERY, letters=(FIRST_BOUNCE,), is_report=True), id="to nothing else"),
    ],
)
def test_another_delivery_has_another_key(other: Delivery) -> None:
    keys = {dedupe_key("email", LETTER, delivery=one) for one in (DELIVERY, other, Delivery())}
    assert len(keys) == 3


def test_no_two_deliveries_can_be_written_as_one() -> None:
    """What stands in one part of an envelope cannot be moved to the next."""
    parts = [("a", "bc", "d"), ("ab", "c", "d"), ("a", 'b", "c', "d"), ("a", "b", "cd")]
    joined = [Delivery(*three) for three in parts]
    assert len({dedupe_key("email", LETTER, delivery=one) for one in joined}) == len(joined)


@pytest.mark.parametrize(
    ("recipients", "letters", "is_report"),
    [
        pytest.param(("dspp@aastrom.com",), (), False, id="the program"),
        pytest.param(("dspp@aastrom.com", "dspp+cabc@aastrom.com"), (), False, id="a conversation as well"),
        pytest.param((FIRST_BOUNCE.upper(), FIRST_BOUNCE), (FIRST_BOUNCE,), True, id="one letter"),
        pytest.param((SECOND_BOUNCE, FIRST_BOUNCE), (FIRST_BOUNCE, SECOND_BOUNCE), True, id="two letters"),
        pytest.param((FIRST_BOUNCE, "dspp@aastrom.com"), (FIRST_BOUNCE,), False, id="a letter and the program"),
        pytest.param((), (), False, id="nobody"),
    ],
)
def test_what_of_the_recipients_decides(recipients: tuple[str, ...], letters: tuple[str, ...], is_report: bool) -> None:
    assert delivery_of("", "192.0.2.1", "", recipients) == Delivery("", "192.0.2.1", "", letters, is_report)


def test_the_same_words_about_two_letters_are_two_reports() -> None:
    first, second = (delivery_of("", "192.0.2.1", "mx", (bounce,)) for bounce in (FIRST_BOUNCE, SECOND_BOUNCE))
    assert dedupe_key("email", b"full\r\n", delivery=first) != dedupe_key("email", b"full\r\n", delivery=second)


def test_the_key_tells_channel_and_id() -> None:
    channel, message_id, digest = dedupe_key("email", LETTER).split("|")
    assert (channel, message_id, len(digest)) == ("email", "<1@example.com>", 64)
    assert dedupe_key("staff", LETTER) != dedupe_key("email", LETTER)


NAMELESS = LETTER.replace(b"Message-ID: <1@example.com>\r\n", b"").replace(b"Date: ", b"X-Date: ")


@pytest.mark.parametrize(
    ("raw", "is_named"),
    [
        pytest.param(LETTER, True, id="id and date"),
        pytest.param(in_header(b"Message-ID:\r\n <1@x>", NAMELESS), True, id="an id on the next line"),
        pytest.param(in_header(b"date: today", NAMELESS), True, id="a date"),
        pytest.param(NAMELESS, False, id="neither"),
        pytest.param(in_header(b"Date:\r\nMessage-ID: \t", NAMELESS), False, id="both empty"),
        pytest.param(in_header(b"Date:\r\nX-Next: full", NAMELESS), False, id="empty above another field"),
        pytest.param(NAMELESS + b"Date: today\r\n", False, id="a date in the text"),
    ],
)
def test_a_letter_without_id_and_date_is_another_one_on_another_day(raw: bytes, is_named: bool) -> None:
    assert dedupe_key("email", raw, MONDAY) == dedupe_key("email", raw, MONDAY)
    assert (dedupe_key("email", raw, MONDAY) == dedupe_key("email", raw, TUESDAY)) == is_named


@given(st.binary(max_size=500))
def test_every_message_has_a_short_printable_key(raw: bytes) -> None:
    key = dedupe_key("email", raw)
    assert key.isprintable()
    assert len(key) < 400
    assert key == dedupe_key("email", raw)


PIECES = [b"Received: x\r\n", b"To: y\r\n", b"X-A: z\r\n", b"\r\n", b" folded\r\n", b"no field\r\n", b"Received :\r\n",
          b"DKIM-Signature: h=received\r\n", b"received:", b"\r", b"\n", b"\t"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.lists(st.sampled_from(PIECES), max_size=8))
def test_only_stamps_that_every_reader_takes_for_stamps_make_no_difference(one: list[bytes], two: list[bytes]) -> None:
    """Written in another way than what it tests: by lines, and by the section as it is read."""
    first, second = b"".join(one), b"".join(two)
    if dedupe_key("email", first) == dedupe_key("email", second):
        assert _without_stamps(first) == _without_stamps(second)


def _without_stamps(raw: bytes) -> bytes:
    header, blank, body = raw.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    is_stamp = False
    for line in (header + b"\r\n").split(b"\r\n")[:-1]:
        is_stamp = line.lower().startswith(b"received:") or (is_stamp and line[:1] in (b" ", b"\t"))
        kept += [] if is_stamp else [line]
    return b"\r\n".join(kept) + blank + body


def test_a_header_of_folds_and_stamps_costs_time_in_proportion() -> None:
    """Whatever fills the header: a search that began anew at each line would not end within the test's patience."""
    for piece in (b"Received: x\r\n", b" folded\r\n", b"Received:", b"dkim-signature:\r\n ", b"date:\r\n ", b"x"):
        raw = b"Received: a\r\n" + piece * (2_000_000 // len(piece))
        assert dedupe_key("email", raw) != dedupe_key("email", raw + b"\r\n\r\n" + LETTER)
