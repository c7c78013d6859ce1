"""The language model of the tests: trained once, by whoever needs it first, and kept while it fits the examples."""

from __future__ import annotations

import fcntl
from pathlib import Path

from bot.language.training import train
from tests.service_process import TEST_MODEL


def trained() -> Path:
    """Where the model lies, trained if it was not; whoever comes meanwhile waits."""
    TEST_MODEL.parent.mkdir(exist_ok=True)
    with TEST_MODEL.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        train(TEST_MODEL, if_needed=True)
    return TEST_MODEL


if __name__ == "__main__":
    trained()
