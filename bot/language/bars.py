"""How probable a reading must be before it counts: by harm done if wrong, and where more is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

BY_INTENT: Mapping[str, float] = {
    "sell": 0.5, "withdraw": 0.5, "buy": 0.45, "recurring": 0.45,
    "update_account": 0.4, "cancel_order": 0.4, "enroll": 0.4, "thanks": 0.4, "out_of_scope": 0.4,
}  # fmt: skip
"""Least probability of those labels that harm somebody if wrong, or leave somebody without an answer."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Every number that decides; stored with the pipeline, and with each decision."""

    by_intent: Mapping[str, float] = field(default_factory=lambda: dict(BY_INTENT))
    others: float = 0.3
    """Least probability of every other label."""
    unfamiliar: float = 0.5
    """Least probability, whatever the label, of a message unlike any on our matters."""
    clause: float = 0.8
    """Least probability, within its own clause, of a request beside the likeliest."""
    whole: float = 0.005
    """Least probability of such a request within the whole message."""
    order: float = 0.4
    """Least probability that the words order something; under it the sender is asked, or told how to join."""
    stands: float = 0.6
    """Least probability, all grounds weighed together, that an order may be carried out as it stands."""
    doubted: float = 0.08
    """Least probability of a stance for which a cue of that stance counts, though all grounds let the order stand."""
    plain: float = 0.5
    """Probability of a stance from which on it is doubted without any cue."""
    sure_order: float = 0.8
    """From here on the words order something beyond doubt."""
    ended: float = 0.9
    """Probability from which on a deduction is taken to be stopped where no words that we know say so."""
    unworded: float = 0.5
    """Probability of a reading, and of its being an order, from which on it needs no words that we know."""
    unworded_in_few: float = 0.9
    """The same of a text of a word or two."""

    def needed(self, intent: str, *, is_familiar: bool) -> float:
        """The least probability from which on `intent` is believed of a message."""
        least = self.by_intent.get(intent, self.others)
        return least if is_familiar else max(least, self.unfamiliar)

    def to_json(self) -> Mapping[str, float]:
        """As they are stored with a decision: a label's own bar under its name, `others` for those without."""
        named = asdict(self)
        return {**named.pop("by_intent"), **named}
