"""Decides any request: first what stops it whatever it asks, then its own handler.

The one place where cautions and the topics that mean the same for several
intents are weighed. Handlers themselves look only at what is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from handlers.contract import (
    Assurance,
    Caution,
    Completed,
    Handler,
    Ignored,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Refused,
    ReportDeath,
    Request,
    Snapshot,
)
from handlers.plan.refusals import Refusal, in_precedence
from handlers.registry import handler_for
from handlers.timing import coming_months

CAUTION_QUESTIONS: Mapping[Caution, str] = {
    Caution.NEGATED: "not_an_order",
    Caution.HYPOTHETICAL: "only_supposed",
    Caution.PAST: "already_past",
    Caution.QUOTED: "only_quoted",
    Caution.CORRECTION: "replace_or_add",
    Caution.DISAGREEMENT: "which_of_two",
    Caution.UNLIKELY: "order_or_not",
}
"""What is asked where a caution makes a request unclear; each name has its words in the letters."""

_CONDITIONAL = Refused((Refusal.CONDITIONAL_ORDER,))
_ORDERS = frozenset({"buy", "sell", "recurring"})
_PAYING = frozenset({"buy", "recurring"})
_JOINING = frozenset({"buy", "sell", "recurring", "enroll", "eligible_states"})


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """The outcome of `request`, whoever sent it and however surely that is known; the shell weighs assurance.

    Pure: the same request and snapshot give equal outcomes, so a request that
    waited for its confirmation is decided anew and compared. KeyError if no
    handler has the intent.
    """
    handler = handler_for(request.intent)
    outcome = _stopped(request, handler)
    if outcome is None:
        outcome = _with_topics(request, snapshot, handler.decide(request, snapshot))
    elif outcome == _CONDITIONAL:
        outcome = _all_reasons(outcome, _with_topics(request, snapshot, handler.decide(request, snapshot)))
    if Caution.UNLIKELY in request.cautions and _acts(request, handler) and isinstance(outcome, Completed):
        outcome = NeedsInfo((CAUTION_QUESTIONS[Caution.UNLIKELY],))
    if isinstance(outcome, Referred) and Caution.DECEASED in request.cautions:
        outcome = replace(outcome, effects=_freezing(snapshot))
    return _with_facts(outcome, request, handler, snapshot)


def _all_reasons(conditional: Refused, otherwise: Outcome) -> Outcome:
    """The refusal of a condition, with every reason for which the order would be refused without it."""
    match otherwise:
        case Referred():
            return otherwise
        case Refused(refusals=refusals):
            return replace(otherwise, refusals=in_precedence((*conditional.refusals, *refusals)))
        case Completed() | NeedsInfo() | Ignored():
            return conditional
        case _:
            assert_never(otherwise)


def _freezing(snapshot: Snapshot) -> tuple[ReportDeath, ...]:
    """What protects the accounts behind a registered address; nothing where the sender is not known. OC, "Death"."""
    return tuple(ReportDeath(address) for address in dict.fromkeys(one.email for one in snapshot.registrations))


def _only_asks(request: Request) -> bool:
    return request.intent == "enroll" and "how" in request.topics


def _acts(request: Request, handler: Handler) -> bool:
    """Whether carrying out the request would change anything."""
    return handler.consequential and not _only_asks(request)


def _stopped(request: Request, handler: Handler) -> Outcome | None:
    """The outcome that the most serious caution forces, or None.

    A question how to enroll changes nothing, so it is answered like any other,
    supposing or not.
    """
    acts = _acts(request, handler)
    is_personal = handler.requires > Assurance.ANONYMOUS and not _only_asks(request)
    for caution in sorted(request.cautions, key=lambda caution: caution.value):
        match caution:
            case Caution.DECEASED:
                return Referred(Referral.DEATH)
            case Caution.THIRD_PARTY:
                if acts or is_personal:
                    return Referred(Referral.THIRD_PARTY)
            case Caution.CONDITIONAL:
                if acts:
                    return _CONDITIONAL
            case (
                Caution.NEGATED
                | Caution.HYPOTHETICAL
                | Caution.PAST
                | Caution.QUOTED
                | Caution.CORRECTION
                | Caution.DISAGREEMENT
            ):
                if acts and not (caution is Caution.DISAGREEMENT and _sells_at_a_broker(request)):
                    return NeedsInfo((CAUTION_QUESTIONS[caution],))
            case Caution.UNLIKELY:
                continue  # asked only where it would be carried out: a refusal or a missing fact says more
            case _:
                assert_never(caution)
    return None


def _sells_at_a_broker(request: Request) -> bool:
    """Whether shares in street name are to be sold, which is refused whatever else is said. PR, "Street name"."""
    return request.intent == "sell" and "street_name" in request.topics


def _with_topics(request: Request, snapshot: Snapshot, outcome: Outcome) -> Outcome:
    """`outcome` with what the shared topics add to it: a referral outranks a refusal, a refusal an order.

    Who says that the shares are at a broker is a shareholder, if not a
    registered one: they are told how to go on, not that they hold none.
    """
    referral = _topic_referral(request)
    refusals = _topic_refusals(request, snapshot)
    match outcome:
        case Referred() | Ignored():
            return outcome
        case Refused():
            if referral:
                return referral
            found = {*outcome.refusals, *refusals}
            if Refusal.STREET_NAME in refusals and Refusal.NOT_A_SHAREHOLDER not in refusals:
                found.discard(Refusal.NOT_A_SHAREHOLDER)
            return replace(outcome, refusals=in_precedence(found))
        case Completed() | NeedsInfo():
            if referral:
                return referral
            return Refused(refusals) if refusals else outcome
        case _:
            assert_never(outcome)


def _topic_referral(request: Request) -> Referred | None:
    if "non_us" in request.topics and request.intent in _JOINING:  # PR, "Non-US holder"
        return Referred(Referral.NON_US)
    if "pay:third_party_check" in request.topics and request.intent in _PAYING:  # OC, "How to pay"
        return Referred(Referral.THIRD_PARTY)
    return None


def _topic_refusals(request: Request, snapshot: Snapshot) -> tuple[Refusal, ...]:
    """The refusals that the message itself calls for, whatever the account.

    A check in other money or on a foreign bank is no "check in U.S. dollars",
    so it is refused like a card. Shares in street name cannot be sold here by
    anybody; for buying and joining they matter only to those who hold nothing
    in their own name. PR, "How to pay", "Street name", "Not a shareholder".
    """
    refusals = []
    intent, topics = request.intent, request.topics
    if intent in _PAYING and any(topic.startswith("pay:") for topic in topics - {"pay:third_party_check"}):
        refusals.append(Refusal.PAYMENT_METHOD)
    if intent in _ORDERS and "timed" in topics:
        refusals.append(Refusal.TIMED_ORDER)
    if intent == "sell" and "street_name" in topics:
        refusals.append(Refusal.STREET_NAME)
    if intent in ("buy", "recurring", "enroll") and not snapshot.registrations:
        if "street_name" in topics:
            refusals.append(Refusal.STREET_NAME)
        if "not_shareholder" in topics:
            refusals.append(Refusal.NOT_A_SHAREHOLDER)
    return in_precedence(refusals)


def _with_facts(outcome: Outcome, request: Request, handler: Handler, snapshot: Snapshot) -> Outcome:
    """`outcome` with the facts every letter may name: what was asked, the coming dates and the terms on the first.

    A referral gets its promise too. What a handler says of these itself stands.
    """
    coming = coming_months(snapshot)
    facts = {"request": request, "coming": coming, "terms": snapshot.book.on(coming[0].purchase_date)}
    match outcome:
        case Completed():
            return replace(outcome, reply={**facts, **outcome.reply})
        case Refused():
            return replace(outcome, reply={**facts, "refusals": outcome.refusals, **outcome.reply})
        case NeedsInfo():
            return replace(outcome, reply={**facts, "missing": outcome.missing, **outcome.reply})
        case Referred():
            at_risk = coming[0].cut_off if handler.consequential else None
            promise = referral_facts(outcome.reason, snapshot)
            return replace(outcome, reply={**facts, **promise, "deadline_at_risk": at_risk, **outcome.reply})
        case Ignored():
            return outcome
        case _:
            assert_never(outcome)


def referral_facts(reason: Referral, snapshot: Snapshot) -> dict[str, object]:
    """What the letter of a referral needs: its kind, and the day by which staff promise to answer.

    No deadline is at risk unless the caller says so. The promise is counted in
    banking sessions, as the terms have it.
    """
    reply_by = snapshot.calendar.banking_sessions_after(snapshot.today, snapshot.terms.staff_reply_sessions)
    return {"kind": reason, "reply_by": reply_by, "deadline_at_risk": None}
