"""How often one address may connect: a bucket of tokens for each, refilled steadily, in a table of bounded size.

An address that is not in the table has a full bucket, so forgetting one can only be kind; the cap on sessions at once
stands whatever happens here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

_MINUTE = 60.0


class ConnectionRate:
    """The buckets of all addresses that came lately."""

    def __init__(self, burst: int, per_minute: float, remembered: int, clock: Callable[[], float]) -> None:
        """`burst` tokens fit in a bucket. `clock` tells seconds and never goes back."""
        self._burst = float(burst)
        self._per_second = per_minute / _MINUTE
        self._remembered = remembered
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def admits(self, host: str) -> bool:
        """Whether `host` may connect once more; if so, it has. A refused attempt costs nothing."""
        now = self._clock()
        tokens, since = self._buckets.pop(host, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        is_admitted = tokens >= 1
        self._buckets[host] = (tokens - 1 if is_admitted else tokens, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return is_admitted
