"""Which words bear out an act that the classifier is sure of."""

from __future__ import annotations

import time

import pytest

from bot.language.bearing import BEARING, speaks_of

SPOKEN = [
    ("sell", "333 shs out at next sale date. go"),
    ("sell", "acct 20047715, 500 shs, sell"),
    ("sell", "Kindly dispose of seventy-five plan shares"),
    ("sell", "could you get 175 of my shares into the coming sale for me?"),
    ("sell", "let's turn six hundred of those into money"),
    ("sell", "75 shares go. sell em"),
    ("buy", "five hundred this time round pls"),
    ("buy", "300 bucks into my dspp for this round ok?"),
    ("buy", "I should like to commit $700"),
    ("buy", "$900 to go into my own account"),
    ("recurring", "400 on the 5th of each month from my bank"),
    ("recurring", "knock my regular contribution down to 275"),
    ("recurring", "Revoke standing debit mandate"),
    ("recurring", "$300 monthly, start me up"),
    ("withdraw", "im finished with dspp"),
    ("withdraw", "stop being a participant, thats what i want"),
    ("withdraw", "req disenrollment from DSPP"),
    ("withdraw", "can u delete my dspp account"),
    ("cancel_order", "scrub order 77120"),
    ("cancel_order", "My purchase that's waiting should be cancelled."),
    ("cancel_order", "would you tear up the sale request I made"),
    ("cancel_order", "My pending purchase must not be made."),
    ("cancel_order", "cansel my pending perchase"),
    ("enroll", "add me to the stock plan pls"),
    ("enroll", "Kindly register me as a participant."),
    ("enroll", "I ask to be admitted to your purchase plan"),
    ("enroll", "I hereby apply for participation"),
    ("enroll", "My husband and I wish to participate."),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in SPOKEN])
def test_these_words_speak_of_the_act(intent: str, text: str) -> None:
    assert speaks_of(text, intent)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("sell", "how many shares have I got", id="a count"),
        pytest.param("buy", "450 more pls", id="a bare number, of dollars or of shares"),
        pytest.param("buy", "withdraw $500 from my account", id="money taken out"),
        pytest.param("recurring", "use the whole of my monthly allowance: ten thousand dollars", id="an allowance"),
        pytest.param("withdraw", "stop the deduction, account 12", id="an account named behind a comma"),
        pytest.param("cancel_order", "what did my order cost", id="a question on an order"),
        pytest.param("enroll", "is Ohio all right", id="a state"),
    ],
)
def test_other_words_do_not(intent: str, text: str) -> None:
    assert not speaks_of(text, intent)


def test_long_texts_take_no_long_time() -> None:
    started = time.perf_counter()
    for text in ("shares " * 1700, "1," * 6000, "a " * 6000, "sell my hundred dollars monthly order " * 300):
        for intent in BEARING:
            speaks_of(text, intent)
    assert time.perf_counter() - started < 4
