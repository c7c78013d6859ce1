"""Transactions hold together, quantities stay exact, and who works on the same taxpayer waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from traceback import format_exception

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from handlers.plan.money import Money
from storage.ids import PLAIN_LETTERS, new_id, spelled
from storage.orders import Orders
from storage.registrations import HolderRecord
from storage.store import Store, StoreUnavailable, Transaction
from storage.tables import conversations, registrations
from tests.storage.material import NOW, holder, purchase, with_holders

SECRET = "ana.perez-4711"


def test_an_instant_without_a_timezone_cannot_be_stored(store: Store) -> None:
    with pytest.raises(StatementError, match="an instant without a timezone"), store.transaction() as tx:
        tx.conversations.open("email", "ana@example.com", datetime(2003, 11, 5, 9, 0))


def test_an_instant_comes_back_the_same_and_in_utc(store: Store) -> None:
    eastern = datetime(2003, 11, 5, 9, 0, 0, 123456, tzinfo=timezone(-timedelta(hours=5)))
    with store.transaction() as tx:
        tx.conversations.open("email", "ana@example.com", eastern)
        kept = tx.connection.execute(select(conversations.c.opened_at)).scalar_one()
    assert kept == eastern
    assert kept.tzinfo is UTC


@pytest.mark.parametrize("amount", ["0.01", "0.10", "250.00", "9999999999.99"])
def test_a_cent_is_never_lost(amount: str, store: Store) -> None:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        orders = Orders(tx.connection)
        orders.accept_purchase(purchase(amount=amount), "one", NOW)
        assert [order.amount for order in orders.of_registrations(["r-1"])] == [Money.of(amount)]  # type: ignore[union-attr]  # a purchase


def test_who_locks_the_same_taxpayer_sees_what_the_other_stored(store: Store) -> None:
    with_holders(store, holder(1))
    start = Barrier(4)

    def order_if_none(number: int) -> bool:
        start.wait()
        with store.transaction() as tx:
            store.lock(tx, {"taxpayer-1", f"address-{number}"})
            orders = Orders(tx.connection)
            if orders.of_registrations(["r-1"]):
                return False
            orders.accept_purchase(purchase(), f"cause {number}", NOW)
            return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(order_if_none, range(4))) == [False, False, False, True]


def _registered_twice(tx: Transaction) -> None:
    record = replace(holder(1), name=SECRET, email=f"{SECRET}@example.com", account_number=SECRET)
    tx.connection.execute(insert(registrations), [_row(record, "r-1")])
    tx.connection.execute(insert(registrations), [_row(record, "r-2")])


def _without_an_opening(tx: Transaction) -> None:
    tx.connection.execute(insert(conversations).values(id="c", channel="email", address=SECRET, clarified=0))


def _with_an_instant_without_timezone(tx: Transaction) -> None:
    tx.conversations.open("email", SECRET, datetime(2003, 11, 5, 9, 0))


def _in_no_table(tx: Transaction) -> None:
    tx.connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": SECRET})


def _row(record: HolderRecord, registration_id: str) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(record, name) for name in HolderRecord.__slots__}
    return row | {"id": registration_id, "kind": record.kind.value, "holds": [], "is_current": True}


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(_registered_twice, id="a row that is there already"),
        pytest.param(_without_an_opening, id="a row that lacks a value"),
        pytest.param(_with_an_instant_without_timezone, id="a value of the wrong type"),
        pytest.param(_in_no_table, id="a table that is not there"),
    ],
)
def test_an_error_tells_no_value_of_the_row(fails: Callable[[Transaction], None], store: Store) -> None:
    with pytest.raises(StoreUnavailable) as fault, store.transaction() as tx:
        fails(tx)
    assert SECRET not in "".join(format_exception(fault.value))


def test_ids_are_unguessable_and_in_order_of_time() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=number)) for number in range(100)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(100)}) == 100
    assert {len(one) for one in ids} == {26}


def test_what_is_spelled_follows_from_its_seed() -> None:
    assert spelled("confirmed:c1:1", 7) == spelled("confirmed:c1:1", 7)
    assert len({spelled(f"seed {number}", 7) for number in range(2000)}) == 2000
    assert set("".join(spelled(f"seed {number}", 7) for number in range(2000))) == set(PLAIN_LETTERS)
