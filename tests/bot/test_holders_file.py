"""Every fault of a holders file is named by line and column, and no error repeats what is secret."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.exchange_files import BadFile
from bot.holders_file import OPTIONAL, REQUIRED, HolderRow, is_routing_number, read_holders
from handlers.plan.accounts import Hold, RegistrationKind
from handlers.plan.money import NO_SHARES, Shares
from tests.exchange import ANA, BOB, write_holders, write_records

VERSIONS = ("2003-11-04", "2004-01-28")


def _read(path: Path) -> tuple[HolderRow, ...]:
    return read_holders(path, VERSIONS)[1]


def _faults(path: Path) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_holders(path, VERSIONS)
    assert str(bad.value).splitlines() == [f"{path}: {fault}" for fault in bad.value.faults]
    return bad.value.faults


def test_the_test_rows_have_every_column() -> None:
    assert set(ANA) == set(BOB) == {*REQUIRED, *OPTIONAL}


def test_a_row_is_read_as_it_stands(tmp_path: Path) -> None:
    ana, bob = _read(write_holders(tmp_path / "h.csv", ANA, BOB))
    assert (ana.line, ana.account, ana.kind, ana.name) == (3, "CST-20001", RegistrationKind.INDIVIDUAL, "Ana Perez")
    assert (ana.email, ana.address) == ("ana@example.com", "12 Orchard Lane, Ann Arbor, 48104")
    assert (ana.state, ana.country) == ("MI", "US")
    assert (ana.taxpayer_id, ana.bank) == ("987-65-4321", "011000015 44556677889")
    assert (ana.shares, ana.plan_shares) == (Shares.of("1500"), Shares.of("1250.5"))
    assert (ana.enrolled_on, ana.prospectus, ana.holds) == (date(2003, 11, 10), "2003-11-04", frozenset())
    assert (bob.bank, bob.enrolled_on, bob.prospectus, bob.plan_shares) == ("", None, "", NO_SHARES)


@pytest.mark.parametrize(
    ("values", "attribute", "read"),
    [
        pytest.param({"email": "Ana@Example.COM"}, "email", "ana@example.com", id="an address in capitals"),
        pytest.param({"email": ""}, "email", "", id="no email address"),
        pytest.param({"state": "mi", "country": "us"}, "state", "MI", id="a state in lower case"),
        pytest.param({"state": "Lund", "country": "SE"}, "state", "", id="abroad there is no state"),
        pytest.param({"hold": "LOST DECEASED_HOLD"}, "holds", {Hold.LOST, Hold.DECEASED}, id="two holds"),
        pytest.param({"name": "Jos\u00e9 Pe\u00f1a, Jr."}, "name", "Jos\u00e9 Pe\u00f1a, Jr.", id="an accent, a comma"),
        pytest.param({"taxpayer_id": "98-7654321"}, "taxpayer_id", "98-7654321", id="an employer's number"),
        pytest.param({"shares": "0"}, "shares", NO_SHARES, id="no shares any more"),
        pytest.param({"plan_shares": "0"}, "plan_shares", NO_SHARES, id="no plan shares"),
        pytest.param({"city": ""}, "address", "12 Orchard Lane, 48104", id="no city"),
        pytest.param({"name": "  Ana Perez "}, "name", "Ana Perez", id="blanks around a value"),
    ],
)
def test_a_value_may_be_written_so(values: dict[str, str], attribute: str, read: object, tmp_path: Path) -> None:
    (holder,) = _read(write_holders(tmp_path / "h.csv", ANA | values))
    assert getattr(holder, attribute) == read


@pytest.mark.parametrize(
    ("column", "value", "remedy"),
    [
        pytest.param("account", "", "4 to 20 letters, digits and hyphens", id="no account"),
        pytest.param("account", "A-1", "4 to 20 letters", id="an account too short"),
        pytest.param("account", "CST 10001", "4 to 20 letters", id="an account with a blank"),
        pytest.param("kind", "person", "one of individual, joint, custodial, trust, ira, entity", id="another kind"),
        pytest.param("kind", "", "one of individual", id="no kind"),
        pytest.param("name", "", "1 to 200 printable characters", id="no name"),
        pytest.param("name", "Ana\nPerez", "1 to 200 printable characters", id="a name of two lines"),
        pytest.param("name", "A" * 201, "1 to 200 printable characters", id="a name without end"),
        pytest.param("taxpayer_id", "", "nine digits", id="no taxpayer id"),
        pytest.param("taxpayer_id", "98-765-4321", "nine digits", id="hyphens elsewhere"),
        pytest.param("taxpayer_id", "98765432", "nine digits", id="eight digits"),
        pytest.param("email", "ana at example.com", "name@example.com, or nothing", id="no address"),
        pytest.param("email", "Ana <ana@example.com>", "name@example.com", id="an address with a name"),
        pytest.param("email", "ana@example.com,bob@example.com", "name@example.com", id="two addresses"),
        pytest.param("address", "12 Orchard\nLane", "printable", id="a street of two lines"),
        pytest.param("city", "A" * 201, "printable", id="a city without end"),
        pytest.param("postal_code", "48104\x07", "printable", id="a bell in a postal code"),
        pytest.param("state", "", "USPS state code is wanted, such as MI", id="no state"),
        pytest.param("state", "Michigan", "USPS state code", id="a state written out"),
        pytest.param("state", "XX", "USPS state code", id="no such state"),
        pytest.param("country", "", "two letters is wanted, such as US", id="no country"),
        pytest.param("country", "USA", "two letters", id="three letters"),
        pytest.param("shares", "", "at most four places", id="no shares where zero is meant"),
        pytest.param("shares", "1,500", "at most four places", id="a comma in a number"),
        pytest.param("shares", "1500.00001", "at most four places", id="five places"),
        pytest.param("shares", "-1", "at most four places", id="less than none"),
        pytest.param("shares", "9" * 13, "at most four places", id="more than there can be"),
        pytest.param("bank_routing", "011000016", "check digit", id="a wrong check digit"),
        pytest.param("bank_routing", "", "check digit", id="an account without its bank"),
        pytest.param("bank_account", "", "4 to 17 digits", id="a bank without an account"),
        pytest.param("bank_account", "12 34 56", "4 to 17 digits", id="blanks in an account"),
        pytest.param("hold", "DECEASED", "nothing, or of DECEASED_HOLD, LEGAL_HOLD, LOST", id="another hold"),
        pytest.param("hold", "DEATH_REPORTED", "nothing, or of DECEASED_HOLD, LEGAL_HOLD, LOST", id="a hold of ours"),
        pytest.param("enrolled_on", "11/10/2003", "YYYY-MM-DD", id="a day written otherwise"),
        pytest.param("enrolled_on", "", "where there are plan shares", id="plan shares without an account"),
        pytest.param("prospectus", "2003-01-01", "one of 2003-11-04, 2004-01-28, or nothing", id="no such version"),
        pytest.param("plan_shares", "half", "at most four places", id="plan shares in words"),
    ],
)
def test_each_fault_is_named_by_line_and_column(column: str, value: str, remedy: str, tmp_path: Path) -> None:
    path = write_holders(tmp_path / "h.csv", BOB, ANA | {column: value}, total="1800.0000")
    (fault,) = _faults(path)
    assert fault.startswith(f"line 4, column {column}: ")
    assert remedy in fault


def test_all_faults_of_all_rows_are_told(tmp_path: Path) -> None:
    bad = ANA | {"kind": "person", "state": "XX", "shares": "many"}
    assert [fault.split(":")[0] for fault in _faults(write_holders(tmp_path / "h.csv", bad, bad, total="1"))] == [
        "line 3, column kind",
        "line 3, column state",
        "line 3, column shares",
        "line 4, column kind",
        "line 4, column state",
        "line 4, column shares",
        "line 4, column account",
    ]


def test_an_account_stands_in_a_file_once(tmp_path: Path) -> None:
    path = write_holders(tmp_path / "h.csv", ANA, BOB, ANA)
    assert _faults(path) == ["line 5, column account: the same account stands in line 3 too"]


LOST_ROW = "; a row was changed or lost: ask for the file again"


@pytest.mark.parametrize(
    ("total", "says"),
    [
        pytest.param("1799.9999", "the total of shares is 1799.9999, but the rows sum to 1800.0000", id="less"),
        pytest.param("1800.0001", "the total of shares is 1800.0001, but the rows sum to 1800.0000", id="more"),
        pytest.param("many", "the total of shares is many, but", id="words"),
        pytest.param("", "the total of shares is , but", id="nothing"),
    ],
)
def test_the_total_is_held_against_the_rows(total: str, says: str, tmp_path: Path) -> None:
    (fault,) = _faults(write_holders(tmp_path / "h.csv", ANA, BOB, total=total))
    assert fault.startswith("line 5, column 3: ")
    assert says in fault
    assert fault.endswith(LOST_ROW)


def test_a_trailer_without_a_total_is_refused(tmp_path: Path) -> None:
    path = write_records(
        tmp_path / "h.csv", ["H", "holders", "1", "2003-11-03"], list(ANA), list(ANA.values()), ["T", "1"]
    )
    says = f"line 4, column 3: the total of shares is nothing, but the rows sum to 1500.0000{LOST_ROW}"
    assert _faults(path) == [says]


def test_rows_that_sum_to_more_than_there_can_be_are_a_fault_and_no_crash(tmp_path: Path) -> None:
    huge = {"shares": "999999999999"}
    path = write_holders(tmp_path / "h.csv", ANA | huge, BOB | huge, total="1")
    says = f"line 5, column 3: the total of shares is 1, but the rows sum to 1999999999998.0000{LOST_ROW}"
    assert _faults(path) == [says]


TAXPAYER, ACCOUNT = "987-65-4321", "44556677889"


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"taxpayer_id": f"{TAXPAYER}9"}, id="a taxpayer id with a slip"),
        pytest.param({"bank_account": f"{ACCOUNT}44556677889"}, id="a bank account with a slip"),
        pytest.param({"email": TAXPAYER, "kind": ACCOUNT}, id="secrets in other columns"),
        pytest.param({"state": TAXPAYER, "country": ACCOUNT}, id="secrets where the residence goes"),
        pytest.param({"shares": TAXPAYER, "prospectus": ACCOUNT}, id="secrets where shares go"),
        pytest.param({"enrolled_on": TAXPAYER, "hold": ACCOUNT}, id="secrets where a day goes"),
        pytest.param({"account": TAXPAYER.replace("-", " "), "name": ""}, id="a secret where the account goes"),
    ],
)
def test_no_error_repeats_a_taxpayer_id_or_a_bank_account(columns: dict[str, str], tmp_path: Path) -> None:
    text = "\n".join(_faults(write_holders(tmp_path / "h.csv", ANA | columns, total="1500")))
    digits = "".join(letter for letter in text if letter.isdigit())
    assert "987654321" not in digits
    assert ACCOUNT not in digits
    assert "column" in text


def test_a_file_whose_column_names_are_left_out_repeats_no_value(tmp_path: Path) -> None:
    path = write_records(
        tmp_path / "h.csv", ["H", "holders", "1", "2003-11-03"], list(ANA.values()), list(BOB.values()), ["T", "2", "1"]
    )
    text = "\n".join(_faults(path))
    assert "the column names are wanted here" in text
    assert TAXPAYER not in text
    assert "4321" not in text


def test_a_row_does_not_show_itself(tmp_path: Path) -> None:
    (holder,) = _read(write_holders(tmp_path / "h.csv", ANA))
    assert "4321" not in repr(holder)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param("011000015", True, id="the Federal Reserve Bank of Boston"),
        pytest.param("021000021", True, id="a New York bank"),
        pytest.param("011000016", False, id="a wrong check digit"),
        pytest.param("11000015", False, id="eight digits"),
        pytest.param("0110000155", False, id="ten digits"),
        pytest.param("01100001\u0665", False, id="a digit of another script"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_routing_number_is_known_by_its_check_digit(text: str, is_one: bool) -> None:
    assert is_routing_number(text) is is_one
