"""Closes as they come in: by file, from two people, wrong, twice, disputed, and too late."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.month import closes
from bot.month.office import StepRefused
from bot.month.status import due_of
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.cycle_steps import WaitsFor
from handlers.plan.money import Price
from storage.store import Store
from tests.exchange import write_records
from tests.month.playing import NOVEMBER, Month, at, check, holder

LAST = date(2003, 11, 17)
EVENING = at("2003-11-17", "20:00")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    """November, locked."""
    played = Month(store, tmp_path)
    played.holders(holder(3))
    played.lockbox(check("CST-30003", "300"))
    played.lock()
    return played


def enter(month: Month, close: str, by: str, time: str = "20:00", day: date = LAST) -> closes.EnteredClose:
    return closes.enter_close(month.office, day, Decimal(close), "a newspaper", by, at("2003-11-17", time))


def price(month: Month) -> Price:
    return closes.price(month.office, NOVEMBER, "test", at("2003-11-17", "21:00"))


def prices_file(month: Month, *rows: tuple[str, str], now: datetime = EVENING) -> tuple[closes.EnteredClose, ...]:
    sequence = month.number("prices")
    path = write_records(
        month.folder / f"closes-{sequence}.csv",
        ["H", "prices", str(sequence), "2003-11-17"],
        ["day", "close", "source"],
        *([day, close, "Nasdaq"] for day, close in rows),
        ["T", str(len(rows))],
    )
    return closes.load_closes(month.office, path, now)


@pytest.mark.parametrize("close", ["0", "0.0000", "-1.12", "", "1,12", "NaN", "1.12345", "1e3"])
def test_a_file_with_what_is_no_close_is_refused_whole(close: str, month: Month) -> None:
    with pytest.raises(BadFile, match="line 4, column close"):
        prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", close), ("2003-11-17", "1.09"))
    with month.store.reading() as tx:
        assert tx.closes.between(date(2003, 1, 1), date(2003, 12, 31)) == ()


@pytest.mark.parametrize(
    ("close", "reason"),
    [
        pytest.param("0", "is no price", id="nothing"),
        pytest.param("-1.12", "is no price", id="negative"),
        pytest.param("NaN", "is no price", id="no number"),
        pytest.param("1000000000000", "is no price", id="a trillion"),
        pytest.param("1.12345", "more than four places", id="too fine"),
    ],
)
def test_a_person_cannot_enter_what_is_no_close(close: str, reason: str, month: Month) -> None:
    with pytest.raises(StepRefused, match=reason):
        enter(month, close, "Olive")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2003, 11, 15), "did not trade"),
        (date(2003, 11, 18), "not over yet"),
        (date(1803, 11, 17), "look at the year"),
    ],
)
def test_a_close_is_of_a_day_that_traded(day: date, reason: str, month: Month) -> None:
    with pytest.raises(StepRefused, match=reason):
        enter(month, "1.12", "Olive", day=day)


@pytest.mark.parametrize("name", ["", "  ", "."])
def test_a_close_is_entered_by_a_person(name: str, month: Month) -> None:
    with pytest.raises(StepRefused, match="name who read it"):
        enter(month, "1.12", name)


def test_a_close_of_two_people_stands_and_prices_the_month(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"))
    assert not enter(month, "1.09", "Olive").stands
    with pytest.raises(StepRefused, match="no undisputed close stands for 2003-11-17"):
        price(month)
    assert not enter(month, "1.09", "olive", "20:01").stands
    assert enter(month, "1.09", "Peter", "20:02").stands
    assert price(month) == Price.from_units(10_864)


def test_two_people_who_differ_leave_the_day_without_a_close(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"))
    enter(month, "1.09", "Olive")
    found = enter(month, "1.90", "Peter", "20:01")
    assert not found.stands
    assert "what was entered differs" in found.remarks
    with pytest.raises(StepRefused, match="no undisputed close stands for 2003-11-17"):
        price(month)
    assert enter(month, "1.09", "Peter", "20:02").stands


def test_an_absurd_close_takes_two_people_even_by_file(month: Month) -> None:
    found = prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"), ("2003-11-17", "11.50"))
    assert [one.stands for one in found] == [True, True, False]
    assert "two people must enter it" in found[2].remarks
    enter(month, "11.50", "Olive", "20:30")
    assert enter(month, "11.50", "Peter", "20:31").stands


def test_a_day_stands_once_in_a_file(month: Month) -> None:
    with pytest.raises(BadFile, match="day"):
        prices_file(month, ("2003-11-13", "1.12"), ("2003-11-13", "1.13"))


def test_a_close_that_stands_already_changes_nothing_and_says_so(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"), ("2003-11-17", "1.09"))
    (again,) = prices_file(month, ("2003-11-17", "1.09"), now=at("2003-11-17", "20:10"))
    assert (again.stands, again.remarks) == (True, ("stands already",))
    assert price(month) == Price.from_units(10_864)


def test_a_second_file_that_says_otherwise_holds_the_price_until_two_people_have_spoken(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"), ("2003-11-17", "1.09"))
    (other,) = prices_file(month, ("2003-11-17", "1.10"), now=at("2003-11-17", "20:10"))
    assert not other.stands
    with pytest.raises(StepRefused, match="2003-11-17"):
        price(month)
    enter(month, "1.09", "Olive", "20:20")
    enter(month, "1.09", "Peter", "20:21")
    assert price(month) == Price.from_units(10_864)


def test_a_close_that_is_corrected_after_the_issue_changes_neither_shares_nor_confirmations(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"), ("2003-11-17", "1.09"))
    month.to_approval()
    shares = month.allot().shares
    for name, time in (("Olive", "10:00"), ("Peter", "10:01")):
        found = closes.enter_close(month.office, LAST, Decimal("1.29"), "the exchange", name, at("2003-11-20", time))
        assert any("amended confirmations are a person" in remark for remark in found.remarks)
    assert found.stands
    month.issue()
    assert month.confirm().queued == 1
    (letter,) = month.letters("holder3@", "month/purchase_confirmation")
    assert b"$1.0864" in letter.raw
    assert str(shares).encode() in letter.raw
    assert b"1.29" not in letter.raw


def test_pricing_is_held_while_a_close_is_missing_and_goes_on_once_it_is_there(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"))
    night = at("2003-11-18", "00:00")
    with month.store.transaction() as tx:
        cycle = tx.cycles.of(NOVEMBER)
        assert cycle is not None
        assert due_of(tx, month.office, cycle, night)[0].step is CycleStep.HOLD_PRICING
    assert closes.hold_pricing(month.office, NOVEMBER, "test", night) == (LAST,)
    with month.store.transaction() as tx:
        held = tx.cycles.of(NOVEMBER)
        assert held is not None
        assert held.state is CycleState.PRICING_HELD
        assert due_of(tx, month.office, held, night)[0].waits_for is WaitsFor.CLOSES
    prices_file(month, ("2003-11-17", "1.09"))
    assert price(month) == Price.from_units(10_864)


def test_pricing_is_not_held_while_every_close_is_there(month: Month) -> None:
    prices_file(month, ("2003-11-13", "1.12"), ("2003-11-14", "1.15"), ("2003-11-17", "1.09"))
    with pytest.raises(StepRefused, match="every close of cycle 2003-11 is there; price it"):
        closes.hold_pricing(month.office, NOVEMBER, "test", EVENING)
