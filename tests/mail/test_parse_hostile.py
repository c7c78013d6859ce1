"""Reading what is broken or meant to harm: as well as can be, in fair time, and never with an exception."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.parse import parse
from tests.mail.messages import LIMITS, multipart


@pytest.mark.parametrize(
    ("raw", "defect", "text", "readable"),
    [
        pytest.param(b"", "", "", True, id="nothing"),
        pytest.param(b"\n\n\n", "", "", True, id="blank lines"),
        pytest.param(
            b"just text without a header\n",
            "header_without_blank_line",
            "just text without a header\n",
            True,
            id="no header",
        ),
        pytest.param(
            b"Subject: x\nhello there\n", "header_without_blank_line", "hello there\n", True, id="no blank line"
        ),
        pytest.param(b"From ann Tue\nSubject: x\n\nhi", "", "hi", True, id="a mailbox file's first line"),
        pytest.param(
            b" folded\nSubject: x\n\nhi", "header_starts_folded", "hi", True, id="a header that begins folded"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed\n\n--b\n\nhi\n--b--\n", "boundary_missing", "hi", False, id="no boundary"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=zz\n\n--b\n\nhi\n",
            "boundary_not_found",
            "hi",
            False,
            id="another boundary",
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n",
            "closing_boundary_missing",
            "hi",
            True,
            id="no closing boundary",
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n--bb\n\nno\n--b\n\nhi\n--b--\n",
            "",
            "hi",
            True,
            id="a boundary that begins like another",
        ),
        pytest.param(
            b"Content-Type: text/plain\nContent-Type: text/html\n\n<p>hi",
            "several_content_types",
            "<p>hi",
            True,
            id="two types",
        ),
        pytest.param(
            b"Content-Transfer-Encoding: nosuch\n\nhi",
            "transfer_encoding_unknown",
            "hi",
            False,
            id="an unknown transfer encoding",
        ),
        pytest.param(b"Content-Transfer-Encoding: base64\n\n!!!!", "base64_broken", "", False, id="no base64 at all"),
        pytest.param(
            b"Content-Transfer-Encoding: base64\n\nSW52ZXN0ICQyN=TA=",
            "base64_broken",
            "Invest",
            False,
            id="base64 that lost a digit of the amount",
        ),
        pytest.param(b"X: y\n" * 1_001 + b"\nhi", "header_over_limit", "hi", False, id="too many fields"),
        pytest.param(b"X: " + b"y" * 300_000 + b"\n\nhi", "header_over_limit", "hi", False, id="a field too long"),
        pytest.param(b"Subject: x\n\n" + b"a" * 300_000, "text_over_limit", "aaa", False, id="too much text"),
        pytest.param(
            b"Content-Type: text/html\n\n" + b"<div>" * 3_000 + b"hi", "html_too_deep", "", False, id="HTML too deep"
        ),
        pytest.param(
            b"Content-Type: text/html\n\n" + b"<p>hi</p>" * 300_000, "html_over_limit", "hi", False, id="too much HTML"
        ),
        pytest.param(b"Subject: x\n\n" + b"a" * 10_000_001, "message_over_limit", "", False, id="oversize"),
    ],
)
def test_broken_messages_are_read_as_well_as_can_be(raw: bytes, defect: str, text: str, readable: bool) -> None:
    read = parse(raw, LIMITS)
    assert text.strip() in read.text
    assert read.is_readable is readable
    assert defect in read.defects if defect else read.defects == ()


def test_parts_and_depth_are_bounded() -> None:
    many = multipart("mixed", *["\nhi"] * 600)
    assert "too_many_parts" in many.defects
    assert not many.is_readable
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(500))
    read = parse(deep + b"\nhi", LIMITS)
    assert "mime_too_deep" in read.defects
    assert not read.is_readable


N = 1_000_000


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"Subject: " + b"x" * N + b"\n\nhi", id="a subject of a megabyte"),
        pytest.param(b"Subject: " + b"=?utf-8?q?a?= " * (N // 14) + b"\n\nhi", id="a subject of encoded words"),
        pytest.param(b"Subject: " + b"=?" * (N // 2) + b"\n\nhi", id="a subject of openings"),
        pytest.param(b"From: " + b"(" * N + b"\n\nhi", id="a sender of parentheses"),
        pytest.param(b"References: " + b"<a@b> " * (N // 6) + b"\n\nhi", id="endless references"),
        pytest.param(b"X: y\n" + b" z\n" * (N // 3) + b"\nhi", id="endless folding"),
        pytest.param(b"Content-Type: multipart/mixed; " + b'a="b;' * (N // 5) + b"\n\nhi", id="endless parameters"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=-\n\n" + b"-" * N, id="a body of boundary"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=-\n\n" + b"---\n" * (N // 4), id="endless boundaries"),
        pytest.param(b"\n" * N, id="blank lines"),
        pytest.param(b"\n\n" + b"a\n" * (N // 2), id="short lines"),
        pytest.param(b"Content-Transfer-Encoding: base64\n\n" + b"=" * N, id="padding"),
        pytest.param(b"Content-Transfer-Encoding: base64\n\n" + b"A=" * (N // 2), id="pieces of base64"),
        pytest.param(b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * (N // 2), id="soft line ends"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<div>" * (N // 5), id="nested elements"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<p>" * (N // 3), id="paragraphs"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<b>" * (N // 3), id="bold"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<table><tr><td>" * (N // 15), id="tables in tables"),
        pytest.param(b"Content-Type: text/html\n\n<style>" + b".a{color:red}" * (N // 13) + b"</style>x", id="rules"),
        pytest.param(b"Content-Type: text/html\n\n" + b"<p style='color:#fff'>x" * (N // 23), id="colors"),
        pytest.param(b"Content-Type: text/html\n\n<p " + b"a=b " * (N // 4), id="attributes"),
        pytest.param(b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * (N // 3), id="one flowed paragraph"),
        pytest.param(b"Content-Type: text/plain; format=flowed\n\n" + b">" * N, id="endless quotation"),
        pytest.param(b"\n-----BEGIN PGP SIGNED MESSAGE-----\n" * (N // 36), id="armor"),
    ],
)
def test_hostile_messages_are_read_in_fair_time(raw: bytes) -> None:
    started = time.process_time()
    read = parse(raw, LIMITS)
    assert time.process_time() - started < 3.0
    assert "parser_failure" not in read.defects


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    assert "parser_failure" not in parse(raw, LIMITS).defects


_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b'"', b"=", b"--b", b"--b--", b"boundary=b", b"\xff", b"\x00",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Content-Type: text/html; charset=utf-16\n",
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
        b"Subject: =?utf-7?q?", b"From: ", b"<a@b.example>", b"(", b")", b"Date: Tue, 4 Nov 2003 ",
        b"Content-Disposition: attachment; ",
        b"filename*0*=utf-8''%ff", b"<div style='display:none'>", b"</p>", b"<style>.a{", b"}", b"<!--", b"&#x202e;",
        b"<blockquote class=gmail_quote>", b"charset=hz", b"charset=iso-2022-kr", b"message/rfc822", b"text/plain",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=40).map(b"".join))
def test_any_pieces_of_mail_are_read(raw: bytes) -> None:
    read = parse(raw, LIMITS)
    assert "parser_failure" not in read.defects
    assert "\x00" not in read.text + read.subject
    assert "\n" not in read.subject
    read.text.encode("utf-8")
    read.subject.encode("utf-8")


def test_a_fault_of_the_reader_still_gives_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("bot.mail.parse.read_parts", broken)
    read = parse(b"From: a@b.example\n\nhi", LIMITS)
    assert read.defects == ("parser_failure",)
    assert not read.is_readable
