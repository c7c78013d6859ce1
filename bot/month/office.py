"""What every step of the month works with, and how it speaks to Investor Relations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.files.nacha_debits import Originator
from bot.keys import Keys
from bot.mail.compose import Attachment
from bot.month.letter_facts import CycleNeedsPerson, LetterFacts, section_of
from bot.plan import Plan
from bot.post import Post
from bot.refer import Desk
from handlers.plan.accounts import Hold, Registration
from handlers.plan.calendar import PurchaseMonth, purchase_month
from handlers.plan.eligibility import is_deceased
from handlers.plan.terms import PlanTerms
from storage.store import Store, Transaction


class StepRefused(ValueError):
    """The step is not to be done now; the sentence says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Office:
    """The plan, the store and the post, as the month needs them."""

    store: Store
    plan: Plan
    keys: Keys
    post: Post
    clock: Clock
    folder: Path
    """Where files for the transfer agent and the bank are written."""
    originator: Originator | None = None
    """Who collects debits, as our bank knows it; None where the settings do not say."""

    @property
    def desk(self) -> Desk:
        """What tells Investor Relations."""
        return Desk(self.plan, self.post)

    def today(self, now: datetime) -> date:
        """The day it is in the plan's timezone."""
        return now.astimezone(ZoneInfo(self.plan.book.timezone)).date()

    def month(self, number: str, now: datetime) -> PurchaseMonth:
        """The dates of the cycle "2003-11". StepRefused if that is no month."""
        try:
            year, month = (int(part) for part in number.split("-"))
            return purchase_month(year, month, self.plan.calendar(now), self.plan.book)
        except ValueError:
            raise StepRefused(f"{number!r} names no month; write it as 2003-11") from None

    def terms(self, purchase_date: date) -> PlanTerms:
        """The terms of a purchase month: those in force on its purchase date."""
        return self.plan.book.on(purchase_date)

    def write_to(
        self,
        tx: Transaction,
        holder: Registration,
        told: LetterFacts,
        *,
        cause: str,
        now: datetime,
        attachments: tuple[Attachment, ...] = (),
    ) -> bool:
        """Queue a letter to a holder, once a cause. False where none may go, and paper must: see `is_reached`."""
        if not is_reached(holder) or tx.outbox.has(cause):
            return False
        section = section_of(told)
        kind = section.template.removesuffix(".j2")
        self.post.notice(
            tx,
            holder.email,
            section,
            cause=cause,
            kind=kind,
            now=now,
            name=holder.name,
            reference=getattr(told, "order_id", "") or "",
            attachments=attachments,
        )
        return True

    def tell_staff(self, tx: Transaction, told: CycleNeedsPerson, *, cause: str, now: datetime) -> None:
        """Queue a notice to Investor Relations, once a cause."""
        if not tx.outbox.has(cause):
            self.desk.tell(tx, section_of(told), cause=cause, now=now)


def is_reached(holder: Registration) -> bool:
    """Whether a letter by email may go to a holder: there is an address, none came back from it, and nobody died."""
    return bool(holder.email) and not is_deceased(holder) and Hold.MAIL_RETURNED not in holder.holds
