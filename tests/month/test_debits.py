"""The month's debits: whom they take from and how much, the file that says so, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.exchange_files import FileInTheWay
from bot.holders_import import registration_id
from bot.month import authorisations, reminders
from bot.month.debits import send_debits
from bot.month.office import StepRefused
from handlers.plan.accounts import DeductionStatus, Hold
from handlers.plan.money import Money
from handlers.plan.states import StateEntry, StateStatus
from storage.ledger import PAYERS_DEBIT, plan_account
from storage.store import Store
from storage.tables import acknowledgements
from tests.month.banking import LEAVES, SETTLES, BankMonth
from tests.month.playing import NOVEMBER, at, check, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"
DECEMBER = "2003-12"


@pytest.fixture
def month(store: Store, tmp_path: Path) -> BankMonth:
    played = BankMonth(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def test_a_signed_form_lets_a_deduction_be_tested_before_it_debits(month: BankMonth) -> None:
    month.asks_for_deduction(FIRST, "300")
    done = authorisations.authorise(month.office, FIRST, "Olive", "box 4, sheet 12", at("2003-11-05"))
    assert (done.account, done.status) == ("****0001", "PRENOTE")
    before = month.everything()
    assert authorisations.authorise(month.office, FIRST, "Olive", "again", at("2003-11-05")) == done
    assert month.everything() == before
    report = month.debits()
    assert (report.debits, report.prenotes) == (0, 1)
    (prenote,) = month.file(report.file).debits
    assert prenote.is_prenote
    assert month.deduction(FIRST).prenoted_on == SETTLES
    month.collects("2003-11-12")
    assert month.deduction(FIRST).status is DeductionStatus.PRENOTE, "the second banking session after it"
    month.collects("2003-11-13")
    assert month.deduction(FIRST).status is DeductionStatus.ACTIVE, "the third: 10, 12 and 13 November"
    december = send_debits(month.office, DECEMBER, "test", at("2003-12-05"))
    assert (december.debits, december.dollars, december.prenotes) == (1, Money.of("300"), 0)
    assert month.books_agree()


@pytest.mark.parametrize(
    ("ask", "changes", "why"),
    [
        pytest.param(False, {}, "asked for no automatic deduction", id="nothing asked for"),
        pytest.param(True, {"bank_routing": "", "bank_account": ""}, "no bank account", id="no bank account"),
        pytest.param(True, {"name": "Ганна Перес"}, "no bank account that can be debited", id="a name no bank spells"),
    ],
)
def test_a_form_is_refused_where_nothing_can_be_debited(
    month: BankMonth, *, ask: bool, changes: dict[str, str], why: str
) -> None:
    month.holders(*(holder(number, **(changes if number == 1 else {})) for number in range(1, 6)))
    if ask:
        month.asks_for_deduction(FIRST, "300")
    with pytest.raises(StepRefused, match=why):
        authorisations.authorise(month.office, FIRST, "Olive", "F", at("2003-11-05"))


def test_a_form_is_refused_for_an_account_nobody_has_and_for_a_revoked_deduction(month: BankMonth) -> None:
    with pytest.raises(StepRefused, match="asked for no"):
        authorisations.authorise(month.office, "CST-99999", "Olive", "F", at("2003-11-05"))
    month.deducts(FIRST, "300")
    month.ends(FIRST)
    with pytest.raises(StepRefused, match="REVOKED"):
        authorisations.authorise(month.office, FIRST, "Olive", "F", at("2003-11-05"))


def test_debits_become_orders_payments_and_a_file_that_agree(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.deducts(SECOND, "450")
    single = month.orders_by_debit(SECOND, "1000")
    report = month.debits()
    assert (report.debits, report.dollars, report.settle_on) == (3, Money.of("1750"), SETTLES)
    file = month.file(report.file)
    assert file.total == Money.of("1750")
    assert file.effective == SETTLES
    assert [debit.trace[8:] for debit in file.debits] == ["0000001", "0000002", "0000003"]
    assert single in {debit.reference for debit in file.debits}
    assert month.books_agree()
    paid = month.payment_of(single)
    assert (paid.state.value, paid.received_at, paid.good_on) == (
        "FILED",
        at("2003-11-07", "00:00"),
        date(2003, 11, 17),
    )
    assert paid.return_risk_until == date(2004, 1, 6)
    assert month.balance(PAYERS_DEBIT) == 0, "nothing is received before its day"
    assert month.collects("2003-11-06").debits_received == 0
    assert month.collects("2003-11-07").debits_received == 3
    assert month.balance(PAYERS_DEBIT) == -175_000
    assert month.balance(plan_account(registration_id(SECOND))) == 145_000
    assert month.states_of([single]) == ["UNCOLLECTED"]
    assert month.books_agree()
    assert month.collects("2003-11-17").became_good == 3
    assert month.collects("2003-11-17") == type(month.collects("2003-11-17"))()


def test_a_second_run_changes_nothing_and_writes_no_second_file(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    first = month.debits()
    before = month.everything()
    again = month.debits()
    assert (again.file, again.debits) == (first.file, 1)
    assert month.everything() == before
    assert sorted(path.name for path in month.office.folder.iterdir()) == ["ach_debits-000001.ach"]


def test_a_month_without_debits_is_done_and_writes_no_file(month: BankMonth) -> None:
    assert month.debits().file == ""
    before = month.everything()
    assert month.debits().file == ""
    assert month.everything() == before
    assert not month.office.folder.exists()


def test_a_dry_run_tells_the_same_and_leaves_nothing(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    before = month.everything()
    report = send_debits(month.office, NOVEMBER, "test", at(LEAVES), dry_run=True)
    assert (report.debits, report.dollars, report.file) == (1, Money.of("300"), "")
    assert month.everything() == before
    assert not month.office.folder.exists()


class Crash(RuntimeError):
    """The power fails."""


def test_a_crash_between_the_file_and_its_record_meets_the_same_bytes(
    month: BankMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.deducts(FIRST, "300")
    before = month.everything()

    def fails(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("storage.sent_files.SentFiles.keep_entries", fails)
        with pytest.raises(Crash):
            month.debits()
    written = (month.office.folder / "ach_debits-000001.ach").read_bytes()
    assert month.everything() == before
    report = send_debits(month.office, NOVEMBER, "test", at(LEAVES, "16:45"))
    assert (month.office.folder / report.file).read_bytes() == written
    assert month.books_agree()


def test_another_file_in_the_way_stops_the_debits(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.office.folder.mkdir(parents=True)
    (month.office.folder / "ach_debits-000001.ach").write_text("something else", encoding="utf-8")
    before = month.everything()
    with pytest.raises(FileInTheWay):
        month.debits()
    assert month.everything() == before


@pytest.mark.parametrize(
    ("day", "why"),
    [
        pytest.param("2003-11-05", "leave on 2003-11-06", id="the day before"),
        pytest.param("2003-11-12", "settle on 2003-11-13, after the cut-off", id="too late for the cut-off"),
        pytest.param("2003-11-13", "is past", id="after the cut-off"),
    ],
)
def test_debits_leave_in_time_or_not_at_all(month: BankMonth, day: str, why: str) -> None:
    month.deducts(FIRST, "300")
    with pytest.raises(StepRefused, match=why):
        month.debits(day)


def test_debits_that_are_late_still_leave_while_their_money_comes_in_time(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    assert month.debits("2003-11-10").settle_on == date(2003, 11, 12), "11 November is a bank holiday"


def test_without_the_settings_of_the_bank_nobody_is_debited(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    office = replace(month.office, originator=None)
    with pytest.raises(StepRefused, match="ach_bank_routing"):
        send_debits(office, NOVEMBER, "test", at(LEAVES))


def test_a_deduction_gives_way_to_what_its_taxpayer_ordered_or_paid(month: BankMonth) -> None:
    month.deducts(FIRST, "3000")
    month.buys(FIRST, "8000", day="2003-11-05")
    report = month.debits()
    assert report.dollars == Money.of("2000")
    month.lockbox(check(FIRST, "8000"))
    month.collects("2003-11-12")
    locked = month.lock()
    assert (locked.accepted, locked.returned) == (Money.of("10000"), Money.of("0"))


def test_a_check_that_brought_more_than_was_ordered_counts_as_it_is(month: BankMonth) -> None:
    month.deducts(FIRST, "3000")
    month.buys(FIRST, "1000", day="2003-11-05")
    month.lockbox(check(FIRST, "9500", "2003-11-05 10:00"), day="2003-11-05")
    assert month.debits().dollars == Money.of("500")


def test_several_accounts_of_one_taxpayer_share_one_maximum(month: BankMonth) -> None:
    same = {"taxpayer_id": "900-00-0001"}
    month.holders(holder(1), holder(2, **same), *(holder(number) for number in range(3, 6)))
    month.deducts(FIRST, "7000")
    month.deducts(SECOND, "7000")
    assert month.debits().dollars == Money.of("10000")


def test_nothing_is_debited_where_the_maximum_is_reached(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.buys(FIRST, "10000", day="2003-11-05")
    report = month.debits()
    assert (report.debits, report.left_out) == (0, {"NOTHING_LEFT": 1})


@pytest.mark.parametrize(("other", "debits"), [("", 0), ("200", 1)])
def test_a_deduction_under_the_minimum_needs_other_payments(month: BankMonth, other: str, debits: int) -> None:
    month.deducts(FIRST, "100")
    if other:
        month.buys(FIRST, other, day="2003-11-05")
    assert month.debits().debits == debits


def test_who_cannot_be_debited_is_told_once_and_staff_get_the_count(month: BankMonth) -> None:
    month.holders(
        holder(1, prospectus=""),
        holder(2, state="OH"),
        holder(3, hold="LEGAL_HOLD"),
        holder(4, prospectus=""),
        holder(5, bank_account="", bank_routing=""),
    )
    for number in range(1, 5):
        month.deducts(f"CST-3000{number}", "300")
    with month.store.transaction() as tx:
        tx.connection.execute(
            delete(acknowledgements).where(acknowledgements.c.registration_id == registration_id(FIRST))
        )
        tx.states.record([StateEntry("OH", StateStatus.CLOSED, date(2003, 11, 6))], "for the test", at("2003-11-06"))
        tx.reported_holds.report(registration_id("CST-30004"), Hold.DEATH_REPORTED, "test", at("2003-11-05"))
    report = month.debits()
    assert report.debits == 0
    assert month.letters("holder1@", "_shared/refused")
    assert month.letters("holder2@", "month/deduction_stopped")
    assert month.deduction(SECOND).status is DeductionStatus.REVOKED
    assert month.letters("holder3@", "_shared/refused")
    assert not month.letters("holder4@", "_shared/refused"), "nothing is written to the address of who has died"
    (notice,) = month.letters("ir@", "notices/cycle_needs_person")
    assert b"ACCOUNT_ON_HOLD" in notice.raw
    count = len(month.letters())
    month.debits()
    assert len(month.letters()) == count


def test_a_single_purchase_by_debit_needs_an_authorised_deduction(month: BankMonth) -> None:
    month.orders_by_debit(FIRST, "500")
    assert month.debits().left_out == {"NOT_AUTHORISED": 1}


def test_another_bank_account_is_tested_again_before_it_is_debited(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.holders(holder(1, bank_account="99887766"), *(holder(number) for number in range(2, 6)))
    report = month.debits()
    assert (report.debits, report.prenotes, report.left_out) == (0, 1, {"NOT_TESTED_YET": 1})
    (prenote,) = month.file(report.file).debits
    assert prenote.account == "99887766"
    assert month.deduction(FIRST).status is DeductionStatus.PRENOTE


def test_the_same_holders_file_again_tests_nobody_anew(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.holders(*(holder(number) for number in range(1, 6)))
    assert month.debits().debits == 1


def test_an_order_that_was_canceled_once_its_debit_left_goes_back_collected(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    single = month.orders_by_debit(FIRST, "500")
    month.debits()
    month.cancels(single)
    assert month.collects("2003-11-07").going_back == 1
    assert month.payment_of(single).state.value == "REFUND_PENDING"
    assert month.books_agree()
    assert month.refunds("2003-11-14").refunds == 0, "not before it is collected"
    assert month.refunds("2003-11-17").dollars == Money.of("500")
    assert month.books_agree()


def test_the_lock_counts_debits_that_settled_though_nobody_looked_before(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits()
    month.lockbox(check(SECOND, "250"))
    locked = month.lock()
    assert (locked.orders, locked.accepted) == (2, Money.of("550"))
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()
    assert month.states_of([month.deduction_order(FIRST)]) == ["ALLOTTED"]
    assert month.books_agree()


def test_debits_are_advised_first_and_where_they_differ_and_checks_reminded(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    order = month.buys(SECOND, "250", day="2003-11-05")
    early = at("2003-11-05", "16:59")
    with pytest.raises(StepRefused, match="2003-11-05 17:00"):
        reminders.remind(month.office, NOVEMBER, "test", early)
    due = at("2003-11-05", "17:00")
    done = reminders.remind(month.office, NOVEMBER, "test", due)
    assert (done.advised, done.reminded) == (1, 1)
    (advice,) = month.letters("holder1@", "month/deduction_advice")
    assert b"$300.00" in advice.raw
    (reminder,) = month.letters("holder2@", "month/reminder")
    assert order.encode() in reminder.raw
    before = month.everything()
    reminders.remind(month.office, NOVEMBER, "test", due)
    assert month.everything() == before


def test_a_usual_debit_is_not_advised_again(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits()
    month.collects("2003-11-07")
    done = reminders.remind(month.office, DECEMBER, "test", at("2003-12-04"))
    assert (done.advised, done.reminded) == (0, 0)


def test_a_debit_that_shrinks_is_advised_with_what_it_will_be(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    month.debits()
    month.buys(FIRST, "9800", number=DECEMBER, day="2003-12-03")
    done = reminders.remind(month.office, DECEMBER, "test", at("2003-12-04"))
    assert (done.advised, done.reminded) == (1, 1)
    (advice,) = month.letters("holder1@", "month/deduction_advice")
    assert b"$200.00" in advice.raw


def test_debits_of_two_months_never_share_a_trace_number(month: BankMonth) -> None:
    month.deducts(FIRST, "300")
    november = month.file(month.debits().file).debits
    report = send_debits(month.office, DECEMBER, "test", at("2003-12-05"))
    december = month.file(report.file).debits
    assert {debit.trace for debit in november}.isdisjoint(debit.trace for debit in december)
    assert month.books_agree()
