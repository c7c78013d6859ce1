"""Orders come back as they were taken, and none that still counts is ever left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers.plan.money import Money, Shares
from handlers.plan.orders import (
    COUNTS_TOWARD_MONTH,
    PaymentMethod,
    Portion,
    PurchaseOrder,
    PurchaseOrderState,
    SaleOrder,
    SaleOrderState,
)
from storage.orders import RECENT, Orders
from storage.store import Store
from storage.tables import purchase_orders, sale_orders
from tests.storage.material import CUT_OFF, NOW, PURCHASE_DATE, holder, purchase, sale, with_holders

STILL_OPEN = {"RECEIVED", "CONFIRMED", "AWAITING_PAYMENT", "UNCOLLECTED", "GOOD_FUNDS", "QUEUED"}
STILL_COUNTING = [
    state for state in PurchaseOrderState if state in COUNTS_TOWARD_MONTH and state is not PurchaseOrderState.FINAL
]


def test_orders_come_back_as_they_were_taken_newest_first(store: Store) -> None:
    with_holders(store, holder(1), holder(2))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        bought = orders.accept_purchase(purchase(amount="500.25"), "one", NOW)
        sold = orders.accept_sale(sale(shares="75.1250", portion=Portion.HALF), "two", NOW + timedelta(seconds=1))
        others = orders.accept_purchase(purchase("r-2"), "three", NOW)
        assert orders.of_registrations(["r-1"]) == (
            SaleOrder(
                sold,
                "r-1",
                Shares.of("75.125"),
                Portion.HALF,
                PURCHASE_DATE,
                CUT_OFF,
                SaleOrderState.QUEUED,
                NOW + timedelta(seconds=1),
            ),
            PurchaseOrder(
                bought,
                "r-1",
                Money.of("500.25"),
                PaymentMethod.CHECK,
                PURCHASE_DATE,
                CUT_OFF,
                PurchaseOrderState.AWAITING_PAYMENT,
                NOW,
            ),
        )
        assert [order.id for order in orders.of_registrations(["r-2"])] == [others]
        assert orders.of_registrations([]) == orders.of_registrations(["r-9"]) == ()


def test_an_orders_number_follows_from_its_cause(store: Store) -> None:
    with_holders(store, holder(1))
    numbers = set()
    for _ in range(2):
        with store.transaction() as tx, tx.trial():
            numbers.add(Orders(tx.connection).accept_purchase(purchase(), "confirmed:c1:1", NOW))
    assert len(numbers) == 1


@pytest.mark.parametrize("state", list(PurchaseOrderState), ids=[state.value for state in PurchaseOrderState])
def test_a_purchase_is_cancelled_only_while_it_is_open(state: PurchaseOrderState, store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        number = orders.accept_purchase(purchase(), "one", NOW)
        tx.connection.execute(update(purchase_orders).values(state=state.value))
        assert (orders.open_purchases("r-1", NOW) == [number]) is (state.value in STILL_OPEN)
        assert orders.cancel(number) is (state.value in STILL_OPEN)
        after = orders.of_registrations(["r-1"])[0].state
    assert after is (PurchaseOrderState.CANCELLED if state.value in STILL_OPEN else state)


@pytest.mark.parametrize("state", list(SaleOrderState), ids=[state.value for state in SaleOrderState])
def test_a_sale_is_cancelled_only_while_it_is_open(state: SaleOrderState, store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        number = orders.accept_sale(sale(), "one", NOW)
        tx.connection.execute(update(sale_orders).values(state=state.value))
        assert orders.cancel(number) is (state.value in STILL_OPEN)


def test_what_is_no_order_cannot_be_cancelled(store: Store) -> None:
    with store.transaction() as tx:
        for number in ("P-2222222", "S-2222222", "", "2222222"):
            assert not Orders(tx.connection).cancel(number)


@pytest.mark.parametrize(
    ("after", "is_open"),
    [
        pytest.param(timedelta(0), True, id="at the cut-off"),
        pytest.param(timedelta(microseconds=1), False, id="just after it"),
    ],
)
def test_a_purchase_is_open_until_its_cut_off(after: timedelta, is_open: bool, store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        orders.accept_purchase(purchase(), "one", NOW)
        assert bool(orders.open_purchases("r-1", CUT_OFF + after)) is is_open


@pytest.mark.parametrize("state", STILL_COUNTING, ids=[state.value for state in STILL_COUNTING])
def test_no_number_of_cancelled_orders_hides_one_that_counts(state: PurchaseOrderState, store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        first = orders.accept_purchase(purchase(amount="10000"), "first", NOW)
        tx.connection.execute(update(purchase_orders).values(state=state.value))
        for number in range(RECENT + 5):
            orders.cancel(orders.accept_purchase(purchase(), f"again {number}", NOW + timedelta(seconds=1 + number)))
        carried = orders.of_registrations(["r-1"])
    assert len(carried) == RECENT + 1
    assert carried[-1].id == first
    assert carried[0].received_at == NOW + timedelta(seconds=RECENT + 5)


def test_a_sale_under_way_is_not_hidden_either(store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        first = orders.accept_sale(sale(), "first", NOW)
        for number in range(RECENT + 1):
            orders.cancel(orders.accept_sale(sale(), f"again {number}", NOW + timedelta(seconds=1 + number)))
        carried = orders.of_registrations(["r-1"])
    assert (len(carried), carried[-1].id) == (RECENT + 1, first)
