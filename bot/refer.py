"""Hands what a person should decide, or should know, to Investor Relations."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from bot.flood import NOTICES_OF_UNSURE_AT_MOST, unsure_reviews
from bot.plan import Plan
from bot.post import Post
from bot.render import Section
from handlers.contract import Referral
from handlers.plan.accounts import Hold
from handlers.plan.calendar import coming_purchases
from storage.ids import new_id
from storage.messages import InboundMessage
from storage.reviews import OPEN, ReviewItem
from storage.store import StoreUnavailable, Transaction

log = logging.getLogger(__name__)


class Desk:
    """Opens reviews and tells Investor Relations of them."""

    def __init__(self, plan: Plan, post: Post) -> None:
        self._plan = plan
        self._post = post

    def deadline(self, message: InboundMessage) -> datetime:
        """The cut-off that a message could still meet when it was received."""
        at = message.received_at
        return next(coming_purchases(at, self._plan.calendar(at), self._plan.book)).cut_off

    def open(
        self,
        tx: Transaction,
        message: InboundMessage,
        reason: Referral,
        *,
        conversation_id: str | None,
        understood: Mapping[str, object],
        draft: str,
        at_risk: bool,
        now: datetime,
        notify: bool = True,
        is_unsure: bool = False,
        holds: Collection[Hold] = (),
    ) -> None:
        """Put a message before staff and queue a notice to Investor Relations. A second time changes nothing.

        `is_unsure` says that its sender is not surely known: of many such, staff are told together.
        `holds` are those over the sender's accounts: which it is decides who can lift it.
        """
        if tx.reviews.of_message(message.id) is not None:
            return
        deadline = self.deadline(message) if at_risk else None
        item = ReviewItem(
            id=new_id(now),
            message_id=message.id,
            conversation_id=conversation_id,
            reason=reason.name,
            understood=understood,
            draft=draft,
            deadline_at=deadline,
            state=OPEN,
            opened_at=now,
        )
        is_told = notify and (not is_unsure or self.tells_each(tx, now))
        tx.reviews.open(item)
        if is_told:
            facts = {
                "review_id": item.id,
                "kind": reason,
                "deadline_at_risk": deadline,
                "received_at": message.received_at,
                "holds": tuple(sorted(hold.name for hold in holds)),
            }
            self.tell(tx, Section("notices/review_opened.j2", facts), cause=f"notice:{item.id}", now=now)

    def tells_each(self, tx: Transaction, now: datetime) -> bool:
        """Whether staff get a notice of one more message whose sender is not surely known.

        Beyond so many an hour they get one of all of them: somebody may be writing under the names of others.
        """
        count = unsure_reviews(tx, now)
        if count < NOTICES_OF_UNSURE_AT_MOST:
            return True
        cause = f"notice:unsure:{now:%Y-%m-%dT%H}"
        if not tx.outbox.has(cause):
            facts = {"count": count + 1, "most": NOTICES_OF_UNSURE_AT_MOST}
            self.tell(tx, Section("notices/many_unsure.j2", facts), cause=cause, now=now)
        return False

    def tell(self, tx: Transaction, section: Section, *, cause: str, now: datetime) -> None:
        """Queue a notice to Investor Relations. One that cannot be composed is logged: no sender waits for it."""
        try:
            with tx.part():
                self._post.notice(
                    tx,
                    self._plan.book.issuer.ir_address,
                    section,
                    cause=cause,
                    kind=section.template.removesuffix(".j2"),
                    now=now,
                    is_for_staff=True,
                )
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("%s: the notice to staff could not be composed; what it tells of stands", cause)
