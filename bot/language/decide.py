"""From scores to an understanding: what is sure enough to be a request, in which order, with which details.

The last component of the pipeline. Conservative by design: it splits a
message into several requests only where clauses plainly ask different things,
and calls unclear whatever no threshold, act or script bears out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from bot.language.acts import has_act
from bot.language.cautions import cautions
from bot.language.clauses import Clause
from bot.language.intent import CLAUSE_SCORES, FAMILIARITY, WHOLE_SCORES, Scores
from bot.language.quotes import Use, own_words, use_of
from bot.language.requests import ACTING, is_borne_out, reconciled, request_for
from bot.language.slots import READING, USED, Reading, Region, read
from bot.language.text import LONGEST, is_disguised
from bot.language.topics import SHARED
from bot.language.understanding import EMPTY, FOREIGN, UNCLEAR, UNDERSTOOD, Understanding
from handlers.contract import Caution, Intent, Request

NAME = "dspp_decide"
UNDERSTANDING = "dspp_understanding"
LIVE = "dspp_live"
QUOTED = "dspp_quoted"
QUOTED_SCORES = "dspp_quoted_scores"

ALTERNATIVES = 3
"""How many likely intents an unclear message names."""
SHORT = 8
"""Texts of so few words may be all names and numbers."""
LEAST_FAMILIAR = 0.34
"""Share of known words under which a text is not taken for English."""

DEFAULT_THRESHOLDS = {
    "sell": 0.5, "withdraw": 0.5, "buy": 0.45, "recurring": 0.45,
    "update_account": 0.4, "cancel_order": 0.4, "enroll": 0.4,
    "documents": 0.3, "plan_info": 0.3, "eligible_states": 0.3, "thanks": 0.4, "out_of_scope": 0.4,
}  # fmt: skip
"""Least probability by harm done if wrong; `DEFAULT_THRESHOLD` for the rest."""
DEFAULT_THRESHOLD = 0.3


Scored = Sequence[tuple[Clause, Scores | None]]
"""The clauses in order, with their scores where they may ask for something."""


@Language.factory(
    NAME,
    requires=["doc.cats"],
    default_config={
        "thresholds": DEFAULT_THRESHOLDS,
        "threshold": DEFAULT_THRESHOLD,
        "clause_probability": 0.8,
        "whole_probability": 0.005,
        "order_probability": 0.25,
    },
)
def create_decide(
    nlp: Language,
    name: str,
    thresholds: dict[str, float],
    threshold: float,
    clause_probability: float,
    whole_probability: float,
    order_probability: float,
) -> Decider:
    """Makes the component from a pipeline's config."""
    return Decider(thresholds, threshold, clause_probability, whole_probability, order_probability)


@dataclass(frozen=True, slots=True)
class _Part:
    """One intent with the clauses that ask for it."""

    intent: str
    probability: float
    clauses: tuple[Clause, ...]


class Decider:
    """Thresholds, and the order in which the questions are put."""

    def __init__(
        self,
        thresholds: Mapping[str, float],
        threshold: float,
        clause_probability: float,
        whole_probability: float,
        order_probability: float,
    ) -> None:
        self._thresholds = dict(thresholds)
        self._threshold = threshold
        self._clause_probability = clause_probability
        self._whole_probability = whole_probability
        self._order_probability = order_probability

    def __call__(self, doc: Doc) -> Doc:
        """Leave an `Understanding` with the doc."""
        doc.user_data[UNDERSTANDING] = self._understanding(doc)
        return doc

    def _understanding(self, doc: Doc) -> Understanding:
        text = doc.text  # put together anew at each call
        if not re.search(r"\w", text):
            return Understanding(reason=EMPTY)
        whole: Scores = doc.user_data[WHOLE_SCORES]
        confidence = {Intent(label): whole.probabilities[label] for label in whole.ranked()}
        alternatives = tuple(confidence)[:ALTERNATIVES]
        evidence = self._evidence(doc, whole)
        unclear = Understanding((), UNCLEAR, alternatives, confidence, evidence)
        familiarity = doc.user_data[FAMILIARITY]
        if familiarity == 0 or (familiarity < LEAST_FAMILIAR and len(text.split()) > SHORT):
            return replace(unclear, reason=FOREIGN)
        if len(text) > LONGEST or is_disguised(text):
            return unclear
        requests = self._quoted_requests(doc, whole) or self._live_requests(doc, whole)
        if not requests and Caution.DECEASED in cautions(doc.user_data[READING].text, "human"):
            requests = (request_for("human", doc.user_data[READING], whole.probabilities.get("human", 0.0)),)
        if not requests:
            return unclear
        confidence |= {request.intent: float(request.confidence) for request in requests}
        return Understanding(requests, UNDERSTOOD, alternatives, confidence, evidence)

    def _evidence(self, doc: Doc, whole: Scores) -> dict[str, object]:
        """What the decision rests on besides the labels' probabilities."""
        return {
            "order": round(whole.order, 4),
            "energy": round(whole.energy, 3),
            "familiar": whole.is_familiar,
            "known_words": round(doc.user_data[FAMILIARITY], 3),
            "possible": sorted(whole.possible),
            "thresholds": {**self._thresholds, "others": self._threshold, "order": self._order_probability},
            "clauses": [
                {
                    "start": clause.start,
                    "end": clause.end,
                    "label": scores.best()[0],
                    "probability": round(scores.best()[1], 4),
                    "order": round(scores.order, 4),
                }
                for clause, scores in doc.user_data[CLAUSE_SCORES]
                if scores is not None
            ],
        }

    # ------------------------------------------------------------ live text

    def _live_requests(self, doc: Doc, whole: Scores) -> tuple[Request, ...]:
        reading: Reading = doc.user_data[READING]
        if _only_acknowledges(reading) and whole.best()[0] not in {"complaint", "human", "out_of_scope"}:
            acknowledged = request_for("documents", reading, whole.best()[1])
            return (replace(acknowledged, intent=Intent("acknowledge")),)
        parts = self._parts(doc, whole)
        if len(parts) == 1:
            request = request_for(parts[0].intent, reading, parts[0].probability)
            return reconciled(self._if_sure(self._gated(request, whole.order), reading), reading.text)
        chances = {clause: scores.order for clause, scores in doc.user_data[CLAUSE_SCORES] if scores is not None}
        requests = [
            self._gated(
                request_for(
                    part.intent,
                    reading,
                    part.probability,
                    [Region(clause.start, clause.end) for clause in part.clauses],
                ),
                max([whole.order, *(chances.get(clause, 0.0) for clause in part.clauses)]),
            )
            for part in parts
        ]
        sure = [one for request in requests for one in self._if_sure(request, reading)]
        return reconciled(with_acknowledgement(sure), reading.text)

    def _gated(self, request: Request, order: float) -> Request:
        """The request, doubted where it would move something and its words seldom order anything."""
        if request.intent not in ACTING or order >= self._order_probability:
            return request
        return replace(request, cautions=request.cautions | {Caution.UNLIKELY})

    def _if_sure(self, request: Request, reading: Reading) -> tuple[Request, ...]:
        """The request, or nothing if it is too improbable for the harm it could do, or not borne out by the text."""
        if float(request.confidence) < self._thresholds.get(request.intent, self._threshold):
            return ()
        if not is_borne_out(request.intent, reading, request.slots):
            return ()
        return (request,)

    def _parts(self, doc: Doc, whole: Scores) -> list[_Part]:
        """The likeliest intent, and any other that a clause of its own plainly asks for, in order of appearance."""
        text = doc.text  # put together anew at each call
        first, probability = whole.best()
        scored: Scored = doc.user_data[CLAUSE_SCORES]
        others: dict[str, float] = {}
        for clause, scores in scored:
            if scores is None:
                continue
            label, chance = scores.best()
            words = clause.of(text)
            if label in {first, "thanks", "out_of_scope"} or len(words.split()) < 3:
                continue
            is_plain = chance >= self._clause_probability and whole.probabilities[label] >= self._whole_probability
            if is_plain and has_act(words, label):
                others[label] = max(chance, others.get(label, 0.0))
        if not others:
            return [_Part(first, probability, ())]
        chosen = dict(others) if first in {"thanks", "out_of_scope"} else {first: probability, **others}
        parts = _assigned(text, len(text) - len(doc.user_data.get(LIVE, text)), chosen, scored)
        if first in chosen and not any(part.intent == first for part in parts):
            return [_Part(first, probability, ())]
        return [replace(part, probability=max(part.probability, chosen[part.intent])) for part in parts]

    # ---------------------------------------------------------- quoted text

    def _quoted_requests(self, doc: Doc, whole: Scores) -> tuple[Request, ...]:
        """The requests that stand in quoted text which the live text adopts, answers or points at; mostly none."""
        quoted: str = doc.user_data.get(QUOTED, "")
        live: str = doc.user_data.get(LIVE, doc.text)
        if not quoted.strip():
            return ()
        asks = any(has_act(live, intent) and whole.probabilities.get(intent, 0) >= 0.3 for intent in ACTING)
        use = use_of(live, quoted, asks_by_itself=asks)
        if use is Use.NONE:
            return ()
        scores: Scores | None = doc.user_data.get(QUOTED_SCORES)
        if scores is None:
            return ()
        words = own_words(quoted)
        possible = {
            label: chance for label, chance in scores.probabilities.items() if label in USED and has_act(words, label)
        }
        if not possible:
            return ()
        intent = max(possible, key=lambda label: possible[label])
        chance = possible[intent] / sum(possible.values())
        if chance < self._thresholds.get(intent, self._threshold):
            return ()
        return (self._from_quoted(use, intent, chance, doc.user_data[READING], words),)

    def _from_quoted(self, use: Use, intent: str, chance: float, live: Reading, words: str) -> Request:
        if use is Use.ANSWERED:
            return request_for(intent, live, chance)
        below = request_for(intent, read(words), chance)
        spans = tuple(replace(span, slot=f"quoted.{span.slot}") for span in below.spans)
        above = request_for(intent, live, chance)
        kept = (below.cautions & {Caution.DECEASED, Caution.THIRD_PARTY, Caution.CONDITIONAL}) | above.cautions
        if use is Use.POINTED_AT:
            kept |= {Caution.QUOTED}
        disagrees = any(
            getattr(above.slots, field)
            and getattr(below.slots, field)
            and set(getattr(above.slots, field)) != set(getattr(below.slots, field))
            for field in ("amounts", "shares")
        )
        if disagrees:
            kept |= {Caution.DISAGREEMENT}
        below = replace(below, slots=replace(below.slots, effective_dates=()))
        return replace(below, spans=spans, cautions=frozenset(kept), topics=below.topics | above.topics)


def _assigned(text: str, body: int, chosen: Mapping[str, float], scored: Scored) -> list[_Part]:
    """The chosen intents with their clauses: each clause goes to the chosen intent it is likeliest for.

    A clause that says little, or only tells, goes with the clause before it; at
    the beginning with the one behind. The order is that of the body, which begins
    at `body`; a subject line may name its matters in any.
    """
    owners = _owners(chosen, [scores for _, scores in scored])
    asked = [
        owner
        for (clause, _), owner in zip(scored, owners, strict=True)
        if clause.start >= body and has_act(clause.of(text), owner)
    ]
    order = list(dict.fromkeys([*asked, *owners]))
    return [
        _Part(
            intent,
            max(
                scores.probabilities[intent] if scores else 0.0
                for (_, scores), owner in zip(scored, owners, strict=True)
                if owner == intent
            ),
            tuple(clause for (clause, _), owner in zip(scored, owners, strict=True) if owner == intent),
        )
        for intent in order
    ]


def _owners(chosen: Mapping[str, float], scored: Sequence[Scores | None]) -> list[str]:
    """To which of the chosen intents each clause belongs."""
    found: list[str | None] = []
    for scores in scored:
        best = max(chosen, key=lambda label: scores.probabilities[label]) if scores else None
        is_plain = scores is not None and best is not None and scores.probabilities[best] >= 0.3
        found.append(best if is_plain or not found else found[-1])
    first = next((owner for owner in found if owner is not None), next(iter(chosen)))
    return [owner or first for owner in found]


def with_acknowledgement(requests: Sequence[Request]) -> list[Request]:
    """An acknowledgement of the prospectus beside an order belongs to the order, and asks for nothing of its own."""
    told = [one for one in requests if "acknowledge" in one.topics]
    needing = [one for one in requests if one.intent in {"buy", "recurring", "enroll"}]
    if not told or not needing:
        return list(requests)
    idle = [one for one in told if one.intent in {"documents", "acknowledge", "thanks", "plan_info"}]
    return [
        replace(one, topics=one.topics | {"acknowledge"}) if one in needing else one
        for one in requests
        if one not in idle
    ]


def _only_acknowledges(reading: Reading) -> bool:
    """Whether the prospectus is acknowledged and nothing is asked for beside."""
    if not SHARED["acknowledge"].search(reading.text) or "?" in reading.text:
        return False
    rest = SHARED["acknowledge"].sub(" ", reading.text)
    return not any(has_act(rest, intent) for intent in (*ACTING, "documents"))
