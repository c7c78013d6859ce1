"""Sell: shares held in the program, on the coming purchase date, in one batch with everybody's."""

from __future__ import annotations

from handlers.contract import (
    AcceptSale,
    Assurance,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Refused,
    Request,
    Slots,
    Snapshot,
)
from handlers.plan.accounts import Registration, RegistrationKind
from handlers.plan.calendar import DayAsked, settlement_date
from handlers.plan.money import NO_SHARES
from handlers.plan.orders import Portion
from handlers.plan.refusals import Refusal, in_precedence
from handlers.plan.sales import check_sale, sellable_shares, shares_to_sell
from handlers.same_order import asked_again
from handlers.timing import coming_months, day_wanted
from handlers.whose import account_meant, for_a_person


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Accept a sale for the coming purchase date. The state of record plays no part: selling stays allowed."""
    registration = account_meant(request, snapshot)
    if not isinstance(registration, Registration):
        return registration
    if referred := for_a_person(registration):
        return referred
    if registration.kind is RegistrationKind.JOINT:
        return Referred(Referral.JOINT_OWNERS)
    month = coming_months(snapshot)[0]
    wanted = day_wanted(request.slots, month)
    missing = _missing(request.slots, wanted)

    sellable = sellable_shares(registration, snapshot.orders)
    shares = sellable
    portion: Portion | None = None
    if "shares" not in missing:
        asked = request.slots.shares[0]
        portion = asked if isinstance(asked, Portion) else None
        shares = shares_to_sell(asked, registration, snapshot.orders)
    refusals = [*check_sale(shares, registration, sellable, month.purchase_date)]
    if wanted is DayAsked.OTHER_MONTH:
        refusals.append(Refusal.TIMED_ORDER)
    if refusals:
        return Refused(in_precedence(refusals))
    if missing:
        return NeedsInfo(missing)

    order = AcceptSale(registration.id, shares, portion, month.purchase_date, month.cut_off)
    if question := asked_again(request, order, snapshot):
        return question
    terms = snapshot.book.on(month.purchase_date)
    facts = {
        "registration": registration,
        "month": month,
        "order": order,
        "settles": settlement_date(month.purchase_date, snapshot.calendar, terms),
        "is_everything": shares == sellable,
    }
    return Completed((order,), facts, personal=True)


def _missing(slots: Slots, wanted: DayAsked) -> tuple[str, ...]:
    """What must be asked first: one number of shares, or all, or half; that it is once; and the day."""
    missing = []
    if len(set(slots.shares)) != 1 or NO_SHARES in slots.shares or slots.amounts:
        missing.append("shares")
    if set(slots.frequencies) - {"once"}:
        missing.append("once")
    if wanted in (DayAsked.OTHER_DAY, DayAsked.UNREADABLE):
        missing.append("purchase_date")
    return tuple(missing)


HANDLER = Handler(
    Intent("sell"),
    decide,
    requires=Assurance.OUT_OF_BAND,
    consequential=True,
    title="sell shares that you hold in the program",
)
