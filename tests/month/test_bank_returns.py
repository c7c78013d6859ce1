"""What comes back from the bank: each return by its rule, its money to the cent, its holder told, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.files.nacha_debits import AccountType
from bot.holders_import import registration_id
from bot.month.bank_accounts import bank_account
from bot.month.bank_returns import load_nacha_returns
from handlers.plan.accounts import DeductionStatus, Hold
from handlers.plan.money import Money
from storage.ledger import FEES, PAYERS_DEBIT, owed_account, refunds_account
from storage.store import Store
from tests.files.pretend_bank import Changed, Returned
from tests.month.banking import BankMonth
from tests.month.changed_terms import plan_with
from tests.month.playing import KEYS, at, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"


@pytest.fixture
def month(store: Store, tmp_path: Path) -> BankMonth:
    played = BankMonth(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


@pytest.mark.parametrize(
    ("code", "status", "letter", "asks_staff"),
    [
        pytest.param("R02", DeductionStatus.REVOKED, True, False, id="account closed"),
        pytest.param("R03", DeductionStatus.REVOKED, True, False, id="no such account"),
        pytest.param("R04", DeductionStatus.REVOKED, True, False, id="not a valid number"),
        pytest.param("R07", DeductionStatus.REVOKED, True, True, id="revoked"),
        pytest.param("R08", DeductionStatus.REVOKED, True, True, id="stopped"),
        pytest.param("R10", DeductionStatus.REVOKED, True, True, id="not authorised"),
        pytest.param("R29", DeductionStatus.REVOKED, True, True, id="a business says no"),
        pytest.param("R14", DeductionStatus.PAUSED, False, True, id="representative died"),
        pytest.param("R15", DeductionStatus.PAUSED, False, True, id="holder died"),
        pytest.param("R16", DeductionStatus.ACTIVE, False, True, id="a code without a rule"),
        pytest.param("R99", DeductionStatus.ACTIVE, False, True, id="a code nobody knows"),
    ],
)
def test_a_return_before_the_purchase_drops_the_order_and_acts_on_the_deduction(
    month: BankMonth, code: str, status: DeductionStatus, *, letter: bool, asks_staff: bool
) -> None:
    (order,) = month.debited(FIRST)
    report = month.ach_returns(month.comes_back(order, code))
    assert (report.taken_back, report.presented_again) == (1, 0)
    assert month.states_of([order]) == ["PAYMENT_RETURNED"]
    paid = month.payment_of(order)
    assert (paid.state.value, paid.reason, paid.returned_on) == ("RETURNED", code, date(2003, 11, 10))
    assert month.deduction(FIRST).status is status
    assert bool(month.letters("holder1@", "month/deduction_stopped")) is letter
    assert bool(month.letters("ir@", "notices/cycle_needs_person")) is asks_staff
    assert bool(month.letters("holder1@", "month/payment_returned_before")) is (code not in {"R14", "R15"})
    assert month.balance(PAYERS_DEBIT) == 0
    assert month.books_agree()


def test_a_death_that_the_bank_tells_of_holds_the_account(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.ach_returns(month.comes_back(order, "R15"))
    with month.store.reading() as tx:
        found = tx.registrations.by_account_number(FIRST)
    assert found is not None
    assert Hold.DEATH_REPORTED in found.holds
    assert not month.letters("holder1@")


def test_the_same_return_again_changes_nothing(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    row = month.comes_back(order, "R02")
    month.ach_returns(row)
    before = month.everything()
    again = month.ach_returns(row, day="2003-11-12")
    assert (again.repeated, again.taken_back, again.for_staff) == (1, 0, 0)
    assert month.everything() == before


def test_another_code_for_what_came_back_is_for_staff_and_moves_no_money(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    row = month.comes_back(order, "R02")
    month.ach_returns(row)
    again = month.ach_returns(replace(row, code="R10"), day="2003-11-12")
    assert (again.repeated, again.for_staff, again.taken_back) == (1, 1, 0)
    assert month.books_agree()


def test_the_same_file_again_is_refused(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.ach_returns(month.comes_back(order, "R02"))
    month._numbers["ach_returns"] = 0
    with pytest.raises(BadFile, match="loaded before"):
        month.ach_returns(month.comes_back(order, "R02"))


def test_a_debit_that_came_back_before_its_day_left_nothing_in_the_books(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits()
    order = month.deduction_order(FIRST)
    month.ach_returns(month.comes_back(order, "R03", day="2003-11-06"), day="2003-11-06")
    assert month.collects("2003-11-07").debits_received == 0
    assert month.states_of([order]) == ["PAYMENT_RETURNED"]
    assert month.balance(PAYERS_DEBIT) == 0
    assert month.books_agree()


def test_a_want_of_funds_is_presented_again_in_a_file_of_its_own(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    first = month.entry_of(order)
    report = month.ach_returns(month.comes_back(order, "R01"))
    assert (report.taken_back, report.presented_again, report.for_staff) == (1, 1, 0)
    again = month.entry_of(order)
    assert (again.presented, again.effective_on) == (2, date(2003, 11, 12))
    assert again.trace > first.trace
    (debit,) = month.file("ach_debits-000002.ach").debits
    assert (debit.is_retry, debit.amount, debit.trace) == (True, Money.of("300"), again.trace)
    assert month.payment_of(order).state.value == "FILED"
    assert month.states_of([order]) == ["AWAITING_PAYMENT"]
    assert month.balance(PAYERS_DEBIT) == 0
    assert month.books_agree()
    month.collects("2003-11-12")
    assert month.balance(PAYERS_DEBIT) == -30_000
    assert month.books_agree()
    assert month.deduction(FIRST).status is DeductionStatus.ACTIVE
    month.buys_shares()
    assert month.states_of([order]) == ["CONFIRMATION_SENT"]


class Crash(RuntimeError):
    """The power fails."""


def test_a_crash_while_a_debit_is_presented_again_leaves_nothing_and_meets_its_file(
    month: BankMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order,) = month.debited(FIRST)
    row = month.comes_back(order, "R01")
    before = month.everything()

    def fails(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("storage.files.LoadedFiles.record", fails)
        with pytest.raises(Crash):
            month.ach_returns(row)
    assert month.everything() == before
    written = (month.office.folder / "ach_debits-000002.ach").read_bytes()
    assert month.ach_returns(row, time="16:00").presented_again == 1
    assert (month.office.folder / "ach_debits-000002.ach").read_bytes() == written
    assert month.books_agree()


def test_nothing_is_presented_again_that_would_settle_after_the_cut_off(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    report = month.ach_returns(month.comes_back(order, "R01", day="2003-11-12"), day="2003-11-12")
    assert (report.presented_again, month.states_of([order])) == (0, ["PAYMENT_RETURNED"])
    assert month.books_agree()


def test_a_second_return_for_want_of_funds_drops_the_order_where_time_is_over(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.ach_returns(month.comes_back(order, "R09"))
    month.collects("2003-11-12")
    month.ach_returns(month.comes_back(order, "R09", day="2003-11-12"), day="2003-11-12")
    assert month.states_of([order]) == ["PAYMENT_RETURNED"]
    assert month.balance(PAYERS_DEBIT) == 0
    assert len(month.letters("holder1@", "month/payment_returned_before")) == 2
    assert month.books_agree()


def test_a_debit_is_presented_at_most_twice_more(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits(day="2003-11-06")
    order = month.deduction_order(FIRST)
    for _ in range(2):
        report = month.ach_returns(month.comes_back(order, "R01", day="2003-11-06"), day="2003-11-06")
        assert report.presented_again == 1
    assert month.entry_of(order).presented == 3
    report = month.ach_returns(month.comes_back(order, "R01", day="2003-11-06"), day="2003-11-06")
    assert (report.presented_again, month.states_of([order])) == (0, ["PAYMENT_RETURNED"])
    assert month.books_agree()


def test_a_debit_of_a_canceled_order_is_never_presented_again(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits()
    order = month.deduction_order(FIRST)
    month.cancels(order)
    report = month.ach_returns(month.comes_back(order, "R01", day="2003-11-06"), day="2003-11-06")
    assert (report.presented_again, month.states_of([order])) == (0, ["CANCELLED"])
    assert month.books_agree()


def test_a_refund_is_not_sent_whose_money_came_back(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.cancels(order)
    month.collects("2003-11-07")
    month.ach_returns(month.comes_back(order, "R02"))
    assert month.refunds("2003-11-20").refunds == 0
    assert month.balance(refunds_account(registration_id(FIRST))) == 0
    assert month.balance(owed_account(registration_id(FIRST))) == 0
    assert month.books_agree()


def test_what_was_refunded_before_it_came_back_is_owed(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.cancels(order)
    month.collects("2003-11-07")
    assert month.refunds("2003-11-17").refunds == 1
    report = month.ach_returns(month.comes_back(order, "R10", day="2003-11-20"), day="2003-11-20")
    assert report.for_staff == 1
    assert month.balance(owed_account(registration_id(FIRST))) == -30_000
    assert month.books_agree()


def test_a_return_after_the_purchase_holds_the_lot_and_is_owed(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    month.buys_shares()
    report = month.ach_returns(month.comes_back(order, "R10", day="2003-12-01"), day="2003-12-01")
    assert (report.taken_back, report.for_staff) == (1, 1)
    assert month.states_of([order]) == ["RECOUPMENT"]
    assert month.balance(owed_account(registration_id(FIRST))) == -30_000
    assert month.balance(FEES) == 0
    with month.store.reading() as tx:
        assert tx.payments.at_risk(registration_id(FIRST), date(2004, 6, 1)).units == 2_761_413
    (letter,) = month.letters("holder1@", "month/payment_returned_after")
    assert b"276.1413" in letter.raw
    assert month.books_agree()
    before = month.everything()
    month.ach_returns(month.comes_back(order, "R10", day="2003-12-01"), day="2003-12-02")
    assert month.everything() == before


def test_the_fee_of_the_terms_is_owed_too_once_shares_were_bought(store: Store, tmp_path: Path) -> None:
    month = BankMonth(store, tmp_path, plan_with(returned_payment_fee=Money.of("25")))
    month.holders(*(holder(number) for number in range(1, 6)))
    (order,) = month.debited(FIRST)
    month.buys_shares()
    month.ach_returns(month.comes_back(order, "R01", day="2003-12-01"), day="2003-12-01")
    assert month.balance(owed_account(registration_id(FIRST))) == -32_500
    assert month.balance(FEES) == 2_500
    assert month.books_agree()


def test_a_line_about_an_entry_that_we_never_sent_goes_to_staff_and_the_rest_is_taken(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    row = month.comes_back(order, "R02")
    stranger = replace(row, trace="091000010999999")
    report = month.ach_returns(stranger, row)
    assert (report.taken_back, report.for_staff) == (1, 1)
    (notice,) = month.letters("ir@", "notices/cycle_needs_person")
    assert b"091000010999999" in notice.raw


def test_a_return_of_another_amount_is_for_staff(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    report = month.ach_returns(replace(month.comes_back(order, "R02"), amount=Money.of("299.99")))
    assert (report.taken_back, report.for_staff) == (0, 1)
    assert month.payment_of(order).state.value == "UNCOLLECTED"
    assert month.ach_returns(month.comes_back(order, "R02"), day="2003-11-12").taken_back == 1


def test_a_prenote_that_comes_back_ends_what_it_tested(month: BankMonth) -> None:
    month.asks_for_deduction(FIRST, "300")
    month.asks_for_deduction(SECOND, "300")
    for account in (FIRST, SECOND):
        month.authorises(account)
    file = month.file(month.debits().file)
    answers = dict(zip((debit.trace for debit in file.debits), (Returned("R03"), Returned("R16")), strict=True))
    report = month.nacha_returns("ach_debits-000001.ach", answers, at("2003-11-10"))
    assert (report.prenotes, report.for_staff) == (2, 1)
    statuses = {month.deduction(FIRST).status, month.deduction(SECOND).status}
    assert statuses == {DeductionStatus.REVOKED, DeductionStatus.PAUSED}
    month.collects("2003-11-20")
    assert {month.deduction(FIRST).status, month.deduction(SECOND).status} == statuses, "no time makes it active"


def test_returns_in_nacha_form_do_the_same_and_are_taken_once(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    made = at("2003-11-10", "17:05")
    answers = {month.entry_of(order).trace: Returned("R02")}
    report = month.nacha_returns("ach_debits-000001.ach", answers, made)
    assert (report.lines, report.dollars, report.taken_back) == (1, Money.of("300"), 1)
    assert month.payment_of(order).returned_on == date(2003, 11, 10)
    assert month.books_agree()
    before = month.everything()
    with pytest.raises(BadFile, match="was loaded before"):
        month.nacha_returns("ach_debits-000001.ach", answers, made)
    later = month.nacha_returns("ach_debits-000001.ach", answers, at("2003-11-12", "17:05"))
    assert (later.repeated, month.everything() == before) == (1, True)


def test_entries_of_another_program_at_the_same_bank_are_left_alone(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    path = month.folder / "others.ach"
    content = month.returns_of("ach_debits-000001.ach", {month.entry_of(order).trace: Returned("R02")})
    trace = month.entry_of(order).trace
    path.write_bytes(content.replace(b"1999999999", b"1888888888").replace(trace.encode(), b"091000015555555"))
    report = load_nacha_returns(month.office, path, at("2003-11-10"))
    assert (report.of_others, report.taken_back, report.for_staff) == (1, 0, 0)


@pytest.mark.parametrize("content", [b"101 nothing else", b"", b"\xff\xfe\x00"])
def test_a_file_that_is_no_nacha_file_is_refused_whole(month: BankMonth, content: bytes) -> None:
    path = month.folder / "garbled.ach"
    path.write_bytes(content)
    before = month.everything()
    with pytest.raises(BadFile):
        load_nacha_returns(month.office, path, at("2003-11-10"))
    assert month.everything() == before


def test_a_corrected_bank_account_is_used_from_then_on_without_a_hold_or_a_prenote(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    trace = month.entry_of(order).trace
    report = month.nacha_returns(
        "ach_debits-000001.ach", {trace: Changed("C06", f"{'1112223334':<20}37")}, at("2003-11-10")
    )
    assert (report.corrected, report.taken_back) == (1, 0)
    with month.store.reading() as tx:
        payee = tx.registrations.payee(registration_id(FIRST))
        found = tx.registrations.by_account_number(FIRST)
    used = bank_account(KEYS, payee)
    assert used is not None
    assert (used.account, used.account_type) == ("1112223334", AccountType.SAVINGS)
    assert "1112223334" not in payee.bank, "it is sealed"
    assert found is not None
    assert found.sales_held_until is None
    assert month.deduction(FIRST).prenoted_on == date(2003, 10, 15)
    (notice,) = month.letters("ir@", "notices/cycle_needs_person")
    assert b"1112223334" not in notice.raw
    before = month.everything()
    again = month.nacha_returns(
        "ach_debits-000001.ach", {trace: Changed("C06", f"{'1112223334':<20}37")}, at("2003-11-12")
    )
    assert (again.repeated, month.everything() == before) == (1, True)


def test_a_change_of_a_name_is_for_staff_and_changes_no_bank_account(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    trace = month.entry_of(order).trace
    report = month.nacha_returns("ach_debits-000001.ach", {trace: Changed("C04", "SOMEBODY ELSE")}, at("2003-11-10"))
    assert (report.corrected, report.for_staff) == (0, 1)


def test_a_correction_of_an_account_that_was_changed_since_is_for_staff(month: BankMonth) -> None:
    (order,) = month.debited(FIRST)
    trace = month.entry_of(order).trace
    month.holders(holder(1, bank_account="99887766"), *(holder(number) for number in range(2, 6)))
    report = month.nacha_returns("ach_debits-000001.ach", {trace: Changed("C01", "1112223334")}, at("2003-11-10"))
    assert (report.corrected, report.for_staff) == (0, 1)
