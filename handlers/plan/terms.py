"""What the plan allows, by effective date.

The values come from the plan-terms file; this module gives them types and
checks them. Reading the file is the shell's work. Each value carries where it
comes from: PR, P04, P07 or OC ("our choice: confirm against prospectus").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum

from handlers.plan.money import Money, Shares


class LagUnit(Enum):
    """How the days between the last pricing day and the purchase date are counted."""

    CALENDAR_DAYS = "calendar"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who offers the plan and how to reach the people behind it."""

    company: str
    program: str
    short_name: str
    ticker: str
    program_address: str
    """The mailbox the program answers, an addr-spec."""
    ir_address: str
    """Where notices to Investor Relations go, an addr-spec."""
    ir_phone: str
    ir_post: str
    """Postal address of Investor Relations, one line."""
    website: str
    transfer_agent: str
    transfer_agent_post: str
    payee: str
    """To whom a cheque is made out."""
    payment_post: str
    """Where a cheque is sent, one line."""


@dataclass(frozen=True, slots=True)
class Prospectus:
    """One version of the prospectus, in force from a day on."""

    version: str
    title: str
    effective: date
    link: str


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """The terms in force from one day on until the next change."""

    effective: date
    purchase_min: Money
    """Least dollars a purchase month, per taxpayer."""
    monthly_max: Money
    """Most dollars a purchase month, per taxpayer, inclusive."""
    discount: Decimal
    """Taken off the average close; 0.03 is 3 %."""
    purchase_weekday: int
    """Monday is 0."""
    purchase_after_day: int
    pricing_count: int
    pricing_lag: int
    pricing_lag_unit: LagUnit
    cut_off_time: time
    good_funds_sessions: int
    settlement_sessions: int
    aggregate_limit: Shares
    change_hold_sessions: int
    """Banking sessions without sales after an address, email or bank change."""
    code_hours: int
    code_tries: int
    large_purchase: Money | None
    """Orders of a taxpayer for one purchase date above this need the second factor as well; None: none ever does."""
    staff_reply_sessions: int
    """Banking sessions within which staff promise to answer."""
    sale_fee: Money
    returned_payment_fee: Money
    check_return_sessions: int
    """Banking sessions after receipt during which a check may still come back."""
    debit_return_days: int
    """Calendar days after receipt during which a debit may still come back: it was unauthorised, its owner says."""
    debit_lead_sessions: int
    """Banking sessions before the cut-off by which the file of debits leaves."""
    representments: int
    """How often a debit that came back for want of funds is presented again."""
    close_jump: Decimal
    """A close that differs from the last known one by more than this share of it needs two people; 0.40 is 40 %."""
    error_report_days: int
    """Calendar days after a confirmation within which its holder should report an error in it."""

    def is_large(self, amount: Money) -> bool:
        """Whether buying for `amount` in one purchase month needs more than a code. OC, "Large purchases"."""
        return self.large_purchase is not None and amount > self.large_purchase


@dataclass(frozen=True, slots=True)
class PlanBook:
    """Everything the plan-terms file says: the issuer, the terms by date, the prospectus versions."""

    issuer: Issuer
    timezone: str
    history: tuple[PlanTerms, ...]
    """In order of effective date, never empty."""
    prospectuses: tuple[Prospectus, ...]
    """In order of effective date, never empty."""
    sources: Mapping[str, str]
    """Term name to its source: PR, P04, P07, OC."""

    def on(self, day: date) -> PlanTerms:
        """The terms in force on `day`; before the first, the first."""
        in_force = self.history[0]
        for terms in self.history:
            if terms.effective <= day:
                in_force = terms
        return in_force

    def prospectus_on(self, day: date) -> Prospectus:
        """The prospectus version in force on `day`; before the first, the first."""
        in_force = self.prospectuses[0]
        for prospectus in self.prospectuses:
            if prospectus.effective <= day:
                in_force = prospectus
        return in_force
