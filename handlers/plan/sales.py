"""Selling: how many shares an order may touch, and why it may be refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from handlers.plan.accounts import Registration
from handlers.plan.eligibility import check_participant
from handlers.plan.money import NO_SHARES, Shares
from handlers.plan.orders import Order, Portion, SaleOrder
from handlers.plan.refusals import Refusal, in_precedence


def settled_shares(registration: Registration) -> Shares:
    """The plan shares that are settled; none without an account."""
    return registration.account.settled_shares if registration.account else NO_SHARES


def sellable_shares(registration: Registration, orders: Iterable[Order]) -> Shares:
    """The settled plan shares less those in open sale orders. OC, "Buy and sell in one month"."""
    settled = settled_shares(registration)
    promised = sum(
        (
            order.shares
            for order in orders
            if isinstance(order, SaleOrder) and order.is_open and order.registration_id == registration.id
        ),
        NO_SHARES,
    )
    return settled - promised if promised <= settled else NO_SHARES


def shares_to_sell(asked: Shares | Portion, registration: Registration, orders: Iterable[Order]) -> Shares:
    """How many shares the order is for as things stand today.

    "All" is what can still be sold; "half" is half of the settled position,
    rounded down to four places, whatever other orders are open. Both are
    counted again at the cut-off.
    """
    match asked:
        case Portion.ALL:
            return sellable_shares(registration, orders)
        case Portion.HALF:
            return settled_shares(registration).half()
        case Shares():
            return asked


def check_sale(
    shares: Shares, registration: Registration, sellable: Shares, purchase_date: date
) -> tuple[Refusal, ...]:
    """Every reason why the holder may not sell `shares` on `purchase_date`. Selling all that can be sold is fine.

    A closed state is none of them: holding and selling stay allowed. OC,
    "Sales", "Moved to a closed state", "Address, email, bank change".
    """
    refusals = list(check_participant(registration))
    if NO_SHARES in (sellable, shares):  # half of the smallest fraction is nothing
        refusals.append(Refusal.NO_PLAN_SHARES)
    elif shares > sellable:
        refusals.append(Refusal.MORE_THAN_HELD)
    if registration.sales_held_until is not None and purchase_date < registration.sales_held_until:
        refusals.append(Refusal.SALES_ON_HOLD)
    if {Refusal.NOT_ENROLLED, Refusal.TERMINATION_UNDER_WAY} & set(refusals):
        refusals = [refusal for refusal in refusals if refusal is not Refusal.NO_PLAN_SHARES]
    return in_precedence(refusals)


@dataclass(frozen=True, slots=True)
class SaleAtCutOff:
    """A sale order as the cut-off counts it."""

    order_id: str
    shares: Shares
    is_covered: bool
    """Whether the shares are there. If not, the whole order is not carried out; it is never cut down."""


def count_at_cut_off(orders: Iterable[SaleOrder], free: Shares) -> Iterator[SaleAtCutOff]:
    """The sale orders of one registration, counted again against what it may sell at the cut-off, oldest first.

    `free` is the settled position less the lots whose payment may still come
    back. A number is that number; half is half of `free`, rounded down, whatever
    other orders there are; all is what the orders before it leave. What asks for
    more than is left, or comes to nothing, is not covered, and takes nothing from
    those after it. ValueError if the orders are of several registrations. OC,
    "Sales", "Buy and sell in one month".
    """
    found = sorted(orders, key=lambda order: (order.received_at, order.id))
    if len({order.registration_id for order in found}) > 1:
        raise ValueError("sale orders of several registrations cannot be counted against one position")
    left = free
    for order in found:
        match order.portion:
            case Portion.ALL:
                shares = left
            case Portion.HALF:
                shares = free.half()
            case None:
                shares = order.shares
        is_covered = NO_SHARES < shares <= left
        yield SaleAtCutOff(order.id, shares, is_covered)
        if is_covered:
            left -= shares
