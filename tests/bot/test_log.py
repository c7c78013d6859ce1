"""Logs go to standard error and keep quiet about what other libraries would tell of peers and envelopes."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
