"""A message that fails is tried three times, then parked for staff, and never stands in the way of others."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import FileSystemLoader

from bot.answer import Answerer
from bot.app import answerer_for, parked_for, parking_for
from bot.confirm import Confirm
from bot.language.pipeline import Reader
from bot.mail.limits import Limits
from bot.post import Post
from bot.reading import Reading, read
from bot.refer import Desk
from bot.render import TEMPLATES, Renderer
from bot.second_factor import SecondFactorCheck
from bot.worker import CLAIMS_AT_MOST, FAILURES_AT_MOST, Worker
from storage.messages import MessageState
from storage.store import Store
from tests.dialogue import Bot, start_bot
from tests.fakes import BrokenPool

ANA = "ana.perez@example.com"
POISON = f"From: {ANA}\r\nMessage-ID: <p@x.example>\r\nSubject: poison\r\n\r\nPlease invest $500 by check.\r\n".encode()
PLAIN = f"From: {ANA}\r\nMessage-ID: <q@x.example>\r\nSubject: plain\r\n\r\nPlease invest $700 by check.\r\n".encode()


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    return start_bot(store, reader, tmp_path, datetime(2004, 2, 2, 9, 30, tzinfo=ZoneInfo("America/New_York")))


def worker(bot: Bot, answerer: Answerer, word: bytes = b"poison") -> tuple[Worker, BrokenPool]:
    def reads(raw: bytes, mail_from: str) -> Reading:
        own = bot.service.plan.book.issuer.program_address
        return read(raw, mail_from, own_address=own, understands=bot.understands, limits=Limits())

    pool = BrokenPool(reads, word)
    return Worker(bot.service.store, pool, answerer, parking_for(bot.service), bot.clock, asyncio.Event()), pool


async def work_until_idle(bot: Bot, one: Worker) -> None:
    for _ in range(20):
        while await one.work_one():
            pass
        bot.clock.pass_time(seconds=31)


async def test_a_message_that_breaks_its_reader_is_parked_after_three_tries(bot: Bot) -> None:
    bot.receives(POISON, ANA)
    bot.receives(PLAIN, ANA)
    one, pool = worker(bot, answerer_for(bot.service))
    await work_until_idle(bot, one)
    assert pool.tries == FAILURES_AT_MOST
    with bot.service.store.reading() as tx:
        assert tx.messages.count_by_state() == {"AWAITING_SHAREHOLDER": 1, "FAILED": 1}
        (review,) = tx.reviews.waiting()
        failed = tx.messages.get(review.message_id)
    assert review.reason == "FAILED"
    assert failed.state is MessageState.FAILED
    assert "breaks its reader" in failed.reason
    assert failed.raw == POISON
    assert len(bot.letters_to("ir@aastrom.com")) == 1
    told = [letter for letter in bot.letters_to(ANA) if letter.kind == "_shared/referred"]
    assert [str(letter.mail["In-Reply-To"]) for letter in told] == ["<p@x.example>"]


async def test_a_letter_that_cannot_be_worded_undoes_the_order_and_tells_the_sender_that_a_person_has_it(
    bot: Bot, tmp_path: Path
) -> None:
    broken = tmp_path / "templates"
    shutil.copytree(TEMPLATES, broken)
    (broken / "buy" / "read_back.j2").write_text('{% set heading = "x" %}{{ nothing_of_that_name }}')
    post = Post(
        bot.service.plan, bot.service.keys, Renderer(bot.service.plan.book, FileSystemLoader(broken)), "aastrom.com"
    )
    answerer = Answerer(
        bot.service.store,
        bot.service.plan,
        post,
        Desk(bot.service.plan, post),
        Confirm(parked_for(bot.service), SecondFactorCheck(bot.service.keys)),
        bot.clock,
        bot.service.keys.addresses,
    )
    bot.receives(PLAIN, ANA)
    one, _pool = worker(bot, answerer)
    await work_until_idle(bot, one)
    with bot.service.store.reading() as tx:
        assert tx.messages.count_by_state() == {"FAILED": 1}
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []
        assert len(tx.reviews.waiting()) == 1
    (letter,) = bot.letters_to(ANA)
    assert letter.kind == "_shared/referred"
    assert "No transaction has been made" in letter.text


async def test_a_message_that_takes_its_process_down_is_parked_unread(bot: Bot) -> None:
    bot.receives(POISON, ANA)
    one, pool = worker(bot, answerer_for(bot.service))
    for _ in range(CLAIMS_AT_MOST):
        with bot.service.store.transaction() as tx:
            assert tx.messages.claim("elsewhere:1", bot.clock.now(), timedelta(seconds=1)) is not None
        bot.clock.pass_time(seconds=5)
    await work_until_idle(bot, one)
    assert pool.tries == 0
    with bot.service.store.reading() as tx:
        assert tx.messages.count_by_state() == {"FAILED": 1}
