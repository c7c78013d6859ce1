"""What the transfer agent tells: sales carried out, shares issued, positions to reconcile, and what stops an account.

The holders file, the largest of what it sends, has a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.files.layout import Column, Layout, Total
from bot.files.notations import (
    ACCOUNT,
    CYCLE,
    DAY,
    DOLLARS,
    HOLD,
    PRICE,
    REFERENCE,
    SHARES,
    SHARES_ABOVE_ZERO,
    text_of,
)
from handlers.plan.accounts import Hold
from handlers.plan.money import Money, Price, Shares
from handlers.plan.sale_allocation import Fill


@dataclass(frozen=True, slots=True)
class FillRow:
    """A part of a month's sale, as it was carried out."""

    batch: str
    """Of the sale batch that we sent."""
    fill: str
    """The broker's own number of this part: two parts may be alike in all else."""
    trade_date: date
    shares: Shares
    price: Price
    fee: Money

    @property
    def sold(self) -> Fill:
        """What the rules of sales divide among the sellers."""
        return Fill(self.trade_date, self.shares, self.price, self.fee)


FILLS = Layout(
    kind="fills",
    row=FillRow,
    columns=(
        Column("batch", REFERENCE),
        Column("fill", REFERENCE),
        Column("trade_date", DAY, is_past=True),
        Column("shares", SHARES_ABOVE_ZERO),
        Column("price", PRICE),
        Column("fee", DOLLARS),
    ),
    once=("fill",),
    totals=(
        Total("shares", lambda fill: fill.shares.units, 4),
        Total("gross", lambda fill: fill.shares.units * fill.price.units, 8),
        Total("fee", lambda fill: fill.fee.cents, 2),
    ),
)
"""The gross is shares times price, summed without any rounding; proceeds are rounded once, from their sum."""


@dataclass(frozen=True, slots=True)
class IssuanceAcknowledgementRow:
    """The shares of a cycle stand on the register."""

    cycle: str
    purchase_date: date
    shares: Shares
    cumulative: Shares
    """Issued under the plan in all, these included."""
    reference: str
    """The transfer agent's own."""


ISSUANCE_ACKNOWLEDGEMENT = Layout(
    kind="issuance_acknowledgement",
    row=IssuanceAcknowledgementRow,
    columns=(
        Column("cycle", CYCLE),
        Column("purchase_date", DAY, is_past=True),
        Column("shares", SHARES_ABOVE_ZERO),
        Column("cumulative", SHARES_ABOVE_ZERO),
        Column("reference", REFERENCE),
    ),
    once=("cycle",),
    totals=(Total("shares", lambda row: row.shares.units, 4),),
    objections=lambda row: iter(
        [("cumulative", "a number that these shares are part of is wanted")] if row.cumulative < row.shares else []
    ),
)


@dataclass(frozen=True, slots=True)
class PositionRow:
    """What the transfer agent's books hold for one account in the plan, at the end of the file's day."""

    account: str
    plan_shares: Shares


POSITIONS = Layout(
    kind="positions",
    row=PositionRow,
    columns=(Column("account", ACCOUNT), Column("plan_shares", SHARES)),
    once=("account",),
    totals=(Total("plan_shares", lambda position: position.plan_shares.units, 4),),
)


@dataclass(frozen=True, slots=True)
class StopRow:
    """A hold that begins between two holders files. It ends with a holders file that does not have it."""

    account: str
    hold: Hold
    since: date
    note: str


STOPS = Layout(
    kind="stops",
    row=StopRow,
    columns=(
        Column("account", ACCOUNT),
        Column("hold", HOLD),
        Column("since", DAY, is_past=True),
        Column("note", text_of(0, 500), may_be_left_out=True),
    ),
    once=("account", "hold"),
    may_be_empty=True,
)
