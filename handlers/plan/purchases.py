"""Buying: what counts toward a purchase month, and why an order may be refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from handlers.plan.accounts import DeductionStatus, Registration
from handlers.plan.eligibility import check_not_suspended, check_participant
from handlers.plan.enrolment import has_acknowledged
from handlers.plan.money import Money, total
from handlers.plan.orders import COUNTS_TOWARD_MONTH, Order, PurchaseOrder
from handlers.plan.refusals import Refusal, in_precedence
from handlers.plan.states import StateStatus
from handlers.plan.terms import PlanTerms, Prospectus


def month_to_date(orders: Iterable[Order], purchase_date: date, others: Collection[str] = ()) -> Money:
    """Dollars already ordered for `purchase_date`, over all registrations of the taxpayer.

    The month is that of the purchase date, not that of receipt. Orders of
    `others`, registrations known to be another taxpayer's, do not count. OC,
    "Which month", "Aggregation".
    """
    return total(
        order.amount
        for order in orders
        if isinstance(order, PurchaseOrder)
        and order.purchase_date == purchase_date
        and order.state in COUNTS_TOWARD_MONTH
        and order.registration_id not in others
    )


def elected_deductions(registrations: Iterable[Registration], taxpayer: str) -> Money:
    """Dollars a month that the taxpayer's active deductions will bring."""
    return total(
        registration.account.deduction.amount
        for registration in registrations
        if registration.taxpayer == taxpayer
        and registration.account is not None
        and registration.account.deduction is not None
        and registration.account.deduction.status is DeductionStatus.ACTIVE
    )


def check_may_buy(
    registration: Registration, status: StateStatus, prospectus: Prospectus, *, acknowledging: bool
) -> tuple[Refusal, ...]:
    """Every reason why the holder may not buy at all now, whatever the amount.

    `status` is that of the state of record, on the day of receipt and the
    purchase date; `acknowledging` says that the same message acknowledges the
    prospectus. A deduction needs the same.
    """
    refusals = [*check_participant(registration), *check_not_suspended(registration)]
    if status is StateStatus.CLOSED:  # PR, "States"
        refusals.append(Refusal.STATE_CLOSED)
    if not acknowledging and not has_acknowledged(registration, prospectus):  # PR, "Prospectus"
        refusals.append(Refusal.PROSPECTUS_NOT_ACKNOWLEDGED)
    return in_precedence(refusals)


def check_amount(amount: Money, already: Money, deductions: Money, terms: PlanTerms) -> tuple[Refusal, ...]:
    """Every reason why `amount` may not be added to the month. PR and OC, "Minimum and maximum".

    Both limits are inclusive and are those of the terms in force on the
    purchase date. `already` is what the taxpayer has ordered for that date.

    The minimum holds for the month's total: what is under it at the cut-off is
    returned. So a first order of $150 alone is refused, since a second that
    would save it is only a hope; one of $150 beside an order or an active
    deduction that lifts the total to the minimum is fine.

    `deductions` do not count toward the maximum: a deduction gives way to what
    came before it, so it shrinks to fit. OC, "Over the maximum".
    """
    refusals = []
    if amount + already + deductions < terms.purchase_min or not amount.cents:
        refusals.append(Refusal.BELOW_MINIMUM)
    if amount + already > terms.monthly_max:
        refusals.append(Refusal.ABOVE_MONTHLY_MAXIMUM)
    return tuple(refusals)
