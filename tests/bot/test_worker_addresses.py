"""What a worker makes of the addresses that a message came to, and of errors that no database keeps."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import answerer_for, parking_for
from bot.language.pipeline import Reader
from bot.mail.limits import Limits
from bot.reading import Reading, read
from bot.reading_pool import ReadingFailed
from bot.worker import FAILURES_AT_MOST, Worker
from storage.messages import MessageState
from storage.store import Store
from tests.dialogue import Bot, start_bot

ANA = "ana.perez@example.com"
ASKS = f"From: {ANA}\r\nMessage-ID: <%s@x.example>\r\nSubject: hello\r\n\r\nHow do I enroll?\r\n"


class Reads:
    """Reads in this process; breaks with an error whose text cannot be stored, if told to."""

    def __init__(self, bot: Bot, *, breaks: bool = False) -> None:
        self._bot = bot
        self._breaks = breaks
        self.tries = 0

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message, or fail."""
        self.tries += 1
        if self._breaks:
            raise ReadingFailed("half a letter \ud800 and a NUL \x00")
        own = self._bot.service.plan.book.issuer.program_address
        return read(raw, mail_from, own_address=own, understands=self._bot.understands, limits=Limits())


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    return start_bot(store, reader, tmp_path, datetime(2004, 2, 2, 9, 30, tzinfo=ZoneInfo("America/New_York")))


async def _work(bot: Bot, reads: Reads) -> None:
    worker = Worker(
        bot.service.store,
        reads,
        answerer_for(bot.service),
        parking_for(bot.service),
        bot.clock,
        asyncio.Event(),
    )
    for _ in range(5):
        while await worker.work_one():
            pass
        bot.clock.pass_time(seconds=31)


async def test_what_comes_to_the_envelope_sender_of_a_letter_is_never_answered(bot: Bot) -> None:
    bot.receives((ASKS % "a").encode(), ANA)
    await _work(bot, Reads(bot))
    (letter,) = bot.letters()
    bot.receives((ASKS % "b").encode(), ANA, letter.envelope_from)
    await _work(bot, Reads(bot))
    assert len(bot.letters()) == 1
    with bot.service.store.reading() as tx:
        newest = tx.messages.newest(1)[0]
    assert (newest.state, newest.reason) == (MessageState.IGNORED, "automatic")


async def test_what_comes_to_a_conversation_is_answered(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("How do I enroll?")
    bot.receives((ASKS % "b").encode(), ANA, ana.heard[-1].reply_to)
    await _work(bot, Reads(bot))
    assert len(bot.letters_to(ANA)) == 2


async def test_an_error_that_cannot_be_stored_as_it_stands_counts_like_any_other(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # a test report that holds half a letter cannot leave its process
    bot.receives((ASKS % "a").encode(), ANA)
    reads = Reads(bot, breaks=True)
    await _work(bot, reads)
    assert reads.tries == FAILURES_AT_MOST
    with bot.service.store.reading() as tx:
        assert tx.messages.count_by_state() == {"FAILED": 1}
        assert "half a letter \\ud800 and a NUL \\x00" in tx.messages.newest(1)[0].reason
