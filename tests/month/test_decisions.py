"""What staff decide about money that waits for them, and what they may not wave through."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.audit import seal_all
from bot.holders_import import registration_id
from bot.month import decisions
from bot.month.office import StepRefused
from handlers.plan.accounts import Hold
from handlers.plan.money import Money
from handlers.plan.states import StateEntry, StateStatus
from storage.audit import AuditKind
from storage.ledger import UNMATCHED, plan_account, refunds_account
from storage.payments import Payment
from storage.store import Store
from tests.month.banking import BankMonth
from tests.month.playing import NOVEMBER, at, check, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"
DAY = at("2003-11-12", "16:00")
LATER = at("2003-11-14", "10:00")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> BankMonth:
    played = BankMonth(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def _waiting(month: BankMonth) -> Payment:
    (found,) = (one for one in month.payments() if one.state.value in {"HELD", "UNMATCHED"})
    return found


def test_a_check_of_nobody_known_is_given_to_its_account_and_invested(month: BankMonth) -> None:
    order = month.buys(FIRST, "500")
    month.lockbox(check("CST-99999", "500"))
    waiting = _waiting(month)
    done = decisions.match_payment(month.office, waiting.id, FIRST, "Olive", "she called", DAY)
    assert (done.state, done.order) == ("UNCOLLECTED", order), "the order that waits for a check"
    assert month.balance(UNMATCHED) == 0
    assert month.balance(plan_account(registration_id(FIRST))) == 50_000
    assert month.books_agree()
    before = month.everything()
    with pytest.raises(StepRefused, match="UNCOLLECTED"):
        decisions.match_payment(month.office, waiting.id, FIRST, "Olive", "she called", DAY)
    assert month.everything() == before
    assert month.lock().accepted == Money.of("500")


def test_money_of_somebody_in_a_closed_state_is_matched_and_held(month: BankMonth) -> None:
    _close(month, "MI")
    month.lockbox(check("CST-99999", "500"))
    waiting = _waiting(month)
    done = decisions.match_payment(month.office, waiting.id, FIRST, "Olive", "she called", DAY)
    assert (done.state, done.reason) == ("HELD", "STATE_CLOSED")
    assert month.books_agree()
    before = month.everything()
    again = decisions.match_payment(month.office, waiting.id, FIRST, "Olive", "she called", DAY)
    assert (again, month.everything() == before) == (done, True)


def test_what_stands_against_the_holder_is_nobodys_to_wave_through(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"))
    waiting = _waiting(month)
    assert waiting.reason == "THIRD_PARTY_PAYER"
    _close(month, "MI")
    before = month.everything()
    with pytest.raises(StepRefused, match="STATE_CLOSED"):
        decisions.release_payment(month.office, waiting.id, "Olive", "known to us", DAY)
    assert month.everything() == before


def test_a_released_check_is_an_order_of_the_month_of_its_receipt(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"))
    waiting = _waiting(month)
    done = decisions.release_payment(month.office, waiting.id, "Olive", "her husband", DAY)
    assert (done.state, done.purchase_date) == ("UNCOLLECTED", "2003-11-19")
    assert month.payment_of(done.order).reason == ""
    before = month.everything()
    with pytest.raises(StepRefused, match="nothing is to be decided"):
        decisions.release_payment(month.office, waiting.id, "Olive", "her husband", DAY)
    assert month.everything() == before
    assert month.lock().accepted == Money.of("500")
    assert month.books_agree()


def test_a_check_released_after_the_lock_counts_for_the_next_open_month(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"), check(THIRD, "250"))
    waiting = _waiting(month)
    month.lock()
    done = decisions.release_payment(month.office, waiting.id, "Olive", "her husband", LATER)
    assert done.purchase_date == "2003-12-17"
    with month.store.reading() as tx:
        accepted = list(tx.month_orders.accepted(NOVEMBER))
        order = tx.orders.purchase(done.order)
    assert len(accepted) == 1
    assert order is not None
    assert order.purchase_date == date(2003, 12, 17)
    assert month.books_agree()


def test_an_order_held_at_the_lock_goes_on_in_the_next_month(month: BankMonth) -> None:
    order = month.buys(FIRST, "500")
    month.lockbox(check(FIRST, "500"), check(THIRD, "250"))
    with month.store.transaction() as tx:
        tx.reported_holds.report(registration_id(FIRST), Hold.DEATH_REPORTED, "test", DAY)
    month.lock()
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()
    assert month.states_of([order]) == ["HELD"]
    held = _waiting(month)
    after = at("2003-11-20")
    with pytest.raises(StepRefused, match="ACCOUNT_ON_HOLD"):
        decisions.release_payment(month.office, held.id, "Olive", "alive", after)
    with month.store.transaction() as tx:
        tx.reported_holds.release(registration_id(FIRST), "Olive", "alive", after)
    done = decisions.release_payment(month.office, held.id, "Olive", "alive", after)
    assert (done.order, done.purchase_date) == (order, "2003-12-17")
    assert month.states_of([order]) == ["UNCOLLECTED"]
    assert month.books_agree()


def test_a_held_check_is_given_back_with_the_reason(month: BankMonth) -> None:
    _close(month, "MI")
    month.lockbox(check(FIRST, "500"))
    waiting = _waiting(month)
    done = decisions.refund_payment(month.office, waiting.id, "Olive", "closed", DAY)
    assert done.state == "REFUND_PENDING"
    assert month.balance(refunds_account(registration_id(FIRST))) == 50_000
    assert month.books_agree()
    assert month.refunds("2003-11-18").refunds == 1
    (letter,) = month.letters("holder1@", "month/refund_sent")
    assert b"cannot be offered in your state" in letter.raw
    assert month.books_agree()
    with pytest.raises(StepRefused, match="REFUNDED"):
        decisions.refund_payment(month.office, waiting.id, "Olive", "closed", DAY)


@pytest.mark.parametrize("decide", [decisions.release_payment, decisions.refund_payment])
def test_money_of_nobody_known_is_matched_first(month: BankMonth, decide: decisions.Act) -> None:
    month.lockbox(check("CST-99999", "500"))
    with pytest.raises(StepRefused, match="say whose it is first"):
        decide(month.office, _waiting(month).id, "Olive", "why not", DAY)


@pytest.mark.parametrize("decide", [decisions.release_payment, decisions.refund_payment])
def test_a_check_in_another_currency_is_neither_invested_nor_refunded_in_dollars(
    month: BankMonth, decide: decisions.Act
) -> None:
    month.lockbox(check(FIRST, "500", currency="CAD"))
    with pytest.raises(StepRefused, match=r"no U\.S\. dollars"):
        decide(month.office, _waiting(month).id, "Olive", "why not", DAY)


def test_what_is_not_there_is_refused(month: BankMonth) -> None:
    with pytest.raises(StepRefused, match="there is no payment pay-X"):
        decisions.release_payment(month.office, "pay-X", "Olive", "why not", DAY)
    month.lockbox(check("CST-99999", "500"))
    with pytest.raises(StepRefused, match="CST-88888"):
        decisions.match_payment(month.office, _waiting(month).id, "CST-88888", "Olive", "why not", DAY)


def test_a_dry_run_decides_nothing(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"))
    before = month.everything()
    done = decisions.release_payment(month.office, _waiting(month).id, "Olive", "known", DAY, dry_run=True)
    assert (done.state, month.everything() == before) == ("UNCOLLECTED", True)


def test_who_decided_and_why_is_kept(month: BankMonth) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"))
    waiting = _waiting(month)
    decisions.release_payment(month.office, waiting.id, "Olive", "her husband signed", DAY)
    seal_all(month.store)
    with month.store.reading() as tx:
        (record,) = tx.audit.page(None, 10, about=f"payment:{waiting.id}")
    assert (record.kind, record.actor) == (AuditKind.STAFF_ACT.value, "staff: Olive")
    assert record.facts["before"] == "HELD"


def _close(month: BankMonth, state: str) -> None:
    with month.store.transaction() as tx:
        tx.states.record([StateEntry(state, StateStatus.CLOSED, date(2003, 11, 5))], "for the test", DAY)
