"""Exact quantities: dollars, prices, shares.

Nothing here is ever a binary floating-point number. Each rounding happens in
one named function and says which way it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

CENT = Decimal("0.01")
TEN_THOUSANDTH = Decimal("0.0001")

LARGEST = Decimal("1000000000000")
"""No quantity of this program reaches a trillion; larger input is a fault."""


def _exact(value: Decimal, step: Decimal, what: str) -> Decimal:
    """`value` on the grid of `step`, or ValueError if it is not exactly on it."""
    try:
        on_grid = value.quantize(step)
    except InvalidOperation:
        raise ValueError(f"not {what}: {value}") from None
    if not value.is_finite() or value < 0 or value >= LARGEST or on_grid != value:
        raise ValueError(f"not {what}: {value}")
    return abs(on_grid)  # zero has a sign in Decimal, and none here


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """US dollars, exact to the cent, never negative."""

    dollars: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "dollars", _exact(self.dollars, CENT, "a payable amount"))

    @classmethod
    def of(cls, text: str) -> Money:
        """Money from digits such as "250" or "250.00". ValueError if it is not a payable amount."""
        try:
            return cls(Decimal(text))
        except InvalidOperation:
            raise ValueError(f"not a payable amount: {text}") from None

    @classmethod
    def from_cents(cls, cents: int) -> Money:
        """Money from a whole number of cents."""
        return cls(Decimal(cents) * CENT)

    @property
    def cents(self) -> int:
        """The amount as a whole number of cents."""
        return int(self.dollars * 100)

    def __add__(self, other: Money) -> Money:
        return Money(self.dollars + other.dollars)

    def __sub__(self, other: Money) -> Money:
        return Money(self.dollars - other.dollars)

    def __str__(self) -> str:
        return f"{self.dollars:.2f}"


ZERO_DOLLARS = Money(Decimal(0))


def total(amounts: Iterable[Money]) -> Money:
    """The sum of `amounts`; nothing sums to zero dollars."""
    return sum(amounts, ZERO_DOLLARS)


@dataclass(frozen=True, slots=True, order=True)
class Price:
    """US dollars for one share, exact to four places, above zero."""

    dollars: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "dollars", _exact(self.dollars, TEN_THOUSANDTH, "a price"))
        if not self.dollars:
            raise ValueError("not a price: 0")

    @classmethod
    def from_units(cls, ten_thousandths: int) -> Price:
        """A price from a whole number of ten-thousandths of a dollar."""
        return cls(Decimal(ten_thousandths) * TEN_THOUSANDTH)

    @property
    def units(self) -> int:
        """The price as a whole number of ten-thousandths of a dollar."""
        return int(self.dollars * 10_000)

    def __str__(self) -> str:
        return f"{self.dollars:.4f}"


@dataclass(frozen=True, slots=True, order=True)
class Shares:
    """A number of shares, exact to four places, never negative."""

    count: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", _exact(self.count, TEN_THOUSANDTH, "a number of shares"))

    @classmethod
    def of(cls, text: str) -> Shares:
        """Shares from digits such as "12.375". ValueError if more than four places."""
        try:
            return cls(Decimal(text))
        except InvalidOperation:
            raise ValueError(f"not a number of shares: {text}") from None

    @classmethod
    def from_units(cls, ten_thousandths: int) -> Shares:
        """Shares from a whole number of ten-thousandths of a share."""
        return cls(Decimal(ten_thousandths) * TEN_THOUSANDTH)

    @property
    def units(self) -> int:
        """The count as a whole number of ten-thousandths of a share."""
        return int(self.count * 10_000)

    def __add__(self, other: Shares) -> Shares:
        return Shares(self.count + other.count)

    def __sub__(self, other: Shares) -> Shares:
        return Shares(self.count - other.count)

    def half(self) -> Shares:
        """Half of this number, rounded down to four places, so that two halves never exceed it."""
        return Shares((self.count / 2).quantize(TEN_THOUSANDTH, ROUND_DOWN))

    def __str__(self) -> str:
        return f"{self.count:.4f}"


NO_SHARES = Shares(Decimal(0))


def purchase_price(closes: Sequence[Price], discount: Decimal) -> Price:
    """The price of one share: the average of `closes` less `discount` (0.03 is 3 %).

    Rounded once, half-up, to four places; the average itself is never rounded.
    ValueError if there are no closes, or if the price would round to nothing.
    PR and OC, "Purchase price".
    """
    if not closes:
        raise ValueError("no closes make no price")
    with localcontext() as exact:
        exact.prec = 60
        average = sum((close.dollars for close in closes), Decimal(0)) / len(closes)
        return Price((average * (1 - discount)).quantize(TEN_THOUSANDTH, ROUND_HALF_UP))


def shares_bought(amount: Money, price: Price) -> Shares:
    """Shares that `amount` buys at `price`, to four places, rounded down.

    Rounding down means the plan never issues a share it was not paid for. The
    cost basis is the whole amount. OC, "Shares bought".
    """
    with localcontext() as exact:
        exact.prec = 60
        return Shares((amount.dollars / price.dollars).quantize(TEN_THOUSANDTH, ROUND_DOWN))
