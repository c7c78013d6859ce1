"""Letters that were taken and then came back: sent again for a passing cause, marked for staff for a lasting one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from storage.outbox import OutboxState
from storage.tables import outbox


class ReturnedLetters:
    """Changes the outbox table for letters that were sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send_again(self, letter_id: str, detail: str, next_at: datetime, most: int) -> bool:
        """Queue a sent letter again from `next_at` on. False if it is not a sent one, or came back `most` times before.

        It keeps its Message-ID, so that a receiver that has it after all can tell.
        """
        again = self._connection.execute(
            update(outbox)
            .where(outbox.c.id == letter_id, _has_gone_out(), outbox.c.returns < most)
            .values(
                state=OutboxState.QUEUED.value,
                attempts=0,
                returns=outbox.c.returns + 1,
                detail=detail,
                next_at=next_at,
                finished_at=None,
                lease_owner=None,
                lease_until=None,
            )
        )
        return again.rowcount == 1

    def returns_of(self, letter_id: str) -> int:
        """How often a letter came back for a passing cause."""
        counted = select(outbox.c.returns).where(outbox.c.id == letter_id)
        return self._connection.execute(counted).scalar_one_or_none() or 0

    def give_up(self, letter_id: str, detail: str, now: datetime) -> bool:
        """Mark a sent letter as come back for good. False if it is not a sent one: a second report changes nothing."""
        marked = self._connection.execute(
            update(outbox)
            .where(outbox.c.id == letter_id, _has_gone_out())
            .values(
                state=OutboxState.RETURNED.value, detail=detail, finished_at=now, lease_owner=None, lease_until=None
            )
        )
        return marked.rowcount == 1


def _has_gone_out() -> ColumnElement[bool]:
    """Whether a letter was handed over; its report may come before that is recorded, while it is still leased."""
    is_under_way = and_(outbox.c.state == OutboxState.QUEUED.value, outbox.c.lease_owner.is_not(None))
    return or_(outbox.c.state == OutboxState.SENT.value, is_under_way)
