"""The audit record: what happened, by whom and why, each record chained to the one before by a digest.

What happens notes its record in the very transaction that does it, which takes
no lock and knows no order, so that writers never wait for each other. A sealer
gives committed records their number and digest afterwards, in batches; a record
that was committed late is sealed late. So the order of the chain is the order
of sealing, and `at` tells when a thing happened.

Facts hold ids, amounts, states and digests, and nothing that names a person.
A text that may (why somebody did a thing) lies beside them in `private`; the
facts hold its salted digest, so that the text can be blanked, under a recorded
reason, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    and_,
    bindparam,
    cast,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from handlers.plan.money import Money, Price, Shares
from storage.ids import new_id
from storage.month_tables import audit_records

FORM = 1
"""Which canonical form a record is digested in. Another form gets another number, and old records keep theirs."""

BEGINNING = "0" * 64
"""What stands as the previous digest of the first record."""

PROGRAM = "program"
"""The actor of what no person did."""

HOLDER = "holder"
"""The actor of what a holder did by typing a code or a second factor."""

LOCK = "audit"
"""What a sealer locks, so that there is one at a time."""

PRIVATE = "private"
"""The fact that holds the digests of the private texts."""

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_SALT_OCTETS = 16
_BASE_LETTERS = 22


class AuditKind(Enum):
    """What a record tells of."""

    MESSAGE_RECEIVED = "message_received"
    SENDER_FOUND = "sender_found"
    DECIDED = "decided"
    SET_ASIDE = "set_aside"
    CONFIRMED = "confirmed"
    CODE_LOCKED = "code_locked"
    LETTER_QUEUED = "letter_queued"
    STAFF_ACT = "staff_act"
    SECOND_FACTOR = "second_factor"
    HOLD_SET = "hold_set"
    HOLD_RELEASED = "hold_released"
    FILE_LOADED = "file_loaded"
    FILE_WRITTEN = "file_written"
    CYCLE_STEP = "cycle_step"
    TEXT_ERASED = "text_erased"


FACTS: Mapping[AuditKind, tuple[str, ...]] = {
    AuditKind.MESSAGE_RECEIVED: ("channel", "raw", "key", "octets"),
    AuditKind.SENDER_FOUND: ("ground", "is_aligned", "signed"),
    AuditKind.DECIDED: (
        "state", "reason", "assurance", "raw", "registrations", "decided", "terms", "model", "letter", "record",
    ),
    AuditKind.SET_ASIDE: ("reason", "raw"),
    AuditKind.CONFIRMED: ("message", "effects", "ids", "assurance", "terms", "canonical"),
    AuditKind.CODE_LOCKED: ("message", "through"),
    AuditKind.LETTER_QUEUED: ("cause", "letter", "raw"),
    AuditKind.STAFF_ACT: ("command",),
    AuditKind.SECOND_FACTOR: ("act",),
    AuditKind.HOLD_SET: ("hold", "cause"),
    AuditKind.HOLD_RELEASED: ("hold",),
    AuditKind.FILE_LOADED: ("file", "sequence", "digest", "rows", "totals"),
    AuditKind.FILE_WRITTEN: ("file", "sequence", "digest", "rows", "totals"),
    AuditKind.CYCLE_STEP: ("step", "digest"),
    AuditKind.TEXT_ERASED: ("reason",),
}  # fmt: skip
"""The facts that every record of a kind has. It may have more."""


class BadFacts(ValueError):
    """A record lacks a fact of its kind, or a fact has no canonical form. A fault of the caller; nothing is stored."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last sealed record. Whoever has written it down elsewhere can tell later that nothing before it changed."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


NO_HEAD = Head(0, BEGINNING)
"""Of a chain without records."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One sealed record, as it is stored."""

    id: str
    at: datetime
    actor: str
    kind: str
    subject: str
    facts: Mapping[str, Any]
    private: Mapping[str, Mapping[str, str]] | None
    """By name, the "text" and the "salt" of its digest; None where there is none, or it was blanked."""
    number: int
    previous: str
    digest: str

    def sealed(self) -> dict[str, object]:
        """Everything that the digest is made over, in plain values."""
        return {
            "form": FORM,
            "number": self.number,
            "previous": self.previous,
            "id": self.id,
            "at": plain(self.at),
            "actor": self.actor,
            "kind": self.kind,
            "subject": self.subject,
            "facts": self.facts,
        }

    @property
    def promised(self) -> Mapping[str, str]:
        """By name, the digests of the private texts that it was made with."""
        promised: Mapping[str, str] = self.facts.get(PRIVATE, {})
        return promised


def staff(name: str) -> str:
    """The actor that a person of Investor Relations is."""
    return f"staff: {clean(name.strip())}"


def plain(value: object) -> Any:
    """`value` as JSON knows it: exact quantities and instants as text. BadFacts for what has no exact form."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return clean(value)
        case datetime():
            if value.tzinfo is None:
                raise BadFacts("an instant without a timezone has no canonical form")
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case Money() | Shares() | Price() | Decimal():
            return str(value)
        case Enum():
            return plain(value.value)
        case Mapping():
            if not all(isinstance(name, str) for name in value):
                raise BadFacts("the names of facts are text")
            return {clean(name): plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case set() | frozenset():
            return sorted(plain(one) for one in value)
        case _:
            raise BadFacts(f"no canonical form for {type(value).__name__}")


def clean(text: str) -> str:
    """`text` without NULs and halves of letters, which no database keeps: a record must not fail for a character."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


def canonical(value: object) -> bytes:
    """The one spelling of plain values: names in order, no blanks, UTF-8. Digests are made over it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def text_digest(salt: str, text: str) -> str:
    """The digest that facts hold of a private text: without its salt nobody can try what the text may have been."""
    return digest_of(f"{salt}{text}".encode())


class Audit:
    """The audit_records table. Nothing of it is ever changed or taken out; the database refuses that, too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._base = ""
        self._line = 0

    def note(
        self,
        actor: str,
        kind: AuditKind,
        subject: str,
        facts: Mapping[str, object],
        at: datetime,
        *,
        private: Mapping[str, str] | None = None,
    ) -> None:
        """Note what is done in this transaction: committed with it, undone with it, sealed later. BadFacts.

        `subject` is what it happened to, as "message:<id>" or "cycle:2003-11".
        Texts that may name a person go into `private` and nowhere else.
        """
        missing = [name for name in FACTS[kind] if name not in facts]
        if missing or PRIVATE in facts:
            raise BadFacts(f"a record of kind {kind.value} lacks {missing or 'nothing'}, or names a fact {PRIVATE!r}")
        kept = plain(facts)
        texts = {
            name: {"salt": secrets.token_hex(_SALT_OCTETS), "text": clean(text)}
            for name, text in (private or {}).items()
        }
        if texts:
            kept[PRIVATE] = {name: text_digest(one["salt"], one["text"]) for name, one in texts.items()}
        self._connection.execute(
            insert(audit_records).values(
                id=self._next_id(at),
                at=at,
                actor=clean(actor),
                kind=kind.value,
                subject=clean(subject),
                facts=kept,
                private=texts or None,
            )
        )

    def _next_id(self, at: datetime) -> str:
        """An id that sorts behind the earlier ones of this transaction, so that they are sealed as they were noted."""
        if not self._base or self._line == 0xFFFF:
            self._base, self._line = new_id(at)[:_BASE_LETTERS], 0
        self._line += 1
        return f"{self._base}{self._line:04x}"

    def seal(self, most: int) -> int:
        """Give up to `most` committed records their place in the chain. Returns how many got one.

        The caller holds `store.lock(tx, {LOCK})`. Without it two sealers would
        want the same numbers, and the database refuses the second.
        """
        rows = self._connection.execute(
            select(audit_records)
            .where(audit_records.c.number.is_(None))
            .order_by(audit_records.c.at, audit_records.c.id)
            .limit(most)
        ).mappings()
        head = self.head()
        sealed = []
        for row in rows.all():
            record = _record(dict(row) | {"number": head.number + 1, "previous": head.digest, "digest": ""})
            head = Head(record.number, digest_of(canonical(record.sealed())))
            sealed.append({"which": record.id, "n": record.number, "p": record.previous, "d": head.digest})
        if sealed:
            self._connection.execute(
                update(audit_records)
                .where(audit_records.c.id == bindparam("which"))
                .values(number=bindparam("n"), previous=bindparam("p"), digest=bindparam("d")),
                sealed,
            )
        return len(sealed)

    def head(self) -> Head:
        """The last sealed record; NO_HEAD if there is none."""
        row = self._connection.execute(
            select(audit_records.c.number, audit_records.c.digest)
            .where(audit_records.c.number.is_not(None))
            .order_by(audit_records.c.number.desc())
            .limit(1)
        ).one_or_none()
        return Head(row.number, row.digest) if row else NO_HEAD

    def unsealed(self, until: datetime | None = None) -> int:
        """How many records wait for their place; with `until`, of those that happened before it."""
        waiting = select(func.count()).where(audit_records.c.number.is_(None))
        if until is not None:
            waiting = waiting.where(audit_records.c.at < until)
        return int(self._connection.execute(waiting).scalar_one())

    def page(
        self,
        after: tuple[int, str] | None,
        most: int,
        *,
        numbers: tuple[int | None, int | None] = (None, None),
        instants: tuple[datetime | None, datetime | None] = (None, None),
        about: str = "",
    ) -> list[AuditRecord]:
        """Up to `most` sealed records behind `after` (number and id), in the order of their numbers.

        `numbers` are the first and last wanted, `instants` the first and the one
        after the last. `about` is an id that is the subject or stands in the facts.
        ValueError or TypeError if one of them cannot be read, because it was changed.
        """
        wanted: list[ColumnElement[bool]] = [audit_records.c.number.is_not(None)]
        if after is not None:
            number, record_id = after
            behind = or_(audit_records.c.number > number, audit_records.c.id > record_id)
            wanted.append(and_(audit_records.c.number >= number, behind))
        (first, last), (since, until) = numbers, instants
        wanted += [audit_records.c.number >= first] if first is not None else []
        wanted += [audit_records.c.number <= last] if last is not None else []
        wanted += [audit_records.c.at >= since] if since is not None else []
        wanted += [audit_records.c.at < until] if until is not None else []
        if about:
            told = cast(audit_records.c.facts, Text).contains(about, autoescape=True)
            wanted.append(or_(audit_records.c.subject.contains(about, autoescape=True), told))
        rows = self._connection.execute(
            select(audit_records).where(*wanted).order_by(audit_records.c.number, audit_records.c.id).limit(most)
        ).mappings()
        return [_record(row) for row in rows]

    def with_number(self, number: int) -> AuditRecord | None:
        """The sealed record with this number, if there is one."""
        row = self._connection.execute(
            select(audit_records).where(audit_records.c.number == number).limit(1)
        ).mappings().one_or_none()  # fmt: skip
        return _record(row) if row else None

    def blank(self, record_id: str, actor: str, reason: str, at: datetime) -> bool:
        """Take the private texts out of a record, and note by whom and why. False if it has none.

        The reason must name nobody: it is kept as a fact, and never erased.
        """
        blanked = self._connection.execute(
            update(audit_records)
            .where(audit_records.c.id == record_id, audit_records.c.private.is_not(None))
            .values(private=null())
        )
        if blanked.rowcount != 1:
            return False
        self.note(actor, AuditKind.TEXT_ERASED, f"record:{record_id}", {"reason": reason}, at)
        return True

    def is_blanked(self, record_id: str) -> bool:
        """Whether it is on record that the private texts of a record were taken out."""
        told = select(func.count()).where(
            audit_records.c.subject == f"record:{record_id}",
            audit_records.c.kind == AuditKind.TEXT_ERASED.value,
        )
        return bool(self._connection.execute(told).scalar_one())


def _record(row: RowMapping | Mapping[str, Any]) -> AuditRecord:
    """The record of a row. ValueError if it was changed into something else than a record."""
    record = AuditRecord(**{name: row[name] for name in AuditRecord.__slots__})
    if not isinstance(record.number, int) or not isinstance(record.facts, dict):
        raise ValueError("a record without a number or facts")
    return record
