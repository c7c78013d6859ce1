"""The trial run and its approvals: by two different people, of what still stands, and void once it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.holders_import import registration_id
from bot.month import allot, closes, trial
from bot.month.allot import BooksDisagree
from bot.month.office import StepRefused
from bot.month.status import due_of
from handlers.plan.accounts import Hold
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.money import Money, Price, Shares
from handlers.plan.payments import PaymentState
from storage.cycles import THE_PROGRAM, Cycle
from storage.ledger import PAYERS_CHECK, USD, Posting, plan_account
from storage.store import Store, Transaction
from tests.month.playing import NOVEMBER, Month, at, check, holder

EVENING = at("2003-11-17", "21:00")
MORNING = at("2003-11-18")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    """November priced at 1.0864, with two orders."""
    played = Month(store, tmp_path)
    played.holders(*(holder(number) for number in range(3, 5)))
    played.buys("CST-30003", "250")
    played.buys("CST-30004", "10000")
    played.lockbox(check("CST-30003", "250"), check("CST-30004", "10000"))
    played.lock()
    played.prices("1.12", "1.15", "1.09")
    closes.price(played.office, NOVEMBER, "test", EVENING)
    return played


def run(month: Month) -> trial.TrialReport:
    return trial.run_trial(month.office, NOVEMBER, "test", EVENING)


def approve(month: Month, name: str) -> tuple[str, ...]:
    return trial.approve(month.office, NOVEMBER, name, MORNING)


def cycle_of(month: Month) -> Cycle:
    with month.store.reading() as tx:
        found = tx.cycles.of(NOVEMBER)
    assert found is not None
    return found


def test_two_different_people_approve_what_the_trial_found(month: Month) -> None:
    report = run(month)
    assert (report.orders, report.reduced, report.is_short) == (2, 0, False)
    assert (report.allotted_units, report.invested_cents) == (2_301_178 + 92_047_128, 1_025_000)
    assert approve(month, "Olive") == ("Olive",)
    assert cycle_of(month).state is CycleState.TRIAL_RUN
    assert approve(month, "Peter") == ("Olive", "Peter")
    assert cycle_of(month).state is CycleState.APPROVED


@pytest.mark.parametrize(
    "spelled", ["Olive B. Stone", "olive b stone", " OLIVE  B.  STONE", "Olive-B. Stone", "\uff2flive B. Stone"]
)
def test_one_person_approves_once_however_the_name_is_spelled(spelled: str, month: Month) -> None:
    run(month)
    approve(month, "Olive B. Stone")
    with pytest.raises(StepRefused, match="approved this trial before; another person has to"):
        approve(month, spelled)


@pytest.mark.parametrize("name", ["", "  ", "...", THE_PROGRAM, "The  Program"])
def test_an_approval_is_a_persons(name: str, month: Month) -> None:
    run(month)
    with pytest.raises(StepRefused, match="an approval is a person’s"):
        approve(month, name)


def test_what_was_approved_before_an_undo_is_not_approved_after_it(month: Month) -> None:
    run(month)
    approve(month, "Olive")
    trial.undo(month.office, NOVEMBER, "Olive", "to look again", MORNING)
    run(month)
    assert approve(month, "Peter") == ("Peter",)
    assert cycle_of(month).state is CycleState.TRIAL_RUN
    assert approve(month, "Olive") == ("Peter", "Olive")


def test_a_step_can_be_undone_from_each_state_and_done_again(month: Month) -> None:
    run(month)
    approve(month, "Olive")
    approve(month, "Peter")
    found = []
    while cycle_of(month).state is not CycleState.OPEN:
        found.append(trial.undo(month.office, NOVEMBER, "Olive", "a test", MORNING))
        assert month.books_agree()
    assert found == [CycleState.TRIAL_RUN, CycleState.PRICED, CycleState.LOCKED, CycleState.OPEN]
    assert (cycle_of(month).price, cycle_of(month).available, cycle_of(month).accepted) == (None, None, None)
    with pytest.raises(StepRefused, match="nothing of cycle 2003-11 can be undone"):
        trial.undo(month.office, NOVEMBER, "Olive", "once too often", MORNING)
    month.lock()
    month.to_approval()
    assert month.allot().shares == Shares.of("9434.8306")
    with pytest.raises(StepRefused, match="or shares were allotted"):
        trial.undo(month.office, NOVEMBER, "Olive", "too late", MORNING)


def test_approvals_that_were_undone_need_the_trial_anew_and_the_refusal_says_how(month: Month) -> None:
    run(month)
    approve(month, "Olive")
    approve(month, "Peter")
    trial.undo(month.office, NOVEMBER, "Olive", "to look again", MORNING)
    with pytest.raises(StepRefused, match="void it with dspp cycle void 2003-11"):
        approve(month, "Peter")
    trial.void_approvals(month.office, NOVEMBER, "Olive", MORNING)
    run(month)
    assert approve(month, "Peter") == ("Peter",)


def close_differs(month: Month) -> None:
    for name in ("Olive", "Peter"):
        closes.enter_close(month.office, date(2003, 11, 17), Price.from_units(11_000).dollars, "a paper", name, MORNING)


def close_is_disputed(month: Month) -> None:
    closes.enter_close(month.office, date(2003, 11, 17), Price.from_units(11_000).dollars, "a paper", "Olive", MORNING)


def holder_dies(month: Month) -> None:
    with month.store.transaction() as tx:
        tx.reported_holds.report(registration_id("CST-30003"), Hold.DEATH_REPORTED, "test", MORNING)


def check_comes_back(month: Month) -> None:
    with month.store.transaction() as tx:
        bounce(tx, "CST-30003")


def bounce(tx: Transaction, account: str) -> None:
    """The bank takes a check back, and the order is dropped."""
    (payment,) = tx.payments.of_registration(registration_id(account))
    back = [
        Posting(plan_account(registration_id(account)), USD, -payment.amount.cents),
        Posting(PAYERS_CHECK, USD, payment.amount.cents),
    ]
    tx.ledger.post(f"return:{payment.id}", MORNING, "check returned", back)
    tx.payments.move(payment.id, payment.state, PaymentState.RETURNED, MORNING, returned_on=date(2003, 11, 18))


CHANGES = [
    pytest.param(holder_dies, id="a holder dies"),
    pytest.param(check_comes_back, id="a check comes back"),
    pytest.param(close_differs, id="two people correct a close"),
    pytest.param(close_is_disputed, id="one person disputes a close"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_the_trial_rests_on_may_not_change_before_the_allotment(
    change: Callable[[Month], None], month: Month
) -> None:
    run(month)
    approve(month, "Olive")
    approve(month, "Peter")
    change(month)
    with pytest.raises(StepRefused, match="rests on has changed; void it"):
        month.allot()
    with month.store.transaction() as tx:
        due = due_of(tx, month.office, cycle_of(month), month.purchase_morning())
    assert due[0].step is CycleStep.VOID_APPROVALS
    assert due[0].is_due
    trial.void_approvals(month.office, NOVEMBER, "test", MORNING)
    assert cycle_of(month).state is CycleState.PRICED


@pytest.mark.parametrize("change", CHANGES[:2])
def test_the_next_trial_leaves_out_whose_money_or_leave_is_gone(change: Callable[[Month], None], month: Month) -> None:
    run(month)
    change(month)
    trial.void_approvals(month.office, NOVEMBER, "test", MORNING)
    report = run(month)
    assert (report.counted_again, report.orders, report.accepted_cents) == (1, 1, 1_000_000)
    approve(month, "Olive")
    approve(month, "Peter")
    assert month.allot().shares == Shares.of("9204.7128")
    assert month.books_agree()


def test_a_close_that_was_corrected_needs_the_price_anew(month: Month) -> None:
    close_differs(month)
    with pytest.raises(StepRefused, match="the closes have changed, or are disputed, since cycle 2003-11 was priced"):
        run(month)
    trial.undo(month.office, NOVEMBER, "Olive", "a close was corrected", MORNING)
    assert closes.price(month.office, NOVEMBER, "test", MORNING) == Price.from_units(10_896)
    assert run(month).price == "1.0896"


def test_who_disputes_a_close_alone_can_take_it_back(month: Month) -> None:
    close_is_disputed(month)
    with month.store.transaction() as tx:
        assert not closes.is_price_of(tx, month.office, cycle_of(month))
    later, same = at("2003-11-18", "11:00"), Price.from_units(10_900).dollars
    closes.enter_close(month.office, date(2003, 11, 17), same, "a paper", "Olive", later)
    with month.store.transaction() as tx:
        assert closes.is_price_of(tx, month.office, cycle_of(month))


def test_a_payment_that_vanishes_between_two_pieces_stops_the_allotment(month: Month) -> None:
    run(month)
    approve(month, "Olive")
    approve(month, "Peter")
    with month.store.transaction() as tx:
        first, second = (one.registration_id for one in tx.month_orders.accepted(NOVEMBER))
        accounts = tx.registrations.account_numbers([second])
    stop_after_a_piece(month)
    with month.store.transaction() as tx:
        bounce(tx, accounts[second])
    with pytest.raises(BooksDisagree, match=r"was counted, but \$0\.00 is there"):
        month.allot()
    assert month.books_agree()
    assert month.balance(plan_account(first)) == 0


def stop_after_a_piece(month: Month) -> None:
    """Allot one order, as if the process had died then."""
    morning = month.purchase_morning()
    with month.store.transaction() as tx:
        assert allot._piece(tx, month.office, cycle_of(month), "test", morning, 1) is None


def test_the_report_says_what_the_allotment_then_does(month: Month) -> None:
    report = run(month)
    approve(month, "Olive")
    approve(month, "Peter")
    done = month.allot()
    assert (done.orders, done.shares.units) == (report.orders, report.allotted_units)
    assert (done.invested, done.refunded) == (Money.from_cents(report.invested_cents), Money.of("0"))
