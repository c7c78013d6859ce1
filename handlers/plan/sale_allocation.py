"""How the month's one sale becomes each seller's proceeds.

All sell at the same price: the weighted average of every fill of the batch. What
is divided (shares where the broker sold fewer than the batch, the batch's dollars,
the broker's fees) is divided by largest remainder, so that the parts add up to
the whole, to the ten-thousandth of a share and to the cent. PR and OC, "Sales".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.plan.calendar import TradingCalendar, settlement_date
from handlers.plan.money import TEN_THOUSANDTH, Money, Price, Shares, total
from handlers.plan.terms import PlanBook

_UNITS_A_CENT = 1_000_000
"""Ten-thousandths of a share times ten-thousandths of a dollar that make one cent."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Shares of the batch that the broker sold at one price."""

    trade_date: date
    shares: Shares
    price: Price
    fee: Money
    """What the broker took for it."""


@dataclass(frozen=True, slots=True)
class SaleToAllocate:
    """A sale order as it stood in the batch."""

    order_id: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class Proceeds:
    """What one sale order brought."""

    order_id: str
    sold: Shares
    unsold: Shares
    """Stays the holder's: the broker sold fewer shares than the batch."""
    gross: Money
    broker_fee: Money
    plan_fee: Money

    @property
    def net(self) -> Money:
        """What the holder is paid."""
        return self.gross - self.broker_fee - self.plan_fee


class FillsContradict(ValueError):
    """The broker's fills cannot be of this batch. Nothing was allocated. A retry does not help."""


def average_price(fills: Sequence[Fill]) -> Price:
    """The price of a share over all fills, weighted by shares; rounded half-up to four places, for letters alone.

    Proceeds are counted from the exact average. FillsContradict without fills.
    """
    units = sum(fill.shares.units for fill in fills)
    if not units:
        raise FillsContradict("no fills make no price; wait for the broker's file")
    value = sum(_value(fill) for fill in fills)
    return Price((2 * value + units) // (2 * units) * TEN_THOUSANDTH)


def batch_gross(fills: Sequence[Fill]) -> Money:
    """What the batch brought before fees: every fill's shares at its price, rounded once, half-up to the cent."""
    value = sum(_value(fill) for fill in fills)
    return Money.from_cents((2 * value + _UNITS_A_CENT) // (2 * _UNITS_A_CENT))


def settles_on(fills: Sequence[Fill], calendar: TradingCalendar, book: PlanBook) -> date:
    """The day by which every fill has settled, each by its own era's rule. ValueError without fills."""
    return max(settlement_date(fill.trade_date, calendar, book.on(fill.trade_date)) for fill in fills)


def allocate(orders: Sequence[SaleToAllocate], fills: Sequence[Fill], sale_fee: Money) -> tuple[Proceeds, ...]:
    """What each of the batch's `orders` brought, in the order given.

    Shares sold, dollars and the broker's fees are exact sums of their parts. Each
    part is within a cent (a ten-thousandth of a share) of its exact share; where
    remainders are equal the lower order id gets the odd one, so the order of the
    rows changes nothing. The plan's `sale_fee` is taken once an order, never more
    than what is left of its gross. FillsContradict if the fills are of more shares
    than the batch, or cost more than they brought.
    """
    asked = _asked(orders)
    batch, filled = sum(asked.values()), sum(fill.shares.units for fill in fills)
    gross, fees = batch_gross(fills).cents, total(fill.fee for fill in fills).cents
    if filled > batch:
        raise FillsContradict(
            f"{Shares.from_units(filled)} shares were sold of a batch of {Shares.from_units(batch)}; ask the broker"
        )
    if fees > gross:
        raise FillsContradict(
            f"fees of ${Money.from_cents(fees)} on a sale of ${Money.from_cents(gross)}; ask the broker"
        )
    sold = divide(filled, asked)
    brought = divide(gross, sold)
    taken = divide(fees, brought)
    return tuple(
        _proceeds(order, sold[order.order_id], brought[order.order_id], taken[order.order_id], sale_fee)
        for order in orders
    )


def divide(whole: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`whole` divided by `weights` into whole parts that add up to it: the largest remainder takes the odd one.

    Of equal remainders the lower key's comes first. A weight of nothing gets
    nothing, and where `whole` is not above the sum of the weights no part is above
    its own weight. ValueError if there is something to divide and nobody to take it.
    """
    weight = sum(weights.values())
    if whole and not weight:
        raise ValueError(f"{whole} cannot be divided among nobody")
    parts = {key: whole * own // weight if whole else 0 for key, own in weights.items()}
    odd = whole - sum(parts.values())
    if odd:
        by_remainder = sorted(weights, key=lambda key: (-(whole * weights[key] % weight), key))
        for key in by_remainder[:odd]:
            parts[key] += 1
    return parts


def _asked(orders: Sequence[SaleToAllocate]) -> dict[str, int]:
    asked = {order.order_id: order.shares.units for order in orders}
    if len(asked) < len(orders):
        raise ValueError("a sale order is in the batch twice")
    for order_id, units in asked.items():
        if not units:
            raise ValueError(f"sale order {order_id} is of no shares and cannot be in a batch")
    return asked


def _proceeds(order: SaleToAllocate, sold: int, gross: int, broker_fee: int, sale_fee: Money) -> Proceeds:
    return Proceeds(
        order.order_id,
        Shares.from_units(sold),
        Shares.from_units(order.shares.units - sold),
        Money.from_cents(gross),
        Money.from_cents(broker_fee),
        min(sale_fee, Money.from_cents(gross - broker_fee)),
    )


def _value(fill: Fill) -> int:
    """Shares times price, exact, in ten-thousandths of ten-thousandths of a dollar."""
    return fill.shares.units * int(fill.price.dollars * 10_000)
