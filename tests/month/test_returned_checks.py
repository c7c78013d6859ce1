"""Checks that come back: found by number, amount and account, taken out of a month that had counted them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.holders_import import registration_id
from bot.month import trial
from bot.month.bank_returns import load_returned_checks
from bot.month.office import StepRefused
from handlers.plan.cycle import CycleState
from handlers.plan.money import ZERO_DOLLARS, Money
from storage.ledger import PAYERS_CHECK, UNMATCHED, owed_account, plan_account, refunds_account
from storage.store import Store
from tests.month.banking import BankMonth, returned, write_nothing
from tests.month.playing import NOVEMBER, at, check, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"


@pytest.fixture
def month(store: Store, tmp_path: Path) -> BankMonth:
    played = BankMonth(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def test_what_was_over_the_maximum_is_taken_from_its_refund_before_anything_is_owed(month: BankMonth) -> None:
    order = month.buys(FIRST, "10000")
    row = check(FIRST, "12000")
    month.lockbox(row)
    month.buys_shares()
    month.returned_checks(returned(FIRST, "12000", row.check_number), day="2003-11-20")
    assert month.balance(refunds_account(registration_id(FIRST))) == 0
    assert month.balance(owed_account(registration_id(FIRST))) == -1_000_000
    assert month.refunds("2003-12-01").refunds == 0
    assert month.states_of([order]) == ["RECOUPMENT"]
    assert month.books_agree()


def test_a_check_that_comes_back_before_the_lock_drops_its_order(month: BankMonth) -> None:
    order = month.buys(FIRST, "500")
    row = check(FIRST, "500")
    month.lockbox(row)
    report = month.returned_checks(returned(FIRST, "500", row.check_number))
    assert (report.taken_back, month.states_of([order])) == (1, ["PAYMENT_RETURNED"])
    assert month.balance(PAYERS_CHECK) == 0
    assert month.books_agree()
    before = month.everything()
    again = month.returned_checks(returned(FIRST, "500", row.check_number), day="2003-11-14")
    assert (again.repeated, month.everything() == before) == (1, True)


@pytest.mark.parametrize("names_account", [True, False])
def test_a_check_of_nobody_known_is_taken_out_again(month: BankMonth, *, names_account: bool) -> None:
    row = check("CST-99999", "500")
    month.lockbox(row)
    assert month.balance(UNMATCHED) == 50_000
    account = "CST-99999" if names_account else ""
    report = month.returned_checks(returned(account, "500", row.check_number))
    assert (report.taken_back, month.balance(UNMATCHED)) == (1, 0)
    assert month.books_agree()


@pytest.mark.parametrize(
    ("account", "dollars", "number"),
    [
        pytest.param(SECOND, "500", None, id="another account"),
        pytest.param(FIRST, "500.01", None, id="another amount"),
        pytest.param(FIRST, "500", "4711", id="another number"),
        pytest.param("CST-77777", "500", None, id="an account nobody has"),
    ],
)
def test_a_returned_check_that_is_none_of_ours_goes_to_staff(
    month: BankMonth, account: str, dollars: str, number: str | None
) -> None:
    row = check(FIRST, "500")
    month.lockbox(row)
    report = month.returned_checks(returned(account, dollars, number or row.check_number))
    assert (report.taken_back, report.for_staff) == (0, 1)
    assert month.letters("ir@", "notices/cycle_needs_person")
    assert month.books_agree()


def test_two_checks_of_one_number_and_amount_are_told_apart_by_account_or_by_staff(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", check_number="77"), check(SECOND, "500", check_number="77"))
    assert month.returned_checks(returned("", "500", "77")).for_staff == 1
    assert month.returned_checks(returned(SECOND, "500", "77"), day="2003-11-14").taken_back == 1
    assert month.balance(plan_account(registration_id(FIRST))) == 50_000
    assert month.books_agree()


def test_a_return_after_the_lock_makes_the_month_count_its_taxpayer_again(month: BankMonth) -> None:
    same = {"taxpayer_id": "900-00-0001"}
    month.holders(holder(1), holder(2, **same), *(holder(number) for number in range(3, 6)))
    row = check(FIRST, "9000", "2003-11-10 09:00")
    month.lockbox(row, check(SECOND, "4000", "2003-11-10 11:00"), check(THIRD, "250"))
    locked = month.lock()
    assert (locked.accepted, locked.returned) == (Money.of("10250"), Money.of("3000"))
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.returned_checks(returned(FIRST, "9000", row.check_number), day="2003-11-18")
    assert month.books_agree()
    with month.store.reading() as tx:
        cycle = tx.cycles.of(NOVEMBER)
        assert cycle is not None
        accepted = {one.order_id: one.accepted for one in tx.month_orders.accepted(NOVEMBER)}
        assert cycle.state is CycleState.APPROVED
        assert cycle.accepted == Money.of("4250")
        assert not trial.is_current(tx, month.office, cycle)
    assert sorted(accepted.values()) == [Money.of("250"), Money.of("4000")]
    with pytest.raises(StepRefused):
        month.allot()
    trial.void_approvals(month.office, NOVEMBER, "test", at("2003-11-18"))
    trial.run_trial(month.office, NOVEMBER, "test", at("2003-11-18"))
    for person in ("Olive", "Peter"):
        trial.approve(month.office, NOVEMBER, person, at("2003-11-18"))
    assert month.allot().invested == Money.of("4250")
    assert month.books_agree()


def test_what_is_left_under_the_minimum_after_a_return_goes_back_too(month: BankMonth) -> None:
    one, other = check(FIRST, "150", check_number="1"), check(FIRST, "200", "2003-11-11 10:00", check_number="2")
    month.lockbox(one, other, check(THIRD, "250"))
    month.lock()
    month.returned_checks(returned(FIRST, "150", "1"))
    with month.store.reading() as tx:
        found = {row.reason: row.returned for row in tx.month_orders.accepted(NOVEMBER)}
    assert found == {"IN_FULL": ZERO_DOLLARS, "UNDER_MINIMUM": Money.of("200")}
    assert month.books_agree()


def test_a_payment_that_waits_to_be_carried_forward_may_come_back_too(month: BankMonth) -> None:
    late = check(FIRST, "500", "2003-11-12 10:00")
    month.lockbox(late, check(THIRD, "250"), day="2003-11-12")
    month.lock()
    month.returned_checks(returned(FIRST, "500", late.check_number))
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    assert month.allot().orders == 1
    assert month.books_agree()


def test_no_file_is_taken_while_shares_are_allotted(month: BankMonth) -> None:
    rows = [check(f"CST-3000{number}", "500", check_number=str(number)) for number in range(1, 6)]
    month.lockbox(*rows)
    month.lock()
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    with month.store.reading() as tx:
        last = list(tx.month_orders.accepted(NOVEMBER))[-1]
        (account,) = tx.registrations.account_numbers({last.registration_id}).values()
        first = next(iter(tx.month_orders.accepted(NOVEMBER)))
    with month.store.transaction() as tx:
        tx.cycles.note_facts(NOVEMBER, at("2003-11-19"), settled_to=first.order_id)
    before = month.everything()
    with pytest.raises(StepRefused, match="finish it with dspp cycle allot 2003-11"):
        month.returned_checks(returned(account, "500", account[-1]), day="2003-11-19")
    assert month.everything() == before


def test_a_file_of_another_kind_is_refused(month: BankMonth) -> None:
    with pytest.raises(BadFile):
        load_returned_checks(month.office, write_nothing(month.folder / "x.csv"), at("2003-11-10"))
