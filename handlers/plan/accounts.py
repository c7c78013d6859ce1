"""Who holds shares and how: registrations at the transfer agent, accounts in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from handlers.plan.money import Money, Shares


class RegistrationKind(Enum):
    """How shares are registered."""

    INDIVIDUAL = "individual"
    JOINT = "joint"
    CUSTODIAL = "custodial"
    TRUST = "trust"
    IRA = "ira"
    ENTITY = "entity"


STAFF_KINDS = frozenset({RegistrationKind.TRUST, RegistrationKind.IRA, RegistrationKind.ENTITY})
"""Registrations whose orders a person looks at. OC, "Joint, minor, custodian, trust, IRA, entity"."""


class Hold(Enum):
    """What lies over an account and stops it, whatever its status."""

    DECEASED = "DECEASED_HOLD"
    LEGAL = "LEGAL_HOLD"
    LOST = "LOST"
    DEATH_REPORTED = "DEATH_REPORTED"
    """Somebody wrote that a holder has died; not verified. Ours alone: no file sets or lifts it, staff release it."""
    MAIL_RETURNED = "MAIL_RETURNED"
    """A letter to the registered address came back for good: nothing is taken from there. Ours alone, like the last."""


TRANSFER_AGENT_HOLDS = (Hold.DECEASED, Hold.LEGAL, Hold.LOST)
"""The holds that the transfer agent's file may name."""


class AccountStatus(Enum):
    """Where an account stands in its life."""

    INQUIRER = "INQUIRER"
    KIT_SENT = "KIT_SENT"
    FORM_RECEIVED = "FORM_RECEIVED"
    NIGO = "NIGO"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TERMINATION_REQUESTED = "TERMINATION_REQUESTED"
    TERMINATED = "TERMINATED"


class AccountEvent(Enum):
    """What moves an account on."""

    KIT = "kit sent"
    ENROLL = "enrolled"
    REQUEST_TERMINATION = "termination requested"


_ENROLLING = {AccountEvent.KIT: AccountStatus.KIT_SENT, AccountEvent.ENROLL: AccountStatus.ACTIVE}

NEXT_ACCOUNT_STATUS: Mapping[AccountStatus, Mapping[AccountEvent, AccountStatus]] = {
    AccountStatus.INQUIRER: _ENROLLING,
    AccountStatus.KIT_SENT: _ENROLLING,
    AccountStatus.FORM_RECEIVED: _ENROLLING,
    AccountStatus.NIGO: _ENROLLING,
    AccountStatus.ACTIVE: {AccountEvent.REQUEST_TERMINATION: AccountStatus.TERMINATION_REQUESTED},
    AccountStatus.SUSPENDED: {AccountEvent.REQUEST_TERMINATION: AccountStatus.TERMINATION_REQUESTED},
    AccountStatus.TERMINATION_REQUESTED: {},
    AccountStatus.TERMINATED: _ENROLLING,
}
"""The life of an account; an event without an entry is refused by the store."""


class DeductionStatus(Enum):
    """Where a monthly automatic deduction stands."""

    PENDING = "PENDING"
    """Asked for; waits for the signed authorisation."""
    PRENOTE = "PRENOTE"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class Deduction:
    """A monthly automatic deduction as it stands."""

    amount: Money
    status: DeductionStatus


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """A registration's account in the plan."""

    status: AccountStatus
    enrolled_on: date | None
    plan_shares: Shares
    """Shares held in the plan: the sum of the account's share postings."""
    settled_shares: Shares
    """Those of them that a sale may touch today."""
    deduction: Deduction | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A holder of record, as the transfer agent's file has it, with its plan account if any."""

    id: str
    account_number: str
    kind: RegistrationKind
    name: str
    """As registered, one line; joint owners included."""
    email: str
    state: str
    """USPS code of the state of record; empty outside the United States."""
    country: str
    """ISO 3166 alpha-2 code."""
    registered_shares: Shares
    taxpayer: str
    """An opaque key, equal for registrations of one taxpayer."""
    holds: frozenset[Hold] = frozenset()
    sales_held_until: date | None = None
    """No sale before this day, after a change of address, email or bank."""
    acknowledged: frozenset[str] = frozenset()
    """Prospectus versions the holder has acknowledged."""
    account: PlanAccount | None = None

    @property
    def masked_account(self) -> str:
        """The account number with all but its last four characters hidden; letters show only this."""
        return "****" + self.account_number[-4:] if len(self.account_number) > 4 else "****"

    @property
    def is_active(self) -> bool:
        """Whether the registration has an active account in the plan."""
        return self.account is not None and self.account.status is AccountStatus.ACTIVE
