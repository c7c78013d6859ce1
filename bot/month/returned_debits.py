"""What the answer to a debit or a prenote does to the deduction and to the bank account it is made from.

OC, "ACH return codes". A notification of change is the bank's own word: what it corrects
is taken over at once, without a hold on sales and without a new prenote.
"""

from __future__ import annotations

from datetime import date, datetime

from bot.files.nacha_returns import Correction
from bot.month.bank_accounts import bank_account
from bot.month.letter_facts import DeductionStopped, StopReason
from bot.month.office import Office
from handlers.plan.accounts import Deduction, DeductionStatus, Hold
from handlers.plan.calendar import coming_purchases
from handlers.plan.returns import ReturnAction, is_change_of_bank_details, return_action
from storage.audit import PROGRAM, AuditKind
from storage.sent_files import AchEntry
from storage.store import Transaction

_STOP_REASON = {
    ReturnAction.STOP: StopReason.BANK_ACCOUNT,
    ReturnAction.STOP_AND_REFER: StopReason.NOT_AUTHORIZED,
}


def act_on_instruction(tx: Transaction, office: Office, entry: AchEntry, code: str, now: datetime) -> None:
    """End, pause or leave the deduction whose entry came back, by the code; hold the account for a death.

    After a death the deduction is paused, not ended: the bank may be wrong, and a person releases the account.
    A prenote that came back for any other reason pauses it too, until its bank account is tested again.
    """
    action = return_action(code)
    if action is ReturnAction.DECEASED_HOLD:
        _hold(tx, entry, now)
    found = tx.registrations.deduction_of(entry.registration_id)
    if found is None or found.status is DeductionStatus.REVOKED:
        return
    reason = _STOP_REASON.get(action)
    if reason is not None:
        tx.registrations.set_deduction(entry.registration_id, Deduction(found.amount, DeductionStatus.REVOKED), now)
        _tell_stopped(tx, office, entry, Deduction(found.amount, found.status), reason, now)
    elif action is ReturnAction.DECEASED_HOLD or entry.is_prenote:
        tx.registrations.set_deduction(entry.registration_id, Deduction(found.amount, DeductionStatus.PAUSED), now)
    if entry.is_prenote:
        tx.registrations.note_prenote(entry.registration_id, None, now)


def _hold(tx: Transaction, entry: AchEntry, now: datetime) -> None:
    """Freeze the account, as after a message that tells of a death. OC, "Death"."""
    cause = f"bank-return:{entry.trace}"
    tx.reported_holds.report(entry.registration_id, Hold.DEATH_REPORTED, cause, now)
    holder = tx.registrations.by_ids({entry.registration_id})[entry.registration_id]
    tx.confirmations.freeze(holder.email, now)
    facts = {"hold": Hold.DEATH_REPORTED.value, "cause": cause}
    tx.audit.note(PROGRAM, AuditKind.HOLD_SET, f"registration:{holder.id}", facts, now)


def _tell_stopped(
    tx: Transaction, office: Office, entry: AchEntry, before: Deduction, reason: StopReason, now: datetime
) -> None:
    holder = tx.registrations.by_ids({entry.registration_id})[entry.registration_id]
    today: date = office.today(now)
    coming = next(coming_purchases(now, office.plan.calendar(now), office.plan.book))
    told = DeductionStopped(holder.masked_account, before.amount, reason, today, coming)
    office.write_to(tx, holder, told, cause=f"deduction-stopped:{holder.id}:{entry.trace}", now=now)


def take_correction(
    tx: Transaction, office: Office, entry: AchEntry, code: str, correction: Correction | None
) -> bool | None:
    """Use the bank account that a notification of change names. None if it is used already; False if a person decides.

    A person decides where it corrects something else, or where the account that it answers is not the one of record
    any more: a part of one bank account would be put into another.
    """
    found = tx.registrations.deduction_of(entry.registration_id)
    payee = tx.registrations.payee(entry.registration_id)
    before = bank_account(office.keys, payee)
    if correction is None or not is_change_of_bank_details(code) or before is None or found is None:
        return False
    if found.prenoted_on is None or found.prenoted_on > entry.effective_on:
        return False
    after = before.corrected(correction)
    if after == before:
        return None
    tx.registrations.correct_bank(entry.registration_id, office.keys.seal(after.text))
    return True
