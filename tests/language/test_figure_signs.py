"""The grammar's signs of a figure: the same number for each, and each says what it says."""

from __future__ import annotations

import pytest

from bot.language.figure_signs import signs
from bot.language.readings import read


def of(text: str, number: int) -> list[float]:
    reading = read(text)
    return [float(sign) for sign in signs(reading, reading.figures[number], number)]


@pytest.mark.parametrize(
    "text",
    [
        "Sell 200 of my 300 shares.",
        "Invest $500. No, make that $750.",
        "Since 1999 I have 40 shares, take 12.375 and 20000 bucks on the 15th, acct 4471-0082",
        "500",
    ],
)
def test_every_figure_has_as_many(text: str) -> None:
    reading = read(text)
    found = {len(signs(reading, figure, number)) for number, figure in enumerate(reading.figures)}
    assert len(found) == 1


def test_an_order_differs_from_a_story() -> None:
    assert of("Please buy $500 of stock.", 0) != of("The roof cost $500 of course.", 0)


def test_a_figure_that_is_taken_back_differs_from_one_that_stands() -> None:
    text = "Invest $500. No, make that $750."
    assert of(text, 0) != of(text, 1)


def test_a_year_shows() -> None:
    assert of("sell 1999 shares", 0) != of("sell 1899 shares", 0)
