"""Before a deduction debits anybody: the signed form, then a test of the bank account without money.

A prenote goes out with the next file of debits. The deduction is active once the
bank had its time to object and did not; a bank account that changes is tested anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.month.bank_accounts import is_debitable
from bot.month.office import Office, StepRefused
from bot.month.step import at_the_month
from handlers.plan.accounts import Deduction, DeductionStatus
from handlers.plan.calendar import TradingCalendar
from storage.audit import AuditKind, staff
from storage.registrations import MonthlyDeduction
from storage.store import Transaction

PRENOTE_SESSIONS = 3
"""Banking sessions after the day a prenote settles on; with the third, debits may follow unless it came back.

The Operating Rules of Nacha, on prenotification.
"""


@dataclass(frozen=True, slots=True)
class Authorised:
    """What was recorded."""

    account: str
    """Masked."""
    amount: str
    status: str


def authorise(office: Office, account: str, by: str, form: str, now: datetime) -> Authorised:
    """Record that the signed authorisation of an account's deduction is here.

    Done again for the same account it changes nothing. StepRefused where no deduction waits for its form, or
    there is no bank account that can be debited.
    """
    with at_the_month(office) as tx:
        holder = tx.registrations.by_account_number(account)
        found = tx.registrations.deduction_of(holder.id) if holder else None
        if holder is None or found is None:
            raise StepRefused(f"account {account} has asked for no automatic deduction; nothing waits for a form")
        if found.status in {DeductionStatus.PRENOTE, DeductionStatus.ACTIVE} and found.authorised_on is not None:
            return Authorised(holder.masked_account, str(found.amount), found.status.value)
        if found.status is not DeductionStatus.PENDING:
            raise StepRefused(
                f"the deduction of account {account} is {found.status.value}, and only one that is"
                f" {DeductionStatus.PENDING.value} waits for a form; the holder has to ask for it again"
            )
        if not is_debitable(office.keys, tx.registrations.payee(holder.id)):
            raise StepRefused(
                f"account {account} has no bank account that can be debited;"
                " have the transfer agent record it, load its holders file, and do this again"
            )
        tx.registrations.authorise_deduction(holder.id, by, office.today(now), now)
        facts = {"command": "deductions authorise", "amount": found.amount}
        private = {"form": form}
        tx.audit.note(staff(by), AuditKind.STAFF_ACT, f"registration:{holder.id}", facts, now, private=private)
        return Authorised(holder.masked_account, str(found.amount), DeductionStatus.PRENOTE.value)


def is_ready(deduction: MonthlyDeduction, day: date, calendar: TradingCalendar) -> bool:
    """Whether a deduction may debit from `day` on: authorised, its bank account tested, and not paused."""
    if deduction.status not in {DeductionStatus.PRENOTE, DeductionStatus.ACTIVE} or deduction.authorised_on is None:
        return False
    return is_tested(deduction, day, calendar)


def is_tested(deduction: MonthlyDeduction, day: date, calendar: TradingCalendar) -> bool:
    """Whether the bank had its time to object to the prenote by `day`. One that came back is recorded as none."""
    tested = deduction.prenoted_on
    return tested is not None and calendar.banking_sessions_after(tested, PRENOTE_SESSIONS) <= day


def activate(tx: Transaction, office: Office, now: datetime) -> int:
    """Let every deduction whose prenote stood its time be active. Returns how many. A second time it finds none."""
    calendar, today = office.plan.calendar(now), office.today(now)
    ready = [one for one in tx.registrations.deductions_in(DeductionStatus.PRENOTE) if is_ready(one, today, calendar)]
    for one in ready:
        tx.registrations.set_deduction(one.registration_id, Deduction(one.amount, DeductionStatus.ACTIVE), now)
    return len(ready)
