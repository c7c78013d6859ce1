"""Money, prices and shares: exact, never negative, each rounding in its own direction. Numbers worked by hand."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Price, Shares, purchase_price, shares_bought, total

DISCOUNT = Decimal("0.03")

amounts = st.integers(0, 10**13).map(Money.from_cents)
counts = st.integers(0, 10**15).map(Shares.from_units)
prices = st.integers(1, 10**8).map(lambda units: Price(Decimal(units) / 10_000))


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        pytest.param("250", 25_000, id="whole dollars"),
        pytest.param("250.00", 25_000, id="with cents"),
        pytest.param("0.01", 1, id="a cent"),
        pytest.param("0", 0, id="nothing"),
        pytest.param("-0", 0, id="nothing, written oddly"),
        pytest.param("10000.1", 1_000_010, id="one decimal"),
        pytest.param("1E+2", 10_000, id="with an exponent"),
    ],
)
def test_money_is_exact_to_the_cent(text: str, cents: int) -> None:
    money = Money.of(text)
    assert money.cents == cents
    assert money == Money.from_cents(cents)
    assert str(money) == f"{cents // 100}.{cents % 100:02}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("250.001", id="a fraction of a cent"),
        pytest.param("-0.01", id="negative"),
        pytest.param("NaN", id="not a number"),
        pytest.param("sNaN", id="a signalling not-a-number"),
        pytest.param("Infinity", id="infinite"),
        pytest.param("1E+500", id="absurdly large"),
        pytest.param("1000000000000", id="a trillion"),
        pytest.param("five", id="words"),
        pytest.param("", id="empty"),
        pytest.param("$5", id="a sign"),
    ],
)
def test_what_is_not_payable_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match="not a payable amount"):
        Money.of(text)


@pytest.mark.parametrize("text", ["0.00001", "-1", "NaN", "1E+30", "half"])
def test_what_is_no_number_of_shares_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number of shares"):
        Shares.of(text)


@pytest.mark.parametrize("text", ["0", "0.00001", "-1", "NaN", "Infinity"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a price"):
        Price(Decimal(text))


def test_money_cannot_go_below_nothing() -> None:
    with pytest.raises(ValueError, match="not a payable amount"):
        Money.of("1") - Money.of("1.01")


@given(st.lists(amounts, max_size=20).filter(lambda found: sum(money.cents for money in found) < 10**14))
def test_a_total_is_the_sum_of_its_cents(found: list[Money]) -> None:
    assert total(found).cents == sum(money.cents for money in found)


def test_a_total_of_nothing_is_zero_dollars() -> None:
    assert total([]) == ZERO_DOLLARS


@given(amounts, amounts)
def test_adding_and_taking_away_are_inverse(one: Money, other: Money) -> None:
    assert one + other - other == one


@given(counts)
def test_two_halves_never_exceed_the_whole(count: Shares) -> None:
    half = count.half()
    assert half + half <= count
    assert count.units - 2 * half.units <= 1


@pytest.mark.parametrize(
    ("whole", "half"),
    [
        pytest.param("150.5", "75.25", id="even"),
        pytest.param("0.0003", "0.0001", id="an odd ten-thousandth stays"),
        pytest.param("0.0001", "0", id="half of the smallest is nothing"),
        pytest.param("0", "0", id="half of nothing"),
    ],
)
def test_half_is_rounded_down(whole: str, half: str) -> None:
    assert Shares.of(whole).half() == Shares.of(half)


@pytest.mark.parametrize(
    ("closes", "price"),
    [
        pytest.param(("1.12", "1.15", "1.09"), "1.0864", id="the announcement's month"),
        pytest.param(("1.58", "1.61", "1.66"), "1.5682", id="rounding the average first would give 1.5714"),
        pytest.param(("1", "1", "1"), "0.9700", id="even dollars"),
        pytest.param(("0.0001", "0.0001", "0.0001"), "0.0001", id="the smallest price"),
        pytest.param(("1.00", "1.00", "1.005"), "0.9716", id="just under half a ten-thousandth"),
        pytest.param(("0.0501", "0.0500", "0.0499"), "0.0485", id="exact"),
        pytest.param(("1.0350", "1.0350", "1.0350"), "1.0040", id="half of a ten-thousandth goes up"),
    ],
)
def test_the_price_is_rounded_once_half_up(closes: tuple[str, ...], price: str) -> None:
    assert purchase_price([Price(Decimal(close)) for close in closes], DISCOUNT) == Price(Decimal(price))


@given(st.lists(prices, min_size=1, max_size=5))
def test_the_price_is_the_exact_average_less_the_discount(closes: list[Price]) -> None:
    with localcontext(Context(prec=80)):
        exact = sum((close.dollars for close in closes), Decimal(0)) * (1 - DISCOUNT) / len(closes)
        rounded = exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if rounded:
        assert purchase_price(closes, DISCOUNT).dollars == rounded


def test_a_price_needs_a_close() -> None:
    with pytest.raises(ValueError, match="no closes"):
        purchase_price([], DISCOUNT)


@pytest.mark.parametrize(
    ("amount", "price", "shares"),
    [
        pytest.param("250", "1.0864", "230.1178", id="the least, at 1.0864"),
        pytest.param("10000", "1.0864", "9204.7128", id="the most, at 1.0864"),
        pytest.param("250", "1.5682", "159.4184", id="the least, at 1.5682"),
        pytest.param("10000", "1.5682", "6376.7376", id="the most, at 1.5682"),
        pytest.param("0", "1.5682", "0", id="nothing buys nothing"),
        pytest.param("0.01", "101", "0", id="too little for the smallest fraction"),
    ],
)
def test_shares_bought_are_rounded_down(amount: str, price: str, shares: str) -> None:
    assert shares_bought(Money.of(amount), Price(Decimal(price))) == Shares.of(shares)


@given(st.integers(0, 10**9).map(Money.from_cents), prices)
def test_no_share_is_issued_that_was_not_paid_for(amount: Money, price: Price) -> None:
    shares = shares_bought(amount, price)
    assert shares.count * price.dollars <= amount.dollars
    assert (shares.count + Decimal("0.0001")) * price.dollars > amount.dollars


@given(counts)
def test_shares_survive_a_stay_in_the_store(count: Shares) -> None:
    assert Shares.from_units(count.units) == count
    assert Shares.of(str(count)) == count


def test_no_shares_and_zero_dollars_are_nothing() -> None:
    assert NO_SHARES.units == 0
    assert ZERO_DOLLARS.cents == 0
