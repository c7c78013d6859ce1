"""Why a message was answered as it was can be read from the store, in words."""

from __future__ import annotations

import json

import pytest

from bot.explain import STANCE_WORDS, Explanation, explanation_of, marked
from bot.language.stances import ORDER, STANCES
from storage.messages import MessageState
from tests.dialogue import Bot

ANA = "ana.perez@example.com"


def explained(bot: Bot) -> Explanation:
    with bot.service.store.reading() as tx:
        return explanation_of(tx.messages.get(bot.worked_on[-1]))


def test_an_order_is_explained_by_its_words_figures_and_thresholds(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please invest $500 for me this month. I'll mail a check.", subject="my order")
    ana.hears("_shared/confirm_request")
    story = explained(bot)
    text = story.to_text()
    assert "my order" in text
    assert "invest [amount_usd: $500] for me" in text
    assert "1. buy:" in text
    assert "was needed" in text
    assert "amounts: 500.00" in text
    assert "may be done: AcceptPurchase" in text
    assert "words that order something:" in text
    assert "all grounds weighed:" in text
    assert "what counted most:" in text
    assert "terms     in force from 2003-11-04" in text
    assert bot.understands.understand("", "x").model in text
    assert json.loads(json.dumps(story.to_json(), default=str))["state"] == "AWAITING_SHAREHOLDER"


def test_a_doubt_and_a_refusal_are_told_in_sentences(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Sell 100 of my shares if the price goes over $5.")
    text = explained(bot).to_text()
    assert "doubt: it depends on a price, an event or somebody's judgment" in text
    assert "refused: The program takes no orders that depend on a price" in text


def test_a_message_for_a_person_is_explained_too(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.says("I want to talk to a real person please.") is MessageState.ESCALATED
    text = explained(bot).to_text()
    assert "became    ESCALATED (a person has it; ASKED_FOR_A_PERSON)" in text
    assert "a person decides: ASKED_FOR_A_PERSON" in text


def test_codes_stand_in_no_explanation(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please invest $500 by check.")
    code = ana.hears("_shared/confirm_request").code
    ana.says(code)
    story = explained(bot)
    assert code not in story.to_text()
    assert code not in json.dumps(story.to_json(), default=str)


def test_a_message_that_was_set_aside_says_why(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please invest $500.", headers={"Auto-Submitted": "auto-replied"})
    assert "became    IGNORED" in explained(bot).to_text()
    assert "no decision on record" in explained(bot).to_text()


def test_spans_that_no_longer_fit_the_text_are_left_out() -> None:
    spans = [
        {"slot": "amount_usd", "start": 7, "end": 11, "text": "$500"},
        {"slot": "shares", "start": 0, "end": 3, "text": "all"},
    ]
    assert marked("invest $500 now", spans) == "invest [amount_usd: $500] now"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("blue or the other one", "because no reading is likely enough", id="no reading is likely enough"),
        pytest.param(
            "Please sell \u0662\u0660\u0660 shares of my plan.",
            "do not say what they seem to",
            id="digits of another script",
        ),
    ],
)
def test_what_was_not_understood_says_why_and_what_was_offered(bot: Bot, text: str, told: str) -> None:
    ana = bot.person(ANA)
    ana.says(text)
    story = explained(bot).to_text()
    assert "the sender was asked, and has the next word" in story
    assert told in story
    assert "the sender was asked which is meant: " in story


def test_every_stance_has_words_for_staff() -> None:
    assert set(STANCE_WORDS) == {*STANCES} - {ORDER}
