"""Debit files read back: what was written comes back, and whatever was cut, edited or garbled is refused by place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.nacha import nacha_file
from bot.files.nacha_debits import RETRY_DESCRIPTION, NachaFile
from bot.files.nacha_reading import read_nacha
from bot.files.nacha_records import BadNachaFile
from handlers.plan.money import Money
from tests.files.nacha_examples import COMPANY, CREATED, EFFECTIVE, debit_lists, debit_of, originators

DEBITS = (debit_of(1), debit_of(2, "0"), debit_of(3, "10000.00", account="998877665544"), debit_of(4, is_retry=True))
WHOLE = nacha_file(COMPANY, DEBITS, EFFECTIVE, CREATED, "A")
LINES = WHOLE.decode("ascii").split("\r\n")[:-1]
"""Lines 1 file header, 2 batch header, 3 to 5 debits, 6 batch control, 7 to 9 the retry, 10 file control, no fill."""


def faults_of(content: bytes) -> tuple[str, ...]:
    with pytest.raises(BadNachaFile) as fault:
        read_nacha(content)
    return fault.value.faults


def joined(lines: list[str], end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode("latin-1")


def changed(*places: tuple[int, int, str]) -> bytes:
    """The whole file with each text written over what stands from a column of a line on."""
    lines = list(LINES)
    for line, first, text in places:
        lines[line - 1] = lines[line - 1][: first - 1] + text + lines[line - 1][first - 1 + len(text) :]
    return joined(lines)


def test_what_was_written_comes_back() -> None:
    file = read_nacha(WHOLE)
    assert file == NachaFile(COMPANY, DEBITS, EFFECTIVE, CREATED, "A")
    assert file.total == Money.of("10500.00")


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_was_written_comes_back(data: st.DataObject) -> None:
    originator = data.draw(originators)
    debits = tuple(data.draw(debit_lists(originator.bank_routing)))
    created = data.draw(st.datetimes(min_value=CREATED, max_value=CREATED.replace(year=2098))).replace(
        second=0, microsecond=0
    )
    effective = data.draw(st.dates(min_value=created.date(), max_value=CREATED.date().replace(year=2099)))
    modifier = data.draw(st.sampled_from("ABZ019"))
    if all(debit.is_retry for debit in debits):
        originator = replace(originator, description=RETRY_DESCRIPTION)
    file = NachaFile(originator, debits, effective, created, modifier)
    assert read_nacha(nacha_file(originator, debits, effective, created, modifier)) == file


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(joined(LINES, "\n"), id="LF"),
        pytest.param(joined(LINES, "\r\n")[:-2], id="no end after the last line"),
        pytest.param(joined(LINES, ""), id="no line ends at all"),
        pytest.param(joined(LINES[:4], "\r\n") + joined(LINES[4:], "\n"), id="both ends"),
    ],
)
def test_line_ends_do_not_matter(content: bytes) -> None:
    assert read_nacha(content).debits == DEBITS


def test_a_file_of_retries_alone_comes_back() -> None:
    file = read_nacha(nacha_file(COMPANY, [debit_of(1, is_retry=True)], EFFECTIVE, CREATED, "A"))
    assert file.debits == (debit_of(1, is_retry=True),)
    assert file.originator.description == RETRY_DESCRIPTION


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "line 1, columns 1 to 94: the file is empty", id="empty"),
        pytest.param(b"\n", "line 1, columns 1 to 94: the line has 0 characters", id="a blank line"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, "line 1, columns 1 to 3: an editor's byte-order mark", id="UTF-8 mark"),
        pytest.param(WHOLE.decode().encode("utf-16"), "line 1, columns 1 to 2: an editor's", id="UTF-16"),
        pytest.param(WHOLE.replace(b"ANA", b"A\x00A", 1), "line 3, column 56: a NUL character", id="NUL"),
        pytest.param(WHOLE.replace(b"ANA", b"A\tA", 1), "line 3, column 56: not a printable ASCII", id="tab"),
        pytest.param(WHOLE.replace(b"ANA", b"\xc1NA", 1), "line 3, column 55: not a printable ASCII", id="accent"),
        pytest.param(WHOLE.replace(b"\r\n", b"\r"), "line 1, column 95: not a printable ASCII", id="CR alone"),
        pytest.param(joined([*LINES[:2], LINES[2][:-1], *LINES[3:]]), "line 3, column 94: the line has 93", id="short"),
        pytest.param(
            joined([line.rstrip() for line in LINES]), "line 1, columns 83 to 94: the line has 82", id="blanks cut off"
        ),
        pytest.param(joined([LINES[0] + " ", *LINES[1:]]), "line 1, column 95: the line has 95", id="long"),
        pytest.param(changed((3, 1, "2")), "line 3, column 1: '2' is no record type", id="unknown record"),
        pytest.param(joined(LINES[:9]), "line 9, columns 1 to 94: the file control (record 9) is missing", id="cut"),
        pytest.param(
            joined([*LINES[:9], "9" * 94]), "line 10, columns 1 to 94: the file control (record 9)", id="only nines"
        ),
        pytest.param(
            joined([*LINES[1:], "9" * 94]), "line 1, column 1: record 5 stands at the beginning", id="no file header"
        ),
        pytest.param(joined([*LINES[:1], *LINES[2:], "9" * 94]), "line 2, column 1: record 6 stands after", id="no 5"),
        pytest.param(joined([*LINES[:5], *LINES[6:], "9" * 94]), "line 6, column 1: record 5 stands after", id="no 8"),
        pytest.param(joined([*LINES[:2], *LINES[5:], *["9" * 94] * 3]), "line 3, column 1: record 8", id="no entries"),
        pytest.param(joined([*LINES, "9" * 94]), "line 11, columns 1 to 94: there are 11 lines", id="fill too long"),
        pytest.param(joined([*LINES, *["9" * 94] * 10]), "10 records fill 10", id="a block of fill too many"),
        pytest.param(joined([*LINES, LINES[2]]), "line 11, columns 1 to 94: after the file control", id="more after 9"),
        pytest.param(changed((3, 2, "26")), "line 3, columns 2 to 3: one of 27, 28, 37, 38", id="a return"),
        pytest.param(changed((3, 2, "2x")), "line 3, columns 2 to 3: digits are wanted", id="letters for digits"),
        pytest.param(changed((1, 35, "095")), "line 1, columns 35 to 37: 094 is wanted", id="record size"),
        pytest.param(changed((1, 38, "01")), "line 1, columns 38 to 39: 10 is wanted", id="blocking factor"),
        pytest.param(changed((1, 24, "031301")), "line 1, columns 24 to 29: a day and time", id="the 13th month"),
        pytest.param(changed((1, 30, "2500")), "line 1, columns 24 to 29: a day and time", id="25 o'clock"),
        pytest.param(changed((1, 30, "    ")), "line 1, columns 24 to 29: a day and time", id="no time"),
        pytest.param(changed((1, 5, "091000018")), "line 1, columns 4 to 13: the nine digits", id="our bank"),
        pytest.param(changed((2, 70, "031131")), "line 2, columns 70 to 75: a day and time", id="31 November"),
        pytest.param(
            changed((2, 70, "031105")), "line 2, columns 70 to 75: a day of this century", id="effective before"
        ),
        pytest.param(changed((2, 51, "CCD")), "line 2, columns 51 to 53: PPD is wanted", id="another class"),
        pytest.param(
            changed((2, 2, "200"), (6, 2, "200")), "line 2, columns 2 to 4: 225 is wanted", id="mixed service class"
        ),
        pytest.param(changed((2, 2, "999")), "line 2, columns 2 to 4: one of 200, 220, 225", id="no service class"),
        pytest.param(changed((2, 21, "X")), "line 2, column 21: something else is wanted", id="discretionary text"),
        pytest.param(changed((2, 76, "316")), "line 2, columns 76 to 78: something else", id="a settlement day"),
        pytest.param(changed((3, 77, "S ")), "line 3, column 77: something else is wanted", id="discretionary letter"),
        pytest.param(
            changed((3, 79, "1")), "line 3, column 79: the entry says otherwise", id="addenda that is not there"
        ),
        pytest.param(
            changed((3, 12, "6")), "line 3, columns 4 to 12: nine digits with a right check", id="check digit"
        ),
        pytest.param(changed((3, 13, " ")), "line 3, columns 13 to 23: something else", id="account not to the left"),
        pytest.param(changed((3, 55, "a")), "line 3, column 55: something else is wanted", id="small letter in a name"),
        pytest.param(changed((4, 94, "1")), "line 4, columns 80 to 94: the same trace number", id="a trace twice"),
        pytest.param(changed((3, 94, "9")), "line 3, columns", id="traces that fall"),
        pytest.param(
            changed((3, 80, "081")), "line 3, columns 80 to 94: a trace number that begins", id="a foreign trace"
        ),
        pytest.param(changed((3, 39, "1")), "line 6, columns 21 to 32: 1025000 is said", id="an amount changed"),
        pytest.param(
            changed((4, 39, "1"), (6, 32, "1"), (10, 43, "1")),
            "line 4, columns 30 to 39: no dollars",
            id="a prenote with a cent",
        ),
        pytest.param(changed((6, 10, "4")), "line 6, columns 5 to 10: 4 is said, but the entries make 3", id="count"),
        pytest.param(changed((6, 20, "9")), "line 6, columns 11 to 20", id="batch hash"),
        pytest.param(changed((6, 44, "1")), "line 6, columns 33 to 44: 1 is said", id="credits"),
        pytest.param(
            changed((6, 45, "2")), "line 6, columns 45 to 54: not the same as in the batch header", id="company"
        ),
        pytest.param(changed((6, 80, "08")), "line 6, columns 80 to 87: not the same as", id="our bank in the control"),
        pytest.param(changed((6, 94, "7")), "line 6, columns 88 to 94: not the same as", id="batch number"),
        pytest.param(changed((6, 60, "X")), "line 6, column 60: something else is wanted", id="authentication code"),
        pytest.param(changed((10, 7, "3")), "line 10, columns 2 to 7: 3 batches are said", id="batches"),
        pytest.param(changed((10, 13, "2")), "line 10, columns 8 to 13: 2 blocks are said", id="blocks"),
        pytest.param(changed((10, 21, "9")), "line 10, columns 14 to 21: 9 is said", id="count of the file"),
        pytest.param(changed((10, 31, "9")), "line 10, columns 22 to 31", id="file hash"),
        pytest.param(changed((10, 43, "9")), "line 10, columns 32 to 43", id="file total"),
        pytest.param(changed((10, 94, "X")), "line 10, column 94: something else", id="reserved columns"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused_by_line_and_columns(content: bytes, said: str) -> None:
    faults = faults_of(content)
    assert any(said in fault for fault in faults), faults


def test_addenda_without_an_entry_that_says_so_are_refused() -> None:
    addenda = f"799R01{debit_of(1).trace}{'':6}01100001{'':44}{debit_of(1).trace}"
    assert "line 3, column 79: the entry says otherwise, but addenda follow" in " ".join(
        faults_of(joined([*LINES[:3], addenda, *LINES[3:], *["9" * 94] * 9]))
    )


def test_addenda_of_an_unknown_type_are_refused() -> None:
    addenda = f"705{'SHARES':<80}{'0001':>4}{'0000001':>7}"
    faults = faults_of(joined([*LINES[:3], addenda, *LINES[3:], *["9" * 94] * 9]))
    assert faults == (
        "line 4, columns 2 to 3: only addenda of type 98 (change) and 99 (return) are known here; ask the bank",
    )


def test_a_file_without_batches_is_no_debit_file() -> None:
    control = "9" + "000000" + "000001" + "0" * 42 + " " * 39
    faults = faults_of(joined([LINES[0], control, *["9" * 94] * 8]))
    assert "line 2, columns 2 to 7: there is no batch" in faults[0]


@pytest.mark.parametrize("swap", [(3, 5), (2, 7)])
def test_records_that_changed_places_are_noticed(swap: tuple[int, int]) -> None:
    lines = list(LINES)
    one, other = (number - 1 for number in swap)
    lines[one], lines[other] = lines[other], lines[one]
    assert faults_of(joined(lines))


def test_batches_that_changed_places_are_noticed() -> None:
    assert faults_of(joined([LINES[0], *LINES[6:9], *LINES[1:6], LINES[9]]))


WITHOUT_ENDS = joined(LINES, "")


@given(place=st.integers(0, len(WITHOUT_ENDS) - 1), character=st.integers(32, 126))
@settings(max_examples=400, deadline=None)
def test_no_character_is_ignored(place: int, character: int) -> None:
    """Whatever single character is changed: the file is refused, or says something else than it did."""
    content = bytearray(WITHOUT_ENDS)
    was, content[place] = content[place], character
    try:
        file = read_nacha(bytes(content))
    except BadNachaFile:
        assert was != character
    else:
        assert (file == read_nacha(WHOLE)) is (was == character)
        assert file.total == read_nacha(WHOLE).total, "no total of money changes unnoticed"


@given(st.one_of(st.binary(max_size=300), st.text("156789 0\nA", max_size=400).map(str.encode)))
@settings(max_examples=300, deadline=None)
def test_rubbish_is_refused_and_nothing_worse_happens(content: bytes) -> None:
    assert faults_of(content)


@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 300), inserted=st.binary(max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_fault_repeats_bank_details(start: int, length: int, inserted: bytes) -> None:
    content = WHOLE[:start] + inserted + WHOLE[start + length :]
    if _is_taken(content):
        return
    for fault in faults_of(content):
        assert fault.startswith("line ")
        assert "4455667" not in fault
        assert "9988776" not in fault
        assert "PEREZ" not in fault


def _is_taken(content: bytes) -> bool:
    try:
        read_nacha(content)
    except BadNachaFile:
        return False
    return True
