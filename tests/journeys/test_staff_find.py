"""Staff find a message by what a holder has in hand: the reference, an order number, a Message-ID."""

from __future__ import annotations

import re

import pytest

from bot.message_search import messages_meant
from tests.dialogue import Bot
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

BOB = "bob.miller@example.com"


def found(bot: Bot, written: str) -> list[str]:
    with bot.service.store.reading() as tx:
        return [message.id for message in messages_meant(tx, written)]


def test_a_conversation_is_found_by_its_reference_however_it_is_typed(bot: Bot) -> None:
    bot.person(BOB).says("How many shares do I have?")
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    asked, confirmed = bot.worked_on[-2:]
    reference = re.search(r"reference DSPP-(\w{6})", ana.heard[-1].text)
    assert reference is not None
    for written in (f"DSPP-{reference[1]}", f"dspp-{reference[1].lower()}", reference[1], f" {reference[1].lower()} "):
        assert found(bot, written) == [confirmed, asked]
    assert found(bot, "DSPP-222222") == []


def test_an_order_leads_to_who_asked_for_it_confirmed_it_and_canceled_it(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    (order,) = orders(bot)
    asked, confirmed = bot.worked_on
    assert found(bot, order.id) == [confirmed, asked]
    ana.says(f"Please cancel my purchase order {order.id}.", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    assert found(bot, order.id.lower()) == [*reversed(bot.worked_on[2:]), confirmed, asked]
    assert found(bot, "P-2222222") == []


@pytest.mark.parametrize("brackets", [pytest.param(True, id="with brackets"), pytest.param(False, id="without")])
def test_a_message_id_leads_to_the_message_and_ours_to_what_it_answers(bot: Bot, brackets: bool) -> None:
    ana = bot.person(ANA)
    raw = f"From: {ANA}\r\nMessage-ID: <first_try@mail.example>\r\nSubject: x\r\n\r\nPlease invest $500.\r\n"
    ana.sends(raw.encode())
    (own,) = bot.worked_on
    ours = str(ana.heard[-1].mail["Message-ID"]).strip()
    for written in ("<first_try@mail.example>", ours):
        assert found(bot, written if brackets else written.strip("<>")) == [own]
    assert found(bot, "<first-try@mail.example>") == [], "no sign stands for another"


def test_a_review_and_a_message_are_found_by_their_ids(bot: Bot) -> None:
    bot.person(ANA).says("I want to talk to a real person please.")
    (own,) = bot.worked_on
    with bot.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
    assert found(bot, own) == found(bot, own.upper()) == found(bot, review.id) == [own]
    assert found(bot, "nothing") == []
