"""The purchase orders of one month, all of them at once: read as a stream, moved on in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from handlers.plan.money import NO_SHARES, Money, Shares
from handlers.plan.orders import CANCELLABLE_PURCHASE, PaymentMethod, PurchaseOrderState
from handlers.plan.payments import PaymentState
from storage.month_tables import acceptances, allotments, payments
from storage.tables import purchase_orders, registrations

AT_ONCE = 400
"""Rows that are looked up in one statement."""
FETCHED = 2_000
"""Rows of a stream that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class MonthPurchase:
    """A purchase order of the month, with whose it is."""

    id: str
    registration_id: str
    taxpayer: str
    amount: Money
    is_deduction: bool
    """Whether it is the monthly deduction, which gives way to what came before."""
    state: PurchaseOrderState
    received_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptedPurchase:
    """What the lock took of an order."""

    order_id: str
    registration_id: str
    paid: Money
    accepted: Money
    returned: Money
    reason: str


@dataclass(frozen=True, slots=True)
class AllottedPurchase:
    """The shares of an order."""

    order_id: str
    registration_id: str
    demanded: Shares
    shares: Shares
    invested: Money
    refunded: Money
    balance_before: Shares
    """Plan shares of the account before it."""


class MonthOrders:
    """The month's view of the tables of orders, and the tables of what became of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def purchases(
        self,
        purchase_date: date,
        states: Collection[PurchaseOrderState],
        *,
        counted_in: str | None = None,
        taxpayer: str | None = None,
    ) -> Iterator[MonthPurchase]:
        """The month's purchase orders in these states, one taxpayer's after another's.

        With `counted_in`, only those that the lock of this cycle counted; with `taxpayer`, only theirs.
        """
        chosen = (
            select(purchase_orders, registrations.c.taxpayer)
            .join(registrations, registrations.c.id == purchase_orders.c.registration_id)
            .where(
                purchase_orders.c.purchase_date == purchase_date,
                purchase_orders.c.state.in_([state.value for state in states]),
            )
        )
        if counted_in is not None:
            chosen = chosen.join(
                acceptances,
                and_(acceptances.c.order_id == purchase_orders.c.id, acceptances.c.cycle_id == counted_in),
            )
        if taxpayer is not None:
            chosen = chosen.where(registrations.c.taxpayer == taxpayer)
        rows = self._connection.execute(
            chosen.order_by(registrations.c.taxpayer, purchase_orders.c.received_at, purchase_orders.c.id),
            execution_options={"yield_per": FETCHED},
        )
        for row in rows.mappings():
            yield MonthPurchase(
                id=row["id"],
                registration_id=row["registration_id"],
                taxpayer=row["taxpayer"],
                amount=row["amount"],
                is_deduction=row["origin"] == "deduction",
                state=PurchaseOrderState(row["state"]),
                received_at=row["received_at"],
            )

    def payment_methods(self, order_ids: Sequence[str]) -> dict[str, PaymentMethod]:
        """How each of these orders is paid."""
        found: dict[str, PaymentMethod] = {}
        for start in range(0, len(order_ids), AT_ONCE):
            rows = self._connection.execute(
                select(purchase_orders.c.id, purchase_orders.c.payment_method).where(
                    purchase_orders.c.id.in_(order_ids[start : start + AT_ONCE])
                )
            )
            found |= {row.id: PaymentMethod(row.payment_method) for row in rows}
        return found

    def take_own(
        self,
        order_id: str,
        cause: str,
        registration_id: str,
        amount: Money,
        method: PaymentMethod,
        purchase_date: date,
        cut_off: datetime,
        received_at: datetime,
        origin: str,
    ) -> bool:
        """An order that nobody wrote: a check that came by itself, a monthly deduction. False if it stands already."""
        known = select(purchase_orders.c.id).where(purchase_orders.c.cause == cause)
        if self._connection.execute(known).first() is not None:
            return False
        self._connection.execute(
            insert(purchase_orders).values(
                id=order_id,
                cause=cause,
                registration_id=registration_id,
                amount=amount,
                payment_method=method.value,
                purchase_date=purchase_date,
                cut_off=cut_off,
                state=PurchaseOrderState.AWAITING_PAYMENT.value,
                received_at=received_at,
                origin=origin,
            )
        )
        return True

    def move_purchases(
        self, order_ids: Sequence[str], before: Collection[PurchaseOrderState], after: PurchaseOrderState
    ) -> int:
        """Move orders on; those that stand elsewhere are left. Returns how many moved."""
        allowed = [state.value for state in before]
        moved = 0
        for start in range(0, len(order_ids), AT_ONCE):
            changed = self._connection.execute(
                update(purchase_orders)
                .where(
                    purchase_orders.c.id.in_(order_ids[start : start + AT_ONCE]), purchase_orders.c.state.in_(allowed)
                )
                .values(state=after.value)
            )
            moved += changed.rowcount
        return moved

    def carry_forward(self, order_id: str, purchase_date: date, cut_off: datetime) -> None:
        """Let an order count for a later month."""
        self._connection.execute(
            update(purchase_orders)
            .where(purchase_orders.c.id == order_id)
            .values(purchase_date=purchase_date, cut_off=cut_off)
        )

    # -- what the lock took -----------------------------------------------------------------------------------------

    def accept(self, cycle: str, taken: Sequence[AcceptedPurchase]) -> None:
        """Record what the lock took of these orders."""
        if taken:
            self._connection.execute(
                insert(acceptances),
                [
                    {
                        "order_id": one.order_id,
                        "cycle_id": cycle,
                        "registration_id": one.registration_id,
                        "paid": one.paid,
                        "accepted": one.accepted,
                        "returned": one.returned,
                        "reason": one.reason,
                    }
                    for one in taken
                ],
            )

    def acceptances_of(self, cycle: str, order_ids: Sequence[str]) -> dict[str, AcceptedPurchase]:
        """What the lock of a cycle took of these orders, by order id."""
        found: dict[str, AcceptedPurchase] = {}
        for start in range(0, len(order_ids), AT_ONCE):
            rows = self._connection.execute(
                select(acceptances).where(
                    acceptances.c.cycle_id == cycle, acceptances.c.order_id.in_(order_ids[start : start + AT_ONCE])
                )
            )
            found |= {row["order_id"]: _accepted(row) for row in rows.mappings()}
        return found

    def lock_accepted(self, cycle: str) -> int:
        """Let every order whose money the month has counted stand LOCKED. Returns how many moved.

        One that was canceled since it was read is left, so that the caller sees that they are fewer.
        """
        changed = self._connection.execute(
            update(purchase_orders)
            .where(
                purchase_orders.c.id.in_(_counted(cycle, paid=True)),
                purchase_orders.c.state.in_([state.value for state in CANCELLABLE_PURCHASE]),
            )
            .values(state=PurchaseOrderState.LOCKED.value)
        )
        return changed.rowcount

    def uncounted(self, purchase_date: date, cycle: str) -> int:
        """How many open orders of the month its lock has not counted."""
        open_orders = select(func.count()).where(
            purchase_orders.c.purchase_date == purchase_date,
            purchase_orders.c.state.in_([state.value for state in CANCELLABLE_PURCHASE]),
            purchase_orders.c.id.not_in(_counted(cycle)),
        )
        return int(self._connection.execute(open_orders).scalar_one())

    def earliest_open(self) -> datetime | None:
        """The earliest cut-off of an order that still waits for its lock; None where none waits."""
        waiting = purchase_orders.c.state.in_([state.value for state in CANCELLABLE_PURCHASE])
        earliest: datetime | None = self._connection.execute(
            select(func.min(purchase_orders.c.cut_off)).where(waiting)
        ).scalar_one()
        return earliest

    def unlock_accepted(self, cycle: str, order_ids: Sequence[str] | None = None) -> int:
        """The reverse: GOOD_FUNDS again where any of an order's money is good, else UNCOLLECTED. Returns how many.

        All orders that the cycle counted, or those of `order_ids`.
        """
        good = select(payments.c.order_id).where(
            payments.c.order_id == purchase_orders.c.id, payments.c.state == PaymentState.GOOD.value
        )
        locked = purchase_orders.c.state == PurchaseOrderState.LOCKED.value
        named = [_counted(cycle)] if order_ids is None else _pieces_of(order_ids)
        moved = 0
        for some in named:
            for is_good, after in (
                (good.exists(), PurchaseOrderState.GOOD_FUNDS),
                (~good.exists(), PurchaseOrderState.UNCOLLECTED),
            ):
                changed = self._connection.execute(
                    update(purchase_orders)
                    .where(purchase_orders.c.id.in_(some), locked, is_good)
                    .values(state=after.value)
                )
                moved += changed.rowcount
        return moved

    def forget_acceptances(self, cycle: str, order_ids: Sequence[str] | None = None) -> int:
        """Undo what the lock took, of all orders or of these. Only before they were allotted."""
        forgotten = 0
        for some in [None] if order_ids is None else _pieces_of(order_ids):
            which = acceptances.c.cycle_id == cycle
            if some is not None:
                which = and_(which, acceptances.c.order_id.in_(some))
            forgotten += self._connection.execute(delete(acceptances).where(which)).rowcount
        return forgotten

    def no_longer_counted(
        self, cycle: str, purchase_date: date, states: Collection[PurchaseOrderState]
    ) -> tuple[str, ...]:
        """Orders that the lock counted, and that stand in none of these states, or count for another day, since."""
        rows = self._connection.execute(
            select(acceptances.c.order_id)
            .join(purchase_orders, purchase_orders.c.id == acceptances.c.order_id)
            .where(
                acceptances.c.cycle_id == cycle,
                or_(
                    purchase_orders.c.state.not_in([state.value for state in states]),
                    purchase_orders.c.purchase_date != purchase_date,
                ),
            )
            .order_by(acceptances.c.order_id)
        )
        return tuple(rows.scalars())

    def accepted(self, cycle: str, after: str = "", limit: int | None = None) -> Iterator[AcceptedPurchase]:
        """What the lock took, by order id; those after an id, at most so many: to go on where something stopped."""
        chosen = select(acceptances).where(acceptances.c.cycle_id == cycle, acceptances.c.order_id > after)
        rows = self._connection.execute(
            chosen.order_by(acceptances.c.order_id).limit(limit), execution_options={"yield_per": FETCHED}
        )
        yield from map(_accepted, rows.mappings())

    # -- what was allotted ------------------------------------------------------------------------------------------

    def allot(self, cycle: str, given: Sequence[AllottedPurchase]) -> None:
        """Record the shares of these orders."""
        if given:
            self._connection.execute(
                insert(allotments),
                [
                    {
                        "order_id": one.order_id,
                        "cycle_id": cycle,
                        "registration_id": one.registration_id,
                        "demanded": one.demanded,
                        "shares": one.shares,
                        "invested": one.invested,
                        "refunded": one.refunded,
                        "balance_before": one.balance_before,
                    }
                    for one in given
                ],
            )

    def allotted_to(self, order_id: str) -> Shares:
        """The shares of one order; none where it has no allotment."""
        found = select(allotments.c.shares).where(allotments.c.order_id == order_id)
        return self._connection.execute(found).scalar_one_or_none() or NO_SHARES

    def allotted(self, cycle: str, after: str = "", limit: int | None = None) -> Iterator[AllottedPurchase]:
        """The allotments by order id; those after an id, at most so many."""
        chosen = select(allotments).where(allotments.c.cycle_id == cycle, allotments.c.order_id > after)
        rows = self._connection.execute(
            chosen.order_by(allotments.c.order_id).limit(limit), execution_options={"yield_per": FETCHED}
        )
        for row in rows.mappings():
            yield AllottedPurchase(
                row["order_id"],
                row["registration_id"],
                row["demanded"],
                row["shares"],
                row["invested"],
                row["refunded"],
                row["balance_before"],
            )


def _counted(cycle: str, *, paid: bool = False) -> Select[tuple[str]]:
    """The orders that the lock of a cycle counted: all, or those that were paid."""
    counted = select(acceptances.c.order_id).where(acceptances.c.cycle_id == cycle)
    return counted.where(type_coerce(acceptances.c.paid, BigInteger) > 0) if paid else counted


def _pieces_of(order_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (order_ids[start : start + AT_ONCE] for start in range(0, len(order_ids), AT_ONCE))


def _accepted(row: RowMapping) -> AcceptedPurchase:
    return AcceptedPurchase(
        row["order_id"], row["registration_id"], row["paid"], row["accepted"], row["returned"], row["reason"]
    )
