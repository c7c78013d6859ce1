"""What leaves open which of two things is meant, and what only looks like it."""

from __future__ import annotations

import pytest

from bot.language.disagreements import disagrees
from bot.language.requests import reconciled, request_for
from bot.language.slots import read
from handlers.contract import Caution

OPEN = [
    ("sell", "sell down to 500 shares"),
    ("sell", "Sell so that I am left with exactly 1,000 shares."),
    ("sell", "unload something like two hundred shares, exact number doesnt trouble me"),
    ("sell", "I hereby instruct the plan to sell ______ shares"),
    ("sell", "sell 300 Lucent at the market"),
    ("sell", "want to sell 1998 buicks"),
    ("sell", "redeem 50 shares of my growth and income fund"),
    ("sell", "They're at Schwab in my brokerage account"),
    ("sell", "SeLL 1oo ShArEs"),
    ("sell", "Too many zeros below! I wanted 300 sold."),
    ("buy", "$1,000 in twenties is coming to you, buy me stock with it"),
    ("buy", "put in $3,750 altogether over 9 purchases"),
    ("buy", "Buy $1,000. No, $300 is plenty."),
    ("buy", "invest $500; the check I mailed is for $600"),
    ("recurring", "stop taking the $39, I left your Washtenaw Avenue club"),
    ("recurring", "stop her monthly infusion"),
    ("recurring", "wrong amount on my form: $250 monthly"),
    ("recurring", "I want to go on with the debits, at $500 a month"),
    ("withdraw", "take me off the mailing list"),
    ("withdraw", "get me out of the december purchase"),
    ("withdraw", "Wild horses couldn't drag me out of the plan"),
    ("withdraw", "terminate my debits.. no too final"),
    ("cancel_order", "cancel one of my 2 orders"),
    ("cancel_order", "Cancel it and do nine hundred dollars in its stead"),
    ("cancel_order", "I do NOT want mine cancelled"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in OPEN])
def test_what_leaves_the_act_open_is_seen(intent: str, text: str) -> None:
    assert disagrees(text, intent)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("sell", "sell 12.375 sh to even me out", id="a remainder"),
        pytest.param("sell", "the decision is mine. Sell 120.\n\nLester Quill", id="a signature after the number"),
        pytest.param("sell", "5,000 shares, one batch a month, fine by me", id="a batch a month"),
        pytest.param("sell", "Do you know what pads cost? Let go of 700 shares.", id="do you know what"),
        pytest.param("buy", "devote $310 of mine to the coming purchase", id="of mine"),
        pytest.param("buy", "this is a different animal altogether, put me down for $500", id="altogether, of no sum"),
        pytest.param("withdraw", "opt me out of the direct purchase program", id="the purchase program"),
    ],
)
def test_plain_acts_are_not_open(intent: str, text: str) -> None:
    assert not disagrees(text, intent)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("sell", "Sell 120 shares and give the other 80 to my niece Carla.", id="a gift beside a sale"),
        pytest.param("sell", "Sell one half of it, and lower the bank draft to $275", id="a deduction beside a sale"),
        pytest.param("buy", "- 100 shares to be sold\n- $500 to be invested", id="a sale beside a purchase"),
        pytest.param(
            "recurring", "change my auto draft to 800 a month. i want a phone call from a rep", id="a person wanted"
        ),
        pytest.param("withdraw", "I quit this plan. I demand compensation.", id="a grievance beside leaving"),
    ],
)
def test_half_of_what_is_asked_is_doubted(intent: str, text: str) -> None:
    (request,) = reconciled((request_for(intent, read(text), 1.0),), text)
    assert Caution.DISAGREEMENT in request.cautions


def test_what_the_deduction_does_is_no_other_purchase() -> None:
    text = "Please draw $275 from my bank each month and put it into Aastrom."
    (request,) = reconciled((request_for("recurring", read(text), 1.0),), text)
    assert request.cautions == frozenset()
