"""Decides one message and commits everything that follows from it, or nothing.

One transaction holds what the plan promises (the effects), how we say it (the
letter in the outbox) and what became of the message. If any of them fails,
none has happened, and the message is tried again.

The instant that decides is the one at which the message was received: a
message that came before the cut-off is in time, however late it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.codes import candidates
from bot.confirm import NOT_OURS, Confirm
from bot.flood import is_flood, is_flood_of_nameless
from bot.language.understanding import EMPTY, FOREIGN
from bot.plan import Plan
from bot.post import Answering, Post
from bot.reading import Reading, read_head
from bot.refer import Desk
from bot.render import Section
from bot.strangers import for_anybody, is_for_holders_only
from bot.threads import conversation_for
from bot.turn import Decided, Turn, decide_each, needs_code
from bot.waiting import completed_by, parked
from handlers.contract import (
    Assurance,
    Caution,
    Completed,
    Ignored,
    NeedsInfo,
    Referral,
    Referred,
    Request,
    Snapshot,
)
from handlers.decide import referral_facts
from handlers.plan.accounts import Registration
from handlers.plan.eligibility import is_deceased
from handlers.registry import handler_for
from storage.conversations import Conversation
from storage.letter_counts import LetterCounts
from storage.messages import InboundMessage, MessageState
from storage.store import Store, Transaction

CLARIFY_AT_MOST = 1
"""Clarifying questions in a row before a person takes over."""

OFFERED = 2
"""How many readings a clarifying question offers."""

NOT_OFFERED = frozenset({"thanks", "out_of_scope", "investment_advice", "complaint", "human"})
"""Readings that no clarifying question offers: nobody means to ask for them."""

UNKNOWN_SENDER = "_shared/unknown_sender.j2"


class Answerer:
    """Answers messages."""

    def __init__(self, store: Store, plan: Plan, post: Post, desk: Desk, confirm: Confirm, clock: Clock, key: bytes):
        self._store = store
        self._plan = plan
        self._post = post
        self._desk = desk
        self._confirm = confirm
        self._clock = clock
        self._address_key = key

    def answer(self, message: InboundMessage, reading: Reading) -> MessageState:
        """Decide one message that this process holds. Commits its effects, its reply and its state, or nothing."""
        if reading.ignore:
            return self._set_aside(message, reading.ignore)
        if not reading.from_address:
            return self._for_staff_only(message, reading)
        with self._store.transaction() as tx:
            self._store.lock(tx, {reading.from_address} | tx.snapshots.taxpayers_of(reading.from_address))
            conversation = conversation_for(
                tx,
                reading,
                message.recipients,
                channel=message.channel,
                program_address=self._plan.book.issuer.program_address,
                key=self._address_key,
                now=message.received_at,
            )
            turn = Turn()
            if is_flood(tx, conversation.address, self._clock.now()):
                self._set_flood_aside(tx, turn, conversation.address)
            else:
                self._take_turn(tx, turn, message, reading, conversation)
            self._close_turn(tx, turn, message, reading, conversation)
        return turn.state

    def _set_flood_aside(self, tx: Transaction, turn: Turn, address: str) -> None:
        """Record the message and write no letter; staff see the first of them."""
        if LetterCounts(tx.connection).is_before_staff(address, Referral.FLOOD.name):
            turn.ignore("flood: too many letters to this address of late")
        else:
            turn.refer(Referral.FLOOD, at_risk=False)

    def _set_aside(self, message: InboundMessage, reason: str) -> MessageState:
        """Record a message that must never be answered."""
        with self._store.transaction() as tx:
            tx.messages.finish(message.id, self._store.owner, MessageState.IGNORED, self._clock.now(), reason=reason)
        return MessageState.IGNORED

    def _for_staff_only(self, message: InboundMessage, reading: Reading) -> MessageState:
        """Nobody can be answered: the sender is not to be told from the message. Staff see it."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            self._desk.open(
                tx,
                message,
                Referral.UNREADABLE,
                conversation_id=None,
                understood={"from": reading.from_defect},
                draft="",
                at_risk=True,
                now=now,
                notify=not is_flood_of_nameless(tx, now),
            )
            tx.messages.finish(
                message.id, self._store.owner, MessageState.ESCALATED, now, reason=f"no sender: {reading.from_defect}"
            )
        return MessageState.ESCALATED

    def _load(
        self, tx: Transaction, message: InboundMessage, conversation: Conversation, requests: Sequence[Request]
    ) -> Snapshot:
        return tx.snapshots.load(
            conversation.address,
            now=message.received_at,
            book=self._plan.book,
            calendar=self._plan.calendar(message.received_at),
            accounts=tuple(account for request in requests for account in request.slots.accounts),
        )

    def _take_turn(
        self, tx: Transaction, turn: Turn, message: InboundMessage, reading: Reading, conversation: Conversation
    ) -> None:
        if not reading.is_readable:
            reason = Referral.TOO_LONG if reading.is_too_long else Referral.UNREADABLE
            self._refer(tx, turn, message, conversation, reason)
            return
        known = self._load(tx, message, conversation, ())
        if reading.codes and any(map(is_deceased, known.registrations)):
            self._refer(tx, turn, message, conversation, Referral.DEATH)
            return
        returned = NOT_OURS
        if not any(Caution.DECEASED in request.cautions for request in reading.understanding.requests):
            returned = self._confirm.take(
                tx,
                turn,
                reading,
                message=message,
                conversation=conversation,
                load=lambda requests: self._load(tx, message, conversation, requests),
                terms=known.terms,
            )
        if returned.is_settled:
            return
        requests = returned.anew or self._requests(tx, reading, conversation)
        if requests:
            tx.conversations.count_clarifying(conversation.id, 0)
            self._decide(tx, turn, message, conversation, requests)
        else:
            self._ask_what_is_meant(tx, turn, message, reading, conversation)

    def _requests(self, tx: Transaction, reading: Reading, conversation: Conversation) -> tuple[Request, ...]:
        """What the message asks: a fact we waited for completes its request; else what was understood."""
        if conversation.parked is not None:
            completed = completed_by(conversation.parked, reading)
            tx.conversations.park(conversation.id, None)
            if completed is not None:
                return (completed,)
        if reading.doubtful:
            return tuple(map(_in_doubt, reading.understanding.requests))
        return reading.understanding.requests

    def _decide(
        self,
        tx: Transaction,
        turn: Turn,
        message: InboundMessage,
        conversation: Conversation,
        requests: Sequence[Request],
    ) -> None:
        """Decide requests whose sender is known by address only: what needs a code is parked, not done."""
        with tx.trial():
            decided = decide_each(
                tx, requests, lambda: self._load(tx, message, conversation, requests), cause=f"trial:{message.id}"
            )
        turn.decided.extend(decided)
        is_frozen = any(isinstance(one.outcome, Referred) and one.outcome.effects for one in decided)
        waiting = []
        for one in map(for_anybody, decided):
            if not one.snapshot.registrations and is_for_holders_only(one):
                if all(said.template != UNKNOWN_SENDER for said in turn.sections):
                    turn.say(Section(UNKNOWN_SENDER, {}))
            elif needs_code(one, Assurance.ANONYMOUS):
                if not is_frozen:  # what is asked beside the report of a death is for the person who reads it
                    waiting.append(one)
            else:
                self._say(tx, turn, message, conversation, one)
        if waiting:
            self._confirm.park(
                tx,
                turn,
                waiting,
                message=message,
                conversation=conversation,
                terms=waiting[0].snapshot.terms,
                written_at=max(self._clock.now(), message.received_at),
            )

    def _say(
        self, tx: Transaction, turn: Turn, message: InboundMessage, conversation: Conversation, one: Decided
    ) -> None:
        """Put a decision that needs no code into the letter."""
        if isinstance(one.outcome, Completed) and one.outcome.effects:
            raise RuntimeError(f"{one.request.intent} changes something but requires no assurance; raise its level")
        if isinstance(one.outcome, Ignored):
            turn.ignore(one.outcome.reason)
        if isinstance(one.outcome, Referred):
            turn.refer(one.outcome.reason, at_risk=one.handler.consequential)
            now, today = self._clock.now(), one.snapshot.today
            tx.effects.apply(one.outcome.effects, cause=f"answer:{message.id}", now=now, today=today)
        state = MessageState.ANSWERED
        if isinstance(one.outcome, NeedsInfo):
            state = MessageState.AWAITING_SHAREHOLDER
            waits = parked(one.request, one.outcome.missing)
            if waits is not None:
                tx.conversations.park(conversation.id, waits)
        once = {said.template for said in turn.sections if said.template.startswith("_shared/")}
        if one.section is not None and one.section.template not in once:
            turn.say(one.section, state)

    def _ask_what_is_meant(
        self, tx: Transaction, turn: Turn, message: InboundMessage, reading: Reading, conversation: Conversation
    ) -> None:
        """One clarifying question; then, or where a question cannot help, a person."""
        understanding = reading.understanding
        helpless = understanding.reason == FOREIGN or (understanding.reason == EMPTY and reading.attachments > 0)
        if helpless or conversation.clarified >= CLARIFY_AT_MOST:
            self._refer(tx, turn, message, conversation, Referral.NOT_UNDERSTOOD)
            return
        tx.conversations.count_clarifying(conversation.id, conversation.clarified + 1)
        offered = [intent for intent in understanding.alternatives if intent not in NOT_OFFERED][:OFFERED]
        titles = tuple(handler_for(intent).title for intent in offered)
        question = Section("_shared/clarify.j2", {"alternatives": titles, "cause": _unclear_by(reading)})
        turn.say(question, MessageState.AWAITING_SHAREHOLDER)
        turn.reason = understanding.reason

    def _refer(
        self, tx: Transaction, turn: Turn, message: InboundMessage, conversation: Conversation, reason: Referral
    ) -> None:
        turn.refer(reason, at_risk=True)
        snapshot = self._load(tx, message, conversation, ())
        facts = referral_facts(reason, snapshot) | {"deadline_at_risk": self._desk.deadline(message)}
        turn.say(Section("_shared/referred.j2", facts))

    def _close_turn(
        self, tx: Transaction, turn: Turn, message: InboundMessage, reading: Reading, conversation: Conversation
    ) -> None:
        """Write the letter, open the review, record the decision."""
        now = self._clock.now()
        snapshot = self._load(tx, message, conversation, ())
        text = ""
        if turn.sections:
            text = self._post.reply(
                tx,
                conversation,
                turn.sections,
                cause=f"answer:{message.id}",
                kind=" + ".join(dict.fromkeys(turn.kinds)),
                name=name_for(snapshot.registrations),
                now=now,
                answering=Answering(reading.rfc_message_id, reading.references),
            )
        decision = {
            "decided": turn.record(),
            "read": {
                "reason": reading.understanding.reason,
                "confidence": dict(reading.understanding.confidence),
                "alternatives": list(reading.understanding.alternatives),
                "model": reading.understanding.model,
                "doubtful": reading.doubtful,
                "evidence": dict(reading.understanding.evidence),
            },
            "terms": snapshot.terms.effective.isoformat(),
            "letter": turn.kinds,
        }
        if turn.review is not None:
            self._desk.open(
                tx,
                message,
                turn.review,
                conversation_id=conversation.id,
                understood=decision,
                draft=_without_codes(text),
                at_risk=turn.at_risk,
                now=now,
                holds=frozenset(hold for one in snapshot.registrations for hold in one.holds),
            )
        tx.messages.finish(
            message.id,
            self._store.owner,
            turn.state,
            now,
            reason=turn.review.name if turn.review else turn.reason,
            conversation_id=conversation.id,
            decision=decision,
        )

    def give_up(self, message: InboundMessage, reading: Reading | None, error: str) -> None:
        """Park a message that failed too often: staff see it, and the sender is told that a person has it."""
        now = self._clock.now()
        head = reading or read_head(message.raw, message.mail_from, self._plan.book.issuer.program_address)
        with self._store.transaction() as tx:
            conversation = None
            text = ""
            if head.from_address and not head.ignore and not is_flood(tx, head.from_address, now):
                conversation = tx.conversations.open(message.channel, head.from_address, now)
                facts = referral_facts(Referral.FAILED, self._load(tx, message, conversation, ()))
                text = self._post.reply(
                    tx,
                    conversation,
                    [Section("_shared/referred.j2", facts | {"deadline_at_risk": self._desk.deadline(message)})],
                    cause=f"answer:{message.id}",
                    kind="_shared/referred",
                    name=None,
                    now=now,
                    answering=Answering(head.rfc_message_id, head.references),
                )
            self._park(tx, message, conversation, error, text, notify=True)

    def give_up_silently(self, message: InboundMessage, error: str) -> None:
        """Park a message when even the letter that says so fails: only the record that staff see."""
        with self._store.transaction() as tx:
            self._park(tx, message, None, error, "", notify=False)

    def _park(
        self,
        tx: Transaction,
        message: InboundMessage,
        conversation: Conversation | None,
        error: str,
        draft: str,
        *,
        notify: bool,
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
        )
        tx.messages.finish(
            message.id, self._store.owner, MessageState.FAILED, now, reason=error, conversation_id=conversation_id
        )


def _without_codes(text: str) -> str:
    """A letter as staff may see it: a code in it is for its holder alone."""
    for written, _code in candidates(text):
        text = text.replace(written, "****-****")
    return text


def name_for(registrations: Sequence[Registration]) -> str | None:
    """How a letter greets its reader; nobody by name where a holder has died, since nothing may be disclosed."""
    if not registrations or any(is_deceased(registration) for registration in registrations):
        return None
    return registrations[0].name


def _unclear_by(reading: Reading) -> str:
    """What makes a message unclear, where its sender can mend just that; empty otherwise."""
    if not reading.rest.strip() and reading.quoted.strip():
        return "only_quoted"
    return "too_long" if reading.understanding.evidence.get("unclear") == "too_long" else ""


def _in_doubt(request: Request) -> Request:
    """The request where live and quoted text could not be told apart for certain: an order is asked about."""
    return replace(request, cautions=request.cautions | {Caution.QUOTED})
