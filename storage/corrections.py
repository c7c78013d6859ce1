"""What staff say a message asked, where it was read otherwise: examples in waiting, judged by a second person.

No row is ever removed or overwritten: what is corrected anew is REPLACED and
stays, so that who said what remains known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, Engine, RowMapping, insert, inspect, select, update

from storage.tables import corrections, messages


class CorrectionState(Enum):
    """Where a correction stands. Only ACCEPTED ones are trained on."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    REPLACED = "REPLACED"


@dataclass(frozen=True, slots=True)
class Correction:
    """One message as staff label it, beside what was read."""

    id: str
    message_id: str
    state: CorrectionState
    corrected_at: datetime
    corrected_by: str
    note: str
    subject: str
    """Only where the sender wrote it."""
    live: str
    """The sender's own words, codes taken out."""
    intents: tuple[str, ...]
    action: str
    slots: Mapping[str, tuple[str, ...]]
    was_read: Sequence[Mapping[str, object]]
    """What the model had read, request by request."""
    model: str
    """Digest of the model that read it; empty if none did."""
    decided_at: datetime | None = None
    decided_by: str | None = None
    """Who accepted or rejected it, or corrected it anew."""

    def says_as(self, other: Correction) -> bool:
        """Whether the same person says the same of the same words."""
        return all(getattr(self, name) == getattr(other, name) for name in _SAYING)


_SAYING = ("corrected_by", "note", "subject", "live", "intents", "action", "slots")


def _from_row(row: RowMapping) -> Correction:
    values = {name: row[name] for name in Correction.__slots__}
    values |= {
        "state": CorrectionState(row["state"]),
        "intents": tuple(row["intents"]),
        "slots": {name: tuple(each) for name, each in row["slots"].items()},
        "was_read": tuple(row["was_read"]),
    }
    return Correction(**values)


def are_kept(engine: Engine) -> bool:
    """Whether the database has a place for corrections at all; one that was never migrated has none."""
    return inspect(engine).has_table(corrections.name)


class Corrections:
    """The corrections table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, correction: Correction) -> Correction:
        """Keep a correction as PENDING in place of the pending one of its message, and give the one that stands.

        The same person saying the same again changes nothing. LookupError if
        there is no such message.
        """
        self._lock(correction.message_id)
        pending = [one for one in self.of_message(correction.message_id) if one.state is CorrectionState.PENDING]
        if pending and pending[0].says_as(correction):
            return pending[0]
        self._settle(
            correction.message_id,
            CorrectionState.PENDING,
            CorrectionState.REPLACED,
            correction.corrected_by,
            correction.corrected_at,
        )
        values = {name: getattr(correction, name) for name in Correction.__slots__}
        values |= {
            "state": CorrectionState.PENDING.value,
            "intents": list(correction.intents),
            "slots": {name: list(each) for name, each in correction.slots.items()},
            "was_read": [dict(request) for request in correction.was_read],
        }
        self._connection.execute(insert(corrections).values(**values))
        return correction

    def decide(self, correction_id: str, state: CorrectionState, by: str, at: datetime) -> bool:
        """Accept or reject a pending correction. False if it does not wait (any more).

        Of one message at most one correction is trained on: accepting another
        replaces the one that was accepted before.
        """
        found = self.get(correction_id)
        if found is None:
            return False
        self._lock(found.message_id)
        if state is CorrectionState.ACCEPTED and self._waits(correction_id):
            self._settle(found.message_id, CorrectionState.ACCEPTED, CorrectionState.REPLACED, by, at)
        decided = self._connection.execute(
            update(corrections)
            .where(corrections.c.id == correction_id, corrections.c.state == CorrectionState.PENDING.value)
            .values(state=state.value, decided_by=by, decided_at=at)
        )
        return decided.rowcount == 1

    def get(self, correction_id: str) -> Correction | None:
        """The correction with this id, if there is one."""
        row = self._connection.execute(
            select(corrections).where(corrections.c.id == correction_id)
        ).mappings().one_or_none()  # fmt: skip
        return _from_row(row) if row else None

    def of_message(self, message_id: str) -> list[Correction]:
        """Everything that was ever said of a message, oldest first."""
        rows = self._connection.execute(
            select(corrections)
            .where(corrections.c.message_id == message_id)
            .order_by(corrections.c.corrected_at, corrections.c.id)
        ).mappings()
        return [_from_row(row) for row in rows]

    def in_state(self, state: CorrectionState) -> list[Correction]:
        """Those in a state, oldest first."""
        rows = self._connection.execute(
            select(corrections)
            .where(corrections.c.state == state.value)
            .order_by(corrections.c.corrected_at, corrections.c.id)
        ).mappings()
        return [_from_row(row) for row in rows]

    def _lock(self, message_id: str) -> None:
        """Hold off others who say something of the same message until this transaction ends."""
        held = select(messages.c.id).where(messages.c.id == message_id).with_for_update()
        if self._connection.execute(held).first() is None:
            raise LookupError(f"no message {message_id}")

    def _waits(self, correction_id: str) -> bool:
        found = self.get(correction_id)
        return found is not None and found.state is CorrectionState.PENDING

    def _settle(self, message_id: str, before: CorrectionState, after: CorrectionState, by: str, at: datetime) -> None:
        self._connection.execute(
            update(corrections)
            .where(corrections.c.message_id == message_id, corrections.c.state == before.value)
            .values(state=after.value, decided_by=by, decided_at=at)
        )
