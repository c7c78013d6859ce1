"""Letters are written once, leased by one, and tried until they are taken or given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from storage.outbox import NewLetter, OutboxMessage, OutboxState
from storage.store import Store
from tests.storage.material import NOW, with_message

LEASE = timedelta(minutes=10)


def _letter(number: int = 1, **other: str) -> NewLetter:
    values = {
        "id": f"letter-{number}",
        "cause": f"answer:{number}",
        "kind": "buy/completed",
        "rfc_message_id": f"<{number}@aastrom.com>",
        "recipient": "ana@example.com",
        "envelope_from": "dspp+b@aastrom.com",
    }
    return NewLetter(**{**values, **other}, conversation_id=None, raw=b"raw \xff bytes")


def _add(store: Store, *letters: NewLetter) -> None:
    with store.transaction() as tx:
        for number, letter in enumerate(letters):
            tx.outbox.add(letter, NOW + timedelta(seconds=number))


def _lease(store: Store, owner: str = "a:1", after: timedelta = timedelta(minutes=1), limit: int = 8) -> list[str]:
    with store.transaction() as tx:
        return [letter.id for letter in tx.outbox.lease(owner, NOW + after, LEASE, limit)]


def _get(store: Store, letter_id: str = "letter-1") -> OutboxMessage:
    with store.reading() as tx:
        letter = tx.outbox.get(letter_id)
    assert letter is not None
    return letter


def test_a_letter_is_kept_as_it_was_written(store: Store) -> None:
    _add(store, _letter())
    kept = _get(store)
    assert (kept.raw, kept.recipient, kept.created_at) == (b"raw \xff bytes", "ana@example.com", NOW)
    assert (kept.state, kept.attempts, kept.detail) == (OutboxState.QUEUED, 0, "")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(_letter(2, cause="answer:1"), id="the same cause"),
        pytest.param(_letter(2, rfc_message_id="<1@aastrom.com>"), id="the same Message-ID"),
    ],
)
def test_a_cause_has_one_letter_and_a_letter_its_own_message_id(second: NewLetter, store: Store) -> None:
    _add(store, _letter())
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.outbox.add(second, NOW)
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {"QUEUED": 1}


def test_a_letter_is_found_by_its_cause(store: Store) -> None:
    _add(store, _letter())
    with store.reading() as tx:
        assert tx.outbox.has("answer:1")
        assert not tx.outbox.has("answer:2")
        assert tx.outbox.for_cause("answer:1") == tx.outbox.get("letter-1")
        assert tx.outbox.for_cause("answer:2") is tx.outbox.get("letter-2") is None


def test_letters_are_leased_oldest_first_and_once(store: Store) -> None:
    _add(store, _letter(1), _letter(2), _letter(3))
    assert _lease(store, limit=2) == ["letter-1", "letter-2"]
    assert _lease(store, "b:1", limit=2) == ["letter-3"]
    assert _lease(store, "c:1") == []
    assert [_get(store, f"letter-{number}").attempts for number in (1, 2, 3)] == [1, 1, 1]


def test_a_clock_that_was_set_back_does_not_stall_a_new_letter(store: Store) -> None:
    _add(store, _letter())
    assert _lease(store, after=-timedelta(days=400)) == ["letter-1"]


def test_a_letter_may_have_any_number_of_parts(store: Store) -> None:
    kind = " + ".join(["buy/completed"] * 20)
    assert len(kind) > 300
    _add(store, _letter(kind=kind))
    assert _get(store).kind == kind


def test_who_leases_at_the_same_time_gets_other_letters(store: Store) -> None:
    _add(store, *(_letter(number) for number in range(20)))
    start = Barrier(4)

    def take(owner: str) -> list[str]:
        start.wait()
        return _lease(store, owner, limit=5)

    with ThreadPoolExecutor(4) as threads:
        leased = [letter for letters in threads.map(take, ("a:1", "b:1", "c:1", "d:1")) for letter in letters]
    assert len(leased) == len(set(leased)) == 20 - len(_lease(store, "e:1", limit=20))


def test_a_lease_that_ended_lets_another_try_under_the_same_message_id(store: Store) -> None:
    _add(store, _letter())
    _lease(store, after=timedelta(0))
    assert _lease(store, "b:1", after=LEASE) == []
    assert _lease(store, "b:1", after=LEASE + timedelta(seconds=1)) == ["letter-1"]
    assert (_get(store).attempts, _get(store).rfc_message_id) == (2, "<1@aastrom.com>")


def test_a_letter_that_was_not_taken_waits_for_its_next_try(store: Store) -> None:
    _add(store, _letter())
    _lease(store)
    with store.transaction() as tx:
        assert tx.outbox.retry("letter-1", "a:1", "451 later", NOW + timedelta(hours=1))
    assert _lease(store, after=timedelta(minutes=59)) == []
    assert _lease(store, after=timedelta(minutes=60)) == ["letter-1"]
    assert (_get(store).detail, _get(store).attempts) == ("451 later", 2)


@pytest.mark.parametrize(
    ("settled", "state"),
    [
        pytest.param(["sent"], OutboxState.SENT, id="taken"),
        pytest.param(["dead"], OutboxState.DEAD, id="given up"),
        pytest.param(["sent", "retry"], OutboxState.SENT, id="taken, then a late failure"),
        pytest.param(["sent", "dead"], OutboxState.SENT, id="taken, then given up late"),
        pytest.param(["dead", "retry"], OutboxState.DEAD, id="given up, then a late failure"),
        pytest.param(["dead", "sent"], OutboxState.DEAD, id="given up, then taken late"),
    ],
)
def test_a_settled_letter_is_not_tried_again(settled: list[str], state: OutboxState, store: Store) -> None:
    _add(store, _letter())
    _lease(store)
    for number, step in enumerate(settled):
        with store.transaction() as tx:
            assert getattr(tx.outbox, step)("letter-1", "a:1", step, NOW) is (number == 0)
    assert _get(store).state is state
    assert _get(store).detail == state.value.lower()
    assert _lease(store, after=timedelta(days=30)) == []
    with store.reading() as tx:
        assert tx.outbox.count_by_state() == {state.value: 1}


@pytest.mark.parametrize("step", ["sent", "retry", "dead"])
def test_who_lost_the_lease_of_a_letter_changes_nothing(step: str, store: Store) -> None:
    _add(store, _letter())
    _lease(store, "a:1", after=timedelta(0))
    _lease(store, "b:1", after=2 * LEASE)
    before = _get(store)
    with store.transaction() as tx:
        assert not getattr(tx.outbox, step)("letter-1", "a:1", "late", NOW + 2 * LEASE)
    assert _get(store) == before
    assert _lease(store, "c:1", after=2 * LEASE) == [], "the second still holds it"
    with store.transaction() as tx:
        assert tx.outbox.sent("letter-1", "b:1", "250 taken", NOW)
    assert _get(store).state is OutboxState.SENT


def test_only_a_letter_that_was_given_up_is_sent_again(store: Store) -> None:
    _add(store, _letter())
    with store.transaction() as tx:
        assert not tx.outbox.send_again("letter-1"), "it is on its way"
    _lease(store)
    with store.transaction() as tx:
        tx.outbox.dead("letter-1", "a:1", "550 no", NOW)
        assert tx.outbox.send_again("letter-1")
        assert not tx.outbox.send_again("letter-2"), "there is none"
    assert (_get(store).state, _get(store).attempts) == (OutboxState.QUEUED, 0)
    assert _lease(store) == ["letter-1"]
    with store.transaction() as tx:
        tx.outbox.sent("letter-1", "a:1", "250", NOW)
        assert not tx.outbox.send_again("letter-1"), "it was taken"


def test_a_letter_set_aside_makes_room_for_another_of_the_same_cause(store: Store) -> None:
    _add(store, _letter(1))
    with store.transaction() as tx:
        tx.outbox.set_aside("answer:1")
        tx.outbox.set_aside("answer:none")
    _add(store, _letter(2, cause="answer:1"))
    with store.transaction() as tx:
        tx.outbox.set_aside("answer:1")
    _add(store, _letter(3, cause="answer:1"))
    assert [_get(store, f"letter-{number}").recipient for number in (1, 2, 3)] == ["ana@example.com"] * 3


def test_letters_are_listed_by_state_newest_first(store: Store) -> None:
    _add(store, _letter(1), _letter(2), _letter(3))
    _lease(store, limit=1)
    with store.transaction() as tx:
        tx.outbox.dead("letter-1", "a:1", "550 no", NOW)
    with store.reading() as tx:
        assert [one.id for one in tx.outbox.in_states([OutboxState.DEAD], 9)] == ["letter-1"]
        assert [one.id for one in tx.outbox.in_states([OutboxState.QUEUED, OutboxState.DEAD], 2)] == [
            "letter-3",
            "letter-2",
        ]


def test_the_letters_of_a_conversation_come_oldest_first(store: Store) -> None:
    conversation, _ = with_message(store)
    with store.transaction() as tx:
        for number, seconds in ((1, 5), (2, 1)):
            letter = _letter(number)
            values = {name: getattr(letter, name) for name in NewLetter.__slots__} | {"conversation_id": conversation}
            tx.outbox.add(NewLetter(**values), NOW + timedelta(seconds=seconds))
        tx.outbox.add(_letter(3), NOW + timedelta(seconds=9))
    with store.reading() as tx:
        assert [letter.id for letter in tx.outbox.in_conversation(conversation)] == ["letter-2", "letter-1"]
        assert [letter.id for letter in tx.outbox.newest(2)] == ["letter-3", "letter-1"]
