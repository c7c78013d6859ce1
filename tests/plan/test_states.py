"""The state list: effective-dated, and unknown where nothing is recorded. PR, "States"."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.plan.states import STATE_NAMES, StateEntry, StateList, StateStatus

LIST = StateList(
    (
        StateEntry("OH", StateStatus.OPEN, date(2004, 3, 1)),
        StateEntry("OH", StateStatus.CLOSED, date(2003, 11, 4)),
        StateEntry("NJ", StateStatus.OPEN, date(2003, 11, 4)),
        StateEntry("NJ", StateStatus.UNKNOWN, date(2004, 5, 1)),
    )
)


@pytest.mark.parametrize(
    ("code", "day", "status"),
    [
        pytest.param("OH", "2003-11-03", StateStatus.UNKNOWN, id="before anything is recorded"),
        pytest.param("OH", "2003-11-04", StateStatus.CLOSED, id="on the day it closed"),
        pytest.param("OH", "2004-02-29", StateStatus.CLOSED, id="the day before it opened"),
        pytest.param("OH", "2004-03-01", StateStatus.OPEN, id="on the day it opened, whatever the order of entries"),
        pytest.param("NJ", "2004-05-01", StateStatus.UNKNOWN, id="back to unknown"),
        pytest.param("TX", "2004-01-01", StateStatus.UNKNOWN, id="never recorded"),
        pytest.param("", "2004-01-01", StateStatus.UNKNOWN, id="no state"),
        pytest.param("nj", "2004-01-01", StateStatus.UNKNOWN, id="codes are upper case; nothing is guessed"),
    ],
)
def test_the_status_of_a_state_on_a_day(code: str, day: str, status: StateStatus) -> None:
    assert LIST.status(code, date.fromisoformat(day)) is status


def test_nothing_is_known_of_an_empty_list() -> None:
    assert {StateList().status(code, date(2004, 1, 1)) for code in STATE_NAMES} == {StateStatus.UNKNOWN}


def test_every_place_has_a_code_of_two_letters_and_its_own_name() -> None:
    assert len(STATE_NAMES) == 51 + 5
    assert all(len(code) == 2 and code.isupper() for code in STATE_NAMES)
    assert len(set(STATE_NAMES.values())) == len(STATE_NAMES)
