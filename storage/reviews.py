"""What waits for Investor Relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.tables import reviews

OPEN = "OPEN"
CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A message that waits for staff."""

    id: str
    message_id: str
    conversation_id: str | None
    reason: str
    understood: Mapping[str, object]
    draft: str
    deadline_at: datetime | None
    state: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    answer: str | None = None


def _from_row(row: RowMapping) -> ReviewItem:
    return ReviewItem(**{name: row[name] for name in ReviewItem.__slots__})


class Reviews:
    """The reviews table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, item: ReviewItem) -> None:
        """Put a message before staff. One message has at most one open review."""
        self._connection.execute(
            insert(reviews).values(
                id=item.id,
                message_id=item.message_id,
                conversation_id=item.conversation_id,
                reason=item.reason,
                understood=dict(item.understood),
                draft=item.draft,
                deadline_at=item.deadline_at,
                state=OPEN,
                opened_at=item.opened_at,
            )
        )

    def of_message(self, message_id: str) -> ReviewItem | None:
        """The open review of a message, if it has one."""
        row = self._connection.execute(
            select(reviews).where(reviews.c.message_id == message_id, reviews.c.state == OPEN)
        ).mappings().one_or_none()  # fmt: skip
        return _from_row(row) if row else None

    def get(self, review_id: str) -> ReviewItem | None:
        """The review with this id, if there is one."""
        row = self._connection.execute(select(reviews).where(reviews.c.id == review_id)).mappings().one_or_none()
        return _from_row(row) if row else None

    def waiting(self) -> list[ReviewItem]:
        """Open reviews: the nearest deadline first, then the oldest."""
        rows = self._connection.execute(
            select(reviews)
            .where(reviews.c.state == OPEN)
            .order_by(reviews.c.deadline_at.is_(None), reviews.c.deadline_at, reviews.c.opened_at)
        ).mappings()
        return [_from_row(row) for row in rows]

    def close(self, review_id: str, by: str, answer: str, now: datetime) -> bool:
        """Close an open review. False if somebody else closed it first."""
        closed = self._connection.execute(
            update(reviews)
            .where(reviews.c.id == review_id, reviews.c.state == OPEN)
            .values(state=CLOSED, closed_at=now, closed_by=by, answer=answer)
        )
        return closed.rowcount == 1
