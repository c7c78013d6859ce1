"""Whether an order is one that stands already: the same words twice may be one wish or two; only the sender knows."""

from __future__ import annotations

from handlers.contract import AcceptPurchase, AcceptSale, NeedsInfo, Request, Snapshot
from handlers.plan.orders import Order, PurchaseOrder, SaleOrder

SECOND = "second"
"""The topic of a request that says that it is a second order."""
QUESTION = "second_order"
"""What is asked where it does not say so."""


def asked_again(request: Request, effect: AcceptPurchase | AcceptSale, snapshot: Snapshot) -> NeedsInfo | None:
    """The question whether it is a second order, where an open one has its account, side, amount and purchase date."""
    if SECOND in request.topics:
        return None
    same = next((order for order in snapshot.orders if order.is_open and _is_same(order, effect)), None)
    return NeedsInfo((QUESTION,), {"same": same}) if same else None


def _is_same(order: Order, effect: AcceptPurchase | AcceptSale) -> bool:
    where_and_when = (order.registration_id, order.purchase_date) == (effect.registration_id, effect.purchase_date)
    match order, effect:
        case PurchaseOrder(amount=amount), AcceptPurchase():
            return where_and_when and amount == effect.amount
        case SaleOrder(shares=shares), AcceptSale():
            return where_and_when and shares == effect.shares
        case _:
            return False
