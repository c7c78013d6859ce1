"""What waits for a person is told at its hour, once; and the papers of a month leave when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.holders_import import registration_id
from handlers.plan.accounts import Deduction, DeductionStatus
from handlers.plan.cycle import CycleState
from handlers.plan.money import Money
from storage.messages import Arrival
from storage.store import Store
from tests.month.playing import at
from tests.month.scheduled import Played, begun, lockbox, to_allotted


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Played:
    """Two buyers, one seller, and a schedule that has opened the cycle of November."""
    return begun(store, tmp_path)


# -- who is told ------------------------------------------------------------------------------------------------------


def test_missing_closes_are_told_from_the_evening_of_their_day_on_once_an_evening(month: Played) -> None:
    lockbox(month)
    for day, time in (("2003-11-13", "17:59"), ("2003-11-13", "18:00"), ("2003-11-13", "18:01")):
        month.comes(day, time)
        month.comes(day, time)
    assert month.notices() == ["needs:2003-11:PRICE:CLOSES:2003-11-13"]
    month.comes("2003-11-14", "12:00")
    month.comes("2003-11-15", "20:00")  # a Saturday: it is told of the Friday
    month.comes("2003-11-16", "20:00")
    assert month.notices()[1:] == ["needs:2003-11:PRICE:CLOSES:2003-11-14"]


def test_a_purchase_without_closes_is_held_and_its_deferral_put_before_a_person(month: Played) -> None:
    lockbox(month)
    month.comes("2003-11-18", "00:00")
    assert month.state() is CycleState.PRICING_HELD
    month.comes("2003-11-19", "23:59")
    assert not any("DEFER" in cause for cause in month.notices())
    month.comes("2003-11-20", "09:00")
    assert month.notices()[-1] == "needs:2003-11:DEFER:DECISION:2003-11-20"


def test_approvals_are_asked_for_at_once_and_again_the_session_before_the_purchase_date(month: Played) -> None:
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-17", "20:00")
    month.comes("2003-11-18", "07:59")
    (first,) = month.notices()
    assert first.startswith("needs:2003-11:APPROVE:APPROVALS:")
    month.comes("2003-11-18", "08:00")
    month.comes("2003-11-18", "20:00")
    assert month.notices() == [first, "needs:2003-11:APPROVE:APPROVALS:2003-11-18"]
    month.approve()
    month.comes("2003-11-19", "09:00")
    assert month.notices()[2:] == []


def test_fills_are_asked_for_in_the_evening_and_the_acknowledgement_a_banking_session_later(month: Played) -> None:
    to_allotted(month)
    before = len(month.notices())
    month.comes("2003-11-19", "17:59")
    assert month.notices()[before:] == []
    month.comes("2003-11-19", "18:00")
    assert month.notices()[before:] == ["needs:2003-11:ALLOCATE_SALES:FILLS:2003-11-19"]
    month.fills(("40", "1.20", "0.50"))
    month.comes("2003-11-20", "17:59")
    assert len(month.notices()) == before + 1
    month.comes("2003-11-20", "18:00")
    assert month.notices()[before + 1 :] == ["needs:2003-11:ACKNOWLEDGE:ACKNOWLEDGEMENT:2003-11-20"]
    month.acknowledge()
    month.comes("2003-11-21", "18:00")
    assert len(month.notices()) == before + 2


def test_a_bank_s_file_that_does_not_come_is_asked_for_the_morning_after_the_cut_off(month: Played) -> None:
    month.comes("2003-11-12", "23:00")
    assert month.notices() == []
    month.comes("2003-11-13", "08:00")
    assert month.notices() == ["needs:2003-11:LOCK:BANK:2003-11-13"]


# -- papers -----------------------------------------------------------------------------------------------------------


def test_statements_leave_on_the_first_banking_session_once_the_bank_has_told_of_the_month(month: Played) -> None:
    to_allotted(month)
    month.comes("2003-12-01", "07:59")
    month.comes("2003-12-01", "18:00")
    assert month.letters(kind="month/statement") == []
    assert "needs:statement:2003-11:bank:2003-12-01" in month.notices()
    month.lockbox(day="2003-11-28")
    month.comes("2003-12-01", "18:01")
    month.comes("2003-12-02", "18:01")
    assert len(month.letters(kind="month/statement")) == 2
    assert month.notices().count("statement:2003-11") == 1


def test_summaries_of_the_year_leave_in_january_with_the_statements_of_december(month: Played) -> None:
    to_allotted(month)
    month.lockbox(day="2003-12-31")
    month.comes("2004-01-01", "12:00")
    assert month.letters(kind="month/year_end") == []
    month.comes("2004-01-02", "08:00")
    assert len(month.letters(kind="month/year_end")) == 2
    assert "year-summary:2003" in month.notices()


def test_where_nobody_is_due_a_statement_nobody_is_told_of_one(month: Played) -> None:
    month.comes("2003-12-01", "20:00")
    assert not any("statement" in cause for cause in month.notices())


def test_messages_that_are_not_answered_by_the_morning_after_the_cut_off_are_told(month: Played) -> None:
    lockbox(month)
    arrived = Arrival(
        "email", "m1", b"Subject: x\r\n\r\nx", "ann@example.com", ("dspp@aastrom.com",), "", at("2003-11-12")
    )
    with month.store.transaction() as tx:
        tx.messages.accept([arrived])
    month.comes("2003-11-13", "07:59")
    assert month.notices() == []
    month.comes("2003-11-13", "08:00")
    assert month.notices() == ["needs:2003-11:LOCK:MESSAGES:2003-11-13"]


def test_a_deduction_that_cannot_be_collected_is_told_on_its_day_and_then_put_before_a_person(month: Played) -> None:
    """Nobody has set up how debits are sent."""
    active = Deduction(Money.of("250"), DeductionStatus.ACTIVE)
    with month.store.transaction() as tx:
        tx.registrations.set_deduction(registration_id("CST-30001"), active, at("2003-11-05"))
    month.comes("2003-11-06", "12:00")
    month.comes("2003-11-06", "20:00")
    (told,) = month.notices()
    assert told.startswith("schedule:2003-11-send-debits:")
    month.comes("2003-11-07", "08:00")
    month.comes("2003-11-07", "09:00")
    assert month.notices()[1:] == ["needs:2003-11:SEND_DEBITS:DECISION:2003-11-07"]
