"""Whatever a message repeats, its details are read in a time that does not run away."""

from __future__ import annotations

import time

import pytest

from bot.language.readings import read
from bot.language.requests import ACTING, request_for
from bot.language.slots import USED, slots_for
from bot.language.text import LONGEST

SECONDS = 5.0
"""Far above what the slowest takes (0.3 s), far below what a quadratic pattern would."""


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(piece, id=repr(piece))
        for piece in (
            "hundred ", "hundred and ", "a hundred\n", "twenty-", "$1,000 ", "1,", " 1", "$1-$2 ", ".5 ", "5O", "$",
            "deduct from my ", "check on ", "from my bank ", "the 15th of the month on ", "on the 15 ", "May ", "12/",
            "P-1002 keep ", "1-", "account # ", "New York ", "N.J. ", "Mr. Washington ", "Aa, ", "all of my ",
            "half of the ", "300 of my ", "all but ", "another ", "no wait ", "it is ", "make it ", "the maximum of ",
            "a", "-", "\n\n", "(", "'s ",
        )
    ],
)  # fmt: skip
def test_a_longest_message_of_one_thing_over_and_over_is_read_in_bounded_time(piece: str) -> None:
    text = (piece * LONGEST)[: LONGEST - 60] + " sell 500 shares, buy $500 monthly on the 15th."
    started = time.process_time()
    reading = read(text)
    for intent in USED:
        slots_for(intent, reading)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(piece, id=repr(piece))
        for piece in (
            "thousand ", "hundred ", "no, ", "sell. no ", "(", "of my ", "$5 ", "at 5 each ", "Bob's ", "for Mary ",
            "order for ", "[sample ", "stop my ", "cancel that ",
        )
    ],
)  # fmt: skip
def test_acts_and_cautions_are_sought_in_bounded_time(piece: str) -> None:
    reading = read((piece * LONGEST)[: LONGEST - 60] + " sell 500 shares, buy $500 monthly on the 15th.")
    started = time.process_time()
    for intent in ACTING:
        request_for(intent, reading, 1.0)
    assert time.process_time() - started < SECONDS
