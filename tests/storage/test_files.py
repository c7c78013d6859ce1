"""Every file taken in is known by its bytes and by its number, each kind by its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from storage.files import LoadedFile
from storage.store import Store
from tests.storage.material import NOW

FILE = LoadedFile("a" * 64, "holders", 3, "holders-november.csv", 1200, NOW)


def _record(store: Store, *files: LoadedFile) -> None:
    with store.transaction() as tx:
        for file in files:
            tx.files.record(file)


def test_a_file_is_known_by_its_bytes(store: Store) -> None:
    _record(store, FILE)
    with store.reading() as tx:
        assert tx.files.by_digest("a" * 64) == FILE
        assert tx.files.by_digest("b" * 64) is None


def test_the_last_sequence_is_the_highest_of_its_kind(store: Store) -> None:
    with store.reading() as tx:
        assert tx.files.last_sequence("holders") == 0
    _record(
        store,
        FILE,
        replace(FILE, digest="b" * 64, sequence=12),
        replace(FILE, digest="c" * 64, sequence=7),
        replace(FILE, digest="d" * 64, kind="states", sequence=99),
    )
    with store.reading() as tx:
        assert (tx.files.last_sequence("holders"), tx.files.last_sequence("states")) == (12, 99)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(replace(FILE, sequence=4), id="the same bytes under another number"),
        pytest.param(replace(FILE, digest="b" * 64), id="other bytes under the same number"),
    ],
)
def test_the_database_itself_refuses_a_file_twice(second: LoadedFile, store: Store) -> None:
    _record(store, FILE)
    with pytest.raises(IntegrityError):
        _record(store, second)
