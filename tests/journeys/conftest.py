"""A bot on each database, at a quiet moment of February 2004."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.language.pipeline import Reader
from storage.store import Store
from tests.dialogue import Bot, start_bot

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2004, 2, 2, 9, 30, tzinfo=NEW_YORK)
"""Eight days before the cut-off of the purchase date of 18 February 2004."""


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    """A bot with the sample holders and states."""
    return start_bot(store, reader, tmp_path, MONDAY)
