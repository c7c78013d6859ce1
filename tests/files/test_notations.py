"""Text that a spreadsheet could run is written so that it does not, and read as it was."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.layout import read_rows, write_rows
from bot.files.notations import INSTANT, ROUTING, guarded, repeated, unguarded
from bot.files.to_bank import REFUND_CHECKS, RefundRow
from tests.files.month_rows import AS_OF, usd

RUN = "=+-@\u2212\uff1d\uff0b\uff0d\uff20"
"""What begins a formula, the wide forms of some languages included."""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("Ana Perez", "Ana Perez", id="a name"),
        pytest.param("Jean-Luc O'Brien", "Jean-Luc O'Brien", id="a hyphen and an apostrophe within"),
        pytest.param("'Aolani", "'Aolani", id="an apostrophe in front"),
        pytest.param("=1+1", "'=1+1", id="an equals sign"),
        pytest.param("+1", "'+1", id="a plus sign"),
        pytest.param("-1", "'-1", id="a minus sign"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="an at sign"),
        pytest.param("\uff1d1", "'\uff1d1", id="a wide equals sign"),
        pytest.param("'=1", "''=1", id="what looks guarded already"),
        pytest.param("''=1", "'''=1", id="what looks guarded twice"),
        pytest.param("  =1", "  '=1", id="blanks in front"),
        pytest.param("Ana;=1", "Ana;'=1", id="a cell where semicolons separate"),
        pytest.param('"=1', "\"'=1", id="a quotation mark in front"),
        pytest.param("Beck, -Trust", "Beck, '-Trust", id="after a comma"),
        pytest.param("a=b, c@d, 5-6", "a=b, c@d, 5-6", id="signs within words"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_formula_gets_an_apostrophe(text: str, written: str) -> None:
    assert guarded(text) == written
    assert unguarded(written) == text


def _cells(text: str) -> Iterator[str]:
    """What a spreadsheet makes of a written value, in any country: cells apart at each separator it may use."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(["A", text, "B"])
    for separator in ",;|\t":
        yield from next(csv.reader(io.StringIO(line.getvalue()), delimiter=separator))


_RISKY = st.text(st.sampled_from(f"{RUN}',;|\" a1"), max_size=16)


@settings(max_examples=1000, deadline=None)
@given(text=_RISKY | st.text(max_size=30))
def test_no_cell_begins_a_formula_and_every_text_is_read_as_it_was(text: str) -> None:
    written = guarded(text)
    assert unguarded(written) == text
    if not re.search(r"[\r\n\t]", text):
        assert [cell for cell in _cells(written) if cell.strip(" '\"").startswith(tuple(RUN)) and "'" not in cell] == []


@settings(max_examples=300, deadline=None)
@given(text=_RISKY)
def test_only_apostrophes_are_added(text: str) -> None:
    assert guarded(text).replace("'", "") == text.replace("'", "")


def test_a_name_that_is_a_formula_reaches_the_bank_as_a_name(tmp_path: Path) -> None:
    name, address = '=HYPERLINK("http://example.invalid";"Ana")', "@1 Orchard Lane; +2"
    row = RefundRow("R-1", "CST-20001", name, address, "MI", "US", usd("50"), "-", "")
    path = tmp_path / "refunds.csv"
    write_rows(path, REFUND_CHECKS, 1, AS_OF, [row])
    with path.open(newline="", encoding="utf-8") as file:
        cells = list(csv.reader(file))[2]
    assert [cell for cell in cells if cell.startswith(tuple(RUN))] == []
    assert cells[2] == "'" + name
    assert read_rows(path, REFUND_CHECKS)[1] == (row,)


@settings(deadline=None)
@given(instant=st.datetimes(timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))))
def test_an_instant_is_read_as_it_was_in_any_zone(instant: datetime) -> None:
    read = INSTANT.read(INSTANT.write(instant))
    assert (read, read.utcoffset()) == (instant, instant.utcoffset())


def test_an_instant_in_universal_time_may_be_written_with_a_z() -> None:
    assert INSTANT.read("2003-11-05T19:30:00Z") == datetime(2003, 11, 5, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("XX", "'XX'", id="a short value"),
        pytest.param("987-65-4321", "what stands there", id="a taxpayer id"),
        pytest.param("2003-11-05", "'2003-11-05'", id="a day"),
        pytest.param("44 5566 77889", "what stands there", id="a bank account"),
        pytest.param("x" * 100, repr("x" * 60 + "..."), id="a value without end"),
        pytest.param("\x1b[2J", "'\\x1b[2J'", id="what a terminal would obey"),
    ],
)
def test_a_fault_repeats_no_secret_and_no_flood(value: str, said: str) -> None:
    assert repeated(value) == said
    assert repeated(value, is_secret=True) == "what stands there"


def test_a_routing_number_has_its_check_digit() -> None:
    assert ROUTING.read("011000015") == "011000015"
    with pytest.raises(ValueError, match="011000016"):
        ROUTING.read("011000016")
