"""Leases: a row that a process works on is its own for a while, and anyone's when that process is gone."""

from __future__ import annotations

import os
import socket
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, or_, select, update


def release_leases_of_the_dead(connection: Connection, table: Table) -> int:
    """Give back rows of `table` leased by processes of this host that no longer run.

    Leases end by themselves too; this only saves a restarted service the wait.
    Rows of other hosts are left alone. Returns how many were given back.
    """
    owners = connection.execute(select(table.c.lease_owner).where(table.c.lease_owner.is_not(None)).distinct())
    dead = [owner for (owner,) in owners if _is_dead_here(owner)]
    if not dead:
        return 0
    given_back = connection.execute(
        update(table).where(table.c.lease_owner.in_(dead)).values(lease_owner=None, lease_until=None)
    )
    return given_back.rowcount


def _is_dead_here(owner: str) -> bool:
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    """The condition that nobody holds a live lease on a row of `table`."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until < now)
