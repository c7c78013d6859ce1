"""What a text asks: a spaCy component that fills `doc.cats` with a calibrated probability for each label.

Three heads look at a text: one at its words and characters, one at the meaning
of the whole as the sentence encoder has it, one at the meaning of each word.
They err on different texts, so their votes are added: the sum of their
log-probabilities, cooled by one temperature. In the same way they are asked of
any text whether it orders something at all, or asks, tells, supposes, forbids.
Nothing is decided here: thresholds and gates are `decide`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from bot.language.acts import has_any_act
from bot.language.attention import NETS, AttentionHead, Lesson
from bot.language.calibration import Calibration, HeldOut, folds, probabilities
from bot.language.clauses import Clause, clauses
from bot.language.encoder import SIZE, Encoder, Meaning, Vector, is_prepared, prepare
from bot.language.examples import STAFF
from bot.language.features import FEATURIZERS, Featurizer, Indices, Values
from bot.language.heads import LinearHead, Logits, TwoHeads, sparse
from bot.language.neighbors import Neighbors
from bot.language.scores import CLAUSE_SCORES, FAMILIARITY, MEANING, UNSEEN_SCORES, WHOLE_SCORES, Scores, Votes
from bot.language.side_processes import in_processes
from bot.language.stances import ORDER
from bot.language.text import LONGEST, plain

NAME = "dspp_intent"
_LETTERS = re.compile(r"[a-z']+")
GROUP = "dspp_group"
"""Key in a training doc's user data: rows of one group are never both fitted and calibrated on."""
STANCE = "dspp_stance"
"""Key in a training doc's user data: how it puts its act; None if that is not known."""
ENDING = "dspp_ending"
"""Key in a training doc's user data: whether the monthly deduction is to be stopped or paused."""
DEDUCTION, ENDED = "recurring", "recurring, ended"
"""The heads tell a deduction that is to end from one that is to run; outside of them both are one label."""
NO_ORDER = "other"
NOT_OURS = "out_of_scope"
"""The label of what is not within our matters."""

FOLDS = 3
"""Into so many parts the examples are dealt, by author."""
LEFT_OUT = 2
"""So many of them are left out in turn to calibrate on: enough messages, in three quarters of the time."""
_LEAST_DEVIATION = 1e-3  # Two of the encoder's numbers hardly vary; they are not blown up.


@Language.factory(
    NAME,
    assigns=["doc.cats"],
    default_config={
        "features": {"words": 1.0, "characters": 1.0, "cues": 0.25},
        "inverse_regularization": 15.0,
        "meaning_inverse_regularization": 10.0,
        "meaning_weight": 1.0,
        "attention_weight": 2.0,
        "seed": 0,
    },
)
def create_intent(
    nlp: Language,
    name: str,
    features: dict[str, float],
    inverse_regularization: float,
    meaning_inverse_regularization: float,
    meaning_weight: float,
    attention_weight: float,
    seed: int,
) -> IntentClassifier:
    """Makes the component from a pipeline's config."""

    def pair() -> TwoHeads:
        form = LinearHead(inverse_regularization, seed)
        return TwoHeads(form, LinearHead(meaning_inverse_regularization, seed), meaning_weight)

    return IntentClassifier(name, features, pair(), pair(), AttentionHead(seed), attention_weight)


class IntentClassifier:
    """The heads, and how far they can be trusted."""

    def __init__(
        self,
        name: str,
        features: Mapping[str, float],
        intents: TwoHeads,
        orders: TwoHeads,
        attention: AttentionHead,
        attention_weight: float,
    ) -> None:
        self.name = name
        self._weight = dict(features)
        self._featurizers: dict[str, Featurizer] = {key: FEATURIZERS[key]() for key in features}
        self._intents = intents
        self._orders = orders
        self._attention = attention
        self._attention_weight = attention_weight
        self._center: Vector = np.zeros(SIZE, dtype=np.float32)
        self._scale: Vector = np.ones(SIZE, dtype=np.float32)
        self._calibration = Calibration()
        self._neighbors = Neighbors()
        self._known: frozenset[str] = frozenset()
        self._encoder_folder: Path | None = None
        self._encoder: Encoder | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in order."""
        return tuple(label for label in self._intents.labels if label != ENDED)

    @property
    def calibration(self) -> Calibration:
        """What turns its scores into probabilities."""
        return self._calibration

    def __call__(self, doc: Doc) -> Doc:
        """Fill `doc.cats`; leave with the doc the scores of the whole and of each clause that may ask for something."""
        text = doc.text  # put together anew at each call
        read = text[:LONGEST]
        meaning = self.meaning(read)
        whole = self._scored(self._votes(read, meaning))
        doc.cats = dict(whole.probabilities)
        found = clauses(doc) if len(text) <= LONGEST else ()
        if len(found) == 1:
            parts: list[tuple[Clause, Scores | None]] = [(found[0], whole)]
        else:  # most clauses tell; only those that have words of asking are worth a reading of their own
            parts = [
                (clause, self.scores(words) if has_any_act(words := clause.of(text)) else None) for clause in found
            ]
        doc.user_data |= {WHOLE_SCORES: whole, CLAUSE_SCORES: parts, FAMILIARITY: self.familiarity(read)}
        doc.user_data[MEANING] = meaning
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
        return self._scored(self._votes(text, self.meaning(text)))

    def _scored(self, votes: Votes) -> Scores:
        trust = self._calibration
        chances = dict(zip(self.labels, probabilities(votes.labels / trust.temperature).tolist(), strict=True))
        orders = probabilities(votes.order / trust.order_temperature)
        return Scores(
            chances,
            votes.energy,
            frozenset(label for label, chance in chances.items() if chance >= trust.least_possible),
            votes.nearness,
            votes.familiarity >= trust.least_familiarity,
            self._stances(float(orders[self._orders.labels.index(ORDER)]), votes.stances),
            float(1 / (1 + np.exp(-votes.ending / trust.temperature))),
        )

    def _stances(self, order: float, looked: Mapping[str, float]) -> Mapping[str, float]:
        """The probability of an order as all heads have it; the rest shared as the attention head has it."""
        rest = np.logaddexp.reduce([vote for stance, vote in looked.items() if stance != ORDER] or [0.0])
        others = {one: (1 - order) * float(np.exp(vote - rest)) for one, vote in looked.items() if one != ORDER}
        return {ORDER: order, **others}

    def _votes(self, text: str, meaning: Meaning) -> Votes:
        """The votes of all heads."""
        read = self._features(text), self._standard(meaning.vector)
        form, energy = self._intents.votes(*read)
        orders, _ = self._orders.votes(*read)
        looked, stances = self._attention.votes(meaning)
        rest = [vote for stance, vote in stances.items() if stance != ORDER]
        either = {ORDER: stances[ORDER], NO_ORDER: float(np.logaddexp.reduce(rest))}
        weight = self._attention_weight
        labels, ending = self._merged(form + weight * looked)
        on_order = orders + weight * np.array([either[one] for one in self._orders.labels])
        return Votes(labels, ending, on_order, stances, energy, self._neighbors.nearness(meaning.vector))

    def _merged(self, votes: Logits) -> tuple[Logits, float]:
        """The votes on `labels`, and how many more there are for ending a deduction than for letting it run."""
        known = self._intents.labels
        if ENDED not in known or DEDUCTION not in known:
            return votes, -np.inf
        runs, ended = votes[known.index(DEDUCTION)], votes[known.index(ENDED)]
        merged = votes.copy()
        merged[known.index(DEDUCTION)] = np.logaddexp(runs, ended)
        return np.delete(merged, known.index(ENDED)), float(ended - runs)

    def meaning(self, text: str) -> Meaning:
        """The meaning of `text` as the encoder has it."""
        if self._encoder is None:
            if self._encoder_folder is None:
                raise RuntimeError("the classifier is neither trained nor loaded")
            self._encoder = Encoder(self._encoder_folder)
        return self._encoder.meaning(plain(text))

    def _meanings(self, texts: Sequence[str]) -> list[Meaning]:
        return [self.meaning(text) for text in texts]

    def _standard(self, vector: Vector) -> tuple[Indices, Values]:
        """The vector with mean and deviation taken off, as the features of a head."""
        return np.arange(SIZE), np.asarray((vector - self._center) * self._scale, dtype=float)

    def _features(self, text: str) -> tuple[Indices, Values]:
        offset, indices, values = 0, [], []
        for key, featurizer in self._featurizers.items():
            at, value = featurizer.transform(text)
            indices.append(at + offset)
            values.append(value * self._weight[key])
            offset += featurizer.size
        return np.concatenate(indices), np.concatenate(values)

    # -------------------------------------------------------------- learning

    def use_encoder(self, folder: Path) -> None:
        """Read meanings with the encoder that `folder` holds, or will hold once it was made."""
        self._encoder_folder = folder

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Fit on examples whose reference docs carry `cats`, several where a message asks several things.

        Where the docs name groups (authors), all is calibrated on groups left
        out in turn; the weights are then fitted on all.
        """
        docs = [example.reference for example in get_examples()]
        rows = [_row(doc) for doc in docs]
        if self._encoder_folder is not None and not is_prepared(self._encoder_folder):
            report("  building the sentence encoder")
            prepare(self._encoder_folder)
        halves = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        read = in_processes([partial(self._meanings, [row.text for row in half]) for half in halves])
        meanings = [meaning for half in read for meaning in half]
        for doc, meaning in zip(docs, meanings, strict=True):
            doc.user_data[MEANING] = meaning
        report(f"  read {len(rows)} messages with the sentence encoder")
        parts = folds([row.group for row in rows], FOLDS)
        unseen = self._calibrate(rows, meanings, parts, report) if len(parts) > 1 else []
        self._fit(rows, meanings)
        for number, votes in unseen:
            docs[number].user_data[UNSEEN_SCORES] = self._scored(votes)
        self._known = frozenset(
            word for row in rows if row.labels != (NOT_OURS,) for word in _LETTERS.findall(plain(row.text).lower())
        )
        report(f"  fitted {self._intents.size} features for {len(self.labels)} labels")

    def _calibrate(
        self,
        rows: Sequence[_Row],
        meanings: Sequence[Meaning],
        parts: Sequence[frozenset[str]],
        report: Callable[[str], None],
    ) -> list[tuple[int, Votes]]:
        """Learn how far votes can be trusted; the votes on messages by authors left out, by the row's number."""
        parts = parts[:LEFT_OUT]

        def voted(part: frozenset[str]) -> list[tuple[int, Votes]]:
            seen = [at for at, row in enumerate(rows) if row.group not in part]
            self._fit([rows[at] for at in seen], [meanings[at] for at in seen], nets=1)
            return [(at, self._votes(row.text, meanings[at])) for at, row in enumerate(rows) if row.group in part]

        report(f"  calibrating on {len(parts)} of {FOLDS} parts of the authors, left out in turn")
        unseen = [one for found in in_processes([partial(voted, part) for part in parts]) for one in found]
        held_out, labels = HeldOut(), _labels_of(rows)
        for at, votes in unseen:
            _hold_out(rows[at], votes, held_out, labels)
        self._calibration = held_out.calibration()
        report(f"  temperature {self._calibration.temperature:.2f}")
        return unseen

    def _fit(self, rows: Sequence[_Row], meanings: Sequence[Meaning], nets: int = NETS) -> None:
        """Fit all heads; a message of several labels counts as a part of each."""
        for featurizer in self._featurizers.values():
            featurizer.fit(row.text for row in rows)
        size = sum(featurizer.size for featurizer in self._featurizers.values())
        stacked = np.array([meaning.vector for meaning in meanings])
        self._center = stacked.mean(axis=0)
        self._scale = 1 / np.maximum(stacked.std(axis=0), _LEAST_DEVIATION) / np.float32(np.sqrt(SIZE))
        self._neighbors.fit([vector for row, vector in zip(rows, stacked, strict=True) if _is_kept(row)])
        forms = sparse([self._features(row.text) for row in rows], size)
        wholes = (stacked - self._center) * self._scale
        told = [number for number, row in enumerate(rows) if row.stance is not None]
        orders = [ORDER if rows[number].stance == ORDER else NO_ORDER for number in told]
        self._orders.fit(forms[told], wholes[told], orders, [1.0] * len(told))
        at = [number for number, row in enumerate(rows) for _ in row.labels]
        labels = [label for row in rows for label in row.labels]
        self._intents.fit(forms[at], wholes[at], labels, [1 / len(rows[number].labels) for number in at])
        lessons = [Lesson(meaning, row.labels, row.stance) for row, meaning in zip(rows, meanings, strict=True)]
        self._attention.fit(lessons, self._center, self._scale, nets)

    # --------------------------------------------------------------- storing

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Store labels, weights, every featurizer and the encoder under `path`."""
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        settings = {
            "features": self._weight,
            "attention": self._attention_weight,
            "calibration": dict(self._calibration.to_json()),
        }
        (path / "settings.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
        (path / "words.json").write_text(json.dumps(sorted(self._known)), encoding="utf-8")
        np.savez_compressed(path / "standard.npz", center=self._center, scale=self._scale)
        self._neighbors.to_disk(path / "neighbors.npz")
        self._intents.to_disk(path / "intents")
        self._orders.to_disk(path / "orders")
        self._attention.to_disk(path / "attention")
        for key, featurizer in self._featurizers.items():
            featurizer.to_disk(path / key)
        if self._encoder_folder is not None:
            _copy(self._encoder_folder, path / ENCODER)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> IntentClassifier:
        """Load what `to_disk` stored."""
        path = Path(path)
        settings: dict[str, Any] = json.loads((path / "settings.json").read_text(encoding="utf-8"))
        self._weight = {key: float(value) for key, value in settings["features"].items()}
        self._attention_weight = float(settings["attention"])
        self._calibration = Calibration(**settings["calibration"])
        self._featurizers = {key: FEATURIZERS[key]() for key in self._weight}
        self._known = frozenset(json.loads((path / "words.json").read_text(encoding="utf-8")))
        with np.load(path / "standard.npz") as stored:
            self._center, self._scale = stored["center"], stored["scale"]
        self._neighbors.from_disk(path / "neighbors.npz")
        self._intents.from_disk(path / "intents")
        self._orders.from_disk(path / "orders")
        self._attention.from_disk(path / "attention")
        for key, featurizer in self._featurizers.items():
            featurizer.from_disk(path / key)
        self._encoder_folder = path / ENCODER
        self._encoder = Encoder(self._encoder_folder)
        return self


ENCODER = "encoder"
"""The folder of the encoder within the component's."""


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        (target / file.name).write_bytes(file.read_bytes())


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    labels: tuple[str, ...]
    group: str
    stance: str | None


def _is_kept(row: _Row) -> bool:
    """Whether a row may stand in the model as a neighbor: it is on our matters, and no shareholder wrote it."""
    return row.labels != (NOT_OURS,) and row.group != STAFF


def _row(doc: Doc) -> _Row:
    ended = bool(doc.user_data.get(ENDING))
    named = tuple(label for label, value in doc.cats.items() if value > 0)
    labels = tuple(ENDED if ended and label == DEDUCTION else label for label in named)
    return _Row(doc.text, labels, str(doc.user_data.get(GROUP, "")), doc.user_data.get(STANCE))


def _labels_of(rows: Sequence[_Row]) -> list[str]:
    """The labels in the order in which they are voted on."""
    return sorted({label for row in rows for label in row.labels if label != ENDED})


def _hold_out(row: _Row, votes: Votes, held_out: HeldOut, labels: Sequence[str]) -> None:
    if row.stance is not None:
        held_out.order_votes.append(votes.order)
        held_out.orders.append(sorted((ORDER, NO_ORDER)).index(ORDER if row.stance == ORDER else NO_ORDER))
    if len(row.labels) == 1:
        held_out.votes.append(votes.labels)
        held_out.familiarities.append(votes.familiarity)
        held_out.gold.append(labels.index(DEDUCTION if row.labels[0] == ENDED else row.labels[0]))
        held_out.ours.append(row.labels != (NOT_OURS,))
