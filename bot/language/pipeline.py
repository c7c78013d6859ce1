"""The pipeline as one thing: built, stored in one directory, loaded, and asked.

text -> sentences -> details (dspp_slots) -> scores (dspp_intent) -> understanding (dspp_decide)
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from bot.language import decide as deciding
from bot.language.cautions import cautions
from bot.language.intent import NAME as INTENT
from bot.language.intent import IntentClassifier
from bot.language.quotes import own_words
from bot.language.requests import request_for
from bot.language.slots import READING, Reading, details_of, read
from bot.language.subjects import message_text
from bot.language.text import LONGEST, plain
from bot.language.understanding import Understanding
from bot.language.words import NAME as WORDS
from handlers.contract import Caution, Intent, Request, Slots

SLOTS: Final = "dspp_slots"
MANIFEST: Final = "manifest.json"
"""Names every file of a model with its digest, and what it was trained from."""


class BadModel(RuntimeError):
    """The language model is missing, incomplete or changed. Train it (`dspp train`); trying again does not help."""


@Language.component(SLOTS)
def dspp_slots(doc: Doc) -> Doc:
    """Leave every candidate for a detail with the doc."""
    doc.user_data[READING] = read(doc.text) if len(doc.text) <= LONGEST else Reading(plain(doc.text))
    return doc


def build(seed: int = 0) -> Language:
    """An untrained pipeline of the default config."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": WORDS}}})
    nlp.add_pipe("sentencizer")
    nlp.add_pipe(SLOTS)
    nlp.add_pipe(INTENT, config={"seed": seed})
    nlp.add_pipe(deciding.NAME)
    return nlp


class Reader:
    """Reads messages with one trained pipeline. The same text always gives the same understanding."""

    def __init__(self, nlp: Language, digest: str) -> None:
        self._nlp = nlp
        self.digest = f"{digest}.{_code_digest()}"
        """SHA-256 over the files of the model, and over the code of the grammar, in short: what a decision rests on."""
        intent = nlp.get_pipe(INTENT)
        if not isinstance(intent, IntentClassifier):
            raise BadModel(f"the pipeline has no {INTENT}; run: dspp train")
        self._intent = intent

    @classmethod
    def load(cls, path: Path | str) -> Reader:
        """The reader of the model at `path`. BadModel if it is not there, not whole, or not as it was trained."""
        path = in_service(Path(path))
        digest = digest_of(path)
        try:
            return cls(spacy.load(path), digest)
        except BadModel:
            raise
        except (OSError, ValueError, KeyError) as fault:
            raise BadModel(f"the language model at {path} cannot be loaded ({fault}); run: dspp train") from fault

    def understand(self, subject: str, live: str, quoted: str = "") -> Understanding:
        """Read a message's live text; `quoted` counts only where the live text adopts it. Never raises on any text."""
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(message_text(subject, live)[: LONGEST + 1])
            doc.user_data[deciding.LIVE] = live[:LONGEST]
            doc.user_data[deciding.QUOTED] = quoted[:LONGEST]
            words = own_words(quoted[:LONGEST])
            if words:
                doc.user_data[deciding.QUOTED_SCORES] = self._intent.scores(words)
            understanding = self._nlp(doc).user_data[deciding.UNDERSTANDING]
        if not isinstance(understanding, Understanding):
            raise BadModel("the pipeline does not end in an understanding; run: dspp train")
        return replace(understanding, model=self.digest)

    def as_if(self, intent: Intent, subject: str, live: str) -> Request:
        """The request that the message would make if it asked for `intent`: to be shown, never acted on."""
        return request_for(intent, read(message_text(subject, live)[:LONGEST]), 0.0)

    def details(self, text: str) -> Slots:
        """Every detail written in `text`, whatever is asked: for answers such as "$500" to our own question.

        A bare number is given both as an amount and as a count of shares; who
        asked knows which. Nothing is given where a caution lies over the text.
        """
        text = text[:LONGEST]
        if cautions(plain(text), "buy") & _NO_ANSWER:
            return Slots()
        return details_of(read(text))


_NO_ANSWER = frozenset(
    {Caution.DECEASED, Caution.THIRD_PARTY, Caution.CONDITIONAL, Caution.NEGATED, Caution.HYPOTHETICAL}
)


def store(nlp: Language, path: Path, sources: str) -> str:
    """Store a trained pipeline at `path` and give its digest; `sources` says what it was trained from."""
    path.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(path)
    files = _files(path)
    manifest = {"sources": sources, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    return _digest(files)


def sources_of(path: Path) -> str:
    """What the model at `path` was trained from; empty if there is none or it is not whole."""
    try:
        path = in_service(path)
        digest_of(path)
        return str(json.loads((path / MANIFEST).read_text(encoding="utf-8"))["sources"])
    except (BadModel, OSError, ValueError, KeyError):
        return ""


def pointer_of(place: Path) -> Path:
    """The link that says which of the kept models serves instead of the one at `place`, if any was promoted."""
    return place.with_name(f"{place.name}.current")


def in_service(place: Path) -> Path:
    """The folder of the model that serves for `place`: the promoted one, or else what lies there itself."""
    try:
        return place.parent / pointer_of(place).readlink()
    except (OSError, ValueError):  # there is no such link, or no such name
        return place


def digest_of(path: Path) -> str:
    """SHA-256 over the files of the model in the folder `path`, in short. BadModel if it is not there or not whole."""
    if not (path / MANIFEST).is_file():
        raise BadModel(f"there is no language model at {path}; run: dspp train")
    try:
        named = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BadModel(f"the manifest of the language model at {path} cannot be read; run: dspp train") from fault
    found = _files(path)
    if found != named:
        changed = sorted(name for name in {*found, *named} if found.get(name) != named.get(name))
        raise BadModel(f"the language model at {path} is not as it was trained ({', '.join(changed)}); run: dspp train")
    return _digest(found)


def _files(path: Path) -> dict[str, str]:
    return {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }


@cache
def _code_digest() -> str:
    """SHA-256 over the code that reads, in short."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _digest(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
