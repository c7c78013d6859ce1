"""The monthly automatic deduction: which changes its state allows."""

from __future__ import annotations

from handlers.plan.accounts import Deduction, DeductionStatus, Registration
from handlers.plan.money import ZERO_DOLLARS, Money
from handlers.plan.refusals import Refusal
from handlers.plan.terms import PlanTerms


def live_deduction(registration: Registration) -> Deduction | None:
    """The account's deduction, unless there is none or it was revoked."""
    deduction = registration.account.deduction if registration.account else None
    return None if deduction is None or deduction.status is DeductionStatus.REVOKED else deduction


def check_deduction_amount(amount: Money, terms: PlanTerms) -> tuple[Refusal, ...]:
    """Every reason why `amount` cannot be elected. PR, "Minimum and maximum".

    A deduction stands alone in a month without checks, so it must reach the
    minimum by itself; it may not exceed the month's maximum.
    """
    if amount < terms.purchase_min:
        return (Refusal.BELOW_MINIMUM,)
    if amount > terms.monthly_max:
        return (Refusal.ABOVE_MONTHLY_MAXIMUM,)
    return ()


def is_paused(deduction: Deduction) -> bool:
    """Whether nothing is debited until the holder resumes it."""
    return deduction.status is DeductionStatus.PAUSED


def can_pay_now(registration: Registration) -> bool:
    """Whether an authorised deduction stands, so that a single purchase can be debited too. OC, "How to pay"."""
    deduction = live_deduction(registration)
    return deduction is not None and deduction.status in {DeductionStatus.ACTIVE, DeductionStatus.PAUSED}


def amount_to_debit(elected: Money, received: Money, terms: PlanTerms) -> Money:
    """What a monthly deduction brings beside `received`, the taxpayer's other payments for the month.

    It gives way: it shrinks to what the maximum leaves, down to nothing. The
    terms are those in force on the purchase date. OC, "Over the maximum".
    """
    left = terms.monthly_max - received if received < terms.monthly_max else ZERO_DOLLARS
    return min(elected, left)
