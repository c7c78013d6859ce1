"""Refunds: once collected, once a day, once a letter, and never to an account that is frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.exchange_files import FileInTheWay
from bot.files.layout import read_rows
from bot.files.to_bank import REFUND_CHECKS
from bot.holders_import import registration_id
from bot.month.letter_facts import RefundReason
from bot.month.refunds import REASONS, send_refunds
from handlers.plan.acceptance import AcceptanceReason
from handlers.plan.accounts import Hold
from handlers.plan.money import Money
from storage.ledger import REFUNDED, refunds_account
from storage.store import Store
from tests.month.banking import BankMonth
from tests.month.playing import at, check, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"


@pytest.fixture
def month(store: Store, tmp_path: Path) -> BankMonth:
    played = BankMonth(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def _allotted(month: BankMonth) -> None:
    month.lock()
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()
    assert month.books_agree()


def test_what_was_over_the_maximum_or_under_the_minimum_leaves_by_file(month: BankMonth) -> None:
    over = month.buys(FIRST, "10000")
    month.lockbox(check(FIRST, "10500"), check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    sent = month.refunds("2003-11-19")
    assert (sent.refunds, sent.dollars) == (2, Money.of("700"))
    _, rows = read_rows(month.office.folder / sent.file, REFUND_CHECKS)
    assert {row.account: (row.amount, row.reason) for row in rows} == {
        FIRST: (Money.of("500"), RefundReason.OVER_MAXIMUM.value),
        SECOND: (Money.of("200"), RefundReason.UNDER_MINIMUM.value),
    }
    assert month.balance(REFUNDED) == 70_000
    states = {payment.registration_id: payment.state.value for payment in month.payments()}
    assert states[registration_id(FIRST)] == "INVESTED"
    assert states[registration_id(SECOND)] == "REFUNDED"
    assert month.states_of([over]) == ["ALLOTTED"], "only a part of it went back"
    (letter,) = month.letters("holder2@", "month/refund_sent")
    assert b"$200.00" in letter.raw
    assert month.books_agree()


def test_a_second_run_on_the_day_sends_nothing_more(month: BankMonth) -> None:
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    first = month.refunds("2003-11-19")
    before = month.everything()
    assert month.refunds("2003-11-19") == first
    assert month.everything() == before
    assert month.refunds("2003-11-20").refunds == 0
    assert month.everything() == before


def test_a_check_goes_back_only_once_it_is_collected(month: BankMonth) -> None:
    order = month.buys(FIRST, "500")
    month.lockbox(check(FIRST, "500", "2003-11-10 10:00"))
    month.cancels(order)
    assert month.collects("2003-11-12").going_back == 1
    assert month.collects("2003-11-12").going_back == 0
    assert month.refunds("2003-11-17").refunds == 0
    assert month.refunds("2003-11-18").refunds == 1, "12, 13, 14, 17 and 18 November"
    (letter,) = month.letters("holder1@", "month/refund_sent")
    assert b"You canceled the order." in letter.raw
    assert month.states_of([order]) == ["CANCELLED"]
    assert month.books_agree()


def test_an_order_of_which_all_goes_back_is_refunded(month: BankMonth) -> None:
    order = month.buys(SECOND, "200")
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    assert month.states_of([order]) == ["REFUND_PENDING"]
    month.refunds("2003-11-19")
    assert month.states_of([order]) == ["REFUNDED"]


def test_a_refund_to_a_frozen_account_stays_until_it_is_released(month: BankMonth) -> None:
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    with month.store.transaction() as tx:
        tx.reported_holds.report(registration_id(SECOND), Hold.DEATH_REPORTED, "test", at("2003-11-18"))
    sent = month.refunds("2003-11-19")
    assert (sent.refunds, sent.kept_back, sent.file) == (0, 1, "")
    assert month.balance(refunds_account(registration_id(SECOND))) == 20_000
    with month.store.transaction() as tx:
        tx.reported_holds.release(registration_id(SECOND), "Olive", "all is well", at("2003-11-19"))
    assert month.refunds("2003-11-19").refunds == 1
    assert month.books_agree()


class Crash(RuntimeError):
    """The power fails."""


def test_a_crash_before_the_record_meets_the_same_file_again(month: BankMonth, monkeypatch: pytest.MonkeyPatch) -> None:
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    before = month.everything()

    def fails(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("storage.payments.Payments.refunds_left", fails)
        with pytest.raises(Crash):
            month.refunds("2003-11-19")
    assert month.everything() == before
    (written,) = month.office.folder.glob("refund_checks-*")
    content = written.read_bytes()
    assert month.refunds("2003-11-19").file == written.name
    assert written.read_bytes() == content
    assert month.books_agree()


def test_another_file_in_the_way_stops_the_refunds(month: BankMonth) -> None:
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    month.office.folder.mkdir(parents=True, exist_ok=True)
    (month.office.folder / "refund_checks-000001.csv").write_text("something else", encoding="utf-8")
    before = month.everything()
    with pytest.raises(FileInTheWay):
        month.refunds("2003-11-19")
    assert month.everything() == before


def test_a_dry_run_leaves_nothing(month: BankMonth) -> None:
    month.lockbox(check(SECOND, "200"), check(THIRD, "250"))
    _allotted(month)
    before = month.everything()
    told = send_refunds(month.office, "test", at("2003-11-19", "15:00"), dry_run=True)
    assert (told.refunds, told.dollars, told.file) == (1, Money.of("200"), "")
    assert month.everything() == before


def test_every_reason_of_the_lock_has_words() -> None:
    said = {reason: REASONS[reason.name] for reason in AcceptanceReason if reason is not AcceptanceReason.IN_FULL}
    assert set(said.values()) == {RefundReason.OVER_MAXIMUM, RefundReason.UNDER_MINIMUM}
