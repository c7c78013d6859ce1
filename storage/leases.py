"""Leases: a row that a process works on is its own for a while, and anyone's when that process is gone.

Leases end by themselves. To save a restarted service the wait, a process can
hold a locked file in a folder that it shares with its successors: the system
lets go of the lock when the process ends, however it ends, and whoever can
lock the file knows that its owner is gone. Process numbers would not tell
that: in containers every service is process 1 of a host with any name.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, Table, or_, update


def new_owner() -> str:
    """A name for this process in leases. The random part sets apart what has the same host and number."""
    host = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())[:64]
    return f"{host}:{os.getpid()}:{secrets.token_hex(6)}"


class HeldFile:
    """The locked file that shows others that `owner` lives, from now until `close` or the end of the process."""

    def __init__(self, folder: Path, owner: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = _path(folder, owner)
        while True:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if _is_still_there(path, self._descriptor):
                return
            os.close(self._descriptor)  # between the two steps another process took it for a dead one's

    def close(self) -> None:
        """Let go of the lock. The file stays: who finds it takes back what was left."""
        os.close(self._descriptor)


@contextmanager
def dead_owners(folder: Path) -> Iterator[frozenset[str]]:
    """The owners whose files in `folder` nobody holds. The files go when the block ends without an exception."""
    with ExitStack() as held:
        found: dict[str, Path] = {}
        for path in sorted(folder.glob("*.lock")):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDWR)
                held.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found[path.name.removesuffix(".lock")] = path
        yield frozenset(found)
        for path in found.values():
            path.unlink(missing_ok=True)


def _path(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.lock"


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def release_leases(connection: Connection, table: Table, owners: Collection[str]) -> int:
    """Give back the rows of `table` that `owners` hold. Returns how many were given back."""
    if not owners:
        return 0
    given_back = connection.execute(
        update(table).where(table.c.lease_owner.in_(owners)).values(lease_owner=None, lease_until=None)
    )
    return given_back.rowcount


def is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    """The condition that nobody holds a live lease on a row of `table`."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until < now)


def is_due(at: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """The condition that the time `at` has come. An empty one has: nothing new waits for a clock that was set back."""
    return or_(at.is_(None), at <= now)
