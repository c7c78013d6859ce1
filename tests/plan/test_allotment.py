"""Allotment: exact, never over the limit, each dollar accounted for. PLAN "Shares bought", "Limit runs short"."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.allotment import (
    AcceptedOrder,
    Allotment,
    AllotmentBasis,
    AllotmentFault,
    AllotmentKind,
    AllotmentTotals,
    Demand,
    allot,
    demand_of,
    faults_of,
    totals_of,
)
from handlers.plan.money import ZERO_DOLLARS, Money, Price, Shares, shares_bought

PLENTY = Shares.of("10000000")

prices = st.integers(1, 10**7).map(lambda units: Price(Decimal(units) / 10_000))
dollars = st.integers(0, 10**7).map(Money.from_cents)
amounts = st.lists(dollars, max_size=30)
left_over = st.one_of(st.integers(0, 10**4), st.integers(0, 10**11)).map(Shares.from_units)


def orders(*found: Money) -> list[AcceptedOrder]:
    return [AcceptedOrder(f"P-{number:03}", amount) for number, amount in enumerate(found)]


def allotted(price: Price, left: Shares, *found: Money) -> tuple[AllotmentBasis, list[Allotment]]:
    accepted = orders(*found)
    basis = AllotmentBasis(price, left, demand_of(price, accepted))
    return basis, list(allot(basis, accepted))


def usd(text: str) -> Money:
    return Money.of(text)


def price(text: str) -> Price:
    return Price(Decimal(text))


@pytest.mark.parametrize(
    ("at", "amount", "shares"),
    [
        pytest.param("1.0864", "250", "230.1178", id="the least, at 1.0864"),
        pytest.param("1.0864", "10000", "9204.7128", id="the most, at 1.0864"),
        pytest.param("1.5682", "250", "159.4184", id="the least, at 1.5682"),
        pytest.param("1.5682", "10000", "6376.7376", id="the most, at 1.5682"),
        pytest.param("0.0001", "0.01", "100", id="the smallest price"),
    ],
)
def test_with_enough_left_dollars_buy_shares_and_all_are_invested(at: str, amount: str, shares: str) -> None:
    basis, found = allotted(price(at), PLENTY, usd(amount))
    assert found == [Allotment("P-000", AllotmentKind.IN_FULL, Shares.of(shares), usd(amount), ZERO_DOLLARS)]
    assert not basis.is_short
    assert not basis.exhausts


def test_a_shortage_is_shared_by_what_was_demanded() -> None:
    basis, found = allotted(price("1.5682"), Shares.of("5000"), usd("10000"), usd("5000"), usd("250"))
    assert basis.demand == Demand(orders=3, cents=1_525_000, units=97_245_248)
    assert [(str(each.shares), str(each.invested), str(each.refunded)) for each in found] == [
        ("3278.6885", "5141.64", "4858.36"),
        ("1639.3442", "2570.82", "2429.18"),
        ("81.9671", "128.54", "121.46"),
    ]
    assert {each.kind for each in found} == {AllotmentKind.REDUCED}
    assert totals_of(found).units == 49_999_998
    assert (basis.is_short, basis.exhausts) == (True, True)


@pytest.mark.parametrize(
    ("left", "is_short", "exhausts"),
    [
        pytest.param("230.1179", False, False, id="a ten-thousandth more than is asked for"),
        pytest.param("230.1178", False, True, id="exactly what is asked for"),
        pytest.param("230.1177", True, True, id="a ten-thousandth less"),
        pytest.param("0", True, True, id="nothing left"),
    ],
)
def test_the_program_is_exhausted_when_nothing_is_left(left: str, is_short: bool, exhausts: bool) -> None:
    basis, found = allotted(price("1.0864"), Shares.of(left), usd("250"))
    assert (basis.is_short, basis.exhausts) == (is_short, exhausts)
    assert found[0].shares == min(Shares.of(left), Shares.of("230.1178"))
    assert found[0].invested + found[0].refunded == usd("250")


def test_nothing_left_gives_every_dollar_back() -> None:
    _, found = allotted(price("1.0864"), Shares.of("0"), usd("250"), usd("10000"))
    assert [(each.kind, each.refunded) for each in found] == [
        (AllotmentKind.NOTHING, usd("250")),
        (AllotmentKind.NOTHING, usd("10000")),
    ]


@pytest.mark.parametrize("left", ["10000000", "0.0001", "0"])
def test_dollars_that_buy_no_share_all_go_back(left: str) -> None:
    basis, found = allotted(price("99999999.9999"), Shares.of(left), usd("250"))
    assert found == [Allotment("P-000", AllotmentKind.NOTHING, Shares.of("0"), ZERO_DOLLARS, usd("250"))]
    assert basis.demand.units == 0
    assert not basis.is_short


def test_nobody_gets_shares_for_nothing() -> None:
    _, found = allotted(price("1.0000"), Shares.of("0.0098"), usd("250"), usd("250"))
    assert [(each.kind, each.refunded) for each in found] == [(AllotmentKind.NOTHING, usd("250"))] * 2
    _, found = allotted(price("1.0000"), Shares.of("0.0100"), usd("250"), usd("250"))
    assert [(str(each.shares), str(each.invested)) for each in found] == [("0.0050", "0.01")] * 2


def test_a_month_without_orders_allots_nothing() -> None:
    basis, found = allotted(price("1.0864"), PLENTY)
    assert (found, basis.demand, basis.is_short, basis.exhausts) == ([], Demand(), False, False)
    assert totals_of([]) == AllotmentTotals()
    assert faults_of(totals_of([]), basis) == ()


@given(prices, left_over, amounts)
def test_the_sums_always_hold(at: Price, left: Shares, found: list[Money]) -> None:
    basis, given_out = allotted(at, left, *found)
    assert faults_of(totals_of(given_out), basis) == ()
    for amount, each in zip(found, given_out, strict=True):
        assert each.invested + each.refunded == amount
        assert each.shares <= shares_bought(amount, at)
        assert bool(each.shares.units) is bool(each.invested.cents) is (each.kind is not AllotmentKind.NOTHING)


@given(prices, left_over, amounts)
def test_only_dust_stays_unissued_in_a_shortage(at: Price, left: Shares, found: list[Money]) -> None:
    """Less than a ten-thousandth for each order, and for those who got none, what would cost less than half a cent."""
    basis, given_out = allotted(at, left, *found)
    if basis.is_short:
        nothing = sum(each.kind is AllotmentKind.NOTHING for each in given_out)
        dust = left.units - totals_of(given_out).units
        assert dust < len(given_out) + nothing * Decimal("0.005") / at.dollars * 10_000


@given(st.integers(500_000, 10**9).map(lambda units: Price(Decimal(units) / 10_000)), left_over, amounts)
def test_where_a_ten_thousandth_costs_half_a_cent_dust_is_under_one_for_each_order(
    at: Price, left: Shares, found: list[Money]
) -> None:
    basis, given_out = allotted(at, left, *found)
    if basis.is_short:
        assert 0 <= left.units - totals_of(given_out).units < len(given_out)


@given(prices, left_over, amounts)
def test_what_is_invested_is_the_price_of_the_shares_to_half_a_cent(
    at: Price, left: Shares, found: list[Money]
) -> None:
    basis, given_out = allotted(at, left, *found)
    for each in given_out:
        cost = each.shares.count * at.dollars
        if basis.is_short and each.kind is AllotmentKind.REDUCED:
            assert abs(each.invested.dollars - cost) <= Decimal("0.005")
        assert each.kind is not AllotmentKind.IN_FULL or (not each.refunded.cents and cost <= each.invested.dollars)


@given(prices, left_over, amounts, st.randoms(use_true_random=False))
def test_the_order_of_the_orders_changes_nothing(at: Price, left: Shares, found: list[Money], chance: Random) -> None:
    accepted = orders(*found)
    shuffled = chance.sample(accepted, len(accepted))
    basis = AllotmentBasis(at, left, demand_of(at, shuffled))
    assert basis.demand == demand_of(at, accepted)
    by_id = {each.order_id: each for each in allot(basis, shuffled)}
    assert [by_id[order.order_id] for order in accepted] == list(allot(basis, accepted))


@given(prices, left_over, st.lists(dollars, min_size=2, max_size=10))
def test_more_dollars_never_get_fewer_shares(at: Price, left: Shares, found: list[Money]) -> None:
    _, given_out = allotted(at, left, *sorted(found))
    assert [each.shares for each in given_out] == sorted(each.shares for each in given_out)
    assert [each.invested for each in given_out] == sorted(each.invested for each in given_out)


@given(prices, left_over, amounts, st.integers(0, 30))
def test_a_month_cut_in_pieces_is_the_same_month(at: Price, left: Shares, found: list[Money], cut: int) -> None:
    basis, whole = allotted(at, left, *found)
    accepted = orders(*found)
    first, second = list(allot(basis, accepted[:cut])), list(allot(basis, accepted[cut:]))
    assert first + second == whole
    assert totals_of(first) + totals_of(second) == totals_of(whole)


@pytest.mark.parametrize(
    ("totals", "faults"),
    [
        pytest.param(AllotmentTotals(2, 2_301_178, 25_000, 0), (AllotmentFault.ORDERS_DIFFER,), id="one twice"),
        pytest.param(AllotmentTotals(1, 2_301_178, 24_999, 0), (AllotmentFault.DOLLARS_DIFFER,), id="a cent lost"),
        pytest.param(AllotmentTotals(1, 2_301_179, 25_000, 0), (AllotmentFault.OVER_THE_DEMAND,), id="over the demand"),
        pytest.param(
            AllotmentTotals(1, 3_000_001, 25_000, 0),
            (AllotmentFault.OVER_THE_LIMIT, AllotmentFault.OVER_THE_DEMAND),
            id="over the limit",
        ),
        pytest.param(AllotmentTotals(1, 2_301_178, 20_000, 5_000), (), id="in agreement"),
    ],
)
def test_totals_that_contradict_their_basis_are_named(
    totals: AllotmentTotals, faults: tuple[AllotmentFault, ...]
) -> None:
    basis = AllotmentBasis(price("1.0864"), Shares.of("300"), demand_of(price("1.0864"), orders(usd("250"))))
    assert faults_of(totals, basis) == faults


def test_many_orders_need_no_more_memory_than_few() -> None:
    def many() -> Iterator[AcceptedOrder]:
        return (AcceptedOrder(f"P-{number}", usd("250")) for number in range(20_000))

    tracemalloc.start()
    try:
        basis = AllotmentBasis(price("1.5682"), Shares.of("5000"), demand_of(price("1.5682"), many()))
        assert totals_of(allot(basis, many())).orders == 20_000
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
