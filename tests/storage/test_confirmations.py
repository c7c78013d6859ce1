"""A parked request is used once at most, and wrong codes lock it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from storage.confirmations import Confirmation, ConfirmationState
from storage.store import Store
from tests.storage.material import NOW, with_message

EXPIRY = NOW + timedelta(hours=24)
REQUESTS = [{"intent": "buy", "slots": {"amounts": ["500.00"], "names": ["Jos\u00e9"]}}]


def _park(
    store: Store, confirmation_id: str = "c1", address: str = "ana@example.com", asked_at: datetime = NOW
) -> Confirmation:
    conversation, message = with_message(store, confirmation_id, address)
    parked = Confirmation(
        id=confirmation_id,
        conversation_id=conversation,
        message_id=message,
        address=address,
        requests=REQUESTS,
        canonical='[["buy",[]]]',
        asked_at=asked_at,
        expires_at=EXPIRY,
        tries=0,
        state=ConfirmationState.PENDING,
    )
    with store.transaction() as tx:
        tx.confirmations.add(parked)
    return parked


def _only(store: Store) -> Confirmation:
    with store.reading() as tx:
        (one,) = tx.confirmations.of_address("ana@example.com", NOW)
    return one


def test_a_parked_request_comes_back_as_it_was(store: Store) -> None:
    parked = _park(store)
    with store.reading() as tx:
        assert tx.confirmations.pending("ana@example.com", NOW) == [parked]


def test_a_code_is_used_once(store: Store) -> None:
    _park(store)
    with store.transaction() as tx:
        assert tx.confirmations.consume("c1", NOW, "CONFIRMED")
        assert not tx.confirmations.consume("c1", NOW, "CONFIRMED")
    assert _only(store).state is ConfirmationState.USED


def test_of_those_who_use_a_code_at_the_same_time_one_succeeds(store: Store) -> None:
    _park(store)
    start = Barrier(4)

    def use(_number: int) -> bool:
        start.wait()
        with store.transaction() as tx:
            return tx.confirmations.consume("c1", NOW, "CONFIRMED")

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(use, range(4))) == [False, False, False, True]


def test_a_use_that_is_undone_leaves_the_code_usable(store: Store) -> None:
    _park(store)

    def use_and_fail() -> None:
        with store.transaction() as tx:
            assert tx.confirmations.consume("c1", NOW, "CONFIRMED")
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        use_and_fail()
    with store.transaction() as tx:
        assert tx.confirmations.consume("c1", NOW, "CONFIRMED")


@pytest.mark.parametrize(
    ("after", "is_usable"),
    [
        pytest.param(timedelta(0), True, id="at once"),
        pytest.param(timedelta(hours=24) - timedelta(microseconds=1), True, id="just in time"),
        pytest.param(timedelta(hours=24), False, id="at its expiry"),
        pytest.param(timedelta(days=2), False, id="long after"),
    ],
)
def test_a_code_is_good_until_its_expiry(after: timedelta, is_usable: bool, store: Store) -> None:
    _park(store)
    with store.transaction() as tx:
        assert bool(tx.confirmations.pending("ana@example.com", NOW + after)) is is_usable
        assert tx.confirmations.consume("c1", NOW + after, "CONFIRMED") is is_usable


@pytest.mark.parametrize("most", [1, 2, 5], ids=["the first", "the second", "the fifth"])
def test_so_many_wrong_codes_lock_it(most: int, store: Store) -> None:
    _park(store)
    states = []
    for _ in range(most + 1):
        with store.transaction() as tx:
            states.append(tx.confirmations.count_try("c1", most, NOW))
    assert states == [ConfirmationState.PENDING] * (most - 1) + [ConfirmationState.LOCKED] * 2
    assert _only(store).tries == most, "a locked one counts no more"
    with store.transaction() as tx:
        assert not tx.confirmations.consume("c1", NOW, "CONFIRMED")
        assert tx.confirmations.pending("ana@example.com", NOW) == []


def test_wrong_codes_at_the_same_time_are_all_counted(store: Store) -> None:
    _park(store)
    start = Barrier(4)

    def miss(_number: int) -> ConfirmationState:
        start.wait()
        with store.transaction() as tx:
            return tx.confirmations.count_try("c1", 4, NOW)

    with ThreadPoolExecutor(4) as threads:
        states = list(threads.map(miss, range(4)))
    assert states.count(ConfirmationState.LOCKED) == 1
    assert _only(store).tries == 4


def test_a_wrong_code_does_not_lock_what_was_used(store: Store) -> None:
    _park(store)
    with store.transaction() as tx:
        tx.confirmations.consume("c1", NOW, "CONFIRMED")
        assert tx.confirmations.count_try("c1", 1, NOW) is ConfirmationState.USED
    assert _only(store).tries == 0


@pytest.mark.parametrize(
    "state", [ConfirmationState.DECLINED, ConfirmationState.SUPERSEDED], ids=["declined", "superseded"]
)
def test_what_was_closed_cannot_be_used(state: ConfirmationState, store: Store) -> None:
    _park(store)
    with store.transaction() as tx:
        tx.confirmations.close("c1", state, NOW)
        assert not tx.confirmations.consume("c1", NOW, "CONFIRMED")
    assert _only(store).state is state


def test_what_was_used_or_closed_stays_so(store: Store) -> None:
    _park(store)
    with store.transaction() as tx:
        tx.confirmations.consume("c1", NOW, "CONFIRMED")
        tx.confirmations.close("c1", ConfirmationState.DECLINED, NOW)
    assert _only(store).state is ConfirmationState.USED


def test_an_address_sees_only_its_own_newest_first(store: Store) -> None:
    _park(store, "c1", asked_at=NOW - timedelta(hours=2))
    _park(store, "c2", asked_at=NOW)
    _park(store, "c3", asked_at=NOW)
    _park(store, "c4", "bob@example.com")
    with store.transaction() as tx:
        tx.confirmations.consume("c2", NOW, "CONFIRMED")
        assert [one.id for one in tx.confirmations.pending("ana@example.com", NOW)] == ["c3", "c1"]
        assert [one.id for one in tx.confirmations.of_address("ana@example.com", NOW)] == ["c3", "c2"]
        assert [one.id for one in tx.confirmations.of_address("nobody@example.com", NOW)] == []
