"""Whether an order may be carried out as it stands: scores and cues of cautions weighed together.

A cue of a caution hangs on a phrase; the scores see the whole, but not the
phrase. How much each counts beside the others is learned, on messages by
authors whom the scores had not seen: a regression over some forty named
grounds, that staff can be told one by one. What it can never outweigh stands in
`decide`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.language.examples import DECIDING_SLOTS, ORDERS, Example
from bot.language.readings import Reading
from bot.language.scores import Scores
from bot.language.specimen import in_label_words
from bot.language.stances import NONE, ORDER, STANCES
from handlers.contract import Caution, Request

WEIGHED: Final = (
    Caution.CONDITIONAL, Caution.CORRECTION, Caution.DECEASED, Caution.DISAGREEMENT, Caution.HYPOTHETICAL,
    Caution.NEGATED, Caution.PAST, Caution.THIRD_PARTY,
)  # fmt: skip
"""Cautions whose cues are weighed."""
SAID_BY: Final[Mapping[Caution, frozenset[str]]] = {
    Caution.DECEASED: frozenset({"deceased"}),
    Caution.THIRD_PARTY: frozenset({"others", "deceased"}),
    Caution.CONDITIONAL: frozenset({"conditional"}),
    Caution.HYPOTHETICAL: frozenset({"supposed", NONE, "conditional", "earlier"}),
    Caution.NEGATED: frozenset({"negated", NONE, "unsettled"}),
    Caution.PAST: frozenset({"earlier", NONE}),
}
"""Cautions that can be talked away, each with the stances for which it would be right. What reads figures cannot be,
nor what an earlier order would become."""
TERSE: Final = 10
"""So few words leave little that could take a cue back."""
LONG: Final = 40
"""From here on a message tells more than it asks."""
SIZES: Final = frozenset({"amount_usd", "shares"})
DAYS: Final = frozenset({"day_of_month", "effective_date"})
_NEVER_UNHEARD: Final = ORDERS | {"complaint", "human", "transfer_shares"}
"""What must not go unheard beside an order that is carried out."""
_LEAST: Final = 1e-4
_LEAST_DEVIATION: Final = 1e-3

Numbers = Mapping[str, float]
"""Each ground by name; together they always have the same names, in the same order."""


def grounds(request: Request, everywhere: frozenset[Caution], scores: Scores, reading: Reading) -> Numbers:
    """What speaks for and against carrying out `request`, the only one of a message.

    The request's own cautions are those that stand near the order; `everywhere`
    are those of the whole text.
    """
    roles, words = reading.roles, len(reading.text.split())
    intent = str(request.intent)
    others = sorted(chance for label, chance in scores.probabilities.items() if label != intent)
    orders = [chance for label, chance in scores.probabilities.items() if label != intent and label in ORDERS]
    taken = [roles[span.start] for span in request.spans if span.slot in SIZES and span.start in roles]
    starts = {span.start for span in request.spans}
    left = [chances for start, chances in roles.items() if start not in starts]
    dated = [(span.start, span.end) for span in request.spans if span.slot in DAYS]
    kept = {at for at in reading.days if any(start <= at < end for start, end in dated)}
    return {
        "is an order": _odds(scores.order),
        "is this label": _odds(float(request.confidence)),
        "another label": _odds(others[-1] if others else 0.0),
        "another order": _odds(max(orders, default=0.0)),
        "has few words": float(words <= TERSE),
        "has many words": float(words > LONG),
        "words": math.log(words + 1),
        "is on our matters": float(scores.is_familiar),
        "its figure is ordered": min((_odds(1 - chances.told) for chances in taken), default=0.0),
        "has a figure": float(bool(taken)),
        "another figure is ordered": max((_odds(1 - chances.told) for chances in left), default=_odds(0.0)),
        "its day is ordered": min((_odds(chance) for at, chance in reading.days.items() if at in kept), default=0.0),
        "another day is ordered": max(
            (_odds(chance) for at, chance in reading.days.items() if at not in kept), default=_odds(0.0)
        ),
        **{f"stance {stance}": _odds(scores.stances.get(stance, 0.0)) for stance in STANCES[1:]},
        **{f"label {label}": float(label == intent) for label in sorted(ORDERS)},
        **{f"cue near {caution.name.lower()}": float(caution in request.cautions) for caution in WEIGHED},
        **{f"cue far {caution.name.lower()}": float(caution in everywhere - request.cautions) for caution in WEIGHED},
    }


def _odds(chance: float) -> float:
    """The logarithm of the odds of a chance, kept within bounds."""
    return math.log(max(chance, _LEAST) / max(1 - chance, _LEAST))


def is_complete(request: Request) -> bool:
    """Whether its handler would ask for nothing, so that what is left open must be asked about here."""
    slots = request.slots
    sizes = len({*slots.amounts, *slots.shares})
    if request.intent == "recurring" and request.topics & {"stop", "pause", "resume"}:
        return True
    return request.intent in {"withdraw", "enroll", "cancel_order"} or sizes == 1


def names_what(request: Request) -> bool:
    """Whether a cancelling names its order; its handler asks which is meant where there are several."""
    slots = request.slots
    return request.intent != "cancel_order" or bool(slots.order_ids or slots.amounts or slots.shares)


def may_stand(request: Request, row: Example) -> bool:
    """Whether it is right to carry out `request`, and nothing else, for a labelled message, as far as its words go.

    What the plan's rules refuse may stand: they are asked after this.
    """
    intent = str(request.intent)
    if row.stance != ORDER or intent not in row.intents or {*row.intents} & _NEVER_UNHEARD - {intent}:
        return False
    slots = in_label_words([request])
    return all(_values(slots.get(name, ())) == row.slots.get(name, ()) for name in DECIDING_SLOTS)


def _values(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def talked_away(cautions: frozenset[Caution], scores: Scores, intent: str, doubted: float) -> frozenset[Caution]:
    """Of `cautions` near an order that all grounds let stand, those that its stances do not bear out either.

    "Do not cancel" and "do not close" say too plainly what they say.
    """
    kept = {Caution.NEGATED} if intent in {"cancel_order", "withdraw"} else set()
    return frozenset(
        caution
        for caution in cautions - kept
        if caution in SAID_BY and sum(scores.stances.get(one, 0.0) for one in SAID_BY[caution]) < doubted
    )


class Grounds:
    """The weights of the grounds, as learned."""

    def __init__(self, inverse_regularization: float = 0.05) -> None:
        self._inverse_regularization = inverse_regularization
        self.names: tuple[str, ...] = ()
        self._weights: NDArray[np.float64] = np.zeros(0)
        self._center: NDArray[np.float64] = np.zeros(0)
        self._bias = 0.0
        """The vote for an order whose grounds are all as usual."""

    def fit(self, found: Sequence[Numbers], stands: Sequence[bool]) -> None:
        """Learn from orders, each with its grounds and whether it may be carried out as it stands.

        Nothing is learned where all are alike. No cue of a caution ever speaks for an order, however few there were.
        """
        # Only fitting needs it; a serving process never loads it.
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

        self.names = ()
        if len(set(stands)) < 2:
            return
        self.names = tuple(found[0])
        matrix = np.array([[one[name] for name in self.names] for one in found])
        center, scale = matrix.mean(axis=0), 1 / np.maximum(matrix.std(axis=0), _LEAST_DEVIATION)
        model = LogisticRegression(C=self._inverse_regularization, max_iter=2000)
        model.fit((matrix - center) * scale, np.array(stands))
        weights = model.coef_[0] * scale
        is_cue = np.array([name.startswith("cue ") for name in self.names])
        self._weights, self._center = np.where(is_cue, np.minimum(weights, 0.0), weights), center
        self._bias = float(model.intercept_[0])

    @property
    def is_fitted(self) -> bool:
        """Whether anything was learned."""
        return bool(self.names)

    def chance(self, found: Numbers) -> float:
        """The probability that an order with these grounds may be carried out as it stands."""
        votes = float(self._votes(found).sum()) + self._bias
        return 1 / (1 + math.exp(-max(min(votes, 50.0), -50.0)))

    def strongest(self, found: Numbers, most: int) -> Mapping[str, float]:
        """The grounds that count most for or against, beside an order as usual, each with its vote."""
        votes = self._votes(found)
        return {self.names[at]: float(votes[at]) for at in np.argsort(-np.abs(votes))[:most]}

    def _votes(self, found: Numbers) -> NDArray[np.float64]:
        return (np.array([found[name] for name in self.names]) - self._center) * self._weights

    def to_disk(self, path: Path) -> None:
        """Store the weights as `path`."""
        np.savez_compressed(
            path, names=np.array(self.names), weights=self._weights, center=self._center, bias=np.array(self._bias)
        )

    def from_disk(self, path: Path) -> None:
        """Load what `to_disk` stored."""
        with np.load(path) as stored:
            self.names = tuple(str(name) for name in stored["names"])
            self._weights, self._center, self._bias = stored["weights"], stored["center"], float(stored["bias"])
