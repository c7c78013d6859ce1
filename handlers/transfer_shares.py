"""Transfer shares: how shares move between names and forms. Instructions only: none of it is done by email."""

from __future__ import annotations

from handlers.contract import Caution, Completed, Handler, Intent, Outcome, Referral, Referred, Request, Snapshot

KINDS = ("street_name", "gift", "certificate", "re_registration", "to_broker")
"""The kinds of transfer the letter explains, in its order; each has its part of the template."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Send the transfer agent's instructions for the kinds asked of; all of them where none is named.

    An estate goes to staff. A gift naturally names somebody else; any other
    transfer out of somebody else's account goes to staff. OC, "Certificates,
    gifts, transfers", "Death".
    """
    if "estate" in request.topics:
        return Referred(Referral.DEATH)
    if Caution.THIRD_PARTY in request.cautions and "gift" not in request.topics:
        return Referred(Referral.THIRD_PARTY)
    kinds = tuple(kind for kind in KINDS if kind in request.topics) or KINDS
    return Completed(reply={"kinds": kinds})


HANDLER = Handler(Intent("transfer_shares"), decide, title="move shares, give them away, or get a certificate")
