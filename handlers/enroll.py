"""Enroll: join the plan with a registration, or learn how to."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.contract import (
    Assurance,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    OpenAccount,
    Outcome,
    Referral,
    Referred,
    Refused,
    Request,
    Snapshot,
)
from handlers.plan.eligibility import is_deceased
from handlers.plan.enrolment import check_enrolment, registration_to_enroll
from handlers.plan.states import StateStatus
from handlers.timing import coming_months
from handlers.whose import for_a_person, residence


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Enroll a registration; the holder acknowledges the prospectus by confirming.

    A question, and anybody who is not known as a holder, gets the kit as a
    general answer. The state of record decides; a closed or unknown state that
    the sender names as home stops the enrolment too. PR and OC.
    """
    named = _named_states(request, snapshot)
    if "how" in request.topics or not snapshot.registrations:
        return Completed(reply={"registration": None, "states": named})
    if any(is_deceased(registration) for registration in snapshot.registrations):
        return Referred(Referral.DEATH)
    registration = registration_to_enroll(request.slots.accounts, snapshot.registrations)
    if registration is None:
        return NeedsInfo(("account",))
    if referred := for_a_person(registration):
        return referred
    month = coming_months(snapshot)[0]
    found = {residence(registration, snapshot, month.purchase_date), *named.values()}
    status = StateStatus.CLOSED if StateStatus.CLOSED in found else StateStatus.OPEN
    if refusals := check_enrolment(registration, status):
        return Refused(refusals)
    if StateStatus.UNKNOWN in found:
        unknown = tuple(code for code, known in named.items() if known is StateStatus.UNKNOWN)
        return Referred(Referral.STATE_UNKNOWN, {"unknown_states": unknown, "states": {}})
    opened = OpenAccount(registration.id, snapshot.book.prospectus_on(snapshot.today).version)
    states = {registration.state: status} | dict(named)
    return Completed((opened,), {"registration": registration, "states": states}, personal=True)


def _named_states(request: Request, snapshot: Snapshot) -> Mapping[str, StateStatus]:
    """The states the sender names, each with its status today."""
    return {code: snapshot.states.status(code, snapshot.today) for code in request.slots.states}


HANDLER = Handler(
    Intent("enroll"),
    decide,
    requires=Assurance.CONFIRMED,
    consequential=True,
    title="enroll in the program, or learn how to",
)
