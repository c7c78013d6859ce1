"""Sends what is in the outbox until it is taken, or given up where staff see it.

A letter keeps its Message-ID through all tries, so that a receiver that saw it
twice can tell. Network happens outside any transaction.

Letters do not stand in each other's way: those to one domain get some of the
places only, so that a slow one leaves room for the others. When the next host
is away no letter is to blame. Then one letter at a time finds out whether it is
back, and only that one counts an attempt; when it is back the letters follow
one by one, then ever more at once. Each process finds out for itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.clock import Clock
from bot.mail.courier import Courier, Deferred, Delivery, Rejected, Sent, Unavailable
from storage.outbox import OutboxMessage, domain_of
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=45)
"""More than a hand-over and its recording can take, with every step as slow as it may be; a test holds that."""
AT_ONCE = 8
AT_ONCE_TO_A_DOMAIN = 4
SETTLING_PAUSES = (1.0, 5.0, 15.0, 60.0)
"""Seconds between tries to record what became of a letter. What is never recorded is sent again."""
POLL_SECONDS = 1.0
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
"""Between two letters that find out whether the next host is back."""
LONGEST_WAIT_FOR_HOST = timedelta(minutes=15)
"""For a letter that found the host away. Less than LONGEST_WAIT: it may be the only letter there is."""
BEHIND_THE_OTHERS = timedelta(seconds=1)
GIVE_UP_AFTER = timedelta(days=5)
"""RFC 5321 section 4.5.4.1 asks for four or five days of trying."""
ATTEMPTS_AT_LEAST = 12
"""Tries before a letter is given up, whatever its age: it may have waited for a deliverer, not for its receiver."""


def next_wait(attempts: int, chance: float) -> timedelta:
    """How long to wait after the `attempts`th try: doubling, within bounds, a fifth of it left to `chance` (0 to 1)."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    return wait * (0.9 + 0.2 * chance)


def next_pause(failures: int, chance: float) -> timedelta:
    """How long to let the next host be after the `failures`th try in vain: as `next_wait`, within other bounds."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    return pause * (0.9 + 0.2 * chance)


class Pace:
    """How many letters may be begun: none while the next host is away, then one as a probe, then ever more."""

    def __init__(self) -> None:
        self._width = AT_ONCE
        self._failures = 0
        self._until: datetime | None = None

    @property
    def is_probing(self) -> bool:
        """Whether the next letter finds out for all others if the host is back."""
        return self._failures > 0

    def room(self, now: datetime) -> int:
        """How many letters may be begun at once. A clock that was set back ends a pause and does not prolong it."""
        is_pause = self._until is not None and timedelta(0) < self._until - now <= 2 * LONGEST_PAUSE
        return 0 if is_pause else self._width

    def begun(self, now: datetime) -> None:
        """Letters have been begun. A probe has the road to itself until it is answered, or for one pause."""
        if self.is_probing:
            self._until = now + next_pause(self._failures, _chance())

    def answered(self) -> None:
        """The host has dealt with a letter, whatever it said of it."""
        self._failures, self._until = 0, None
        self._width = min(2 * self._width, AT_ONCE)

    def away(self, now: datetime, *, is_probe: bool) -> bool:
        """The host is away. Whether this letter found that out; those that were begun together with it did not."""
        self._width = 1
        finds_out = is_probe or not self._failures
        if finds_out:
            self._failures += 1
            self._until = now + next_pause(self._failures, _chance())
        return finds_out

    def back_at(self, now: datetime) -> datetime:
        """When the host is asked again, at the earliest."""
        return max(self._until or now, now)


def _chance() -> float:
    return random.random()  # noqa: S311  # jitter, not a secret


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
        self._pace = Pace()
        self._under_way: Counter[str] = Counter()
        """Letters that have been begun, by domain."""

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
        room = min(room, self._pace.room(self._clock.now()))
        is_probe = self._pace.is_probing
        try:
            letters = await asyncio.to_thread(self._lease, room, +self._under_way) if room > 0 else []
        except Exception:
            log.exception("deliver: the store did not answer; trying again")
            return []
        if letters:
            self._pace.begun(self._clock.now())
        self._under_way.update(domain_of(letter.recipient) for letter in letters)
        return [asyncio.create_task(self._deliver(letter, is_probe)) for letter in letters]

    async def deliver_some(self) -> int:
        """Try a few letters and wait for them. Returns how many were settled; the others wait for their lease."""
        return sum(await asyncio.gather(*await self._begin(AT_ONCE)))

    def _lease(self, most: int, under_way: Counter[str]) -> list[OutboxMessage]:
        now, owner = self._clock.now(), self._store.owner
        with self._store.transaction() as tx:
            return tx.outbox.lease(owner, now, LEASE, most, to_a_domain=AT_ONCE_TO_A_DOMAIN, under_way=under_way)

    async def _deliver(self, letter: OutboxMessage, is_probe: bool) -> bool:
        """Hand a letter on and record what became of it. False if that could not be recorded."""
        is_attempt = True
        try:
            result = await self._courier.send(letter.envelope_from, letter.recipient, letter.raw)
            is_attempt = self._heard(result, is_probe)
        except Exception as fault:
            log.exception("letter %s: the courier failed", letter.id)
            result = Deferred(f"{type(fault).__name__}: {fault}")
        finally:
            self._under_way = +(self._under_way - Counter([domain_of(letter.recipient)]))
        for pause in (*SETTLING_PAUSES, None):
            try:
                await asyncio.to_thread(self._settle, letter, result, is_attempt)
            except Exception:
                log.exception("letter %s: could not be settled", letter.id)
            else:
                return True
            if pause is not None:
                # If it is the detail that the database does not keep: what became of the letter matters more.
                result = replace(result, detail=_plain(result.detail))
                await asyncio.sleep(pause)
        return False

    def _heard(self, result: Delivery, is_probe: bool) -> bool:
        """Keep pace with what the next host said. Whether it counts as an attempt of this letter."""
        if not isinstance(result, Unavailable):
            self._pace.answered()
            return True
        now = self._clock.now()
        finds_out = self._pace.away(now, is_probe=is_probe)
        if finds_out:
            log.warning("the next host takes no letters; one is tried in %s", self._pace.back_at(now) - now)
        return finds_out

    def _settle(self, letter: OutboxMessage, result: Delivery, is_attempt: bool) -> None:
        now, owner = self._clock.now(), self._store.owner
        is_old = now - letter.created_at > GIVE_UP_AFTER and letter.attempts >= ATTEMPTS_AT_LEAST
        with self._store.transaction() as tx:
            match result:
                case Sent(detail=detail):
                    is_settled = tx.outbox.sent(letter.id, owner, detail, now)
                case Deferred(detail=detail) | Unavailable(detail=detail) if is_old and is_attempt:
                    is_settled = tx.outbox.dead(letter.id, owner, f"given up: {detail}", now)
                case Deferred(detail=detail):
                    next_at = now + next_wait(letter.attempts, _chance())
                    is_settled = tx.outbox.retry(letter.id, owner, detail, next_at)
                case Unavailable(detail=detail) if is_attempt:
                    # Behind the others, so that the next to find out is another: it may be this letter after all.
                    wait = min(next_wait(letter.attempts, _chance()), LONGEST_WAIT_FOR_HOST)
                    next_at = max(self._pace.back_at(now) + BEHIND_THE_OTHERS, now + wait)
                    is_settled = tx.outbox.retry(letter.id, owner, detail, next_at)
                case Unavailable(detail=detail):
                    is_settled = tx.outbox.put_back(letter.id, owner, detail, self._pace.back_at(now))
                case Rejected(detail=detail):
                    is_settled = tx.outbox.dead(letter.id, owner, detail, now)
                case _:
                    assert_never(result)
        log.info("letter %s: %s%s", letter.id, type(result).__name__, "" if is_settled else ", but another has it now")
