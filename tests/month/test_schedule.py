"""The month by itself: in order after any outage, each thing once, and nothing stops it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.app import open_service, serve
from bot.month import schedule
from bot.month.office import StepRefused
from bot.month.schedule import STEPS
from bot.settings import Settings
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.money import Money
from storage.ledger import move, plan_account, refunds_account
from storage.payments import Payment, Refund
from storage.schema import upgrade
from storage.store import Store, Transaction
from tests.month.playing import NOVEMBER, Month, at, check, holder
from tests.month.scheduled import NOTICE, Played, begun, lockbox


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Played:
    """Two buyers, one seller, and a schedule that has opened the cycle of November."""
    return begun(store, tmp_path)


# -- what is due ------------------------------------------------------------------------------------------------------


def test_a_month_goes_by_itself_but_for_what_people_and_banks_do(month: Played) -> None:
    assert (month.state(), month.steps(), month.notices()) == (CycleState.OPEN, [], [])
    month.comes("2003-11-05", "17:00")
    assert month.steps() == ["remind"]
    lockbox(month)
    month.comes("2003-11-12", "16:59")
    assert month.state() is CycleState.OPEN
    month.comes("2003-11-12", "17:00")
    assert month.state() is CycleState.LOCKED
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-17", "20:00")
    assert month.state() is CycleState.TRIAL_RUN
    month.approve()
    month.comes("2003-11-18", "23:59")
    assert month.state() is CycleState.APPROVED
    month.comes("2003-11-19", "00:00")
    assert month.state() is CycleState.ALLOTTED
    month.acknowledge()
    month.comes("2003-11-19", "12:00")
    assert month.state() is CycleState.CONFIRMED
    month.fills(("40", "1.20", "0.50"))
    month.comes("2003-11-23")
    assert month.letters(kind="month/sale_confirmation") == []
    month.comes("2003-11-24")
    assert len(month.letters(kind="month/sale_confirmation")) == 1
    assert month.steps() == [
        "remind", "lock", "price", "trial", "allot", "instruct issue", "send sales", "confirm", "send proceeds",
    ]  # fmt: skip
    assert len(month.letters(kind="month/purchase_confirmation")) == 2
    assert month.books_agree()


def test_an_outage_over_the_cut_off_and_the_purchase_date_is_made_up_in_order(month: Played) -> None:
    month.comes("2003-11-10")
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-21")
    assert month.state() is CycleState.TRIAL_RUN
    assert month.steps() == ["remind", "lock", "price", "trial", "send sales"]
    month.approve()
    month.comes("2003-11-21", "09:01")
    assert (month.state(), month.steps()[5:]) == (CycleState.ALLOTTED, ["allot", "instruct issue"])
    assert month.state("2003-12") is CycleState.OPEN
    assert month.books_agree()


def test_an_outage_over_a_whole_month_loses_no_cycle(month: Played) -> None:
    month.comes("2003-11-10")
    month.comes("2004-01-05")
    assert [month.state(number) for number in (NOVEMBER, "2003-12", "2004-01")] == [CycleState.OPEN] * 3
    asked = [cause.rsplit(":", 1)[0] for cause in month.notices() if cause.startswith("needs:2003")]
    assert asked == ["needs:2003-11:LOCK:BANK", "needs:2003-12:LOCK:BANK"]


@pytest.mark.parametrize("has_order", [True, False])
def test_the_first_start_between_cut_off_and_purchase_date_takes_up_the_month_if_anybody_ordered(
    has_order: bool, store: Store, tmp_path: Path
) -> None:
    late = Played(store, tmp_path)
    late.holders(holder(1))
    late.begin()
    if has_order:
        late.buys("CST-30001", "250")
    late.lockbox(*([check("CST-30001", "250")] if has_order else []))
    late.comes("2003-11-13", "07:00")
    assert late.state() is (CycleState.LOCKED if has_order else None)
    assert late.state("2003-12") is CycleState.OPEN


def test_a_second_round_at_the_same_instant_does_nothing(month: Played) -> None:
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-19")
    before = month.steps(), month.notices(), len(month.letters())
    month.comes("2003-11-19")
    month.schedule = month.another()  # a restart
    month.comes("2003-11-19")
    assert (month.steps(), month.notices(), len(month.letters())) == before


def test_two_schedules_at_once_do_nothing_twice(month: Played, caplog: pytest.LogCaptureFixture) -> None:
    month.comes("2003-11-10")
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    others = [month.another() for _ in range(3)]
    for instant, act in (("2003-11-18", month.approve), ("2003-11-19", month.acknowledge), ("2003-11-20", None)):
        month.clock.at = at(instant)
        rounds = [threading.Thread(target=one.round) for one in others]
        for thread in rounds:
            thread.start()
        for thread in rounds:
            thread.join()
        if act is not None:
            act()
    assert month.steps() == [
        "remind", "lock", "price", "trial", "allot", "instruct issue", "send sales", "confirm",
    ]  # fmt: skip
    assert len(month.letters(kind="month/purchase_confirmation")) == 2
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert len(month.notices()) == len(set(month.notices()))
    assert month.books_agree()


def test_debits_that_nobody_set_up_and_nobody_elected_are_told_to_nobody(month: Played) -> None:
    for day in ("2003-11-06", "2003-11-07", "2003-11-10"):
        month.comes(day, "12:00")
    assert month.notices() == []


def test_refunds_leave_in_the_afternoon_of_a_banking_session(month: Played) -> None:
    order = month.buys("CST-30003", "300")
    lockbox(month)
    month.lockbox(check("CST-30003", "300"), day="2003-11-13")
    with month.store.transaction() as tx:
        (paid,) = tx.payments.of_orders([order])
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-18")
    with month.store.transaction() as tx:
        set_aside(tx, paid)
    month.comes("2003-11-22", "16:00")  # a Saturday
    month.comes("2003-11-24", "14:59")
    assert refund_files(month) == []
    month.comes("2003-11-24", "15:00")
    month.comes("2003-11-24", "15:01")
    assert len(refund_files(month)) == 1


def set_aside(tx: Transaction, paid: Payment) -> None:
    """Let ten dollars of a payment go back."""
    owner = paid.registration_id or ""
    lines = move(plan_account(owner), refunds_account(owner), "USD", 1_000)
    tx.ledger.post(f"refund:{paid.id}", at("2003-11-18"), "to be sent back", lines)
    tx.payments.refund(
        [Refund(f"refund:{paid.id}", owner, None, Money.of("10"), "CANCELLED", date(2003, 11, 18))],
        at("2003-11-18"),
    )


def refund_files(month: Month) -> list[str]:
    with month.store.reading() as tx:
        return [file.name for file in tx.sent_files.of_kind("refund_checks")]


# -- what goes wrong --------------------------------------------------------------------------------------------------


class Breaks:
    """A step that fails so often, and then does what it should."""

    def __init__(self, real: Callable[..., Any], fault: Exception, times: int) -> None:
        self.real, self.fault, self.times, self.calls = real, fault, times, 0

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        if self.calls <= self.times:
            raise self.fault
        return self.real(*given)


def breaking(
    monkeypatch: pytest.MonkeyPatch, step: CycleStep, times: int = 1, fault: Exception | None = None
) -> Breaks:
    broken = Breaks(STEPS[step], fault or RuntimeError("the disk is gone"), times)
    monkeypatch.setattr(schedule, "STEPS", {**STEPS, step: broken})
    return broken


def test_a_step_that_fails_is_told_once_and_tried_again_after_growing_pauses(
    month: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    lockbox(month)
    broken = breaking(monkeypatch, CycleStep.LOCK, times=4)
    begun = at("2003-11-12", "17:01")
    tried = []
    for minute in range(0, 25):
        calls = broken.calls
        month.clock.at = begun + timedelta(minutes=minute)
        month.schedule.round()
        if broken.calls > calls:
            tried.append(minute)
    assert tried == [0, 1, 3, 8, 18]
    assert month.state() is CycleState.LOCKED
    (told,) = month.notices()
    assert told.startswith("schedule:2003-11-lock:")
    (letter,) = month.letters(kind=NOTICE)
    assert b"disk is gone" not in letter.raw  # its words may name somebody; the log has them


def test_a_step_that_fails_holds_up_no_seller_and_no_notice(month: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    breaking(monkeypatch, CycleStep.RUN_TRIAL, times=99)
    month.comes("2003-11-19", "18:00")
    month.comes("2003-11-19", "18:05")
    assert month.steps() == ["lock", "price", "send sales"]
    assert any("FILLS" in cause for cause in month.notices())


def test_another_fault_of_the_same_step_is_told_too(month: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    lockbox(month)
    broken = breaking(monkeypatch, CycleStep.LOCK, times=9)
    month.comes("2003-11-12", "18:00")
    broken.fault = StepRefused("2 messages are not worked on yet")
    month.comes("2003-11-12", "19:00")
    month.comes("2003-11-12", "20:30")
    assert len(month.notices()) == 2
    newest = month.letters(kind=NOTICE)[0]
    assert b"2 messages are not worked on yet" in newest.raw  # a refusal is in our own words


def test_a_refusal_because_another_process_was_quicker_is_no_fault(
    month: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    lockbox(month)

    def quicker(*given: Any) -> None:
        STEPS[CycleStep.LOCK](*given)
        raise StepRefused("cycle 2003-11 is LOCKED")

    monkeypatch.setattr(schedule, "STEPS", {**STEPS, CycleStep.LOCK: quicker})
    month.comes("2003-11-12", "18:00")
    assert (month.state(), month.notices()) == (CycleState.LOCKED, [])


def test_a_step_that_does_nothing_and_stays_due_is_told_and_does_not_spin(
    month: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    lockbox(month)
    calls = []
    monkeypatch.setattr(schedule, "STEPS", {**STEPS, CycleStep.LOCK: lambda *_: calls.append(1)})
    month.comes("2003-11-12", "18:00")
    assert len(calls) == 1
    (letter,) = month.letters(kind=NOTICE)
    assert b"due as before" in letter.raw


def test_a_store_that_is_away_ends_no_schedule(month: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    lockbox(month)
    with monkeypatch.context() as patched:
        fault = OperationalError("SELECT", {}, Exception("gone"))
        patched.setattr(Store, "transaction", lambda _self: (_ for _ in ()).throw(fault))
        month.comes("2003-11-12", "18:00")
    assert month.state() is CycleState.OPEN
    month.comes("2003-11-12", "18:02")
    assert (month.state(), month.notices()) == (CycleState.LOCKED, [])


def test_a_clock_that_is_set_back_ends_a_pause(month: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    lockbox(month)
    broken = breaking(monkeypatch, CycleStep.LOCK)
    month.comes("2003-11-19", "18:00")
    month.comes("2003-11-12", "18:00")
    assert (broken.calls, month.state()) == (2, CycleState.LOCKED)


# -- stopping ---------------------------------------------------------------------------------------------------------


def test_told_to_stop_it_begins_nothing_more_and_goes_on_after_the_next_start(
    month: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")

    def stops(*given: Any) -> None:
        STEPS[CycleStep.LOCK](*given)
        month.schedule.stop()

    monkeypatch.setattr(schedule, "STEPS", {**STEPS, CycleStep.LOCK: stops})
    month.comes("2003-11-18")
    assert (month.steps(), month.notices()) == (["lock"], [])
    month.schedule = month.another()
    month.comes("2003-11-18")
    assert month.steps() == ["lock", "price", "trial"]


async def test_a_step_that_takes_long_holds_up_nobody_and_a_stop_waits_for_it(
    month: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(lockbox, month)
    begun, may_end = threading.Event(), threading.Event()

    def takes_long(*given: Any) -> None:
        begun.set()
        assert may_end.wait(30)
        STEPS[CycleStep.LOCK](*given)

    monkeypatch.setattr(schedule, "STEPS", {**STEPS, CycleStep.LOCK: takes_long})
    month.clock.at = at("2003-11-12", "18:00")
    month.schedule = month.another()
    running = asyncio.create_task(month.schedule.run())
    assert await asyncio.to_thread(begun.wait, 30)  # the loop is free meanwhile
    month.schedule.stop()
    await asyncio.sleep(0)
    assert not running.done()
    may_end.set()
    await asyncio.wait_for(running, 30)
    assert await asyncio.to_thread(month.state) is CycleState.OPEN  # nothing was begun any more


async def test_it_looks_again_by_itself_until_it_is_stopped(month: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def counts() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            loop.call_soon_threadsafe(enough.set)

    monkeypatch.setattr(schedule, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(month.schedule, "round", counts)
    running = asyncio.create_task(month.schedule.run())
    await asyncio.wait_for(enough.wait(), 30)
    month.schedule.stop()
    await asyncio.wait_for(running, 30)
    assert len(rounds) >= 3


def test_every_step_that_can_be_due_by_itself_has_its_function() -> None:
    by_people_or_files = {
        CycleStep.DEFER,
        CycleStep.APPROVE,
        CycleStep.ALLOCATE_SALES,
        CycleStep.ACKNOWLEDGE,
    }
    assert set(STEPS) == set(CycleStep) - by_people_or_files


async def test_a_service_with_the_schedule_opens_the_coming_cycle_and_stops_when_told(tmp_path: Path) -> None:
    service = open_service(Settings(state_dir=tmp_path / "state", clock=at("2003-11-05")))
    await asyncio.to_thread(upgrade, service.store.engine)
    told: list[str] = []
    running = asyncio.create_task(serve(service, frozenset({"schedule"}), announce=told.append))
    for _ in range(600):
        if told and await asyncio.to_thread(cycles_of, service.store):
            break
        await asyncio.sleep(0.05)
    assert await asyncio.to_thread(cycles_of, service.store) == [NOVEMBER]
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 30)
    assert told == ["ready", "stopping"]


def cycles_of(store: Store) -> list[str]:
    with store.reading() as tx:
        return [cycle.id for cycle in tx.cycles.all()]
