"""What the language part tells the rest: the requests in a message, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from handlers.contract import Intent, Request, Slots

UNDERSTOOD = "understood"
UNCLEAR = "unclear"
"""No reading is sure enough; `alternatives` holds the likeliest, best first."""
EMPTY = "empty"
"""There is no live text to read."""
FOREIGN = "foreign"
"""Not English, or not language at all."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message asks, in order, or why that is not known."""

    requests: tuple[Request, ...] = ()
    reason: str = UNDERSTOOD
    alternatives: tuple[Intent, ...] = ()
    confidence: Mapping[Intent, float] = field(default_factory=dict)
    evidence: Mapping[str, object] = field(default_factory=dict)
    """What led to it, in plain values: scores, thresholds and the parts of the text; stored with the decision."""
    model: str = ""
    """A digest of the model that read it, stored with the decision."""


class Understands(Protocol):
    """Anything that reads messages. Pure: the same text always gives the same understanding."""

    def understand(self, subject: str, live: str, quoted: str = "") -> Understanding:
        """Read a message's live text; `quoted` counts only where the live text adopts it."""
        ...

    def details(self, text: str) -> Slots:
        """Every detail written in `text`, whatever is asked: for answers such as "$500" to our own question."""
        ...
