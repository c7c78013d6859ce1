"""The store: one engine, and transactions that hold a repository for each kind of thing.

SQLite runs in WAL mode with `synchronous=FULL` and `BEGIN IMMEDIATE`, so a
transaction that was begun can be committed and what was committed survives a
power cut. PostgreSQL runs at READ COMMITTED with explicit row locks. What an
error says holds no value of any row: errors end up in logs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from storage.audit import Audit
from storage.closes import Closes
from storage.confirmations import Confirmations
from storage.control_totals import ControlTotals
from storage.conversations import Conversations
from storage.corrections import Corrections
from storage.cycles import Cycles
from storage.effects import Effects
from storage.files import LoadedFiles
from storage.installation import Installation
from storage.leases import HeldFile, dead_owners, new_owner
from storage.ledger import Ledger
from storage.messages import Messages
from storage.month_orders import MonthOrders
from storage.month_sales import MonthSales
from storage.orders import Orders
from storage.outbox import Outbox
from storage.payments import Payments
from storage.registrations import Registrations
from storage.reported_holds import ReportedHolds
from storage.returned_letters import ReturnedLetters
from storage.reviews import Reviews
from storage.second_factors import SecondFactors
from storage.sent_files import SentFiles
from storage.snapshots import Snapshots
from storage.state_list import StateEntries

BUSY_SECONDS = 30

StoreUnavailable = SQLAlchemyError
"""What any access raises when the database is away, locked or broken. Trying again may help."""


def is_of_the_store(fault: Exception) -> bool:
    """Whether the database itself failed, so that anything else would have failed as well, and not what was stored."""
    return isinstance(fault, OperationalError | InterfaceError)


class BadDatabaseUrl(ValueError):
    """The database URL is not one of sqlite:///FILE or postgresql+psycopg://... . Correct the setting."""


class Transaction:
    """One open transaction. Each attribute is the repository of one kind of thing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def trial(self) -> Iterator[None]:
        """What the block stores is undone when it ends: to see what would come of it."""
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()

    @contextmanager
    def part(self) -> Iterator[None]:
        """What the block stores is undone alone if it raises, so that the caller may go on without it."""
        with self.connection.begin_nested():
            yield

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.connection)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.connection)

    @cached_property
    def confirmations(self) -> Confirmations:
        return Confirmations(self.connection)

    @cached_property
    def reviews(self) -> Reviews:
        return Reviews(self.connection)

    @cached_property
    def corrections(self) -> Corrections:
        return Corrections(self.connection)

    @cached_property
    def registrations(self) -> Registrations:
        return Registrations(self.connection)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.connection)

    @cached_property
    def reported_holds(self) -> ReportedHolds:
        return ReportedHolds(self.connection)

    @cached_property
    def returned_letters(self) -> ReturnedLetters:
        return ReturnedLetters(self.connection)

    @cached_property
    def second_factors(self) -> SecondFactors:
        return SecondFactors(self.connection)

    @cached_property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.connection)

    @cached_property
    def effects(self) -> Effects:
        return Effects(self.connection)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.connection)

    @cached_property
    def control_totals(self) -> ControlTotals:
        return ControlTotals(self.connection)

    @cached_property
    def cycles(self) -> Cycles:
        return Cycles(self.connection)

    @cached_property
    def closes(self) -> Closes:
        return Closes(self.connection)

    @cached_property
    def payments(self) -> Payments:
        return Payments(self.connection)

    @cached_property
    def month_orders(self) -> MonthOrders:
        return MonthOrders(self.connection)

    @cached_property
    def month_sales(self) -> MonthSales:
        return MonthSales(self.connection)

    @cached_property
    def sent_files(self) -> SentFiles:
        return SentFiles(self.connection)

    @cached_property
    def states(self) -> StateEntries:
        return StateEntries(self.connection)

    @cached_property
    def files(self) -> LoadedFiles:
        return LoadedFiles(self.connection)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.connection)

    @cached_property
    def installation(self) -> Installation:
        return Installation(self.connection)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def create(_dialect: Any, _record: Any, arguments: Any, _keywords: Any) -> None:
        """Make the file for its owner only; SQLite's own files beside it follow its mode."""
        if arguments and arguments[0] != ":memory:":
            # Only a new file is opened: closing it would let go of SQLite's own locks on one that is in use.
            with suppress(OSError):
                os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    @event.listens_for(engine, "connect")
    def configure(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


def _without_detail(context: ExceptionContext) -> None:
    """Cut PostgreSQL's DETAIL, which repeats the row, from an error before it is raised."""
    original, ours = context.original_exception, context.sqlalchemy_exception
    told = str(original)
    first = told.partition("\n")[0]
    if isinstance(ours, DBAPIError) and first != told:
        original.args = (first,)
        ours.args = tuple(part.replace(told, first) if isinstance(part, str) else part for part in ours.args)


def open_engine(url: str) -> Engine:
    """An engine for `url`, configured for durability. BadDatabaseUrl if it is none of ours."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise BadDatabaseUrl(f"not a supported database: {parsed.drivername!r} (sqlite or postgresql+psycopg)")
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=parsed.get_backend_name() == "postgresql")
    except (ArgumentError, NoSuchModuleError) as fault:
        raise BadDatabaseUrl(f"not a database URL: {fault}") from None
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        event.listen(engine, "handle_error", _without_detail)
    return engine


def database_is_there(engine: Engine) -> bool:
    """Whether there is a database to ask; a SQLite file that is not there is not made. A server is there or fails."""
    return engine.dialect.name != "sqlite" or Path(engine.url.database or "").is_file()


class Store:
    """Where everything is remembered.

    With a `lease_dir`, what a process there left is taken back as soon as it is
    gone (`release_of_the_dead`); without one, when its leases end.
    """

    def __init__(self, engine: Engine, lease_dir: Path | None = None) -> None:
        self.engine = engine
        self._lease_dir = lease_dir
        self._owner = new_owner()
        self._held: HeldFile | None = None
        self._holding = Lock()

    @property
    def owner(self) -> str:
        """Names this store in leases. OSError if the lease folder cannot be written."""
        with self._holding:
            if self._lease_dir is not None and self._held is None:
                self._held = HeldFile(self._lease_dir, self._owner)
        return self._owner

    def release_of_the_dead(self) -> int:
        """Take back messages and letters from processes of the lease folder that are gone. Returns how many.

        Leases of owners without a file there are left to their end. OSError.
        """
        if self._lease_dir is None or not self.owner:
            return 0
        with dead_owners(self._lease_dir) as dead:
            if not dead:
                return 0
            with self.transaction() as tx:
                return tx.messages.release_of_the_dead(dead) + tx.outbox.release_of_the_dead(dead)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A read-write transaction: committed when the block ends, undone when it raises."""
        with self.engine.begin() as connection:
            yield Transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that only reads; it takes no write lock."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(reads_only=True)
            with connection.begin():
                yield Transaction(connection)

    def lock(self, tx: Transaction, names: set[str]) -> None:
        """Hold off other transactions on the same `names` (taxpayers, addresses) until this one ends.

        SQLite needs none: BEGIN IMMEDIATE lets one writer in at a time.
        """
        if self.engine.dialect.name != "postgresql":
            return
        for name in sorted(names):
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
            tx.connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    def close(self) -> None:
        """Give all connections back, and let others take back what is still leased."""
        self.engine.dispose()
        with self._holding:
            if self._held is not None:
                self._held.close()
                self._held = None
