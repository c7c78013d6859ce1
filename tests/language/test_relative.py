"""By how much a deduction is to change is not what it is to be."""

from __future__ import annotations

import pytest

from bot.language.readings import read
from bot.language.slots import slots_for


def deducted(text: str) -> list[str]:
    slots, _ = slots_for("recurring", read(text))
    return [str(amount) for amount in slots.amounts]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Increase my monthly deduction by $300", id="increase by"),
        pytest.param("Raise my monthly deduction $300", id="raise without by"),
        pytest.param("raise my deduction by another $50 please", id="by another"),
        pytest.param("Cut my deduction by $250", id="cut by"),
        pytest.param("lower my deduction fifty dollars", id="lower, in words"),
        pytest.param("bump my draft 100 bucks", id="bump"),
        pytest.param("up it by $50", id="up it by"),
        pytest.param("raise my monthly deduction by, say, fifty", id="by, say,"),
        pytest.param("make my deduction $50 bigger", id="bigger"),
        pytest.param("up my monthly 50", id="up it"),
        pytest.param("Increase $100 from my monthly debit", id="increase and the figure"),
        pytest.param("Add $250 to my deduction", id="add to"),
        pytest.param("tack on 50 dollars a month to what you take", id="tack on"),
        pytest.param("Take $250 off my monthly deduction", id="take off"),
        pytest.param("take 250 off it", id="take off it"),
        pytest.param("Cut $100 from my monthly deduction", id="cut from"),
        pytest.param("take $50 more each month", id="more each month"),
        pytest.param("take fifty dollars less a month", id="less a month"),
        pytest.param("draw an extra $50 each month", id="an extra"),
        pytest.param("Raise my deduction by $50 from 300", id="by so much from so much"),
    ],
)
def test_a_change_by_so_much_names_no_amount(text: str) -> None:
    assert deducted(text) == []


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("raise it from 300 to 400", "400.00", id="from and to"),
        pytest.param("raise it to 400", "400.00", id="to"),
        pytest.param("make it 400", "400.00", id="make it"),
        pytest.param("raise my deduction, $400 from now on", "400.00", id="set apart by a comma"),
        pytest.param("raise it $50 to $350", "350.00", id="both by and to"),
        pytest.param("increase it by $50 from 300 to 350", "350.00", id="by, from and to"),
        pytest.param("increase my $250 deduction to $400", "400.00", id="the old one named"),
        pytest.param("I got a raise. Put me down for $400 a month", "400.00", id="a raise in pay"),
        pytest.param("I got a raise so take $400 a month", "400.00", id="a raise in the same sentence"),
        pytest.param("take 300 off my checking account each month", "300.00", id="off the bank"),
        pytest.param("take $250 out of my checking automatically every month", "250.00", id="out of the bank"),
        pytest.param("start my plan by a $250 monthly deduction", "250.00", id="by a deduction"),
        pytest.param("drop my monthly to 250", "250.00", id="drop to"),
        pytest.param("add me to the plan at $300 a month", "300.00", id="add the person"),
    ],
)
def test_a_new_amount_is_read(text: str, amount: str) -> None:
    assert deducted(text) == [amount]


def test_a_purchase_may_be_another_one() -> None:
    slots, _ = slots_for("buy", read("put in another $500 for me"))
    assert [str(amount) for amount in slots.amounts] == ["500.00"]
