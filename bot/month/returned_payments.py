"""One payment that came back: what becomes of its money, its order and the month it was counted in.

What follows is decided by `handlers/plan/returns.py`; here it is done, once. A
return of money that a locked month has counted makes the month count its taxpayer
again, so that nothing is allotted on what two people approved before.
OC, "Returned before the PD", "Returned after the PD", "ACH return codes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.month.ach_files import Asked, effective_day, start_of
from bot.month.collect import return_id
from bot.month.letter_facts import PaymentReturnedAfter, PaymentReturnedBefore
from bot.month.lock import COUNTED_STATES, count_again
from bot.month.office import Office, StepRefused
from handlers.plan.accounts import Registration
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import CycleState
from handlers.plan.money import ZERO_DOLLARS, Money
from handlers.plan.orders import CANCELLABLE_PURCHASE, PaymentMethod, PurchaseOrder, PurchaseOrderState
from handlers.plan.payments import PaymentKind, PaymentState
from handlers.plan.returns import MoneyAfterReturn, ReturnConsequence, consequence_of
from storage.ledger import (
    FEES,
    PAYERS_CHECK,
    PAYERS_DEBIT,
    UNMATCHED,
    USD,
    Entry,
    Posting,
    move,
    owed_account,
    plan_account,
    refunds_account,
)
from storage.payments import Payment
from storage.store import Transaction

REPLY_SESSIONS = 10
"""Banking sessions within which a holder should have spoken with Investor Relations about what is owed. OC."""
RETURNED_CHECK = "UNPAID"
"""In place of a code: a bank gives its reason for a check in words."""

_PAYERS = {PaymentKind.CHECK: PAYERS_CHECK, PaymentKind.DEBIT: PAYERS_DEBIT}
_METHOD = {PaymentKind.CHECK: PaymentMethod.CHECK, PaymentKind.DEBIT: PaymentMethod.AUTOMATIC_DEDUCTION}
_COUNTED = frozenset(
    {CycleState.LOCKED, CycleState.PRICING_HELD, CycleState.PRICED, CycleState.TRIAL_RUN, CycleState.APPROVED}
)
_DROPPED = CANCELLABLE_PURCHASE | {PurchaseOrderState.LOCKED, PurchaseOrderState.HELD}
_BOUGHT = frozenset(
    {
        PurchaseOrderState.ALLOTTED,
        PurchaseOrderState.ISSUED,
        PurchaseOrderState.CONFIRMATION_SENT,
        PurchaseOrderState.FINAL,
        PurchaseOrderState.REFUNDED,
    }
)
_MAY_AGAIN = frozenset(
    {PurchaseOrderState.AWAITING_PAYMENT, PurchaseOrderState.UNCOLLECTED, PurchaseOrderState.GOOD_FUNDS}
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was done about one payment."""

    payment: Payment
    consequence: ReturnConsequence
    again: Asked | None = None
    """Set where the debit is presented again: it leaves in a file of its own."""


@dataclass(frozen=True, slots=True)
class _Return:
    """A payment that came back, with all that its consequences hang on."""

    office: Office
    payment: Payment
    presented: int
    """The how-manieth presentation came back; always the first of a check."""
    code: str
    returned_on: date
    now: datetime
    order: PurchaseOrder | None
    holder: Registration | None


def take_back(
    tx: Transaction, office: Office, payment: Payment, code: str, returned_on: date, now: datetime
) -> Aftermath:
    """Do what follows from the return of a payment that had not come back. StepRefused while shares are allotted."""
    presented = tx.sent_files.presentations([payment.instrument]).get(payment.instrument, 1)
    owner = payment.registration_id
    came = _Return(
        office=office,
        payment=payment,
        presented=presented if payment.kind is PaymentKind.DEBIT else 1,
        code=code,
        returned_on=returned_on,
        now=now,
        order=tx.orders.purchase(payment.order_id) if payment.order_id else None,
        holder=tx.registrations.by_ids({owner}).get(owner) if owner else None,
    )
    cycle = tx.cycles.on(payment.purchase_date)
    is_counted = cycle is not None and cycle.state in _COUNTED
    is_waiting = came.order is not None and came.order.state in COUNTED_STATES
    if cycle is not None and is_counted and is_waiting and cycle.settled_to:
        raise StepRefused(
            f"shares of cycle {cycle.id} are being allotted; finish it with dspp cycle allot {cycle.id}, and load the"
            " file again"
        )
    consequence = _consequence(came)
    again = _DO[consequence.money](tx, came)
    if cycle is not None and is_counted and is_waiting and came.holder is not None:
        count_again(tx, office, cycle, came.holder.taxpayer, now)
    return Aftermath(payment, consequence, again)


def _consequence(came: _Return) -> ReturnConsequence:
    """By the plan's rules; a debit of an order that was canceled or is held is never presented again."""
    office, payment, order = came.office, came.payment, came.order
    terms = office.terms(payment.purchase_date)
    may_again = order is not None and order.state in _MAY_AGAIN and came.holder is not None and not came.holder.holds
    return consequence_of(
        payment.kind,
        came.code,
        payment.state,
        presented_again=came.presented - 1 if may_again else terms.representments,
        now=start_of(office, effective_day(office, office.today(came.now), came.now)),
        cut_off=order.cut_off if order is not None else came.now,
        terms=terms,
    )


def _present_again(tx: Transaction, came: _Return) -> Asked | None:
    """The order waits for its money again; the debit leaves once more with the file's other retries."""
    payment, order = came.payment, came.order
    if order is None or payment.registration_id is None:
        raise LookupError(f"payment {payment.id} has no order to present again")
    _take_out(tx, came)
    tx.month_orders.move_purchases([order.id], _MAY_AGAIN, PurchaseOrderState.AWAITING_PAYMENT)
    _tell_before(tx, came, effective_day(came.office, came.office.today(came.now), came.now))
    return Asked(payment.registration_id, order.id, payment.amount, came.presented + 1)


def _drop_order(tx: Transaction, came: _Return) -> None:
    _take_out(tx, came)
    if came.order is not None:
        tx.month_orders.move_purchases([came.order.id], _DROPPED, PurchaseOrderState.PAYMENT_RETURNED)
        _tell_before(tx, came, None)


def _forget(tx: Transaction, came: _Return) -> None:
    _take_out(tx, came)


def _take_out(tx: Transaction, came: _Return) -> None:
    """Money that was only pending goes back where it came from; a debit that was never received left nothing."""
    payment = came.payment
    if payment.state is not PaymentState.FILED:
        source = plan_account(payment.registration_id) if payment.registration_id else UNMATCHED
        _post(tx, came, move(source, _PAYERS[payment.kind], USD, payment.amount.cents))
    _mark(tx, came)


def _drop_refund(tx: Transaction, came: _Return) -> None:
    """What waits to be sent back is not sent; what was sent, or was invested, is owed."""
    _settle(tx, came)
    if came.order is not None:
        before = {PurchaseOrderState.REFUND_PENDING}
        if tx.month_orders.move_purchases([came.order.id], before, PurchaseOrderState.PAYMENT_RETURNED):
            _tell_before(tx, came, None)


def _hold_lot(tx: Transaction, came: _Return) -> None:
    """The shares stay held until a person has recovered what is owed."""
    fee = came.office.terms(came.payment.purchase_date).returned_payment_fee
    owed = _settle(tx, came)
    if fee.cents and owed.cents:
        lines = move(owed_account(came.payment.registration_id or ""), FEES, USD, fee.cents)
        tx.ledger.post(f"return-fee:{came.payment.id}", came.now, "fee of a returned payment", lines)
    if came.order is not None:
        tx.month_orders.move_purchases([came.order.id], _BOUGHT, PurchaseOrderState.RECOUPMENT)
        _tell_after(tx, came, fee)


def _owe(tx: Transaction, came: _Return) -> None:
    _settle(tx, came)
    if came.order is not None:
        tx.month_orders.move_purchases([came.order.id], _BOUGHT, PurchaseOrderState.RECOUPMENT)


def _nothing(_tx: Transaction, _came: _Return) -> None:
    """It came back before."""


_DO: Mapping[MoneyAfterReturn, Callable[[Transaction, _Return], Asked | None]] = {
    MoneyAfterReturn.PRESENT_AGAIN: _present_again,
    MoneyAfterReturn.DROP_ORDER: _drop_order,
    MoneyAfterReturn.DROP_REFUND: _drop_refund,
    MoneyAfterReturn.HOLD_LOT: _hold_lot,
    MoneyAfterReturn.OWED: _owe,
    MoneyAfterReturn.FORGET: _forget,
    MoneyAfterReturn.ALREADY_RETURNED: _nothing,
}


def _settle(tx: Transaction, came: _Return) -> Money:
    """Take the payment first from refunds of it that have not left; the rest is owed, and returned."""
    payment, left = came.payment, came.payment.amount
    owner = payment.registration_id or ""
    lines: list[Posting] = []
    own = tx.payments.refunds_of_order(payment.order_id) if payment.order_id else ()
    alone = tx.payments.refund_by_cause(f"refund:{payment.id}") if not payment.order_id else None
    for refund in (*own, *((alone,) if alone else ())):
        taken = min(refund.amount, left)
        if refund.file_sequence is None and taken.cents:
            tx.payments.take_off_refund(refund, taken)
            lines += move(refunds_account(owner), _PAYERS[payment.kind], USD, taken.cents)
            left -= taken
    if left.cents:
        lines += move(owed_account(owner), _PAYERS[payment.kind], USD, left.cents)
    _post(tx, came, lines)
    _mark(tx, came)
    return left


def _post(tx: Transaction, came: _Return, lines: list[Posting]) -> None:
    if came.payment.amount.cents:
        entry = Entry(return_id(came.payment, came.presented), came.now, f"returned unpaid, {came.code}", lines)
        tx.ledger.post_all([entry])


def _mark(tx: Transaction, came: _Return) -> None:
    payment = came.payment
    facts = {"reason": came.code, "returned_on": came.returned_on}
    tx.payments.move(payment.id, payment.state, PaymentState.RETURNED, came.now, **facts)


def _tell_before(tx: Transaction, came: _Return, again_on: date | None) -> None:
    office, payment, order, holder = came.office, came.payment, came.order, came.holder
    if order is None or holder is None:
        return
    following = coming_purchases(came.now, office.plan.calendar(came.now), office.plan.book)
    told = PaymentReturnedBefore(
        account=holder.masked_account,
        order_id=order.id,
        amount=payment.amount,
        method=_METHOD[payment.kind],
        returned_on=came.returned_on,
        purchase_date=payment.purchase_date,
        fee=ZERO_DOLLARS,
        presented_again_on=again_on,
        next_month=next(following),
    )
    office.write_to(tx, holder, told, cause=_cause(came), now=came.now)


def _tell_after(tx: Transaction, came: _Return, fee: Money) -> None:
    office, payment, order, holder = came.office, came.payment, came.order, came.holder
    if order is None or holder is None:
        return
    told = PaymentReturnedAfter(
        account=holder.masked_account,
        order_id=order.id,
        amount=payment.amount,
        method=_METHOD[payment.kind],
        returned_on=came.returned_on,
        purchase_date=payment.purchase_date,
        fee=fee,
        shares_held=tx.month_orders.allotted_to(order.id),
        reply_by=office.plan.calendar(came.now).banking_sessions_after(office.today(came.now), REPLY_SESSIONS),
    )
    office.write_to(tx, holder, told, cause=_cause(came), now=came.now)


def _cause(came: _Return) -> str:
    return f"payment-returned:{came.payment.id}:{came.presented}"
