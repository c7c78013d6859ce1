"""Joining the plan: what stands in the way, and what must be acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.plan.accounts import NEXT_ACCOUNT_STATUS, AccountEvent, AccountStatus, Registration
from handlers.plan.eligibility import registration_meant
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateStatus
from handlers.plan.terms import Prospectus


def registration_to_enroll(written: Sequence[str], registrations: Sequence[Registration]) -> Registration | None:
    """The registration that is to join: the one named, else the only one not yet active; None where unclear.

    When all are active the first stands for all: each would be refused alike.
    """
    if written:
        return registration_meant(written, registrations)
    outside = [registration for registration in registrations if not registration.is_active]
    if not outside and registrations:
        return registrations[0]
    return outside[0] if len(outside) == 1 else None


def check_enrolment(registration: Registration, status: StateStatus) -> tuple[Refusal, ...]:
    """Every reason why the registration may not join now; `status` is that of its state of record.

    An account that was closed may join again; one that is being closed may
    not, until it is. An unknown state is nobody's refusal: a person decides.
    """
    refusals = []
    if registration.holds:
        refusals.append(Refusal.ACCOUNT_ON_HOLD)
    if status is StateStatus.CLOSED:  # PR, "States"
        refusals.append(Refusal.STATE_CLOSED)
    account_status = registration.account.status if registration.account else AccountStatus.INQUIRER
    if AccountEvent.ENROLL not in NEXT_ACCOUNT_STATUS[account_status]:
        closing = account_status is AccountStatus.TERMINATION_REQUESTED
        refusals.append(Refusal.TERMINATION_UNDER_WAY if closing else Refusal.ALREADY_ENROLLED)
    return tuple(refusals)


def has_acknowledged(registration: Registration, prospectus: Prospectus) -> bool:
    """Whether the holder has acknowledged this version. A new version is a new duty. PR and OC, "Prospectus"."""
    return prospectus.version in registration.acknowledged
