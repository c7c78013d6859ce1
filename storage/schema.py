"""Brings a database to the schema this program needs, and says whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

MIGRATION_LOCK = 7_316_002
"""Advisory lock number on PostgreSQL: only one process migrates at a time."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision this program was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the migrations folder is empty: the installation is broken, install it again")
    return head


def stored_revision(engine: Engine) -> str | None:
    """The revision the database is at; None if it has never been migrated. Waits for no writer."""
    with engine.connect() as connection:
        connection = connection.execution_options(reads_only=True)
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> str:
    """Migrate to the newest revision, in one transaction, and return it. Doing it twice changes nothing."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        command.upgrade(_config(connection), "head")
    return newest_revision()
