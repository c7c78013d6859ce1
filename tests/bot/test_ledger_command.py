"""dspp ledger: the books are shown, held against what happened, and written as a file that another program reads."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli import main
from bot.holders_import import registration_id
from bot.ledger_export import account_name
from storage.ledger import SHARE, plan_account
from storage.store import Store, open_engine
from tests.month.playing import Month, check, holder

OPENED = re.compile(r"1970-01-01 open (Assets(?::[A-Z0-9][A-Za-z0-9-]*)+)")
HEAD = re.compile(r'\d{4}-\d{2}-\d{2} \* "([^"]+)" \^([A-Za-z0-9-]+)')
POSTING = re.compile(r"  (Assets(?::[A-Z0-9][A-Za-z0-9-]*)+)  (-?\d+\.\d+) ([A-Z]+)")


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Month:
    """November up to the allotment, in the state directory that the commands use."""
    state = tmp_path / "state"
    monkeypatch.setenv("DSPP_STATE_DIR", str(state))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    played = Month(Store(open_engine(f"sqlite:///{state / 'dspp.sqlite3'}")), state)
    played.holders(*(holder(number) for number in range(1, 4)))
    played.lockbox(check("CST-30001", "12345.67"), check("CST-30002", "250"), check("CST-30003", "100.01"))
    played.lock()
    played.prices("1.12", "1.15", "1.09")
    played.to_approval()
    played.allot()
    capsys.readouterr()
    return played


def test_books_that_agree_have_status_0(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert "ok     received by check, less returned: $12,695.68" in lines
    assert "ok     issued: 9,434.8306 shares" in lines


def test_books_that_disagree_have_status_1_and_say_both_figures(
    month: Month, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(month.folder / "dspp.sqlite3") as raw:
        raw.execute("UPDATE allotments SET invested = invested + 1 WHERE invested = 25000")
    assert main(["ledger", "check"]) == 1
    wrong = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("ok ")]
    assert "WRONG  invested: $10,250.01 by the record of what happened, $10,250.00 by the ledger" in wrong
    assert main(["ledger", "check", "--json"]) == 1
    totals = json.loads(capsys.readouterr().out)
    assert {"invested", "2003-11: accepted = invested + refunded"} <= {
        one["name"] for one in totals if not one["holds"]
    }


def test_balances_are_told_by_account(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "balances", "company"]) == 0
    assert capsys.readouterr().out == "          $10,250.00  company\n"
    assert main(["ledger", "balances", "no such"]) == 0
    assert capsys.readouterr().out == "none\n"
    assert main(["ledger", "balances", "plan:", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"account": plan_account(registration_id("CST-30002")), "unit": SHARE, "quantity": "330.1178 shares"} in rows


def test_an_account_is_shown_posting_by_posting(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "show", f"refunds:{registration_id('CST-30001')}"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "$2,345.67" in line
    assert line.endswith("purchase of cycle 2003-11")


def test_the_file_for_another_program_has_the_same_balances(month: Month, tmp_path: Path) -> None:
    target = tmp_path / "books.beancount"
    assert main(["ledger", "export", str(target)]) == 0
    opened, balances, entries = set(), defaultdict[tuple[str, str], Decimal](Decimal), 0
    sums: dict[str, Decimal] = {}
    for line in filter(None, target.read_text(encoding="utf-8").splitlines()):
        if found := OPENED.fullmatch(line):
            assert found[1] not in opened
            opened.add(found[1])
        elif HEAD.fullmatch(line):
            assert not any(sums.values())
            sums, entries = defaultdict(Decimal), entries + 1
        else:
            posting = POSTING.fullmatch(line)
            assert posting, line
            account, quantity, unit = posting.groups()
            assert account in opened
            sums[unit] += Decimal(quantity)
            balances[account, unit] += Decimal(quantity)
    assert not any(sums.values())
    with month.store.reading() as tx:
        ours = tx.ledger.balances()
        assert entries == sum(1 for _ in tx.ledger.entries())
    places = {SHARE: (4, "ASTM"), "USD": (2, "USD")}
    assert dict(balances) == {
        (account_name(account), places[unit][1]): Decimal(units).scaleb(-places[unit][0])
        for (account, unit), units in ours.items()
    }
    assert len({account_name(account) for account, _ in ours}) == len({account for account, _ in ours})


def test_an_export_is_whole_and_overwrites_nothing(
    month: Month, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "books.beancount"
    target.write_text("mine")
    assert main(["ledger", "export", str(target)]) == 1
    assert capsys.readouterr().err.startswith(f"dspp: {target}: a file of that name stands there already; ")
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    target.unlink()
    assert main(["ledger", "export", str(target)]) == 0
    assert target.stat().st_mode & 0o077 == 0
