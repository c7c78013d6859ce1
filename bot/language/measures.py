"""Statistics over judged messages: recall, calibration, bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.language.examples import LABELS
from bot.language.judging import Judged

DRAWS = 1000
"""Samples drawn with replacement for a bound."""
BINS = 10
"""Bands of probability in which calibration is looked at."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How one label was recognised."""

    label: str
    precision: float
    recall: float
    f1: float
    messages: int
    """How many messages carry the label."""


@dataclass(frozen=True, slots=True)
class Band:
    """Messages whose likeliest label had about the same probability."""

    probability: float
    """The mean of what was claimed."""
    right: float
    """The share that was right."""
    messages: int


def share(part: float, whole: float) -> float:
    """`part` of `whole`; 0 of nothing."""
    return part / whole if whole else 0.0


def intent_scores(judged: Sequence[Judged]) -> tuple[IntentScore, ...]:
    """Precision, recall and F1 of each label that a message carries or was taken to carry."""
    hits, claimed, carried = _counts(judged)
    scores = []
    for at, label in enumerate(LABELS):
        hit, claim, carry = (int(counts[:, at].sum()) for counts in (hits, claimed, carried))
        if claim or carry:
            scores.append(
                IntentScore(label, share(hit, claim), share(hit, carry), share(2 * hit, claim + carry), carry)
            )
    return tuple(scores)


def macro_f1_bounds(judged: Sequence[Judged], seed: int = 0) -> tuple[float, float]:
    """Where 95 of 100 bootstrap samples have their macro F1."""
    hits, claimed, carried = _counts(judged)
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(judged), len(judged))
        hit, whole = hits[drawn].sum(axis=0), (claimed[drawn] + carried[drawn]).sum(axis=0)
        found.append(float(np.mean(2 * hit[whole > 0] / whole[whole > 0])))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _counts(judged: Sequence[Judged]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each message and label: found rightly, found, labelled."""
    claimed = np.array([[label in one.intents for label in LABELS] for one in judged], dtype=np.int64)
    carried = np.array([[label in one.row.intents for label in LABELS] for one in judged], dtype=np.int64)
    return claimed * carried, claimed, carried


def bands(judged: Sequence[Judged]) -> tuple[Band, ...]:
    """Messages that ask one thing, by the probability of the likeliest label."""
    single = [one for one in judged if len(one.row.intents) == 1 and one.confidence]
    grouped: dict[int, list[Judged]] = {}
    for one in single:
        grouped.setdefault(min(int(one.likeliest[1] * BINS), BINS - 1), []).append(one)
    return tuple(
        Band(
            share(sum(one.likeliest[1] for one in group), len(group)),
            share(sum(one.likeliest[0] == one.row.intents[0] for one in group), len(group)),
            len(group),
        )
        for _, group in sorted(grouped.items())
    )


def calibration_error(found: Sequence[Band]) -> float:
    """Expected calibration error: how far claim and truth lie apart, weighted by messages."""
    total = sum(band.messages for band in found)
    return share(sum(abs(band.probability - band.right) * band.messages for band in found), total)


def slot_exactness(judged: Sequence[Judged]) -> Mapping[str, tuple[float, int]]:
    """By slot: in what share of the messages that have or got it, their intents being right, it is exactly right."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for one in judged:
        if one.has_right_intents:
            for name in {*one.slots, *one.row.slots}:
                total[name] += 1
                right[name] += one.slots.get(name) == one.row.slots.get(name)
    return {name: (share(right[name], count), count) for name, count in sorted(total.items())}


def confusion(judged: Sequence[Judged]) -> NDArray[np.int64]:
    """Messages that ask one thing: rows are labelled, columns read (the likeliest label), in the order of `LABELS`."""
    table = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
    for one in judged:
        label, _ = one.likeliest
        if len(one.row.intents) == 1 and label in LABELS:
            table[LABELS.index(one.row.intents[0]), LABELS.index(label)] += 1
    return table
