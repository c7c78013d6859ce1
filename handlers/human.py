"""Human: the sender wants a person, and gets one."""

from __future__ import annotations

from handlers.contract import Handler, Intent, Outcome, Referral, Referred, Request, Snapshot


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Hand the message to staff."""
    return Referred(Referral.ASKED_FOR_A_PERSON)


HANDLER = Handler(Intent("human"), decide, title="speak with a person")
