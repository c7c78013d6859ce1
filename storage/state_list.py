"""The state list that Investor Relations maintains."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from handlers.plan.states import StateEntry, StateList, StateStatus
from storage.tables import state_entries


class StateEntries:
    """The state_entries table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> StateList:
        """Everything recorded."""
        rows = self._connection.execute(select(state_entries).order_by(state_entries.c.code, state_entries.c.effective))
        return StateList(tuple(StateEntry(row.code, StateStatus(row.status), row.effective) for row in rows))

    def sources(self) -> list[str]:
        """Where the entries come from, each named once."""
        return list(self._connection.execute(select(state_entries.c.source).distinct()).scalars())

    def record(self, entries: Iterable[StateEntry], source: str, now: datetime) -> None:
        """Record entries; one for the same place and day replaces the earlier."""
        for entry in entries:
            self._connection.execute(
                delete(state_entries).where(
                    state_entries.c.code == entry.code, state_entries.c.effective == entry.effective
                )
            )
            self._connection.execute(
                insert(state_entries).values(
                    code=entry.code,
                    effective=entry.effective,
                    status=entry.status.value,
                    source=source,
                    recorded_at=now,
                )
            )
