"""The words of bounces without structure: what is read of them, and what belongs to whom."""

from __future__ import annotations

import pytest

from bot.mail.bounce_text import failed_addresses, reason_for, told_lines
from bot.mail.mime import read_parts
from bot.mail.report_parts import returned_header, returned_id
from tests.mail.messages import LIMITS

ANN, BOB = "ann@holder.example", "bob@holder.example"


def told(raw: str) -> tuple[str, ...]:
    root, _ = read_parts(raw.encode(), LIMITS)
    return tuple(filter(None, told_lines(tuple(root.leaves()), LIMITS)))


@pytest.mark.parametrize(
    "divider",
    [
        "------ This is a copy of the message, including all the headers. ------",
        "--- Below this line is a copy of the message.",
        "   ----- Original message follows -----",
        "----- Message header follows -----",
        "----- Unsent message follows -----",
        "---- Ursprüngliche Nachricht ----",
        "Received: from x.example by y.example",
        "Return-Path: <dspp@aastrom.com>",
    ],
)
def test_reading_ends_where_the_returned_letter_begins(divider: str) -> None:
    assert told(f"X: y\n\nIt failed.\n{divider}\nTo: carol@unrelated.example\n") == ("It failed.",)


@pytest.mark.parametrize("line", ["   ----- Transcript of session follows -----", "--- Session Transcript ---", "-- "])
def test_other_dividers_end_nothing(line: str) -> None:
    assert told(f"X: y\n\nIt failed.\n{line}\n550 no\n")[-1] == "550 no"


def test_neither_files_nor_returned_letters_are_read() -> None:
    raw = """Content-Type: multipart/mixed; boundary=b

--b
Content-Disposition: attachment; filename=a.txt

from a file
--b

It failed.
--b
Content-Type: message/rfc822

from the letter
--b

after it
--b--
"""
    assert told(raw) == ("It failed.",)


@pytest.mark.parametrize(
    ("lines", "addresses"),
    [
        pytest.param((ANN,), (ANN,), id="alone"),
        pytest.param((f"  <{ANN}>:",), (ANN,), id="in brackets"),
        pytest.param((f"Recipient: {ANN}",), (ANN,), id="behind a label"),
        pytest.param((f"Bob and {ANN} are gone.",), (), id="in a sentence"),
        pytest.param((f"The user {ANN} is unknown.",), (ANN,), id="in a sentence with a reason"),
        pytest.param((f"We asked for {ANN} there,", "and heard 550 no"), (ANN,), id="with a reason below"),
        pytest.param((f"From: {BOB}", "user unknown"), (), id="the sender"),
        pytest.param(("postmaster@holder.example: user unknown",), (), id="the postmaster"),
        pytest.param((ANN, ANN.upper(), BOB), (ANN, BOB), id="each once"),
        pytest.param(("dspp@aastrom.com",), (), id="the bounce's own recipient"),
        pytest.param(("a@@b.example", "@", "a@b", "a@.example"), (), id="none"),
    ],
)
def test_an_address_counts_alone_or_with_a_reason(lines: tuple[str, ...], addresses: tuple[str, ...]) -> None:
    assert failed_addresses(lines, {"dspp@aastrom.com"}) == addresses


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param((ANN, "user unknown", "", "mailbox full"), f"{ANN} user unknown", id="up to a blank line"),
        pytest.param((ANN, "user unknown", BOB, "mailbox full"), f"{ANN} user unknown", id="up to another address"),
        pytest.param((ANN, "sorry", "", "user unknown"), f"{ANN} sorry user unknown", id="all, where it gives none"),
        pytest.param(("user unknown",), "user unknown", id="all, where it is not there"),
    ],
)
def test_a_reason_belongs_to_its_address(lines: tuple[str, ...], reason: str) -> None:
    assert reason_for(ANN, lines) == reason


@pytest.mark.parametrize("kind", ["message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"])
def test_the_returned_letter_is_known_in_each_of_its_forms(kind: str) -> None:
    head = "Content-Type: multipart/report; boundary=b"
    raw = f"{head}\n\n--b\nContent-Type: {kind}\n\n\nMessage-ID: <a@b.example>\n--b--\n"
    root, _ = read_parts(raw.encode(), LIMITS)
    assert returned_id(returned_header(tuple(root.leaves()), LIMITS)) == "<a@b.example>"
