"""Letters do not stand in each other's way: not at a slow domain, and not when the next host is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.deliver import (
    AT_ONCE,
    AT_ONCE_TO_A_DOMAIN,
    ATTEMPTS_AT_LEAST,
    FIRST_PAUSE,
    GIVE_UP_AFTER,
    LEASE,
    LONGEST_PAUSE,
    SETTLING_PAUSES,
    Deliverer,
    next_pause,
)
from bot.mail.courier import Rejected, Sent, SmarthostCourier, Unavailable
from bot.mail.dkim_keys import make_signing_keys
from bot.mail.dkim_sign import SigningCourier
from storage.outbox import OutboxState
from storage.store import Store
from tests.bot.test_deliver import NOW, Receiver, add, stored
from tests.fakes import FakeClock
from tests.mail.smarthosts import host


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


async def _for_a_while(deliverer: Deliverer, clock: FakeClock, *, step: float, **amount: float) -> list[int]:
    """Deliver as time passes, looking every `step` seconds. Returns how many letters were tried at each look."""
    looks, end = [], clock.now() + timedelta(**amount)
    while clock.now() < end:
        looks.append(await deliverer.deliver_some())
        clock.pass_time(seconds=step)
    return looks


def _attempts(store: Store) -> list[int]:
    with store.reading() as tx:
        return [letter.attempts for letter in tx.outbox.newest(99)]


async def test_a_slow_domain_leaves_room_for_the_others(store: Store, clock: FakeClock) -> None:
    for number in range(1, 31):
        add(store, number, "slow.example")
    for number in range(31, 41):
        add(store, number, "SLOW.example" if number == 31 else "")
    receiver = Receiver(Sent("250 taken"))
    receiver.slow = "slow.example"
    receiver.goes_on.clear()
    deliverer = Deliverer(store, receiver, clock)
    running = asyncio.create_task(deliverer.run())
    async with asyncio.timeout(20):
        while len(receiver.handed) < AT_ONCE_TO_A_DOMAIN + 9:
            await asyncio.sleep(0.01)
    assert sum(recipient.lower().endswith("slow.example") for _, recipient, _ in receiver.handed) == AT_ONCE_TO_A_DOMAIN
    receiver.goes_on.set()
    async with asyncio.timeout(20):
        while len(receiver.handed) < 40:
            await asyncio.sleep(0.01)
    deliverer.stop()
    await asyncio.wait_for(running, 10)
    assert _attempts(store) == [1] * 40


async def test_letters_of_one_domain_use_the_places_of_no_other_but_all_go_in_time(
    store: Store, clock: FakeClock
) -> None:
    for number in range(1, 21):
        add(store, number, "example.com")
    receiver = Receiver(Sent("250 taken"))
    looks = await _for_a_while(Deliverer(store, receiver, clock), clock, step=1, seconds=6)
    assert looks == [AT_ONCE_TO_A_DOMAIN] * 5 + [0]
    assert len({recipient for _, recipient, _ in receiver.handed}) == 20


async def test_an_outage_of_a_day_costs_the_letters_no_tries_and_ends_without_a_rush(
    store: Store, clock: FakeClock
) -> None:
    for number in range(1, 41):
        add(store, number)
    receiver = Receiver(Unavailable("no connection"))
    deliverer = Deliverer(store, receiver, clock)
    looks = await _for_a_while(deliverer, clock, step=10, days=1)
    assert looks[0] == AT_ONCE
    assert set(looks[1:]) == {0, 1}, "one letter at a time finds out"
    assert sum(looks) <= AT_ONCE + 24 * 60 // 4
    assert sum(_attempts(store)) <= sum(looks) - (AT_ONCE - 1)
    assert max(_attempts(store)) <= ATTEMPTS_AT_LEAST, "the letters take turns"
    receiver.say(Sent("250 taken"))
    looks = [look for look in await _for_a_while(deliverer, clock, step=10, minutes=20) if look]
    assert looks[:3] == [1, 2, 8]
    assert (max(looks), sum(looks)) == (AT_ONCE, 40)
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {"SENT": 40}


async def test_the_only_letter_goes_soon_after_the_host_is_back(store: Store, clock: FakeClock) -> None:
    add(store)
    receiver = Receiver(Unavailable("no connection"))
    deliverer = Deliverer(store, receiver, clock)
    await _for_a_while(deliverer, clock, step=60, days=2)
    receiver.say(Sent("250 taken"))
    await _for_a_while(deliverer, clock, step=60, minutes=18)
    assert stored(store).state is OutboxState.SENT


async def test_a_letter_at_which_the_host_always_breaks_holds_up_no_other_for_long_and_is_given_up(
    store: Store, clock: FakeClock
) -> None:
    for number in range(1, 11):
        add(store, number)
    receiver = Receiver(Sent("250 taken"))
    receiver.to["holder-1@1.example.com"] = Unavailable("421 4.3.0 broken")
    deliverer = Deliverer(store, receiver, clock)
    await _for_a_while(deliverer, clock, step=5, minutes=5)
    assert [stored(store, number).state.value for number in range(1, 11)] == ["QUEUED"] + ["SENT"] * 9
    number = 11
    while stored(store).state is OutboxState.QUEUED and clock.now() < NOW + timedelta(days=6):
        add(store, number)
        await _for_a_while(deliverer, clock, step=60, hours=1)
        assert stored(store, number).state is OutboxState.SENT
        number += 1
    assert (stored(store).state, stored(store).detail) == (OutboxState.DEAD, "given up: 421 4.3.0 broken")
    assert clock.now() - NOW > GIVE_UP_AFTER


async def test_a_clock_that_is_set_back_prolongs_no_pause(store: Store, clock: FakeClock) -> None:
    add(store, 1)
    receiver = Receiver(Unavailable("no connection"))
    deliverer = Deliverer(store, receiver, clock)
    assert await deliverer.deliver_some() == 1
    assert await deliverer.deliver_some() == 0
    clock.pass_time(days=-30)
    add(store, 2)
    receiver.say(Sent("250 taken"))
    await deliverer.deliver_some()
    assert stored(store, 2).state is OutboxState.SENT


async def test_a_fault_of_our_own_does_not_end_a_pause(store: Store, clock: FakeClock) -> None:
    for number in (1, 2, 3):
        add(store, number)
    receiver = Receiver(*[Unavailable("no connection")] * 3, ValueError("broken"), Unavailable("no connection"))
    looks = await _for_a_while(Deliverer(store, receiver, clock), clock, step=1, seconds=90)
    assert [look for look in looks if look] == [3] + [1] * (len(receiver.handed) - 3)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_pauses_double_within_bounds(chance: float) -> None:
    pauses = [next_pause(failures, chance) for failures in range(1, 5_000)]
    assert pauses == sorted(pauses)
    assert 0.9 * FIRST_PAUSE <= pauses[0] <= 1.1 * FIRST_PAUSE
    assert 0.9 * LONGEST_PAUSE <= pauses[-1] <= 1.1 * LONGEST_PAUSE


def test_a_lease_is_longer_than_a_letter_can_be_under_way() -> None:
    assert LEASE.total_seconds() > SmarthostCourier("relay.example").longest_seconds + sum(SETTLING_PAUSES) + 60
    assert SmarthostCourier("relay.example").sessions_most >= AT_ONCE, "no letter waits for another's session"


async def test_a_letter_that_staff_send_again_is_signed_anew_under_its_old_message_id(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    keys = make_signing_keys(tmp_path, "aastrom.com", "s1")
    add(store)
    receiver = Receiver(Rejected("550 no such user"), Sent("250 taken"))
    deliverer = Deliverer(store, SigningCourier(receiver, keys, clock.now), clock)
    assert await deliverer.deliver_some() == 1
    assert stored(store).state is OutboxState.DEAD
    clock.pass_time(days=30)
    with store.transaction() as tx:
        assert tx.outbox.send_again("letter-1")
    assert await deliverer.deliver_some() == 1
    assert stored(store).state is OutboxState.SENT
    first, second = (raw for _, _, raw in receiver.handed)
    assert first != second, "the first signature has expired by now"
    assert first.endswith(stored(store).raw)
    assert second.endswith(stored(store).raw)


async def test_a_smarthost_that_was_away_gets_every_letter_over_few_sessions(store: Store, clock: FakeClock) -> None:
    for number in range(1, 21):
        add(store, number)
    async with host() as (there, courier):
        there.most = 0
        deliverer = Deliverer(store, courier, clock)
        await _for_a_while(deliverer, clock, step=10, hours=1)
        assert there.taken == 0
        assert there.refused <= AT_ONCE + 20
        there.most = 99
        await _for_a_while(deliverer, clock, step=10, minutes=20)
        assert there.taken == 20
        assert len(there.sessions) <= AT_ONCE
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {"SENT": 20}
