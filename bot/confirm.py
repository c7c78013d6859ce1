"""Parks requests until their code comes back, and judges what comes back.

A request that moves money or shares, or asks for figures, is read back and
waits. The code goes to the registered address only; it counts only from that
address, only from live text, only once, only in time, and only for exactly
what was read back. Nothing here knows what the requests are about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.codes import code_for, matches
from bot.consent import Consent, consent, is_bare_yes, is_objection
from bot.keys import Keys
from bot.reading import Reading
from bot.render import Section
from bot.request_json import canonical, request_from_json, request_to_json
from bot.turn import Decided, Turn, decide_each
from handlers.contract import Completed, Effect, Intent, Request, Slots, Snapshot
from handlers.plan.terms import PlanTerms
from storage.confirmations import Confirmation, ConfirmationState
from storage.conversations import Conversation
from storage.ids import new_id
from storage.messages import InboundMessage, MessageState
from storage.store import Transaction

REMEMBERED = timedelta(days=40)
"""For how long a code that was used, or ran out, is still recognised as such."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of a message in a conversation where something waits for its code."""

    is_settled: bool
    """Whether the message is dealt with; if not, it is read like any other."""
    anew: tuple[Request, ...] = ()
    """Requests to decide again from the start, because circumstances changed since they were read back."""


NOT_OURS = Returned(is_settled=False)
SETTLED = Returned(is_settled=True)


def canonical_of(decided: Sequence[Decided]) -> str:
    """The canonical form of what was decided: what a code confirms.

    Where nothing is changed, only told, the accounts and orders asked about are
    part of it: the figures of one account are not those of another.
    """
    return canonical([(_subject(one), _effects(one)) for one in decided])


def _effects(one: Decided) -> Sequence[Effect]:
    return one.outcome.effects if isinstance(one.outcome, Completed) else ()


def _subject(one: Decided) -> Intent:
    if _effects(one):
        return one.request.intent
    slots = one.request.slots
    return Intent("?".join((one.request.intent, *slots.accounts, *slots.order_ids)))


class Confirm:
    """Asks for codes and takes them."""

    def __init__(self, keys: Keys) -> None:
        self._key = keys.codes

    def _code(self, one: Confirmation) -> str:
        return code_for(
            self._key,
            confirmation_id=one.id,
            canonical=one.canonical,
            address=one.address,
            expires_at=one.expires_at,
        )

    def _is_code_of(self, offered: str, one: Confirmation) -> bool:
        return matches(
            self._key,
            offered,
            confirmation_id=one.id,
            canonical=one.canonical,
            address=one.address,
            expires_at=one.expires_at,
        )

    def park(
        self,
        tx: Transaction,
        turn: Turn,
        decided: Sequence[Decided],
        *,
        message: InboundMessage,
        conversation: Conversation,
        terms: PlanTerms,
    ) -> None:
        """Read `decided` back and wait for the code.

        The same request asked again while it waits is the same request: its
        letter is written again with the same code. Another one in the same
        conversation takes the earlier one's place.
        """
        now = message.received_at
        wanted = canonical_of(decided)
        waiting = tx.confirmations.pending(conversation.address, now)
        same = next((one for one in waiting if one.canonical == wanted), None)
        if same is None:
            for earlier in waiting:
                if earlier.conversation_id == conversation.id:
                    tx.confirmations.close(earlier.id, ConfirmationState.SUPERSEDED, now)
            same = Confirmation(
                id=new_id(now),
                conversation_id=conversation.id,
                message_id=message.id,
                address=conversation.address,
                requests=[request_to_json(one.request) for one in decided],
                canonical=wanted,
                asked_at=now,
                expires_at=(now + timedelta(hours=terms.code_hours)).replace(microsecond=0),
                tries=0,
                state=ConfirmationState.PENDING,
            )
            tx.confirmations.add(same)
            is_repeat = False
        else:
            is_repeat = True
        turn.say(
            Section(
                "_shared/confirm_request.j2",
                {
                    "parts": tuple(one.read_back for one in decided),
                    "code": self._code(same),
                    "expires": same.expires_at,
                    "is_repeat": is_repeat,
                },
            ),
            MessageState.AWAITING_SHAREHOLDER,
        )

    def take(
        self,
        tx: Transaction,
        turn: Turn,
        reading: Reading,
        *,
        message: InboundMessage,
        conversation: Conversation,
        load: Callable[[Sequence[Request]], Snapshot],
        terms: PlanTerms,
    ) -> Returned:
        """See whether a message answers a read-back, and carry it out if it does."""
        now = message.received_at
        known = tx.confirmations.of_address(conversation.address, now - REMEMBERED)
        if not known:
            return NOT_OURS
        if not reading.codes:
            return self._without_code(tx, turn, reading, conversation, now)
        for _written, code in reading.codes:
            for one in known:
                if self._is_code_of(code, one):
                    return self._with_code(tx, turn, reading, one, now, load)
        return self._wrong_code(tx, turn, conversation, now, terms)

    def _with_code(
        self,
        tx: Transaction,
        turn: Turn,
        reading: Reading,
        one: Confirmation,
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
    ) -> Returned:
        requests = tuple(request_from_json(stored) for stored in one.requests)  # type: ignore[arg-type]  # our own JSON
        if one.state is ConfirmationState.USED:
            turn.say(Section("_shared/done_again.j2", {}))
            return SETTLED
        if one.state is not ConfirmationState.PENDING or one.expires_at <= now:
            return _problem(turn, "expired" if one.state is ConfirmationState.PENDING else one.state.value.lower())
        if reading.doubtful:
            return _problem(turn, "changed", MessageState.AWAITING_SHAREHOLDER)
        match consent(reading.rest, reading.slots, _all_slots(requests), {one.intent for one in requests}):
            case Consent.WITHHELD:
                tx.confirmations.close(one.id, ConfirmationState.DECLINED, now)
                return _problem(turn, "declined")
            case Consent.CHANGED:
                return _problem(turn, "changed", MessageState.AWAITING_SHAREHOLDER)
            case Consent.GIVEN:
                return self._carry_out(tx, turn, one, requests, now, load)

    def _carry_out(
        self,
        tx: Transaction,
        turn: Turn,
        one: Confirmation,
        requests: Sequence[Request],
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
    ) -> Returned:
        cause = f"confirmed:{one.id}"
        with tx.trial():
            as_of_now = canonical_of(decide_each(tx, requests, lambda: load(requests), cause=cause))
        if as_of_now != one.canonical:
            tx.confirmations.close(one.id, ConfirmationState.SUPERSEDED, now)
            turn.say(Section("_shared/code_problem.j2", {"reason": "circumstances"}))
            return Returned(is_settled=False, anew=tuple(requests))
        if not tx.confirmations.consume(one.id, now):
            turn.say(Section("_shared/done_again.j2", {}))
            return SETTLED
        for done in decide_each(tx, requests, lambda: load(requests), cause=cause):
            turn.decided.append(done)
            if done.section:
                turn.say(done.section)
        return SETTLED

    def _wrong_code(
        self, tx: Transaction, turn: Turn, conversation: Conversation, now: datetime, terms: PlanTerms
    ) -> Returned:
        waiting = tx.confirmations.pending(conversation.address, now)
        if not waiting:
            return NOT_OURS
        states = [tx.confirmations.count_try(one.id, terms.code_tries, now) for one in waiting]
        if all(state is ConfirmationState.LOCKED for state in states):
            return _problem(turn, "locked")
        return _problem(turn, "wrong", MessageState.AWAITING_SHAREHOLDER)

    def _without_code(
        self, tx: Transaction, turn: Turn, reading: Reading, conversation: Conversation, now: datetime
    ) -> Returned:
        waiting = [
            one for one in tx.confirmations.pending(conversation.address, now) if one.conversation_id == conversation.id
        ]
        if not waiting:
            return NOT_OURS
        if not reading.rest.strip():
            return _problem(turn, "no_code", MessageState.AWAITING_SHAREHOLDER)
        intents = {request.intent for request in reading.understanding.requests}
        if is_objection(reading.rest) or intents == {"cancel_order"}:
            for one in waiting:
                tx.confirmations.close(one.id, ConfirmationState.DECLINED, now)
            return _problem(turn, "declined")
        if is_bare_yes(reading.rest) and not (intents - {"thanks"} and _has_details(reading.slots)):
            return _problem(turn, "no_code", MessageState.AWAITING_SHAREHOLDER)
        return NOT_OURS


def _problem(turn: Turn, reason: str, state: MessageState = MessageState.ANSWERED) -> Returned:
    turn.say(Section("_shared/code_problem.j2", {"reason": reason}), state)
    turn.reason = turn.reason or f"code {reason}"
    return SETTLED


def _all_slots(requests: Sequence[Request]) -> Slots:
    return Slots(
        amounts=tuple(amount for request in requests for amount in request.slots.amounts),
        shares=tuple(share for request in requests for share in request.slots.shares),
        payment_methods=tuple(method for request in requests for method in request.slots.payment_methods),
        frequencies=tuple(often for request in requests for often in request.slots.frequencies),
    )


def _has_details(slots: Slots) -> bool:
    return slots != Slots()
