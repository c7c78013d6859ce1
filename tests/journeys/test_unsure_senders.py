"""Whoever only says who they are gets nobody's figures, drafts no order, and learns nothing of who is registered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import flood
from bot.flood import DISOWNED_AT_MOST, UNSURE_AT_MOST
from bot.mail.authentication import UNCHECKED, Authentication, Ground
from handlers.plan.accounts import Hold
from storage.messages import MessageState
from storage.outbox import OutboxMessage
from tests.dialogue import Bot, Heard
from tests.journeys.test_account_life import account_of
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

UNSIGNED = Authentication(Ground.NOT_SIGNED)
NOBODY_OF_THAT_LENGTH = "zoe.stone@example.com"


def is_believed(bot: Bot, *, surely: bool) -> None:
    """Whether, from here on, senders are found to be who they say."""
    bot.sender = UNCHECKED if surely else UNSIGNED


def figures(heard: Heard) -> str:
    """The letter without what differs in any two letters."""
    return "\n".join(line for line in heard.lines.splitlines() if "DSPP-" not in line)


def octets(letter: OutboxMessage) -> int:
    """The size of a letter but for the Message-IDs of the message that it answers, which its sender chose."""
    return len(re.sub(rb"(?m)^(In-Reply-To|References):.*\r\n(?: .*\r\n)*", b"", letter.raw))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please invest $500 for me. I'll mail a check.", id="a purchase"),
        pytest.param("Please sell 100 of my plan shares.", id="a sale"),
        pytest.param("How many shares do I have?", id="a balance"),
        pytest.param("Please stop my monthly deduction.", id="a deduction"),
        pytest.param("I want to leave the program. Please close my account.", id="leaving"),
        pytest.param("Please cancel my order P-2345678.", id="a cancelling"),
        pytest.param("K7QM-2R9T", id="a code"),
    ],
)
def test_the_answer_is_the_same_whether_the_address_is_registered_or_not(bot: Bot, text: str) -> None:
    is_believed(bot, surely=False)
    heard = []
    for address in (ANA, NOBODY_OF_THAT_LENGTH):
        person = bot.person(address)
        person.says(text)
        heard.append(person.hears("_shared/unknown_sender"))
    assert len(ANA) == len(NOBODY_OF_THAT_LENGTH)
    assert figures(heard[0]) == figures(heard[1])
    assert octets(bot.letters()[-2]) == octets(bot.letters()[-1])
    assert "Perez" not in heard[0].text
    assert orders(bot) == ()
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_a_stranger_who_is_surely_known_hears_the_same(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    ana.says("Please invest $500 by check.")
    is_believed(bot, surely=True)
    zoe = bot.person(NOBODY_OF_THAT_LENGTH)
    zoe.says("Please invest $500 by check.")
    assert figures(ana.hears("_shared/unknown_sender")) == figures(zoe.hears("_shared/unknown_sender"))


def test_general_questions_are_answered_to_anybody(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    ana.says("Can people in Ohio take part?")
    assert "Perez" not in ana.hears("eligible_states/completed").text


def test_a_code_is_taken_only_from_who_is_surely_its_holder(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    is_believed(bot, surely=False)
    ana.says(f"Yes. {read_back.code}", answering=read_back)
    ana.hears("_shared/unknown_sender")
    assert orders(bot) == ()
    is_believed(bot, surely=True)
    ana.says(f"Yes. {read_back.code}", answering=read_back)
    ana.hears("buy/completed")
    assert len(orders(bot)) == 1


def test_wrong_codes_of_who_is_not_surely_known_lock_nothing(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    is_believed(bot, surely=False)
    for number in range(2, 9):
        ana.says(f"2345-WXY{number}", answering=read_back)
    is_believed(bot, surely=True)
    ana.says(read_back.code, answering=read_back)
    ana.hears("buy/completed")


def test_who_is_not_surely_known_has_no_word_in_a_conversation(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please sell some of my shares.")
    question = ana.heard[-1]
    is_believed(bot, surely=False)
    ana.says("100", answering=question)
    is_believed(bot, surely=True)
    ana.says("100 shares", answering=question)
    assert "100" in ana.hears("_shared/confirm_request").text


def test_a_death_that_nobody_surely_reports_freezes_nothing_and_goes_to_staff(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    assert ana.says("My husband passed away last month. What do I do about his shares?") is MessageState.ESCALATED
    assert Hold.DEATH_REPORTED not in account_of(bot, ANA).holds
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["DEATH"]


def test_forged_words_silence_nobody(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    words = "Yes, please invest ${} for me by check on the next purchase date."
    is_believed(bot, surely=False)
    for number in range(12):
        ana.says(words.format(number + 100), answering=read_back)
    is_believed(bot, surely=True)
    ana.says(words.format(500), answering=read_back)
    ana.hears("_shared/confirm_request")


def test_a_corrected_amount_is_no_machines_word(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    for amount in ("$500", "$5,000", "$700"):
        ana.says(f"Thank you. Please invest {amount} for me by check on the next purchase date.", answering=read_back)
        assert amount in ana.hears("_shared/confirm_request").text


def test_forged_mail_in_many_names_ends_in_silence_and_one_notice(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "UNSURE_TO_ANYBODY_AT_MOST", {timedelta(hours=1): 5})
    is_believed(bot, surely=False)
    for number in range(20):
        bot.person(f"victim{number}@example.org").says("How many shares do I have?")
    assert len([letter for letter in bot.letters() if letter.conversation_id is not None]) == 5
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["FLOOD"] * 15
    assert len(bot.letters_to("ir@aastrom.com")) == 1
    is_believed(bot, surely=True)
    asks_to_buy(bot.person(ANA))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please invest $500 for me. I'll mail a check.", id="an order"),
        pytest.param("How many shares do I have?", id="a question"),
    ],
)
def test_who_gets_no_letter_in_a_flood_is_before_staff(bot: Bot, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(flood, "UNSURE_TO_ANYBODY_AT_MOST", {timedelta(hours=1): 1})
    is_believed(bot, surely=False)
    for address in ("victim1@example.org", "victim2@example.org"):
        bot.person(address).says("How many shares do I have?")
    told = len(bot.letters_to("ir@aastrom.com"))
    assert bot.person(ANA).says(text) is MessageState.ESCALATED
    assert bot.letters_to(ANA) == []
    with bot.service.store.reading() as tx:
        waiting = [tx.messages.get(review.message_id) for review in tx.reviews.waiting()]
        assert any(ANA.encode() in message.raw for message in waiting)
    assert len(bot.letters_to("ir@aastrom.com")) == told, "staff were told of the flood already"


def test_a_machines_repetitions_do_not_fill_the_desk(bot: Bot) -> None:
    is_believed(bot, surely=False)
    machine = bot.person("robot@tickets.example")
    for number in range(12):
        machine.says(f"We have received your message. Your ticket number is {number + 1000}.", new_thread=True)
    with bot.service.store.reading() as tx:
        assert [one.reason for one in tx.reviews.waiting()].count("FLOOD") == 1


def test_letters_to_who_is_surely_known_take_none_from_the_others(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "UNSURE_TO_ANYBODY_AT_MOST", {timedelta(hours=1): 3})
    for number in range(5):
        bot.person(f"holder{number}@example.org").says("Can people in Ohio take part?")
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    ana.says("How many shares do I have?")
    ana.hears("_shared/unknown_sender")


def test_forged_mail_does_not_use_up_the_letters_of_the_one_it_names(bot: Bot) -> None:
    is_believed(bot, surely=False)
    forger = bot.person(ANA)
    most = min(UNSURE_AT_MOST.values())
    for _ in range(most + 3):
        forger.says("How many shares do I have?", new_thread=True)
    assert len(forger.heard) == most
    is_believed(bot, surely=True)
    asks_to_buy(bot.person(ANA))


def test_one_mailbox_under_many_spellings_gets_the_letters_of_one(bot: Bot) -> None:
    is_believed(bot, surely=False)
    most = min(UNSURE_AT_MOST.values())
    for number in range(most + 5):
        bot.person(f"{'z.oe' if number % 2 else 'Zoe'}+{number}@example.com").says("How many shares do I have?")
    assert len(bot.letters()) - len(bot.letters_to("ir@aastrom.com")) == most


@pytest.mark.parametrize("address", [ANA, NOBODY_OF_THAT_LENGTH])
def test_where_a_domain_disowns_such_mail_its_mailboxes_get_a_few_letters(bot: Bot, address: str) -> None:
    bot.sender = replace(UNSIGNED, is_disowned=True)
    most = min(DISOWNED_AT_MOST.values())
    for _ in range(most + 3):
        bot.person(address).says("How many shares do I have?", new_thread=True)
    assert len(bot.letters_to(address)) == most


def test_forged_mail_in_the_names_of_one_domain_leaves_letters_for_the_others(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "UNSURE_IN_A_DOMAIN_AT_MOST", {timedelta(hours=1): 4})
    is_believed(bot, surely=True)
    for number in range(6):
        bot.person(f"holder{number}@example.org").says("Can people in Ohio take part?")
    is_believed(bot, surely=False)
    for number in range(8):
        bot.person(f"victim{number}@mail{number}.example.org").says("How many shares do I have?")
    assert sum(letter.recipient.startswith("victim") for letter in bot.letters()) == 4
    bot.person("somebody@example.net").says("How many shares do I have?")
    assert len(bot.letters_to("somebody@example.net")) == 1
    bot.clock.pass_time(hours=1)
    bot.person("victim9@example.org").says("How many shares do I have?")
    assert len(bot.letters_to("victim9@example.org")) == 1


def test_reviews_of_unsure_senders_are_counted_apart_and_for_an_hour(bot: Bot) -> None:
    def counted() -> int:
        with bot.service.store.transaction() as tx:
            return flood.unsure_reviews(tx, bot.clock.now())

    for is_sure in (True, False):
        is_believed(bot, surely=is_sure)
        bot.person(f"{'sure' if is_sure else 'unsure'}@example.org").says("I want to talk to a real person please.")
    with bot.service.store.reading() as tx:
        assert len(tx.reviews.waiting()) == 2
    assert counted() == 1
    bot.receives(b"From: a@x.example, b@x.example\r\nMessage-ID: <n@x>\r\n\r\nBuy.\r\n", "a@x.example")
    bot.works()
    assert counted() == 2
    bot.clock.pass_time(hours=1, seconds=1)
    assert counted() == 0
