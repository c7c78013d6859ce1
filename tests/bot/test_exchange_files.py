"""The frame of an exchanged file is checked whole before anything of it is used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.exchange_files import FAULTS_SHOWN, BadFile, day_of, decimal_of, read_exchange_file

HEAD = "H,fruit,7,2003-11-03\n"
WHOLE = "a header record, column names and a trailer record are wanted; ask for it again"
CUT_OFF = "the file was cut off or edited: ask for it again"
GOOD = HEAD + "name,color\napple,red\npear,green\nT,2,100\n"


def _write(folder: Path, content: str | bytes) -> Path:
    path = folder / "fruit.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _faults(folder: Path, content: str | bytes) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_exchange_file(_write(folder, content), "fruit", ("name", "color"), ("taste",))
    return bad.value.faults


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD, id="line feeds"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="carriage returns and line feeds"),
        pytest.param(GOOD.replace("\n", "\r"), id="carriage returns"),
        pytest.param("\ufeff" + GOOD, id="a byte-order mark"),
        pytest.param("\ufeff" + GOOD.replace("\n", "\r\n"), id="both, as Excel writes"),
        pytest.param(GOOD.rstrip("\n"), id="no line end at the end"),
        pytest.param(GOOD.replace("\n", "\n\n") + ",\n ,\n", id="blank lines"),
        pytest.param(GOOD.replace("apple,red", " apple , red "), id="blanks around values"),
        pytest.param(GOOD.replace("apple,red", '"apple","red"'), id="quotation marks"),
        pytest.param(GOOD.replace(",7,", ",007,"), id="leading zeros in the sequence"),
    ],
)
def test_a_file_in_order_is_read_however_it_was_written(content: str, tmp_path: Path) -> None:
    file = read_exchange_file(_write(tmp_path, content), "fruit", ("name", "color"))
    assert (file.sequence, file.as_of, file.totals) == (7, date(2003, 11, 3), ("100",))
    assert [row.values["color"] for row in file.rows] == ["red", "green"]


def test_an_optional_column_may_be_there_in_any_order(tmp_path: Path) -> None:
    content = HEAD + 'taste,color,name\n"sweet, mild",red,apple\nT,1\n'
    file = read_exchange_file(_write(tmp_path, content), "fruit", ("name", "color"), ("taste",))
    assert file.rows[0].values == {"taste": "sweet, mild", "color": "red", "name": "apple"}
    assert file.totals == ()


def test_the_same_bytes_have_the_same_digest_and_no_others(tmp_path: Path) -> None:
    digests = {
        read_exchange_file(_write(tmp_path, content), "fruit", ("name", "color")).digest
        for content in (GOOD, GOOD, GOOD.replace("\n", "\r\n"))
    }
    assert len(digests) == 2


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    content = HEAD + '\nname,color\n"apple\nof Eden",red\n\npear,green\nT,2\n'
    file = read_exchange_file(_write(tmp_path, content), "fruit", ("name", "color"))
    assert [row.line for row in file.rows] == [4, 7]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        pytest.param("", [f"line 1: the file is empty, but {WHOLE}"], id="nothing"),
        pytest.param(" \n\n", [f"line 1: the file is empty, but {WHOLE}"], id="blank lines alone"),
        pytest.param(HEAD, [f"line 1: the file ends here, but {WHOLE}"], id="a header alone"),
        pytest.param(HEAD + "\nname,color\n", [f"line 3: the file ends here, but {WHOLE}"], id="no row and no trailer"),
        pytest.param(
            GOOD.replace("H,fruit", "H,nuts"),
            ["line 1: the header record H,fruit,SEQUENCE,DATE is wanted"],
            id="another kind of file",
        ),
        pytest.param(
            GOOD.replace(HEAD, "H,fruit,7\n"),
            ["line 1: the header record H,fruit,SEQUENCE,DATE is wanted"],
            id="a header without its date",
        ),
        pytest.param(
            GOOD.replace(",7,", ",0,"),
            ["line 1, column 3: the sequence is '0'; a whole number from 1 on is wanted"],
            id="sequence zero",
        ),
        pytest.param(
            GOOD.replace(",7,", ",\u00b2,"),
            ["line 1, column 3: the sequence is '\u00b2'; a whole number from 1 on is wanted"],
            id="a digit that is no number",
        ),
        pytest.param(
            GOOD.replace(",7,", ",99999999999,"),
            ["line 1, column 3: the sequence is '99999999999'; a whole number from 1 on is wanted"],
            id="a sequence beyond the store",
        ),
        pytest.param(
            GOOD.replace("2003-11-03", "11/3/2003"),
            ["line 1, column 4: the date is '11/3/2003'; YYYY-MM-DD is wanted"],
            id="a date written otherwise",
        ),
        pytest.param(
            GOOD.replace("name,color", "name,colour"),
            [
                "line 2: column 'color' is missing",
                "line 2: unknown column 'colour'; known are name, color, taste",
            ],
            id="a column misspelt",
        ),
        pytest.param(
            GOOD.replace("name,color", "name,name"),
            ["line 2: column 'color' is missing", "line 2: column 'name' stands twice"],
            id="a column twice",
        ),
        pytest.param(
            HEAD + "apple,red\npear,green\nT,1\n",
            ["line 2: the column names are wanted here: name, color"],
            id="no column names, and no value repeated",
        ),
        pytest.param(
            GOOD.replace("T,2,100\n", ""),
            ["line 4: the last record must be the trailer T,COUNT; the file may be cut off"],
            id="no trailer",
        ),
        pytest.param(
            GOOD.replace("T,2", "T,3"),
            [f"line 5: the trailer counts 3, but there are 2 rows; {CUT_OFF}"],
            id="a row is missing",
        ),
        pytest.param(
            GOOD.replace("T,2,100", "T"),
            [f"line 5: the trailer counts nothing, but there are 2 rows; {CUT_OFF}"],
            id="no count",
        ),
        pytest.param(
            HEAD + "name,color\nT,0\n",
            ["line 3: there are no rows; a file without any is taken for a fault of its sender"],
            id="no rows",
        ),
        pytest.param(
            GOOD.replace("apple,red", "apple,red,sweet").replace("pear,green", "pear"),
            ["line 3: 3 values, but there are 2 columns", "line 4: 1 values, but there are 2 columns"],
            id="rows of other lengths",
        ),
        pytest.param(
            GOOD.replace("pear", '"pear'), ["line 4: not CSV: unexpected end of data"], id="an open quotation mark"
        ),
        pytest.param(GOOD.encode().replace(b"red", b"r\xe9d"), ["line 3: not UTF-8 text"], id="another encoding"),
        pytest.param(
            GOOD.encode().replace(b"\n", b"\r").replace(b"green", b"gr\xe9en"),
            ["line 4: not UTF-8 text"],
            id="another encoding, with carriage returns",
        ),
        pytest.param(GOOD.encode("utf-16"), ["line 1: not UTF-8 text"], id="UTF-16"),
        pytest.param(GOOD.replace("green", "gr\0een"), ["line 4: holds a NUL character"], id="a NUL character"),
    ],
)
def test_each_fault_of_the_frame_is_named_with_its_line(
    content: str | bytes, faults: list[str], tmp_path: Path
) -> None:
    assert _faults(tmp_path, content) == faults


def test_every_fault_is_told_but_a_flood_is_cut(tmp_path: Path) -> None:
    rows = "apple\n" * 250
    with pytest.raises(BadFile) as bad:
        read_exchange_file(_write(tmp_path, HEAD + "name,color\n" + rows + "T,250\n"), "fruit", ("name", "color"))
    shown = str(bad.value).splitlines()
    assert (len(bad.value.faults), len(shown)) == (250, FAULTS_SHOWN + 1)
    assert shown[0] == f"{tmp_path / 'fruit.csv'}: line 3: 1 values, but there are 2 columns"
    assert shown[-1] == f"{tmp_path / 'fruit.csv'}: and 150 more faults"


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_exchange_file(tmp_path / "none.csv", "fruit", ("name",))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("120", Decimal(120), id="whole"),
        pytest.param("120.5000", Decimal("120.5"), id="four places"),
        pytest.param(".5", Decimal("0.5"), id="no whole part"),
        pytest.param("", None, id="nothing"),
        pytest.param(".", None, id="a point alone"),
        pytest.param("1,500", None, id="a comma"),
        pytest.param("-1", None, id="negative"),
        pytest.param("+1", None, id="a plus sign"),
        pytest.param("1e3", None, id="an exponent"),
        pytest.param("1_000", None, id="an underscore"),
        pytest.param("NaN", None, id="not a number"),
        pytest.param("\u0663", None, id="a digit of another script"),
        pytest.param("1.2.3", None, id="two points"),
    ],
)
def test_a_number_is_digits_and_at_most_a_point(text: str, number: Decimal | None) -> None:
    assert decimal_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("20031103", id="no hyphens"),
        pytest.param("2003-W45-1", id="a week"),
        pytest.param("2003-11-31", id="no such day"),
        pytest.param("2003-1-3", id="single digits"),
        pytest.param("\u0662\u0660\u0660\u0663-11-03", id="digits of another script"),
    ],
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|day"):
        day_of(text)
