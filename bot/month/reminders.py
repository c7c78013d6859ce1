"""A week before the cut-off: who still owes a check is reminded, and who will be debited otherwise than usual is told.

In pieces, each its own transaction; each letter once a cause, so that a run that
stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.month.ach_files import effective_day, start_of
from bot.month.debit_plan import MonthlyDebit, plan_debits
from bot.month.letter_facts import DeductionAdvice, PaymentReminder
from bot.month.office import Office, StepRefused
from bot.month.step import at_the_month
from handlers.plan.calendar import PurchaseMonth
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.cycle_steps import REMINDERS_AHEAD, debits_leave_by
from handlers.plan.orders import PaymentMethod, PurchaseOrderState
from storage.month_orders import MonthPurchase
from storage.store import Transaction

PIECE = 300
"""Letters of one transaction: a second or two, so that nobody's mail waits."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """Who was written to."""

    cycle: str
    advised: int
    """Holders who will be debited for the first time, or with another amount than they elected."""
    reminded: int
    """Orders that wait for a check."""

    def __str__(self) -> str:
        return f"cycle {self.cycle}: {self.advised} debits advised, {self.reminded} orders reminded of their checks"


def remind(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> Reminded:
    """Queue the month's reminders and advices of debits, each once. StepRefused before their day and after the cut-off.

    PLAN, section 6: a week before the cut-off. Only what can be debited is advised.
    """
    month = office.month(number, now)
    if not month.cut_off - REMINDERS_AHEAD <= now <= month.cut_off:
        first, last = month.cut_off - REMINDERS_AHEAD, month.cut_off
        raise StepRefused(
            f"reminders of cycle {number} leave from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {last:%Z}"
        )
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.open(month, now)
        if cycle.state is not CycleState.OPEN:
            raise StepRefused(f"cycle {number} is locked; nobody is reminded any more")
        is_new = all(act.step is not CycleStep.REMIND for act in tx.cycles.acts(number))
        advised, awaiting = (_to_advise(tx, office, month, number, now), _awaiting(tx, month)) if is_new else ([], [])
        done = Reminded(number, len(advised), len(awaiting))
        if dry_run or not is_new:
            return done
    for start in range(0, len(advised), PIECE):
        with at_the_month(office) as tx:
            _advise(tx, office, month, number, advised[start : start + PIECE], now)
    for start in range(0, len(awaiting), PIECE):
        with at_the_month(office) as tx:
            _remind(tx, office, month, number, awaiting[start : start + PIECE], now)
    with at_the_month(office) as tx:
        tx.cycles.note(number, CycleStep.REMIND, by, now, advised=done.advised, reminded=done.reminded)
    return done


def _to_advise(tx: Transaction, office: Office, month: PurchaseMonth, number: str, now: datetime) -> list[MonthlyDebit]:
    """Debits of the month that differ from what was elected, or are an account's first."""
    cycle = tx.cycles.of(number)
    leaves = debits_leave_by(month, office.plan.calendar(now), office.terms(month.purchase_date))
    if cycle is None or office.today(now) > leaves:
        return []
    planned = plan_debits(tx, office, cycle, leaves, now).monthly
    debited = tx.sent_files.debited([one.registration_id for one in planned])
    return [one for one in planned if one.amount != one.elected or one.registration_id not in debited]


def _awaiting(tx: Transaction, month: PurchaseMonth) -> list[MonthPurchase]:
    """Orders that wait for a check."""
    waiting = list(tx.month_orders.purchases(month.purchase_date, {PurchaseOrderState.AWAITING_PAYMENT}))
    methods = tx.month_orders.payment_methods([order.id for order in waiting])
    return [order for order in waiting if methods[order.id] is PaymentMethod.CHECK]


def _advise(
    tx: Transaction,
    office: Office,
    month: PurchaseMonth,
    number: str,
    piece: Sequence[MonthlyDebit],
    now: datetime,
) -> None:
    leaves = debits_leave_by(month, office.plan.calendar(now), office.terms(month.purchase_date))
    holders = tx.registrations.by_ids({one.registration_id for one in piece})
    for one in piece:
        told = DeductionAdvice(
            account=holders[one.registration_id].masked_account,
            elected=one.elected,
            amount=one.amount,
            debit_on=effective_day(office, leaves, now),
            purchase_date=month.purchase_date,
            cut_off=month.cut_off,
            change_until=start_of(office, leaves) - timedelta(minutes=1),
        )
        cause = f"advice:{number}:{one.registration_id}"
        office.write_to(tx, holders[one.registration_id], told, cause=cause, now=now)


def _remind(
    tx: Transaction,
    office: Office,
    month: PurchaseMonth,
    number: str,
    piece: Sequence[MonthPurchase],
    now: datetime,
) -> None:
    holders = tx.registrations.by_ids({order.registration_id for order in piece})
    for order in piece:
        holder = holders[order.registration_id]
        told = PaymentReminder(
            account=holder.masked_account,
            order_id=order.id,
            amount=order.amount,
            method=PaymentMethod.CHECK,
            purchase_date=month.purchase_date,
            cut_off=month.cut_off,
        )
        office.write_to(tx, holder, told, cause=f"reminder:{number}:{order.id}", now=now)
