"""A month with a bank: deductions that stand, the file of debits, and what the bank sends back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from bot.files.from_bank import ACH_RETURNS, RETURNED_CHECKS, AchReturnRow, ReturnedCheckRow
from bot.files.layout import write_rows
from bot.files.nacha_debits import NachaFile
from bot.files.nacha_reading import read_nacha
from bot.holders_import import registration_id
from bot.month import authorisations, bank_returns, collect, debits, refunds
from bot.month.office import Office
from handlers.contract import AcceptPurchase, ChangeDeduction, DeductionChange
from handlers.plan.accounts import Deduction, DeductionStatus
from handlers.plan.money import Money
from handlers.plan.orders import PaymentMethod
from storage.payments import Payment
from storage.registrations import MonthlyDeduction
from storage.sent_files import AchEntry
from tests.files.nacha_examples import COMPANY
from tests.files.pretend_bank import Answer, PretendBank
from tests.month.playing import NOVEMBER, Month, at, check

LEAVES = "2003-11-06"
SETTLES = date(2003, 11, 7)


@dataclass
class BankMonth(Month):
    """A month whose office collects debits."""

    @cached_property
    def office(self) -> Office:
        """With what the settings would say of our bank."""
        return replace(super().office, originator=COMPANY)

    def asks_for_deduction(self, account: str, dollars: str, day: str = "2003-11-05") -> None:
        """A holder's confirmed wish; it waits for the signed form."""
        effect = ChangeDeduction(registration_id(account), DeductionChange.START, Money.of(dollars))
        with self.store.transaction() as tx:
            tx.effects.apply([effect], cause=f"start:{account}", now=at(day), today=date.fromisoformat(day))

    def deducts(self, account: str, dollars: str, tested: str = "2003-10-15") -> None:
        """A deduction that is authorised, and whose bank account stood its test long ago."""
        self.asks_for_deduction(account, dollars)
        self.authorises(account)
        with self.store.transaction() as tx:
            active = Deduction(Money.of(dollars), DeductionStatus.ACTIVE)
            tx.registrations.set_deduction(registration_id(account), active, at("2003-11-05"))
            tx.registrations.note_prenote(registration_id(account), date.fromisoformat(tested), at("2003-11-05"))

    def authorises(self, account: str) -> None:
        """The signed form is here."""
        authorisations.authorise(self.office, account, "Olive", "F-1", at("2003-11-05"))

    def ends(self, account: str) -> None:
        """The holder stops the deduction."""
        effect = ChangeDeduction(registration_id(account), DeductionChange.STOP, None)
        with self.store.transaction() as tx:
            tx.effects.apply([effect], cause=f"stop:{account}", now=at("2003-11-05"), today=date(2003, 11, 5))

    def orders_by_debit(self, account: str, dollars: str) -> str:
        """A confirmed order by mail, to be paid by a debit. Returns its number."""
        dates = self.dates()
        method = PaymentMethod.AUTOMATIC_DEDUCTION
        effect = AcceptPurchase(registration_id(account), Money.of(dollars), method, dates.purchase_date, dates.cut_off)
        return self._order(effect, "2003-11-05")

    def cancels(self, order_id: str) -> None:
        """The holder takes an order back."""
        with self.store.transaction() as tx:
            assert tx.orders.cancel(order_id)

    def debits(self, day: str = LEAVES, number: str = NOVEMBER) -> debits.DebitReport:
        """The file of debits, on the morning of a day."""
        return debits.send_debits(self.office, number, "test", at(day))

    def collects(self, day: str) -> collect.Collected:
        """What the passing of days brings."""
        return collect.collect_day(self.office, at(day))

    def debited(self, *accounts: str) -> list[str]:
        """The orders of these accounts' deductions, $300 each, their debits settled."""
        for account in accounts:
            self.deducts(account, "300")
        self.debits()
        self.collects("2003-11-07")
        return [self.deduction_order(account) for account in accounts]

    def buys_shares(self) -> None:
        """From the lock to the confirmations, with somebody else's check for the file of the day."""
        self.lockbox(check("CST-30003", "250"))
        self.lock()
        self.prices("1.12", "1.15", "1.09")
        self.to_approval()
        self.allot()
        self.issue()
        self.confirm()
        assert self.books_agree()

    def file(self, name: str) -> NachaFile:
        """What a file of debits says."""
        return read_nacha((self.office.folder / name).read_bytes())

    def entry_of(self, order_id: str) -> AchEntry:
        """The latest presentation of an order's debit."""
        with self.store.reading() as tx:
            return tx.sent_files.entries_of_order(order_id)[-1]

    def deduction_order(self, account: str, number: str = NOVEMBER) -> str:
        """The order that the month's deduction of an account made."""
        with self.store.reading() as tx:
            found = [
                one
                for one in tx.payments.of_registration(registration_id(account))
                if one.kind.value == "debit" and one.purchase_date == self.dates(number).purchase_date
            ]
        (payment,) = found
        assert payment.order_id is not None
        return payment.order_id

    def comes_back(self, order_id: str, code: str, day: str = "2003-11-10", time: str = "10:00") -> AchReturnRow:
        """A row that returns the latest presentation of an order's debit."""
        entry = self.entry_of(order_id)
        return AchReturnRow(entry.trace, entry.amount, code, date.fromisoformat(day), "", "", None, "", "")

    def ach_returns(
        self, *rows: AchReturnRow, day: str = "2003-11-10", time: str = "12:00"
    ) -> bank_returns.LoadedReturns:
        """The bank's list, loaded at noon of its day."""
        sequence = self.number("ach_returns")
        path = self.folder / f"ach-returns-{sequence}.csv"
        write_rows(path, ACH_RETURNS, sequence, date.fromisoformat(day), rows)
        return bank_returns.load_ach_returns(self.office, path, at(day, time))

    def returns_of(self, name: str, answers: Mapping[str, Answer]) -> bytes:
        """What the bank answers to a file of ours."""
        return PretendBank(self.file(name)).answers(answers, datetime(2003, 11, 10, 17, 5))

    def nacha_returns(self, name: str, answers: Mapping[str, Answer], made: datetime) -> bank_returns.LoadedReturns:
        """The bank's file in NACHA form, by the trace numbers of a file of ours."""
        path = self.folder / f"nacha-returns-{self.number('nacha')}.ach"
        path.write_bytes(PretendBank(self.file(name)).answers(answers, made.replace(tzinfo=None)))
        return bank_returns.load_nacha_returns(self.office, path, made)

    def returned_checks(self, *rows: ReturnedCheckRow, day: str = "2003-11-13") -> bank_returns.LoadedReturns:
        """The bank's file of checks that were not paid."""
        sequence = self.number("returned_checks")
        path = self.folder / f"returned-checks-{sequence}.csv"
        write_rows(path, RETURNED_CHECKS, sequence, date.fromisoformat(day), rows)
        return bank_returns.load_returned_checks(self.office, path, at(day, "12:00"))

    def refunds(self, day: str) -> refunds.SentRefunds:
        """The day's file of refunds."""
        return refunds.send_refunds(self.office, "test", at(day, "15:00"))

    def payment_of(self, order_id: str) -> Payment:
        """The payment of an order."""
        with self.store.reading() as tx:
            (found,) = tx.payments.of_orders([order_id])
        return found

    def payments(self) -> list[Payment]:
        """Every payment of November."""
        with self.store.reading() as tx:
            return list(tx.payments.of_month(self.dates().purchase_date))

    def deduction(self, account: str) -> MonthlyDeduction:
        """How a deduction stands."""
        with self.store.reading() as tx:
            found = tx.registrations.deduction_of(registration_id(account))
        assert found is not None
        return found

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of what a repeated step could change."""
        with self.store.reading() as tx:
            tables = (
                *("payments", "refunds", "purchase_orders", "ledger_entries", "postings", "ach_entries", "outbox"),
                *("sent_files", "deductions", "registrations", "reported_holds", "cycle_acts", "acceptances"),
            )
            return {
                name: sorted(
                    (tuple(row) for row in tx.connection.exec_driver_sql(f"SELECT * FROM {name}")),  # noqa: S608  # ours
                    key=repr,
                )
                for name in tables
            }


def returned(account: str, dollars: str, number: str, day: str = "2003-11-13") -> ReturnedCheckRow:
    """A check that was not paid."""
    return ReturnedCheckRow(account, Money.of(dollars), number, date.fromisoformat(day), "not sufficient funds")


def write_nothing(path: Path) -> Path:
    """A file that is none of the bank's."""
    path.write_text("H,nothing,1,2003-11-10\n", encoding="utf-8")
    return path
