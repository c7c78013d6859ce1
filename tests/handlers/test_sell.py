"""Sell: settled plan shares, once a month, whatever the state of record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.contract import AcceptSale, Completed, NeedsInfo, Outcome, Referral, Referred, Refused, Snapshot
from handlers.decide import decide
from handlers.plan.accounts import AccountStatus, Hold, RegistrationKind
from handlers.plan.money import Shares
from handlers.plan.orders import Order, Portion
from handlers.plan.refusals import Refusal
from tests.specimens import (
    CUT_OFF,
    EASTERN,
    PURCHASE_DATE,
    account,
    bare,
    purchase,
    registration,
    request,
    sale,
    snapshot,
)


def outcome_of(known: Snapshot | None = None, **details: Any) -> Outcome:
    details.setdefault("shares", ["40"])
    return decide(request("sell", **details), known or snapshot())


def accepted(shares: str, portion: Portion | None = None) -> Outcome:
    order = AcceptSale("reg-ana", Shares.of(shares), portion, PURCHASE_DATE, CUT_OFF)
    return Completed((order,), personal=True)


@pytest.mark.parametrize(
    ("asked", "orders", "outcome"),
    [
        pytest.param("40", [], accepted("40"), id="a number"),
        pytest.param("12.375", [], accepted("12.375"), id="a number with a fraction"),
        pytest.param("150.5", [], accepted("150.5"), id="a number that is everything"),
        pytest.param("150.5001", [], Refused((Refusal.MORE_THAN_HELD,)), id="a fraction too many"),
        pytest.param(Portion.ALL, [], accepted("150.5", Portion.ALL), id="all"),
        pytest.param(Portion.HALF, [], accepted("75.25", Portion.HALF), id="half"),
        pytest.param(Portion.ALL, [sale()], accepted("110.5", Portion.ALL), id="all beside an open sale"),
        pytest.param(Portion.HALF, [sale()], accepted("75.25", Portion.HALF), id="half beside an open sale"),
        pytest.param(
            Portion.HALF,
            [sale(shares=Shares.of("100"))],
            Refused((Refusal.MORE_THAN_HELD,)),
            id="half of the position, but less is free",
        ),
        pytest.param("110.5", [sale()], accepted("110.5"), id="the rest beside an open sale"),
        pytest.param("110.5001", [sale()], Refused((Refusal.MORE_THAN_HELD,)), id="more than the rest"),
        pytest.param(
            "1", [sale(shares=Shares.of("150.5"))], Refused((Refusal.NO_PLAN_SHARES,)), id="all promised already"
        ),
        pytest.param("40", [purchase()], accepted("40"), id="a purchase in the same month changes nothing"),
    ],
)
def test_how_much_can_be_sold(asked: str | Portion, orders: list[Order], outcome: Outcome) -> None:
    assert bare(outcome_of(snapshot(orders=orders), shares=[asked])) == outcome


def test_shares_not_settled_cannot_be_sold() -> None:
    fresh = registration(account=account(settled_shares=Shares.of("100")))
    known = snapshot(registrations=[fresh])
    assert bare(outcome_of(known, shares=["100.0001"])) == Refused((Refusal.MORE_THAN_HELD,))
    assert bare(outcome_of(known, shares=[Portion.ALL])) == accepted("100", Portion.ALL)


def test_shares_registered_outside_the_program_cannot_be_sold() -> None:
    empty = registration(
        registered_shares=Shares.of("5000"), account=account(plan_shares=Shares.of("0"), settled_shares=Shares.of("0"))
    )
    assert bare(outcome_of(snapshot(registrations=[empty]))) == Refused((Refusal.NO_PLAN_SHARES,))


@pytest.mark.parametrize(
    ("shares", "is_everything"),
    [
        pytest.param(Portion.ALL, True, id="all"),
        pytest.param("150.5", True, id="the number that is all"),
        pytest.param("150.4999", False, id="all but a fraction"),
    ],
)
def test_who_sells_everything_is_told_what_then(shares: str | Portion, is_everything: bool) -> None:
    outcome = outcome_of(shares=[shares])
    assert isinstance(outcome, Completed)
    assert outcome.reply["is_everything"] is is_everything


@pytest.mark.parametrize(
    ("now", "settles"),
    [
        pytest.param("2003-11-05", "2003-11-24", id="three banking days in 2003"),
        pytest.param("2006-11-14", "2006-11-28", id="three across Thanksgiving"),
        pytest.param("2018-11-05", "2018-11-26", id="two across Thanksgiving"),
        pytest.param("2025-03-05", "2025-03-20", id="one today"),
    ],
)
def test_the_letter_says_when_the_sale_settles(now: str, settles: str) -> None:
    at = datetime.combine(date.fromisoformat(now), datetime.min.time(), tzinfo=EASTERN)
    outcome = outcome_of(snapshot(now=at))
    assert isinstance(outcome, Completed)
    assert outcome.reply["settles"] == date.fromisoformat(settles)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"state": "OH"}, accepted("40"), id="a closed state may sell"),
        pytest.param({"state": "TX"}, accepted("40"), id="an unknown state may sell"),
        pytest.param({"acknowledged": frozenset()}, accepted("40"), id="without the prospectus"),
        pytest.param({"account": account(status=AccountStatus.SUSPENDED)}, accepted("40"), id="suspended"),
        pytest.param({"kind": RegistrationKind.CUSTODIAL}, accepted("40"), id="the custodian sells"),
        pytest.param({"kind": RegistrationKind.JOINT}, Referred(Referral.JOINT_OWNERS), id="joint: all must confirm"),
        pytest.param({"kind": RegistrationKind.TRUST}, Referred(Referral.REGISTRATION_KIND), id="trust"),
        pytest.param({"country": "CA"}, Referred(Referral.NON_US), id="abroad"),
        pytest.param({"holds": frozenset({Hold.DECEASED})}, Referred(Referral.DEATH), id="a holder has died"),
        pytest.param({"holds": frozenset({Hold.LOST})}, Refused((Refusal.ACCOUNT_ON_HOLD,)), id="mail came back"),
        pytest.param({"account": None}, Refused((Refusal.NOT_ENROLLED,)), id="not enrolled"),
        pytest.param(
            {"sales_held_until": PURCHASE_DATE + timedelta(days=1)},
            Refused((Refusal.SALES_ON_HOLD,)),
            id="details changed lately",
        ),
        pytest.param({"sales_held_until": PURCHASE_DATE}, accepted("40"), id="the hold ends by the sale date"),
    ],
)
def test_who_may_sell(changes: dict[str, Any], outcome: Outcome) -> None:
    assert bare(outcome_of(snapshot(registrations=[registration(**changes)]))) == outcome


@pytest.mark.parametrize(
    ("details", "missing"),
    [
        pytest.param({"shares": []}, ("shares",), id="no number"),
        pytest.param({"shares": ["0"]}, ("shares",), id="none"),
        pytest.param({"shares": ["40", "50"]}, ("shares",), id="two numbers"),
        pytest.param({"shares": ["40", Portion.HALF]}, ("shares",), id="a number and half"),
        pytest.param({"shares": [], "amounts": ["3000"]}, ("shares",), id="dollars, not shares"),
        pytest.param({"shares": ["40"], "amounts": ["3000"]}, ("shares",), id="shares and dollars"),
        pytest.param({"frequencies": ["monthly"]}, ("once",), id="each month"),
        pytest.param({"days_of_month": [1]}, ("purchase_date",), id="another day"),
        pytest.param({"accounts": ["9999"]}, ("account",), id="an account that is not the sender's"),
    ],
)
def test_what_is_asked(details: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert bare(outcome_of(**details)) == NeedsInfo(missing)


def test_another_month_is_refused() -> None:
    assert bare(outcome_of(effective_dates=["2004-03"])) == Refused((Refusal.TIMED_ORDER,))


def test_nothing_to_sell_is_told_before_a_question() -> None:
    known = snapshot(orders=[sale(shares=Shares.of("150.5"))])
    assert bare(outcome_of(known, shares=[])) == Refused((Refusal.NO_PLAN_SHARES,))
