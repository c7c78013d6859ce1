"""Fixtures that several folders of tests use."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language.pipeline import Reader
from bot.language.training import train
from storage.store import Store
from tests.databases import fresh_store
from tests.service_process import TEST_MODEL

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store at the newest schema, on each database in turn."""
    with fresh_store(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def model() -> Path:
    """The language model, trained once for all tests and kept in the state directory while it fits the examples."""
    TEST_MODEL.parent.mkdir(exist_ok=True)
    with TEST_MODEL.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        train(TEST_MODEL, if_needed=True)
    return TEST_MODEL


@pytest.fixture(scope="session")
def reader(model: Path) -> Reader:
    """What reads messages in the tests: the trained model."""
    return Reader.load(model)
