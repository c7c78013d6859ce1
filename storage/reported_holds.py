"""Holds of our own: set at once when something is written to us, released by a person, and never forgotten.

The transfer agent's holds are not here: they come and go with its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from handlers.plan.accounts import Hold
from storage.tables import registrations, reported_holds


@dataclass(frozen=True, slots=True)
class ReportedHold:
    """A hold that stands: on which account, since when, and by which message."""

    account_number: str
    email: str
    hold: Hold
    reported_at: datetime
    cause: str


class ReportedHolds:
    """The reported_holds table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, registration_id: str, hold: Hold, cause: str, at: datetime) -> bool:
        """Set a hold. The same cause a second time changes nothing, not even once the hold was released: False."""
        of_cause = select(reported_holds.c.cause).where(
            reported_holds.c.registration_id == registration_id, reported_holds.c.cause == cause
        )
        if self._connection.execute(of_cause).first() is not None:
            return False
        self._connection.execute(
            insert(reported_holds).values(registration_id=registration_id, cause=cause, hold=hold.value, reported_at=at)
        )
        return True

    def of_registrations(self, ids: Iterable[str]) -> dict[str, frozenset[Hold]]:
        """The holds that stand, by registration."""
        found: dict[str, frozenset[Hold]] = {}
        rows = self._connection.execute(
            select(reported_holds.c.registration_id, reported_holds.c.hold).where(
                reported_holds.c.registration_id.in_(list(ids)), reported_holds.c.released_at.is_(None)
            )
        )
        for row in rows:
            found[row.registration_id] = found.get(row.registration_id, frozenset()) | {Hold(row.hold)}
        return found

    def standing(self) -> list[ReportedHold]:
        """Every hold that stands, oldest first."""
        rows = self._connection.execute(
            select(reported_holds, registrations.c.account_number, registrations.c.email)
            .join(registrations, registrations.c.id == reported_holds.c.registration_id)
            .where(reported_holds.c.released_at.is_(None))
            .order_by(reported_holds.c.reported_at, registrations.c.account_number, reported_holds.c.cause)
        )
        return [ReportedHold(row.account_number, row.email, Hold(row.hold), row.reported_at, row.cause) for row in rows]

    def release(self, registration_id: str, by: str, reason: str, at: datetime) -> bool:
        """Release every reported hold of a registration, and keep who did it and why. False if none stands."""
        released = self._connection.execute(
            update(reported_holds)
            .where(reported_holds.c.registration_id == registration_id, reported_holds.c.released_at.is_(None))
            .values(released_at=at, released_by=by, reason=reason)
        )
        return released.rowcount > 0
