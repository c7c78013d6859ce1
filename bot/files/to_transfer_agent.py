"""What the transfer agent is told: who joined and left, what each order bought, what to issue and what to sell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.files.layout import Column, Layout, Objection, Total
from bot.files.notations import (
    ACCOUNT,
    CYCLE,
    DAY,
    DOLLARS_ABOVE_ZERO,
    PRICE,
    REFERENCE,
    SHARES,
    SHARES_ABOVE_ZERO,
    text_of,
)
from handlers.plan.money import Money, Price, Shares


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """An account that joined the plan."""

    account: str
    enrolled_on: date
    prospectus: str
    """The version that the holder acknowledged."""


ENROLMENTS = Layout(
    kind="enrolments",
    row=EnrolmentRow,
    columns=(
        Column("account", ACCOUNT),
        Column("enrolled_on", DAY, is_past=True),
        Column("prospectus", text_of(1, 40)),
    ),
    once=("account",),
)


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """What one order bought on the purchase date, the file's day."""

    account: str
    order: str
    dollars: Money
    """Invested; what was given back is no part of it."""
    price: Price
    shares: Shares


def _purchase_objections(row: PurchaseRow) -> Iterator[Objection]:
    apart = abs(row.dollars.cents * 1_000_000 - row.shares.units * row.price.units)
    if apart > max(_HALF_A_CENT, row.price.units):
        yield "shares", "a number is wanted that the dollars buy at this price"


_HALF_A_CENT = 500_000
"""In hundred-millionths of a dollar. A reduced order's dollars are rounded to cents, a whole one's shares to
ten-thousandths, of which each costs as many hundred-millionths of a dollar as the price has ten-thousandths."""

PURCHASE_SUMMARY = Layout(
    kind="purchase_summary",
    row=PurchaseRow,
    columns=(
        Column("account", ACCOUNT),
        Column("order", REFERENCE),
        Column("dollars", DOLLARS_ABOVE_ZERO),
        Column("price", PRICE),
        Column("shares", SHARES_ABOVE_ZERO),
    ),
    once=("order",),
    totals=(
        Total("dollars", lambda row: row.dollars.cents, 2),
        Total("shares", lambda row: row.shares.units, 4),
    ),
    objections=_purchase_objections,
)


@dataclass(frozen=True, slots=True)
class IssuanceInstructionRow:
    """The shares to be issued for a cycle, and where that leaves the aggregate limit. PR, "Aggregate limit"."""

    cycle: str
    purchase_date: date
    price: Price
    shares: Shares
    issued_before: Shares
    cumulative: Shares
    limit: Shares


def _issuance_objections(row: IssuanceInstructionRow) -> Iterator[Objection]:
    if row.cumulative.units != row.issued_before.units + row.shares.units:
        yield "cumulative", "the shares issued before and these together are wanted"
    if row.cumulative > row.limit:
        yield "limit", f"no more than the limit may be issued; a limit of {row.cumulative} at least is wanted"


ISSUANCE_INSTRUCTION = Layout(
    kind="issuance_instruction",
    row=IssuanceInstructionRow,
    columns=(
        Column("cycle", CYCLE),
        Column("purchase_date", DAY),
        Column("price", PRICE),
        Column("shares", SHARES_ABOVE_ZERO),
        Column("issued_before", SHARES),
        Column("cumulative", SHARES_ABOVE_ZERO),
        Column("limit", SHARES_ABOVE_ZERO),
    ),
    once=("cycle",),
    totals=(Total("shares", lambda row: row.shares.units, 4),),
    objections=_issuance_objections,
)


@dataclass(frozen=True, slots=True)
class SaleRow:
    """An order of the month's one sale batch."""

    batch: str
    account: str
    order: str
    shares: Shares


SALE_BATCH = Layout(
    kind="sale_batch",
    row=SaleRow,
    columns=(
        Column("batch", REFERENCE),
        Column("account", ACCOUNT),
        Column("order", REFERENCE),
        Column("shares", SHARES_ABOVE_ZERO),
    ),
    once=("order",),
    totals=(Total("shares", lambda row: row.shares.units, 4),),
)


@dataclass(frozen=True, slots=True)
class TerminationRow:
    """An account that left the plan."""

    account: str
    terminated_on: date
    plan_shares: Shares
    """Held in the plan at that time: the whole ones become registered, the fraction is paid in cash."""


TERMINATIONS = Layout(
    kind="terminations",
    row=TerminationRow,
    columns=(
        Column("account", ACCOUNT),
        Column("terminated_on", DAY, is_past=True),
        Column("plan_shares", SHARES),
    ),
    once=("account",),
    totals=(Total("plan_shares", lambda row: row.plan_shares.units, 4),),
)
