"""A state list is taken whole and once; each fault is named by line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.states_import import import_states
from handlers.plan.states import StateStatus
from storage.files import LoadedFile
from storage.store import Store
from tests.exchange import write_states

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parents[2] / "bot" / "samples" / "states.csv"
MI = ("MI", "OPEN", "2003-11-04", "Counsel's memo of November 3")
CA = ("CA", "CLOSED", "2003-11-04", "Department of Corporations")


def _status(store: Store, code: str, day: date = date(2003, 11, 19)) -> StateStatus:
    with store.reading() as tx:
        return tx.states.all().status(code, day)


def test_a_state_list_says_where_the_plan_is_offered(store: Store, tmp_path: Path) -> None:
    assert import_states(store, write_states(tmp_path / "s.csv", MI, CA, ("oh", "UNKNOWN", "2003-11-04", "")), NOW) == 3
    assert [_status(store, code) for code in ("MI", "CA", "OH", "TX")] == [
        StateStatus.OPEN,
        StateStatus.CLOSED,
        StateStatus.UNKNOWN,
        StateStatus.UNKNOWN,
    ]
    assert _status(store, "MI", date(2003, 11, 3)) is StateStatus.UNKNOWN


def test_each_entry_keeps_its_own_source_and_the_files_name_stands_in(store: Store, tmp_path: Path) -> None:
    import_states(store, write_states(tmp_path / "november.csv", MI, CA, ("OH", "OPEN", "2003-11-04", "")), NOW)
    with store.reading() as tx:
        assert set(tx.states.sources()) == {CA[3], MI[3], "november.csv"}


def test_a_later_list_adds_days_and_corrects_entries(store: Store, tmp_path: Path) -> None:
    import_states(store, write_states(tmp_path / "1.csv", MI, CA), NOW)
    later = write_states(
        tmp_path / "2.csv", ("MI", "CLOSED", "2004-02-01", "x"), ("CA", "OPEN", "2003-11-04", "x"), sequence=2
    )
    assert import_states(store, later, NOW) == 2
    assert (_status(store, "MI"), _status(store, "MI", date(2004, 2, 1))) == (StateStatus.OPEN, StateStatus.CLOSED)
    assert _status(store, "CA") is StateStatus.OPEN


def test_the_shipped_sample_loads_and_calls_itself_a_sample(store: Store) -> None:
    assert import_states(store, SAMPLE, NOW) == 25
    with store.reading() as tx:
        assert [source[:6] for source in tx.states.sources()] == ["SAMPLE"]


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        pytest.param(
            ("Ohio", "OPEN", "2003-11-04", "x"),
            ["line 4, column state: 'OHIO' is not accepted; a USPS state code is wanted, such as MI"],
            id="a state written out",
        ),
        pytest.param(
            ("OH", "open", "2003-11-04", "x"),
            ["line 4, column status: 'open' is not accepted; one of OPEN, CLOSED, UNKNOWN is wanted"],
            id="a status in lower case",
        ),
        pytest.param(
            ("OH", "OPEN", "11/4/2003", "x"),
            ["line 4, column effective: '11/4/2003' is not accepted; YYYY-MM-DD is wanted"],
            id="a day written otherwise",
        ),
        pytest.param(
            ("", "", "", ""),
            ["line 5: the trailer counts 2, but there are 1 rows; the file was cut off or edited: ask for it again"],
            id="a blank row",
        ),
        pytest.param(
            ("", "", "", "x"),
            [
                "line 4, column state: '' is not accepted; a USPS state code is wanted, such as MI",
                "line 4, column status: '' is not accepted; one of OPEN, CLOSED, UNKNOWN is wanted",
                "line 4, column effective: '' is not accepted; YYYY-MM-DD is wanted",
            ],
            id="everything missing",
        ),
        pytest.param(MI, ["line 4, column state: MI for the same day stands in line 3 too"], id="the same day twice"),
    ],
)
def test_each_fault_is_named_and_nothing_is_stored(
    entry: tuple[str, str, str, str], faults: list[str], store: Store, tmp_path: Path
) -> None:
    with pytest.raises(BadFile) as bad:
        import_states(store, write_states(tmp_path / "s.csv", MI, entry), NOW)
    assert bad.value.faults == faults
    with store.reading() as tx:
        assert tx.states.all().entries == ()
        assert tx.files.last_sequence("states") == 0


def test_the_same_list_is_taken_once_and_an_older_one_never(store: Store, tmp_path: Path) -> None:
    path = write_states(tmp_path / "s.csv", MI, sequence=5)
    import_states(store, path, NOW)
    with pytest.raises(BadFile, match="was loaded before"):
        import_states(store, path, NOW)
    with pytest.raises(BadFile, match="line 1, column 3: sequence 4 is not after the last loaded, 5"):
        import_states(store, write_states(tmp_path / "old.csv", MI, sequence=4), NOW)


def test_sequences_of_other_kinds_of_files_do_not_matter(store: Store, tmp_path: Path) -> None:
    with store.transaction() as tx:
        tx.files.record(LoadedFile("0" * 64, "holders", 9, "h.csv", 1, NOW))
    assert import_states(store, write_states(tmp_path / "s.csv", MI, sequence=1), NOW) == 1
