"""What the passing of days does to money: debits arrive, payments become good, what was canceled goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.month.authorisations import activate
from bot.month.office import Office
from bot.month.step import at_the_month
from handlers.plan.orders import PurchaseOrderState
from handlers.plan.payments import PaymentState
from storage.ledger import PAYERS_DEBIT, USD, Entry, move, plan_account, refunds_account
from storage.payments import Payment, Refund
from storage.store import Transaction

CANCELLED = "CANCELLED"
"""Why the money of an order goes back that its holder took back."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a day brought."""

    debits_received: int = 0
    became_good: int = 0
    going_back: int = 0
    """Payments of canceled orders."""


def receive_debits(tx: Transaction, today: date, now: datetime) -> int:
    """Debits whose day has come, and that did not come back, are received: from now on their money counts."""
    arrived = tx.payments.settled_by(today)
    presented = tx.sent_files.presentations([payment.instrument for payment in arrived])
    tx.payments.move_all([payment.id for payment in arrived], PaymentState.FILED, PaymentState.UNCOLLECTED, now)
    tx.ledger.post_all([_receipt(payment, presented[payment.instrument]) for payment in arrived])
    paid = [payment.order_id for payment in arrived if payment.order_id is not None]
    tx.month_orders.move_purchases(paid, {PurchaseOrderState.AWAITING_PAYMENT}, PurchaseOrderState.UNCOLLECTED)
    return len(arrived)


def collect(tx: Transaction, today: date, now: datetime) -> Collected:
    """Everything that the passing of days up to `today` brings. A second time it finds nothing."""
    received = receive_debits(tx, today, now)
    cancelled = tx.payments.of_cancelled_orders()
    give_back(tx, cancelled, CANCELLED, now)
    good = list(tx.payments.collected_by(today))
    tx.payments.move_all([payment.id for payment in good], PaymentState.UNCOLLECTED, PaymentState.GOOD, now)
    paid = [payment.order_id for payment in good if payment.order_id is not None]
    tx.month_orders.move_purchases(paid, {PurchaseOrderState.UNCOLLECTED}, PurchaseOrderState.GOOD_FUNDS)
    return Collected(received, len(good), len(cancelled))


def collect_day(office: Office, now: datetime) -> Collected:
    """Bring every payment, and every deduction that was being tested, up to today. Done as often as one likes."""
    with at_the_month(office) as tx:
        activate(tx, office, now)
        return collect(tx, office.today(now), now)


def give_back(tx: Transaction, payments: tuple[Payment, ...], reason: str, now: datetime) -> None:
    """Let whole payments, whose owner is known, go back as soon as each is collected. OC, "Good funds"."""
    entries, back = [], []
    for payment in payments:
        owner = payment.registration_id or ""
        lines = move(plan_account(owner), refunds_account(owner), USD, payment.amount.cents)
        cause = f"refund:{payment.id}"
        entries.append(Entry(cause, now, "payment to be sent back", lines))
        back.append(Refund(cause, owner, payment.order_id, payment.amount, reason, payment.good_on))
        tx.payments.move(payment.id, payment.state, PaymentState.REFUND_PENDING, now)
    tx.ledger.post_all(entries)
    tx.payments.refund(back, now)


def receipt_id(payment: Payment, presented: int) -> str:
    """The ledger entry of a payment's receipt; a debit that is presented again is received again."""
    return f"receipt:{payment.id}{_time(presented)}"


def return_id(payment: Payment, presented: int) -> str:
    """The ledger entry of a payment's return, by the same count."""
    return f"return:{payment.id}{_time(presented)}"


def _time(presented: int) -> str:
    return f":{presented}" if presented > 1 else ""


def _receipt(payment: Payment, presented: int) -> Entry:
    owner = payment.registration_id or ""
    lines = move(PAYERS_DEBIT, plan_account(owner), USD, payment.amount.cents)
    return Entry(receipt_id(payment, presented), payment.received_at, "debit received", lines)
