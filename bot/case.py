"""One message with all that goes with it while it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.plan import Plan
from bot.reading import Reading
from bot.turn import Turn
from handlers.contract import Assurance, Request, Snapshot
from handlers.registry import handler_for
from storage.conversations import Conversation
from storage.messages import InboundMessage
from storage.store import Transaction

NOBODY = ""
"""The address that no holder has."""


@dataclass(frozen=True, slots=True)
class Case:
    """One message with all that goes with it while it is decided."""

    tx: Transaction
    turn: Turn
    message: InboundMessage
    reading: Reading
    conversation: Conversation
    assurance: Assurance
    """How surely the sender is known from the message alone: ANONYMOUS or ALIGNED."""
    plan: Plan

    @property
    def is_unsure(self) -> bool:
        """Whether the sender is not surely who they say."""
        return self.assurance < Assurance.ALIGNED

    @property
    def is_disowned(self) -> bool:
        """Whether the domain in From asks that such a message be refused or set apart, since it is not from there."""
        return self.is_unsure and (self.message.sender or {}).get("disowned") is True

    @property
    def orders(self) -> bool:
        """Whether the message asks for something that would change an account."""
        return any(handler_for(request.intent).consequential for request in self.reading.understanding.requests)

    def snapshot(self, requests: Sequence[Request] = ()) -> Snapshot:
        """What the plan knows of the sender. Of one who is not known surely it knows nothing, whoever they name."""
        message = self.message
        return self.tx.snapshots.load(
            self.conversation.address if not self.is_unsure else NOBODY,
            now=message.received_at,
            book=self.plan.book,
            calendar=self.plan.calendar(message.received_at),
            accounts=tuple(account for request in requests for account in request.slots.accounts),
        )
