"""What a month takes of each payment. PLAN "Minimum and maximum", "Aggregation", "Over the maximum"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.acceptance import Acceptance, AcceptanceReason, PaidOrder, accept, accept_month
from handlers.plan.money import total
from tests.specimens import EASTERN, PURCHASE_DATE, book, usd

TERMS = book().on(PURCHASE_DATE)
FULL, OVER = AcceptanceReason.IN_FULL, AcceptanceReason.OVER_MAXIMUM
UNDER, WAY = AcceptanceReason.UNDER_MINIMUM, AcceptanceReason.GAVE_WAY
START = datetime(2003, 11, 5, 9, 0, tzinfo=EASTERN)


def paid(id: str, amount: str, minute: int = 0, *, deduction: bool = False, taxpayer: str = "ana") -> PaidOrder:
    return PaidOrder(id, taxpayer, deduction, START + timedelta(minutes=minute), usd(amount))


def told(found: tuple[Acceptance, ...]) -> list[tuple[str, str, str, AcceptanceReason]]:
    return [(each.order_id, str(each.accepted), str(each.returned), each.reason) for each in found]


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param([], [], id="nothing received"),
        pytest.param([paid("P-1", "250")], [("P-1", "250.00", "0.00", FULL)], id="exactly the minimum"),
        pytest.param([paid("P-1", "249.99")], [("P-1", "0.00", "249.99", UNDER)], id="a cent under goes back"),
        pytest.param(
            [paid("P-1", "150"), paid("P-2", "150", 1)],
            [("P-1", "150.00", "0.00", FULL), ("P-2", "150.00", "0.00", FULL)],
            id="two of 150 are 300 and fine",
        ),
        pytest.param(
            [paid("P-1", "124.99"), paid("P-2", "125", 1)],
            [("P-1", "0.00", "124.99", UNDER), ("P-2", "0.00", "125.00", UNDER)],
            id="together a cent under: all goes back",
        ),
        pytest.param(
            [paid("P-1", "100"), paid("D-1", "150", 1, deduction=True)],
            [("P-1", "100.00", "0.00", FULL), ("D-1", "150.00", "0.00", FULL)],
            id="a deduction lifts the month to the minimum",
        ),
        pytest.param([paid("P-1", "10000")], [("P-1", "10000.00", "0.00", FULL)], id="exactly the maximum"),
        pytest.param([paid("P-1", "10000.01")], [("P-1", "10000.00", "0.01", OVER)], id="a cent over goes back"),
        pytest.param(
            [paid("P-1", "9900"), paid("P-2", "250", 1), paid("P-3", "300", 2)],
            [("P-1", "9900.00", "0.00", FULL), ("P-2", "100.00", "150.00", OVER), ("P-3", "0.00", "300.00", OVER)],
            id="the second in part, the third not at all",
        ),
        pytest.param(
            [paid("P-1", "6000", 2), paid("P-2", "6000", 1)],
            [("P-2", "6000.00", "0.00", FULL), ("P-1", "4000.00", "2000.00", OVER)],
            id="by receipt, not by number",
        ),
        pytest.param(
            [paid("P-2", "6000"), paid("P-1", "6000")],
            [("P-1", "6000.00", "0.00", FULL), ("P-2", "4000.00", "2000.00", OVER)],
            id="at one instant, by number",
        ),
        pytest.param(
            [paid("D-1", "500", deduction=True), paid("P-1", "9700", 5)],
            [("P-1", "9700.00", "0.00", FULL), ("D-1", "300.00", "200.00", WAY)],
            id="a deduction gives way to a later check",
        ),
        pytest.param(
            [paid("D-1", "500", deduction=True), paid("P-1", "10000", 5)],
            [("P-1", "10000.00", "0.00", FULL), ("D-1", "0.00", "500.00", WAY)],
            id="a deduction gives way to nothing",
        ),
        pytest.param(
            [paid("D-2", "8000", 1, deduction=True), paid("D-1", "8000", 2, deduction=True)],
            [("D-2", "8000.00", "0.00", FULL), ("D-1", "2000.00", "6000.00", WAY)],
            id="two deductions, one of a joint registration: by receipt",
        ),
        pytest.param(
            [paid("P-1", "0.01"), paid("P-2", "249.99", 1)],
            [("P-1", "0.01", "0.00", FULL), ("P-2", "249.99", "0.00", FULL)],
            id="a cent that makes the minimum",
        ),
    ],
)
def test_a_taxpayers_month(orders: list[PaidOrder], expected: list[tuple[str, str, str, AcceptanceReason]]) -> None:
    assert told(accept(orders, TERMS)) == expected


def test_instants_are_compared_and_not_clock_faces() -> None:
    early = replace(paid("P-2", "6000"), received_at=datetime.fromisoformat("2003-11-12T14:00:00-08:00"))
    late = replace(paid("P-1", "6000"), received_at=datetime.fromisoformat("2003-11-12T17:00:01-05:00"))
    assert [each.order_id for each in accept([late, early], TERMS)] == ["P-2", "P-1"]


@pytest.mark.parametrize(
    ("day", "accepted"),
    [
        pytest.param(date(2007, 8, 15), "10000.00", id="the purchase date before"),
        pytest.param(date(2007, 8, 27), "20000.00", id="the day of the new maximum"),
        pytest.param(date(2008, 2, 29), "20000.00", id="a leap day later"),
    ],
)
def test_the_maximum_is_that_of_the_purchase_date(day: date, accepted: str) -> None:
    raised = replace(TERMS, effective=date(2007, 8, 27), monthly_max=usd("100000"))
    terms = replace(book(), history=(TERMS, raised)).on(day)
    assert str(accept([paid("P-1", "20000")], terms)[0].accepted) == accepted


def test_a_joint_and_an_individual_registration_of_one_taxpayer_share_one_maximum() -> None:
    month = [paid("P-alone", "7000"), paid("P-joint", "7000", 1), paid("P-son", "7000", 2, taxpayer="son")]
    assert told(tuple(accept_month(month, TERMS))) == [
        ("P-alone", "7000.00", "0.00", FULL),
        ("P-joint", "3000.00", "4000.00", OVER),
        ("P-son", "7000.00", "0.00", FULL),
    ]


def test_taxpayers_may_come_in_any_order_but_not_in_pieces() -> None:
    month = [paid("P-1", "300", taxpayer="zoe"), paid("P-2", "300", taxpayer="Ana"), paid("P-3", "300", taxpayer="bo")]
    assert [each.order_id for each in accept_month(month, TERMS)] == ["P-1", "P-2", "P-3"]
    with pytest.raises(ValueError, match="taxpayer zoe lie apart"):
        list(accept_month([*month, paid("P-4", "300", taxpayer="zoe")], TERMS))


@pytest.mark.parametrize(
    ("orders", "problem"),
    [
        pytest.param([paid("P-1", "300"), paid("P-2", "300", taxpayer="bo")], "several taxpayers", id="two taxpayers"),
        pytest.param([paid("P-1", "300"), paid("P-1", "300", 1)], "there twice", id="one order twice"),
        pytest.param([paid("P-1", "300"), paid("P-2", "0")], "P-2 has no money", id="an order without money"),
    ],
)
def test_rows_that_are_nobodys_month_are_refused(orders: list[PaidOrder], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        accept(orders, TERMS)


months = st.lists(
    st.builds(
        lambda cents, minute, deduction: (cents, minute, deduction),
        st.integers(1, 1_200_000), st.integers(0, 3), st.booleans(),
    ),
    max_size=8,
).map(
    lambda rows: [
        paid(f"P-{number}", f"{cents // 100}.{cents % 100:02}", minute, deduction=deduction)
        for number, (cents, minute, deduction) in enumerate(rows)
    ]
)  # fmt: skip


@given(months, st.randoms(use_true_random=False))
def test_limits_hold_no_cent_is_lost_and_the_order_of_the_rows_changes_nothing(
    orders: list[PaidOrder], chance: Random
) -> None:
    found = accept(orders, TERMS)
    assert accept(chance.sample(orders, len(orders)), TERMS) == found
    paid_by_id = {order.order_id: order.amount for order in orders}
    assert {each.order_id: each.accepted + each.returned for each in found} == paid_by_id
    taken, offered = total(each.accepted for each in found), total(order.amount for order in orders)
    expected = min(offered, TERMS.monthly_max) if offered >= TERMS.purchase_min else usd("0")
    assert taken == expected
    for each in found:
        assert (each.reason is FULL) is (each.accepted == paid_by_id[each.order_id])


@given(months)
def test_who_came_first_never_loses_to_who_came_later(orders: list[PaidOrder]) -> None:
    reasons = [each.reason for each in accept(orders, TERMS)]
    if FULL in reasons:
        short = [reason is not FULL for reason in reasons]
        assert short == sorted(short)
