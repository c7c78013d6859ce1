"""How every step of the month begins and ends: under one lock, from the stored state, in one transaction, on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from bot.month.office import Office, StepRefused
from handlers.plan.cycle import NEXT_CYCLE_STATE, CycleState, CycleStep, cycle_id
from storage.cycles import Cycle
from storage.store import Transaction

MONTH_LOCK = "month"
"""Every step of every month, and every file that moves money, holds this, so that no two ever run at once."""


@contextmanager
def at_the_month(office: Office, *, dry_run: bool = False) -> Iterator[Transaction]:
    """A transaction under the month's lock. With `dry_run`, all that the block did is undone when it ends."""
    with office.store.transaction() as tx:
        office.store.lock(tx, {MONTH_LOCK})
        if dry_run:
            with tx.trial():
                yield tx
        else:
            yield tx


@contextmanager
def begin(
    office: Office, number: str, step: CycleStep, now: datetime, *, dry_run: bool = False
) -> Iterator[tuple[Transaction, Cycle]]:
    """A transaction for one step of a cycle, which is opened if it was not.

    StepRefused if it stands elsewhere, or is called otherwise: "2003-1" is no cycle.
    """
    month = office.month(number, now)
    if cycle_id(month) != number:
        raise StepRefused(f"{number!r} names no cycle; write it as {cycle_id(month)}")
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.open(month, now)
        check_leads_on(cycle, step)
        yield tx, cycle


def check_leads_on(cycle: Cycle, step: CycleStep) -> None:
    """StepRefused if the step does not lead on from where the cycle stands."""
    if step not in NEXT_CYCLE_STATE[cycle.state]:
        possible = ", ".join(each.value for each in NEXT_CYCLE_STATE[cycle.state]) or "nothing"
        raise StepRefused(f"cycle {cycle.id} is {cycle.state.value}; what can be done now is: {possible}")


def finish(
    tx: Transaction,
    cycle: Cycle,
    step: CycleStep,
    by: str,
    now: datetime,
    *,
    detail: Mapping[str, object],
    digest: str = "",
    **facts: object,
) -> CycleState:
    """Move the cycle on and record the step. `facts` are columns of the cycle."""
    after = NEXT_CYCLE_STATE[cycle.state][step]
    if not tx.cycles.move(cycle.id, cycle.state, after, now, **facts):
        raise StepRefused(f"cycle {cycle.id} was moved on meanwhile; look at dspp cycle status")
    tx.cycles.note(cycle.id, step, by, now, digest=digest, **detail)
    return after
