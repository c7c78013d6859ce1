"""The plan as this process sees it: the plan-terms file's book, and the trading calendar around today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.sessions import trading_calendar
from bot.terms_file import default_terms_path, read_terms
from handlers.plan.calendar import TradingCalendar
from handlers.plan.terms import PlanBook


@dataclass(frozen=True, slots=True)
class Plan:
    """What the plan allows and when Nasdaq trades."""

    book: PlanBook

    @classmethod
    def read(cls, terms: Path | None) -> Plan:
        """The plan of a plan-terms file; the shipped one if None. BadTermsFile."""
        return cls(read_terms(terms or default_terms_path()))

    def calendar(self, now: datetime) -> TradingCalendar:
        """The trading calendar that serves `now`; each year's is made once."""
        day = now.astimezone(ZoneInfo(self.book.timezone)).date()
        return trading_calendar(day, day)
