"""A letter of ours that came back: what the report says of each recipient. Which letter it was is not read here.

A bounce is unsigned words from anywhere. It proves nothing, so it must not choose what it is about: the letter is the
one whose keyed envelope sender the bounce came to (`addresses.outbox_of`), and what the report says only colors it.
Structure is read first (RFC 3464), then the header that Exim and Gmail add, then the text, where flufl.bounce knows the
manners of many old systems. It gets lines of our making, few and short, for its patterns take square time and worse.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32

from flufl.bounce import all_failures

from bot.mail.addresses import is_addr_spec
from bot.mail.bounce_text import failed_addresses, reason_for, told_lines
from bot.mail.delivery_status import (
    DIAGNOSTIC_CHARACTERS,
    STATUS_TYPES,
    DeliveryStatus,
    RecipientReport,
    judged,
    merged,
    read_delivery_status,
)
from bot.mail.failure_words import BOUNCE_SUBJECT, DAEMONS, DELAY_SENTENCE, FAILURE_SENTENCE
from bot.mail.headers import HeaderSection, decoded, single_address
from bot.mail.limits import Limits
from bot.mail.mime import Part, read_parts
from bot.mail.report_parts import RETURNED_TYPES, report_type, returned_header, returned_id
from bot.mail.status_codes import Kind, code_within, weakest

_log = logging.getLogger(__name__)

_REPORT = "delivery-status"
_STATED_FIELDS = re.compile(rb"^(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LOOKED_AT_BYTES = 100_000
_FIELD_CHARACTERS = 10_000
_ADDRESS_IN_LIST = re.compile(r"[^\s<>,;\"]{1,64}@[^\s<>,;\"@]{1,190}")
_SIGNS_NEEDED = 2
_NOBODY = "mailer-daemon@unknown.invalid"
"""The library fails on a message from nobody."""
_MOST_STATUS_PARTS = 10
_LIST_COMMA = re.compile(r",\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a bounce claims. None of it is proven."""

    recipients: tuple[RecipientReport, ...]
    """Never empty: where no address is told, one without."""
    source: str
    """Where it was read: "status" (a delivery-status part), "header" (X-Failed-Recipients) or "text"."""
    reporting_mta: str = ""
    original_message_id: str = ""
    """Of the letter that came back, with its angle brackets, where it is returned; else empty."""

    def kind_for(self, address: str) -> Kind:
        """What is claimed of `address`; of all recipients, where it is not named. The weaker claim wins."""
        wanted = address.lower()
        named = [each.kind for each in self.recipients if wanted in (each.address, each.original_address)]
        return weakest(named or [each.kind for each in self.recipients])


def read_bounce(raw: bytes, limits: Limits) -> BounceReport | None:
    """What `raw` reports as a bounce; None if it is no bounce. Never raises, whatever the bytes are.

    Successes and delays are reports, too (RFC 3464 section 2.3.3). Receipts (RFC 8098) and complaints (RFC 5965) are
    none of these, and neither is a letter that a person wrote about a bounce or forwards one with.
    """
    try:
        return _read(raw[: limits.message_bytes], limits)
    except Exception as error:  # A stranger's bytes must not stop the worker, whatever fault of ours they find.
        _log.error("a bounce could not be read: %s", type(error).__name__)
        return None


def _read(raw: bytes, limits: Limits) -> BounceReport | None:
    root, _ = read_parts(raw, limits)
    kind_of_report = report_type(root)
    if kind_of_report not in ("", _REPORT):
        return None
    leaves = tuple(root.leaves())
    lines = told_lines(leaves, limits)
    is_signed = _looks_like_a_bounce(root.section, lines)
    is_report = kind_of_report == _REPORT or root.content_type in STATUS_TYPES
    statuses = _statuses(leaves, limits) if is_report or is_signed else ()
    stated = merged(recipient for status in statuses for recipient in status.recipients)[: limits.recipients]
    message_id = returned_id(returned_header(leaves, limits)) or _id_in_text(leaves, limits)
    if stated:
        mta = next((status.reporting_mta for status in statuses if status.reporting_mta), "")
        return BounceReport(tuple(_explained(each, lines) for each in stated), "status", mta, message_id)
    failed = _failed_recipients(root.section)[: limits.recipients]
    if failed:
        return BounceReport(_from_text(failed, lines, root.section), "header", "", message_id)
    if not is_signed and not is_report:
        return None
    others = _recipients_of(root.section)
    known = tuple(address for address in _heard(root, lines) if address not in others)
    found = (known or failed_addresses(lines, others))[: limits.recipients] or ("",)
    return BounceReport(_from_text(found, lines, root.section), "text", "", message_id)


def _looks_like_a_bounce(section: HeaderSection, lines: Sequence[str]) -> bool:
    """Two of three signs: who sends it, what its subject begins with, what its text says."""
    sender = single_address(section.all("from"))[0] or section.first("from")[:200].lower()
    local = sender.rpartition("@")[0].rpartition("<")[2] or sender
    signs = (
        local in DAEMONS or section.first("return-path").strip() == "<>",
        BOUNCE_SUBJECT.match(decoded(section.first("subject"), 200)) is not None,
        FAILURE_SENTENCE.search(" ".join(lines)) is not None,
    )
    return sum(signs) >= _SIGNS_NEEDED


def _statuses(leaves: Sequence[Part], limits: Limits) -> tuple[DeliveryStatus, ...]:
    """The delivery-status parts of a bounce, and what holds their fields under another type."""
    found: list[DeliveryStatus] = []
    for leaf in leaves:
        if len(found) == _MOST_STATUS_PARTS:
            break
        if leaf.content_type in STATUS_TYPES:
            found.append(read_delivery_status(leaf.content()[0], limits))
        elif leaf.content_type not in RETURNED_TYPES:
            content = leaf.content()[0][:_LOOKED_AT_BYTES]
            if _STATED_FIELDS.search(content) is not None:
                found.append(read_delivery_status(_up_to_returned(content), limits))
    return tuple(found)


def _up_to_returned(content: bytes) -> bytes:
    """A part whose boundaries were not found also holds the returned letter; that starts with its own type."""
    found = re.search(rb"^content-type[ \t]*:[ \t]*(?:message/(?:rfc822|global)\b|text/rfc822)", content, re.I | re.M)
    return content[: found.start()] if found else content


def _explained(recipient: RecipientReport, lines: Sequence[str]) -> RecipientReport:
    """Fields that give no reason at all are read with the text beside them."""
    if recipient.kind is not Kind.UNKNOWN:
        return recipient
    reason = reason_for(recipient.address, lines)
    return _reported(recipient.address, recipient.original_address, reason, recipient.action or "failed")


def _from_text(addresses: Sequence[str], lines: Sequence[str], section: HeaderSection) -> tuple[RecipientReport, ...]:
    told = f"{decoded(section.first('subject'), 200)} {' '.join(lines)}"
    action = "delayed" if DELAY_SENTENCE.search(told) else "failed"
    return tuple(_reported(address, "", reason_for(address, lines), action) for address in addresses)


def _reported(address: str, original: str, reason: str, action: str) -> RecipientReport:
    code = code_within(reason)
    return RecipientReport(
        address, original, judged(code, reason, action), code, decoded(reason, DIAGNOSTIC_CHARACTERS), action
    )


def _failed_recipients(section: HeaderSection) -> tuple[str, ...]:
    """The addresses in X-Failed-Recipients, by which Exim and Gmail name whom they did not reach."""
    values = " ".join(section.all("x-failed-recipients"))[:_FIELD_CHARACTERS].lower()
    return tuple(dict.fromkeys(filter(is_addr_spec, _ADDRESS_IN_LIST.findall(values))))


def _recipients_of(section: HeaderSection) -> frozenset[str]:
    """Whom the bounce itself is addressed to: never one that failed."""
    names = ("to", "cc", "delivered-to", "x-original-to", "from", "reply-to")
    values = " ".join(value[:1_000] for name in names for value in section.all(name)[:5])
    return frozenset(_ADDRESS_IN_LIST.findall(values[:_FIELD_CHARACTERS].lower()))


def _id_in_text(leaves: Sequence[Part], limits: Limits) -> str:
    """The Message-ID in the copy of the letter that older systems write below their words."""
    for leaf in leaves:
        if leaf.content_type == "text/plain" or leaf.content_type.startswith("multipart/"):
            content = leaf.content()[0][: limits.header_bytes]
            found = re.search(rb"^[ \t>]*message-id[ \t]*:[ \t]*(<[^<>\s]{1,500}>)", content, re.I | re.M)
            if found:
                return returned_id(HeaderSection((("message-id", found[1].decode("utf-8", "replace")),), (), 0))
    return ""


def _heard(root: Part, lines: Sequence[str]) -> tuple[str, ...]:
    """The addresses that flufl.bounce finds in our lines, in order of the alphabet."""
    try:
        temporary, permanent = all_failures(_as_message(root, lines))
    except Exception as error:  # It promises nothing about what it is given; what it cannot read we read alone.
        _log.info("the bounce library gave up: %s", type(error).__name__)
        return ()
    found = {address.decode("ascii", "replace").strip().strip("<>").lower() for address in temporary | permanent}
    return tuple(sorted(filter(is_addr_spec, found)))


def _as_message(root: Part, lines: Sequence[str]) -> Message:
    """The message as the library likes it, made from our own reading: ASCII, and one part of bounded text.

    A comma before an address is taken out: its last pattern would take the address between two of them for a failed
    one in any prose, and needs the cube of a line's length.
    """
    text = "\n".join(_LIST_COMMA.sub(" ", line) if "@" in line else line for line in lines)
    part = Message(policy=compat32)
    part["Content-Type"] = "text/plain"
    if root.section.first("content-description") or root.is_container:
        part["Content-Description"] = "Notification"
    part.set_payload(text.encode("ascii", "replace").decode("ascii") + "\n")
    whole = Message(policy=compat32) if root.is_container else part
    sender = single_address(root.section.all("from"))[0]
    whole["From"] = sender if sender.isascii() and sender else _NOBODY
    mailer = decoded(root.section.first("x-mailer"), 100).encode("ascii", "replace").decode("ascii")
    if mailer:
        whole["X-Mailer"] = mailer
    if root.is_container:
        whole["Content-Type"] = "multipart/mixed"
        last = Message(policy=compat32)
        last["Content-Type"] = "text/rfc822-headers"
        last.set_payload("\n")
        whole.set_payload([part, last])
    return whole
