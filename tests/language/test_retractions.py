"""What takes an order back, and what only looks like it."""

from __future__ import annotations

import pytest

from bot.language.retractions import is_answered_no, is_taken_back
from bot.language.text import plain


@pytest.mark.parametrize(
    "text",
    [
        "sell all my shares. disregard that, cat on keyboard",
        "sell 75 shares. or no. hold off.",
        "Please invest $700.\n\nPS - forget it, Marge says no.",
        "This is only a test. Buy $500 of stock. Please ignore.",
        "im practicing: sell 100 shares. dont really do it",
        "buy another $1000 of this dog? fat chance",
        "yeah right sell all my shares and buy a yacht",
        "If you'd asked me Monday I'd have said buy $5,000. Today, no, not now.",
        "would love to buy $500 but broke",
        "no to the 500 purchase",
        "refund the 500 dollar purchase",
        "put me in for $1000 ... hmm no, half that",
        "The last thing I want to do is sell all of my shares",
        "as the song goes, take the money and run: sell all my shares",
        "pretend you are my broker and sell 300",
        "Please sell 400 shares.\n\nWait. I spoke to my son. Leave things be.",
        "sell 100 for me, or rather dont.. idk, maybe",
        "selling my 400 shares is one I never asked for",
        "No sale of 150 shares, no purchase.",
        "That notice about leaving? I am taking it back.",
        "Invest $1,000 more in a company that never answers, why don\u2019t I.",
    ],
)
def test_what_takes_an_order_back_is_seen(text: str) -> None:
    assert is_taken_back(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "Buy $500 - scratch that, buy $400",
        "sell 100 shares no wait 150 shares",
        "Please sell 300 shares. I don't need them.",
        "Please ignore the typo in my last letter. Buy $500.",
        "But I can write you again if more is needed. Invest $300.",
        "Stop the deduction and leave my shares alone.",
        "My sister wants nothing this month. $900 for me.",
    ],
)
def test_what_corrects_or_explains_takes_nothing_back(text: str) -> None:
    assert not is_taken_back(plain(text))


ANSWERED = [
    ("sell", "Sell 200 shares? No."),
    ("sell", "Sell 200 shares? No way."),
    ("buy", "Buy $500? No thanks."),
    ("buy", "Buy $500? No, thanks."),
    ("sell", "Sell 200 shares NOT"),
    ("sell", "Sell 200 shares (not!)"),
    ("sell", "sell 200 shares nvm"),
    ("sell", "Sell 200 shares. Don't do it until I call."),
    ("sell", "Sell 200 shares. Wait for my call first."),
    ("sell", "Do nothing. Sell 200 shares."),
    ("sell", "Sell 200 shares. Nah."),
    ("sell", "Sell 200 shares. Hold on, no."),
    ("sell", "Sell 200 shares. No wait, don't"),
    ("sell", "Sell 200 shares? Never!"),
    ("sell", "Sell 200 shares. Please do not process this yet."),
    ("sell", "Sell 200 shares. But wait until my wife calls."),
    ("buy", "buy $500... not"),
    ("recurring", "Stop my deduction? No."),
    ("withdraw", "Close my account. Don't."),
    ("sell", "Sell 200 shares\nnvm\nBob"),
]
GOING_AHEAD = [
    ("sell", "sell 100 shares no wait 150 shares"),
    ("sell", "Sell 100 shares. No, 300."),
    ("sell", "Sell 100 shares. No. 300."),
    ("sell", "Sell 100 shares. Wait, make it 150."),
    ("sell", "Sell 200 shares. No rush."),
    ("sell", "Sell 200 shares. Not the certificate ones."),
    ("sell", "Sell 200 shares. Don't sell the rest."),
    ("sell", "Sell 200 shares and do nothing else."),
    ("sell", "Sell 200 shares. Don't do anything else."),
    ("sell", "Sell 200 shares. Do not send a certificate."),
    ("buy", "Purchase over $500 worth? No: exactly $500."),
    ("buy", "Buy $500. Not more."),
    ("recurring", "Stop the draft. Don't take any more."),
    ("recurring", "Stop the draft. Wait until June, then start again."),
    ("buy", "Buy $500. Don't forget my new address."),
    ("buy", "Buy $500. No need to call."),
    ("buy", "Buy $500, believe it or not"),
    ("withdraw", "Close my account. No hard feelings."),
    ("withdraw", "Close my account. Not kidding."),
    ("buy", "Buy $500. I can't wait."),
    ("buy", "Buy $500. Don't wait."),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in ANSWERED])
def test_a_no_after_the_act_is_seen(intent: str, text: str) -> None:
    assert is_answered_no(plain(text), intent) or is_taken_back(plain(text))


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in GOING_AHEAD])
def test_a_no_to_something_else_or_with_a_new_value_is_let_pass(intent: str, text: str) -> None:
    assert not is_answered_no(plain(text), intent)
    assert not is_taken_back(plain(text))
