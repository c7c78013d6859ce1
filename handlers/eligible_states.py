"""Eligible states: whether the program can be offered in a place now, as far as IR has recorded it."""

from __future__ import annotations

from handlers.contract import Completed, Handler, Intent, Outcome, Referral, Referred, Request, Snapshot
from handlers.plan.states import STATE_NAMES, StateStatus


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell the status of each state named; of all that are recorded where none is.

    An unknown state goes to staff, and so does a question for which nothing is
    recorded at all; what is known of the others is told in the same letter.
    PR, "States".
    """
    codes = tuple(dict.fromkeys(request.slots.states))
    statuses = {code: snapshot.states.status(code, snapshot.today) for code in codes or STATE_NAMES}
    known = {code: status for code, status in statuses.items() if status is not StateStatus.UNKNOWN}
    unknown = tuple(code for code in codes if code not in known)
    if not known or unknown:
        return Referred(Referral.STATE_UNKNOWN, {"unknown_states": unknown, "states": known if codes else {}})
    facts = {
        "asked": codes,
        "open": tuple(code for code, status in known.items() if status is StateStatus.OPEN),
        "closed": tuple(code for code, status in known.items() if status is StateStatus.CLOSED),
    }
    return Completed(reply=facts)


HANDLER = Handler(Intent("eligible_states"), decide, title="know whether the program is offered in a state")
