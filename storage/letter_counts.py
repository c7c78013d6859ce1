"""How many letters went to one address of late: what keeps two machines from writing to each other for ever."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.reviews import OPEN
from storage.tables import conversations, messages, outbox, reviews


class LetterCounts:
    """Counts over the outbox and the reviews."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def to(self, address: str, since: datetime) -> int:
        """Letters written to `address` since an instant."""
        counted = select(func.count()).where(outbox.c.recipient == address, outbox.c.created_at >= since)
        return int(self._connection.execute(counted).scalar_one())

    def in_conversation(self, conversation_id: str, since: datetime) -> int:
        """Letters written in a conversation since an instant."""
        counted = select(func.count()).where(outbox.c.conversation_id == conversation_id, outbox.c.created_at >= since)
        return int(self._connection.execute(counted).scalar_one())

    def said(self, address: str, sameness: str, since: datetime) -> int:
        """How many messages of these words came from `address` since an instant, and were worked on."""
        said = (
            select(func.count())
            .select_from(messages.join(conversations, conversations.c.id == messages.c.conversation_id))
            .where(
                messages.c.sameness == sameness,
                conversations.c.address == address,
                messages.c.received_at >= since,
            )
        )
        return int(self._connection.execute(said).scalar_one())

    def is_anybody_before_staff(self, reason: str) -> bool:
        """Whether a review for this reason is open at all."""
        waiting = select(func.count()).where(reviews.c.reason == reason, reviews.c.state == OPEN)
        return int(self._connection.execute(waiting).scalar_one()) > 0

    def is_before_staff(self, address: str, reason: str) -> bool:
        """Whether a review for this reason is open on a conversation with `address`."""
        waiting = (
            select(func.count())
            .select_from(reviews.join(conversations, conversations.c.id == reviews.c.conversation_id))
            .where(conversations.c.address == address, reviews.c.reason == reason, reviews.c.state == OPEN)
        )
        return int(self._connection.execute(waiting).scalar_one()) > 0
