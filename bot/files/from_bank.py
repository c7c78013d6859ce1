"""What the bank tells: checks of the lockbox, checks that came back, and what became of debits.

A check that may not simply be invested (in another currency, dated ahead,
drawn by somebody else) is a row like any other: what is doubtful about it is for
the rules of payments to say and for a person to decide. Only what cannot be
right in any file is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from bot.files.layout import Column, Layout, Objection, Total
from bot.files.nacha_debits import AccountType
from bot.files.nacha_returns import CORRECTIONS, Correction
from bot.files.notations import (
    ACCOUNT_IF_KNOWN,
    ACCOUNT_TYPE,
    ACH_CODE,
    BANK_ACCOUNT,
    CHECK_NUMBER,
    CURRENCY,
    DAY,
    DAY_IF_ANY,
    DOLLARS,
    DOLLARS_ABOVE_ZERO,
    INSTANT,
    ROUTING,
    TRACE,
    text_of,
)
from handlers.plan.money import Money
from handlers.plan.payments import ReceivedCheck


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as the lockbox received it."""

    account: str
    """Empty where the bank could not tell."""
    amount: Money
    """In its own currency, above zero; dollars only where `currency` says so."""
    currency: str
    check_number: str
    """Without zeros in front."""
    check_date: date | None
    payer: str
    """Who drew it, as the check has it; empty where the bank could not tell."""
    received: datetime
    """The bank's own stamp: it decides the purchase month."""
    note: str

    @property
    def paper(self) -> ReceivedCheck:
        """What the rules of payments look at: `match_check` says whose it is, or names every doubt."""
        return ReceivedCheck(self.amount, self.currency, self.check_date, self.payer, self.received)

    @property
    def _identity(self) -> tuple[str, str, str, Money]:
        return self.account, "" if self.account else self.payer, self.check_number, self.amount


CHECKS = Layout(
    kind="checks",
    row=CheckRow,
    columns=(
        Column("account", ACCOUNT_IF_KNOWN),
        Column("amount", DOLLARS_ABOVE_ZERO),
        Column("currency", CURRENCY),
        Column("check_number", CHECK_NUMBER),
        Column("check_date", DAY_IF_ANY),
        Column("payer", text_of(0, 200)),
        Column("received", INSTANT, is_past=True),
        Column("note", text_of(0, 500), may_be_left_out=True),
    ),
    once=("account", "check_number", "amount"),
    identity=attrgetter("_identity"),
    may_be_empty=True,
    totals=(Total("amount", lambda check: check.amount.cents, 2),),
)


@dataclass(frozen=True, slots=True)
class ReturnedCheckRow:
    """A check that was deposited and not paid."""

    account: str
    """Empty where the bank could not tell."""
    amount: Money
    check_number: str
    """Without zeros in front."""
    returned_on: date
    reason: str
    """In the bank's words."""


RETURNED_CHECKS = Layout(
    kind="returned_checks",
    row=ReturnedCheckRow,
    columns=(
        Column("account", ACCOUNT_IF_KNOWN),
        Column("amount", DOLLARS_ABOVE_ZERO),
        Column("check_number", CHECK_NUMBER),
        Column("returned_on", DAY, is_past=True),
        Column("reason", text_of(1, 200)),
    ),
    once=("account", "check_number", "amount"),
    totals=(Total("amount", lambda check: check.amount.cents, 2),),
    may_be_empty=True,
)


@dataclass(frozen=True, slots=True, repr=False)
class AchReturnRow:
    """A debit that came back, or a change that its bank asks for. Holds bank details in clear: never log it.

    `repr` is switched off for that reason.
    """

    trace: str
    """Of the entry that we sent."""
    amount: Money
    """What came back; zero for a change and for a returned prenote."""
    code: str
    returned_on: date
    corrected_routing: str
    corrected_account: str
    corrected_account_type: AccountType | None
    corrected_name: str
    corrected_reference: str

    @property
    def correction(self) -> Correction | None:
        """What is to be used from now on; None for a return, and for a change of nothing that is ours."""
        if self.code not in CORRECTED:
            return None
        return Correction(
            routing=self.corrected_routing or None,
            account=self.corrected_account or None,
            account_type=self.corrected_account_type,
            name=self.corrected_name or None,
            reference=self.corrected_reference or None,
        )

    @property
    def is_change(self) -> bool:
        """Whether the debit went through, and only what it was addressed to is to be corrected."""
        return self.code.startswith("C")


CORRECTED: Mapping[str, frozenset[str]] = {
    code: frozenset(f"corrected_{part}" for part, _, _ in parts) for code, parts in CORRECTIONS.items()
}
"""The columns in which each change code corrects something; every other code corrects nothing here."""


def _ach_objections(row: AchReturnRow) -> Iterator[Objection]:
    if row.is_change and row.amount.cents:
        yield "amount", "0.00 is wanted for a change: nothing came back"
    wanted = CORRECTED.get(row.code, frozenset())
    for column in ACH_RETURNS.columns[4:]:
        if bool(getattr(row, column.name)) != (column.name in wanted):
            yield (
                column.name,
                f"{'the corrected value' if column.name in wanted else 'nothing'} is wanted for {row.code}",
            )


ACH_RETURNS = Layout(
    kind="ach_returns",
    row=AchReturnRow,
    columns=(
        Column("trace", TRACE),
        Column("amount", DOLLARS),
        Column("code", ACH_CODE),
        Column("returned_on", DAY, is_past=True),
        Column("corrected_routing", ROUTING, may_be_left_out=True),
        Column("corrected_account", BANK_ACCOUNT, may_be_left_out=True),
        Column("corrected_account_type", ACCOUNT_TYPE, may_be_left_out=True),
        Column("corrected_name", text_of(0, 22), may_be_left_out=True),
        Column("corrected_reference", text_of(0, 22), may_be_left_out=True),
    ),
    once=("trace", "code"),
    identity=lambda row: (row.trace, row.is_change),
    totals=(Total("amount", lambda row: row.amount.cents, 2),),
    may_be_empty=True,
    objections=_ach_objections,
)
