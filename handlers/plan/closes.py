"""Which closes stand for the pricing days, and when a person is needed.

A close is never substituted or guessed. One that comes by file stands at once,
unless it jumps; by hand it takes two different people who enter the same value.
A close that stands is replaced only by two people again, and never by a file.
Everything entered is kept by the store; which of it stands is counted here, from
the first entry on, each time.

PR and OC, "Purchase price", "A close is missing", "A close is corrected after issue".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto

from handlers.plan.calendar import OutsideCalendar, TradingCalendar
from handlers.plan.money import LARGEST, Price, purchase_price
from handlers.plan.terms import PlanTerms

_ENOUGH = 2
"""So many different people vouch for a close that no file brought."""


class CloseProblem(Enum):
    """What is wrong, or remarkable, about a close that somebody brings. Order is precedence: most serious first."""

    NOT_A_PRICE = auto()
    """Zero, negative, or no number at all."""
    TOO_FINE = auto()
    """More than four places."""
    OUTSIDE_CALENDAR = auto()
    """The trading calendar does not reach that day; perhaps the year is a slip."""
    NOT_A_SESSION = auto()
    IN_THE_FUTURE = auto()
    AFTER_ISSUE = auto()
    """Shares were issued at a price that rests on this day: staff, and an amended confirmation."""
    DIFFERS = auto()
    """Another value stands for the day; to correct it takes two people."""
    DUPLICATE = auto()
    """The same value stands already; there is nothing to do."""
    JUMP = auto()
    """Far from the last known close: a slip, or a split. It takes two people."""


REFUSED_PROBLEMS = frozenset(
    {
        CloseProblem.NOT_A_PRICE,
        CloseProblem.TOO_FINE,
        CloseProblem.OUTSIDE_CALENDAR,
        CloseProblem.NOT_A_SESSION,
        CloseProblem.IN_THE_FUTURE,
    }
)
"""With one of these a value is no close of that day and is not recorded. The others ask for people."""


class CloseSource(Enum):
    """How a close came in."""

    FILE = "file"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class CloseEntry:
    """A close as it was brought: by a file, or by a person who read it somewhere."""

    day: date
    price: Price
    source: CloseSource
    entered_by: str
    """The file's name and number, or the person's."""
    entered_at: datetime
    read_from: str = ""
    """Where a person took it from; what the file names as its source."""


@dataclass(frozen=True, slots=True)
class StandingClose:
    """The close that stands for a day."""

    day: date
    price: Price
    vouched_by: tuple[str, ...]
    """The file, or the people in the order of their entries."""


class CloseNeed(Enum):
    """What a day without a standing close waits for, or one whose close is in doubt."""

    TWO_PEOPLE = "two people must enter it"
    """A file brought a value that jumps, and nobody has vouched for it."""
    SECOND_PERSON = "a second person must enter the same"
    AGREEMENT = "what was entered differs"
    SOURCES_DIFFER = "another file says otherwise; two people must enter what is right"


@dataclass(frozen=True, slots=True)
class DayOfCloses:
    """Where a day stands: its close if there is one, and what its later entries still need."""

    standing: StandingClose | None
    need: CloseNeed | None


def check_close(
    day: date,
    dollars: Decimal,
    *,
    today: date,
    last_known: Price | None,
    stands: Price | None,
    is_issued: bool,
    terms: PlanTerms,
    calendar: TradingCalendar,
) -> tuple[CloseProblem, ...]:
    """Everything remarkable about `dollars` as the close of `day`, most serious first. Empty means it stands by itself.

    `last_known` is the close that stands for the last day before it that has one,
    `stands` what stands for the day itself; `is_issued` says whether shares were
    issued at a price that rests on the day.
    """
    found = set(_day_problems(day, today, calendar))
    price = _price(dollars)
    if price is None:
        is_amount = dollars.is_finite() and 0 < dollars < LARGEST
        found.add(CloseProblem.TOO_FINE if is_amount else CloseProblem.NOT_A_PRICE)
    if price is not None and price == stands:
        found.add(CloseProblem.DUPLICATE)
    elif stands is not None:
        found.add(CloseProblem.DIFFERS)
    if is_issued and CloseProblem.DUPLICATE not in found:
        found.add(CloseProblem.AFTER_ISSUE)
    if price is not None and CloseProblem.DUPLICATE not in found and jumps(price, last_known, terms):
        found.add(CloseProblem.JUMP)
    return tuple(sorted(found, key=lambda problem: problem.value))


def jumps(price: Price, last_known: Price | None, terms: PlanTerms) -> bool:
    """Whether `price` is further from `last_known` than the terms let pass; with nothing known nothing jumps."""
    if last_known is None:
        return False
    return abs(price.dollars - last_known.dollars) > last_known.dollars * terms.close_jump


def standing(entries: Iterable[CloseEntry], terms: PlanTerms) -> Mapping[date, DayOfCloses]:
    """Where each day stands that has an entry, in order of day.

    Entries of a day count in the order in which they were made; a person's later
    one replaces that person's earlier one, and whenever the close that stands
    changes, earlier entries are used up. Whether a value jumps is held against the
    close that stands for the last day before it. Give the entries of some days
    before the first pricing day too, so that it is held against something.
    """
    by_day: dict[date, list[CloseEntry]] = {}
    for entry in entries:
        by_day.setdefault(entry.day, []).append(entry)
    found: dict[date, DayOfCloses] = {}
    last_known: Price | None = None
    for day in sorted(by_day):
        count = _Count(day, last_known, terms)
        for entry in sorted(by_day[day], key=lambda entry: (entry.entered_at, entry.source.value, entry.entered_by)):
            count.take(entry)
        found[day] = DayOfCloses(count.standing, count.need())
        last_known = count.standing.price if count.standing else last_known
    return found


def missing_days(days: Iterable[date], closes: Mapping[date, DayOfCloses]) -> tuple[date, ...]:
    """Those of `days` for which no close stands, in order. While there are any, pricing is held."""
    return tuple(sorted(day for day in days if day not in closes or closes[day].standing is None))


def days_in_doubt(days: Iterable[date], closes: Mapping[date, DayOfCloses]) -> tuple[date, ...]:
    """Those of `days` whose close stands but is disputed, in order: another file, or one person, says otherwise."""
    return tuple(sorted(day for day in days if (found := closes.get(day)) and found.standing and found.need))


def price_of(days: Sequence[date], closes: Mapping[date, DayOfCloses], terms: PlanTerms) -> Price:
    """The purchase price that follows from the closes of all pricing `days`. PR and OC, "Purchase price".

    ValueError if the days are not as many as the terms say, or one has no close:
    a price from fewer closes is no price of the plan. Ask `missing_days` before.
    """
    if len(set(days)) != terms.pricing_count:
        raise ValueError(f"{len(set(days))} pricing days make no price; the terms say {terms.pricing_count}")
    prices = [found.standing.price for day in days if (found := closes.get(day)) and found.standing]
    if len(prices) < len(days):
        missing = ", ".join(day.isoformat() for day in missing_days(days, closes))
        raise ValueError(f"no close stands for {missing}; it must be loaded, or entered by two people")
    return purchase_price(prices, terms.discount)


@dataclass(slots=True)
class _Count:
    """One day's entries, taken one after another."""

    day: date
    last_known: Price | None
    terms: PlanTerms
    standing: StandingClose | None = None
    entered: dict[str, CloseEntry] = field(default_factory=dict)
    """Each person's latest entry since the close that stands changed."""
    has_jumped: bool = False
    is_contradicted: bool = False
    """Whether a file brought another value than the one that stands."""

    def take(self, entry: CloseEntry) -> None:
        match entry.source:
            case CloseSource.FILE:
                self._take_file(entry)
            case CloseSource.PERSON:
                self._take_person(entry)

    def _take_file(self, entry: CloseEntry) -> None:
        if self.standing is not None:
            self.is_contradicted = self.is_contradicted or entry.price != self.standing.price
            return
        if jumps(entry.price, self.last_known, self.terms):
            self.has_jumped = True
            return
        self._stand(entry.price, (entry.entered_by,))

    def _take_person(self, entry: CloseEntry) -> None:
        person = " ".join(entry.entered_by.casefold().split())
        self.entered.pop(person, None)  # the later entry also comes later than others'
        if self.standing is not None and entry.price == self.standing.price and not self.is_contradicted:
            return
        self.entered[person] = entry
        same = [other.entered_by for other in self.entered.values() if other.price == entry.price]
        if len(same) >= _ENOUGH:
            self._stand(entry.price, tuple(same))

    def _stand(self, price: Price, vouched_by: tuple[str, ...]) -> None:
        self.standing = StandingClose(self.day, price, vouched_by)
        self.entered.clear()
        self.is_contradicted = False

    def need(self) -> CloseNeed | None:
        """What the entries that count still need."""
        if self.entered:
            prices = {entry.price for entry in self.entered.values()}
            return CloseNeed.SECOND_PERSON if len(prices) == 1 else CloseNeed.AGREEMENT
        if self.is_contradicted:
            return CloseNeed.SOURCES_DIFFER
        return CloseNeed.TWO_PEOPLE if self.has_jumped and self.standing is None else None


def _day_problems(day: date, today: date, calendar: TradingCalendar) -> Iterable[CloseProblem]:
    if day > today:
        yield CloseProblem.IN_THE_FUTURE
    try:
        if not calendar.is_session(day):
            yield CloseProblem.NOT_A_SESSION
    except OutsideCalendar:
        yield CloseProblem.OUTSIDE_CALENDAR


def _price(dollars: Decimal) -> Price | None:
    """A price, or None if it is none to four places."""
    try:
        return Price(dollars)
    except ValueError:
        return None
