"""The same order in a new message may be one wish or two: the sender is asked, and nothing is ordered twice."""

from __future__ import annotations

import pytest

from tests.dialogue import Bot, Person
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

BUY = "Please invest $500 for me this month. I'll mail a check."


@pytest.fixture
def ana(bot: Bot) -> Person:
    """Ana has an order that stands."""
    person = bot.person(ANA)
    person.says(asks_to_buy(person, BUY).code)
    person.hears("buy/completed")
    return person


def test_the_same_order_in_a_new_message_is_asked_about(bot: Bot, ana: Person) -> None:
    (order,) = orders(bot)
    ana.says("Please invest $500 by check.", new_thread=True)
    assert order.id in ana.hears("buy/needs_info").text
    assert len(orders(bot)) == 1


@pytest.mark.parametrize(
    "answer",
    ["second", "A second one please", "Yes, another one.", "Both!", "It is a new order", "one more, thank you"],
)
def test_a_second_order_is_read_back_and_taken(bot: Bot, ana: Person, answer: str) -> None:
    ana.says(BUY, new_thread=True)
    ana.says(answer)
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("buy/completed")
    assert len(orders(bot)) == 2


@pytest.mark.parametrize(
    "answer", ["same", "The same one.", "No, just one", "Sorry, a duplicate", "it is not a second one"]
)
def test_the_same_order_stays_one(bot: Bot, ana: Person, answer: str) -> None:
    ana.says(BUY, new_thread=True)
    ana.says(answer)
    ana.hears("_shared/same_order")
    assert len(orders(bot)) == 1


@pytest.mark.parametrize("answer", ["Hm?", "the same second one", "What do you mean by that?"])
def test_an_answer_that_says_neither_orders_nothing(bot: Bot, ana: Person, answer: str) -> None:
    ana.says(BUY, new_thread=True)
    ana.says(answer)
    assert "_shared/confirm_request" not in ana.heard[-1].kind
    assert len(orders(bot)) == 1


def test_another_amount_is_another_order(bot: Bot, ana: Person) -> None:
    ana.says("Please invest $600 by check.", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    assert len(orders(bot)) == 2


def test_the_same_sale_is_asked_about_too(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please sell 100 of my plan shares.")
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("sell/completed")
    ana.says("Please sell 100 of my plan shares.", new_thread=True)
    ana.hears("sell/needs_info")
    assert len(orders(bot)) == 1
