"""The days Nasdaq trades, from exchange_calendars, as the plain value the plan's rules take.

The only home of exchange_calendars (and of the pandas below it). It is loaded
when first asked for: half a second once, a tenth of a second for each new span
of years. Days to come follow today's holiday rules, so a service that runs for
long asks anew each year; a closing nobody foresaw comes with a newer package.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from handlers.plan.calendar import TradingCalendar

EARLIEST_YEAR = 2003
"""The program began in November 2003; its first pricing days need that year's calendar."""

YEARS_AHEAD = 2
"""How far a calendar reaches beyond the last day asked for, so that coming purchase dates can be named."""

_EXCHANGE = "XNAS"


def trading_calendar(first: date, last: date) -> TradingCalendar:
    """The sessions from `first`, or 2003 if that is earlier, to two years beyond `last`.

    Whole years, so that a service asks for a new value once a year. ValueError
    if `first` is after `last`.
    """
    if first > last:
        raise ValueError(f"a calendar cannot run from {first.isoformat()} back to {last.isoformat()}")
    return _whole_years(min(first.year, EARLIEST_YEAR), last.year + YEARS_AHEAD)


@lru_cache(maxsize=8)
def _whole_years(first_year: int, last_year: int) -> TradingCalendar:
    from exchange_calendars import get_calendar  # type: ignore[import-untyped]  # it ships no types

    exchange = get_calendar(_EXCHANGE, start=date(first_year, 1, 1), end=date(last_year, 12, 31))
    return TradingCalendar(tuple(session.date() for session in exchange.sessions))
