"""A snapshot holds the sender's own registrations, and the orders of their taxpayer wherever they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.plan import Plan
from handlers.contract import Snapshot
from handlers.plan.accounts import Hold
from handlers.plan.states import StateEntry, StateStatus
from storage.orders import Orders
from storage.registrations import HolderRecord
from storage.store import Store
from tests.storage.material import CUT_OFF, NOW, PURCHASE_DATE, TODAY, holder, purchase, sale, with_holders

PLAN = Plan.read(None)
ANA, BOB = "ana@example.com", "bob@example.com"
OWN, CUSTODY = holder(1), holder(2, taxpayer="taxpayer-2")
HERS_ELSEWHERE = holder(3, email="ana.at.work@example.com")
STRANGERS = holder(4, email=BOB, taxpayer="taxpayer-4")


def _load(store: Store, address: str = ANA, accounts: Sequence[str] = (), now: datetime = NOW) -> Snapshot:
    with store.reading() as tx:
        return tx.snapshots.load(
            address, now=now, book=PLAN.book, calendar=PLAN.calendar(NOW), accounts=tuple(accounts)
        )


def _accounts(snapshot: Snapshot) -> list[str]:
    return [registration.account_number for registration in snapshot.registrations]


def _order(store: Store, *registrations: str) -> list[str]:
    with store.transaction() as tx:
        return [
            Orders(tx.connection).accept_purchase(purchase(one), f"order of {one}", NOW + timedelta(seconds=number))
            for number, one in enumerate(registrations)
        ]


def test_an_unknown_address_has_nothing(store: Store) -> None:
    with_holders(store, OWN)
    _order(store, "r-1")
    snapshot = _load(store, "nobody@example.com")
    assert (snapshot.registrations, snapshot.orders) == ((), ())


def test_no_address_is_nobodys_address(store: Store) -> None:
    with_holders(store, replace(OWN, email=""))
    assert _load(store, "").registrations == ()


def test_a_sender_has_every_registration_with_their_address(store: Store) -> None:
    with_holders(store, CUSTODY, STRANGERS, OWN, HERS_ELSEWHERE)
    assert _accounts(_load(store)) == ["CST-10001", "CST-10002"]
    assert _accounts(_load(store, BOB)) == ["CST-10004"]


def test_who_departed_is_nobody(store: Store) -> None:
    with_holders(store, OWN, CUSTODY)
    with store.transaction() as tx:
        tx.registrations.mark_departed(["r-1"])
    assert _accounts(_load(store)) == ["CST-10002"]


def test_orders_are_the_taxpayers_over_all_registrations(store: Store) -> None:
    with_holders(store, OWN, CUSTODY, HERS_ELSEWHERE, STRANGERS)
    own, custody, elsewhere, strangers = _order(store, "r-1", "r-2", "r-3", "r-4")
    assert [order.id for order in _load(store).orders] == [elsewhere, custody, own]
    assert [order.id for order in _load(store, HERS_ELSEWHERE.email).orders] == [elsewhere, own]
    assert [order.id for order in _load(store, BOB).orders] == [strangers]


def test_orders_of_a_departed_registration_still_count(store: Store) -> None:
    with_holders(store, OWN, HERS_ELSEWHERE)
    _, elsewhere = _order(store, "r-1", "r-3")
    with store.transaction() as tx:
        tx.registrations.mark_departed(["r-3"])
    assert elsewhere in {order.id for order in _load(store).orders}


@pytest.mark.parametrize(
    ("named", "accounts"),
    [
        pytest.param([], ["CST-10001", "CST-10002"], id="none named"),
        pytest.param(["CST-10002"], ["CST-10002"], id="the account number"),
        pytest.param(["cst 10002"], ["CST-10002"], id="written otherwise"),
        pytest.param(["0002"], ["CST-10002"], id="its last four"),
        pytest.param(["****0002"], ["CST-10002"], id="its last four, as letters show it"),
        pytest.param(["ending in 0002"], ["CST-10002"], id="its last four, in words"),
        pytest.param(["0001", "CST-10002"], ["CST-10001", "CST-10002"], id="both"),
        pytest.param(["002"], ["CST-10001", "CST-10002"], id="too few to tell"),
        pytest.param(["10002"], ["CST-10001", "CST-10002"], id="neither the whole nor the last four"),
        pytest.param(["CST-10004"], ["CST-10001", "CST-10002"], id="somebody else's"),
        pytest.param([""], ["CST-10001", "CST-10002"], id="nothing"),
    ],
)
def test_an_account_that_was_named_narrows_to_it(named: list[str], accounts: list[str], store: Store) -> None:
    with_holders(store, OWN, CUSTODY, HERS_ELSEWHERE, STRANGERS)
    assert _accounts(_load(store, accounts=named)) == accounts


def test_narrowing_leaves_out_the_orders_of_the_other_taxpayer(store: Store) -> None:
    with_holders(store, OWN, CUSTODY, HERS_ELSEWHERE)
    own, custody, elsewhere = _order(store, "r-1", "r-2", "r-3")
    assert [order.id for order in _load(store, accounts=["0001"]).orders] == [elsewhere, own]
    assert [order.id for order in _load(store, accounts=["0002"]).orders] == [custody]


def test_a_holders_death_stays_in_sight_whatever_account_is_named(store: Store) -> None:
    deceased: HolderRecord = replace(CUSTODY, holds=frozenset({Hold.DECEASED}))
    with_holders(store, OWN, deceased)
    assert _accounts(_load(store, accounts=["CST-10001"])) == ["CST-10001", "CST-10002"]


@pytest.mark.parametrize(
    ("now", "today"),
    [
        pytest.param(NOW, TODAY, id="in the morning"),
        pytest.param(datetime(2003, 11, 6, 4, 59, tzinfo=UTC), TODAY, id="just before midnight in New York"),
        pytest.param(datetime(2003, 11, 6, 5, 0, tzinfo=UTC), date(2003, 11, 6), id="midnight in New York"),
    ],
)
def test_today_is_the_day_in_the_plans_timezone(now: datetime, today: date, store: Store) -> None:
    snapshot = _load(store, now=now)
    assert (snapshot.now, snapshot.today) == (now, today)


def test_a_snapshot_knows_the_state_list(store: Store) -> None:
    with store.transaction() as tx:
        tx.states.record([StateEntry("MI", StateStatus.OPEN, date(2003, 11, 4))], "counsel", NOW)
    assert _load(store).states.status("MI", TODAY) is StateStatus.OPEN


def test_sales_are_orders_too(store: Store) -> None:
    with_holders(store, OWN)
    with store.transaction() as tx:
        number = Orders(tx.connection).accept_sale(sale(), "a sale", NOW)
    (order,) = _load(store).orders
    assert (order.id, order.purchase_date, order.cut_off) == (number, PURCHASE_DATE, CUT_OFF)


def test_the_taxpayers_behind_an_address_are_known(store: Store) -> None:
    with_holders(store, OWN, CUSTODY, STRANGERS)
    with store.reading() as tx:
        assert tx.snapshots.taxpayers_of(ANA) == {"taxpayer-1", "taxpayer-2"}
        assert tx.snapshots.taxpayers_of("nobody@example.com") == tx.snapshots.taxpayers_of("") == set()
