"""The ledger takes balanced entries once, and a balance is the sum of its postings."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from handlers.plan.money import Shares
from storage.ledger import OUTSIDE, SHARE, USD, Posting, Unbalanced, plan_account
from storage.store import Store, Transaction
from storage.tables import ledger_entries, postings
from tests.storage.material import NOW

ANA, BOB = plan_account("r-1"), plan_account("r-2")
ONE_STORE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example is undone in the one store of its test."""


def _bought(account: str = ANA, units: int = 1_250_000) -> list[Posting]:
    return [Posting(account, SHARE, units), Posting(OUTSIDE, SHARE, -units)]


def _counts(tx: Transaction) -> tuple[int, int]:
    counted = [tx.connection.execute(select(func.count()).select_from(table)) for table in (ledger_entries, postings)]
    return counted[0].scalar_one(), counted[1].scalar_one()


def test_plan_shares_are_the_sum_of_their_postings(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.ledger.post("one", NOW, "bought", _bought())
        assert tx.ledger.post("two", NOW, "bought", _bought(units=1))
        assert tx.ledger.post("three", NOW, "bought", _bought(BOB, 7))
        assert tx.ledger.post("four", NOW, "sold", _bought(units=-250_000))
        assert tx.ledger.plan_shares(["r-1", "r-2", "r-3"]) == {
            "r-1": Shares.of("100.0001"),
            "r-2": Shares.of("0.0007"),
        }
        assert tx.ledger.plan_shares([]) == {}


def test_dollars_are_no_shares(store: Store) -> None:
    with store.transaction() as tx:
        tx.ledger.post("one", NOW, "paid", [Posting(ANA, USD, 50_000), Posting(OUTSIDE, USD, -50_000)])
        assert tx.ledger.plan_shares(["r-1"]) == {}


def test_an_entry_may_move_shares_and_dollars_at_once(store: Store) -> None:
    lines = [*_bought(units=2_301_178), Posting(ANA, USD, -25_000), Posting(OUTSIDE, USD, 25_000)]
    with store.transaction() as tx:
        assert tx.ledger.post("invested", NOW, "$250 at 1.0864", lines)
        assert tx.ledger.plan_shares(["r-1"]) == {"r-1": Shares.of("230.1178")}


def test_a_repeated_entry_inserts_nothing(store: Store) -> None:
    for is_new in (True, False):
        with store.transaction() as tx:
            assert tx.ledger.post("allot:2003-11:P-1", NOW, "allotted", _bought()) is is_new
    with store.reading() as tx:
        assert _counts(tx) == (1, 2)
        assert tx.ledger.plan_shares(["r-1"]) == {"r-1": Shares.of("125")}


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="no lines"),
        pytest.param([Posting(ANA, SHARE, 1)], id="one side only"),
        pytest.param([Posting(ANA, SHARE, 1), Posting(OUTSIDE, SHARE, -2)], id="another amount on the other side"),
        pytest.param([Posting(ANA, SHARE, 1), Posting(OUTSIDE, USD, -1)], id="shares against dollars"),
        pytest.param([*_bought(), Posting(ANA, USD, 5)], id="balanced in shares, not in dollars"),
    ],
)
def test_an_entry_that_does_not_balance_is_refused(lines: list[Posting], store: Store) -> None:
    with store.transaction() as tx:
        with pytest.raises(Unbalanced):
            tx.ledger.post("wrong", NOW, "", lines)
        assert _counts(tx) == (0, 0)


ACCOUNTS = st.sampled_from([OUTSIDE, ANA, BOB])
LINES = st.builds(Posting, ACCOUNTS, st.sampled_from([SHARE, USD]), st.integers(-(10**12), 10**12))
ANY_LINES = st.lists(LINES, max_size=5)
MIRRORED = ANY_LINES.map(lambda lines: [*lines, *(Posting(OUTSIDE, line.unit, -line.quantity) for line in lines)])


@ONE_STORE
@given(lines=ANY_LINES | MIRRORED)
def test_an_entry_is_taken_if_and_only_if_each_unit_sums_to_zero(store: Store, lines: list[Posting]) -> None:
    sums = Counter[str]()
    for line in lines:
        sums[line.unit] += line.quantity
    is_balanced = bool(lines) and not any(sums.values())
    with store.transaction() as tx, tx.trial():
        try:
            tx.ledger.post("any", NOW, "", lines)
        except Unbalanced:
            assert not is_balanced
            assert _counts(tx) == (0, 0)
        else:
            assert is_balanced
            assert _counts(tx) == (1, len(lines))


@ONE_STORE
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["r-1", "r-2", "r-3"]), st.integers(0, 10**12)), max_size=12
    )
)
def test_balances_follow_from_the_entries_whatever_they_are(store: Store, moves: list[tuple[int, str, int]]) -> None:
    expected: dict[str, int] = {}
    known: set[int] = set()
    with store.transaction() as tx, tx.trial():
        for number, registration, units in moves:
            is_new = tx.ledger.post(f"move:{number}", NOW, "", _bought(plan_account(registration), units))
            assert is_new is (number not in known)
            if is_new:
                expected[registration] = expected.get(registration, 0) + units
            known.add(number)
        balances = tx.ledger.plan_shares(["r-1", "r-2", "r-3"])
        assert {registration: shares.units for registration, shares in balances.items()} == expected
        whole = tx.connection.execute(select(func.sum(postings.c.quantity))).scalar_one()
        assert int(whole or 0) == 0
