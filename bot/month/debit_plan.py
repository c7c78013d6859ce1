"""Whom a month debits, with how much, and whom it cannot debit and why. Reads; changes nothing.

A monthly deduction gives way: it takes what the month's maximum leaves beside all
that its taxpayer has ordered or paid. PR and OC, "How to pay", "Over the maximum",
"Prospectus", "States".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from itertools import groupby

from bot.month.authorisations import is_ready, is_tested
from bot.month.bank_accounts import is_debitable
from bot.month.office import Office
from handlers.plan.accounts import DeductionStatus, Registration
from handlers.plan.deductions import amount_to_debit
from handlers.plan.money import ZERO_DOLLARS, Money, total
from handlers.plan.orders import COUNTS_TOWARD_MONTH, PaymentMethod, PurchaseOrder, PurchaseOrderState
from handlers.plan.payments import Doubt, PaymentState, doubts_of_holder
from storage.cycles import Cycle
from storage.month_orders import MonthPurchase
from storage.registrations import HolderRecord, MonthlyDeduction
from storage.store import Transaction

PIECE = 200
"""Taxpayers whose orders are read at a time."""

_COME_BACK = {PaymentState.RETURNED, PaymentState.REFUND_PENDING, PaymentState.REFUNDED}


class NotDebited(Enum):
    """Why an account is not debited this month, other than a doubt about its holder."""

    NO_BANK_ACCOUNT = "there is no bank account that can be debited"
    NOT_TESTED_YET = "its bank account is being tested by a prenote"
    NOT_AUTHORISED = "no authorised deduction stands on it"
    NOTHING_LEFT = "other payments reach the month’s maximum"
    UNDER_MINIMUM = "the month’s total would be under the minimum"


@dataclass(frozen=True, slots=True)
class MonthlyDebit:
    """What one deduction takes this month."""

    registration_id: str
    elected: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class SingleDebit:
    """An order by mail that is paid by a debit."""

    registration_id: str
    order_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who is not debited, and every reason."""

    registration_id: str
    reasons: tuple[Doubt | NotDebited, ...]
    order_id: str = ""
    """Of a single purchase; empty for the monthly deduction."""


@dataclass(slots=True)
class MonthDebits:
    """Everything that leaves with the month's file of debits."""

    monthly: list[MonthlyDebit] = field(default_factory=list)
    single: list[SingleDebit] = field(default_factory=list)
    prenotes: list[MonthlyDeduction] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def dollars(self) -> Money:
        """What it collects."""
        return total([*(one.amount for one in self.monthly), *(one.amount for one in self.single)])


def plan_debits(tx: Transaction, office: Office, cycle: Cycle, sent_on: date, now: datetime) -> MonthDebits:
    """What a file of debits that leaves on `sent_on` would hold, as things stand."""
    planner = _Planner(tx, office, cycle, sent_on, now)
    found = MonthDebits()
    statuses = (DeductionStatus.ACTIVE, DeductionStatus.PRENOTE)
    deductions = tx.registrations.deductions_in(*statuses)
    for piece in _pieces(deductions):
        planner.add_deductions(piece, found)
    planner.add_orders(found)
    return found


def _pieces(deductions: Iterable[MonthlyDeduction]) -> Iterator[list[list[MonthlyDeduction]]]:
    """The deductions taxpayer by taxpayer, some taxpayers at a time."""
    piece: list[list[MonthlyDeduction]] = []
    for _, own in groupby(deductions, key=lambda one: one.taxpayer):
        piece.append(list(own))
        if len(piece) == PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


@dataclass(slots=True)
class _Planner:
    """What every decision rests on."""

    tx: Transaction
    office: Office
    cycle: Cycle
    sent_on: date
    now: datetime

    def add_deductions(self, piece: Sequence[Sequence[MonthlyDeduction]], found: MonthDebits) -> None:
        """Decide on the deductions of some taxpayers."""
        holders = self.tx.registrations.of_taxpayers({own[0].taxpayer for own in piece})
        by_id = {holder.id: holder for holder in holders}
        payees = self.tx.registrations.payees({one.registration_id for own in piece for one in own})
        already = self._already(holders)
        for own in piece:
            self._add_taxpayer(own, by_id, payees, already.get(own[0].taxpayer, ZERO_DOLLARS), found)

    def _add_taxpayer(
        self,
        own: Sequence[MonthlyDeduction],
        holders: Mapping[str, Registration],
        payees: Mapping[str, HolderRecord],
        already: Money,
        found: MonthDebits,
    ) -> None:
        terms = self.office.terms(self.cycle.purchase_date)
        taken: list[MonthlyDebit] = []
        received = already
        for one in own:
            reasons = self._reasons(holders[one.registration_id], payees[one.registration_id])
            if reasons:
                found.left_out.append(LeftOut(one.registration_id, reasons))
            elif one.prenoted_on is None:
                found.prenotes.append(one)
                found.left_out.append(LeftOut(one.registration_id, (NotDebited.NOT_TESTED_YET,)))
            elif not is_ready(one, self.sent_on, self.office.plan.calendar(self.now)):
                found.left_out.append(LeftOut(one.registration_id, (NotDebited.NOT_TESTED_YET,)))
            elif not (amount := amount_to_debit(one.amount, received, terms)).cents:
                found.left_out.append(LeftOut(one.registration_id, (NotDebited.NOTHING_LEFT,)))
            else:
                received += amount
                taken.append(MonthlyDebit(one.registration_id, one.amount, amount))
        if received >= terms.purchase_min:
            found.monthly += taken
        else:
            found.left_out += [LeftOut(one.registration_id, (NotDebited.UNDER_MINIMUM,)) for one in taken]

    def add_orders(self, found: MonthDebits) -> None:
        """Decide on orders by mail that are to be paid by a debit."""
        awaiting = list(self.tx.month_orders.purchases(self.cycle.purchase_date, {PurchaseOrderState.AWAITING_PAYMENT}))
        methods = self.tx.month_orders.payment_methods([order.id for order in awaiting])
        orders = [
            order
            for order in awaiting
            if methods[order.id] is PaymentMethod.AUTOMATIC_DEDUCTION and not order.is_deduction
        ]
        holders = self.tx.registrations.by_ids({order.registration_id for order in orders})
        payees = self.tx.registrations.payees(holders)
        for order in orders:
            reasons = self._reasons(holders[order.registration_id], payees[order.registration_id])
            reasons = reasons or self._unauthorised(order)
            if reasons:
                found.left_out.append(LeftOut(order.registration_id, reasons, order.id))
            else:
                found.single.append(SingleDebit(order.registration_id, order.id, order.amount))

    def _unauthorised(self, order: MonthPurchase) -> tuple[NotDebited, ...]:
        """Why a single purchase cannot be debited: a paused deduction may, one that was never authorised may not."""
        found = self.tx.registrations.deduction_of(order.registration_id)
        if found is None or found.status is DeductionStatus.REVOKED or found.authorised_on is None:
            return (NotDebited.NOT_AUTHORISED,)
        is_in_time = is_tested(found, self.sent_on, self.office.plan.calendar(self.now))
        return () if is_in_time else (NotDebited.NOT_TESTED_YET,)

    def _reasons(self, holder: Registration, payee: HolderRecord) -> tuple[Doubt | NotDebited, ...]:
        days = (self.sent_on, self.cycle.purchase_date)
        doubts = doubts_of_holder(holder, days, self.tx.states.all(), self.office.plan.book)
        if doubts or is_debitable(self.office.keys, payee):
            return doubts
        return (NotDebited.NO_BANK_ACCOUNT,)

    def _already(self, holders: Sequence[Registration]) -> dict[str, Money]:
        """What each taxpayer has ordered or paid for the month: of an order that is paid, what was paid."""
        purchase_date = self.cycle.purchase_date
        ids = [holder.id for holder in holders]
        taxpayers = {holder.id: holder.taxpayer for holder in holders}
        orders = [
            order
            for order in self.tx.orders.of_registrations(ids)
            if isinstance(order, PurchaseOrder)
            and order.purchase_date == purchase_date
            and order.state in COUNTS_TOWARD_MONTH
        ]
        paid: dict[str, Money] = {}
        for payment in self.tx.payments.of_orders([order.id for order in orders]):
            if payment.order_id is not None and payment.state not in _COME_BACK:
                paid[payment.order_id] = paid.get(payment.order_id, ZERO_DOLLARS) + payment.amount
        found: dict[str, Money] = {}
        for registration_id, amount in (
            *((order.registration_id, paid.get(order.id, order.amount)) for order in orders),
            *((one.registration_id or "", one.amount) for one in self.tx.payments.without_order(ids, purchase_date)),
        ):
            taxpayer = taxpayers[registration_id]
            found[taxpayer] = found.get(taxpayer, ZERO_DOLLARS) + amount
        return found
