"""Withdraw: leave the plan. The shares stay the holder's, registered, unless they are sold first."""

from __future__ import annotations

from handlers.contract import (
    Assurance,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    Outcome,
    Refused,
    Request,
    RequestTermination,
    Snapshot,
)
from handlers.plan.accounts import Registration
from handlers.plan.deductions import live_deduction
from handlers.plan.eligibility import check_participant
from handlers.plan.orders import PurchaseOrder
from handlers.timing import coming_months, is_at_once, names_a_day
from handlers.whose import account_meant, for_a_person


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Close the account in the plan; the deduction stops and open purchases are cancelled with it.

    Leaving is no sale, so joint owners need not all confirm it, and a closed
    state does not matter.
    """
    registration = account_meant(request, snapshot)
    if not isinstance(registration, Registration):
        return registration
    if referred := for_a_person(registration):
        return referred
    if refusals := check_participant(registration):
        return Refused(refusals)
    if not is_at_once(request.slots, snapshot, coming_months(snapshot)[0]):
        return NeedsInfo(("from_now",))
    own = [order for order in snapshot.orders if order.registration_id == registration.id and order.is_open]
    facts = {
        "registration": registration,
        "purchases": tuple(order for order in own if isinstance(order, PurchaseOrder)),
        "sales": tuple(order for order in own if not isinstance(order, PurchaseOrder)),
        "deduction": live_deduction(registration),
        "day_named": names_a_day(request.slots),
    }
    purchases = tuple(sorted(order.id for order in own if isinstance(order, PurchaseOrder)))
    leaving = RequestTermination(registration.id, purchases, ends_deduction=facts["deduction"] is not None)
    return Completed((leaving,), facts, personal=True)


HANDLER = Handler(
    Intent("withdraw"), decide, requires=Assurance.OUT_OF_BAND, consequential=True, title="leave the program"
)
