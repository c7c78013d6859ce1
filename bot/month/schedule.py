"""Runs the month by itself: what is due by the stored state and the clock, whoever or whatever was away meanwhile.

Once a minute everything that needs no person is done, one step after the other, until
nothing is due; then Investor Relations is told what waits for them. A step that fails is
logged, told once, and tried again after growing pauses; it holds up no other cycle, and
never this loop. Every step is under the month's lock and looks at the stored state, so
that two schedules at once do nothing twice. It stops between two transactions.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from bot.month.allot import BooksDisagree, allot_month
from bot.month.closes import hold_pricing, price
from bot.month.collect import collect_day
from bot.month.confirm import confirm_purchases
from bot.month.debit_plan import plan_debits
from bot.month.debits import send_debits
from bot.month.issue import instruct
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.lock import lock
from bot.month.office import Office, StepRefused
from bot.month.paper_round import send_due_papers
from bot.month.refunds import send_refunds
from bot.month.reminders import remind
from bot.month.sales import send_batch, send_proceeds
from bot.month.status import facts_of, open_cycles
from bot.month.step import at_the_month
from bot.month.stopping import StoppableStore, Stopped
from bot.month.trial import run_trial, void_approvals
from bot.month.what_waits import asks_of
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import CycleFacts, CycleState, CycleStep, SalesState
from handlers.plan.cycle_steps import StepDue, WaitsFor, steps_due
from handlers.plan.orders import CANCELLABLE_PURCHASE, CANCELLABLE_SALE
from storage.cycles import THE_PROGRAM, Cycle
from storage.store import StoreUnavailable, Transaction

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
PAUSES = (1, 2, 5, 10, 20, 40, 60)
"""Minutes before a step that failed is tried again, the last for ever."""
LONGEST_MONTH = timedelta(days=31)
SCHEDULE_LOCK = "schedule"
"""Held while notices are queued, so that two schedules tell nothing twice."""

STEPS: Mapping[CycleStep, Callable[..., Any]] = {
    CycleStep.REMIND: remind,
    CycleStep.SEND_DEBITS: send_debits,
    CycleStep.LOCK: lock,
    CycleStep.PRICE: price,
    CycleStep.HOLD_PRICING: hold_pricing,
    CycleStep.RUN_TRIAL: run_trial,
    CycleStep.VOID_APPROVALS: void_approvals,
    CycleStep.ALLOT: allot_month,
    CycleStep.SEND_SALES: send_batch,
    CycleStep.SEND_PROCEEDS: send_proceeds,
    CycleStep.INSTRUCT_ISSUE: instruct,
    CycleStep.CONFIRM: confirm_purchases,
}
"""What is done by itself when it is due. What is not here is done by loading a file, or by people."""

REFUNDS_FROM = time(15)
"""From this hour of a banking session on the day's refunds leave, so that what is set aside before leaves with them."""


def _refund(office: Office, now: datetime) -> None:
    """The day's file of refund checks, once there is anything to refund."""
    local = now.astimezone(ZoneInfo(office.plan.book.timezone))
    if local.time() >= REFUNDS_FROM and office.plan.calendar(now).is_banking_session(local.date()):
        send_refunds(office, THE_PROGRAM, now)


DAILY: Mapping[str, Callable[[Office, datetime], Any]] = {"collect": collect_day, "refunds": _refund}
"""What the passing of days brings, whatever the cycles do. Each is done as often as one likes."""

_OVER = frozenset({CycleState.CONFIRMED, CycleState.DEFERRED})
_SALES_OVER = frozenset({SalesState.NONE, SalesState.PAID})


class StillDue(RuntimeError):
    """A step was done without a fault and is due as before. Trying again may help; a person should look."""


@dataclass(slots=True)
class _Trouble:
    """What failed, how often in a row, and when it is tried again."""

    failures: int
    until: datetime


class Schedule:
    """Does what is due, minute by minute."""

    def __init__(self, office: Office) -> None:
        self._stop = Event()
        self._bell = asyncio.Event()
        self._office = replace(office, store=StoppableStore(office.store, self._stop))
        self._troubles: dict[str, _Trouble] = {}
        self._finished: set[str] = set()
        """Cycles, and papers of periods, of which nothing can be due any more."""

    def stop(self) -> None:
        """Begin nothing more; `run` returns at the next pause between transactions. From the event loop only."""
        self._stop.set()
        self._bell.set()

    async def run(self) -> None:
        """Do what is due and look again every minute, until `stop`."""
        while not self._stop.is_set():
            await asyncio.to_thread(self.round)
            try:
                await asyncio.wait_for(self._bell.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def round(self) -> None:
        """Everything that is due now, until nothing is; then what waits is told. Raises nothing."""
        try:
            for name, work in DAILY.items():
                self._try(name, partial(self._daily, work))
            for number in self._cycles():
                self._run_cycle(number)
            self._try("papers", self._send_papers)
        except Stopped:
            log.info("schedule: stopped")
        except Exception:
            log.exception("schedule: the round was not finished; the next is in %.0f seconds", ROUND_SECONDS)

    def _now(self) -> datetime:
        return self._office.clock.now()

    def _daily(self, work: Callable[[Office, datetime], object]) -> None:
        work(self._office, self._now())

    def _send_papers(self) -> None:
        send_due_papers(self._office, self._now(), self._finished)

    def _cycles(self) -> tuple[str, ...]:
        """Every cycle that is not over with its sales, earliest first; the coming one is opened if it was not."""
        with at_the_month(self._office) as tx:
            if not tx.cycles.all():
                _open_under_way(tx, self._office, self._now())
            found = open_cycles(tx, self._office, self._now())
        return tuple(cycle.id for cycle in found if cycle.id not in self._finished)

    def _run_cycle(self, number: str) -> None:
        """Do the first step of a cycle that is due, ask again, until nothing is; then tell what waits."""
        while True:
            facts, due = self._ask(number)
            if facts.state in _OVER and facts.sales in _SALES_OVER:
                self._finished.add(number)
                return
            step = next((one.step for one in due if one.is_due and self._may_run(number, one.step)), None)
            if step is None:
                break
            self._try(_key(number, step), partial(self._run, number, step))
        self._try(f"{number} notices", partial(self._tell_what_waits, number))

    def _ask(self, number: str) -> tuple[CycleFacts, tuple[StepDue, ...]]:
        with self._office.store.reading() as tx:
            return self._facts(tx, _cycle(tx, number))

    def _facts(self, tx: Transaction, cycle: Cycle) -> tuple[CycleFacts, tuple[StepDue, ...]]:
        now, office = self._now(), self._office
        facts = facts_of(tx, office, cycle, now)
        due = steps_due(facts, now, office.plan.calendar(now), office.terms(cycle.purchase_date))
        if any(_asks_in_vain(office, one) for one in due) and not _has_debits(tx, office, cycle, now):
            due = tuple(one for one in due if one.step is not CycleStep.SEND_DEBITS)
        return facts, due

    def _may_run(self, number: str, step: CycleStep) -> bool:
        return step in STEPS and not self._is_paused(_key(number, step))

    def _run(self, number: str, step: CycleStep) -> None:
        """One step. A refusal is a fault only if the step is due still: another process may have been quicker."""
        try:
            STEPS[step](self._office, number, THE_PROGRAM, self._now())
        except StepRefused:
            if self._is_due(number, step):
                raise
            return
        if self._is_due(number, step):
            raise StillDue(f"{step.value} of cycle {number} was done, and is due as before")
        log.info("schedule: %s of cycle %s is done", step.value, number)

    def _is_due(self, number: str, step: CycleStep) -> bool:
        _, due = self._ask(number)
        return any(one.is_due and one.step is step for one in due)

    def _tell_what_waits(self, number: str) -> None:
        with self._office.store.transaction() as tx:
            self._office.store.lock(tx, {SCHEDULE_LOCK})
            cycle = _cycle(tx, number)
            facts, due = self._facts(tx, cycle)
            for ask in asks_of(tx, self._office, cycle, facts, due, self._now()):
                self._office.tell_staff(tx, ask.told, cause=ask.cause, now=self._now())

    # -- what fails -------------------------------------------------------------------------------------------------

    def _try(self, key: str, work: Callable[[], object]) -> None:
        """Do something; if it fails, log it, tell it once, and let it be for a while."""
        if self._is_paused(key):
            return
        try:
            work()
        except Stopped:
            raise
        except Exception as fault:
            self._failed(key, fault)
        else:
            self._troubles.pop(key, None)

    def _is_paused(self, key: str) -> bool:
        """Whether something is let be after a failure. A clock that was set back ends a pause."""
        trouble = self._troubles.get(key)
        longest = timedelta(minutes=PAUSES[-1])
        return trouble is not None and timedelta(0) < trouble.until - self._now() <= longest

    def _failed(self, key: str, fault: Exception) -> None:
        failures = self._troubles[key].failures + 1 if key in self._troubles else 1
        pause = timedelta(minutes=PAUSES[min(failures, len(PAUSES)) - 1])
        self._troubles[key] = _Trouble(failures, self._now() + pause)
        log.error("schedule: %s failed; it is tried again in %s", key, pause, exc_info=fault)
        if isinstance(fault, StoreUnavailable):
            return  # a notice would need the store
        try:
            with self._office.store.transaction() as tx:
                self._office.store.lock(tx, {SCHEDULE_LOCK})
                self._tell_fault(tx, key, fault)
        except Stopped:
            raise
        except Exception:
            log.exception("schedule: nobody could be told that %s failed", key)

    def _tell_fault(self, tx: Transaction, key: str, fault: Exception) -> None:
        """To Investor Relations, once for each fault: its kind, or the first line of its words where they are ours."""
        told = f"{type(fault).__name__}: {fault}"
        digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
        known = tx.cycles.all()
        cycle = next((one for one in known if key.startswith(one.id)), known[-1] if known else None)
        now = self._now()
        is_ours = isinstance(fault, StepRefused | BooksDisagree | StillDue)
        why = str(fault).partition("\n")[0] if is_ours else type(fault).__name__
        notice = CycleNeedsPerson(
            cycle=cycle.id if cycle else "none",
            purchase_date=cycle.purchase_date if cycle else self._office.today(now),
            what=f"See why “{key}” does not go on",
            why=f"It failed: {why}. It is tried again by itself; the log says more.",
            command="dspp cycle status",
            until=None,
        )
        self._office.tell_staff(tx, notice, cause=f"schedule:{key.replace(' ', '-')}:{digest}", now=now)


def _key(number: str, step: CycleStep) -> str:
    """What a step is called in the log and in notices: "2003-11 lock"."""
    return f"{number} {step.value}"


def _open_under_way(tx: Transaction, office: Office, now: datetime) -> None:
    """At the very first start: a month whose cut-off is past and whose purchase date is not, if anybody ordered."""
    coming = coming_purchases(now - LONGEST_MONTH, office.plan.calendar(now), office.plan.book)
    month = next(one for one in coming if one.purchase_date >= office.today(now))
    bought = tx.month_orders.purchases(month.purchase_date, CANCELLABLE_PURCHASE)
    sold = tx.month_sales.of_month(month.purchase_date, CANCELLABLE_SALE)
    if next(bought, None) is not None or next(sold, None) is not None:
        tx.cycles.open(month, now)


def _asks_in_vain(office: Office, one: StepDue) -> bool:
    """Whether debits would be a person's matter: nobody has set up how they are sent, or their day is over."""
    return one.step is CycleStep.SEND_DEBITS and (office.originator is None or one.waits_for is WaitsFor.DECISION)


def _has_debits(tx: Transaction, office: Office, cycle: Cycle, now: datetime) -> bool:
    """Whether anybody is to be debited at all; where nobody is, nobody needs to be told that nothing was sent."""
    found = plan_debits(tx, office, cycle, office.today(now), now)
    return bool(found.monthly or found.single or found.prenotes or found.left_out)


def _cycle(tx: Transaction, number: str) -> Cycle:
    found = tx.cycles.of(number)
    if found is None:
        raise LookupError(f"cycle {number} is gone")
    return found
