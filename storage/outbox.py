"""Finished letters on their way out: leased, tried, sent or given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, RowMapping, case, func, insert, not_, select, update

from storage.leases import is_due, is_free, release_leases
from storage.tables import outbox

AT_ONCE = 400
"""Causes that are looked up in one statement."""
UNHURRIED = ("month/statement", "month/year_end")
"""Kinds of letters that come by the thousand and that nobody waits for: all others leave before them."""


class OutboxState(Enum):
    """Where a letter stands."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DEAD = "DEAD"
    RETURNED = "RETURNED"
    """It was taken, and then came back for good."""


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


def domain_of(address: str) -> str:
    """The domain of an address, by which letters are counted."""
    return address.rpartition("@")[2].lower()


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
                detail="",
                created_at=now,
            )
        )

    def has(self, cause: str) -> bool:
        """Whether a letter for `cause` is in the outbox, sent or not."""
        return self._connection.execute(select(func.count()).where(outbox.c.cause == cause)).scalar_one() > 0

    def states_of(self, causes: Sequence[str]) -> dict[str, OutboxState]:
        """Where the letters for these causes stand; a cause without a letter is not there."""
        found: dict[str, OutboxState] = {}
        for start in range(0, len(causes), AT_ONCE):
            rows = self._connection.execute(
                select(outbox.c.cause, outbox.c.state).where(outbox.c.cause.in_(causes[start : start + AT_ONCE]))
            )
            found |= {row.cause: OutboxState(row.state) for row in rows}
        return found

    def lease(
        self,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        *,
        to_a_domain: int | None = None,
        under_way: Mapping[str, int] | None = None,
    ) -> list[OutboxMessage]:
        """Take up to `limit` letters that are due; each counts one attempt.

        With `to_a_domain` no more than so many go to one domain, those `under_way` (by domain) included; the letters
        behind them, to other domains, come in their place.
        """
        ids = self._due(now, limit, to_a_domain if to_a_domain is not None else limit, under_way or {})
        if not ids:
            return []
        self._connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(lease_owner=owner, lease_until=now + lease, attempts=outbox.c.attempts + 1)
        )
        rows = self._connection.execute(select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)).mappings()
        return [_from_row(row) for row in rows]

    def _due(self, now: datetime, limit: int, to_a_domain: int, under_way: Mapping[str, int]) -> list[str]:
        """The ids of letters that are due and may be begun, at most `limit`.

        Asks again without the domains that are full, so that a long line to one of them hides nobody. Each round but
        the last fills a domain with a letter that it takes, so there are at most `limit` rounds and one.
        """
        taken: list[str] = []
        places = Counter(under_way)
        while (room := limit - len(taken)) > 0:
            full = [domain for domain, number in places.items() if number >= to_a_domain]
            due = (
                select(outbox.c.id, outbox.c.recipient)
                .where(outbox.c.state == OutboxState.QUEUED.value, is_due(outbox.c.next_at, now), is_free(outbox, now))
                .where(outbox.c.id.not_in(taken))
                .where(*(not_(func.lower(outbox.c.recipient).endswith(f"@{one}", autoescape=True)) for one in full))
                .order_by(
                    case((outbox.c.kind.in_(UNHURRIED), 1), else_=0),
                    func.coalesce(outbox.c.next_at, outbox.c.created_at),
                    outbox.c.id,
                )
                .limit(room)
                .with_for_update(skip_locked=True)
            )
            found = self._connection.execute(due).all()
            for row in found:
                if places[domain_of(row.recipient)] < to_a_domain:
                    places[domain_of(row.recipient)] += 1
                    taken.append(row.id)
            filled = sum(number >= to_a_domain for number in places.values()) - len(full)
            if len(found) < room or not filled:
                break
        return taken

    def sent(self, letter_id: str, owner: str, detail: str, now: datetime) -> bool:
        """The letter was taken. False, and nothing changed, if `owner` does not hold it any more."""
        return self._settle(letter_id, owner, state=OutboxState.SENT.value, detail=detail, finished_at=now)

    def retry(self, letter_id: str, owner: str, detail: str, next_at: datetime) -> bool:
        """The letter was not taken this time. False, and nothing changed, if `owner` does not hold it any more."""
        return self._settle(letter_id, owner, detail=detail, next_at=next_at)

    def put_back(self, letter_id: str, owner: str, detail: str, next_at: datetime) -> bool:
        """Nobody could have taken the letter, so this was no attempt. False, and nothing changed, as with `retry`."""
        return self._settle(letter_id, owner, detail=detail, next_at=next_at, attempts=outbox.c.attempts - 1)

    def dead(self, letter_id: str, owner: str, detail: str, now: datetime) -> bool:
        """The letter is given up; staff see it. False, and nothing changed, if `owner` does not hold it any more."""
        return self._settle(letter_id, owner, state=OutboxState.DEAD.value, detail=detail, finished_at=now)

    def _settle(self, letter_id: str, owner: str, **values: object) -> bool:
        """Change a letter that `owner` holds: one that came too late must not undo what the next one found."""
        settled = self._connection.execute(
            update(outbox)
            .where(outbox.c.id == letter_id, outbox.c.lease_owner == owner, outbox.c.state == OutboxState.QUEUED.value)
            .values(lease_owner=None, lease_until=None, **values)
        )
        return settled.rowcount == 1

    def send_again(self, letter_id: str) -> bool:
        """Queue a letter anew that was given up or came back, as if it had not been tried. False if it is neither."""
        again = self._connection.execute(
            update(outbox)
            .where(
                outbox.c.id == letter_id,
                outbox.c.state.in_((OutboxState.DEAD.value, OutboxState.RETURNED.value)),
            )
            .values(state=OutboxState.QUEUED.value, attempts=0, next_at=None, finished_at=None)
        )
        return again.rowcount == 1

    def set_aside(self, cause: str) -> None:
        """Keep the letter for `cause`, if there is one, under a cause of its own, so that another may be written."""
        self._connection.execute(
            update(outbox).where(outbox.c.cause == cause).values(cause="earlier:" + outbox.c.id + ":" + outbox.c.cause)
        )

    def release_of_the_dead(self, dead: Collection[str]) -> int:
        """Give back the letters that the owners `dead` hold. Returns how many."""
        return release_leases(self._connection, outbox, dead)

    def count_unhurried(self) -> int:
        """How many letters wait that nobody waits for."""
        waiting = select(func.count()).where(
            outbox.c.state == OutboxState.QUEUED.value, outbox.c.kind.in_(UNHURRIED)
        )  # fmt: skip
        return int(self._connection.execute(waiting).scalar_one())

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

    def cause_of(self, rfc_message_id: str) -> str | None:
        """What the letter with this Message-ID answers, if it is one of ours."""
        return self._connection.execute(
            select(outbox.c.cause).where(outbox.c.rfc_message_id == rfc_message_id)
        ).scalar_one_or_none()

    def newest(self, limit: int) -> list[OutboxMessage]:
        """The latest letters, newest first."""
        rows = self._connection.execute(
            select(outbox).order_by(outbox.c.created_at.desc(), outbox.c.id.desc()).limit(limit)
        ).mappings()
        return [_from_row(row) for row in rows]

    def in_states(self, states: Collection[OutboxState], limit: int) -> list[OutboxMessage]:
        """The latest letters that stand in one of `states`, newest first."""
        rows = self._connection.execute(
            select(outbox)
            .where(outbox.c.state.in_([state.value for state in states]))
            .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
            .limit(limit)
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
