"""Sends what is in the outbox until it is taken, or given up where staff see it.

A letter keeps its Message-ID through all tries, so that a receiver that saw it
twice can tell. Network happens outside any transaction.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from bot.clock import Clock
from bot.mail.courier import Courier, Deferred, Rejected, Sent
from storage.outbox import OutboxMessage
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)
"""More than a hand-over can take, with every step of it as slow as it may be."""
AT_ONCE = 8
SETTLING_PAUSES = (1.0, 5.0, 15.0, 60.0)
"""Seconds between tries to record what became of a letter. What is never recorded is sent again."""
POLL_SECONDS = 1.0
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)
"""RFC 5321 section 4.5.4.1 asks for four or five days of trying."""
ATTEMPTS_AT_LEAST = 12
"""Tries before a letter is given up, whatever its age: it may have waited for a deliverer, not for its receiver."""


def next_wait(attempts: int, chance: float) -> timedelta:
    """How long to wait after the `attempts`th try: doubling, within bounds, a fifth of it left to `chance` (0 to 1)."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return wait * (0.9 + 0.2 * chance)


def _plain(detail: str) -> str:
    """`detail` in characters that every database keeps."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in detail)


class Deliverer:
    """Empties the outbox."""

    def __init__(self, store: Store, courier: Courier, clock: Clock) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self.bell = asyncio.Event()
        """Rung when a letter may have been added."""
        self._is_stopping = False

    def stop(self) -> None:
        """Take no more letters. `run` returns once those under way are settled. From the event loop only."""
        self._is_stopping = True
        self.bell.set()

    async def run(self) -> None:
        """Send what is due and wait for more, until `stop`. A letter that takes long holds up no other."""
        under_way: set[asyncio.Task[bool]] = set()
        ringing = asyncio.create_task(self.bell.wait())
        try:
            while not self._is_stopping:
                self.bell.clear()
                under_way.update(await self._begin(AT_ONCE - len(under_way)))
                if ringing.done():
                    ringing = asyncio.create_task(self.bell.wait())
                _, under_way = await asyncio.wait(
                    {ringing, *under_way}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                under_way.discard(ringing)
            if under_way:
                await asyncio.wait(under_way)
        finally:
            for task in (ringing, *under_way):
                task.cancel()

    async def _begin(self, room: int) -> list[asyncio.Task[bool]]:
        """Begin with up to `room` letters that are due."""
        try:
            letters = await asyncio.to_thread(self._lease, room) if room else []
        except Exception:
            log.exception("deliver: the store did not answer; trying again")
            return []
        return [asyncio.create_task(self._deliver(letter)) for letter in letters]

    async def deliver_some(self) -> int:
        """Try a few letters and wait for them. Returns how many were settled; the others wait for their lease."""
        return sum(await asyncio.gather(*await self._begin(AT_ONCE)))

    def _lease(self, most: int) -> list[OutboxMessage]:
        with self._store.transaction() as tx:
            return tx.outbox.lease(self._store.owner, self._clock.now(), LEASE, most)

    async def _deliver(self, letter: OutboxMessage) -> bool:
        """Hand a letter on and record what became of it. False if that could not be recorded."""
        try:
            result = await self._courier.send(letter.envelope_from, letter.recipient, letter.raw)
        except Exception as fault:
            log.exception("letter %s: the courier failed", letter.id)
            result = Deferred(f"{type(fault).__name__}: {fault}")
        for pause in (*SETTLING_PAUSES, None):
            try:
                await asyncio.to_thread(self._settle, letter, result)
            except Exception:
                log.exception("letter %s: could not be settled", letter.id)
            else:
                return True
            if pause is not None:
                # If it is the detail that the database does not keep: what became of the letter matters more.
                result = replace(result, detail=_plain(result.detail))
                await asyncio.sleep(pause)
        return False

    def _settle(self, letter: OutboxMessage, result: Sent | Deferred | Rejected) -> None:
        now, owner = self._clock.now(), self._store.owner
        with self._store.transaction() as tx:
            match result:
                case Sent(detail=detail):
                    is_settled = tx.outbox.sent(letter.id, owner, detail, now)
                case Deferred(detail=detail):
                    if now - letter.created_at > GIVE_UP_AFTER and letter.attempts >= ATTEMPTS_AT_LEAST:
                        is_settled = tx.outbox.dead(letter.id, owner, f"given up: {detail}", now)
                    else:
                        wait = next_wait(letter.attempts, random.random())  # noqa: S311  # jitter, not a secret
                        is_settled = tx.outbox.retry(letter.id, owner, detail, now + wait)
                case Rejected(detail=detail):
                    is_settled = tx.outbox.dead(letter.id, owner, detail, now)
                case _:
                    assert_never(result)
        log.info("letter %s: %s%s", letter.id, type(result).__name__, "" if is_settled else ", but another has it now")
