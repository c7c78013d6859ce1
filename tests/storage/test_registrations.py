"""Holders of record are kept as the file had them, apart from what this service itself knows of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.plan.accounts import AccountStatus, Deduction, DeductionStatus, Hold, PlanAccount, RegistrationKind
from handlers.plan.money import Money, Shares
from storage.ledger import OUTSIDE, SHARE, Posting, plan_account
from storage.store import Store
from tests.storage.material import NOW, TODAY, holder, with_holders

FULL = replace(
    holder(1),
    kind=RegistrationKind.JOINT,
    bank="sealed",
    holds=frozenset({Hold.LOST, Hold.LEGAL}),
    state="",
    country="SE",
)


def test_a_record_comes_back_as_it_was_kept(store: Store) -> None:
    with_holders(store, FULL, holder(2))
    with store.reading() as tx:
        assert tx.registrations.records() == {"CST-10001": FULL, "CST-10002": holder(2)}


def test_a_registration_tells_what_the_record_has_and_the_plan_added(store: Store) -> None:
    with_holders(store, FULL)
    with store.transaction() as tx:
        tx.registrations.acknowledge("r-1", "2003-11-04", NOW, "cause")
        tx.registrations.enroll("r-1", TODAY, NOW)
        tx.registrations.set_deduction("r-1", Deduction(Money.of("300"), DeductionStatus.ACTIVE), NOW)
        tx.registrations.hold_sales("r-1", date(2003, 11, 20))
        tx.ledger.post(
            "opening", NOW, "", [Posting(plan_account("r-1"), SHARE, 12_505_000), Posting(OUTSIDE, SHARE, -12_505_000)]
        )
    with store.reading() as tx:
        (one,) = tx.registrations.of_email("ana@example.com")
    assert (one.kind, one.holds, one.state, one.country) == (FULL.kind, FULL.holds, "", "SE")
    assert (one.registered_shares, one.taxpayer, one.masked_account) == (Shares.of("1500"), "taxpayer-1", "****0001")
    assert one.acknowledged == {"2003-11-04"}
    assert one.sales_held_until == date(2003, 11, 20)
    assert one.account == PlanAccount(
        AccountStatus.ACTIVE,
        TODAY,
        Shares.of("1250.5"),
        Shares.of("1250.5"),
        Deduction(Money.of("300"), DeductionStatus.ACTIVE),
    )


def test_a_newer_record_changes_the_holder_and_nothing_of_the_plan(store: Store) -> None:
    with_holders(store, FULL)
    with store.transaction() as tx:
        tx.registrations.enroll("r-1", TODAY, NOW)
        tx.registrations.hold_sales("r-1", date(2003, 11, 20))
        tx.registrations.mark_departed(["r-1"])
    with_holders(store, replace(FULL, name="Ana Perez-Lopez", email="new@example.com"))
    with store.reading() as tx:
        (one,) = tx.registrations.of_email("new@example.com")
        assert tx.registrations.of_email("ana@example.com") == ()
    assert (one.name, one.sales_held_until) == ("Ana Perez-Lopez", date(2003, 11, 20))
    assert one.is_active


@pytest.mark.parametrize(
    ("taxpayers", "accounts"),
    [
        pytest.param({"taxpayer-1"}, ["CST-10001", "CST-10003"], id="one taxpayer, departed or not"),
        pytest.param({"taxpayer-1", "taxpayer-2"}, ["CST-10001", "CST-10002", "CST-10003"], id="two taxpayers"),
        pytest.param({"taxpayer-9"}, [], id="an unknown one"),
        pytest.param(set[str](), [], id="none"),
    ],
)
def test_registrations_are_found_by_taxpayer(taxpayers: set[str], accounts: list[str], store: Store) -> None:
    with_holders(store, holder(1), holder(2, taxpayer="taxpayer-2"), holder(3, email="other@example.com"))
    with store.transaction() as tx:
        tx.registrations.mark_departed(["r-3"])
        assert [one.account_number for one in tx.registrations.of_taxpayers(taxpayers)] == accounts


def test_an_empty_address_finds_nobody(store: Store) -> None:
    with_holders(store, replace(holder(1), email=""))
    with store.reading() as tx:
        assert tx.registrations.of_email("") == ()
        assert tx.registrations.by_account_number("CST-10001") is not None
        assert tx.registrations.by_account_number("CST-10009") is None
