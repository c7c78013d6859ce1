"""From scores to an understanding: what is sure enough to be a request, in which order, with which details.

The last component of the pipeline. Conservative by design: it splits a
message into several requests only where clauses plainly ask different things,
and calls unclear whatever no threshold, act or script bears out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from bot.language.acts import has_act
from bot.language.bars import Bars
from bot.language.cautions import cautions
from bot.language.clauses import Clause
from bot.language.intent import CLAUSE_SCORES, FAMILIARITY, WHOLE_SCORES, Scores
from bot.language.quotes import Use, is_ours, own_words, use_of
from bot.language.readings import READING, Reading, Region, read
from bot.language.requests import ACTING, is_borne_out, reconciled, request_for
from bot.language.slots import USED, slots_for
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
FEW = 2
"""Texts of so few words ("cancel") order nothing without words that we know."""
ORDERED_AT_ALL = 0.25
"""Least probability that a whole message orders something, for a clause of it to be believed that it does."""
LEAST_FAMILIAR = 0.34
"""Share of known words under which a text is not taken for English."""

_GREETS = re.compile(
    r"\W*(?:(?:hi|hiya|hello|hallo|hey|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning|there|all|you"
    r"|folks|team|everyone|everybody|sir|madam|dear|or|sirs|friends|question|quick|a|aastrom|anyone|anybody|is|home"
    r"|how are|doing|today)\b\W*){1,12}",
    re.IGNORECASE,
)
"""A greeting and nothing else: who writes it waits for an answer."""
_MORE = frozenset({"complaint", "human", "out_of_scope"})
"""Matters that an acknowledgement may stand beside in words that no table knows."""
_BESIDE = frozenset({"buy", "sell", "recurring", "withdraw"})
"""Orders that people give beside others."""

Scored = Sequence[tuple[Clause, Scores | None]]
"""The clauses in order, with their scores where they may ask for something."""


@Language.factory(NAME, requires=["doc.cats"], default_config={"bars": asdict(Bars())})
def create_decide(nlp: Language, name: str, bars: dict[str, Any]) -> Decider:
    """Makes the component from a pipeline's config."""
    return Decider(Bars(**bars))


@dataclass(frozen=True, slots=True)
class _Part:
    """One intent with the clauses that ask for it."""

    intent: str
    probability: float
    clauses: tuple[Clause, ...]


class Decider:
    """Thresholds, and the order in which the questions are put."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

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
            return _because(unclear, "too_long" if len(text) > LONGEST else "disguised")
        requests = self._quoted_requests(doc, whole) or self._live_requests(doc, whole)
        if not requests and Caution.DECEASED in cautions(doc.user_data[READING].text, "human"):
            requests = (request_for("human", doc.user_data[READING], whole.probabilities.get("human", 0.0)),)
        if [request.intent for request in requests] == ["thanks"] and _GREETS.fullmatch(text):
            return _because(unclear, "only_greets")
        if not requests:
            is_likely = whole.best()[1] >= self._bars.needed(whole.best()[0], is_familiar=whole.is_familiar)
            return _because(unclear, "not_in_so_many_words" if is_likely else "improbable")
        confidence |= {request.intent: float(request.confidence) for request in requests}
        return Understanding(requests, UNDERSTOOD, alternatives, confidence, evidence)

    def _evidence(self, doc: Doc, whole: Scores) -> dict[str, object]:
        """What the decision rests on besides the labels' probabilities."""
        return {
            "order": round(whole.order, 4),
            "energy": round(whole.energy, 3),
            "nearness": round(whole.nearness, 3),
            "familiar": whole.is_familiar,
            "known_words": round(doc.user_data[FAMILIARITY], 3),
            "possible": sorted(whole.possible),
            "thresholds": self._bars.to_json(),
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
        best, chance = whole.best()
        is_more = best in _MORE and (chance >= self._bars.clause or has_act(reading.text, best))
        if _only_acknowledges(reading) and not is_more:
            acknowledged = request_for("documents", reading, whole.best()[1])
            return (replace(acknowledged, intent=Intent("acknowledge")),)
        parts = self._parts(doc, whole)
        if len(parts) == 1 and parts[0].intent == "enroll":
            parts = self._with_first_payment(parts[0], reading, whole)
        if len(parts) == 1:
            request = self._gated(parts[0].intent, reading, parts[0].probability, whole.order)
            sure = list(self._if_sure(request, reading, whole, whole.order))
            return unless_missed(reconciled(sure, reading.text), reading.text, whole)
        chances = {clause: scores.order for clause, scores in doc.user_data[CLAUSE_SCORES] if scores is not None}
        sure = []
        for part in parts:
            order = whole.order
            if order >= ORDERED_AT_ALL:  # a clause by itself may tell of an order as if it gave one
                order = max([order, *(chances.get(clause, 0.0) for clause in part.clauses)])
            regions = [Region(clause.start, clause.end) for clause in part.clauses] or None
            sure += self._if_sure(
                self._gated(part.intent, reading, part.probability, order, regions), reading, whole, order
            )
        return unless_missed(reconciled(with_acknowledgement(sure), reading.text), reading.text, whole)

    def _gated(
        self, intent: str, reading: Reading, probability: float, order: float, regions: Sequence[Region] | None = None
    ) -> Request:
        """The request, doubted where it would move something and its words seldom order anything."""
        is_surely_ordered = regions is None and order >= self._bars.sure_order
        request = request_for(intent, reading, probability, regions, is_surely_ordered=is_surely_ordered)
        if intent == "enroll" and order < self._bars.order:
            return replace(request, topics=request.topics | {"how"})  # told how to, who wishes it will say so
        if intent not in ACTING or order >= self._bars.order:
            return request
        return replace(request, cautions=request.cautions | {Caution.UNLIKELY})

    def _if_sure(self, request: Request, reading: Reading, whole: Scores, order: float) -> tuple[Request, ...]:
        """The request, or nothing if it is too improbable for the harm it could do, or nothing bears it out.

        What bears it out is the text's own words, or that the heads are sure both
        of the label and of the order, and have more than a word or two to go by. A
        message unlike any on our matters must be more probable.
        """
        probability = float(request.confidence)
        if probability < self._bars.needed(request.intent, is_familiar=whole.is_familiar):
            return ()
        is_plain = min(probability, order) >= self._bars.unworded and len(reading.text.split()) > FEW
        if not is_plain and not is_borne_out(request.intent, reading, request.slots):
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
            is_plain = chance >= self._bars.clause and whole.probabilities[label] >= self._bars.whole
            if is_plain and has_act(words, label):
                others[label] = max(chance, others.get(label, 0.0))
        if not others:
            return [_Part(first, probability, ())]
        chosen = dict(others) if first in {"thanks", "out_of_scope"} else {first: probability, **others}
        parts = _assigned(text, len(text) - len(doc.user_data.get(LIVE, text)), chosen, scored)
        if first in chosen and not any(part.intent == first for part in parts):
            return [_Part(first, probability, ())]
        return [replace(part, probability=max(part.probability, chosen[part.intent])) for part in parts]

    def _with_first_payment(self, joining: _Part, reading: Reading, whole: Scores) -> list[_Part]:
        """Joining, with what is to be invested at once or every month where the message names it beside."""
        monthly = "monthly" in slots_for("recurring", reading)[0].frequencies
        beside = "recurring" if monthly else "buy"
        if not slots_for(beside, reading)[0].amounts or whole.probabilities[beside] < self._bars.whole:
            return [joining]
        return [joining, _Part(beside, joining.probability, ())]

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
        if chance < self._bars.needed(intent, is_familiar=True):
            return ()
        return (self._from_quoted(use, intent, chance, doc.user_data[READING], words),)

    def _from_quoted(self, use: Use, intent: str, chance: float, live: Reading, words: str) -> Request:
        if use is Use.ANSWERED:
            return _answered(request_for(intent, live, chance), words)
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
        if intent != "recurring":  # what was read back of an order names its purchase date; nobody wished for that
            below = replace(below, slots=replace(below.slots, effective_dates=()))
        return replace(below, spans=spans, cautions=frozenset(kept), topics=below.topics | above.topics)


def _answered(answer: Request, question: str) -> Request:
    """The answer, with what our question already names and the answer does not: "The 15th." """
    if not is_ours(question):
        return answer
    asked = request_for(str(answer.intent), read(question), float(answer.confidence))
    named = {
        field: getattr(asked.slots, field)
        for field in ("amounts", "shares", "accounts", "frequencies", "payment_methods")
        if not getattr(answer.slots, field)
    }
    spans = tuple(replace(span, slot=f"quoted.{span.slot}") for span in asked.spans if _FIELDS.get(span.slot) in named)
    return replace(
        answer,
        slots=replace(answer.slots, **named),
        topics=answer.topics | asked.topics,
        spans=answer.spans + spans,
    )


_FIELDS = {
    "amount_usd": "amounts", "shares": "shares", "account": "accounts", "frequency": "frequencies",
    "payment_method": "payment_methods",
}  # fmt: skip
"""The fields of slots whose spans are shown, by the slot's name."""


def _because(unclear: Understanding, cause: str) -> Understanding:
    """`unclear` with the cause in its evidence, for whoever asks why."""
    return replace(unclear, evidence={**unclear.evidence, "unclear": cause})


def unless_missed(requests: tuple[Request, ...], text: str, whole: Scores) -> tuple[Request, ...]:
    """The requests, doubted where another order may stand beside them that was not understood.

    It may where its label is in the set of possible ones and the text has its
    words. To join and several requests invite another; for the other single
    orders it was measured to stop six right ones for each wrong one.
    """
    intents = {str(request.intent) for request in requests}
    invites = len(requests) > 1 or intents == {"enroll"}
    is_missed = any(label not in intents and has_act(text, label) for label in whole.possible & _BESIDE)
    if intents == {"enroll"} and slots_for("buy", read(text))[0].amounts:
        is_missed = True  # what is to be done with the money was not understood
    if not invites or not is_missed:
        return requests
    return tuple(
        replace(request, cautions=request.cautions | {Caution.DISAGREEMENT}) if request.intent in ACTING else request
        for request in requests
    )


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
