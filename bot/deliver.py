"""Sends what is in the outbox until it is taken, or given up where staff see it.

A letter keeps its Message-ID through all tries, so that a receiver that saw it
twice can tell. Network happens outside any transaction.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import timedelta
from typing import assert_never

from bot.clock import Clock
from bot.mail.courier import Courier, Deferred, Rejected, Sent
from storage.outbox import OutboxMessage
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
AT_ONCE = 8
POLL_SECONDS = 1.0
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
"""RFC 5321 section 4.5.4.1 asks for four or five days of trying."""


def next_wait(attempts: int, chance: float) -> timedelta:
    """How long to wait after the `attempts`th try: doubling, within bounds, a fifth of it left to `chance` (0 to 1)."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return wait * (0.9 + 0.2 * chance)


class Deliverer:
    """Empties the outbox."""

    def __init__(self, store: Store, courier: Courier, clock: Clock) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self.bell = asyncio.Event()
        """Rung when a letter may have been added."""

    async def run(self) -> None:
        """Send what is due, wait for more, for ever."""
        while True:
            self.bell.clear()
            try:
                while await self.deliver_some():
                    pass
            except Exception:
                log.exception("deliver: the store did not answer; trying again")
            try:
                await asyncio.wait_for(self.bell.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def deliver_some(self) -> int:
        """Try a few letters at once. Returns how many were tried."""
        letters = await asyncio.to_thread(self._lease)
        await asyncio.gather(*(self._deliver(letter) for letter in letters))
        return len(letters)

    def _lease(self) -> list[OutboxMessage]:
        with self._store.transaction() as tx:
            return tx.outbox.lease(self._store.owner, self._clock.now(), LEASE, AT_ONCE)

    async def _deliver(self, letter: OutboxMessage) -> None:
        try:
            result = await self._courier.send(letter.envelope_from, letter.recipient, letter.raw)
        except Exception as fault:
            log.exception("letter %s: the courier failed", letter.id)
            result = Deferred(f"{type(fault).__name__}: {fault}")
        await asyncio.to_thread(self._settle, letter, result)

    def _settle(self, letter: OutboxMessage, result: Sent | Deferred | Rejected) -> None:
        now = self._clock.now()
        with self._store.transaction() as tx:
            match result:
                case Sent(detail=detail):
                    tx.outbox.sent(letter.id, detail, now)
                case Deferred(detail=detail):
                    if now - letter.created_at > GIVE_UP_AFTER:
                        tx.outbox.dead(letter.id, f"given up: {detail}", now)
                    else:
                        wait = next_wait(letter.attempts, random.random())  # noqa: S311  # jitter, not a secret
                        tx.outbox.retry(letter.id, detail, now + wait)
                case Rejected(detail=detail):
                    tx.outbox.dead(letter.id, detail, now)
                case _:
                    assert_never(result)
        log.info("letter %s: %s", letter.id, type(result).__name__)
