"""What a text asks: a spaCy component that fills `doc.cats` with a calibrated probability for each label.

Linear: the featurizers' numbers times fitted weights, cooled or warmed by one
temperature. Fitting needs scikit-learn; reading needs numpy only. It never
decides anything: thresholds and gates are `decide`'s.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from bot.language.clauses import clauses
from bot.language.features import FEATURIZERS, Featurizer, Indices, Values
from bot.language.text import LONGEST, plain

NAME = "dspp_intent"
_LETTERS = re.compile(r"[a-z']+")
WHOLE_SCORES = "dspp_scores"
CLAUSE_SCORES = "dspp_clause_scores"
FAMILIARITY = "dspp_familiarity"
"""Keys under which a doc keeps its scores, those of its clauses, and the share of its words that are known."""
GROUP = "dspp_group"
"""Key in a training doc's user data: rows of one group are never both fitted and calibrated on."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely each label is, and how much the text looks like anything the classifier knows."""

    probabilities: Mapping[str, float]
    energy: float
    """Negative free energy, higher for familiar text."""

    def best(self) -> tuple[str, float]:
        """The likeliest label and its probability."""
        return max(self.probabilities.items(), key=lambda item: item[1])

    def ranked(self) -> list[str]:
        """All labels, likeliest first."""
        return sorted(self.probabilities, key=lambda label: -self.probabilities[label])


@Language.factory(
    NAME,
    assigns=["doc.cats"],
    default_config={
        "features": {"words": 1.0, "characters": 1.0, "cues": 0.25},
        "inverse_regularization": 15.0,
        "seed": 0,
    },
)
def create_intent(
    nlp: Language, name: str, features: dict[str, float], inverse_regularization: float, seed: int
) -> IntentClassifier:
    """Makes the component from a pipeline's config."""
    return IntentClassifier(name, features, inverse_regularization, seed)


class IntentClassifier:
    """Featurizers side by side under one multinomial logistic regression."""

    def __init__(self, name: str, features: Mapping[str, float], inverse_regularization: float, seed: int) -> None:
        self.name = name
        self._weight = dict(features)
        self._inverse_regularization = inverse_regularization
        self._seed = seed
        self._featurizers: dict[str, Featurizer] = {key: FEATURIZERS[key]() for key in features}
        self._labels: tuple[str, ...] = ()
        self._weights: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._bias: NDArray[np.float64] = np.zeros(0)
        self._temperature = 1.0
        self._known: frozenset[str] = frozenset()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in order."""
        return self._labels

    def __call__(self, doc: Doc) -> Doc:
        """Fill `doc.cats`; leave the scores of the whole and of each clause with the doc."""
        text = doc.text[:LONGEST]
        whole = self.scores(text)
        doc.cats = dict(whole.probabilities)
        found = clauses(doc) if len(doc.text) <= LONGEST else ()
        parts = [(clause, whole if len(found) == 1 else self.scores(clause.of(doc.text))) for clause in found]
        doc.user_data |= {WHOLE_SCORES: whole, CLAUSE_SCORES: parts, FAMILIARITY: self.familiarity(text)}
        return doc

    def familiarity(self, text: str) -> float:
        """The share of the words of `text` that the examples hold; 1 for a text without letters."""
        words = _LETTERS.findall(plain(text).lower())
        foreign = sum(1 for character in text if character.isalpha() and not character.isascii())
        known = sum(1 for word in words if word in self._known)
        letters = sum(map(len, words)) + foreign
        if not letters:
            return 1.0
        return (known / len(words) if words else 0.0) * (1 - foreign / letters)

    def scores(self, text: str) -> Scores:
        """The scores of any text, a whole message or one clause."""
        indices, values = self._features(text)
        logits = (values @ self._weights[indices] + self._bias) / self._temperature
        peak = float(logits.max())
        exponents = np.exp(logits - peak)
        total = float(exponents.sum())
        shares = (exponents / total).tolist()
        return Scores(dict(zip(self._labels, shares, strict=True)), peak + float(np.log(total)))

    def _features(self, text: str) -> tuple[Indices, Values]:
        offset, indices, values = 0, [], []
        for key, featurizer in self._featurizers.items():
            at, value = featurizer.transform(text)
            indices.append(at + offset)
            values.append(value * self._weight[key])
            offset += featurizer.size
        return np.concatenate(indices), np.concatenate(values)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Fit on examples whose reference docs carry `cats`, several where a message asks several things.

        Where the docs name groups (authors), the temperature is calibrated on
        groups left out in turn; the weights are then fitted on all.
        """
        docs = [example.reference for example in get_examples()]
        rows = [
            _Row(
                doc.text,
                tuple(label for label, value in doc.cats.items() if value > 0),
                str(doc.user_data.get(GROUP, "")),
            )
            for doc in docs
        ]
        groups = sorted({row.group for row in rows})
        if len(groups) > 1:
            logits, gold = [], []
            for group in groups:
                self._fit([row for row in rows if row.group != group])
                held_out = [row for row in rows if row.group == group and len(row.labels) == 1]
                logits += [self._logits(row.text) for row in held_out]
                gold += [self._labels.index(row.labels[0]) for row in held_out]
                report(f"  calibrated on {len(held_out)} messages by {group}")
            self._temperature = best_temperature(np.array(logits), np.array(gold))
        self._fit(rows)
        counts = Counter(
            word
            for row in rows
            if row.labels != ("out_of_scope",)
            for word in set(_LETTERS.findall(plain(row.text).lower()))
        )
        self._known = frozenset(counts)
        report(
            f"  fitted {self._weights.shape[0]} features for {len(self._labels)} labels,"
            f" temperature {self._temperature:.2f}"
        )

    def _logits(self, text: str) -> NDArray[np.float64]:
        indices, values = self._features(text)
        return np.asarray(values @ self._weights[indices] + self._bias)

    def _fit(self, rows: Sequence[_Row]) -> None:
        # Only fitting needs these; a serving process never loads them.
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # it ships no types
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        for featurizer in self._featurizers.values():
            featurizer.fit(row.text for row in rows)
        size = sum(featurizer.size for featurizer in self._featurizers.values())
        columns, entries, starts, labels, shares = [], [], [0], [], []
        for row in rows:
            indices, values = self._features(row.text)
            for label in row.labels:
                columns.append(indices)
                entries.append(values)
                starts.append(starts[-1] + len(indices))
                labels.append(label)
                shares.append(1 / len(row.labels))
        matrix = csr_matrix((np.concatenate(entries), np.concatenate(columns), starts), shape=(len(labels), size))
        model = LogisticRegression(
            C=self._inverse_regularization, class_weight="balanced", max_iter=400, random_state=self._seed
        )
        model.fit(matrix, labels, sample_weight=shares)
        self._labels = tuple(str(label) for label in model.classes_)
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = np.asarray(model.intercept_, dtype=float)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Store labels, weights and every featurizer under `path`."""
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        settings = {"labels": self._labels, "temperature": self._temperature, "features": self._weight}
        (path / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
        (path / "words.json").write_text(json.dumps(sorted(self._known)), encoding="utf-8")
        np.savez_compressed(path / "weights.npz", weights=self._weights, bias=self._bias)
        for key, featurizer in self._featurizers.items():
            featurizer.to_disk(path / key)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> IntentClassifier:
        """Load what `to_disk` stored."""
        path = Path(path)
        settings: dict[str, Any] = json.loads((path / "settings.json").read_text(encoding="utf-8"))
        self._labels = tuple(settings["labels"])
        self._temperature = float(settings["temperature"])
        self._weight = {key: float(value) for key, value in settings["features"].items()}
        self._featurizers = {key: FEATURIZERS[key]() for key in self._weight}
        self._known = frozenset(json.loads((path / "words.json").read_text(encoding="utf-8")))
        with np.load(path / "weights.npz") as stored:
            self._weights, self._bias = stored["weights"], stored["bias"]
        for key, featurizer in self._featurizers.items():
            featurizer.from_disk(path / key)
        return self


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    labels: tuple[str, ...]
    group: str


def best_temperature(logits: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """The temperature under which `gold` is likeliest, to two places, between 0.2 and 3."""

    def surprise(temperature: float) -> float:
        scaled = logits / temperature
        totals = np.logaddexp.reduce(scaled, axis=1)
        return float(np.mean(totals - scaled[np.arange(len(gold)), gold]))

    return float(min((round(step * 0.02, 2) for step in range(10, 151)), key=surprise))
