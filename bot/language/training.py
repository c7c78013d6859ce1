"""Trains the pipeline from the examples and stores it. Seeded: the same examples give the same model."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from spacy.language import Language
from spacy.training import Example as SpacyExample

from bot.clock import Clock
from bot.language.encoder import encoder_name
from bot.language.examples import SHIPPED, Example, read_folder
from bot.language.intent import GROUP, ORDERS, IntentClassifier
from bot.language.intent import NAME as INTENT
from bot.language.pipeline import BadModel, build, sources_of, store
from bot.language.shelf import Change, How, Shelf
from bot.language.subjects import message_text
from bot.mail.reply_text import split

_CODE = Path(__file__).parent
LEARNING = (
    "calibration.py",
    "decide.py",
    "encoder.py",
    "encoder_graph.py",
    "features.py",
    "heads.py",
    "intent.py",
    "intent_cues.py",
    "pipeline.py",
    "subjects.py",
    "text.py",
    "training.py",
    "words.py",
)
"""The code that a stored model depends on. The grammar is read anew each time and needs no training."""


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
    is left as it is. What was promoted at `out_dir` before steps aside.
    BadExamples if a row is wrong.
    """
    out_dir = Path(out_dir)
    rows = (*read_folder(examples_dir), *extra)
    sources = sources_digest(examples_dir, seed, extra)
    authors = {row.author for row in rows}
    labels = {label for row in rows for label in row.intents}
    if if_needed and sources_of(out_dir) == sources:
        return TrainingReport(len(rows), len(authors), len(labels), 0.0, sources[:16], out_dir, was_needed=False)
    started = time.perf_counter()
    report(f"training on {len(rows)} messages by {len(authors)} authors")
    nlp = fitted(rows, out_dir.parent / encoder_name(), seed, report)
    digest = _put(nlp, out_dir, sources)
    return TrainingReport(len(rows), len(authors), len(labels), time.perf_counter() - started, digest, out_dir)


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
    return nlp


def _spacy_examples(nlp: Language, rows: Sequence[Example]) -> Iterator[SpacyExample]:
    for row in rows:
        text = message_text(row.subject, split(row.body).live)
        if text.strip():
            reference = nlp.make_doc(text)
            reference.user_data |= {GROUP: row.author, ORDERS: row.action == "execute"}
            reference.cats = dict.fromkeys(row.intents, 1.0)
            yield SpacyExample(nlp.make_doc(text), reference)


def sources_digest(examples_dir: Path = SHIPPED, seed: int = 0, extra: Sequence[Example] = ()) -> str:
    """SHA-256 over the examples, the seed and the code that decides what is learned from them."""
    digest = hashlib.sha256(str(seed).encode())
    for path in (*sorted(examples_dir.glob("*.jsonl")), *(_CODE / name for name in LEARNING)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for row in extra:
        digest.update(json.dumps(asdict(row), sort_keys=True).encode() + b"\0")
    return digest.hexdigest()


def _put(nlp: Language, out_dir: Path, sources: str) -> str:
    """Store beside the place, then move there, so that a half-written model is never loaded."""
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{out_dir.name}.", dir=out_dir.parent))
    try:
        digest = store(nlp, fresh, sources)
        if out_dir.exists():
            shutil.rmtree(out_dir)
        fresh.replace(out_dir)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shelf = Shelf(out_dir)
    if shelf.is_promoted:
        with shelf.alone():
            at = Clock().now().isoformat(timespec="seconds")
            shelf.step_aside(Change(How.TRAINED, digest, shelf.current(), "dspp train", at))
    return digest
