"""The details of a request: reads every candidate once, then gives each intent those it uses.

`read` knows nothing of intents; `slots_for` knows which slots an intent uses
and what a bare number means to it. Nothing is chosen between true rivals:
both stay, and the handler asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from bot.language import amounts, dates, payments, places, share_counts
from bot.language.corrections import governing, is_corrected_by, is_taken_back
from bot.language.found import Found
from bot.language.numbers import quantities
from bot.language.references import References, masked, references
from bot.language.share_counts import ShareCount
from bot.language.text import before, plain
from handlers.contract import Slots, Span
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

USED: dict[str, frozenset[str]] = {
    "buy": frozenset({"amount_usd", "shares", "account", "payment_method", "frequency", "effective_date"}),
    "sell": frozenset({"amount_usd", "shares", "account", "effective_date"}),
    "recurring": frozenset({"amount_usd", "account", "payment_method", "frequency", "day_of_month", "effective_date"}),
    "cancel_order": frozenset({"amount_usd", "shares", "order_id", "account"}),
    "order_status": frozenset({"order_id", "account"}),
    "balance": frozenset({"account"}),
    "documents": frozenset({"account"}),
    "withdraw": frozenset({"account", "effective_date"}),
    "transfer_shares": frozenset({"shares", "account"}),
    "update_account": frozenset({"account", "state", "effective_date"}),
    "enroll": frozenset({"state", "account", "effective_date"}),
    "eligible_states": frozenset({"state"}),
}
"""The slots each intent uses; the others use none."""

LEAST = Decimal(10)
"""A number under this after a word of correction ("sorry, 2 typos") corrects nothing."""
READING = "dspp_reading"
"""Key under which a doc keeps its reading."""

Value = TypeVar("Value")


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
    portions: tuple[Found[Portion], ...] = ()
    states: tuple[Found[str], ...] = ()
    address_states: tuple[Found[str], ...] = ()
    references: References = field(default_factory=References)
    payment_methods: tuple[Found[PaymentMethod], ...] = ()
    frequencies: tuple[Found[str], ...] = ()
    days_of_month: tuple[Found[int], ...] = ()
    effective_dates: tuple[Found[str], ...] = ()
    names_a_part: bool = False


def read(text: str) -> Reading:
    """Every candidate for a slot in `text`."""
    text = plain(text)
    known = references(text)
    figures = masked(text, known)
    found = quantities(figures)
    return Reading(
        text=text,
        amounts=amounts.amounts(text, found),
        figures=tuple(Found(each.value, each.start, each.end) for each in found if each.value and each.value >= LEAST),
        bare_amounts=amounts.bare_amounts(text, found),
        shares=share_counts.share_counts(text, found),
        bare_shares=share_counts.bare_share_counts(text, found),
        portions=share_counts.portions(text),
        states=places.states(text),
        address_states=places.address_state(text),
        references=known,
        payment_methods=payments.payment_methods(text),
        frequencies=dates.frequencies(text),
        days_of_month=dates.days_of_month(text),
        effective_dates=dates.effective_dates(text),
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


def slots_for(intent: str, reading: Reading, regions: Regions = None) -> tuple[Slots, tuple[Span, ...]]:
    """The slots a request for `intent` takes from `regions` of the text (from all of it if None), with their places."""
    used = USED.get(intent, frozenset())

    money = _amounts(intent, reading, regions) if "amount_usd" in used else ()
    counted = _shares(intent, reading, regions) if "shares" in used else ()
    if intent == "sell" and counted and money and not _within(reading.amounts, regions):
        money = ()
    accounts, order_ids = _references(intent, reading, regions)
    days = _within(reading.days_of_month, regions) if "day_of_month" in used else ()
    effective = _within(reading.effective_dates, regions) if "effective_date" in used else ()
    frequencies = _within(reading.frequencies, regions) if "frequency" in used else ()
    methods = _within(reading.payment_methods, regions) if "payment_method" in used else ()
    states = _states(intent, reading, regions) if "state" in used else ()
    slots = Slots(
        amounts=tuple(item.value for item in money),
        shares=tuple(item.value for item in counted),
        states=tuple(item.value for item in states),
        accounts=tuple(item.value for item in accounts),
        order_ids=tuple(item.value for item in order_ids),
        payment_methods=tuple(item.value for item in methods),
        frequencies=tuple(item.value for item in frequencies),
        days_of_month=tuple(item.value for item in days),
        effective_dates=tuple(item.value for item in effective),
    )
    named: tuple[tuple[str, Sequence[Found[object]]], ...] = (
        ("amount_usd", money), ("shares", counted), ("state", states), ("account", accounts), ("order_id", order_ids),
        ("payment_method", methods), ("frequency", frequencies), ("day_of_month", days), ("effective_date", effective),
    )  # fmt: skip
    spans = [
        Span(name, item.start, item.end, reading.text[item.start : item.end]) for name, items in named for item in items
    ]
    return slots, tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _within(items: Iterable[Found[Value]], regions: Regions) -> tuple[Found[Value], ...]:
    return tuple(item for item in items if regions is None or any(region.holds(item) for region in regions))


def _amounts(intent: str, reading: Reading, regions: Regions) -> tuple[Found[Money], ...]:
    """What is to be paid; nothing where one candidate could not be read for certain."""
    text, marked, bare = reading.text, _within(reading.amounts, regions), _within(reading.bare_amounts, regions)
    takes_bare = intent in {"buy", "recurring"}
    candidates = list(marked)
    if marked and takes_bare:
        candidates += bare
    elif takes_bare:
        candidates = list(bare)
    kept = governing(text, sorted(candidates, key=lambda item: item.start))
    figures = _within(reading.figures, regions)
    others = [(item.start, item.end) for item in figures if all(item.value != _number(money.value) for money in kept)]
    return () if is_taken_back(text, kept, others) else _readable(kept)


def _shares(intent: str, reading: Reading, regions: Regions) -> tuple[Found[ShareCount], ...]:
    marked: list[Found[Shares | None]] = list(_within(reading.shares, regions))
    bare = _within(reading.bare_shares, regions) if intent in {"sell", "transfer_shares"} else ()
    portions = _within(reading.portions, regions) if intent in {"sell", "transfer_shares"} else ()
    if marked or portions:
        first = min(item.start for item in (*marked, *portions))
        marked += [item for item in bare if item.start > first and is_corrected_by(reading.text, first, item.start)]
    else:
        marked += bare
    candidates: list[Found[ShareCount | None]] = [*marked, *portions]
    kept = governing(reading.text, sorted(candidates, key=lambda item: item.start))
    figures = _within(reading.figures, regions)
    others = [(item.start, item.end) for item in figures if all(item.value != _number(count.value) for count in kept)]
    return () if is_taken_back(reading.text, kept, others) else _readable(kept)


def _number(value: object) -> Decimal | None:
    return value.dollars if isinstance(value, Money) else value.count if isinstance(value, Shares) else None


def _readable(found: Sequence[Found[Value | None]]) -> tuple[Found[Value], ...]:
    kept = [Found(item.value, item.start, item.end) for item in found if item.value is not None]
    return tuple(kept) if len(kept) == len(found) else ()


def _references(intent: str, reading: Reading, regions: Regions) -> tuple[Sequence[Found[str]], Sequence[Found[str]]]:
    """Accounts and order ids; what neither words nor form decide is what the intent would name."""
    used = USED.get(intent, frozenset())
    known = reading.references
    accounts, order_ids = list(_within(known.accounts, regions)), list(_within(known.order_ids, regions))
    for item in _within(known.either, regions):
        as_account = "order_id" not in used or re.search(r"\b(?:on|in)\s*$", before(reading.text, item.start, 10))
        known_already = {other.value.upper() for other in (*accounts, *order_ids)}
        if item.value.upper() not in known_already:
            (accounts if as_account else order_ids).append(item)
    return (accounts if "account" in used else ()), (order_ids if "order_id" in used else ())


def _states(intent: str, reading: Reading, regions: Regions) -> Sequence[Found[str]]:
    return _within(reading.address_states, regions) if intent == "update_account" else _within(reading.states, regions)


def details_of(reading: Reading) -> Slots:
    """Every detail of a text, whatever is asked; a bare number counts both as dollars and as shares."""
    known = reading.references
    bare = () if reading.shares or reading.portions else reading.bare_amounts
    money = _readable(governing(reading.text, reading.amounts or bare))
    marked: list[Found[ShareCount | None]] = [*reading.shares, *reading.portions]
    counted = marked or ([] if reading.amounts else [*reading.bare_shares])
    shares: tuple[Found[ShareCount], ...] = _readable(
        governing(reading.text, sorted(counted, key=lambda item: item.start))
    )
    return Slots(
        amounts=tuple(item.value for item in money),
        shares=tuple(item.value for item in shares),
        states=tuple(item.value for item in reading.states),
        accounts=tuple(item.value for item in (*known.accounts, *known.either)),
        order_ids=tuple(item.value for item in (*known.order_ids, *known.either)),
        payment_methods=tuple(item.value for item in reading.payment_methods),
        frequencies=tuple(item.value for item in reading.frequencies),
        days_of_month=tuple(item.value for item in reading.days_of_month),
        effective_dates=tuple(item.value for item in reading.effective_dates),
    )
