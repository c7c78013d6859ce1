"""Investment advice: whether to buy or sell, what the price will be, what is not public. None of it is given."""

from __future__ import annotations

from handlers.contract import Handler, Intent, Outcome, Referral, Referred, Refused, Request, Snapshot
from handlers.plan.refusals import Refusal


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Refuse advice and predictions; a question on undisclosed facts goes to staff besides. PR and OC, "Speech"."""
    if "undisclosed" in request.topics:
        return Referred(Referral.UNDISCLOSED_FACTS)
    return Refused((Refusal.NO_ADVICE,))


HANDLER = Handler(Intent("investment_advice"), decide, title="ask for investment advice, which we cannot give")
