"""Update account: a new address, email, phone, bank or name. Never changed by email: the way to change it is told."""

from __future__ import annotations

from handlers.contract import Caution, Completed, Handler, Intent, Outcome, Referral, Referred, Request, Snapshot

DETAILS = ("address", "email", "phone", "name")
"""The details the letter explains, in its order; a change of bank goes to staff."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell how the transfer agent changes the details named, in writing; all of them where none is named.

    Whoever asks is told the same, so nothing is learned by asking. OC,
    "Address, email, bank change".
    """
    if Caution.THIRD_PARTY in request.cautions:
        return Referred(Referral.THIRD_PARTY)
    if "bank" in request.topics:
        return Referred(Referral.BANK_CHANGE)
    details = tuple(detail for detail in DETAILS if detail in request.topics) or DETAILS
    return Completed(reply={"details": details})


HANDLER = Handler(Intent("update_account"), decide, title="change your address, email, telephone, bank or name")
