"""What went out of late because of senders who are not surely known: what keeps forged mail from making us write."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from storage.tables import messages, outbox, reviews

_ANSWER = "answer:"
"""What the cause of a letter begins with that answers a message; the message's id follows."""


class UnsureCounts:
    """Counts over messages, letters and reviews; `sure` are the grounds on which a sender is surely known."""

    def __init__(self, connection: Connection, sure: Collection[str]) -> None:
        self._connection = connection
        self._sure = sure

    def letters(self, organization: str, since: datetime, at_most: int) -> list[tuple[str, datetime]]:
        """Whom letters went to in a domain and below it since an instant, and when: the latest `at_most` of them."""
        found = (
            select(outbox.c.recipient, outbox.c.created_at)
            .join(messages, messages.c.id == func.substr(outbox.c.cause, len(_ANSWER) + 1))
            .where(
                outbox.c.created_at >= since,
                outbox.c.cause.startswith(_ANSWER, autoescape=True),
                or_(
                    outbox.c.recipient.endswith(f"@{organization}", autoescape=True),
                    outbox.c.recipient.endswith(f".{organization}", autoescape=True),
                ),
                self._is_unsure(),
            )
            .order_by(outbox.c.created_at.desc())
            .limit(at_most)
        )
        return [(row.recipient, row.created_at) for row in self._connection.execute(found)]

    def letters_in_all(self, since: datetime) -> int:
        """How many letters went to anybody since an instant because of messages whose sender is not surely known."""
        counted = (
            select(func.count())
            .select_from(outbox.join(messages, messages.c.id == func.substr(outbox.c.cause, len(_ANSWER) + 1)))
            .where(
                outbox.c.created_at >= since,
                outbox.c.cause.startswith(_ANSWER, autoescape=True),
                self._is_unsure(),
            )
        )
        return int(self._connection.execute(counted).scalar_one())

    def reviews(self, since: datetime) -> int:
        """How many reviews were opened since an instant of messages whose sender is not surely known, or is nobody."""
        counted = (
            select(func.count())
            .select_from(reviews.join(messages, messages.c.id == reviews.c.message_id))
            .where(reviews.c.opened_at >= since, or_(reviews.c.conversation_id.is_(None), self._is_unsure()))
        )
        return int(self._connection.execute(counted).scalar_one())

    def _is_unsure(self) -> ColumnElement[bool]:
        return func.coalesce(messages.c.sender["ground"].as_string(), "").not_in(self._sure)
