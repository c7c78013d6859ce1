"""Buy: one purchase, in dollars, on the coming purchase date."""

from __future__ import annotations

from handlers.contract import (
    AcceptPurchase,
    Assurance,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    Outcome,
    RecordAcknowledgement,
    Referral,
    Referred,
    Refused,
    Request,
    Slots,
    Snapshot,
)
from handlers.plan.accounts import Registration
from handlers.plan.calendar import DayAsked, PurchaseMonth
from handlers.plan.deductions import can_pay_now
from handlers.plan.money import ZERO_DOLLARS, Money
from handlers.plan.orders import PaymentMethod
from handlers.plan.purchases import check_amount, check_may_buy, elected_deductions, month_to_date
from handlers.plan.refusals import Refusal, in_precedence
from handlers.plan.states import StateStatus
from handlers.plan.terms import PlanTerms
from handlers.same_order import asked_again
from handlers.timing import coming_months, day_wanted
from handlers.whose import account_meant, for_a_person, others_registrations, residence


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Accept a purchase for the coming purchase date, under the terms in force on that date."""
    registration = account_meant(request, snapshot)
    if not isinstance(registration, Registration):
        return registration
    month = coming_months(snapshot)[0]
    status = residence(registration, snapshot, month.purchase_date)
    if referred := for_a_person(registration):
        return referred
    if status is StateStatus.UNKNOWN:
        return Referred(Referral.STATE_UNKNOWN)
    slots, terms = request.slots, snapshot.book.on(month.purchase_date)
    prospectus = snapshot.book.prospectus_on(snapshot.today)
    acknowledging = "acknowledge" in request.topics
    already = month_to_date(snapshot.orders, month.purchase_date, others_registrations(registration, snapshot))
    deductions = elected_deductions(snapshot.registrations, registration.taxpayer)
    wanted = day_wanted(slots, month)
    missing = _missing(slots, registration, wanted)

    refusals = [*check_may_buy(registration, status, prospectus, acknowledging=acknowledging)]
    if "amount" not in missing:
        refusals += check_amount(slots.amounts[0], already, deductions, terms)
    if wanted is DayAsked.OTHER_MONTH:
        refusals.append(Refusal.TIMED_ORDER)
    if refusals:
        above = Refusal.ABOVE_MONTHLY_MAXIMUM in refusals
        return Refused(in_precedence(refusals), _room(already, month, terms) if above else {})
    if missing:
        return NeedsInfo(missing)

    amount = slots.amounts[0]
    method = slots.payment_methods[0] if slots.payment_methods else PaymentMethod.CHECK
    order = AcceptPurchase(registration.id, amount, method, month.purchase_date, month.cut_off)
    if question := asked_again(request, order, snapshot):
        return question
    acknowledged = (RecordAcknowledgement(registration.id, prospectus.version),) if acknowledging else ()
    facts = {
        "registration": registration,
        "month": month,
        "order": order,
        "acknowledging": acknowledging,
        "ordered_before": already,
        "month_to_date": already + amount,
        "deductions": deductions,
    }
    return Completed((*acknowledged, order), facts, personal=True)


def _room(already: Money, month: PurchaseMonth, terms: PlanTerms) -> dict[str, object]:
    """What is ordered for the month, and what its maximum leaves: an order that fits is then no guess."""
    left = terms.monthly_max - already if already < terms.monthly_max else ZERO_DOLLARS
    return {"month": month, "ordered_before": already, "left": left}


def _missing(slots: Slots, registration: Registration, wanted: DayAsked) -> tuple[str, ...]:
    """What must be asked first: one amount in dollars, one way to pay, that it is once, and the day."""
    missing = []
    if len(set(slots.amounts)) != 1 or slots.shares:
        missing.append("amount")
    unpaid = PaymentMethod.AUTOMATIC_DEDUCTION in slots.payment_methods and not can_pay_now(registration)
    if len(set(slots.payment_methods)) > 1 or unpaid:
        missing.append("payment_method")
    if set(slots.frequencies) - {"once"}:
        missing.append("once_or_monthly")
    if wanted in (DayAsked.OTHER_DAY, DayAsked.UNREADABLE):
        missing.append("purchase_date")
    return tuple(missing)


def _demands(outcome: Completed, snapshot: Snapshot) -> Assurance:
    """More than a code where the month's orders come to what the terms call large. OC, "Large purchases".

    What the taxpayer has ordered for the purchase date counts with it: else an
    order could be cut into small ones.
    """
    bought = [effect for effect in outcome.effects if isinstance(effect, AcceptPurchase)]
    is_large = any(snapshot.book.on(one.purchase_date).is_large(_ordered_with(one, snapshot)) for one in bought)
    return Assurance.OUT_OF_BAND if is_large else Assurance.CONFIRMED


def _ordered_with(order: AcceptPurchase, snapshot: Snapshot) -> Money:
    """Dollars that its taxpayer has ordered for the purchase date once `order` is accepted."""
    registration = next(one for one in snapshot.registrations if one.id == order.registration_id)
    others = others_registrations(registration, snapshot)
    return month_to_date(snapshot.orders, order.purchase_date, others) + order.amount


HANDLER = Handler(
    Intent("buy"),
    decide,
    requires=Assurance.CONFIRMED,
    demands=_demands,
    consequential=True,
    title="buy shares, in dollars, once",
)
