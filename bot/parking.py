"""Parks a message that no try brought to an outcome: staff have it, and its sender is told so.

Nothing that comes here is lost, however it fails: what cannot be read is parked by its head, and where not even the
letter about it can be written, the record alone remains.
"""

from __future__ import annotations

from bot.audit import set_aside_facts
from bot.clock import Clock
from bot.flood import is_flood
from bot.mail.authentication import Authentication
from bot.plan import Plan
from bot.post import Answering, Post
from bot.reading import Reading, read_head
from bot.refer import Desk
from bot.render import Section
from handlers.contract import Referral
from handlers.decide import referral_facts
from storage.audit import PROGRAM, AuditKind
from storage.conversations import Conversation
from storage.messages import InboundMessage, MessageState
from storage.store import Store, Transaction


class Parking:
    """Where messages go that failed too often."""

    def __init__(self, store: Store, plan: Plan, post: Post, desk: Desk, clock: Clock) -> None:
        self._store = store
        self._plan = plan
        self._post = post
        self._desk = desk
        self._clock = clock

    def give_up(self, message: InboundMessage, reading: Reading | None, error: str) -> None:
        """Park a message that failed too often: staff see it, and the sender is told that a person has it.

        The letter says the same to everybody, so it does not matter here who the sender is.
        """
        now = self._clock.now()
        head = reading or read_head(message.raw, message.mail_from, self._plan.book.issuer.program_address)
        with self._store.transaction() as tx:
            conversation = None
            text = ""
            if head.from_address and not head.ignore and not is_flood(tx, head.from_address, now):
                conversation = tx.conversations.open(message.channel, head.from_address, now)
                text = self._post.reply(
                    tx,
                    conversation,
                    [Section("_shared/referred.j2", self._promise(tx, message))],
                    cause=f"answer:{message.id}",
                    kind="_shared/referred",
                    name=None,
                    now=now,
                    answering=Answering(head.rfc_message_id, head.references),
                )
            found = Authentication.of_record(message.sender, message.signed_digest, head.from_address)
            is_unsure = not found.is_aligned
            self._park(tx, message, conversation, error, text, notify=True, is_unsure=is_unsure)

    def give_up_silently(self, message: InboundMessage, error: str) -> None:
        """Park a message when even the letter that says so fails: only the record that staff see."""
        with self._store.transaction() as tx:
            self._park(tx, message, None, error, "", notify=False)

    def _promise(self, tx: Transaction, message: InboundMessage) -> dict[str, object]:
        at = message.received_at
        nobody = tx.snapshots.load("", now=at, book=self._plan.book, calendar=self._plan.calendar(at))
        return referral_facts(Referral.FAILED, nobody) | {"deadline_at_risk": self._desk.deadline(message)}

    def _park(
        self,
        tx: Transaction,
        message: InboundMessage,
        conversation: Conversation | None,
        error: str,
        draft: str,
        *,
        notify: bool,
        is_unsure: bool = False,
    ) -> None:
        now = self._clock.now()
        conversation_id = conversation.id if conversation else None
        self._desk.open(
            tx,
            message,
            Referral.FAILED,
            conversation_id=conversation_id,
            understood={"error": error},
            draft=draft,
            at_risk=notify,
            now=now,
            notify=notify,
            is_unsure=is_unsure,
        )
        tx.audit.note(PROGRAM, AuditKind.SET_ASIDE, f"message:{message.id}", set_aside_facts(message, "failed"), now)
        tx.messages.finish(
            message.id, self._store.owner, MessageState.FAILED, now, reason=error, conversation_id=conversation_id
        )
