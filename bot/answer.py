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

from bot.aside import Aside
from bot.audit import decided_facts, set_aside_facts
from bot.case import Case
from bot.clock import Clock
from bot.codes import candidates
from bot.confirm import Confirm
from bot.flood import is_too_much, says_the_same_again, words_of
from bot.language.understanding import EMPTY, FOREIGN
from bot.mail.authentication import Authentication
from bot.parked import NOT_OURS
from bot.plan import Plan
from bot.post import Answering, Post
from bot.reading import Reading
from bot.refer import Desk
from bot.render import Section
from bot.strangers import for_anybody, is_for_holders_only
from bot.threads import conversation_for
from bot.turn import Decided, Turn, decide_each, required
from bot.waiting import SameOrder, completed_by, parked, same_or_second
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
from storage.audit import PROGRAM, AuditKind
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
        self._aside = Aside(store, plan, desk, clock, key)
        self._store = store
        self._plan = plan
        self._post = post
        self._desk = desk
        self._confirm = confirm
        self._clock = clock
        self._address_key = key

    def answer(self, message: InboundMessage, reading: Reading) -> MessageState:
        """Decide one message that this process holds. Commits its effects, its reply and its state, or nothing."""
        unanswered = self._aside.take(message, reading)
        if unanswered is not None:
            return unanswered
        with self._store.transaction() as tx:
            sender = Authentication.of_record(message.sender, message.signed_digest, reading.from_address)
            owners = tx.snapshots.taxpayers_of(reading.from_address) if sender.is_aligned else set()
            self._store.lock(tx, {reading.from_address} | owners)
            first = tx.messages.first_signed(sender.digest, message.id) if sender.digest else None
            if first is not None:
                return self._set_replay_aside(tx, message, first)
            assurance = Assurance.ALIGNED if sender.is_aligned else Assurance.ANONYMOUS
            conversation = conversation_for(
                tx,
                reading,
                message.recipients if assurance >= Assurance.ALIGNED else None,
                channel=message.channel,
                program_address=self._plan.book.issuer.program_address,
                key=self._address_key,
                now=message.received_at,
            )
            case = Case(tx, Turn(), message, reading, conversation, assurance, self._plan)
            if is_too_much(case, self._clock.now()):
                self._set_flood_aside(case)
            else:
                self._take_turn(case)
            self._close_turn(case)
        return case.turn.state

    def _set_replay_aside(self, tx: Transaction, message: InboundMessage, first: str) -> MessageState:
        """Record a message whose signed content was worked on before: what was signed once is done once."""
        now = self._clock.now()
        why = f"replay: the same signed message as {first}"
        tx.messages.finish(message.id, self._store.owner, MessageState.IGNORED, now, reason=why)
        tx.audit.note(PROGRAM, AuditKind.SET_ASIDE, f"message:{message.id}", set_aside_facts(message, why), now)
        return MessageState.IGNORED

    def _set_flood_aside(self, case: Case) -> None:
        """Record the message and write no letter. Staff are told of the first and see each that asks for an order.

        Of senders who are not surely known they see all but a machine's repetitions: a holder whose mail is not signed
        and who writes while others forge gets no letter, and must not be forgotten for it.
        """
        counts = LetterCounts(case.tx.connection)
        is_known = counts.is_before_staff(case.conversation.address, Referral.FLOOD.name)
        if case.is_unsure:
            is_known = is_known or counts.is_anybody_before_staff(Referral.FLOOD.name)
        is_lost = case.orders or (case.is_unsure and not says_the_same_again(case, self._clock.now()))
        if is_known and not is_lost:
            case.turn.ignore("flood: too many letters of late, or the same words again")
        else:
            case.turn.refer(Referral.FLOOD, at_risk=not case.is_unsure)
            case.turn.is_told = not is_known

    def _take_turn(self, case: Case) -> None:
        turn, reading = case.turn, case.reading
        if not reading.is_readable:
            self._refer(case, Referral.TOO_LONG if reading.is_too_long else Referral.UNREADABLE)
            return
        known = case.snapshot()
        if reading.codes and any(map(is_deceased, known.registrations)):
            self._refer(case, Referral.DEATH)
            return
        returned = NOT_OURS
        is_of_death = any(Caution.DECEASED in request.cautions for request in reading.understanding.requests)
        if case.assurance >= Assurance.ALIGNED and not is_of_death:
            returned = self._confirm.take(
                case.tx,
                turn,
                reading,
                message=case.message,
                conversation=case.conversation,
                load=case.snapshot,
                terms=known.terms,
            )
        if returned.is_settled:
            return
        if same_or_second(case.conversation.parked, reading) is SameOrder.SAME:
            case.tx.conversations.park(case.conversation.id, None)
            turn.say(Section("_shared/same_order.j2", {}))
            return
        requests = returned.anew or self._requests(case)
        if requests:
            case.tx.conversations.count_clarifying(case.conversation.id, 0)
            self._decide(case, requests)
        elif reading.codes and not known.registrations:
            turn.say(Section(UNKNOWN_SENDER, {}))  # a code is for holders, and is taken from nobody else
        else:
            self._ask_what_is_meant(case)

    def _requests(self, case: Case) -> tuple[Request, ...]:
        """What the message asks: a fact we waited for completes its request; else what was understood."""
        reading, conversation = case.reading, case.conversation
        if conversation.parked is not None:
            completed = completed_by(conversation.parked, reading)
            case.tx.conversations.park(conversation.id, None)
            if completed is not None:
                return (completed,)
        if reading.doubtful:
            return tuple(map(_in_doubt, reading.understanding.requests))
        return reading.understanding.requests

    def _decide(self, case: Case, requests: Sequence[Request]) -> None:
        """Decide requests of a sender known by the message alone: what needs a code is parked, not done."""
        tx, turn, message = case.tx, case.turn, case.message
        with tx.trial():
            decided = decide_each(tx, requests, lambda: case.snapshot(requests), cause=f"trial:{message.id}")
        turn.decided.extend(decided)
        is_frozen = any(isinstance(one.outcome, Referred) and one.outcome.effects for one in decided)
        waiting = []
        for one in map(for_anybody, decided):
            if not one.snapshot.registrations and is_for_holders_only(one):
                if all(said.template != UNKNOWN_SENDER for said in turn.sections):
                    turn.say(Section(UNKNOWN_SENDER, {}))
            elif required(one) > case.assurance:
                if is_frozen:  # what is asked beside the report of a death is for the person who reads it
                    continue
                if self._confirm.cannot_be_confirmed(tx, one):
                    self._refer(case, Referral.NO_SECOND_FACTOR)
                else:
                    waiting.append(one)
            else:
                self._say(case, one)
        if waiting:
            self._confirm.park(
                tx,
                turn,
                waiting,
                message=message,
                conversation=case.conversation,
                terms=waiting[0].snapshot.terms,
                written_at=max(self._clock.now(), message.received_at),
            )

    def _say(self, case: Case, one: Decided) -> None:
        """Put a decision that needs no code into the letter."""
        tx, turn = case.tx, case.turn
        if isinstance(one.outcome, Completed) and one.outcome.effects:
            raise RuntimeError(f"{one.request.intent} changes something but requires no assurance; raise its level")
        if isinstance(one.outcome, Ignored):
            turn.ignore(one.outcome.reason)
        if isinstance(one.outcome, Referred):
            turn.refer(one.outcome.reason, at_risk=one.handler.consequential)
            now, today = self._clock.now(), one.snapshot.today
            tx.effects.apply(one.outcome.effects, cause=f"answer:{case.message.id}", now=now, today=today)
        state = MessageState.ANSWERED
        if isinstance(one.outcome, NeedsInfo):
            state = MessageState.AWAITING_SHAREHOLDER
            waits = parked(one.request, one.outcome.missing)
            if waits is not None:
                tx.conversations.park(case.conversation.id, waits)
        once = {said.template for said in turn.sections if said.template.startswith("_shared/")}
        if one.section is not None and one.section.template not in once:
            turn.say(one.section, state)

    def _ask_what_is_meant(self, case: Case) -> None:
        """One clarifying question; then, or where a question cannot help, a person."""
        understanding, conversation = case.reading.understanding, case.conversation
        helpless = understanding.reason == FOREIGN or (understanding.reason == EMPTY and case.reading.attachments > 0)
        if helpless or conversation.clarified >= CLARIFY_AT_MOST:
            self._refer(case, Referral.NOT_UNDERSTOOD)
            return
        case.tx.conversations.count_clarifying(conversation.id, conversation.clarified + 1)
        offered = [intent for intent in understanding.alternatives if intent not in NOT_OFFERED][:OFFERED]
        titles = tuple(handler_for(intent).title for intent in offered)
        question = Section("_shared/clarify.j2", {"alternatives": titles, "cause": _unclear_by(case.reading)})
        case.turn.say(question, MessageState.AWAITING_SHAREHOLDER)
        case.turn.reason = understanding.reason

    def _refer(self, case: Case, reason: Referral) -> None:
        case.turn.refer(reason, at_risk=True)
        facts = referral_facts(reason, case.snapshot()) | {"deadline_at_risk": self._desk.deadline(case.message)}
        case.turn.say(Section("_shared/referred.j2", facts))

    def _close_turn(self, case: Case) -> None:
        """Write the letter, open the review, record the decision."""
        tx, turn, message, reading = case.tx, case.turn, case.message, case.reading
        now = self._clock.now()
        snapshot = case.snapshot()
        text = ""
        if turn.sections:
            text = self._post.reply(
                tx,
                case.conversation,
                turn.sections,
                cause=f"answer:{message.id}",
                kind=" + ".join(dict.fromkeys(turn.kinds)),
                name=name_for(snapshot.registrations),
                now=now,
                answering=Answering(reading.rfc_message_id, reading.references),
            )
        decision = _decision(case, snapshot)
        if turn.review is not None:
            self._desk.open(
                tx,
                message,
                turn.review,
                conversation_id=case.conversation.id,
                understood=decision,
                draft=without_codes(text),
                at_risk=turn.at_risk,
                now=now,
                notify=turn.is_told,
                is_unsure=case.is_unsure,
                holds=frozenset(hold for one in snapshot.registrations for hold in one.holds),
            )
        tx.messages.finish(
            message.id,
            self._store.owner,
            turn.state,
            now,
            reason=turn.review.name if turn.review else turn.reason,
            conversation_id=case.conversation.id,
            decision=decision,
            sameness=words_of(case),
        )
        facts = decided_facts(case, snapshot, decision)
        tx.audit.note(PROGRAM, AuditKind.DECIDED, f"message:{message.id}", facts, now)


def _decision(case: Case, snapshot: Snapshot) -> dict[str, object]:
    """Everything that led to what was decided, for the record."""
    understanding = case.reading.understanding
    return {
        "decided": case.turn.record(),
        "read": {
            "reason": understanding.reason,
            "confidence": dict(understanding.confidence),
            "alternatives": list(understanding.alternatives),
            "model": understanding.model,
            "doubtful": case.reading.doubtful,
            "evidence": dict(understanding.evidence),
        },
        "assurance": case.assurance.name,
        "terms": snapshot.terms.effective.isoformat(),
        "letter": case.turn.kinds,
    }


def without_codes(text: str) -> str:
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
