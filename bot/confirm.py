"""Parks requests until their code comes back, and judges what comes back.

A request that moves money or shares, or asks for figures, is read back and
waits. The code goes to the registered address only; it counts only from that
address, only from live text, only once, only in time, and only for exactly
what was read back. Nothing here knows what the requests are about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from bot.codes import code_for
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

REMEMBERED_AT_MOST = 60
"""How many of an address's latest confirmations are looked at."""

WAITING_AT_MOST = 10
"""How many requests of one address may wait at a time; the oldest makes room."""

OFFERED_AT_MOST = 3
"""How many different codes one message may hold. More is guessing, and counts as a wrong code, unread."""

ACTS: Mapping[tuple[str, str], frozenset[str]] = {
    ("CancelOrder", ""): frozenset({"cancel", "order"}),
    ("ChangeDeduction", "stop"): frozenset({"stop", "cancel", "deduction"}),
    ("ChangeDeduction", "pause"): frozenset({"pause", "deduction"}),
    ("RequestTermination", ""): frozenset({"leave"}),
}
"""For an effect (and its change): the words of ending, and the noun, that repeat it."""


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
    kind = type(one.outcome).__name__
    return Intent("?".join((one.request.intent, kind, *slots.accounts, *slots.order_ids)))


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

    def park(
        self,
        tx: Transaction,
        turn: Turn,
        decided: Sequence[Decided],
        *,
        message: InboundMessage,
        conversation: Conversation,
        terms: PlanTerms,
        written_at: datetime,
    ) -> None:
        """Read `decided` back and wait for the code, whose life begins when the letter is written.

        The same request asked again while it waits is the same request: its
        letter is written again with the same code. Another one in the same
        conversation takes the earlier one's place.
        """
        wanted = canonical_of(decided)
        waiting = tx.confirmations.pending(conversation.address, message.received_at)
        same = next((one for one in waiting if one.canonical == wanted), None)
        is_repeat = same is not None
        if same is None:
            for number, earlier in enumerate(waiting):
                if earlier.conversation_id == conversation.id or number >= WAITING_AT_MOST - 1:
                    tx.confirmations.close(earlier.id, ConfirmationState.SUPERSEDED, written_at)
            same = Confirmation(
                id=new_id(written_at),
                conversation_id=conversation.id,
                message_id=message.id,
                address=conversation.address,
                requests=[request_to_json(one.request) for one in decided],
                canonical=wanted,
                asked_at=written_at,
                expires_at=(written_at + timedelta(hours=terms.code_hours)).replace(microsecond=0),
                tries=0,
                state=ConfirmationState.PENDING,
            )
            tx.confirmations.add(same)
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
        """See whether a message answers a read-back, and carry it out if it does.

        A code that was used or ran out is told as such, unless the message asks
        for something of its own: then that is what it is about. Wrong codes
        count only in the conversation that waits for one; elsewhere they are
        just words.
        """
        now = message.received_at
        known = tx.confirmations.of_address(conversation.address, now - REMEMBERED)[:REMEMBERED_AT_MOST]
        if not known:
            return NOT_OURS
        if not reading.codes:
            return self._without_code(tx, turn, reading, conversation, now, load)
        codes = {self._code(one): one for one in known}
        offered = [code for _written, code in reading.codes]
        matched = [codes[code] for code in offered if code in codes]
        usable = [one for one in matched if one.state is ConfirmationState.PENDING and one.expires_at > now]
        if len(offered) > OFFERED_AT_MOST or not matched:
            return _wrong_code(tx, turn, reading, known, conversation, now, terms)
        if usable:
            return self._with_codes(tx, turn, reading, usable, now, load)
        return _spent(turn, reading, matched[0])

    def _with_codes(
        self,
        tx: Transaction,
        turn: Turn,
        reading: Reading,
        usable: Sequence[Confirmation],
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
    ) -> Returned:
        if reading.doubtful:
            return _problem(turn, "changed", MessageState.AWAITING_SHAREHOLDER)
        parked = {one.id: tuple(map(_request, one.requests)) for one in usable}
        requests = [request for each in parked.values() for request in each]
        said = consent(
            reading.rest,
            reading.slots,
            _all_slots(requests),
            names=_names(load(())),
            acts=_acts(usable),
            requests=len(requests),
        )
        match said:
            case Consent.WITHHELD:
                for one in usable:
                    tx.confirmations.close(one.id, ConfirmationState.DECLINED, now)
                return _problem(turn, "declined")
            case Consent.CHANGED:
                return _problem(turn, "changed", MessageState.AWAITING_SHAREHOLDER)
            case Consent.GIVEN:
                results = [self._carry_out(tx, turn, one, parked[one.id], now, load) for one in usable]
                anew = tuple(request for result in results for request in result.anew)
                return Returned(is_settled=not anew, anew=anew)

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
            facts = {"reason": "circumstances", "closed": _date_missed(one, now)}
            turn.say(Section("_shared/code_problem.j2", facts))
            return Returned(is_settled=False, anew=tuple(requests))
        if not tx.confirmations.consume(one.id, now):
            return _done_again(turn, one)
        carried_out = decide_each(tx, requests, lambda: load(requests), cause=cause)
        if canonical_of(carried_out) != one.canonical:
            raise RuntimeError(f"confirmation {one.id} would carry out something else than was read back")
        for done in carried_out:
            turn.decided.append(done)
            if done.section:
                turn.say(done.section)
        return SETTLED

    def _without_code(
        self,
        tx: Transaction,
        turn: Turn,
        reading: Reading,
        conversation: Conversation,
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
    ) -> Returned:
        """A reply that holds no code: a no drops what waits, a bare yes is told what is missing, the rest is read."""
        waiting = _waiting_in(tx, conversation, now)
        if not waiting:
            return NOT_OURS
        if not reading.rest.strip():
            return _problem(turn, "no_code", MessageState.AWAITING_SHAREHOLDER)
        own = _own_requests(reading)
        cancels_what_waits = {request.intent for request in own} == {"cancel_order"} and not (
            _has_details(reading.slots) or any(order.is_open for order in load(()).orders)
        )
        names = _names(load(()))
        if is_objection(reading.rest, names=names, acts=_acts(waiting)) or cancels_what_waits:
            for one in waiting:
                tx.confirmations.close(one.id, ConfirmationState.DECLINED, now)
            return _problem(turn, "declined")
        if is_bare_yes(reading.rest, names=names) and not own:
            return _problem(turn, "no_code", MessageState.AWAITING_SHAREHOLDER)
        return NOT_OURS


def _wrong_code(
    tx: Transaction,
    turn: Turn,
    reading: Reading,
    known: Sequence[Confirmation],
    conversation: Conversation,
    now: datetime,
    terms: PlanTerms,
) -> Returned:
    """A code that is none of ours. Where none is waited for it is a try at nothing, told but not counted.

    After a lock there is no right code left to look up: every further one is
    told that it is locked.
    """
    waiting = _waiting_in(tx, conversation, now)
    if not waiting:
        latest = next((one for one in known if one.conversation_id == conversation.id), None)
        if latest is None and not tx.confirmations.pending(conversation.address, now):
            latest = known[0]
        if latest is not None and latest.state is ConfirmationState.LOCKED:
            return _spent(turn, reading, latest)
        return NOT_OURS if reading.rest.strip() else _problem(turn, "wrong", MessageState.AWAITING_SHAREHOLDER)
    states = [tx.confirmations.count_try(one.id, terms.code_tries, now) for one in waiting]
    pairs = zip(waiting, states, strict=True)
    left = [terms.code_tries - one.tries - 1 for one, state in pairs if state is ConfirmationState.PENDING]
    if not left:
        return _problem(turn, "locked")
    return _problem(turn, "wrong", MessageState.AWAITING_SHAREHOLDER, tries_left=min(left))


def _waiting_in(tx: Transaction, conversation: Conversation, now: datetime) -> list[Confirmation]:
    pending = tx.confirmations.pending(conversation.address, now)
    return [one for one in pending if one.conversation_id == conversation.id]


def _own_requests(reading: Reading) -> list[Request]:
    """What a message asks in its own words; courtesy is nothing."""
    return [request for request in reading.understanding.requests if request.intent != "thanks"]


def _spent(turn: Turn, reading: Reading, one: Confirmation) -> Returned:
    """A code that is no longer good: say so, unless the message asks for something else than what it was for."""
    asked = {_request(stored).intent for stored in one.requests}
    if any(request.intent not in asked for request in _own_requests(reading)):
        return NOT_OURS
    if one.state is ConfirmationState.USED:
        return _done_again(turn, one)
    return _problem(turn, "expired" if one.state is ConfirmationState.PENDING else one.state.value.lower())


def _names(snapshot: Snapshot) -> frozenset[str]:
    """The words of the holder's registered names: how they may sign."""
    return frozenset(word for registration in snapshot.registrations for word in registration.name.split())


def _request(stored: object) -> Request:
    return request_from_json(stored)  # type: ignore[arg-type]  # our own JSON


def _acts(usable: Sequence[Confirmation]) -> frozenset[str]:
    """Words of ending that a yes may repeat, because they are what was read back."""
    words: set[str] = set()
    for one in usable:
        for _intent, effects in json.loads(one.canonical):
            for name, values in effects:
                words |= ACTS.get((name, values.get("change", "")), frozenset())
    return frozenset(words)


def _done_again(turn: Turn, one: Confirmation) -> Returned:
    """A code that did its work came once more."""
    orders = {_request(stored).intent for stored in one.requests} & {"buy", "sell"}
    turn.say(Section("_shared/done_again.j2", {"is_order": bool(orders)}))
    return SETTLED


def _date_missed(one: Confirmation, now: datetime) -> date | None:
    """The purchase date read back whose cut-off has passed since; None if another thing has changed."""
    for _intent, effects in json.loads(one.canonical):
        for _name, values in effects:
            if "cut_off" in values and datetime.fromisoformat(values["cut_off"]) < now:
                return date.fromisoformat(values["purchase_date"])
    return None


def _problem(turn: Turn, reason: str, state: MessageState = MessageState.ANSWERED, **facts: object) -> Returned:
    turn.say(Section("_shared/code_problem.j2", {"reason": reason, **facts}), state)
    turn.reason = turn.reason or f"code {reason}"
    return SETTLED


def _all_slots(requests: Sequence[Request]) -> Slots:
    """Every detail that was read back, over all requests."""
    return Slots(
        **{
            field.name: tuple(value for one in requests for value in getattr(one.slots, field.name))
            for field in fields(Slots)
        }
    )


def _has_details(slots: Slots) -> bool:
    return slots != Slots()
