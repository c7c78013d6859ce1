"""Finds out who sent the messages that came in, several at a time, before they are answered one by one.

It asks name servers, which may be slow or silent, and some of them are a stranger's. So it stands apart from the
answering: nobody's message waits behind another's name servers. What they do not answer is asked again later, and a
message whose sender stays unknown is answered as a stranger's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.clock import Clock
from bot.mail.authentication import NO_ANSWER, NOBODY, Arrived, Authentication, SenderCheck
from bot.reading import read_head
from storage.messages import InboundMessage
from storage.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
AT_ONCE = 64
SLOW_SECONDS = 2.0
SLOW_OF_A_DOMAIN = 4
"""Slow lookups under way for one domain after which its other messages wait: its owner may have made it slow."""
CROWDED = timedelta(seconds=10)
"""How long they wait."""
CHECK_SECONDS = 10.0
"""How long one message's sender may take to be looked up."""
HOLDS = (timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long a message is left alone whose sender could not be looked up: longer, the longer it has waited."""
HELD_AT_MOST = timedelta(hours=4)
"""How long a message waits for name servers to answer; then its sender counts as not known."""
CLAIMS_AT_MOST = 12
"""A message that was claimed so often without a finding takes its process down each time; its sender is nobody."""
POLL_SECONDS = 1.0
CROWD = replace(NO_ANSWER, note="others of the same domain are being looked up")


class Vouching:
    """Looks up senders."""

    def __init__(
        self, store: Store, check: SenderCheck, clock: Clock, own_address: str, known: Callable[[], None]
    ) -> None:
        self._store = store
        self._check = check
        self._clock = clock
        self._own_address = own_address
        self._known = known
        self._begun: defaultdict[str, list[float]] = defaultdict(list)
        """When each lookup began that is under way, by domain."""
        self.bell = asyncio.Event()
        """Rung when a message has come in."""

    async def run(self) -> None:
        """Look up what is there, wait for more, for ever."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                self.bell.clear()
                claimed = await self._claim(AT_ONCE - len(under_way))
                under_way |= {asyncio.create_task(self._look_up(message)) for message in claimed}
                ringing = asyncio.create_task(self.bell.wait())
                try:
                    done, _ = await asyncio.wait(
                        {ringing, *under_way}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    ringing.cancel()
                under_way -= done
        finally:
            for task in under_way:
                task.cancel()

    async def look_up_some(self) -> int:
        """Look up the senders of a few messages and wait for them. Returns of how many."""
        claimed = await self._claim(AT_ONCE)
        await asyncio.gather(*map(self._look_up, claimed))
        return len(claimed)

    async def _claim(self, room: int) -> list[InboundMessage]:
        def claim() -> list[InboundMessage]:
            with self._store.transaction() as tx:
                return tx.messages.claim_unchecked(self._store.owner, self._clock.now(), LEASE, room)

        try:
            return await asyncio.to_thread(claim) if room > 0 else []
        except Exception:
            log.exception("senders: the store did not answer; trying again")
            return []

    async def _look_up(self, message: InboundMessage) -> None:
        """Record who sent one message, or leave it for later."""
        try:
            found = await self._sender_of(message) if message.claims <= CLAIMS_AT_MOST else NOBODY
        except TimeoutError:
            found = NO_ANSWER
        except Exception as fault:
            log.exception("message %s: its sender could not be looked up", message.id)
            found = replace(NO_ANSWER, note=type(fault).__name__)
        try:
            await asyncio.to_thread(self._settle, message, found)
        except Exception:
            log.exception("message %s: its sender could not be recorded; it is looked up again", message.id)
            return
        self._known()

    async def _sender_of(self, message: InboundMessage) -> Authentication:
        """Who sent it, and how surely; asked only where an answer may depend on it."""
        head = await asyncio.to_thread(read_head, message.raw, message.mail_from, self._own_address)
        if head.ignore or not head.from_address:
            return NOBODY
        arrived = Arrived(
            raw=message.raw,
            from_address=head.from_address,
            mail_from=message.mail_from,
            peer=message.peer,
            helo=message.helo,
            at=self._clock.of_the_world(message.received_at),
        )
        domain = head.from_address.rpartition("@")[2]
        begun, now = self._begun[domain], asyncio.get_running_loop().time()
        if sum(now - at > SLOW_SECONDS for at in begun) >= SLOW_OF_A_DOMAIN:
            return CROWD
        begun.append(now)
        try:
            found = await asyncio.wait_for(self._check.check(arrived), CHECK_SECONDS)
        finally:
            begun.remove(now)
            if not begun:
                self._begun.pop(domain, None)
        return replace(found, address=head.from_address)

    def _settle(self, message: InboundMessage, found: Authentication) -> None:
        now, owner = self._clock.now(), self._store.owner
        waited = now - message.received_at
        with self._store.transaction() as tx:
            if found is CROWD:
                tx.messages.hold(message.id, owner, found.note, now + CROWDED)
            elif found.is_temporary and waited < HELD_AT_MOST:
                until = now + next((hold for hold in HOLDS if hold > waited), HOLDS[-1])
                tx.messages.hold(message.id, owner, found.ground.value, until)
            else:
                tx.messages.keep_sender(message.id, owner, found.record(), found.digest)
        log.info("message %s: sender %s", message.id, found.ground.name)
