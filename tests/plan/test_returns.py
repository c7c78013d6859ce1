"""Payments that come back. PLAN "ACH return codes", "Returned before the PD", "Returned after the PD"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from handlers.plan.payments import NEXT_PAYMENT_STATE, PaymentEvent, PaymentKind, PaymentState
from handlers.plan.returns import (
    CHANGED_DETAILS,
    RETURN_ACTIONS,
    RETURN_MEANINGS,
    ChangedDetail,
    MoneyAfterReturn,
    ReturnAction,
    ReturnConsequence,
    consequence_of,
    is_change_of_bank_details,
    return_action,
)
from tests.specimens import CUT_OFF, PURCHASE_DATE, book

TERMS = book().on(PURCHASE_DATE)
BEFORE = CUT_OFF - timedelta(days=1)
S, M, A = PaymentState, MoneyAfterReturn, ReturnAction


def came_back(
    code: str = "R01",
    state: PaymentState = PaymentState.UNCOLLECTED,
    kind: PaymentKind = PaymentKind.DEBIT,
    changes: Mapping[str, object] = MappingProxyType({}),
) -> ReturnConsequence:
    known: dict[str, object] = {"presented_again": 0, "now": BEFORE, "cut_off": CUT_OFF, "terms": TERMS}
    return consequence_of(kind, code, state, **(known | dict(changes)))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("codes", "action"),
    [
        pytest.param("R01 R09", A.PRESENT_AGAIN, id="short of funds"),
        pytest.param("R02 R03 R04", A.STOP, id="no account to debit"),
        pytest.param("R07 R08 R10 R29", A.STOP_AND_REFER, id="its owner says no"),
        pytest.param("R14 R15", A.DECEASED_HOLD, id="somebody died"),
        pytest.param("R05 R11 R16 R20 R24 R31 R61 R85", A.REFER, id="whatever no rule names"),
        pytest.param("R00 R86 R99 r01 C01 1 R1", A.REFER, id="no code at all"),
    ],
)
def test_each_code_has_its_action(codes: str, action: ReturnAction) -> None:
    assert {return_action(code) for code in codes.split()} == {action}


def test_every_rule_is_of_a_code_that_exists_and_every_code_says_what_it_means() -> None:
    assert RETURN_ACTIONS.keys() < RETURN_MEANINGS.keys()
    assert {code for code in RETURN_MEANINGS if not ("R01" <= code <= "R85" and len(code) == 3)} == set()
    assert len(set(RETURN_MEANINGS.values())) == len(RETURN_MEANINGS)


@pytest.mark.parametrize(
    ("code", "state", "changes", "money"),
    [
        pytest.param("R01", S.UNCOLLECTED, {}, M.PRESENT_AGAIN, id="the first time"),
        pytest.param("R09", S.FILED, {"presented_again": 1}, M.PRESENT_AGAIN, id="the second time"),
        pytest.param("R01", S.FILED, {"presented_again": 2}, M.DROP_ORDER, id="never a third time"),
        pytest.param("R01", S.UNCOLLECTED, {"now": CUT_OFF}, M.PRESENT_AGAIN, id="at the cut-off"),
        pytest.param("R01", S.GOOD, {"now": CUT_OFF + timedelta(microseconds=1)}, M.DROP_ORDER, id="after the cut-off"),
        pytest.param("R01", S.FILED, {"terms": replace(TERMS, representments=0)}, M.DROP_ORDER, id="by no terms"),
        pytest.param("R01", S.HELD, {}, M.DROP_ORDER, id="never what a person holds"),
        pytest.param("R01", S.INVESTED, {}, M.HOLD_LOT, id="never what is invested"),
        pytest.param("R01", S.REFUND_PENDING, {}, M.DROP_REFUND, id="never what goes back anyway"),
        pytest.param("R02", S.UNCOLLECTED, {}, M.DROP_ORDER, id="an account that is closed"),
        pytest.param("R24", S.UNCOLLECTED, {}, M.DROP_ORDER, id="a code without a rule"),
    ],
)
def test_a_debit_is_presented_again_before_the_cut_off_and_twice_at_most(
    code: str, state: PaymentState, changes: dict[str, object], money: MoneyAfterReturn
) -> None:
    assert came_back(code, state, changes=changes).money is money


@pytest.mark.parametrize(
    ("state", "money", "needs_person"),
    [
        pytest.param(S.FILED, M.DROP_ORDER, False, id="before its day"),
        pytest.param(S.UNMATCHED, M.FORGET, False, id="whose it is nobody knew"),
        pytest.param(S.HELD, M.DROP_ORDER, False, id="while a person held it"),
        pytest.param(S.UNCOLLECTED, M.DROP_ORDER, False, id="before it was collected"),
        pytest.param(S.GOOD, M.DROP_ORDER, False, id="after it seemed good"),
        pytest.param(S.INVESTED, M.HOLD_LOT, True, id="after shares were bought"),
        pytest.param(S.REFUND_PENDING, M.DROP_REFUND, False, id="before its refund was sent"),
        pytest.param(S.REFUNDED, M.OWED, True, id="after its refund was sent"),
        pytest.param(S.RETURNED, M.ALREADY_RETURNED, True, id="a second time"),
    ],
)
def test_what_becomes_of_the_money_follows_from_how_far_it_had_come(
    state: PaymentState, money: MoneyAfterReturn, needs_person: bool
) -> None:
    for kind, code in ((PaymentKind.CHECK, "NSF"), (PaymentKind.DEBIT, "R02")):
        found = came_back(code, state, kind)
        assert (found.money, found.needs_person) == (money, needs_person)


@pytest.mark.parametrize(
    ("code", "ends", "death", "person"),
    [
        pytest.param("R01", False, False, False, id="short of funds: it goes on"),
        pytest.param("R02", True, False, False, id="closed: it ends"),
        pytest.param("R10", True, False, True, id="not authorized: it ends, and staff"),
        pytest.param("R15", True, True, True, id="a death: it ends, held, and staff"),
        pytest.param("R16", False, False, True, id="frozen: staff decide"),
        pytest.param("R99", False, False, True, id="an unknown code: staff decide"),
    ],
)
def test_what_becomes_of_the_instruction_follows_from_the_code(
    code: str, ends: bool, death: bool, person: bool
) -> None:
    for state in (S.FILED, S.UNCOLLECTED, S.GOOD):
        found = came_back(code, state)
        assert (found.ends_instruction, found.is_death, found.needs_person) == (ends, death, person)
    assert came_back(code, S.INVESTED).needs_person


@pytest.mark.parametrize("code", ["R01", "R10", "R15", "not sufficient funds", ""])
def test_a_returned_check_is_never_presented_again_and_stops_no_deduction(code: str) -> None:
    found = came_back(code, kind=PaymentKind.CHECK)
    assert found == ReturnConsequence(M.DROP_ORDER, ends_instruction=False, is_death=False, needs_person=False)


@pytest.mark.parametrize("state", list(PaymentState), ids=lambda state: state.name.lower())
def test_every_return_has_a_consequence_that_the_states_allow(state: PaymentState) -> None:
    found = came_back("R01", state)
    if found.money is not M.ALREADY_RETURNED:
        following = NEXT_PAYMENT_STATE[state][PaymentEvent.RETURN]
        assert (PaymentEvent.PRESENT_AGAIN in NEXT_PAYMENT_STATE[following]) is True


@pytest.mark.parametrize(
    ("code", "details", "is_taken_over"),
    [
        pytest.param("C01", {ChangedDetail.ACCOUNT_NUMBER}, True, id="account"),
        pytest.param("C02", {ChangedDetail.ROUTING_NUMBER}, True, id="routing number"),
        pytest.param("C03", {ChangedDetail.ROUTING_NUMBER, ChangedDetail.ACCOUNT_NUMBER}, True, id="both"),
        pytest.param("C04", {ChangedDetail.NAME}, False, id="name"),
        pytest.param("C05", {ChangedDetail.ACCOUNT_TYPE}, True, id="checking or savings"),
        pytest.param(
            "C06", {ChangedDetail.ACCOUNT_NUMBER, ChangedDetail.ACCOUNT_TYPE}, True, id="account and its type"
        ),
        pytest.param(
            "C07",
            {ChangedDetail.ROUTING_NUMBER, ChangedDetail.ACCOUNT_NUMBER, ChangedDetail.ACCOUNT_TYPE},
            True,
            id="all of the bank's",
        ),
        pytest.param("C08", {ChangedDetail.FOREIGN_BANK}, False, id="a foreign bank"),
        pytest.param("C09", {ChangedDetail.INDIVIDUAL_ID}, False, id="identification"),
    ],
)
def test_each_notification_of_change_says_what_it_corrects(
    code: str, details: set[ChangedDetail], is_taken_over: bool
) -> None:
    assert CHANGED_DETAILS[code] == details
    assert is_change_of_bank_details(code) is is_taken_over


@pytest.mark.parametrize("code", ["C10", "C99", "R01", ""])
def test_an_unknown_notification_goes_to_a_person(code: str) -> None:
    assert not is_change_of_bank_details(code)
