"""Which figures, days and dates of a message are ordered: a spaCy component that learns it from context.

"Tires ran me $612", "I get $1,140 a month" and "sold for 5.20" name figures that
nobody orders, in more ways than rules foresee. A small regression (`contexts`)
looks at the words around each and at the grammar's own signs, and gives the
chances that it is to be paid, counted in shares, or neither. Another says of
each day and date how likely something is ordered for it. `figure_roles` and
`moments` say how far that is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from bot.language import figure_signs, moments
from bot.language.calibration import folds
from bot.language.contexts import ContextRegression, Floats, context
from bot.language.encoder import Meaning
from bot.language.figure_roles import Chances
from bot.language.found import Found
from bot.language.intent import GROUP
from bot.language.moments import Moment, with_moments
from bot.language.readings import READING, Reading, read, with_roles
from bot.language.scores import MEANING

NAME: Final = "dspp_figures"
FIGURES: Final = "dspp_figures"
"""Key in a training doc's user data: the values labelled as amounts and as shares."""
MOMENTS: Final = "dspp_moments"
"""Key in a training doc's user data: the values labelled as days and dates; None where its labels use neither."""
UNSEEN_READING: Final = "dspp_unseen_reading"
"""Key in a training doc's user data: its reading by regressions that had not seen its author."""
AMOUNT, SHARES, TOLD, ORDERED = "amount", "shares", "told", "ordered"


@Language.factory(NAME, default_config={"inverse_regularization": 0.003, "moments_inverse_regularization": 0.01})
def create_figures(
    nlp: Language, name: str, inverse_regularization: float, moments_inverse_regularization: float
) -> FigureReader:
    """Makes the component from a pipeline's config."""
    return FigureReader(name, inverse_regularization, moments_inverse_regularization)


class FigureReader:
    """The two regressions."""

    def __init__(self, name: str, inverse_regularization: float, moments_inverse_regularization: float = 0.01) -> None:
        self.name = name
        self._figures = ContextRegression(inverse_regularization, figure_signs.COUNTS)
        self._moments = ContextRegression(moments_inverse_regularization, moments.COUNTS)

    def __call__(self, doc: Doc) -> Doc:
        """Leave what figures and days are for with the doc's reading."""
        meaning: Meaning | None = doc.user_data.get(MEANING)
        reading: Reading | None = doc.user_data.get(READING)
        if meaning is not None and reading is not None:
            doc.user_data[READING] = self.reading(meaning, reading)
        return doc

    def reading(self, meaning: Meaning, reading: Reading) -> Reading:
        """`reading` with what was learned of its figures and days."""
        return with_moments(with_roles(reading, self.chances(meaning, reading)), self.ordered(meaning, reading))

    def chances(self, meaning: Meaning, reading: Reading) -> dict[int, Chances]:
        """The chances of each figure that the encoder has read, by where it begins."""
        found = {}
        for figure, seen in _figures_seen(meaning, reading):
            if chance := self._figures.chances(seen):
                found[figure.start] = Chances(chance.get(AMOUNT, 0.0), chance.get(SHARES, 0.0), chance.get(TOLD, 0.0))
        return found

    def ordered(self, meaning: Meaning, reading: Reading) -> Mapping[Moment, float]:
        """How likely something is ordered for each day and date that the encoder has read."""
        seen = _moments_seen(meaning, reading)
        return {moment: chance[ORDERED] for moment, one in seen if (chance := self._moments.chances(one))}

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
    ) -> None:
        """Fit on examples whose reference docs carry their meaning and the values of their slots.

        Where the docs name groups (authors), each half of them is first read by what the other half taught.
        """
        docs = [example.reference for example in get_examples()]
        for doc in docs:
            doc.user_data[READING] = read(doc.text)
        halves = folds([str(doc.user_data.get(GROUP, "")) for doc in docs], 2)
        for half in halves if len(halves) > 1 else ():
            self._fit([doc for doc in docs if doc.user_data.get(GROUP) not in half])
            for doc in docs:
                if doc.user_data.get(GROUP) in half:
                    doc.user_data[UNSEEN_READING] = self.reading(doc.user_data[MEANING], doc.user_data[READING])
        self._fit(docs)

    def _fit(self, docs: Sequence[Doc]) -> None:
        figures: list[tuple[Floats, str]] = []
        days: list[tuple[Floats, str]] = []
        for doc in docs:
            meaning, reading = doc.user_data[MEANING], doc.user_data[READING]
            amounts, shares = doc.user_data.get(FIGURES, ((), ()))
            for figure, seen in _figures_seen(meaning, reading):
                role = AMOUNT if figure.value in amounts else SHARES if figure.value in shares else TOLD
                figures.append((seen, role))
            labelled: frozenset[str] | None = doc.user_data.get(MOMENTS)
            if labelled is not None:
                for moment, seen in _moments_seen(meaning, reading):
                    days.append((seen, ORDERED if str(moment.value) in labelled else TOLD))
        self._figures.fit([seen for seen, _ in figures], [role for _, role in figures])
        self._moments.fit([seen for seen, _ in days], [role for _, role in days])

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Store the weights under `path`."""
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        self._figures.to_disk(path / "figures")
        self._moments.to_disk(path / "moments")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> FigureReader:
        """Load what `to_disk` stored."""
        self._figures.from_disk(Path(path) / "figures")
        self._moments.from_disk(Path(path) / "moments")
        return self


def _figures_seen(meaning: Meaning, reading: Reading) -> Iterator[tuple[Found[Decimal], Floats]]:
    """Each figure that the encoder has read, with what is to be seen of it."""
    for number, figure in enumerate(reading.figures):
        around = context(meaning, figure)
        if around is not None:
            yield figure, np.concatenate([around, figure_signs.signs(reading, figure, number)])


def _moments_seen(meaning: Meaning, reading: Reading) -> Iterator[tuple[Moment, Floats]]:
    """Each day and date that the encoder has read, with what is to be seen of it."""
    among = moments.moments(reading.text)
    for moment in among:
        around = context(meaning, moment.found)
        if around is not None:
            yield moment, np.concatenate([around, moments.signs(reading, moment, among)])
