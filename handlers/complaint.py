"""Complaint: redress for a grievance. A person answers it."""

from __future__ import annotations

from handlers.contract import Handler, Intent, Outcome, Referral, Referred, Request, Snapshot


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Hand the complaint to staff."""
    return Referred(Referral.COMPLAINT)


HANDLER = Handler(Intent("complaint"), decide, title="make a complaint")
