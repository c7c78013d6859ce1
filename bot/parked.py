"""What waits for its code: which code, on which page, with what besides, and how it is carried out in the end.

A code confirms exactly the effects that were read back. What has changed since is not carried out, whichever way the
code came back. The one place where it is held that a confirmation is sure enough for what it confirms.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.codes import code_for
from bot.keys import Keys
from bot.render import Section
from bot.request_json import canonical, request_from_json
from bot.turn import Decided, Turn, decide_each, required
from handlers.contract import Assurance, Completed, Effect, Intent, Request, Snapshot
from storage.confirmations import Confirmation, ConfirmationState
from storage.store import Transaction

_TOKEN = re.compile(r"([a-z2-7]{26})[a-z2-7]{16}")
_TAG_LETTERS = 16
"""80 bits, as in the addresses that replies come to; a link of this length fits into a line of a letter."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of a message in a conversation where something waits for its code."""

    is_settled: bool
    """Whether the message is dealt with; if not, it is read like any other."""
    anew: tuple[Request, ...] = ()
    """Requests to decide again from the start, because circumstances changed since they were read back."""


NOT_OURS = Returned(is_settled=False)
SETTLED = Returned(is_settled=True)


class InsufficientAssurance(RuntimeError):
    """Something was to be carried out though it is not sure enough who wants it. A fault of ours; nothing was done."""


def canonical_of(decided: Sequence[Decided]) -> str:
    """The canonical form of what was decided: what a code confirms.

    Where nothing is changed, only told, the accounts and orders asked about are
    part of it: the figures of one account are not those of another.
    """
    return canonical([(_subject(one), _effects(one)) for one in decided])


def requests_of(one: Confirmation) -> tuple[Request, ...]:
    """The requests that wait."""
    return tuple(request_from_json(stored) for stored in one.requests)  # type: ignore[arg-type]  # our own JSON


class Parked:
    """Knows the codes and the page, and carries out what was confirmed."""

    def __init__(self, keys: Keys, page: str, *, asks_factor: bool) -> None:
        """`page` is the address of the confirmation page, which a token follows; empty if nobody could open it."""
        self._codes = keys.codes
        self._links = keys.links
        self._page = page
        self._asks_factor = asks_factor

    def code(self, one: Confirmation) -> str:
        """The code that confirms it."""
        return code_for(
            self._codes,
            confirmation_id=one.id,
            canonical=one.canonical,
            address=one.address,
            expires_at=one.expires_at,
        )

    def link(self, one: Confirmation) -> str:
        """The page on which it is confirmed; empty if there is none."""
        return f"{self._page}{self.token(one.id)}" if self._page else ""

    def token(self, confirmation_id: str) -> str:
        """What names a confirmation in a link, and cannot be made up."""
        digest = hmac.digest(self._links, f"dspp-link/1\n{confirmation_id}".encode(), "sha256")
        return confirmation_id + b32encode(digest)[:_TAG_LETTERS].decode().lower()

    def id_of(self, token: str) -> str | None:
        """The id of the confirmation that `token` names; None if we did not make it."""
        found = _TOKEN.fullmatch(token)
        return found[1] if found and hmac.compare_digest(self.token(found[1]), token) else None

    def needed(self, decided: Sequence[Decided]) -> Assurance:
        """How surely whoever confirms must be known, as this installation has it."""
        most = max((required(one) for one in decided), default=Assurance.ANONYMOUS)
        return most if self._asks_factor else min(most, Assurance.CONFIRMED)

    def needs_factor(self, decided: Sequence[Decided]) -> bool:
        """Whether a code alone is not enough."""
        return self.needed(decided) >= Assurance.OUT_OF_BAND

    @property
    def has_page(self) -> bool:
        """Whether there is a page to confirm on."""
        return bool(self._page)

    def carry_out(
        self,
        tx: Transaction,
        turn: Turn,
        one: Confirmation,
        now: datetime,
        load: Callable[[Sequence[Request]], Snapshot],
        *,
        assurance: Assurance,
    ) -> Returned:
        """Do what waits, if it is still what was read back; else say why it was not done, and give it back."""
        cause = f"confirmed:{one.id}"
        requests = requests_of(one)
        with tx.trial():
            as_of_now = decide_each(tx, requests, lambda: load(requests), cause=cause)
        if canonical_of(as_of_now) != one.canonical:
            tx.confirmations.close(one.id, ConfirmationState.SUPERSEDED, now)
            facts = {"reason": "circumstances", "closed": _date_missed(one, now)}
            turn.say(Section("_shared/code_problem.j2", facts))
            return Returned(is_settled=False, anew=requests)
        if self.needed(as_of_now) > assurance:
            raise InsufficientAssurance(f"confirmation {one.id} needs more than {assurance.name}")
        if not tx.confirmations.consume(one.id, now, assurance.name):
            return done_again(turn, one)
        carried_out = decide_each(tx, requests, lambda: load(requests), cause=cause)
        if canonical_of(carried_out) != one.canonical:
            raise RuntimeError(f"confirmation {one.id} would carry out something else than was read back")
        for done in carried_out:
            turn.decided.append(done)
            if done.section:
                turn.say(done.section)
        return SETTLED


def holders_of(decided: Sequence[Decided]) -> frozenset[str]:
    """The taxpayers whose accounts change: who must know the second factor."""
    named = {registration.id: registration.taxpayer for one in decided for registration in one.snapshot.registrations}
    changed = {getattr(effect, "registration_id", "") for one in decided for effect in _effects(one)}
    return frozenset(taxpayer for registration_id, taxpayer in named.items() if registration_id in changed)


def done_again(turn: Turn, one: Confirmation) -> Returned:
    """A code that did its work came once more."""
    orders = {request.intent for request in requests_of(one)} & {"buy", "sell"}
    turn.say(Section("_shared/done_again.j2", {"is_order": bool(orders)}))
    return SETTLED


def effects_read_back(one: Confirmation) -> list[tuple[str, Mapping[str, str]]]:
    """The effects that were read back, by name, with their values as text."""
    return [(name, values) for _intent, effects in json.loads(one.canonical) for name, values in effects]


def _effects(one: Decided) -> Sequence[Effect]:
    return one.outcome.effects if isinstance(one.outcome, Completed) else ()


def _subject(one: Decided) -> Intent:
    if _effects(one):
        return one.request.intent
    slots = one.request.slots
    kind = type(one.outcome).__name__
    return Intent("?".join((one.request.intent, kind, *slots.accounts, *slots.order_ids)))


def _date_missed(one: Confirmation, now: datetime) -> date | None:
    """The purchase date read back whose cut-off has passed since; None if another thing has changed."""
    for _name, values in effects_read_back(one):
        if "cut_off" in values and datetime.fromisoformat(values["cut_off"]) < now:
            return date.fromisoformat(values["purchase_date"])
    return None
