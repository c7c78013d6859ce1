"""What an order hangs on: prices and times, other events, and courtesy that is no condition."""

from __future__ import annotations

import pytest

from bot.language.cautions import cautions
from bot.language.conditions import hangs_on_something_else, is_conditional, is_plainly_conditional
from handlers.contract import Caution

ON_A_PRICE = [
    ("sell", "sell everything if it hits 3"),
    ("sell", "Sell 500. But only when it reaches $4.00."),
    ("sell", "sell 300 at 2.10 or better"),
    ("sell", "sell all unless it goes up"),
    ("sell", "sell 200 if you can get $2 for it"),
    ("buy", "buy $500 when you think the price is best"),
    ("sell", "Part with 250 on whichever day you gentlemen judge the market to be at its best"),
    ("sell", "sell 40 tomorrow"),
    ("sell", "Sell my shares in six weeks"),
]
ON_SOMETHING_ELSE = [
    ("sell", "sell my shares if my wife agrees"),
    ("buy", "buy $250 as soon as my loan comes through"),
    ("buy", "Provided the raise comes through, buy me $300"),
    ("buy", "put me down for 650 as long as my wife agrees"),
    ("buy", "If my refund gets here by the 10th, put $800 of it in this month."),
    ("sell", "sell 200 whenever u feel its best"),
    ("sell", "use your judgment and sell 100"),
    ("sell", "I leave the date to you, sell 100"),
    ("enroll", "enroll me provided my hubby doesnt object"),
    ("buy", "buy $500 of stock if you drop the fee"),
]
ON_NOTHING = [
    ("sell", "If you can, sell 300."),
    ("sell", "sell 300 if you'd be so kind"),
    ("sell", "sell 500, if it's no trouble"),
    ("sell", "If it isn't too late, sell 40 shares this month"),
    ("sell", "sell 200 if i have that many"),
    ("buy", "if is possible buy $300 of stock"),
    ("buy", "buy $500 of stock; if there is a form to sign, tell me"),
    ("buy", "$400 for the purchase. The check will be there tomorrow if the mails allow."),
    ("buy", "Buy $300 of stock. It was posted with tomorrow's mail."),
    ("sell", "Sell 100 shares. If anybody there has a trick for colic, I'll take that as well."),
    ("recurring", "draw $300 from my bank every month once I am in"),
    ("recurring", "Stop the drafts until my wife is back at work."),
    ("recurring", "Pause the deduction. We fish again in April or so, depending on the ice."),
    ("recurring", "Until now I sent checks whenever it occurred to me. From March take $300 monthly from my bank."),
    ("withdraw", "close my account, I was in it as long as I have been out of school"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in ON_A_PRICE])
def test_a_price_or_a_time_is_a_condition_that_is_refused(intent: str, text: str) -> None:
    assert is_conditional(text, intent)
    assert Caution.CONDITIONAL in cautions(text, intent)


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in ON_SOMETHING_ELSE])
def test_another_condition_is_asked_about(intent: str, text: str) -> None:
    assert hangs_on_something_else(text, intent)
    found = cautions(text, intent)
    assert Caution.HYPOTHETICAL in found
    assert Caution.CONDITIONAL not in found


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in ON_NOTHING])
def test_courtesy_and_talk_are_no_condition(intent: str, text: str) -> None:
    assert not is_conditional(text, intent)
    assert not hangs_on_something_else(text, intent)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        pytest.param("In the event that I am in the hospital, sell 350 shares", True, id="in the event"),
        pytest.param("Sell 200 shares. Only if it is above three dollars, though.", True, id="at the head of the next"),
        pytest.param("Sell 200 shares provided my wife agrees", True, id="provided"),
        pytest.param("Sell 200 shares at $5 or better", True, id="a limit price"),
        pytest.param("Sell 200 shares. Call me only if something is wrong.", False, id="a call"),
        pytest.param(
            "Sell 200 shares. I trust that, in the event of my absence, mail waits.", False, id="of something else"
        ),
    ],
)
def test_some_conditions_nothing_can_talk_away(text: str, is_plain: bool) -> None:
    assert is_plainly_conditional(text, "sell") is is_plain
