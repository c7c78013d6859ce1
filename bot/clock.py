"""The one place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

EXAMPLE = "2003-11-05T09:00:00-05:00"


class BadInstant(ValueError):
    """A clock setting is no ISO instant with an offset, such as 2003-11-05T09:00:00-05:00. Correct it."""


class Clock:
    """Tells the time. A rehearsal starts its own at an instant of its choice, and it ticks from there."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._begun = time.monotonic()

    def now(self) -> datetime:
        """The instant it is, aware, in UTC."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start.astimezone(UTC) + timedelta(seconds=time.monotonic() - self._begun)

    def of_the_world(self, instant: datetime) -> datetime:
        """What the world's clock shows at `instant` of this one: what others date by, whatever we rehearse."""
        return instant if self.is_real else datetime.now(UTC) - (self.now() - instant)

    @property
    def is_real(self) -> bool:
        """Whether this is the world's time and not a rehearsal's."""
        return self._start is None


def parse_instant(text: str) -> datetime:
    """An aware instant from ISO text. BadInstant if it is none or has no offset."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInstant(f"not an ISO instant: {text!r}; write for instance {EXAMPLE}") from None
    if instant.tzinfo is None:
        raise BadInstant(f"no offset in {text!r}; write for instance {EXAMPLE}")
    return instant
