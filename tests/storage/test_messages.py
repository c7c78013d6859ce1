"""Messages are kept once, claimed by one, and finished by whoever holds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.messages import Arrival, MessageState, NotMine
from storage.store import Store

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
ARRIVAL = Arrival("email", "email:one", b"raw \xff bytes", "ana@example.com", ("dspp@aastrom.com",), "127.0.0.1", NOW)


def _accept(store: Store, *arrivals: Arrival) -> int:
    with store.transaction() as tx:
        return tx.messages.accept(arrivals)


def test_a_message_that_comes_twice_is_kept_once(store: Store) -> None:
    assert _accept(store, ARRIVAL, ARRIVAL) == 1
    assert _accept(store, ARRIVAL) == 0
    with store.reading() as tx:
        assert tx.messages.count_by_state() == {"RECEIVED": 1}


def test_every_byte_is_kept(store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.reading() as tx:
        assert tx.messages.newest(1)[0].raw == ARRIVAL.raw


def test_the_oldest_is_claimed_first_and_only_once(store: Store) -> None:
    later = replace(ARRIVAL, dedupe_key="email:two", received_at=NOW + timedelta(seconds=1), raw=b"two")
    _accept(store, later, ARRIVAL)
    due = NOW + timedelta(seconds=5)
    with store.transaction() as tx:
        first = tx.messages.claim("a:1", due, LEASE)
        second = tx.messages.claim("b:1", due, LEASE)
        assert first is not None
        assert second is not None
        assert (first.raw, second.raw) == (ARRIVAL.raw, b"two")
        assert tx.messages.claim("c:1", due, LEASE) is None


def test_a_lease_that_ended_lets_another_claim(store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.transaction() as tx:
        assert tx.messages.claim("a:1", NOW, LEASE) is not None
    with store.transaction() as tx:
        assert tx.messages.claim("b:1", NOW + LEASE, LEASE) is None
        again = tx.messages.claim("b:1", NOW + LEASE + timedelta(seconds=1), LEASE)
        assert again is not None
        assert again.claims == 2


def test_who_lost_the_lease_cannot_finish(store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.transaction() as tx:
        message = tx.messages.claim("a:1", NOW, LEASE)
        assert message is not None
    with store.transaction() as tx:
        tx.messages.claim("b:1", NOW + 2 * LEASE, LEASE)
    with pytest.raises(NotMine), store.transaction() as tx:
        tx.messages.finish(message.id, "a:1", MessageState.ANSWERED, NOW)
    with store.transaction() as tx:
        tx.messages.finish(message.id, "b:1", MessageState.IGNORED, NOW, reason="loop")
    with store.reading() as tx:
        assert (tx.messages.get(message.id).state, tx.messages.get(message.id).reason) == (MessageState.IGNORED, "loop")


def test_a_failed_message_waits_before_it_is_tried_again(store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.transaction() as tx:
        message = tx.messages.claim("a:1", NOW, LEASE)
        assert message is not None
        tx.messages.fail(message.id, "a:1", "ValueError: no", NOW + timedelta(seconds=30))
    with store.transaction() as tx:
        assert tx.messages.claim("a:1", NOW + timedelta(seconds=29), LEASE) is None
        again = tx.messages.claim("a:1", NOW + timedelta(seconds=30), LEASE)
        assert again is not None
        assert (again.failures, again.error) == (1, "ValueError: no")


@pytest.mark.parametrize("back", [timedelta(0), timedelta(hours=1), timedelta(days=400)], ids=str)
def test_a_clock_that_was_set_back_does_not_stall_what_was_accepted(back: timedelta, store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.transaction() as tx:
        assert tx.messages.claim("a:1", NOW - back, LEASE) is not None


def test_only_a_message_that_failed_is_worked_on_again(store: Store) -> None:
    _accept(store, ARRIVAL)
    with store.transaction() as tx:
        message = tx.messages.claim("a:1", NOW, LEASE)
        assert message is not None
        assert not tx.messages.retry(message.id), "it is being worked on"
        tx.messages.finish(message.id, "a:1", MessageState.FAILED, NOW, reason="ValueError: no")
    with store.transaction() as tx:
        assert tx.messages.retry(message.id)
        again = tx.messages.claim("b:1", NOW, LEASE)
        assert again is not None
        assert (again.state, again.failures, again.claims, again.reason) == (MessageState.RECEIVED, 0, 1, "")
        tx.messages.finish(message.id, "b:1", MessageState.ANSWERED, NOW)
        assert not tx.messages.retry(message.id), "it has been answered"


def test_a_trial_leaves_nothing(store: Store) -> None:
    with store.transaction() as tx:
        with tx.trial():
            assert tx.messages.accept([ARRIVAL]) == 1
        assert tx.messages.count_by_state() == {}
