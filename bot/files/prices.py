"""The closes of trading days, from whom Investor Relations takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.files.layout import Column, Layout
from bot.files.notations import DAY, PRICE, text_of
from handlers.plan.money import Price


@dataclass(frozen=True, slots=True)
class CloseRow:
    """What one share closed at on one day, and who says so. Whether it stands is for the rules of closes to say."""

    day: date
    close: Price
    source: str


PRICES = Layout(
    kind="prices",
    row=CloseRow,
    columns=(Column("day", DAY, is_past=True), Column("close", PRICE), Column("source", text_of(1, 200))),
    once=("day",),
)
