"""What somebody may hear who is not known by address: general answers, and what follows from their own words.

Whether an address is registered is told to nobody: a stranger's answer is the
same whatever the store holds.
"""

from __future__ import annotations

from dataclasses import replace

from bot.turn import Decided
from handlers.contract import Assurance, Completed, Ignored, NeedsInfo, Referred, Refused, Request
from handlers.plan.refusals import Refusal

TELLS_NOTHING = frozenset({Refusal.STREET_NAME, Refusal.PAYMENT_METHOD, Refusal.CONDITIONAL_ORDER, Refusal.NO_ADVICE})
"""Refusals that follow from the message alone; anybody may hear them."""


def for_anybody(one: Decided) -> Decided:
    """A refusal to a stranger, kept to the reasons that follow from their own words, if there are any."""
    if one.snapshot.registrations or not isinstance(one.outcome, Refused):
        return one
    own = _own_reasons(one.request)
    reasons = tuple(refusal for refusal in one.outcome.refusals if refusal in own)
    return replace(one, outcome=replace(one.outcome, refusals=reasons)) if reasons else one


def _own_reasons(request: Request) -> frozenset[Refusal]:
    """Refusals that tell a stranger nothing but what they told us."""
    says_so = "not_shareholder" in request.topics
    return TELLS_NOTHING | {Refusal.NOT_A_SHAREHOLDER} if says_so else TELLS_NOTHING


def is_for_holders_only(one: Decided) -> bool:
    """Whether a stranger must not get this answer: it needs more than a From header, and tells or does something."""
    if one.handler.requires <= Assurance.ANONYMOUS:
        return False
    match one.outcome:
        case Completed(effects=effects, personal=personal):
            return bool(effects) or personal
        case Refused(refusals=refusals):
            return not set(refusals) <= _own_reasons(one.request)
        case NeedsInfo():
            return True
        case Referred() | Ignored():
            return False
