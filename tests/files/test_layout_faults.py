"""Each fault of a value is named by line and column, with what is wanted, and no secret is repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.exchange_files import BadFile
from bot.files.from_bank import CHECKS, RETURNED_CHECKS
from bot.files.from_transfer_agent import FILLS, POSITIONS
from bot.files.layout import Layout, read_rows, write_rows
from bot.files.prices import PRICES
from bot.files.to_transfer_agent import ENROLMENTS, ISSUANCE_INSTRUCTION, PURCHASE_SUMMARY
from tests.files.month_rows import AS_OF, CHECK, LAYOUTS, SPECIMENS


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _specimen(folder: Path, layout: Layout[Any]) -> Path:
    path = folder / f"{layout.kind}.csv"
    write_rows(path, layout, 7, AS_OF, [SPECIMENS[layout.kind]])
    return path


def _faults(path: Path, layout: Layout[Any]) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_rows(path, layout)
    return bad.value.faults


def _with(folder: Path, layout: Layout[Any], column: str, value: str) -> Path:
    """The specimen's file with one value changed, quoted; its totals are those of the specimen."""
    lines = _lines(_specimen(folder, layout))
    at = layout.names.index(column)
    cells = lines[2].split(",")
    assert len(cells) == len(layout.names), "the specimen of this test may hold no comma"
    cells[at] = '"' + value.replace('"', '""') + '"'
    lines[2] = ",".join(cells)
    path = folder / "changed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


FAULTY_NUMBERS = [
    pytest.param("1e2", id="an exponent"),
    pytest.param("1e400", id="an exponent without end"),
    pytest.param("\uff12\uff15\uff10", id="fullwidth digits"),
    pytest.param("\u0662\u0665\u0660", id="digits of another script"),
    pytest.param("-250.00", id="below zero"),
    pytest.param("+250.00", id="a plus sign"),
    pytest.param("1,250.00", id="a comma"),
    pytest.param("$250.00", id="a dollar sign"),
    pytest.param("250.00001", id="five places"),
    pytest.param("1_000", id="an underscore"),
    pytest.param("9" * 13, id="a trillion"),
    pytest.param("9" * 1000, id="digits without end"),
    pytest.param("", id="nothing"),
    pytest.param("=1+1", id="a formula"),
    pytest.param("NaN", id="no number"),
    pytest.param("Infinity", id="infinity"),
]


@pytest.mark.parametrize("value", FAULTY_NUMBERS)
@pytest.mark.parametrize(
    ("layout", "column"),
    [
        pytest.param(PRICES, "close", id="a close"),
        pytest.param(CHECKS, "amount", id="an amount"),
        pytest.param(RETURNED_CHECKS, "amount", id="dollars"),
        pytest.param(FILLS, "shares", id="shares above zero"),
        pytest.param(FILLS, "fee", id="a fee"),
        pytest.param(POSITIONS, "plan_shares", id="shares"),
    ],
)
def test_a_number_is_written_in_one_way(layout: Layout[Any], column: str, value: str, tmp_path: Path) -> None:
    (fault,) = _faults(_with(tmp_path, layout, column, value), layout)
    assert fault.startswith(f"line 3, column {column}: ")
    assert "is not accepted; " in fault
    assert fault.endswith(
        ("such as 1.1200", "such as 250.00", "such as 120.5000"),
    )
    assert len(fault) < 250


@pytest.mark.parametrize(
    ("layout", "column", "value", "wanted"),
    [
        pytest.param(PRICES, "close", "0", "a price above zero", id="a close of nothing"),
        pytest.param(PRICES, "day", "2003-11-20", "no later than that of the file, 2003-11-19", id="a close to come"),
        pytest.param(PRICES, "day", "11/13/2003", "YYYY-MM-DD", id="a day written otherwise"),
        pytest.param(PRICES, "source", "", "1 to 200 printable", id="a close from nobody"),
        pytest.param(PRICES, "source", "a\u202eb", "printable", id="text that turns around"),
        pytest.param(PRICES, "source", "a\nb", "printable", id="text of two lines"),
        pytest.param(CHECKS, "account", "CST 1", "or nothing, are wanted", id="an account with a blank"),
        pytest.param(CHECKS, "amount", "0.00", "above zero", id="a check for nothing"),
        pytest.param(CHECKS, "amount", "250.005", "whole cents", id="half a cent"),
        pytest.param(CHECKS, "currency", "", "such as USD", id="no currency"),
        pytest.param(CHECKS, "currency", "usd", "three capitals", id="a currency in small letters"),
        pytest.param(CHECKS, "check_number", "", "1 to 15 digits", id="no check number"),
        pytest.param(CHECKS, "check_number", "000", "1 to 15 digits", id="zeros alone"),
        pytest.param(CHECKS, "check_number", "0" * 16 + "1", "1 to 15 digits", id="a check number too long"),
        pytest.param(CHECKS, "check_number", "\uff11\uff10\uff11", "1 to 15 digits", id="a check number fullwidth"),
        pytest.param(CHECKS, "check_number", "101A", "1 to 15 digits", id="a check number with a letter"),
        pytest.param(CHECKS, "check_date", "2003-02-29", "or nothing, is wanted", id="no such day"),
        pytest.param(CHECKS, "received", "2003-11-05T14:30:00", "with its offset", id="an instant without offset"),
        pytest.param(CHECKS, "received", "2003-11-05", "with its offset", id="a day and no instant"),
        pytest.param(CHECKS, "received", "20031105T143000-0500", "with its offset", id="an instant without signs"),
        pytest.param(CHECKS, "received", "2003-11-05T14:30:00-15:00", "with its offset", id="an offset of nowhere"),
        pytest.param(CHECKS, "received", "2003-11-05T14:61:00-05:00", "with its offset", id="no such minute"),
        pytest.param(CHECKS, "received", "2003-11-20T12:30:00-05:00", "no later than", id="received to-morrow"),
        pytest.param(CHECKS, "received", "9999-12-31T23:59:59-14:00", "no later than", id="the last instant"),
        pytest.param(CHECKS, "note", "x" * 501, "at most 500", id="a note without end"),
        pytest.param(RETURNED_CHECKS, "returned_on", "2003-11-20", "no later than", id="returned to-morrow"),
        pytest.param(RETURNED_CHECKS, "reason", "", "1 to 200", id="no reason"),
        pytest.param(FILLS, "fill", "", "1 to 64", id="a fill without number"),
        pytest.param(FILLS, "fill", "=1", "a letter or digit first", id="a formula for a number"),
        pytest.param(FILLS, "shares", "0", "above zero", id="no shares sold"),
        pytest.param(LAYOUTS["stops"], "hold", "DEATH_REPORTED", "one of DECEASED_HOLD", id="a hold of ours"),
        pytest.param(LAYOUTS["stops"], "hold", "", "one of DECEASED_HOLD", id="no hold"),
        pytest.param(LAYOUTS["issuance_acknowledgement"], "cycle", "2003-13", "2003-11", id="a thirteenth month"),
        pytest.param(
            LAYOUTS["issuance_acknowledgement"], "cumulative", "230.1177", "part of", id="fewer in all than now"
        ),
        pytest.param(ISSUANCE_INSTRUCTION, "cumulative", "10230.1177", "together", id="a sum that is none"),
        pytest.param(ISSUANCE_INSTRUCTION, "limit", "10230.1177", "at least is wanted", id="over the limit"),
        pytest.param(PURCHASE_SUMMARY, "shares", "230.1228", "dollars buy at this price", id="shares of other dollars"),
        pytest.param(ENROLMENTS, "enrolled_on", "2003-11-20", "no later than", id="enrolled to-morrow"),
    ],
)  # fmt: skip
def test_each_fault_is_named_by_line_and_column(
    layout: Layout[Any], column: str, value: str, wanted: str, tmp_path: Path
) -> None:
    (fault,) = _faults(_with(tmp_path, layout, column, value), layout)
    assert fault.startswith(f"line 3, column {column}: ")
    assert wanted in fault


def test_all_faults_of_all_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "positions.csv"
    path.write_text("H,positions,1,2003-11-19\naccount,plan_shares\nA,-1\nCST-1,x\nT,2,0\n", encoding="utf-8")
    assert [fault.split(":")[0] for fault in _faults(path, POSITIONS)] == [
        "line 3, column account",
        "line 3, column plan_shares",
        "line 4, column plan_shares",
    ]


def test_what_may_be_a_taxpayer_id_or_a_bank_account_is_not_repeated(tmp_path: Path) -> None:
    for column, value in [("day", "987-65-4321"), ("close", "44 5566 77889")]:
        (fault,) = _faults(_with(tmp_path, PRICES, column, value), PRICES)
        assert "what stands there is not accepted" in fault


def test_zeros_before_a_check_number_do_not_count(tmp_path: Path) -> None:
    _, (check,) = read_rows(_with(tmp_path, CHECKS, "check_number", "000101"), CHECKS)
    assert check == CHECK


def test_every_fault_is_told_but_a_flood_is_cut(tmp_path: Path) -> None:
    lines = "".join(f"{number},x\n" for number in range(20_000))
    path = tmp_path / "positions.csv"
    path.write_text(f"H,positions,1,2003-11-19\naccount,plan_shares\n{lines}T,20000,0\n", encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        read_rows(path, POSITIONS)
    assert len(bad.value.faults) >= 20_000
    assert len(str(bad.value).splitlines()) == 101
