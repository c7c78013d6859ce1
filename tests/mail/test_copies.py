"""Copies of one letter: which of them stand for each other, and what reading a huge one costs."""

from __future__ import annotations

import tracemalloc
from datetime import date

import pytest

from bot.mail.dedupe import dedupe_key

LETTER = (
    b"From: Ann <ann@example.com>\r\nTo: dspp@aastrom.com\r\nCc: friends@list.example\r\nSubject: Invest\r\n"
    b"Message-ID: <1@example.com>\r\n\r\nPlease invest $250.\r\n"
)
NAMELESS = b"From: ann@example.com\r\nTo: dspp@aastrom.com\r\nSubject: Invest\r\n\r\nPlease invest $250.\r\n"
MONDAY, TUESDAY = date(2003, 11, 3), date(2003, 11, 4)


@pytest.mark.parametrize(
    "field",
    [b"List-Id: <friends.list.example>\r\n", b"Precedence: list\r\n", b"Auto-Submitted: auto-generated\r\n"],
)
def test_the_copy_from_a_list_does_not_stand_for_the_one_that_came_straight(field: bytes) -> None:
    assert dedupe_key("email", field + LETTER) != dedupe_key("email", LETTER)


def test_a_letter_without_id_and_date_is_another_one_on_another_day() -> None:
    assert dedupe_key("email", NAMELESS, MONDAY) == dedupe_key("email", b"Received: by x\r\n" + NAMELESS, MONDAY)
    assert dedupe_key("email", NAMELESS, MONDAY) != dedupe_key("email", NAMELESS, TUESDAY)


@pytest.mark.parametrize("field", [b"Message-ID: <2@example.com>\r\n", b"Date: Mon, 3 Nov 2003 09:00:00 -0500\r\n"])
def test_a_letter_with_id_or_date_is_the_same_on_every_day(field: bytes) -> None:
    assert dedupe_key("email", field + NAMELESS, MONDAY) == dedupe_key("email", field + NAMELESS, TUESDAY)


def test_millions_of_empty_lines_cost_memory_in_proportion_to_their_bytes() -> None:
    raw = LETTER + b"\r\n" * 500_000
    tracemalloc.start()
    try:
        assert dedupe_key("email", raw) != dedupe_key("email", LETTER)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(raw)
    finally:
        tracemalloc.stop()
