"""Every kind of file is read as it was written, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.exchange_files import BadFile, UnwritableFile
from bot.files.from_bank import CHECKS
from bot.files.from_transfer_agent import FILLS, POSITIONS, PositionRow
from bot.files.kinds import INCOMING, OUTGOING
from bot.files.layout import Layout, read_rows, write_rows
from bot.files.prices import PRICES
from bot.files.to_transfer_agent import ISSUANCE_INSTRUCTION, PURCHASE_SUMMARY, PurchaseRow
from handlers.plan.accounts import Hold
from handlers.plan.money import Money, Price, Shares
from tests.files.month_rows import AS_OF, CHECK, LAYOUTS, SPECIMENS, identity_of, rows_of, shares, usd

EVERY = [pytest.param(layout, id=kind) for kind, layout in LAYOUTS.items()]
MAY_BE_EMPTY = {"checks", "ach_returns", "returned_checks", "stops"}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _specimen(folder: Path, layout: Layout[Any]) -> Path:
    path = folder / f"{layout.kind}.csv"
    write_rows(path, layout, 7, AS_OF, [SPECIMENS[layout.kind]])
    return path


def _changed(folder: Path, layout: Layout[Any], change: Callable[[str], str]) -> Path:
    """The specimen's file, with its text changed."""
    text = _specimen(folder, layout).read_text(encoding="utf-8")
    assert change(text) != text
    path = folder / "changed.csv"
    path.write_bytes(change(text).encode())
    return path


def _faults(path: Path, layout: Layout[Any]) -> list[str]:
    with pytest.raises(BadFile) as bad:
        read_rows(path, layout)
    return bad.value.faults


def test_every_kind_has_its_specimen_and_a_name_that_is_kept() -> None:
    assert set(SPECIMENS) == set(LAYOUTS)
    assert not set(INCOMING) & set(OUTGOING)
    assert max(map(len, LAYOUTS)) <= 24, "the store keeps 24 characters"


@pytest.mark.parametrize("layout", EVERY)
def test_columns_are_named_like_what_they_fill(layout: Layout[Any]) -> None:
    row = SPECIMENS[layout.kind]
    assert layout.names == tuple(field.name for field in fields(row))
    assert set(layout.once) <= set(layout.names)


@pytest.mark.parametrize("layout", EVERY)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data(), sequence=st.integers(1, 999_999_999))
def test_what_is_written_is_read_as_it_was(
    layout: Layout[Any], drawn: st.DataObject, sequence: int, tmp_path: Path
) -> None:
    unique = {identity_of(layout, row): row for row in drawn.draw(rows_of(layout))}
    rows = tuple(unique.values())
    path = tmp_path / "round.csv"
    path.unlink(missing_ok=True)
    written = write_rows(path, layout, sequence, AS_OF, rows)
    file, read = read_rows(path, layout)
    assert read == rows
    assert (file.sequence, file.as_of, file.digest) == (sequence, AS_OF, written.digest)
    assert (written.rows, written.totals) == (len(rows), file.totals)


@pytest.mark.parametrize("layout", EVERY)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(lambda text: "\ufeff" + text.replace("\n", "\r\n"), id="a byte-order mark"),
        pytest.param(lambda text: text.replace("\n", ",,,\n", 1), id="a header padded with commas"),
        pytest.param(lambda text: text.rstrip("\n") + ",,,\n", id="a trailer padded with commas"),
        pytest.param(lambda text: text.replace("\n", ",,,\n"), id="every record padded with commas"),
    ],
)
def test_what_a_spreadsheet_saves_is_read_alike(
    layout: Layout[Any], change: Callable[[str], str], tmp_path: Path
) -> None:
    _, rows = read_rows(_changed(tmp_path, layout, change), layout)
    assert rows == (SPECIMENS[layout.kind],)


@pytest.mark.parametrize(
    ("names", "row"),
    [
        pytest.param("account,plan_shares,,", "CST-20001,1,,2", id="a value beyond the columns"),
        pytest.param("account,plan_shares,,", "CST-20001,1,,,", id="longer than the names"),
        pytest.param("account,plan_shares", "CST-20001,1,", id="a comma too many"),
        pytest.param("account,plan_shares,,", "CST-20001", id="a value missing"),
    ],
)
def test_padding_hides_no_value(names: str, row: str, tmp_path: Path) -> None:
    path = tmp_path / "positions.csv"
    path.write_text(f"H,positions,1,2003-11-19\n{names}\n{row}\nT,1,1\n", encoding="utf-8")
    assert _faults(path, POSITIONS) == [f"line 3: {row.count(',') + 1} values, but there are 2 columns"]


def test_an_empty_name_between_others_is_no_padding(tmp_path: Path) -> None:
    path = tmp_path / "positions.csv"
    path.write_text("H,positions,1,2003-11-19\naccount,,plan_shares\nCST-20001,,1\nT,1,1\n", encoding="utf-8")
    assert _faults(path, POSITIONS) == ["line 2: unknown column ''; known are account, plan_shares"]


@pytest.mark.parametrize("layout", EVERY)
def test_columns_may_stand_in_any_order(layout: Layout[Any], tmp_path: Path) -> None:
    def turned(text: str) -> str:
        lines = text.splitlines()
        at = layout.names.index(layout.once[0])
        for place in (1, 2):
            cells = lines[place].split(",")
            lines[place] = ",".join([*cells[at + 1 :], *cells[:at], cells[at]])
        return "\n".join(lines) + "\n"

    row = SPECIMENS[layout.kind]
    if layout.kind in {"refund_checks", "proceeds"}:
        row = replace(row, address="12 Orchard Lane")
    path = tmp_path / "row.csv"
    write_rows(path, layout, 1, AS_OF, [row])
    path.write_text(turned(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert read_rows(path, layout)[1] == (row,)


@pytest.mark.parametrize("layout", EVERY)
def test_a_file_without_rows_is_read_only_where_nothing_is_good_news(layout: Layout[Any], tmp_path: Path) -> None:
    totals = "".join("," + total.of([]) for total in layout.totals)
    path = tmp_path / "none.csv"
    path.write_text(f"H,{layout.kind},1,2003-11-19\n{','.join(layout.names)}\nT,0{totals}\n", encoding="utf-8")
    assert layout.may_be_empty is (layout.kind in MAY_BE_EMPTY)
    if layout.may_be_empty:
        assert read_rows(path, layout)[1] == ()
        again = tmp_path / "again.csv"
        write_rows(again, layout, 1, AS_OF, [])
        assert again.read_bytes() == path.read_bytes()
    else:
        assert "there are no rows" in _faults(path, layout)[0]
        with pytest.raises(UnwritableFile, match="none is needed"):
            write_rows(tmp_path / "again.csv", layout, 1, AS_OF, [])


@pytest.mark.parametrize("layout", EVERY)
def test_the_same_line_twice_is_a_fault(layout: Layout[Any], tmp_path: Path) -> None:
    def doubled(text: str) -> str:
        lines = text.splitlines()
        return "\n".join([*lines[:3], lines[2], lines[3].replace("T,1", "T,2")]) + "\n"

    names = " and ".join(layout.once)
    wanted = [f"line 4, column {layout.once[0]}: the same {names} stands in line 3 too"]
    assert _faults(_changed(tmp_path, layout, doubled), layout) == wanted
    with pytest.raises(UnwritableFile) as bad:
        write_rows(tmp_path / "twice.csv", layout, 1, AS_OF, [SPECIMENS[layout.kind]] * 2)
    assert bad.value.faults == [wanted[0].replace("line", "row").replace("row 4", "row 2").replace("row 3", "row 1")]
    assert not (tmp_path / "twice.csv").exists()


@pytest.mark.parametrize("layout", [pytest.param(each, id=kind) for kind, each in LAYOUTS.items() if each.totals])
def test_each_total_is_held_against_the_rows(layout: Layout[Any], tmp_path: Path) -> None:
    lines = _lines(_specimen(tmp_path, layout))
    for place, total in enumerate(layout.totals):
        summed = total.of([SPECIMENS[layout.kind]])
        for said in (summed + "1", "1" + summed, "", "-" + summed, "1e400", "\uff11", "NaN"):
            trailer = lines[3].split(",")
            trailer[place + 2] = said
            path = tmp_path / "total.csv"
            path.write_text("\n".join([*lines[:3], ",".join(trailer)]), encoding="utf-8")
            (fault,) = _faults(path, layout)
            assert fault == (
                f"line 4, column {place + 3}: the total of {total.name} is {said}, but the rows sum to {summed};"
                " a row was changed or lost: ask for the file again"
            )


def test_a_total_that_is_left_out_and_one_too_many_are_faults(tmp_path: Path) -> None:
    lines = _lines(_specimen(tmp_path, POSITIONS))
    short, long = tmp_path / "short.csv", tmp_path / "long.csv"
    short.write_text("\n".join([*lines[:3], "T,1"]), encoding="utf-8")
    long.write_text("\n".join([*lines[:3], lines[3] + ",5.00"]), encoding="utf-8")
    assert "the total of plan_shares is nothing, but" in _faults(short, POSITIONS)[0]
    assert "line 4, column 4: no further total is known" in _faults(long, POSITIONS)[0]


def test_a_total_without_end_is_not_repeated_whole(tmp_path: Path) -> None:
    lines = _lines(_specimen(tmp_path, POSITIONS))
    path = tmp_path / "long.csv"
    path.write_text("\n".join([*lines[:3], "T,1," + "9" * 100_000]), encoding="utf-8")
    (fault,) = _faults(path, POSITIONS)
    assert len(fault) < 250


def test_the_gross_of_fills_is_summed_without_rounding(tmp_path: Path) -> None:
    one = SPECIMENS["fills"]
    rows = [replace(one, fill=str(number), shares=shares("0.0001"), price=Price(Decimal("0.0001"))) for number in "123"]
    rows.append(replace(one, fill="4", shares=shares("999999999999.9999"), price=Price(Decimal("999999999999.9999"))))
    written = write_rows(tmp_path / "fills.csv", FILLS, 1, AS_OF, rows)
    assert written.totals[1] == "999999999999999800000000.00000004"
    assert read_rows(tmp_path / "fills.csv", FILLS)[1] == tuple(rows)


def test_a_stamp_of_the_evening_is_in_time_in_any_zone(tmp_path: Path) -> None:
    late = datetime(2003, 11, 20, 4, 30, tzinfo=UTC)  # half past eleven in the evening of the file's day, New York
    write_rows(tmp_path / "checks.csv", CHECKS, 1, AS_OF, [replace(CHECK, received=late)])
    assert read_rows(tmp_path / "checks.csv", CHECKS)[1][0].received == late


def test_checks_of_nobody_known_are_told_apart_by_their_payer(tmp_path: Path) -> None:
    nobody = replace(CHECK, account="")
    write_rows(tmp_path / "checks.csv", CHECKS, 1, AS_OF, [nobody, replace(nobody, payer="Bob Miller"), CHECK])
    assert len(read_rows(tmp_path / "checks.csv", CHECKS)[1]) == 3
    with pytest.raises(UnwritableFile, match="the same account and check_number and amount"):
        write_rows(tmp_path / "more.csv", CHECKS, 1, AS_OF, [CHECK, replace(CHECK, payer="A. Perez")])


@pytest.mark.parametrize(
    ("layout", "column", "value"),
    [
        pytest.param(PRICES, "source", " Nasdaq", id="a blank before text"),
        pytest.param(PRICES, "source", "Nasdaq\ud800", id="half a character"),
        pytest.param(PRICES, "day", date(2003, 11, 20), id="a day to come"),
        pytest.param(PRICES, "day", datetime(2003, 11, 13), id="an instant for a day"),
        pytest.param(CHECKS, "received", datetime(2003, 11, 5), id="an instant without offset"),
        pytest.param(CHECKS, "amount", Decimal("NaN"), id="no number"),
        pytest.param(CHECKS, "amount", usd("0"), id="a check for nothing"),
        pytest.param(CHECKS, "check_number", "0101", id="a check number as it is not kept"),
        pytest.param(POSITIONS, "plan_shares", None, id="nothing for shares"),
        pytest.param(POSITIONS, "plan_shares", Decimal(5), id="a bare number for shares"),
        pytest.param(POSITIONS, "account", "A,B", id="an account with a comma"),
        pytest.param(LAYOUTS["stops"], "hold", Hold.DEATH_REPORTED, id="a hold of ours"),
        pytest.param(LAYOUTS["proceeds"], "net", usd("100.01"), id="a net that is not gross less fee"),
        pytest.param(ISSUANCE_INSTRUCTION, "limit", shares("1"), id="over the limit"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(
    layout: Layout[Any], column: str, value: object, tmp_path: Path
) -> None:
    with pytest.raises(UnwritableFile) as bad:
        write_rows(tmp_path / "x.csv", layout, 1, AS_OF, [replace(SPECIMENS[layout.kind], **{column: value})])
    (fault,) = bad.value.faults
    assert fault.startswith(f"row 1, column {column}: ")
    assert "cannot be written; " in fault
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=200, deadline=None)
@given(cents=st.integers(1, 10**9), units=st.integers(1, 10**7), part=st.fractions(0, 1))
def test_an_order_that_was_reduced_or_was_not_may_be_told(cents: int, units: int, part: Fraction) -> None:
    """In a shortage dollars follow from shares, half-up; else shares follow from dollars, rounded down."""
    bought = cents * 10**6 // units
    reduced = int(bought * part)
    invested = (reduced * units + 500_000) // 1_000_000
    price = Price(Decimal(units) / 10_000)
    for dollars, count in [(cents, bought), (invested, reduced)]:
        row = PurchaseRow("CST-20001", "P7K2M", Money.from_cents(dollars), price, Shares.from_units(count))
        assert list(PURCHASE_SUMMARY.objections(row)) == []


def test_a_file_larger_than_any_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "positions.csv"
    with path.open("wb") as file:
        file.truncate(512 * 1024 * 1024 + 1)
    assert _faults(path, POSITIONS) == ["larger than 536870912 bytes"]


def test_days_of_the_calendars_ends_are_read(tmp_path: Path) -> None:
    rows = [PositionRow("CST-20001", shares("1"))]
    for number, day in enumerate([date.min, date.max, AS_OF + timedelta(days=1)]):
        write_rows(tmp_path / f"{number}.csv", POSITIONS, 1, day, rows)
        assert read_rows(tmp_path / f"{number}.csv", POSITIONS)[0].as_of == day


def test_half_a_cent_apart_is_rounding_and_more_is_not() -> None:
    """Half a share at a cent costs half a cent, which is rounded up to one."""
    row = PurchaseRow("CST-20001", "P7K2M", usd("0.01"), Price(Decimal("0.01")), shares("0.5"))
    assert list(PURCHASE_SUMMARY.objections(row)) == []
    assert list(PURCHASE_SUMMARY.objections(replace(row, shares=shares("0.4999")))) != []
