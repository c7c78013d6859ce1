"""What a debit file may not hold: the rules that writing and reading share.

A complaint names a field of the record layouts, so that the writer can say
which debit it means and the reader which line and columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.files.nacha_debits import RETRY_DESCRIPTION, Debit, Originator
from bot.files.nacha_names import ach_name, ach_text
from bot.files.nacha_records import BATCH_CONTROL, ENTRY
from bot.holders_file import is_routing_number

AMOUNT_MAX_CENTS = 10 ** ENTRY.by_name["amount"].width - 1
"""99,999,999.99 dollars: ten digits of cents."""
TOTAL_MAX_CENTS = 10 ** BATCH_CONTROL.by_name["debit"].width - 1
ENTRIES_MAX = 10 ** BATCH_CONTROL.by_name["records"].width - 1
"""999,999: six digits count the entries of a batch; a file of ours is held to it as well."""

RESERVED_DESCRIPTIONS = frozenset(
    {RETRY_DESCRIPTION, "REVERSAL", "RECLAIM", "NONSETTLED", "RETURN FEE", "REDEPCHECK", "NO CHECK", "AUTOENROLL"}
)
"""Descriptions to which the network's rules give a meaning of their own."""

_TRACE = re.compile(r"[0-9]{15}")
_ACCOUNT = re.compile(r"(?=.*[1-9A-Za-z])[0-9A-Za-z-]{1,17}")
_REFERENCE = re.compile(r"[0-9A-Za-z-]{0,15}")
_ORIGIN = re.compile(r"[0-9A-Z]{9,10}")
_COMPANY = re.compile(r"[0-9A-Z]{1,10}")
_MODIFIER = re.compile(r"[0-9A-Z]")


def is_account_number(text: str) -> bool:
    """Whether `text` can be an account at a holder's bank: 1 to 17 letters, digits and hyphens, not all zeros."""
    return bool(_ACCOUNT.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that keeps a file from being sent, in words that repeat no bank account and no name."""

    field: str
    """The field of its record."""
    wanted: str
    debit: int | None = None
    """Which debit, counted from 0; None if it is of the whole file."""


def _is_text(text: str, width: int) -> bool:
    """Whether `text` stands in a file just as it is."""
    try:
        return 0 < len(text) <= width and ach_text(text) == text
    except ValueError:
        return False


_ORIGINATOR: tuple[tuple[str, Callable[[Originator], bool], str], ...] = (
    ("destination", lambda of: is_routing_number(of.bank_routing), "the nine digits of our bank's routing number"),
    ("destination_name", lambda of: _is_text(of.bank_name, 23), "our bank's name, 1 to 23 characters in capitals"),
    ("origin", lambda of: bool(_ORIGIN.fullmatch(of.origin)), "nine or ten digits or capitals, as the bank assigned"),
    ("origin_name", lambda of: _is_text(of.origin_name, 23), "the sender's name, 1 to 23 characters in capitals"),
    ("company_name", lambda of: _is_text(of.company_name, 16), "the company's name, 1 to 16 characters in capitals"),
    ("company_id", lambda of: bool(_COMPANY.fullmatch(of.company_id)), "1 to 10 digits or capitals"),
    ("description", lambda of: _is_text(of.description, 10), "what the debits are for, 1 to 10 characters in capitals"),
)

_DEBIT: tuple[tuple[str, Callable[[Debit], bool], str], ...] = (
    ("trace", lambda debit: bool(_TRACE.fullmatch(debit.trace)), "a trace number of 15 digits"),
    ("routing", lambda debit: is_routing_number(debit.routing), "nine digits with a right check digit"),
    (
        "account",
        lambda debit: is_account_number(debit.account),
        "an account number of 1 to 17 letters, digits and hyphens, not all of them zeros",
    ),
    ("amount", lambda debit: debit.amount.cents <= AMOUNT_MAX_CENTS, "at most 99999999.99 dollars"),
    ("amount", lambda debit: not (debit.is_prenote and debit.amount.cents), "no dollars, as a prenote has none"),
    ("amount", lambda debit: debit.is_prenote or debit.amount.cents > 0, "dollars, as only a prenote has none"),
    (
        "reference",
        lambda debit: bool(_REFERENCE.fullmatch(debit.reference)),
        "a reference of at most 15 letters, digits and hyphens",
    ),
    ("transaction", lambda debit: not (debit.is_prenote and debit.is_retry), "no prenote among what is tried again"),
)


def complaints(
    originator: Originator, debits: Sequence[Debit], effective: date, created: datetime, modifier: str
) -> Iterator[Complaint]:
    """Everything that keeps these debits from being sent, in the order of the file; nothing if they may go."""
    for name, holds, wanted in _ORIGINATOR:
        if not holds(originator):
            yield Complaint(name, f"{wanted} is wanted")
    if originator.description in RESERVED_DESCRIPTIONS - _said_by_all(debits):
        yield Complaint("description", "a description to which the network's rules give no meaning is wanted")
    if not _MODIFIER.fullmatch(modifier):
        yield Complaint("modifier", "one of A to Z and 0 to 9 is wanted")
    if not 2000 <= created.year <= 2099:
        yield Complaint("created_on", "a year from 2000 to 2099 is wanted, as the file has two digits of it")
    if not created.date() <= effective <= date(2099, 12, 31):
        yield Complaint("effective", "a day of this century that is not before the file was made is wanted")
    if not debits:
        yield Complaint("records", "at least one debit is wanted; with none there is no file to send")
    if len(debits) > ENTRIES_MAX:
        yield Complaint("records", f"at most {ENTRIES_MAX} entries fit one file; send the rest in another")
    if sum(debit.amount.cents for debit in debits) > TOTAL_MAX_CENTS:
        yield Complaint("debit", "at most 9999999999.99 dollars fit one file; send the rest in another")
    yield from _of_debits(originator, debits)


def _said_by_all(debits: Sequence[Debit]) -> frozenset[str]:
    """The reserved description that is right because every debit is what it says (a file of retries that was read)."""
    return frozenset({RETRY_DESCRIPTION} if debits and all(debit.is_retry for debit in debits) else ())


def _of_debits(originator: Originator, debits: Sequence[Debit]) -> Iterator[Complaint]:
    last = ""
    for place, debit in enumerate(debits):
        for name, holds, wanted in _DEBIT:
            if not holds(debit):
                yield Complaint(name, f"{wanted} is wanted", place)
        if debit.trace[:8] != originator.bank_routing[:8]:
            yield Complaint("trace", "a trace number that begins with the eight digits of our bank is wanted", place)
        if debit.trace == last:
            yield Complaint("trace", "the same trace number stands twice; each entry needs its own", place)
        elif debit.trace < last:
            yield Complaint("trace", "trace numbers must rise from one debit to the next", place)
        last = debit.trace
        try:
            ach_name(debit.name)
        except ValueError as fault:
            yield Complaint("name", f"the name cannot be written {fault}; give it in letters A to Z", place)
