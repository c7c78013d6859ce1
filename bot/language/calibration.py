"""How far scores can be trusted: learned on messages by authors whom the fitted weights had not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.01
"""Share of messages whose right label the set of possible labels may miss."""
REJECTED = 0.05
"""Share of messages within our matters that the energy gate may reject."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into probabilities, and bounds what is likely and what is familiar."""

    temperature: float = 1.0
    least_possible: float = 0.0
    """Probability from which on a label is possible: the split conformal set at `ALPHA`."""
    least_familiarity: float = -np.inf
    """Energy and weighed nearness under which a text is unlike anything of ours."""
    order_temperature: float = 1.0
    """What turns the votes on whether a text orders something into a probability."""

    def to_json(self) -> Mapping[str, float]:
        """As it is stored."""
        return {
            "temperature": self.temperature,
            "least_possible": self.least_possible,
            "least_familiarity": self.least_familiarity,
            "order_temperature": self.order_temperature,
        }


@dataclass
class HeldOut:
    """What was voted on messages that the fitted weights had not seen."""

    votes: list[NDArray[np.float64]] = field(default_factory=list)
    gold: list[int] = field(default_factory=list)
    """The right label's place in the votes."""
    familiarities: list[float] = field(default_factory=list)
    ours: list[bool] = field(default_factory=list)
    """Whether the message is within our matters."""
    order_votes: list[NDArray[np.float64]] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    """The right answer's place in the votes on whether it is an order."""

    def calibration(self) -> Calibration:
        """The calibration that fits these messages."""
        logits, gold = np.array(self.votes), np.array(self.gold, dtype=np.int64)
        temperature = best_temperature(logits, gold)
        right = probabilities(logits / temperature)[np.arange(len(gold)), gold]
        rank = max(int(np.floor(ALPHA * (len(right) + 1))) - 1, 0)
        return Calibration(
            temperature=temperature,
            least_possible=float(np.sort(right)[rank]),
            least_familiarity=float(np.quantile(np.array(self.familiarities)[np.array(self.ours)], REJECTED)),
            order_temperature=best_temperature(np.array(self.order_votes), np.array(self.orders, dtype=np.int64)),
        )


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over the last axis."""
    return np.asarray(np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)))


def best_temperature(logits: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """The temperature under which `gold` is likeliest, to two places, between 0.2 and 10."""

    def surprise(temperature: float) -> float:
        scaled = logits / temperature
        totals = np.logaddexp.reduce(scaled, axis=1)
        return float(np.mean(totals - scaled[np.arange(len(gold)), gold]))

    return float(min((round(step * 0.02, 2) for step in range(10, 501)), key=surprise))


def folds(groups: Sequence[str], most: int) -> list[frozenset[str]]:
    """The groups dealt into at most `most` folds of about equal size, the same way each time."""
    counts = Counter(groups)
    dealt: list[tuple[int, set[str]]] = [(0, set()) for _ in range(min(most, len(counts)))]
    for group in sorted(counts, key=lambda name: (-counts[name], name)):
        at = min(range(len(dealt)), key=lambda number: dealt[number][0])
        size, names = dealt[at]
        dealt[at] = (size + counts[group], names | {group})
    return [frozenset(names) for _, names in dealt]
