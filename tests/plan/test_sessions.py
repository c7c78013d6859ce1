"""The trading calendar that the shell loads: right on the days that trip calendars up, loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from bot.sessions import trading_calendar
from tests.specimens import calendar


@pytest.mark.parametrize(
    ("day", "trades"),
    [
        pytest.param("2003-11-11", True, id="Veterans Day: the market is open"),
        pytest.param("2003-11-27", False, id="Thanksgiving"),
        pytest.param("2003-11-28", True, id="the half day after it"),
        pytest.param("2004-01-19", False, id="Martin Luther King Day"),
        pytest.param("2004-04-09", False, id="Good Friday"),
        pytest.param("2004-06-11", False, id="Reagan's funeral"),
        pytest.param("2004-10-11", True, id="Columbus Day: the market is open"),
        pytest.param("2007-01-02", False, id="Ford's funeral"),
        pytest.param("2010-12-31", True, id="New Year's Eve before a Saturday New Year"),
        pytest.param("2012-10-29", False, id="Hurricane Sandy"),
        pytest.param("2018-12-05", False, id="Bush's funeral"),
        pytest.param("2021-06-18", True, id="Juneteenth not yet kept"),
        pytest.param("2022-06-20", False, id="Juneteenth kept on the Monday"),
        pytest.param("2025-01-09", False, id="Carter's funeral"),
    ],
)
def test_a_day_of_the_exchange(day: str, trades: bool) -> None:
    assert calendar().is_session(date.fromisoformat(day)) is trades


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        pytest.param("2003-11-04", "2003-11-04", "2003-01-02", "2005-12-30", id="one day of 2003"),
        pytest.param("2001-06-01", "2003-11-04", "2001-01-02", "2005-12-30", id="from before 2003"),
        pytest.param("2026-01-01", "2026-12-31", "2003-01-02", "2028-12-29", id="late years go back to 2003 too"),
    ],
)
def test_a_calendar_reaches_from_2003_to_two_years_ahead(first: str, last: str, begins: str, ends: str) -> None:
    sessions = trading_calendar(date.fromisoformat(first), date.fromisoformat(last)).sessions
    assert sessions[0] == date.fromisoformat(begins)
    assert sessions[-1] == date.fromisoformat(ends)
    assert sessions == tuple(sorted(set(sessions)))


def test_a_years_calendar_is_made_once() -> None:
    one = trading_calendar(date(2005, 1, 3), date(2005, 3, 1))
    assert trading_calendar(date(2005, 2, 1), date(2005, 12, 31)) is one


def test_the_package_is_loaded_only_when_a_calendar_is_asked_for() -> None:
    code = "import sys, bot.sessions; print('exchange_calendars' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_calendar_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="back to 2003-01-01"):
        trading_calendar(date(2004, 1, 1), date(2003, 1, 1))
