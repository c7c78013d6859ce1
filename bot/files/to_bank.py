"""What the bank is told to pay by check: money that goes back, and what sales brought. Debits go in another form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.files.layout import Column, Layout, Objection, Total
from bot.files.notations import (
    ACCOUNT,
    COUNTRY,
    DAY,
    DOLLARS,
    DOLLARS_ABOVE_ZERO,
    REFERENCE,
    REFERENCE_IF_ANY,
    SHARES_ABOVE_ZERO,
    STATE_IF_ANY,
    text_of,
)
from handlers.plan.money import Money, Shares

_PAYEE = (
    Column("account", ACCOUNT),
    Column("name", text_of(1, 200)),
    Column("address", text_of(1, 620)),
    Column("state", STATE_IF_ANY),
    Column("country", COUNTRY),
)
"""Name and address of record. The address is one line: street, city, postal code."""


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A check that gives money back."""

    refund: str
    account: str
    name: str
    address: str
    state: str
    country: str
    amount: Money
    reason: str
    order: str
    """Empty where the money belonged to none."""


REFUND_CHECKS = Layout(
    kind="refund_checks",
    row=RefundRow,
    columns=(
        Column("refund", REFERENCE),
        *_PAYEE,
        Column("amount", DOLLARS_ABOVE_ZERO),
        Column("reason", text_of(1, 200)),
        Column("order", REFERENCE_IF_ANY),
    ),
    once=("refund",),
    totals=(Total("amount", lambda row: row.amount.cents, 2),),
)


@dataclass(frozen=True, slots=True)
class ProceedsRow:
    """A check for what a sale brought. PR and OC, "Sales"."""

    account: str
    name: str
    address: str
    state: str
    country: str
    order: str
    shares: Shares
    gross: Money
    fee: Money
    """The broker's part and the plan's own together."""
    net: Money
    settlement_day: date


def _proceeds_objections(row: ProceedsRow) -> Iterator[Objection]:
    if row.net.cents != row.gross.cents - row.fee.cents:
        yield "net", "the gross less the fee is wanted"


PROCEEDS = Layout(
    kind="proceeds",
    row=ProceedsRow,
    columns=(
        *_PAYEE,
        Column("order", REFERENCE),
        Column("shares", SHARES_ABOVE_ZERO),
        Column("gross", DOLLARS),
        Column("fee", DOLLARS),
        Column("net", DOLLARS),
        Column("settlement_day", DAY),
    ),
    once=("order",),
    totals=(
        Total("shares", lambda row: row.shares.units, 4),
        Total("gross", lambda row: row.gross.cents, 2),
        Total("fee", lambda row: row.fee.cents, 2),
        Total("net", lambda row: row.net.cents, 2),
    ),
    objections=_proceeds_objections,
)
