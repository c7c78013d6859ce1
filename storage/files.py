"""Which files were taken in, so that none is taken twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from storage.tables import loaded_files


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file taken in: what it was and when."""

    digest: str
    kind: str
    sequence: int
    name: str
    rows: int
    loaded_at: datetime
    as_of: date | None = None
    """The day it tells of; not known of files that an earlier version of this program loaded."""


class LoadedFiles:
    """The loaded_files table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_digest(self, digest: str) -> LoadedFile | None:
        """The file with these bytes, if it was taken in before."""
        row = self._connection.execute(
            select(loaded_files).where(loaded_files.c.digest == digest)
        ).mappings().one_or_none()  # fmt: skip
        return LoadedFile(**row) if row else None

    def last_sequence(self, kind: str) -> int:
        """The highest sequence number taken in of this kind; 0 before the first."""
        highest = select(func.coalesce(func.max(loaded_files.c.sequence), 0)).where(loaded_files.c.kind == kind)
        return int(self._connection.execute(highest).scalar_one())

    def last_day(self, kind: str) -> date | None:
        """The latest day that a file of this kind told of; None before the first."""
        latest = select(func.max(loaded_files.c.as_of)).where(loaded_files.c.kind == kind)
        day: date | None = self._connection.execute(latest).scalar_one()
        return day

    def record(self, file: LoadedFile) -> None:
        """Note a file as taken in."""
        self._connection.execute(
            insert(loaded_files).values(
                digest=file.digest,
                kind=file.kind,
                sequence=file.sequence,
                name=file.name,
                rows=file.rows,
                loaded_at=file.loaded_at,
                as_of=file.as_of,
            )
        )
