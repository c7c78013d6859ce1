"""Mail that a program must not answer: automatic replies, bounces, lists, our own letters coming back (RFC 3834).

An answer to a program can start a loop that ends only when a disk is full. So what shows any sign of having been sent
by one is recorded with its reason and left alone; staff see it. A person's letter shows none of these signs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from string import punctuation
from unicodedata import category, normalize

from bot.mail.addresses import without_extension
from bot.mail.automatic_signs import (
    AGGREGATE_FILE,
    AGGREGATE_SUBJECT,
    AUTOMATIC,
    AUTOMATIC_REPLY,
    BOUNCE,
    BULK,
    LIST,
    LIST_ENVELOPE,
    LIST_SENDER,
    LIST_SIGNS,
    LOOP,
    PRECEDENCE,
    PRECEDENCE_FIELDS,
    PROGRAM_SENDER,
    PROGRAM_SIGNS,
    RECEIPT,
    REPLY_SIGNS,
    REPORT,
    SUPPRESSED,
    UNSUBSCRIBING,
    Sign,
)
from bot.mail.away_words import AWAY_SUBJECT, CALENDAR_SUBJECT, REPLY_SUBJECT
from bot.mail.compose import LOOP_HEADER
from bot.mail.failure_words import BOUNCE_SUBJECT, DAEMONS
from bot.mail.parse import CALENDAR, ParsedMail

__all__ = [
    "AUTOMATIC",
    "AUTOMATIC_REPLY",
    "BOUNCE",
    "BULK",
    "LIST",
    "LOOP",
    "RECEIPT",
    "REPORT",
    "ignore_reason",
    "sameness",
]

_REPORT_TYPES = ("multipart/report", "message/delivery-status", "message/disposition-notification")
_CALENDAR_REPLY = re.compile(r"text/calendar\b.*\bmethod\s*=\s*\"?(?:reply|counter|refresh)\b", re.DOTALL)
_NULL_SENDERS = ("", "<>")
_VALUE_CHARACTERS = 500
_VALUES = 20
"""Fields of one name that are looked at, and characters of each."""

_SAMENESS_CHARACTERS = 20_000
_WORDS = re.compile(r"[!-~]+|[^\s!-~]+")
_NUMBER = "#"
# Names of days and months, in full where the short form is another word ("may", "sat").
_DATE_WORDS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri"
    " january february april june july august september october november december jan feb apr jun jul aug sep sept oct"
    " nov dec am pm utc gmt est edt cst cdt mst mdt pst pdt cet cest"
    " montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember"
    " lundi mardi mercredi jeudi vendredi samedi dimanche janvier février avril juin juillet août septembre octobre"
    " novembre décembre lunes martes miércoles jueves viernes sábado domingo enero febrero abril mayo junio julio"
    " agosto septiembre octubre noviembre diciembre".split()
)
_DATE_WORDS_BY_A_NUMBER = frozenset({"may", "march", "mar", "sat", "sun", "st", "nd", "rd", "th"})


def ignore_reason(mail: ParsedMail, mail_from: str | None, own_addresses: Collection[str]) -> str | None:
    """Why this message must not be answered, None if it may be.

    `mail_from` is the envelope sender: "" is the null sender, None means that it is not known. `own_addresses` are the
    program's; what follows a plus sign in them or in a sender's address does not matter.
    """
    own = {without_extension(address) for address in own_addresses}
    senders = [address for address in (mail.from_address, (mail_from or "").strip("<>").lower()) if address]
    if LOOP_HEADER.lower() in mail.headers or any(without_extension(sender) in own for sender in senders):
        return LOOP
    if any(without_extension(value.strip("<>")) in own for value in _values(mail, "x-loop")):
        return LOOP
    return _report_reason(mail, senders) or _program_reason(mail, mail_from, senders) or _list_reason(mail, senders)


def sameness(live_text: str) -> str:
    """A digest of what a text says, the same where only case, spaces, marks, numbers, dates or times differ.

    A program that writes again and again writes the same words with another ticket number. So may a person: who invests
    every month in the same words has the same digest each month, so it tells a machine only by how often it comes in a
    short time. Hexadecimal; empty for a text without a word or number. The first 20,000 characters count.
    """
    words = list(_folded(live_text[:_SAMENESS_CHARACTERS]))
    kept: list[str] = []
    for at, word in enumerate(words):
        beside = {words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""}
        is_number = word in _DATE_WORDS or (word in _DATE_WORDS_BY_A_NUMBER and _NUMBER in beside)
        folded = _NUMBER if is_number else word
        if folded != _NUMBER or kept[-1:] != [_NUMBER]:
            kept.append(folded)
    return sha256(("dspp-sameness/1\n" + " ".join(kept)).encode("utf-8", "replace")).hexdigest() if kept else ""


def _folded(text: str) -> Iterator[str]:
    """The words of `text`, compared as written small; whatever holds a digit is a number, whichever it is."""
    for found in _WORDS.finditer(normalize("NFKC", text).casefold()):
        word = found[0].strip(punctuation)
        if not word.isascii():
            # Digits of other scripts, and dates written without spaces, are numbers within their words.
            word = "".join(
                _NUMBER if category(letter) == "Nd" else letter for letter in word if category(letter)[0] in "LMN"
            )
            word = re.sub(r"#+", _NUMBER, word)
        elif any(letter.isdigit() for letter in word):
            word = _NUMBER
        if word:
            yield word


def _report_reason(mail: ParsedMail, senders: Collection[str]) -> str | None:
    content_type = _first(mail, "content-type")
    if content_type.startswith(_REPORT_TYPES):
        if "disposition-notification" in content_type:
            return RECEIPT
        return BOUNCE if "delivery-status" in content_type or "report-type" not in content_type else REPORT
    if AGGREGATE_SUBJECT.match(mail.subject) or any(
        AGGREGATE_FILE.fullmatch(file.file_name) for file in mail.attachments
    ):
        return REPORT
    if "x-failed-recipients" in mail.headers or any(_local(sender) in DAEMONS for sender in senders):
        return BOUNCE
    return None


def _program_reason(mail: ParsedMail, mail_from: str | None, senders: Collection[str]) -> str | None:
    submitted = [word for word in map(_keyword, _values(mail, "auto-submitted")) if word not in ("", "no")]
    if submitted:
        return AUTOMATIC_REPLY if "auto-replied" in submitted else AUTOMATIC
    precedences = _precedences(mail)
    if precedences and LIST not in precedences:
        return precedences[0]
    by_reply = _reason_of(mail, REPLY_SIGNS)
    if by_reply or REPLY_SUBJECT.match(mail.subject):
        return by_reply or AUTOMATIC_REPLY
    suppressed = {word for value in _values(mail, "x-auto-response-suppress") for word in re.split(r"[\s,;]+", value)}
    by_program = AUTOMATIC if suppressed & SUPPRESSED else _reason_of(mail, PROGRAM_SIGNS)
    if by_program:
        return AUTOMATIC_REPLY if by_program == AUTOMATIC and AWAY_SUBJECT.search(mail.subject) else by_program
    if mail_from in _NULL_SENDERS or (mail_from is None and _first(mail, "return-path") == "<>"):
        if BOUNCE_SUBJECT.match(mail.subject):
            return BOUNCE
        return AUTOMATIC_REPLY if AWAY_SUBJECT.search(mail.subject) else AUTOMATIC
    if _is_calendar_reply(mail) or any(PROGRAM_SENDER.fullmatch(_local(sender)) for sender in senders):
        return AUTOMATIC
    return None


def _list_reason(mail: ParsedMail, senders: Collection[str]) -> str | None:
    list_fields = {name for name in mail.headers if name.startswith("list-")}
    if list_fields and not (mail.in_reply_to and list_fields <= UNSUBSCRIBING):
        return LIST
    if _reason_of(mail, LIST_SIGNS) or LIST in _precedences(mail):
        return LIST
    others = [sender for sender in senders if sender != mail.from_address]
    is_list = any(LIST_SENDER.fullmatch(_local(sender)) for sender in senders)
    return LIST if is_list or any(LIST_ENVELOPE.fullmatch(_local(other)) for other in others) else None


def _precedences(mail: ParsedMail) -> list[str]:
    """The reasons in what says how much haste there is."""
    words = [_keyword(value) for field in PRECEDENCE_FIELDS for value in _values(mail, field)]
    return [PRECEDENCE[word] for word in words if word in PRECEDENCE]


def _is_calendar_reply(mail: ParsedMail) -> bool:
    """Whether a calendar says yes or no for its owner (RFC 5546 section 3.2.3)."""
    if _CALENDAR_REPLY.match(_first(mail, "content-type")):
        return True
    return mail.kind == CALENDAR and CALENDAR_SUBJECT.match(mail.subject) is not None


def _reason_of(mail: ParsedMail, signs: Iterable[Sign]) -> str | None:
    found = (sign for sign in signs if any(sign.value.match(value) for value in _values(mail, sign.field)))
    return next((sign.reason for sign in found), None)


def _values(mail: ParsedMail, name: str) -> list[str]:
    """The values of the fields `name`, lower case and on one line; only as many and as much as the bounds allow."""
    return [" ".join(value[:_VALUE_CHARACTERS].lower().split()) for value in mail.headers.get(name, ())[:_VALUES]]


def _first(mail: ParsedMail, name: str) -> str:
    return next(iter(_values(mail, name)), "")


def _keyword(value: str) -> str:
    """The word that a field says, without comments and parameters (RFC 3834 section 5); empty if it says none."""
    kept: list[str] = []
    depth = 0
    for letter in value:
        depth += letter == "("
        if not depth:
            kept.append(letter)
        depth -= letter == ")" and depth > 0
    return "".join(kept).partition(";")[0].strip(" \"'").partition(" ")[0]


def _local(address: str) -> str:
    return address.rpartition("@")[0].lower() or address.lower()
