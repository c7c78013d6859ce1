"""Who gets how many of the month's new shares, and what happens to each dollar of it.

Two passes, so that a million orders need no more memory than one: the first
(`demand_of`) counts what all of them ask for, the second (`allot`) gives each its
part. What an order gets follows from the price, the shares left, that count, and
its own dollars alone; so the second pass may be cut into pieces and taken up again
anywhere. All counting is in whole cents and ten-thousandths of a share.

Nothing here knows a store or a day. PR and OC, "Shares bought", "Aggregate limit", "Limit runs short".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from handlers.plan.money import Money, Price, Shares

_UNITS_AT_ONE = 1_000_000
"""Cents times this, divided by a price in ten-thousandths of a dollar, are ten-thousandths of a share."""


@dataclass(frozen=True, slots=True)
class AcceptedOrder:
    """An order as the cut-off left it: the dollars that go into the purchase."""

    order_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Demand:
    """What all accepted orders of a month ask for together."""

    orders: int = 0
    cents: int = 0
    units: int = 0
    """Ten-thousandths of a share; each order's own are rounded down before they are added."""


class AllotmentKind(Enum):
    """How much of what it asked for an order gets."""

    IN_FULL = "in full"
    REDUCED = "reduced"
    """Fewer shares than its dollars would buy, because the limit ran short."""
    NOTHING = "nothing"
    """No shares, so no dollars either: all goes back."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one order gets: shares for `invested`; `refunded` goes back. The two add up to what was accepted."""

    order_id: str
    kind: AllotmentKind
    shares: Shares
    invested: Money
    """The cost basis of the shares."""
    refunded: Money


@dataclass(frozen=True, slots=True)
class AllotmentBasis:
    """All that an allotment rests on besides the order itself. The same for every order of the month.

    `left` are the shares under the aggregate limit before the month's first
    allotment; it stays the same while the month is allotted piece by piece.
    """

    price: Price
    left: Shares
    demand: Demand

    @property
    def is_short(self) -> bool:
        """Whether more is asked for than is left, so that every order is reduced."""
        return self.demand.units > self.left.units

    @property
    def exhausts(self) -> bool:
        """Whether the program is exhausted by this month: nothing is left, or only dust. No debit follows."""
        return self.demand.units >= self.left.units


def demand_of(price: Price, accepted: Iterable[AcceptedOrder]) -> Demand:
    """What `accepted` ask for at `price`: the first pass over a month's orders, in any order."""
    price_units = _price_units(price)
    orders = cents = units = 0
    for order in accepted:
        orders += 1
        cents += order.amount.cents
        units += _demanded(order.amount.cents, price_units)
    return Demand(orders, cents, units)


def allot(basis: AllotmentBasis, accepted: Iterable[AcceptedOrder]) -> Iterator[Allotment]:
    """What each of `accepted` gets, one by one in the order given: the second pass, or any piece of it.

    With enough left, an order gets the shares its dollars buy, rounded down, and
    all its dollars are invested. With too little, it gets its part of what is
    left by what it demanded, rounded down to four places; invested are those
    shares at the price, rounded half-up to the cent, and the rest goes back. What
    rounding leaves stays unissued. An allotment under the plan's minimum is fine.

    Without shares nothing is invested; and shares that would cost less than half
    a cent are not given, for nobody gets shares for nothing. OC, "Limit runs short".
    """
    price_units = _price_units(basis.price)
    left, demand, is_short = basis.left.units, basis.demand.units, basis.is_short
    for order in accepted:
        cents = order.amount.cents
        units, invested = _demanded(cents, price_units), cents
        if is_short:
            units = units * left // demand
            invested = (2 * units * price_units + _UNITS_AT_ONE) // (2 * _UNITS_AT_ONE)
        yield _allotment(order, units, invested, is_short=is_short)


def _allotment(order: AcceptedOrder, units: int, invested: int, *, is_short: bool) -> Allotment:
    """The allotment of so many units for so many cents; nothing where one of the two is nothing."""
    if not units or not invested:
        return Allotment(order.order_id, AllotmentKind.NOTHING, Shares.from_units(0), Money.from_cents(0), order.amount)
    return Allotment(
        order.order_id,
        AllotmentKind.REDUCED if is_short else AllotmentKind.IN_FULL,
        Shares.from_units(units),
        Money.from_cents(invested),
        Money.from_cents(order.amount.cents - invested),
    )


def _price_units(price: Price) -> int:
    return int(price.dollars * 10_000)


def _demanded(cents: int, price_units: int) -> int:
    """Ten-thousandths of a share that `cents` buy, rounded down."""
    return cents * _UNITS_AT_ONE // price_units


@dataclass(frozen=True, slots=True)
class AllotmentTotals:
    """The sums of a month's allotments; those of its pieces are added with +."""

    orders: int = 0
    units: int = 0
    """Ten-thousandths of a share."""
    invested_cents: int = 0
    refunded_cents: int = 0

    def __add__(self, other: AllotmentTotals) -> AllotmentTotals:
        return AllotmentTotals(
            self.orders + other.orders,
            self.units + other.units,
            self.invested_cents + other.invested_cents,
            self.refunded_cents + other.refunded_cents,
        )


def totals_of(allotments: Iterable[Allotment]) -> AllotmentTotals:
    """The sums over `allotments`."""
    orders = units = invested = refunded = 0
    for allotment in allotments:
        orders += 1
        units += allotment.shares.units
        invested += allotment.invested.cents
        refunded += allotment.refunded.cents
    return AllotmentTotals(orders, units, invested, refunded)


class AllotmentFault(Enum):
    """How the sums of what was allotted can contradict what it was to rest on."""

    ORDERS_DIFFER = "not the orders that were counted"
    DOLLARS_DIFFER = "invested and refunded are not what was accepted"
    OVER_THE_LIMIT = "more shares than are left under the limit"
    OVER_THE_DEMAND = "more shares than were asked for"


def faults_of(totals: AllotmentTotals, basis: AllotmentBasis) -> tuple[AllotmentFault, ...]:
    """Every way in which a whole month's `totals` contradict its `basis`. Empty means they agree.

    A contradiction is no shareholder's affair: orders changed between the passes,
    or a piece ran twice or not at all. Nothing may be issued then.
    """
    held = {
        AllotmentFault.ORDERS_DIFFER: totals.orders == basis.demand.orders,
        AllotmentFault.DOLLARS_DIFFER: totals.invested_cents + totals.refunded_cents == basis.demand.cents,
        AllotmentFault.OVER_THE_LIMIT: totals.units <= basis.left.units,
        AllotmentFault.OVER_THE_DEMAND: totals.units <= basis.demand.units,
    }
    return tuple(fault for fault, holds in held.items() if not holds)
