"""What is printed into a pipe that nobody reads any more ends quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _into_a_closed_pipe(folder: Path, *words: str) -> tuple[int, str]:
    """Status and standard error of a command whose reader left before it printed."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            stdout=writes,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "DSPP_STATE_DIR": str(folder)},
            text=True,
            check=False,
        )
    finally:
        os.close(writes)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param(["reviews", "list"], 0, id="a list"),
        pytest.param(["reviews", "list", "--json"], 0, id="a list as JSON"),
        pytest.param(["doctor", "--json"], 1, id="doctor, which found a fault"),
        pytest.param(["migrate"], 141, id="what is printed without a report"),
    ],
)
def test_nobody_reads_and_nothing_is_complained_of(words: list[str], status: int, folder: Path) -> None:
    assert _into_a_closed_pipe(folder, *words) == (status, "")
