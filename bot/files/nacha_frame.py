"""The frame of an ACH file that is read: its lines, their order, and every count and total that must agree.

Shared by the reader of our own debit files and the reader of what the bank
sends back. Lines may end in LF or CR LF, or follow each other without ends, as
some banks send them. Nothing is mended: a file that does not agree with itself
was cut off, edited or garbled on its way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.files.nacha_records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING_FACTOR,
    CHANGE_ADDENDA,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    FILL,
    RECORD_LENGTH,
    RETURN_ADDENDA,
    WRITTEN_ANEW,
    Faults,
    Layout,
    Record,
    Tally,
)

FOLLOWERS: Mapping[str, str] = {"": "1", "1": "59", "5": "6", "6": "678", "7": "678", "8": "59"}
"""Which records may come after which; the first of a file comes after nothing."""

LAYOUT_OF: Mapping[str, Layout] = {
    "1": FILE_HEADER,
    "5": BATCH_HEADER,
    "6": ENTRY,
    "798": CHANGE_ADDENDA,
    "799": RETURN_ADDENDA,
    "8": BATCH_CONTROL,
    "9": FILE_CONTROL,
}
SERVICE_CLASSES = ("200", "220", "225")
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""What an editor puts before text to say how it is encoded."""

LARGEST_BYTES = 256 * 1024 * 1024
"""Above what any file of ours, answered entry by entry, can hold."""

_UNPRINTABLE = re.compile(r"[^ -~]")


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """An entry and the addenda that belong to it."""

    detail: Record
    addenda: tuple[Record, ...]

    @property
    def is_debit(self) -> bool:
        """Whether money is (or was to be) taken from the account: the second digit of the transaction code."""
        return self.detail["transaction"][1] >= "5"


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """The entries between a batch header and its control."""

    header: Record
    entries: tuple[Entry, ...]
    control: Record


@dataclass(frozen=True, slots=True, repr=False)
class Frame:
    """A file that agrees with itself. It may have no batch: a bank sends such a file on a day without returns."""

    header: Record
    batches: tuple[Batch, ...]
    control: Record


def read_frame(content: bytes) -> Frame:
    """The records of an ACH file, in their order, counted and summed. BadNachaFile lists what is wrong."""
    faults = Faults()
    lines = _lines(content, faults)
    faults.check()
    end = _end(lines, faults)
    faults.check()
    records = _records(lines[:end], faults)
    faults.check()
    frame = _framed(records)
    for batch in frame.batches:
        _check_batch(batch, faults)
    _check_file(frame, end, faults)
    faults.check()
    return frame


def _lines(content: bytes, faults: Faults) -> list[str]:
    """The lines of the file; each is 94 printable characters that begin with a known record type."""
    if len(content) > LARGEST_BYTES:
        faults.add(1, 1, RECORD_LENGTH, f"the file has more than {LARGEST_BYTES} bytes; ask the bank what it is")
        return []
    for mark in MARKS:
        if content.startswith(mark):
            faults.add(1, 1, len(mark), "an editor's byte-order mark stands before the file; send it as it came")
            return []
    # Each byte is a column: what is not ASCII is a fault of its own and must not move the others.
    whole = content.decode("latin-1")
    if "\n" in whole or len(whole) % RECORD_LENGTH:
        lines = [line.removesuffix("\r") for line in whole.removesuffix("\n").split("\n")]
    else:
        lines = [whole[start : start + RECORD_LENGTH] for start in range(0, len(whole), RECORD_LENGTH)]
    if not content:
        faults.add(1, 1, RECORD_LENGTH, f"the file is empty; {WRITTEN_ANEW}")
    for number, line in enumerate(lines, start=1):
        odd = _UNPRINTABLE.search(line)
        if odd:
            what = "a NUL character" if odd[0] == "\0" else "not a printable ASCII character"
            faults.add(number, odd.start() + 1, odd.start() + 1, f"{what}; {WRITTEN_ANEW}")
        elif len(line) != RECORD_LENGTH:
            first, last = sorted((len(line), RECORD_LENGTH))
            text = f"the line has {len(line)} characters, but {RECORD_LENGTH} are wanted"
            faults.add(number, first + 1, last, f"{text}; {WRITTEN_ANEW}")
        elif line[0] not in "156789":
            faults.add(number, 1, 1, f"{line[0]!r} is no record type; 1, 5, 6, 7, 8 or 9 is wanted; {WRITTEN_ANEW}")
    return lines


def _end(lines: Sequence[str], faults: Faults) -> int:
    """How many lines come before the fill: the last of them is the file control."""
    first_nine = next((place for place, line in enumerate(lines) if line[0] == "9"), None)
    if first_nine is None or lines[first_nine] == FILL:
        where = len(lines) if first_nine is None else first_nine + 1
        faults.add(where, 1, RECORD_LENGTH, f"the file control (record 9) is missing here; {WRITTEN_ANEW}")
        return len(lines)
    end = first_nine + 1
    for number, line in enumerate(lines[end:], start=end + 1):
        if line != FILL:
            faults.add(number, 1, RECORD_LENGTH, "after the file control only lines of nines may follow; ask the bank")
    wanted = -(-end // BLOCKING_FACTOR) * BLOCKING_FACTOR
    if len(lines) != wanted:
        text = f"there are {len(lines)} lines, but {end} records fill {wanted} with lines of nines; {WRITTEN_ANEW}"
        faults.add(len(lines), 1, RECORD_LENGTH, text)
    return end


def _records(lines: Sequence[str], faults: Faults) -> list[Record]:
    """Each line with its layout, all fields of digits and constants in order."""
    records: list[Record] = []
    before = ""
    for number, line in enumerate(lines, start=1):
        if line[0] not in FOLLOWERS[before]:
            follows = f"after record {before}" if before else "at the beginning"
            wanted = " or ".join(FOLLOWERS[before])
            faults.add(number, 1, 1, f"record {line[0]} stands {follows}, where {wanted} is wanted; {WRITTEN_ANEW}")
            break
        before = line[0]
        layout = LAYOUT_OF.get(line[:3] if before == "7" else before)
        if layout is None:
            faults.add(number, 2, 3, "only addenda of type 98 (change) and 99 (return) are known here; ask the bank")
            continue
        layout.check(number, line, faults)
        records.append(Record(number, layout, line))
    return records


def _framed(records: Sequence[Record]) -> Frame:
    """The records as batches of entries; their order is already known to be right."""
    batches: list[Batch] = []
    entries: list[tuple[Record, list[Record]]] = []
    header = records[0]
    for record in records[1:-1]:
        match record.text[0]:
            case "5":
                header, entries = record, []
            case "6":
                entries.append((record, []))
            case "7":
                entries[-1][1].append(record)
            case _:
                whole = tuple(Entry(detail, tuple(addenda)) for detail, addenda in entries)
                batches.append(Batch(header, whole, record))
    return Frame(records[0], tuple(batches), records[-1])


def _check_batch(batch: Batch, faults: Faults) -> None:
    for entry in batch.entries:
        if entry.detail["addenda"] != ("1" if entry.addenda else "0"):
            stands = "addenda follow" if entry.addenda else "no addenda follows"
            entry.detail.fault(faults, "addenda", f"the entry says otherwise, but {stands}; {WRITTEN_ANEW}")
    if batch.header["service_class"] not in SERVICE_CLASSES:
        batch.header.fault(faults, "service_class", f"one of {', '.join(SERVICE_CLASSES)} is wanted")
    for name in ("service_class", "company_id", "odfi", "batch"):
        if batch.control[name] != batch.header[name]:
            of_header = f"not the same as in the batch header of line {batch.header.line}"
            batch.control.fault(faults, name, f"{of_header}; {WRITTEN_ANEW}")
    _check_totals(batch.control, _tally((batch,)), faults)


def _tally(batches: Iterable[Batch]) -> Tally:
    tally = Tally()
    for batch in batches:
        for entry in batch.entries:
            detail = entry.detail
            tally.add(detail["routing"], detail.number("amount"), is_debit=entry.is_debit, addenda=len(entry.addenda))
    return tally


def _check_totals(control: Record, tally: Tally, faults: Faults) -> None:
    """That a control record says what its entries sum to."""
    for name, summed in tally.values().items():
        said = control.number(name)
        if said != int(summed):
            control.fault(faults, name, f"{said} is said, but the entries make {summed}; {WRITTEN_ANEW}")


def _check_file(frame: Frame, lines: int, faults: Faults) -> None:
    _check_totals(frame.control, _tally(frame.batches), faults)
    counted = {"batches": len(frame.batches), "blocks": -(-lines // BLOCKING_FACTOR)}
    for name, count in counted.items():
        said = frame.control.number(name)
        if said != count:
            frame.control.fault(faults, name, f"{said} {name} are said, but there are {count}; {WRITTEN_ANEW}")
