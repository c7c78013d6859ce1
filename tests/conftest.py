"""Fixtures that several folders of tests use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language.pipeline import Reader
from storage.store import Store
from tests.databases import fresh_store
from tests.trained_model import trained

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


_TRAINING: list[subprocess.Popen[bytes]] = []
"""The training that goes on while tests run that need no model."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need the model come last: it is trained while the others run, so that no core waits for it."""
    items.sort(key=_needs_the_model)
    if items and _needs_the_model(items[-1]) and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        _TRAINING.append(subprocess.Popen([sys.executable, "-m", "tests.trained_model"]))


def pytest_unconfigure() -> None:
    """Nothing that was begun outlives the tests."""
    for training in _TRAINING:
        training.terminate()
        training.wait()


def _needs_the_model(item: pytest.Item) -> bool:
    return "model" in getattr(item, "fixturenames", ())


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store at the newest schema, on each database in turn."""
    with fresh_store(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def model() -> Path:
    """The language model, trained once for all tests and kept in the state directory while it fits the examples."""
    return trained()


@pytest.fixture(scope="session")
def reader(model: Path) -> Reader:
    """What reads messages in the tests: the trained model."""
    return Reader.load(model)
