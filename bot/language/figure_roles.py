"""What a figure is for, where the grammar alone cannot tell: learned chances beside the rules.

The grammar tells an amount from a price by the words that it knows. Where it
finds two amounts, or none, the chances that `figures` learned from context
settle it, but only where they are sure of every figure; and a figure that they
are sure is only told of is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from bot.language.found import Found

Value = TypeVar("Value")

SURE: Final = 0.7
"""Chance from which on a figure is taken for ordered, or for told of, beside others."""
LEFT_OPEN: Final = 0.3
"""Chance from which on a figure that is surely ordered may be paid, or may be counted in shares."""
SURELY_TOLD: Final = 0.9
"""Chance of being only told of from which on the only figure is asked about."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely a figure is to be paid, to be counted in shares, or neither."""

    amount: float
    shares: float
    told: float


Roles = Mapping[int, Chances]
"""The chances of each figure of a text, by where it begins; figures that were not looked at are missing."""


def settled(kept: Sequence[Found[Value]], roles: Roles) -> Sequence[Found[Value]]:
    """Of rival figures the one that is ordered for sure, where all others are surely not; else all of them.

    Whether it is paid or counted the grammar has told.
    """
    values = {item.value for item in kept}
    if len(values) < 2 or any(item.start not in roles for item in kept):
        return kept
    ordered = [item for item in kept if 1 - roles[item.start].told >= SURE]
    told = {item.value for item in kept if roles[item.start].told >= SURE}
    wanted = {item.value for item in ordered}
    return ordered if len(wanted) == 1 and told == values - wanted else kept


def unheard(figures: Sequence[Found[Decimal]], roles: Roles, role: str) -> Found[Decimal] | None:
    """The only figure that is ordered for sure, all others being told of for sure; None if it is not so.

    Whether it is paid or counted is told by what is asked, where the figure itself leaves it open.
    """
    if not figures or any(item.start not in roles for item in figures):
        return None
    ordered = [
        item for item in figures if 1 - roles[item.start].told >= SURE and getattr(roles[item.start], role) >= LEFT_OPEN
    ]
    told = [item for item in figures if roles[item.start].told >= SURE]
    return (
        ordered[-1] if len({item.value for item in ordered}) == 1 and len(ordered) + len(told) == len(figures) else None
    )


def is_told(roles: Roles, start: int) -> bool:
    """Whether the figure that begins at `start` is likelier told of than ordered, and far."""
    return start in roles and roles[start].told >= SURE


def is_surely_told(roles: Roles, start: int) -> bool:
    """Whether the figure that begins at `start` is only told of, as far as its context shows."""
    return start in roles and roles[start].told >= SURELY_TOLD
