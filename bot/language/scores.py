"""How likely each reading of a text is: what the heads say of a message or a clause, for `decide` to weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.language.neighbors import WEIGHT
from bot.language.stances import ORDER

WHOLE_SCORES = "dspp_scores"
CLAUSE_SCORES = "dspp_clause_scores"
FAMILIARITY = "dspp_familiarity"
MEANING = "dspp_meaning"
UNSEEN_SCORES = "dspp_unseen_scores"
"""Keys under which a doc keeps its scores, those of its clauses, the share of its words that are known, and what
the sentence encoder says of it; with a training doc, the scores by heads that had not seen its author."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely each label is, and how much the text looks like anything the classifier knows."""

    probabilities: Mapping[str, float]
    energy: float
    """Negative free energy, higher for familiar text."""
    possible: frozenset[str] = frozenset()
    """The labels that may be right, so wide that it holds the right one in 99 of 100 messages."""
    nearness: float = 0.0
    """The mean cosine to the nearest messages on our matters."""
    is_familiar: bool = True
    """Whether energy and nearness together are within those of 95 of 100 messages on our matters."""
    stances: Mapping[str, float] = field(default_factory=lambda: {ORDER: 1.0})
    """How likely the text takes each stance, such as that it orders something."""
    ending: float = 0.0
    """How likely a deduction that it is about is to be stopped or paused."""

    @property
    def order(self) -> float:
        """How likely the text orders something, rather than asks, tells, supposes or forbids."""
        return self.stances[ORDER]

    def best(self) -> tuple[str, float]:
        """The likeliest label and its probability."""
        return max(self.probabilities.items(), key=lambda item: item[1])

    def ranked(self) -> list[str]:
        """All labels, likeliest first."""
        return sorted(self.probabilities, key=lambda label: -self.probabilities[label])


@dataclass(frozen=True, slots=True)
class Votes:
    """What all heads together say of a text, before it is known how far they can be trusted."""

    labels: NDArray[np.float64]
    ending: float
    """How many more votes there are for a deduction that is to end than for one that is to run."""
    order: NDArray[np.float64]
    stances: Mapping[str, float]
    """As the attention head has them."""
    energy: float
    nearness: float

    @property
    def familiarity(self) -> float:
        """Energy and nearness together."""
        return self.energy + WEIGHT * self.nearness
