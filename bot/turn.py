"""One turn of a conversation: what was decided on a message, gathered before it is stored and worded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from bot.render import Section, read_back_for, template_for
from bot.request_json import request_to_json
from handlers.contract import (
    Assurance,
    Completed,
    Handler,
    Ignored,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Refused,
    Request,
    Snapshot,
)
from handlers.decide import decide
from handlers.registry import handler_for
from storage.messages import MessageState
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Decided:
    """A request with what was decided on it."""

    request: Request
    handler: Handler
    outcome: Outcome
    snapshot: Snapshot
    order_ids: tuple[str, ...] = ()
    """What the store calls each effect: an order's number, or an empty string."""

    @property
    def section(self) -> Section | None:
        """The part of the letter that says it; None where nothing is said."""
        template = template_for(self.request.intent, self.outcome)
        return Section(template, self._context() | {"order_ids": self.order_ids}) if template else None

    @property
    def read_back(self) -> Section:
        """The part of the letter that reads it back before it is done."""
        return Section(read_back_for(self.request.intent), self._context())

    def _context(self) -> dict[str, object]:
        match self.outcome:
            case Completed(reply=reply):
                return dict(reply)
            case Refused(refusals=refusals, reply=reply):
                return dict(reply) | {"refusals": refusals}
            case NeedsInfo(missing=missing, reply=reply):
                return dict(reply) | {"missing": missing}
            case Referred(reason=reason, reply=reply):
                return dict(reply) | {"reason": reason}
            case Ignored():
                return {}
            case _:
                assert_never(self.outcome)


@dataclass
class Turn:
    """What one message leads to. The most serious state wins."""

    sections: list[Section] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """Names of what the letter says, for the record."""
    state: MessageState = MessageState.ANSWERED
    reason: str = ""
    review: Referral | None = None
    is_told: bool = True
    """Whether staff get a notice of the review."""
    at_risk: bool = False
    """Whether the referred request misses something if nobody decides before the cut-off."""
    decided: list[Decided] = field(default_factory=list)

    def say(self, section: Section, state: MessageState = MessageState.ANSWERED) -> None:
        """Add a part to the letter."""
        self.sections.append(section)
        self.kinds.append(section.template.removesuffix(".j2"))
        if state is MessageState.AWAITING_SHAREHOLDER and self.state is MessageState.ANSWERED:
            self.state = state

    def refer(self, reason: Referral, *, at_risk: bool) -> None:
        """Let a person decide. Of several reasons the most serious stays."""
        order = list(Referral)
        if self.review is None or order.index(reason) < order.index(self.review):
            self.review = reason
        self.at_risk = self.at_risk or at_risk
        self.state = MessageState.ESCALATED

    def ignore(self, reason: str) -> None:
        """Nothing to say."""
        self.reason = self.reason or reason
        if not self.sections and self.review is None:
            self.state = MessageState.IGNORED

    def record(self) -> list[dict[str, object]]:
        """What was understood and decided, for the store."""
        return [
            {"request": request_to_json(one.request), "outcome": _outcome_json(one.outcome), "ids": list(one.order_ids)}
            for one in self.decided
        ]


def _outcome_json(outcome: Outcome) -> dict[str, object]:
    match outcome:
        case Completed(effects=effects):
            return {"kind": "Completed", "effects": [type(effect).__name__ for effect in effects]}
        case Refused(refusals=refusals):
            return {"kind": "Refused", "refusals": [refusal.name for refusal in refusals]}
        case NeedsInfo(missing=missing):
            return {"kind": "NeedsInfo", "missing": list(missing)}
        case Referred(reason=reason, effects=effects):
            done = [type(effect).__name__ for effect in effects]
            return {"kind": "Referred", "reason": reason.name, "effects": done}
        case Ignored(reason=why):
            return {"kind": "Ignored", "reason": why}
        case _:
            assert_never(outcome)


def decide_each(
    tx: Transaction, requests: Sequence[Request], load: Callable[[], Snapshot], *, cause: str
) -> list[Decided]:
    """Decide each request in order and store its effects, so that the next one is decided knowing them.

    Within `tx.trial()` nothing of it stays: that is how requests which still
    need their code are looked at.
    """
    decided = []
    for number, request in enumerate(requests, start=1):
        snapshot = load()
        outcome = decide(request, snapshot)
        ids: tuple[str, ...] = ()
        if isinstance(outcome, Completed | Referred):
            ids = tx.effects.apply(outcome.effects, cause=f"{cause}:{number}", now=snapshot.now, today=snapshot.today)
        decided.append(Decided(request, handler_for(request.intent), outcome, snapshot, ids))
    return decided


def required(one: Decided) -> Assurance:
    """How surely the sender must be known for a decision to be carried out, or its figures told.

    What changes nothing and tells nothing personal needs nothing.
    """
    is_harmless = not isinstance(one.outcome, Completed) or not (one.outcome.effects or one.outcome.personal)
    return Assurance.ANONYMOUS if is_harmless else one.handler.required(one.outcome, one.snapshot)
