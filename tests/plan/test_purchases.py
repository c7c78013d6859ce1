"""Limits, aggregation and the prospectus. PLAN "Minimum and maximum", "Which month", "Aggregation", "Prospectus"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.plan.accounts import AccountStatus, DeductionStatus, Hold
from handlers.plan.money import Money
from handlers.plan.orders import Order, PurchaseOrderState
from handlers.plan.purchases import check_amount, check_may_buy, elected_deductions, month_to_date
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateStatus
from tests.specimens import PURCHASE_DATE, account, book, deduction, purchase, registration, sale, usd

TERMS = book().on(PURCHASE_DATE)
BELOW, ABOVE = (Refusal.BELOW_MINIMUM,), (Refusal.ABOVE_MONTHLY_MAXIMUM,)


@pytest.mark.parametrize(
    ("amount", "already", "deductions", "refusals"),
    [
        pytest.param("249.99", "0", "0", BELOW, id="a cent under"),
        pytest.param("250.00", "0", "0", (), id="exactly the minimum"),
        pytest.param("10000.00", "0", "0", (), id="exactly the maximum"),
        pytest.param("10000.01", "0", "0", ABOVE, id="a cent over"),
        pytest.param("150", "0", "0", BELOW, id="a first order of 150 alone would be returned"),
        pytest.param("150", "150", "0", (), id="two of 150 are 300 and fine"),
        pytest.param("99.99", "150", "0", BELOW, id="together a cent under"),
        pytest.param("100", "150", "0", (), id="together exactly the minimum"),
        pytest.param("0.01", "250", "0", (), id="a cent beside the minimum"),
        pytest.param("0", "250", "0", BELOW, id="nothing beside the minimum"),
        pytest.param("100", "0", "150", (), id="a deduction lifts the month to the minimum"),
        pytest.param("100", "0", "149.99", BELOW, id="a deduction that is a cent short"),
        pytest.param("250", "9750", "0", (), id="together exactly the maximum"),
        pytest.param("250.01", "9750", "0", ABOVE, id="together a cent over"),
        pytest.param("9900", "0", "500", (), id="a deduction gives way: it shrinks to what is left"),
        pytest.param("0.01", "10000", "0", ABOVE, id="a cent when the month is full"),
    ],
)
def test_the_limits_of_a_month_are_inclusive_and_count_all_together(
    amount: str, already: str, deductions: str, refusals: tuple[Refusal, ...]
) -> None:
    assert check_amount(usd(amount), usd(already), usd(deductions), TERMS) == refusals


def test_the_limits_are_those_of_the_terms_given() -> None:
    later = replace(TERMS, monthly_max=Money.of("100000"))
    assert check_amount(usd("100000.00"), usd("0"), usd("0"), later) == ()
    assert check_amount(usd("100000.01"), usd("0"), usd("0"), later) == ABOVE


GOES_BACK = {
    PurchaseOrderState.REJECTED,
    PurchaseOrderState.CANCELLED,
    PurchaseOrderState.EXPIRED,
    PurchaseOrderState.CARRIED_FORWARD,
    PurchaseOrderState.PAYMENT_RETURNED,
    PurchaseOrderState.REFUND_PENDING,
    PurchaseOrderState.REFUNDED,
    PurchaseOrderState.RECOUPMENT,
    PurchaseOrderState.RECOVERED,
    PurchaseOrderState.WRITTEN_OFF,
}


@pytest.mark.parametrize("state", list(PurchaseOrderState), ids=lambda state: state.name.lower())
def test_an_order_counts_unless_its_money_goes_back(state: PurchaseOrderState) -> None:
    counted = month_to_date([purchase(state=state)], PURCHASE_DATE)
    assert counted == usd("0" if state in GOES_BACK else "500")


def test_only_purchases_of_the_same_date_and_taxpayer_count() -> None:
    orders: list[Order] = [
        purchase(),
        purchase(id="P-2", amount=usd("300"), registration_id="reg-elsewhere"),
        purchase(id="P-3", purchase_date=date(2003, 12, 17)),
        purchase(id="P-4", registration_id="reg-minor"),
        sale(),
    ]
    assert month_to_date(orders, PURCHASE_DATE, {"reg-minor"}) == usd("800")
    assert month_to_date(orders, date(2003, 12, 17)) == usd("500")
    assert month_to_date([], PURCHASE_DATE) == usd("0")


@pytest.mark.parametrize("status", list(DeductionStatus), ids=lambda status: status.name.lower())
def test_only_an_active_deduction_brings_money(status: DeductionStatus) -> None:
    found = registration(account=account(deduction=deduction("300", status)))
    expected = usd("300" if status is DeductionStatus.ACTIVE else "0")
    assert elected_deductions([found], "taxpayer-ana") == expected


def test_the_deductions_of_one_taxpayer_are_added_up() -> None:
    held = [
        registration(account=account(deduction=deduction("300"))),
        registration(id="reg-2", account=account(deduction=deduction("250"))),
        registration(id="reg-3", account=account(deduction=deduction("9000")), taxpayer="taxpayer-son"),
        registration(id="reg-4", account=None),
    ]
    assert elected_deductions(held, "taxpayer-ana") == usd("550")


@pytest.mark.parametrize(
    ("changes", "status", "acknowledging", "refusals"),
    [
        pytest.param({}, StateStatus.OPEN, False, (), id="all in order"),
        pytest.param({}, StateStatus.CLOSED, False, (Refusal.STATE_CLOSED,), id="closed state"),
        pytest.param(
            {"acknowledged": frozenset()},
            StateStatus.OPEN,
            False,
            (Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,),
            id="prospectus not acknowledged",
        ),
        pytest.param(
            {"acknowledged": frozenset({"2003-01-01"})},
            StateStatus.OPEN,
            False,
            (Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,),
            id="only an older version acknowledged",
        ),
        pytest.param({"acknowledged": frozenset()}, StateStatus.OPEN, True, (), id="acknowledged in the same message"),
        pytest.param(
            {"account": account(status=AccountStatus.SUSPENDED)},
            StateStatus.OPEN,
            False,
            (Refusal.ACCOUNT_ON_HOLD,),
            id="suspended",
        ),
        pytest.param(
            {"account": None, "acknowledged": frozenset(), "holds": frozenset({Hold.LOST})},
            StateStatus.CLOSED,
            False,
            (
                Refusal.ACCOUNT_ON_HOLD,
                Refusal.STATE_CLOSED,
                Refusal.NOT_ENROLLED,
                Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,
            ),
            id="every reason at once, most serious first",
        ),
    ],
)
def test_who_may_buy_at_all(
    changes: dict[str, object], status: StateStatus, acknowledging: bool, refusals: tuple[Refusal, ...]
) -> None:
    prospectus = book().prospectuses[0]
    assert check_may_buy(registration(**changes), status, prospectus, acknowledging=acknowledging) == refusals


def test_a_new_version_must_be_acknowledged_before_the_next_order() -> None:
    refused = (Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,)
    newest = book().prospectus_on(date(2004, 1, 28))
    assert check_may_buy(registration(), StateStatus.OPEN, newest, acknowledging=False) == refused
