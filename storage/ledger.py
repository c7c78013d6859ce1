"""Shares and cash, double entry and append-only. A balance is the sum of its postings.

An entry moves quantities from one account into another: what leaves is
negative there, what comes in is positive, and in each unit an entry sums to
zero. So what is held for somebody is positive, and an account of the world
outside shows, negative, what came from it. An entry's id derives from its
cause, so a repeated step inserts nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, func, insert, select

from handlers.plan.money import Shares
from storage.tables import ledger_entries, postings

SHARE = "SHARE"
USD = "USD"
OUTSIDE = "outside"
"""Where shares come from that this ledger did not see arise, and where those go that leave the plan."""
PAYERS_CHECK = "payers:check"
PAYERS_DEBIT = "payers:debit"
"""The world that pays in: less its balance is what was received, less what was returned."""
UNMATCHED = "unmatched"
"""Money received of which it is not known whose it is."""
COMPANY = "company"
"""The issuer's: what was invested in new shares."""
UNISSUED = "unissued"
"""Shares the plan may still issue come from here; less its balance is what was issued."""
MARKET = "market"
"""The broker's side of sales."""
FEES = "fees"
REFUNDED = "refunded"
"""Money that was sent back."""
PAID_OUT = "paid_out"
"""Proceeds of sales that were mailed."""
WRITTEN_OFF = "written_off"

AT_ONCE = 400
"""Entries whose ids are looked up in one statement."""
FETCHED = 2_000
"""Rows of a stream that are in memory at a time."""


def plan_account(registration_id: str) -> str:
    """The ledger account of a registration's plan shares, and of its money that is neither invested nor going back."""
    return f"plan:{registration_id}"


def refunds_account(registration_id: str) -> str:
    """Money that is going back to the holder and has not left yet."""
    return f"refunds:{registration_id}"


def proceeds_account(registration_id: str) -> str:
    """Money of a sale that is owed to the holder."""
    return f"proceeds:{registration_id}"


def owed_account(registration_id: str) -> str:
    """Negative: what a holder owes since a payment came back after it was invested."""
    return f"owed:{registration_id}"


class Unbalanced(ValueError):
    """An entry's postings do not sum to zero in every unit. It is refused; the caller is at fault."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: `quantity` in ten-thousandths of a share or in cents, signed."""

    account: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, before it is posted; `id` follows from its cause."""

    id: str
    at: datetime
    memo: str
    lines: Sequence[Posting]


def move(source: str, target: str, unit: str, quantity: int) -> list[Posting]:
    """The two lines that move `quantity` from one account into another."""
    return [Posting(source, unit, -quantity), Posting(target, unit, quantity)]


class Ledger:
    """The ledger tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def post(self, entry_id: str, at: datetime, memo: str, lines: Sequence[Posting]) -> bool:
        """Append an entry; False if it stands already. Unbalanced if it does not sum to zero in each unit."""
        return self.post_all([Entry(entry_id, at, memo, lines)]) == 1

    def post_all(self, entries: Sequence[Entry]) -> int:
        """Append those entries that do not stand already, and return how many. Unbalanced refuses them all."""
        for entry in entries:
            _check_balanced(entry)
        appended = 0
        for start in range(0, len(entries), AT_ONCE):
            appended += self._append(entries[start : start + AT_ONCE])
        return appended

    def _append(self, entries: Sequence[Entry]) -> int:
        known = select(ledger_entries.c.id).where(ledger_entries.c.id.in_([entry.id for entry in entries]))
        standing = set(self._connection.execute(known).scalars())
        fresh = [entry for entry in {entry.id: entry for entry in entries}.values() if entry.id not in standing]
        if fresh:
            self._connection.execute(
                insert(ledger_entries), [{"id": entry.id, "at": entry.at, "memo": entry.memo} for entry in fresh]
            )
            self._connection.execute(
                insert(postings),
                [
                    {
                        "entry_id": entry.id,
                        "line": number,
                        "account": line.account,
                        "unit": line.unit,
                        "quantity": line.quantity,
                    }
                    for entry in fresh
                    for number, line in enumerate(entry.lines)
                ],
            )
        return len(fresh)

    def plan_shares(self, registration_ids: Iterable[str]) -> dict[str, Shares]:
        """The plan shares of each registration that has any postings."""
        names = {plan_account(registration_id): registration_id for registration_id in registration_ids}
        wanted = sorted(names)
        found: dict[str, Shares] = {}
        for start in range(0, len(wanted), AT_ONCE):
            rows = self._connection.execute(
                select(postings.c.account, func.sum(postings.c.quantity))
                .where(postings.c.unit == SHARE, postings.c.account.in_(wanted[start : start + AT_ONCE]))
                .group_by(postings.c.account)
            )
            found |= {names[account]: Shares.from_units(int(units)) for account, units in rows}
        return found

    def all_plan_shares(self) -> dict[str, Shares]:
        """The plan shares of every registration that has any postings, by its id."""
        held = self.balances(plan_account(""))
        return {
            account.removeprefix(plan_account("")): Shares.from_units(units)
            for (account, unit), units in held.items()
            if unit == SHARE
        }

    def balance(self, account: str, unit: str) -> int:
        """What has come into an account less what has left it: ten-thousandths of a share, or cents."""
        summed = select(func.coalesce(func.sum(postings.c.quantity), 0)).where(
            postings.c.account == account, postings.c.unit == unit
        )
        return int(self._connection.execute(summed).scalar_one())

    def balances(self, prefix: str = "") -> Mapping[tuple[str, str], int]:
        """Every balance by account and unit, of accounts whose name begins with `prefix`."""
        rows = self._connection.execute(
            select(postings.c.account, postings.c.unit, func.sum(postings.c.quantity))
            .where(postings.c.account.startswith(prefix, autoescape=True))
            .group_by(postings.c.account, postings.c.unit)
            .order_by(postings.c.account, postings.c.unit)
        )
        return {(account, unit): int(quantity) for account, unit, quantity in rows}

    def entries(self) -> Iterator[Entry]:
        """Every entry with its lines, in order of time."""
        rows = self._connection.execute(
            select(ledger_entries, postings.c.account, postings.c.unit, postings.c.quantity)
            .join(postings, postings.c.entry_id == ledger_entries.c.id)
            .order_by(ledger_entries.c.at, ledger_entries.c.id, postings.c.line),
            execution_options={"yield_per": FETCHED},
        )
        for _, lines in groupby(rows, key=lambda row: row.id):
            found = list(lines)
            postings_of = tuple(Posting(row.account, row.unit, row.quantity) for row in found)
            yield Entry(found[0].id, found[0].at, found[0].memo, postings_of)

    def entries_of(self, account: str) -> Iterator[tuple[Entry, Posting]]:
        """Every posting of an account in order of time, each with the head of its entry."""
        rows = self._connection.execute(
            select(ledger_entries, postings.c.account, postings.c.unit, postings.c.quantity)
            .join(postings, postings.c.entry_id == ledger_entries.c.id)
            .where(postings.c.account == account)
            .order_by(ledger_entries.c.at, ledger_entries.c.id, postings.c.line)
        )
        for row in rows:
            yield Entry(row.id, row.at, row.memo, ()), Posting(row.account, row.unit, row.quantity)


def _check_balanced(entry: Entry) -> None:
    sums: dict[str, int] = defaultdict(int)
    for line in entry.lines:
        sums[line.unit] += line.quantity
    if not entry.lines or any(sums.values()):
        raise Unbalanced(f"entry {entry.id} does not balance: {dict(sums)}")
