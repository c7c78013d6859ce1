"""The same classifier on public intent data: BANKING77 (ten examples a label, and all) and CLINC150 with out-of-scope.

python -m benchmarks.public_intents DATA [--quick] [--markdown FILE]

DATA is a folder with `banking77/` (CC BY 4.0) and `clinc150/` (CC BY 3.0) as they are published. On the same rows:

- spaCy's bag of words (TextCatBOW), twenty rounds;
- our form head alone (words and characters, no cues of ours);
- our meaning head alone (the sentence encoder);
- our attention head alone (the sentence encoder, word by word);
- all of them, and all with the nearness of the nearest training messages, as the service has them.

For CLINC150 also how well messages out of scope are told by energy (and nearness): the share of them under what 95 of
100 messages in scope exceed, and the area under the curve.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.language.attention import AttentionHead, Lesson
from bot.language.encoder import SIZE, Encoder, Meaning, encoder_name, prepare
from bot.language.features import TfIdf, character_grams, word_grams
from bot.language.heads import LinearHead, TwoHeads, sparse
from bot.language.neighbors import WEIGHT, Neighbors

Rows = Sequence[tuple[str, str]]
ROUNDS = 20


class Multinomial(LinearHead):
    """One regression over all labels: as right as one for each; for 77 or 150 labels it is fitted much sooner."""

    def fit(self, matrix: Any, labels: Sequence[str], shares: Sequence[float]) -> None:
        """Fit on a matrix with a row and a label for each text."""
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        model = LogisticRegression(C=self._inverse_regularization, max_iter=200)
        model.fit(matrix, labels, sample_weight=shares)
        self.labels = tuple(str(label) for label in model.classes_)
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = np.asarray(model.intercept_, dtype=float)


@dataclass(frozen=True)
class Result:
    """One classifier on one set."""

    accuracy: float
    energies: NDArray[np.float64]
    """Of the test rows."""
    foreign: NDArray[np.float64]
    """Of the rows out of scope."""

    @property
    def recall(self) -> float:
        """Share of the rows out of scope that are rejected where 5 % in scope are."""
        return float(np.mean(self.foreign < np.quantile(self.energies, 0.05))) if len(self.foreign) else float("nan")

    @property
    def area(self) -> float:
        """How often a row in scope has more energy than one out of scope."""
        if not len(self.foreign):
            return float("nan")
        order = np.searchsorted(np.sort(self.foreign), self.energies)
        return float(np.mean(order / len(self.foreign)))


def banking(folder: Path) -> tuple[Rows, Rows]:
    """BANKING77: training and test."""
    found = []
    for name in ("train.csv", "test.csv"):
        with (folder / "banking77" / name).open(encoding="utf-8", newline="") as lines:
            found.append([(row["text"], row["category"]) for row in csv.DictReader(lines)])
    return found[0], found[1]


def clinc(folder: Path) -> tuple[Rows, Rows, Sequence[str]]:
    """CLINC150: training and test in scope, and the test out of scope."""
    data = json.loads((folder / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    return (
        [tuple(row) for row in data["train"]],
        [tuple(row) for row in data["test"]],
        [row[0] for row in data["oos_test"]],
    )


def few(rows: Rows, each: int, seed: int = 0) -> Rows:
    """`each` rows of every label, drawn by chance."""
    chance = random.Random(seed)
    grouped: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        grouped.setdefault(row[1], []).append(row)
    return [row for label in sorted(grouped) for row in chance.sample(grouped[label], min(each, len(grouped[label])))]


class Compared:
    """The classifiers, over texts that the encoder reads once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._meanings: dict[str, Meaning] = {}

    def _meaning(self, text: str) -> Meaning:
        if text not in self._meanings:
            self._meanings[text] = self._encoder.meaning(text)
        return self._meanings[text]

    def ours(
        self,
        train: Rows,
        test: Rows,
        foreign: Sequence[str],
        *,
        form: float = 0.0,
        meaning: float = 0.0,
        attention: float = 0.0,
        nearness: float = 0.0,
    ) -> Result:
        """The heads with these weights; a weight of zero leaves a head, or the nearest messages, out."""
        words, characters = TfIdf(word_grams, least_texts=1), TfIdf(character_grams, least_texts=2)
        for part in (words, characters):
            part.fit(text for text, _ in train)

        def formal(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
            (at, value), (behind, other) = words.transform(text), characters.transform(text)
            return np.concatenate([at, behind + words.size]), np.concatenate([value, other])

        vectors = np.array([self._meaning(text).vector for text, _ in train])
        neighbors = Neighbors()
        neighbors.fit(list(vectors))
        center = vectors.mean(axis=0)
        scale = 1 / np.maximum(vectors.std(axis=0), 1e-3) / np.float32(np.sqrt(SIZE))
        heads = TwoHeads(Multinomial(15.0, 0), Multinomial(10.0, 0), 0.9)
        labels, shares = [label for _, label in train], [1.0] * len(train)
        heads.fit(
            sparse([formal(text) for text, _ in train], words.size + characters.size),
            (vectors - center) * scale,
            labels,
            shares,
        )
        looking = AttentionHead(0)
        if attention:
            looking.fit([Lesson(self._meaning(text), (label,), None) for text, label in train], center, scale)

        def votes(text: str) -> tuple[NDArray[np.float64], float]:
            read = self._meaning(text)
            standard = np.asarray((read.vector - center) * scale, dtype=float)
            found, energy = heads.apart(formal(text), (np.arange(SIZE), standard), form, meaning)
            if attention:
                found = found + attention * looking.votes(read)[0]
            near = neighbors.nearness(read.vector) if nearness else 0.0
            return found, energy + nearness * near

        read = [votes(text) for text, _ in test]
        right = [heads.labels[int(np.argmax(vote))] == label for (vote, _), (_, label) in zip(read, test, strict=True)]
        return Result(
            float(np.mean(right)),
            np.array([energy for _, energy in read]),
            np.array([votes(text)[1] for text in foreign]),
        )


def bag_of_words(train: Rows, test: Rows, foreign: Sequence[str]) -> Result:
    """spaCy's TextCatBOW, as `spacy train` has it by default."""
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    component = nlp.add_pipe(
        "textcat",
        config={
            "model": {
                "@architectures": "spacy.TextCatBOW.v3",
                "exclusive_classes": True,
                "ngram_size": 2,
                "no_output_layer": False,
                "length": 262144,
            }
        },
    )
    labels = sorted({label for _, label in train})
    for label in labels:
        component.add_label(label)  # type: ignore[attr-defined]  # a TextCategorizer
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {each: float(each == label) for each in labels}})
        for text, label in train
    ]
    nlp.initialize(lambda: examples[:500])
    chance = random.Random(0)
    for _ in range(ROUNDS):
        chance.shuffle(examples)
        for start in range(0, len(examples), 128):
            nlp.update(examples[start : start + 128])
    likeliest = [max(doc.cats.items(), key=lambda item: item[1]) for doc in nlp.pipe(text for text, _ in test)]
    strange = [max(doc.cats.values()) for doc in nlp.pipe(foreign)]
    right = [found == label for (found, _), (_, label) in zip(likeliest, test, strict=True)]
    return Result(float(np.mean(right)), np.array([chance for _, chance in likeliest]), np.array(strange))


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("--quick", action="store_true", help="leave out the two full training sets")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(scratch) / encoder_name())
        compared = Compared(Encoder(Path(scratch) / encoder_name()))
        table = tabled(chosen.data, compared, quick=chosen.quick)
    print(table)
    if chosen.markdown:
        chosen.markdown.write_text(table + "\n", encoding="utf-8")


def tabled(data: Path, compared: Compared, *, quick: bool) -> str:
    """The results as a Markdown table."""
    train, test = banking(data)
    scope, scope_test, foreign = clinc(data)
    sets: dict[str, tuple[Rows, Rows, Sequence[str]]] = {"BANKING77, 10 each": (few(train, 10), test, ())}
    if not quick:
        sets |= {"BANKING77, all": (train, test, ()), "CLINC150": (scope, scope_test, foreign)}
    classifiers: Mapping[str, Callable[[Rows, Rows, Sequence[str]], Result]] = {
        "spaCy TextCatBOW": bag_of_words,
        "form alone": lambda *rows: compared.ours(*rows, form=1.0),
        "meaning alone": lambda *rows: compared.ours(*rows, meaning=1.0),
        "attention alone": lambda *rows: compared.ours(*rows, attention=1.0),
        "form and meaning": lambda *rows: compared.ours(*rows, form=1.0, meaning=1.0),
        "all, form counting three tenths": lambda *rows: compared.ours(*rows, form=0.3, meaning=1.0, attention=2.0),
        "all": lambda *rows: compared.ours(*rows, form=1.0, meaning=1.0, attention=2.0),
        "all and nearness, as in the service": lambda *rows: compared.ours(
            *rows, form=1.0, meaning=1.0, attention=2.0, nearness=WEIGHT
        ),
    }
    lines = [
        f"| | {' | '.join(sets)} | out of scope: recall at 5 % rejected | area |",
        "| --- " * (len(sets) + 3) + "|",
    ]
    for name, classify in classifiers.items():
        results = {key: classify(*rows) for key, rows in sets.items()}
        last = list(results.values())[-1]
        figures = " | ".join(f"{result.accuracy:.3f}" for result in results.values())
        lines.append(f"| {name} | {figures} | {last.recall:.3f} | {last.area:.3f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
