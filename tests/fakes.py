"""What stands in for the world in tests: a clock that moves when told. None of our own code is faked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.reading import Reading
from bot.reading_pool import ReadingFailed


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
