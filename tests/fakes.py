"""What stands in for the world in tests: a clock that moves when told. None of our own code is faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.language.understanding import UNCLEAR, Understanding, Understands
from bot.mail.limits import Limits
from bot.reading import Reading, read
from bot.reading_pool import ReadingFailed
from handlers.contract import Slots


class FakeClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._at = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def pass_time(self, **amount: float) -> None:
        """Let time pass, in the words of timedelta."""
        self._at += timedelta(**amount)

    def set(self, instant: datetime) -> None:
        """Move to an instant."""
        self._at = instant.astimezone(UTC)


class BrokenPool:
    """Reads like the real pool, but fails on messages that hold a word."""

    def __init__(self, read: Callable[[bytes, str], Reading], word: bytes) -> None:
        self._read = read
        self._word = word
        self.tries = 0

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message, or fail."""
        if self._word in raw:
            self.tries += 1
            raise ReadingFailed("this message breaks its reader")
        return self._read(raw, mail_from)


class UnderstandsNothing:
    """Stands for a language model, where what a message says does not matter: every message is unclear."""

    def understand(self, subject: str, live: str, quoted: str = "") -> Understanding:
        """Nothing."""
        return Understanding(reason=UNCLEAR)

    def details(self, text: str) -> Slots:
        """None."""
        return Slots()


class ReadsHere:
    """Reads like the real pool and is made like it, but reads in this process, with a model that is loaded already."""

    def __init__(
        self, understands: Understands, _model: Path, own_address: str, limits: Limits, *, seconds: float
    ) -> None:
        self._understands = understands
        self._own_address = own_address
        self._limits = limits
        self._seconds = seconds
        self._is_closed = False

    async def warm(self) -> None:
        """Nothing is left to load."""

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message. RuntimeError once closed, as the real pool has it."""
        if self._is_closed:
            raise RuntimeError("cannot read after the pool was closed")
        reading = asyncio.to_thread(
            read, raw, mail_from, own_address=self._own_address, understands=self._understands, limits=self._limits
        )
        return await asyncio.wait_for(reading, self._seconds)

    def close(self) -> None:
        """Read no more."""
        self._is_closed = True
