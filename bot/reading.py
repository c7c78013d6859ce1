"""What one message says: the step from raw bytes to a reading that can be decided on.

A pure function of the bytes and the model. It runs in a process of its own, so
that a message which takes too long or too much can be ended without loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.codes import candidates
from bot.language.subjects import message_text, own_subject
from bot.language.understanding import Understanding, Understands
from bot.mail.bounces import BounceReport, read_bounce
from bot.mail.compose import REPLY_MARKER
from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import UNREADABLE, parse
from bot.mail.reply_text import split
from handlers.contract import Slots


@dataclass(frozen=True, slots=True)
class Reading:
    """A message, read."""

    from_address: str
    """The one well-formed address of the one From header; empty if there is none."""
    from_defect: str
    subject: str
    rfc_message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    ignore: str = ""
    """Why it must not be answered; empty if it may be."""
    bounce: BounceReport | None = None
    """What it says of a letter of ours that came back, if it is not to be answered and says that."""
    is_readable: bool = True
    is_too_long: bool = False
    """Whether it is unreadable only because it holds more text than is read."""
    attachments: int = 0
    live: str = ""
    quoted: str = ""
    doubtful: bool = False
    """Whether it is uncertain what is live and what is quoted."""
    codes: tuple[tuple[str, str], ...] = ()
    """What looks like a code: as written, and as we spell it."""
    rest: str = ""
    """The live text with the codes taken out."""
    understanding: Understanding = field(default_factory=Understanding)
    """Of `rest`."""
    slots: Slots = field(default_factory=Slots)
    """Every detail in `rest`, whatever the request: for answers to what we asked."""


def is_heavy(raw: bytes, limits: Limits) -> bool:
    """Whether reading may take so long that ordinary messages should not wait for it. Tells by the size alone."""
    return len(raw) > limits.light_message_bytes


def read(raw: bytes, mail_from: str, *, own_address: str, understands: Understands, limits: Limits) -> Reading:
    """Read one message. Never raises on any bytes; what cannot be read says so."""
    mail = parse(raw, limits)
    head = Reading(
        from_address=mail.from_address,
        from_defect=mail.from_defect,
        subject=mail.subject,
        rfc_message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        is_readable=mail.is_readable,
        is_too_long=UNREADABLE.intersection(mail.defects) == {"text_over_limit"},
        attachments=len(mail.attachments),
    )
    ignore = ignore_reason(mail, mail_from, {own_address})
    if ignore:
        return replace(head, ignore=ignore, bounce=read_bounce(raw, limits))
    parts = split(mail.text)
    rest = without_codes(parts.live)
    return replace(
        head,
        live=parts.live,
        quoted=parts.quoted,
        doubtful=parts.doubtful,
        codes=candidates(parts.live),
        rest=rest,
        understanding=understands.understand(own_subject(mail.subject), rest, adoptable(parts.quoted)),
        slots=understands.details(rest),
    )


def read_head(raw: bytes, mail_from: str, own_address: str) -> Reading:
    """Who sent a message and what it answers, from its header section alone: for one whose reading failed."""
    end = min((at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=len(raw))
    mail = parse(raw[:end] + b"\r\n\r\n", Limits())
    return Reading(
        from_address=mail.from_address,
        from_defect=mail.from_defect,
        subject=mail.subject,
        rfc_message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        ignore=ignore_reason(mail, mail_from, {own_address}) or "",
    )


def adoptable(quoted: str) -> str:
    """Quoted text that a message may make its own ("go ahead with the below"); never a letter of ours.

    What our letters ask is answered by a code or a fact, and has a place of its
    own; the words of their footer are nobody's request.
    """
    return "" if REPLY_MARKER in quoted else quoted


def without_codes(live: str) -> str:
    """Live text without what looks like a code of ours."""
    for written, _code in candidates(live):
        live = live.replace(written, " ")
    return live


def own_words(raw: bytes) -> tuple[str, str]:
    """The subject, where its sender wrote it, and the live text of a message without its codes."""
    mail = parse(raw, Limits())
    return own_subject(mail.subject), without_codes(split(mail.text).live)


def read_text(raw: bytes) -> str:
    """The words of a message that were understood, to which the spans of its details refer."""
    return message_text(*own_words(raw))


def text_of(raw: bytes) -> str:
    """The whole decoded text of a message, quoted parts included, for staff to read."""
    mail = parse(raw, Limits())
    return f"Subject: {mail.subject}\nFrom: {mail.from_address or mail.from_defect}\n\n{mail.text}"
