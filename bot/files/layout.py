"""The layout of one kind of exchanged file, and the two functions that read and write every kind by its layout.

A row is taken or written only if all rows are in order. What is written was
read back cell by cell first, so that no file leaves that its reader would
take otherwise than it was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.exchange_files import (
    BadFile,
    ExchangeFile,
    Row,
    UnwritableFile,
    WrittenFile,
    decimal_of,
    read_exchange_file,
    write_exchange_file,
)
from bot.files.notations import Notation, repeated

RowT = TypeVar("RowT")

Objection = tuple[str, str]
"""A column of which a row says what cannot be, and what is wanted there."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, which is that of the row's attribute, and how its values are written."""

    name: str
    notation: Notation[Any]
    may_be_left_out: bool = False
    """The file need not have the column; then it is read as if every cell were empty."""
    is_past: bool = False
    """What happened then has happened by the day the file tells of."""


@dataclass(frozen=True, slots=True)
class Total(Generic[RowT]):
    """A control total of the trailer: a sum over all rows, counted in whole units of the last place."""

    name: str
    units: Callable[[RowT], int]
    places: int

    def of(self, rows: Iterable[RowT]) -> str:
        """The total of these rows, as the trailer has it."""
        whole, part = divmod(sum(map(self.units, rows)), 10**self.places)
        return f"{whole}.{part:0{self.places}d}"


@dataclass(frozen=True, slots=True)
class Layout(Generic[RowT]):
    """One kind of file: what its rows are, what stands in them once, what its trailer sums."""

    kind: str
    row: Callable[..., RowT]
    """Makes a row of the values of all columns, in their order."""
    columns: tuple[Column, ...]
    once: tuple[str, ...]
    """Columns that no two rows may share the values of."""
    totals: tuple[Total[RowT], ...] = ()
    may_be_empty: bool = False
    """A file without rows is good news and no fault."""
    objections: Callable[[RowT], Iterator[Objection]] = lambda row: iter(())
    """What in a row contradicts itself."""
    identity: Callable[[RowT], Hashable] | None = None
    """What tells a row from the others, where that is more than the columns `once`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in the order in which they are written."""
        return tuple(column.name for column in self.columns)


def read_rows(path: Path, layout: Layout[RowT]) -> tuple[ExchangeFile, tuple[RowT, ...]]:
    """The file's frame and its rows, in the order of `ExchangeFile.rows`. BadFile lists every fault; OSError."""
    required = [column.name for column in layout.columns if not column.may_be_left_out]
    optional = [column.name for column in layout.columns if column.may_be_left_out]
    file = read_exchange_file(path, layout.kind, required, optional, may_be_empty=layout.may_be_empty)
    faults: list[str] = []
    numbered: list[tuple[int, RowT]] = []
    for record in file.rows:
        row = _row(record, layout, file.as_of, faults)
        if row is not None:
            numbered.append((record.line, row))
    faults += _repetitions(numbered, layout, "line")
    rows = tuple(row for _, row in numbered)
    if not faults:
        faults += _wrong_totals(file, rows, layout)
    if faults:
        raise BadFile(path, faults)
    return file, rows


def write_rows(path: Path, layout: Layout[RowT], sequence: int, as_of: date, rows: Sequence[RowT]) -> WrittenFile:
    """Write a file of these rows in their order, whole and durable, as `write_exchange_file` does.

    UnwritableFile, with every fault by row and column, if our own reader would
    not read the very same rows; FileInTheWay; OSError.
    """
    faults: list[str] = []
    if not rows and not layout.may_be_empty:
        faults.append("there are no rows, and a file without any would be refused; none is needed then")
    cells = [_cells(number, row, layout, as_of, faults) for number, row in enumerate(rows, start=1)]
    if not faults:
        faults += _repetitions(enumerate(rows, start=1), layout, "row")
    if faults:
        raise UnwritableFile(path, faults)
    totals = [total.of(rows) for total in layout.totals]
    return write_exchange_file(path, layout.kind, sequence, as_of, layout.names, cells, totals)


def _row(record: Row, layout: Layout[RowT], as_of: date, faults: list[str]) -> RowT | None:
    """The row of a record; None, and its faults, if it is not in order."""
    values: list[Any] = []
    found: list[Objection] = []
    for column in layout.columns:
        try:
            value = column.notation.read(record.values.get(column.name, ""))
        except ValueError:
            found.append((column.name, column.notation.wanted))
            continue
        values.append(value)
        if column.is_past:
            found += _too_late(column, value, as_of)
    row = None
    if not found:
        row = layout.row(*values)
        found += layout.objections(row)
    for name, wanted in found:
        said = _said(layout, name, record.values.get(name, ""))
        faults.append(f"line {record.line}, column {name}: {said} is not accepted; {wanted}")
    return None if found else row


def _cells(number: int, row: RowT, layout: Layout[RowT], as_of: date, faults: list[str]) -> list[str]:
    """A row as it is written; its faults are what the reader would have against it."""
    cells: list[str] = []
    found: list[Objection] = []
    for column in layout.columns:
        value = getattr(row, column.name)
        try:
            cell = column.notation.write(value)
            is_kept = column.notation.read(cell.strip()) == value
        except (ValueError, TypeError, AttributeError):
            cell, is_kept = "", False
        if not is_kept:
            found.append((column.name, column.notation.wanted))
        elif column.is_past:
            found += _too_late(column, value, as_of)
        cells.append(cell)
    if not found:
        found += layout.objections(row)
    for name, wanted in found:
        said = _said(layout, name, str(getattr(row, name)))
        faults.append(f"row {number}, column {name}: {said} cannot be written; {wanted}")
    return cells


def _said(layout: Layout[RowT], name: str, value: str) -> str:
    is_secret = any(column.notation.is_secret for column in layout.columns if column.name == name)
    return repeated(value, is_secret=is_secret)


def _too_late(column: Column, value: date | datetime | None, as_of: date) -> list[Objection]:
    if value is None:
        return []
    if isinstance(value, datetime):
        is_late = value > datetime.combine(as_of, time.max, _WHERE_A_DAY_ENDS_LAST)
    else:
        is_late = value > as_of
    return [(column.name, f"a day no later than that of the file, {as_of}, is wanted")] if is_late else []


_WHERE_A_DAY_ENDS_LAST = timezone(timedelta(hours=-12))
"""The file's day has no zone, and a bank may stamp in any."""


def _repetitions(numbered: Iterable[tuple[int, RowT]], layout: Layout[RowT], counted: str) -> Iterator[str]:
    identity = layout.identity or attrgetter(*layout.once)
    first: dict[Hashable, int] = {}
    for number, row in numbered:
        earlier = first.setdefault(identity(row), number)
        if earlier != number:
            names = " and ".join(layout.once)
            yield f"{counted} {number}, column {layout.once[0]}: the same {names} stands in {counted} {earlier} too"


def _wrong_totals(file: ExchangeFile, rows: Sequence[RowT], layout: Layout[RowT]) -> Iterator[str]:
    remedy = "a row was changed or lost: ask for the file again"
    for place, total in enumerate(layout.totals):
        summed = total.of(rows)
        said = file.totals[place] if place < len(file.totals) else "nothing"
        if decimal_of(said) != decimal_of(summed):
            wrong = f"the total of {total.name} is {_shortened(said)}, but the rows sum to {summed}"
            yield f"line {file.trailer_line}, column {place + 3}: {wrong}; {remedy}"
    for place, said in enumerate(file.totals[len(layout.totals) :], start=len(layout.totals)):
        if said:
            yield f"line {file.trailer_line}, column {place + 3}: no further total is known; {remedy}"


def _shortened(said: str) -> str:
    return said if len(said) <= _LONGEST_TOTAL else said[:_LONGEST_TOTAL] + "..."


_LONGEST_TOTAL = 40
