"""From scores to an understanding: what is sure enough to be a request, in which order, with which details.

The last component of the pipeline. Conservative by design: it splits a
message into several requests only where clauses plainly ask different things,
and calls unclear whatever no threshold, act or script bears out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from bot.language.acknowledging import only_acknowledges, with_acknowledgement
from bot.language.acts import has_act
from bot.language.bars import Bars
from bot.language.cautions import cautions
from bot.language.conditions import is_plainly_conditional
from bot.language.figures import UNSEEN_READING
from bot.language.grounds import TERSE, Grounds, grounds, is_complete, may_stand, names_what, talked_away
from bot.language.other_people import is_plainly_somebody_elses
from bot.language.parts import parts_of, with_first_payment, without_doubles
from bot.language.quotes import Use, is_ours, own_words, use_of
from bot.language.readings import READING, Reading, Region, read
from bot.language.requests import ACTING, cautions_everywhere, is_borne_out, request_for
from bot.language.scores import CLAUSE_SCORES, FAMILIARITY, UNSEEN_SCORES, WHOLE_SCORES, Scores
from bot.language.side_by_side import doubted, reconciled, unless_missed
from bot.language.slots import USED
from bot.language.stances import plainly
from bot.language.text import LONGEST, is_disguised
from bot.language.understanding import EMPTY, FOREIGN, UNCLEAR, UNDERSTOOD, Understanding
from handlers.contract import Caution, Intent, Request

NAME = "dspp_decide"
UNDERSTANDING = "dspp_understanding"
LIVE = "dspp_live"
QUOTED = "dspp_quoted"
QUOTED_SCORES = "dspp_quoted_scores"
ROW = "dspp_row"
"""Key in a training doc's user data: the labelled message that it was made of."""

ALTERNATIVES = 3
"""How many likely intents an unclear message names."""
SHORT = 8
"""Texts of so few words may be all names and numbers."""
FEW = 2
"""Texts of so few words ("void #4409") must be all the likelier where we do not know them; one alone must be known."""
ORDERED_AT_ALL = 0.25
"""Least probability that a whole message orders something, for a clause of it to be believed that it does."""
LEAST_FAMILIAR = 0.34
"""Share of known words under which a text is not taken for English."""

GROUNDS_SHOWN = 6
"""How many of the grounds for and against an order are kept with a decision."""
SHOWN = 0.01
"""Probability from which on a stance is named in the evidence."""

_GREETS = re.compile(
    r"\W*(?:(?:hi|hiya|hello|hallo|hey|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|morning|there|all|you"
    r"|folks|team|everyone|everybody|sir|madam|dear|or|sirs|friends|question|quick|a|aastrom|anyone|anybody|is|home"
    r"|how are|doing|today)\b\W*){1,12}",
    re.IGNORECASE,
)
"""A greeting and nothing else: who writes it waits for an answer."""
_MORE = frozenset({"complaint", "human", "out_of_scope"})
"""Matters that an acknowledgement may stand beside in words that no table knows."""


@Language.factory(NAME, requires=["doc.cats"], default_config={"bars": asdict(Bars())})
def create_decide(nlp: Language, name: str, bars: dict[str, Any]) -> Decider:
    """Makes the component from a pipeline's config."""
    return Decider(Bars(**bars))


class Decider:
    """Thresholds, and the order in which the questions are put."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._grounds = Grounds()

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
        requests = self._quoted_requests(doc, whole) or self._live_requests(doc, whole, evidence)
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
            "ending": round(whole.ending, 4),
            "stances": {one: round(chance, 4) for one, chance in whole.stances.items() if chance >= SHOWN},
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

    # -------------------------------------------------------------- learning

    def initialize(self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None) -> None:
        """Learn how the grounds weigh, on examples whose reference docs carry scores that had not seen their author."""
        found, stands = [], []
        for example in get_examples():
            doc = example.reference
            scores: Scores | None = doc.user_data.get(UNSEEN_SCORES)
            if scores is None or scores.best()[0] not in ACTING:
                continue
            intent, chance = scores.best()
            reading: Reading = doc.user_data.get(UNSEEN_READING) or read(doc.text)
            request = request_for(intent, reading, chance, is_near=True, is_surely_ended=self._is_ended(scores))
            if is_complete(request):
                everywhere = cautions_everywhere(request, reading.text)
                found.append(grounds(request, everywhere, scores, reading))
                stands.append(may_stand(request, doc.user_data[ROW]))
        if found:
            self._grounds.fit(found, stands)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Store what was learned under `path`."""
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        self._grounds.to_disk(path / "grounds.npz")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Decider:
        """Load what `to_disk` stored."""
        self._grounds.from_disk(Path(path) / "grounds.npz")
        return self

    # ------------------------------------------------------------ live text

    def _live_requests(self, doc: Doc, whole: Scores, evidence: dict[str, object]) -> tuple[Request, ...]:
        reading: Reading = doc.user_data[READING]
        best, chance = whole.best()
        is_more = best in _MORE and (chance >= self._bars.clause or has_act(reading.text, best))
        is_more |= best in ACTING and min(chance, whole.order) >= self._bars.sure_order
        if only_acknowledges(reading) and not is_more:
            acknowledged = request_for("documents", reading, whole.best()[1])
            return (replace(acknowledged, intent=Intent("acknowledge")),)
        begins = len(doc.text) - len(doc.user_data.get(LIVE, doc.text))
        parts = parts_of(doc.text, begins, whole, doc.user_data[CLAUSE_SCORES], self._bars)
        if len(parts) == 1 and parts[0].intent == "enroll":
            parts = with_first_payment(parts[0], reading, whole, self._bars)
        parts = without_doubles(parts, reading)
        if len(parts) == 1:
            request = self._gated(parts[0].intent, reading, parts[0].probability, whole.order, whole, evidence)
            sure = list(self._if_sure(request, reading, whole, whole.order))
            return unless_missed(reconciled(sure, reading.text, whole.probabilities), reading, whole)
        is_lost = False
        chances = {clause: scores.order for clause, scores in doc.user_data[CLAUSE_SCORES] if scores is not None}
        sure = []
        for part in parts:
            order = whole.order
            if order >= ORDERED_AT_ALL:  # a clause by itself may tell of an order as if it gave one
                order = max([order, *(chances.get(clause, 0.0) for clause in part.clauses)])
            gated = self._gated(part.intent, reading, part.probability, order, whole, evidence, part.regions)
            kept = self._if_sure(gated, reading, whole, order)
            is_lost |= not kept and part.intent in ACTING
            sure += kept
        if is_lost:
            sure = [doubted(request) for request in sure]
        sure = with_acknowledgement(sure)
        return unless_missed(reconciled(sure, reading.text, whole.probabilities), reading, whole)

    def _gated(
        self,
        intent: str,
        reading: Reading,
        probability: float,
        order: float,
        whole: Scores,
        evidence: dict[str, object],
        regions: Sequence[Region] | None = None,
    ) -> Request:
        """The request, doubted where it would move something and its words seldom order anything."""
        is_whole = regions is None
        is_ended = is_whole and self._is_ended(whole)
        request = request_for(intent, reading, probability, regions, is_near=is_whole, is_surely_ended=is_ended)
        if intent in ACTING:
            counting = self._weighed(request, reading, whole, evidence) if is_whole else request.cautions
            is_whole_order = is_complete(request) and names_what(request)
            plain = plainly(whole.stances, self._bars.plain, is_complete=is_whole_order)
            request = replace(request, cautions=counting | plain)
        if intent == "enroll" and order < self._bars.order:
            return replace(request, topics=request.topics | {"how"})  # told how to, who wishes it will say so
        if intent not in ACTING or order >= self._bars.order:
            return request
        return replace(request, cautions=request.cautions | {Caution.UNLIKELY})

    def _is_ended(self, scores: Scores) -> bool:
        """Whether a message that is about the deduction surely orders that it end."""
        return scores.order >= self._bars.sure_order and scores.ending >= self._bars.ended

    def _weighed(
        self, request: Request, reading: Reading, whole: Scores, evidence: dict[str, object]
    ) -> frozenset[Caution]:
        """The cautions that hold against the only request of a message; what was weighed is added to `evidence`.

        Where all grounds together are for it, those near the order that a stance bears out
        or that read figures; all that were found where they are not, in a few words, or where
        a limit price, an authority or the like is named, which nothing talks away.
        """
        text, intent = reading.text, str(request.intent)
        everywhere = cautions_everywhere(request, text)
        if not self._grounds.is_fitted:
            return everywhere
        words = len(text.split())
        found = grounds(request, everywhere, whole, reading)
        chance = self._grounds.chance(found)
        strongest = self._grounds.strongest(found, GROUNDS_SHOWN)
        evidence["stands"] = round(chance, 4)
        evidence["grounds"] = {name: round(vote, 3) for name, vote in strongest.items()}
        is_plain = is_plainly_conditional(text, intent) or is_plainly_somebody_elses(text)
        is_doubted = request.cautions or (everywhere and whole.order < self._bars.sure_order)
        if chance >= self._bars.stands and not is_plain and not (is_doubted and words <= TERSE):
            return request.cautions - talked_away(request.cautions, whole, intent, self._bars.doubted)
        if everywhere or not is_complete(request):
            return everywhere
        return frozenset({Caution.UNLIKELY})

    def _if_sure(self, request: Request, reading: Reading, whole: Scores, order: float) -> tuple[Request, ...]:
        """The request, or nothing if it is too improbable for the harm it could do, or nothing bears it out.

        What bears it out is the text's own words, or that the heads are sure both
        of the label and of the order, and have more than a word or two to go by. A
        message unlike any on our matters must be more probable.
        """
        probability = float(request.confidence)
        if probability < self._bars.needed(request.intent, is_familiar=whole.is_familiar):
            return ()
        words = len(reading.text.split())
        needed = self._bars.unworded if words > FEW else self._bars.unworded_in_few
        is_plain = min(probability, order) >= needed and words > 1
        if not is_plain and not is_borne_out(request.intent, reading, request.slots):
            return ()
        return (request,)

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
        if not getattr(answer.slots, field) and not (field == "shares" and answer.slots.amounts)
    }
    spans = tuple(replace(span, slot=f"quoted.{span.slot}") for span in asked.spans if _FIELDS.get(span.slot) in named)
    is_open = bool(_WHICH_ACCOUNT.search(question)) and not answer.slots.accounts
    return replace(
        answer,
        cautions=answer.cautions | ({Caution.DISAGREEMENT} if is_open else set()),
        slots=replace(answer.slots, **named),
        topics=answer.topics | asked.topics,
        spans=answer.spans + spans,
    )


_WHICH_ACCOUNT = re.compile(r"\bwhich (?:of your )?accounts?\b", re.IGNORECASE)
"""Our question; an answer without an account leaves it open."""
_FIELDS = {
    "amount_usd": "amounts", "shares": "shares", "account": "accounts", "frequency": "frequencies",
    "payment_method": "payment_methods",
}  # fmt: skip
"""The fields of slots whose spans are shown, by the slot's name."""


def _because(unclear: Understanding, cause: str) -> Understanding:
    """`unclear` with the cause in its evidence, for whoever asks why."""
    return replace(unclear, evidence={**unclear.evidence, "unclear": cause})
