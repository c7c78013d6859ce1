"""Messages as they arrived, and what became of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.ids import new_id
from storage.leases import is_due, is_free, release_leases
from storage.tables import messages


class MessageState(Enum):
    """Where a message stands. Only RECEIVED is worked on."""

    RECEIVED = "RECEIVED"
    ANSWERED = "ANSWERED"
    AWAITING_SHAREHOLDER = "AWAITING_SHAREHOLDER"
    ESCALATED = "ESCALATED"
    IGNORED = "IGNORED"
    FAILED = "FAILED"


AGAIN_AT_MOST = 8
"""How many messages whose sender was looked up in vain are claimed at a time."""


class NotMine(RuntimeError):
    """Another process has finished or taken this message. Its work is undone here; a retry is not needed."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message at the door, before it has an id."""

    channel: str
    dedupe_key: str
    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    peer: str
    received_at: datetime
    helo: str = ""
    """The name that the client gave."""
    received: str = ""
    """Our own Received field, as it stands before the raw bytes for whoever reads them elsewhere."""
    unchecked: bool = False
    """Whether it must wait until it is known who sent it."""
    sender: Mapping[str, object] | None = None
    """How surely the sender is known, where that is known at the door."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message as it arrived, and where it stands."""

    id: str
    channel: str
    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    peer: str
    helo: str
    received: str
    received_at: datetime
    state: MessageState
    reason: str
    conversation_id: str | None
    failures: int
    claims: int
    error: str
    decision: Mapping[str, object] | None
    sender: Mapping[str, object] | None
    """How surely the sender is known, and by what; None where nobody has looked, which is to say: not at all."""
    signed_digest: str
    """Of what the sender's domain signed; empty if it vouches for nothing."""
    dedupe_key: str
    """What tells it from copies of itself."""


def _from_row(row: RowMapping) -> InboundMessage:
    return InboundMessage(
        id=row["id"],
        channel=row["channel"],
        raw=row["raw"],
        mail_from=row["mail_from"],
        recipients=tuple(row["recipients"]),
        peer=row["peer"],
        helo=row["helo"],
        received=row["received"],
        received_at=row["received_at"],
        state=MessageState(row["state"]),
        reason=row["reason"],
        conversation_id=row["conversation_id"],
        failures=row["failures"],
        claims=row["claims"],
        error=row["error"],
        decision=row["decision"],
        sender=row["sender"],
        signed_digest=row["signed_digest"] or "",
        dedupe_key=row["dedupe_key"],
    )


_KEEP = {
    flavour.dialect.name: flavour.insert(messages)
    .on_conflict_do_nothing(index_elements=[messages.c.dedupe_key])
    .execution_options(preserve_rowcount=True)
    for flavour in (sqlite, postgresql)
}
"""How an arrival is kept unless its key is known, by database."""


class Messages:
    """The messages table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Keep each arrival once; one whose dedupe key is known already is left out. Returns how many were new."""
        rows = [
            {
                "id": new_id(arrival.received_at),
                "channel": arrival.channel,
                "dedupe_key": arrival.dedupe_key,
                "raw": arrival.raw,
                "mail_from": arrival.mail_from,
                "recipients": list(arrival.recipients),
                "peer": arrival.peer,
                "helo": arrival.helo,
                "received": arrival.received,
                "unchecked": arrival.unchecked,
                "sender": arrival.sender,
                "received_at": arrival.received_at,
                "state": MessageState.RECEIVED.value,
            }
            # In the order of their keys, so that two processes with the same letters wait for each other, not for ever.
            for arrival in sorted(arrivals, key=lambda arrival: arrival.dedupe_key)
        ]
        # One statement for all of them: what a group costs besides its commit is mostly the number of statements.
        return self._connection.execute(_KEEP[self._connection.dialect.name], rows).rowcount if rows else 0

    def claim(self, owner: str, now: datetime, lease: timedelta) -> InboundMessage | None:
        """Take the oldest message that is due to be answered, for as long as `lease`; None if none is."""
        claimed = self._claim(owner, now, lease, limit=1, unchecked=False)
        return claimed[0] if claimed else None

    def claim_unchecked(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[InboundMessage]:
        """Take up to `limit` messages of which it is not known yet who sent them, oldest first.

        Those that were looked up in vain before come last and are few: they may have been made to be.
        """
        fresh = self._claim(owner, now, lease, limit=limit, unchecked=True, is_fresh=True)
        again = min(limit - len(fresh), AGAIN_AT_MOST)
        if again > 0:
            fresh += self._claim(owner, now, lease, limit=again, unchecked=True, is_fresh=False)
        return fresh

    def _claim(
        self,
        owner: str,
        now: datetime,
        lease: timedelta,
        *,
        limit: int,
        unchecked: bool,
        is_fresh: bool | None = None,
    ) -> list[InboundMessage]:
        due = (
            select(messages.c.id)
            .where(
                messages.c.state == MessageState.RECEIVED.value,
                messages.c.unchecked.is_(unchecked),
                is_due(messages.c.not_before, now),
                is_free(messages, now),
                *(() if is_fresh is None else (messages.c.not_before.is_(None) == is_fresh,)),
            )
            .order_by(messages.c.received_at, messages.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = self._connection.execute(due).scalars().all()
        if not ids:
            return []
        self._connection.execute(
            update(messages)
            .where(messages.c.id.in_(ids))
            .values(lease_owner=owner, lease_until=now + lease, claims=messages.c.claims + 1)
        )
        return [self.get(message_id) for message_id in ids]

    def get(self, message_id: str) -> InboundMessage:
        """The message with this id; LookupError if there is none."""
        row = self._connection.execute(select(messages).where(messages.c.id == message_id)).mappings().one_or_none()
        if row is None:
            raise LookupError(f"no message {message_id}")
        return _from_row(row)

    def finish(
        self,
        message_id: str,
        owner: str,
        state: MessageState,
        now: datetime,
        *,
        reason: str = "",
        conversation_id: str | None = None,
        decision: Mapping[str, object] | None = None,
        sameness: str = "",
    ) -> None:
        """Record what became of a message that `owner` holds. NotMine if it does not hold it any more.

        `sameness` is the digest of its words, by which a machine is known that says them again.
        """
        done = self._connection.execute(
            update(messages)
            .where(
                messages.c.id == message_id,
                messages.c.lease_owner == owner,
                messages.c.state == MessageState.RECEIVED.value,
            )
            .values(
                state=state.value,
                reason=reason,
                conversation_id=conversation_id,
                decision=decision,
                sameness=sameness or None,
                lease_owner=None,
                lease_until=None,
                finished_at=now,
            )
        )
        if done.rowcount != 1:
            raise NotMine(f"message {message_id} is no longer held by {owner}")

    def keep_sender(self, message_id: str, owner: str, sender: Mapping[str, object], signed_digest: str) -> None:
        """Record who sent a message that `owner` holds, with the digest of what was signed; it may be answered now."""
        self._connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.lease_owner == owner, messages.c.unchecked.is_(True))
            .values(
                unchecked=False,
                claims=0,
                sender=sender,
                signed_digest=signed_digest or None,
                not_before=None,
                error="",
                lease_owner=None,
                lease_until=None,
            )
        )

    def first_signed(self, signed_digest: str, besides: str) -> str | None:
        """The id of the earliest other message with the same signed content that was worked on; None if none was.

        What was set aside itself does not count: of a message and its copies, one must be worked on.
        """
        return self._connection.execute(
            select(messages.c.id)
            .where(
                messages.c.signed_digest == signed_digest,
                messages.c.id != besides,
                # A copy for our people stands for no letter to the program.
                messages.c.dedupe_key.not_like("staff|%"),
                messages.c.state.not_in((MessageState.RECEIVED.value, MessageState.IGNORED.value)),
            )
            .order_by(messages.c.received_at, messages.c.id)
            .limit(1)
        ).scalar_one_or_none()

    def hold(self, message_id: str, owner: str, reason: str, until: datetime) -> None:
        """Leave an unchecked message until an instant, for a cause that is not its own; no failed try is counted."""
        self._connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.lease_owner == owner, messages.c.unchecked.is_(True))
            .values(not_before=until, claims=0, error=reason, lease_owner=None, lease_until=None)
        )

    def fail(self, message_id: str, owner: str, error: str, not_before: datetime) -> None:
        """Record a failed try and let the message be tried again from `not_before` on."""
        self._connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.lease_owner == owner)
            .values(
                failures=messages.c.failures + 1,
                error=error,
                not_before=not_before,
                lease_owner=None,
                lease_until=None,
            )
        )

    def settle(self, message_id: str, state: MessageState, now: datetime) -> None:
        """Staff have dealt with an escalated or failed message."""
        self._connection.execute(
            update(messages).where(messages.c.id == message_id).values(state=state.value, finished_at=now)
        )

    def retry(self, message_id: str) -> bool:
        """Let a failed message be worked on again from the start. False if it has not failed."""
        again = self._connection.execute(
            update(messages)
            .where(messages.c.id == message_id, messages.c.state == MessageState.FAILED.value)
            .values(
                state=MessageState.RECEIVED.value,
                unchecked=messages.c.sender.is_(None),
                failures=0,
                claims=0,
                not_before=None,
                lease_owner=None,
                lease_until=None,
                finished_at=None,
                reason="",
                error="",
            )
        )
        return again.rowcount == 1

    def release_of_the_dead(self, dead: Collection[str]) -> int:
        """Give back the messages that the owners `dead` hold. Returns how many."""
        return release_leases(self._connection, messages, dead)

    def count_waiting(self, until: datetime) -> int:
        """How many messages that were received up to an instant have no outcome yet."""
        waiting = select(func.count()).where(
            messages.c.state == MessageState.RECEIVED.value, messages.c.received_at <= until
        )
        return int(self._connection.execute(waiting).scalar_one())

    def count_by_state(self) -> dict[str, int]:
        """How many messages stand in each state."""
        counted = select(messages.c.state, func.count().label("number")).group_by(messages.c.state)
        return {row.state: row.number for row in self._connection.execute(counted)}

    def in_conversation(self, conversation_id: str) -> list[InboundMessage]:
        """The messages of a conversation, oldest first."""
        rows = self._connection.execute(
            select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.received_at)
        ).mappings()
        return [_from_row(row) for row in rows]

    def with_dedupe_part(self, part: str) -> list[InboundMessage]:
        """The messages whose dedupe key holds `part`, such as a Message-ID between its bars; latest first."""
        return self._latest_first(messages.c.dedupe_key.contains(part, autoescape=True))

    def deciding_of(self, order_id: str) -> list[InboundMessage]:
        """The messages whose recorded decision names an order; latest first. Every decision is looked through."""
        return self._latest_first(cast(messages.c.decision, Text).contains(f'"{order_id}"', autoescape=True))

    def _latest_first(self, condition: ColumnElement[bool]) -> list[InboundMessage]:
        found = select(messages).where(condition).order_by(messages.c.received_at.desc(), messages.c.id.desc())
        return [_from_row(row) for row in self._connection.execute(found).mappings()]

    def newest(self, limit: int) -> list[InboundMessage]:
        """The latest messages, newest first."""
        rows = self._connection.execute(
            select(messages).order_by(messages.c.received_at.desc(), messages.c.id.desc()).limit(limit)
        ).mappings()
        return [_from_row(row) for row in rows]
