"""Which figures of a message are ordered: a spaCy component that learns it from the words around each.

"Tires ran me $612", "I get $1,140 a month" and "sold for 5.20" name figures that
nobody orders, in more ways than rules foresee. A small regression looks at
what the sentence encoder says of the figure itself and of three words before
and behind, and gives the chances that it is to be paid, counted in shares, or
neither. `figure_roles` says how far that is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from bot.language.calibration import probabilities
from bot.language.encoder import Meaning
from bot.language.encoder_graph import TOKEN_LAYERS, WIDTH
from bot.language.figure_roles import Chances
from bot.language.found import Found
from bot.language.intent import MEANING
from bot.language.readings import READING, Reading, read, with_roles

NAME: Final = "dspp_figures"
FIGURES: Final = "dspp_figures"
"""Key in a training doc's user data: the values labelled as amounts and as shares."""
AMOUNT, SHARES, TOLD = "amount", "shares", "told"
NEIGHBORS: Final = (2, 6)
"""So many tokens are looked at before a figure, and behind: the nearest, and those with some more."""
SIZE: Final = (1 + 2 * len(NEIGHBORS)) * len(TOKEN_LAYERS) * WIDTH
_LEAST_DEVIATION: Final = 1e-3

Floats = NDArray[np.float32]


@Language.factory(NAME, default_config={"inverse_regularization": 0.003})
def create_figures(nlp: Language, name: str, inverse_regularization: float) -> FigureReader:
    """Makes the component from a pipeline's config."""
    return FigureReader(name, inverse_regularization)


class FigureReader:
    """The regression over the context of a figure."""

    def __init__(self, name: str, inverse_regularization: float) -> None:
        self.name = name
        self._inverse_regularization = inverse_regularization
        self._roles: tuple[str, ...] = ()
        self._weights: Floats = np.zeros((SIZE, 0), dtype=np.float32)
        self._bias: Floats = np.zeros(0, dtype=np.float32)
        self._center: Floats = np.zeros(SIZE, dtype=np.float32)
        self._scale: Floats = np.ones(SIZE, dtype=np.float32)

    def __call__(self, doc: Doc) -> Doc:
        """Leave the chances of each figure with the doc's reading."""
        meaning: Meaning | None = doc.user_data.get(MEANING)
        reading: Reading | None = doc.user_data.get(READING)
        if meaning is not None and reading is not None and self._roles:
            doc.user_data[READING] = with_roles(reading, self.chances(meaning, reading.figures))
        return doc

    def chances(self, meaning: Meaning, figures: Sequence[Found[Decimal]]) -> dict[int, Chances]:
        """The chances of each figure that the encoder has read, by where it begins."""
        found = {}
        for figure in figures:
            context = _context(meaning, figure)
            if context is not None:
                votes = ((context - self._center) * self._scale) @ self._weights + self._bias
                chance = dict(zip(self._roles, probabilities(np.asarray(votes, dtype=float)).tolist(), strict=True))
                found[figure.start] = Chances(chance.get(AMOUNT, 0.0), chance.get(SHARES, 0.0), chance.get(TOLD, 0.0))
        return found

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
    ) -> None:
        """Fit on examples whose reference docs carry their meaning and the values of their slots."""
        # Only fitting needs it; a serving process never loads it.
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        contexts: list[Floats] = []
        roles: list[str] = []
        for example in get_examples():
            doc = example.reference
            amounts, shares = doc.user_data.get(FIGURES, ((), ()))
            for figure in read(doc.text).figures:
                context = _context(doc.user_data[MEANING], figure)
                if context is not None:
                    contexts.append(context)
                    roles.append(AMOUNT if figure.value in amounts else SHARES if figure.value in shares else TOLD)
        if len(set(roles)) < 2:
            return
        stacked = np.array(contexts)
        self._center = stacked.mean(axis=0)
        self._scale = 1 / np.maximum(stacked.std(axis=0), _LEAST_DEVIATION)
        model = LogisticRegression(C=self._inverse_regularization, max_iter=300, tol=1e-3)
        model.fit((stacked - self._center) * self._scale, roles)
        self._roles = tuple(str(role) for role in model.classes_)
        weights, bias = np.asarray(model.coef_.T), np.asarray(model.intercept_)
        if len(self._roles) == 2:  # one regression tells both
            weights, bias = np.concatenate([-weights, weights], axis=1) / 2, np.concatenate([-bias, bias]) / 2
        self._weights, self._bias = weights.astype(np.float32), bias.astype(np.float32)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Store the weights under `path`."""
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        kept: dict[str, Any] = {
            "roles": np.array(self._roles), "weights": self._weights, "bias": self._bias,
            "center": self._center, "scale": self._scale,
        }  # fmt: skip
        np.savez_compressed(path / "figures.npz", **kept)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> FigureReader:
        """Load what `to_disk` stored."""
        with np.load(Path(path) / "figures.npz") as stored:
            self._roles = tuple(str(role) for role in stored["roles"])
            self._weights, self._bias = stored["weights"], stored["bias"]
            self._center, self._scale = stored["center"], stored["scale"]
        return self


def _context(meaning: Meaning, figure: Found[Decimal]) -> Floats | None:
    """The figure's own tokens and those on either side, each stretch as a mean; None if the encoder did not read it."""
    starts, ends = meaning.offsets[:, 0], meaning.offsets[:, 1]
    own = np.flatnonzero((starts < figure.end) & (ends > figure.start) & (ends > starts))
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
