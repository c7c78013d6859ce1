"""Which shares are left of those that were bought together, and what they cost. Pure.

Shares that leave are those that came first, as long as a holder has not said
otherwise; a purchase that is taken back takes its own lot. Our choice, to be held
against the prospectus: no rule of the plan says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, localcontext

from handlers.plan.money import CENT, Money, Shares
from handlers.plan.statement import FiguresDisagree, Lot, ShareEntry, ShareMovement


@dataclass(slots=True)
class _Bought:
    """A lot while shares leave it, in ten-thousandths."""

    reference: str
    on: date | None
    units: int
    left: int
    cost: Money | None


def lots_of(entries: Sequence[ShareEntry], bought_on: Mapping[str, date]) -> tuple[Lot, ...]:
    """What is left of each lot after all of `entries`, oldest first. FiguresDisagree if more left than there was.

    `bought_on` is the purchase date of each order; it differs from the day of the
    entry where a purchase was made up late.
    """
    held: list[_Bought] = []
    for entry in entries:
        units = entry.shares.units
        match entry.movement:
            case ShareMovement.PURCHASE:
                day = bought_on.get(entry.reference, entry.on)
                held.append(_Bought(entry.reference, day, units, units, entry.dollars))
            case ShareMovement.MOVED_IN:
                held.append(_Bought(entry.reference, None, units, units, None))
            case ShareMovement.REVERSAL:
                own_first = sorted(held, key=lambda lot: lot.reference != entry.reference)
                _take(own_first, units, entry)
            case ShareMovement.SALE | ShareMovement.MOVED_OUT:
                _take(held, units, entry)
    return tuple(Lot(lot.on, Shares.from_units(lot.left), _cost_left(lot)) for lot in held if lot.left)


def _take(held: Sequence[_Bought], units: int, entry: ShareEntry) -> None:
    for lot in held:
        taken = min(lot.left, units)
        lot.left -= taken
        units -= taken
    if units:
        raise FiguresDisagree(f"{entry.reference}: more shares leave an account than its lots have on {entry.on}")


def _cost_left(lot: _Bought) -> Money | None:
    """The cost of what is left: reckoned from the whole each time, half-up, so nothing drifts."""
    if lot.cost is None or lot.left == lot.units:
        return lot.cost
    with localcontext() as exact:
        exact.prec = 60
        return Money((lot.cost.dollars * lot.left / lot.units).quantize(CENT, ROUND_HALF_UP))
