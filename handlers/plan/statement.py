"""What a statement holds: shares, money and lots of one account over one period, in figures that agree.

A statement whose figures disagree cannot be made: each check here compares what was
moved with what is left, to the ten-thousandth of a share and to the cent. Nothing
here knows a market price, so no statement can tell what a holding is worth.
PLAN.md, "Letters", "Monthly statement".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from handlers.plan.calendar import PurchaseMonth
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Price, Shares, total

MASK = "****"
SHOWN_OF_ACCOUNT = 4
"""So many characters of an account number may follow the mask."""


class FiguresDisagree(ValueError):
    """Figures of one account do not add up. Compare its ledger entries with its orders; a retry does not help."""


class ShareMovement(Enum):
    """What moved shares into a plan account or out of it."""

    PURCHASE = "purchase"
    MOVED_IN = "moved in"
    """From the register, or from before this service."""
    SALE = "sale"
    MOVED_OUT = "moved out"
    """To the register."""
    REVERSAL = "reversal"
    """A purchase taken back, its shares canceled by the transfer agent."""

    @property
    def is_in(self) -> bool:
        """Whether the shares come into the account."""
        return self in (ShareMovement.PURCHASE, ShareMovement.MOVED_IN)


class CashMovement(Enum):
    """What moved money that is not yet invested. Investing and refunding are told by purchases and refunds."""

    CHECK = "check"
    DEDUCTION = "automatic deduction"
    RETURNED = "returned"
    """Came back unpaid before it was invested."""
    RETURNED_AFTER = "returned after the purchase"
    """Came back unpaid once it was invested: the money that waits does not change, it is owed."""


@dataclass(frozen=True, slots=True)
class ShareEntry:
    """One movement of shares on one day."""

    on: date
    movement: ShareMovement
    shares: Shares
    reference: str
    """The order's number, or the transfer agent's reference."""
    dollars: Money = ZERO_DOLLARS
    """Dollars invested, or the gross of a sale; zero where no money moved."""
    price: Price | None = None
    """Dollars a share of a purchase. A sale's average has more places and stands in its confirmation."""
    fees: Money = ZERO_DOLLARS
    """What a sale cost, taken off its gross."""
    withheld: Money = ZERO_DOLLARS
    """Tax withheld from a sale."""

    @property
    def net(self) -> Money:
        """Dollars of a sale after fees and withholding."""
        return self.dollars - self.fees - self.withheld


@dataclass(frozen=True, slots=True)
class CashEntry:
    """One movement of money that waits to be invested, on one day."""

    on: date
    movement: CashMovement
    dollars: Money
    reference: str


@dataclass(frozen=True, slots=True)
class RefundEntry:
    """Money on its way back to the holder, without interest."""

    on: date
    """The day it was set aside; from then on it waits no more to be invested."""
    dollars: Money
    reference: str
    sent_on: date | None
    """The day the check was mailed; None while it is not."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought together and still held."""

    bought_on: date | None
    """None where the shares came from outside the program."""
    shares: Shares
    cost: Money | None
    """The cost basis of what is left of the lot; None where it is not known."""


class RestrictionKind(Enum):
    """What an account may not do at this time. OC, "Address, email, bank change", "Returned after the PD"."""

    SALES_HELD = "sales held after a change of details"
    LOT_HELD = "shares held because their payment came back"
    PAYMENT_MAY_RETURN = "shares not free to sell while their payment may still come back"
    STATE_CLOSED = "no purchases from this state of record"
    PROSPECTUS = "the prospectus in force is not acknowledged"
    SUSPENDED = "suspended"
    ASK = "something that is not told by mail"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One restriction; how many shares it covers and until when, where that is known."""

    kind: RestrictionKind
    shares: Shares | None = None
    until: date | None = None
    """The first day without it."""


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """What happened over a period, in sums."""

    invested: Money
    shares_bought: Shares
    shares_sold: Shares
    proceeds: Money
    """Net of fees and withholding."""
    fees: Money
    withheld: Money
    refunded: Money
    """Set aside to be returned, whether the check was mailed yet or not."""

    def covers(self, other: PeriodTotals) -> bool:
        """Whether no sum of `other` is above the same sum here."""
        return all(getattr(self, name) >= getattr(other, name) for name in PeriodTotals.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Statement:
    """One account over one month."""

    account: str
    """Masked."""
    name: str
    first_day: date
    last_day: date
    opening_shares: Shares
    closing_shares: Shares
    entries: tuple[ShareEntry, ...]
    opening_cash: Money
    closing_cash: Money
    """Received, neither invested nor on its way back."""
    cash: tuple[CashEntry, ...]
    refunds: tuple[RefundEntry, ...]
    """Set aside or mailed in this period."""
    owed: Money
    """What the holder owes for payments that came back once they were invested."""
    lots: tuple[Lot, ...]
    year_to_date: PeriodTotals
    next_month: PurchaseMonth
    restrictions: tuple[Restriction, ...] = ()

    def __post_init__(self) -> None:
        check_masked(self.account)
        _check_days(self.first_day, self.last_day, self.entries)
        _check_days(self.first_day, self.last_day, self.cash)
        _agree("closing shares", self.account, last_balance(self.opening_shares, self.entries), self.closing_shares)
        _agree("lots", self.account, share_total(lot.shares for lot in self.lots), self.closing_shares)
        received = total(row.dollars for row in self.cash if row.movement in _RECEIVED)
        spent = total(row.dollars for row in self.cash if row.movement is CashMovement.RETURNED)
        spent += self.totals.invested + self.totals.refunded
        _agree("money received", self.account, self.opening_cash + received, self.closing_cash + spent)
        if not self.year_to_date.covers(self.totals):
            raise FiguresDisagree(f"account {self.account}: the year to date is below its month")
        if any(
            not self._is_within(row.on) and not (row.sent_on and self._is_within(row.sent_on)) for row in self.refunds
        ):
            raise FiguresDisagree(f"account {self.account}: a refund neither set aside nor mailed in the period")

    def _is_within(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @property
    def totals(self) -> PeriodTotals:
        """The sums of this statement's own period."""
        return totals_of(self.entries, (row for row in self.refunds if self._is_within(row.on)))


@dataclass(frozen=True, slots=True)
class YearSummary:
    """One account over one calendar year: its transactions and their sums, no tax advice."""

    account: str
    """Masked."""
    name: str
    year: int
    opening_shares: Shares
    closing_shares: Shares
    entries: tuple[ShareEntry, ...]
    refunds: tuple[RefundEntry, ...]
    """Set aside in this year."""

    def __post_init__(self) -> None:
        check_masked(self.account)
        for rows in (self.entries, self.refunds):
            _check_days(date(self.year, 1, 1), date(self.year, 12, 31), rows)
        _agree("closing shares", self.account, last_balance(self.opening_shares, self.entries), self.closing_shares)

    @property
    def totals(self) -> PeriodTotals:
        """The sums of the year."""
        return totals_of(self.entries, self.refunds)


_RECEIVED = frozenset({CashMovement.CHECK, CashMovement.DEDUCTION})


def check_masked(account: str) -> None:
    """ValueError unless `account` shows at most its last four characters. OC, "Identity"."""
    if not account.startswith(MASK) or len(account) > len(MASK) + SHOWN_OF_ACCOUNT:
        raise ValueError("an account number that is not masked; give the masked one")


def balances(opening: Shares, entries: Iterable[ShareEntry]) -> tuple[Shares, ...]:
    """The shares held after each of `entries`, in their order. FiguresDisagree if more leave than there are."""
    found: list[Shares] = []
    units = opening.units
    for entry in entries:
        units += entry.shares.units if entry.movement.is_in else -entry.shares.units
        if units < 0:
            raise FiguresDisagree(f"{entry.reference}: more shares leave an account than it has on {entry.on}")
        found.append(Shares.from_units(units))
    return tuple(found)


def last_balance(opening: Shares, entries: Iterable[ShareEntry]) -> Shares:
    """What `opening` becomes by `entries`. FiguresDisagree as for `balances`."""
    return (opening, *balances(opening, entries))[-1]


def share_total(counts: Iterable[Shares]) -> Shares:
    """The sum of `counts`; nothing sums to no shares."""
    return sum(counts, NO_SHARES)


def totals_of(entries: Iterable[ShareEntry], refunds: Iterable[RefundEntry]) -> PeriodTotals:
    """The sums of `entries` and `refunds`. A purchase that was taken back still counts as bought."""
    rows = tuple(entries)
    bought = [row for row in rows if row.movement is ShareMovement.PURCHASE]
    sold = [row for row in rows if row.movement is ShareMovement.SALE]
    return PeriodTotals(
        invested=total(row.dollars for row in bought),
        shares_bought=share_total(row.shares for row in bought),
        shares_sold=share_total(row.shares for row in sold),
        proceeds=total(row.net for row in sold),
        fees=total(row.fees for row in sold),
        withheld=total(row.withheld for row in sold),
        refunded=total(row.dollars for row in refunds),
    )


def _check_days(first: date, last: date, rows: Sequence[ShareEntry | CashEntry | RefundEntry]) -> None:
    """FiguresDisagree unless `rows` lie in the period from `first` to `last`, in the order of their days."""
    if last < first:
        raise ValueError(f"a period that ends on {last} before it begins on {first}")
    days = [row.on for row in rows]
    if strays := [day for day in days if not first <= day <= last]:
        raise FiguresDisagree(f"an entry of {strays[0]} outside the period from {first} to {last}")
    if days != sorted(days):
        raise FiguresDisagree(f"entries from {first} to {last} that are not in the order of their days")


def _agree(what: str, account: str, found: Money | Shares, stated: Money | Shares) -> None:
    if found != stated:
        raise FiguresDisagree(f"account {account}, {what}: the entries give {found}, the balance says {stated}")
