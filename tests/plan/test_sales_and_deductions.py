"""What can be sold, and what a deduction allows. PLAN "Sales", "Buy and sell in one month", "How to pay"."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.accounts import AccountStatus, DeductionStatus, Hold, Registration
from handlers.plan.deductions import amount_to_debit, can_pay_now, check_deduction_amount, is_paused, live_deduction
from handlers.plan.money import NO_SHARES, Shares
from handlers.plan.orders import Order, Portion, SaleOrderState
from handlers.plan.refusals import Refusal
from handlers.plan.sales import check_sale, count_at_cut_off, sellable_shares, settled_shares, shares_to_sell
from tests.specimens import PURCHASE_DATE, account, book, deduction, purchase, registration, sale, usd

TERMS = book().on(PURCHASE_DATE)


def holding(settled: str, plan: str | None = None) -> Registration:
    return registration(account=account(settled_shares=Shares.of(settled), plan_shares=Shares.of(plan or settled)))


@pytest.mark.parametrize(
    ("settled", "promised", "sellable"),
    [
        pytest.param("150.5", (), "150.5", id="nothing promised"),
        pytest.param("150.5", ("40",), "110.5", id="an open sale order counts"),
        pytest.param("150.5", ("40", "110.5"), "0", id="all promised"),
        pytest.param("30", ("40",), "0", id="more promised than settled is no debt"),
        pytest.param("0", (), "0", id="nothing settled"),
    ],
)
def test_open_sale_orders_are_taken_off_the_settled_shares(
    settled: str, promised: tuple[str, ...], sellable: str
) -> None:
    orders = [sale(id=f"S-{count}", shares=Shares.of(count)) for count in promised]
    assert sellable_shares(holding(settled, "500"), orders) == Shares.of(sellable)


@pytest.mark.parametrize("state", list(SaleOrderState), ids=lambda state: state.name.lower())
def test_only_an_open_sale_is_a_promise(state: SaleOrderState) -> None:
    expected = "110.5" if sale(state=state).is_open else "150.5"
    assert sellable_shares(registration(), [sale(state=state)]) == Shares.of(expected)


def test_other_accounts_orders_and_purchases_promise_nothing() -> None:
    orders: list[Order] = [sale(registration_id="reg-son"), purchase()]
    assert sellable_shares(registration(), orders) == Shares.of("150.5")


def test_without_an_account_nothing_is_settled() -> None:
    assert settled_shares(registration(account=None)) == NO_SHARES


@pytest.mark.parametrize(
    ("asked", "shares"),
    [
        pytest.param(Shares.of("12.375"), "12.375", id="a number"),
        pytest.param(Portion.ALL, "110.5", id="all that can still be sold"),
        pytest.param(Portion.HALF, "75.25", id="half of the settled position, other orders or not"),
    ],
)
def test_how_many_shares_are_meant(asked: Shares | Portion, shares: str) -> None:
    assert shares_to_sell(asked, registration(), [sale()]) == Shares.of(shares)


MORE, NONE = (Refusal.MORE_THAN_HELD,), (Refusal.NO_PLAN_SHARES,)


@pytest.mark.parametrize(
    ("shares", "sellable", "refusals"),
    [
        pytest.param("150.5", "150.5", (), id="all of them"),
        pytest.param("0.0001", "150.5", (), id="the smallest fraction"),
        pytest.param("150.5001", "150.5", MORE, id="the smallest fraction too many"),
        pytest.param("1", "0", NONE, id="nothing to sell"),
        pytest.param("0", "0.0001", NONE, id="half of the smallest fraction"),
    ],
)
def test_a_sale_touches_only_what_can_be_sold(shares: str, sellable: str, refusals: tuple[Refusal, ...]) -> None:
    assert check_sale(Shares.of(shares), registration(), Shares.of(sellable), PURCHASE_DATE) == refusals


@pytest.mark.parametrize(
    ("held_until", "refusals"),
    [
        pytest.param(None, (), id="no hold"),
        pytest.param(PURCHASE_DATE, (), id="the hold ends on the purchase date"),
        pytest.param(PURCHASE_DATE + timedelta(days=1), (Refusal.SALES_ON_HOLD,), id="the hold ends a day later"),
        pytest.param(date(2003, 11, 1), (), id="the hold is over"),
    ],
)
def test_no_sale_is_made_before_the_end_of_the_hold_on_changes(
    held_until: date | None, refusals: tuple[Refusal, ...]
) -> None:
    held = registration(sales_held_until=held_until)
    assert check_sale(Shares.of("1"), held, Shares.of("2"), PURCHASE_DATE) == refusals


@pytest.mark.parametrize(
    ("changes", "refusals"),
    [
        pytest.param({"state": "OH"}, (), id="a closed state: selling stays allowed"),
        pytest.param({"acknowledged": frozenset()}, (), id="no prospectus is needed to sell"),
        pytest.param({"account": account(status=AccountStatus.SUSPENDED)}, (), id="suspended: selling stays allowed"),
        pytest.param({"holds": frozenset({Hold.LEGAL})}, (Refusal.ACCOUNT_ON_HOLD,), id="a hold stops it"),
        pytest.param({"account": None}, (Refusal.NOT_ENROLLED,), id="not enrolled says it all"),
        pytest.param(
            {"account": account(status=AccountStatus.TERMINATED)}, (Refusal.TERMINATION_UNDER_WAY,), id="closed"
        ),
    ],
)
def test_who_may_sell(changes: dict[str, object], refusals: tuple[Refusal, ...]) -> None:
    found = registration(**changes)
    assert check_sale(Shares.of("1"), found, settled_shares(found), PURCHASE_DATE) == refusals


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), max_size=5))
def test_what_can_be_sold_is_never_more_than_is_settled(settled: int, promised: list[int]) -> None:
    found = registration(account=account(settled_shares=Shares.from_units(settled)))
    orders = [sale(id=f"S-{n}", shares=Shares.from_units(units)) for n, units in enumerate(promised)]
    sellable = sellable_shares(found, orders)
    assert sellable.units == max(0, settled - sum(promised))
    assert shares_to_sell(Portion.ALL, found, orders) == sellable


@pytest.mark.parametrize(
    "status", [None, *DeductionStatus], ids=lambda status: status.name.lower() if status else "none"
)
def test_what_each_state_of_a_deduction_allows(status: DeductionStatus | None) -> None:
    found = registration(account=account(deduction=deduction("300", status) if status else None))
    live = live_deduction(found)
    assert (live is not None) is (status not in (None, DeductionStatus.REVOKED))
    assert can_pay_now(found) is (status in (DeductionStatus.ACTIVE, DeductionStatus.PAUSED))
    if live is not None:
        assert is_paused(live) is (status is DeductionStatus.PAUSED)


def test_without_an_account_there_is_no_deduction() -> None:
    assert live_deduction(registration(account=None)) is None


@pytest.mark.parametrize(
    ("amount", "refusals"),
    [
        pytest.param("249.99", (Refusal.BELOW_MINIMUM,), id="a cent under"),
        pytest.param("250.00", (), id="exactly the minimum"),
        pytest.param("10000.00", (), id="exactly the maximum"),
        pytest.param("10000.01", (Refusal.ABOVE_MONTHLY_MAXIMUM,), id="a cent over"),
    ],
)
def test_a_deduction_stands_on_its_own(amount: str, refusals: tuple[Refusal, ...]) -> None:
    assert check_deduction_amount(usd(amount), TERMS) == refusals


@pytest.mark.parametrize(
    ("elected", "received", "debited"),
    [
        pytest.param("300", "0", "300", id="alone"),
        pytest.param("300", "9700", "300", id="exactly to the maximum"),
        pytest.param("300", "9700.01", "299.99", id="a cent shrinks it by a cent"),
        pytest.param("300", "10000", "0", id="nothing is left of the month"),
        pytest.param("300", "12000", "0", id="more was received than fits"),
    ],
)
def test_a_deduction_gives_way_to_what_was_received(elected: str, received: str, debited: str) -> None:
    assert amount_to_debit(usd(elected), usd(received), TERMS) == usd(debited)


def counted(free: str, *asked: str | Portion) -> list[tuple[str, bool]]:
    """Shares and whether they are there, of orders in the order received."""
    orders = [
        sale(
            id=f"S-{number}",
            shares=Shares.of("999") if isinstance(what, Portion) else Shares.of(what),
            portion=what if isinstance(what, Portion) else None,
            received_at=sale().received_at + timedelta(minutes=number),
        )
        for number, what in enumerate(asked)
    ]
    found = count_at_cut_off(reversed(orders), Shares.of(free))
    return [(str(each.shares), each.is_covered) for each in found]


@pytest.mark.parametrize(
    ("free", "asked", "expected"),
    [
        pytest.param("100", ("40",), [("40.0000", True)], id="a number that is there"),
        pytest.param("100", ("100",), [("100.0000", True)], id="exactly what is there"),
        pytest.param("100", ("100.0001",), [("100.0001", False)], id="a ten-thousandth too many"),
        pytest.param("100", (Portion.ALL,), [("100.0000", True)], id="all is counted again"),
        pytest.param("100", (Portion.HALF,), [("50.0000", True)], id="half is counted again"),
        pytest.param("0.0001", (Portion.HALF,), [("0.0000", False)], id="half of the smallest is nothing"),
        pytest.param("0", (Portion.ALL,), [("0.0000", False)], id="all of nothing"),
        pytest.param(
            "100", ("30", Portion.ALL, "1"), [("30.0000", True), ("70.0000", True), ("1.0000", False)], id="in turn"
        ),
        pytest.param(
            "100", (Portion.HALF, Portion.HALF, Portion.HALF),
            [("50.0000", True), ("50.0000", True), ("50.0000", False)], id="half is of the whole each time",
        ),
        pytest.param("100", ("101", "100"), [("101.0000", False), ("100.0000", True)], id="what fails takes nothing"),
    ],
)  # fmt: skip
def test_sales_are_counted_again_at_the_cut_off(
    free: str, asked: tuple[str | Portion, ...], expected: list[tuple[str, bool]]
) -> None:
    assert counted(free, *asked) == expected


@given(st.integers(0, 10**6), st.lists(st.one_of(st.integers(1, 10**6), st.sampled_from(Portion)), max_size=8))
def test_no_month_sells_more_than_is_free(free: int, asked: list[int | Portion]) -> None:
    orders = [
        sale(id=f"S-{number}", shares=Shares.from_units(1 if isinstance(what, Portion) else what),
             portion=what if isinstance(what, Portion) else None)
        for number, what in enumerate(asked)
    ]  # fmt: skip
    found = list(count_at_cut_off(orders, Shares.from_units(free)))
    assert [each.order_id for each in found] == [order.id for order in orders]
    assert sum(each.shares.units for each in found if each.is_covered) <= free


def test_sales_of_several_registrations_have_no_common_position() -> None:
    with pytest.raises(ValueError, match="several registrations"):
        list(count_at_cut_off([sale(), sale(id="S-2", registration_id="reg-son")], Shares.of("100")))
