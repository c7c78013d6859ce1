"""Turns a text into numbers for the classifier: word and character n-grams, and the table of cues.

A featurizer is anything with the four methods of `Featurizer`; the classifier
lays several side by side, each with a weight, so that another (a sentence
encoder) can join without a change here but its entry in `FEATURIZERS`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.language.intent_cues import CUE_NAMES, cue_hits
from bot.language.text import plain

Indices = NDArray[np.int64]
Values = NDArray[np.float64]

_WORD = re.compile(r"[a-z0-9$']+|[?!]")
_NUMBER = re.compile(r"\d[\d,.]*")
_LONG_WORD = 60
"""Characters of one word that its n-grams are taken from; longer words are noise."""


class Featurizer(Protocol):
    """Learns from texts what to count, then counts it."""

    def fit(self, texts: Iterable[str]) -> None:
        """Learn the vocabulary; the same texts always give the same one."""
        ...

    @property
    def size(self) -> int:
        """How many features it has, once fitted or loaded."""
        ...

    def transform(self, text: str) -> tuple[Indices, Values]:
        """The features of `text` that are not zero: ascending positions and their values."""
        ...

    def to_disk(self, path: Path) -> None:
        """Store what was learned under `path`, a name without suffix."""
        ...

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        ...


def normalized(text: str) -> str:
    """Lower-case plain text with every number made the same."""
    return _NUMBER.sub("0", plain(text).lower())


def word_grams(text: str) -> Iterator[str]:
    """Single words and pairs of neighbours."""
    words = [word[:_LONG_WORD] for word in _WORD.findall(normalized(text))]
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def character_grams(text: str) -> Iterator[str]:
    """Runs of three to five characters inside words, the blank at either end included."""
    for word in normalized(text).split():
        padded = f" {word[:_LONG_WORD]} "
        for length in (3, 4, 5):
            if len(padded) <= length:
                yield padded
                break
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]


class TfIdf:
    """Grams weighted by how rare they are; logarithmic counts, length one."""

    def __init__(self, grams: Callable[[str], Iterator[str]], least_texts: int) -> None:
        self._grams = grams
        self._least_texts = least_texts
        self._position: dict[str, int] = {}
        self._idf: Values = np.zeros(0)

    @property
    def size(self) -> int:
        """How many grams are known."""
        return len(self._position)

    def fit(self, texts: Iterable[str]) -> None:
        """Keep the grams that enough texts hold, in alphabetical order."""
        counts: Counter[str] = Counter()
        total = 0
        for text in texts:
            total += 1
            counts.update(set(self._grams(text)))
        kept = sorted(gram for gram, count in counts.items() if count >= self._least_texts)
        self._position = {gram: at for at, gram in enumerate(kept)}
        self._idf = np.log((1 + total) / (1 + np.array([counts[gram] for gram in kept], dtype=float))) + 1

    def transform(self, text: str) -> tuple[Indices, Values]:
        """The known grams of `text`."""
        counts: Counter[int] = Counter()
        position = self._position
        for gram in self._grams(text):
            at = position.get(gram)
            if at is not None:
                counts[at] += 1
        indices = np.array(sorted(counts), dtype=np.int64)
        if not len(indices):
            return indices, np.zeros(0)
        values = (1 + np.log(np.array([counts[at] for at in indices.tolist()], dtype=float))) * self._idf[indices]
        return indices, values / np.sqrt(np.sum(values**2))

    def to_disk(self, path: Path) -> None:
        """Vocabulary as JSON, weights as npz."""
        path.with_suffix(".json").write_text(json.dumps(list(self._position), ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(path.with_suffix(".npz"), idf=self._idf)

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        grams = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        self._position = {gram: at for at, gram in enumerate(grams)}
        with np.load(path.with_suffix(".npz")) as stored:
            self._idf = stored["idf"]


class Cues:
    """One feature for each row of the table of cues."""

    @property
    def size(self) -> int:
        """How many cues there are."""
        return len(CUE_NAMES)

    def fit(self, texts: Iterable[str]) -> None:
        """The table is written, not learned."""

    def transform(self, text: str) -> tuple[Indices, Values]:
        """The cues that occur in `text`."""
        indices = np.flatnonzero(np.array(cue_hits(plain(text))))
        return indices, np.ones(len(indices))

    def to_disk(self, path: Path) -> None:
        """Store the names, so that a table changed since the training is noticed."""
        path.with_suffix(".json").write_text(json.dumps(CUE_NAMES), encoding="utf-8")

    def from_disk(self, path: Path) -> None:
        """Check that the table is the one of the training; ValueError if it is not."""
        if tuple(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))) != CUE_NAMES:
            raise ValueError("the table of cues has changed since the model was trained")


FEATURIZERS: Mapping[str, Callable[[], Featurizer]] = {
    "words": lambda: TfIdf(word_grams, least_texts=1),
    "characters": lambda: TfIdf(character_grams, least_texts=2),
    "cues": Cues,
}
"""Every featurizer a pipeline's config may name."""
