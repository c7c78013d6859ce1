"""Killed at any commit, the service loses nothing and does nothing twice.

A buy and the code that confirms it go through a real process that is killed
(SIGKILL) just before or just after one of its commits. The sender does what
mail systems do: what was not accepted is sent again. After a restart each
message has one outcome and one reply, and the order stands once.
"""

from __future__ import annotations

import shutil
import sqlite3
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.codes import candidates
from tests.service_process import ANSWER_SECONDS, ServiceProcess

pytestmark = pytest.mark.slow

COMMITS = 10
"""Of a buy and its confirmation: each is accepted, claimed, answered; its letter leased and settled."""


def _mail(message_id: str, to: str, body: str, answering: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Ana Perez <ana.perez@example.com>"
    mail["To"] = to
    mail["Message-ID"] = message_id
    mail["Subject"] = "my order"
    mail["Date"] = "Mon, 02 Feb 2004 09:00:00 -0500"
    if answering:
        mail["In-Reply-To"] = answering
    mail.set_content(body)
    return mail


def _one_answer(service: ServiceProcess, mail: EmailMessage) -> EmailMessage:
    """Send until accepted, restarting the service when it is dead, and wait for the one answer."""

    def accepted() -> bool:
        if service.has_ended():
            service.start()
        return service.send(mail)

    service.wait_until(accepted, ANSWER_SECONDS, "the message to be accepted")
    message_id = str(mail["Message-ID"])

    def answered() -> bool:
        if service.has_ended():
            service.start()
        return bool(service.answers_to(message_id))

    service.wait_until(answered, ANSWER_SECONDS, f"an answer to {message_id}")
    return service.answers_to(message_id)[0]


def _code(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    ((_written, code),) = candidates(str(body.get_content()))
    return code


def _play(service: ServiceProcess, *, is_killed: bool) -> None:
    """A buy and its confirmation, then time for everything to settle."""
    ask = _mail("<ask@crash.example>", "dspp@aastrom.com", "Please invest $500 by check.")
    read_back = _one_answer(service, ask)
    confirm = _mail("<yes@crash.example>", str(read_back["Reply-To"]), _code(read_back), str(read_back["Message-ID"]))
    _one_answer(service, confirm)
    if is_killed and service.starts == 1:
        service.wait_until(service.has_ended, ANSWER_SECONDS, "the service to be killed")
    if service.has_ended():
        service.start()
    service.wait_until(lambda: _is_settled(service), ANSWER_SECONDS, "everything to settle")


def _query(service: ServiceProcess, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{service.folder / 'dspp.sqlite3'}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def _is_settled(service: ServiceProcess) -> bool:
    waiting = _query(service, "SELECT count(*) FROM messages WHERE state = 'RECEIVED'")
    unsent = _query(service, "SELECT count(*) FROM outbox WHERE state != 'SENT'")
    return waiting == [(0,)] and unsent == [(0,)]


CLOCK = {"DSPP_CLOCK": "2004-02-02T09:00:00-05:00"}


@pytest.fixture(scope="module")
def state_to_start_from(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A state directory with the sample holders, made once."""
    folder = tmp_path_factory.mktemp("prepared")
    service = ServiceProcess(folder, model, CLOCK)
    service.command("migrate")
    service.command("samples")
    return folder


@pytest.fixture
def prepared(tmp_path: Path, model: Path, state_to_start_from: Path) -> ServiceProcess:
    shutil.copytree(state_to_start_from, tmp_path / "state")
    return ServiceProcess(tmp_path / "state", model, CLOCK)


def test_the_commits_of_a_purchase_are_those_we_kill_at(prepared: ServiceProcess) -> None:
    prepared.start("tests.crash_serve", "after", "0")
    try:
        _play(prepared, is_killed=False)
    finally:
        prepared.stop()
    assert (prepared.folder / "commits.txt").read_text() == str(COMMITS)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, COMMITS + 1))
def test_killed_at_a_commit_nothing_is_lost_or_doubled(prepared: ServiceProcess, moment: str, number: int) -> None:
    prepared.start("tests.crash_serve", moment, str(number))
    try:
        _play(prepared, is_killed=True)
    finally:
        prepared.stop()
    assert prepared.starts == 2, "it was killed once"
    states = _query(prepared, "SELECT state FROM messages ORDER BY state DESC")
    assert states == [("AWAITING_SHAREHOLDER",), ("ANSWERED",)]
    assert _query(prepared, "SELECT cause, count(*) FROM outbox GROUP BY cause HAVING count(*) > 1") == []
    assert len(prepared.letters()) == 2
    assert _query(prepared, "SELECT amount, state FROM purchase_orders") == [(50000, "AWAITING_PAYMENT")]
