"""Acknowledge: the holder says that the prospectus now in force was received and reviewed."""

from __future__ import annotations

from handlers.contract import (
    Assurance,
    Completed,
    Handler,
    Intent,
    Outcome,
    RecordAcknowledgement,
    Request,
    Snapshot,
)
from handlers.plan.enrolment import has_acknowledged
from handlers.whose import accounts_meant


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Record the acknowledgement for every registration meant that lacks it; none lacking, say so. PR, "Prospectus"."""
    registrations = accounts_meant(request, snapshot)
    if not isinstance(registrations, tuple):
        return registrations
    prospectus = snapshot.book.prospectus_on(snapshot.today)
    lacking = [registration for registration in registrations if not has_acknowledged(registration, prospectus)]
    recorded = tuple(RecordAcknowledgement(registration.id, prospectus.version) for registration in lacking)
    return Completed(
        recorded, {"registrations": tuple(lacking or registrations), "already": not lacking}, personal=True
    )


HANDLER = Handler(
    Intent("acknowledge"),
    decide,
    requires=Assurance.CONFIRMED,
    label="documents",
    consequential=True,
    title="tell us that you have reviewed the Prospectus",
)
