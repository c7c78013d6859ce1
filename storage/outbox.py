"""Finished letters on their way out: leased, tried, sent or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from storage.leases import is_free, release_leases_of_the_dead
from storage.tables import outbox


class OutboxState(Enum):
    """Where a letter stands."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to put into the outbox; `cause` is what it answers."""

    id: str
    cause: str
    kind: str
    conversation_id: str | None
    rfc_message_id: str
    recipient: str
    envelope_from: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One finished, rendered message."""

    id: str
    cause: str
    kind: str
    conversation_id: str | None
    rfc_message_id: str
    recipient: str
    envelope_from: str
    raw: bytes
    state: OutboxState
    attempts: int
    detail: str
    created_at: datetime


def _from_row(row: RowMapping) -> OutboxMessage:
    return OutboxMessage(
        id=row["id"],
        cause=row["cause"],
        kind=row["kind"],
        conversation_id=row["conversation_id"],
        rfc_message_id=row["rfc_message_id"],
        recipient=row["recipient"],
        envelope_from=row["envelope_from"],
        raw=row["raw"],
        state=OutboxState(row["state"]),
        attempts=row["attempts"],
        detail=row["detail"],
        created_at=row["created_at"],
    )


class Outbox:
    """The outbox table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, letter: NewLetter, now: datetime) -> None:
        """Queue a letter. A second letter for the same cause is refused by the database."""
        self._connection.execute(
            insert(outbox).values(
                id=letter.id,
                cause=letter.cause,
                kind=letter.kind,
                conversation_id=letter.conversation_id,
                rfc_message_id=letter.rfc_message_id,
                recipient=letter.recipient,
                envelope_from=letter.envelope_from,
                raw=letter.raw,
                state=OutboxState.QUEUED.value,
                attempts=0,
                next_at=now,
                detail="",
                created_at=now,
            )
        )

    def has(self, cause: str) -> bool:
        """Whether a letter for `cause` is in the outbox, sent or not."""
        return self._connection.execute(select(func.count()).where(outbox.c.cause == cause)).scalar_one() > 0

    def lease(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[OutboxMessage]:
        """Take up to `limit` letters that are due; each counts one attempt."""
        due = (
            select(outbox.c.id)
            .where(outbox.c.state == OutboxState.QUEUED.value, outbox.c.next_at <= now, is_free(outbox, now))
            .order_by(outbox.c.next_at, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = self._connection.execute(due).scalars().all()
        if not ids:
            return []
        self._connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(lease_owner=owner, lease_until=now + lease, attempts=outbox.c.attempts + 1)
        )
        rows = self._connection.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)).mappings()
        return [_from_row(row) for row in rows]

    def sent(self, letter_id: str, detail: str, now: datetime) -> None:
        """The letter was taken, whatever another process believes of it."""
        self._settle(tuple(OutboxState), letter_id, state=OutboxState.SENT.value, detail=detail, finished_at=now)

    def retry(self, letter_id: str, detail: str, next_at: datetime) -> None:
        """The letter was not taken this time."""
        self._settle((OutboxState.QUEUED,), letter_id, detail=detail, next_at=next_at)

    def dead(self, letter_id: str, detail: str, now: datetime) -> None:
        """The letter is given up; staff see it."""
        self._settle((OutboxState.QUEUED,), letter_id, state=OutboxState.DEAD.value, detail=detail, finished_at=now)

    def _settle(self, before: Sequence[OutboxState], letter_id: str, **values: object) -> None:
        """Change a letter that stands in one of the states `before`: a try that came too late changes nothing."""
        self._connection.execute(
            update(outbox)
            .where(outbox.c.id == letter_id, outbox.c.state.in_([state.value for state in before]))
            .values(lease_owner=None, lease_until=None, **values)
        )

    def release_of_the_dead(self) -> int:
        """Give back letters held by processes of this host that no longer run."""
        return release_leases_of_the_dead(self._connection, outbox)

    def in_conversation(self, conversation_id: str) -> list[OutboxMessage]:
        """The letters of a conversation, oldest first."""
        rows = self._connection.execute(
            select(outbox).where(outbox.c.conversation_id == conversation_id).order_by(outbox.c.created_at, outbox.c.id)
        ).mappings()
        return [_from_row(row) for row in rows]

    def for_cause(self, cause: str) -> OutboxMessage | None:
        """The letter written for `cause`, if there is one."""
        row = self._connection.execute(select(outbox).where(outbox.c.cause == cause)).mappings().one_or_none()
        return _from_row(row) if row else None

    def newest(self, limit: int) -> list[OutboxMessage]:
        """The latest letters, newest first."""
        rows = self._connection.execute(
            select(outbox).order_by(outbox.c.created_at.desc(), outbox.c.id.desc()).limit(limit)
        ).mappings()
        return [_from_row(row) for row in rows]

    def get(self, letter_id: str) -> OutboxMessage | None:
        """The letter with this id, if there is one."""
        row = self._connection.execute(select(outbox).where(outbox.c.id == letter_id)).mappings().one_or_none()
        return _from_row(row) if row else None

    def count_by_state(self) -> dict[str, int]:
        """How many letters stand in each state."""
        counted = select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state)
        return {row.state: row.number for row in self._connection.execute(counted)}
