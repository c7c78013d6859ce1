"""The closes of the pricing days, as they were entered. Which of them stand follows from the plan's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, insert, select

from handlers.plan.closes import CloseEntry, CloseSource
from storage.ids import new_id
from storage.month_tables import close_entries


class Closes:
    """The table of entered closes; append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, entries: Sequence[CloseEntry]) -> None:
        """Keep what was entered, whether it will stand or not."""
        if entries:
            self._connection.execute(
                insert(close_entries),
                [
                    {
                        "id": new_id(entry.entered_at),
                        "day": entry.day,
                        "price": entry.price,
                        "source": entry.source.value,
                        "entered_by": entry.entered_by,
                        "entered_at": entry.entered_at,
                        "read_from": entry.read_from,
                    }
                    for entry in entries
                ],
            )

    def between(self, first: date, last: date) -> tuple[CloseEntry, ...]:
        """Everything entered for the days from `first` to `last`, in order of entry."""
        rows = self._connection.execute(
            select(close_entries)
            .where(close_entries.c.day >= first, close_entries.c.day <= last)
            .order_by(close_entries.c.entered_at, close_entries.c.id)
        ).mappings()
        return tuple(
            CloseEntry(
                day=row["day"],
                price=row["price"],
                source=CloseSource(row["source"]),
                entered_by=row["entered_by"],
                entered_at=row["entered_at"],
                read_from=row["read_from"],
            )
            for row in rows
        )
