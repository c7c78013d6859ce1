"""A statement whose figures disagree cannot be made, to the ten-thousandth of a share and to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Shares
from handlers.plan.statement import (
    CashEntry,
    CashMovement,
    FiguresDisagree,
    Lot,
    RefundEntry,
    ShareEntry,
    ShareMovement,
    Statement,
    balances,
    check_masked,
    last_balance,
    totals_of,
)
from tests.letters.month_facts import CASH, ENTRIES, REFUNDS, quiet_statement, statement, year_summary
from tests.specimens import usd

UNIT = Shares.of("0.0001")
LATER = date(2003, 12, 1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"closing_shares": Shares.of("350.1179")}, "closing shares", id="a ten-thousandth too many"),
        pytest.param({"opening_shares": Shares.of("150.4999")}, "closing shares", id="a ten-thousandth too few before"),
        pytest.param({"entries": ENTRIES[:-1]}, "closing shares", id="a movement is missing"),
        pytest.param({"lots": statement().lots[:1]}, "lots", id="a lot is missing"),
        pytest.param({"closing_cash": usd("181.91")}, "money received", id="a cent too few"),
        pytest.param({"opening_cash": usd("40.01")}, "money received", id="a cent too many before"),
        pytest.param({"cash": CASH[1:]}, "money received", id="a check is missing"),
        pytest.param({"refunds": REFUNDS[:1]}, "money received", id="a refund is missing"),
        pytest.param({"year_to_date": totals_of((), ())}, "below its month", id="a year below its month"),
        pytest.param({"last_day": date(2003, 11, 24)}, "outside the period", id="an entry after the period"),
        pytest.param({"first_day": date(2003, 11, 8)}, "outside the period", id="an entry before the period"),
        pytest.param({"entries": ENTRIES[::-1]}, "order of their days", id="entries in disorder"),
        pytest.param({"cash": CASH[::-1]}, "order of their days", id="money in disorder"),
        pytest.param(
            {"refunds": (*REFUNDS, RefundEntry(date(2003, 10, 1), usd("1"), "P-1", None))},
            "neither set aside nor mailed",
            id="a refund of another month",
        ),
        pytest.param(
            {"refunds": (*REFUNDS, RefundEntry(date(2003, 10, 1), usd("1"), "P-1", LATER))},
            "neither set aside nor mailed",
            id="a refund mailed in another month",
        ),
    ],
)
def test_a_statement_that_does_not_add_up_is_not_made(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(FiguresDisagree, match=complaint):
        statement(**changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"closing_shares": Shares.of("350.1177")}, "closing shares", id="a ten-thousandth too few"),
        pytest.param({"year": 2004}, "outside the period", id="another year"),
        pytest.param({"refunds": REFUNDS[::-1]}, "order of their days", id="refunds in disorder"),
    ],
)
def test_a_year_that_does_not_add_up_is_not_summed(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(FiguresDisagree, match=complaint):
        year_summary(**changes)


@pytest.mark.parametrize("make", [statement, year_summary], ids=["a statement", "a year"])
@pytest.mark.parametrize(
    "account",
    ["A100-0004821", "4821", "", "****04821", "***4821"],
    ids=["in full", "without a mask", "nothing", "five shown", "three stars"],
)
def test_an_account_number_is_masked_or_there_is_no_statement(make: Callable[..., object], account: str) -> None:
    with pytest.raises(ValueError, match="not masked") as refused:
        make(account=account)
    assert not account or account not in str(refused.value)


@pytest.mark.parametrize("account", ["****4821", "****", "****21"])
def test_a_masked_account_number_passes(account: str) -> None:
    check_masked(account)
    assert statement(account=account).account == account


def test_a_period_that_ends_before_it_begins_is_a_fault() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        quiet_statement(first_day=date(2003, 12, 1))


def test_a_payment_that_came_back_after_the_purchase_leaves_the_waiting_money_alone() -> None:
    after = CashEntry(date(2003, 11, 28), CashMovement.RETURNED_AFTER, usd("250"), "P-00001")
    assert statement(cash=(*CASH, after), owed=usd("250")).closing_cash == usd("181.92")


def test_a_refund_set_aside_last_month_and_mailed_in_this_one_is_not_counted_twice() -> None:
    assert statement().totals.refunded == usd("33.33")


def test_the_sums_of_the_month_follow_from_its_entries() -> None:
    sums = statement().totals
    assert (sums.invested, sums.proceeds, sums.fees, sums.withheld) == (
        usd("250"),
        usd("31.67"),
        usd("5.40"),
        usd("12.31"),
    )
    assert (sums.shares_bought, sums.shares_sold) == (Shares.of("230.1178"), Shares.of("40"))


def test_an_account_may_not_fall_below_zero_on_the_way() -> None:
    sale = ShareEntry(date(2003, 11, 3), ShareMovement.SALE, UNIT, "S-1")
    buy = ShareEntry(date(2003, 11, 3), ShareMovement.PURCHASE, UNIT, "P-1")
    assert last_balance(NO_SHARES, (buy, sale)) == NO_SHARES
    with pytest.raises(FiguresDisagree, match="S-1: more shares leave"):
        balances(NO_SHARES, (sale, buy))


def test_fees_above_the_gross_are_a_fault() -> None:
    with pytest.raises(ValueError, match="payable"):
        _ = ShareEntry(date(2003, 11, 3), ShareMovement.SALE, UNIT, "S-1", usd("5"), fees=usd("5.01")).net


moved = st.tuples(st.sampled_from(list(ShareMovement)), st.integers(1, 10**12), st.integers(0, 10**9))


@given(st.integers(0, 10**12), st.lists(moved, max_size=30))
def test_any_history_makes_a_statement_and_the_least_error_in_it_none(
    opening: int, history: list[tuple[ShareMovement, int, int]]
) -> None:
    made = history_statement(opening, history)
    assert made.closing_shares.units >= 0
    with pytest.raises(FiguresDisagree):
        replace(made, closing_shares=made.closing_shares + UNIT)
    with pytest.raises(FiguresDisagree):
        replace(made, closing_cash=made.closing_cash + Money.of("0.01"))


def history_statement(opening: int, history: list[tuple[ShareMovement, int, int]]) -> Statement:
    """A statement of these movements; one that would overdraw the account is left out."""
    held = opening
    entries = []
    for movement, units, cents in history:
        if not movement.is_in and units > held:
            continue
        held += units if movement.is_in else -units
        entries.append(
            ShareEntry(date(2003, 11, 19), movement, Shares.from_units(units), "X-1", dollars=Money.from_cents(cents))
        )
    sums = totals_of(entries, ())
    return quiet_statement(
        opening_shares=Shares.from_units(opening),
        closing_shares=Shares.from_units(held),
        entries=tuple(entries),
        opening_cash=sums.invested,
        closing_cash=ZERO_DOLLARS,
        lots=(Lot(None, Shares.from_units(held), None),) if held else (),
        year_to_date=sums,
    )
