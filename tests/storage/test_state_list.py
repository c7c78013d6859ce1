"""The state list keeps one entry a place and day, and where each came from."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.plan.states import StateEntry, StateStatus
from storage.store import Store
from tests.storage.material import NOW, TODAY

MI_OPEN = StateEntry("MI", StateStatus.OPEN, TODAY)
MI_CLOSED_LATER = StateEntry("MI", StateStatus.CLOSED, TODAY + timedelta(days=30))
CA_CLOSED = StateEntry("CA", StateStatus.CLOSED, TODAY)


def test_what_is_recorded_comes_back_by_place_and_day(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.states.all().entries == ()
        tx.states.record([MI_CLOSED_LATER, MI_OPEN, CA_CLOSED], "counsel", NOW)
    with store.reading() as tx:
        states = tx.states.all()
    assert states.entries == (CA_CLOSED, MI_OPEN, MI_CLOSED_LATER)
    assert [states.status("MI", TODAY + timedelta(days=days)) for days in (-1, 0, 29, 30)] == [
        StateStatus.UNKNOWN,
        StateStatus.OPEN,
        StateStatus.OPEN,
        StateStatus.CLOSED,
    ]


def test_an_entry_for_the_same_place_and_day_replaces_the_earlier(store: Store) -> None:
    with store.transaction() as tx:
        tx.states.record([MI_OPEN, CA_CLOSED], "counsel", NOW)
        tx.states.record([StateEntry("MI", StateStatus.CLOSED, TODAY)], "the regulator", NOW)
        assert tx.states.all().status("MI", TODAY) is StateStatus.CLOSED
        assert len(tx.states.all().entries) == 2
        assert set(tx.states.sources()) == {"counsel", "the regulator"}


def test_a_source_is_named_once(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.states.sources() == []
        tx.states.record([MI_OPEN, CA_CLOSED, StateEntry("OH", StateStatus.OPEN, date(2003, 11, 4))], "counsel", NOW)
        assert tx.states.sources() == ["counsel"]
