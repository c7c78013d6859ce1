"""Order status: how the holder's own orders stand, open and recent."""

from __future__ import annotations

from handlers.contract import Assurance, Completed, Handler, Intent, NeedsInfo, Outcome, Request, Snapshot
from handlers.plan.orders import PurchaseOrder
from handlers.whose import own_orders, sender_frozen


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell the state of the orders named, or of all that are known. Only the sender's own are told."""
    if stopped := sender_frozen(snapshot):
        return stopped
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
    return Completed(reply={"rows": rows, "unknown": unknown}, personal=True)


HANDLER = Handler(
    Intent("order_status"), decide, requires=Assurance.CONFIRMED, title="know how an order of yours stands"
)
