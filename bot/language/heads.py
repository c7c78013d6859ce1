"""Linear classifiers: fitted with scikit-learn, read with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.language.features import Indices, Values

Logits = NDArray[np.float64]
TOLERANCE: Final = 0.01
"""Where the fitting stops. Going on to a hundredth of it moves no weight by a thousandth, and takes longer by half."""


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
        self.labels = tuple(sorted(set(labels)))
        one_of_two = len(self.labels) == 2
        asked = self.labels[:1] if one_of_two else self.labels
        fit = self._together if isinstance(matrix, np.ndarray) else self._one_by_one
        is_label = np.array([[one == label for label in asked] for one in labels], dtype=bool)
        weights, bias = fit(matrix, is_label.reshape(len(labels), len(asked)), np.array(shares))
        if one_of_two:  # the second is the first turned round
            weights, bias = np.concatenate([weights, -weights], axis=1), np.concatenate([bias, -bias])
        self._weights = np.ascontiguousarray(weights, dtype=np.float32)
        self._bias = bias

    def _one_by_one(self, matrix: Any, is_label: NDArray[np.bool_], shares: Logits) -> tuple[Logits, Logits]:
        """Weights and bias of each label, for a sparse matrix."""
        # Only fitting needs it; a serving process never loads it.
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        weights, bias = [], []
        for column in is_label.T:
            model = LogisticRegression(
                C=self._inverse_regularization,
                class_weight="balanced",
                solver="liblinear",
                dual=True,
                max_iter=1000,
                tol=TOLERANCE,
                random_state=self._seed,
            )
            model.fit(matrix, column, sample_weight=shares)
            weights.append(model.coef_[0])
            bias.append(float(model.intercept_[0]))
        return np.array(weights).T, np.array(bias)

    def _together(self, matrix: Any, is_label: NDArray[np.bool_], shares: Logits) -> tuple[Logits, Logits]:
        """The same for a dense matrix: one multiplication serves all labels, and it is done in a fifth of the time."""
        # Only fitting needs it; a serving process never loads it.
        from scipy.optimize import minimize  # type: ignore[import-untyped]  # it ships no types

        rows, columns = matrix.shape
        counts = is_label.sum(axis=0)
        balance = np.where(is_label, rows / (2 * counts), rows / (2 * np.maximum(rows - counts, 1)))
        weight = self._inverse_regularization * shares[:, None] * balance
        sign = np.where(is_label, 1.0, -1.0)

        def loss(flat: Logits) -> tuple[float, Logits]:
            values = flat.reshape(columns + 1, -1)
            margin = -sign * ((matrix @ values[:-1].astype(matrix.dtype)).astype(float) + values[-1])
            pull = -sign * weight / (1 + np.exp(-margin))
            slope = values.copy()
            slope[:-1] += matrix.T @ pull.astype(matrix.dtype)
            slope[-1] += pull.sum(axis=0)
            return 0.5 * float(flat @ flat) + float((weight * np.logaddexp(0, margin)).sum()), slope.ravel()

        start = np.zeros((columns + 1) * is_label.shape[1])
        options = {"maxiter": 500, "maxcor": 20, "ftol": 1e-6, "gtol": 1e-3}
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.reshape(columns + 1, -1)
        return found[:-1], found[-1]

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
