"""The month's file of debits: what the bank is asked to collect, as orders and payments of the month it is for.

One transaction from the plan to the record; the file stands before it is recorded.
Who cannot be debited is told once, where a letter may go, and staff get the count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.month.ach_files import Asked, check_originator, effective_day, send_debit_file, start_of
from bot.month.authorisations import activate
from bot.month.debit_plan import LeftOut, MonthDebits, MonthlyDebit, NotDebited, plan_debits
from bot.month.letter_facts import CycleNeedsPerson, DeductionStopped, StopReason
from bot.month.office import Office, StepRefused, is_reached
from bot.month.step import at_the_month
from bot.month.trial import shares_left
from bot.render import Section
from handlers.plan.accounts import Deduction, DeductionStatus
from handlers.plan.calendar import PurchaseMonth
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.cycle_steps import debits_leave_by
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money
from handlers.plan.orders import PaymentMethod
from handlers.plan.payments import Doubt, PaymentKind, PaymentState, good_on, return_risk_until
from handlers.plan.refusals import Refusal
from storage.cycles import Cycle
from storage.ids import quotable
from storage.payments import Payment
from storage.sent_files import AchEntry, SentFile
from storage.store import Transaction

DEBITS = "debits:"
"""The cause of the month's file; the cycle's id follows."""

REFUSAL_OF: dict[Doubt | NotDebited, Refusal] = {
    Doubt.ACCOUNT_ON_HOLD: Refusal.ACCOUNT_ON_HOLD,
    Doubt.PROSPECTUS_NOT_ACKNOWLEDGED: Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,
}
"""Of what a holder is told in the words of a refusal, because there is something to be done about it."""

_FOR_STAFF = frozenset({*Doubt, NotDebited.NO_BANK_ACCOUNT, NotDebited.NOT_AUTHORISED})


@dataclass(slots=True)
class DebitReport:
    """What the month's file of debits holds."""

    cycle: str
    file: str
    """Its name; empty where there is nothing to collect."""
    debits: int = 0
    dollars: Money = ZERO_DOLLARS
    prenotes: int = 0
    settle_on: date | None = None
    left_out: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        what = f"{self.debits} debits over ${self.dollars} and {self.prenotes} prenotes"
        when = f", to settle on {self.settle_on.isoformat()}" if self.settle_on else ""
        left_out = "".join(f"\n  not debited: {count} {name}" for name, count in sorted(self.left_out.items()))
        return f"cycle {self.cycle}: {what}{when}" + (f", in {self.file}" if self.file else "") + left_out


def send_debits(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> DebitReport:
    """Write the month's file of debits. A second time nothing is done.

    StepRefused before its day, once its money would come after the cut-off, and where nothing is left to be issued.
    """
    month = office.month(number, now)
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.open(month, now)
        standing = tx.sent_files.of(DEBITS + number)
        if standing is not None or any(act.step is CycleStep.SEND_DEBITS for act in tx.cycles.acts(number)):
            return DebitReport(number, standing.name if standing else "", standing.rows if standing else 0)
        sent_on = office.today(now)
        effective = effective_day(office, sent_on, now)
        _check_may(tx, office, cycle, month, effective, now)
        activate(tx, office, now)
        found = plan_debits(tx, office, cycle, sent_on, now)
        report = _report(number, found, effective)
        if dry_run:
            return report
        asked = _orders_of(tx, cycle, found, now) + [_prenote(one.registration_id) for one in found.prenotes]
        if asked:
            sent, entries = send_debit_file(tx, office, asked, cause=DEBITS + number, effective=effective, now=now)
            _keep(tx, office, cycle, sent, entries, now)
            report.file = sent.name
        for one in found.prenotes:
            tested = Deduction(one.amount, DeductionStatus.PRENOTE)
            tx.registrations.set_deduction(one.registration_id, tested, now)
            tx.registrations.note_prenote(one.registration_id, effective, now)
        _tell(tx, office, cycle, month, found.left_out, now)
        tx.cycles.note(
            number,
            CycleStep.SEND_DEBITS,
            by,
            now,
            file=report.file,
            debits=report.debits,
            dollars=str(report.dollars),
            prenotes=report.prenotes,
        )
        return report


def _check_may(
    tx: Transaction, office: Office, cycle: Cycle, month: PurchaseMonth, effective: date, now: datetime
) -> None:
    check_originator(office)
    if cycle.state is not CycleState.OPEN or now > month.cut_off:
        raise StepRefused(f"the cut-off of cycle {cycle.id} is past; nobody is debited for it any more")
    leaves = debits_leave_by(month, office.plan.calendar(now), office.terms(month.purchase_date))
    if office.today(now) < leaves:
        raise StepRefused(f"the debits of cycle {cycle.id} leave on {leaves.isoformat()}, and not before")
    if start_of(office, effective) > month.cut_off:
        raise StepRefused(
            f"debits that leave today settle on {effective.isoformat()}, after the cut-off of cycle {cycle.id};"
            " nobody can be debited for it any more"
        )
    if shares_left(tx, office, cycle) == NO_SHARES:
        raise StepRefused("all shares of the program are issued; nobody is debited any more")


def _report(number: str, found: MonthDebits, effective: date) -> DebitReport:
    left_out = Counter(reason.name for one in found.left_out for reason in one.reasons)
    debits = len(found.monthly) + len(found.single)
    return DebitReport(number, "", debits, found.dollars, len(found.prenotes), effective, left_out)


def _prenote(registration_id: str) -> Asked:
    return Asked(registration_id, None, ZERO_DOLLARS)


def _orders_of(tx: Transaction, cycle: Cycle, found: MonthDebits, now: datetime) -> list[Asked]:
    """Each deduction as an order of the month, and the orders that are there already."""
    asked = [_deduction_order(tx, cycle, one, now) for one in found.monthly]
    return asked + [Asked(one.registration_id, one.order_id, one.amount) for one in found.single]


def _deduction_order(tx: Transaction, cycle: Cycle, one: MonthlyDebit, now: datetime) -> Asked:
    cause = f"deduction:{cycle.id}:{one.registration_id}"
    order_id = "P-" + quotable(cause, 7)
    method = PaymentMethod.AUTOMATIC_DEDUCTION
    tx.month_orders.take_own(
        order_id,
        cause,
        one.registration_id,
        one.amount,
        method,
        cycle.purchase_date,
        cycle.cut_off,
        now,
        "deduction",
    )
    return Asked(one.registration_id, order_id, one.amount)


def _keep(
    tx: Transaction, office: Office, cycle: Cycle, sent: SentFile, entries: Sequence[AchEntry], now: datetime
) -> None:
    """Each debit as a payment that is on its way."""
    calendar, terms = office.plan.calendar(now), office.terms(cycle.purchase_date)
    tx.payments.keep(
        [
            Payment(
                cause=f"debit:{entry.order_id}",
                kind=PaymentKind.DEBIT,
                registration_id=entry.registration_id,
                order_id=entry.order_id,
                amount=entry.amount,
                received_at=start_of(office, entry.effective_on),
                purchase_date=cycle.purchase_date,
                good_on=good_on(entry.effective_on, calendar, terms),
                return_risk_until=return_risk_until(PaymentKind.DEBIT, entry.effective_on, calendar, terms),
                state=PaymentState.FILED,
                instrument=entry.trace,
                file=sent.digest,
            )
            for entry in entries
            if entry.order_id is not None
        ],
        now,
    )


def _tell(
    tx: Transaction,
    office: Office,
    cycle: Cycle,
    month: PurchaseMonth,
    left_out: Sequence[LeftOut],
    now: datetime,
) -> None:
    """What follows for those who cannot be debited: a closed state ends the deduction, the rest is told."""
    for one in left_out:
        if Doubt.STATE_CLOSED in one.reasons and not one.order_id:
            _stop(tx, office, one, month, now)
        elif refusals := tuple(REFUSAL_OF[reason] for reason in one.reasons if reason in REFUSAL_OF):
            _refuse(tx, office, one, refusals, f"not-debited:{cycle.id}:{one.order_id or one.registration_id}", now)
    waiting = Counter(reason.name for one in left_out for reason in one.reasons if reason in _FOR_STAFF)
    if waiting:
        told = CycleNeedsPerson(
            cycle=cycle.id,
            purchase_date=cycle.purchase_date,
            what="Look at who could not be debited",
            why="Left out of the file of debits: "
            + ", ".join(f"{count} for {name}" for name, count in sorted(waiting.items()))
            + ". Each is listed with the reason.",
            command="dspp deductions list",
            until=cycle.cut_off,
        )
        office.tell_staff(tx, told, cause=f"not-debited:{cycle.id}", now=now)


def _stop(tx: Transaction, office: Office, one: LeftOut, month: PurchaseMonth, now: datetime) -> None:
    """The program is not offered where the holder lives, so the deduction ends. OC, "Moved to a closed state"."""
    found = tx.registrations.deduction_of(one.registration_id)
    holder = tx.registrations.by_ids({one.registration_id})[one.registration_id]
    if found is None:
        return
    tx.registrations.set_deduction(holder.id, Deduction(found.amount, DeductionStatus.REVOKED), now)
    reason, today = StopReason.STATE_CLOSED, office.today(now)
    told = DeductionStopped(holder.masked_account, found.amount, reason, today, month)
    office.write_to(tx, holder, told, cause=f"deduction-stopped:{holder.id}:{today.isoformat()}", now=now)


def _refuse(
    tx: Transaction, office: Office, one: LeftOut, refusals: tuple[Refusal, ...], cause: str, now: datetime
) -> None:
    holder = tx.registrations.by_ids({one.registration_id})[one.registration_id]
    if not is_reached(holder) or tx.outbox.has(cause):
        return
    what = (
        f"Your order {one.order_id} could not be debited" if one.order_id else "Your automatic deduction was not made"
    )
    section = Section("_shared/refused.j2", {"heading": what, "refusals": refusals, "request": {"intent": "recurring"}})
    office.post.notice(tx, holder.email, section, cause=cause, kind="_shared/refused", now=now, name=holder.name)
