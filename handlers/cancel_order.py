"""Cancel order: that an open purchase or sale not be carried out."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.contract import (
    Assurance,
    CancelOrder,
    Completed,
    Handler,
    Intent,
    NeedsInfo,
    Outcome,
    Refused,
    Request,
    Slots,
    Snapshot,
)
from handlers.plan.money import Money, Shares
from handlers.plan.orders import Order, PurchaseOrder, PurchaseOrderState, SaleOrder, SaleOrderState
from handlers.plan.purchases import elected_deductions, month_to_date
from handlers.plan.refusals import Refusal
from handlers.whose import for_a_person, own_orders, sender_frozen

_ENDED = frozenset(
    {
        PurchaseOrderState.CANCELLED,
        PurchaseOrderState.REJECTED,
        PurchaseOrderState.EXPIRED,
        SaleOrderState.CANCELLED,
    }
)
"""States of an order that is over and went nowhere."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Cancel the orders named, or the only one it can be; each until its own cut-off. OC, "Cancelling"."""
    if stopped := sender_frozen(snapshot):
        return stopped
    orders = own_orders(request, snapshot)
    if isinstance(orders, NeedsInfo):
        return orders
    chosen = _chosen(orders, request.slots, snapshot)
    if chosen is None:
        return NeedsInfo(("order_id",))
    if isinstance(chosen, Refusal):
        return Refused((chosen,))
    owners = {order.registration_id for order in chosen}
    for registration in snapshot.registrations:
        if registration.id in owners and (referred := for_a_person(registration)):
            return referred
    facts = {"orders": tuple(chosen), "leaves_too_little": _leaves_too_little(chosen, snapshot)}
    return Completed(tuple(CancelOrder(order.id) for order in chosen), facts, personal=True)


def _chosen(orders: Sequence[Order], slots: Slots, snapshot: Snapshot) -> Sequence[Order] | Refusal | None:
    """The orders to cancel; or why there are none; or None where it must be asked which is meant."""
    if slots.order_ids:
        names = {name.upper() for name in slots.order_ids}
        named = [order for order in orders if order.id.upper() in names]
        if len(named) < len(names) or any(order.state in _ENDED for order in named):
            return Refusal.NO_OPEN_ORDER
        return named if all(_is_in_time(order, snapshot) for order in named) else Refusal.PAST_CUT_OFF
    in_time = [order for order in orders if _is_in_time(order, snapshot)]
    fitting = [order for order in in_time if _fits(order, slots)]
    if len(fitting) == 1:
        return fitting
    going_ahead = [
        order
        for order in orders
        if order not in in_time and order.state not in _ENDED and order.purchase_date >= snapshot.today
    ]
    if not fitting and any(_fits(order, slots) for order in going_ahead):
        return Refusal.PAST_CUT_OFF
    return None if in_time else Refusal.NO_OPEN_ORDER


def _is_in_time(order: Order, snapshot: Snapshot) -> bool:
    return order.is_open and snapshot.now <= order.cut_off


def _fits(order: Order, slots: Slots) -> bool:
    """Whether what the message says of the order's size is true of it; what it does not say fits."""
    size: Money | Shares = order.amount if isinstance(order, PurchaseOrder) else order.shares
    named: set[object] = {*slots.amounts, *slots.shares}
    portion = order.portion if isinstance(order, SaleOrder) else None
    return not named or named <= {size, portion}


def _leaves_too_little(cancelled: Sequence[Order], snapshot: Snapshot) -> bool:
    """Whether what is left for the purchase date falls under the minimum, so that it would be returned."""
    gone = {order.id for order in cancelled}
    left = [order for order in snapshot.orders if order.id not in gone]
    for order in cancelled:
        if isinstance(order, PurchaseOrder):
            owner = next(each for each in snapshot.registrations if each.id == order.registration_id)
            remaining = month_to_date(left, order.purchase_date)
            debited = elected_deductions(snapshot.registrations, owner.taxpayer)
            if remaining.cents and remaining + debited < snapshot.book.on(order.purchase_date).purchase_min:
                return True
    return False


HANDLER = Handler(
    Intent("cancel_order"),
    decide,
    requires=Assurance.CONFIRMED,
    consequential=True,
    title="cancel an order that is still open",
)
