"""The migrations make exactly the tables that the code names."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import storage.month_tables  # noqa: F401  # adds its tables to the same metadata
from storage.schema import newest_revision, stored_revision, upgrade
from storage.store import BadDatabaseUrl, Store, StoreUnavailable, open_engine
from storage.tables import metadata
from tests.databases import empty_postgres
from tests.storage.material import NOW


def test_migrations_make_the_tables_that_the_code_names(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'twice.sqlite3'}")
    assert stored_revision(engine) is None
    assert upgrade(engine) == newest_revision()
    assert upgrade(engine) == newest_revision()
    assert stored_revision(engine) == newest_revision()


@pytest.mark.slow
def test_an_empty_postgresql_is_migrated() -> None:
    with empty_postgres() as url:
        engine = open_engine(url)
        upgrade(engine)
        assert stored_revision(engine) == newest_revision()
        engine.dispose()


def test_sqlite_is_opened_for_durability(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'durable.sqlite3'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_the_revision_is_told_while_another_writes(store: Store) -> None:
    with store.transaction() as tx:
        tx.conversations.open("email", "ana@example.com", NOW)
        assert stored_revision(store.engine) == newest_revision()


@pytest.mark.parametrize("umask", [0o022, 0o000], ids=oct)
def test_the_sqlite_files_are_for_their_owner_only(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        engine = open_engine(f"sqlite:///{tmp_path / 'private.sqlite3'}")
        upgrade(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM conversations")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("private.sqlite3", "private.sqlite3-wal", "private.sqlite3-shm"), 0o600)


def test_a_sqlite_file_that_cannot_be_made_is_a_fault_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        stored_revision(open_engine(f"sqlite:///{tmp_path / 'missing' / 'store.sqlite3'}"))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("mysql://root@localhost/plan", id="another database"),
        pytest.param("var/dspp.sqlite3", id="a path, no URL"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_wrong_database_url_is_named(url: str) -> None:
    with pytest.raises(BadDatabaseUrl):
        open_engine(url)
