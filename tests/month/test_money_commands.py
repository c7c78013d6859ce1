"""Debits, returns, decisions and refunds as they are typed: what each command prints, and with which status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from handlers.plan.money import Money
from storage.store import Store, open_engine
from tests.files.pretend_bank import Returned
from tests.month.banking import BankMonth
from tests.month.playing import KEYS, NOVEMBER, check, holder

FIRST, SECOND = "CST-30001", "CST-30002"
Command = Callable[..., tuple[int, str, str]]
BANK = {
    "ACH_BANK_ROUTING": "091000019",
    "ACH_BANK_NAME": "EXAMPLE NATIONAL BANK",
    "ACH_ORIGIN": "1999999999",
    "ACH_COMPANY_NAME": "EXAMPLE MOTORS",
    "ACH_COMPANY_ID": "1999999999",
}


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BankMonth:
    folder = tmp_path / "state"
    monkeypatch.setenv("DSPP_STATE_DIR", str(folder))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    for key, value in BANK.items():
        monkeypatch.setenv(f"DSPP_{key}", value)
    folder.mkdir()
    secret = folder / "secret.key"
    secret.write_text(KEYS.root.hex() + "\n", encoding="ascii")
    secret.chmod(0o600)
    assert main(["migrate"]) == 0
    played = BankMonth(Store(open_engine(f"sqlite:///{folder / 'dspp.sqlite3'}")), folder)
    played.holders(*(holder(number) for number in range(1, 4)))
    return played


@pytest.fixture
def dspp(month: BankMonth, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Types a command at an instant: its status, what it printed, and what it complained of."""
    capsys.readouterr()

    def run(when: str, *words: object) -> tuple[int, str, str]:
        monkeypatch.setenv("DSPP_CLOCK", f"{when}-05:00")
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_from_the_signed_form_to_the_file_and_back(month: BankMonth, dspp: Command) -> None:
    month.asks_for_deduction(FIRST, "300")
    month.deducts(SECOND, "400")
    authorise = ("deductions", "authorise", FIRST, "--by", "Olive Example", "--form", "box 4")
    assert dspp("2003-11-05T09:00:00", *authorise)[1] == "account: ****0001\namount: 300.00\nstatus: PRENOTE\n"
    status, listed, _ = dspp("2003-11-06T09:00:00", "deductions", "list")
    assert (status, listed) == (0, f"{FIRST}  NOT_TESTED_YET\n{SECOND}  400.00\n")
    _, dry, _ = dspp("2003-11-06T09:00:00", "cycle", "debits", NOVEMBER, "--dry-run")
    assert "1 debits over $400.00 and 1 prenotes, to settle on 2003-11-07" in dry
    assert not month.office.folder.exists()
    _, told, _ = dspp("2003-11-06T09:00:00", "cycle", "debits", NOVEMBER)
    assert "in ach_debits-000001.ach" in told
    file = month.file("ach_debits-000001.ach")
    assert (file.total, file.originator.origin_name) == (Money.of("400"), "EXAMPLE MOTORS")
    trace = next(debit.trace for debit in file.debits if not debit.is_prenote)
    answers = month.returns_of("ach_debits-000001.ach", {trace: Returned("R02")})
    path = month.folder / "from-the-bank.ach"
    path.write_bytes(answers)
    status, loaded, _ = dspp("2003-11-10T18:00:00", "payments", "import", path, "--json")
    assert status == 0
    assert json.loads(loaded)["taken back"] == "1"
    status, _, complaint = dspp("2003-11-10T18:05:00", "payments", "import", path)
    assert (status, "was loaded before" in complaint) == (1, True)
    assert month.books_agree()


def test_a_check_is_decided_on_and_its_refund_sent(month: BankMonth, dspp: Command) -> None:
    month.lockbox(check(FIRST, "500", payer="Somebody Else"))
    now = "2003-11-12T21:00:00"
    payment = dspp(now, "payments", "waiting")[1].split()[0]
    status, _, complaint = dspp(
        now, "payments", "decide", payment, "--by", "Olive", "--reason", "x", "--account", "A-1"
    )
    assert (status, "A-1" in complaint) == (1, True)
    decide = ("payments", "decide", payment, "--refund", "--by", "Olive", "--reason", "drawn by a stranger")
    assert "nothing was done" in dspp(now, *decide, "--dry-run")[1]
    assert f"payment: {payment}\nstate: REFUND_PENDING" in dspp(now, *decide)[1]
    assert "file" not in dspp("2003-11-17T15:00:00", "refunds", "send")[1]
    sent = dspp("2003-11-18T15:00:00", "refunds", "send", "--by", "Olive")[1]
    assert "file: refund_checks-000001.csv\nrefunds: 1\ndollars: 500.00" in sent
    assert month.books_agree()


@pytest.mark.parametrize("what", [(), ("--release", "--refund")])
def test_a_decision_is_one_of_three(dspp: Command, what: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        dspp("2003-11-12T21:00:00", "payments", "decide", "pay-X", "--by", "Olive", "--reason", "x", *what)


def test_reminders_leave_a_week_before_the_cut_off(month: BankMonth, dspp: Command) -> None:
    month.buys(FIRST, "250", day="2003-11-05")
    status, told, _ = dspp("2003-11-05T17:00:00", "cycle", "remind", NOVEMBER)
    assert (status, told) == (0, "cycle 2003-11: 0 debits advised, 1 orders reminded of their checks\n")
    status, _, complaint = dspp("2003-11-05T16:00:00", "cycle", "remind", NOVEMBER)
    assert (status, "leave from 2003-11-05 17:00" in complaint) == (1, True)
