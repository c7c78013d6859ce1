"""The debit file: every column, its totals, and what is refused before a byte is written."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import overload

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.nacha import UnsendableDebits, nacha_file, nacha_lines
from bot.files.nacha_debits import AccountType, Debit, Originator, trace_number
from bot.files.nacha_records import FILL
from bot.files.nacha_rules import ENTRIES_MAX
from handlers.plan.money import Money
from tests.files.nacha_examples import BANK, COMPANY, CREATED, EFFECTIVE, debit_lists, debit_of

WHOLE = (
    # 3456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1234
    "101 09100001919999999990311060930A094101EXAMPLE NATIONAL BANK  EXAMPLE MOTORS CORP            \r\n"
    "5225EXAMPLE MOTORS                      1999999999PPDSTOCK PLAN      031112   1091000010000001\r\n"
    "62701100001544556677889      0000025000CST-20001      ANA PEREZ               0091000010000001\r\n"
    "638021000021123-456          0000000000CST-20002      JOSE NUNEZ              0091000010000002\r\n"
    "822500000200032000030000000250000000000000001999999999                         091000010000001\r\n"
    "5225EXAMPLE MOTORS                      1999999999PPDRETRY PYMT      031112   1091000010000002\r\n"
    "637091000019A000000000000017 0001000005               BARTHOLOMEW FEATHERSTO  0091000010000007\r\n"
    "822500000100091000010000010000050000000000001999999999                         091000010000002\r\n"
    "9000002000001000000030012300004000001025005000000000000                                       \r\n"
    "9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999\r\n"
)
DEBITS = (
    debit_of(1),
    debit_of(
        2,
        "0",
        routing="021000021",
        account="123-456",
        account_type=AccountType.SAVINGS,
        reference="CST-20002",
        name="José Núñez",
    ),
    debit_of(
        7,
        "10000.05",
        routing=BANK,
        account="A000000000000017",
        account_type=AccountType.SAVINGS,
        reference="",
        name="Bartholomew Featherstonehaugh",
        is_retry=True,
    ),
)


def written(*debits: Debit, originator: Originator = COMPANY) -> bytes:
    return nacha_file(originator, debits, EFFECTIVE, CREATED, "A")


def refused(*debits: Debit, **changes: object) -> str:
    """What is said when these debits, with `changes` to the file, are not written."""
    values: dict[str, object] = {"originator": COMPANY, "effective": EFFECTIVE, "created": CREATED, "modifier": "A"}
    with pytest.raises(UnsendableDebits) as fault:
        nacha_file(debits=debits, **(values | changes))  # type: ignore[arg-type]  # what does not fit is tried
    return str(fault.value)


def test_every_column_is_as_the_bank_wants_it() -> None:
    assert written(*DEBITS).decode("ascii") == WHOLE


def test_the_same_debits_make_the_same_bytes() -> None:
    assert written(*DEBITS) == written(*[replace(debit) for debit in DEBITS])


def test_lines_make_up_the_file() -> None:
    assert b"".join(nacha_lines(COMPANY, DEBITS, EFFECTIVE, CREATED, "A")) == WHOLE.encode("ascii")


@pytest.mark.parametrize("count", [1, 5, 6, 7, 16, 17])
def test_the_last_block_is_filled_with_nines(count: int) -> None:
    lines = written(*(debit_of(sequence) for sequence in range(1, count + 1))).decode("ascii").splitlines()
    records = count + 4
    assert len(lines) % 10 == 0
    assert lines[records:] == [FILL] * (-records % 10)
    assert lines[records - 1][7:13] == f"{len(lines) // 10:06}"


@pytest.mark.parametrize("count", [4, 5, 14])
def test_a_second_batch_takes_room_in_the_blocks(count: int) -> None:
    """Two records more than one batch needs: five debits fill eleven lines, where four fill ten."""
    debits = [debit_of(sequence, is_retry=sequence == count) for sequence in range(1, count + 1)]
    lines = written(*debits).decode("ascii").splitlines()
    assert len(lines) == -(-(count + 6) // 10) * 10
    assert lines[count + 5][:13] == f"9000002{len(lines) // 10:06}"


def test_the_entry_hash_keeps_ten_digits() -> None:
    highest = "999999992"
    count = 101
    lines = written(*(debit_of(sequence, routing=highest) for sequence in range(1, count + 1))).decode().splitlines()
    assert count * int(highest[:8]) == 10_099_999_899
    assert lines[-1 - (-(count + 4) % 10)][21:31] == "0099999899"


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_the_totals_are_the_sums_of_the_debits(data: st.DataObject) -> None:
    debits = data.draw(debit_lists(BANK))
    lines = written(*debits).decode("ascii").splitlines()
    control = next(line for line in lines if line[0] == "9")
    assert int(control[31:43]) == sum(debit.amount.cents for debit in debits)
    assert int(control[43:55]) == 0
    assert int(control[13:21]) == len(debits) == sum(line[0] == "6" for line in lines)
    assert int(control[21:31]) == sum(int(debit.routing[:8]) for debit in debits) % 10**10
    assert {len(line) for line in lines} == {94}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"routing": "011000016"}, "routing: nine digits with a right check digit", id="check digit"),
        pytest.param({"routing": "01100001"}, "routing: nine digits", id="eight digits of routing"),
        pytest.param({"account": "1" * 18}, "account: an account number of 1 to 17", id="long account"),
        pytest.param({"account": ""}, "account: an account number of 1 to 17", id="no account"),
        pytest.param({"account": "0000-000"}, "not all of them zeros", id="an account of zeros"),
        pytest.param({"account": "12 34"}, "account: an account number", id="a blank in the account"),
        pytest.param({"account": "1234\r\n"}, "account: an account number", id="a line end in the account"),
        pytest.param({"account": "１２３４"}, "account: an account number", id="digits that are not ASCII"),
        pytest.param({"amount": Money.of("100000000.00")}, "amount: at most 99999999.99", id="eleven digits of cents"),
        pytest.param({"amount": Money.of("0")}, "amount: dollars, as only a prenote has none", id="a debit of nothing"),
        pytest.param({"is_prenote": True}, "amount: no dollars, as a prenote has none", id="a prenote of dollars"),
        pytest.param(
            {"is_prenote": True, "is_retry": True, "amount": Money.of("0")},
            "transaction: no prenote among what is tried again",
            id="a prenote tried again",
        ),
        pytest.param({"reference": "CST-2000100000000"}, "reference: a reference of at most 15", id="long reference"),
        pytest.param({"reference": "A B"}, "reference: a reference of at most 15", id="a blank in the reference"),
        pytest.param({"name": "Ана"}, "name: the name cannot be written as CYRILLIC", id="a name in another script"),
        pytest.param({"name": "Ana\nPerez"}, "name: the name cannot be written", id="a line end in the name"),
        pytest.param({"name": " "}, "name: the name cannot be written as it holds no letter", id="no name"),
        pytest.param({"trace": "1"}, "trace: a trace number of 15 digits", id="a short trace number"),
        pytest.param(
            {"trace": "011000010000002"}, "begins with the eight digits of our bank", id="another bank's trace"
        ),
    ],
)
def test_a_debit_that_is_not_in_order_stops_the_file(changes: dict[str, object], said: str) -> None:
    values = {name: getattr(debit_of(2), name) for name in Debit.__slots__} | changes
    wrong = Debit(**values)
    message = refused(debit_of(1), wrong)
    assert said in message
    assert message.startswith("debit 2 (trace "), "the fault names its debit"
    assert "44556677889" not in message, "no account number in an error"
    assert "Ана" not in message, "no name in an error"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"bank_routing": "091000018"}, "destination of the file: the nine digits", id="our bank"),
        pytest.param({"bank_name": ""}, "destination name of the file", id="no bank name"),
        pytest.param({"bank_name": "A" * 24}, "destination name of the file", id="a long bank name"),
        pytest.param({"origin": "12345678"}, "origin of the file", id="eight digits of origin"),
        pytest.param({"origin_name": "Example"}, "origin name of the file", id="small letters"),
        pytest.param({"company_name": " EXAMPLE"}, "company name of the file", id="a blank at the front"),
        pytest.param({"company_name": "SEVENTEEN LETTERS"}, "company name of the file", id="17 characters"),
        pytest.param({"company_id": "1-99999999"}, "company id of the file", id="a hyphen in the company id"),
        pytest.param({"description": "STOCKÉ"}, "description of the file", id="an accent"),
        pytest.param({"description": "RETRY PYMT"}, "give no meaning", id="the description of retries"),
        pytest.param({"description": "REVERSAL"}, "give no meaning", id="the description of reversals"),
    ],
)
def test_an_originator_that_is_not_in_order_stops_the_file(changes: dict[str, str], said: str) -> None:
    assert said in refused(debit_of(1), originator=replace(COMPANY, **changes))


@pytest.mark.parametrize(
    ("debits", "changes", "said"),
    [
        pytest.param((), {}, "at least one debit is wanted", id="no entries"),
        pytest.param((debit_of(1), debit_of(1)), {}, "the same trace number stands twice", id="the same trace twice"),
        pytest.param((debit_of(2), debit_of(1)), {}, "trace numbers must rise", id="traces that fall"),
        pytest.param((debit_of(1), debit_of(2), debit_of(1)), {}, "debit 3 (trace '091000010000001'", id="a late one"),
        pytest.param((debit_of(1),), {"modifier": "a"}, "modifier of the file", id="a small letter for modifier"),
        pytest.param((debit_of(1),), {"modifier": "AA"}, "modifier of the file", id="two modifiers"),
        pytest.param((debit_of(1),), {"modifier": ""}, "modifier of the file", id="no modifier"),
        pytest.param((debit_of(1),), {"effective": date(2003, 11, 5)}, "effective of the file", id="yesterday"),
        pytest.param((debit_of(1),), {"effective": date(2103, 11, 5)}, "effective of the file", id="next century"),
        pytest.param((debit_of(1),), {"created": datetime(1999, 11, 5)}, "from 2000 to 2099", id="last century"),
        pytest.param(
            tuple(debit_of(n, "99999999.99") for n in range(1, 102)), {}, "9999999999.99 dollars fit", id="total"
        ),
    ],
)
def test_a_file_that_cannot_be_right_is_not_written(
    debits: tuple[Debit, ...], changes: dict[str, object], said: str
) -> None:
    assert said in refused(*debits, **changes)


def test_the_description_of_retries_is_for_files_of_retries_alone() -> None:
    retries = replace(COMPANY, description="RETRY PYMT")
    assert "give no meaning" in refused(debit_of(1), debit_of(2, is_retry=True), originator=retries)
    assert written(debit_of(2, is_retry=True), originator=retries)


def test_more_entries_than_six_digits_count_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENTRIES_MAX == 999_999
    monkeypatch.setattr("bot.files.nacha_rules.ENTRIES_MAX", 2)
    assert written(debit_of(1), debit_of(2))
    assert "at most 2 entries fit one file" in refused(debit_of(1), debit_of(2), debit_of(3))


def test_money_moves_at_the_earliest_on_the_day_the_file_is_made() -> None:
    assert nacha_file(COMPANY, DEBITS, CREATED.date(), CREATED, "A")


def test_all_faults_are_said_at_once() -> None:
    said = refused(debit_of(1, routing="1", account=""), debit_of(2, "0", is_prenote=False), modifier="")
    assert said.count("\n") == 3
    assert "debit 1 " in said
    assert "debit 2 " in said
    assert "modifier" in said


def test_a_flood_of_faults_is_shown_in_part() -> None:
    said = refused(*(debit_of(sequence, account="") for sequence in range(1, 251)))
    assert said.endswith("and 150 more faults")


@pytest.mark.parametrize("sequence", [0, -1, 10_000_000])
def test_a_trace_sequence_has_seven_digits(sequence: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 9999999"):
        trace_number(BANK, sequence)


def test_a_trace_number_is_our_bank_and_the_sequence() -> None:
    assert trace_number(BANK, 42) == "091000010000042"


def test_a_debit_does_not_show_itself() -> None:
    shown = f"{debit_of(1)!r} {debit_of(1)} {[debit_of(1)]}"
    assert "44556677889" not in shown
    assert "011000015" not in shown
    assert "PEREZ" not in shown


class MadeOnDemand(Sequence[Debit]):
    """Debits that do not exist before they are asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Debit: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Debit]: ...
    def __getitem__(self, place: int | slice) -> Debit | Sequence[Debit]:
        assert isinstance(place, int)
        if place >= self._count:
            raise IndexError(place)
        return debit_of(place + 1, is_retry=place % 2 == 1)


def test_a_large_file_needs_no_memory_of_its_own() -> None:
    list(nacha_lines(COMPANY, MadeOnDemand(10), EFFECTIVE, CREATED, "A"))  # what is made once, is made now
    tracemalloc.start()
    try:
        size = sum(len(line) for line in nacha_lines(COMPANY, MadeOnDemand(3_000), EFFECTIVE, CREATED, "A"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 280_000
    assert peak < 50_000
