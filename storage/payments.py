"""Money that came in, check by check and debit by debit, and money on its way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from handlers.plan.money import Money, Shares
from handlers.plan.orders import PurchaseOrderState
from handlers.plan.payments import PaymentKind, PaymentState
from storage.ids import spelled
from storage.month_tables import ach_entries, allotments, payments, refunds
from storage.tables import purchase_orders

AT_ONCE = 400
"""Rows that are looked up in one statement."""


def payment_id(cause: str) -> str:
    """The id of a payment: it follows from its cause."""
    return "pay-" + spelled(f"payment:{cause}", 14)


def refund_id(cause: str) -> str:
    """The id of a refund: it follows from its cause."""
    return "ref-" + spelled(f"refund:{cause}", 14)


@dataclass(frozen=True, slots=True)
class Payment:
    """One check or debit."""

    cause: str
    """The line of the file that told of it, or the debit: "checks:12:4", "debit:2003-11:REGISTRATION"."""
    kind: PaymentKind
    registration_id: str | None
    order_id: str | None
    amount: Money
    received_at: datetime
    """The instant that decides for which month it counts: the bank's, not that of loading."""
    purchase_date: date
    good_on: date
    return_risk_until: date
    state: PaymentState
    instrument: str
    """Check number, or trace number."""
    file: str
    """Digest of the file that told of it."""
    reason: str = ""
    payer: str = ""
    returned_on: date | None = None

    @property
    def id(self) -> str:
        """What it is called everywhere else."""
        return payment_id(self.cause)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to a holder."""

    cause: str
    registration_id: str
    order_id: str | None
    amount: Money
    reason: str
    due_on: date
    """Not before the check is collected."""
    file_sequence: int | None = None
    """Of the file that told the bank; None until then."""

    @property
    def id(self) -> str:
        """What it is called everywhere else."""
        return refund_id(self.cause)


class Payments:
    """The tables of payments and refunds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, found: Sequence[Payment], at: datetime) -> int:
        """Record payments that are not known yet, and return how many those are."""
        kept = 0
        for start in range(0, len(found), AT_ONCE):
            some = {payment.cause: payment for payment in found[start : start + AT_ONCE]}
            known = set(self._connection.execute(select(payments.c.cause).where(payments.c.cause.in_(some))).scalars())
            fresh = [_payment_values(payment, at) for cause, payment in some.items() if cause not in known]
            if fresh:
                self._connection.execute(insert(payments), fresh)
            kept += len(fresh)
        return kept

    def of(self, number: str) -> Payment | None:
        """The payment with this id."""
        return next(self._load(payments.c.id == number), None)

    def of_month(self, purchase_date: date) -> Iterator[Payment]:
        """Every payment that counts for a purchase date, by receipt."""
        return self._load(payments.c.purchase_date == purchase_date)

    def of_orders(self, order_ids: Sequence[str]) -> Iterator[Payment]:
        """The payments of these orders, by receipt."""
        for start in range(0, len(order_ids), AT_ONCE):
            yield from self._load(payments.c.order_id.in_(order_ids[start : start + AT_ONCE]))

    def of_registration(self, registration_id: str) -> Iterator[Payment]:
        """The payments of an account, by receipt."""
        return self._load(payments.c.registration_id == registration_id)

    def by_instrument(self, kind: PaymentKind, instrument: str, amount: Money) -> tuple[Payment, ...]:
        """The payments of this check or trace number and amount: what a return names."""
        found = self._load(
            payments.c.kind == kind.value, payments.c.instrument == instrument, payments.c.amount == amount
        )
        return tuple(found)

    def in_state(self, state: PaymentState) -> Iterator[Payment]:
        """Every payment that stands there, by receipt."""
        return self._load(payments.c.state == state.value)

    def collected_by(self, day: date) -> Iterator[Payment]:
        """Payments not yet good that are so by the end of `day`."""
        return self._load(payments.c.state == PaymentState.UNCOLLECTED.value, payments.c.good_on <= day)

    def settled_by(self, day: date) -> tuple[Payment, ...]:
        """Debits at the bank whose day has come, the day being that of their latest presentation."""
        settled = select(ach_entries.c.trace).where(ach_entries.c.effective_on <= day)
        filed = payments.c.state == PaymentState.FILED.value
        return tuple(self._load(filed, payments.c.instrument.in_(settled)))

    def of_cancelled_orders(self) -> tuple[Payment, ...]:
        """Money that was received for an order which its holder has canceled, and that is still here."""
        cancelled = select(purchase_orders.c.id).where(purchase_orders.c.state == PurchaseOrderState.CANCELLED.value)
        here = payments.c.state.in_([PaymentState.UNCOLLECTED.value, PaymentState.GOOD.value, PaymentState.HELD.value])
        return tuple(self._load(here, payments.c.order_id.in_(cancelled)))

    def without_order(self, registration_ids: Sequence[str], purchase_date: date) -> tuple[Payment, ...]:
        """Payments of these accounts for a month that a person has still to decide on, and that belong to no order."""
        return tuple(
            self._load(
                payments.c.registration_id.in_(registration_ids),
                payments.c.purchase_date == purchase_date,
                payments.c.state == PaymentState.HELD.value,
                payments.c.order_id.is_(None),
            )
        )

    def at_risk(self, registration_id: str, day: date) -> Shares:
        """Shares of an account whose payment may still come back on `day`, or has come back: no sale touches them."""
        risky = select(payments.c.order_id).where(
            payments.c.registration_id == registration_id,
            or_(
                and_(payments.c.state == PaymentState.INVESTED.value, payments.c.return_risk_until >= day),
                payments.c.state == PaymentState.RETURNED.value,
            ),
        )
        summed = select(func.coalesce(func.sum(type_coerce(allotments.c.shares, BigInteger)), 0)).where(
            allotments.c.registration_id == registration_id, allotments.c.order_id.in_(risky)
        )
        return Shares.from_units(int(self._connection.execute(summed).scalar_one()))

    def move(self, number: str, before: PaymentState, after: PaymentState, at: datetime, **facts: object) -> bool:
        """Move a payment on. False if it does not stand where the caller thinks."""
        changed = self._connection.execute(
            update(payments)
            .where(payments.c.id == number, payments.c.state == before.value)
            .values(state=after.value, changed_at=at, **facts)
        )
        return changed.rowcount == 1

    def move_all(self, numbers: Sequence[str], before: PaymentState, after: PaymentState, at: datetime) -> int:
        """Move many payments on; those that stand elsewhere are left. Returns how many moved."""
        moved = 0
        for start in range(0, len(numbers), AT_ONCE):
            changed = self._connection.execute(
                update(payments)
                .where(payments.c.id.in_(numbers[start : start + AT_ONCE]), payments.c.state == before.value)
                .values(state=after.value, changed_at=at)
            )
            moved += changed.rowcount
        return moved

    def refund(self, due: Sequence[Refund], at: datetime) -> int:
        """Record money that goes back, once a cause. Returns how many are new."""
        made = 0
        for start in range(0, len(due), AT_ONCE):
            some = {refund.cause: refund for refund in due[start : start + AT_ONCE]}
            known = set(self._connection.execute(select(refunds.c.cause).where(refunds.c.cause.in_(some))).scalars())
            fresh = [_refund_values(refund, at) for cause, refund in some.items() if cause not in known]
            if fresh:
                self._connection.execute(insert(refunds), fresh)
            made += len(fresh)
        return made

    def refunds_due(self, day: date) -> tuple[Refund, ...]:
        """Refunds that may leave on `day` and have not; one of which nothing is left never does."""
        something = type_coerce(refunds.c.amount, BigInteger) > 0
        return tuple(self._refunds(refunds.c.file_sequence.is_(None), refunds.c.due_on <= day, something))

    def refund_by_cause(self, cause: str) -> Refund | None:
        """The refund that was made for this cause."""
        return next(self._refunds(refunds.c.cause == cause), None)

    def refunds_of_order(self, order_id: str) -> tuple[Refund, ...]:
        """Every refund of an order's money, first to last."""
        return tuple(self._refunds(refunds.c.order_id == order_id))

    def take_off_refund(self, refund: Refund, amount: Money) -> None:
        """Lessen a refund that has not left: so much of its money went back already. LookupError if it has left."""
        changed = self._connection.execute(
            update(refunds)
            .where(refunds.c.id == refund.id, refunds.c.file_sequence.is_(None))
            .values(amount=refund.amount - amount)
        )
        if changed.rowcount != 1:
            raise LookupError(f"refund {refund.id} is gone or has left")

    def refunds_of(self, registration_id: str) -> tuple[Refund, ...]:
        """Every refund of an account."""
        return tuple(self._refunds(refunds.c.registration_id == registration_id))

    def refunds_left(self, numbers: Iterable[str], file_sequence: int) -> int:
        """Record in which file refunds left. Those that left before are not counted."""
        changed = self._connection.execute(
            update(refunds)
            .where(refunds.c.id.in_(list(numbers)), refunds.c.file_sequence.is_(None))
            .values(file_sequence=file_sequence)
        )
        return changed.rowcount

    def _load(self, *where: ColumnElement[bool]) -> Iterator[Payment]:
        rows = self._connection.execute(
            select(payments).where(*where).order_by(payments.c.received_at, payments.c.id)
        ).mappings()  # fmt: skip
        return map(_payment, rows)

    def _refunds(self, *where: ColumnElement[bool]) -> Iterator[Refund]:
        rows = self._connection.execute(select(refunds).where(*where).order_by(refunds.c.made_at, refunds.c.id))
        for row in rows.mappings():
            yield Refund(
                cause=row["cause"],
                registration_id=row["registration_id"],
                order_id=row["order_id"],
                amount=row["amount"],
                reason=row["reason"],
                due_on=row["due_on"],
                file_sequence=row["file_sequence"],
            )


def _payment_values(payment: Payment, at: datetime) -> dict[str, object]:
    return {
        "id": payment.id,
        "cause": payment.cause,
        "kind": payment.kind.value,
        "registration_id": payment.registration_id,
        "order_id": payment.order_id,
        "amount": payment.amount,
        "received_at": payment.received_at,
        "purchase_date": payment.purchase_date,
        "good_on": payment.good_on,
        "return_risk_until": payment.return_risk_until,
        "state": payment.state.value,
        "reason": payment.reason,
        "instrument": payment.instrument,
        "payer": payment.payer,
        "file": payment.file,
        "returned_on": payment.returned_on,
        "changed_at": at,
    }


def _payment(row: RowMapping) -> Payment:
    return Payment(
        cause=row["cause"],
        kind=PaymentKind(row["kind"]),
        registration_id=row["registration_id"],
        order_id=row["order_id"],
        amount=row["amount"],
        received_at=row["received_at"],
        purchase_date=row["purchase_date"],
        good_on=row["good_on"],
        return_risk_until=row["return_risk_until"],
        state=PaymentState(row["state"]),
        instrument=row["instrument"],
        file=row["file"],
        reason=row["reason"],
        payer=row["payer"],
        returned_on=row["returned_on"],
    )


def _refund_values(refund: Refund, at: datetime) -> dict[str, object]:
    return {
        "id": refund.id,
        "cause": refund.cause,
        "registration_id": refund.registration_id,
        "order_id": refund.order_id,
        "amount": refund.amount,
        "reason": refund.reason,
        "due_on": refund.due_on,
        "file_sequence": refund.file_sequence,
        "made_at": at,
    }
