"""Why a message was answered as it was: the stored decision, told so that an officer understands it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answer import NOT_OFFERED, OFFERED
from bot.mail.authentication import Authentication
from bot.reading import read_text
from handlers.contract import Caution
from handlers.plan.refusals import SENTENCES, Refusal
from storage.messages import InboundMessage, MessageState

CAUTIONS: Mapping[Caution, str] = {
    Caution.DECEASED: "it tells that a holder has died",
    Caution.THIRD_PARTY: "it is about somebody else's account or money",
    Caution.CONDITIONAL: "it depends on a price, an event or somebody's judgment",
    Caution.NEGATED: "it says what is not to be done",
    Caution.HYPOTHETICAL: "it supposes or asks; it does not order",
    Caution.PAST: "it tells what was done before",
    Caution.QUOTED: "the order stands only in quoted text",
    Caution.CORRECTION: "it corrects an order already sent",
    Caution.DISAGREEMENT: "two parts of it cannot both be meant",
    Caution.UNLIKELY: "its words are seldom used to order anything",
}
"""Each doubt in words."""

UNCLEAR_WORDS: Mapping[str, str] = {
    "too_long": "it is longer than what is read",
    "disguised": "letters or digits in it do not say what they seem to",
    "improbable": "no reading is likely enough",
    "only_greets": "it only greets, and asks for nothing yet",
    "not_in_so_many_words": "its own words do not ask for what it seems to be about",
}
"""Why a message was not understood."""

STATES: Mapping[str, str] = {
    "RECEIVED": "it waits to be read",
    "ANSWERED": "it was answered",
    "AWAITING_SHAREHOLDER": "the sender was asked, and has the next word",
    "ESCALATED": "a person has it",
    "IGNORED": "it is not answered",
    "FAILED": "it could not be worked on; staff see it",
}
"""What became of a message."""

SHOWN = 4
"""Other readings that are named."""
LEAST_SHOWN = 0.01
"""Probability under which another reading is not named."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one decision."""

    message: InboundMessage
    text: str
    """The words that were read: the sender's own subject and live text, codes taken out."""

    def to_json(self) -> dict[str, object]:
        """Plain values for `--json`."""
        return {
            "message": self.message.id,
            "received_at": self.message.received_at,
            "state": self.message.state.value,
            "reason": self.message.reason,
            "text": self.text,
            "sender": dict(self.message.sender or {}),
            "decision": dict(self.message.decision or {}),
        }

    def to_text(self) -> str:
        """The whole story, line by line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        message, decision = self.message, self.message.decision
        yield f"message   {message.id}, received {message.received_at:%Y-%m-%d %H:%M:%S} UTC"
        told = "; ".join(filter(None, (STATES.get(message.state.value, ""), message.reason)))
        yield f"became    {message.state.value}" + (f" ({told})" if told else "")
        yield from _sender(message)
        if not decision:
            yield "There is no decision on record: the message was not read, or waits."
            return
        read: Mapping[str, Any] = decision.get("read", {})  # type: ignore[assignment]  # our own JSON
        evidence: Mapping[str, Any] = read.get("evidence", {})
        decided: Sequence[Mapping[str, Any]] = decision.get("decided", ())  # type: ignore[assignment]  # our own JSON
        yield f"terms     in force from {decision.get('terms', '?')}; language model {read.get('model', '?')}"
        yield f"letter    {', '.join(decision.get('letter', ())) or 'none'}"  # type: ignore[arg-type]  # our own JSON
        yield ""
        yield "The sender's own words, with what was read from them in [brackets]:"
        spans = [span for one in decided for span in one["request"]["spans"] if not span["slot"].startswith("quoted.")]
        yield from ("    " + line for line in marked(self.text, spans).splitlines())
        for number, one in enumerate(decided, start=1):
            yield ""
            is_done = message.state is not MessageState.AWAITING_SHAREHOLDER
            yield from _request(number, one, evidence, is_done=is_done)
        yield ""
        yield from _scores(read, evidence)
        if any("clarify" in kind for kind in decision.get("letter", ())):  # type: ignore[attr-defined]  # our own JSON
            offered = [name for name in read.get("alternatives", ()) if name not in NOT_OFFERED][:OFFERED]
            yield f"     the sender was asked which is meant: {', '.join(offered) or 'no reading was offered'}"


def _sender(message: InboundMessage) -> Iterator[str]:
    """How surely the sender is known, and what was found."""
    record = message.sender or {}
    found = Authentication.of_record(record, message.signed_digest, str(record.get("address", "")))
    surely = "known" if found.is_aligned else "not surely known"
    yield f"sender    {surely}: {found.ground.value}" + (f" ({found.note.rstrip('.')})" if found.note else "")
    findings = found.results.replace("\r\n", "").split("; ")
    yield from (f"          {finding.rstrip(';')}" for finding in findings if finding)


def explanation_of(message: InboundMessage) -> Explanation:
    """What is known of the decision on `message`."""
    return Explanation(message, read_text(message.raw))


def in_short(decision: Mapping[str, Any]) -> list[str]:
    """What was understood and decided, a line for each request; what else is known where nothing was."""
    lines = [f"{one['request']['intent']}: {_outcome(one['outcome'])}" for one in decision.get("decided", ())]
    return lines or [str(decision[name]) for name in ("error", "from") if decision.get(name)] or ["nothing"]


def marked(text: str, spans: Sequence[Mapping[str, Any]]) -> str:
    """`text` with each span in brackets, its slot named. Spans that no longer fit the text are left out."""
    found = sorted({(span["start"], span["end"], span["slot"], span["text"]) for span in spans})
    parts, at = [], 0
    for start, end, slot, words in found:
        if start >= at and text[start:end] == words:
            parts += [text[at:start], f"[{slot}: {words}]"]
            at = end
    return "".join([*parts, text[at:]])


def _needed(intent: str, evidence: Mapping[str, Any]) -> float:
    """The least probability from which on a reading was believed."""
    thresholds = evidence.get("thresholds", {})
    least = thresholds.get(intent, thresholds.get("others", 0.0))
    return float(least if evidence.get("familiar", True) else max(least, thresholds.get("unfamiliar", 0.0)))


def _request(number: int, one: Mapping[str, Any], evidence: Mapping[str, Any], *, is_done: bool) -> Iterator[str]:
    """What was read and decided of one request. What only waits for its code has no order number yet."""
    request, outcome = one["request"], one["outcome"]
    least = f", at least {_needed(request['intent'], evidence):.0%} was needed" if "thresholds" in evidence else ""
    yield f"{number}. {request['intent']}: {float(request['confidence']):.0%} likely{least}"
    for name, values in request["slots"].items():
        if values:
            yield f"     {name}: {', '.join(map(str, values))}"
    if request["topics"]:
        yield f"     about: {', '.join(request['topics'])}"
    for name in request["cautions"]:
        yield f"     doubt: {CAUTIONS[Caution[name]]}"
    numbers = ", ".join(filter(None, one["ids"])) if is_done else ""
    yield f"     decided: {_outcome(outcome)}" + (f", {numbers}" if numbers else "")


def _outcome(outcome: Mapping[str, Any]) -> str:
    match outcome["kind"]:
        case "Completed":
            return "may be done: " + ", ".join(outcome["effects"]) if outcome["effects"] else "answered"
        case "Refused":
            return "refused: " + " ".join(SENTENCES[Refusal[name]] for name in outcome["refusals"])
        case "NeedsInfo":
            return "asked: " + ", ".join(outcome["missing"])
        case "Referred":
            return f"a person decides: {outcome['reason']}"
        case _:
            return f"nothing said: {outcome.get('reason', '')}"


STANCE_WORDS = {
    "none": "no order at all", "deceased": "a holder's death", "others": "somebody else's account or wish",
    "elsewhere": "no matter of the program", "earlier": "about an earlier order", "negated": "an order not to",
    "conditional": "on a condition", "supposed": "a question, a wish or a plan",
    "unsettled": "left open what is to be done",
}  # fmt: skip
"""How each stance is told to staff."""


def _other_stances(evidence: Mapping[str, Any]) -> str:
    ranked = sorted(evidence.get("stances", {}).items(), key=lambda item: -item[1])
    named = [(STANCE_WORDS.get(one), chance) for one, chance in ranked if chance >= LEAST_SHOWN]
    return ", ".join(f"{words} {chance:.0%}" for words, chance in named if words)


def _grounds(evidence: Mapping[str, Any]) -> str:
    """The strongest grounds, each with what it speaks for."""
    return ", ".join(f"{name} ({'for' if vote > 0 else 'against'})" for name, vote in evidence["grounds"].items())


def _scores(read: Mapping[str, Any], evidence: Mapping[str, Any]) -> Iterator[str]:
    cause = UNCLEAR_WORDS.get(evidence.get("unclear", ""), "")
    yield f"How it was read: {read.get('reason', '?')}" + (f", because {cause}" if cause else "")
    ranked = sorted(read.get("confidence", {}).items(), key=lambda item: -item[1])
    others = [f"{intent} {chance:.0%}" for intent, chance in ranked[:SHOWN] if chance >= LEAST_SHOWN]
    thresholds = evidence.get("thresholds", {})
    if others:
        yield f"     readings, likeliest first: {', '.join(others)}"
    if cause and ranked:
        likeliest, chance = ranked[0]
        needed = _needed(likeliest, evidence)
        yield f"     {likeliest}: {chance:.0%} likely, {needed:.0%} needed"
    if "order" in evidence:
        needed = thresholds.get("order", 0)
        yield f"     words that order something: {evidence['order']:.0%} likely, at least {needed:.0%} needed to act"
    if "stands" in evidence:
        needed = thresholds.get("stands", 0)
        yield f"     all grounds weighed: {evidence['stands']:.0%} likely to be right, {needed:.0%} needed to act"
        yield f"     what counted most: {_grounds(evidence)}"
    if besides := _other_stances(evidence):
        yield f"     what else they may be: {besides}"
    if "familiar" in evidence:
        raised = f"; {thresholds['unfamiliar']:.0%} needed whatever it is" if "unfamiliar" in thresholds else ""
        yield "     like the messages we know: " + ("yes" if evidence["familiar"] else f"no{raised}")
    if read.get("doubtful"):
        yield "     what is quoted and what is the sender's own could not be told apart for certain"
