"""Each effect is stored once, as decided; what no longer fits is refused and leaves nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from handlers.contract import (
    CancelOrder,
    ChangeDeduction,
    DeductionChange,
    Effect,
    OpenAccount,
    RecordAcknowledgement,
    ReportDeath,
    RequestTermination,
)
from handlers.plan.accounts import AccountStatus, Deduction, DeductionStatus, Hold, PlanAccount, Registration
from handlers.plan.money import NO_SHARES, Money
from handlers.plan.orders import Order, PurchaseOrderState, SaleOrderState
from storage.effects import EffectRefused
from storage.orders import Orders
from storage.store import Store
from storage.tables import acknowledgements, deductions, reported_holds
from tests.storage.material import CUT_OFF, NOW, TODAY, holder, purchase, sale, with_holders

VERSION = "2003-11-04"
REFUSED = None
"""Stands in the tables of states for a change that is refused."""


def _apply(
    store: Store, *effects: Effect, cause: str = "confirmed:c1", at: timedelta = timedelta(0)
) -> tuple[str, ...]:
    with store.transaction() as tx:
        return tx.effects.apply(effects, cause=cause, now=NOW + at, today=TODAY)


def _ana(store: Store) -> Registration:
    with store.reading() as tx:
        found = tx.registrations.by_account_number("CST-10001")
    assert found is not None
    return found


def _orders(store: Store) -> tuple[Order, ...]:
    with store.reading() as tx:
        return Orders(tx.connection).of_registrations(["r-1", "r-2"])


def _with_status(store: Store, status: AccountStatus) -> Store:
    with_holders(store, holder(1))
    with store.transaction() as tx:
        tx.registrations.set_status("r-1", status, NOW)
    return store


def _with_deduction(store: Store, status: DeductionStatus | None, authorised_on: date | None = None) -> Store:
    _with_status(store, AccountStatus.ACTIVE)
    if status is not None:
        with store.transaction() as tx:
            tx.registrations.set_deduction("r-1", Deduction(Money.of("300"), status), NOW)
            tx.connection.execute(update(deductions).values(authorised_on=authorised_on))
    return store


def test_an_account_is_opened_with_its_acknowledgement(store: Store) -> None:
    with_holders(store, holder(1), holder(2))
    assert _apply(store, OpenAccount("r-1", VERSION)) == ("",)
    ana = _ana(store)
    assert ana.account == PlanAccount(AccountStatus.ACTIVE, TODAY, NO_SHARES, NO_SHARES)
    assert ana.acknowledged == {VERSION}
    with store.reading() as tx:
        other = tx.registrations.by_account_number("CST-10002")
    assert other is not None
    assert other.account is None


def test_the_first_acknowledgement_of_a_version_stands(store: Store) -> None:
    with_holders(store, holder(1))
    assert _apply(store, RecordAcknowledgement("r-1", VERSION), cause="first") == ("",)
    _apply(store, RecordAcknowledgement("r-1", VERSION), cause="second", at=timedelta(days=1))
    _apply(store, RecordAcknowledgement("r-1", "2004-01-28"), cause="third")
    assert _ana(store).acknowledged == {VERSION, "2004-01-28"}
    assert _ana(store).account is None
    with store.reading() as tx:
        kept = tx.connection.execute(select(acknowledgements).where(acknowledgements.c.version == VERSION)).one()
    assert (kept.cause, kept.at) == ("first:1", NOW)


def test_orders_are_taken_and_named(store: Store) -> None:
    with_holders(store, holder(1))
    bought, sold = _apply(store, purchase(), sale())
    assert (bought[:2], sold[:2]) == ("P-", "S-")
    assert {order.id: order.state for order in _orders(store)} == {
        bought: PurchaseOrderState.AWAITING_PAYMENT,
        sold: SaleOrderState.QUEUED,
    }


def test_a_repeated_step_takes_no_second_order(store: Store) -> None:
    with_holders(store, holder(1))
    first = _apply(store, purchase())
    with pytest.raises(IntegrityError):
        _apply(store, purchase())
    assert [order.id for order in _orders(store)] == list(first)


def test_two_equal_orders_of_one_cause_are_two(store: Store) -> None:
    with_holders(store, holder(1))
    assert len(set(_apply(store, purchase(), purchase()))) == len(_orders(store)) == 2


@pytest.mark.parametrize("effect", [purchase(), sale()], ids=["a purchase", "a sale"])
def test_an_order_is_cancelled_once(effect: Effect, store: Store) -> None:
    with_holders(store, holder(1))
    (number,) = _apply(store, effect)
    assert _apply(store, CancelOrder(number), cause="c2") == (number,)
    assert _orders(store)[0].state.value == "CANCELLED"
    with pytest.raises(EffectRefused, match=f"order {number} is not open any more"):
        _apply(store, CancelOrder(number), cause="c3")


@pytest.mark.parametrize(
    "effects",
    [
        pytest.param((purchase(), CancelOrder("P-2222222")), id="an order that is not there"),
        pytest.param((purchase(), sale(), CancelOrder("nonsense")), id="no order at all"),
        pytest.param((RecordAcknowledgement("r-1", VERSION), RequestTermination("r-1")), id="leaving before joining"),
        pytest.param((OpenAccount("r-1", VERSION), OpenAccount("r-1", VERSION)), id="joining twice"),
        pytest.param(
            (purchase(), ChangeDeduction("r-1", DeductionChange.RESUME, None)), id="resuming what is not there"
        ),
        pytest.param(
            (purchase(), ChangeDeduction("r-1", DeductionChange.START, None)), id="starting without an amount"
        ),
    ],
)
def test_of_refused_effects_nothing_stays(effects: tuple[Effect, ...], store: Store) -> None:
    with_holders(store, holder(1))
    before = _ana(store)
    with pytest.raises(EffectRefused):
        _apply(store, *effects)
    assert _orders(store) == ()
    assert _ana(store) == before


def test_an_effect_on_nobody_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(IntegrityError):
        _apply(store, purchase("r-9"))


@pytest.mark.parametrize(
    ("status", "after_joining", "after_leaving"),
    [
        (AccountStatus.INQUIRER, AccountStatus.ACTIVE, REFUSED),
        (AccountStatus.KIT_SENT, AccountStatus.ACTIVE, REFUSED),
        (AccountStatus.FORM_RECEIVED, AccountStatus.ACTIVE, REFUSED),
        (AccountStatus.NIGO, AccountStatus.ACTIVE, REFUSED),
        (AccountStatus.ACTIVE, REFUSED, AccountStatus.TERMINATION_REQUESTED),
        (AccountStatus.SUSPENDED, REFUSED, AccountStatus.TERMINATION_REQUESTED),
        (AccountStatus.TERMINATION_REQUESTED, REFUSED, REFUSED),
        (AccountStatus.TERMINATED, AccountStatus.ACTIVE, REFUSED),
    ],
    ids=[status.value for status in AccountStatus],
)
def test_an_account_moves_as_its_states_allow(
    status: AccountStatus, after_joining: AccountStatus | None, after_leaving: AccountStatus | None, store: Store
) -> None:
    steps: list[tuple[Effect, AccountStatus | None]] = [
        (OpenAccount("r-1", VERSION), after_joining),
        (RequestTermination("r-1"), after_leaving),
    ]
    for effect, after in steps:
        _with_status(store, status)
        if after is REFUSED:
            with pytest.raises(EffectRefused, match=f"an account that is {status.value} cannot be"):
                _apply(store, effect)
        else:
            _apply(store, effect)
        account = _ana(store).account
        assert account is not None
        assert account.status is (after or status)


START, CHANGE, PAUSE, RESUME, STOP = DeductionChange
PENDING, PRENOTE, ACTIVE, PAUSED, REVOKED = DeductionStatus


@pytest.mark.parametrize(
    ("status", "following"),
    [
        pytest.param(None, {START: PENDING}, id="none"),
        pytest.param(PENDING, {CHANGE: PENDING, PAUSE: PAUSED, STOP: REVOKED}, id="pending"),
        pytest.param(PRENOTE, {CHANGE: PRENOTE, PAUSE: PAUSED, STOP: REVOKED}, id="prenote"),
        pytest.param(ACTIVE, {CHANGE: ACTIVE, PAUSE: PAUSED, STOP: REVOKED}, id="active"),
        pytest.param(PAUSED, {CHANGE: PAUSED, RESUME: ACTIVE, STOP: REVOKED}, id="paused"),
        pytest.param(REVOKED, {START: PENDING}, id="revoked"),
    ],
)
@pytest.mark.parametrize("change", list(DeductionChange), ids=[change.value for change in DeductionChange])
def test_a_deduction_moves_as_its_states_allow(
    status: DeductionStatus | None,
    following: dict[DeductionChange, DeductionStatus],
    change: DeductionChange,
    store: Store,
) -> None:
    _with_deduction(store, status, authorised_on=TODAY)
    amount = Money.of("450") if change in {START, CHANGE} else None
    before = _ana(store)
    effect = ChangeDeduction("r-1", change, amount)
    if change not in following:
        with pytest.raises(EffectRefused, match=f"cannot {change.value}"):
            _apply(store, effect)
        assert _ana(store) == before
        return
    assert _apply(store, effect) == ("",)
    account = _ana(store).account
    assert account is not None
    assert account.deduction == Deduction(amount or Money.of("300"), following[change])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param([PAUSE, RESUME], ACTIVE, id="paused and resumed, it goes on"),
        pytest.param([STOP, START], PENDING, id="stopped and started, it waits for a signature"),
        pytest.param([STOP, START, PAUSE, RESUME], PENDING, id="a signature that was revoked does not come back"),
    ],
)
def test_an_authorisation_ends_with_its_deduction(
    changes: list[DeductionChange], status: DeductionStatus, store: Store
) -> None:
    _with_deduction(store, ACTIVE, authorised_on=TODAY)
    for change in changes:
        _apply(store, ChangeDeduction("r-1", change, Money.of("300") if change is START else None))
    account = _ana(store).account
    assert account is not None
    assert account.deduction == Deduction(Money.of("300"), status)


def test_what_was_never_authorised_resumes_as_pending(store: Store) -> None:
    _with_deduction(store, PENDING)
    _apply(store, ChangeDeduction("r-1", PAUSE, None), ChangeDeduction("r-1", RESUME, None))
    account = _ana(store).account
    assert account is not None
    assert account.deduction == Deduction(Money.of("300"), PENDING)


def test_leaving_cancels_open_purchases_and_the_deduction_and_keeps_sales(store: Store) -> None:
    with_holders(store, holder(2))
    _with_deduction(store, ACTIVE, authorised_on=TODAY)
    bought, sold, others = _apply(store, purchase(), sale(), purchase("r-2"))
    assert _apply(store, RequestTermination("r-1"), cause="c2", at=timedelta(hours=1)) == ("",)
    assert {order.id: order.state for order in _orders(store)} == {
        bought: PurchaseOrderState.CANCELLED,
        sold: SaleOrderState.QUEUED,
        others: PurchaseOrderState.AWAITING_PAYMENT,
    }
    account = _ana(store).account
    assert account is not None
    assert account.status is AccountStatus.TERMINATION_REQUESTED
    assert account.deduction == Deduction(Money.of("300"), REVOKED)


def test_leaving_after_the_cut_off_lets_the_months_purchase_go_through(store: Store) -> None:
    _with_status(store, AccountStatus.ACTIVE)
    _apply(store, purchase())
    _apply(store, RequestTermination("r-1"), cause="c2", at=CUT_OFF - NOW + timedelta(seconds=1))
    assert [order.state for order in _orders(store)] == [PurchaseOrderState.AWAITING_PAYMENT]


FREEZES = ReportDeath("ana@example.com")
HELD = frozenset({Hold.DEATH_REPORTED})


def test_a_reported_death_holds_every_registration_of_the_address(store: Store) -> None:
    with_holders(store, holder(1), holder(2), holder(3, email="other@example.com", taxpayer="taxpayer-3"))
    _apply(store, FREEZES)
    with store.reading() as tx:
        holds = [tx.registrations.by_account_number(f"CST-1000{number}") for number in (1, 2, 3)]
    assert [one.holds for one in holds if one] == [HELD, HELD, frozenset()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(DeductionStatus.PENDING, DeductionStatus.PAUSED, id="pending"),
        pytest.param(DeductionStatus.PRENOTE, DeductionStatus.PAUSED, id="being set up"),
        pytest.param(DeductionStatus.ACTIVE, DeductionStatus.PAUSED, id="active"),
        pytest.param(DeductionStatus.PAUSED, DeductionStatus.PAUSED, id="paused already"),
        pytest.param(DeductionStatus.REVOKED, DeductionStatus.REVOKED, id="stopped before"),
    ],
)
def test_a_reported_death_pauses_the_deduction(store: Store, before: DeductionStatus, after: DeductionStatus) -> None:
    _with_deduction(store, before, date(2003, 11, 4))
    _apply(store, FREEZES)
    account = _ana(store).account
    assert account is not None
    assert account.deduction == Deduction(Money.of("300"), after)
    if before is DeductionStatus.PENDING:
        return
    with store.reading() as tx:
        authorised = tx.connection.execute(select(deductions.c.authorised_on)).scalar_one()
    assert authorised == date(2003, 11, 4), "what was authorised stays so"


def test_no_holders_file_lifts_a_reported_hold(store: Store) -> None:
    with_holders(store, holder(1))
    _apply(store, FREEZES)
    with_holders(store, holder(1))
    assert _ana(store).holds == HELD
    with store.reading() as tx:
        assert tx.registrations.records()["CST-10001"].holds == frozenset(), "it is no hold of the file's"


def test_a_released_hold_is_not_set_again_by_the_same_message(store: Store) -> None:
    with_holders(store, holder(1))
    _apply(store, FREEZES, cause="answer:m1")
    with store.transaction() as tx:
        assert tx.reported_holds.release("r-1", "J. Doe", "called the holder", NOW)
        assert not tx.reported_holds.release("r-1", "J. Doe", "again", NOW)
    _apply(store, FREEZES, cause="answer:m1")
    assert _ana(store).holds == frozenset()
    _apply(store, FREEZES, cause="answer:m2")
    assert _ana(store).holds == HELD


def test_a_release_lifts_what_several_messages_reported_and_says_who_and_why(store: Store) -> None:
    with_holders(store, holder(1))
    for cause in ("answer:m1", "answer:m2"):
        _apply(store, FREEZES, cause=cause)
    with store.transaction() as tx:
        assert [one.cause for one in tx.reported_holds.standing()] == ["answer:m1:1", "answer:m2:1"]
        assert tx.reported_holds.release("r-1", "J. Doe", "called the holder", NOW)
        assert tx.reported_holds.standing() == []
        rows = tx.connection.execute(select(reported_holds)).all()
    assert {(row.released_by, row.reason, row.released_at) for row in rows} == {("J. Doe", "called the holder", NOW)}
