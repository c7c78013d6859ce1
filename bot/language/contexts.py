"""What a stretch of a text is for, learned from the words around it and from signs: one regression.

The words are what the sentence encoder says of the stretch itself and of those
before and behind it; the signs are what the grammar says. `figures` and
`moments` have one each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.language.calibration import probabilities
from bot.language.encoder import Meaning
from bot.language.encoder_graph import TOKEN_LAYERS, WIDTH
from bot.language.found import Found

NEIGHBORS: Final = (2, 6)
"""So many tokens are looked at before a stretch, and behind: the nearest, and those with some more."""
WORDS: Final = (1 + 2 * len(NEIGHBORS)) * len(TOKEN_LAYERS) * WIDTH
"""So many numbers say what stands around a stretch; the signs come after them."""
_LEAST_DEVIATION: Final = 1e-3

Floats = NDArray[np.float32]


class ContextRegression:
    """Chances of what a stretch is for, a logistic regression. `signs_count` says how much more a sign counts than
    one number of the encoder."""

    def __init__(self, inverse_regularization: float, signs_count: float) -> None:
        self._inverse_regularization = inverse_regularization
        self._signs_count = signs_count
        self.roles: tuple[str, ...] = ()
        self._weights: Floats = np.zeros((0, 0), dtype=np.float32)
        self._bias: Floats = np.zeros(0, dtype=np.float32)
        self._center: Floats = np.zeros(0, dtype=np.float32)
        self._scale: Floats = np.ones(0, dtype=np.float32)

    def fit(self, seen: Sequence[Floats], roles: Sequence[str]) -> None:
        """Learn from what is to be seen of stretches, each with what it is for; nothing where all are alike."""
        # Only fitting needs it; a serving process never loads it.
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        self.roles = ()
        if len(set(roles)) < 2:
            return
        stacked = np.array(seen)
        self._center = stacked.mean(axis=0)
        self._scale = 1 / np.maximum(stacked.std(axis=0), _LEAST_DEVIATION)
        self._scale[WORDS:] *= self._signs_count
        model = LogisticRegression(C=self._inverse_regularization, max_iter=300, tol=1e-3)
        model.fit((stacked - self._center) * self._scale, roles)
        self.roles = tuple(str(role) for role in model.classes_)
        weights, bias = np.asarray(model.coef_.T), np.asarray(model.intercept_)
        if len(self.roles) == 2:  # one regression tells both
            weights, bias = np.concatenate([-weights, weights], axis=1) / 2, np.concatenate([-bias, bias]) / 2
        self._weights, self._bias = weights.astype(np.float32), bias.astype(np.float32)

    def chances(self, seen: Floats) -> Mapping[str, float]:
        """The chance of each role; none where nothing was learned."""
        if not self.roles:
            return {}
        votes = ((seen - self._center) * self._scale) @ self._weights + self._bias
        return dict(zip(self.roles, probabilities(np.asarray(votes, dtype=float)).tolist(), strict=True))

    def to_disk(self, path: Path) -> None:
        """Store the weights as `path`.npz."""
        kept: dict[str, Any] = {
            "roles": np.array(self.roles), "weights": self._weights, "bias": self._bias,
            "center": self._center, "scale": self._scale,
        }  # fmt: skip
        np.savez_compressed(path.with_suffix(".npz"), **kept)

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        with np.load(path.with_suffix(".npz")) as stored:
            self.roles = tuple(str(role) for role in stored["roles"])
            self._weights, self._bias = stored["weights"], stored["bias"]
            self._center, self._scale = stored["center"], stored["scale"]


def context(meaning: Meaning, stretch: Found[object]) -> Floats | None:
    """The stretch's own tokens and those on either side, each part as a mean; None if the encoder did not read it."""
    starts, ends = meaning.offsets[:, 0], meaning.offsets[:, 1]
    own = np.flatnonzero((starts < stretch.end) & (ends > stretch.start) & (ends > starts))
    if not len(own):
        return None
    first, last = int(own[0]), int(own[-1]) + 1
    spans = [(first, last)]
    for count in NEIGHBORS:
        spans += [(max(first - count, 1), first), (last, last + count)]
    return np.concatenate([_mean(meaning.tokens[:, start:end]) for start, end in spans])


def _mean(tokens: NDArray[np.float16]) -> Floats:
    if not tokens.shape[1]:
        return np.zeros(tokens.shape[0] * WIDTH, dtype=np.float32)
    return np.asarray(tokens.astype(np.float32).mean(axis=1).ravel(), dtype=np.float32)
