"""The files written for the transfer agent and the bank: each with its number, and one a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, insert, select

from handlers.plan.money import Money
from storage.audit import PROGRAM, Audit, AuditKind
from storage.month_tables import ach_entries, sent_files

AT_ONCE = 400
"""Rows that are looked up in one statement."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was written."""

    kind: str
    sequence: int
    cause: str
    """What it was written for: "issuance:2003-11". A step that is repeated meets its own first file."""
    name: str
    digest: str
    rows: int
    totals: Mapping[str, int | str]
    written_at: datetime


@dataclass(frozen=True, slots=True)
class AchEntry:
    """A debit, or a prenote, that went to the bank in a file."""

    trace: str
    file_sequence: int
    is_prenote: bool
    registration_id: str
    order_id: str | None
    amount: Money
    effective_on: date
    presented: int = 1
    """How often this debit went to the bank."""
    code: str = ""
    """Return code, if it came back."""
    returned_on: date | None = None


class SentFiles:
    """The tables of files that were written, and of the entries in those for the bank."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, cause: str) -> SentFile | None:
        """The file that was written for a cause."""
        found = select(sent_files).where(sent_files.c.cause == cause)
        row = self._connection.execute(found).mappings().one_or_none()
        return SentFile(**row) if row else None

    def of_kind(self, kind: str) -> tuple[SentFile, ...]:
        """Every file of a kind, in order of its numbers."""
        rows = self._connection.execute(
            select(sent_files).where(sent_files.c.kind == kind).order_by(sent_files.c.sequence)
        ).mappings()
        return tuple(SentFile(**row) for row in rows)

    def next_sequence(self, kind: str) -> int:
        """The number that the next file of a kind bears, from 1 on."""
        highest = select(func.coalesce(func.max(sent_files.c.sequence), 0)).where(sent_files.c.kind == kind)
        return int(self._connection.execute(highest).scalar_one()) + 1

    def record(self, file: SentFile) -> None:
        """Note a file as written, in the audit record too."""
        self._connection.execute(
            insert(sent_files).values(
                kind=file.kind,
                sequence=file.sequence,
                cause=file.cause,
                name=file.name,
                digest=file.digest,
                rows=file.rows,
                totals=dict(file.totals),
                written_at=file.written_at,
            )
        )
        facts = {
            "file": file.kind,
            "sequence": file.sequence,
            "digest": file.digest,
            "rows": file.rows,
            "totals": file.totals,
            "cause": file.cause,
        }
        subject = f"file:{file.kind}:{file.sequence}"
        Audit(self._connection).note(PROGRAM, AuditKind.FILE_WRITTEN, subject, facts, file.written_at)

    def keep_entries(self, entries: list[AchEntry]) -> None:
        """Record what went to the bank."""
        if entries:
            self._connection.execute(insert(ach_entries), [_values(entry) for entry in entries])

    def entry(self, trace: str) -> AchEntry | None:
        """The entry with this trace number."""
        row = self._connection.execute(select(ach_entries).where(ach_entries.c.trace == trace)).mappings().one_or_none()
        return _entry(row) if row else None

    def last_trace_number(self) -> int:
        """The sequence within the highest trace number given so far; 0 before the first."""
        highest = self._connection.execute(select(func.max(func.substr(ach_entries.c.trace, 9)))).scalar_one()
        return int(highest) if highest else 0

    def presentations(self, traces: Sequence[str]) -> dict[str, int]:
        """The how-manieth presentation of its debit each of these entries was."""
        found: dict[str, int] = {}
        for start in range(0, len(traces), AT_ONCE):
            some = traces[start : start + AT_ONCE]
            rows = self._connection.execute(
                select(ach_entries.c.trace, ach_entries.c.presented).where(ach_entries.c.trace.in_(some))
            )
            found |= {row.trace: row.presented for row in rows}
        return found

    def debited(self, registration_ids: Sequence[str]) -> frozenset[str]:
        """Which of these accounts were ever debited."""
        found: set[str] = set()
        for start in range(0, len(registration_ids), AT_ONCE):
            rows = self._connection.execute(
                select(ach_entries.c.registration_id)
                .where(
                    ach_entries.c.registration_id.in_(registration_ids[start : start + AT_ONCE]),
                    ach_entries.c.kind == "DEBIT",
                )
                .distinct()
            )
            found.update(rows.scalars())
        return frozenset(found)

    def entry_returned(self, trace: str, code: str, returned_on: date) -> bool:
        """Record that an entry came back. False if it did already, or there is none."""
        changed = self._connection.execute(
            ach_entries.update()
            .where(ach_entries.c.trace == trace, ach_entries.c.code == "")
            .values(code=code, returned_on=returned_on)
        )
        return changed.rowcount == 1

    def entries_of_order(self, order_id: str) -> tuple[AchEntry, ...]:
        """Every presentation of an order's debit, first to last."""
        rows = self._connection.execute(
            select(ach_entries).where(ach_entries.c.order_id == order_id).order_by(ach_entries.c.presented)
        ).mappings()
        return tuple(map(_entry, rows))


def _values(entry: AchEntry) -> dict[str, object]:
    return {
        "trace": entry.trace,
        "file_sequence": entry.file_sequence,
        "kind": "PRENOTE" if entry.is_prenote else "DEBIT",
        "registration_id": entry.registration_id,
        "order_id": entry.order_id,
        "amount": entry.amount,
        "effective_on": entry.effective_on,
        "presented": entry.presented,
        "code": entry.code,
        "returned_on": entry.returned_on,
    }


def _entry(row: RowMapping) -> AchEntry:
    return AchEntry(
        trace=row["trace"],
        file_sequence=row["file_sequence"],
        is_prenote=row["kind"] == "PRENOTE",
        registration_id=row["registration_id"],
        order_id=row["order_id"],
        amount=row["amount"],
        effective_on=row["effective_on"],
        presented=row["presented"],
        code=row["code"],
        returned_on=row["returned_on"],
    )
