"""Days and dates: all are candidates, and chances settle which are ordered."""

from __future__ import annotations

import pytest

from bot.language.moments import ASKED, KEPT, Moment, moments, signs, with_moments
from bot.language.readings import read


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("The 20th is a good day.", [20]),
        ("monthly debit, $500, the 1st", [1]),
        ("take 280 dollars on day 3", [3]),
        ("drafted on the twenty-first", [21]),
        ("a bite on the 5th of September, then the 6th", ["--09-05", 6]),
        ("DEBIT FROM . February 2004", ["2004-02"]),
        ("the 300 shares, the 15 dollars and version 2.3rd", []),
        ("may I sell on the 32nd of $15", []),
    ],
)
def test_what_a_text_names(text: str, values: list[int | str]) -> None:
    assert [moment.value for moment in moments(text)] == values


def test_a_moment_stands_where_it_is_written() -> None:
    text = "Take it on the 20th, from March 2004."
    assert [text[one.start : one.end] for one in moments(text)] == ["20th", "March 2004"]


def test_signs_are_as_many_for_each() -> None:
    reading = read("Deduct $300 on the 20th of each month, starting March 2004, not on the 5th.")
    among = moments(reading.text)
    assert len(among) == 3
    assert {len(signs(reading, one, among)) for one in among} == {len(signs(reading, among[0], among))}
    assert signs(reading, among[0], among).tolist() != signs(reading, among[2], among).tolist()


def day(text: str, value: int | str) -> Moment:
    return next(one for one in moments(text) if one.value == value)


def test_a_likely_day_comes_in() -> None:
    reading = read("An arrangement by which $350 leaves my checking account. The 20th is good, the 4th is payday.")
    chances = {day(reading.text, 20): ASKED, day(reading.text, 4): ASKED - 0.01}
    assert [item.value for item in with_moments(reading, chances).days_of_month] == [20]


def test_an_unlikely_day_that_the_grammar_finds_is_dropped() -> None:
    reading = read("Please deduct $300 on the 20th of each month.")
    assert [item.value for item in reading.days_of_month] == [20]
    found = day(reading.text, 20)
    assert with_moments(reading, {found: KEPT - 0.01}).days_of_month == ()
    assert with_moments(reading, {found: KEPT}).days_of_month == reading.days_of_month
    assert with_moments(reading, {}).days_of_month == reading.days_of_month


def test_rivals_both_stay() -> None:
    reading = read("$300 a month, the 10th or the 20th suits me.")
    chances = {day(reading.text, 10): 0.9, day(reading.text, 20): 0.9}
    assert [item.value for item in with_moments(reading, chances).days_of_month] == [10, 20]


def test_the_last_correction_governs() -> None:
    reading = read("$300 a month, the 10th. No, make that the 20th.")
    chances = {day(reading.text, 10): 0.9, day(reading.text, 20): 0.9}
    assert [item.value for item in with_moments(reading, chances).days_of_month] == [20]


def test_dates_settle_what_begins_too() -> None:
    reading = read("Auto invest 250 monthly, Eff: 1 March 2004")
    settled = with_moments(reading, {day(reading.text, "2004-03-01"): 0.9})
    assert [item.value for item in settled.effective_dates] == ["2004-03-01"]
    assert [item.value for item in settled.starting_dates] == ["2004-03-01"]
