"""A code that is typed on the confirmation page, with a PIN or one-time password where one is needed.

Opening the page changes nothing, however often and by whatever program; a code must be typed to carry anything out. The
letter that follows goes to the registered address, so that whoever has the mailbox learns of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answer import name_for
from bot.audit import note_code_locked, note_confirmed, note_factor_given
from bot.clock import Clock
from bot.codes import candidates
from bot.parked import Parked, canonical_of, holders_of, requests_of
from bot.plan import Plan
from bot.post import Post
from bot.render import Section
from bot.second_factor import Given, SecondFactorCheck
from bot.turn import Decided, Turn, decide_each
from handlers.contract import Assurance, Request, Snapshot
from handlers.plan.eligibility import is_deceased
from storage.confirmations import Confirmation, ConfirmationState
from storage.store import Store, Transaction

GIVEN_PROBLEMS = {
    Given.MISSING: "factor_missing",
    Given.WRONG: "factor_wrong",
    Given.LOCKED: "factor_locked",
    Given.NOT_ENROLLED: "factor_none",
}


AGAIN = frozenset({"no_code", "wrong", "factor_missing", "factor_wrong"})
"""Problems that typing again may mend."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says."""

    html: str
    status: int = 200


class TypedCode:
    """Shows what waits for a code, and takes the code."""

    def __init__(
        self, store: Store, plan: Plan, post: Post, parked: Parked, factors: SecondFactorCheck, clock: Clock
    ) -> None:
        self._store = store
        self._plan = plan
        self._post = post
        self._parked = parked
        self._factors = factors
        self._clock = clock

    def show(self, token: str) -> Shown:
        """What waits, and the form. Changes nothing."""
        now = self._clock.now()
        with self._store.reading() as tx:
            one = self._found(tx, token)
            if one is None:
                return self._nothing(now)
        with self._store.transaction() as tx, tx.trial():
            problem = _past(one, now)
            return self._problem(tx, one, problem, now) if problem else self._form(tx, one, now)

    def typed(self, token: str, code: str, factor: str) -> Shown:
        """Take what was typed: carry out what waits, or say what is wrong."""
        now = self._clock.now()
        with self._store.transaction() as tx:
            one = self._found(tx, token)
            if one is None:
                return self._nothing(now)
            self._store.lock(tx, {one.address} | tx.snapshots.taxpayers_of(one.address))
            one = tx.confirmations.get(one.id) or one
            problem = _past(one, now) or self._code_problem(tx, one, code, now)
            if problem:
                return self._problem(tx, one, problem, now)
            return self._with_code(tx, one, factor, now)

    def _with_code(self, tx: Transaction, one: Confirmation, factor: str, now: datetime) -> Shown:
        decided = self._decided(tx, one, now)
        assurance = Assurance.CONFIRMED
        if canonical_of(decided) == one.canonical and self._parked.needs_factor(decided):
            given = self._factors.check(
                tx,
                holders_of(decided),
                factor,
                most_tries=self._snapshot(tx, one, now).terms.code_tries,
                now=now,
                at=self._clock.of_the_world(now),
            )
            note_factor_given(tx, one, given, holders_of(decided), now)
            if given is not Given.RIGHT:
                return self._problem(tx, one, GIVEN_PROBLEMS[given], now)
            assurance = Assurance.OUT_OF_BAND
        turn = Turn()
        self._parked.carry_out(
            tx, turn, one, now, lambda requests: self._snapshot(tx, one, now, requests), assurance=assurance
        )
        note_confirmed(tx, one, turn.decided, assurance, now)
        self._write(tx, turn, one, now)
        return Shown(self._post.page(Section("confirm/done.j2", {"parts": tuple(turn.sections)}), now))

    def _write(self, tx: Transaction, turn: Turn, one: Confirmation, now: datetime) -> None:
        """The same by letter, in the conversation where it was asked for."""
        conversation = tx.conversations.get(one.conversation_id)
        if conversation is None:
            raise RuntimeError(f"confirmation {one.id} belongs to no conversation")
        self._post.reply(
            tx,
            conversation,
            turn.sections,
            cause=f"page:{one.id}",
            kind=" + ".join(dict.fromkeys(turn.kinds)),
            name=name_for(self._snapshot(tx, one, now).registrations),
            now=now,
            answering=None,
        )

    def _code_problem(self, tx: Transaction, one: Confirmation, typed: str, now: datetime) -> str:
        """Why the code cannot be taken; empty if it is the right one. A wrong one counts, as it does by mail."""
        found = candidates(typed)
        if not typed.strip():
            return "no_code"
        if [code for _written, code in found] == [self._parked.code(one)]:
            return ""
        most = self._snapshot(tx, one, now).terms.code_tries
        state = tx.confirmations.count_try(one.id, most, now)
        if state is not ConfirmationState.LOCKED:
            return "wrong"
        note_code_locked(tx, one, "page", now)
        return "locked"

    def _found(self, tx: Transaction, token: str) -> Confirmation | None:
        confirmation_id = self._parked.id_of(token)
        return tx.confirmations.get(confirmation_id) if confirmation_id else None

    def _snapshot(
        self, tx: Transaction, one: Confirmation, now: datetime, requests: Sequence[Request] = ()
    ) -> Snapshot:
        return tx.snapshots.load(
            one.address,
            now=now,
            book=self._plan.book,
            calendar=self._plan.calendar(now),
            accounts=tuple(account for request in requests for account in request.slots.accounts),
        )

    def _decided(self, tx: Transaction, one: Confirmation, now: datetime) -> list[Decided]:
        requests = requests_of(one)
        with tx.trial():
            return decide_each(tx, requests, lambda: self._snapshot(tx, one, now, requests), cause=f"trial:{one.id}")

    def _form(self, tx: Transaction, one: Confirmation, now: datetime, problem: str = "") -> Shown:
        if any(map(is_deceased, self._snapshot(tx, one, now).registrations)):
            return self._problem(tx, one, "frozen", now)
        decided = self._decided(tx, one, now)
        if canonical_of(decided) != one.canonical:
            return self._problem(tx, one, "circumstances", now)
        facts = {
            "parts": tuple(each.read_back for each in decided),
            "expires": one.expires_at,
            "needs_factor": self._parked.needs_factor(decided),
            "problem": problem,
            "action": self._parked.token(one.id),
        }
        return Shown(self._post.page(Section("confirm/ask.j2", facts), now))

    def _problem(self, tx: Transaction, one: Confirmation, problem: str, now: datetime) -> Shown:
        """What is wrong; with the form again where typing again may help."""
        if problem in AGAIN:
            return self._form(tx, one, now, problem)
        return Shown(self._post.page(Section("confirm/problem.j2", {"problem": problem}), now))

    def _nothing(self, now: datetime) -> Shown:
        return Shown(self._post.page(Section("confirm/problem.j2", {"problem": "unknown"}), now), status=404)


def _past(one: Confirmation, now: datetime) -> str:
    """Why nothing waits any more; empty if it waits."""
    if one.state is not ConfirmationState.PENDING:
        return str(one.state.value).lower()
    return "" if one.expires_at > now else "expired"
