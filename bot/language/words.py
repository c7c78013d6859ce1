"""Words and punctuation for spaCy, in time linear in the text whatever it holds.

spaCy's own tokenizer peels prefixes and suffixes one by one, which takes
minutes on some thousand brackets in a row; a mail may hold that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

NAME = "dspp.words.v1"
LONGEST = 200
"""Characters of one word; longer ones are cut into several."""

_WORD = re.compile(
    r"(?:Messrs|Mrs|Mr|Ms|Dr|Jr|Sr|St|No|Co|Inc|Corp|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Prof|approx|acct|vs|etc|[Ee]\.g|[Ii]\.e|[A-Z])\."
    rf"|\d[\d,.]{{0,{LONGEST}}}\d|[^\W_]{{1,{LONGEST}}}(?:['\u2019-][^\W_]{{1,{LONGEST}}})?|\s|.",
    re.DOTALL,
)


class Words:
    """Splits a text into words, numbers and single marks; nothing is lost."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """The text as a doc."""
        words: list[str] = []
        spaces: list[bool] = []
        for word in _WORD.findall(text):
            if word == " " and words and not spaces[-1]:
                spaces[-1] = True
            else:
                words.append(word)
                spaces.append(False)
        return Doc(self.vocab, words=words, spaces=spaces)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """There is nothing to store."""

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Words:
        """There is nothing to load."""
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """There is nothing to store."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Words:
        """There is nothing to load."""
        return self


@registry.tokenizers(NAME)  # type: ignore[untyped-decorator]  # spaCy's registry has no types
def create_words() -> Callable[[Language], Words]:
    """Makes the tokenizer from a pipeline's config."""
    return lambda nlp: Words(nlp.vocab)
