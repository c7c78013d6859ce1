"""Messages that get no answer: automatic mail, letters of ours that come back, mail to our people, mail of nobody.

Each is recorded with its reason; what a person should see is put before one.
"""

from __future__ import annotations

from bot.audit import set_aside_facts
from bot.clock import Clock
from bot.mail.addresses import outbox_of
from bot.mail.staff_mailboxes import is_staff_address
from bot.plan import Plan
from bot.reading import Reading
from bot.refer import Desk
from bot.returned import Returned
from handlers.contract import Referral
from storage.audit import PROGRAM, AuditKind
from storage.messages import InboundMessage, MessageState
from storage.store import Store


class Aside:
    """Sets messages aside."""

    def __init__(self, store: Store, plan: Plan, desk: Desk, clock: Clock, address_key: bytes) -> None:
        self._store = store
        self._program_address = plan.book.issuer.program_address
        self._desk = desk
        self._clock = clock
        self._address_key = address_key
        self._returned = Returned(desk, plan.book.issuer.ir_address)

    def take(self, message: InboundMessage, reading: Reading) -> MessageState | None:
        """Finish a message that must not be answered; None for any other. Commits all that follows from it."""
        if reading.ignore:
            return self._set_aside(message, reading)
        if message.recipients and all(map(self._is_for_staff, message.recipients)):
            return self._for_staff_only(message, Referral.TO_POSTMASTER, "written to postmaster or abuse")
        if not reading.from_address:
            return self._for_staff_only(message, Referral.UNREADABLE, f"no sender: {reading.from_defect}")
        return None

    def _set_aside(self, message: InboundMessage, reading: Reading) -> MessageState:
        """Record a message that must never be answered. One that says that a letter came back has consequences."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            state, reason = MessageState.IGNORED, reading.ignore
            letter_id = self._letter_of(message)
            if letter_id is not None:
                self._store.lock(tx, {letter_id})
                state, reason = self._returned.take(tx, message, letter_id, reading.bounce, now)
            facts = set_aside_facts(message, reason)
            tx.audit.note(PROGRAM, AuditKind.SET_ASIDE, f"message:{message.id}", facts, now)
            tx.messages.finish(message.id, self._store.owner, state, now, reason=reason)
        return state

    def _letter_of(self, message: InboundMessage) -> str | None:
        """The letter of ours that the message is a report on: the one whose envelope sender it came to."""
        found = (outbox_of(one, self._program_address, self._address_key) for one in message.recipients)
        return next(filter(None, found), None)

    def _is_for_staff(self, recipient: str) -> bool:
        return is_staff_address(recipient, self._program_address)

    def _for_staff_only(self, message: InboundMessage, referral: Referral, reason: str) -> MessageState:
        """Nobody is answered: the sender is not to be told from the message, or wrote to our people. Staff see it."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            self._desk.open(
                tx,
                message,
                referral,
                conversation_id=None,
                understood={"from": reason},
                draft="",
                at_risk=referral is Referral.UNREADABLE,
                now=now,
                is_unsure=True,
            )
            facts = set_aside_facts(message, reason)
            tx.audit.note(PROGRAM, AuditKind.SET_ASIDE, f"message:{message.id}", facts, now)
            tx.messages.finish(message.id, self._store.owner, MessageState.ESCALATED, now, reason=reason)
        return MessageState.ESCALATED
