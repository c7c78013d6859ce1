"""What the bank sends back: returns and notifications of change, as banks really write them and as they must not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.nacha import nacha_file
from bot.files.nacha_debits import AccountType, NachaFile
from bot.files.nacha_records import BadNachaFile
from bot.files.nacha_returns import (
    CORRECTIONS,
    AchReturn,
    Correction,
    NotificationOfChange,
    read_returns,
    split_correction,
)
from handlers.plan.money import ZERO_DOLLARS, Money
from tests.files.nacha_examples import (
    COMPANY,
    CREATED,
    EFFECTIVE,
    accounts,
    debit_lists,
    debit_of,
    routing_numbers,
)
from tests.files.pretend_bank import Answer, Changed, PretendBank, Returned

DEBITS = (debit_of(1), debit_of(2, "0"), debit_of(3, "10000.00", account_type=AccountType.SAVINGS))
FIRST, SECOND, THIRD = (debit.trace for debit in DEBITS)
BANK = PretendBank(NachaFile(COMPANY, DEBITS, EFFECTIVE, CREATED, "A"))
MADE = datetime(2003, 11, 14, 17, 5)


def came_back(answers: Mapping[str, Answer], bank: PretendBank = BANK) -> tuple[AchReturn | NotificationOfChange, ...]:
    return read_returns(bank.answers(answers, MADE))


def faults_of(content: bytes) -> tuple[str, ...]:
    with pytest.raises(BadNachaFile) as fault:
        read_returns(content)
    return fault.value.faults


def changed(content: bytes, *places: tuple[int, int, str]) -> bytes:
    """The file with each text written over what stands from a column of a line on."""
    lines = content.decode("ascii").split("\n")
    for line, first, text in places:
        before = lines[line - 1]
        lines[line - 1] = before[: first - 1] + text + before[first - 1 + len(text) :]
    return "\n".join(lines).encode("ascii")


def test_a_return_says_which_debit_came_back_and_why() -> None:
    assert came_back({FIRST: Returned("R01", information="NSF")}) == (
        AchReturn(
            line=3,
            company_id="1999999999",
            trace=FIRST,
            reason="R01",
            amount=Money.of("250.00"),
            is_credit=False,
            reference="CST-20001",
            died_on=None,
            original_bank="01100001",
            information="NSF",
            return_trace="011000010000001",
        ),
    )


def test_a_notification_says_what_is_to_be_corrected() -> None:
    assert came_back({THIRD: Changed("C03", "091000019   12-3456")}) == (
        NotificationOfChange(
            line=3,
            company_id="1999999999",
            trace=THIRD,
            code="C03",
            correction=Correction(routing="091000019", account="12-3456"),
            corrected_text=f"{'091000019   12-3456':<29}",
            reference="CST-20001",
            original_bank="01100001",
            return_trace="011000010000001",
        ),
    )


def test_a_prenote_that_comes_back_has_no_dollars() -> None:
    (answer,) = came_back({SECOND: Returned("R03")})
    assert isinstance(answer, AchReturn)
    assert answer.amount == ZERO_DOLLARS


def test_returns_and_notifications_may_come_together() -> None:
    answers = came_back({FIRST: Changed("C01", "99"), SECOND: Returned("R04"), THIRD: Returned("R09")})
    assert [(answer.line, answer.trace) for answer in answers] == [(3, FIRST), (7, SECOND), (11, THIRD)]
    assert [type(answer) for answer in answers] == [NotificationOfChange, AchReturn, AchReturn]


def test_a_day_without_returns_brings_a_file_without_batches() -> None:
    assert came_back({}) == ()


@pytest.mark.parametrize("line_end", ["\n", "\r\n", ""])
def test_line_ends_do_not_matter(line_end: str) -> None:
    bank = PretendBank(BANK.sent, line_end=line_end)
    assert came_back({FIRST: Returned("R02")}, bank) == came_back({FIRST: Returned("R02")})


@pytest.mark.parametrize(
    ("reason", "stands", "died_on"),
    [
        pytest.param("R14", "031101", date(2003, 11, 1), id="the payee"),
        pytest.param("R15", "031114", date(2003, 11, 14), id="the day of the file"),
        pytest.param("R15", "031115", date(1903, 11, 15), id="nobody dies tomorrow"),
        pytest.param("R15", "991231", date(1999, 12, 31), id="in the last century"),
        pytest.param("R15", "040229", date(1904, 2, 29), id="a leap day to come"),
        pytest.param("R15", "000229", date(2000, 2, 29), id="a leap day that 1900 has not"),
        pytest.param("R15", "      ", None, id="not known"),
        pytest.param("R15", "000000", None, id="not known, in zeros"),
        pytest.param("R01", "031101", None, id="no day of death with another reason"),
        pytest.param("R01", "garble", None, id="another reason may have anything there"),
    ],
)
def test_the_day_of_death(reason: str, stands: str, died_on: date | None) -> None:
    (answer,) = read_returns(changed(BANK.answers({FIRST: Returned(reason)}, MADE), (4, 22, stands)))
    assert isinstance(answer, AchReturn)
    assert answer.died_on == died_on


@pytest.mark.parametrize(
    ("code", "text", "correction"),
    [
        pytest.param("C01", "12345678901234567", Correction(account="12345678901234567"), id="account"),
        pytest.param("C02", "091000019", Correction(routing="091000019"), id="routing"),
        pytest.param(
            "C03",
            "091000019   12345678901234567",
            Correction("091000019", "12345678901234567"),
            id="routing and account",
        ),
        pytest.param("C04", "ANA PEREZ-MILLER", Correction(name="ANA PEREZ-MILLER"), id="name"),
        pytest.param("C05", "37", Correction(account_type=AccountType.SAVINGS), id="transaction code"),
        pytest.param("C05", "28", Correction(account_type=AccountType.CHECKING), id="transaction code of a prenote"),
        pytest.param(
            "C06",
            "12345678901234567   37",
            Correction(account="12345678901234567", account_type=AccountType.SAVINGS),
            id="account and transaction code",
        ),
        pytest.param(
            "C07",
            "09100001912345678901234567" + "27",
            Correction("091000019", "12345678901234567", AccountType.CHECKING),
            id="all three",
        ),
        pytest.param(
            "C07", "09100001912345            27", Correction("091000019", "12345", AccountType.CHECKING), id="short"
        ),
        pytest.param("C09", "CST-20002", Correction(reference="CST-20002"), id="individual id"),
        pytest.param("C02", "091000018", None, id="a wrong check digit"),
        pytest.param("C02", "0910000190", None, id="a digit too many"),
        pytest.param("C01", "", None, id="nothing"),
        pytest.param("C04", "", None, id="no name"),
        pytest.param("C09", "", None, id="no individual id"),
        pytest.param("C01", "0000000000", None, id="an account of zeros"),
        pytest.param("C01", "12345 6789", None, id="a blank within the account"),
        pytest.param("C01", "123456789012345678", None, id="an account that is too long"),
        pytest.param("C03", "09100001912345", None, id="no gap, so the account stands in wrong columns"),
        pytest.param("C03", "091000019  12345", None, id="a gap of two"),
        pytest.param("C03", "091000019", None, id="half of it"),
        pytest.param("C05", "47", None, id="a general ledger account"),
        pytest.param("C05", "3", None, id="half a transaction code"),
        pytest.param("C05", "30", None, id="no transaction code"),
        pytest.param("C06", "12345                      37", None, id="the transaction code at the far end"),
        pytest.param("C06", "12345", None, id="no transaction code after the account"),
        pytest.param("C07", "09100001912345             27", None, id="one column off"),
        pytest.param("C13", "ADDENDA FORMAT", None, id="a code that corrects nothing of ours"),
        pytest.param("C61", "", None, id="a refused notification"),
    ],
)
def test_the_corrected_data_is_split_by_its_code(code: str, text: str, correction: Correction | None) -> None:
    (answer,) = came_back({FIRST: Changed(code, text)})
    assert isinstance(answer, NotificationOfChange)
    assert answer.correction == correction
    assert answer.corrected_text == f"{text:<29}"


@given(routing=routing_numbers, account=accounts, kind=st.sampled_from(AccountType), shift=st.integers(1, 4))
@settings(deadline=None)
def test_a_correction_out_of_its_columns_is_never_read_as_another(
    routing: str, account: str, kind: AccountType, shift: int
) -> None:
    """Banks misplace it; then a person reads it. A shift to the right may not cut or lengthen an account number."""
    code = "27" if kind is AccountType.CHECKING else "37"
    texts = {
        "C01": account,
        "C02": routing,
        "C03": f"{routing}   {account}",
        "C06": f"{account:<17}   {code}",
        "C07": f"{routing}{account:<17}{code}",
    }
    for change, text in texts.items():
        right = split_correction(change, f"{text:<29}")
        assert right is not None
        moved = split_correction(change, f"{'':{shift}}{text}"[:29].ljust(29))
        assert moved is None or moved == right
        assert (right.routing or routing, right.account or account, right.account_type or kind) == (
            routing,
            account,
            kind,
        )


def test_no_column_of_the_corrected_data_is_named_twice() -> None:
    for columns in CORRECTIONS.values():
        after = 0
        for _, first, last in columns:
            assert after < first <= last <= 29
            after = last


def test_batches_of_other_programs_are_told_by_their_company() -> None:
    content = BANK.answers({FIRST: Returned("R01"), THIRD: Returned("R02")}, MADE)
    other = changed(content, (6, 41, "1888888888"), (9, 45, "1888888888"))
    assert [answer.company_id for answer in read_returns(other)] == ["1999999999", "1888888888"]


def test_a_returned_payment_is_no_returned_debit() -> None:
    content = BANK.answers({FIRST: Returned("R02")}, MADE)
    credit = changed(content, (3, 2, "21"), (5, 21, "0" * 12 + "000000025000"), (6, 32, "0" * 12 + "000000025000"))
    (answer,) = read_returns(credit)
    assert isinstance(answer, AchReturn)
    assert answer.is_credit


def test_the_trace_of_the_addenda_may_be_another_than_that_of_its_entry() -> None:
    content = changed(BANK.answers({FIRST: Returned("R01")}, MADE), (4, 80, "011000019999999"))
    (answer,) = read_returns(content)
    assert (answer.trace, answer.return_trace) == (FIRST, "011000010000001")


ONE_RETURN = BANK.answers({FIRST: Returned("R15")}, MADE)
ONE_CHANGE = BANK.answers({FIRST: Changed("C01", "99")}, MADE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(changed(ONE_RETURN, (4, 4, "X01")), "line 4, columns 4 to 6: a return reason", id="no reason"),
        pytest.param(changed(ONE_RETURN, (4, 4, "R1 ")), "line 4, columns 4 to 6: a return reason", id="one digit"),
        pytest.param(changed(ONE_RETURN, (4, 7, " ")), "line 4, columns 7 to 21: digits", id="a short trace"),
        pytest.param(changed(ONE_RETURN, (4, 22, "031301")), "line 4, columns 22 to 27: a day", id="no day of death"),
        pytest.param(changed(ONE_RETURN, (4, 22, "03 101")), "line 4, columns 22 to 27: a day", id="half a day"),
        pytest.param(changed(ONE_RETURN, (4, 28, "0110 001")), "line 4, columns 28 to 35: digits", id="no bank"),
        pytest.param(changed(ONE_RETURN, (4, 2, "97")), "line 4, columns 2 to 3: only addenda", id="other addenda"),
        pytest.param(
            changed(ONE_RETURN, (1, 24, "031301")), "line 1, columns 24 to 29: a day", id="no day of the file"
        ),
        pytest.param(changed(ONE_RETURN, (3, 79, "0")), "line 3, column 79: the entry says otherwise", id="indicator"),
        pytest.param(changed(ONE_RETURN, (3, 2, "27")), "line 3, columns 2 to 3: the code of a return", id="new entry"),
        pytest.param(changed(ONE_CHANGE, (4, 4, "CXX")), "line 4, columns 4 to 6: a change code", id="no change code"),
        pytest.param(
            changed(ONE_CHANGE, (3, 39, "1"), (5, 32, "1"), (6, 43, "1")),
            "line 3, columns 30 to 39: a notification of change moves no money",
            id="a notification of dollars",
        ),
    ],
)
def test_what_is_not_in_order_is_refused_by_line_and_columns(content: bytes, said: str) -> None:
    assert any(said in fault for fault in faults_of(content)), faults_of(content)


@pytest.mark.parametrize(
    ("sums", "said"),
    [
        pytest.param({"records": 3}, "line 6, columns 14 to 21: 3 is said, but the entries make 2", id="count"),
        pytest.param({"hash": 1}, "line 6, columns 22 to 31: 1 is said, but the entries make 9100001", id="hash"),
        pytest.param({"debit": 24_999}, "line 6, columns 32 to 43: 24999 is said", id="total"),
        pytest.param({"blocks": 2}, "line 6, columns 8 to 13: 2 blocks are said, but there are 1", id="blocks"),
    ],
)
def test_a_bank_that_adds_wrongly_is_not_believed(sums: Mapping[str, int], said: str) -> None:
    bank = PretendBank(BANK.sent, sums=sums)
    assert faults_of(bank.answers({FIRST: Returned("R01")}, MADE))[0].startswith(said)


def test_our_own_debits_are_no_returns() -> None:
    faults = faults_of(nacha_file(COMPANY, DEBITS, EFFECTIVE, CREATED, "A"))
    assert len(faults) == len(DEBITS)
    assert "this may be a file of new entries" in faults[0]


def test_two_addenda_for_one_entry_are_refused() -> None:
    lines = ONE_RETURN.decode("ascii").split("\n")
    twice = changed("\n".join([*lines[:4], lines[3], *lines[4:9], ""]).encode(), (6, 10, "3"), (7, 21, "3"))
    assert faults_of(twice)[0].startswith("line 3, column 79: one addenda record")


def test_answers_do_not_show_themselves() -> None:
    answers = came_back({FIRST: Returned("R16", information="SEE LETTER"), SECOND: Changed("C01", "987654321")})
    for answer in answers:
        assert "987654321" not in f"{answer!r} {answer}"
        assert "SEE LETTER" not in f"{answer!r} {answer}"
    assert isinstance(answers[1], NotificationOfChange)
    assert "987654321" not in f"{answers[1].correction!r}"


information = st.text("ABC 019.-/", max_size=44).map(str.strip)
returns = st.builds(
    Returned,
    reason=st.integers(1, 85).map("R{:02}".format),
    died_on=st.none(),
    information=information,
)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_every_answer_of_the_bank_is_understood(data: st.DataObject) -> None:
    debits = data.draw(debit_lists(COMPANY.bank_routing))
    bank = PretendBank(NachaFile(COMPANY, tuple(debits), EFFECTIVE, CREATED, "A"))
    picked = data.draw(st.lists(st.sampled_from(debits), unique_by=lambda debit: debit.trace))
    answers: dict[str, Answer] = {
        debit.trace: data.draw(st.one_of(returns, accounts.map(lambda text: Changed("C01", text)))) for debit in picked
    }
    read = came_back(answers, bank)
    assert [answer.trace for answer in read] == list(answers)
    for answer, debit in zip(read, picked, strict=True):
        expected = answers[debit.trace]
        assert answer.reference == debit.reference
        assert answer.original_bank == debit.routing[:8]
        if isinstance(answer, AchReturn):
            assert isinstance(expected, Returned)
            assert (answer.reason, answer.information) == (expected.reason, expected.information)
            assert answer.amount == debit.amount
        else:
            assert isinstance(expected, Changed)
            assert answer.correction == Correction(account=expected.corrected)


ALL = BANK.answers({FIRST: Returned("R01"), SECOND: Changed("C03", "091000019   55"), THIRD: Returned("R10")}, MADE)


@given(start=st.integers(0, len(ALL)), length=st.integers(0, 300), inserted=st.binary(max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_garbled_file_is_refused_or_still_adds_up(start: int, length: int, inserted: bytes) -> None:
    try:
        answers = read_returns(ALL[:start] + inserted + ALL[start + length :])
    except BadNachaFile:
        return
    assert sum(answer.amount.cents for answer in answers if isinstance(answer, AchReturn)) == 1_025_000


def test_a_file_beyond_all_measure_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.files.nacha_frame.LARGEST_BYTES", len(ALL) - 1)
    assert faults_of(ALL) == (
        f"line 1, columns 1 to 94: the file has more than {len(ALL) - 1} bytes; ask the bank what it is",
    )


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_rubbish_is_refused_and_nothing_worse_happens(content: bytes) -> None:
    assert all(fault.startswith("line ") for fault in faults_of(content))
