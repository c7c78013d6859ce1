"""A state directory and its store, as the commands find them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import main
from storage.store import Store, open_engine


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A state directory with an empty database at the newest schema."""
    state = tmp_path / "state"
    monkeypatch.setenv("DSPP_STATE_DIR", str(state))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    capsys.readouterr()
    return state


@pytest.fixture
def opened(folder: Path) -> Store:
    """The store in that directory."""
    return Store(open_engine(f"sqlite:///{folder / 'dspp.sqlite3'}"))
