"""A payment from its receipt to its end: its states, its days, and whose it is.

Money decides: the month of a payment is that of the instant it was received,
whenever its file was loaded. What is doubtful about a check or its holder never
becomes shares without a person: it is held, with every doubt named.

PR and OC, "Which month", "Good funds", "How to pay", "Returned before the PD"; the matching of a check is OC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from handlers.plan.accounts import Registration
from handlers.plan.calendar import PurchaseMonth, TradingCalendar, coming_purchases
from handlers.plan.eligibility import is_for_staff, lives_abroad, state_status
from handlers.plan.money import Money
from handlers.plan.orders import Order, PaymentMethod, PurchaseOrder, PurchaseOrderState
from handlers.plan.payer_names import is_payer_a_holder
from handlers.plan.purchases import check_may_buy
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateList, StateStatus
from handlers.plan.terms import PlanBook, PlanTerms

US_DOLLARS = "USD"


class PaymentKind(Enum):
    """How money came in. PR, "How to pay"."""

    CHECK = "check"
    DEBIT = "debit"


class PaymentState(Enum):
    """Where a payment stands."""

    FILED = "FILED"
    """A debit that was sent to the bank."""
    UNMATCHED = "UNMATCHED"
    """Nobody knows yet whose it is."""
    HELD = "HELD"
    """A person decides."""
    UNCOLLECTED = "UNCOLLECTED"
    GOOD = "GOOD"
    INVESTED = "INVESTED"
    RETURNED = "RETURNED"
    """The bank took it back."""
    REFUND_PENDING = "REFUND_PENDING"
    """It goes back to its payer, once it is collected."""
    REFUNDED = "REFUNDED"


class PaymentEvent(Enum):
    """What moves a payment on."""

    RECEIVE = "received"
    """A debit's day has come: from now on its money counts."""
    MATCH = "matched to an account"
    HOLD = "held for a person"
    RELEASE = "released by a person"
    COLLECT = "collected"
    INVEST = "invested"
    RETURN = "returned by the bank"
    PRESENT_AGAIN = "presented again"
    GIVE_BACK = "to be refunded"
    REFUND = "refunded"


_RETURN = {PaymentEvent.RETURN: PaymentState.RETURNED}
_STOP = {PaymentEvent.HOLD: PaymentState.HELD, PaymentEvent.GIVE_BACK: PaymentState.REFUND_PENDING}

FIRST_PAYMENT_STATES: Mapping[PaymentKind, frozenset[PaymentState]] = {
    PaymentKind.CHECK: frozenset({PaymentState.UNMATCHED, PaymentState.HELD, PaymentState.UNCOLLECTED}),
    PaymentKind.DEBIT: frozenset({PaymentState.FILED}),
}
"""The states in which a payment may begin."""

NEXT_PAYMENT_STATE: Mapping[PaymentState, Mapping[PaymentEvent, PaymentState]] = {
    PaymentState.FILED: {PaymentEvent.RECEIVE: PaymentState.UNCOLLECTED, **_RETURN},
    PaymentState.UNMATCHED: {PaymentEvent.MATCH: PaymentState.UNCOLLECTED, **_STOP, **_RETURN},
    PaymentState.HELD: {
        PaymentEvent.RELEASE: PaymentState.UNCOLLECTED,
        PaymentEvent.GIVE_BACK: PaymentState.REFUND_PENDING,
        **_RETURN,
    },
    PaymentState.UNCOLLECTED: {PaymentEvent.COLLECT: PaymentState.GOOD, **_STOP, **_RETURN},
    PaymentState.GOOD: {PaymentEvent.INVEST: PaymentState.INVESTED, **_STOP, **_RETURN},
    PaymentState.INVESTED: _RETURN,
    PaymentState.RETURNED: {PaymentEvent.PRESENT_AGAIN: PaymentState.FILED},
    PaymentState.REFUND_PENDING: {PaymentEvent.REFUND: PaymentState.REFUNDED, **_RETURN},
    PaymentState.REFUNDED: _RETURN,
}
"""The life of a payment; an event without an entry is refused by the store.

What of a payment was over the maximum, or not allotted, goes back as a refund of
its order; the payment itself is INVESTED as soon as any of it is.
"""


def _session_after(day: date, count: int, calendar: TradingCalendar) -> date:
    """The `count`th banking session after `day`; of none, the first on or after it."""
    if not count:
        return calendar.banking_sessions_after(day - timedelta(days=1), 1)
    return calendar.banking_sessions_after(day, count)


def day_received(received_at: datetime, book: PlanBook) -> date:
    """The plan's own day of an instant."""
    return received_at.astimezone(ZoneInfo(book.timezone)).date()


def good_on(received_on: date, calendar: TradingCalendar, terms: PlanTerms) -> date:
    """The banking session from which a payment received on a day is good funds, and may be refunded.

    Checks and debits alike. A payment is invested on a purchase date only if it
    is good by then; else it goes on to the next. OC, "Good funds".
    """
    return _session_after(received_on, terms.good_funds_sessions, calendar)


def return_risk_until(kind: PaymentKind, received_on: date, calendar: TradingCalendar, terms: PlanTerms) -> date:
    """The last day on which a payment received on a day may still come back; lots it paid for are not sold before.

    A check: banking sessions. A debit: calendar days, by the ACH rules' time to
    say that it was unauthorised. OC, "Good funds", "Returned after the PD".
    """
    match kind:
        case PaymentKind.CHECK:
            return _session_after(received_on, terms.check_return_sessions, calendar)
        case PaymentKind.DEBIT:
            return received_on + timedelta(days=terms.debit_return_days)


def purchase_month_of(received_at: datetime, calendar: TradingCalendar, book: PlanBook) -> PurchaseMonth:
    """The month a payment counts for: the first whose cut-off was not past when it was received. OC, "Which month"."""
    return next(coming_purchases(received_at, calendar, book))


@dataclass(frozen=True, slots=True)
class ReceivedCheck:
    """A check as the bank's lockbox reports it."""

    amount: Money
    """In its own currency; dollars only where `currency` says so."""
    currency: str
    """ISO 4217 code."""
    check_date: date | None
    """What is written on it; None if nothing is, or nothing that can be read."""
    payer: str
    """Who signed it, as the bank read it; empty if it could not."""
    received_at: datetime


class Doubt(Enum):
    """Why a check does not become shares without a person. Order is precedence: most serious first."""

    UNKNOWN_ACCOUNT = auto()
    ACCOUNT_ON_HOLD = auto()
    NOT_US_DOLLARS = auto()
    NO_AMOUNT = auto()
    POST_DATED = auto()
    UNDATED = auto()
    THIRD_PARTY_PAYER = auto()
    PAYER_NOT_NAMED = auto()
    LIVES_ABROAD = auto()
    STATE_CLOSED = auto()
    STATE_UNKNOWN = auto()
    NOT_ENROLLED = auto()
    TERMINATION_UNDER_WAY = auto()
    PROSPECTUS_NOT_ACKNOWLEDGED = auto()
    FOR_STAFF_TO_APPROVE = auto()
    """A trust, retirement account or entity, and no order of theirs that a person has looked at."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The check pays for this order; what was received, not what was ordered, is invested."""

    order: PurchaseOrder


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """The check is an order by itself, for the month of its receipt."""

    registration_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """The account is known, but a person decides. `order` is what the check would have paid for, if anything."""

    doubts: tuple[Doubt, ...]
    order: PurchaseOrder | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Nobody knows whose the check is."""

    doubts: tuple[Doubt, ...]


Match = Matched | OwnOrder | Held | Unmatched

_REFUSED: Mapping[Refusal, Doubt] = {
    Refusal.ACCOUNT_ON_HOLD: Doubt.ACCOUNT_ON_HOLD,
    Refusal.STATE_CLOSED: Doubt.STATE_CLOSED,
    Refusal.NOT_ENROLLED: Doubt.NOT_ENROLLED,
    Refusal.TERMINATION_UNDER_WAY: Doubt.TERMINATION_UNDER_WAY,
    Refusal.PROSPECTUS_NOT_ACKNOWLEDGED: Doubt.PROSPECTUS_NOT_ACKNOWLEDGED,
}
"""What would refuse an order to buy makes its money doubtful."""


def match_check(
    check: ReceivedCheck,
    registration: Registration | None,
    orders: Iterable[Order],
    month: PurchaseMonth,
    states: StateList,
    book: PlanBook,
) -> Match:
    """To which order a check belongs, or why a person must say.

    `registration` is the account that the check names, `orders` are its orders,
    `month` is that of the check's receipt. The oldest order that awaits a check
    for this purchase date with the same amount; else the oldest that awaits one;
    without any, the check is an order by itself where its holder may buy.
    """
    received_on = day_received(check.received_at, book)
    if registration is None:
        return Unmatched((Doubt.UNKNOWN_ACCOUNT, *doubts_of_check(check, None, received_on)))
    order = order_awaiting(check.amount, registration.id, orders, month.purchase_date)
    found = {
        *doubts_of_check(check, registration, received_on),
        *doubts_of_holder(registration, (received_on, month.purchase_date), states, book),
    }
    if order is None and is_for_staff(registration):
        found.add(Doubt.FOR_STAFF_TO_APPROVE)
    if found:
        return Held(tuple(sorted(found, key=lambda doubt: doubt.value)), order)
    return OwnOrder(registration.id) if order is None else Matched(order)


def order_awaiting(
    amount: Money, registration_id: str, orders: Iterable[Order], purchase_date: date
) -> PurchaseOrder | None:
    """The order that a check of `amount` pays for: the oldest that fits exactly, else the oldest; None without any."""
    awaiting = [
        order
        for order in orders
        if isinstance(order, PurchaseOrder)
        and order.registration_id == registration_id
        and order.state is PurchaseOrderState.AWAITING_PAYMENT
        and order.payment_method is PaymentMethod.CHECK
        and order.purchase_date == purchase_date
    ]
    return min(awaiting, key=lambda order: (order.amount != amount, order.received_at, order.id), default=None)


def doubts_of_check(check: ReceivedCheck, registration: Registration | None, received_on: date) -> tuple[Doubt, ...]:
    """What is wrong with the paper itself, whoever the holder is. PR and OC, "How to pay"."""
    found = []
    if check.currency != US_DOLLARS:
        found.append(Doubt.NOT_US_DOLLARS)
    if not check.amount.cents:
        found.append(Doubt.NO_AMOUNT)
    if check.check_date is None:
        found.append(Doubt.UNDATED)
    elif check.check_date > received_on:
        found.append(Doubt.POST_DATED)
    if not check.payer.strip():
        found.append(Doubt.PAYER_NOT_NAMED)
    elif registration is not None and not is_payer_a_holder(check.payer, registration.name):
        found.append(Doubt.THIRD_PARTY_PAYER)
    return tuple(found)


def doubts_of_holder(
    registration: Registration, days: tuple[date, date], states: StateList, book: PlanBook
) -> tuple[Doubt, ...]:
    """Why the holder's money may not be invested without a person, as things stand now; empty means it may.

    `days` are that of receipt and the purchase date; the prospectus is the one in
    force on the first of them. At the cut-off it is asked again, with the day of
    the cut-off. PR and OC, "Who may take part", "States", "Prospectus", "Death".
    """
    status = state_status(registration, states, days)
    refusals = check_may_buy(registration, status, book.prospectus_on(days[0]), acknowledging=False)
    found = {_REFUSED[refusal] for refusal in refusals}
    if lives_abroad(registration):
        found.add(Doubt.LIVES_ABROAD)
    elif status is StateStatus.UNKNOWN:
        found.add(Doubt.STATE_UNKNOWN)
    return tuple(sorted(found, key=lambda doubt: doubt.value))
