"""Which senders' domains may be looked up now: a stranger's slow name servers take no places that others need.

Domains are told apart by how quickly they answered of late, and counted by organization, because whoever owns a name
makes as many below it as he likes. Those that answer quickly have places that no other can take. A new domain and a
slow one share the rest, a slow one fewer of it. Nothing here knows a clock: whoever asks says what time it is.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, auto

PLACES = 64
"""Lookups under way at most."""
SLOW_SECONDS = 2.0
"""A lookup that takes longer is slow: a question was asked again, or its answer held back."""
REMEMBERED = 16
"""Lookups of an organization that its pace is judged by."""
SLOW_SHARE = 4
"""Whose every fourth lookup or more is slow, is slow."""
ORGANIZATIONS = 10_000
"""Organizations whose pace is remembered; the one not looked up for longest goes first."""


class Pace(IntEnum):
    """How quickly an organization's name servers answered of late. Order is trust: the quickest first."""

    QUICK = auto()
    NEW = auto()
    SLOW = auto()


@dataclass(frozen=True, slots=True)
class Full:
    """There is no place now."""

    wait: timedelta
    """After which it is worth trying again."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What organizations of one pace may take."""

    of_all: int
    """Places of all organizations of this pace and of slower ones together."""
    of_one: int
    """Places of one organization."""
    wait: timedelta
    """How long a message waits that finds none."""


_ROOM: Mapping[Pace, _Room] = {
    Pace.QUICK: _Room(PLACES, 16, timedelta(seconds=1)),
    Pace.NEW: _Room(PLACES // 2, 4, timedelta(seconds=1)),
    Pace.SLOW: _Room(PLACES // 4, 4, timedelta(seconds=10)),
}


@dataclass(slots=True)
class _Organization:
    begun: list[float] = field(default_factory=list)
    """When each lookup began that is under way."""
    was_slow: deque[bool] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Of each of the last lookups, whether it was slow."""

    def pace(self, now: float) -> Pace:
        """How quick it is, with what is slow already though it has not ended."""
        waiting = sum(now - at > SLOW_SECONDS for at in self.begun)
        slow, seen = sum(self.was_slow) + waiting, len(self.was_slow) + waiting
        if not seen:
            return Pace.NEW
        return Pace.SLOW if slow * SLOW_SHARE >= seen else Pace.QUICK


class LookupPlaces:
    """The places for lookups. Whoever takes one leaves it, whatever happens."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Organization] = OrderedDict()
        self._active: dict[str, _Organization] = {}
        """Those with lookups under way, whether or not they are remembered."""

    def take(self, name: str, now: float) -> Full | None:
        """Take a place for a lookup of the organization `name`; Full, and no place, where it may have none now."""
        organization = self._active.get(name) or self._known.get(name) or _Organization()
        pace = organization.pace(now)
        paces = [one.pace(now) for one in self._active.values() for _ in one.begun]
        is_full = any(sum(other >= up_to for other in paces) >= _ROOM[up_to].of_all for up_to in Pace if up_to <= pace)
        if is_full or len(organization.begun) >= _ROOM[pace].of_one:
            return Full(_ROOM[pace].wait)
        organization.begun.append(now)
        self._active[name] = organization
        self._remember(name, organization)
        return None

    def leave(self, name: str, began: float, now: float) -> None:
        """Give back the place that was taken at `began`."""
        organization = self._active[name]
        organization.begun.remove(began)
        organization.was_slow.append(now - began > SLOW_SECONDS)
        if not organization.begun:
            del self._active[name]

    def _remember(self, name: str, organization: _Organization) -> None:
        self._known[name] = organization
        self._known.move_to_end(name)
        if len(self._known) > ORGANIZATIONS:
            self._known.popitem(last=False)
