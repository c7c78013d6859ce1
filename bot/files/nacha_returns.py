"""What the bank sends back: returned debits, and notifications that an account changed. PLAN.md, files exchanged.

Both come in ACH files, as entries with addenda of type 99 and 98. A file may
hold batches of other programs of the same company, and a day without returns may
bring a file without batches; both are in order. Which debit is meant is told by
the original trace number alone.

Only the original trace number, the codes and the totals are held to the rules: banks fill the
rest of a return differently (the trace in columns 80 to 94 is that of the
entry at some and a new one at others).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.files.nacha_debits import AccountType
from bot.files.nacha_frame import Batch, Entry, read_frame
from bot.files.nacha_records import RETURN_ADDENDA, Faults, Record
from bot.files.nacha_rules import is_account_number
from bot.holders_file import is_routing_number
from handlers.plan.money import Money

DEATHS = frozenset({"R14", "R15"})
"""The return reasons with which a date of death may come."""

_REASON = re.compile(r"R[0-9]{2}")
_CHANGE = re.compile(r"C[0-9]{2}")
_RETURNED = re.compile(r"[2-5][16]")
"""Transaction codes of returns and notifications of change: 21, 26, 31, 36 and those of other kinds of account."""
_DAY = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True, repr=False)
class AchReturn:
    """A debit or prenote that came back. Holds the bank's words: never log it (`repr` is off)."""

    line: int
    company_id: str
    """Whose entry it was; a company may have other programs at the same bank."""
    trace: str
    """The trace number of the entry as it was sent: fifteen digits."""
    reason: str
    """R and two digits, as published by Nacha."""
    amount: Money
    """Zero for a prenote."""
    is_credit: bool
    """Whether what came back was a payment and no debit; this service sends none."""
    reference: str
    """What the entry was sent with."""
    died_on: date | None
    """With R14 and R15, if the bank knows it."""
    original_bank: str
    """The first eight digits of the routing number of the bank that sent it back."""
    information: str
    return_trace: str
    """The trace number of the return itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Correction:
    """What is to be used from now on; what is None stays as it is. Bank details in clear: never log or store it."""

    routing: str | None = None
    account: str | None = None
    account_type: AccountType | None = None
    name: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NotificationOfChange:
    """Word from a holder's bank that an entry was, or will be, posted only after a correction. Never log it."""

    line: int
    company_id: str
    trace: str
    """The trace number of the entry as it was sent: fifteen digits."""
    code: str
    """C and two digits, as published by Nacha."""
    correction: Correction | None
    """None if the code corrects nothing of ours, or the text does not stand as the code wants it: for a person."""
    corrected_text: str
    """The 29 columns of the correction as they came; bank details in clear."""
    reference: str
    original_bank: str
    return_trace: str


CORRECTIONS: Mapping[str, tuple[tuple[str, int, int], ...]] = {
    "C01": (("account", 1, 17),),
    "C02": (("routing", 1, 9),),
    "C03": (("routing", 1, 9), ("account", 13, 29)),
    "C04": (("name", 1, 22),),
    "C05": (("account_type", 1, 2),),
    "C06": (("account", 1, 17), ("account_type", 21, 22)),
    "C07": (("routing", 1, 9), ("account", 10, 26), ("account_type", 27, 28)),
    "C09": (("reference", 1, 22),),
}
"""What each change code corrects, and in which columns of the corrected data it stands. All other columns are blank."""

_TYPE_BY_DIGIT = {"2": AccountType.CHECKING, "3": AccountType.SAVINGS}


def read_returns(content: bytes) -> tuple[AchReturn | NotificationOfChange, ...]:
    """All that came back, in the order of the file. BadNachaFile lists what is wrong; then nothing of it is taken."""
    frame, faults = read_frame(content), Faults()
    made = _day(frame.header["created_on"], None)
    if made is None:
        frame.header.fault(faults, "created_on", "a day such as 031121 is wanted; ask the bank")
    answers = [_answer(batch, entry, made, faults) for batch in frame.batches for entry in batch.entries]
    faults.check()
    return tuple(answer for answer in answers if answer is not None)


def _answer(batch: Batch, entry: Entry, made: date | None, faults: Faults) -> AchReturn | NotificationOfChange | None:
    detail = entry.detail
    if not _RETURNED.fullmatch(detail["transaction"]):
        wanted = "the code of a return or notification of change is wanted, such as 26 or 36"
        detail.fault(faults, "transaction", f"{wanted}; this may be a file of new entries: ask the bank")
        return None
    if len(entry.addenda) != 1:
        detail.fault(faults, "addenda", "one addenda record of type 98 or 99 is wanted; ask the bank")
        return None
    if entry.addenda[0].layout is RETURN_ADDENDA:
        return _return(batch, entry, entry.addenda[0], made, faults)
    return _change(batch, detail, entry.addenda[0], faults)


def _return(batch: Batch, entry: Entry, addenda: Record, made: date | None, faults: Faults) -> AchReturn:
    if not _REASON.fullmatch(addenda["reason"]):
        addenda.fault(faults, "reason", "a return reason is wanted, R and two digits; ask the bank")
    died_on = None
    if addenda["reason"] in DEATHS and addenda["died_on"].strip("0"):
        died_on = _day(addenda["died_on"], made)
        if died_on is None:
            addenda.fault(faults, "died_on", "a day such as 031121, or nothing, is wanted; ask the bank")
    return AchReturn(
        line=entry.detail.line,
        company_id=batch.header["company_id"],
        trace=addenda["original_trace"],
        reason=addenda["reason"],
        amount=Money.from_cents(entry.detail.number("amount")),
        is_credit=not entry.is_debit,
        reference=entry.detail["reference"],
        died_on=died_on,
        original_bank=addenda["original_bank"],
        information=addenda["information"],
        return_trace=entry.detail["trace"],
    )


def _change(batch: Batch, detail: Record, addenda: Record, faults: Faults) -> NotificationOfChange:
    code = addenda["code"]
    if not _CHANGE.fullmatch(code):
        addenda.fault(faults, "code", "a change code is wanted, C and two digits; ask the bank")
    if detail.number("amount"):
        detail.fault(faults, "amount", "a notification of change moves no money, but has an amount; ask the bank")
    where = addenda.layout.by_name["corrected"]
    text = addenda.text[where.first - 1 : where.last]
    return NotificationOfChange(
        line=detail.line,
        company_id=batch.header["company_id"],
        trace=addenda["original_trace"],
        code=code,
        correction=split_correction(code, text),
        corrected_text=text,
        reference=detail["reference"],
        original_bank=addenda["original_bank"],
        return_trace=detail["trace"],
    )


def split_correction(code: str, text: str) -> Correction | None:
    """The corrected data of a change code, split by its columns.

    None if the code has no columns of ours, if a part is missing or cannot be
    right (the check digit, the type of account), or if anything stands outside
    of them. Banks do put it elsewhere; what is not surely read is not used.
    """
    columns = CORRECTIONS.get(code)
    if columns is None:
        return None
    parts = {name: text[first - 1 : last].strip() for name, first, last in columns}
    if "".join(text.split()) != "".join("".join(parts.values()).split()):
        return None
    account_type = parts.get("account_type")
    routing, account = parts.get("routing"), parts.get("account")
    if account_type is not None and not _is_account_type(account_type):
        return None
    if routing is not None and not is_routing_number(routing):
        return None
    if account is not None and not is_account_number(account):
        return None
    if not all(parts.values()):
        return None
    return Correction(
        routing=routing,
        account=account,
        account_type=_TYPE_BY_DIGIT[account_type[0]] if account_type else None,
        name=parts.get("name"),
        reference=parts.get("reference"),
    )


def _is_account_type(code: str) -> bool:
    return len(code) == 2 and code[0] in _TYPE_BY_DIGIT and code[1] in "123456789"


def _day(text: str, made: date | None) -> date | None:
    """The day written as YYMMDD, of this century, or of the last if it would lie after `made`; None if it is none."""
    if not _DAY.fullmatch(text):
        return None
    for century in ("20", "19"):
        try:
            day = date(int(century + text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            continue
        if made is None or day <= made:
            return day
    return None
