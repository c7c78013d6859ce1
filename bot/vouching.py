"""Finds out who sent the messages that came in, several at a time, before they are answered one by one.

It asks name servers, which may be slow or silent, and some of them are a stranger's. So it stands apart from the
answering: nobody's message waits behind another's name servers. What they do not answer is asked again later, and a
message whose sender stays unknown is answered as a stranger's. Messages of one address are settled in the order in
which they came, as far as they are looked up at the same time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.lookup_places import PLACES, Full, LookupPlaces
from bot.mail.authentication import NO_ANSWER, NOBODY, Arrived, Authentication, SenderCheck
from bot.mail.organization import organizational_domain
from bot.reading import Reading, read_head
from storage.audit import PROGRAM, AuditKind, digest_of
from storage.messages import InboundMessage
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
CHECK_SECONDS = 10.0
"""How long one message's sender may take to be looked up."""
HOLDS = (timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long a message is left alone whose sender could not be looked up: longer, the longer it has waited."""
HELD_AT_MOST = timedelta(hours=4)
"""How long a message waits for name servers to answer; then its sender counts as not known."""
CLAIMS_AT_MOST = 12
"""A message that was claimed so often without a finding takes its process down each time; its sender is nobody."""
POLL_SECONDS = 1.0
CROWDED = "others of the same domain are being looked up"
CROWDED_AT_MOST = timedelta(seconds=30)
"""How long a message waits for a place before it is tried again: as long as it has waited, and at most this."""


@dataclass(eq=False, slots=True)
class _UnderWay:
    """A message that is being looked up."""

    place: tuple[datetime, str]
    """Where it stands among those that came in."""
    address: str = ""
    """Its From address, once that is read."""
    is_read: asyncio.Event = field(default_factory=asyncio.Event)
    is_settled: asyncio.Event = field(default_factory=asyncio.Event)


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
        self._places = LookupPlaces()
        self._under_way: set[_UnderWay] = set()
        self.bell = asyncio.Event()
        """Rung when a message has come in."""

    async def run(self) -> None:
        """Look up what is there, wait for more, for ever."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                self.bell.clear()
                claimed = await self._claim(PLACES - len(under_way))
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
        claimed = await self._claim(PLACES)
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
        mine = _UnderWay((message.received_at, message.id))
        self._under_way.add(mine)
        try:
            found = await self._found(message, mine)
            mine.is_read.set()
            await self._wait_for_earlier(mine)
            await asyncio.to_thread(self._settle, message, found)
        except Exception:
            log.exception("message %s: its sender could not be recorded; it is looked up again", message.id)
            return
        finally:
            mine.is_read.set()
            mine.is_settled.set()
            self._under_way.discard(mine)
        self._known()

    async def _wait_for_earlier(self, mine: _UnderWay) -> None:
        """Wait for what came earlier from the same address and is looked up now; that ends by itself, and soon."""
        for other in sorted(self._under_way, key=lambda other: other.place):
            if other.place < mine.place and mine.address:
                await other.is_read.wait()
                if other.address == mine.address:
                    await other.is_settled.wait()

    async def _found(self, message: InboundMessage, mine: _UnderWay) -> Authentication | Full:
        """Who sent it, and how surely; a fault of ours is no answer."""
        if message.claims > CLAIMS_AT_MOST:
            return NOBODY
        try:
            head = await asyncio.to_thread(read_head, message.raw, message.mail_from, self._own_address)
            mine.address = head.from_address
            mine.is_read.set()
            return NOBODY if head.ignore or not head.from_address else await self._sender_of(message, head)
        except TimeoutError:
            return NO_ANSWER
        except Exception as fault:
            log.exception("message %s: its sender could not be looked up", message.id)
            return replace(NO_ANSWER, note=type(fault).__name__)

    async def _sender_of(self, message: InboundMessage, head: Reading) -> Authentication | Full:
        """Who sent it, asked only where an answer may depend on it and the domain's lookups have a place."""
        arrived = Arrived(
            raw=message.raw,
            from_address=head.from_address,
            mail_from=message.mail_from,
            peer=message.peer,
            helo=message.helo,
            at=self._clock.of_the_world(message.received_at),
        )
        domain = head.from_address.rpartition("@")[2]
        organization = organizational_domain(domain) or domain
        loop = asyncio.get_running_loop()
        began = loop.time()
        full = self._places.take(organization, began)
        if full is not None:
            return full
        try:
            found = await asyncio.wait_for(self._check.check(arrived), CHECK_SECONDS)
        finally:
            self._places.leave(organization, began, loop.time())
        return replace(found, address=head.from_address)

    def _note(self, tx: Transaction, message: InboundMessage, found: Authentication, now: datetime) -> None:
        """Note that it came and who sent it: both here, since at the door every statement more is fewer messages."""
        subject, raw = f"message:{message.id}", digest_of(message.raw)
        received = {
            "channel": message.channel,
            "raw": raw,
            "key": digest_of(message.dedupe_key.encode("utf-8", "replace")),  # its digest: there is a Message-ID in it
            "octets": len(message.raw),
            "received_at": message.received_at,
        }
        tx.audit.note(PROGRAM, AuditKind.MESSAGE_RECEIVED, subject, received, now)
        facts = {
            "ground": found.ground.name,
            "is_aligned": found.is_aligned,
            "signed": found.digest,
            "raw": raw,
            "channel": message.channel,
        }
        tx.audit.note(PROGRAM, AuditKind.SENDER_FOUND, subject, facts, now)

    def _settle(self, message: InboundMessage, found: Authentication | Full) -> None:
        now, owner = self._clock.now(), self._store.owner
        waited = now - message.received_at
        if isinstance(found, Full):
            hold, why, found = max(found.wait, min(waited, CROWDED_AT_MOST)), CROWDED, NO_ANSWER
        else:
            hold, why = next((hold for hold in HOLDS if hold > waited), HOLDS[-1]), found.ground.value
        with self._store.transaction() as tx:
            if found.is_temporary and waited < HELD_AT_MOST:
                tx.messages.hold(message.id, owner, why, now + hold)
            else:
                self._note(tx, message, found, now)
                tx.messages.keep_sender(message.id, owner, found.record(), found.digest)
        log.info("message %s: sender %s", message.id, found.ground.name)
