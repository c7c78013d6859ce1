"""A figure with anything foreign in it, or that must be reckoned, is read as nothing: never cut."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.language.readings import read
from bot.language.slots import slots_for
from handlers.plan.money import Shares


def paid(text: str, intent: str = "buy") -> list[str]:
    return [str(amount) for amount in slots_for(intent, read(text))[0].amounts]


def counted(text: str) -> list[str]:
    found = slots_for("sell", read(text))[0].shares
    return [format(one.count.normalize(), "f") if isinstance(one, Shares) else one.value for one in found]


ANY = st.characters(exclude_characters="0123456789oO.,")
"""Digits, a point, a comma and the letter that is typed for a zero make another figure of it."""


@given(st.integers(min_value=10, max_value=999_999), st.integers(min_value=1, max_value=5), ANY)
@example(200, 1, "\n")
@example(200, 1, "\r")
@example(200, 1, " ")
@example(200, 1, "$")
@example(32, 1, "\t")
@example(200, 1, "*")
@example(200, 1, "\u0336")
@example(200, 1, "\u20e3")
@example(200, 1, "\u2028")
@example(200, 1, "\u2026")
@example(200, 1, "\u066c")
@example(2005, 3, "\u00b7")
@settings(max_examples=400, deadline=None)
def test_a_character_within_a_figure_never_cuts_it(number: int, at: int, character: str) -> None:
    figure = str(number)
    broken = figure[: min(at, len(figure) - 1)] + character + figure[min(at, len(figure) - 1) :]
    money = paid(f"Please invest ${broken} for me.")
    assert money in ([], [f"{number}.00"]) or len(money) > 1
    shares = counted(f"Please sell {broken} shares.")
    assert shares in ([], [str(number)]) or len(shares) > 1


@given(st.characters(exclude_characters="0123456789oO.,"))
@settings(max_examples=200, deadline=None)
def test_thousands_set_apart_are_the_whole_or_nothing(character: str) -> None:
    assert paid(f"Please invest $300{character}000 for me.") in ([], ["300000.00"])
    assert counted(f"Please sell 10{character}000 shares.") in ([], ["10000"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sell 10 000 shares", id="thousands set apart by a blank"),
        pytest.param("sell 1 000", id="and no word for shares"),
        pytest.param("sell 1\n000 shares", id="a line's end in it"),
        pytest.param("sell 1, 500 shares", id="a comma and a blank"),
        pytest.param("sell 2\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3 shares", id="digits as keys"),
        pytest.param("sell 200 plus 100 shares", id="a sum"),
        pytest.param("sell 200 shares and another 100", id="and another"),
        pytest.param("sell 200 shares and then another 200", id="the same again"),
        pytest.param("sell 100 shares x 2", id="times"),
        pytest.param("sell 200 shares twice", id="twice"),
        pytest.param("sell 200 shares. sorry i mean buy $200... no, $300", id="another kind of order meant"),
        pytest.param("sell 3/4 of my 400 shares", id="a fraction of a number"),
        pytest.param("sell a hundred and a half shares", id="a hundred and a half"),
        pytest.param("sell 1.000 shares", id="a thousand or one"),
        pytest.param("sell 10.000 shares", id="ten thousand or ten"),
        pytest.param("sell 1.500 shares", id="fifteen hundred or one and a half"),
    ],
)
def test_an_uncertain_count_is_none(text: str) -> None:
    assert counted(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("invest $3$00", id="a second sign within"),
        pytest.param("invest $3-00", id="a range that falls"),
        pytest.param("invest $1 00", id="a blank within"),
        pytest.param("invest $1.500", id="a point before three places"),
        pytest.param("Invest $300 and another $300", id="the same again"),
        pytest.param("invest $300 and $300", id="twice the same"),
        pytest.param("invest $500 x 2", id="times two"),
        pytest.param("invest $500 twice", id="twice"),
        pytest.param("invest $500 a piece for me and my wife", id="a piece"),
        pytest.param("invest $3,600 a year", id="by the year"),
        pytest.param("invest \u20ac500", id="a euro sign"),
        pytest.param("invest \u00a3500 for me", id="a pound sign"),
        pytest.param("buy \u00a550000", id="a yen sign"),
        pytest.param("Please invest CAD 500", id="Canadian dollars"),
        pytest.param("invest EUR 500", id="EUR before"),
        pytest.param("invest 500 EUR", id="EUR after"),
        pytest.param("invest 500\u20ac", id="a euro sign after"),
        pytest.param("invest 500 pounds", id="pounds"),
        pytest.param("use up the rest of my limit, i put 2000 already", id="what was put in"),
        pytest.param("did i say sell 200? buy $200! i mean buy $300", id="shares, dollars, and other dollars"),
    ],
)
def test_an_uncertain_amount_is_none(text: str) -> None:
    assert paid(text) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("1. Sell 200\n2. Send me forms", "200", id="a list"),
        pytest.param("1) 325 shares sold 2) deductions suspended", "325", id="a list in a line"),
        pytest.param("Sell 200\n500 Main St", "200", id="an address below"),
        pytest.param("sell 200 shares by 12/15", "200", id="a date"),
        pytest.param("On 2-10-04 sell 200 shares, my phone is 734 555 0142", "200", id="a date and a telephone number"),
        pytest.param("acct 20047715, 500 shs, sell", "500", id="an account"),
        pytest.param("sell 200 4 me", "200", id="four for for"),
        pytest.param("sell 200. 2 more things", "200", id="a new sentence"),
        pytest.param("sell 12.375 shares", "12.375", id="a fraction"),
        pytest.param("sell 12.3750 shares", "12.375", id="four places"),
        pytest.param("sell 0.500 shares", "0.5", id="less than one"),
        pytest.param("in 2004, 300 shares should be sold", "300", id="a year and a comma"),
    ],
)
def test_other_figures_beside_a_count_do_not_break_it(text: str, count: str) -> None:
    assert counted(text) == [count]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        pytest.param("invest $500, $250", ["500.00", "250.00"], id="rivals"),
        pytest.param("invest $300-$500", ["300.00", "500.00"], id="a range"),
        pytest.param("the check is for 1,050 and 1,050 is what I want invested", ["1050.00"], id="said again"),
        pytest.param("invest $500/month", ["500.00"], id="a slash"),
        pytest.param("invest $500 (500.00)", ["500.00"], id="in brackets again"),
        pytest.param("two and a half thousand dollars into the plan please", ["2500.00"], id="and a half thousand"),
        pytest.param("I lost 20 pounds. Invest $500", ["500.00"], id="pounds of weight"),
    ],
)
def test_what_parts_two_amounts_breaks_none(text: str, amounts: list[str]) -> None:
    assert paid(text) == amounts


def test_long_rows_of_figures_take_linear_time() -> None:
    assert read("1*" * 6000).amounts == ()
    assert read("1 000 " * 2000).shares == ()
    assert Decimal(1) not in {item.value for item in read("$5 x " * 2400).figures}
