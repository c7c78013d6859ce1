"""Complaints: what a mailbox provider reports when somebody presses "this is junk" on a letter of ours (RFC 5965).

Like a bounce it proves nothing and must not choose which letter it is about. Providers blacken who complained
(RFC 6590), so the address is often missing; the letter is known by the keyed address that the report came to, or by
the Message-ID if it is returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from bot.mail.delivery_status import address_of
from bot.mail.headers import HeaderSection, decoded, sent_at
from bot.mail.limits import Limits
from bot.mail.mime import Part, read_parts
from bot.mail.report_parts import RETURNED_TYPES, blocks, report_type, returned_header, returned_id

FEEDBACK_TYPE = "message/feedback-report"
_REPORT = "feedback-report"
OTHER = "other"
TYPES = frozenset({
    "abuse",  # unwanted (RFC 5965 section 7.3)
    "fraud",  # a swindle
    "virus",
    "not-spam",  # taken for junk by mistake (RFC 6430)
    "opt-out",  # wants no more from this sender
    "opt-out-list",  # wants no more of this list
    "auth-failure",  # a signature or policy failed (RFC 6591)
    OTHER,
})  # fmt: skip
MOST_INCIDENTS = 1_000_000
_TEXT_CHARACTERS = 200
_HOTMAIL_RECIPIENT = "x-hmxmroriginalrecipient"
_STATED = re.compile(rb"^feedback-type[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """What a complaint claims. None of it is proven."""

    feedback_type: str
    """One of TYPES; what is not registered is "other"."""
    original_recipient: str = ""
    """Who complains, as lower-case addr-spec; empty where it is left out or blackened."""
    original_sender: str = ""
    """The envelope sender of the letter complained of, as lower-case addr-spec."""
    original_message_id: str = ""
    """With its angle brackets, where the letter or its header is returned."""
    source_ip: str = ""
    """The host that handed the letter in; empty unless it is a well-formed IPv4 or IPv6 address."""
    reported_domain: str = ""
    user_agent: str = ""
    """The program that reports, one printable line."""
    arrived_at: datetime | None = None
    incidents: int = 1
    """How many letters this stands for, MOST_INCIDENTS at most."""
    auth_failure: str = ""
    """Which check failed, where that is the complaint: adsp, bodyhash, revoked, signature, spf or dmarc (RFC 6591)."""


def read_feedback(raw: bytes, limits: Limits) -> FeedbackReport | None:
    """What `raw` reports as a complaint; None if it is none. Never raises, whatever the bytes are.

    Also Hotmail's older form, which has no report part: the attached letter names who complains.
    """
    root, _ = read_parts(raw[: limits.message_bytes], limits)
    leaves = tuple(root.leaves())
    returned = returned_header(leaves, limits)
    part = _feedback_part(root, leaves)
    if part is not None:
        fields = HeaderSection(tuple(field for block in blocks(part, limits) for field in block), (), 0)
        return _report(fields, returned)
    if report_type(root) == _REPORT:
        return FeedbackReport(OTHER, original_message_id=returned_id(returned))
    recipient = address_of(returned.first(_HOTMAIL_RECIPIENT)) if returned else ""
    return FeedbackReport("abuse", recipient, "", returned_id(returned)) if recipient else None


def _feedback_part(root: Part, leaves: tuple[Part, ...]) -> bytes | None:
    """The content of the part with the fields; under a wrong type only where the message says that it is a report."""
    is_stated = report_type(root) == _REPORT
    for leaf in leaves:
        if leaf.content_type == FEEDBACK_TYPE:
            return leaf.content()[0]
        if is_stated and leaf.content_type not in RETURNED_TYPES:
            content = leaf.content()[0]
            if _STATED.search(content[:100_000]):
                return content
    return None


def _report(fields: HeaderSection, returned: HeaderSection | None) -> FeedbackReport:
    stated = decoded(fields.first("feedback-type"), _TEXT_CHARACTERS).lower()
    return FeedbackReport(
        feedback_type=stated if stated in TYPES else OTHER,
        original_recipient=address_of(fields.first("original-rcpt-to") or fields.first("removal-recipient")),
        original_sender=address_of(fields.first("original-mail-from")),
        original_message_id=returned_id(returned),
        source_ip=_host(fields.first("source-ip")),
        reported_domain=decoded(fields.first("reported-domain"), _TEXT_CHARACTERS).lower(),
        user_agent=decoded(fields.first("user-agent"), _TEXT_CHARACTERS),
        arrived_at=sent_at(fields.first("arrival-date") or fields.first("received-date")),
        incidents=_count(fields.first("incidents")),
        auth_failure=decoded(fields.first("auth-failure"), _TEXT_CHARACTERS).lower(),
    )


def _host(value: str) -> str:
    bare = value[:_TEXT_CHARACTERS].strip().strip("[]")
    bare = bare[5:] if bare.lower().startswith("ipv6:") else bare
    try:
        return str(ip_address(bare)) if "%" not in bare else ""  # What follows a percent sign may be any text.
    except ValueError:
        return ""


def _count(value: str) -> int:
    digits = value.strip()[:10]
    return min(max(int(digits), 1), MOST_INCIDENTS) if digits.isascii() and digits.isdigit() else 1
