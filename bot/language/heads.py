"""Linear classifiers: fitted with scikit-learn, read with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.language.features import Indices, Values

Logits = NDArray[np.float64]


def sparse(features: Sequence[tuple[Indices, Values]], size: int) -> Any:
    """Rows of features as one sparse matrix of `size` columns."""
    # Only fitting needs it; a serving process never loads it.
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # it ships no types

    starts = np.cumsum([0, *(len(indices) for indices, _ in features)])
    columns = np.concatenate([indices for indices, _ in features])
    entries = np.concatenate([values for _, values in features])
    return csr_matrix((entries, columns, starts), shape=(len(features), size))


class LinearHead:
    """Logistic regressions over the same features, one for each label against all others.

    As right as one multinomial regression on our messages, and fitted in a twentieth of the time.
    """

    def __init__(self, inverse_regularization: float, seed: int) -> None:
        self._inverse_regularization = inverse_regularization
        self._seed = seed
        self.labels: tuple[str, ...] = ()
        self._weights: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._bias: Logits = np.zeros(0)

    @property
    def size(self) -> int:
        """How many features it weighs."""
        return int(self._weights.shape[0])

    def fit(self, matrix: Any, labels: Sequence[str], shares: Sequence[float]) -> None:
        """Fit on a matrix, sparse or dense, with a row, a label and a share for each text; labels count equally."""
        # Only fitting needs it; a serving process never loads it.
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        self.labels = tuple(sorted(set(labels)))
        weights, bias = [], []
        for label in self.labels[:1] if len(self.labels) == 2 else self.labels:
            model = LogisticRegression(
                C=self._inverse_regularization,
                class_weight="balanced",
                solver="liblinear",
                dual=True,
                max_iter=1000,
                random_state=self._seed,
            )
            model.fit(matrix, [one == label for one in labels], sample_weight=shares)
            weights.append(model.coef_[0])
            bias.append(float(model.intercept_[0]))
        if len(self.labels) == 2:  # the second is the first turned round
            weights.append(-weights[0])
            bias.append(-bias[0])
        self._weights = np.ascontiguousarray(np.array(weights).T, dtype=np.float32)
        self._bias = np.array(bias)

    def logits(self, indices: Indices, values: Values) -> Logits:
        """One number a label, in the order of `labels`."""
        return np.asarray(values @ self._weights[indices] + self._bias, dtype=float)

    def to_disk(self, path: Path) -> None:
        """Store the weights as `path`.npz."""
        np.savez_compressed(
            path.with_suffix(".npz"), weights=self._weights, bias=self._bias, labels=np.array(self.labels)
        )

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        with np.load(path.with_suffix(".npz")) as stored:
            self._weights, self._bias = stored["weights"], stored["bias"]
            self.labels = tuple(str(label) for label in stored["labels"])


class TwoHeads:
    """One head on the form of a text, one on its meaning; they err on different texts, so their votes are added."""

    def __init__(self, form: LinearHead, meaning: LinearHead, meaning_weight: float) -> None:
        self._form = form
        self._meaning = meaning
        self._meaning_weight = meaning_weight

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the votes."""
        return self._form.labels

    @property
    def size(self) -> int:
        """How many features both weigh."""
        return self._form.size + self._meaning.size

    def fit(self, forms: Any, meanings: Any, labels: Sequence[str], shares: Sequence[float]) -> None:
        """Fit both on matrices with a row for each label."""
        self._form.fit(forms, labels, shares)
        self._meaning.fit(meanings, labels, shares)

    def votes(self, form: tuple[Indices, Values], meaning: tuple[Indices, Values]) -> tuple[Logits, float]:
        """One number a label, the sum of the heads' log-probabilities; and the sum of their energies."""
        return self.apart(form, meaning, 1.0, self._meaning_weight)

    def apart(
        self,
        form: tuple[Indices, Values],
        meaning: tuple[Indices, Values],
        form_weight: float,
        meaning_weight: float,
    ) -> tuple[Logits, float]:
        """The votes and the energy with other weights, such as of one head alone."""
        formal, meant = self._form.logits(*form), self._meaning.logits(*meaning)
        formal_energy, meant_energy = float(np.logaddexp.reduce(formal)), float(np.logaddexp.reduce(meant))
        votes = form_weight * (formal - formal_energy) + meaning_weight * (meant - meant_energy)
        return votes, bool(form_weight) * formal_energy + bool(meaning_weight) * meant_energy

    def to_disk(self, path: Path) -> None:
        """Store both heads, their files' names beginning with `path`."""
        self._form.to_disk(path.with_name(f"{path.name}-form"))
        self._meaning.to_disk(path.with_name(f"{path.name}-meaning"))

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        self._form.from_disk(path.with_name(f"{path.name}-form"))
        self._meaning.from_disk(path.with_name(f"{path.name}-meaning"))
