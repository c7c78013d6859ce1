"""Files of debits for our bank, in NACHA form: one a cause, whole on the disk before it is recorded.

The same debits on the same day make the same bytes: the time of day in the file is
midnight, and trace numbers go on from the last that is recorded. So a step that
died between the file and its record meets its own file when it is done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.exchange_files import put_file
from bot.files.nacha import UnsendableDebits, nacha_file
from bot.files.nacha_debits import Debit, Originator, trace_number
from bot.month.bank_accounts import bank_account
from bot.month.office import Office, StepRefused
from handlers.plan.money import Money, total
from storage.registrations import HolderRecord
from storage.sent_files import AchEntry, SentFile
from storage.store import Transaction

KIND = "ach_debits"
PRENOTE_REFERENCE = "PRENOTE"
_MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""The files of one day, in their order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bank is asked to collect; without an order it is a prenote, and collects nothing."""

    registration_id: str
    order_id: str | None
    amount: Money
    presented: int = 1
    """How often this debit goes to the bank; more than once only where it came back for want of funds."""


def effective_day(office: Office, sent_on: date, now: datetime) -> date:
    """The day on which debits that leave on `sent_on` are to settle: the banking session after it."""
    return office.plan.calendar(now).banking_sessions_after(sent_on, 1)


def start_of(office: Office, day: date) -> datetime:
    """The instant at which a day begins in the plan's timezone: debits that settle on it are received then."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(office.plan.book.timezone))


def check_originator(office: Office) -> Originator:
    """Who collects, as the bank knows it. StepRefused where the settings do not say."""
    if office.originator is None:
        raise StepRefused("no debits can be sent: set ach_bank_routing and the other settings that begin with ach_")
    return office.originator


def send_debit_file(
    tx: Transaction, office: Office, asked: Sequence[Asked], *, cause: str, effective: date, now: datetime
) -> tuple[SentFile, tuple[AchEntry, ...]]:
    """Write a file of these debits and record it with its entries, in their order.

    StepRefused names every debit that the bank would not take; FileInTheWay, OSError. Then nothing is recorded.
    """
    originator = check_originator(office)
    sequence, last = tx.sent_files.next_sequence(KIND), tx.sent_files.last_trace_number()
    payees = tx.registrations.payees({one.registration_id for one in asked})
    entries = tuple(
        AchEntry(
            trace=trace_number(originator.bank_routing, last + number),
            file_sequence=sequence,
            is_prenote=one.order_id is None,
            registration_id=one.registration_id,
            order_id=one.order_id,
            amount=one.amount,
            effective_on=effective,
            presented=one.presented,
        )
        for number, one in enumerate(asked, start=1)
    )
    today = office.today(now)
    debits = [_debit(office, entry, payees) for entry in entries]
    try:
        content = nacha_file(originator, debits, effective, datetime.combine(today, time()), _modifier(tx, office, now))
    except UnsendableDebits as fault:
        raise StepRefused(f"the file of debits cannot be written:\n{fault}") from None
    name = f"{KIND}-{sequence:06d}.ach"
    office.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    put_file(office.folder / name, content)
    cents = total(entry.amount for entry in entries).cents
    digest = hashlib.sha256(content).hexdigest()
    sent = SentFile(KIND, sequence, cause, name, digest, len(entries), {"cents": cents}, now)
    tx.sent_files.record(sent)
    tx.sent_files.keep_entries(list(entries))
    return sent, entries


def _debit(office: Office, entry: AchEntry, payees: Mapping[str, HolderRecord]) -> Debit:
    payee = payees[entry.registration_id]
    found = bank_account(office.keys, payee)
    if found is None:
        raise StepRefused(f"account {payee.account_number} has no bank account to debit; have the holders file say it")
    return Debit(
        trace=entry.trace,
        routing=found.routing,
        account=found.account,
        account_type=found.account_type,
        amount=entry.amount,
        reference=entry.order_id or PRENOTE_REFERENCE,
        name=payee.name,
        is_prenote=entry.is_prenote,
        is_retry=entry.presented > 1,
    )


def _modifier(tx: Transaction, office: Office, now: datetime) -> str:
    """What tells the files of one day apart. StepRefused once a day has had as many as there are signs."""
    today = office.today(now)
    number = sum(office.today(file.written_at) == today for file in tx.sent_files.of_kind(KIND))
    if number >= len(_MODIFIERS):
        raise StepRefused(f"{number} files of debits were written today, and no more can be told apart; go on tomorrow")
    return _MODIFIERS[number]
