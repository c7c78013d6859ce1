"""Signatures made to harm: checked in fair time, never with an exception, and never letting other words through."""

from __future__ import annotations

import time
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.dkim_check import check_dkim, key_names
from bot.mail.dkim_fields import canonical_body
from bot.mail.dkim_reasons import DkimReason, DkimResult
from bot.mail.limits import Limits
from tests.mail.signing import LETTER, NOW, key_record, published, rsa_octets, sign

LIMITS = Limits()
N = 9_900_000


def heavy(body: bytes) -> bytes:
    """A letter with that body and five signatures over it that hold, as a stranger with a domain can make it."""
    stated = b64encode(sha256(canonical_body(body, "relaxed")).digest()).decode()
    head = LETTER[: LETTER.index(b"\r\n\r\n") + 4]
    return sign(head, tags={"bh": stated})[: -len(head)] * 5 + head + body


@pytest.mark.parametrize(
    ("raw", "is_heavy"),
    [
        pytest.param(b" " * N + b"x\r\n", True, id="a body of spaces"),
        pytest.param(b"\r\n" * (N // 2) + b"x\r\n", True, id="a body of line ends"),
        pytest.param(b" xy" * (N // 3) + b"\r\n", True, id="a body of short words"),
        pytest.param(b"a.\r\n" * (N // 4), True, id="a body of short lines"),
        pytest.param((b" \t" * 30_000 + b"x\r\n") * 160, True, id="long lines of spaces and tabs"),
        pytest.param(b"a:b\r\n" * 200_000 + b"\r\nx", False, id="endless fields"),
        pytest.param(b"Subject: " + b"x" * 1_000_000 + b"\r\n" + LETTER, False, id="a field of a megabyte"),
        pytest.param(b"X: y\r\n" + b" z\r\n" * 60_000 + LETTER, False, id="endless folding"),
        pytest.param(b"DKIM-Signature: v=1; b" + b"\r\n " * 80_000 + b"\r\n" + LETTER, False, id="a gap in a tag"),
        pytest.param(b"DKIM-Signature: " + b"a=b;" * 60_000 + b"\r\n" + LETTER, False, id="endless tags"),
        pytest.param(sign(LETTER)[: -len(LETTER)] * 300 + LETTER, False, id="endless signatures"),
    ],
)
def test_hostile_messages_are_checked_in_fair_time(raw: bytes, is_heavy: bool) -> None:
    message = heavy(raw) if is_heavy else raw
    started = time.process_time()
    key_names(message, LIMITS)
    found = check_dkim(message, published(), NOW, LIMITS)
    assert time.process_time() - started < 5.0
    assert not is_heavy or [each.reason for each in found] == [DkimReason.PASSED] * 5


def test_a_key_of_the_longest_kind_is_checked_in_fair_time() -> None:
    """The dearest arithmetic that a stranger's key can ask for, five times."""
    record = key_record(p=b64encode(rsa_octets((1 << 8_192) - 1, (1 << 64) - 1)).decode())
    head, _, rest = sign(LETTER).partition(b"\r\n b=")
    line = head + b"\r\n b=" + b64encode(b"\x7f" * 1_024) + b"\r\n"
    assert rest.endswith(LETTER)
    started = time.process_time()
    found = check_dkim(line * 5 + LETTER, published(record), NOW, LIMITS)
    assert time.process_time() - started < 5.0
    assert [each.reason for each in found] == [DkimReason.SIGNATURE_WRONG] * 5


_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b"=", b"\xff", b"\x00", b"\x0b", b"From: a@example.com\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=", b"b=", b"AAAA", b"l=9", b"t=1; x=2",
        b"=" * 4, b"i=@", b"c=relaxed/simple", b"\r\n\r\n", b"Subject: x\r\n", sign(LETTER), LETTER,
        sign(LETTER)[: -len(LETTER)], b"d=b\xc3\xbccher.example", b"h=from:from",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=12).map(b"".join))
def test_no_pieces_of_signed_mail_raise_and_none_say_other_words(raw: bytes) -> None:
    assert len(key_names(raw, LIMITS)) <= 5
    for each in check_dkim(raw, published(), NOW, LIMITS):
        assert each.result is not DkimResult.PASS or (b"$250" in raw and raw.count(b"\nFrom: Ann") == 1)


@settings(deadline=None)
@given(st.binary(max_size=500), st.text(max_size=300))
def test_any_bytes_and_any_record_have_a_verdict(raw: bytes, record: str) -> None:
    for message in (raw, b"DKIM-Signature: " + raw + b"\r\n" + LETTER, sign(LETTER).replace(b"v=1", raw, 1)):
        assert all(each.result is not DkimResult.PASS for each in check_dkim(message, published(), NOW, LIMITS))
    for published_record in (record, key_record(p=record)):
        (found,) = check_dkim(sign(LETTER), published(published_record), NOW, LIMITS)
        assert found.result is not DkimResult.PASS
