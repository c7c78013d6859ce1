"""A payment's states and days, and whose a check is. PLAN "Which month", "Good funds", "How to pay"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.accounts import AccountStatus, Hold, RegistrationKind
from handlers.plan.calendar import purchase_month
from handlers.plan.orders import Order, PaymentMethod, PurchaseOrderState
from handlers.plan.payments import (
    FIRST_PAYMENT_STATES,
    NEXT_PAYMENT_STATE,
    Doubt,
    Held,
    Matched,
    OwnOrder,
    PaymentEvent,
    PaymentKind,
    PaymentState,
    ReceivedCheck,
    Unmatched,
    day_received,
    doubts_of_holder,
    good_on,
    match_check,
    purchase_month_of,
    return_risk_until,
)
from handlers.plan.states import StateStatus
from tests.specimens import EASTERN, PURCHASE_DATE, account, book, calendar, purchase, registration, sale, states, usd

TERMS = book().on(PURCHASE_DATE)
MONTH = purchase_month(2003, 11, calendar(), book())
RECEIVED = datetime(2003, 11, 10, 9, 30, tzinfo=EASTERN)


def check(**changes: object) -> ReceivedCheck:
    """A check of $500 of Ana's own, all in order."""
    found = ReceivedCheck(
        amount=usd("500"), currency="USD", check_date=date(2003, 11, 7), payer="Ana B. Smith", received_at=RECEIVED
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # the names of its fields


def matched(received: ReceivedCheck, *orders: Order, **changes: object) -> object:
    return match_check(received, registration(**changes), orders, MONTH, states(), book())


@pytest.mark.parametrize(
    ("received", "good", "cannot_come_back_after"),
    [
        pytest.param("2003-11-12", "2003-11-19", "2003-11-26", id="at the cut-off: good on the purchase date"),
        pytest.param("2003-11-10", "2003-11-18", "2003-11-25", id="over Veterans Day, when banks are closed"),
        pytest.param("2003-11-08", "2003-11-17", "2003-11-24", id="on a Saturday"),
        pytest.param("2003-11-24", "2003-12-02", "2003-12-09", id="over Thanksgiving"),
        pytest.param("2004-02-26", "2004-03-04", "2004-03-11", id="over a leap day that is a Sunday"),
        pytest.param("2004-06-08", "2004-06-16", "2004-06-23", id="over Reagan's funeral"),
        pytest.param("2004-11-10", "2004-11-18", "2004-11-26", id="at a cut-off before a bank holiday: too late"),
    ],
)
def test_a_check_is_good_after_five_banking_sessions_and_at_risk_for_ten(
    received: str, good: str, cannot_come_back_after: str
) -> None:
    day = date.fromisoformat(received)
    assert good_on(day, calendar(), TERMS).isoformat() == good
    assert return_risk_until(PaymentKind.CHECK, day, calendar(), TERMS).isoformat() == cannot_come_back_after


@pytest.mark.parametrize(
    ("received", "until"),
    [
        pytest.param("2003-11-10", "2004-01-09", id="over the new year"),
        pytest.param("2004-01-15", "2004-03-15", id="over a leap day"),
        pytest.param("2003-01-15", "2003-03-16", id="over no leap day"),
    ],
)
def test_a_debit_may_come_back_for_sixty_calendar_days(received: str, until: str) -> None:
    day = date.fromisoformat(received)
    assert return_risk_until(PaymentKind.DEBIT, day, calendar(), TERMS).isoformat() == until


@pytest.mark.parametrize(
    ("received", "good"),
    [
        pytest.param("2003-11-10", "2003-11-10", id="on a banking session"),
        pytest.param("2003-11-11", "2003-11-12", id="on a bank holiday"),
        pytest.param("2003-11-08", "2003-11-10", id="on a Saturday"),
    ],
)
def test_good_at_once_is_still_a_banking_session(received: str, good: str) -> None:
    at_once = replace(TERMS, good_funds_sessions=0)
    assert good_on(date.fromisoformat(received), calendar(), at_once).isoformat() == good


@pytest.mark.parametrize(
    ("received", "purchase_date"),
    [
        pytest.param("2003-11-12T17:00:00-05:00", "2003-11-19", id="at the cut-off"),
        pytest.param("2003-11-12T14:00:00-08:00", "2003-11-19", id="at the cut-off, by a clock in the west"),
        pytest.param("2003-11-12T17:00:00.000001-05:00", "2003-12-17", id="a moment later"),
        pytest.param("2003-11-12T22:00:01+00:00", "2003-12-17", id="a second later, in universal time"),
        pytest.param("2003-12-31T23:59:59-05:00", "2004-01-21", id="at the end of a year"),
        pytest.param("2004-02-29T12:00:00-05:00", "2004-03-17", id="on a leap day"),
    ],
)
def test_the_instant_of_receipt_decides_the_month(received: str, purchase_date: str) -> None:
    found = purchase_month_of(datetime.fromisoformat(received), calendar(), book())
    assert found.purchase_date.isoformat() == purchase_date


def test_a_day_of_receipt_is_the_plans_own() -> None:
    assert day_received(datetime.fromisoformat("2003-11-13T03:00:00+00:00"), book()) == date(2003, 11, 12)


@given(st.datetimes(datetime(2003, 11, 5), datetime(2025, 12, 31)))
def test_no_payment_is_good_before_it_is_received_nor_safe_before_it_is_good(at: datetime) -> None:
    day = at.date()
    good = good_on(day, calendar(), TERMS)
    assert day < good <= return_risk_until(PaymentKind.CHECK, day, calendar(), TERMS)
    assert calendar().is_banking_session(good)
    assert purchase_month_of(at.replace(tzinfo=EASTERN), calendar(), book()).cut_off >= at.replace(tzinfo=EASTERN)


LATER = purchase().received_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param([purchase()], "P-00001", id="the one order"),
        pytest.param([purchase(amount=usd("300"))], "P-00001", id="the one order, for another amount"),
        pytest.param(
            [purchase(amount=usd("300")), purchase(id="P-2", received_at=LATER)], "P-2", id="the same amount goes first"
        ),
        pytest.param([purchase(id="P-2", received_at=LATER), purchase()], "P-00001", id="of equal ones the oldest"),
        pytest.param([purchase(id="P-2"), purchase()], "P-00001", id="of equal age by number"),
        pytest.param(
            [purchase(id="P-2", amount=usd("700"), received_at=LATER), purchase(amount=usd("300"))],
            "P-00001",
            id="without the same amount the oldest",
        ),
        pytest.param([], None, id="no order"),
        pytest.param([sale()], None, id="a sale only"),
        pytest.param([purchase(registration_id="reg-son")], None, id="somebody else's order"),
        pytest.param([purchase(purchase_date=date(2003, 12, 17))], None, id="an order of another month"),
        pytest.param([purchase(payment_method=PaymentMethod.AUTOMATIC_DEDUCTION)], None, id="an order to be debited"),
        pytest.param([purchase(state=PurchaseOrderState.UNCOLLECTED)], None, id="an order that has its check"),
        pytest.param([purchase(state=PurchaseOrderState.CANCELLED)], None, id="a cancelled order"),
        pytest.param([purchase(state=PurchaseOrderState.HELD)], None, id="an order that is held"),
    ],
)
def test_a_check_pays_for_the_order_that_awaits_it_or_is_an_order_itself(
    orders: list[Order], expected: str | None
) -> None:
    found = matched(check(), *orders)
    if expected is None:
        assert found == OwnOrder("reg-ana")
    else:
        assert isinstance(found, Matched)
        assert found.order.id == expected


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        pytest.param({"currency": "CAD"}, Doubt.NOT_US_DOLLARS, id="Canadian dollars"),
        pytest.param({"currency": ""}, Doubt.NOT_US_DOLLARS, id="no currency"),
        pytest.param({"amount": usd("0")}, Doubt.NO_AMOUNT, id="nothing"),
        pytest.param({"check_date": date(2003, 11, 11)}, Doubt.POST_DATED, id="dated tomorrow"),
        pytest.param({"check_date": None}, Doubt.UNDATED, id="not dated"),
        pytest.param({"payer": "Joe Jones"}, Doubt.THIRD_PARTY_PAYER, id="somebody else's check"),
        pytest.param({"payer": " "}, Doubt.PAYER_NOT_NAMED, id="nobody's check"),
    ],
)
def test_a_doubtful_check_waits_for_a_person_with_or_without_an_order(changes: dict[str, object], doubt: Doubt) -> None:
    assert matched(check(**changes)) == Held((doubt,))
    assert matched(check(**changes), purchase()) == Held((doubt,), purchase())


def test_a_check_dated_on_the_day_of_receipt_is_in_order() -> None:
    assert matched(check(check_date=date(2003, 11, 10))) == OwnOrder("reg-ana")
    evening = datetime.fromisoformat("2003-11-11T02:00:00+00:00")
    assert matched(check(check_date=date(2003, 11, 11), received_at=evening)) == Held((Doubt.POST_DATED,))


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        *(
            pytest.param({"holds": frozenset({hold})}, Doubt.ACCOUNT_ON_HOLD, id=hold.name.lower().replace("_", " "))
            for hold in Hold
        ),
        pytest.param(
            {"account": account(status=AccountStatus.SUSPENDED)}, Doubt.ACCOUNT_ON_HOLD, id="a suspended account"
        ),
        pytest.param({"account": None}, Doubt.NOT_ENROLLED, id="not enrolled"),
        pytest.param({"account": account(status=AccountStatus.NIGO)}, Doubt.NOT_ENROLLED, id="a form not in order"),
        pytest.param(
            {"account": account(status=AccountStatus.TERMINATED)}, Doubt.TERMINATION_UNDER_WAY, id="an account closed"
        ),
        pytest.param({"state": "OH"}, Doubt.STATE_CLOSED, id="a closed state"),
        pytest.param({"state": "TX"}, Doubt.STATE_UNKNOWN, id="a state nobody has entered"),
        pytest.param({"country": "CA", "state": ""}, Doubt.LIVES_ABROAD, id="abroad"),
        pytest.param({"acknowledged": frozenset()}, Doubt.PROSPECTUS_NOT_ACKNOWLEDGED, id="no prospectus acknowledged"),
    ],
)
def test_money_of_who_may_not_buy_waits_for_a_person(changes: dict[str, object], doubt: Doubt) -> None:
    assert matched(check(), **changes) == Held((doubt,))
    assert matched(check(), purchase(), **changes) == Held((doubt,), purchase())


def test_a_state_that_closes_by_the_purchase_date_is_closed() -> None:
    closing = states(NJ=StateStatus.CLOSED)
    assert match_check(check(), registration(), [], MONTH, closing, book()) == Held((Doubt.STATE_CLOSED,))


def test_a_new_prospectus_must_be_acknowledged_by_the_day_of_receipt() -> None:
    month = purchase_month(2004, 2, calendar(), book())
    before = check(received_at=datetime(2004, 1, 27, 23, 59, tzinfo=EASTERN))
    after = check(received_at=datetime(2004, 1, 28, 0, 0, tzinfo=EASTERN))
    assert match_check(before, registration(), [], month, states(), book()) == OwnOrder("reg-ana")
    held = Held((Doubt.PROSPECTUS_NOT_ACKNOWLEDGED,))
    assert match_check(after, registration(), [], month, states(), book()) == held


@pytest.mark.parametrize("kind", list(RegistrationKind), ids=lambda kind: kind.value)
def test_staff_look_at_a_trusts_check_unless_they_have_looked_at_its_order(kind: RegistrationKind) -> None:
    for_staff = kind in {RegistrationKind.TRUST, RegistrationKind.IRA, RegistrationKind.ENTITY}
    expected = Held((Doubt.FOR_STAFF_TO_APPROVE,)) if for_staff else OwnOrder("reg-ana")
    assert matched(check(), kind=kind) == expected
    assert matched(check(), purchase(), kind=kind) == Matched(purchase())


def test_every_doubt_is_named_most_serious_first() -> None:
    bad = check(currency="EUR", check_date=date(2004, 1, 1), payer="Joe Jones")
    assert matched(bad, holds=frozenset({Hold.LOST}), state="OH", account=None, acknowledged=frozenset()) == Held(
        (
            Doubt.ACCOUNT_ON_HOLD, Doubt.NOT_US_DOLLARS, Doubt.POST_DATED, Doubt.THIRD_PARTY_PAYER,
            Doubt.STATE_CLOSED, Doubt.NOT_ENROLLED, Doubt.PROSPECTUS_NOT_ACKNOWLEDGED,
        )
    )  # fmt: skip


def test_a_check_of_no_known_account_is_nobodys() -> None:
    assert match_check(check(), None, [], MONTH, states(), book()) == Unmatched((Doubt.UNKNOWN_ACCOUNT,))
    foreign = match_check(check(currency="CAD"), None, [purchase()], MONTH, states(), book())
    assert foreign == Unmatched((Doubt.UNKNOWN_ACCOUNT, Doubt.NOT_US_DOLLARS))


def test_a_holder_in_good_order_raises_no_doubt() -> None:
    assert doubts_of_holder(registration(), (date(2003, 11, 12), PURCHASE_DATE), states(), book()) == ()


def test_every_state_has_its_row_and_can_be_reached() -> None:
    assert set(NEXT_PAYMENT_STATE) == set(PaymentState)
    reached = {state for states_of_kind in FIRST_PAYMENT_STATES.values() for state in states_of_kind}
    for _ in PaymentState:
        reached |= {following for state in reached for following in NEXT_PAYMENT_STATE[state].values()}
    assert reached == set(PaymentState)
    assert {event for row in NEXT_PAYMENT_STATE.values() for event in row} == set(PaymentEvent)


def test_money_can_come_back_from_every_state_but_that_in_which_it_did() -> None:
    for state, events in NEXT_PAYMENT_STATE.items():
        assert (PaymentEvent.RETURN in events) is (state is not PaymentState.RETURNED), state


def test_only_good_money_is_invested_and_only_collected_or_stopped_money_goes_back() -> None:
    into = {
        target: {state for state, row in NEXT_PAYMENT_STATE.items() if target in row.values()}
        for target in PaymentState
    }
    assert into[PaymentState.INVESTED] == {PaymentState.GOOD}
    assert into[PaymentState.GOOD] == {PaymentState.UNCOLLECTED}
    assert into[PaymentState.REFUNDED] == {PaymentState.REFUND_PENDING}
    assert PaymentState.INVESTED not in into[PaymentState.REFUND_PENDING]
