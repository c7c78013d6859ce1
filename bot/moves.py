"""What a holder's move to another state leads to: purchases stop where it is closed, staff see what is unknown."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.plan import Plan
from bot.post import Post
from bot.render import Section
from handlers.moved import stopped_by_move, takes_part
from handlers.plan.accounts import Registration
from handlers.plan.calendar import coming_purchases
from handlers.plan.eligibility import is_deceased, state_status
from handlers.plan.states import StateStatus
from storage.registrations import HolderRecord
from storage.store import Transaction

CLOSED = "notices/moved_to_closed_state"
FOR_STAFF = "notices/holder_moved"


def has_moved(earlier: HolderRecord | None, record: HolderRecord) -> bool:
    """Whether the state or country of record is another one than before."""
    return earlier is not None and (earlier.state, earlier.country) != (record.state, record.country)


def settle_move(tx: Transaction, plan: Plan, post: Post, record: HolderRecord, cause: str, now: datetime) -> bool:
    """Do what follows from a move, once `record` is kept. True if the holder's purchases were stopped.

    The state counts as in any order: today and on the coming purchase date. A
    holder who cannot be told by mail, or must not be since the account is
    frozen, is told by staff. OC, "Moved to a closed state", "States".
    """
    holder = tx.registrations.by_account_number(record.account_number)
    if holder is None or not takes_part(holder):
        return False
    today = now.astimezone(ZoneInfo(plan.book.timezone)).date()
    coming = next(coming_purchases(now, plan.calendar(now), plan.book))
    status = state_status(holder, tx.states.all(), (today, coming.purchase_date))
    if status is StateStatus.OPEN:
        return False
    is_told = False
    if status is StateStatus.CLOSED:
        stopped = stopped_by_move(holder, tx.orders.of_registrations([holder.id]), now)
        tx.effects.apply(stopped.effects, cause=cause, now=now, today=today)
        is_told = bool(holder.email) and not is_deceased(holder)
        if is_told:
            facts = {
                "account": holder.masked_account,
                "state": holder.state,
                "purchases": stopped.purchases,
                "deduction": stopped.deduction,
            }
            post.notice(tx, holder.email, Section(f"{CLOSED}.j2", facts), cause=cause, kind=CLOSED, now=now)
    if not is_told:
        _tell_staff(tx, plan, post, holder, status, cause, now)
    return status is StateStatus.CLOSED


def _tell_staff(
    tx: Transaction, plan: Plan, post: Post, holder: Registration, status: StateStatus, cause: str, now: datetime
) -> None:
    facts = {
        "account": holder.masked_account,
        "state": holder.state,
        "country": holder.country,
        "status": status,
    }
    post.notice(
        tx,
        plan.book.issuer.ir_address,
        Section(f"{FOR_STAFF}.j2", facts),
        cause=cause,
        kind=FOR_STAFF,
        now=now,
        is_for_staff=True,
    )
