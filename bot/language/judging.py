"""One labelled message beside what was read of it: what is right, and what would have been done wrongly."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.language.classify_cli import classification
from bot.language.examples import DECIDING_SLOTS, Example
from bot.language.pipeline import Reader

HARMFUL = frozenset({"buy", "sell", "recurring", "withdraw", "cancel_order", "enroll", "update_account"})
"""Labels on which a wrong action moves somebody's money, shares or account."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What `dspp classify` says of one labelled message."""

    row: Example
    intents: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    action: str
    reason: str
    carried_out: frozenset[str]
    """The labels of the requests that would have been carried out, also beside others that are asked about."""
    confidence: Mapping[str, float]
    seconds: float

    @property
    def has_right_intents(self) -> bool:
        """Whether all intents were found, in their order, and no other."""
        return self.intents == self.row.intents

    @property
    def has_right_slots(self) -> bool:
        """Whether every slot has its labelled values, and no other is named."""
        return dict(self.slots) == dict(self.row.slots)

    @property
    def is_wrong_action(self) -> bool:
        """Whether something was carried out on a harmful label, and wrongly in any respect."""
        acted = self.carried_out & HARMFUL
        if not acted:
            return False
        if not acted <= {*self.row.intents} or not self._acts_on_right_details():
            return True
        return self.row.action != "execute" and self.action == "execute"

    def _acts_on_right_details(self) -> bool:
        return all(self.slots.get(name, ()) == self.row.slots.get(name, ()) for name in DECIDING_SLOTS)

    @property
    def is_at_stake(self) -> bool:
        """Whether something harmful was carried out, or was to be."""
        if self.action == "execute" and self.carried_out & HARMFUL:
            return True
        return self.row.action == "execute" and bool(HARMFUL & {*self.row.intents})

    @property
    def is_as_labelled(self) -> bool:
        """Whether nothing differs."""
        return self.has_right_intents and self.has_right_slots and self.action == self.row.action

    @property
    def likeliest(self) -> tuple[str, float]:
        """The label with the highest probability, and that."""
        return max(self.confidence.items(), key=lambda item: item[1], default=("", 0.0))


def judged(reader: Reader, rows: Sequence[Example]) -> list[Judged]:
    """Every row as `dspp classify` reads it."""
    return [_judge(reader, row) for row in rows]


def _judge(reader: Reader, row: Example) -> Judged:
    started = time.perf_counter()
    found = classification(reader, row.subject, row.body)
    seconds = time.perf_counter() - started
    slots = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in found.slots.items()}
    return Judged(
        row,
        found.verdict.labels,
        slots,
        found.verdict.action,
        found.verdict.reason,
        found.verdict.carried_out,
        found.confidence,
        seconds,
    )
