"""The pipeline as one thing: built, loaded, and asked. How it is stored: `model_files`.

text -> sentences -> details (dspp_slots) -> scores (dspp_intent) -> what figures are for (dspp_figures)
-> understanding (dspp_decide)
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from bot.language import decide as deciding
from bot.language.cautions import cautions
from bot.language.figures import NAME as FIGURES
from bot.language.intent import NAME as INTENT
from bot.language.intent import IntentClassifier
from bot.language.model_files import MANIFEST, BadModel, digest_of, in_service, sources_of, store
from bot.language.quotes import own_words
from bot.language.readings import READING, Reading, read
from bot.language.requests import request_for
from bot.language.shelf import check
from bot.language.slots import details_of
from bot.language.subjects import message_text
from bot.language.text import LONGEST, plain
from bot.language.understanding import Understanding
from bot.language.words import NAME as WORDS
from handlers.contract import Caution, Intent, Request, Slots

SLOTS: Final = "dspp_slots"
_PROBE: Final = "Please sell 200 of my shares on the 15th."
"""What a model is asked once when it is loaded."""


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
    nlp.add_pipe(FIGURES)
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
            raise BadModel(f"the pipeline has no {INTENT}")
        self._intent = intent

    @classmethod
    def load(cls, path: Path | str) -> Reader:
        """The reader of the model that serves for `path`; it was asked once and answered. BadModel names the remedy."""
        folder, digest = in_service(Path(path)), check(Path(path))
        try:
            reader = cls(spacy.load(folder), digest)
            reader.understand("", _PROBE)
        except Exception as fault:  # of other code: whatever its files do to the code of today
            told = f"{type(fault).__name__}: {fault}".splitlines()[0]
            raise BadModel(f"the language model at {folder} cannot be used ({told}); run: dspp train") from fault
        return reader

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
            raise BadModel("the pipeline does not end in an understanding")
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


@cache
def _code_digest() -> str:
    """SHA-256 over the code that reads, in short."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


__all__ = ["MANIFEST", "SLOTS", "BadModel", "Reader", "build", "digest_of", "in_service", "sources_of", "store"]
