"""A month whose close never came: its purchases are put off, its money and its sales are not lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.holders_import import registration_id
from bot.month import aside, closes, sales, trial
from bot.month.office import StepRefused
from handlers.plan.accounts import Hold
from handlers.plan.cycle import CycleState
from handlers.plan.money import Money, Shares
from storage.ledger import plan_account
from storage.store import Store
from tests.month.dumps import dump
from tests.month.playing import NOVEMBER, Month, at, check, holder

DECEMBER = "2003-12"
OVER = at("2003-11-20", "00:00")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    """Pricing is held for want of one close; two orders are paid, one is not, one holder has died."""
    played = Month(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    for number, dollars in ((1, "400"), (2, "10000"), (3, "300"), (4, "300")):
        played.buys(f"CST-3000{number}", dollars)
    played.sells("CST-30005", "10")
    played.lockbox(check("CST-30001", "400"), check("CST-30002", "10000"), check("CST-30004", "300"))
    with store.transaction() as tx:
        tx.reported_holds.report(registration_id("CST-30004"), Hold.DEATH_REPORTED, "test", at("2003-11-12"))
    played.lock()
    played.prices("1.12", "1.15")
    closes.hold_pricing(played.office, NOVEMBER, "test", at("2003-11-18", "00:00"))
    return played


def state_of(month: Month, number: str = NOVEMBER) -> CycleState:
    with month.store.reading() as tx:
        cycle = tx.cycles.of(number)
    assert cycle is not None
    return cycle.state


def test_money_waits_for_the_next_month_and_buys_there(month: Month) -> None:
    report = aside.defer(month.office, NOVEMBER, "Olive", OVER)
    assert (report.orders, report.waiting, report.missing) == (2, Money.of("10400"), (date(2003, 11, 17),))
    assert state_of(month) is CycleState.DEFERRED
    assert month.balance(plan_account(registration_id("CST-30001"))) == 40_000
    assert month.books_agree()
    for address in ("holder1@", "holder2@"):
        (letter,) = month.letters(address, "month/deferred")
        assert b"December 17, 2003" in letter.raw
    assert len(month.letters("holder3@", "month/order_expired")) == 1
    assert month.letters("holder4@") == []
    month.lockbox(day="2003-12-10")
    month.lock(DECEMBER)
    month.prices("1.12", "1.15", "1.09", number=DECEMBER)
    month.to_approval(DECEMBER)
    assert month.allot(DECEMBER).shares == Shares.of("368.1885") + Shares.of("9204.7128")
    assert month.books_agree()


def test_sales_go_their_own_way(month: Month) -> None:
    aside.defer(month.office, NOVEMBER, "Olive", OVER)
    sent = sales.send_batch(month.office, NOVEMBER, "test", OVER)
    assert sent is not None
    assert sent.rows == 1


def test_nothing_is_put_off_while_a_close_may_still_come(month: Month) -> None:
    with pytest.raises(StepRefused, match="can be deferred from 2003-11-20 on"):
        aside.defer(month.office, NOVEMBER, "Olive", at("2003-11-19", "23:59"))
    for name, time in (("Olive", "10:00"), ("Peter", "10:01")):
        closes.enter_close(
            month.office, date(2003, 11, 17), Money.of("1.09").dollars, "paper", name, at("2003-11-19", time)
        )
    with pytest.raises(StepRefused, match="every close of cycle 2003-11 is there; price it"):
        aside.defer(month.office, NOVEMBER, "Olive", OVER)
    assert state_of(month) is CycleState.PRICING_HELD


def test_a_dry_run_puts_nothing_off_and_what_is_put_off_stays_so(month: Month) -> None:
    before = dump(month.store, month.folder)
    told = aside.defer(month.office, NOVEMBER, "Olive", OVER, dry_run=True)
    assert dump(month.store, month.folder) == before
    assert aside.defer(month.office, NOVEMBER, "Olive", OVER) == told
    with pytest.raises(StepRefused, match="is DEFERRED; what can be done now is: nothing"):
        aside.defer(month.office, NOVEMBER, "Olive", OVER)
    with pytest.raises(StepRefused, match="nothing of cycle 2003-11 can be undone"):
        trial.undo(month.office, NOVEMBER, "Olive", "too late", OVER)
