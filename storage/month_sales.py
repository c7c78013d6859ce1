"""The sale orders of one month, all of them at once, and what they brought."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, Connection, delete, func, insert, select, type_coerce, update

from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import CANCELLABLE_SALE, SaleOrderState
from storage.month_tables import fills, sale_results
from storage.tables import sale_orders

AT_ONCE = 400
"""Rows that are looked up in one statement."""
FETCHED = 2_000
"""Rows of a stream that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class MonthSale:
    """A sale order of the month."""

    id: str
    registration_id: str
    shares: Shares
    portion: str | None
    state: SaleOrderState
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SaleResult:
    """What a sale order sells, and what it brought once the market has paid."""

    order_id: str
    registration_id: str
    shares: Shares
    """In the batch."""
    sold: Shares | None = None
    gross: Money | None = None
    broker_fee: Money | None = None
    plan_fee: Money | None = None
    net: Money | None = None
    settles_on: date | None = None


@dataclass(frozen=True, slots=True)
class StoredFill:
    """One piece of the month's sale on the market."""

    line: int
    trade_date: date
    shares: Shares
    price: Price
    fee: Money


class MonthSales:
    """The month's view of the table of sale orders, and the tables of what became of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_month(self, purchase_date: date, states: Collection[SaleOrderState]) -> Iterator[MonthSale]:
        """The month's sale orders in these states, one account's after another's, by receipt."""
        rows = self._connection.execute(
            select(sale_orders)
            .where(
                sale_orders.c.purchase_date == purchase_date,
                sale_orders.c.state.in_([state.value for state in states]),
            )
            .order_by(sale_orders.c.registration_id, sale_orders.c.received_at, sale_orders.c.id),
            execution_options={"yield_per": FETCHED},
        )
        for row in rows.mappings():
            yield MonthSale(
                row["id"],
                row["registration_id"],
                row["shares"],
                row["portion"],
                SaleOrderState(row["state"]),
                row["received_at"],
            )

    def lock_counted(self, cycle: str) -> int:
        """Let every order that sells anything stand LOCKED. Returns how many moved.

        One that was canceled since it was read is left, so that the caller sees that they are fewer.
        """
        return self.move_all(cycle, CANCELLABLE_SALE, SaleOrderState.LOCKED)

    def uncounted(self, purchase_date: date, cycle: str) -> int:
        """How many open orders of the month its lock has not counted."""
        open_orders = select(func.count()).where(
            sale_orders.c.purchase_date == purchase_date,
            sale_orders.c.state.in_([state.value for state in CANCELLABLE_SALE]),
            sale_orders.c.id.not_in(select(sale_results.c.order_id).where(sale_results.c.cycle_id == cycle)),
        )
        return int(self._connection.execute(open_orders).scalar_one())

    def earliest_open(self) -> datetime | None:
        """The earliest cut-off of an order that still waits for its lock; None where none waits."""
        waiting = sale_orders.c.state.in_([state.value for state in CANCELLABLE_SALE])
        earliest: datetime | None = self._connection.execute(
            select(func.min(sale_orders.c.cut_off)).where(waiting)
        ).scalar_one()
        return earliest

    def under_way(self, registration_id: str) -> Shares:
        """Shares of an account that wait to be sold in some month's batch: no other sale may touch them."""
        summed = select(func.coalesce(func.sum(type_coerce(sale_results.c.shares, BigInteger)), 0)).where(
            sale_results.c.registration_id == registration_id, sale_results.c.sold.is_(None)
        )
        return Shares.from_units(int(self._connection.execute(summed).scalar_one()))

    def move_all(
        self, cycle: str, before: Collection[SaleOrderState], after: SaleOrderState, *, covered: bool = True
    ) -> int:
        """Move the cycle's orders on: those that sell anything, or those that do not. Returns how many moved."""
        units = type_coerce(sale_results.c.shares, BigInteger)
        chosen = select(sale_results.c.order_id).where(
            sale_results.c.cycle_id == cycle, units > 0 if covered else units == 0
        )
        changed = self._connection.execute(
            update(sale_orders)
            .where(sale_orders.c.id.in_(chosen), sale_orders.c.state.in_([state.value for state in before]))
            .values(state=after.value)
        )
        return changed.rowcount

    def move(self, order_id: str, before: Collection[SaleOrderState], after: SaleOrderState) -> bool:
        """Move one order on. False if it does not stand where the caller thinks."""
        changed = self._connection.execute(
            update(sale_orders)
            .where(sale_orders.c.id == order_id, sale_orders.c.state.in_([state.value for state in before]))
            .values(state=after.value)
        )
        return changed.rowcount == 1

    def keep(self, cycle: str, sold: Sequence[SaleResult]) -> None:
        """Record what each order sells, or, a second time, what it brought."""
        known: set[str] = set()
        for start in range(0, len(sold), AT_ONCE):
            some = [one.order_id for one in sold[start : start + AT_ONCE]]
            known |= set(
                self._connection.execute(
                    select(sale_results.c.order_id).where(sale_results.c.order_id.in_(some))
                ).scalars()
            )
        for one in sold:
            values = {
                "shares": one.shares,
                "sold": one.sold,
                "gross": one.gross,
                "broker_fee": one.broker_fee,
                "plan_fee": one.plan_fee,
                "net": one.net,
                "settles_on": one.settles_on,
            }
            if one.order_id in known:
                self._connection.execute(
                    update(sale_results).where(sale_results.c.order_id == one.order_id).values(values)
                )
            else:
                self._connection.execute(
                    insert(sale_results).values(
                        order_id=one.order_id, cycle_id=cycle, registration_id=one.registration_id, **values
                    )
                )

    def forget(self, cycle: str) -> int:
        """Undo what the lock fixed for sale. Only before the batch went out."""
        return self._connection.execute(delete(sale_results).where(sale_results.c.cycle_id == cycle)).rowcount

    def sold(self, cycle: str) -> tuple[SaleResult, ...]:
        """What each order sells, by order id."""
        rows = self._connection.execute(
            select(sale_results).where(sale_results.c.cycle_id == cycle).order_by(sale_results.c.order_id)
        ).mappings()
        return tuple(
            SaleResult(
                row["order_id"],
                row["registration_id"],
                row["shares"],
                row["sold"],
                row["gross"],
                row["broker_fee"],
                row["plan_fee"],
                row["net"],
                row["settles_on"],
            )
            for row in rows
        )

    def keep_fills(self, cycle: str, pieces: Sequence[StoredFill]) -> None:
        """Record at which prices the month's sale was carried out."""
        self._connection.execute(
            insert(fills),
            [
                {
                    "cycle_id": cycle,
                    "line": one.line,
                    "trade_date": one.trade_date,
                    "shares": one.shares,
                    "price": one.price,
                    "fee": one.fee,
                }
                for one in pieces
            ],
        )

    def fills(self, cycle: str) -> tuple[StoredFill, ...]:
        """The pieces of the month's sale."""
        rows = self._connection.execute(
            select(fills).where(fills.c.cycle_id == cycle).order_by(fills.c.line)
        ).mappings()  # fmt: skip
        return tuple(
            StoredFill(row["line"], row["trade_date"], row["shares"], row["price"], row["fee"]) for row in rows
        )
