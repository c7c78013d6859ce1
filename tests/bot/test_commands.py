"""What the command line says of files that are not there, of a model that is not trained, and of holds to release."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import bot.commands.serving
from bot.cli import main
from handlers.contract import ReportDeath
from handlers.plan.accounts import Hold
from storage.store import Store, open_engine
from storage.tables import reported_holds

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
IRIS = "iris.novak@example.com"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A state directory with the samples in it."""
    folder = tmp_path / "state"
    monkeypatch.setenv("DSPP_STATE_DIR", str(folder))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    assert main(["samples"]) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def store(state: Path) -> Store:
    return Store(open_engine(f"sqlite:///{state / 'dspp.sqlite3'}"))


FILE_COMMANDS = [
    pytest.param(["holders", "import", "{file}"], id="holders import"),
    pytest.param(["states", "import", "{file}"], id="states import"),
    pytest.param(["classify", "{file}"], id="classify"),
    pytest.param(["evaluate", "{file}"], id="evaluate"),
    pytest.param(["reviews", "answer", "r1", "--by", "J. Doe", "--file", "{file}"], id="reviews answer"),
    pytest.param(["--config", "{file}", "migrate"], id="settings"),
]


@pytest.mark.parametrize("command", FILE_COMMANDS)
def test_a_file_that_is_not_there_is_told_in_one_sentence(
    command: list[str], state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nowhere.csv"
    monkeypatch.setattr("bot.commands.language.Reader.load", lambda _path: None)
    assert main([word.format(file=missing) for word in command]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"dspp: {missing}: no such file; ")
    assert told.err.count("\n") == 1
    assert "Errno" not in told.err


def test_a_folder_for_a_file_is_told_as_such(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["holders", "import", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"dspp: {tmp_path}: is a folder; name a file in it\n"


def test_without_a_trained_model_nothing_is_started_and_the_remedy_is_told(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bot.commands.serving, "serve", lambda *_, **__: pytest.fail("something was started"))
    assert main(["serve"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [f"dspp: there is no language model at {state / 'model'}; run: dspp train"]


def test_only_known_roles_are_run(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[frozenset[str]] = []

    async def serve(_service: object, roles: frozenset[str], **_: object) -> None:
        started.append(roles)

    monkeypatch.setattr(bot.commands.serving, "serve", serve)
    assert main(["serve", "--roles", "deliver,schedule"]) == 0
    assert main(["serve", "--roles", "deliver,scheduler"]) == 2
    assert "known are smtp, web, work, deliver, schedule" in capsys.readouterr().err
    assert started == [frozenset({"deliver", "schedule"})]


def test_staff_see_and_release_what_a_message_froze(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with store.transaction() as tx:
        tx.effects.apply((ReportDeath(IRIS),), cause="answer:m1", now=NOW, today=date(2003, 11, 5))
    assert main(["holders", "held", "--json"]) == 0
    held = json.loads(capsys.readouterr().out)
    assert [(one["account_number"], one["hold"], one["cause"]) for one in held] == [
        ("CST-10009", "DEATH_REPORTED", "answer:m1:1"),
        ("CST-10010", "DEATH_REPORTED", "answer:m1:1"),
    ]
    assert main(["holders", "release", "CST-10009", "--by", "J. Doe", "--reason", "called her"]) == 0
    assert "stays frozen until these are released too: CST-10010" in capsys.readouterr().out
    with store.reading() as tx:
        iris = tx.registrations.by_account_number("CST-10009")
        row = tx.connection.execute(select(reported_holds).where(reported_holds.c.released_at.is_not(None))).one()
    assert iris is not None
    assert Hold.DEATH_REPORTED not in iris.holds
    assert (row.released_by, row.reason) == ("J. Doe", "called her")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        pytest.param(["classify"], ('"body"', '"id"', '"channel"', '"subject"', "Example: {"), id="what it reads"),
        pytest.param(["reviews"], ("the letter sent meanwhile",), id="what a review shows"),
    ],
)
def test_help_says_what_goes_in_and_what_comes_out(
    command: list[str], says: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert [phrase for phrase in says if phrase not in text] == []


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        pytest.param(["CST-10009", "--by", "J. Doe", "--reason", "x"], 1, "no reported hold stands", id="none stands"),
        pytest.param(
            ["CST-99999", "--by", "J. Doe", "--reason", "x"], 1, "no reported hold stands", id="no such account"
        ),
        pytest.param(
            ["CST-10011", "--by", "J. Doe", "--reason", "x"], 1, "no reported hold stands", id="the agent's hold"
        ),
        pytest.param(["CST-10009", "--by", " ", "--reason", "x"], 2, "must say something", id="by nobody"),
        pytest.param(["CST-10009", "--by", "J. Doe", "--reason", ""], 2, "must say something", id="for no reason"),
    ],
)
def test_what_cannot_be_released_is_told(
    words: list[str], status: int, says: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["holders", "release", *words]) == status
    assert says in capsys.readouterr().err
