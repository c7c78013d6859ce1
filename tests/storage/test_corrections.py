"""What staff correct is kept with who said it, waits once for each message, and is decided once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from storage.corrections import Correction, CorrectionState, are_kept
from storage.store import Store, open_engine
from tests.storage.material import NOW, with_message

PENDING, ACCEPTED = CorrectionState.PENDING, CorrectionState.ACCEPTED
REJECTED, REPLACED = CorrectionState.REJECTED, CorrectionState.REPLACED


def _correction(store: Store, correction_id: str = "c1", message_id: str = "", by: str = "Dana") -> Correction:
    return Correction(
        id=correction_id,
        message_id=message_id or with_message(store, correction_id)[1],
        state=PENDING,
        corrected_at=NOW + timedelta(minutes=int(correction_id[1:])),
        corrected_by=by,
        note="a sale, not a purchase",
        subject="my plan shares",
        live="please let 200 of them go",
        intents=("sell",),
        action="execute",
        slots={"shares": ("200",)},
        was_read=({"intent": "buy", "kind": "NeedsInfo"},),
        model="00ff",
    )


def _keep(store: Store, correction: Correction) -> Correction:
    with store.transaction() as tx:
        return tx.corrections.keep(correction)


def _states(store: Store, message_id: str) -> list[tuple[str, CorrectionState, str | None]]:
    with store.reading() as tx:
        return [(one.id, one.state, one.decided_by) for one in tx.corrections.of_message(message_id)]


def test_a_correction_is_kept_as_it_was_made(store: Store) -> None:
    made = _keep(store, _correction(store))
    with store.reading() as tx:
        assert tx.corrections.get("c1") == made
        assert tx.corrections.in_state(PENDING) == [made]
        assert tx.corrections.in_state(ACCEPTED) == []
        assert tx.corrections.get("c2") is None


def test_a_message_corrected_anew_keeps_who_corrected_it_before(store: Store) -> None:
    first = _keep(store, _correction(store))
    _keep(store, replace(_correction(store, "c2", first.message_id, by="Eli"), intents=("withdraw",)))
    assert _states(store, first.message_id) == [("c1", REPLACED, "Eli"), ("c2", PENDING, None)]


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        pytest.param({}, ["c1"], id="the same again"),
        pytest.param({"corrected_by": "Eli"}, ["c1", "c2"], id="another person"),
        pytest.param({"action": "ask"}, ["c1", "c2"], id="another action"),
        pytest.param({"slots": {}}, ["c1", "c2"], id="other details"),
        pytest.param({"note": "on the telephone she said so"}, ["c1", "c2"], id="another note"),
    ],
)
def test_only_a_correction_that_says_something_else_is_another(
    change: dict[str, object], stands: list[str], store: Store
) -> None:
    first = _keep(store, _correction(store))
    again = _keep(store, replace(_correction(store, "c2", first.message_id), **change))  # type: ignore[arg-type]  # rows of the table
    assert [one[0] for one in _states(store, first.message_id)] == stands
    assert again.id == stands[-1]


def test_of_many_who_correct_a_message_at_once_one_correction_waits(store: Store) -> None:
    _, message_id = with_message(store)
    start = Barrier(4)

    def correct(number: int) -> None:
        correction = _correction(store, f"c{number}", message_id, by=f"person {number}")
        start.wait()
        _keep(store, correction)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(correct, range(1, 5)))
    states = [state for _, state, _ in _states(store, message_id)]
    assert (states.count(PENDING), states.count(REPLACED)) == (1, 3)


@pytest.mark.parametrize("state", [ACCEPTED, REJECTED])
def test_a_correction_is_decided_once(state: CorrectionState, store: Store) -> None:
    made = _keep(store, _correction(store))
    with store.transaction() as tx:
        assert tx.corrections.decide("c1", state, "Eli", NOW)
        assert not tx.corrections.decide("c1", REJECTED, "Fay", NOW)
        assert not tx.corrections.decide("c9", ACCEPTED, "Fay", NOW)
    assert _states(store, made.message_id) == [("c1", state, "Eli")]
    with store.reading() as tx:
        decided = tx.corrections.get("c1")
    assert decided is not None
    assert decided.decided_at == NOW


def test_of_one_message_one_correction_is_trained_on(store: Store) -> None:
    first = _keep(store, _correction(store))
    with store.transaction() as tx:
        tx.corrections.decide("c1", ACCEPTED, "Eli", NOW)
    _keep(store, replace(_correction(store, "c2", first.message_id), action="ask"))
    with store.reading() as tx:
        assert [one.id for one in tx.corrections.in_state(ACCEPTED)] == ["c1"], "until the new one is accepted"
    with store.transaction() as tx:
        tx.corrections.decide("c2", ACCEPTED, "Eli", NOW)
        assert not tx.corrections.decide("c1", ACCEPTED, "Eli", NOW)
    assert _states(store, first.message_id) == [("c1", REPLACED, "Eli"), ("c2", ACCEPTED, "Eli")]


def test_a_message_that_is_not_there_cannot_be_corrected(store: Store) -> None:
    with pytest.raises(LookupError, match="no message m9"):
        _keep(store, _correction(store, message_id="m9"))


def test_a_database_that_was_never_migrated_keeps_none(store: Store, tmp_path: Path) -> None:
    assert are_kept(store.engine)
    assert not are_kept(open_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}"))
