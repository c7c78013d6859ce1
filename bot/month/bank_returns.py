"""Takes in what the bank sends back: checks that were not paid, debits that came back, accounts that changed.

A bank's file is taken whole or not at all, but a line of it that we cannot place is
no fault of the file: it goes to staff, and stands in the audit record. The same
return a second time, in whatever file, changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile
from bot.files.from_bank import ACH_RETURNS, RETURNED_CHECKS, AchReturnRow, ReturnedCheckRow
from bot.files.layout import read_rows
from bot.files.nacha_frame import LARGEST_BYTES, read_frame
from bot.files.nacha_records import BadNachaFile
from bot.files.nacha_returns import AchReturn, Correction, NotificationOfChange, read_returns
from bot.holders_import import check_not_loaded
from bot.month.ach_files import effective_day, send_debit_file, start_of
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office
from bot.month.returned_debits import act_on_instruction, take_correction
from bot.month.returned_payments import RETURNED_CHECK, Aftermath, take_back
from bot.month.step import at_the_month
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import cycle_id
from handlers.plan.money import ZERO_DOLLARS, Money, total
from handlers.plan.payments import PaymentKind, PaymentState, good_on, return_risk_until
from handlers.plan.returns import RETURN_MEANINGS, MoneyAfterReturn, ReturnAction, return_action
from storage.files import LoadedFile
from storage.payments import Payment
from storage.sent_files import AchEntry
from storage.store import Transaction

NACHA_RETURNS = "nacha_returns"
"""The kind of a returns file in NACHA form. It bears no number, so each gets the next one when it is loaded."""
TOLD_AT_MOST = 40
"""Lines that a notice to staff names; the audit record has all."""


@dataclass(slots=True)
class LoadedReturns:
    """What a file of returns brought, line by line counted."""

    lines: int
    dollars: Money
    taken_back: int = 0
    presented_again: int = 0
    prenotes: int = 0
    corrected: int = 0
    """Bank accounts that their bank corrected."""
    repeated: int = 0
    """Came back before; nothing was done."""
    of_others: int = 0
    """Entries of another program at the same bank."""
    for_staff: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class _Answer:
    """One line about an entry of ours. May hold bank details in clear: never log it (`repr` is off)."""

    line: int
    trace: str
    code: str
    amount: Money
    returned_on: date
    correction: Correction | None
    is_ours: bool = True
    """Whether it is sure to be about an entry that this program sent."""


@dataclass(slots=True)
class _Taking:
    """A file that is being taken in."""

    tx: Transaction
    office: Office
    now: datetime
    report: LoadedReturns
    again: list[Aftermath] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What staff are told, a line each; ids and codes, no account data."""

    def refer(self, line: int, what: str) -> None:
        """Let a person look at a line."""
        self.report.for_staff += 1
        self.remarks.append(f"line {line}: {what}")


def load_returned_checks(office: Office, path: Path, now: datetime) -> LoadedReturns:
    """Load the bank's file of checks that were not paid. BadFile if it is faulty or was loaded before."""
    file, rows = read_rows(path, RETURNED_CHECKS)
    with at_the_month(office) as tx:
        check_not_loaded(tx, file, RETURNED_CHECKS.kind)
        taking = _Taking(tx, office, now, LoadedReturns(len(rows), total(row.amount for row in rows)))
        for record, row in zip(file.rows, rows, strict=True):
            _take_check(taking, record.line, row)
        loaded = LoadedFile(file.digest, RETURNED_CHECKS.kind, file.sequence, path.name, len(rows), now, file.as_of)
        _finish(taking, loaded)
    return taking.report


def load_ach_returns(office: Office, path: Path, now: datetime) -> LoadedReturns:
    """Load the bank's list of debits that came back and accounts that changed. BadFile."""
    file, rows = read_rows(path, ACH_RETURNS)
    answers = [_of_row(record.line, row) for record, row in zip(file.rows, rows, strict=True)]
    with at_the_month(office) as tx:
        check_not_loaded(tx, file, ACH_RETURNS.kind)
        loaded = LoadedFile(file.digest, ACH_RETURNS.kind, file.sequence, path.name, len(rows), now, file.as_of)
        return _take_answers(tx, office, answers, loaded, now)


def load_nacha_returns(office: Office, path: Path, now: datetime) -> LoadedReturns:
    """Load the same in NACHA form, as the bank makes it. BadFile."""
    if path.stat().st_size > LARGEST_BYTES:
        raise BadFile(path, [f"larger than {LARGEST_BYTES} bytes"])
    content = path.read_bytes()
    try:
        found = read_returns(content)
        made = _day_made(content)
    except BadNachaFile as fault:
        raise BadFile(path, fault.faults) from None
    company = office.originator.company_id if office.originator else ""
    answers = [_of_nacha(one, made, company) for one in found]
    digest = hashlib.sha256(content).hexdigest()
    with at_the_month(office) as tx:
        earlier = tx.files.by_digest(digest)
        if earlier is not None:
            at = earlier.loaded_at.astimezone(UTC)
            raise BadFile(path, [f"was loaded before, at {at:%Y-%m-%d %H:%M} UTC as {earlier.name}"])
        sequence = tx.files.last_sequence(NACHA_RETURNS) + 1
        loaded = LoadedFile(digest, NACHA_RETURNS, sequence, path.name, len(found), now, made)
        return _take_answers(tx, office, answers, loaded, now)


def _day_made(content: bytes) -> date:
    """The day on which the bank made its file, which `read_returns` has found to be one."""
    return datetime.strptime(read_frame(content).header["created_on"], "%y%m%d").replace(tzinfo=UTC).date()


def _of_row(line: int, row: AchReturnRow) -> _Answer:
    return _Answer(line, row.trace, row.code, row.amount, row.returned_on, row.correction)


def _of_nacha(one: AchReturn | NotificationOfChange, made: date, company: str) -> _Answer:
    is_ours = not company or one.company_id == company
    match one:
        case NotificationOfChange():
            return _Answer(one.line, one.trace, one.code, ZERO_DOLLARS, made, one.correction, is_ours)
        case AchReturn():
            return _Answer(one.line, one.trace, one.reason, one.amount, made, None, is_ours)


def _take_answers(
    tx: Transaction, office: Office, answers: Sequence[_Answer], loaded: LoadedFile, now: datetime
) -> LoadedReturns:
    taking = _Taking(tx, office, now, LoadedReturns(len(answers), total(one.amount for one in answers)))
    for answer in answers:
        _take_answer(taking, answer)
    _finish(taking, loaded)
    return taking.report


def _take_answer(taking: _Taking, answer: _Answer) -> None:
    """Do what follows from one line about an entry of ours."""
    tx, report = taking.tx, taking.report
    entry = tx.sent_files.entry(answer.trace)
    if entry is None:
        if answer.is_ours:
            taking.refer(answer.line, f"{answer.code} for trace {answer.trace}, which no file of ours holds")
        else:
            report.of_others += 1
    elif answer.code.startswith("C"):
        _take_change(taking, answer, entry)
    elif entry.code:
        report.repeated += 1
        if entry.code != answer.code:
            taking.refer(answer.line, f"{answer.code} for trace {answer.trace}, which came back as {entry.code} before")
    elif answer.amount != entry.amount:
        taking.refer(answer.line, f"{answer.code} for trace {answer.trace}, but with another amount than was debited")
    else:
        _take_return(taking, answer, entry)


def _take_change(taking: _Taking, answer: _Answer, entry: AchEntry) -> None:
    done = take_correction(taking.tx, taking.office, entry, answer.code, answer.correction)
    if done is None:
        taking.report.repeated += 1
    elif done:
        taking.report.corrected += 1
        taking.remarks.append(
            f"line {answer.line}: {answer.code} for trace {answer.trace} was taken over;"
            " have the transfer agent record it too, else its next file brings the old bank account back"
        )
    else:
        taking.refer(answer.line, f"{answer.code} for trace {answer.trace} asks for a change that a person has to make")


def _take_return(taking: _Taking, answer: _Answer, entry: AchEntry) -> None:
    """The deduction first: who has died, as the bank says, gets no letter about the money."""
    tx, office, now = taking.tx, taking.office, taking.now
    tx.sent_files.entry_returned(entry.trace, answer.code, answer.returned_on)
    act_on_instruction(tx, office, entry, answer.code, now)
    what = f"{answer.code} ({RETURN_MEANINGS.get(answer.code, 'a code that is not known')})"
    if entry.is_prenote:
        taking.report.prenotes += 1
        if return_action(answer.code) is not ReturnAction.STOP:
            taking.refer(answer.line, f"{what} for the prenote with trace {entry.trace}")
        return
    (payment,) = tx.payments.by_instrument(PaymentKind.DEBIT, entry.trace, entry.amount)
    done = take_back(tx, office, payment, answer.code, answer.returned_on, now)
    _count(taking, answer.line, done, what)


def _take_check(taking: _Taking, line: int, row: ReturnedCheckRow) -> None:
    """Find the one check that a line names, and take it back."""
    named = _checks_named(taking.tx, row)
    found = [one for one in named if one.state is not PaymentState.RETURNED]
    if named and not found:
        taking.report.repeated += 1
    elif len(found) != 1:
        how = "no check of ours" if not found else f"{len(found)} checks of ours"
        taking.refer(line, f"a check was returned whose number, amount and account are those of {how}")
    else:
        done = take_back(taking.tx, taking.office, found[0], RETURNED_CHECK, row.returned_on, taking.now)
        _count(taking, line, done, "a returned check")


def _checks_named(tx: Transaction, row: ReturnedCheckRow) -> tuple[Payment, ...]:
    """Checks with this number and amount; where the bank names the account, of that account or of nobody known."""
    found = tx.payments.by_instrument(PaymentKind.CHECK, row.check_number, row.amount)
    if not row.account:
        return found
    holder = tx.registrations.by_account_number(row.account)
    owners = {None, holder.id} if holder else {None}
    return tuple(payment for payment in found if payment.registration_id in owners)


def _count(taking: _Taking, line: int, done: Aftermath, what: str) -> None:
    taking.report.taken_back += 1
    if done.again is not None:
        taking.report.presented_again += 1
        taking.again.append(done)
    if done.consequence.needs_person or done.consequence.money is MoneyAfterReturn.FORGET:
        which = f"order {done.payment.order_id}" if done.payment.order_id else f"payment {done.payment.id}"
        taking.refer(line, f"{what}, {which}: {done.consequence.money.value}")


def _finish(taking: _Taking, loaded: LoadedFile) -> None:
    """What is presented again leaves in a file of its own; the file is recorded, and staff are told."""
    _send_again(taking, f"debits-again:{loaded.kind}:{loaded.sequence}")
    taking.tx.files.record(loaded)
    counts = asdict(taking.report) | {"dollars": str(taking.report.dollars), "remarks": taking.remarks}
    note_loaded(taking.tx, loaded, counts)
    if taking.remarks:
        _tell_staff(taking, loaded)


def _send_again(taking: _Taking, cause: str) -> None:
    if not taking.again:
        return
    tx, office, now = taking.tx, taking.office, taking.now
    effective = effective_day(office, office.today(now), now)
    asked = [one.again for one in taking.again if one.again is not None]
    sent, entries = send_debit_file(tx, office, asked, cause=cause, effective=effective, now=now)
    calendar = office.plan.calendar(now)
    for one, entry in zip(taking.again, entries, strict=True):
        terms = office.terms(one.payment.purchase_date)
        tx.payments.move(
            one.payment.id,
            PaymentState.RETURNED,
            PaymentState.FILED,
            now,
            instrument=entry.trace,
            file=sent.digest,
            received_at=start_of(office, effective),
            good_on=good_on(effective, calendar, terms),
            return_risk_until=return_risk_until(PaymentKind.DEBIT, effective, calendar, terms),
            reason="",
            returned_on=None,
        )


def _tell_staff(taking: _Taking, loaded: LoadedFile) -> None:
    office, now = taking.office, taking.now
    month = next(coming_purchases(now, office.plan.calendar(now), office.plan.book))
    more = len(taking.remarks) - TOLD_AT_MOST
    told = CycleNeedsPerson(
        cycle=cycle_id(month),
        purchase_date=month.purchase_date,
        what="Look at what the bank sent back",
        why=f"Of {loaded.kind} file {loaded.sequence}: {'; '.join(taking.remarks[:TOLD_AT_MOST])}."
        + (f" And {more} more lines, which the audit record lists." if more > 0 else ""),
        command="",
        until=None,
    )
    office.tell_staff(taking.tx, told, cause=f"bank-returns:{loaded.kind}:{loaded.sequence}", now=now)
