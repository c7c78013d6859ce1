"""Seals the audit record, checks that nobody changed it, hands it out, and knows what is told of each decision.

What is told holds no name, no address, no full account number and no word of a
message: ids, amounts, states and digests, and beside them, in texts that can
be erased, why staff did what they did.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache

from bot.case import Case
from bot.request_json import canonical as canonical_effects
from bot.second_factor import Given
from bot.turn import Decided
from handlers.contract import Assurance, Completed, Effect, Intent, Referred, Snapshot
from handlers.plan.terms import PlanTerms
from storage.audit import (
    BEGINNING,
    HOLDER,
    LOCK,
    NO_HEAD,
    PROGRAM,
    AuditKind,
    AuditRecord,
    Head,
    canonical,
    digest_of,
    plain,
    text_digest,
)
from storage.confirmations import Confirmation
from storage.files import LoadedFile
from storage.messages import InboundMessage
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

BATCH = 500
"""Records that are sealed in one transaction."""

PAUSE_SECONDS = 60.0
"""Between two looks for records to seal. The first comes after a pause, too: sealing is never urgent."""

LATE = timedelta(hours=1)
"""A record that waits for its place for longer than this shows that nobody seals."""

PAGE = 1000
"""Records that are read at a time."""

NOT_TOLD = frozenset({"address"})
"""Values of effects that are an address."""


class Sealer:
    """Gives records their place in the chain while the service runs."""

    def __init__(self, store: Store, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._store = store
        self._pause_seconds = pause_seconds

    async def run(self) -> None:
        """Seal what waits, now and then, for ever. Several may run: they take turns."""
        while True:
            await asyncio.sleep(self._pause_seconds)
            try:
                sealed = await asyncio.to_thread(seal_all, self._store)
            except Exception:
                log.exception("audit: records could not be sealed; trying again")
                continue
            if sealed:
                log.info("audit: %d records sealed", sealed)


def seal_all(store: Store) -> int:
    """Seal every committed record, batch by batch. Returns how many. Where none waits nothing is written."""
    total = 0
    with store.reading() as tx:
        if not tx.audit.unsealed():
            return 0
    while True:
        with store.transaction() as tx:
            store.lock(tx, {LOCK})
            sealed = tx.audit.seal(BATCH)
        total += sealed
        if sealed < BATCH:
            return total


class Broken(Enum):
    """How the chain is broken."""

    CHANGED = "the record was changed after it was sealed"
    UNREADABLE = "the record was changed so that it cannot be read"
    GAP = "the record with this number is missing"
    DOUBLED = "two records have this number"
    WRONG_PREVIOUS = "the record does not follow the one before it"
    TEXT_CHANGED = "a private text of the record was changed"
    TEXT_GONE = "a private text of the record is missing, and no record says who erased it and why"
    OTHER_HEAD = "the record, or one before it, is not as it was when its digest was written down"
    CUT_TAIL = "the chain ends before this number, which was written down as the head"


@dataclass(frozen=True, slots=True)
class Break:
    """The first record of the chain that is not as it was sealed."""

    number: int
    how: Broken


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of the chain."""

    head: Head
    """The last record up to which all were found whole, from the first on."""
    unsealed: int
    late: int
    """Unsealed ones that have waited for longer than LATE."""
    broken: Break | None

    @property
    def is_good(self) -> bool:
        """Whether nothing was changed, and what happens is sealed in time."""
        return self.broken is None and not self.late


def verify(store: Store, heads: Collection[Head], now: datetime) -> Verified:
    """Check the whole chain against itself, and against `heads` that were written down. Seals nothing.

    Each page is read in a transaction of its own, so that a long check holds up
    nobody; what is sealed meanwhile is checked as well.
    """
    last, after, broken, size = NO_HEAD, None, None, PAGE
    wanted: dict[int, set[str]] = {}
    for head in heads:
        wanted.setdefault(head.number, set()).add(head.digest)
    if wanted.get(0, {BEGINNING}) != {BEGINNING}:
        broken = Break(0, Broken.OTHER_HEAD)
    while broken is None:
        with store.reading() as tx:
            try:
                page = tx.audit.page(after, size)
            except (ValueError, TypeError):
                if size == 1:
                    broken = Break(last.number + 1, Broken.UNREADABLE)
                size = 1
                continue
            for record in page:
                how = _broken(tx, record, last, wanted)
                if how is not None:
                    broken = Break(last.number + 1 if how is Broken.GAP else record.number, how)
                    break
                last, after = Head(record.number, record.digest), (record.number, record.id)
        if not page:
            break
    if broken is None and (beyond := [number for number in wanted if number > last.number]):
        broken = Break(max(beyond), Broken.CUT_TAIL)
    with store.reading() as tx:
        return Verified(last, tx.audit.unsealed(), tx.audit.unsealed(now - LATE), broken)


def _broken(tx: Transaction, record: AuditRecord, last: Head, wanted: Mapping[int, set[str]]) -> Broken | None:
    """How a record does not follow `last`; None if it does."""
    if record.number < 1:
        return Broken.CHANGED
    if record.number > last.number + 1:
        return Broken.GAP
    if record.number <= last.number:
        return Broken.DOUBLED
    if record.previous != last.digest:
        return Broken.WRONG_PREVIOUS
    try:
        is_same = digest_of(canonical(record.sealed())) == record.digest
        texts = {name: text_digest(one["salt"], one["text"]) for name, one in (record.private or {}).items()}
    except (ValueError, TypeError, LookupError, AttributeError):  # it holds what no record of ours can hold
        return Broken.CHANGED
    if not is_same:
        return Broken.CHANGED
    if wanted.get(record.number, {record.digest}) != {record.digest}:
        return Broken.OTHER_HEAD
    if record.private is None and record.promised:
        return None if tx.audit.is_blanked(record.id) else Broken.TEXT_GONE
    return None if texts == record.promised else Broken.TEXT_CHANGED


def exported(
    store: Store,
    *,
    numbers: tuple[int | None, int | None] = (None, None),
    instants: tuple[datetime | None, datetime | None] = (None, None),
    about: str = "",
    with_texts: bool = False,
) -> Iterator[bytes]:
    """Sealed records as JSON lines, each with its digest, in the spelling that the digest is made over.

    The numbers and instants are those of `Audit.page`. With `with_texts` the
    private texts and their salts stand in `texts`, outside what is digested.
    """
    after = None
    while True:
        with store.reading() as tx:
            page = tx.audit.page(after, PAGE, numbers=numbers, instants=instants, about=about)
        for record in page:
            line = record.sealed() | {"digest": record.digest}
            if with_texts and record.private is not None:
                line["texts"] = record.private
            yield canonical(line) + b"\n"
            after = (record.number, record.id)
        if not page:
            return


def decided_facts(case: Case, snapshot: Snapshot, decision: Mapping[str, object]) -> dict[str, object]:
    """What is told of the decision on a message; `decision` is what the store keeps of it, told by its digest."""
    turn, message = case.turn, case.message
    return {
        "state": turn.state,
        "reason": turn.review.name if turn.review else turn.reason,
        "assurance": case.assurance.name,
        "channel": message.channel,
        "raw": digest_of(message.raw),
        "conversation": case.conversation.id,
        "registrations": [registration.id for registration in snapshot.registrations],
        "decided": [_told(one, kept) for one, kept in zip(turn.decided, turn.record(), strict=True)],
        "terms": terms_facts(snapshot),
        "model": case.reading.understanding.model,
        "letter": turn.kinds,
        "record": digest_of(canonical(decision)),
    }


def set_aside_facts(message: InboundMessage, reason: str) -> dict[str, object]:
    """What is told of a message that is recorded and not worked on."""
    return {"reason": reason, "channel": message.channel, "raw": digest_of(message.raw)}


def _told(one: Decided, kept: Mapping[str, object]) -> dict[str, object]:
    effects = one.outcome.effects if isinstance(one.outcome, Completed | Referred) else ()
    slots = one.request.slots
    return {
        "intent": one.request.intent,
        "amounts": slots.amounts,
        "shares": slots.shares,
        "cautions": sorted(caution.name for caution in one.request.cautions),
        "outcome": kept["outcome"],
        "effects": _effects(effects),
        "ids": one.order_ids,
    }


def _effects(effects: Sequence[Effect]) -> list[list[object]]:
    """Each effect by name with its values, as a code confirms them, addresses left out."""
    ((_intent, told),) = json.loads(canonical_effects([(Intent(""), effects)]))
    return [[name, {key: one for key, one in values.items() if key not in NOT_TOLD}] for name, values in told]


def terms_facts(snapshot: Snapshot) -> dict[str, object]:
    """By which terms something was decided: since when they are in force, their digest, and the prospectus version."""
    terms = snapshot.terms
    version = snapshot.book.prospectus_on(snapshot.today).version
    return {"effective": terms.effective, "digest": _terms_digest(terms), "prospectus": version}


@lru_cache(maxsize=16)
def _terms_digest(terms: PlanTerms) -> str:
    """Of every value of the terms; it changes when any of them does."""
    return digest_of(canonical({field.name: plain(getattr(terms, field.name)) for field in fields(terms)}))


def note_confirmed(
    tx: Transaction, one: Confirmation, done: Sequence[Decided], assurance: Assurance, at: datetime
) -> None:
    """Note that a holder's code carried out what had been read back. Nothing, where nothing was carried out."""
    if not done:
        return
    facts = {
        "message": one.message_id,
        "conversation": one.conversation_id,
        "effects": [_effects(each.outcome.effects) for each in done if isinstance(each.outcome, Completed)],
        "ids": [each.order_ids for each in done],
        "assurance": assurance.name,
        "terms": terms_facts(done[0].snapshot),
        "canonical": digest_of(one.canonical.encode()),
    }
    tx.audit.note(HOLDER, AuditKind.CONFIRMED, f"confirmation:{one.id}", facts, at)


def note_code_locked(tx: Transaction, one: Confirmation, through: str, at: datetime) -> None:
    """Note that so many wrong codes came that what waited for the right one is dropped. `through` is mail or page."""
    facts = {"message": one.message_id, "conversation": one.conversation_id, "through": through}
    tx.audit.note(HOLDER, AuditKind.CODE_LOCKED, f"confirmation:{one.id}", facts, at)


def note_factor_given(tx: Transaction, one: Confirmation, given: Given, holders: Collection[str], at: datetime) -> None:
    """Note what became of a second factor that was typed. A try that could not count, as none was typed, is nothing."""
    is_try = given in {Given.RIGHT, Given.WRONG}
    if given is Given.LOCKED:  # by this try; what was locked before did not look at it
        is_try = any(factor.locked_at == at for factor in tx.second_factors.standing(holders))
    if is_try:
        facts = {"act": f"given_{given.name.lower()}"}
        tx.audit.note(HOLDER, AuditKind.SECOND_FACTOR, f"confirmation:{one.id}", facts, at)


def note_loaded(tx: Transaction, file: LoadedFile, totals: Mapping[str, object]) -> None:
    """Note that a file was taken in, with what it brought."""
    facts = {
        "file": file.kind,
        "sequence": file.sequence,
        "digest": file.digest,
        "rows": file.rows,
        "as_of": file.as_of,
        "totals": totals,
    }
    tx.audit.note(PROGRAM, AuditKind.FILE_LOADED, f"file:{file.kind}:{file.sequence}", facts, file.loaded_at)
