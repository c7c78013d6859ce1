"""The month's sale: what the broker may tell of a batch, what is paid, and what becomes of orders that sell nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.files.from_transfer_agent import FILLS, FillRow
from bot.files.layout import write_rows
from bot.holders_import import registration_id
from bot.month import sales
from bot.month.office import StepRefused
from bot.month.status import due_of
from bot.month.trial import sales_state
from handlers.contract import AcceptSale
from handlers.plan.accounts import Hold
from handlers.plan.cycle import CycleStep, SalesState
from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import Portion, SaleOrder
from storage.ledger import FEES, MARKET, PAID_OUT, SHARE, plan_account, proceeds_account
from storage.store import Store
from tests.month.changed_terms import plan_with
from tests.month.playing import NOVEMBER, Month, at, holder

DECEMBER = "2003-12"
PURCHASE_DATE = date(2003, 11, 19)
SETTLED = at("2003-11-24")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    """Two sellers of 100 shares each."""
    return sellers(Month(store, tmp_path), "100", "100")


def sellers(month: Month, *shares: str) -> Month:
    month.holders(*(holder(number) for number in range(1, 5)))
    for number, count in enumerate(shares, start=1):
        month.sells(f"CST-3000{number}", count)
    month.lockbox()
    month.lock()
    return month


def fills(month: Month, *pieces: tuple[str, str, str], batch: str = "B-2003-11", day: date = PURCHASE_DATE) -> Path:
    sequence = month.number("fills")
    path = month.folder / f"fills-{sequence}.csv"
    rows = [
        FillRow(batch, f"F{at_}", day, Shares.of(shares), Price(Money.of(price).dollars), Money.of(fee))
        for at_, (shares, price, fee) in enumerate(pieces, start=1)
    ]
    write_rows(path, FILLS, sequence, day, rows)
    return path


def send(month: Month) -> None:
    assert sales.send_batch(month.office, NOVEMBER, "test", month.purchase_morning()) is not None


def load(month: Month, path: Path) -> sales.Allocated:
    return sales.load_fills(month.office, path, "test", at("2003-11-20"))


def orders(month: Month) -> dict[str, str]:
    """Where each account's sale order stands."""
    with month.store.reading() as tx:
        found = tx.orders.of_registrations([registration_id(f"CST-3000{number}") for number in range(1, 5)])
        names = tx.registrations.account_numbers({one.registration_id for one in found})
    return {names[one.registration_id][-1]: one.state.value for one in found if isinstance(one, SaleOrder)}


def test_sellers_share_the_average_price_and_the_fees_to_the_cent(month: Month) -> None:
    send(month)
    done = load(month, fills(month, ("150", "1.61", "1.01"), ("50", "1.58", "0.50")))
    assert (done.shares, str(done.gross), str(done.net)) == (Shares.of("200"), "320.50", "318.99")
    nets = [month.balance(proceeds_account(registration_id(f"CST-3000{number}"))) for number in (1, 2)]
    assert sorted(nets) == [15_949, 15_950]
    assert month.balance(FEES) == 151
    assert month.balance(MARKET, SHARE) == 2_000_000
    assert month.books_agree()


@pytest.mark.parametrize(
    ("pieces", "batch", "day", "fault"),
    [
        pytest.param((("200.0001", "1.61", "0"),), "B-2003-11", PURCHASE_DATE, "of a batch of 200.0000; ask the broker",
                     id="more than the batch"),
        pytest.param((("100", "1.61", "0"),), "B-2003-12", PURCHASE_DATE, "the batch that waits for fills is B-2003-11",
                     id="another batch"),
        pytest.param((("1", "1.61", "2"),), "B-2003-11", PURCHASE_DATE, "ask the broker", id="fees above the proceeds"),
        pytest.param((("200", "1.61", "0"),), "B-2003-11", date(2003, 11, 18), "is not between the purchase date",
                     id="traded before the purchase date"),
        pytest.param((("200", "1.61", "0"),), "B-2003-11", date(2003, 11, 21), "and today",
                     id="traded on a day to come"),
    ],
)  # fmt: skip
def test_fills_that_cannot_be_of_the_batch_are_refused(
    pieces: tuple[tuple[str, str, str], ...], batch: str, day: date, fault: str, month: Month
) -> None:
    send(month)
    with pytest.raises(BadFile, match=fault):
        load(month, fills(month, *pieces, batch=batch, day=day))
    assert month.balance(MARKET, SHARE) == 0
    assert load(month, fills(month, ("200", "1.61", "0"))).orders == 2


def test_fills_of_fewer_shares_leave_the_rest_with_their_holders(month: Month) -> None:
    send(month)
    assert load(month, fills(month, ("150.0001", "1.61", "0"))).shares == Shares.of("150.0001")
    left = [month.balance(plan_account(registration_id(f"CST-3000{number}")), SHARE) for number in (1, 2)]
    assert sorted(left) == [249_999, 250_000]
    assert month.books_agree()


def test_fills_are_taken_once_and_only_after_the_batch_is_out(month: Month) -> None:
    with pytest.raises(BadFile, match="the batch that waits for fills is none"):
        load(month, fills(month, ("200", "1.61", "0")))
    send(month)
    load(month, fills(month, ("200", "1.61", "0")))
    with pytest.raises(BadFile, match="the batch that waits for fills is none"):
        load(month, fills(month, ("200", "1.61", "0")))


def test_proceeds_leave_once_the_sale_has_settled_and_once_only(month: Month) -> None:
    send(month)
    load(month, fills(month, ("200", "1.61", "1")))
    with pytest.raises(StepRefused, match="settle on 2003-11-24; nothing is paid before"):
        sales.send_proceeds(month.office, NOVEMBER, "test", at("2003-11-23"))
    sent = sales.send_proceeds(month.office, NOVEMBER, "test", SETTLED)
    assert sent is not None
    assert sent.totals["net"] == "321.00"
    assert sales.send_proceeds(month.office, NOVEMBER, "test", SETTLED) == sent
    assert month.balance(PAID_OUT) == 32_100
    assert len(month.letters(kind="month/sale_confirmation")) == 2
    assert set(orders(month).values()) == {"PROCEEDS_MAILED"}
    assert month.books_agree()


def test_a_sale_that_brings_nothing_comes_to_its_end_without_a_check(store: Store, tmp_path: Path) -> None:
    month = sellers(Month(store, tmp_path), "0.0001")
    send(month)
    load(month, fills(month, ("0.0001", "1.61", "0")))
    assert sales.send_proceeds(month.office, NOVEMBER, "test", SETTLED) is None
    assert orders(month) == {"1": "PROCEEDS_MAILED"}
    assert len(month.letters(kind="month/sale_confirmation")) == 1
    with month.store.transaction() as tx:
        cycle = tx.cycles.of(NOVEMBER)
        assert cycle is not None
        assert sales_state(tx, cycle) is SalesState.PAID
        assert all(one.step is not CycleStep.SEND_PROCEEDS for one in due_of(tx, month.office, cycle, SETTLED))


def test_shares_in_a_batch_that_the_broker_has_not_told_of_are_not_sold_again(month: Month) -> None:
    send(month)
    dates = month.dates(DECEMBER)
    with month.store.transaction() as tx:
        for number in (1, 3):
            again = AcceptSale(
                registration_id(f"CST-3000{number}"), Shares.of("0.0001"), Portion.ALL, dates.purchase_date,
                dates.cut_off,
            )  # fmt: skip
            tx.effects.apply([again], cause=f"again:{number}", now=at("2003-12-01"), today=date(2003, 12, 1))
    month.lockbox(day="2003-12-10")
    finish_purchases(month)
    report = month.lock(DECEMBER)
    assert (report.sales, report.shares_for_sale, report.sales_not_covered) == (1, Shares.of("100"), 1)


def finish_purchases(month: Month) -> None:
    """The purchase side of November, without orders."""
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()


def test_an_account_on_which_a_hold_came_since_the_lock_is_taken_out_of_the_batch(month: Month) -> None:
    with month.store.transaction() as tx:
        hold = (registration_id("CST-30002"), Hold.DEATH_REPORTED, "test", at("2003-11-18"))
        tx.reported_holds.report(*hold)
    sent = sales.send_batch(month.office, NOVEMBER, "test", month.purchase_morning())
    assert sent is not None
    assert (sent.rows, sent.totals["shares"]) == (1, "100.0000")
    assert orders(month) == {"1": "PLACED", "2": "HELD"}
    load(month, fills(month, ("100", "1.61", "0")))
    assert month.balance(plan_account(registration_id("CST-30002")), SHARE) == 1_000_000


def test_a_sale_without_shares_ends_with_the_purchases_although_no_batch_ever_leaves(
    store: Store, tmp_path: Path
) -> None:
    month = sellers(Month(store, tmp_path), "100.0001")
    assert orders(month) == {"1": "QUEUED"}
    finish_purchases(month)
    assert orders(month) == {"1": "INSUFFICIENT_SHARES"}


def test_the_batch_leaves_on_the_purchase_date_and_a_second_time_is_the_same_file(month: Month) -> None:
    with pytest.raises(StepRefused, match="sales of cycle 2003-11 are on 2003-11-19; nothing before"):
        sales.send_batch(month.office, NOVEMBER, "test", at("2003-11-18", "23:59"))
    morning = month.purchase_morning()
    first = sales.send_batch(month.office, NOVEMBER, "test", morning)
    assert sales.send_batch(month.office, NOVEMBER, "test", morning) == first


def test_the_fee_of_the_program_is_never_above_what_a_sale_brought(store: Store, tmp_path: Path) -> None:
    month = sellers(Month(store, tmp_path, plan_with(sale_fee=Money.of("15"))), "1", "100")
    send(month)
    load(month, fills(month, ("101", "1.61", "1.01")))
    assert month.balance(proceeds_account(registration_id("CST-30001"))) == 0
    assert month.balance(proceeds_account(registration_id("CST-30002"))) == 16_100 - 100 - 1_500
    sent = sales.send_proceeds(month.office, NOVEMBER, "test", SETTLED)
    assert sent is not None
    assert sent.rows == 1
    assert month.books_agree()
