"""Works through the messages whose sender is looked up: claim, read, answer. One at a time, oldest first.

A message that fails is tried again a little later; after three failures, or fewer where trying again is in vain, it is
parked for staff and the queue moves on. A process that dies lets go of what it held: the lease ends, and another try
is made. Large messages are set aside and worked through beside the others, again one at a time and oldest first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.answer import Answerer
from bot.clock import Clock
from bot.mail.addresses import is_bounce_address
from bot.mail.limits import Limits
from bot.mail.loopguard import AUTOMATIC
from bot.parking import Parking
from bot.reading import Reading, is_heavy
from bot.reading_pool import ReadingFailed
from bot.set_aside import SetAside
from storage.messages import InboundMessage, MessageState, NotMine
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FAILURES_AT_MOST = 3
CLAIMS_AT_MOST = 12
"""A message that was claimed so often without an outcome takes its process down each time."""
BACKOFF = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
POLL_SECONDS = 1.0
"""How long to wait for the bell before looking anyway."""


_LIMITS = Limits()


class Reads(Protocol):
    """Anything that reads a raw message: the pool of reading processes."""

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message, or raise."""
        ...


class TooManyClaims(RuntimeError):
    """A message takes down whatever process works on it. It is parked for a person; a retry does not help."""


class Worker:
    """Answers messages, one after the other, and large ones beside them."""

    def __init__(
        self,
        store: Store,
        pool: Reads,
        answerer: Answerer,
        parking: Parking,
        clock: Clock,
        done: asyncio.Event,
        limits: Limits = _LIMITS,
    ) -> None:
        self._store = store
        self._pool = pool
        self._answerer = answerer
        self._parking = parking
        self._clock = clock
        self._done = done
        self.bell = asyncio.Event()
        """Rung when a message has come in."""
        self._limits = limits
        self._aside = SetAside()
        self._aside_bell = asyncio.Event()

    async def run(self) -> None:
        """Answer what is there, wait for more, for ever."""
        async with asyncio.TaskGroup() as both:
            both.create_task(_run(self.bell, self.work_one))
            both.create_task(_run(self._aside_bell, self.work_aside))

    async def work_one(self) -> bool:
        """Take one message to an outcome or a failed try, or set it aside if it is large. False if none is due."""
        message = await asyncio.to_thread(self._claim)
        if message is None:
            return False
        if is_heavy(message.raw, self._limits) or self._aside.holds_up(message):
            self._aside.add(message)
            self._aside_bell.set()
        else:
            await self._work(message)
        return True

    async def work_aside(self) -> bool:
        """Take the first message that was set aside to an outcome or a failed try. False if there is none."""
        message_id = self._aside.first()
        if message_id is None:
            return False
        try:
            message = await asyncio.to_thread(self._get, message_id)
            if message.state is MessageState.RECEIVED:
                await self._work(self._aside.as_first_claimed(message))
        finally:
            self._aside.remove(message_id)
        return True

    async def _work(self, message: InboundMessage) -> None:
        reading: Reading | None = None
        try:
            if message.claims > CLAIMS_AT_MOST:
                raise TooManyClaims(f"claimed {message.claims} times without an outcome")
            reading = _as_addressed(await self._pool.read(message.raw, message.mail_from), message)
            state = await asyncio.to_thread(self._answerer.answer, message, reading)
            log.info("message %s: %s", message.id, state.value)
            self._done.set()
        except NotMine:
            log.info("message %s: another process has it", message.id)
        except Exception as fault:
            log.exception("message %s: failed", message.id)
            await asyncio.to_thread(self._failed, message, reading, fault)
            self._done.set()

    def _get(self, message_id: str) -> InboundMessage:
        with self._store.reading() as tx:
            return tx.messages.get(message_id)

    def _claim(self) -> InboundMessage | None:
        with self._store.transaction() as tx:
            return tx.messages.claim(self._store.owner, self._clock.now(), LEASE)

    def _failed(self, message: InboundMessage, reading: Reading | None, fault: Exception) -> None:
        error = _storable(f"{type(fault).__name__}: {fault}"[:2000])
        failures = message.failures + 1
        if failures >= _failures_at_most(fault) or message.claims >= CLAIMS_AT_MOST:
            try:
                self._parking.give_up(message, reading, error)
            except Exception:
                log.exception("message %s: could not be parked with a letter; parked without one", message.id)
                self._parking.give_up_silently(message, error)
            return
        wait = BACKOFF[min(failures, len(BACKOFF)) - 1]
        with self._store.transaction() as tx:
            tx.messages.fail(message.id, self._store.owner, error, self._clock.now() + wait)


async def _run(bell: asyncio.Event, work: Callable[[], Awaitable[bool]]) -> None:
    while True:
        bell.clear()
        try:
            while await work():
                pass
        except Exception:
            log.exception("worker: the store did not answer; trying again")
        try:
            await asyncio.wait_for(bell.wait(), POLL_SECONDS)
        except TimeoutError:
            continue


def _failures_at_most(fault: Exception) -> int:
    """How often a message may fail before it is parked; fewer times where its reading used up what it may take."""
    tries = fault.tries if isinstance(fault, ReadingFailed) else None
    return FAILURES_AT_MOST if tries is None else min(FAILURES_AT_MOST, tries)


def _as_addressed(reading: Reading, message: InboundMessage) -> Reading:
    """What came to the envelope sender of a letter is a program's, even if nothing else in it says so (RFC 3834)."""
    is_to_sender = bool(message.recipients) and all(map(is_bounce_address, message.recipients))
    return replace(reading, ignore=AUTOMATIC) if is_to_sender and not reading.ignore else reading


def _storable(error: str) -> str:
    """An error's text as every database keeps it: without NUL and halves of letters."""
    return error.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
