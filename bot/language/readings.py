"""Every candidate for a detail in one text, whatever is asked, each with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.language import amounts, dates, payments, places, share_counts
from bot.language.figure_roles import Roles
from bot.language.found import Found
from bot.language.numbers import quantities
from bot.language.references import References, masked, references
from bot.language.text import plain
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

MOST = 300
"""A message with more numbers than this is a table; none of them is read, and the sender is asked."""
LEAST = Decimal(10)
"""A number under this after a word of correction ("sorry, 2 typos") corrects nothing."""
READING = "dspp_reading"
"""Key under which a doc keeps its reading."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Every candidate in one text, whatever is asked."""

    text: str
    """The text as `plain` gives it; all spans are into it."""
    figures: tuple[Found[Decimal], ...] = ()
    """Every number that might be an amount or a count, whatever the words around it make of it."""
    amounts: tuple[Found[Money | None], ...] = ()
    bare_amounts: tuple[Found[Money | None], ...] = ()
    shares: tuple[Found[Shares | None], ...] = ()
    bare_shares: tuple[Found[Shares | None], ...] = ()
    held_shares: tuple[Found[Shares | None], ...] = ()
    """Counts that are only told of as held."""
    portions: tuple[Found[Portion], ...] = ()
    states: tuple[Found[str], ...] = ()
    address_states: tuple[Found[str], ...] = ()
    references: References = field(default_factory=References)
    payment_methods: tuple[Found[PaymentMethod], ...] = ()
    deduction_methods: tuple[Found[PaymentMethod], ...] = ()
    """Ways to pay where a monthly deduction is what is asked for."""
    frequencies: tuple[Found[str], ...] = ()
    deduction_frequencies: tuple[Found[str], ...] = ()
    """How often, with what only names the deduction: "my monthly debit"."""
    days_of_month: tuple[Found[int], ...] = ()
    effective_dates: tuple[Found[str], ...] = ()
    starting_dates: tuple[Found[str], ...] = ()
    """Those of them that are said to be a beginning; "in March" alone is none."""
    names_a_part: bool = False
    roles: Roles = field(default_factory=dict)
    """What each figure is for, as far as the words around it show; empty where nobody looked."""
    days: Mapping[int, float] = field(default_factory=dict)
    """How likely something is ordered for each day and date, by where it begins; empty where nobody looked."""


def read(text: str) -> Reading:
    """Every candidate for a slot in `text`."""
    text = plain(text)
    known = references(text)
    figures = masked(text, known)
    found = quantities(figures)
    if len(found) > MOST:
        found = []
    return Reading(
        text=text,
        amounts=amounts.amounts(text, found),
        figures=tuple(Found(each.value, each.start, each.end) for each in found if each.value and each.value >= LEAST),
        bare_amounts=amounts.bare_amounts(text, found),
        shares=share_counts.share_counts(text, found),
        bare_shares=share_counts.bare_share_counts(text, found),
        held_shares=share_counts.held_share_counts(text, found),
        portions=share_counts.portions(text),
        states=places.states(text),
        address_states=places.address_state(text),
        references=known,
        payment_methods=payments.payment_methods(text),
        deduction_methods=payments.deduction_methods(text),
        frequencies=dates.frequencies(text),
        deduction_frequencies=dates.frequencies(text, standing=True),
        days_of_month=dates.days_of_month(text),
        effective_dates=dates.effective_dates(text),
        starting_dates=dates.effective_dates(text, weak=False),
        names_a_part=share_counts.names_a_part(text),
    )


@dataclass(frozen=True, slots=True)
class Region:
    """A half-open stretch of the text that a request may take its slots from."""

    start: int
    end: int

    def holds(self, item: Found[object]) -> bool:
        """Whether `item` lies inside."""
        return self.start <= item.start and item.end <= self.end


Regions = Sequence[Region] | None
"""The stretches of the text that a request may take its slots from; None for all of it."""


def with_roles(reading: Reading, roles: Roles) -> Reading:
    """`reading` with what its figures are for."""
    return replace(reading, roles=roles)
