"""Refunds leave by file, once a day: whatever is collected by then, each with its letter.

What belongs to an account that is frozen, or whose mail comes back, stays until a
person has released it. OC, "Good funds", "Death".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.files.to_bank import REFUND_CHECKS, RefundRow
from bot.month.letter_facts import RefundReason, RefundSent
from bot.month.office import Office
from bot.month.sending import send_rows
from bot.month.step import at_the_month
from handlers.plan.accounts import Hold, Registration
from handlers.plan.money import ZERO_DOLLARS, Money, total
from handlers.plan.orders import PurchaseOrderState
from handlers.plan.payments import PaymentState
from storage.audit import PROGRAM, AuditKind, staff
from storage.cycles import THE_PROGRAM
from storage.ledger import REFUNDED, USD, Entry, move, refunds_account
from storage.payments import Refund
from storage.registrations import HolderRecord
from storage.store import Transaction

REASONS: Mapping[str, RefundReason] = {
    "OVER_MAXIMUM": RefundReason.OVER_MAXIMUM,
    "GAVE_WAY": RefundReason.OVER_MAXIMUM,
    "UNDER_MINIMUM": RefundReason.UNDER_MINIMUM,
    "LIMIT_RAN_SHORT": RefundReason.LIMIT_RAN_SHORT,
    "CANCELLED": RefundReason.CANCELLED,
    "STATE_CLOSED": RefundReason.STATE_CLOSED,
    "DEFERRED": RefundReason.DEFERRED,
    "LEAVING": RefundReason.LEAVING,
    "TERMINATION_UNDER_WAY": RefundReason.LEAVING,
}
"""How a letter says the reason that is stored with a refund; every other is that the payment was not accepted."""

_STAYS = frozenset({Hold.DECEASED, Hold.DEATH_REPORTED, Hold.LEGAL, Hold.LOST})
"""Holds under which no check is mailed to the address of record."""


@dataclass(frozen=True, slots=True)
class SentRefunds:
    """What left today."""

    file: str
    """Empty where nothing was due."""
    refunds: int = 0
    dollars: Money = ZERO_DOLLARS
    kept_back: int = 0
    """Due, but of accounts that are held."""


def send_refunds(office: Office, by: str, now: datetime, *, dry_run: bool = False) -> SentRefunds:
    """Write the day's file of refund checks. A second time on the same day it is the file that stands.

    UnwritableFile, FileInTheWay, OSError: then nothing has left.
    """
    today = office.today(now)
    cause = f"refunds:{today.isoformat()}"
    with at_the_month(office, dry_run=dry_run) as tx:
        due = tx.payments.refunds_due(today)
        holders = tx.registrations.by_ids({refund.registration_id for refund in due})
        leaving = [refund for refund in due if not holders[refund.registration_id].holds & _STAYS]
        kept_back = len(due) - len(leaving)
        standing = tx.sent_files.of(cause)
        if standing is not None:
            dollars = Money.of(str(standing.totals["amount"]))
            return SentRefunds(standing.name, standing.rows, dollars, kept_back)
        dollars = total(refund.amount for refund in leaving)
        if not leaving or dry_run:
            return SentRefunds("", len(leaving), dollars, kept_back)
        payees = tx.registrations.payees(holders)
        rows = [_row(refund, payees[refund.registration_id]) for refund in leaving]
        sent = send_rows(tx, office, REFUND_CHECKS, rows, cause=cause, as_of=today, now=now)
        _record(tx, leaving, sent.sequence, now)
        for refund in leaving:
            _tell(tx, office, refund, holders[refund.registration_id], now)
        actor = PROGRAM if by == THE_PROGRAM else staff(by)
        facts = {"command": "refunds send", "file": sent.name, "refunds": len(leaving), "dollars": dollars}
        tx.audit.note(actor, AuditKind.STAFF_ACT, f"file:{REFUND_CHECKS.kind}:{sent.sequence}", facts, now)
    return SentRefunds(sent.name, len(leaving), dollars, kept_back)


def _row(refund: Refund, payee: HolderRecord) -> RefundRow:
    return RefundRow(
        refund=refund.id,
        account=payee.account_number,
        name=payee.name,
        address=payee.address,
        state=payee.state,
        country=payee.country,
        amount=refund.amount,
        reason=_reason(refund).value,
        order=refund.order_id or "",
    )


def _reason(refund: Refund) -> RefundReason:
    return REASONS.get(refund.reason, RefundReason.NOT_ACCEPTED)


def _record(tx: Transaction, leaving: Sequence[Refund], file_sequence: int, now: datetime) -> None:
    """Each refund has left; a payment, and an order, of which all went back is refunded."""
    tx.payments.refunds_left([refund.id for refund in leaving], file_sequence)
    tx.ledger.post_all(
        [
            Entry(
                f"refunded:{refund.id}",
                now,
                "refund check ordered",
                move(refunds_account(refund.registration_id), REFUNDED, USD, refund.amount.cents),
            )
            for refund in leaving
        ]
    )
    orders = [refund.order_id for refund in leaving if refund.order_id]
    whole = [payment.id for payment in tx.payments.of_orders(orders)]
    whole += [refund.cause.removeprefix("refund:") for refund in leaving if not refund.order_id]
    tx.payments.move_all(whole, PaymentState.REFUND_PENDING, PaymentState.REFUNDED, now)
    tx.month_orders.move_purchases(orders, {PurchaseOrderState.REFUND_PENDING}, PurchaseOrderState.REFUNDED)


def _tell(tx: Transaction, office: Office, refund: Refund, holder: Registration, now: datetime) -> None:
    told = RefundSent(holder.masked_account, refund.order_id or "", refund.amount, _reason(refund), office.today(now))
    office.write_to(tx, holder, told, cause=f"refund-sent:{refund.id}", now=now)
