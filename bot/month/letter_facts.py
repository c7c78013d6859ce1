"""What each letter of the month is told, and which template words it.

A confirmation whose figures disagree cannot be made, and so cannot be sent: prices,
dollars and balances are compared here with what they follow from. Accounts come
masked, always. PLAN.md, "Letters".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from bot.render import Section
from handlers.plan.calendar import PurchaseMonth
from handlers.plan.money import CENT, Money, Price, Shares, purchase_price, shares_bought, total
from handlers.plan.orders import PaymentMethod
from handlers.plan.statement import FiguresDisagree, Statement, YearSummary, check_masked

HALF_A_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Close:
    """The closing sale price of one pricing day."""

    day: date
    price: Price


@dataclass(frozen=True, slots=True)
class PurchaseConfirmation:
    """A purchase that is done: the shares are issued and the transfer agent has acknowledged it."""

    account: str
    """Masked."""
    order_id: str
    purchase_date: date
    closes: tuple[Close, ...]
    """Those of the pricing days, in order."""
    discount: Decimal
    """0.03 is 3 %."""
    price: Price
    method: PaymentMethod
    accepted: Money
    """What was there to be invested: invested and refunded together."""
    invested: Money
    refunded: Money
    shares: Shares
    fees: Money
    balance_before: Shares
    balance_after: Shares
    is_reduced: bool
    """Whether the shares left were too few and the order was cut pro rata. OC, "Limit runs short"."""
    error_report_days: int
    """Calendar days from the letter within which an error should be reported."""

    def __post_init__(self) -> None:
        check_masked(self.account)
        _agree(self.order_id, "invested and refunded", self.invested + self.refunded, self.accepted)
        _agree(self.order_id, "balance", self.balance_before + self.shares, self.balance_after)
        closes = [close.price for close in self.closes]
        _agree(self.order_id, "price", purchase_price(closes, self.discount), self.price)
        if not self.is_reduced:
            _agree(self.order_id, "shares", shares_bought(self.invested, self.price), self.shares)
        elif not self.refunded.cents or self.shares > shares_bought(self.accepted, self.price):
            raise FiguresDisagree(
                f"order {self.order_id}: reduced, but nothing is refunded or more is bought than paid"
            )
        elif abs(self.shares.count * self.price.dollars - self.invested.dollars) > HALF_A_CENT:
            raise FiguresDisagree(f"order {self.order_id}: {self.invested} dollars are not the price of {self.shares}")


@dataclass(frozen=True, slots=True)
class AmendedConfirmation:
    """A confirmation that was wrong, and what is right. OC, "A close is corrected after issue"."""

    before: PurchaseConfirmation
    after: PurchaseConfirmation
    why: str
    """What was corrected, a clause that follows "because", without the full stop."""

    def __post_init__(self) -> None:
        if self.before.order_id != self.after.order_id or self.before.account != self.after.account:
            raise ValueError("an amended confirmation of another order")
        if self.before == self.after:
            raise ValueError("an amended confirmation that changes nothing")


@dataclass(frozen=True, slots=True)
class Fee:
    """One charge, by its name."""

    name: str
    dollars: Money


@dataclass(frozen=True, slots=True)
class SaleConfirmation:
    """A sale that is done."""

    account: str
    """Masked."""
    order_id: str
    trade_dates: tuple[date, ...]
    settles_on: date
    shares: Shares
    average_price: Decimal
    """Dollars a share, weighted over all fills of the batch; not rounded."""
    gross: Money
    fees: tuple[Fee, ...]
    withheld: Money
    recovered: Money
    """Kept for a payment that came back, with its fee. Zero but for a sale that recovers one."""
    net: Money
    shares_before: Shares
    shares_remaining: Shares
    error_report_days: int

    def __post_init__(self) -> None:
        check_masked(self.account)
        taken = total(fee.dollars for fee in self.fees) + self.withheld + self.recovered
        _agree(self.order_id, "net and what was taken off", self.net + taken, self.gross)
        _agree(self.order_id, "shares", self.shares_remaining + self.shares, self.shares_before)
        if not self.trade_dates or max(self.trade_dates) > self.settles_on:
            raise ValueError(f"order {self.order_id}: a sale that settles before it is traded")
        # The batch's dollars are rounded once and divided by largest remainder: half a cent, and less than one.
        if abs(self.shares.count * self.average_price - self.gross.dollars) >= CENT + HALF_A_CENT:
            raise FiguresDisagree(f"order {self.order_id}: the gross is far off shares times average price")


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """An order for which no payment came by the cut-off."""

    account: str
    order_id: str
    amount: Money
    purchase_date: date
    cut_off: datetime
    next_month: PurchaseMonth


class RefundReason(Enum):
    """Why money goes back."""

    OVER_MAXIMUM = "over the maximum"
    UNDER_MINIMUM = "under the minimum"
    LIMIT_RAN_SHORT = "the shares left were too few"
    CANCELLED = "canceled"
    STATE_CLOSED = "closed state"
    DEFERRED = "asked back after a deferral"
    LEAVING = "participation ended"
    NOT_ACCEPTED = "not accepted"


@dataclass(frozen=True, slots=True)
class RefundSent:
    """Money that was mailed back."""

    account: str
    order_id: str
    """Empty where the money belonged to no order."""
    amount: Money
    reason: RefundReason
    sent_on: date


@dataclass(frozen=True, slots=True)
class PaymentReturnedBefore:
    """A payment that the bank returned unpaid before it was invested."""

    account: str
    order_id: str
    amount: Money
    method: PaymentMethod
    returned_on: date
    purchase_date: date
    fee: Money
    presented_again_on: date | None
    """Set where the debit is tried again for the same purchase date, so the order stands. OC, "ACH return codes"."""
    next_month: PurchaseMonth


@dataclass(frozen=True, slots=True)
class PaymentReturnedAfter:
    """A payment that the bank returned unpaid once it was invested."""

    account: str
    order_id: str
    amount: Money
    method: PaymentMethod
    returned_on: date
    purchase_date: date
    fee: Money
    shares_held: Shares
    """The lot that this payment bought; it cannot be sold or moved."""
    reply_by: date
    """Until when the holder should have spoken with Investor Relations."""


@dataclass(frozen=True, slots=True)
class CarriedForward:
    """A payment that is not good funds by the purchase date, and goes to the next one."""

    account: str
    order_id: str
    amount: Money
    method: PaymentMethod
    received_on: date
    good_on: date
    purchase_date: date
    """The one it was for."""
    next_month: PurchaseMonth


@dataclass(frozen=True, slots=True)
class DeductionAdvice:
    """A debit that is to come."""

    account: str
    elected: Money
    amount: Money
    """What will be debited: less than elected where the month's maximum leaves no more."""
    debit_on: date
    purchase_date: date
    cut_off: datetime
    change_until: datetime
    """After this instant the debit is at the bank and cannot be changed."""

    def __post_init__(self) -> None:
        if self.amount > self.elected:
            raise FiguresDisagree(f"account {self.account}: a debit of more than was elected")


class StopReason(Enum):
    """Why a monthly deduction ends without the holder's word. OC, "ACH return codes", "Moved to a closed state"."""

    BANK_ACCOUNT = "the bank account is closed or was not found"
    NOT_AUTHORIZED = "the bank says that the debit was not authorized"
    LIMIT_REACHED = "all shares of the program are issued"
    STATE_CLOSED = "closed state"


@dataclass(frozen=True, slots=True)
class DeductionStopped:
    """A monthly deduction that has ended."""

    account: str
    amount: Money
    reason: StopReason
    stopped_on: date
    next_month: PurchaseMonth | None
    """None where nothing more can be bought."""


@dataclass(frozen=True, slots=True)
class PaymentReminder:
    """An order that still waits for its payment, some days before the cut-off."""

    account: str
    order_id: str
    amount: Money
    method: PaymentMethod
    purchase_date: date
    cut_off: datetime


@dataclass(frozen=True, slots=True)
class Deferred:
    """A purchase put off by a month, because a closing price was missing through the purchase date."""

    account: str
    amount: Money
    """What waits to be invested."""
    missing: tuple[date, ...]
    """The pricing days without a closing price."""
    purchase_date: date
    next_month: PurchaseMonth


@dataclass(frozen=True, slots=True)
class CycleNeedsPerson:
    """To Investor Relations: a purchase cycle waits for somebody."""

    cycle: str
    """Such as "2003-11"."""
    purchase_date: date
    what: str
    """What has to be done, a sentence without its full stop."""
    why: str
    """What it is about, one or more whole sentences. No account data."""
    command: str
    """What to type; empty where nothing is typed."""
    until: datetime | None
    """By when; None where it is to be done at once."""


LetterFacts = (
    PurchaseConfirmation | AmendedConfirmation | SaleConfirmation | Statement | YearSummary | OrderExpired | RefundSent
    | PaymentReturnedBefore | PaymentReturnedAfter | CarriedForward | DeductionAdvice | DeductionStopped
    | PaymentReminder | Deferred | CycleNeedsPerson
)  # fmt: skip

TEMPLATE_OF: Mapping[type[LetterFacts], str] = {
    PurchaseConfirmation: "month/purchase_confirmation.j2",
    AmendedConfirmation: "month/amended_confirmation.j2",
    SaleConfirmation: "month/sale_confirmation.j2",
    Statement: "month/statement.j2",
    YearSummary: "month/year_end.j2",
    OrderExpired: "month/order_expired.j2",
    RefundSent: "month/refund_sent.j2",
    PaymentReturnedBefore: "month/payment_returned_before.j2",
    PaymentReturnedAfter: "month/payment_returned_after.j2",
    CarriedForward: "month/carried_forward.j2",
    DeductionAdvice: "month/deduction_advice.j2",
    DeductionStopped: "month/deduction_stopped.j2",
    PaymentReminder: "month/reminder.j2",
    Deferred: "month/deferred.j2",
    CycleNeedsPerson: "notices/cycle_needs_person.j2",
}


def section_of(told: LetterFacts) -> Section:
    """The section that words `told`. ValueError if an account number in it is not masked."""
    account = getattr(told, "account", None)
    if account is not None:
        check_masked(account)
    return Section(TEMPLATE_OF[type(told)], {"told": told})


def _agree(order_id: str, what: str, found: object, stated: object) -> None:
    if found != stated:
        raise FiguresDisagree(f"order {order_id}, {what}: {found} by the parts, {stated} as stated")
