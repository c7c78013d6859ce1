"""Cancel order: the one meant, until its cut-off; never a guess between two."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.contract import CancelOrder, Completed, NeedsInfo, Outcome, Referral, Referred, Refused
from handlers.decide import decide
from handlers.plan.accounts import Hold, Registration, RegistrationKind
from handlers.plan.orders import Order, Portion, PurchaseOrderState, SaleOrderState
from handlers.plan.refusals import Refusal
from tests.specimens import (
    CUT_OFF,
    EASTERN,
    NOW,
    account,
    bare,
    deduction,
    purchase,
    registration,
    request,
    sale,
    snapshot,
    usd,
)

AFTER = CUT_OFF + timedelta(seconds=1)
NO_OPEN_ORDER, PAST_CUT_OFF = Refused((Refusal.NO_OPEN_ORDER,)), Refused((Refusal.PAST_CUT_OFF,))
WHICH = NeedsInfo(("order_id",))
NEXT_MONTH = {"purchase_date": date(2003, 12, 17), "cut_off": datetime(2003, 12, 10, 17, 0, tzinfo=EASTERN)}


def cancelled(*ids: str) -> Outcome:
    return Completed(tuple(CancelOrder(id) for id in ids), personal=True)


def outcome_of(
    orders: list[Order], now: datetime = NOW, held: tuple[Registration, ...] = (registration(),), **details: Any
) -> Outcome:
    return decide(request("cancel_order", **details), snapshot(now=now, orders=orders, registrations=held))


@pytest.mark.parametrize(
    ("orders", "details", "outcome"),
    [
        pytest.param([purchase()], {}, cancelled("P-00001"), id="the only one"),
        pytest.param([sale()], {}, cancelled("S-00001"), id="the only one, a sale"),
        pytest.param([], {}, NO_OPEN_ORDER, id="none at all"),
        pytest.param([purchase(), sale()], {}, WHICH, id="two: ask"),
        pytest.param([purchase(), sale()], {"order_ids": ["P-00001"]}, cancelled("P-00001"), id="two, one named"),
        pytest.param([purchase(), sale()], {"order_ids": ["p-00001"]}, cancelled("P-00001"), id="named in lower case"),
        pytest.param(
            [purchase(), sale()],
            {"order_ids": ["S-00001", "P-00001"]},
            cancelled("P-00001", "S-00001"),
            id="two, both named",
        ),
        pytest.param([purchase()], {"order_ids": ["P-9"]}, NO_OPEN_ORDER, id="a number that is not there"),
        pytest.param(
            [purchase()],
            {"order_ids": ["P-00001", "P-9"]},
            NO_OPEN_ORDER,
            id="two numbers, one not there: nothing is done",
        ),
        pytest.param([purchase(), sale()], {"amounts": ["500"]}, cancelled("P-00001"), id="told by its amount"),
        pytest.param([purchase(), sale()], {"shares": ["40"]}, cancelled("S-00001"), id="told by its shares"),
        pytest.param(
            [purchase(), sale(portion=Portion.ALL)], {"shares": [Portion.ALL]}, cancelled("S-00001"), id="told by all"
        ),
        pytest.param([purchase()], {"amounts": ["600"]}, WHICH, id="the only one, but another amount"),
        pytest.param(
            [purchase(), purchase(id="P-2", amount=usd("600"))],
            {"amounts": ["600"]},
            cancelled("P-2"),
            id="of two amounts",
        ),
        pytest.param([purchase(), purchase(id="P-2")], {"amounts": ["500"]}, WHICH, id="two of one amount"),
        pytest.param(
            [purchase(state=PurchaseOrderState.CANCELLED)], {}, NO_OPEN_ORDER, id="cancelled before, not named"
        ),
        pytest.param(
            [purchase(state=PurchaseOrderState.CANCELLED)],
            {"order_ids": ["P-00001"]},
            NO_OPEN_ORDER,
            id="cancelled before, named",
        ),
        pytest.param([purchase(state=PurchaseOrderState.LOCKED)], {}, PAST_CUT_OFF, id="locked, not named"),
        pytest.param(
            [purchase(state=PurchaseOrderState.FINAL)],
            {"order_ids": ["P-00001"]},
            PAST_CUT_OFF,
            id="carried out, named",
        ),
        pytest.param(
            [purchase(state=PurchaseOrderState.FINAL, purchase_date=date(2003, 10, 22))],
            {},
            NO_OPEN_ORDER,
            id="carried out last month, not named",
        ),
        pytest.param([purchase(registration_id="reg-elsewhere")], {}, NO_OPEN_ORDER, id="made from another address"),
        pytest.param(
            [purchase(registration_id="reg-elsewhere")],
            {"order_ids": ["P-00001"]},
            NO_OPEN_ORDER,
            id="made from another address, named",
        ),
        pytest.param([purchase()], {"accounts": ["4821"]}, cancelled("P-00001"), id="the account named"),
        pytest.param([purchase()], {"accounts": ["9999"]}, NeedsInfo(("account",)), id="no account of the sender's"),
    ],
)
def test_which_order_is_cancelled(orders: list[Order], details: dict[str, Any], outcome: Outcome) -> None:
    assert bare(outcome_of(orders, **details)) == outcome


@pytest.mark.parametrize(
    ("now", "orders", "details", "outcome"),
    [
        pytest.param(CUT_OFF, [purchase()], {}, cancelled("P-00001"), id="at the cut-off"),
        pytest.param(AFTER, [purchase()], {}, PAST_CUT_OFF, id="a second later"),
        pytest.param(AFTER, [purchase()], {"order_ids": ["P-00001"]}, PAST_CUT_OFF, id="a second later, named"),
        pytest.param(
            AFTER, [purchase(), purchase(id="P-2", **NEXT_MONTH)], {}, cancelled("P-2"), id="only next month's"
        ),
        pytest.param(
            AFTER,
            [purchase(), purchase(id="P-2", amount=usd("600"), **NEXT_MONTH)],
            {"amounts": ["500"]},
            PAST_CUT_OFF,
            id="the amount tells that the late one is meant",
        ),
        pytest.param(
            AFTER,
            [purchase(), purchase(id="P-2", **NEXT_MONTH)],
            {"order_ids": ["P-00001", "P-2"]},
            PAST_CUT_OFF,
            id="one of two is late: nothing is done",
        ),
        pytest.param(AFTER, [sale(state=SaleOrderState.LOCKED)], {}, PAST_CUT_OFF, id="a sale under way"),
    ],
)
def test_an_order_can_be_cancelled_until_its_cut_off(
    now: datetime, orders: list[Order], details: dict[str, Any], outcome: Outcome
) -> None:
    assert bare(outcome_of(orders, now, **details)) == outcome


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        pytest.param((), Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger"),
        pytest.param((registration(state="OH"),), cancelled("P-00001"), id="a closed state"),
        pytest.param((registration(holds=frozenset({Hold.LEGAL})),), cancelled("P-00001"), id="a legal hold"),
        pytest.param(
            (registration(holds=frozenset({Hold.DECEASED})),), Referred(Referral.DEATH), id="a holder has died"
        ),
        pytest.param((registration(kind=RegistrationKind.TRUST),), Referred(Referral.REGISTRATION_KIND), id="a trust"),
    ],
)
def test_who_may_cancel(held: tuple[Registration, ...], outcome: Outcome) -> None:
    assert bare(outcome_of([purchase()], held=held)) == outcome


@pytest.mark.parametrize(
    ("orders", "held", "too_little"),
    [
        pytest.param([purchase()], registration(), False, id="nothing is left"),
        pytest.param(
            [purchase(), purchase(id="P-2", amount=usd("249.99"))], registration(), True, id="a cent too little"
        ),
        pytest.param(
            [purchase(), purchase(id="P-2", amount=usd("250"))], registration(), False, id="exactly the minimum"
        ),
        pytest.param(
            [purchase(), purchase(id="P-2", amount=usd("100"))],
            registration(account=account(deduction=deduction("250"))),
            False,
            id="a deduction fills it up",
        ),
        pytest.param(
            [purchase(), purchase(id="P-2", amount=usd("100"), **NEXT_MONTH)], registration(), False, id="next month's"
        ),
    ],
)
def test_the_letter_warns_when_the_rest_falls_under_the_minimum(
    orders: list[Order], held: Registration, too_little: bool
) -> None:
    outcome = outcome_of(orders, held=(held,), order_ids=["P-00001"])
    assert isinstance(outcome, Completed)
    assert outcome.reply["leaves_too_little"] is too_little
