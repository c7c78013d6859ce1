"""Parks requests until their code comes back, and judges what comes back.

A request that moves money or shares, or asks for figures, is read back and
waits. The code goes to the registered address only; it counts only from that
address, only from live text, only once, only in time, and only for exactly
what was read back. Nothing here knows what the requests are about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from bot.audit import note_code_locked, note_confirmed
from bot.consent import Consent, consent, is_bare_yes, is_objection
from bot.parked import (
    NOT_OURS,
    SETTLED,
    Parked,
    Returned,
    canonical_of,
    done_again,
    effects_read_back,
    holders_of,
    requests_of,
)
from bot.reading import Reading
from bot.render import Section
from bot.request_json import request_to_json
from bot.second_factor import SecondFactorCheck
from bot.turn import Decided, Turn, decide_each
from handlers.contract import Assurance, Request, Slots, Snapshot
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


class Confirm:
    """Asks for codes and takes them."""

    def __init__(self, parked: Parked, factors: SecondFactorCheck) -> None:
        self._parked = parked
        self._factors = factors

    def cannot_be_confirmed(self, tx: Transaction, one: Decided) -> bool:
        """Whether a decision needs a second factor that its holder does not have, or a page that there is not."""
        if not self._parked.needs_factor([one]):
            return False
        return not (self._parked.has_page and self._factors.are_enrolled(tx, holders_of([one])))

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
                    "code": self._parked.code(same),
                    "expires": same.expires_at,
                    "is_repeat": is_repeat,
                    "link": self._parked.link(same),
                    "needs_factor": self._parked.needs_factor(decided),
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
        codes = {self._parked.code(one): one for one in known}
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
        requests = [request for one in usable for request in requests_of(one)]
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
                results = [self._with_code_alone(tx, turn, one, now, load) for one in usable]
                anew = tuple(request for result in results for request in result.anew)
                return Returned(is_settled=not anew, anew=anew)

    def _with_code_alone(
        self,
        tx: Transaction,
        turn: Turn,
        one: Confirmation,
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
    ) -> Returned:
        """Carry out what a code by mail is enough for; for more, say where the rest is asked."""
        requests = requests_of(one)
        with tx.trial():
            decided = decide_each(tx, requests, lambda: load(requests), cause=f"trial:{one.id}")
        if canonical_of(decided) == one.canonical and self._parked.needs_factor(decided):
            if any(self.cannot_be_confirmed(tx, each) for each in decided):  # no link can help: decided anew, referred
                tx.confirmations.close(one.id, ConfirmationState.SUPERSEDED, now)
                return Returned(is_settled=False, anew=requests)
            return _problem(turn, "needs_factor", MessageState.AWAITING_SHAREHOLDER, link=self._parked.link(one))
        before = len(turn.decided)
        returned = self._parked.carry_out(tx, turn, one, now, load, assurance=Assurance.CONFIRMED)
        note_confirmed(tx, one, turn.decided[before:], Assurance.CONFIRMED, now)
        return returned

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
    for one, state in zip(waiting, states, strict=True):
        if state is ConfirmationState.LOCKED:
            note_code_locked(tx, one, "mail", now)
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
    asked = {request.intent for request in requests_of(one)}
    if any(request.intent not in asked for request in _own_requests(reading)):
        return NOT_OURS
    if one.state is ConfirmationState.USED:
        return done_again(turn, one)
    return _problem(turn, "expired" if one.state is ConfirmationState.PENDING else one.state.value.lower())


def _names(snapshot: Snapshot) -> frozenset[str]:
    """The words of the holder's registered names: how they may sign."""
    return frozenset(word for registration in snapshot.registrations for word in registration.name.split())


def _acts(usable: Sequence[Confirmation]) -> frozenset[str]:
    """Words of ending that a yes may repeat, because they are what was read back."""
    words: set[str] = set()
    for one in usable:
        for name, values in effects_read_back(one):
            words |= ACTS.get((name, values.get("change", "")), frozenset())
    return frozenset(words)


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
