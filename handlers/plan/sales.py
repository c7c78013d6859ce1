"""Selling: how many shares an order may touch, and why it may be refused."""

from __future__ import annotations

from collections.abc import Iterable
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
