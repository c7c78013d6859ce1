"""November 2003 with the worked numbers of the plan: from checks to confirmations, the books equal after every step."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.holders_import import registration_id
from handlers.plan.cycle import CycleState
from handlers.plan.money import Money, Price, Shares
from storage.ledger import COMPANY, SHARE, UNISSUED, plan_account
from storage.store import Store
from tests.month.playing import NOVEMBER, Month, check, holder


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    played = Month(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def test_two_hundred_fifty_dollars_and_ten_thousand_buy_what_the_plan_says(month: Month) -> None:
    small, large = month.buys("CST-30001", "250"), month.buys("CST-30002", "10000")
    loaded = month.lockbox(check("CST-30001", "250"), check("CST-30002", "10000"))
    assert (loaded.matched, loaded.held, loaded.unmatched) == (2, 0, 0)
    assert month.books_agree()
    locked = month.lock()
    assert (locked.orders, locked.accepted) == (2, Money.of("10250"))
    month.prices("1.12", "1.15", "1.09")
    assert month.to_approval().price == "1.0864"
    assert month.books_agree()
    allotted = month.allot()
    assert allotted.shares == Shares.of("230.1178") + Shares.of("9204.7128")
    assert month.books_agree()
    assert month.balance(plan_account(registration_id("CST-30001")), SHARE) == 1_000_000 + 2_301_178
    assert month.balance(COMPANY) == 1_025_000
    assert -month.balance(UNISSUED, SHARE) == allotted.shares.units
    month.issue()
    report = month.confirm()
    assert (report.due, report.queued, report.by_post) == (2, 2, ())
    assert month.states_of([small, large]) == ["CONFIRMATION_SENT"] * 2
    with month.store.reading() as tx:
        cycle = tx.cycles.of(NOVEMBER)
    assert cycle is not None
    assert (cycle.state, cycle.price) == (CycleState.CONFIRMED, Price.from_units(10_864))
    letter = month.letters("holder1@", "month/purchase_confirmation")
    assert len(letter) == 1
    assert b"230.1178" in letter[0].raw
    assert month.books_agree()
