"""The frame of every file we exchange: a header record, column names, rows, a trailer with totals.

Nothing of a file is taken before all of it was checked; each fault names its
line and column. Line ends of any system and a byte-order mark are accepted.
A file is written whole or not at all, its bytes follow from what it tells,
and no file that stands is ever overwritten. The layouts are in docs/files.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
        super().__init__(_told(path, faults))
        self.faults = list(faults)


class UnwritableFile(ValueError):
    """The file is not written: each fault names row and column. Correct what it is made from, and do the step again."""

    def __init__(self, path: Path, faults: Sequence[str]) -> None:
        super().__init__(_told(path, faults))
        self.faults = list(faults)


class FileInTheWay(ValueError):
    """Another file of that name stands there, and none is ever overwritten.

    Find out what it is; if it is not needed, move it away and do the step again.
    """


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, and its values by column name, without surrounding blanks."""

    line: int
    values: dict[str, str] = field(repr=False)
    """What they are may be secret, so no row shows them."""


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


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that now stands, whole and on the disk."""

    path: Path
    digest: str
    """SHA-256 of its bytes."""
    rows: int
    totals: tuple[str, ...]
    """What the trailer says beyond the count."""
    is_new: bool
    """False where the very same file stood there already."""


def read_exchange_file(
    path: Path, kind: str, required: Sequence[str], optional: Sequence[str] = (), *, may_be_empty: bool = False
) -> ExchangeFile:
    """Read a file of this kind and check its frame. BadFile lists every fault; OSError if it cannot be read.

    A file without rows is a fault, unless `may_be_empty`: then its trailer counts 0.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise BadFile(path, [f"larger than {LARGEST_BYTES} bytes"])
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadFile(path, [f"line {_line_at(content, fault.start)}: not UTF-8 text"]) from None
    if "\0" in text:
        raise BadFile(path, [f"line {_line_at(content, content.index(0))}: holds a NUL character"])
    digest, records = hashlib.sha256(content).hexdigest(), _records(path, text)
    return _framed(path, digest, records, kind, required, optional, may_be_empty)


def _told(path: Path, faults: Sequence[str]) -> str:
    shown = list(faults[:FAULTS_SHOWN])
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"and {len(faults) - FAULTS_SHOWN} more faults")
    return "\n".join(f"{path}: {fault}" for fault in shown)


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
    may_be_empty: bool,
) -> ExchangeFile:
    if len(records) < 3:
        line = records[-1][0] if records else 1
        here = "the file ends here" if records else "the file is empty"
        wanted = "a header record, column names and a trailer record are wanted; ask for it again"
        raise BadFile(path, [f"line {line}: {here}, but {wanted}"])
    faults: list[str] = []
    sequence, as_of = _header(records[0], kind, faults)
    names_line, padded = records[1]
    names = _without_padding(padded)
    _check_names((names_line, names), required, optional, faults)
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
    if not body and not may_be_empty:
        faults.append(f"line {trailer_line}: there are no rows; a file without any is taken for a fault of its sender")
    for line, record in body:
        if not len(names) <= len(record) <= len(padded) or any(record[len(names) :]):
            faults.append(f"line {line}: {len(record)} values, but there are {len(names)} columns")
    if faults:
        raise BadFile(path, faults)
    rows = tuple(Row(line, dict(zip(names, record, strict=False))) for line, record in body)
    return ExchangeFile(path, digest, sequence, as_of, rows, tuple(trailer[2:]), trailer_line)


def _without_padding(names: list[str]) -> list[str]:
    """The names without empty ones at the end: a spreadsheet makes all records as long as the longest."""
    last = max((place for place, name in enumerate(names, start=1) if name), default=0)
    return names[:last]


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


def write_exchange_file(
    path: Path,
    kind: str,
    sequence: int,
    as_of: date,
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    totals: Sequence[str] = (),
) -> WrittenFile:
    """Write a file of this kind, whole and on the disk when this returns, readable by its owner alone.

    The same rows give the same bytes. Where the very same file stands already,
    nothing is to be done, so a step that is repeated finds its own first run;
    FileInTheWay where any other stands. UnwritableFile if it could not be read
    back as it is; OSError if it cannot be written.
    """
    faults = _unreadable(sequence, as_of, names, rows)
    if faults:
        raise UnwritableFile(path, faults)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((HEADER, kind, str(sequence), as_of.isoformat()))
    writer.writerow(names)
    writer.writerows(rows)
    writer.writerow((TRAILER, str(len(rows)), *totals))
    content = text.getvalue().encode("utf-8")
    if len(content) > LARGEST_BYTES:
        raise UnwritableFile(path, [f"it would be larger than {LARGEST_BYTES} bytes; divide it"])
    is_new = put_file(path, content)
    return WrittenFile(path, hashlib.sha256(content).hexdigest(), len(rows), tuple(totals), is_new)


def _unreadable(sequence: int, as_of: date, names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """What the reader would refuse, or read otherwise than it was."""
    faults = []
    if not _DAY.fullmatch(as_of.isoformat()):
        faults.append(f"the day is {as_of}; a day without a time is wanted")
    if not _SEQUENCE.fullmatch(str(sequence)):
        faults.append(f"the sequence is {sequence}; a whole number of at most nine digits, from 1 on, is wanted")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            faults.append(f"row {number}: {len(row)} values, but there are {len(names)} columns")
        elif not any(row):
            faults.append(f"row {number}: every value is empty, so it would be read as a blank line")
        for name, value in zip(names, row, strict=False):
            if not _is_kept(value):
                faults.append(f"row {number}, column {name}: blanks around it, or a character that no file may hold")
    return faults


def _is_kept(value: str) -> bool:
    return value == value.strip() and value.isprintable() and len(value) < csv.field_size_limit()


def put_file(path: Path, content: bytes) -> bool:
    """Make `path` hold `content`; False if it did already. FileInTheWay if it holds anything else."""
    with _draft_of(path, content) as draft:
        try:
            os.link(draft, path)  # unlike a rename, it fails where a file of that name stands
            is_new = True
        except FileExistsError:
            if not path.is_file() or path.stat().st_size != len(content) or path.read_bytes() != content:
                remedy = "find out what it is, move it away if it is not needed, and do the step again"
                raise FileInTheWay(f"{path}: another file of that name stands here; {remedy}") from None
            is_new = False
            _sync(path)  # its first writer may have died before
    _sync(path.parent)
    return is_new


@contextmanager
def _draft_of(path: Path, content: bytes) -> Iterator[Path]:
    """A hidden file beside `path` with this content, on the disk; gone afterwards."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink()


def _sync(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
