"""A letter is tried until it is taken, refused or given up, under one Message-ID, whatever fails on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event

from bot.deliver import ATTEMPTS_AT_LEAST, FIRST_WAIT, GIVE_UP_AFTER, LEASE, LONGEST_WAIT, Deliverer, next_wait
from bot.mail.courier import Deferred, Delivery, Rejected, Sent
from storage.outbox import NewLetter, OutboxMessage, OutboxState
from storage.store import Store
from tests.fakes import FakeClock

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)


class Receiver:
    """The world's mail: says the next of its answers, or its last one for ever, and keeps what it was handed."""

    def __init__(self, *answers: Delivery | Exception) -> None:
        self._answers = list(answers)
        self.handed: list[tuple[str, str, bytes]] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.has_begun = asyncio.Event()
        self.slow = ""
        """Who alone waits until it goes on, by the end of their address; empty: everybody."""
        self.to: dict[str, Delivery] = {}
        """Who always gets the same answer."""

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Take, defer, refuse or break."""
        self.handed.append((envelope_from, recipient, raw))
        self.has_begun.set()
        if recipient.endswith(self.slow):
            await self.goes_on.wait()
        if recipient in self.to:
            return self.to[recipient]
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def say(self, answer: Delivery) -> None:
        """Say this from now on."""
        self._answers = [answer]

    async def aclose(self) -> None:
        """Nothing is kept open."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


def add(store: Store, number: int = 1, domain: str = "") -> None:
    """Queue a letter to a holder at `domain`, by default one of their own."""
    raw = f"From: <dspp@aastrom.com>\r\nMessage-ID: <{number}@aastrom.com>\r\n\r\nyour code\r\n".encode()
    letter = NewLetter(
        id=f"letter-{number}",
        cause=f"answer:{number}",
        kind="buy/completed",
        conversation_id=None,
        rfc_message_id=f"<{number}@aastrom.com>",
        recipient=f"holder-{number}@{domain or f'{number}.example.com'}",
        envelope_from="dspp+b@aastrom.com",
        raw=raw,
    )
    with store.transaction() as tx:
        tx.outbox.add(letter, NOW)


def stored(store: Store, number: int = 1) -> OutboxMessage:
    """The letter as it stands now."""
    with store.reading() as tx:
        letter = tx.outbox.get(f"letter-{number}")
    assert letter is not None
    return letter


@contextmanager
def _settling_fails(store: Store, letter: str, times: int) -> Iterator[None]:
    """The database refuses to record what became of a letter, so many times."""
    left = [times]

    def refuse(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if left[0] and statement.startswith("UPDATE outbox") and "attempts" not in statement:
            values = parameters.values() if isinstance(parameters, dict) else parameters
            if letter in values:
                left[0] -= 1
                raise OSError("the disk is away")

    event.listen(store.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", refuse)


async def _tries_until_settled(store: Store, deliverer: Deliverer, clock: FakeClock) -> list[datetime]:
    """When each try was made, looking every ten seconds of the clock, then every ten minutes."""
    tries = []
    while stored(store).state is OutboxState.QUEUED:
        if await deliverer.deliver_some():
            tries.append(clock.now())
        clock.pass_time(seconds=10 if len(tries) < 6 else 600)
    return tries


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        pytest.param(Sent("250 taken"), OutboxState.SENT, "250 taken", id="taken"),
        pytest.param(Rejected("550 no such user"), OutboxState.DEAD, "550 no such user", id="refused"),
        pytest.param(Deferred("451 later"), OutboxState.QUEUED, "451 later", id="deferred"),
        pytest.param(ValueError("broken"), OutboxState.QUEUED, "ValueError: broken", id="the courier breaks"),
    ],
)
async def test_what_becomes_of_a_letter(
    answer: Delivery | Exception, state: OutboxState, detail: str, store: Store, clock: FakeClock
) -> None:
    add(store)
    receiver = Receiver(answer)
    deliverer = Deliverer(store, receiver, clock)
    assert await deliverer.deliver_some() == 1
    assert (stored(store).state, stored(store).detail, stored(store).attempts) == (state, detail, 1)
    assert receiver.handed == [("dspp+b@aastrom.com", "holder-1@1.example.com", stored(store).raw)]
    assert await deliverer.deliver_some() == 0
    assert len(receiver.handed) == 1


async def test_a_letter_has_the_same_message_id_over_all_its_tries(store: Store, clock: FakeClock) -> None:
    add(store)
    receiver = Receiver(Deferred("451"), OSError("no route"), Deferred("452"), Sent("250 taken"))
    await _tries_until_settled(store, Deliverer(store, receiver, clock), clock)
    assert stored(store).state is OutboxState.SENT
    assert stored(store).attempts == len(receiver.handed) == 4
    assert {raw for _, _, raw in receiver.handed} == {stored(store).raw}


async def test_a_letter_nobody_takes_is_tried_for_five_days_ever_more_rarely(store: Store, clock: FakeClock) -> None:
    add(store)
    deliverer = Deliverer(store, Receiver(Deferred("451 later")), clock)
    tries = await _tries_until_settled(store, deliverer, clock)
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert timedelta(seconds=27) <= waits[0] <= timedelta(seconds=43)
    assert all(later > 1.3 * earlier for earlier, later in pairwise(waits[:5]))
    assert max(waits) <= LONGEST_WAIT * 1.1 + timedelta(minutes=10)
    assert GIVE_UP_AFTER < tries[-1] - NOW < GIVE_UP_AFTER + timedelta(hours=5)
    assert (stored(store).state, stored(store).detail) == (OutboxState.DEAD, "given up: 451 later")


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_waits_double_within_bounds(chance: float) -> None:
    waits = [next_wait(attempts, chance) for attempts in range(1, 100)]
    assert waits == sorted(waits)
    assert 0.9 * FIRST_WAIT <= waits[0] <= 1.1 * FIRST_WAIT
    assert 0.9 * LONGEST_WAIT <= waits[-1] <= 1.1 * LONGEST_WAIT


async def test_letters_that_waited_for_a_deliverer_are_not_given_up_at_the_first_fault(
    store: Store, clock: FakeClock
) -> None:
    add(store)
    clock.pass_time(days=30)
    receiver = Receiver(*[Deferred("451 later")] * (ATTEMPTS_AT_LEAST - 1), Sent("250 taken"))
    await _tries_until_settled(store, Deliverer(store, receiver, clock), clock)
    assert (stored(store).state, stored(store).attempts) == (OutboxState.SENT, ATTEMPTS_AT_LEAST)


async def test_who_comes_late_does_not_undo_what_the_next_one_found(store: Store, clock: FakeClock) -> None:
    add(store)
    slow = Receiver(Rejected("554 too slow"))
    slow.goes_on.clear()
    first = asyncio.create_task(Deliverer(store, slow, clock).deliver_some())
    await slow.has_begun.wait()
    clock.pass_time(seconds=LEASE.total_seconds() + 1)
    other = Store(store.engine)
    assert await Deliverer(other, Receiver(Deferred("451 later")), clock).deliver_some() == 1
    slow.goes_on.set()
    await first
    assert (stored(store).state, stored(store).detail) == (OutboxState.QUEUED, "451 later")


async def test_a_letter_that_cannot_be_settled_does_not_stop_the_others(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.deliver.SETTLING_PAUSES", (0.01, 0.01))
    for number in (1, 2, 3):
        add(store, number)
    with caplog.at_level(logging.ERROR), _settling_fails(store, "letter-2", times=3):
        assert await Deliverer(store, Receiver(Sent("250 taken")), clock).deliver_some() == 2
    assert [stored(store, number).state.value for number in (1, 2, 3)] == ["SENT", "QUEUED", "SENT"]
    assert "letter letter-2: could not be settled" in caplog.text


async def test_a_letter_is_not_sent_again_because_the_store_was_away_for_a_moment(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.deliver.SETTLING_PAUSES", (0.01, 0.01))
    add(store)
    receiver = Receiver(Sent("250 taken"))
    deliverer = Deliverer(store, receiver, clock)
    with _settling_fails(store, "letter-1", times=2):
        assert await deliverer.deliver_some() == 1
    clock.pass_time(seconds=LEASE.total_seconds() + 1)
    assert await deliverer.deliver_some() == 0
    assert (stored(store).state, len(receiver.handed)) == (OutboxState.SENT, 1)


async def test_words_that_no_database_keeps_do_not_have_a_letter_sent_again(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.deliver.SETTLING_PAUSES", (0.01,))
    add(store)
    # A NUL cannot be stored in PostgreSQL, a lone surrogate in neither database.
    deliverer = Deliverer(store, Receiver(Sent("250 \x00\udcff")), clock)
    assert await deliverer.deliver_some() == 1
    assert stored(store).state is OutboxState.SENT
    assert stored(store).detail in {"250 ??", "250 \x00\udcff"}


async def test_a_letter_that_takes_long_holds_up_no_other(store: Store, clock: FakeClock) -> None:
    for number in range(1, 21):
        add(store, number)
    receiver = Receiver(Sent("250 taken"))
    receiver.slow = "holder-1@1.example.com"
    receiver.goes_on.clear()
    deliverer = Deliverer(store, receiver, clock)
    running = asyncio.create_task(deliverer.run())
    async with asyncio.timeout(20):
        while len(receiver.handed) < 20:
            await asyncio.sleep(0.01)
    assert stored(store, 1).state is OutboxState.QUEUED
    deliverer.stop()
    receiver.goes_on.set()
    await asyncio.wait_for(running, 10)
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {"SENT": 20}


async def test_stopping_waits_for_the_letters_under_way_and_takes_no_more(store: Store, clock: FakeClock) -> None:
    for number in range(1, 21):
        add(store, number)
    receiver = Receiver(Sent("250 taken"))
    receiver.goes_on.clear()
    deliverer = Deliverer(store, receiver, clock)
    running = asyncio.create_task(deliverer.run())
    await receiver.has_begun.wait()
    deliverer.stop()
    done, _ = await asyncio.wait([running], timeout=0.2)
    assert not done, "letters are under way"
    receiver.goes_on.set()
    await asyncio.wait_for(running, 10)
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {"SENT": 8, "QUEUED": 12}
    assert len(receiver.handed) == 8


async def test_stopping_ends_the_wait_for_more(store: Store, clock: FakeClock) -> None:
    deliverer = Deliverer(store, Receiver(Sent("250")), clock)
    running = asyncio.create_task(deliverer.run())
    await asyncio.sleep(0.1)
    deliverer.stop()
    await asyncio.wait_for(running, 10)


async def test_a_new_letter_is_sent_when_the_bell_rings(store: Store, clock: FakeClock) -> None:
    receiver = Receiver(Sent("250"))
    deliverer = Deliverer(store, receiver, clock)
    running = asyncio.create_task(deliverer.run())
    add(store)
    deliverer.bell.set()
    await asyncio.wait_for(receiver.has_begun.wait(), 10)
    deliverer.stop()
    await asyncio.wait_for(running, 10)
    assert stored(store).state is OutboxState.SENT
