"""The limit runs short, with the plan's worked numbers; and what becomes of orders that take no part in a purchase."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.files.from_transfer_agent import IssuanceAcknowledgementRow
from bot.holders_import import registration_id
from bot.month import issue
from bot.month.status import facts_of, is_exhausted
from handlers.plan.cycle import CycleState
from handlers.plan.money import Shares
from storage.cycles import Cycle
from storage.ledger import OUTSIDE, SHARE, UNISSUED, Posting, refunds_account
from storage.store import Store
from tests.month.changed_terms import plan_with
from tests.month.playing import NOVEMBER, Month, at, check, holder

DECEMBER = "2003-12"


def month_with(store: Store, folder: Path, limit: str, **terms: object) -> Month:
    played = Month(store, folder, plan_with(aggregate_limit=Shares.of(limit), **terms))
    played.holders(*(holder(number) for number in range(1, 4)))
    return played


def cycle_of(month: Month, number: str = NOVEMBER) -> Cycle:
    with month.store.transaction() as tx:
        return tx.cycles.open(month.dates(number), at("2003-11-05"))


@pytest.fixture
def short(store: Store, tmp_path: Path) -> Month:
    """5,000 shares are left; $10,000, $5,000 and $250 are there; the price is 1.5682. The allotment is done."""
    month = month_with(store, tmp_path, "5000")
    for number, dollars in enumerate(("10000", "5000", "250"), start=1):
        month.buys(f"CST-3000{number}", dollars)
    month.lockbox(check("CST-30001", "10000"), check("CST-30002", "5000"), check("CST-30003", "250"))
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    report = month.to_approval()
    assert (report.price, report.is_short, report.exhausts, report.reduced) == ("1.5682", True, True, 3)
    month.allot()
    return month


def test_each_gets_its_part_of_what_is_left_and_the_rest_of_the_money_goes_back(short: Month) -> None:
    with short.store.reading() as tx:
        found = {one.registration_id: one for one in tx.month_orders.allotted(NOVEMBER)}
    expected = {
        "CST-30001": ("3278.6885", "5141.64", "4858.36"),
        "CST-30002": ("1639.3442", "2570.82", "2429.18"),
        "CST-30003": ("81.9671", "128.54", "121.46"),
    }
    for account, (shares, invested, refunded) in expected.items():
        one = found[registration_id(account)]
        assert (str(one.shares), str(one.invested), str(one.refunded)) == (shares, invested, refunded)
        assert short.balance(refunds_account(registration_id(account))) == one.refunded.cents
    assert -short.balance(UNISSUED, SHARE) == 49_999_998
    assert sum(one.demanded.units for one in found.values()) == 97_245_248
    assert short.books_agree()


def test_a_confirmation_of_a_reduced_order_says_both_figures(short: Month) -> None:
    short.issue()
    assert short.confirm().queued == 3
    (letter,) = short.letters("holder3@", "month/purchase_confirmation")
    assert b"81.9671" in letter.raw
    assert b"$128.54" in letter.raw
    assert b"$121.46" in letter.raw


def test_dust_is_left_and_the_program_is_exhausted_all_the_same(short: Month) -> None:
    november, december = cycle_of(short), cycle_of(short, DECEMBER)
    with short.store.transaction() as tx:
        assert is_exhausted(tx, short.office, december)
        assert not is_exhausted(tx, short.office, november)
        facts = facts_of(tx, short.office, december, at("2003-12-04"))
    assert facts.is_exhausted


def test_shares_that_come_back_end_the_exhaustion(short: Month) -> None:
    december = cycle_of(short, DECEMBER)
    lines = [Posting(UNISSUED, SHARE, 819_671), Posting(OUTSIDE, SHARE, -819_671)]
    with short.store.transaction() as tx:
        tx.ledger.post("reversal:test", at("2003-11-20"), "issue canceled", lines)
        assert not is_exhausted(tx, short.office, december)


def test_a_month_after_exhaustion_gives_everything_back_and_comes_to_its_end(short: Month) -> None:
    short.lockbox(check("CST-30003", "300", "2003-12-05 10:00"), day="2003-12-10")
    short.lock(DECEMBER)
    short.prices("1.58", "1.61", "1.66", number=DECEMBER)
    assert short.to_approval(DECEMBER).allotted_units == 0
    done = short.allot(DECEMBER)
    assert (done.shares, str(done.refunded)) == (Shares.of("0"), "300.00")
    assert issue.instruct(short.office, DECEMBER, "test", short.purchase_morning(DECEMBER)) == ()
    assert cycle_of(short, DECEMBER).state is CycleState.ISSUED
    assert short.confirm(DECEMBER).due == 0
    assert cycle_of(short, DECEMBER).state is CycleState.CONFIRMED
    assert short.books_agree()


def test_a_month_without_any_order_comes_to_its_end(store: Store, tmp_path: Path) -> None:
    month = month_with(store, tmp_path, "5000")
    month.lockbox()
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    month.to_approval()
    assert month.allot().orders == 0
    issue.instruct(month.office, NOVEMBER, "test", month.purchase_morning())
    month.confirm()
    assert cycle_of(month).state is CycleState.CONFIRMED


def test_exactly_enough_is_not_short(store: Store, tmp_path: Path) -> None:
    month = month_with(store, tmp_path, "159.4184")
    month.lockbox(check("CST-30003", "250"))
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    report = month.to_approval()
    assert (report.is_short, report.exhausts, report.reduced) == (False, True, 0)
    assert month.allot().shares == Shares.of("159.4184")
    assert month.books_agree()


def test_an_order_without_a_payment_expires_with_a_letter_once(store: Store, tmp_path: Path) -> None:
    month = month_with(store, tmp_path, "5000")
    order = month.buys("CST-30001", "400")
    month.lockbox(check("CST-30003", "250"))
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    month.to_approval()
    assert month.states_of([order]) == ["AWAITING_PAYMENT"]
    month.allot()
    assert month.states_of([order]) == ["EXPIRED"]
    (letter,) = month.letters("holder1@", "month/order_expired")
    assert letter.cause == f"expired:{order}"
    assert order.encode() in letter.raw


def test_money_that_is_good_too_late_goes_on_to_the_next_month_and_buys_there(store: Store, tmp_path: Path) -> None:
    month = month_with(store, tmp_path, "5000", good_funds_sessions=7)
    order = month.buys("CST-30001", "400")
    month.lockbox(check("CST-30001", "400", "2003-11-12 16:00"), check("CST-30003", "250", "2003-11-06 10:00"))
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    month.to_approval()
    month.allot()
    assert month.states_of([order]) == ["UNCOLLECTED"]
    (letter,) = month.letters("holder1@", "month/carried_forward")
    assert b"December 17, 2003" in letter.raw
    with month.store.reading() as tx:
        (payment,) = tx.payments.of_registration(registration_id("CST-30001"))
    assert payment.purchase_date == date(2003, 12, 17)
    month.issue()
    month.lockbox(day="2003-12-10")
    month.lock(DECEMBER)
    month.prices("1.58", "1.61", "1.66", number=DECEMBER)
    month.to_approval(DECEMBER)
    assert month.allot(DECEMBER).shares == Shares.of("255.0695")
    assert month.states_of([order]) == ["ALLOTTED"]
    assert month.books_agree()


def test_an_acknowledgement_that_comes_after_the_next_allotment_is_held_against_its_own_instruction(
    store: Store, tmp_path: Path
) -> None:
    month = month_with(store, tmp_path, "5000")
    month.lockbox(check("CST-30001", "400"))
    month.lock()
    month.prices("1.58", "1.61", "1.66")
    month.to_approval()
    month.allot()
    issue.instruct(month.office, NOVEMBER, "test", month.purchase_morning())
    month.lockbox(check("CST-30002", "400", "2003-12-05 10:00"), day="2003-12-10")
    month.lock(DECEMBER)
    month.prices("1.58", "1.61", "1.66", number=DECEMBER)
    month.to_approval(DECEMBER)
    month.allot(DECEMBER)
    acknowledge(month, "255.0695", "255.0695")
    assert cycle_of(month).state is CycleState.ISSUED


def acknowledge(month: Month, shares: str, cumulative: str) -> None:
    row = IssuanceAcknowledgementRow(NOVEMBER, date(2003, 11, 19), Shares.of(shares), Shares.of(cumulative), "TA-1")
    month.acknowledges(row)


@pytest.mark.parametrize(
    ("shares", "cumulative", "column"),
    [
        pytest.param("4999.9997", "4999.9998", "shares", id="a ten-thousandth fewer"),
        pytest.param("4999.9998", "5000", "cumulative", id="another sum"),
    ],
)
def test_an_acknowledgement_of_other_shares_is_refused(shares: str, cumulative: str, column: str, short: Month) -> None:
    issue.instruct(short.office, NOVEMBER, "test", short.purchase_morning())
    with pytest.raises(ValueError, match=rf"column {column}: .* is acknowledged, but 4999\.9998 was instructed"):
        acknowledge(short, shares, cumulative)
    assert cycle_of(short).state is CycleState.ALLOTTED
    acknowledge(short, "4999.9998", "4999.9998")
    assert cycle_of(short).state is CycleState.ISSUED


def test_an_acknowledgement_of_a_month_that_was_never_instructed_is_refused(short: Month) -> None:
    with pytest.raises(ValueError, match="no instruction for 2003-11 waits for an acknowledgement"):
        acknowledge(short, "4999.9998", "4999.9998")
