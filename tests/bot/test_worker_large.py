"""Large and hostile messages hold up nobody else, and what one sender wrote is answered in its order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app import answerer_for, parking_for
from bot.language.pipeline import Reader
from bot.mail.authentication import Authentication, Ground
from bot.mail.limits import Limits
from bot.reading import Reading, is_heavy, read
from bot.reading_pool import ReadingFailed, ReadingPool, Spent
from bot.worker import CLAIMS_AT_MOST, FAILURES_AT_MOST, LEASE, Worker
from storage.messages import MessageState
from storage.store import Store
from tests.dialogue import Bot, start_bot
from tests.hostile_html import UNBOUNDED, time_bomb

ANA, BEN = "ana.perez@example.com", "ben.ortiz@example.com"
LIMITS = Limits()


def letter(sender: str, number: str, *, size: int = 0) -> bytes:
    """A plain letter; the question comes again until it has `size` octets."""
    body = "How do I enroll?\r\n" * max(1, size // 18)
    return f"From: {sender}\r\nMessage-ID: <{number}@x.example>\r\nSubject: {number}\r\n\r\n{body}".encode()


class Reads:
    """Reads in this process, in the order of `order`; large messages only once `may_go` is set."""

    def __init__(self, bot: Bot, fault: Exception | None = None) -> None:
        self._bot = bot
        self._fault = fault
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.order: list[str] = []
        self.at_once = self.most_at_once = 0

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message, or fail."""
        own = self._bot.service.plan.book.issuer.program_address
        reading = read(raw, mail_from, own_address=own, understands=self._bot.understands, limits=LIMITS)
        if is_heavy(raw, LIMITS):
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await self.may_go.wait()
            self.at_once -= 1
        self.order.append(reading.subject)
        if self._fault is not None:
            raise self._fault
        return reading


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    return start_bot(store, reader, tmp_path, datetime(2004, 2, 2, 9, 30, tzinfo=ZoneInfo("America/New_York")))


def worker_of(bot: Bot, reads: Reads | ReadingPool) -> Worker:
    return Worker(
        bot.service.store, reads, answerer_for(bot.service), parking_for(bot.service), bot.clock, asyncio.Event()
    )


def states(bot: Bot) -> dict[str, int]:
    with bot.service.store.reading() as tx:
        return tx.messages.count_by_state()


async def until(happened: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.02)


async def test_an_ordinary_message_is_answered_while_large_ones_are_read_one_at_a_time(bot: Bot) -> None:
    reads = Reads(bot)
    reads.may_go.clear()
    for number in range(5):
        bot.receives(letter("x@strangers.example", f"large{number}", size=100_000), "x@strangers.example")
    bot.receives(letter(ANA, "small"), ANA)
    running = asyncio.create_task(worker_of(bot, reads).run())
    try:
        await until(lambda: reads.order == ["small"] and states(bot).get("RECEIVED") == 5)
        reads.may_go.set()
        await until(lambda: "RECEIVED" not in states(bot))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert reads.order == ["small", *(f"large{number}" for number in range(5))]
    assert reads.most_at_once == 1


async def test_a_smaller_message_waits_for_a_large_one_of_the_same_sender_and_of_nobody_else(bot: Bot) -> None:
    reads = Reads(bot)
    for sender, number, size in ((ANA, "first", 100_000), (ANA, "second", 0), (BEN, "third", 0)):
        bot.receives(letter(sender, number, size=size), sender)
    worker = worker_of(bot, reads)
    while await worker.work_one():
        pass
    assert reads.order == ["third"]
    while await worker.work_aside():
        pass
    assert reads.order == ["third", "first", "second"]
    bot.receives(letter(ANA, "fourth"), ANA)
    assert await worker.work_one()
    assert reads.order[-1] == "fourth", "nothing of hers waits any more"


async def test_a_large_letter_in_a_forged_name_does_not_make_its_true_sender_wait(bot: Bot) -> None:
    reads = Reads(bot)
    bot.sender = Authentication(Ground.NOT_SIGNED)
    bot.receives(letter(ANA, "forged", size=100_000), ANA)
    bot.sender = Authentication(Ground.VOUCHED)
    bot.receives(letter(ANA, "true"), ANA)
    worker = worker_of(bot, reads)
    while await worker.work_one():
        pass
    assert reads.order == ["true"]


async def test_what_waits_keeps_its_lease_and_its_place_and_uses_up_no_claims(bot: Bot) -> None:
    reads = Reads(bot)
    for number in ("one", "two"):
        bot.receives(letter(f"{number}@x.example", number, size=100_000), f"{number}@x.example")
    worker = worker_of(bot, reads)
    for _ in range(CLAIMS_AT_MOST + 3):
        while await worker.work_one():
            pass
        with bot.service.store.transaction() as tx:
            assert tx.messages.claim("elsewhere:1", bot.clock.now(), LEASE) is None, "both are leased"
        bot.clock.pass_time(seconds=LEASE.total_seconds() + 1)
    assert reads.order == []
    while await worker.work_one():
        pass
    while await worker.work_aside():
        pass
    assert reads.order == ["one", "two"]
    assert "RECEIVED" not in states(bot)
    assert "FAILED" not in states(bot)


@pytest.mark.parametrize(
    ("spent", "tries"),
    [
        pytest.param(None, FAILURES_AT_MOST, id="a failure of another kind"),
        pytest.param(Spent.WALL_CLOCK, 2, id="too slow"),
        pytest.param(Spent.PROCESSOR, 1, id="too much of the processor"),
        pytest.param(Spent.MEMORY, 1, id="too much memory"),
        pytest.param(Spent.PROCESS, 2, id="its process ended"),
    ],
)
@pytest.mark.parametrize("size", [0, 100_000])
async def test_what_a_reading_used_up_decides_how_often_it_is_tried(
    bot: Bot, spent: Spent | None, tries: int, size: int
) -> None:
    reads = Reads(bot, ReadingFailed("it failed", spent))
    bot.receives(letter(ANA, "poison", size=size), ANA)
    worker = worker_of(bot, reads)
    for _ in range(10):
        while await worker.work_one() or await worker.work_aside():
            pass
        bot.clock.pass_time(seconds=31)
    assert len(reads.order) == tries
    assert states(bot) == {"FAILED": 1}
    with bot.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
        assert tx.messages.get(review.message_id).state is MessageState.FAILED
    assert [heard.kind for heard in bot.letters_to(ANA)] == ["_shared/referred"]


@pytest.mark.slow
async def test_an_ordinary_message_is_answered_before_hostile_ones_that_came_earlier_have_failed(
    bot: Bot, model: Path
) -> None:
    for number in range(2):
        bot.receives(time_bomb("x@strangers.example", f"bomb{number}"), "x@strangers.example")
    bot.receives(letter(ANA, "small"), ANA)
    own = bot.service.plan.book.issuer.program_address
    pool = ReadingPool(model, own, replace(UNBOUNDED, reading_processor_seconds=2), seconds=120)
    running = None
    try:
        await pool.warm()
        running = asyncio.create_task(worker_of(bot, pool).run())
        await until(lambda: states(bot).get("RECEIVED") != 3, seconds=300)
        assert "FAILED" not in states(bot), "the ordinary one was first"
        await until(lambda: states(bot).get("FAILED") == 2, seconds=300)
    finally:
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        pool.close()
    with bot.service.store.reading() as tx:
        assert {message.failures for message in tx.messages.newest(10)} == {0}, "none was tried twice"
