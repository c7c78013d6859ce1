"""The parts of a message: which intents it has, and which clauses belong to each.

Conservative: a second intent stands only where a clause of its own plainly
asks for it, in words that we know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.language.acts import has_act
from bot.language.bars import Bars
from bot.language.clauses import Clause
from bot.language.deductions import recurring_topics
from bot.language.readings import Reading, Region
from bot.language.requests import ACTING
from bot.language.scores import Scores
from bot.language.slots import slots_for
from bot.language.stances import NONE
from bot.language.text import cues

_OF_WHAT_STANDS = frozenset({"stop", "pause", "resume", "change"})
FEWEST = 3
"""A clause of fewer words asks for nothing of its own."""
TELLS = 0.8
"""Probability from which on a clause orders nothing but tells of something, perhaps of what was ordered before."""

Scored = Sequence[tuple[Clause, Scores | None]]
"""The clauses in order, with their scores where they may ask for something."""


@dataclass(frozen=True, slots=True)
class Part:
    """One intent with the clauses that ask for it; without clauses, with all of the text."""

    intent: str
    probability: float
    clauses: tuple[Clause, ...] = ()

    @property
    def regions(self) -> list[Region] | None:
        """The stretches of the text that it may take its details from."""
        return [Region(clause.start, clause.end) for clause in self.clauses] or None

    def of(self, text: str) -> str:
        """What it says of `text`."""
        return "\n".join(clause.of(text) for clause in self.clauses) if self.clauses else text


def parts_of(text: str, body: int, whole: Scores, scored: Scored, bars: Bars) -> list[Part]:
    """The likeliest intent, and any other that a clause of its own plainly asks for, in order of appearance.

    The body of the message begins at `body`; before it stands the subject.
    """
    first, probability = whole.best()
    if first == "enroll" and IS_IN.search(text):
        first = next(label for label in whole.ranked() if label != "enroll")
        probability = whole.probabilities[first]
    others: dict[str, float] = {}
    for clause, scores in scored:
        if scores is None:
            continue
        label, chance = scores.best()
        words = clause.of(text)
        if label in {first, "thanks", "out_of_scope"} or len(words.split()) < FEWEST or _only_tells(label, scores):
            continue
        if chance >= bars.clause and whole.probabilities[label] >= bars.whole and has_act(words, label):
            others[label] = max(chance, others.get(label, 0.0))
    if not others:
        return [Part(first, probability)]
    chosen = dict(others) if first in {"thanks", "out_of_scope"} else {first: probability, **others}
    if len(chosen) > 1 and IS_IN.search(text):
        chosen.pop("enroll", None)
    parts = _assigned(text, body, chosen, scored)
    if first in chosen and not any(part.intent == first for part in parts):
        return [Part(first, probability)]
    return [replace(part, probability=max(part.probability, chosen[part.intent])) for part in parts]


IS_IN = cues(r"""
    (?:i'?m|i am|we are|we're) already (?:in the|enrol?led|an? (?:participant|member)|signed up|taking part
    |participating) |
    already an? (?:participant|member) (?:as of|since|of) | i already (?:participate|take part) |
    (?<!me )(?<!us )(?<!get )(?<!getting )(?<!be )enrol?led (?:last|since|back in) |
    (?:i'?m|i am) (?:now )?an? (?:enrol?led )?(?:participant|member) | participant since
""")
"""Words of somebody who is in the plan, and asks for something else."""


def _only_tells(label: str, scores: Scores) -> bool:
    return label in ACTING and scores.stances.get(NONE, 0.0) + scores.stances.get("earlier", 0.0) >= TELLS


def with_first_payment(joining: Part, reading: Reading, whole: Scores, bars: Bars) -> list[Part]:
    """Joining, with what is to be invested at once or every month where the message names it beside."""
    monthly = "monthly" in slots_for("recurring", reading)[0].frequencies
    beside = "recurring" if monthly else "buy"
    named = set(slots_for(beside, reading)[0].amounts) & {item.value for item in reading.amounts}
    if not named or whole.probabilities[beside] < bars.whole:
        return [joining]
    return [joining, Part(beside, joining.probability)]


def without_doubles(parts: Sequence[Part], reading: Reading) -> list[Part]:
    """The parts, where a purchase and a deduction of one and the same sum are taken for one: monthly if it says so.

    "Every month take $500 from my bank and buy stock" is one arrangement, "buy
    $500, debit my bank as before" one purchase. What is to become of a deduction
    that stands is never part of a purchase.
    """
    money = {part.intent: part for part in parts if part.intent in {"buy", "recurring"}}
    if len(money) < 2 or recurring_topics(money["recurring"].of(reading.text)) & _OF_WHAT_STANDS:
        return list(parts)
    spans = {
        span.start
        for part in money.values()
        for span in slots_for(part.intent, reading, part.regions)[1]
        if span.slot == "amount_usd"
    }
    if len(spans) != 1:
        return list(parts)
    kept = "recurring" if "monthly" in slots_for("recurring", reading)[0].frequencies else "buy"
    clauses = tuple(sorted({*money["buy"].clauses, *money["recurring"].clauses}, key=lambda clause: clause.start))
    one = Part(kept, max(part.probability for part in money.values()), clauses if len(parts) > 2 else ())
    first = next(part for part in parts if part.intent in money)
    return [one if part is first else part for part in parts if part is first or part.intent not in money]


def _assigned(text: str, body: int, chosen: Mapping[str, float], scored: Scored) -> list[Part]:
    """The chosen intents with their clauses: each clause goes to the chosen intent it is likeliest for.

    A clause that says little, or only tells, goes with the clause before it; at
    the beginning with the one behind. The order is that of the body, which begins
    at `body`; a subject line may name its matters in any.
    """
    owners = _owners(chosen, [scores for _, scores in scored])
    asked = [
        owner
        for (clause, _), owner in zip(scored, owners, strict=True)
        if clause.start >= body and has_act(clause.of(text), owner)
    ]
    order = list(dict.fromkeys([*asked, *owners]))
    return [
        Part(
            intent,
            max(
                scores.probabilities[intent] if scores else 0.0
                for (_, scores), owner in zip(scored, owners, strict=True)
                if owner == intent
            ),
            tuple(clause for (clause, _), owner in zip(scored, owners, strict=True) if owner == intent),
        )
        for intent in order
    ]


def _owners(chosen: Mapping[str, float], scored: Sequence[Scores | None]) -> list[str]:
    """To which of the chosen intents each clause belongs."""
    found: list[str | None] = []
    for scores in scored:
        best = max(chosen, key=lambda label: scores.probabilities[label]) if scores else None
        is_plain = scores is not None and best is not None and scores.probabilities[best] >= 0.3
        found.append(best if is_plain or not found else found[-1])
    first = next((owner for owner in found if owner is not None), next(iter(chosen)))
    return [owner or first for owner in found]
