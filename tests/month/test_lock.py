"""The lock: what the month takes of each order, when it may not be done yet, and how it is undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.exchange_files import BadFile
from bot.files.from_bank import CHECKS
from bot.files.layout import write_rows
from bot.holders_import import registration_id
from bot.month import checks, lock, trial
from bot.month.office import StepRefused
from handlers.plan.accounts import AccountStatus, Hold
from handlers.plan.cycle import CycleState
from handlers.plan.money import Money, Shares
from handlers.plan.orders import Portion
from handlers.plan.states import StateEntry, StateStatus
from storage.messages import Arrival
from storage.store import Store
from storage.tables import purchase_orders
from tests.month.changed_terms import plan_with
from tests.month.dumps import WHEN, dump
from tests.month.playing import NOVEMBER, Month, at, check, holder

EVENING = at("2003-11-12", "21:00")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    played = Month(store, tmp_path)
    played.holders(*(holder(number, taxpayer_id=f"900-00-{max(number, 2):04d}") for number in range(1, 7)))
    return played


def taken(month: Month, number: str = NOVEMBER) -> dict[str, tuple[str, str, str]]:
    """What the lock took, by account: accepted, returned, why. Checks of one account are told apart by a count."""
    with month.store.reading() as tx:
        found = sorted(tx.month_orders.accepted(number), key=lambda one: (one.paid, one.order_id))
        names = tx.registrations.account_numbers({one.registration_id for one in found})
    told: dict[str, tuple[str, str, str]] = {}
    for one in found:
        name = names[one.registration_id][-1]
        while name in told:
            name += "+"
        told[name] = (str(one.accepted), str(one.returned), one.reason)
    return told


def test_two_registrations_of_a_taxpayer_share_the_maximum_and_the_earlier_check_is_served_first(month: Month) -> None:
    month.buys("CST-30001", "7000", day="2003-11-05")
    month.buys("CST-30002", "6000", day="2003-11-06")
    month.lockbox(check("CST-30001", "7000", "2003-11-10 10:00:01"), check("CST-30002", "6000", "2003-11-10 10:00:00"))
    month.lock()
    assert taken(month) == {
        "2": ("6000.00", "0.00", "IN_FULL"),
        "1": ("4000.00", "3000.00", "OVER_MAXIMUM"),
    }


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("150", "150.01", ("150.00", "0.00", "IN_FULL"), id="two checks that reach the minimum together"),
        pytest.param("150", "99.99", ("0.00", "150.00", "UNDER_MINIMUM"), id="two checks a cent under it"),
    ],
)
def test_two_checks_count_together_toward_the_minimum(
    first: str, second: str, expected: tuple[str, str, str], month: Month
) -> None:
    month.lockbox(check("CST-30003", first), check("CST-30003", second, "2003-11-11 10:00"))
    month.lock()
    assert expected in taken(month).values()
    assert {reason for _, _, reason in taken(month).values()} == {expected[2]}


@pytest.mark.parametrize(
    ("second", "locked"),
    [pytest.param("16:59:59", 2, id="a second before"), pytest.param("17:00:00", 2, id="at the cut-off"),
     pytest.param("17:00:01", 1, id="a second after")],
)  # fmt: skip
def test_the_second_of_receipt_decides_the_month(second: str, locked: int, month: Month) -> None:
    month.lockbox(check("CST-30003", "300"), check("CST-30004", "400", f"2003-11-12 {second}"))
    assert month.lock().orders == locked


def test_nothing_is_locked_before_the_cut_off_is_past(month: Month) -> None:
    month.lockbox(check("CST-30003", "300"), day="2003-11-11")
    with pytest.raises(StepRefused, match=r"is not past; it is Wednesday, November 12, 2003, 5:00 p\.m\. Eastern"):
        lock.lock(month.office, NOVEMBER, "test", at("2003-11-12", "17:00"))


def test_the_lock_waits_for_the_bank_to_tell_of_the_day_of_the_cut_off(month: Month) -> None:
    with pytest.raises(StepRefused, match="no lockbox file tells of 2003-11-12 yet; load it with"):
        month.lock()
    month.lockbox(check("CST-30003", "300"), day="2003-11-11")
    with pytest.raises(StepRefused, match="no lockbox file tells of 2003-11-12 yet"):
        month.lock()
    month.lockbox(day="2003-11-12")
    assert month.lock().orders == 1


def test_the_lock_waits_for_messages_that_came_before_the_cut_off(month: Month) -> None:
    month.lockbox(check("CST-30003", "300"))
    receive(month, "in time", at("2003-11-12", "17:00"))
    receive(month, "late", at("2003-11-12", "17:00:01"))
    with pytest.raises(StepRefused, match="1 messages that came before the cut-off are not worked on yet"):
        month.lock()


def receive(month: Month, body: str, when: datetime) -> None:
    """A message that waits to be read."""
    raw = f"From: holder3@example.com\r\nSubject: buy\r\n\r\n{body}\r\n".encode()
    sender, here = "holder3@example.com", ("dspp@aastrom.com",)
    with month.store.transaction() as tx:
        tx.messages.accept([Arrival("email", f"email:{body}", raw, sender, here, "127.0.0.1", when)])


def test_a_check_that_is_told_of_after_the_lock_is_held_for_a_person(month: Month) -> None:
    month.lockbox(check("CST-30003", "300"))
    month.lock()
    loaded = month.lockbox(check("CST-30004", "400", "2003-11-12 16:00"), day="2003-11-13")
    assert (loaded.held, loaded.matched, loaded.orders_by_themselves) == (1, 0, 0)
    with month.store.reading() as tx:
        (payment,) = [one for one in tx.payments.of_month(date(2003, 11, 19)) if one.amount == Money.of("400")]
    assert payment.reason == "AFTER_THE_LOCK"
    assert month.books_agree()


def hold(month: Month) -> None:
    with month.store.transaction() as tx:
        tx.reported_holds.report(registration_id("CST-30003"), Hold.DEATH_REPORTED, "test", EVENING)


def close_state(month: Month) -> None:
    with month.store.transaction() as tx:
        tx.states.record([StateEntry("MI", StateStatus.CLOSED, date(2003, 11, 19))], "test", EVENING)


def suspend(month: Month) -> None:
    with month.store.transaction() as tx:
        tx.registrations.set_status(registration_id("CST-30003"), AccountStatus.SUSPENDED, EVENING)


@pytest.mark.parametrize(
    ("comes_up", "reason"),
    [
        pytest.param(hold, "HELD:ACCOUNT_ON_HOLD", id="a reported death"),
        pytest.param(close_state, "HELD:STATE_CLOSED", id="a state that closes on the purchase date"),
        pytest.param(suspend, "HELD:ACCOUNT_ON_HOLD", id="a suspended account"),
    ],
)
def test_what_comes_up_between_receipt_and_lock_holds_the_order(
    comes_up: Callable[[Month], None], reason: str, month: Month
) -> None:
    order = month.buys("CST-30003", "300")
    month.lockbox(check("CST-30003", "300"))
    comes_up(month)
    month.lock()
    assert taken(month) == {"3": ("0.00", "0.00", reason)}
    assert month.states_of([order]) == ["UNCOLLECTED"]
    assert month.books_agree()


def test_a_prospectus_that_came_into_force_since_the_check_must_be_acknowledged_by_the_lock(month: Month) -> None:
    february = "2004-02"
    month.lockbox(
        check("CST-30003", "300", "2004-01-20 10:00"), check("CST-30004", "300", "2004-01-20 10:00"), day="2004-02-10"
    )
    with month.store.transaction() as tx:
        tx.registrations.acknowledge(registration_id("CST-30004"), "2004-01-28", at("2004-02-02"), "test")
    month.lock(february)
    assert taken(month, february) == {
        "3": ("0.00", "0.00", "HELD:PROSPECTUS_NOT_ACKNOWLEDGED"),
        "4": ("300.00", "0.00", "IN_FULL"),
    }


def test_the_lock_counts_shares_for_sale_anew(month: Month) -> None:
    month.sells("CST-30003", "0.0001", Portion.ALL)
    month.sells("CST-30004", "0.0001", Portion.HALF)
    month.sells("CST-30005", "100.0001")
    month.sells("CST-30006", "12.5")
    hold_sales(month, "CST-30006")
    month.lockbox()
    report = month.lock()
    assert (report.sales, report.shares_for_sale, report.sales_not_covered) == (2, Shares.of("150"), 2)


def hold_sales(month: Month, account: str) -> None:
    with month.store.transaction() as tx:
        tx.registrations.hold_sales(registration_id(account), date(2003, 11, 20))


@pytest.mark.parametrize("written", ["2003-1", "2003-011", " 2003-11", "2003-11 ", "+2003-11"])
def test_a_cycle_goes_by_one_name_alone(written: str, month: Month) -> None:
    month.lockbox(check("CST-30003", "300"))
    with pytest.raises(StepRefused, match=r"names no (cycle|month); write it as 2003-"):
        lock.lock(month.office, written, "test", EVENING)
    with month.store.reading() as tx:
        assert tx.cycles.all() == ()


@pytest.mark.parametrize("state", ["UNCOLLECTED", "GOOD_FUNDS"])
def test_a_lock_that_is_undone_leaves_everything_as_it_was(state: str, month: Month) -> None:
    received = {"UNCOLLECTED": "2003-11-10 10:00", "GOOD_FUNDS": "2003-11-04 10:00"}[state]
    order = month.buys("CST-30003", "300", day="2003-11-03")
    month.buys("CST-30004", "300")
    month.sells("CST-30005", "5")
    month.lockbox(check("CST-30003", "300", received))
    month.lock()  # a first time, so that what the day of the cut-off brings is there
    reasons = ["a slip", "another"]
    undone(month, reasons[0])
    assert month.states_of([order]) == [state]
    before = dump(month.store, month.folder, without=WHEN)
    month.lock()
    undone(month, reasons[1])
    after = dump(month.store, month.folder, without=WHEN)
    for told in ("cycle_acts", "audit_records"):
        assert len(after.pop(told)) > len(before.pop(told))
    assert after == before
    assert month.lock().orders == 2
    assert month.books_agree()


def undone(month: Month, reason: str) -> None:
    assert trial.undo(month.office, NOVEMBER, "Olive", reason, EVENING) is CycleState.OPEN


def test_a_month_is_not_locked_while_the_one_before_may_still_carry_orders_into_it(
    store: Store, tmp_path: Path
) -> None:
    month = Month(store, tmp_path, plan_with(good_funds_sessions=9))
    month.holders(holder(3))
    order = month.buys("CST-30003", "300")
    month.lockbox(check("CST-30003", "300"))
    month.lock()
    month.lockbox(day="2003-12-10")
    with pytest.raises(StepRefused, match="cycle 2003-11 is still LOCKED; finish it first"):
        month.lock("2003-12")
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()
    assert month.lock("2003-12").orders == 1
    assert month.states_of([order]) == ["LOCKED"]
    assert taken(month, "2003-12") == {"3": ("300.00", "0.00", "IN_FULL")}


def test_an_order_that_is_canceled_while_the_lock_counts_makes_it_count_again(month: Month) -> None:
    if month.store.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time: nothing can happen while the lock counts")
    order = month.buys("CST-30003", "300")
    month.lockbox(check("CST-30003", "300"), check("CST-30004", "400"))

    canceled: list[str] = []

    def cancel(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO acceptances") and not canceled:
            canceled.append(order)
            with month.store.engine.begin() as other:
                other.execute(update(purchase_orders).where(purchase_orders.c.id == order).values(state="CANCELLED"))

    event.listen(month.store.engine, "before_cursor_execute", cancel)
    with pytest.raises(StepRefused, match="were canceled while they were counted; lock again"):
        month.lock()
    assert taken(month) == {}
    assert month.states_of([order]) == ["CANCELLED"]
    assert month.lock().orders == 1


def test_a_check_for_an_order_that_is_canceled_this_instant_is_an_order_by_itself(month: Month) -> None:
    if month.store.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time: nothing can happen while a file is loaded")
    order = month.buys("CST-30003", "300")
    canceled: list[str] = []

    def cancel(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE purchase_orders SET state") and not canceled:
            canceled.append(order)
            with month.store.engine.begin() as other:
                other.execute(update(purchase_orders).where(purchase_orders.c.id == order).values(state="CANCELLED"))

    event.listen(month.store.engine, "before_cursor_execute", cancel)
    loaded = month.lockbox(check("CST-30003", "300"))
    assert (loaded.matched, loaded.orders_by_themselves) == (0, 1)
    assert canceled == [order]
    assert month.lock().orders == 1
    assert taken(month) == {"3": ("300.00", "0.00", "IN_FULL")}
    assert month.states_of([order]) == ["CANCELLED"]


@pytest.mark.parametrize(
    ("received", "fault"),
    [
        pytest.param("2003-11-12 20:30", "is to come", id="later than now"),
        pytest.param("1903-11-12 10:00", "is far in the past; look at the year", id="a hundred years ago"),
    ],
)
def test_a_check_of_an_impossible_instant_is_a_fault_of_its_line(received: str, fault: str, month: Month) -> None:
    with pytest.raises(BadFile, match=f"line 3, column received: .* {fault}"):
        month.lockbox(check("CST-30003", "300", received))


def test_a_lockbox_file_of_a_day_to_come_does_not_tell_of_that_day(month: Month) -> None:
    with pytest.raises(BadFile, match="2003-11-13 is to come"):
        load_ahead(month)


def load_ahead(month: Month) -> None:
    path = month.folder / "ahead.csv"
    write_rows(path, CHECKS, 1, date(2003, 11, 13), [check("CST-30003", "300")])
    checks.load_checks(month.office, path, EVENING)
