"""What a person must see of a check, and what a bank asks to be corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.exchange_files import BadFile
from bot.files.from_bank import ACH_RETURNS, CHECKS, CORRECTED, AchReturnRow
from bot.files.layout import read_rows, write_rows
from bot.files.nacha_debits import AccountType
from bot.files.nacha_returns import Correction
from handlers.plan.accounts import Registration, RegistrationKind
from handlers.plan.money import NO_SHARES
from handlers.plan.payments import Doubt, ReceivedCheck, doubts_of_check
from handlers.plan.sale_allocation import Fill
from tests.files.month_rows import AS_OF, CHANGE, CHECK, CLOSE, SPECIMENS, shares, usd

COLUMNS = ",".join(ACH_RETURNS.names)
TRACE = "091000010000001"
ANA = Registration(
    "r-1", "CST-20001", RegistrationKind.INDIVIDUAL, "Ana Perez", "ana@example.com", "MI", "US", NO_SHARES, "t-1"
)


def test_a_check_is_looked_at_by_the_rules_as_the_bank_had_it() -> None:
    paper = replace(CHECK, check_date=None, currency="CAD", payer="").paper
    assert paper == ReceivedCheck(usd("250"), "CAD", None, "", CHECK.received)


@pytest.mark.parametrize(
    ("values", "doubts"),
    [
        pytest.param({}, (), id="nothing unusual"),
        pytest.param({"currency": "CAD"}, (Doubt.NOT_US_DOLLARS,), id="another currency"),
        pytest.param({"check_date": None}, (Doubt.UNDATED,), id="no date"),
        pytest.param({"check_date": date(2003, 11, 6)}, (Doubt.POST_DATED,), id="dated a day ahead"),
        pytest.param({"payer": "Bob Miller"}, (Doubt.THIRD_PARTY_PAYER,), id="drawn by somebody else"),
        pytest.param({"payer": ""}, (Doubt.PAYER_NOT_NAMED,), id="drawn by nobody knows whom"),
    ],
)
def test_an_unusual_check_is_a_row_and_goes_to_a_person(
    values: dict[str, Any], doubts: tuple[Doubt, ...], tmp_path: Path
) -> None:
    write_rows(tmp_path / "checks.csv", CHECKS, 1, AS_OF, [replace(CHECK, **values)])
    _, (check,) = read_rows(tmp_path / "checks.csv", CHECKS)
    assert doubts_of_check(check.paper, ANA, date(2003, 11, 5)) == doubts


def test_a_fill_is_what_the_rules_divide() -> None:
    assert SPECIMENS["fills"].sold == Fill(AS_OF, shares("100.5"), CLOSE, usd("12.56"))


def _read(folder: Path, *rows: str, total: str) -> tuple[AchReturnRow, ...]:
    path = folder / "returns.csv"
    lines = "".join(f"{row}\n" for row in rows)
    path.write_text(f"H,ach_returns,1,2003-11-19\n{COLUMNS}\n{lines}T,{len(rows)},{total}\n", encoding="utf-8")
    return read_rows(path, ACH_RETURNS)[1]


def test_a_return_and_a_change_of_each_kind_are_read(tmp_path: Path) -> None:
    rows = _read(
        tmp_path,
        f"{TRACE},250.00,R01,2003-11-18,,,,,",
        "091000010000002,0.00,C01,2003-11-18,,44556677889,,,",
        "091000010000003,0.00,C02,2003-11-18,011000015,,,,",
        "091000010000004,0.00,C07,2003-11-18,011000015,4455-A,savings,,",
        "091000010000005,0.00,C13,2003-11-18,,,,,",
        "091000010000006,0.00,R03,2003-11-18,,,,,",
        total="250.00",
    )
    assert [row.is_change for row in rows] == [False, True, True, True, True, False]
    assert [row.correction for row in rows] == [
        None,
        Correction(account="44556677889"),
        Correction(routing="011000015"),
        Correction("011000015", "4455-A", AccountType.SAVINGS),
        None,
        None,
    ]


@pytest.mark.parametrize("code", sorted(CORRECTED))
def test_a_change_has_its_corrections_and_no_others(code: str, tmp_path: Path) -> None:
    values = {
        "corrected_routing": "011000015",
        "corrected_account": "44556677889",
        "corrected_account_type": "checking",
        "corrected_name": "ANA PEREZ",
        "corrected_reference": "CST-20001",
    }
    for left_out in (False, True):
        given = [value if (name in CORRECTED[code]) is not left_out else "" for name, value in values.items()]
        row = ",".join([TRACE, "0", code, "2003-11-18", *given])
        if not left_out:
            (read,) = _read(tmp_path, row, total="0")
            assert read.correction is not None
            continue
        with pytest.raises(BadFile) as bad:
            _read(tmp_path, row, total="0")
        assert [fault.split(": ")[0] for fault in bad.value.faults] == [f"line 3, column {name}" for name in values]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(f"{TRACE},250,C13,2003-11-18,,,,,", "column amount: '250' is not accepted; 0.00", id="C"),
        pytest.param(f"{TRACE},250,R01,2003-11-18,,1234,,,", "column corrected_account: what stands there", id="R"),
        pytest.param(f"{TRACE},250,X01,2003-11-18,,,,,", "column code: 'X01'", id="no such letter"),
        pytest.param(f"{TRACE},250,R00,2003-11-18,,,,,", "column code: 'R00'", id="code zero"),
        pytest.param("123,250,R01,2003-11-18,,,,,", "column trace: '123'", id="a short trace"),
        pytest.param(f"{TRACE},0,C02,2003-11-18,011000016,,,,", "column corrected_routing: what stands", id="digit"),
        pytest.param(f"{TRACE},0,C05,2003-11-18,,,27,,", "column corrected_account_type: '27'", id="an account type"),
    ],
)  # fmt: skip
def test_a_fault_of_a_return_is_named(row: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 3") as bad:
        _read(tmp_path, row, total="250")
    assert len(bad.value.faults) == 1
    assert fault in bad.value.faults[0]


def test_one_debit_comes_back_once(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="the same trace and code stands in line 3 too"):
        _read(tmp_path, f"{TRACE},250,R01,2003-11-18,,,,,", f"{TRACE},250,R09,2003-11-18,,,,,", total="500")


def test_the_corrected_columns_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "returns.csv"
    path.write_text(f"H,ach_returns,1,2003-11-19\ntrace,amount,code,returned_on\n{TRACE},5,R02,2003-11-18\nT,1,5\n")
    (row,) = read_rows(path, ACH_RETURNS)[1]
    assert (row.code, row.corrected_account, row.corrected_account_type) == ("R02", "", None)


def test_no_error_and_no_row_shows_a_bank_account(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, f"{TRACE},0,C01,2003-11-18,,44556677889,,,", total="0")
    assert "7788" not in repr(row)
    with pytest.raises(BadFile) as bad:
        _read(tmp_path, f"{TRACE},0,C02,2003-11-18,,44556677889,,44556677889,", total="0")
    assert "7788" not in str(bad.value)
    with pytest.raises(ValueError, match="what stands there cannot be written") as unwritten:
        write_rows(tmp_path / "out.csv", ACH_RETURNS, 1, AS_OF, [replace(CHANGE, corrected_account="4455 667 7889")])
    assert "7889" not in str(unwritten.value)
