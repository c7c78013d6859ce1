"""What an ACH file of ours says: who collects, and whom it debits.

A debit holds a bank account in clear: never log or store it (`repr` is off).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from handlers.plan.money import Money, total

TRACE_SEQUENCE_MAX = 9_999_999
RETRY_DESCRIPTION = "RETRY PYMT"
"""What the entry description of debits that are presented again must say (Nacha rules, reinitiated entries)."""

SERVICE_CLASS_DEBITS = "225"
ENTRY_CLASS = "PPD"
"""Prearranged payment and deposit: the class for debits to a person's account under a signed authorisation."""


class AccountType(Enum):
    """Which kind of account at the holder's bank is debited."""

    CHECKING = "checking"
    SAVINGS = "savings"


TRANSACTIONS: Mapping[tuple[AccountType, bool], str] = {
    (AccountType.CHECKING, False): "27",
    (AccountType.CHECKING, True): "28",
    (AccountType.SAVINGS, False): "37",
    (AccountType.SAVINGS, True): "38",
}
"""The transaction code of a debit, by account type and whether it is a prenote."""


@dataclass(frozen=True, slots=True)
class Originator:
    """The company that collects, as its bank knows it. Text stands in capitals, as agreed with the bank."""

    bank_routing: str
    """The routing number of our bank (the ODFI): nine digits. Its first eight begin each trace number."""
    bank_name: str
    """At most 23 characters."""
    origin: str
    """The immediate origin that the bank assigned: nine or ten digits or letters."""
    origin_name: str
    """At most 23 characters."""
    company_name: str
    """What the holder's bank prints on the statement; at most 16 characters."""
    company_id: str
    """At most 10 digits or letters; customarily 1 and the employer's tax number."""
    description: str
    """What the debit is for, on the statement; at most 10 characters. A file of retries alone does not tell it:
    read back, it says RETRY PYMT."""


@dataclass(frozen=True, slots=True, repr=False)
class Debit:
    """One debit, or the prenote that announces one. Holds a bank account in clear: never log or store it."""

    trace: str
    """Fifteen digits that never repeat, in this file or another; see `trace_number`."""
    routing: str
    account: str
    account_type: AccountType
    amount: Money
    """Zero for a prenote, and only for a prenote."""
    reference: str
    """What the bank sends back with a return: at most 15 letters, digits and hyphens; may be empty."""
    name: str
    """The holder's name in any spelling; the file has it in capitals and cut to 22 characters."""
    is_prenote: bool = False
    is_retry: bool = False
    """Whether this debit came back for want of funds and is presented again."""

    @property
    def transaction(self) -> str:
        """Its transaction code: 27, 28, 37 or 38."""
        return TRANSACTIONS[self.account_type, self.is_prenote]


@dataclass(frozen=True, slots=True)
class NachaFile:
    """All that a debit file says."""

    originator: Originator
    debits: tuple[Debit, ...]
    """In the order of their trace numbers."""
    effective: date
    """The banking day on which the money is to move."""
    created: datetime
    """Wall-clock time to the minute, without a zone, as the file has it."""
    modifier: str
    """A for the day's first file, then B to Z and 0 to 9."""

    @property
    def total(self) -> Money:
        """What it collects: the sum of its debits. PLAN.md, control totals."""
        return total(debit.amount for debit in self.debits)


def trace_number(bank_routing: str, sequence: int) -> str:
    """The trace number of a debit: eight digits of our bank, seven of a sequence that goes on from file to file.

    ValueError if the sequence is not of 1 to 9,999,999.
    """
    if not 1 <= sequence <= TRACE_SEQUENCE_MAX:
        raise ValueError(f"a trace sequence is a whole number from 1 to {TRACE_SEQUENCE_MAX}, not {sequence}")
    return f"{bank_routing[:8]}{sequence:07}"
