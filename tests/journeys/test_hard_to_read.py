"""Messages that are not read as they stand, and what their senders and staff are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.plan.accounts import Hold
from storage.messages import MessageState
from tests.dialogue import Bot
from tests.journeys.test_conversations import ANA, orders

ORDER = "Please invest $500 by check."
FORWARDED = f"""---------- Forwarded message ---------
From: Ana Perez <{ANA}>
Date: Mon, Feb 2, 2004 at 9:00 AM
Subject: my order
To: <dspp@aastrom.com>


{ORDER}
"""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(FORWARDED, id="forwarded, as Gmail does"),
        pytest.param(f"On Mon, Feb 2, 2004 at 9:00 AM, Ana wrote:\n> {ORDER}\n", id="quoted"),
    ],
)
def test_an_order_that_stands_only_in_older_text_is_asked_for_in_own_words(bot: Bot, body: str) -> None:
    ana = bot.person(ANA)
    ana.says(body, subject="Fwd: my order")
    heard = ana.hears("_shared/clarify").text
    assert "that stands only in the older text that it quotes or forwards" in heard
    assert "please write it in your own words" in heard
    assert orders(bot) == ()


def test_what_is_merely_unclear_is_still_asked_what_it_wants(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("blue or the other one")
    assert "We are not sure what you want" in ana.hears("_shared/clarify").text


def test_a_message_of_some_length_is_asked_for_a_short_one(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("I have been thinking about my shares and the weather. " * 1500)
    assert "reply with a short message" in ana.hears("_shared/clarify").text


def test_a_message_of_extreme_length_is_told_so_and_a_person_has_it(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.says(ORDER + " I mean it." * 20_000) is MessageState.ESCALATED
    heard = ana.hears("_shared/referred").text
    assert "Your message was too long for our program" in heard
    assert "a short message" in heard
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["TOO_LONG"]
    assert "the message is too long to be read" in bot.letters_to("ir@aastrom.com")[-1].text


def test_a_hold_of_the_transfer_agent_is_told_to_staff_as_the_agents(bot: Bot) -> None:
    with bot.service.store.transaction() as tx:
        record = tx.registrations.records()["CST-10001"]
        tx.registrations.keep([replace(record, holds=frozenset({Hold.DECEASED}))])
    ana = bot.person(ANA)
    assert ana.says(ORDER) is MessageState.ESCALATED
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert "Only the transfer agent can change it" in notice.text
    assert "is on hold since then" not in notice.text
    assert ANA not in notice.text


def test_a_complaint_is_thanked_for(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.says("I want to complain. You lost my check and nobody calls me back.") is MessageState.ESCALATED
    heard = ana.hears("_shared/referred").text
    assert "Thank you for telling us." in heard
    assert "no transaction has been made" in heard
    assert "You made a complaint." not in heard
