"""A holder's bank account as a debit needs it, out of the sealed text that the store keeps. Never log or store it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.files.nacha_debits import AccountType
from bot.files.nacha_names import ach_name
from bot.files.nacha_returns import Correction
from bot.files.nacha_rules import is_account_number
from bot.holders_file import is_routing_number
from bot.keys import Keys
from storage.registrations import HolderRecord


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount:
    """Where a debit takes its money from. Bank details in clear: never log it (`repr` is off)."""

    routing: str
    account: str
    account_type: AccountType = AccountType.CHECKING

    @property
    def text(self) -> str:
        """As it is sealed: "routing account", and "savings" behind them where it is no checking account."""
        kind = "" if self.account_type is AccountType.CHECKING else f" {self.account_type.value}"
        return f"{self.routing} {self.account}{kind}"

    def corrected(self, by: Correction) -> BankAccount:
        """This account with what its bank says is to be used from now on."""
        return BankAccount(by.routing or self.routing, by.account or self.account, by.account_type or self.account_type)


def bank_account(keys: Keys, payee: HolderRecord) -> BankAccount | None:
    """The bank account of record; None where there is none. BadSecret if it was sealed under another secret."""
    if not payee.bank:
        return None
    routing, account, *kind = keys.unseal(payee.bank).split()
    return BankAccount(routing, account, AccountType(kind[0]) if kind else AccountType.CHECKING)


def is_debitable(keys: Keys, payee: HolderRecord) -> bool:
    """Whether the bank would take a debit from this holder: the account can be one, and the name can be spelled."""
    found = bank_account(keys, payee)
    if found is None or not is_routing_number(found.routing) or not is_account_number(found.account):
        return False
    try:
        ach_name(payee.name)
    except ValueError:
        return False
    return True
