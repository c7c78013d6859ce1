"""Who may take part, and with which registration. Says nothing about amounts or shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from handlers.plan.accounts import STAFF_KINDS, AccountStatus, Hold, Registration
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateList, StateStatus

_MASKED = 4
"""An account may be named by its last four characters, as our letters show it."""


def names_account(written: str, account_number: str) -> bool:
    """Whether `written` ("****4821", "ending 4821", "A-10 004821") names this account, in full or by its last four."""
    sought = re.sub(r"[^0-9A-Z]", "", written.upper())
    own = re.sub(r"[^0-9A-Z]", "", account_number.upper())
    last = re.sub(r"^(ENDINGIN|ENDING|X+)(?=\d)", "", sought)
    return sought == own or (len(last) == _MASKED < len(own) and own.endswith(last))


def registration_meant(written: Sequence[str], registrations: Sequence[Registration]) -> Registration | None:
    """The one of a holder's registrations that a request is about; None where that must be asked.

    By the account it names; else the only one; else the only active one. Never
    a guess between two, and never somebody else's.
    """
    if written:
        named = [
            registration
            for registration in registrations
            if all(names_account(account, registration.account_number) for account in written)
        ]
        return named[0] if len(named) == 1 else None
    if len(registrations) == 1:
        return registrations[0]
    active = [registration for registration in registrations if registration.is_active]
    return active[0] if len(active) == 1 else None


def state_status(registration: Registration, states: StateList, days: Iterable[date]) -> StateStatus:
    """The status of the state of record over all `days`: closed on one is closed, unknown on one is unknown.

    The days are that of receipt and the purchase date. PR and OC, "Who may take part", "States".
    """
    found = {states.status(registration.state, day) for day in days}
    for status in (StateStatus.CLOSED, StateStatus.UNKNOWN):
        if status in found:
            return status
    return StateStatus.OPEN


def is_for_staff(registration: Registration) -> bool:
    """Whether a person looks at every order: trust, retirement account, entity. OC."""
    return registration.kind in STAFF_KINDS


def lives_abroad(registration: Registration) -> bool:
    """Whether the holder's country of record is not the United States. PR, "Non-US holder"."""
    return registration.country != "US"


def is_deceased(registration: Registration) -> bool:
    """Whether the account is frozen because a holder died, or is said to have; nothing of it is told. OC, "Death"."""
    return bool(registration.holds & {Hold.DECEASED, Hold.DEATH_REPORTED})


def check_participant(registration: Registration) -> tuple[Refusal, ...]:
    """Every reason why the holder is no participant in good standing. Empty means good standing.

    A suspended account may still sell and leave ("holding and selling stay
    allowed"); what it may not do is asked in `check_not_suspended`.
    """
    refusals = []
    if registration.holds:
        refusals.append(Refusal.ACCOUNT_ON_HOLD)
    status = registration.account.status if registration.account else AccountStatus.INQUIRER
    match status:
        case AccountStatus.ACTIVE | AccountStatus.SUSPENDED:
            pass
        case AccountStatus.TERMINATION_REQUESTED | AccountStatus.TERMINATED:
            refusals.append(Refusal.TERMINATION_UNDER_WAY)
        case AccountStatus.INQUIRER | AccountStatus.KIT_SENT | AccountStatus.FORM_RECEIVED | AccountStatus.NIGO:
            refusals.append(Refusal.NOT_ENROLLED)
    return tuple(refusals)


def check_not_suspended(registration: Registration) -> tuple[Refusal, ...]:
    """The reason why a suspended account may not buy. Empty means it is not suspended."""
    suspended = registration.account is not None and registration.account.status is AccountStatus.SUSPENDED
    return (Refusal.ACCOUNT_ON_HOLD,) if suspended else ()
