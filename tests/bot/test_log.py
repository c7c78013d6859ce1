"""Logs go to standard error and keep quiet about what other libraries would tell of peers and envelopes."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from bot.log import CHAIN_AT_MOST, FRAMES_AT_MOST, PlacesOnly
from tests.journeys.test_service_senders import ANA, letter
from tests.service_process import ANSWER_SECONDS, ServiceProcess

SPEAKS = """
import logging, sys
from bot.log import configure
configure(verbose=sys.argv[1] == "verbose")
for name in ("bot.worker", "mail.log", "aiosmtplib", "alembic.runtime.migration"):
    for level in (logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger(name).log(level, "says %s", logging.getLevelName(level).lower())
"""
QUIET = ["mail.log: says error", "aiosmtplib: says error"]
ALEMBIC = ["alembic.runtime.migration: says warning", "alembic.runtime.migration: says error"]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        pytest.param("verbose", ["says info", "says warning", "says error"], id="events"),
        pytest.param("quiet", ["says warning", "says error"], id="warnings only"),
    ],
)
def test_what_is_logged(how: str, told: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-c", SPEAKS, how], capture_output=True, text=True, check=True)
    lines = [line.split(" ", 3)[3] for line in ran.stderr.splitlines()]
    assert lines == [f"bot.worker: {says}" for says in told] + QUIET + ALEMBIC
    assert ran.stdout == ""


HERE = Path(__file__).name
WHO = "ann@example.com"


def raises_here(depth: int = 0) -> None:
    """Raise what holds an address, so many calls down."""
    if depth:
        raises_here(depth - 1)
    raise ValueError(f"{WHO} has $500")


def raises_from_a_line_that_looks_like_a_place() -> None:
    """Raise what holds a line in the form of a traceback's."""
    raise ValueError(f'x\n  File "{WHO}", line 1, in {WHO}\n  File "{WHO}", line 1, in sell\n')


def logged(fault: BaseException, *, name: str = "bot.worker", message: str = "message 7: failed") -> str:
    """A line as the service writes it about an exception."""
    record = logging.LogRecord(name, logging.ERROR, "", 0, message, (), (type(fault), fault, fault.__traceback__))
    logging.Formatter().format(record)  # As a handler before this one would, which leaves the text in the record.
    assert record.exc_text is not None
    return PlacesOnly("%(name)s: %(message)s").format(record)


def caught(raises: Callable[[], object]) -> Exception:
    """What is raised."""
    try:
        raises()
    except Exception as fault:
        return fault
    raise AssertionError("nothing was raised")


def test_of_an_exception_its_kind_and_its_places_are_logged_and_not_its_text() -> None:
    text = logged(caught(raises_here))
    assert text.startswith("bot.worker: message 7: failed\nbuiltins.ValueError\n")
    assert f'{HERE}", line ' in text
    assert text.endswith(", in raises_here")
    assert WHO not in text
    assert "$500" not in text


def test_what_lies_behind_an_exception_is_logged_in_the_same_way() -> None:
    def raises() -> None:
        try:
            raises_here()
        except ValueError as fault:
            fault.add_note(WHO)
            raise LookupError(WHO) from fault

    for fault in (caught(raises), ExceptionGroup(WHO, [caught(raises), caught(raises_here)])):
        text = logged(fault)
        assert "builtins.LookupError" in text
        assert "builtins.ValueError" in text
        assert WHO not in text


def test_however_deep_an_exception_lies_what_is_logged_of_it_is_bounded() -> None:
    text = logged(caught(lambda: raises_here(200)))
    assert text.count("in raises_here") == FRAMES_AT_MOST
    first = latest = ValueError(WHO)
    for _ in range(50):
        behind = ValueError(WHO)
        latest.__cause__, latest = behind, behind
    latest.__cause__ = first
    assert logged(first).count("ValueError") == CHAIN_AT_MOST


def test_an_error_of_the_system_or_a_database_keeps_its_code() -> None:
    assert "FileNotFoundError (ENOENT)" in logged(caught(lambda: Path("/ann@example.com").read_bytes()))
    with closing(sqlite3.connect(":memory:")) as database:
        text = logged(caught(lambda: database.execute("SELECT 'ann@example.com' FROM nothing")))
    assert "sqlite3.OperationalError (SQLITE_ERROR)" in text


def test_an_exception_of_another_process_keeps_its_places_alone() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for raises in (raises_here, raises_from_a_line_that_looks_like_a_place):
            text = logged(caught(pool.submit(raises).result))
            assert text.count(f", in {raises.__name__}") == 1
            assert WHO not in text
            assert ", in sell" not in text


def test_what_libraries_say_of_tasks_and_clients_is_cut_to_what_they_say_always() -> None:
    async def fails() -> None:
        async def forgotten() -> None:
            raises_here()

        task = asyncio.ensure_future(forgotten())
        await asyncio.wait({task})

    records: list[logging.LogRecord] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keeping = Keeping()
    logging.getLogger("asyncio").addHandler(keeping)
    try:
        asyncio.run(fails())
    finally:
        logging.getLogger("asyncio").removeHandler(keeping)
    (record,) = records
    assert WHO in record.getMessage()
    text = PlacesOnly("%(message)s").format(record)
    assert text.startswith("Task exception was never retrieved\nbuiltins.ValueError\n")
    assert WHO not in text
    asked = logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, "Error handling %s", ("192.0.2.9",), None)
    assert PlacesOnly("%(message)s").format(asked) == "Error handling"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("raise ValueError('ann@example.com')", id="at the end"),
        pytest.param(
            "t = threading.Thread(target=lambda: int('ann@example.com')); t.start(); t.join()", id="in a thread"
        ),
        pytest.param(
            "class X:\n    def __del__(self): raise ValueError('ann@example.com')\nx = X(); del x",
            id="where none can be",
        ),
    ],
)
def test_what_nobody_caught_in_a_service_is_logged_without_its_text(how: str) -> None:
    code = f"import threading\nfrom bot.log import configure\nconfigure(verbose=True, is_service=True)\n{how}\n"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "a fault that nobody expected\nbuiltins.ValueError" in ran.stderr
    assert WHO not in ran.stderr


@pytest.mark.slow
def test_a_running_service_logs_which_message_failed_and_where_and_nobodys_address(tmp_path: Path, model: Path) -> None:
    service = ServiceProcess(tmp_path, model, {"DSPP_CLOCK": "2004-02-02T09:00:00-05:00"})
    service.command("migrate")
    service.command("samples")
    database = tmp_path / "dspp.sqlite3"
    with closing(sqlite3.connect(database)) as store:
        store.execute(
            "CREATE TRIGGER no_letter BEFORE INSERT ON outbox"
            f" BEGIN SELECT RAISE(ABORT, '{ANA} wrote: please invest $500'); END"
        )
        store.commit()
    log = tmp_path / "service.log"
    service.start()
    try:
        assert service.send(letter("How many shares do I have?"))
        service.wait_until(lambda: log.read_text().count(": failed") > 1, ANSWER_SECONDS, "a second failure")
    finally:
        service.stop()
    text = log.read_text()
    assert "sqlite3.IntegrityError (SQLITE_CONSTRAINT_TRIGGER)" in text
    assert f"bot{os.sep}answer.py" in text
    assert ANA not in text
    assert "$500" not in text
    with closing(sqlite3.connect(database)) as store:
        ((message_id, error),) = store.execute("SELECT id, error FROM messages").fetchall()
    assert f"message {message_id}: failed" in text
    assert ANA in error, "whoever may look into the database finds what it failed of"
