"""Order status: how the holder's own orders stand, open and recent."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.contract import (
    Assurance,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Request,
    Snapshot,
)
from handlers.plan.orders import Order, PurchaseOrder, PurchaseOrderState
from handlers.whose import own_orders, sender_frozen


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell the state of the orders named, or of all that are known. Only the sender's own are told.

    Who never gave an order that we speak of may have been robbed: a person looks into it.
    """
    if stopped := sender_frozen(snapshot):
        return stopped
    if "disowned" in request.topics:
        return Referred(Referral.DISOWNED)
    orders = own_orders(request, snapshot)
    if isinstance(orders, NeedsInfo):
        return orders
    named = {name.upper() for name in request.slots.order_ids}
    found = tuple(order for order in orders if not named or order.id.upper() in named)
    masked = {registration.id: registration.masked_account for registration in snapshot.registrations}
    rows = tuple(
        {
            "order": order,
            "is_purchase": isinstance(order, PurchaseOrder),
            "account": masked[order.registration_id],
            "can_cancel": order.is_open and snapshot.now <= order.cut_off,
        }
        for order in found
    )
    unknown = tuple(sorted(named - {order.id.upper() for order in found}))
    facts = {"rows": rows, "unknown": unknown, "unpaid": _unpaid(found, snapshot)}
    return Completed(reply=facts, personal=True)


def _unpaid(orders: Sequence[Order], snapshot: Snapshot) -> tuple[PurchaseOrder, ...]:
    """The purchases that wait for their money and can still get it in time, the nearest cut-off first."""
    waiting = [
        order
        for order in orders
        if isinstance(order, PurchaseOrder)
        and order.state is PurchaseOrderState.AWAITING_PAYMENT
        and snapshot.now <= order.cut_off
    ]
    return tuple(sorted(waiting, key=lambda order: (order.cut_off, order.id)))


HANDLER = Handler(
    Intent("order_status"), decide, requires=Assurance.CONFIRMED, title="know how an order of yours stands"
)
