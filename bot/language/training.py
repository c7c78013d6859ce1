"""Trains the pipeline from the examples and stores it. Seeded: the same examples give the same model."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from spacy.language import Language
from spacy.training import Example as SpacyExample

from bot.language.decide import NAME as DECIDER
from bot.language.decide import ROW, Decider
from bot.language.deductions import recurring_topics
from bot.language.encoder import encoder_name
from bot.language.examples import SHIPPED, Example, read_folder
from bot.language.figures import FIGURES, MOMENTS, FigureReader
from bot.language.figures import NAME as FIGURE_READER
from bot.language.intent import ENDING, GROUP, STANCE, IntentClassifier
from bot.language.intent import NAME as INTENT
from bot.language.model_files import MANIFEST, BadModel, filling, pointer_of, sources_of, store
from bot.language.pipeline import build
from bot.language.slots import USED
from bot.language.subjects import message_text
from bot.mail.reply_text import split

PORTIONS = frozenset({"all", "half"})
_CODE = Path(__file__).parent
LEARNING = (
    "acts.py",
    "amounts.py",
    "attention.py",
    "bars.py",
    "bearing.py",
    "calibration.py",
    "cautions.py",
    "clauses.py",
    "conditions.py",
    "contexts.py",
    "corrections.py",
    "dates.py",
    "decide.py",
    "deductions.py",
    "disagreements.py",
    "encoder.py",
    "encoder_graph.py",
    "examples.py",
    "features.py",
    "figure_roles.py",
    "figure_signs.py",
    "figures.py",
    "grounds.py",
    "heads.py",
    "how_often.py",
    "intent.py",
    "intent_cues.py",
    "limit_prices.py",
    "moments.py",
    "neighbors.py",
    "numbers.py",
    "other_people.py",
    "outside_matters.py",
    "payments.py",
    "pipeline.py",
    "places.py",
    "postponements.py",
    "readings.py",
    "references.py",
    "relative.py",
    "requests.py",
    "retractions.py",
    "scores.py",
    "share_counts.py",
    "slots.py",
    "specimen.py",
    "stances.py",
    "standing.py",
    "subjects.py",
    "text.py",
    "told.py",
    "topics.py",
    "training.py",
    "words.py",
)
"""The code that a stored model depends on: also the grammar and the cautions, whose findings it learned to weigh."""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training did."""

    examples: int
    authors: int
    labels: int
    seconds: float
    digest: str
    path: Path
    was_needed: bool = True

    def __str__(self) -> str:
        if not self.was_needed:
            return f"the model at {self.path} fits the examples; nothing to do"
        return (
            f"trained on {self.examples} messages by {self.authors} authors, {self.labels} labels, "
            f"in {self.seconds:.0f} s: {self.path} ({self.digest})"
        )


def train(
    out_dir: Path,
    seed: int = 0,
    examples_dir: Path = SHIPPED,
    report: Callable[[str], None] = lambda _line: None,
    *,
    if_needed: bool = False,
    extra: Sequence[Example] = (),
) -> TrainingReport:
    """Train on the examples and those of `extra`, and put the model at `out_dir`, whole or not at all.

    With `if_needed`, a model that was trained from the same examples and code
    is left as it is. What serves elsewhere is changed by nothing here
    (`promotion` does that). BadExamples if a row is wrong, BadModel if
    something else than a model lies at `out_dir`, or a link says what serves there.
    """
    out_dir = Path(out_dir).resolve()
    if pointer_of(out_dir).is_symlink():
        raise BadModel(f"what serves for {out_dir} is named by {pointer_of(out_dir)}; choose another folder")
    if out_dir.exists() and not _is_replaceable(out_dir):
        raise BadModel(f"{out_dir} is there already and is no language model; choose another folder")
    rows = (*read_folder(examples_dir), *extra)
    sources = sources_digest(examples_dir, seed, extra)
    authors = {row.author for row in rows}
    labels = {label for row in rows for label in row.intents}
    if if_needed and sources_of(out_dir) == sources:
        return TrainingReport(len(rows), len(authors), len(labels), 0.0, sources[:16], out_dir, was_needed=False)
    started = time.perf_counter()
    report(f"training on {len(rows)} messages by {len(authors)} authors")
    nlp = fitted(rows, out_dir.parent / encoder_name(), seed, report)
    with filling(out_dir) as fresh:
        digest = store(nlp, fresh, sources)
    return TrainingReport(len(rows), len(authors), len(labels), time.perf_counter() - started, digest, out_dir)


def _is_replaceable(folder: Path) -> bool:
    """Whether nothing is lost when a model takes the place of `folder`: it is one itself, or empty."""
    return folder.is_dir() and ((folder / MANIFEST).exists() or not any(folder.iterdir()))


def fitted(
    rows: Sequence[Example], encoder: Path, seed: int = 0, report: Callable[[str], None] = lambda _line: None
) -> Language:
    """A pipeline fitted on the live text of `rows`. The sentence encoder is built at `encoder` if it is not there."""
    nlp = build(seed)
    intent = nlp.get_pipe(INTENT)
    if not isinstance(intent, IntentClassifier):
        raise BadModel(f"the pipeline has no {INTENT}")
    intent.use_encoder(encoder)
    examples = list(_spacy_examples(nlp, rows))
    intent.initialize(lambda: examples, nlp=nlp, report=report)
    figures = nlp.get_pipe(FIGURE_READER)
    if not isinstance(figures, FigureReader):
        raise BadModel(f"the pipeline has no {FIGURE_READER}")
    figures.initialize(lambda: examples, nlp=nlp)
    decider = nlp.get_pipe(DECIDER)
    if not isinstance(decider, Decider):
        raise BadModel(f"the pipeline has no {DECIDER}")
    decider.initialize(lambda: examples, nlp=nlp)
    return nlp


def _spacy_examples(nlp: Language, rows: Sequence[Example]) -> Iterator[SpacyExample]:
    for row in rows:
        text = message_text(row.subject, split(row.body).live)
        if text.strip():
            reference = nlp.make_doc(text)
            reference.user_data |= {GROUP: row.author, STANCE: row.stance, ENDING: _is_ending(row, text), ROW: row}
            reference.user_data[FIGURES] = _figures(row, "amount_usd"), _figures(row, "shares")
            reference.user_data[MOMENTS] = _moments(row)
            reference.cats = dict.fromkeys(row.intents, 1.0)
            yield SpacyExample(nlp.make_doc(text), reference)


def _is_ending(row: Example, text: str) -> bool:
    """Whether a row has the monthly deduction stopped or paused: it is carried out without a sum or a day."""
    is_set = row.slots.get("amount_usd") or row.slots.get("day_of_month")
    return row.action == "execute" and not is_set and "resume" not in recurring_topics(text)


def _figures(row: Example, slot: str) -> frozenset[Decimal]:
    """The values labelled for a slot that are numbers; "all" and "half" are none."""
    return frozenset(Decimal(value) for value in row.slots.get(slot, ()) if value not in PORTIONS)


def _moments(row: Example) -> frozenset[str] | None:
    """The values labelled as days and dates; None where no label of the row uses either."""
    if not any({"day_of_month", "effective_date"} & USED.get(intent, frozenset()) for intent in row.intents):
        return None
    return frozenset((*row.slots.get("day_of_month", ()), *row.slots.get("effective_date", ())))


def sources_digest(examples_dir: Path = SHIPPED, seed: int = 0, extra: Sequence[Example] = ()) -> str:
    """SHA-256 over the examples, the seed and the code that decides what is learned from them."""
    digest = hashlib.sha256(str(seed).encode())
    for path in (*sorted(examples_dir.glob("*.jsonl")), *(_CODE / name for name in LEARNING)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for row in extra:
        digest.update(json.dumps(asdict(row), sort_keys=True).encode() + b"\0")
    return digest.hexdigest()
