"""How long a month takes: lock, price, trial, allot, confirm, for so many participants with an order each.

    python -m benchmarks.month [PARTICIPANTS ...] [--database URL]

Each size has a store of its own. Printed: seconds of each step, messages of the
outbox a second, the most memory held, and how the time grows with the size; and the
rate at which the ledger's entries are posted, beside beancount reading the same
entries, where beancount is installed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bot.clock import Clock
from bot.keys import Keys
from bot.ledger_export import write_beancount
from bot.month.allot import allot_month
from bot.month.closes import price
from bot.month.confirm import confirm_purchases
from bot.month.issue import instruct
from bot.month.lock import lock
from bot.month.office import Office
from bot.month.step import at_the_month, finish
from bot.month.trial import approve, run_trial
from bot.plan import Plan
from bot.post import Post
from bot.render import Renderer
from handlers.plan.accounts import RegistrationKind
from handlers.plan.calendar import purchase_month
from handlers.plan.closes import CloseEntry, CloseSource
from handlers.plan.cycle import CycleStep
from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import PaymentMethod, PurchaseOrderState
from handlers.plan.payments import PaymentKind, PaymentState
from handlers.plan.states import StateEntry, StateStatus
from storage.files import LoadedFile
from storage.ledger import PAYERS_CHECK, USD, Entry, Posting, move, plan_account
from storage.payments import Payment
from storage.registrations import HolderRecord
from storage.schema import upgrade
from storage.store import Store, Transaction, open_engine
from storage.tables import accounts, acknowledgements, purchase_orders

EASTERN = ZoneInfo("America/New_York")
CYCLE = "2003-11"
BEGUN = datetime(2003, 11, 5, 10, 0, tzinfo=EASTERN)
PIECE = 5_000
T = TypeVar("T")


def office_of(store: Store, folder: Path) -> Office:
    """An office on a store."""
    plan = Plan.read(None)
    keys = Keys(bytes(range(32)))
    return Office(store, plan, keys, Post(plan, keys, Renderer(plan.book), "aastrom.com"), Clock(BEGUN), folder)


def fill(office: Office, participants: int) -> None:
    """So many participants, each with an order and the check for it."""
    month = purchase_month(2003, 11, office.plan.calendar(BEGUN), office.plan.book)
    with office.store.transaction() as tx:
        tx.states.record([StateEntry("MI", StateStatus.OPEN, date(2003, 11, 4))], "for the benchmark", BEGUN)
        tx.files.record(LoadedFile("benchmark", "checks", 1, "checks.csv", participants, BEGUN, month.cut_off_day))
        tx.closes.enter(
            [
                CloseEntry(day, Price(Money.of(close).dollars), CloseSource.FILE, "benchmark", BEGUN)
                for day, close in zip(month.pricing_days, ("1.12", "1.15", "1.09"), strict=True)
            ]
        )
    for start in range(0, participants, PIECE):
        with office.store.transaction() as tx:
            _fill_piece(tx, range(start, min(start + PIECE, participants)), month.purchase_date, month.cut_off)


def _fill_piece(tx: Transaction, numbers: range, purchase_date: date, cut_off: datetime) -> None:
    holders = [_holder(number) for number in numbers]
    tx.registrations.keep(holders)
    tx.connection.execute(
        insert(accounts),
        [
            {"registration_id": one.id, "status": "ACTIVE", "enrolled_on": BEGUN.date(), "changed_at": BEGUN}
            for one in holders
        ],
    )
    tx.connection.execute(
        insert(acknowledgements),
        [{"registration_id": one.id, "version": "2003-11-04", "at": BEGUN, "cause": "benchmark"} for one in holders],
    )
    paid = [
        (number, one, Money.from_cents(25_000 + number * 7_919 % 900_000))
        for number, one in zip(numbers, holders, strict=True)
    ]
    tx.connection.execute(
        insert(purchase_orders),
        [
            {
                "id": f"P-{number:07d}",
                "cause": f"benchmark:{number}",
                "registration_id": one.id,
                "amount": amount,
                "payment_method": PaymentMethod.CHECK.value,
                "purchase_date": purchase_date,
                "cut_off": cut_off,
                "state": PurchaseOrderState.UNCOLLECTED.value,
                "received_at": BEGUN,
                "origin": "request",
            }
            for number, one, amount in paid
        ],
    )
    payments = [
        Payment(
            cause=f"checks:1:{number}",
            kind=PaymentKind.CHECK,
            registration_id=one.id,
            order_id=f"P-{number:07d}",
            amount=amount,
            received_at=BEGUN + timedelta(seconds=number % 3600),
            purchase_date=purchase_date,
            good_on=purchase_date - timedelta(days=5),
            return_risk_until=purchase_date,
            state=PaymentState.UNCOLLECTED,
            instrument=str(number),
            file="benchmark",
        )
        for number, one, amount in paid
    ]
    tx.payments.keep(payments, BEGUN)
    tx.ledger.post_all([_receipt(payment) for payment in payments])


def _receipt(payment: Payment) -> Entry:
    lines: list[Posting] = move(PAYERS_CHECK, plan_account(payment.registration_id or ""), USD, payment.amount.cents)
    return Entry(f"receipt:{payment.id}", payment.received_at, "check received", lines)


def _holder(number: int) -> HolderRecord:
    return HolderRecord(
        id=f"r-{number:07d}",
        account_number=f"BM-{number:07d}",
        kind=RegistrationKind.INDIVIDUAL,
        name=f"Holder Number {number}",
        email=f"holder{number}@example.com",
        address=f"{number} Orchard Lane, Ann Arbor, 48104",
        state="MI",
        country="US",
        registered_shares=Shares.of("100"),
        taxpayer=f"taxpayer-{number:07d}",
        bank="",
        holds=frozenset(),
    )


def timed(what: str, step: Callable[[], T], seconds: dict[str, float]) -> T:
    """Do a step, and note how long it took."""
    begun = time.perf_counter()
    done = step()
    seconds[what] = time.perf_counter() - begun
    print(f"  {what}: {seconds[what]:.1f} s", file=sys.stderr, flush=True)
    return done


def measure(participants: int, url: str, folder: Path) -> dict[str, float]:
    """Seconds of each step for so many participants."""
    store = Store(open_engine(url))
    upgrade(store.engine)
    office = office_of(store, folder)
    seconds: dict[str, float] = {}
    timed("filling, not counted", lambda: fill(office, participants), seconds)
    at = datetime(2003, 11, 13, 9, 0, tzinfo=EASTERN)
    timed("lock", lambda: lock(office, CYCLE, "benchmark", at), seconds)
    at = datetime(2003, 11, 18, 9, 0, tzinfo=EASTERN)
    timed("price", lambda: price(office, CYCLE, "benchmark", at), seconds)
    timed("trial", lambda: run_trial(office, CYCLE, "benchmark", at), seconds)
    timed("approve", lambda: [approve(office, CYCLE, who, at) for who in ("Olive", "Peter")], seconds)
    at = datetime(2003, 11, 19, 9, 0, tzinfo=EASTERN)
    timed("allot, with the ledger", lambda: allot_month(office, CYCLE, "benchmark", at), seconds)
    timed("instruct", lambda: instruct(office, CYCLE, "benchmark", at), seconds)
    with at_the_month(office) as tx:
        cycle = tx.cycles.of(CYCLE)
        assert cycle is not None
        finish(tx, cycle, CycleStep.ACKNOWLEDGE, "benchmark", at, detail={})
    timed("confirm", lambda: confirm_purchases(office, CYCLE, "benchmark", at), seconds)
    with store.reading() as tx:
        assert tx.control_totals.broken() == ()
        timed("export", lambda: write_beancount(tx.ledger, "ASTM", folder / "ledger.beancount"), seconds)
    store.close()
    return seconds


def beancount_seconds(file: Path) -> float | None:
    """How long beancount takes to load the file; None where it is not installed."""
    checker = shutil.which("bean-check")
    if checker is None:
        return None
    begun = time.perf_counter()
    subprocess.run([checker, "--no-cache", str(file)], check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure each size, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("participants", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--database", default="", help="a URL with {size} in it; SQLite files of their own if left out")
    options = parser.parse_args()
    rows = []
    for size in options.participants:
        with tempfile.TemporaryDirectory() as place:
            url = options.database.format(size=size) or f"sqlite:///{place}/month.sqlite3"
            print(f"{size:,} participants", file=sys.stderr)
            seconds = measure(size, url, Path(place))
            read = beancount_seconds(Path(place) / "ledger.beancount")
            rows.append((size, seconds, read))
    counted = [name for name in rows[0][1] if name not in {"filling, not counted", "export"}]
    print("| participants | " + " | ".join(counted) + " | in all, s | beancount reads the ledger, s |")
    print("| --- " * (len(counted) + 3) + "|")
    for size, seconds, read in rows:
        told = " | ".join(f"{seconds[name]:.1f}" for name in counted)
        whole = sum(seconds[name] for name in counted)
        print(f"| {size:,} | {told} | {whole:.1f} | {'not installed' if read is None else f'{read:.1f}'} |")
    print(f"most memory held: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
