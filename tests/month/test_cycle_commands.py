"""The month as an IR officer types it: what each command prints, as text and as JSON, and with which status."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.files.from_transfer_agent import FILLS, ISSUANCE_ACKNOWLEDGEMENT, FillRow, IssuanceAcknowledgementRow
from bot.files.layout import write_rows
from handlers.plan.money import Money, Price, Shares
from storage.store import Store, open_engine
from tests.month.playing import NOVEMBER, Month, check, holder

EVENING = "2003-11-12T21:00:00-05:00"
PRICED = "2003-11-17T21:00:00-05:00"
NEXT_DAY = "2003-11-18T09:00:00-05:00"
MORNING = "2003-11-19T09:00:00-05:00"
SETTLED = "2003-11-24T09:00:00-05:00"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("DSPP_STATE_DIR", str(folder))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    return folder


@pytest.fixture
def month(state: Path) -> Month:
    """Three buyers, one of whom pays too much and one nothing, and a seller; the evening of the cut-off."""
    played = Month(Store(open_engine(f"sqlite:///{state / 'dspp.sqlite3'}")), state)
    played.holders(*(holder(number) for number in range(1, 6)))
    for number, dollars in ((1, "10000"), (2, "250"), (3, "400")):
        played.buys(f"CST-3000{number}", dollars)
    played.sells("CST-30004", "40")
    played.lockbox(check("CST-30001", "12345.67"), check("CST-30002", "250"))
    return played


@pytest.fixture
def dspp(month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Types a command at an instant: its status, what it printed, and what it complained of."""
    capsys.readouterr()

    def run(when: str, *words: object) -> tuple[int, str, str]:
        monkeypatch.setenv("DSPP_CLOCK", when)
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def done(result: tuple[int, str, str]) -> str:
    """What a command printed that went well."""
    status, out, complaints = result
    assert (status, complaints) == (0, "")
    return out


def to_approval(month: Month, dspp: Command) -> None:
    done(dspp(EVENING, "cycle", "lock", NOVEMBER))
    month.prices("1.58", "1.61", "1.66")
    done(dspp(PRICED, "cycle", "price", NOVEMBER))
    done(dspp(PRICED, "cycle", "trial", NOVEMBER))
    done(dspp(PRICED, "cycle", "approve", NOVEMBER, "--by", "Olive Example"))
    done(dspp(NEXT_DAY, "cycle", "approve", NOVEMBER, "--by", "Peter Example"))


def test_the_lock_tells_in_columns_what_it_took_and_why_not_all(dspp: Command) -> None:
    assert done(dspp(EVENING, "cycle", "lock", NOVEMBER, "--by", "Olive Example")) == (
        "cycle 2003-11 is locked\n"
        "  orders                    3\n"
        "  accepted         $10,250.00\n"
        "  to be returned    $2,345.67\n"
        "  sale orders               1\n"
        "  shares for sale     40.0000\n"
        "  1 taken in full\n"
        "  1 not paid, so they expire\n"
        "  1 over the month's maximum, so some or all goes back\n"
    )


def test_the_lock_as_json_has_amounts_as_texts_and_counts_as_numbers(dspp: Command) -> None:
    found = json.loads(done(dspp(EVENING, "cycle", "lock", NOVEMBER, "--json")))
    assert found == {
        "cycle": "2003-11",
        "orders": 3,
        "accepted": "10250.00",
        "returned": "2345.67",
        "reasons": {"IN_FULL": 1, "NOT_PAID": 1, "OVER_MAXIMUM": 1},
        "sales": 1,
        "shares_for_sale": "40.0000",
        "sales_not_covered": 0,
    }


def test_a_dry_run_says_first_that_nothing_was_done(dspp: Command) -> None:
    out = done(dspp(EVENING, "cycle", "lock", NOVEMBER, "--dry-run"))
    assert out.startswith("nothing was done; this would be:\ncycle 2003-11 is locked\n")
    assert "2003-11  OPEN  purchase date 2003-11-19\n" in done(dspp(EVENING, "cycle", "status", NOVEMBER))


@pytest.mark.parametrize(
    ("when", "words", "complaint"),
    [
        pytest.param("2003-11-12T16:50:00-05:00", ("lock", NOVEMBER), "the cut-off of 2003-11 is not past",
                     id="too early"),
        pytest.param(EVENING, ("lock", "November"), "names no month; write it as 2003-11", id="no month"),
        pytest.param(EVENING, ("lock", "2003-1"), "names no cycle; write it as 2003-01", id="a month written short"),
        pytest.param(EVENING, ("price", NOVEMBER), "is OPEN; what can be done now is: lock", id="out of order"),
        pytest.param(EVENING, ("allot", NOVEMBER), "is OPEN; what can be done now is: lock", id="far out of order"),
        pytest.param(EVENING, ("instruct", NOVEMBER), "is not allotted, so there is nothing to issue", id="no issue"),
        pytest.param(EVENING, ("proceeds", NOVEMBER), "are not allocated, so nothing is to be paid", id="no proceeds"),
        pytest.param(EVENING, ("sales", NOVEMBER), "has no locked sales", id="no sales"),
        pytest.param(EVENING, ("report", "2003-12"), "there is no cycle 2003-12; the coming one is 2003-12",
                     id="no such cycle"),
        pytest.param(EVENING, ("report", NOVEMBER), "there is no cycle 2003-11", id="nothing to report"),
        pytest.param(EVENING, ("undo", NOVEMBER, "--by", "Olive", "--reason", "a slip"), "it is not begun",
                     id="nothing to undo"),
        pytest.param(EVENING, ("approve", NOVEMBER, "--by", " "), "an approval is a person’s", id="nobody approves"),
    ],
)  # fmt: skip
def test_what_may_not_be_done_is_told_in_one_sentence_with_status_1(
    when: str, words: tuple[str, ...], complaint: str, dspp: Command
) -> None:
    status, out, told = dspp(when, "cycle", *words)
    assert (status, out) == (1, "")
    assert told.startswith("dspp: ")
    assert complaint in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("words", [("approve", NOVEMBER), ("undo", NOVEMBER, "--by", "Olive"), ("lock",), ("fly",)])
def test_wrong_usage_has_status_2(words: tuple[str, ...], dspp: Command) -> None:
    with pytest.raises(SystemExit) as ended:
        dspp(EVENING, "cycle", *words)
    assert ended.value.code == 2


def test_the_status_says_what_comes_next_and_what_it_waits_for(month: Month, dspp: Command) -> None:
    lines = done(dspp("2003-11-06T10:00:00-05:00", "cycle", "status")).splitlines()
    assert lines[0] == "2003-11  OPEN  purchase date 2003-11-19"
    assert "    lock: waits for its time, Wednesday, November 12, 2003, 5:00 p.m. Eastern time" in lines
    done(dspp(EVENING, "cycle", "lock", NOVEMBER))
    months = json.loads(done(dspp(EVENING, "cycle", "status", "--json")))
    assert [(row["cycle"], row["state"]) for row in months] == [("2003-11", "LOCKED"), ("2003-12", "OPEN")]
    assert months[0]["next"][0] == {"step": "price", "waits_for": "closes, by file or entered by two people",
                                    "at": "2003-11-18 00:00:00-05:00"}  # fmt: skip


def test_the_trial_can_be_read_by_an_officer(month: Month, dspp: Command) -> None:
    to_approval(month, dspp)
    out = done(dspp(PRICED, "cycle", "report", NOVEMBER))
    assert out.startswith(
        "trial of cycle 2003-11\n"
        "  price a share                        $1.5682\n"
        "  orders                                     2\n"
        "  accepted                          $10,250.00\n"
        "  invested                          $10,250.00\n"
        "  refunded                               $0.00\n"
        "  shares                            6,536.1560\n"
        "  shares left under the limit  10,000,000.0000\n"
        "  approved by Olive Example and Peter Example (2 of 2)\n"
        "  digest "
    )
    assert out.splitlines()[-1].removeprefix("  digest ").isalnum()


def test_every_order_of_the_trial_can_be_listed(month: Month, dspp: Command) -> None:
    to_approval(month, dspp)
    rows = json.loads(done(dspp(PRICED, "cycle", "report", NOVEMBER, "--orders", "--json")))
    by_account = {row["account"]: row for row in rows}
    assert {account: (row["accepted"], row["back"], row["shares"]) for account, row in by_account.items()} == {
        "CST-30001": ("10000.00", "2345.67", "6376.7376"),
        "CST-30002": ("250.00", "0.00", "159.4184"),
        "CST-30003": ("0.00", "0.00", "0.0000"),
    }
    lines = done(dspp(PRICED, "cycle", "report", NOVEMBER, "--orders")).splitlines()
    assert len(lines) == 3
    assert any("CST-30001" in line and "$10,000.00 accepted" in line and "6,376.7376 shares" in line for line in lines)


def test_one_person_cannot_approve_twice(month: Month, dspp: Command) -> None:
    done(dspp(EVENING, "cycle", "lock", NOVEMBER))
    month.prices("1.58", "1.61", "1.66")
    assert done(dspp(PRICED, "cycle", "price", NOVEMBER)) == "price $1.5682 a share\n"
    done(dspp(PRICED, "cycle", "trial", NOVEMBER))
    first = done(dspp(PRICED, "cycle", "approve", NOVEMBER, "--by", "Olive Example"))
    assert first == "approved by Olive Example (1 of 2)\n"
    status, _, told = dspp(PRICED, "cycle", "approve", NOVEMBER, "--by", "olive  example")
    assert (status, "another person has to" in told) == (1, True)
    found = json.loads(done(dspp(NEXT_DAY, "cycle", "approve", NOVEMBER, "--by", "Peter Example", "--json")))
    assert found == {"approvers": ["Olive Example", "Peter Example"], "needed": 2}


def test_an_undo_says_where_the_cycle_stands_again(month: Month, dspp: Command) -> None:
    to_approval(month, dspp)
    undo = ("cycle", "undo", NOVEMBER, "--by", "Olive Example", "--reason", "to look again")
    dry = done(dspp(PRICED, *undo, "--dry-run"))
    assert dry == "nothing was done; this would be:\ncycle 2003-11 is TRIAL_RUN again\n"
    assert done(dspp(PRICED, *undo)) == "cycle 2003-11 is TRIAL_RUN again\n"
    voided = done(dspp(PRICED, "cycle", "void", NOVEMBER))
    assert voided == "approvals of cycle 2003-11 are void; run the trial again\n"


def test_a_month_is_played_to_its_end_by_commands(month: Month, dspp: Command, tmp_path: Path) -> None:
    to_approval(month, dspp)
    assert done(dspp(MORNING, "cycle", "allot", NOVEMBER)) == (
        "cycle 2003-11 is allotted\n"
        "  orders             2\n"
        "  shares    6,536.1560\n"
        "  invested  $10,250.00\n"
        "  refunded       $0.00\n"
    )
    would = done(dspp(MORNING, "cycle", "sales", NOVEMBER, "--dry-run"))
    assert would == "nothing was done; this would be:\nsale_batch-000001.csv\n  rows          1\n  shares  40.0000\n"
    assert not (month.folder / "files").exists()
    assert done(dspp(MORNING, "cycle", "sales", NOVEMBER)).startswith("sale_batch-000001.csv\n")
    files = done(dspp(MORNING, "cycle", "instruct", NOVEMBER))
    assert "issuance_instruction-000001.csv" in files
    assert "purchase_summary-000001.csv" in files
    assert "6,536.1560 shares are issued, reference TA-1" in done(
        dspp(MORNING, "cycle", "acknowledge", acknowledgement(tmp_path))
    )
    confirmed = done(dspp(MORNING, "cycle", "confirm", NOVEMBER))
    assert "  due               2\n  waiting to leave  2\n" in confirmed
    assert done(dspp(MORNING, "cycle", "report", NOVEMBER)) == confirmed
    assert "40.0000\n" in done(dspp(MORNING, "cycle", "fills", fills(tmp_path)))
    paid = json.loads(done(dspp(SETTLED, "cycle", "proceeds", NOVEMBER, "--json")))
    assert (paid["kind"], paid["rows"], paid["totals"]["net"]) == ("proceeds", 1, "62.40")
    assert NOVEMBER not in done(dspp(SETTLED, "cycle", "status"))
    assert "nothing is to be done" in done(dspp(SETTLED, "cycle", "status", NOVEMBER))
    assert dspp(SETTLED, "ledger", "check")[0] == 0


def acknowledgement(folder: Path) -> Path:
    shares = Shares.of("6536.1560")
    row = IssuanceAcknowledgementRow(NOVEMBER, date(2003, 11, 19), shares, shares, "TA-1")
    path = folder / "acknowledgement.csv"
    write_rows(path, ISSUANCE_ACKNOWLEDGEMENT, 1, row.purchase_date, [row])
    return path


def fills(folder: Path) -> Path:
    path, day = folder / "fills.csv", date(2003, 11, 19)
    row = FillRow("B-2003-11", "F1", day, Shares.of("40"), Price(Money.of("1.60").dollars), Money.of("1.60"))
    write_rows(path, FILLS, 1, day, [row])
    return path


def test_a_close_of_two_people_by_commands(dspp: Command) -> None:
    def enter(close: str, by: str, *more: str) -> tuple[int, str, str]:
        when = NEXT_DAY if by == "Peter" else PRICED
        return dspp(when, "prices", "enter", "2003-11-17", close, "--source", "a newspaper", "--by", by, *more)

    assert done(enter("1.12", "Olive")) == (
        "2003-11-17  1.1200  does not stand yet; a second person must enter the same\n"
    )
    second: dict[str, Any] = json.loads(done(enter("1.12", "Peter", "--json")))
    assert (second["stands"], second["close"]) == (True, "1.1200")
    for close, complaint in (("1,12", "write digits and at most a point"), ("0", "is no price")):
        status, _, told = enter(close, "Olive")
        assert (status, complaint in told) == (1, True)
