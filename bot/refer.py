"""Hands what a person should decide to Investor Relations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.plan import Plan
from bot.post import Post
from bot.render import Section
from handlers.contract import Referral
from handlers.plan.calendar import coming_purchases
from storage.ids import new_id
from storage.messages import InboundMessage
from storage.reviews import OPEN, ReviewItem
from storage.store import Transaction


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
    ) -> None:
        """Put a message before staff and queue a notice to Investor Relations. A second time changes nothing."""
        if tx.reviews.of_message(message.id) is not None:
            return
        book = self._plan.book
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
        tx.reviews.open(item)
        if not notify:
            return
        self._post.notice(
            tx,
            book.issuer.ir_address,
            Section(
                "notices/review_opened.j2",
                {
                    "review_id": item.id,
                    "kind": reason,
                    "deadline_at_risk": deadline,
                    "received_at": message.received_at,
                },
            ),
            cause=f"notice:{item.id}",
            kind="notices/review_opened",
            now=now,
            is_for_staff=True,
        )
