"""The machine-readable part of a bounce (RFC 3464; RFC 6533 for addresses beyond ASCII): who did not get the letter.

It reads what the report claims. It proves nothing: anybody can write one, so which letter it is about is told by the
keyed address that it came to, and a claim is never made stronger than its weakest witness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.mail.failure_words import reason_in_words
from bot.mail.headers import decoded, sent_at, single_address
from bot.mail.limits import Limits
from bot.mail.report_parts import Block, blocks
from bot.mail.status_codes import Kind, checked_code, code_within, kind_of_code, reply_class, weakest

STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
DIAGNOSTIC_CHARACTERS = 200
"""What is kept of a diagnostic, for staff to read."""
_JUDGED_CHARACTERS = 1_000
_FIELD_CHARACTERS = 1_000
_HOST_CHARACTERS = 100

_ACTIONS = (
    ("failed", "failed"),
    ("failure", "failed"),
    ("error", "failed"),  # OpenSMTPD
    ("delayed", "delayed"),
    ("delivered", "delivered"),
    ("relayed", "relayed"),
    ("expanded", "expanded"),
)
"""How an action begins, and which of RFC 3464 section 2.3.3 it is."""
_KIND_OF_ACTION = {
    "delayed": Kind.SOFT,
    "delivered": Kind.DELIVERED,
    "relayed": Kind.RELAYED,
    "expanded": Kind.RELAYED,
}
_NAMING = ("original-recipient", "final-recipient")
_OF_RECIPIENT = frozenset({*_NAMING, "action", "status", "diagnostic-code", "remote-mta", "will-retry-until"})
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What a report claims about one recipient."""

    address: str
    """Lower-case addr-spec of whom the letter did not reach; empty if it is not told or not well formed."""
    original_address: str = ""
    """The address that we wrote to, where the report tells it apart (RFC 3464 section 2.3.1)."""
    kind: Kind = Kind.UNKNOWN
    code: str = ""
    """Status code such as 5.1.1 (RFC 3463); empty if none."""
    diagnostic: str = ""
    """The other system's words, cleaned: one printable line, DIAGNOSTIC_CHARACTERS at most."""
    action: str = ""
    """failed, delayed, delivered, relayed or expanded; empty if it is not told."""
    remote_mta: str = ""
    retry_until: datetime | None = None
    """Until when the other system goes on trying."""

    @property
    def is_final(self) -> bool:
        """Whether the letter is given up, as far as this tells."""
        return self.action == "failed"


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One delivery-status part, read."""

    reporting_mta: str
    recipients: tuple[RecipientReport, ...]


def read_delivery_status(content: bytes, limits: Limits) -> DeliveryStatus:
    """The fields in `content`, `limits.recipients` recipients at most. Whatever the bytes are, it never raises."""
    reporting_mta = ""
    recipients: list[RecipientReport] = []
    for group in _recipients(blocks(content, limits)):
        reporting_mta = reporting_mta or host_of(group.get("reporting-mta", ""))
        if _OF_RECIPIENT.intersection(group) and len(recipients) < limits.recipients:
            recipients.append(_recipient(group))
    return DeliveryStatus(reporting_mta, tuple(recipients))


def judged(code: str, diagnostic: str, action: str = "") -> Kind:
    """What code, words and action say together: the weakest of their claims.

    A permanent code or reply that says nothing in particular is the letter's refusal, not the address's fault.
    """
    told = diagnostic[:_JUDGED_CHARACTERS]
    within, reply = code_within(told), reply_class(told)
    claims = [
        kind_of_code(code),
        kind_of_code(within),
        reason_in_words(told),
        _KIND_OF_ACTION.get(action, Kind.UNKNOWN),
    ]
    if reply == "4":
        claims.append(Kind.SOFT)
    kind = weakest(claims)
    is_permanent = code.startswith("5") or within.startswith("5") or reply == "5"
    return Kind.REFUSED if kind is Kind.UNKNOWN and is_permanent else kind


def address_of(value: str) -> str:
    """The address in a field such as "rfc822; ann@example.com", cleaned; empty if there is none that is well formed."""
    before, semicolon, after = value[:_FIELD_CHARACTERS].partition(";")
    bare = after if semicolon and "@" not in before else before
    return single_address((_ESCAPED.sub(_letter, bare).strip().rstrip(";"),))[0]


def host_of(value: str) -> str:
    """The name in a field such as "dns; mx.example.com", one printable line."""
    before, semicolon, after = value[:_FIELD_CHARACTERS].partition(";")
    return decoded(after if semicolon else before, _HOST_CHARACTERS)


def merged(recipients: Iterable[RecipientReport]) -> tuple[RecipientReport, ...]:
    """Each address once, in order. Where two reports of one address differ, the weaker is kept."""
    kept: dict[str, RecipientReport] = {}
    for recipient in recipients:
        known = kept.get(recipient.address)
        if known is None or weakest((known.kind, recipient.kind)) is not known.kind:
            kept[recipient.address] = recipient
    return tuple(kept.values())


def _recipients(found: Iterable[Block]) -> Iterator[dict[str, str]]:
    """The fields of each recipient. A field that comes again begins the next one, blank line or not."""
    group: dict[str, str] = {}
    for block in found:
        begins = True
        for name, value in block:
            is_next = name in _OF_RECIPIENT and name in group
            is_named_again = begins and name in _NAMING and "final-recipient" in group
            if is_next or is_named_again:
                yield group
                group = {}
            group.setdefault(name, value)
            begins = False
    if group:
        yield group


def _recipient(group: dict[str, str]) -> RecipientReport:
    original, final = (address_of(group.get(name, "")) for name in _NAMING)
    stated = group.get("action", "").strip().lower()
    action = next((action for beginning, action in _ACTIONS if stated.startswith(beginning)), "")
    told = group.get("diagnostic-code", "")[:_FIELD_CHARACTERS].partition(";")
    diagnostic = decoded(told[2] if told[1] else told[0], _JUDGED_CHARACTERS)
    # What follows the code in its own field is a comment, and says more than "5.0.0" does.
    code, comment = checked_code(group.get("status", "")), decoded(group.get("status", ""), DIAGNOSTIC_CHARACTERS)
    kind = judged(code, f"{diagnostic} {comment[len(code) :]}".strip(), action)
    within = code_within(diagnostic)
    return RecipientReport(
        address=final or original,
        original_address=original,
        kind=kind,
        code=within if within and kind_of_code(code) is Kind.UNKNOWN else code,
        diagnostic=diagnostic[:DIAGNOSTIC_CHARACTERS],
        action=action or ("failed" if code.startswith("5") else ""),
        remote_mta=host_of(group.get("remote-mta", "")),
        retry_until=sent_at(group["will-retry-until"]) if group.get("will-retry-until") else None,
    )


def _letter(found: re.Match[str]) -> str:
    """A letter in the escaped form of RFC 6533 section 3; what is no letter stays as written and is then no address."""
    number = int(found[1], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else found[0]
