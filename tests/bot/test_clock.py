"""The clock tells aware instants, and a rehearsal's clock starts where it is told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import BadInstant, Clock, parse_instant


def test_the_real_clock_tells_the_worlds_time() -> None:
    clock = Clock()
    before, told, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert before <= told <= after
    assert clock.is_real


def test_a_rehearsals_clock_starts_at_its_instant_and_ticks() -> None:
    start = parse_instant("2003-11-05T09:00:00-05:00")
    clock = Clock(start)
    first = clock.now()
    time.sleep(0.02)
    assert timedelta(0) <= first - start < timedelta(seconds=5)
    assert clock.now() - first >= timedelta(seconds=0.02)
    assert first.tzinfo is UTC
    assert not clock.is_real


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("2003-11-05T09:00:00-05:00", datetime(2003, 11, 5, 14, tzinfo=UTC), id="with an offset"),
        pytest.param("2003-11-05T14:00:00Z", datetime(2003, 11, 5, 14, tzinfo=UTC), id="in UTC"),
        pytest.param("2003-11-05 09:00-05:00", datetime(2003, 11, 5, 14, tzinfo=UTC), id="with a blank"),
    ],
)
def test_an_instant_is_read(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2003-11-05T09:00:00", id="no offset"),
        pytest.param("2003-11-05", id="a day"),
        pytest.param("2003-11-31T09:00:00-05:00", id="no such day"),
        pytest.param("nine o'clock", id="words"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInstant, match="2003-11-05T09:00:00-05:00"):
        parse_instant(text)
