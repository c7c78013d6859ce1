"""What statements are made of: the entries that moved a holder's shares and money, and what each of them rests on.

Many accounts at a time. Balances are summed by the database over the postings, apart
from the entries, so that the two can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection, Row, func, or_, select, update

from handlers.plan.money import Money, Price, Shares
from handlers.plan.payments import PaymentKind, PaymentState
from storage.ledger import SHARE, USD, Entry, Posting, owed_account, plan_account, proceeds_account, refunds_account
from storage.month_tables import allotments, cycles, payments, refunds
from storage.tables import accounts, ledger_entries, postings

AT_ONCE = 200
"""Registrations that are looked up in one statement."""
OPENING = "opening:"
"""Entries of what was held when the service began: no movement of the holder's."""

_OWN_ACCOUNTS: tuple[Callable[[str], str], ...] = (plan_account, refunds_account, proceeds_account, owed_account)


@dataclass(frozen=True, slots=True)
class Balances:
    """What stood in the accounts of a registration at an instant, signed: ten-thousandths of a share, and cents."""

    share_units: int = 0
    cash_cents: int = 0
    owed_cents: int = 0
    """Below zero: what the holder owes."""


@dataclass(frozen=True, slots=True)
class BookedPurchase:
    """What the month's books have of an order that got shares."""

    order_id: str
    registration_id: str
    shares: Shares
    invested: Money
    price: Price
    purchase_date: date


@dataclass(frozen=True, slots=True)
class BookedRefund:
    """A refund, and what it was made for."""

    id: str
    cause: str
    registration_id: str
    order_id: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A check or debit, as far as a statement names it and what may become of it."""

    id: str
    registration_id: str
    order_id: str | None
    kind: PaymentKind
    state: PaymentState
    instrument: str
    return_risk_until: date


class StatementRows:
    """Reads over the ledger and the month's tables, account by account; and who elected statements."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def moved(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """The registrations whose shares or money moved from `start` on and before `end`, in order."""
        prefixes = [account("") for account in _OWN_ACCOUNTS]
        rows = self._connection.execute(
            select(postings.c.account)
            .distinct()
            .join(ledger_entries, ledger_entries.c.id == postings.c.entry_id)
            .where(
                ledger_entries.c.at >= start,
                ledger_entries.c.at < end,
                ledger_entries.c.id.not_like(f"{OPENING}%"),
                or_(*(postings.c.account.startswith(prefix, autoescape=True) for prefix in prefixes)),
            )
        ).scalars()
        return tuple(sorted({account.partition(":")[2] for account in rows}))

    def elected(self) -> tuple[str, ...]:
        """The registrations that want a statement for months without activity too, in order."""
        rows = self._connection.execute(select(accounts.c.registration_id).where(accounts.c.statements.is_(True)))
        return tuple(sorted(rows.scalars()))

    def elect(self, registration_id: str, *, is_elected: bool) -> bool:
        """Record whether a holder wants a statement every month. False if there is no account in the plan."""
        changed = self._connection.execute(
            update(accounts).where(accounts.c.registration_id == registration_id).values(statements=is_elected)
        )
        return changed.rowcount == 1

    def entries_of(self, registration_ids: Sequence[str], end: datetime) -> dict[str, tuple[Entry, ...]]:
        """Every entry before `end` that touches these registrations, whole, in order of time; all are keys."""
        owners = {account(one): one for one in registration_ids for account in _OWN_ACCOUNTS}
        found: dict[str, list[Entry]] = {one: [] for one in registration_ids}
        for piece in map(frozenset, _pieces(list(owners))):
            touched = select(postings.c.entry_id).where(postings.c.account.in_(piece))
            rows = self._connection.execute(
                select(ledger_entries, postings.c.account, postings.c.unit, postings.c.quantity)
                .join(postings, postings.c.entry_id == ledger_entries.c.id)
                .where(ledger_entries.c.id.in_(touched), ledger_entries.c.at < end)
                .order_by(ledger_entries.c.at, ledger_entries.c.id, postings.c.line)
            )
            for entry in _entries(rows):
                for owner in {owners[line.account] for line in entry.lines if line.account in piece}:
                    found[owner].append(entry)
        return {
            one: tuple(sorted({entry.id: entry for entry in own}.values(), key=lambda entry: (entry.at, entry.id)))
            for one, own in found.items()
        }

    def balances_at(self, registration_ids: Sequence[str], instant: datetime) -> dict[str, Balances]:
        """The sums of all postings before an instant; all registrations are keys."""
        sums: dict[tuple[str, str], int] = {}
        for piece in _pieces([account(one) for one in registration_ids for account in (plan_account, owed_account)]):
            rows = self._connection.execute(
                select(postings.c.account, postings.c.unit, func.sum(postings.c.quantity))
                .join(ledger_entries, ledger_entries.c.id == postings.c.entry_id)
                .where(postings.c.account.in_(piece), ledger_entries.c.at < instant)
                .group_by(postings.c.account, postings.c.unit)
            )
            sums |= {(account, unit): int(quantity) for account, unit, quantity in rows}
        return {
            one: Balances(
                sums.get((plan_account(one), SHARE), 0),
                sums.get((plan_account(one), USD), 0),
                sums.get((owed_account(one), USD), 0),
            )
            for one in registration_ids
        }

    def purchases(self, registration_ids: Sequence[str]) -> dict[str, BookedPurchase]:
        """The allotted orders of these registrations, by order."""
        found: dict[str, BookedPurchase] = {}
        for piece in _pieces(registration_ids):
            rows = self._connection.execute(
                select(allotments, cycles.c.price, cycles.c.purchase_date)
                .join(cycles, cycles.c.id == allotments.c.cycle_id)
                .where(allotments.c.registration_id.in_(piece), cycles.c.price.is_not(None))
            )
            for row in rows:
                found[row.order_id] = BookedPurchase(
                    row.order_id, row.registration_id, row.shares, row.invested, row.price, row.purchase_date
                )
        return found

    def refunds(self, registration_ids: Sequence[str]) -> tuple[BookedRefund, ...]:
        """Every refund of these registrations, in the order they were made."""
        found: list[BookedRefund] = []
        for piece in _pieces(registration_ids):
            rows = self._connection.execute(
                select(refunds)
                .where(refunds.c.registration_id.in_(piece))
                .order_by(refunds.c.made_at, refunds.c.id)
            )  # fmt: skip
            found += [BookedRefund(row.id, row.cause, row.registration_id, row.order_id, row.amount) for row in rows]
        return tuple(found)

    def payments(self, registration_ids: Sequence[str]) -> Mapping[str, BookedPayment]:
        """Every payment of these registrations, by its id."""
        found: dict[str, BookedPayment] = {}
        for piece in _pieces(registration_ids):
            rows = self._connection.execute(select(payments).where(payments.c.registration_id.in_(piece)))
            for row in rows:
                found[row.id] = BookedPayment(
                    row.id,
                    row.registration_id,
                    row.order_id,
                    PaymentKind(row.kind),
                    PaymentState(row.state),
                    row.instrument,
                    row.return_risk_until,
                )
        return found


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))


def _entries(rows: Iterator[Row[tuple[object, ...]]]) -> Iterator[Entry]:
    for _, lines in groupby(rows, key=lambda row: row.id):
        found = list(lines)
        yield Entry(
            found[0].id,
            found[0].at,
            found[0].memo,
            tuple(Posting(row.account, row.unit, row.quantity) for row in found),
        )
