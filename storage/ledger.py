"""Shares and cash, double entry and append-only. A balance is the sum of its postings.

Accounts are names such as "plan:<registration id>" and "outside". An entry's id
derives from its cause, so a repeated step inserts nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from handlers.plan.money import Shares
from storage.tables import ledger_entries, postings

SHARE = "SHARE"
USD = "USD"
OUTSIDE = "outside"
"""Where things come from that this ledger did not see arise."""


def plan_account(registration_id: str) -> str:
    """The ledger account of a registration's plan shares and cash."""
    return f"plan:{registration_id}"


class Unbalanced(ValueError):
    """An entry's postings do not sum to zero in every unit. It is refused; the caller is at fault."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: `quantity` in ten-thousandths of a share or in cents, signed."""

    account: str
    unit: str
    quantity: int


class Ledger:
    """The ledger tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def post(self, entry_id: str, at: datetime, memo: str, lines: Sequence[Posting]) -> bool:
        """Append an entry; False if it stands already. Unbalanced if it does not sum to zero in each unit."""
        sums: dict[str, int] = defaultdict(int)
        for line in lines:
            sums[line.unit] += line.quantity
        if not lines or any(sums.values()):
            raise Unbalanced(f"entry {entry_id} does not balance: {dict(sums)}")
        known = select(func.count()).where(ledger_entries.c.id == entry_id)
        if self._connection.execute(known).scalar_one():
            return False
        self._connection.execute(insert(ledger_entries).values(id=entry_id, at=at, memo=memo))
        self._connection.execute(
            insert(postings),
            [
                {
                    "entry_id": entry_id,
                    "line": number,
                    "account": line.account,
                    "unit": line.unit,
                    "quantity": line.quantity,
                }
                for number, line in enumerate(lines)
            ],
        )
        return True

    def plan_shares(self, registration_ids: Iterable[str]) -> dict[str, Shares]:
        """The plan shares of each registration that has any postings."""
        names = {plan_account(registration_id): registration_id for registration_id in registration_ids}
        rows = self._connection.execute(
            select(postings.c.account, func.sum(postings.c.quantity))
            .where(postings.c.unit == SHARE, postings.c.account.in_(names))
            .group_by(postings.c.account)
        )
        return {names[account]: Shares.from_units(int(units)) for account, units in rows}
