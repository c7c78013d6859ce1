"""Letters, questions and referrals that no other dialogue hears: each from somebody who plainly asks for it."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.messages import MessageState
from tests.dialogue import Bot, Heard
from tests.journeys.conftest import NEW_YORK
from tests.journeys.test_account_life import confirmed
from tests.journeys.test_conversations import ANA, BOB, IRIS

HILLS = "hill.family@example.com"
STRANGER = "somebody@elsewhere.example"
NO_TEXT = (
    b"From: ana.perez@example.com\r\nTo: dspp@aastrom.com\r\nMessage-ID: <unreadable@example.com>\r\nSubject: order\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n\x00*** no text ***\r\n"
)


def review_reasons(bot: Bot) -> list[str]:
    with bot.service.store.reading() as tx:
        return [review.reason for review in tx.reviews.waiting()]


def with_two_orders(bot: Bot) -> None:
    ana = bot.person(ANA)
    confirmed(ana, "Please invest $500 by check.", "buy/completed")
    confirmed(ana, "Please sell 10 of my plan shares.", "sell/completed")


def test_an_order_that_waits_for_its_check_says_so_with_the_cut_off(bot: Bot) -> None:
    with_two_orders(bot)
    told = confirmed(bot.person(ANA), "What is the status of my orders?", "order_status/completed")
    assert "waits for your payment" in told.text
    assert "ready for the sale date" in told.text
    assert "Next step: Mail your check for order P-" in told.text
    assert "arrives by Tuesday, February 10, 2004, 5:00 p.m. Eastern time" in told.text


def test_the_press_is_shown_elsewhere(bot: Bot) -> None:
    reporter = bot.person(STRANGER)
    assert reporter.says("I am a reporter writing a story about your company.") is MessageState.ANSWERED
    assert "For questions from the press" in reporter.hears("out_of_scope/completed").text


QUESTIONS = [
    pytest.param(IRIS, "I have received and reviewed the Prospectus, account 9999.", "acknowledge/needs_info",
                 "Which of your accounts do you mean?", id="which account acknowledges"),
    pytest.param(ANA, "How many shares do I have in account 9999?", "balance/needs_info",
                 "Which of your accounts do you mean?", id="which account to tell of"),
    pytest.param(BOB, "Please enroll my account 9999.", "enroll/needs_info",
                 "Which of your accounts do you mean?", id="which account joins"),
    pytest.param(ANA, "What is the status of my order for account 9999?", "order_status/needs_info",
                 "Which of your accounts do you mean?", id="which account's orders"),
    pytest.param(ANA, "Please start a monthly deduction.", "recurring/needs_info",
                 "How many dollars shall be deducted each month?", id="how much each month"),
    pytest.param(ANA, "I have a question about my monthly deduction.", "recurring/needs_info",
                 "What do you want done with the monthly deduction?", id="what about the deduction"),
    pytest.param(ANA, "Please close my account in April.", "withdraw/needs_info",
                 "Shall it take effect now?", id="leaving later"),
    pytest.param(ANA, "In January I bought $500 of stock through the program.", "buy/needs_info",
                 "Do you want something new?", id="told of the past"),
    pytest.param(ANA, "Do not sell the 100 shares I have in the plan.", "sell/needs_info",
                 "What do you want us to do?", id="what is not wanted"),
    pytest.param(ANA, "I am thinking about selling 100 of my plan shares soon.", "sell/needs_info",
                 "Is this an order or a question?", id="thinking it over"),
    pytest.param(ANA, "Please buy $500 of stock every quarter.", "buy/needs_info",
                 "Once, or each month?", id="every quarter"),
    pytest.param(ANA, "Correction to my order: please invest $600.", "buy/needs_info",
                 "Should this replace your earlier order?", id="a correction"),
    pytest.param(ANA, "Please buy $500 of stock each time the batch runs.", "buy/needs_info",
                 "What exactly shall we do?", id="a purchase that repeats"),
    pytest.param(ANA, "Please see below.\n\nOn Sun, Feb 1, 2004, Ana Perez wrote:\n> Please sell 100 plan shares.",
                 "sell/needs_info", "Do you want this now?", id="an order in quoted text"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "text", "letter", "question"), QUESTIONS)
def test_what_is_unclear_is_asked_first(bot: Bot, who: str, text: str, letter: str, question: str) -> None:
    person = bot.person(who)
    assert person.says(text) is MessageState.AWAITING_SHAREHOLDER
    heard = person.hears(letter)
    assert question in heard.text
    assert "Until then nothing is bought, sold or changed." in heard.text
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(who, bot.clock.now()) == []


def test_of_two_orders_it_is_asked_which(bot: Bot) -> None:
    with_two_orders(bot)
    ana = bot.person(ANA)
    ana.says("Please cancel one of my orders.")
    assert "Which order do you mean?" in ana.hears("cancel_order/needs_info").text
    purchase = next(order for order in _numbers(bot) if order.startswith("P-"))
    ana.says(purchase)
    read_back = ana.hears("_shared/confirm_request")
    assert purchase in read_back.text


def _numbers(bot: Bot) -> list[str]:
    with bot.service.store.reading() as tx:
        (ana,) = tx.registrations.of_email(ANA)
        return [order.id for order in tx.orders.of_registrations([ana.id])]


@pytest.mark.parametrize(
    ("who", "text", "reason", "phrase"),
    [
        pytest.param(
            HILLS,
            "Please change our bank account.",
            "BANK_CHANGE",
            "Next step: Write to Continental Stock Transfer & Trust Company, 17 Battery Place",
            id="a new bank",
        ),
        pytest.param(
            STRANGER,
            "I heard a rumor of a merger. Is it true?",
            "UNDISCLOSED_FACTS",
            "We give public information only",
            id="a rumor",
        ),
    ],
)
def test_what_a_person_must_answer_is_referred(bot: Bot, who: str, text: str, reason: str, phrase: str) -> None:
    person = bot.person(who)
    assert person.says(text) is MessageState.ESCALATED
    assert phrase in person.hears("_shared/referred").text
    assert review_reasons(bot) == [reason]


def test_what_cannot_be_read_goes_to_a_person_with_its_deadline(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.sends(NO_TEXT) is MessageState.ESCALATED
    heard = ana.hears("_shared/referred")
    assert "could not read your message" in heard.text
    assert review_reasons(bot) == ["UNREADABLE"]
    assert_at_risk(bot, heard)


def assert_at_risk(bot: Bot, heard: Heard | None = None) -> None:
    with bot.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
    assert review.deadline_at is not None
    if heard is not None:
        assert "A deadline may pass meanwhile" in heard.text


def test_mail_without_one_sender_is_before_staff_with_its_deadline(bot: Bot) -> None:
    raw = b"From: a@one.example, b@two.example\r\nMessage-ID: <two@x.example>\r\n\r\nInvest $500 by check\r\n"
    assert bot.receives(raw, ANA)
    assert bot.works() == [MessageState.ESCALATED]
    assert_at_risk(bot)


def test_of_two_states_the_known_one_is_told_at_once(bot: Bot) -> None:
    stranger = bot.person(STRANGER)
    assert stranger.says("Is the program offered in New York and in New Jersey?") is MessageState.ESCALATED
    heard = stranger.hears("_shared/referred")
    assert "New Jersey The program is offered there at this time." in heard.text
    assert "Whether the program can be offered in New York at this time" in heard.text
    assert "state of record" not in heard.text


def test_a_code_that_comes_too_late_to_cancel_is_answered_by_the_refusal_alone(bot: Bot) -> None:
    ana = bot.person(ANA)
    confirmed(ana, "Please invest $500 by check.", "buy/completed")
    bot.clock.set(datetime(2004, 2, 10, 16, 30, tzinfo=NEW_YORK))
    ana.says("Please cancel my purchase order.", new_thread=True)
    code = ana.hears("_shared/confirm_request").code
    bot.clock.set(datetime(2004, 2, 10, 17, 0, 1, tzinfo=NEW_YORK))
    ana.says(code)
    heard = ana.hears("cancel_order/refused")
    assert heard.subject == "Not carried out: your request to cancel an order"
    assert "NOT CARRIED OUT AS READ BACK" in heard.text
    assert "the order goes ahead" in heard.text
    for untrue in ("confirm what we read back", "To try again"):
        assert untrue not in heard.text
