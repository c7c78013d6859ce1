"""Proceeds of the month's one sale: one price for all, exact to the cent and to the unit. PLAN "Sales"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.money import Money, Price, Shares, total
from handlers.plan.sale_allocation import (
    Fill,
    FillsContradict,
    Proceeds,
    SaleToAllocate,
    allocate,
    average_price,
    batch_gross,
    divide,
    settles_on,
)
from tests.specimens import PURCHASE_DATE, book, calendar, usd

FREE = usd("0")


def fill(shares: str, price: str, fee: str = "0", on: date = PURCHASE_DATE) -> Fill:
    return Fill(on, Shares.of(shares), Price(Decimal(price)), usd(fee))


def batch(*shares: str) -> list[SaleToAllocate]:
    return [SaleToAllocate(f"S-{number}", Shares.of(count)) for number, count in enumerate(shares, start=1)]


def told(found: Sequence[Proceeds]) -> list[tuple[str, ...]]:
    """Sold, gross, the broker's fee, the plan's, net."""
    return [(str(p.sold), str(p.gross), str(p.broker_fee), str(p.plan_fee), str(p.net)) for p in found]


@pytest.mark.parametrize(
    ("orders", "fills", "fee", "expected"),
    [
        pytest.param(
            batch("100"), [fill("100", "1.12")], "0", [("100.0000", "112.00", "0.00", "0.00", "112.00")], id="one"
        ),
        pytest.param(
            batch("100", "50"), [fill("100", "1.10"), fill("50", "1.16")], "0",
            [("100.0000", "112.00", "0.00", "0.00", "112.00"), ("50.0000", "56.00", "0.00", "0.00", "56.00")],
            id="all sell at the average of both fills, whichever came first",
        ),
        pytest.param(
            batch("1", "1", "1"), [fill("3", "0.3333")], "0",
            [("1.0000", "0.34", "0.00", "0.00", "0.34"), ("1.0000", "0.33", "0.00", "0.00", "0.33"),
             ("1.0000", "0.33", "0.00", "0.00", "0.33")],
            id="equal remainders: the odd cent goes to the lowest number",
        ),
        pytest.param(
            batch("1.4", "1.6"), [fill("3", "0.01")], "0",
            [("1.4000", "0.01", "0.00", "0.00", "0.01"), ("1.6000", "0.02", "0.00", "0.00", "0.02")],
            id="the larger remainder takes the odd cent",
        ),
        pytest.param(
            batch("100", "1"), [fill("101", "1", "1.01")], "15",
            [("100.0000", "100.00", "1.00", "15.00", "84.00"), ("1.0000", "1.00", "0.01", "0.99", "0.00")],
            id="a fee is never above what is left of the gross",
        ),
        pytest.param(
            batch("60", "40.5"), [fill("100", "2")], "0",
            [("59.7015", "119.40", "0.00", "0.00", "119.40"), ("40.2985", "80.60", "0.00", "0.00", "80.60")],
            id="fewer shares sold than asked: shared",
        ),
        pytest.param(
            batch("5", "5"), [], "15",
            [("0.0000", "0.00", "0.00", "0.00", "0.00")] * 2, id="nothing sold: nothing is taken",
        ),
        pytest.param(
            batch("0.0001"), [fill("0.0001", "1")], "15",
            [("0.0001", "0.00", "0.00", "0.00", "0.00")], id="a sale under half a cent",
        ),
        pytest.param(
            batch("0.0003", "0.0003", "0.0001"),
            [fill("0.0007", "57.1429", "0.03")],
            "0",
            [
                ("0.0003", "0.02", "0.02", "0.00", "0.00"),
                ("0.0003", "0.02", "0.01", "0.00", "0.01"),
                ("0.0001", "0.00", "0.00", "0.00", "0.00"),
            ],
            id="no broker's fee is taken of who got nothing, though three cents divide otherwise than four",
        ),
        pytest.param([], [], "15", [], id="a month without sales"),
    ],
)  # fmt: skip
def test_a_batch_becomes_proceeds(
    orders: list[SaleToAllocate], fills: list[Fill], fee: str, expected: list[tuple[str, ...]]
) -> None:
    assert told(allocate(orders, fills, usd(fee))) == expected


@pytest.mark.parametrize(
    ("fills", "price", "gross"),
    [
        pytest.param([fill("100", "1.10"), fill("50", "1.16")], "1.1200", "168.00", id="weighted by shares"),
        pytest.param([fill("1", "1.00"), fill("2", "1.01")], "1.0067", "3.02", id="rounded for letters alone"),
        pytest.param([fill("0.5", "0.0001"), fill("0.5", "0.0002")], "0.0002", "0.00", id="half goes up"),
        pytest.param([fill("0.005", "1")], "1.0000", "0.01", id="half a cent goes up"),
        pytest.param([fill("0.0049", "1")], "1.0000", "0.00", id="less than half does not"),
        pytest.param([fill("0.0025", "1"), fill("0.0025", "1")], "1.0000", "0.01", id="rounded once, not fill by fill"),
    ],
)
def test_one_average_and_one_rounding(fills: list[Fill], price: str, gross: str) -> None:
    assert (str(average_price(fills)), str(batch_gross(fills))) == (price, gross)


@pytest.mark.parametrize(
    ("trades", "settles"),
    [
        pytest.param(["2003-11-19"], "2003-11-24", id="three sessions in 2003"),
        pytest.param(["2004-01-21"], "2004-01-26", id="January 2004"),
        pytest.param(["2006-11-22"], "2006-11-28", id="over Thanksgiving"),
        pytest.param(["2017-09-20"], "2017-09-22", id="two in 2017"),
        pytest.param(["2024-06-20"], "2024-06-21", id="one in 2024"),
        pytest.param(["2003-11-19", "2003-11-20"], "2003-11-25", id="the last of two trades"),
        pytest.param(["2024-05-24", "2024-05-28"], "2024-05-29", id="across a change of rule"),
    ],
)
def test_a_batch_has_settled_when_its_last_fill_has(trades: list[str], settles: str) -> None:
    fills = [fill("1", "1", on=date.fromisoformat(day)) for day in trades]
    assert settles_on(fills, calendar(), book()).isoformat() == settles


@pytest.mark.parametrize(
    ("orders", "fills", "problem"),
    [
        pytest.param(batch("5"), [fill("5.0001", "1")], "5.0001 shares were sold of a batch of 5.0000", id="too many"),
        pytest.param([], [fill("1", "1")], "of a batch of 0.0000", id="fills of no batch"),
        pytest.param(batch("5"), [fill("5", "1", "5.01")], "fees of [$]5.01 on a sale of [$]5.00", id="fees above all"),
    ],
)
def test_fills_that_cannot_be_of_the_batch_are_refused(
    orders: list[SaleToAllocate], fills: list[Fill], problem: str
) -> None:
    with pytest.raises(FillsContradict, match=problem):
        allocate(orders, fills, FREE)


def test_a_batch_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        allocate([*batch("1"), *batch("2")], [], FREE)
    with pytest.raises(ValueError, match="S-2 is of no shares"):
        allocate(batch("1", "0"), [], FREE)
    with pytest.raises(FillsContradict, match="no fills"):
        average_price([])
    with pytest.raises(ValueError, match="among nobody"):
        divide(1, {"a": 0})


units = st.integers(1, 10**10)
fills_of = st.lists(
    st.builds(
        lambda count, price: Fill(PURCHASE_DATE, Shares.from_units(count), Price(Decimal(price) / 10_000), FREE),
        st.integers(1, 10**9),
        st.integers(1, 10**7),
    ),
    max_size=5,
)


@given(st.lists(units, min_size=1, max_size=20), fills_of, st.integers(0, 100), st.integers(0, 5_000))
def test_the_parts_are_the_whole(asked: list[int], fills: list[Fill], share: int, sale_fee: int) -> None:
    filled = sum(each.shares.units for each in fills)
    orders = [SaleToAllocate(f"S-{n:02}", Shares.from_units(own + filled)) for n, own in enumerate(asked)]
    gross = batch_gross(fills)
    fees = Money.from_cents(gross.cents * share // 100)
    priced = [Fill(each.trade_date, each.shares, each.price, FREE) for each in fills]
    if priced:
        priced[0] = Fill(priced[0].trade_date, priced[0].shares, priced[0].price, fees)
    found = allocate(orders, priced, Money.from_cents(sale_fee))
    assert sum(each.sold.units for each in found) == filled
    assert total(each.gross for each in found) == gross
    assert total(each.broker_fee for each in found) == (fees if fills else FREE)
    for order, each in zip(orders, found, strict=True):
        assert each.sold + each.unsold == order.shares
        assert each.net + each.broker_fee + each.plan_fee == each.gross
        assert each.plan_fee.cents <= sale_fee
        exact = Fraction(gross.cents * each.sold.units, filled) if filled else Fraction(0)
        assert abs(each.gross.cents - exact) < 1


@given(st.lists(units, min_size=1, max_size=20))
def test_a_batch_that_is_filled_sells_all_of_every_order(asked: list[int]) -> None:
    orders = [SaleToAllocate(f"S-{n:02}", Shares.from_units(own)) for n, own in enumerate(asked)]
    whole = Fill(PURCHASE_DATE, Shares.from_units(sum(asked)), Price(Decimal("1.12")), FREE)
    assert [each.sold for each in allocate(orders, [whole], FREE)] == [order.shares for order in orders]


@given(st.integers(0, 10**6), st.dictionaries(st.text("ab12", min_size=1, max_size=3), st.integers(0, 10**6)))
def test_what_is_divided_adds_up_and_is_within_one_of_its_share(whole: int, weights: dict[str, int]) -> None:
    weight = sum(weights.values())
    if not weight:
        return
    parts = divide(whole, weights)
    assert sum(parts.values()) == whole
    for key, part in parts.items():
        assert abs(part - Fraction(whole * weights[key], weight)) < 1
        assert whole > weight or part <= weights[key]


@given(st.lists(units, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_proceeds(asked: list[int], chance: Random) -> None:
    orders = [SaleToAllocate(f"S-{n:02}", Shares.from_units(own)) for n, own in enumerate(asked)]
    fills = [Fill(PURCHASE_DATE, Shares.from_units(sum(asked)), Price(Decimal("1.1234")), usd("0.07"))]
    if batch_gross(fills) < usd("0.07"):
        return
    found = {each.order_id: each for each in allocate(orders, fills, usd("5"))}
    assert {each.order_id: each for each in allocate(chance.sample(orders, len(orders)), fills, usd("5"))} == found
