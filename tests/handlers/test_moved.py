"""What stops when a participant moves to a state in which the program cannot be offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from handlers.contract import CancelOrder, ChangeDeduction, DeductionChange, Effect
from handlers.moved import stopped_by_move, takes_part
from handlers.plan.accounts import AccountStatus, DeductionStatus
from handlers.plan.orders import Order, PurchaseOrderState
from tests.specimens import CUT_OFF, NOW, account, deduction, purchase, registration, sale

STOP = ChangeDeduction("reg-ana", DeductionChange.STOP, None)


@pytest.mark.parametrize(
    ("held", "orders", "effects"),
    [
        pytest.param({}, [], (), id="nothing open"),
        pytest.param({}, [purchase()], (CancelOrder("P-00001"),), id="an open purchase"),
        pytest.param({}, [sale()], (), id="a sale goes ahead"),
        pytest.param({}, [purchase(state=PurchaseOrderState.LOCKED)], (), id="a locked purchase goes ahead"),
        pytest.param({}, [purchase(cut_off=NOW - timedelta(hours=1))], (), id="so does one past its cut-off"),
        pytest.param({}, [purchase(cut_off=NOW)], (CancelOrder("P-00001"),), id="at its cut-off it can be stopped"),
        pytest.param({}, [purchase(registration_id="reg-2")], (), id="another registration's purchase"),
        *(
            pytest.param({"account": account(deduction=deduction(status=status))}, [], (STOP,), id=f"{status.value}")
            for status in (
                DeductionStatus.PENDING,
                DeductionStatus.PRENOTE,
                DeductionStatus.ACTIVE,
                DeductionStatus.PAUSED,
            )
        ),
        pytest.param(
            {"account": account(deduction=deduction(status=DeductionStatus.REVOKED))}, [], (), id="stopped before"
        ),
        pytest.param(
            {"account": account(deduction=deduction())},
            [purchase(), purchase(id="P-00002", cut_off=CUT_OFF)],
            (CancelOrder("P-00001"), CancelOrder("P-00002"), STOP),
            id="all at once",
        ),
    ],
)
def test_purchases_and_deductions_stop(
    held: dict[str, Any], orders: Sequence[Order], effects: tuple[Effect, ...]
) -> None:
    assert stopped_by_move(registration(**held), orders, NOW).effects == effects


@pytest.mark.parametrize(
    ("held", "does"),
    [
        pytest.param({}, True, id="active"),
        pytest.param({"account": account(status=AccountStatus.SUSPENDED)}, True, id="suspended"),
        pytest.param({"account": None}, False, id="never enrolled"),
        pytest.param({"account": account(status=AccountStatus.TERMINATION_REQUESTED)}, False, id="leaving"),
        pytest.param({"account": account(status=AccountStatus.TERMINATED)}, False, id="left"),
    ],
)
def test_a_move_concerns_participants_only(held: dict[str, Any], does: bool) -> None:
    assert takes_part(registration(**held)) is does
