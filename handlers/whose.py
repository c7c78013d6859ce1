"""Whose account a request is about, and whether a person must look at it first.

What the handlers of orders and personal answers have in common. Decides
nothing about amounts, shares or dates.
"""

from __future__ import annotations

from datetime import date

from handlers.contract import NeedsInfo, Outcome, Referral, Referred, Refused, Request, Snapshot
from handlers.plan.accounts import Registration
from handlers.plan.eligibility import is_deceased, is_for_staff, lives_abroad, registration_meant, state_status
from handlers.plan.orders import Order
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateStatus


def sender_frozen(snapshot: Snapshot) -> Outcome | None:
    """The outcome for a sender who has no registration, or one whose holder has died; None for all others.

    The hold of one registration freezes them all: who writes from the mailbox
    of somebody who died is not known. OC, "Death".
    """
    if not snapshot.registrations:
        return Refused((Refusal.NOT_A_SHAREHOLDER,))
    if any(is_deceased(registration) for registration in snapshot.registrations):
        return Referred(Referral.DEATH)
    return None


def account_meant(request: Request, snapshot: Snapshot) -> Registration | Outcome:
    """The registration the request is about, or the outcome where there is none or it is frozen or unclear."""
    if stopped := sender_frozen(snapshot):
        return stopped
    registration = registration_meant(request.slots.accounts, snapshot.registrations)
    return NeedsInfo(("account",)) if registration is None else registration


def accounts_meant(request: Request, snapshot: Snapshot) -> tuple[Registration, ...] | Outcome:
    """The registrations to tell of: the one named, else all the sender has; or the outcome where that cannot be."""
    if stopped := sender_frozen(snapshot):
        return stopped
    if not request.slots.accounts:
        return snapshot.registrations
    found = registration_meant(request.slots.accounts, snapshot.registrations)
    return NeedsInfo(("account",)) if found is None else (found,)


def own_orders(request: Request, snapshot: Snapshot) -> tuple[Order, ...] | NeedsInfo:
    """The sender's own orders, of the account named if one is; never those that a taxpayer's other address made."""
    owners = {registration.id for registration in snapshot.registrations}
    if request.slots.accounts:
        found = registration_meant(request.slots.accounts, snapshot.registrations)
        if found is None:
            return NeedsInfo(("account",))
        owners = {found.id}
    return tuple(order for order in snapshot.orders if order.registration_id in owners)


def for_a_person(registration: Registration) -> Referred | None:
    """The referral that every order of such a registration takes; None where the rules decide."""
    if lives_abroad(registration):
        return Referred(Referral.NON_US)
    if is_for_staff(registration):
        return Referred(Referral.REGISTRATION_KIND)
    return None


def residence(registration: Registration, snapshot: Snapshot, purchase_date: date) -> StateStatus:
    """The status of the state of record, today and on the purchase date."""
    return state_status(registration, snapshot.states, (snapshot.today, purchase_date))


def others_registrations(registration: Registration, snapshot: Snapshot) -> frozenset[str]:
    """The sender's registrations that belong to another taxpayer, such as a minor's in custody."""
    return frozenset(other.id for other in snapshot.registrations if other.taxpayer != registration.taxpayer)
