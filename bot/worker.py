"""Works through the messages whose sender is looked up: claim, read, answer. One at a time, oldest first.

A message that fails is tried again a little later; after three failures it is
parked for staff and the queue moves on. A process that dies lets go of what it
held: the lease ends, and another try is made.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.answer import Answerer
from bot.clock import Clock
from bot.mail.addresses import is_bounce_address
from bot.mail.loopguard import AUTOMATIC
from bot.parking import Parking
from bot.reading import Reading
from storage.messages import InboundMessage, NotMine
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FAILURES_AT_MOST = 3
CLAIMS_AT_MOST = 12
"""A message that was claimed so often without an outcome takes its process down each time."""
BACKOFF = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
POLL_SECONDS = 1.0
"""How long to wait for the bell before looking anyway."""


class Reads(Protocol):
    """Anything that reads a raw message: the pool of reading processes."""

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message, or raise."""
        ...


class TooManyClaims(RuntimeError):
    """A message takes down whatever process works on it. It is parked for a person; a retry does not help."""


class Worker:
    """Answers messages, one after the other."""

    def __init__(
        self,
        store: Store,
        pool: Reads,
        answerer: Answerer,
        parking: Parking,
        clock: Clock,
        done: asyncio.Event,
    ) -> None:
        self._store = store
        self._pool = pool
        self._answerer = answerer
        self._parking = parking
        self._clock = clock
        self._done = done
        self.bell = asyncio.Event()
        """Rung when a message has come in."""

    async def run(self) -> None:
        """Answer what is there, wait for more, for ever."""
        while True:
            self.bell.clear()
            try:
                while await self.work_one():
                    pass
            except Exception:
                log.exception("worker: the store did not answer; trying again")
            try:
                await asyncio.wait_for(self.bell.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def work_one(self) -> bool:
        """Take one message to an outcome or a failed try. False if none is due."""
        message = await asyncio.to_thread(self._claim)
        if message is None:
            return False
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
        return True

    def _claim(self) -> InboundMessage | None:
        with self._store.transaction() as tx:
            return tx.messages.claim(self._store.owner, self._clock.now(), LEASE)

    def _failed(self, message: InboundMessage, reading: Reading | None, fault: Exception) -> None:
        error = _storable(f"{type(fault).__name__}: {fault}"[:2000])
        failures = message.failures + 1
        if failures >= FAILURES_AT_MOST or message.claims >= CLAIMS_AT_MOST:
            try:
                self._parking.give_up(message, reading, error)
            except Exception:
                log.exception("message %s: could not be parked with a letter; parked without one", message.id)
                self._parking.give_up_silently(message, error)
            return
        wait = BACKOFF[min(failures, len(BACKOFF)) - 1]
        with self._store.transaction() as tx:
            tx.messages.fail(message.id, self._store.owner, error, self._clock.now() + wait)


def _as_addressed(reading: Reading, message: InboundMessage) -> Reading:
    """What came to the envelope sender of a letter is a program's, even if nothing else in it says so (RFC 3834)."""
    is_to_sender = bool(message.recipients) and all(map(is_bounce_address, message.recipients))
    return replace(reading, ignore=AUTOMATIC) if is_to_sender and not reading.ignore else reading


def _storable(error: str) -> str:
    """An error's text as every database keeps it: without NUL and halves of letters."""
    return error.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
