"""What somebody hears whose code is wrong, locked, used up, or no longer fits what was read back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.dialogue import Bot, Heard, Person
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

WRONG = "2345-WXYZ"


def locks(ana: Person) -> Heard:
    """The read-back whose code five wrong ones have locked."""
    read_back = asks_to_buy(ana)
    for _ in range(5):
        ana.says(WRONG, answering=read_back)
    return read_back


def test_each_wrong_code_says_how_many_tries_are_left_and_the_last_that_it_is_locked(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    for told in ("4 more times", "3 more times", "2 more times", "once more"):
        ana.says(WRONG, answering=read_back)
        heard = ana.hears("_shared/code_problem").text
        assert f"You can try {told}; after that it is locked." in heard
        assert "Look the code up in our letter" in heard
    ana.says(WRONG, answering=read_back)
    assert ana.hears("_shared/code_problem").subject.endswith("Your code is locked")


@pytest.mark.parametrize(
    ("reply", "new_thread"),
    [
        pytest.param(WRONG, False, id="another wrong one"),
        pytest.param("Here is my code again: {wrong}", False, id="another wrong one, with words"),
        pytest.param("{right}", False, id="the right one, too late"),
        pytest.param("2345-WXYZ 2346-WXYZ 2347-WXYZ 2348-WXYZ", False, id="many at once"),
        pytest.param(WRONG, True, id="in a new thread"),
    ],
)
def test_after_the_lock_every_code_is_told_that_it_is_locked(bot: Bot, reply: str, new_thread: bool) -> None:
    ana = bot.person(ANA)
    read_back = locks(ana)
    words = reply.format(wrong=WRONG, right=read_back.code)
    ana.says(words, answering=None if new_thread else read_back, new_thread=new_thread)
    heard = ana.hears("_shared/code_problem").text
    assert "the code we sent you is locked" in heard
    assert "Send your request again; you receive a new code. If you did not try these codes, call" in heard
    assert "Look the code up" not in heard
    assert orders(bot) == ()


def test_after_the_lock_the_request_sent_again_has_a_code_that_works(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = locks(ana)
    ana.says("Please invest $500 by check.", answering=read_back)
    again = ana.hears("_shared/confirm_request")
    assert again.code != read_back.code
    ana.says(WRONG, answering=again)
    assert "You can try 4 more times" in ana.hears("_shared/code_problem").text
    ana.says(again.code, answering=again)
    ana.hears("buy/completed")


def test_a_code_sent_twice_is_told_that_the_order_was_taken_not_that_it_was_carried_out(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says(read_back.code)
    ana.hears("buy/completed")
    ana.says(read_back.code, answering=read_back)
    heard = ana.hears("_shared/done_again").text
    assert "Your confirmation had already reached us, and your order was taken then." in heard
    assert "carried out" not in heard
    assert len(orders(bot)) == 1


def test_an_order_that_leaned_on_a_cancelled_one_is_refused_without_a_false_reason(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    (first,) = orders(bot)
    ana.says("Please invest $150 by check.", new_thread=True)
    further = ana.hears("_shared/confirm_request")
    ana.says(f"Please cancel my purchase order {first.id}.", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("cancel_order/completed")
    ana.says(further.code, answering=further)
    heard = ana.hears("buy/refused")
    assert heard.subject.endswith("Not carried out: your request to buy shares")
    assert "something that it depends on has changed. So it was not carried out as we read it back." in heard.text
    assert "cut-off that has passed" not in heard.text
    assert "below the least" in heard.text
    assert heard.text.count("Next step:") == 1


def test_an_order_confirmed_after_its_cut_off_is_told_so_and_read_back_for_the_next_date(bot: Bot) -> None:
    bot.clock.pass_time(days=8)
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    bot.clock.pass_time(hours=9)
    ana.says(read_back.code)
    again = ana.hears("_shared/confirm_request")
    assert "the cut-off for Wednesday, February 18, 2004 has passed" in again.text
    assert "Wednesday, March 17, 2004" in again.text
    assert again.subject.endswith("Please confirm: Purchase order")
    assert again.text.count("Next step:") == 1


def test_an_order_over_the_maximum_is_told_what_is_ordered_and_what_is_left(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    bot.clock.pass_time(seconds=timedelta(hours=1).total_seconds())
    ana.says("Please invest $9,600 more by check.", new_thread=True)
    heard = ana.hears("buy/refused").text
    assert "You have already ordered $500.00 for Wednesday, February 18, 2004, so at most $9,500.00 more" in heard
