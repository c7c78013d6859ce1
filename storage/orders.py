"""Purchase and sale orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from handlers.contract import AcceptPurchase, AcceptSale
from handlers.plan.orders import (
    CANCELLABLE_PURCHASE,
    CANCELLABLE_SALE,
    Order,
    PaymentMethod,
    Portion,
    PurchaseOrder,
    PurchaseOrderState,
    SaleOrder,
    SaleOrderState,
)
from storage.ids import quotable
from storage.tables import purchase_orders, sale_orders

RECENT = 50
"""How many orders that are over a snapshot carries at most, of each side."""

_OVER = frozenset(
    {
        PurchaseOrderState.FINAL.value,
        PurchaseOrderState.REJECTED.value,
        PurchaseOrderState.CANCELLED.value,
        PurchaseOrderState.EXPIRED.value,
        PurchaseOrderState.CARRIED_FORWARD.value,
        PurchaseOrderState.REFUNDED.value,
        PurchaseOrderState.RECOVERED.value,
        PurchaseOrderState.WRITTEN_OFF.value,
        SaleOrderState.PROCEEDS_MAILED.value,
        SaleOrderState.INSUFFICIENT_SHARES.value,
    }
)
"""States, of either side, in which an order is over. All others are always carried: limits are counted from them."""


class Orders:
    """The tables of orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accept_purchase(self, effect: AcceptPurchase, cause: str, at: datetime) -> str:
        """Take a purchase order and return its number. A second for the same cause is refused by the database."""
        order_id = "P-" + quotable(cause, 7)
        self._connection.execute(
            insert(purchase_orders).values(
                id=order_id,
                cause=cause,
                registration_id=effect.registration_id,
                amount=effect.amount,
                payment_method=effect.payment_method.value,
                purchase_date=effect.purchase_date,
                cut_off=effect.cut_off,
                state=PurchaseOrderState.AWAITING_PAYMENT.value,
                received_at=at,
            )
        )
        return order_id

    def accept_sale(self, effect: AcceptSale, cause: str, at: datetime) -> str:
        """Take a sale order and return its number. A second for the same cause is refused by the database."""
        order_id = "S-" + quotable(cause, 7)
        self._connection.execute(
            insert(sale_orders).values(
                id=order_id,
                cause=cause,
                registration_id=effect.registration_id,
                shares=effect.shares,
                portion=effect.portion.value if effect.portion else None,
                purchase_date=effect.purchase_date,
                cut_off=effect.cut_off,
                state=SaleOrderState.QUEUED.value,
                received_at=at,
            )
        )
        return order_id

    def cancel(self, order_id: str) -> bool:
        """Cancel an order that is still open. False if it is not open any more."""
        table, states, cancelled = (
            (purchase_orders, PurchaseOrderState, PurchaseOrderState.CANCELLED.value)
            if order_id.startswith("P-")
            else (sale_orders, SaleOrderState, SaleOrderState.CANCELLED.value)
        )
        still_open = [state.value for state in states if _is_cancellable(state)]
        done = self._connection.execute(
            update(table).where(table.c.id == order_id, table.c.state.in_(still_open)).values(state=cancelled)
        )
        return done.rowcount == 1

    def cause_of(self, order_id: str) -> str | None:
        """What an order was taken for, such as "confirmed:ID:1:1"; None if there is no such order."""
        table = purchase_orders if order_id.startswith("P-") else sale_orders
        return self._connection.execute(select(table.c.cause).where(table.c.id == order_id)).scalar_one_or_none()

    def purchase(self, order_id: str) -> PurchaseOrder | None:
        """The purchase order with this number."""
        row = self._connection.execute(select(purchase_orders).where(purchase_orders.c.id == order_id)).one_or_none()
        return _purchase(row) if row else None

    def open_purchases(self, registration_id: str, now: datetime) -> list[str]:
        """Numbers of the purchase orders that can still be cancelled."""
        return list(
            self._connection.execute(
                select(purchase_orders.c.id).where(
                    purchase_orders.c.registration_id == registration_id,
                    purchase_orders.c.cut_off >= now,
                    purchase_orders.c.state.in_([s.value for s in PurchaseOrderState if _is_cancellable(s)]),
                )
            ).scalars()
        )

    def of_registrations(self, ids: Iterable[str]) -> tuple[Order, ...]:
        """Every order of these registrations that is not over, and the most recent of the others; newest first."""
        wanted = list(ids)
        bought: list[Order] = [_purchase(row) for row in self._rows(purchase_orders, wanted)]
        sold: list[Order] = [
            SaleOrder(
                row.id,
                row.registration_id,
                row.shares,
                Portion(row.portion) if row.portion else None,
                row.purchase_date,
                row.cut_off,
                SaleOrderState(row.state),
                row.received_at,
            )
            for row in self._rows(sale_orders, wanted)
        ]
        return tuple(sorted(bought + sold, key=lambda order: (order.received_at, order.id), reverse=True))

    def _rows(self, table: Table, registration_ids: Sequence[str]) -> Sequence[Row[Any]]:
        own = select(table).where(table.c.registration_id.in_(registration_ids))
        under_way = self._connection.execute(own.where(table.c.state.not_in(_OVER))).all()
        newest_first = own.where(table.c.state.in_(_OVER)).order_by(table.c.received_at.desc(), table.c.id.desc())
        return [*under_way, *self._connection.execute(newest_first.limit(RECENT))]


def _purchase(row: Row[Any]) -> PurchaseOrder:
    return PurchaseOrder(
        row.id,
        row.registration_id,
        row.amount,
        PaymentMethod(row.payment_method),
        row.purchase_date,
        row.cut_off,
        PurchaseOrderState(row.state),
        row.received_at,
    )


def _is_cancellable(state: PurchaseOrderState | SaleOrderState) -> bool:
    return state in CANCELLABLE_PURCHASE or state in CANCELLABLE_SALE
