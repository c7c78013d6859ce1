"""dspp statements: a look at one, those of a month into the mail, and the report of who got theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from bot.cli import main
from bot.month import statements
from storage.outbox import OutboxState
from storage.store import Store
from tests.month.playing import Month, check, holder

NOVEMBER = ["--month", "2003-11"]


@pytest.fixture
def month(opened: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """A November in which the first of three holders bought, in the state directory that the commands open."""
    monkeypatch.setenv("DSPP_CLOCK", "2003-12-01T09:00:00-05:00")
    played = Month(opened, tmp_path)
    played.holders(holder(1), holder(2, email=""), holder(3))
    for number in (1, 2):
        played.buys(f"CST-3000{number}", "250")
    played.lockbox(check("CST-30001", "250"), check("CST-30002", "250"))
    played.lock()
    played.prices("1.12", "1.15", "1.09")
    played.to_approval()
    played.allot()
    played.lockbox(day="2003-11-28")
    return played


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command that succeeds prints as JSON."""
    capsys.readouterr()
    assert main(["statements", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is refused says."""
    capsys.readouterr()
    assert main(["statements", *words]) == 1
    return capsys.readouterr().err


def test_a_preview_shows_the_letter_and_writes_the_paper_and_sends_nothing(
    month: Month, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "to-print.pdf"
    assert main(["statements", "preview", "CST-30002", *NOVEMBER, "--pdf", str(paper)]) == 0
    text = capsys.readouterr().out
    assert "230.1178" in text
    assert "****0002" in text
    assert "CST-30002" not in text
    assert "330.1178" in "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert month.letters(kind="month/statement") == []


def test_a_preview_of_a_year_is_its_summary(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements", "preview", "CST-30001", "--year", "2003"]) == 0
    assert "YOUR YEAR 2003" in capsys.readouterr().out


def test_sending_says_n_of_n_and_who_gets_paper_and_a_second_time_sends_nothing(
    month: Month, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "send", *NOVEMBER, "--dry-run")["waiting"] == 1
    assert month.letters(kind="month/statement") == []
    first = said(capsys, "send", *NOVEMBER)
    assert (first["due"], first["queued"], first["by_post"], first["is_done"]) == (2, 1, ["CST-30002"], True)
    assert said(capsys, "send", *NOVEMBER) == first
    assert len(month.letters(kind="month/statement")) == 1
    assert main(["statements", "report", *NOVEMBER]) == 0
    told = capsys.readouterr().out
    assert "2003-11: 1 of 2 queued or sent" in told
    assert "on paper: 1 (CST-30002)" in told


def test_progress_is_shown_beside_the_report(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements", "send", *NOVEMBER]) == 0
    assert "2 of 2" in capsys.readouterr().err


def test_without_room_the_rest_waits_for_another_run(
    month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(statements, "ROOM", 0)
    assert main(["statements", "send", *NOVEMBER]) == 0
    assert "run it again once there is room" in capsys.readouterr().out
    assert month.letters(kind="month/statement") == []


def test_whoever_elects_statements_gets_one_of_a_quiet_month(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statements", "elect", "CST-30003", "--by", "Olive Dunn"]) == 0
    assert said(capsys, "send", *NOVEMBER)["due"] == 3
    assert main(["statements", "elect", "CST-30003", "--off", "--by", "Olive Dunn"]) == 0
    assert said(capsys, "report", *NOVEMBER)["due"] == 2
    assert [letter.recipient for letter in month.letters("holder3@", "month/statement")] == ["holder3@example.com"]


def test_a_letter_that_came_back_is_told_and_goes_on_paper(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "send", *NOVEMBER)
    (letter,) = month.letters(kind="month/statement")
    with month.store.transaction() as tx:
        tx.connection.exec_driver_sql(
            f"UPDATE outbox SET state = '{OutboxState.RETURNED.value}' WHERE id = '{letter.id}'"  # noqa: S608  # our own id
        )
    report = said(capsys, "report", *NOVEMBER)
    assert (report["came_back"], report["by_post"]) == (1, ["CST-30001", "CST-30002"])


def test_a_year_s_summaries_wait_for_its_end(
    month: Month, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "2003 is not over" in refused(capsys, "year", "2003")
    month.lockbox(day="2003-12-31")
    monkeypatch.setenv("DSPP_CLOCK", "2004-01-05T09:00:00-05:00")
    assert said(capsys, "year", "2003")["queued"] == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("preview", "CST-99999", *NOVEMBER), "there is no account CST-99999", id="no such account"),
        pytest.param(("preview", "CST-30001", "--month", "11/2003"), "names no month", id="no month"),
        pytest.param(("year", "03"), "names no year", id="no year"),
        pytest.param(("send", "--month", "2003-12"), "2003-12 is not over", id="a month that goes on"),
        pytest.param(("elect", "CST-99999", "--by", "Olive"), "there is no account CST-99999", id="nobody elects"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    month: Month, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, *words)
    assert why in told
    assert told.count("\n") == 1


def test_no_paper_is_made_of_figures_that_disagree(month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    with month.store.transaction() as tx:
        changed = tx.connection.exec_driver_sql("UPDATE allotments SET shares = shares + 1 WHERE invested = 25000")
    assert changed.rowcount == 2
    assert "no paper can be made: entry allot:" in refused(capsys, "preview", "CST-30001", *NOVEMBER)
    assert said(capsys, "send", *NOVEMBER)["disagreeing"] == ["CST-30001", "CST-30002"]
