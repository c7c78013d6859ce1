"""The columns of each record, held against the published layout guides, and the last line of defence when writing."""

from __future__ import annotations

import pytest

from bot.files.nacha_records import ENTRY, FILE_CONTROL, LAYOUTS, RECORD_LENGTH, Faults, Field, Form, Layout

PUBLISHED = {
    "file header (record 1)": "1 2-3 4-13 14-23 24-29 30-33 34 35-37 38-39 40 41-63 64-86 87-94",
    "batch header (record 5)": "1 2-4 5-20 21-40 41-50 51-53 54-63 64-69 70-75 76-78 79 80-87 88-94",
    "entry (record 6)": "1 2-3 4-12 13-29 30-39 40-54 55-76 77-78 79 80-94",
    "return addenda (record 7, type 99)": "1 2-3 4-6 7-21 22-27 28-35 36-79 80-94",
    "notification of change addenda (record 7, type 98)": "1 2-3 4-6 7-21 22-27 28-35 36-64 65-79 80-94",
    "batch control (record 8)": "1 2-4 5-10 11-20 21-32 33-44 45-54 55-73 74-79 80-87 88-94",
    "file control (record 9)": "1 2-7 8-13 14-21 22-31 32-43 44-55 56-94",
}
"""As banks print them; the entry's receiving bank (4-11) and its check digit (12) are one field here."""


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.title)
def test_each_field_stands_where_the_guides_print_it(layout: Layout) -> None:
    columns = [str(each.first) if each.width == 1 else f"{each.first}-{each.last}" for each in layout.fields]
    assert " ".join(columns) == PUBLISHED[layout.title]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.title)
def test_each_record_is_filled_without_a_gap(layout: Layout) -> None:
    after = 0
    for each in layout.fields:
        assert each.first == after + 1
        after = each.last
    assert after == RECORD_LENGTH
    assert len(layout.by_name) == len(layout.fields), "a name stands twice"


def test_a_value_that_is_too_long_is_never_cut() -> None:
    with pytest.raises(ValueError, match="account does not fit columns 13 to 29") as fault:
        ENTRY.line({"transaction": "27", "routing": "0", "account": "123456789012345678"})
    assert "123456789012345678" not in str(fault.value)


@pytest.mark.parametrize("value", ["12a", "-1", "1 ", "²", "٣"])
def test_only_digits_stand_in_a_field_of_digits(value: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Field("amount", 1, 10, Form.DIGITS).written(value)


def test_a_field_without_a_place_is_no_part_of_a_record() -> None:
    with pytest.raises(ValueError, match="has no ammount"):
        FILE_CONTROL.line({"ammount": "1"})


def test_only_a_hundred_faults_are_kept() -> None:
    faults = Faults()
    for line in range(1, 1001):
        faults.add(line, 1, 1, "wrong")
    with pytest.raises(ValueError, match="and 900 more faults") as stopped:
        faults.check()
    assert str(stopped.value).count("\n") == 100
