"""Loads what is slow to load, when it is imported: for the process from which the tests fork their services."""

from __future__ import annotations

from datetime import date

from bot.cli import main
from bot.language.pipeline import Reader
from bot.sessions import trading_calendar
from tests.service_process import TEST_MODEL

__all__ = ["READER", "main"]

READER = Reader.load(TEST_MODEL)
trading_calendar(date(2004, 1, 1), date(2004, 12, 31))
