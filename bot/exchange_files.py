"""The frame of every file we exchange: a header record, column names, rows, a trailer with totals.

Nothing of a file is taken before all of it was checked; each fault names its
line and column. Line ends of any system and a byte-order mark are accepted.
The layouts are in docs/files.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

HEADER = "H"
TRAILER = "T"
LARGEST_BYTES = 512 * 1024 * 1024
FAULTS_SHOWN = 100

_SEQUENCE = re.compile(r"0*[1-9][0-9]{0,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadFile(ValueError):
    """The file is not taken: each fault names line and column. Nothing was stored; correct it and load it again."""

    def __init__(self, path: Path, faults: Sequence[str]) -> None:
        shown = list(faults[:FAULTS_SHOWN])
        if len(faults) > FAULTS_SHOWN:
            shown.append(f"and {len(faults) - FAULTS_SHOWN} more faults")
        super().__init__("\n".join(f"{path}: {fault}" for fault in shown))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, and its values by column name, without surrounding blanks."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExchangeFile:
    """A file whose frame is in order."""

    path: Path
    digest: str
    """SHA-256 of its bytes."""
    sequence: int
    as_of: date
    rows: tuple[Row, ...]
    totals: tuple[str, ...]
    """What the trailer says beyond the count."""
    trailer_line: int


def read_exchange_file(path: Path, kind: str, required: Sequence[str], optional: Sequence[str] = ()) -> ExchangeFile:
    """Read a file of this kind and check its frame. BadFile lists every fault; OSError if it cannot be read."""
    if path.stat().st_size > LARGEST_BYTES:
        raise BadFile(path, [f"larger than {LARGEST_BYTES} bytes"])
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadFile(path, [f"line {_line_at(content, fault.start)}: not UTF-8 text"]) from None
    if "\0" in text:
        raise BadFile(path, [f"line {_line_at(content, content.index(0))}: holds a NUL character"])
    return _framed(path, hashlib.sha256(content).hexdigest(), _records(path, text), kind, required, optional)


def _line_at(content: bytes, position: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", content[:position])) + 1


def _records(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """The records that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for record in reader:
            if any(value.strip() for value in record):
                records.append((line, [value.strip() for value in record]))
            line = reader.line_num + 1
    except csv.Error as fault:
        raise BadFile(path, [f"line {line}: not CSV: {fault}"]) from None
    return records


def _framed(
    path: Path,
    digest: str,
    records: list[tuple[int, list[str]]],
    kind: str,
    required: Sequence[str],
    optional: Sequence[str],
) -> ExchangeFile:
    if len(records) < 3:
        line = records[-1][0] if records else 1
        here = "the file ends here" if records else "the file is empty"
        wanted = "a header record, column names and a trailer record are wanted; ask for it again"
        raise BadFile(path, [f"line {line}: {here}, but {wanted}"])
    faults: list[str] = []
    sequence, as_of = _header(records[0], kind, faults)
    _check_names(records[1], required, optional, faults)
    names = records[1][1]
    trailer_line, trailer = records[-1]
    body = records[2:-1]
    if trailer[0] != TRAILER:
        faults.append(
            f"line {trailer_line}: the last record must be the trailer {TRAILER},COUNT; the file may be cut off"
        )
    elif len(trailer) < 2 or trailer[1] != str(len(body)):
        said = trailer[1] if len(trailer) > 1 else "nothing"
        counted = f"the trailer counts {said}, but there are {len(body)} rows"
        faults.append(f"line {trailer_line}: {counted}; the file was cut off or edited: ask for it again")
    if not body:
        faults.append(f"line {trailer_line}: there are no rows; a file without any is taken for a fault of its sender")
    for line, record in body:
        if len(record) != len(names):
            faults.append(f"line {line}: {len(record)} values, but there are {len(names)} columns")
    if faults:
        raise BadFile(path, faults)
    rows = tuple(Row(line, dict(zip(names, record, strict=True))) for line, record in body)
    return ExchangeFile(path, digest, sequence, as_of, rows, tuple(trailer[2:]), trailer_line)


def _check_names(
    record: tuple[int, list[str]], required: Sequence[str], optional: Sequence[str], faults: list[str]
) -> None:
    line, names = record
    if not set(names) & set(required):
        # Where the names are left out this is a holder, and no error may repeat what it holds.
        faults.append(f"line {line}: the column names are wanted here: {', '.join(required)}")
        return
    faults += [f"line {line}: column {name!r} is missing" for name in required if name not in names]
    for name in dict.fromkeys(names):
        if name not in required and name not in optional:
            faults.append(f"line {line}: unknown column {name!r}; known are {', '.join((*required, *optional))}")
        elif names.count(name) > 1:
            faults.append(f"line {line}: column {name!r} stands twice")


def _header(record: tuple[int, list[str]], kind: str, faults: list[str]) -> tuple[int, date]:
    line, values = record
    if len(values) < 4 or values[0] != HEADER or values[1] != kind:
        faults.append(f"line {line}: the header record {HEADER},{kind},SEQUENCE,DATE is wanted")
        return 0, date.min
    sequence, as_of = 0, date.min
    if _SEQUENCE.fullmatch(values[2]):
        sequence = int(values[2])
    else:
        faults.append(f"line {line}, column 3: the sequence is {values[2]!r}; a whole number from 1 on is wanted")
    try:
        as_of = day_of(values[3])
    except ValueError:
        faults.append(f"line {line}, column 4: the date is {values[3]!r}; YYYY-MM-DD is wanted")
    return sequence, as_of


def day_of(text: str) -> date:
    """The day written as YYYY-MM-DD, and in no other way. ValueError."""
    if not _DAY.fullmatch(text):
        raise ValueError("YYYY-MM-DD is wanted")
    return date.fromisoformat(text)


def decimal_of(text: str) -> Decimal | None:
    """The number written in `text` with digits and at most a point; None if it is written otherwise."""
    if not text or not text.replace(".", "", 1).isdigit() or not text.isascii():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
