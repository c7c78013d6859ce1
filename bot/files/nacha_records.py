"""The records of an ACH file: which field stands in which columns, and what may be wrong with one.

Every record has 94 characters. The positions are those of the published
layout guides: the U.S. Treasury's sample ACH file layout and Bank of
America's NACHA file format guide (records 1, 5, 6, 8, 9), and, for the addenda of
returns and notifications of change, the banks' guides to those files. Columns
count from 1 and both ends belong to the field, as the guides print them; the
receiving bank's check digit, which they list apart, is the last digit of
`routing` here.

A field is never cut to fit: a value that is too long is a fault of the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

RECORD_LENGTH = 94
BLOCKING_FACTOR = 10
FILL = "9" * RECORD_LENGTH
"""The line that fills the last block."""

FAULTS_SHOWN = 100
HASH_MODULUS = 10**10
"""An entry hash keeps its ten rightmost digits."""

WRITTEN_ANEW = "the file was cut off or edited: ask for it again"


class BadNachaFile(ValueError):
    """The ACH file is not taken: each fault names line and columns. Nothing was stored; a file in order is needed.

    No fault repeats an account number, a routing number or a name.
    """

    def __init__(self, faults: Faults) -> None:
        more = faults.count - len(faults.shown)
        lines = (*faults.shown, f"and {more} more faults") if more else tuple(faults.shown)
        super().__init__("\n".join(lines))
        self.faults = tuple(faults.shown)


class Faults:
    """Collects what is wrong with a file; only the first hundred are kept, so that no file can fill the memory."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.count = 0

    def add(self, line: int, first: int, last: int, text: str) -> None:
        """Note what is wrong in these columns of `line`; a line as a whole is its columns 1 to 94."""
        self.count += 1
        if len(self.shown) < FAULTS_SHOWN:
            columns = f"column {first}" if first == last else f"columns {first} to {last}"
            self.shown.append(f"line {line}, {columns}: {text}")

    def check(self) -> None:
        """BadNachaFile if anything was noted."""
        if self.count:
            raise BadNachaFile(self)


class Form(Enum):
    """How a value stands in its columns."""

    DIGITS = auto()
    """To the right, filled with zeros."""
    TEXT = auto()
    """To the left, filled with blanks."""
    RIGHT = auto()
    """To the right, filled with blanks."""


@dataclass(frozen=True, slots=True)
class Field:
    """Some columns of a record."""

    name: str
    first: int
    last: int
    form: Form = Form.TEXT
    constant: str | None = None
    """What always stands there, if it is always the same."""

    @property
    def width(self) -> int:
        """How many characters it holds."""
        return self.last - self.first + 1

    def written(self, value: str) -> str:
        """`value` in its columns. ValueError if it does not fit; the value is not repeated."""
        if len(value) > self.width or (self.form is Form.DIGITS and not _is_digits(value)):
            raise ValueError(f"the {self.name} does not fit columns {self.first} to {self.last} of its record")
        if self.form is Form.TEXT:
            return value.ljust(self.width)
        return value.rjust(self.width, "0" if self.form is Form.DIGITS else " ")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of record: its title in words, and its fields in the order of their columns."""

    title: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})

    def line(self, values: Mapping[str, str]) -> str:
        """The record of these values; a field without one is blank. ValueError if one does not fit or is unknown."""
        unknown = values.keys() - self.by_name.keys()
        if unknown:
            raise ValueError(f"a {self.title} has no {', '.join(sorted(unknown))}")
        return "".join(
            each.written(values.get(each.name, "") if each.constant is None else each.constant) for each in self.fields
        )

    def check(self, line: int, text: str, faults: Faults) -> None:
        """Note each field of `text` that does not hold what its form or its constant wants."""
        for each in self.fields:
            stands = text[each.first - 1 : each.last]
            if each.constant is not None:
                if stands != each.written(each.constant):
                    faults.add(line, each.first, each.last, f"{each.constant} is wanted in a {self.title}")
            elif each.form is Form.DIGITS and not _is_digits(stands):
                faults.add(line, each.first, each.last, f"digits are wanted for the {each.name} of a {self.title}")


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A line of a file whose fields are in order. May hold an account number: never log it (`repr` is off)."""

    line: int
    layout: Layout
    text: str

    def __getitem__(self, name: str) -> str:
        """The value of a field, without the blanks around it."""
        each = self.layout.by_name[name]
        return self.text[each.first - 1 : each.last].strip()

    def number(self, name: str) -> int:
        """The value of a field of digits."""
        return int(self[name])

    def fault(self, faults: Faults, name: str, text: str) -> None:
        """Note what is wrong with a field of this record."""
        each = self.layout.by_name[name]
        faults.add(self.line, each.first, each.last, text)


@dataclass(slots=True)
class Tally:
    """What a control record says of the entries before it."""

    records: int = 0
    """Entries and addenda."""
    hash: int = 0
    debit: int = 0
    """In cents."""
    credit: int = 0

    def add(self, routing: str, cents: int, *, is_debit: bool, addenda: int = 0) -> None:
        """Count an entry to the bank with this routing number."""
        self.records += 1 + addenda
        self.hash += int(routing[:8])
        if is_debit:
            self.debit += cents
        else:
            self.credit += cents

    def add_all(self, other: Tally) -> None:
        """Count the entries of a batch, to the file's total."""
        self.records += other.records
        self.hash += other.hash
        self.debit += other.debit
        self.credit += other.credit

    def values(self) -> dict[str, str]:
        """The fields of a control record."""
        return {
            "records": str(self.records),
            "hash": str(self.hash % HASH_MODULUS),
            "debit": str(self.debit),
            "credit": str(self.credit),
        }


FILE_HEADER = Layout(
    "file header (record 1)",
    (
        Field("record", 1, 1, constant="1"),
        Field("priority", 2, 3, constant="01"),
        Field("destination", 4, 13, Form.RIGHT),
        Field("origin", 14, 23, Form.RIGHT),
        Field("created_on", 24, 29, Form.DIGITS),
        Field("created_at", 30, 33),
        Field("modifier", 34, 34),
        Field("record_size", 35, 37, constant="094"),
        Field("blocking_factor", 38, 39, constant="10"),
        Field("format", 40, 40, constant="1"),
        Field("destination_name", 41, 63),
        Field("origin_name", 64, 86),
        Field("reference", 87, 94),
    ),
)
BATCH_HEADER = Layout(
    "batch header (record 5)",
    (
        Field("record", 1, 1, constant="5"),
        Field("service_class", 2, 4, Form.DIGITS),
        Field("company_name", 5, 20),
        Field("discretionary", 21, 40),
        Field("company_id", 41, 50),
        Field("entry_class", 51, 53),
        Field("description", 54, 63),
        Field("descriptive_date", 64, 69),
        Field("effective", 70, 75),
        Field("settled", 76, 78),
        Field("status", 79, 79),
        Field("odfi", 80, 87, Form.DIGITS),
        Field("batch", 88, 94, Form.DIGITS),
    ),
)
ENTRY = Layout(
    "entry (record 6)",
    (
        Field("record", 1, 1, constant="6"),
        Field("transaction", 2, 3, Form.DIGITS),
        Field("routing", 4, 12, Form.DIGITS),
        Field("account", 13, 29),
        Field("amount", 30, 39, Form.DIGITS),
        Field("reference", 40, 54),
        Field("name", 55, 76),
        Field("discretionary", 77, 78),
        Field("addenda", 79, 79, Form.DIGITS),
        Field("trace", 80, 94, Form.DIGITS),
    ),
)
RETURN_ADDENDA = Layout(
    "return addenda (record 7, type 99)",
    (
        Field("record", 1, 1, constant="7"),
        Field("type", 2, 3, constant="99"),
        Field("reason", 4, 6),
        Field("original_trace", 7, 21, Form.DIGITS),
        Field("died_on", 22, 27),
        Field("original_bank", 28, 35, Form.DIGITS),
        Field("information", 36, 79),
        Field("trace", 80, 94, Form.DIGITS),
    ),
)
CHANGE_ADDENDA = Layout(
    "notification of change addenda (record 7, type 98)",
    (
        Field("record", 1, 1, constant="7"),
        Field("type", 2, 3, constant="98"),
        Field("code", 4, 6),
        Field("original_trace", 7, 21, Form.DIGITS),
        Field("reserved", 22, 27),
        Field("original_bank", 28, 35, Form.DIGITS),
        Field("corrected", 36, 64),
        Field("reserved_too", 65, 79),
        Field("trace", 80, 94, Form.DIGITS),
    ),
)
BATCH_CONTROL = Layout(
    "batch control (record 8)",
    (
        Field("record", 1, 1, constant="8"),
        Field("service_class", 2, 4, Form.DIGITS),
        Field("records", 5, 10, Form.DIGITS),
        Field("hash", 11, 20, Form.DIGITS),
        Field("debit", 21, 32, Form.DIGITS),
        Field("credit", 33, 44, Form.DIGITS),
        Field("company_id", 45, 54),
        Field("authentication", 55, 73),
        Field("reserved", 74, 79),
        Field("odfi", 80, 87, Form.DIGITS),
        Field("batch", 88, 94, Form.DIGITS),
    ),
)
FILE_CONTROL = Layout(
    "file control (record 9)",
    (
        Field("record", 1, 1, constant="9"),
        Field("batches", 2, 7, Form.DIGITS),
        Field("blocks", 8, 13, Form.DIGITS),
        Field("records", 14, 21, Form.DIGITS),
        Field("hash", 22, 31, Form.DIGITS),
        Field("debit", 32, 43, Form.DIGITS),
        Field("credit", 44, 55, Form.DIGITS),
        Field("reserved", 56, 94),
    ),
)
LAYOUTS = (FILE_HEADER, BATCH_HEADER, ENTRY, RETURN_ADDENDA, CHANGE_ADDENDA, BATCH_CONTROL, FILE_CONTROL)
