"""Lets long work end between two transactions: whoever is told to stop begins no further one.

No step of the month needs to know of it: each is done in pieces that are whole by
themselves, and goes on behind the last when it is begun again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from storage.store import Store, Transaction


class Stopped(RuntimeError):
    """The service is told to stop, so nothing more is begun. What was begun and not committed is done at the start."""


class StoppableStore(Store):
    """The store as the schedule has it: once told to stop, no transaction is begun any more."""

    def __init__(self, store: Store, stop: Event) -> None:
        super().__init__(store.engine)
        self._stop = stop

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """As the store's; Stopped if that is asked for."""
        self._check()
        with super().transaction() as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """As the store's; Stopped if that is asked for."""
        self._check()
        with super().reading() as tx:
            yield tx

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped("told to stop")
