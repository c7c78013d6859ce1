"""A thread is found by its own id, or by a letter of ours, and only with the one it is with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.conversations import Conversation
from storage.outbox import NewLetter
from storage.store import Store
from tests.storage.material import NOW

ANA, BOB = "ana@example.com", "bob@example.com"


def _open(store: Store, address: str = ANA) -> Conversation:
    with store.transaction() as tx:
        return tx.conversations.open("email", address, NOW)


def _write(store: Store, conversation: Conversation, number: int) -> str:
    message_id = f"<{number}@aastrom.com>"
    letter = NewLetter(
        id=f"letter-{number}",
        cause=f"cause-{number}",
        kind="buy/completed",
        conversation_id=conversation.id,
        rfc_message_id=message_id,
        recipient=conversation.address,
        envelope_from="dspp@aastrom.com",
        raw=b"",
    )
    with store.transaction() as tx:
        tx.outbox.add(letter, NOW + timedelta(seconds=number))
    return message_id


def test_a_thread_is_found_by_its_id(store: Store) -> None:
    opened = _open(store)
    with store.reading() as tx:
        assert tx.conversations.get(opened.id) == opened == Conversation(opened.id, "email", ANA, None, 0)
        assert tx.conversations.get(opened.reference) is None


def test_every_thread_has_an_id_and_a_reference_of_its_own(store: Store) -> None:
    opened = [_open(store) for _ in range(20)]
    assert len({one.id for one in opened}) == len({one.reference for one in opened}) == 20
    assert all(one.reference.startswith("DSPP-") and len(one.reference) == 11 for one in opened)


@pytest.mark.parametrize(
    ("named", "address", "finds"),
    [
        pytest.param(["<1@aastrom.com>"], ANA, "first", id="our letter, named by the one it went to"),
        pytest.param(["<1@aastrom.com>"], BOB, None, id="our letter, named by somebody else"),
        pytest.param(["<9@aastrom.com>"], ANA, None, id="a letter we did not write"),
        pytest.param(["<1@aastrom.com>", "<2@aastrom.com>"], ANA, "second", id="two of our letters: the latest"),
        pytest.param(["<x@mail.example>", "<1@aastrom.com>"], ANA, "first", id="one of them is ours"),
        pytest.param([], ANA, None, id="nothing named"),
    ],
)
def test_a_letter_leads_to_its_thread(named: list[str], address: str, finds: str | None, store: Store) -> None:
    threads = {"first": _open(store), "second": _open(store)}
    _write(store, threads["first"], 1)
    _write(store, threads["second"], 2)
    with store.reading() as tx:
        found = tx.conversations.of_letter(tuple(named), address)
    assert found == (threads[finds] if finds else None)


def test_a_parked_request_is_kept_until_it_is_forgotten(store: Store) -> None:
    opened, other = _open(store), _open(store)
    kept = {"request": {"intent": "buy", "slots": {"amounts": ["500.00"]}}, "missing": ["payment_method"]}
    with store.transaction() as tx:
        tx.conversations.park(opened.id, kept)
        read, untouched = tx.conversations.get(opened.id), tx.conversations.get(other.id)
        assert read is not None
        assert untouched is not None
        assert (read.parked, untouched.parked) == (kept, None)
        tx.conversations.park(opened.id, None)
        assert tx.conversations.get(opened.id) == opened


def test_clarifying_questions_are_counted_by_thread(store: Store) -> None:
    opened, other = _open(store), _open(store)
    with store.transaction() as tx:
        tx.conversations.count_clarifying(opened.id, 2)
        read = tx.conversations.get(opened.id)
        assert read is not None
        assert read.clarified == 2
        assert tx.conversations.get(other.id) == other
