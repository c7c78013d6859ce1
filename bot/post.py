"""Puts finished letters into the outbox: rendered, addressed, and with a Message-ID that all tries share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypedDict
from zoneinfo import ZoneInfo

from bot.keys import Keys
from bot.mail.addresses import bounce_address, reply_address
from bot.mail.compose import Attachment, LetterParts, compose, new_message_id
from bot.plan import Plan
from bot.render import LETTER, MAIL, STAFF_NOTICE, Letter, Renderer, Section
from handlers.plan.calendar import PurchaseMonth, coming_purchases
from handlers.timing import COMING_SHOWN
from storage.audit import PROGRAM, AuditKind, digest_of
from storage.conversations import Conversation
from storage.ids import new_id
from storage.outbox import NewLetter
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Answering:
    """The message that a letter answers."""

    rfc_message_id: str
    references: tuple[str, ...]


class _Dates(TypedDict):
    today: date
    coming: tuple[PurchaseMonth, ...]


class Post:
    """Writes letters. What it adds to a transaction goes out once that is committed, and never without it."""

    def __init__(self, plan: Plan, keys: Keys, renderer: Renderer, hostname: str) -> None:
        self._plan = plan
        self._keys = keys
        self._renderer = renderer
        self._hostname = hostname

    def _dates(self, now: datetime) -> _Dates:
        """The day it is in the plan's timezone, and the purchase months to come."""
        book = self._plan.book
        coming = coming_purchases(now, self._plan.calendar(now), book)
        return _Dates(today=now.astimezone(ZoneInfo(book.timezone)).date(), coming=tuple(islice(coming, COMING_SHOWN)))

    def reply(
        self,
        tx: Transaction,
        conversation: Conversation,
        sections: Sequence[Section],
        *,
        cause: str,
        kind: str,
        name: str | None,
        now: datetime,
        answering: Answering | None,
    ) -> str:
        """Answer in a conversation, and return the letter as plain text. Replies come back to its keyed address."""
        letter = self._renderer.letter(
            sections, name=name, reference=conversation.reference, media=MAIL, **self._dates(now)
        )
        self._queue(
            tx,
            letter,
            recipient=conversation.address,
            reply_to=reply_address(self._plan.book.issuer.program_address, conversation.id, self._keys.addresses),
            conversation_id=conversation.id,
            cause=cause,
            kind=kind,
            now=now,
            answering=answering,
            is_answer=True,
        )
        return letter.text

    def page(self, section: Section, now: datetime) -> str:
        """What the confirmation page says, as HTML."""
        return self._renderer.page(section, **self._dates(now))

    def notice(
        self,
        tx: Transaction,
        recipient: str,
        section: Section,
        *,
        cause: str,
        kind: str,
        now: datetime,
        is_for_staff: bool = False,
        name: str | None = None,
        reference: str = "",
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        """Write to somebody of our own accord: to staff, to a holder called `name`, or to a holder's former address."""
        frame = STAFF_NOTICE if is_for_staff else LETTER
        self._queue(
            tx,
            self._renderer.letter(
                [section], name=name, reference=reference, frame=frame, media=MAIL, **self._dates(now)
            ),
            recipient=recipient,
            reply_to=self._plan.book.issuer.program_address,
            conversation_id=None,
            cause=cause,
            kind=kind,
            now=now,
            answering=None,
            is_answer=False,
            has_marker=not is_for_staff,
            attachments=attachments,
        )

    def _queue(
        self,
        tx: Transaction,
        letter: Letter,
        *,
        recipient: str,
        reply_to: str,
        conversation_id: str | None,
        cause: str,
        kind: str,
        now: datetime,
        answering: Answering | None,
        is_answer: bool,
        has_marker: bool = True,
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        """Compose a letter and put it into the outbox."""
        issuer = self._plan.book.issuer
        outbox_id = new_id(now)
        message_id = new_message_id(outbox_id, self._hostname)
        raw = compose(
            LetterParts(subject=letter.subject, text=letter.text, html=letter.html, attachments=attachments),
            program_name=f"{issuer.short_name} {issuer.program}",
            from_address=issuer.program_address,
            to_address=recipient,
            reply_to=reply_to,
            message_id=message_id,
            in_reply_to=answering.rfc_message_id if answering else "",
            references=answering.references if answering else (),
            date=now,
            is_answer=is_answer,
            has_marker=has_marker,
        )
        new = NewLetter(
            id=outbox_id,
            cause=cause,
            kind=kind,
            conversation_id=conversation_id,
            rfc_message_id=message_id,
            recipient=recipient,
            envelope_from=bounce_address(issuer.program_address, outbox_id, self._keys.addresses),
            raw=raw,
        )
        tx.outbox.add(new, now)
        facts = {"cause": cause, "letter": kind, "conversation": conversation_id, "raw": digest_of(raw)}
        tx.audit.note(PROGRAM, AuditKind.LETTER_QUEUED, f"letter:{outbox_id}", facts, now)
