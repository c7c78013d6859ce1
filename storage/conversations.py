"""Threads: who they are with, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.ids import new_id, spelled
from storage.tables import conversations, outbox


@dataclass(frozen=True, slots=True)
class Conversation:
    """The thread a message belongs to."""

    id: str
    channel: str
    address: str
    parked: Mapping[str, object] | None
    """A request that waits for a missing fact."""
    clarified: int
    """Clarifying questions asked in a row without an understood answer."""

    @property
    def reference(self) -> str:
        """What letters call this thread. It opens nothing by itself: quoting it joins no thread."""
        return reference_of(self.id)


def reference_of(conversation_id: str) -> str:
    """What letters call the thread with this id."""
    return "DSPP-" + spelled(conversation_id, 6)


class Conversations:
    """The conversations table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, channel: str, address: str, now: datetime) -> Conversation:
        """Start a thread with `address`."""
        conversation_id = new_id(now)
        self._connection.execute(
            insert(conversations).values(
                id=conversation_id, channel=channel, address=address, opened_at=now, parked=None, clarified=0
            )
        )
        return Conversation(conversation_id, channel, address, None, 0)

    def get(self, conversation_id: str) -> Conversation | None:
        """The thread with this id, if there is one."""
        row = self._connection.execute(
            select(conversations).where(conversations.c.id == conversation_id)
        ).mappings().one_or_none()  # fmt: skip
        if row is None:
            return None
        return Conversation(row["id"], row["channel"], row["address"], row["parked"], row["clarified"])

    def with_reference(self, reference: str) -> list[str]:
        """The ids of the threads that letters call by this reference; two may share one, by chance.

        It follows from the id and is stored nowhere, so every thread is looked at: for people, not for the service.
        """
        ids = self._connection.execute(select(conversations.c.id)).scalars()
        return [one for one in ids if reference_of(one) == reference]

    def of_letter(self, rfc_message_ids: tuple[str, ...], address: str) -> Conversation | None:
        """The thread in which one of our letters with these Message-IDs went to `address`, the latest first."""
        found = self._connection.execute(
            select(outbox.c.conversation_id)
            .join(conversations, conversations.c.id == outbox.c.conversation_id)
            .where(outbox.c.rfc_message_id.in_(rfc_message_ids), conversations.c.address == address)
            .order_by(outbox.c.created_at.desc())
            .limit(1)
        ).scalar_one_or_none()
        return self.get(found) if found else None

    def park(self, conversation_id: str, parked: Mapping[str, object] | None) -> None:
        """Keep a request that waits for a missing fact; None forgets it."""
        self._connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(parked=parked)
        )

    def count_clarifying(self, conversation_id: str, clarified: int) -> None:
        """Record how many clarifying questions stand unanswered."""
        self._connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(clarified=clarified)
        )
