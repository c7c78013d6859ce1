"""The purchase cycle: its table, and what is due when. PLAN sections 3 and 6."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.calendar import purchase_month
from handlers.plan.cycle import (
    NEXT_CYCLE_STATE,
    UNDONE_TO,
    CycleFacts,
    CycleState,
    CycleStep,
    SalesState,
    cycle_id,
    may_undo,
    month_of_cycle,
)
from handlers.plan.cycle_steps import StepDue, WaitsFor, debits_leave_by, steps_due
from tests.specimens import CUT_OFF, EASTERN, PURCHASE_DATE, book, calendar

TERMS = book().on(PURCHASE_DATE)
MONTH = purchase_month(2003, 11, calendar(), book())
S, D, W = CycleState, CycleStep, WaitsFor
MOMENT = timedelta(microseconds=1)
PURCHASE_MORNING = datetime(2003, 11, 19, tzinfo=EASTERN)
ALL_CLOSES = MONTH.pricing_days


def due(state: CycleState, at: datetime, **changes: object) -> list[tuple[CycleStep, WaitsFor | None]]:
    facts = replace(CycleFacts(state, MONTH), **changes)  # type: ignore[arg-type]  # the names of its fields
    return [(step.step, step.waits_for) for step in steps_due(facts, at, calendar(), TERMS)]


@pytest.mark.parametrize(
    ("year", "month", "id"),
    [
        pytest.param(2003, 11, "2003-11", id="a plain month"),
        pytest.param(2004, 2, "2004-02", id="a leap year's February"),
        pytest.param(2026, 12, "2026-12", id="a December"),
    ],
)
def test_a_cycle_is_called_by_its_month(year: int, month: int, id: str) -> None:
    assert cycle_id(purchase_month(year, month, calendar(), book())) == id
    assert month_of_cycle(id) == (year, month)


def test_a_purchase_date_that_moves_into_the_next_month_keeps_its_cycle() -> None:
    moved = replace(MONTH, nominal_date=date(2003, 12, 31), purchase_date=date(2004, 1, 2))
    assert cycle_id(moved) == "2003-12"


@pytest.mark.parametrize(
    "written", ["2003-13", "2003-00", "2003-1", "0000-01", "2003-11 ", "２００３-11", "2003-11\n", ""]
)
def test_what_is_no_cycle_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="write year and month"):
        month_of_cycle(written)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        pytest.param(2003, 11, "2003-11-06", id="over Veterans Day's week: 7 and 10 November lie between"),
        pytest.param(2004, 11, "2004-11-05", id="before a cut-off on 10 November"),
        pytest.param(2004, 1, "2004-01-08", id="over a week end"),
    ],
)
def test_debits_leave_three_banking_sessions_before_the_cut_off(year: int, month: int, day: str) -> None:
    found = debits_leave_by(purchase_month(year, month, calendar(), book()), calendar(), TERMS)
    assert found.isoformat() == day


@pytest.mark.parametrize(
    ("at", "changes", "expected"),
    [
        pytest.param(
            "2003-11-05T16:59:59", {}, [(D.REMIND, W.CLOCK), (D.SEND_DEBITS, W.CLOCK), (D.LOCK, W.CLOCK)],
            id="more than a week before",
        ),
        pytest.param(
            "2003-11-05T17:00:00", {}, [(D.REMIND, None), (D.SEND_DEBITS, W.CLOCK), (D.LOCK, W.CLOCK)],
            id="a week before",
        ),
        pytest.param(
            "2003-11-06T00:00:00", {"reminded": True}, [(D.SEND_DEBITS, None), (D.LOCK, W.CLOCK)],
            id="the day on which debits leave",
        ),
        pytest.param(
            "2003-11-06T23:59:59", {}, [(D.REMIND, None), (D.SEND_DEBITS, None), (D.LOCK, W.CLOCK)],
            id="its last second",
        ),
        pytest.param(
            "2003-11-07T00:00:00", {"reminded": True}, [(D.SEND_DEBITS, W.DECISION), (D.LOCK, W.CLOCK)],
            id="debits that missed their day ask a person",
        ),
        pytest.param(
            "2003-11-06T12:00:00", {"is_exhausted": True}, [(D.LOCK, W.CLOCK)],
            id="with nothing left nobody is debited",
        ),
        pytest.param(
            "2003-11-12T17:00:00", {"reminded": True, "debits_sent": True}, [(D.LOCK, W.CLOCK)],
            id="the cut-off itself still counts",
        ),
        pytest.param("2003-11-12T17:00:00.000001", {}, [(D.LOCK, None)], id="a moment later there is only the lock"),
        pytest.param("2004-02-01T00:00:00", {}, [(D.LOCK, None)], id="an outage of months: still the lock first"),
        pytest.param(
            "2003-11-12T18:00:00", {"messages_waiting": True, "payments_awaited": True}, [(D.LOCK, W.MESSAGES)],
            id="mail that came in time is answered first",
        ),
        pytest.param(
            "2003-11-12T18:00:00", {"payments_awaited": True}, [(D.LOCK, W.BANK)],
            id="money that came in time is posted first",
        ),
    ],
)  # fmt: skip
def test_an_open_month(at: str, changes: dict[str, object], expected: list[tuple[CycleStep, WaitsFor | None]]) -> None:
    assert due(S.OPEN, datetime.fromisoformat(at).replace(tzinfo=EASTERN), **changes) == expected


EVENING = datetime(2003, 11, 17, 18, 0, tzinfo=EASTERN)
MIDNIGHT = datetime(2003, 11, 18, 0, 0, tzinfo=EASTERN)
AFTER = datetime(2003, 11, 20, 0, 0, tzinfo=EASTERN)
MISSING: dict[str, object] = {"closes_missing": ALL_CLOSES[2:]}
DOUBTED: dict[str, object] = {"closes_in_doubt": ALL_CLOSES[:1]}


@pytest.mark.parametrize(
    ("state", "at", "changes", "expected"),
    [
        pytest.param(S.LOCKED, EVENING, MISSING, [(D.PRICE, W.CLOSES)], id="the last close is still to come"),
        pytest.param(S.LOCKED, EVENING, {}, [(D.PRICE, None)], id="all closes are there"),
        pytest.param(S.LOCKED, MIDNIGHT - MOMENT, MISSING, [(D.PRICE, W.CLOSES)], id="a moment before the day is over"),
        pytest.param(S.LOCKED, MIDNIGHT, MISSING, [(D.HOLD_PRICING, None)], id="a close is missing for good"),
        pytest.param(S.LOCKED, MIDNIGHT, DOUBTED, [(D.HOLD_PRICING, None)], id="a close is disputed"),
        pytest.param(S.PRICING_HELD, MIDNIGHT, MISSING, [(D.PRICE, W.CLOSES)], id="held"),
        pytest.param(S.PRICING_HELD, MIDNIGHT, DOUBTED, [(D.PRICE, W.CLOSES)], id="held by a dispute"),
        pytest.param(S.PRICING_HELD, MIDNIGHT, {}, [(D.PRICE, None)], id="held no longer"),
        pytest.param(S.PRICING_HELD, AFTER - MOMENT, MISSING, [(D.PRICE, W.CLOSES)], id="held on the purchase date"),
        pytest.param(
            S.PRICING_HELD, AFTER, MISSING, [(D.PRICE, W.CLOSES), (D.DEFER, W.DECISION)], id="held through it"
        ),
        pytest.param(S.PRICED, MIDNIGHT, {}, [(D.RUN_TRIAL, None)], id="priced"),
        pytest.param(S.TRIAL_RUN, MIDNIGHT, {}, [(D.APPROVE, W.APPROVALS)], id="nobody has approved"),
        pytest.param(S.TRIAL_RUN, MIDNIGHT, {"approvals": 1}, [(D.APPROVE, W.APPROVALS)], id="one has approved"),
        pytest.param(S.TRIAL_RUN, MIDNIGHT, {"approvals": 2}, [(D.APPROVE, None)], id="two have approved"),
        pytest.param(
            S.TRIAL_RUN, MIDNIGHT, {"approvals": 2, "trial_is_current": False}, [(D.VOID_APPROVALS, None)],
            id="two approved what is no longer so",
        ),
        pytest.param(S.APPROVED, PURCHASE_MORNING - MOMENT, {}, [(D.ALLOT, W.CLOCK)], id="before the purchase date"),
        pytest.param(S.APPROVED, PURCHASE_MORNING, {}, [(D.ALLOT, None)], id="on the purchase date"),
        pytest.param(S.APPROVED, AFTER + timedelta(days=30), {}, [(D.ALLOT, None)], id="after an outage"),
        pytest.param(
            S.APPROVED, PURCHASE_MORNING, {"trial_is_current": False}, [(D.VOID_APPROVALS, None)],
            id="approved, but something changed",
        ),
        pytest.param(
            S.APPROVED, PURCHASE_MORNING, {"trial_is_current": False, "is_allotting": True}, [(D.ALLOT, None)],
            id="what began is finished",
        ),
        pytest.param(S.ALLOTTED, PURCHASE_MORNING, {}, [(D.INSTRUCT_ISSUE, None)], id="allotted"),
        pytest.param(
            S.ALLOTTED, PURCHASE_MORNING, {"instruction_sent": True}, [(D.ACKNOWLEDGE, W.ACKNOWLEDGEMENT)],
            id="instructed",
        ),
        pytest.param(
            S.ALLOTTED, PURCHASE_MORNING, {"instruction_sent": True, "acknowledged": True}, [(D.ACKNOWLEDGE, None)],
            id="acknowledged",
        ),
        pytest.param(S.ISSUED, PURCHASE_MORNING, {}, [(D.CONFIRM, None)], id="issued"),
        pytest.param(S.CONFIRMED, AFTER, {}, [], id="over"),
        pytest.param(S.DEFERRED, AFTER, {}, [], id="deferred"),
    ],
)  # fmt: skip
def test_a_closed_month(
    state: CycleState, at: datetime, changes: dict[str, object], expected: list[tuple[CycleStep, WaitsFor | None]]
) -> None:
    assert due(state, at, **changes) == expected


@pytest.mark.parametrize(
    ("sales", "at", "changes", "expected"),
    [
        pytest.param(SalesState.NONE, AFTER, {}, [], id="no sale"),
        pytest.param(SalesState.LOCKED, PURCHASE_MORNING - MOMENT, {}, [(D.SEND_SALES, W.CLOCK)], id="too early"),
        pytest.param(SalesState.LOCKED, PURCHASE_MORNING, {}, [(D.SEND_SALES, None)], id="on the purchase date"),
        pytest.param(SalesState.SENT, AFTER, {}, [(D.ALLOCATE_SALES, W.FILLS)], id="with the broker"),
        pytest.param(SalesState.SENT, AFTER, {"fills_loaded": True}, [(D.ALLOCATE_SALES, None)], id="sold"),
        pytest.param(
            SalesState.ALLOCATED, datetime(2003, 11, 23, 23, tzinfo=EASTERN),
            {"sales_settle_on": date(2003, 11, 24)}, [(D.SEND_PROCEEDS, W.CLOCK)], id="not settled",
        ),
        pytest.param(
            SalesState.ALLOCATED, datetime(2003, 11, 24, tzinfo=EASTERN),
            {"sales_settle_on": date(2003, 11, 24)}, [(D.SEND_PROCEEDS, None)], id="settled",
        ),
        pytest.param(SalesState.PAID, AFTER, {}, [], id="paid"),
    ],
)  # fmt: skip
def test_sales_go_their_own_way_from_the_lock_on(
    sales: SalesState, at: datetime, changes: dict[str, object], expected: list[tuple[CycleStep, WaitsFor | None]]
) -> None:
    for state in CycleState:
        purchase = due(state, at, **changes)
        both = due(state, at, sales=sales, **changes)
        assert both == (purchase if state is S.OPEN else purchase + expected), state


def test_every_step_that_moves_a_cycle_is_in_its_table_and_every_state_is_reached() -> None:
    assert set(NEXT_CYCLE_STATE) == set(CycleState)
    reached = {S.OPEN}
    for _ in CycleState:
        reached |= {following for state in reached for following in NEXT_CYCLE_STATE[state].values()}
    assert reached == set(CycleState)


@pytest.mark.parametrize("state", list(CycleState), ids=lambda state: state.name.lower())
def test_up_to_the_approvals_a_step_is_undone_one_at_a_time(state: CycleState) -> None:
    facts = CycleFacts(state, MONTH)
    back = may_undo(facts)
    undoable = {S.LOCKED, S.PRICING_HELD, S.PRICED, S.TRIAL_RUN, S.APPROVED}
    assert (back is not None) is (state in undoable)
    if back is not None:
        assert state in NEXT_CYCLE_STATE[back].values() or back is S.LOCKED
    assert may_undo(replace(facts, is_allotting=True)) is None


@pytest.mark.parametrize(
    ("state", "sales", "back"),
    [
        pytest.param(S.LOCKED, SalesState.LOCKED, S.OPEN, id="no batch is out"),
        pytest.param(S.LOCKED, SalesState.SENT, None, id="the broker has the batch"),
        pytest.param(S.LOCKED, SalesState.PAID, None, id="its proceeds are out"),
        pytest.param(S.PRICED, SalesState.SENT, S.LOCKED, id="the price hangs on no sale"),
    ],
)
def test_a_lock_whose_shares_are_sold_stands(state: CycleState, sales: SalesState, back: CycleState | None) -> None:
    assert may_undo(CycleFacts(state, MONTH, sales=sales)) is back


def test_undoing_always_ends_at_the_open_month() -> None:
    for start in UNDONE_TO:
        state, steps = start, 0
        while state in UNDONE_TO:
            state, steps = UNDONE_TO[state], steps + 1
        assert state is S.OPEN
        assert steps < len(CycleState)


FACT_OF: dict[CycleStep, dict[str, object]] = {
    D.REMIND: {"reminded": True},
    D.SEND_DEBITS: {"debits_sent": True},
    D.INSTRUCT_ISSUE: {"instruction_sent": True},
    D.SEND_SALES: {"sales": SalesState.SENT},
    D.ALLOCATE_SALES: {"sales": SalesState.ALLOCATED, "sales_settle_on": date(2003, 11, 24)},
    D.SEND_PROCEEDS: {"sales": SalesState.PAID},
}
ANSWER_TO: dict[WaitsFor | None, dict[str, object]] = {
    W.CLOSES: {"closes_missing": ()},
    W.APPROVALS: {"approvals": 2},
    W.ACKNOWLEDGEMENT: {"acknowledged": True},
    W.FILLS: {"fills_loaded": True},
}


def run(facts: CycleFacts, step: StepDue) -> CycleFacts:
    """The facts after a step was carried out."""
    moved = replace(facts, state=NEXT_CYCLE_STATE[facts.state].get(step.step, facts.state))
    return replace(moved, **FACT_OF.get(step.step, {}))  # type: ignore[arg-type]  # the names of its fields


@given(st.lists(st.integers(1, 200), min_size=1, max_size=60))
def test_whenever_the_clock_is_read_a_month_comes_to_its_end_in_order(hours: list[int]) -> None:
    facts = CycleFacts(S.OPEN, MONTH, closes_missing=ALL_CLOSES, sales=SalesState.LOCKED)
    now, done = datetime(2003, 11, 3, tzinfo=EASTERN), []
    for ahead in [*hours, *[24] * 60]:
        now += timedelta(hours=ahead)
        for _ in range(30):
            steps = steps_due(facts, now, calendar(), TERMS)
            ready = next((step for step in steps if step.is_due), None)
            if ready is None:
                break
            before = facts
            facts = run(facts, ready)
            assert facts != before, f"{ready.step} would run for ever"
            done.append(ready.step)
        for step in steps:
            facts = replace(facts, **ANSWER_TO.get(step.waits_for, {}))  # type: ignore[arg-type]  # its fields
    assert (facts.state, facts.sales) == (S.CONFIRMED, SalesState.PAID)
    assert len(done) == len(set(done))
    purchase = [D.LOCK, D.PRICE, D.RUN_TRIAL, D.APPROVE, D.ALLOT, D.INSTRUCT_ISSUE, D.ACKNOWLEDGE, D.CONFIRM]
    assert [step for step in done if step in purchase] == purchase


def test_a_wait_says_since_when_or_until_when() -> None:
    lock = steps_due(CycleFacts(S.OPEN, MONTH), CUT_OFF + MOMENT, calendar(), TERMS)
    assert lock == (StepDue(D.LOCK, None, CUT_OFF),)
    approve = steps_due(CycleFacts(S.TRIAL_RUN, MONTH), MIDNIGHT, calendar(), TERMS)
    assert approve == (StepDue(D.APPROVE, W.APPROVALS, PURCHASE_MORNING),)
    assert not approve[0].is_due
