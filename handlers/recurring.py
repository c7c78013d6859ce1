"""Recurring: start, change, pause, resume or stop the monthly automatic deduction."""

from __future__ import annotations

from dataclasses import replace

from handlers.contract import (
    Assurance,
    ChangeDeduction,
    Completed,
    DeductionChange,
    Effect,
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
from handlers.plan.calendar import PurchaseMonth
from handlers.plan.deductions import check_deduction_amount, is_paused, live_deduction
from handlers.plan.eligibility import check_participant
from handlers.plan.money import Money, total
from handlers.plan.orders import PaymentMethod
from handlers.plan.purchases import check_may_buy
from handlers.plan.refusals import Refusal, in_precedence
from handlers.plan.states import StateStatus
from handlers.timing import coming_months, is_at_once, names_a_day
from handlers.whose import account_meant, for_a_person, residence

_WITH_AMOUNT = (DeductionChange.START, DeductionChange.CHANGE)
_ENDING = (DeductionChange.PAUSE, DeductionChange.STOP)


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Take a change of the deduction.

    A start stays pending until the signed authorisation is in. An amount for a
    deduction that runs already replaces the old one; it never adds to it.
    Pausing and stopping is always allowed to a participant, closed state or
    not; the rest needs what a purchase needs. OC, "How to pay".
    """
    registration = account_meant(request, snapshot)
    if not isinstance(registration, Registration):
        return registration
    if referred := for_a_person(registration):
        return referred
    change = change_asked(request, registration)
    if change is None:
        return NeedsInfo(("deduction_change",))
    month = coming_months(snapshot)[0]
    status = residence(registration, snapshot, month.purchase_date)
    if status is StateStatus.UNKNOWN and change not in _ENDING:
        return Referred(Referral.STATE_UNKNOWN)
    missing = _missing(request.slots, change, at_once=_is_at_once(request.slots, change, snapshot, month))
    refusals = _refusals(request, snapshot, registration, change, status)
    if change in _WITH_AMOUNT and "amount" not in missing:
        refusals += check_deduction_amount(request.slots.amounts[0], snapshot.book.on(month.purchase_date))
    if refusals:
        return Refused(in_precedence(refusals))
    if missing:
        return NeedsInfo(missing)
    return _completed(request, snapshot, registration, change)


def change_asked(request: Request, registration: Registration) -> DeductionChange | None:
    """What is asked of the deduction; None where the message names two things, or none and no amount."""
    named = [change for change in DeductionChange if change.value in request.topics]
    live = live_deduction(registration) is not None
    if named == [DeductionChange.START] or (not named and request.slots.amounts):
        return DeductionChange.CHANGE if live else DeductionChange.START
    return named[0] if len(named) == 1 else None


def _refusals(
    request: Request, snapshot: Snapshot, registration: Registration, change: DeductionChange, status: StateStatus
) -> list[Refusal]:
    """Every reason that does not hang on the amount."""
    if change in _ENDING:
        kept = {Refusal.NOT_ENROLLED, Refusal.TERMINATION_UNDER_WAY}
        refusals = [refusal for refusal in check_participant(registration) if refusal in kept]
    else:
        prospectus = snapshot.book.prospectus_on(snapshot.today)
        acknowledging = "acknowledge" in request.topics
        refusals = [*check_may_buy(registration, status, prospectus, acknowledging=acknowledging)]
        if set(request.slots.frequencies) - {"monthly"}:
            refusals.append(Refusal.ONLY_MONTHLY)
    if change is not DeductionChange.START and not refusals and live_deduction(registration) is None:
        refusals.append(Refusal.NO_DEDUCTION)
    return refusals


def _is_at_once(slots: Slots, change: DeductionChange, snapshot: Snapshot, month: PurchaseMonth) -> bool:
    """Whether it may take effect now. The day of the month on which a new amount is drawn is the program's to say."""
    return is_at_once(replace(slots, days_of_month=()) if change in _WITH_AMOUNT else slots, snapshot, month)


def _missing(slots: Slots, change: DeductionChange, *, at_once: bool) -> tuple[str, ...]:
    """What must be asked: one amount; no check; and for a change of what runs, that it may take effect at once.

    A start needs no question on its month: the letter says that the signed
    authorisation names it. Of the day of the month it says that it is the program's.
    """
    missing = []
    if change in _WITH_AMOUNT and (len(set(slots.amounts)) != 1 or slots.shares):
        missing.append("amount")
    if change in _WITH_AMOUNT and PaymentMethod.CHECK in slots.payment_methods:
        missing.append("payment_method")
    if change is not DeductionChange.START and not at_once:
        missing.append("from_now")
    return tuple(missing)


def _completed(request: Request, snapshot: Snapshot, registration: Registration, change: DeductionChange) -> Completed:
    before = live_deduction(registration)
    amount = request.slots.amounts[0] if change in _WITH_AMOUNT else None
    already = before is not None and (
        (change is DeductionChange.PAUSE and is_paused(before))
        or (change is DeductionChange.RESUME and not is_paused(before))
        or (change is DeductionChange.CHANGE and before.amount == amount)
    )
    facts = {
        "registration": registration,
        "change": change,
        "amount": amount,
        "before": before,
        "already": already,
        "day_named": bool(request.slots.days_of_month or request.slots.effective_dates),
        "at_once": names_a_day(request.slots),
        "acknowledging": "acknowledge" in request.topics and change not in _ENDING,
    }
    effects: list[Effect] = [] if already else [ChangeDeduction(registration.id, change, amount)]
    if facts["acknowledging"]:
        version = snapshot.book.prospectus_on(snapshot.today).version
        effects.insert(0, RecordAcknowledgement(registration.id, version))
    return Completed(tuple(effects), facts, personal=True)


def _demands(outcome: Completed, snapshot: Snapshot) -> Assurance:
    """More than a code where a month's deductions come to what the terms call large. OC, "Large purchases"."""
    terms = snapshot.book.on(coming_months(snapshot)[0].purchase_date)
    changes = [effect for effect in outcome.effects if isinstance(effect, ChangeDeduction)]
    is_large = any(one.change not in _ENDING and terms.is_large(_deducted_with(one, snapshot)) for one in changes)
    return Assurance.OUT_OF_BAND if is_large else Assurance.CONFIRMED


def _deducted_with(change: ChangeDeduction, snapshot: Snapshot) -> Money:
    """Dollars a month that are deducted from the taxpayer once `change` is made, over all the sender's accounts."""
    changed = next(one for one in snapshot.registrations if one.id == change.registration_id)
    amounts = []
    for registration in snapshot.registrations:
        if registration.taxpayer != changed.taxpayer:
            continue
        live = live_deduction(registration)
        if registration.id == changed.id:
            amounts += [change.amount] if change.amount else [live.amount] if live else []
        elif live is not None and not is_paused(live):
            amounts.append(live.amount)
    return total(amounts)


HANDLER = Handler(
    Intent("recurring"),
    decide,
    requires=Assurance.CONFIRMED,
    demands=_demands,
    consequential=True,
    title="start, change, pause or stop a monthly automatic deduction",
)
