"""What staff hear of, and that no sender waits for an answer because staff cannot be told."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import answerer_for
from bot.flood import NOTICES_OF_UNSURE_AT_MOST
from bot.language.understanding import Understanding
from bot.plan import Plan
from handlers.contract import Intent, Request, Slots
from storage.messages import MessageState
from storage.store import Store
from tests.dialogue import Bot, start_bot
from tests.journeys.conftest import MONDAY
from tests.journeys.test_conversations import ANA

STRANGER = "somebody@elsewhere.example"


def with_ir_address(bot: Bot, address: str) -> Bot:
    """The same bot under plan terms with another address of Investor Relations."""
    book = bot.service.plan.book
    plan = Plan(replace(book, issuer=replace(book.issuer, ir_address=address)))
    service = replace(bot.service, plan=plan)
    return replace(bot, service=service, answerer=answerer_for(service))


def test_a_notice_that_cannot_be_composed_costs_no_answer(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    broken = with_ir_address(bot, "no address at all")
    ana = broken.person(ANA)
    with caplog.at_level(logging.ERROR):
        assert ana.says("I want to talk to a real person please.") is MessageState.ESCALATED
    ana.hears("_shared/referred")
    with broken.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
    assert review.reason == "ASKED_FOR_A_PERSON"
    assert [letter.recipient for letter in broken.letters()] == [ANA]
    (record,) = [record for record in caplog.records if "could not be composed" in record.getMessage()]
    assert review.id in record.getMessage()


class AsksForPaper:
    """Stands for a language model that reads every message as a wish for the prospectus on paper."""

    def understand(self, subject: str, live: str, quoted: str = "") -> Understanding:
        """A request for documents, by mail."""
        return Understanding((Request(Intent("documents"), topics=frozenset({"prospectus", "by_post", "on_paper"})),))

    def details(self, text: str) -> Slots:
        """None."""
        return Slots()


def test_a_holder_s_wish_for_paper_reaches_staff(store: Store, tmp_path: Path) -> None:
    bot = start_bot(store, AsksForPaper(), tmp_path, MONDAY)
    ana = bot.person(ANA)
    assert ana.says("Please mail the prospectus to my address on file.") is MessageState.ESCALATED
    heard = ana.hears("_shared/referred")
    assert "mails it to your address of record by Wednesday, February 4, 2004" in heard.text
    assert "12 Orchard Lane" not in heard.text
    with store.reading() as tx:
        (review,) = tx.reviews.waiting()
    assert (review.reason, review.deadline_at) == ("PAPER_COPY", None)
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert "Mail what was asked for to the address of record" in notice.text


def test_a_stranger_s_wish_for_paper_is_told_how_to_ask(store: Store, tmp_path: Path) -> None:
    bot = start_bot(store, AsksForPaper(), tmp_path, MONDAY)
    stranger = bot.person(STRANGER)
    assert stranger.says("Please mail me the prospectus.") is MessageState.ANSWERED
    heard = stranger.hears("documents/completed")
    assert "For copies on paper, call 734-930-5777 or write to" in heard.text
    assert "We need your postal address for that" in heard.text
    with store.reading() as tx:
        assert tx.reviews.waiting() == []


def test_messages_that_name_nobody_fill_the_list_and_not_the_mailbox_of_staff(bot: Bot) -> None:
    beyond = NOTICES_OF_UNSURE_AT_MOST + 3
    for number in range(beyond):
        raw = f"From: a@x.example, b@x.example\r\nMessage-ID: <{number}@x>\r\n\r\nBuy $500 ({number}).\r\n"
        bot.receives(raw.encode(), "a@x.example")
    assert bot.works() == [MessageState.ESCALATED] * beyond
    kinds = Counter(letter.kind for letter in bot.letters())
    assert kinds == {"notices/review_opened": NOTICES_OF_UNSURE_AT_MOST, "notices/many_unsure": 1}
    with bot.service.store.reading() as tx:
        assert len(tx.reviews.waiting()) == beyond
    bot.clock.pass_time(hours=2)
    bot.receives(b"From: c@x.example, d@x.example\r\nMessage-ID: <z@x>\r\n\r\nBuy $500.\r\n", "c@x.example")
    bot.works()
    assert len(bot.letters()) == NOTICES_OF_UNSURE_AT_MOST + 2
