"""Closes come in by file, or from two people; and the price that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile
from bot.files.layout import read_rows
from bot.files.prices import PRICES
from bot.holders_import import check_not_loaded
from bot.month.office import Office, StepRefused
from bot.month.step import at_the_month, begin, finish
from handlers.plan.closes import (
    REFUSED_PROBLEMS,
    CloseEntry,
    CloseProblem,
    CloseSource,
    DayOfCloses,
    check_close,
    missing_days,
    price_of,
    standing,
)
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.money import Price
from storage.cycles import Cycle
from storage.files import LoadedFile
from storage.store import Transaction

LOOKED_BACK = timedelta(days=45)
"""How far before a day closes are looked for that it is held against."""
ISSUED_FROM = frozenset({CycleState.ALLOTTED, CycleState.ISSUED, CycleState.CONFIRMED})

PROBLEMS: Mapping[CloseProblem, str] = {
    CloseProblem.NOT_A_PRICE: "is no price",
    CloseProblem.TOO_FINE: "has more than four places",
    CloseProblem.OUTSIDE_CALENDAR: "is for a day far outside the trading calendar; look at the year",
    CloseProblem.NOT_A_SESSION: "is for a day on which Nasdaq did not trade",
    CloseProblem.IN_THE_FUTURE: "is for a day that is not over yet",
    CloseProblem.AFTER_ISSUE: "comes after shares were issued at a price that rests on this day; amended confirmations"
    " are a person's to decide",
    CloseProblem.DIFFERS: "differs from the close that stands; two people must enter what is right",
    CloseProblem.DUPLICATE: "stands already",
    CloseProblem.JUMP: "is far from the close before; two people must enter it",
}
"""What is said of each."""


@dataclass(frozen=True, slots=True)
class EnteredClose:
    """What came of one close."""

    day: date
    close: str
    stands: bool
    remarks: tuple[str, ...]


def load_closes(office: Office, path: Path, now: datetime) -> tuple[EnteredClose, ...]:
    """Load a prices file, whole or not at all. BadFile if a value can be no close of its day."""
    file, rows = read_rows(path, PRICES)
    with at_the_month(office) as tx:
        check_not_loaded(tx, file, PRICES.kind)
        found = [_remarks(tx, office, row.day, row.close.dollars, now) for row in rows]
        faults = [
            f"line {line.line}, column close: {row.close} {PROBLEMS[problem]}"
            for line, row, problems in zip(file.rows, rows, found, strict=True)
            for problem in problems
            if problem in REFUSED_PROBLEMS
        ]
        if faults:
            raise BadFile(path, faults)
        named = f"{path.name}, number {file.sequence}"
        tx.closes.enter([CloseEntry(row.day, row.close, CloseSource.FILE, named, now, row.source) for row in rows])
        loaded_file = LoadedFile(file.digest, PRICES.kind, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded_file)
        note_loaded(tx, loaded_file, {})
        return tuple(_told(tx, office, row.day, row.close, ps) for row, ps in zip(rows, found, strict=True))


def enter_close(office: Office, day: date, dollars: Decimal, read_from: str, by: str, now: datetime) -> EnteredClose:
    """Take a close from one person; it stands once a second one enters the same. StepRefused if it can be none."""
    if not any(map(str.isalnum, by)):
        raise StepRefused("a close is entered by a person; name who read it with --by")
    with at_the_month(office) as tx:
        problems = _remarks(tx, office, day, dollars, now)
        refused = [PROBLEMS[problem] for problem in problems if problem in REFUSED_PROBLEMS]
        if refused:
            raise StepRefused(f"{dollars} {'; it '.join(refused)}. Nothing was recorded")
        price = Price(dollars)
        tx.closes.enter([CloseEntry(day, price, CloseSource.PERSON, by, now, read_from)])
        return _told(tx, office, day, price, problems)


def closes_of(tx: Transaction, office: Office, days: tuple[date, ...]) -> Mapping[date, DayOfCloses]:
    """Where each of these days stands, held against the closes before them."""
    entries = tx.closes.between(min(days) - LOOKED_BACK, max(days))
    return standing(entries, office.terms(max(days)))


def price(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> Price:
    """Price a cycle from the standing closes of its pricing days. StepRefused while one is missing or in doubt."""
    with begin(office, number, CycleStep.PRICE, now, dry_run=dry_run) as (tx, cycle):
        closes = closes_of(tx, office, cycle.pricing_days)
        waiting = undecided(cycle, closes)
        if waiting:
            listed = ", ".join(day.isoformat() for day in waiting)
            raise StepRefused(f"no undisputed close stands for {listed}; load it, or let two people enter it")
        found = price_of(cycle.pricing_days, closes, office.terms(cycle.purchase_date))
        made_of = {day.isoformat(): str(_standing_price(closes[day])) for day in cycle.pricing_days}
        finish(tx, cycle, CycleStep.PRICE, by, now, detail={"closes": made_of, "price": str(found)}, price=found)
        return found


def is_price_of(tx: Transaction, office: Office, cycle: Cycle) -> bool:
    """Whether the closes that stand now, none of them disputed, still make the price of the cycle."""
    closes = closes_of(tx, office, cycle.pricing_days)
    if undecided(cycle, closes):
        return False
    return price_of(cycle.pricing_days, closes, office.terms(cycle.purchase_date)) == cycle.price


def priced_closes(tx: Transaction, cycle: Cycle) -> Mapping[date, Price]:
    """The closes that the price of a cycle was made of when it was made, by day; whatever was entered since."""
    made = [act.detail["closes"] for act in tx.cycles.acts(cycle.id) if act.step is CycleStep.PRICE]
    if not made:
        raise StepRefused(f"cycle {cycle.id} is not priced; run dspp cycle price {cycle.id}")
    return {date.fromisoformat(day): Price(Decimal(close)) for day, close in made[-1].items()}


def hold_pricing(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> tuple[date, ...]:
    """Record that a cycle waits for closes. Returns the days without one."""
    with begin(office, number, CycleStep.HOLD_PRICING, now, dry_run=dry_run) as (tx, cycle):
        waiting = undecided(cycle, closes_of(tx, office, cycle.pricing_days))
        if not waiting:
            raise StepRefused(f"every close of cycle {number} is there; price it")
        days = [day.isoformat() for day in waiting]
        finish(tx, cycle, CycleStep.HOLD_PRICING, by, now, detail={"missing": days})
        return waiting


def undecided(cycle: Cycle, closes: Mapping[date, DayOfCloses]) -> tuple[date, ...]:
    """The pricing days whose close is missing or disputed."""
    disputed = {day for day in cycle.pricing_days if day in closes and closes[day].need is not None}
    return tuple(sorted(disputed | set(missing_days(cycle.pricing_days, closes))))


def _standing_price(found: DayOfCloses) -> Price:
    if found.standing is None:
        raise StepRefused("a close is missing; look at dspp cycle status")
    return found.standing.price


def _remarks(tx: Transaction, office: Office, day: date, dollars: Decimal, now: datetime) -> tuple[CloseProblem, ...]:
    entries = tx.closes.between(day - LOOKED_BACK, day)
    terms = office.terms(day)
    found = standing(entries, terms)
    before = [one.standing.price for known, one in found.items() if known < day and one.standing]
    own = found.get(day)
    return check_close(
        day,
        dollars,
        today=office.today(now),
        last_known=before[-1] if before else None,
        stands=own.standing.price if own and own.standing else None,
        is_issued=any(day in cycle.pricing_days and cycle.state in ISSUED_FROM for cycle in tx.cycles.all()),
        terms=terms,
        calendar=office.plan.calendar(now),
    )


def _told(tx: Transaction, office: Office, day: date, close: Price, problems: tuple[CloseProblem, ...]) -> EnteredClose:
    found = closes_of(tx, office, (day,)).get(day)
    stands = found is not None and found.standing is not None and found.standing.price == close
    remarks = [PROBLEMS[problem] for problem in problems]
    if found is not None and found.need is not None:
        remarks.append(found.need.value)
    return EnteredClose(day, str(close), stands, tuple(dict.fromkeys(remarks)))
