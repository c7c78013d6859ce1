"""What chance may bring in a month, and what is everybody's after it: reckoned check by check, with fractions.

In the plan's words, and with nothing of the program but its calendar, so that a fault of the one is not one of both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor

from handlers.plan.orders import Portion
from tests.month.playing import Month

HOLDERS = range(1, 7)
TAXPAYER = {1: 1, 2: 1, 3: 3, 4: 4, 5: 5, 6: 6}
"""Holders 1 and 2 are registrations of one taxpayer."""
DIES, MOVES = 4, 5
"""A death is reported of the one, the state of the other is closed, in months that chance chooses."""
GOOD_AFTER = 7
"""Banking sessions: more than the shipped terms, so that a check of the last days is carried forward."""
OPENING = 100 * 10_000


@dataclass(frozen=True)
class Paid:
    """One check of the play."""

    holder: int
    cents: int
    days_before: int
    """Calendar days before the day of the cut-off."""
    second: int
    """Seconds from the hour of the cut-off."""
    flaw: str
    """What is wrong with it, if anything."""
    is_ordered: bool
    """Whether an order by mail waits for it."""


@dataclass(frozen=True)
class Sold:
    """One sale order of the play."""

    holder: int
    units: int
    portion: Portion | None


@dataclass(frozen=True)
class Played:
    """What chance has of one month."""

    checks: tuple[Paid, ...]
    sales: tuple[Sold, ...]
    closes: tuple[int, int, int]
    """In cents."""
    fills: tuple[tuple[int, int, int], ...]
    """Parts of the batch in hundredths, prices in ten-thousandths, fees in cents."""


@dataclass
class Theirs:
    """What is everybody's by the naive reckoning: units of shares and cents, by holder."""

    shares: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HOLDERS, OPENING))
    pending: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HOLDERS, 0))
    refunds: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HOLDERS, 0))
    proceeds: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HOLDERS, 0))
    unsold: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HOLDERS, 0))
    """In a batch of which the broker has told nothing yet."""
    unmatched: int = 0
    invested: int = 0
    paid_out: int = 0
    issued: int = 0
    waiting: list[tuple[Paid, datetime]] = field(default_factory=list)
    """Checks that no month has taken yet."""


def half_up(exact: Fraction) -> int:
    """The nearest whole number, a half upwards."""
    return floor(exact + Fraction(1, 2))


def largest_remainder(whole: Fraction, weights: dict[str, int]) -> dict[str, int]:
    """A whole number divided by weights, the odd ones by largest remainder and then by key."""
    summed = sum(weights.values())
    exact = {key: whole * weight / summed if summed else Fraction(0) for key, weight in weights.items()}
    parts = {key: floor(part) for key, part in exact.items()}
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[: int(whole) - sum(parts.values())]:
        parts[key] += 1
    return parts


def buy(theirs: Theirs, month: Month, played: Played, number: str, limit: int, barred: set[int]) -> None:
    """What the month's purchase gives everybody, check by check."""
    dates = month.dates(number)
    calendar = month.plan.calendar(dates.cut_off)
    taken: dict[int, list[tuple[datetime, Paid]]] = defaultdict(list)
    left_over = []
    for one, received in theirs.waiting:
        if received > dates.cut_off:
            left_over.append((one, received))
        elif one.holder in barred:
            pass  # it is held for a person, and waits in the holder's account
        elif calendar.banking_sessions_after(received.date(), GOOD_AFTER) > dates.purchase_date:
            left_over.append((one, received))
        else:
            taken[TAXPAYER[one.holder]].append((received, one))
    theirs.waiting = left_over
    accepted: list[tuple[int, int]] = []
    for own in taken.values():
        room = 1_000_000 if sum(one.cents for _, one in own) >= 25_000 else 0
        for _, one in sorted(own, key=lambda pair: pair[0]):
            cents = min(one.cents, room)
            room -= cents
            theirs.pending[one.holder] -= one.cents
            theirs.refunds[one.holder] += one.cents - cents
            if cents:
                accepted.append((one.holder, cents))
    price = Fraction(half_up(Fraction(sum(played.closes), 300) * Fraction(97, 100) * 10_000), 10_000)
    wanted = [floor(Fraction(cents, 100) / price * 10_000) for _, cents in accepted]
    demand, left = sum(wanted), limit - theirs.issued
    for (who, cents), units in zip(accepted, wanted, strict=True):
        given, spent = units, cents
        if demand > left:
            given = floor(Fraction(units * left, demand))
            spent = half_up(given * price / 100)
        if not given or not spent:
            given = spent = 0
        theirs.shares[who] += given
        theirs.issued += given
        theirs.invested += spent
        theirs.refunds[who] += cents - spent


def sell(theirs: Theirs, played: Played, orders: list[tuple[str, Sold]], barred: set[int], held: dict[int, int]) -> int:
    """What the month's sale takes and brings, by the position of the lock. Returns the units of the batch."""
    batch: dict[str, int] = {}
    owner: dict[str, int] = {}
    free = {who: max(0, units - theirs.unsold[who]) for who, units in held.items()}
    left = dict(free)
    for order_id, one in orders:
        units = {None: one.units, Portion.ALL: left[one.holder], Portion.HALF: free[one.holder] // 2}[one.portion]
        if one.holder not in barred - {MOVES} and 0 < units <= left[one.holder]:
            left[one.holder] -= units
            batch[order_id], owner[order_id] = units, one.holder
    pieces = fills_of(played, sum(batch.values()))
    if not pieces:
        for order_id, units in batch.items():
            theirs.unsold[owner[order_id]] += units
    gross = half_up(Fraction(sum(units * price for units, price, _ in pieces), 1_000_000))
    sold = largest_remainder(Fraction(sum(units for units, _, _ in pieces)), batch)
    brought = largest_remainder(Fraction(gross), sold)
    fees = largest_remainder(Fraction(sum(fee for _, _, fee in pieces)), brought)
    for order_id, units in sold.items():
        theirs.shares[owner[order_id]] -= units
        theirs.proceeds[owner[order_id]] += brought[order_id] - fees[order_id]
    return sum(batch.values())


def fills_of(played: Played, batch: int) -> list[tuple[int, int, int]]:
    """The broker's fills of a batch, no more than it and no fee above what it brought: units, price, fee in cents."""
    found = []
    for part, price, fee in played.fills:
        units = batch * part // 100
        if units:
            found.append((units, price, min(fee, units * price // 1_000_000)))
    return found
