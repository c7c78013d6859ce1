"""Whether an act stands as an order: what may come before its verb, and what may not."""

from __future__ import annotations

import time

import pytest

from bot.language.standing import has_order, is_ordered

ORDERS = [
    ("sell", "sell 100 shares"),
    ("sell", "Please sell 300 of my plan shares"),
    ("sell", "I would like to sell 250 shares"),
    ("sell", "The barn roof gave way. To pay the carpenter I want to sell 640 shares."),
    ("sell", "for that reason I am asking you to sell 215 of my shares"),
    ("sell", "Would you be kind enough to sell 400 shares for me?"),
    ("sell", "any chance you could sell 60 shares for me"),
    ("sell", "go ahead and sell half"),
    ("sell", "the truck died so please sell 90"),
    ("sell", "don't wait, sell 100 shares"),
    ("sell", "I was going to say sell all, but please sell 100"),
    ("sell", "selling 300 please"),
    ("buy", "I'm buying another $500, check in the mail"),
    ("buy", "put me down for $300"),
    ("buy", "I wonder whether you would be so good as to invest $300 for me"),
    ("buy", "$500 again please"),
    ("recurring", "Might I trouble you to raise my monthly deduction to $325?"),
    ("recurring", "can you put my deduction on hold"),
    ("withdraw", "I hereby withdraw from the plan"),
    ("withdraw", "I should be glad if you would close my account"),
    ("withdraw", "Kindly note that I am leaving the plan"),
    ("buy", "Use eleven hundred dollars to purchase more of your stock"),
    ("buy", "rolls are in the oven its 3am put me down for 275 dollars"),
    ("buy", "Six hundred bucks for the next buy"),
    ("buy", "why dont you put me down for 325 bucks"),
    ("buy", "accountant told me quit dithering so im buying, $1,400"),
    ("sell", "what i need from you is to sell 400 shares"),
    ("sell", "230 shares go. Do not sell the remaining ones."),
    ("recurring", "got a raise lol bump my auto deduction up to $325"),
    ("recurring", "could yall start pulling 1k every month"),
    ("recurring", "From March 2004 onward take $300 monthly"),
    ("withdraw", "im through with the program take me off it"),
    ("withdraw", "the undersigned elects to terminate participation"),
    ("withdraw", "I give notice terminating my participation"),
    ("withdraw", "and so I should like to leave the plan"),
    ("sell", "whats my share count? and go ahead n sell 200 of em"),
    ("sell", "take back the order i put in and instead let go of sixty shares"),
    ("buy", "I'm mailing you a check for $1,200 to buy stock with"),
    ("recurring", "so first off quit the automatic debit"),
    ("recurring", "every month you take $500 from my bank and buy stock for me ok? start please"),
    ("cancel_order", "On second thought scrap D-7702"),
    ("cancel_order", "omg wait cancel that order i just sent"),
    ("cancel_order", "I changed my mind about selling please call off the sale"),
    ("cancel_order", "I now revoke the same in its entirety"),
    ("cancel_order", "Is it possible to undo that?"),
    ("cancel_order", "leave the shares where they are and disregard the selling note"),
    ("enroll", "Please set me up to participate in your program"),
    ("enroll", "Consider this my request to take part"),
    ("enroll", "Please find me ready to enroll"),
    ("documents", "an intent whose verbs are not looked at"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in ORDERS])
def test_words_of_ordering_may_stand_before_the_verb(intent: str, text: str) -> None:
    assert is_ordered(text, intent)


NO_ORDERS = [
    ("sell", "under no circumstances sell 200 shares of mine"),
    ("sell", "I'd hate to sell my 300 shares"),
    ("sell", "I want to avoid selling my 300 shares"),
    ("sell", "do anything but sell all my shares"),
    ("sell", "my broker says sell 500 shares"),
    ("sell", "I said to my wife, sell 300 shares. She said, wait."),
    ("sell", 'What should I write? "Please sell 100 shares"?'),
    ("sell", "cost to sell 1000 shares"),
    ("sell", "how sell 100 shares"),
    ("sell", "Please send the paperwork so that I can sell 250 shares"),
    ("sell", "Either somebody calls me today or I sell all my shares"),
    ("sell", "I intend to vote against the directors and then sell all I own"),
    ("sell", "were I to sell 500 shares, what lands in my mailbox"),
    ("sell", "You were told to sell 500 shares on the 2nd"),
    ("sell", "almost wrote you to sell 900 shares last night"),
    ("sell", "do I have to sell 100 shares"),
    ("buy", "remind me to buy $500 next week"),
    ("buy", "hoping to invest $1000 in the spring"),
    ("buy", "my cat wants to buy $500 of stock"),
    ("buy", "who would buy $500 of this"),
    ("recurring", "why did you start deducting $300"),
    ("withdraw", "answer me or close my account"),
    ("withdraw", "I'm about ready to quit this plan"),
    ("withdraw", "when do I quit"),
    ("withdraw", "the day they put me out they close my account"),
    ("sell", "I would rather starve than sell my shares"),
    ("sell", "nobody may sell my shares"),
    ("buy", "they put me down for $300"),
    ("buy", "I use my bonus to buy stock"),
    ("cancel_order", "whatever she put in to be sold CANCEL it"),
    ("cancel_order", "On Monday I wrote to take back my order"),
    ("cancel_order", "my wife says to cancel my order"),
    ("enroll", "my friend told me to enroll"),
    ("enroll", "Does Vermont allow people to take part?"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in NO_ORDERS])
def test_anything_else_before_the_verb_is_no_order(intent: str, text: str) -> None:
    assert not is_ordered(text, intent)


def test_an_order_has_its_act_and_its_verb() -> None:
    assert has_order("Please sell 50 shares & withdraw me from the plan", "sell")
    assert has_order("Please sell 50 shares & withdraw me from the plan", "withdraw")
    assert not has_order("Please sell 50 shares", "buy")


def test_long_texts_take_no_long_time() -> None:
    started = time.perf_counter()
    for text in ("sell " * 2400, '"sell" ' * 1700, "please " * 1700 + "sell"):
        is_ordered(text, "sell")
    assert time.perf_counter() - started < 2
