"""Orders as the plan has them: purchases in dollars, sales in shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from handlers.plan.money import Money, Shares


class PaymentMethod(Enum):
    """The two ways a purchase can be paid. PR, "How to pay"."""

    CHECK = "check"
    AUTOMATIC_DEDUCTION = "automatic_deduction"


class PurchaseOrderState(Enum):
    """The life of a purchase order."""

    RECEIVED = "RECEIVED"
    CONFIRMED = "CONFIRMED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    UNCOLLECTED = "UNCOLLECTED"
    GOOD_FUNDS = "GOOD_FUNDS"
    QUEUED = "QUEUED"
    LOCKED = "LOCKED"
    PRICED = "PRICED"
    ALLOTTED = "ALLOTTED"
    ISSUED = "ISSUED"
    CONFIRMATION_SENT = "CONFIRMATION_SENT"
    FINAL = "FINAL"
    REJECTED = "REJECTED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    CARRIED_FORWARD = "CARRIED_FORWARD"
    PAYMENT_RETURNED = "PAYMENT_RETURNED"
    REFUND_PENDING = "REFUND_PENDING"
    REFUNDED = "REFUNDED"
    RECOUPMENT = "RECOUPMENT"
    RECOVERED = "RECOVERED"
    WRITTEN_OFF = "WRITTEN_OFF"


class SaleOrderState(Enum):
    """The life of a sale order."""

    RECEIVED = "RECEIVED"
    CONFIRMED = "CONFIRMED"
    QUEUED = "QUEUED"
    LOCKED = "LOCKED"
    PLACED = "PLACED"
    EXECUTED = "EXECUTED"
    ALLOCATED = "ALLOCATED"
    SETTLED = "SETTLED"
    PROCEEDS_MAILED = "PROCEEDS_MAILED"
    CANCELLED = "CANCELLED"
    INSUFFICIENT_SHARES = "INSUFFICIENT_SHARES"
    HELD = "HELD"


CANCELLABLE_PURCHASE = frozenset(
    {
        PurchaseOrderState.RECEIVED,
        PurchaseOrderState.CONFIRMED,
        PurchaseOrderState.AWAITING_PAYMENT,
        PurchaseOrderState.UNCOLLECTED,
        PurchaseOrderState.GOOD_FUNDS,
        PurchaseOrderState.QUEUED,
    }
)
"""States in which a purchase still counts against the month and may be cancelled until its cut-off."""

COUNTS_TOWARD_MONTH = CANCELLABLE_PURCHASE | frozenset(
    {
        PurchaseOrderState.LOCKED,
        PurchaseOrderState.PRICED,
        PurchaseOrderState.ALLOTTED,
        PurchaseOrderState.ISSUED,
        PurchaseOrderState.CONFIRMATION_SENT,
        PurchaseOrderState.FINAL,
        PurchaseOrderState.HELD,
    }
)
"""States in which a purchase takes up part of its month's maximum: all but those in which the money goes back."""

CANCELLABLE_SALE = frozenset({SaleOrderState.RECEIVED, SaleOrderState.CONFIRMED, SaleOrderState.QUEUED})


class Portion(Enum):
    """A sale of a part of the holding that is known only when it is sold."""

    ALL = "all"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order to invest dollars on one purchase date."""

    id: str
    registration_id: str
    amount: Money
    payment_method: PaymentMethod
    purchase_date: date
    cut_off: datetime
    state: PurchaseOrderState
    received_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the order still waits for its cut-off."""
        return self.state in CANCELLABLE_PURCHASE


@dataclass(frozen=True, slots=True)
class SaleOrder:
    """An order to sell shares held in the plan on one purchase date."""

    id: str
    registration_id: str
    shares: Shares
    portion: Portion | None
    """Set when the order is for all or half: the count is then fixed again at the cut-off."""
    purchase_date: date
    cut_off: datetime
    state: SaleOrderState
    received_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the order still waits for its cut-off."""
        return self.state in CANCELLABLE_SALE


Order = PurchaseOrder | SaleOrder
