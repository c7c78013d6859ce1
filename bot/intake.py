"""Keeps messages as they come in, before anybody is told that they arrived.

Messages that arrive at the same time are committed together: a commit that
survives a power cut costs the same for one as for a hundred.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.clock import Clock
from bot.mail.dedupe import dedupe_key, delivery_of
from bot.mail.smtp_in import Envelope
from storage.messages import Arrival
from storage.store import Store, is_of_the_store

log = logging.getLogger(__name__)

GROUP_AT_MOST = 100
"""How many messages one commit holds at most."""

KEYED_ON_THE_LOOP = 262_144
"""Octets of a message whose key is made on the loop."""

WAITING_AT_MOST = 1000
"""How many sessions may wait for their commit; more are told to come back."""


class IntakeBusy(RuntimeError):
    """Too many messages wait to be stored. Trying again later helps."""


class Intake:
    """Takes messages and commits them."""

    def __init__(
        self, store: Store, clock: Clock, bell: Callable[[], None], is_for_staff: Callable[[str], bool]
    ) -> None:
        self._store = store
        self._clock = clock
        self._bell = bell
        self._is_for_staff = is_for_staff
        self._waiting: asyncio.Queue[tuple[Arrival, asyncio.Future[None]]] = asyncio.Queue(WAITING_AT_MOST)

    async def accept(self, envelope: Envelope) -> None:
        """Return once the message is committed. Raises if it is not; then the sender must be told to come back."""
        received_at = self._clock.now()
        # One letter to the program and to our people is two: the copy for people must not stand for the other.
        channel = "staff" if all(map(self._is_for_staff, envelope.recipients)) else "email"
        arrival = Arrival(
            channel="email",
            dedupe_key=await _key(channel, envelope, received_at),
            raw=envelope.raw,
            mail_from=envelope.mail_from,
            recipients=envelope.recipients,
            peer=envelope.peer,
            received_at=received_at,
            helo=envelope.helo,
            received=envelope.received.decode("ascii", "replace"),
            unchecked=True,
        )
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((arrival, stored))
        except asyncio.QueueFull:
            raise IntakeBusy("too many messages wait to be stored") from None
        await stored

    async def run(self) -> None:
        """Commit what waits, for ever."""
        while True:
            group = [await self._waiting.get()]
            while len(group) < GROUP_AT_MOST and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            await self._commit(group)

    async def _commit(self, group: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        try:
            new = await asyncio.to_thread(self._keep, [arrival for arrival, _ in group])
        except Exception as fault:
            if len(group) > 1 and not is_of_the_store(fault):
                log.warning("intake: %d messages could not be stored together; each by itself", len(group))
                for one in group:  # what cannot be stored must not keep the others out
                    await self._commit([one])
                return
            log.exception("intake: %d messages could not be stored", len(group))
            for _, stored in group:
                if not stored.done():
                    stored.set_exception(fault)
            return
        for _, stored in group:
            if not stored.done():
                stored.set_result(None)
        log.info("intake: %d stored, %d known already", new, len(group) - new)
        self._bell()

    def _keep(self, arrivals: list[Arrival]) -> int:
        with self._store.transaction() as tx:
            return tx.messages.accept(arrivals)


async def _key(channel: str, envelope: Envelope, received_at: datetime) -> str:
    """The dedupe key; made on the loop where that takes less than changing threads."""
    delivery = delivery_of(envelope.mail_from, envelope.peer, envelope.helo, envelope.recipients)
    if len(envelope.raw) <= KEYED_ON_THE_LOOP:
        return dedupe_key(channel, envelope.raw, received_at.date(), delivery)
    return await asyncio.to_thread(dedupe_key, channel, envelope.raw, received_at.date(), delivery)
