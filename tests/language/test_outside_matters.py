"""Trials, gyms, newspapers and other companies as the object of an act, and beside one of ours."""

from __future__ import annotations

import pytest

from bot.language.outside_matters import is_outside

OUTSIDE = [
    ("withdraw", "withdraw me from the trial"),
    ("withdraw", "Please withdraw me from the study at once"),
    ("enroll", "Please enroll me in the clinical trial"),
    ("enroll", "Please enroll me in the Part B like the lady on the telephone explained"),
    ("cancel_order", "cancel my newspaper order"),
    ("cancel_order", "cancel my Sunday paper order we are moving to Fla"),
    ("cancel_order", "cancel my order for two large pizzas"),
    ("cancel_order", "cancel order 4471, the blender. found it cheaper"),
    ("recurring", "Stop my monthly deduction for the gym"),
    ("enroll", "i could enroll you in dinner"),
    (
        "cancel_order",
        "We acknowledge receipt of your purchase order 31877 for 24 cases nitrile gloves. Should "
        "you wish to cancel the balance, notify our order desk",
    ),
    ("withdraw", "cancel my gym membership"),
    ("enroll", "sign me up for the newsletter"),
    ("sell", "Sell 200 Apple shares"),
    ("sell", "Sell 200 shares of my Pfizer stock"),
    ("buy", "Buy $500 of Apple stock"),
    ("buy", "buy me $300 of Amgen"),
    ("buy", "buy $500 in microsoft"),
    ("sell", "sell my 100 GM shares"),
    ("withdraw", "close my phone account"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in OUTSIDE])
def test_an_object_that_is_none_of_ours_is_seen(intent: str, text: str) -> None:
    assert is_outside(text, intent)


OURS = [
    ("withdraw", "withdraw me from the plan; medicare is eating me"),
    ("cancel_order", "cancel my order, the phone bill is due"),
    ("cancel_order", "cancel my order. the car insurance came due"),
    ("cancel_order", "Cancel order 4471, the one for $500."),
    ("cancel_order", "Cancel order 4471, the roof comes first"),
    ("cancel_order", "cancel my order for two hundred shares"),
    ("cancel_order", "cancel my order for 500 dollars"),
    ("recurring", "stop my deduction, the mortgage went up"),
    ("enroll", "enroll me in the plan, I read about your trials"),
    ("sell", "Sell 200 Aastrom shares"),
    ("sell", "SELL 200 OF MY SHARES OF STOCK"),
    ("sell", "Sell 200 Common shares"),
    ("buy", "Buy $500 of Aastrom stock"),
    ("buy", "Buy $500 in January"),
    ("buy", "Put $500 into Aastrom Biosciences"),
    ("sell", "sell 200 ASTM shares"),
    ("sell", "Sell 200 of my Plan shares"),
    ("buy", "Invest $500 in the Direct Stock Purchase Plan"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in OURS])
def test_a_thing_only_named_beside_the_act_is_let_pass(intent: str, text: str) -> None:
    assert not is_outside(text, intent)
