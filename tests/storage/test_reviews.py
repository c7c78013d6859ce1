"""What waits for Investor Relations waits once, the nearest deadline first, and is closed by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from storage.reviews import CLOSED, OPEN, ReviewItem
from storage.store import Store
from tests.storage.material import CUT_OFF, NOW, with_message


def _open(
    store: Store,
    review_id: str = "v1",
    deadline: datetime | None = None,
    opened_at: datetime = NOW,
    message: str | None = None,
) -> ReviewItem:
    conversation, new_message = with_message(store, review_id)
    item = ReviewItem(
        id=review_id,
        message_id=message or new_message,
        conversation_id=conversation,
        reason="COMPLAINT",
        understood={"decided": [{"intent": "complaint"}], "terms": "2003-11-04"},
        draft="We have received your letter.",
        deadline_at=deadline,
        state=OPEN,
        opened_at=opened_at,
    )
    with store.transaction() as tx:
        tx.reviews.open(item)
    return item


def test_a_review_is_kept_as_it_was_opened(store: Store) -> None:
    item = _open(store, deadline=CUT_OFF)
    with store.reading() as tx:
        assert tx.reviews.get("v1") == tx.reviews.of_message(item.message_id) == item
        assert tx.reviews.waiting() == [item]
        assert tx.reviews.get("v2") is tx.reviews.of_message("nothing") is None


def test_a_message_has_one_open_review(store: Store) -> None:
    item = _open(store)
    with pytest.raises(IntegrityError):
        _open(store, "v2", message=item.message_id)
    with store.reading() as tx:
        assert tx.reviews.waiting() == [item]


def test_a_message_that_fails_again_gets_a_review_of_its_own(store: Store) -> None:
    item = _open(store)
    with store.transaction() as tx:
        assert tx.reviews.close("v1", "Dana", "worked on again", NOW)
        assert tx.reviews.of_message(item.message_id) is None
    again = _open(store, "v2", message=item.message_id)
    with store.reading() as tx:
        assert tx.reviews.of_message(item.message_id) == again
        assert tx.reviews.waiting() == [again]


def test_the_nearest_deadline_comes_first_then_the_oldest(store: Store) -> None:
    _open(store, "no deadline, older", opened_at=NOW - timedelta(days=3))
    _open(store, "no deadline, newer", opened_at=NOW - timedelta(days=2))
    _open(store, "later", CUT_OFF + timedelta(days=28))
    _open(store, "soon, newer", CUT_OFF)
    _open(store, "soon, older", CUT_OFF, NOW - timedelta(hours=1))
    with store.reading() as tx:
        assert [item.id for item in tx.reviews.waiting()] == [
            "soon, older",
            "soon, newer",
            "later",
            "no deadline, older",
            "no deadline, newer",
        ]


def test_a_closed_review_waits_no_more_and_keeps_who_closed_it(store: Store) -> None:
    _open(store)
    with store.transaction() as tx:
        assert tx.reviews.close("v1", "Dana", "We are sorry.", NOW + timedelta(hours=1))
    with store.reading() as tx:
        item = tx.reviews.get("v1")
        assert tx.reviews.waiting() == []
    assert item is not None
    assert (item.state, item.closed_by, item.answer) == (CLOSED, "Dana", "We are sorry.")
    assert item.closed_at == NOW + timedelta(hours=1)


def test_of_two_who_close_a_review_the_first_counts(store: Store) -> None:
    _open(store)
    start = Barrier(2)

    def close(by: str) -> bool:
        start.wait()
        with store.transaction() as tx:
            return tx.reviews.close("v1", by, f"Yours, {by}", NOW)

    with ThreadPoolExecutor(2) as threads:
        closed = dict(zip(("Dana", "Eli"), threads.map(close, ("Dana", "Eli")), strict=True))
    assert sorted(closed.values()) == [False, True]
    with store.reading() as tx:
        item = tx.reviews.get("v1")
    assert item is not None
    assert closed[str(item.closed_by)]
    assert item.answer == f"Yours, {item.closed_by}"


def test_a_review_that_is_not_there_cannot_be_closed(store: Store) -> None:
    with store.transaction() as tx:
        assert not tx.reviews.close("v1", "Dana", "", NOW)
