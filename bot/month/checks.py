"""Loads the bank's lockbox file: each check becomes a payment, and that an order's, an order by itself, or staff's.

The instant of receipt decides the purchase month, whenever the file is loaded. A
check for a month that was locked meanwhile goes to a person: it came in time, and
nothing may take that from its holder, but nothing slips into a closed month either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile, ExchangeFile
from bot.files.from_bank import CHECKS, CheckRow
from bot.files.layout import read_rows
from bot.holders_import import check_not_loaded
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office
from handlers.plan.accounts import Registration
from handlers.plan.calendar import OutsideCalendar, PurchaseMonth
from handlers.plan.cycle import CycleState, cycle_id
from handlers.plan.money import ZERO_DOLLARS, Money, total
from handlers.plan.orders import PaymentMethod, PurchaseOrderState
from handlers.plan.payments import (
    US_DOLLARS,
    Held,
    Match,
    Matched,
    OwnOrder,
    PaymentKind,
    PaymentState,
    Unmatched,
    day_received,
    good_on,
    match_check,
    purchase_month_of,
    return_risk_until,
)
from storage.files import LoadedFile
from storage.ids import quotable
from storage.ledger import PAYERS_CHECK, UNMATCHED, USD, Entry, move, plan_account
from storage.payments import Payment, payment_id
from storage.store import Transaction

AFTER_THE_LOCK = "AFTER_THE_LOCK"
"""Why a check is held that came in time for a month, and was told of only once that was locked."""


@dataclass(frozen=True, slots=True)
class LoadedChecks:
    """What a lockbox file brought."""

    checks: int
    dollars: Money
    matched: int = 0
    orders_by_themselves: int = 0
    held: int = 0
    unmatched: int = 0


def load_checks(office: Office, path: Path, now: datetime) -> LoadedChecks:
    """Load a lockbox file, whole or not at all. BadFile if it is faulty or was loaded before."""
    file, rows = read_rows(path, CHECKS)
    faults = list(_untimely(office, file, rows, now))
    if faults:
        raise BadFile(path, faults)
    with office.store.transaction() as tx:
        office.store.lock(tx, {f"files:{CHECKS.kind}", "month"})
        check_not_loaded(tx, file, CHECKS.kind)
        kinds: Counter[type[Match]] = Counter()
        for number, row in enumerate(rows, start=1):
            found = _take(tx, office, row, cause=f"checks:{file.sequence}:{number}", file=file.digest, now=now)
            kinds[type(found)] += 1
        loaded_file = LoadedFile(file.digest, CHECKS.kind, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded_file)
        note_loaded(tx, loaded_file, {"amount": str(total(map(_dollars, rows)))})
        loaded = LoadedChecks(
            checks=len(rows),
            dollars=total(map(_dollars, rows)),
            matched=kinds[Matched],
            orders_by_themselves=kinds[OwnOrder],
            held=kinds[Held],
            unmatched=kinds[Unmatched],
        )
        if loaded.held or loaded.unmatched:
            _tell_staff(tx, office, loaded, file.sequence, now)
    return loaded


def _untimely(office: Office, file: ExchangeFile, rows: Sequence[CheckRow], now: datetime) -> Iterator[str]:
    """What the file tells of instants that are to come, or that no trading calendar reaches: a slip in a year."""
    if file.as_of > office.today(now):
        yield f"line 1, column 4: {file.as_of.isoformat()} is to come; load the file once that day is there"
    for line, row in zip(file.rows, rows, strict=True):
        if row.received > now:
            yield f"line {line.line}, column received: {row.received.isoformat()} is to come"
            continue
        try:
            purchase_month_of(row.received, office.plan.calendar(now), office.plan.book)
        except OutsideCalendar:
            yield f"line {line.line}, column received: {row.received.isoformat()} is far in the past; look at the year"


def _take(tx: Transaction, office: Office, row: CheckRow, *, cause: str, file: str, now: datetime) -> Match:
    """Record one check with its order and its ledger entry."""
    plan = office.plan
    calendar = plan.calendar(now)
    month = purchase_month_of(row.received, calendar, plan.book)
    terms = office.terms(month.purchase_date)
    holder = tx.registrations.by_account_number(row.account) if row.account else None
    found: Match
    while True:
        orders = tx.orders.of_registrations([holder.id]) if holder else ()
        found = match_check(row.paper, holder, orders, month, tx.states.all(), plan.book)
        doubts = [doubt.name for doubt in found.doubts] if isinstance(found, Held | Unmatched) else []
        if _is_locked(tx, month) and not doubts:
            found, doubts = Held(()), [AFTER_THE_LOCK]
        if not isinstance(found, Matched) or _pay(tx, found.order.id):
            break  # else the order was canceled by mail this very instant, and the check is looked at anew
    received_on = day_received(row.received, plan.book)
    order_id = _order(tx, found, holder, month, row, cause)
    payment = Payment(
        cause=cause,
        kind=PaymentKind.CHECK,
        registration_id=holder.id if holder else None,
        order_id=order_id,
        amount=_dollars(row),
        received_at=row.received,
        purchase_date=month.purchase_date,
        good_on=good_on(received_on, calendar, terms),
        return_risk_until=return_risk_until(PaymentKind.CHECK, received_on, calendar, terms),
        state=_STATES[type(found)],
        instrument=row.check_number,
        file=file,
        reason=doubts[0] if doubts else "",
        payer=row.payer if row.currency == US_DOLLARS else f"{row.payer}: {row.amount} {row.currency}",
    )
    tx.payments.keep([payment], now)
    if payment.amount.cents:
        into = plan_account(holder.id) if holder else UNMATCHED
        lines = move(PAYERS_CHECK, into, USD, payment.amount.cents)
        tx.ledger.post_all([Entry(f"receipt:{payment_id(cause)}", row.received, "check received", lines)])
    return found


def _dollars(row: CheckRow) -> Money:
    """What a check brings; nothing in dollars where it is in another currency, and a person decides."""
    return row.amount if row.currency == US_DOLLARS else ZERO_DOLLARS


_STATES = {
    Matched: PaymentState.UNCOLLECTED,
    OwnOrder: PaymentState.UNCOLLECTED,
    Held: PaymentState.HELD,
    Unmatched: PaymentState.UNMATCHED,
}


def _order(
    tx: Transaction, found: Match, holder: Registration | None, month: PurchaseMonth, row: CheckRow, cause: str
) -> str | None:
    """The order that a check pays for, which now waits for its collection; one is made where the check is the order."""
    match found:
        case Matched(order):
            return order.id
        case OwnOrder(registration_id):
            order_id = "P-" + quotable(cause, 7)
            tx.month_orders.take_own(
                order_id,
                cause,
                registration_id,
                row.amount,
                PaymentMethod.CHECK,
                month.purchase_date,
                month.cut_off,
                row.received,
                "check",
            )
            _pay(tx, order_id)
            return order_id
        case Held() | Unmatched():
            return None


def _pay(tx: Transaction, order_id: str) -> bool:
    """Let an order wait for its collection. False if it does not wait for a payment any more."""
    awaiting = {PurchaseOrderState.AWAITING_PAYMENT}
    return tx.month_orders.move_purchases([order_id], awaiting, PurchaseOrderState.UNCOLLECTED) == 1


def _is_locked(tx: Transaction, month: PurchaseMonth) -> bool:
    cycle = tx.cycles.of(cycle_id(month))
    return cycle is not None and cycle.state is not CycleState.OPEN


def _tell_staff(tx: Transaction, office: Office, loaded: LoadedChecks, sequence: int, now: datetime) -> None:
    month = purchase_month_of(now, office.plan.calendar(now), office.plan.book)
    told = CycleNeedsPerson(
        cycle=cycle_id(month),
        purchase_date=month.purchase_date,
        what="Decide on checks that could not simply be taken",
        why=f"Of lockbox file {sequence}, {loaded.held} checks are held and {loaded.unmatched} belong to no known"
        " account. Each is listed with the reason.",
        command="dspp payments waiting",
        until=month.cut_off,
    )
    office.tell_staff(tx, told, cause=f"checks-waiting:{sequence}", now=now)
