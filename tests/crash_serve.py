"""Runs a dspp command, the real service for instance, and kills it, as kill -9 does, at one of its commits.

    python -m tests.crash_serve before|after NUMBER

NUMBER counts, from 1, the transactions of this process that wrote something.
"before" dies with the writes done and not committed; "after" dies when the
commit has returned and nobody has been told. NUMBER 0 never dies. How many
there were is written to commits.txt in the state directory.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from bot.cli import main
from bot.settings import read_settings
from tests.service_process import MAIL_ROLES

WRITES = ("INSERT", "UPDATE", "DELETE")
TALLY = "commits.txt"


class Killer:
    """Counts commits that wrote something, and kills this process at one of them."""

    def __init__(self, moment: str, number: int, tally: Path) -> None:
        self._moment = moment
        self._number = number
        self._tally = tally
        self._commits = 0
        self._wrote: set[int] = set()
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Watch every engine of this process."""
        event.listen(Engine, "before_cursor_execute", self._note)
        event.listen(Engine, "rollback", self._forget)
        original = Connection._commit_impl
        killer = self

        def commit(connection: Connection) -> None:
            due = killer._counts(connection)
            if due and killer._moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            original(connection)
            if due:
                os.kill(os.getpid(), signal.SIGKILL)

        Connection._commit_impl = commit  # type: ignore[assignment,method-assign]  # the only place that sees every commit

    def _note(self, connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            self._wrote.add(id(connection))

    def _forget(self, connection: Connection) -> None:
        """What was written is taken back; another connection may be given the same identity later."""
        with self._lock:
            self._wrote.discard(id(connection))

    def _counts(self, connection: Connection) -> bool:
        with self._lock:
            if id(connection) not in self._wrote:
                return False
            self._wrote.discard(id(connection))
            self._commits += 1
            self._tally.write_text(str(self._commits))
            return self._commits == self._number


def die_at(moment: str, number: int) -> None:
    """Kill this process at that commit of its own."""
    Killer(moment, number, read_settings().state_dir / TALLY).watch()


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(["serve", "--roles", MAIL_ROLES]))
