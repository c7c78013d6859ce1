"""Requests parked until their single-use code comes back. The code itself is never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.tables import confirmations


class ConfirmationState(Enum):
    """Where a parked request stands. Only PENDING can be used."""

    PENDING = "PENDING"
    USED = "USED"
    DECLINED = "DECLINED"
    SUPERSEDED = "SUPERSEDED"
    LOCKED = "LOCKED"
    FROZEN = "FROZEN"
    """The address was frozen before the code came back."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Requests that wait for their code."""

    id: str
    conversation_id: str
    message_id: str
    address: str
    requests: Sequence[object]
    canonical: str
    asked_at: datetime
    expires_at: datetime
    tries: int
    state: ConfirmationState


def _from_row(row: RowMapping) -> Confirmation:
    return Confirmation(
        id=row["id"],
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        address=row["address"],
        requests=row["requests"],
        canonical=row["canonical"],
        asked_at=row["asked_at"],
        expires_at=row["expires_at"],
        tries=row["tries"],
        state=ConfirmationState(row["state"]),
    )


class Confirmations:
    """The confirmations table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, confirmation: Confirmation) -> None:
        """Park requests."""
        self._connection.execute(
            insert(confirmations).values(
                id=confirmation.id,
                conversation_id=confirmation.conversation_id,
                message_id=confirmation.message_id,
                address=confirmation.address,
                requests=list(confirmation.requests),
                canonical=confirmation.canonical,
                asked_at=confirmation.asked_at,
                expires_at=confirmation.expires_at,
                tries=confirmation.tries,
                state=confirmation.state.value,
            )
        )

    def of_address(self, address: str, since: datetime) -> list[Confirmation]:
        """Confirmations asked of `address` since an instant, newest first, whatever their state."""
        rows = self._connection.execute(
            select(confirmations)
            .where(confirmations.c.address == address, confirmations.c.asked_at >= since)
            .order_by(confirmations.c.asked_at.desc(), confirmations.c.id.desc())
        ).mappings()
        return [_from_row(row) for row in rows]

    def message_of(self, confirmation_id: str) -> str | None:
        """The id of the message whose request waited under this id, if there is one."""
        return self._connection.execute(
            select(confirmations.c.message_id).where(confirmations.c.id == confirmation_id)
        ).scalar_one_or_none()

    def pending(self, address: str, now: datetime) -> list[Confirmation]:
        """Those of `address` that can still be used, newest first."""
        rows = self._connection.execute(
            select(confirmations)
            .where(
                confirmations.c.address == address,
                confirmations.c.state == ConfirmationState.PENDING.value,
                confirmations.c.expires_at > now,
            )
            .order_by(confirmations.c.asked_at.desc(), confirmations.c.id.desc())
        ).mappings()
        return [_from_row(row) for row in rows]

    def get(self, confirmation_id: str) -> Confirmation | None:
        """The confirmation with this id, whatever its state."""
        row = self._connection.execute(
            select(confirmations).where(confirmations.c.id == confirmation_id)
        ).mappings().one_or_none()  # fmt: skip
        return _from_row(row) if row else None

    def consume(self, confirmation_id: str, now: datetime, assurance: str) -> bool:
        """Use a code up. One conditional update: of two who try, one gets True. `assurance` is kept with it."""
        used = self._connection.execute(
            update(confirmations)
            .where(
                confirmations.c.id == confirmation_id,
                confirmations.c.state == ConfirmationState.PENDING.value,
                confirmations.c.expires_at > now,
            )
            .values(state=ConfirmationState.USED.value, finished_at=now, assurance=assurance)
        )
        return used.rowcount == 1

    def count_try(self, confirmation_id: str, most: int, now: datetime) -> ConfirmationState:
        """Count a wrong code; the `most`th locks. Returns the state afterwards."""
        self._connection.execute(
            update(confirmations)
            .where(confirmations.c.id == confirmation_id, confirmations.c.state == ConfirmationState.PENDING.value)
            .values(tries=confirmations.c.tries + 1)
        )
        self._connection.execute(
            update(confirmations)
            .where(
                confirmations.c.id == confirmation_id,
                confirmations.c.state == ConfirmationState.PENDING.value,
                confirmations.c.tries >= most,
            )
            .values(state=ConfirmationState.LOCKED.value, finished_at=now)
        )
        state = self._connection.execute(
            select(confirmations.c.state).where(confirmations.c.id == confirmation_id)
        ).scalar_one()
        return ConfirmationState(state)

    def freeze(self, address: str, now: datetime) -> None:
        """End all that waits for a code of `address`."""
        self._connection.execute(
            update(confirmations)
            .where(confirmations.c.address == address, confirmations.c.state == ConfirmationState.PENDING.value)
            .values(state=ConfirmationState.FROZEN.value, finished_at=now)
        )

    def close(self, confirmation_id: str, state: ConfirmationState, now: datetime) -> None:
        """End a pending confirmation without using it."""
        self._connection.execute(
            update(confirmations)
            .where(confirmations.c.id == confirmation_id, confirmations.c.state == ConfirmationState.PENDING.value)
            .values(state=state.value, finished_at=now)
        )
