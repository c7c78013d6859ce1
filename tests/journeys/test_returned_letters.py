"""A letter that came back is sent again or told to staff, and nothing more is taken from an address that is bad."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.returned import RETURNS_AT_MOST
from handlers.plan.accounts import Hold
from storage.messages import MessageState
from storage.outbox import OutboxMessage, OutboxState
from tests.dialogue import Bot, Person
from tests.journeys.test_account_life import account_of
from tests.journeys.test_conversations import ANA, asks_to_buy, orders


def report(status: str, action: str = "failed", recipient: str = ANA, words: str = "said no") -> bytes:
    """A delivery status as Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mail.example\r\nTo: dspp\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <{status}.{action}.{recipient}@mail.example>\r\nAuto-Submitted: auto-replied\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} {words}\r\n\r\n--b--\r\n"
    ).encode()


def comes_back(bot: Bot, raw: bytes, letter: OutboxMessage) -> MessageState:
    assert bot.receives(raw, "", letter.envelope_from)
    (state,) = bot.works()
    return state


def sent(bot: Bot, person: Person) -> OutboxMessage:
    """A letter with a code has gone out to somebody."""
    asks_to_buy(person)
    with bot.service.store.transaction() as tx:
        leased = tx.outbox.lease("a:1", bot.clock.now(), timedelta(minutes=1), 10)
        for letter in leased:
            assert tx.outbox.sent(letter.id, "a:1", "taken", bot.clock.now())
    return leased[-1]


def state_of(bot: Bot, letter: OutboxMessage) -> OutboxState:
    with bot.service.store.reading() as tx:
        found = tx.outbox.get(letter.id)
    assert found is not None
    return found.state


def waiting(bot: Bot) -> list[str]:
    with bot.service.store.reading() as tx:
        return [review.reason for review in tx.reviews.waiting()]


def test_a_bad_address_is_told_to_staff_and_nothing_more_is_taken_from_it(bot: Bot) -> None:
    ana = bot.person(ANA)
    letter = sent(bot, ana)
    assert comes_back(bot, report("5.1.1", words="User unknown"), letter) is MessageState.ESCALATED
    assert state_of(bot, letter) is OutboxState.RETURNED
    assert waiting(bot) == ["MAIL_RETURNED"]
    assert Hold.MAIL_RETURNED in account_of(bot, ANA).holds
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert "came back" in notice.subject
    ana.says(ana.heard[0].code)
    assert orders(bot) == ()
    ana.says("Please sell 100 of my plan shares.", new_thread=True)
    assert "sell/refused" in ana.heard[-1].kind
    with bot.service.store.transaction() as tx:
        holder = tx.registrations.by_account_number("CST-10001")
        assert holder is not None
        assert [held.hold for held in tx.reported_holds.standing()] == [Hold.MAIL_RETURNED]
        assert tx.reported_holds.release(holder.id, "J. Doe", "the address is right again", bot.clock.now())
    asks_to_buy(ana)


def test_a_report_that_is_faster_than_our_own_records_counts(bot: Bot) -> None:
    asks_to_buy(bot.person(ANA))
    with bot.service.store.transaction() as tx:
        (letter,) = tx.outbox.lease("a:1", bot.clock.now(), timedelta(minutes=1), 10)
    assert comes_back(bot, report("5.1.1"), letter) is MessageState.ESCALATED
    with bot.service.store.transaction() as tx:
        assert not tx.outbox.sent(letter.id, "a:1", "taken", bot.clock.now())
    assert state_of(bot, letter) is OutboxState.RETURNED


def test_a_second_report_on_the_same_letter_changes_nothing(bot: Bot) -> None:
    letter = sent(bot, bot.person(ANA))
    comes_back(bot, report("5.1.1"), letter)
    assert comes_back(bot, report("5.1.2"), letter) is MessageState.IGNORED
    assert waiting(bot) == ["MAIL_RETURNED"]


def test_a_full_mailbox_gets_the_letter_again_and_in_the_end_a_person(bot: Bot) -> None:
    letter = sent(bot, bot.person(ANA))
    for number in range(RETURNS_AT_MOST):
        raw = report("4.2.2", words=f"mailbox full {number}").replace(
            b"Message-ID: <", f"Message-ID: <{number}.".encode()
        )
        assert comes_back(bot, raw, letter) is MessageState.IGNORED
        assert state_of(bot, letter) is OutboxState.QUEUED
        with bot.service.store.transaction() as tx:
            assert tx.outbox.lease("a:1", bot.clock.now(), timedelta(minutes=1), 10) == []  # not at once
            bot.clock.pass_time(days=2)
            (again,) = tx.outbox.lease("a:1", bot.clock.now(), timedelta(minutes=1), 10)
            assert again.rfc_message_id == letter.rfc_message_id
            tx.outbox.sent(again.id, "a:1", "taken", bot.clock.now())
    assert comes_back(bot, report("5.2.2", words="mailbox full"), letter) is MessageState.ESCALATED
    assert waiting(bot) == ["MAIL_RETURNED"]
    assert Hold.MAIL_RETURNED not in account_of(bot, ANA).holds


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(report("4.4.1", "delayed"), id="still being tried"),
        pytest.param(report("2.0.0", "delivered", words="ok"), id="delivered"),
        pytest.param(report("2.0.0", "relayed", words="ok"), id="relayed"),
    ],
)
def test_news_of_a_letter_that_is_not_lost_leads_to_nothing(bot: Bot, raw: bytes) -> None:
    letter = sent(bot, bot.person(ANA))
    assert comes_back(bot, raw, letter) is MessageState.IGNORED
    assert state_of(bot, letter) is OutboxState.SENT
    assert waiting(bot) == []


def test_a_letter_refused_for_its_content_is_for_staff_and_no_word_against_the_address(bot: Bot) -> None:
    letter = sent(bot, bot.person(ANA))
    assert comes_back(bot, report("5.7.1", words="looks like spam"), letter) is MessageState.ESCALATED
    assert Hold.MAIL_RETURNED not in account_of(bot, ANA).holds


def test_a_report_that_came_by_no_letter_of_ours_leads_to_nothing(bot: Bot) -> None:
    sent(bot, bot.person(ANA))
    assert bot.receives(report("5.1.1"), "", "dspp@aastrom.com")
    assert bot.works() == [MessageState.IGNORED]
    assert waiting(bot) == []
    assert account_of(bot, ANA).holds == frozenset()


def test_a_letter_comes_back_for_whom_it_went_to_whatever_the_report_says(bot: Bot) -> None:
    letter = sent(bot, bot.person(ANA))
    comes_back(bot, report("5.1.1", recipient="iris.novak@example.com"), letter)
    with bot.service.store.reading() as tx:
        assert {held.email for held in tx.reported_holds.standing()} == {ANA}


def test_a_notice_to_staff_that_comes_back_writes_no_further_notice(bot: Bot) -> None:
    bot.person("somebody@elsewhere.example").says("I want to talk to a person, please.")
    (notice,) = [letter for letter in bot.letters() if letter.recipient == "ir@aastrom.com"]
    with bot.service.store.transaction() as tx:
        for letter in tx.outbox.lease("a:1", bot.clock.now(), timedelta(minutes=1), 10):
            tx.outbox.sent(letter.id, "a:1", "taken", bot.clock.now())
    comes_back(bot, report("5.1.1", recipient="ir@aastrom.com"), notice)
    assert "MAIL_RETURNED" in waiting(bot)
    assert len(bot.letters_to("ir@aastrom.com")) == 1


@pytest.mark.parametrize("recipient", ["postmaster@aastrom.com", "abuse@aastrom.com", "Postmaster"])
def test_the_postmaster_is_a_person(bot: Bot, recipient: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "admin@provider.example", recipient, "Your mail"
    mail.set_content("Please sell 100 shares. No, seriously: your server greets us with the wrong name.")
    assert bot.receives(mail.as_bytes(), "admin@provider.example", recipient)
    assert bot.works() == [MessageState.ESCALATED]
    assert waiting(bot) == ["TO_POSTMASTER"]
    assert bot.letters_to("admin@provider.example") == []
