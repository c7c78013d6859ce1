"""When things happen: purchase dates, pricing days, cut-offs, settlement.

The days on which Nasdaq trades are a value (`TradingCalendar`) that the shell
makes; the Federal Reserve's holidays are a rule and live here. All instants
are aware; all days are days in the plan's own timezone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from handlers.plan.terms import LagUnit, PlanBook, PlanTerms


class OutsideCalendar(ValueError):
    """The trading calendar does not reach that far. Load more years of it; a retry does not help."""


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The `nth` `weekday` (Monday is 0) of a month; -1 is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    following = date(year + month // 12, month % 12 + 1, 1)
    last = following - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def federal_reserve_holidays(year: int) -> frozenset[date]:
    """Weekdays of `year` on which Federal Reserve banks are closed.

    A holiday on a Sunday moves to the Monday; one on a Saturday does not move
    (unlike the exchanges' custom). Juneteenth since 2022, the first year the
    banks kept it. Source: the Federal Reserve's own holiday schedule.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2022:
        fixed.append(date(year, 6, 19))
    kept = {day + timedelta(days=1) if day.weekday() == 6 else day for day in fixed}
    kept |= {
        _nth_weekday(year, 1, 0, 3),  # Martin Luther King Day
        _nth_weekday(year, 2, 0, 3),  # Presidents' Day
        _nth_weekday(year, 5, 0, -1),  # Memorial Day
        _nth_weekday(year, 9, 0, 1),  # Labor Day
        _nth_weekday(year, 10, 0, 2),  # Columbus Day
        _nth_weekday(year, 11, 3, 4),  # Thanksgiving
    }
    return frozenset(day for day in kept if day.weekday() < 5)


@dataclass(frozen=True, slots=True)
class TradingCalendar:
    """The days Nasdaq trades, in order, from the first to the last that are known."""

    sessions: tuple[date, ...]

    def _within(self, day: date) -> None:
        if not self.sessions or not self.sessions[0] <= day <= self.sessions[-1]:
            raise OutsideCalendar(f"no trading calendar for {day.isoformat()}")

    def is_session(self, day: date) -> bool:
        """Whether Nasdaq trades on `day`."""
        self._within(day)
        at = bisect_left(self.sessions, day)
        return at < len(self.sessions) and self.sessions[at] == day

    def is_banking_session(self, day: date) -> bool:
        """Whether `day` is a session on which Federal Reserve banks are open too."""
        return self.is_session(day) and day not in federal_reserve_holidays(day.year)

    def on_or_after(self, day: date) -> date:
        """The first session on or after `day`."""
        self._within(day)
        return self.sessions[bisect_left(self.sessions, day)]

    def on_or_before(self, day: date) -> date:
        """The last session on or before `day`."""
        self._within(day)
        return self.sessions[bisect_right(self.sessions, day) - 1]

    def sessions_back(self, day: date, count: int) -> date:
        """The session `count` sessions before `day` (day itself is not counted)."""
        self._within(day)
        at = bisect_left(self.sessions, day) - count
        if at < 0:
            raise OutsideCalendar(f"no trading calendar {count} sessions before {day.isoformat()}")
        return self.sessions[at]

    def banking_sessions_after(self, day: date, count: int) -> date:
        """The `count`th banking session after `day` (day itself is not counted)."""
        found = 0
        while found < count:
            day += timedelta(days=1)
            found += self.is_banking_session(day)
        return day

    def banking_session_before(self, day: date) -> date:
        """The last banking session before `day`."""
        day -= timedelta(days=1)
        while not self.is_banking_session(day):
            day -= timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True)
class PurchaseMonth:
    """One month's dates: until when, priced on which days, bought on which day."""

    purchase_date: date
    nominal_date: date
    """What the rule names before moving off a day without trading."""
    pricing_days: tuple[date, ...]
    cut_off: datetime
    """The instant until which orders and money count for this month, inclusive."""

    @property
    def cut_off_day(self) -> date:
        """The plan-timezone day of the cut-off."""
        return self.cut_off.date()


def nominal_purchase_date(year: int, month: int, terms: PlanTerms) -> date:
    """The purchase date the rule names: the first such weekday after a day of the month. P04."""
    first = date(year, month, 1) + timedelta(days=terms.purchase_after_day)
    return first + timedelta(days=(terms.purchase_weekday - first.weekday()) % 7)


def pricing_days(purchase_date: date, calendar: TradingCalendar, terms: PlanTerms) -> tuple[date, ...]:
    """The sessions whose closes make the price, in order.

    The last is the last session on or before the purchase date less the lag
    (calendar days for Aastrom; sessions where the terms say so). PR, P04.
    """
    match terms.pricing_lag_unit:
        case LagUnit.CALENDAR_DAYS:
            last = calendar.on_or_before(purchase_date - timedelta(days=terms.pricing_lag))
        case LagUnit.SESSIONS:
            last = calendar.sessions_back(purchase_date, terms.pricing_lag)
    back = range(terms.pricing_count - 1, 0, -1)
    return (*(calendar.sessions_back(last, count) for count in back), last)


def purchase_month(year: int, month: int, calendar: TradingCalendar, book: PlanBook) -> PurchaseMonth:
    """The dates of one month's purchase, by the terms in force on its nominal purchase date.

    A change of terms within the month counts if it is in force by the date that
    the terms before it would name. A purchase date without trading moves to the
    next session, and the pricing days are counted from there. OC, "PD is not a
    session", "Cut-off".
    """
    terms = book.on(nominal_purchase_date(year, month, book.on(date(year, month, 1))))
    nominal = nominal_purchase_date(year, month, terms)
    actual = calendar.on_or_after(nominal)
    days = pricing_days(actual, calendar, terms)
    last_day = calendar.banking_session_before(days[0])
    cut_off = datetime.combine(last_day, terms.cut_off_time, tzinfo=ZoneInfo(book.timezone))
    return PurchaseMonth(actual, nominal, days, cut_off)


def coming_purchases(now: datetime, calendar: TradingCalendar, book: PlanBook) -> Iterator[PurchaseMonth]:
    """Purchase months whose cut-off is not past at `now` (inclusive), nearest first, without end."""
    local = now.astimezone(ZoneInfo(book.timezone))
    year, month = local.year, local.month
    while True:
        coming = purchase_month(year, month, calendar, book)
        if now <= coming.cut_off:
            yield coming
        year, month = year + month // 12, month % 12 + 1


def settlement_date(trade_date: date, calendar: TradingCalendar, terms: PlanTerms) -> date:
    """The day a sale settles: a number of banking sessions after the trade, by the era's rule. OC, "Sales"."""
    return calendar.banking_sessions_after(trade_date, terms.settlement_sessions)


class DayAsked(Enum):
    """How a day that a sender named lies to the coming purchase date."""

    FITS = "fits"
    OTHER_DAY = "another day of the month"
    OTHER_MONTH = "another month"
    UNREADABLE = "not a date"


_PARTIAL_DATE = re.compile(r"(?P<year>\d{4}|-)(?:-(?P<month>\d{2})?(?:-(?P<day>\d{2}))?)?")


def day_asked(partial: str, purchase_date: date) -> DayAsked:
    """How an ISO date with parts left off ("2004-03", "--03-15", "---15") lies to `purchase_date`.

    A part left off fits anything. An order is never moved to another day or
    month than the sender named without saying so. OC, "Unit of an order".
    """
    parts = _PARTIAL_DATE.fullmatch(partial)
    if parts is None:
        return DayAsked.UNREADABLE
    year, month, day = parts["year"], parts["month"], parts["day"]
    if (year != "-" and int(year) != purchase_date.year) or (month and int(month) != purchase_date.month):
        return DayAsked.OTHER_MONTH
    return DayAsked.OTHER_DAY if day and int(day) != purchase_date.day else DayAsked.FITS


def earliest(partial: str, first: date, last: date) -> date | None:
    """The earliest day between `first` and `last`, both inclusive, that an ISO date with parts left off may be.

    A part left off may be anything: "2004-03" is any day of that March,
    "--03-15" the 15th of any March. None if there is none, or it is unreadable.
    """
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return next((day for day in days if day_asked(partial, day) is DayAsked.FITS), None)
