"""A month to be played: an office with holders, and one line for each thing that people and banks do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.files.from_bank import CHECKS, CheckRow
from bot.files.from_transfer_agent import FILLS, ISSUANCE_ACKNOWLEDGEMENT, FillRow, IssuanceAcknowledgementRow
from bot.files.layout import write_rows
from bot.files.prices import PRICES, CloseRow
from bot.holders_import import import_holders, registration_id
from bot.keys import Keys
from bot.month import allot, checks, closes, confirm, issue, lock, sales, trial
from bot.month.office import Office
from bot.plan import Plan
from bot.post import Post
from bot.render import Renderer
from handlers.contract import AcceptPurchase, AcceptSale, Effect
from handlers.plan.calendar import PurchaseMonth, purchase_month
from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import PaymentMethod, Portion
from handlers.plan.states import StateEntry, StateStatus
from storage.outbox import OutboxMessage
from storage.store import Store
from tests.exchange import ANA, write_holders

EASTERN = ZoneInfo("America/New_York")
NOVEMBER = "2003-11"
KEYS = Keys(bytes(range(32)))


def at(day: str, time: str = "10:00") -> datetime:
    """An instant in the plan's timezone: at("2003-11-12", "17:00")."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=EASTERN)


def holder(number: int, **changes: str) -> dict[str, str]:
    """A participant in good standing, as the holders file has one: account CST-30<number>."""
    return ANA | {
        "account": f"CST-30{number:03d}",
        "name": f"Holder Number{number}",
        "taxpayer_id": f"900-00-{number:04d}",
        "email": f"holder{number}@example.com",
        "plan_shares": "100.0000",
        **changes,
    }


@dataclass
class Month:
    """An office and what happens around it. `now` is whatever the test says."""

    store: Store
    folder: Path
    plan: Plan = field(default_factory=lambda: Plan.read(None))
    _numbers: dict[str, int] = field(default_factory=dict)

    @cached_property
    def office(self) -> Office:
        """What the steps work with."""
        post = Post(self.plan, KEYS, Renderer(self.plan.book), "aastrom.com")
        return Office(self.store, self.plan, KEYS, post, Clock(at("2003-11-05")), self.folder / "files")

    def dates(self, number: str = NOVEMBER) -> PurchaseMonth:
        """The dates of a cycle."""
        year, month = map(int, number.split("-"))
        return purchase_month(year, month, self.plan.calendar(at("2003-11-05")), self.plan.book)

    def number(self, kind: str) -> int:
        """The next number of a kind of file."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def holders(self, *rows: dict[str, str]) -> None:
        """Load holders, and open their states."""
        with self.store.transaction() as tx:
            known = {(entry.code, entry.effective) for entry in tx.states.all().entries}
            opened = [
                StateEntry(code, StateStatus.OPEN, date(2003, 11, 4))
                for code in sorted({row["state"] for row in rows})
                if (code, date(2003, 11, 4)) not in known
            ]
            tx.states.record(opened, "for the test", at("2003-11-04"))
        sequence = self.number("holders")
        path = write_holders(self.folder / f"holders-{sequence}.csv", *rows, sequence=sequence)
        office = self.office
        import_holders(self.store, self.plan, KEYS, office.post, path, at("2003-11-05"))

    def buys(self, account: str, dollars: str, number: str = NOVEMBER, day: str = "2003-11-06") -> str:
        """A confirmed order by mail, to be paid by check. Returns its number."""
        dates = self.dates(number)
        effect = AcceptPurchase(
            registration_id(account), Money.of(dollars), PaymentMethod.CHECK, dates.purchase_date, dates.cut_off
        )
        return self._order(effect, day)

    def sells(self, account: str, shares: str, portion: Portion | None = None, day: str = "2003-11-06") -> str:
        """A confirmed order by mail to sell. Returns its number."""
        dates = self.dates()
        effect = AcceptSale(registration_id(account), Shares.of(shares), portion, dates.purchase_date, dates.cut_off)
        return self._order(effect, day)

    def _order(self, effect: Effect, day: str) -> str:
        cause = f"confirmed:test:{self.number('orders')}"
        with self.store.transaction() as tx:
            done = tx.effects.apply([effect], cause=cause, now=at(day), today=date.fromisoformat(day))
        return done[0]

    def lockbox(self, *rows: CheckRow, day: str = "2003-11-12") -> checks.LoadedChecks:
        """The bank's file of checks, loaded at the end of the day it tells of."""
        sequence = self.number("checks")
        path = self.folder / f"checks-{sequence}.csv"
        write_rows(path, CHECKS, sequence, date.fromisoformat(day), rows)
        return checks.load_checks(self.office, path, at(day, "20:00"))

    def prices(self, *values: str, number: str = NOVEMBER) -> None:
        """The closes of the pricing days, by file."""
        days = self.dates(number).pricing_days
        rows = [
            CloseRow(day, Price(Money.of(value).dollars), "Nasdaq") for day, value in zip(days, values, strict=False)
        ]
        sequence = self.number("prices")
        path = self.folder / f"prices-{sequence}.csv"
        last = max(row.day for row in rows)
        write_rows(path, PRICES, sequence, last, rows)
        closes.load_closes(self.office, path, at(last.isoformat(), "20:00"))

    def lock(self, number: str = NOVEMBER) -> lock.LockReport:
        """The lock, in the evening of the cut-off."""
        return lock.lock(self.office, number, "test", at(self.dates(number).cut_off_day.isoformat(), "21:00"))

    def to_approval(self, number: str = NOVEMBER) -> trial.TrialReport:
        """Price, trial, and two approvals."""
        evening = at(self.dates(number).pricing_days[-1].isoformat(), "21:00")
        closes.price(self.office, number, "test", evening)
        report = trial.run_trial(self.office, number, "test", evening)
        trial.approve(self.office, number, "Olive", evening)
        trial.approve(self.office, number, "Peter", evening)
        return report

    def allot(self, number: str = NOVEMBER) -> allot.AllotReport:
        """The allotment, on the morning of the purchase date."""
        return allot.allot_month(self.office, number, "test", self.purchase_morning(number))

    def purchase_morning(self, number: str = NOVEMBER) -> datetime:
        """Nine in the morning of the purchase date."""
        return at(self.dates(number).purchase_date.isoformat(), "09:00")

    def issue(self, number: str = NOVEMBER) -> None:
        """The instruction, and the transfer agent's acknowledgement of the very same."""
        morning = self.purchase_morning(number)
        issue.instruct(self.office, number, "test", morning)
        with self.store.reading() as tx:
            cycle = tx.cycles.of(number)
            assert cycle is not None
            shares = issue.allotted_shares(tx, cycle)
            issued = Shares.from_units(-tx.ledger.balance("unissued", "SHARE"))
        row = IssuanceAcknowledgementRow(number, cycle.purchase_date, shares, issued, "TA-1")
        self.acknowledges(row, number)

    def acknowledges(self, row: IssuanceAcknowledgementRow, number: str = NOVEMBER) -> None:
        """The transfer agent's file, with this row."""
        sequence = self.number("issuance_acknowledgement")
        path = self.folder / f"acknowledgement-{sequence}.csv"
        write_rows(path, ISSUANCE_ACKNOWLEDGEMENT, sequence, row.purchase_date, [row])
        issue.acknowledge(self.office, path, "test", self.purchase_morning(number))

    def confirm(self, number: str = NOVEMBER) -> confirm.DeliveryReport:
        """The confirmations."""
        return confirm.confirm_purchases(self.office, number, "test", self.purchase_morning(number))

    def fills(self, *pieces: tuple[str, str, str], number: str = NOVEMBER) -> sales.Allocated:
        """The batch out, and the broker's fills: shares, price, fee."""
        morning = self.purchase_morning(number)
        sales.send_batch(self.office, number, "test", morning)
        day = self.dates(number).purchase_date
        rows = [
            FillRow(f"B-{number}", f"F{at_}", day, Shares.of(shares), Price(Money.of(price).dollars), Money.of(fee))
            for at_, (shares, price, fee) in enumerate(pieces, start=1)
        ]
        sequence = self.number("fills")
        path = self.folder / f"fills-{sequence}.csv"
        write_rows(path, FILLS, sequence, day, rows)
        return sales.load_fills(self.office, path, "test", morning)

    def letters(self, address: str = "", kind: str = "") -> list[OutboxMessage]:
        """The letters that wait or went, to an address, of a kind."""
        with self.store.reading() as tx:
            found = tx.outbox.newest(10_000)
        return [one for one in found if one.recipient.startswith(address) and one.kind.startswith(kind)]

    def balance(self, account: str, unit: str = "USD") -> int:
        """What stands in an account of the ledger."""
        with self.store.reading() as tx:
            return tx.ledger.balance(account, unit)

    def books_agree(self) -> bool:
        """Whether every control total holds; says which does not."""
        with self.store.reading() as tx:
            broken = tx.control_totals.broken()
        assert broken == ()
        return True

    def states_of(self, order_ids: Sequence[str]) -> list[str]:
        """Where these orders stand."""
        with self.store.reading() as tx:
            found = [tx.orders.purchase(order_id) for order_id in order_ids]
        return [order.state.value if order else "" for order in found]


def check(account: str, dollars: str, received: str = "2003-11-10 10:00", **changes: object) -> CheckRow:
    """A check of the account's own holder."""
    day, _, time = received.partition(" ")
    number = account[-3:].lstrip("0") or "1"
    values: dict[str, object] = {
        "account": account,
        "amount": Money.of(dollars),
        "currency": "USD",
        "check_number": "1" + account[-3:] + str(Money.of(dollars).cents % 997),
        "check_date": date.fromisoformat(day),
        "payer": f"Holder Number{number}",
        "received": at(day, time),
        "note": "",
    }
    return CheckRow(**(values | changes))  # type: ignore[arg-type]  # each value is of its column's type
