"""What the ledger's entries mean to the holder: shares that moved, money that waits, refunds; one account at a time.

Pure functions over an account's entries. An entry is told by the accounts that it
moves between, not by its name, so that whatever posts it reads the same. One that
moves the holder's money in a way that no statement can tell is a fault, and so is a
purchase that the month's books have otherwise: then no statement is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from handlers.plan.money import ZERO_DOLLARS, Money, Shares
from handlers.plan.payments import PaymentKind
from handlers.plan.statement import (
    CashEntry,
    CashMovement,
    FiguresDisagree,
    RefundEntry,
    ShareEntry,
    ShareMovement,
)
from storage.ledger import (
    COMPANY,
    FEES,
    MARKET,
    PAYERS_CHECK,
    PAYERS_DEBIT,
    SHARE,
    UNISSUED,
    UNMATCHED,
    USD,
    Entry,
    owed_account,
    plan_account,
    refunds_account,
)
from storage.statement_rows import BookedPayment, BookedPurchase, BookedRefund

REFUND_MAILED = "refunded:"
"""What an entry is called that mails a refund; the refund's id follows."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What the month's tables say of one account beside the ledger."""

    purchases: Mapping[str, BookedPurchase]
    """By order."""
    refunds: Sequence[BookedRefund]
    payments: Mapping[str, BookedPayment]


@dataclass(frozen=True, slots=True)
class Movements:
    """Everything that moved in an account, in order of time."""

    shares: tuple[ShareEntry, ...]
    cash: tuple[CashEntry, ...]
    refunds: tuple[RefundEntry, ...]


class Dated(NamedTuple):
    """An entry, and the day it is of in the plan's timezone."""

    on: date
    entry: Entry


def movements_of(registration_id: str, entries: Sequence[Dated], booked: Booked) -> Movements:
    """What an account's entries mean to its holder. FiguresDisagree where they contradict the books or themselves."""
    mailed = {entry.id.removeprefix(REFUND_MAILED): on for on, entry in entries if entry.id.startswith(REFUND_MAILED)}
    waiting = list(booked.refunds)
    shares: list[ShareEntry] = []
    cash: list[CashEntry] = []
    refunds: list[RefundEntry] = []
    for on, entry in entries:
        moved = _Moved(registration_id, entry)
        if moved.shares:
            shares.append(_share_entry(on, moved, booked.purchases))
        cash += _cash_entries(on, moved, booked.payments)
        if moved.set_aside > 0:
            refunds.append(_refund_entry(on, moved, waiting, mailed))
        moved.check_all_is_told()
    return Movements(tuple(shares), tuple(cash), tuple(refunds))


class _Moved:
    """One entry, summed by account, as one holder sees it."""

    def __init__(self, registration_id: str, entry: Entry) -> None:
        self.id = entry.id
        self.memo = entry.memo
        self.of = entry.id.split(":")[1] if ":" in entry.id else ""
        """What the entry is about: an order, a payment, a refund."""
        self._sums: Counter[tuple[str, str]] = Counter()
        for line in entry.lines:
            self._sums[line.account, line.unit] += line.quantity
        self.shares = self._sums[plan_account(registration_id), SHARE]
        self.cash = self._sums[plan_account(registration_id), USD]
        self.set_aside = self._sums[refunds_account(registration_id), USD]
        """Above zero: money that goes back to the holder from now on."""
        self.owed = self._sums[owed_account(registration_id), USD]

    def into(self, account: str, unit: str = USD) -> int:
        """What came into an account; below zero, what left it."""
        return self._sums[account, unit]

    @property
    def received(self) -> tuple[tuple[CashMovement, int], ...]:
        """Money that came in by this entry, in cents."""
        checks = max(0, -self.into(PAYERS_CHECK)) + max(0, -self.into(UNMATCHED))
        debits = max(0, -self.into(PAYERS_DEBIT))
        if self.cash + self.set_aside <= 0:
            return ()
        return (CashMovement.CHECK, checks), (CashMovement.DEDUCTION, debits)

    @property
    def taken_back(self) -> int:
        """Cents that went back to where they came from, because a payment was returned or was not the holder's."""
        return sum(max(0, self.into(account)) for account in (PAYERS_CHECK, PAYERS_DEBIT, UNMATCHED))

    @property
    def invested(self) -> int:
        """Cents that the company got for new shares."""
        return self.into(COMPANY)

    def check_all_is_told(self) -> None:
        """FiguresDisagree if the money that waits moved by more, or by less, than is told of this entry."""
        told = sum(cents for _, cents in self.received) - max(0, self.invested)
        told -= max(0, self.set_aside) + (min(self.taken_back, -self.cash) if self.cash < 0 else 0)
        if self.cash != told:
            raise FiguresDisagree(
                f"entry {self.id} moves {self.cash} cents that wait to be invested, but {told} can be told"
            )


def _share_entry(on: date, moved: _Moved, purchases: Mapping[str, BookedPurchase]) -> ShareEntry:
    shares = Shares.from_units(abs(moved.shares))
    if moved.shares > 0 and moved.into(UNISSUED, SHARE) < 0:
        return _purchase(on, moved, shares, purchases)
    if moved.shares < 0 and moved.into(MARKET, SHARE) > 0:
        fees = Money.from_cents(moved.into(FEES))
        gross = Money.from_cents(-moved.into(MARKET))
        return ShareEntry(on, ShareMovement.SALE, shares, moved.of, gross, fees=fees)
    if moved.shares < 0 and moved.into(UNISSUED, SHARE) > 0:
        return ShareEntry(on, ShareMovement.REVERSAL, shares, moved.of)
    movement = ShareMovement.MOVED_IN if moved.shares > 0 else ShareMovement.MOVED_OUT
    return ShareEntry(on, movement, shares, moved.memo)


def _purchase(on: date, moved: _Moved, shares: Shares, purchases: Mapping[str, BookedPurchase]) -> ShareEntry:
    booked = purchases.get(moved.of)
    if booked is None:
        raise FiguresDisagree(f"entry {moved.id} issues {shares} shares, but no order of the account was allotted any")
    dollars = Money.from_cents(moved.invested)
    if (booked.shares, booked.invested) != (shares, dollars):
        raise FiguresDisagree(
            f"entry {moved.id}: {shares} shares for ${dollars}, but the order was allotted"
            f" {booked.shares} for ${booked.invested}"
        )
    return ShareEntry(on, ShareMovement.PURCHASE, shares, moved.of, dollars, booked.price)


def _cash_entries(on: date, moved: _Moved, payments: Mapping[str, BookedPayment]) -> Iterator[CashEntry]:
    reference = _payment_named(moved, payments)
    for movement, cents in moved.received:
        if cents:
            yield CashEntry(on, movement, Money.from_cents(cents), reference)
    if not moved.taken_back:
        return
    waited = min(moved.taken_back, max(0, -moved.cash))
    if waited:
        yield CashEntry(on, CashMovement.RETURNED, Money.from_cents(waited), reference)
    if moved.taken_back > waited:
        yield CashEntry(on, CashMovement.RETURNED_AFTER, Money.from_cents(moved.taken_back - waited), reference)


def _refund_entry(on: date, moved: _Moved, waiting: list[BookedRefund], mailed: Mapping[str, date]) -> RefundEntry:
    """Money set aside to go back; `waiting` are the refunds not told yet, and loses the one that is told."""
    amount = Money.from_cents(moved.set_aside)
    booked = next(
        (one for one in waiting if one.cause == moved.id),
        next((one for one in waiting if one.amount == amount and one.order_id in {moved.of, None}), None),
    )
    if booked is None:
        return RefundEntry(on, amount, moved.memo, None)
    waiting.remove(booked)
    return RefundEntry(on, amount, booked.order_id or booked.id, mailed.get(booked.id))


def _payment_named(moved: _Moved, payments: Mapping[str, BookedPayment]) -> str:
    """A payment as its holder knows it: by the order it pays for, else by the check's number."""
    booked = payments.get(moved.of)
    if booked is None:
        return moved.memo
    if booked.order_id:
        return booked.order_id
    return f"check {booked.instrument}" if booked.kind is PaymentKind.CHECK else booked.id


def owed_dollars(owed_cents: int) -> Money:
    """What a holder owes, by the balance of the account for it, which is below zero where anything is owed."""
    return Money.from_cents(-owed_cents) if owed_cents < 0 else ZERO_DOLLARS
