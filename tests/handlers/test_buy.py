"""Buy: an order in dollars for the coming purchase date, or why not, or what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.contract import (
    AcceptPurchase,
    Assurance,
    Completed,
    Intent,
    NeedsInfo,
    Outcome,
    RecordAcknowledgement,
    Referral,
    Referred,
    Refused,
    Snapshot,
)
from handlers.decide import decide
from handlers.plan.accounts import AccountStatus, DeductionStatus, Hold, Registration, RegistrationKind
from handlers.plan.money import Money
from handlers.plan.orders import Order, PaymentMethod, Portion, PurchaseOrder, PurchaseOrderState
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateEntry, StateList, StateStatus
from handlers.registry import handler_for
from tests.specimens import (
    CUT_OFF,
    EASTERN,
    NOW,
    PROSPECTUS,
    PURCHASE_DATE,
    account,
    bare,
    book,
    deduction,
    purchase,
    registration,
    request,
    snapshot,
    usd,
)

CHECK, DEDUCTION = PaymentMethod.CHECK, PaymentMethod.AUTOMATIC_DEDUCTION
DEBITED = registration(account=account(deduction=deduction()))


def order(amount: str = "500", **changes: Any) -> AcceptPurchase:
    return replace(AcceptPurchase("reg-ana", usd(amount), CHECK, PURCHASE_DATE, CUT_OFF), **changes)


def outcome_of(known: Snapshot | None = None, topics: Iterable[str] = (), **details: Any) -> Outcome:
    details.setdefault("amounts", ["500"])
    return decide(request("buy", topics=topics, **details), known or snapshot())


def accepted(known: Snapshot | None = None, **details: Any) -> AcceptPurchase:
    outcome = outcome_of(known, **details)
    assert isinstance(outcome, Completed), outcome
    (effect,) = outcome.effects
    assert isinstance(effect, AcceptPurchase)
    return effect


def refusals(known: Snapshot | None = None, **details: Any) -> tuple[Refusal, ...]:
    outcome = outcome_of(known, **details)
    return outcome.refusals if isinstance(outcome, Refused) else ()


def test_a_purchase_is_by_check_for_the_coming_date_unless_it_says_otherwise() -> None:
    outcome = outcome_of()
    assert bare(outcome) == Completed((order(),), personal=True)
    assert isinstance(outcome, Completed)
    assert outcome.reply["month_to_date"] == usd("500")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("249.99", (Refusal.BELOW_MINIMUM,), id="a cent under"),
        pytest.param("250.00", (), id="exactly the minimum"),
        pytest.param("10000.00", (), id="exactly the maximum"),
        pytest.param("10000.01", (Refusal.ABOVE_MONTHLY_MAXIMUM,), id="a cent over: refused, never capped"),
        pytest.param("0", (Refusal.BELOW_MINIMUM,), id="nothing"),
    ],
)
def test_the_limits(amount: str, expected: tuple[Refusal, ...]) -> None:
    assert refusals(amounts=[amount]) == expected
    if not expected:
        assert accepted(amounts=[amount]).amount == usd(amount)


@pytest.mark.parametrize(
    ("amount", "orders", "expected"),
    [
        pytest.param("150", [purchase(amount=usd("150"))], (), id="two of 150 reach the minimum"),
        pytest.param("250", [purchase(amount=usd("9750"))], (), id="together exactly the maximum"),
        pytest.param(
            "250.01", [purchase(amount=usd("9750"))], (Refusal.ABOVE_MONTHLY_MAXIMUM,), id="together a cent over"
        ),
        pytest.param(
            "250",
            [purchase(amount=usd("10000"), registration_id="reg-at-another-address")],
            (Refusal.ABOVE_MONTHLY_MAXIMUM,),
            id="the taxpayer's orders from another address count",
        ),
        pytest.param(
            "10000", [purchase(amount=usd("10000"), purchase_date=date(2003, 10, 22))], (), id="last month's do not"
        ),
        pytest.param(
            "150",
            [purchase(amount=usd("150"), purchase_date=date(2003, 12, 17))],
            (Refusal.BELOW_MINIMUM,),
            id="next month's do not help",
        ),
    ],
)
def test_orders_for_the_same_date_count_together(
    amount: str, orders: list[Order], expected: tuple[Refusal, ...]
) -> None:
    assert refusals(snapshot(orders=orders), amounts=[amount]) == expected


def test_a_minors_account_in_ones_custody_is_another_taxpayers() -> None:
    minor = registration(id="reg-minor", taxpayer="taxpayer-minor", account_number="A100-0007777")
    known = snapshot(
        registrations=[registration(), minor], orders=[purchase(amount=usd("10000"), registration_id="reg-minor")]
    )
    assert accepted(known, accounts=["4821"]).registration_id == "reg-ana"
    assert refusals(known, accounts=["7777"]) == (Refusal.ABOVE_MONTHLY_MAXIMUM,)


def test_an_active_deduction_helps_to_the_minimum_and_gives_way_at_the_maximum() -> None:
    known = snapshot(registrations=[DEBITED])
    assert accepted(known, amounts=["50"]).amount == usd("50")
    assert accepted(known, amounts=["10000"]).amount == usd("10000")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"account": None}, (Refusal.NOT_ENROLLED,), id="not enrolled"),
        pytest.param({"state": "OH"}, (Refusal.STATE_CLOSED,), id="closed state"),
        pytest.param(
            {"acknowledged": frozenset()}, (Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,), id="prospectus not acknowledged"
        ),
        pytest.param({"holds": frozenset({Hold.LEGAL})}, (Refusal.ACCOUNT_ON_HOLD,), id="legal hold"),
        pytest.param({"account": account(status=AccountStatus.SUSPENDED)}, (Refusal.ACCOUNT_ON_HOLD,), id="suspended"),
        pytest.param(
            {"account": account(status=AccountStatus.TERMINATION_REQUESTED)},
            (Refusal.TERMINATION_UNDER_WAY,),
            id="leaving",
        ),
    ],
)
def test_who_is_refused(changes: dict[str, Any], expected: tuple[Refusal, ...]) -> None:
    assert refusals(snapshot(registrations=[registration(**changes)])) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"state": "TX"}, Referral.STATE_UNKNOWN, id="unknown state"),
        pytest.param({"state": ""}, Referral.STATE_UNKNOWN, id="no state of record"),
        pytest.param({"country": "CA", "state": ""}, Referral.NON_US, id="abroad"),
        pytest.param({"kind": RegistrationKind.TRUST}, Referral.REGISTRATION_KIND, id="trust"),
        pytest.param({"kind": RegistrationKind.IRA}, Referral.REGISTRATION_KIND, id="retirement account"),
        pytest.param({"kind": RegistrationKind.ENTITY}, Referral.REGISTRATION_KIND, id="entity"),
        pytest.param({"holds": frozenset({Hold.DECEASED})}, Referral.DEATH, id="a holder has died"),
    ],
)
def test_who_goes_to_a_person(changes: dict[str, Any], reason: Referral) -> None:
    assert bare(outcome_of(snapshot(registrations=[registration(**changes)]))) == Referred(reason)


@pytest.mark.parametrize("kind", [RegistrationKind.JOINT, RegistrationKind.CUSTODIAL], ids=["joint", "custodial"])
def test_any_joint_owner_and_a_custodian_may_buy(kind: RegistrationKind) -> None:
    assert accepted(snapshot(registrations=[registration(kind=kind)])) == order()


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        pytest.param(
            [("NJ", StateStatus.OPEN, "2003-11-01"), ("NJ", StateStatus.CLOSED, "2003-11-19")],
            Refused((Refusal.STATE_CLOSED,)),
            id="closes by the purchase date",
        ),
        pytest.param(
            [("NJ", StateStatus.CLOSED, "2003-11-01"), ("NJ", StateStatus.OPEN, "2003-11-06")],
            Refused((Refusal.STATE_CLOSED,)),
            id="opens only tomorrow",
        ),
        pytest.param(
            [("NJ", StateStatus.OPEN, "2003-11-01"), ("NJ", StateStatus.CLOSED, "2003-11-20")],
            Completed((order(),), personal=True),
            id="closes the day after the purchase date",
        ),
    ],
)
def test_the_state_counts_today_and_on_the_purchase_date(
    entries: list[tuple[str, StateStatus, str]], outcome: Outcome
) -> None:
    listed = StateList(tuple(StateEntry(code, status, date.fromisoformat(day)) for code, status, day in entries))
    assert bare(outcome_of(snapshot(state_list=listed))) == outcome


def test_a_new_prospectus_must_be_acknowledged_first() -> None:
    last = datetime(2004, 1, 27, 12, 0, tzinfo=EASTERN)
    assert refusals(snapshot(now=last)) == ()
    first = last + timedelta(days=1)
    assert refusals(snapshot(now=first)) == (Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,)
    both = registration(acknowledged=frozenset({PROSPECTUS, "2004-01-28"}))
    assert refusals(snapshot(now=first, registrations=[both])) == ()


def test_an_acknowledgement_in_the_same_message_is_recorded_before_the_order() -> None:
    known = snapshot(registrations=[registration(acknowledged=frozenset())])
    outcome = outcome_of(known, topics=["acknowledge"])
    assert isinstance(outcome, Completed)
    assert outcome.effects == (RecordAcknowledgement("reg-ana", PROSPECTUS), order())


@pytest.mark.parametrize(
    ("details", "missing"),
    [
        pytest.param({"amounts": []}, ("amount",), id="no amount"),
        pytest.param({"amounts": ["500", "600"]}, ("amount",), id="two amounts"),
        pytest.param({"amounts": [], "shares": ["500"]}, ("amount",), id="shares, not dollars"),
        pytest.param({"amounts": [], "shares": [Portion.ALL]}, ("amount",), id="all, of what"),
        pytest.param({"amounts": ["500"], "shares": ["300"]}, ("amount",), id="dollars and shares"),
        pytest.param({"payment_methods": [CHECK, DEDUCTION]}, ("payment_method",), id="two ways to pay"),
        pytest.param({"payment_methods": [DEDUCTION]}, ("payment_method",), id="a deduction nobody authorised"),
        pytest.param({"frequencies": ["monthly"]}, ("once_or_monthly",), id="a purchase each month"),
        pytest.param({"days_of_month": [25]}, ("purchase_date",), id="another day of the month"),
        pytest.param({"effective_dates": ["2003-11-20"]}, ("purchase_date",), id="the day after"),
        pytest.param({"effective_dates": ["soon"]}, ("purchase_date",), id="a date that cannot be read"),
        pytest.param({"accounts": ["9999"]}, ("account",), id="an account that is not the sender's"),
        pytest.param(
            {"amounts": [], "payment_methods": [DEDUCTION], "days_of_month": [1]},
            ("amount", "payment_method", "purchase_date"),
            id="all questions at once",
        ),
    ],
)
def test_what_is_asked(details: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert bare(outcome_of(**details)) == NeedsInfo(missing)


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"amounts": ["500", "500.00"]}, id="one amount written twice"),
        pytest.param({"frequencies": ["once"]}, id="once"),
        pytest.param({"days_of_month": [19]}, id="the purchase date's day"),
        pytest.param({"effective_dates": ["2003-11"]}, id="this month"),
        pytest.param({"effective_dates": ["2003-11-19", "--11"]}, id="the purchase date, said twice"),
        pytest.param({"payment_methods": [CHECK]}, id="by check"),
        pytest.param({"accounts": ["****4821"]}, id="the account as we show it"),
        pytest.param({"states": ["OH"]}, id="a state is no matter of an order: that of record counts"),
    ],
)
def test_what_needs_no_question(details: dict[str, Any]) -> None:
    assert accepted(**details) == order()


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"effective_dates": ["2003-12"]}, id="next month"),
        pytest.param({"effective_dates": ["--01-21"]}, id="January"),
        pytest.param({"effective_dates": ["2004-11-19"]}, id="next year"),
        pytest.param({"effective_dates": ["2003-11-19", "2003-12-17"]}, id="this month and the next"),
    ],
)
def test_another_month_is_refused_and_never_silently_changed(details: dict[str, Any]) -> None:
    assert refusals(**details) == (Refusal.TIMED_ORDER,)


def test_a_refusal_is_told_before_a_question() -> None:
    known = snapshot(registrations=[registration(state="OH")])
    assert refusals(known, amounts=[]) == (Refusal.STATE_CLOSED,)


@pytest.mark.parametrize(
    "status", [DeductionStatus.ACTIVE, DeductionStatus.PAUSED], ids=lambda status: status.name.lower()
)
def test_an_authorised_deduction_can_pay_a_single_purchase(status: DeductionStatus) -> None:
    known = snapshot(registrations=[registration(account=account(deduction=deduction("300", status)))])
    assert accepted(known, payment_methods=[DEDUCTION]) == order(payment_method=DEDUCTION)


@pytest.mark.parametrize(
    ("now", "purchase_date"),
    [
        pytest.param(CUT_OFF, date(2003, 11, 19), id="at the cut-off"),
        pytest.param(CUT_OFF + timedelta(seconds=1), date(2003, 12, 17), id="a second later: the next date"),
    ],
)
def test_a_late_order_goes_to_the_next_date(now: datetime, purchase_date: date) -> None:
    assert accepted(snapshot(now=now)).purchase_date == purchase_date


def test_the_limits_are_those_in_force_on_the_purchase_date() -> None:
    first = book().history[0]
    raised = replace(first, effective=PURCHASE_DATE, monthly_max=Money.of("100000"))
    plan_book = replace(book(), history=(first, raised))
    assert accepted(snapshot(plan_book=plan_book), amounts=["100000"]).amount == usd("100000")
    late = replace(plan_book, history=(first, replace(raised, effective=PURCHASE_DATE + timedelta(days=1))))
    assert refusals(snapshot(plan_book=late), amounts=["100000"]) == (Refusal.ABOVE_MONTHLY_MAXIMUM,)


TWO = (registration(), registration(id="reg-2", account_number="A100-0007777"))


@pytest.mark.parametrize(
    ("held", "accounts", "expected"),
    [
        pytest.param(TWO, [], None, id="two active: ask"),
        pytest.param(TWO, ["7777"], "reg-2", id="two active, one named"),
        pytest.param((TWO[0], replace(TWO[1], account=None)), [], "reg-ana", id="one active"),
        pytest.param((replace(TWO[0], account=None), TWO[1]), [], "reg-2", id="the other active"),
    ],
)
def test_which_account_buys(held: tuple[Registration, ...], accounts: list[str], expected: str | None) -> None:
    outcome = outcome_of(snapshot(registrations=held), accounts=accounts)
    if expected is None:
        assert bare(outcome) == NeedsInfo(("account",))
    else:
        assert bare(outcome) == Completed((order(registration_id=expected),), personal=True)


def test_the_outcome_holds_no_clock_and_no_number_of_its_own() -> None:
    first, second = outcome_of(), outcome_of(snapshot(now=NOW + timedelta(days=3)))
    assert isinstance(first, Completed)
    assert isinstance(second, Completed)
    assert first.effects == second.effects


def needed(known: Snapshot, amount: str) -> Assurance:
    outcome = outcome_of(known, amounts=[amount])
    assert isinstance(outcome, Completed)
    return handler_for(Intent("buy")).required(outcome, known)


@pytest.mark.parametrize(
    ("before", "amount", "assurance"),
    [
        pytest.param((), "5000", Assurance.CONFIRMED, id="just what is large"),
        pytest.param((), "5000.01", Assurance.OUT_OF_BAND, id="above it"),
        pytest.param((), "10000", Assurance.OUT_OF_BAND, id="the maximum"),
        pytest.param(("4000",), "1000", Assurance.CONFIRMED, id="two orders that come to just that"),
        pytest.param(("4000",), "1000.01", Assurance.OUT_OF_BAND, id="a large order cut in two"),
        pytest.param(("2000", "1500"), "1600", Assurance.OUT_OF_BAND, id="a large order cut in three"),
    ],
)
def test_more_than_a_code_is_needed_for_a_large_sum_of_one_month(
    before: tuple[str, ...], amount: str, assurance: Assurance
) -> None:
    orders = [
        purchase(id=f"P-{number}", amount=usd(one), purchase_date=PURCHASE_DATE) for number, one in enumerate(before)
    ]
    assert needed(snapshot(orders=orders), amount) is assurance


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(purchase(amount=usd("4000"), state=PurchaseOrderState.CANCELLED), id="canceled"),
        pytest.param(purchase(amount=usd("4000"), purchase_date=date(2003, 12, 17)), id="for another month"),
        pytest.param(purchase(amount=usd("4000"), registration_id="reg-minor"), id="another taxpayer's"),
    ],
)
def test_an_order_that_does_not_count_toward_the_month_makes_no_purchase_large(other: PurchaseOrder) -> None:
    minor = registration(id="reg-minor", taxpayer="tin-minor", account=None)
    assert needed(snapshot(registrations=[registration(), minor], orders=[other]), "4000") is Assurance.CONFIRMED


@pytest.mark.parametrize(
    ("effective", "assurance"),
    [
        pytest.param(PURCHASE_DATE, Assurance.CONFIRMED, id="in force on the purchase date"),
        pytest.param(PURCHASE_DATE + timedelta(days=1), Assurance.OUT_OF_BAND, id="in force later"),
    ],
)
def test_no_purchase_is_large_where_the_terms_of_the_purchase_date_say_so(
    effective: date, assurance: Assurance
) -> None:
    first = book().history[0]
    later = replace(first, effective=effective, large_purchase=None)
    assert needed(snapshot(plan_book=replace(book(), history=(first, later))), "10000") is assurance
