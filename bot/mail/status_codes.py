"""What a status code says about an address: is it bad, was only this letter refused, or is it a matter of time?

Class 5 alone says little. A full mailbox, a letter too large and an address that never was are all "permanent", and
only the last is a reason to stop writing to somebody. The table here keeps them apart; what it does not know counts as
the weaker claim. The codes are those of RFC 3463 and of the registry that RFC 5248 began.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What became of a letter to one recipient."""

    DELIVERED = "delivered"
    """It is in the mailbox."""
    RELAYED = "relayed"
    """It went on to where no more is told, or to the members of a list."""
    SOFT = "soft"
    """Try later: full, busy, unreachable, or still being tried."""
    REFUSED = "refused"
    """This letter was refused, for its content, its size or its sender. The address may be good."""
    HARD = "hard"
    """The address is bad."""
    UNKNOWN = "unknown"
    """It failed, and nothing says why."""


WEAKEST_FIRST = (Kind.DELIVERED, Kind.RELAYED, Kind.SOFT, Kind.REFUSED, Kind.HARD)
"""UNKNOWN is not among them: it claims nothing."""

ADDRESS_IS_BAD, LETTER_WAS_REFUSED, TRY_LATER = Kind.HARD, Kind.REFUSED, Kind.SOFT

PERMANENT: Mapping[str, Kind] = MappingProxyType({
    "1.1": ADDRESS_IS_BAD,  # no such mailbox
    "1.2": ADDRESS_IS_BAD,  # no such mail domain
    "1.3": ADDRESS_IS_BAD,  # the address is malformed
    "1.4": LETTER_WAS_REFUSED,  # the address means several mailboxes
    "1.6": ADDRESS_IS_BAD,  # moved, and left no other address
    "1.7": LETTER_WAS_REFUSED,  # the sender's address is malformed
    "1.8": LETTER_WAS_REFUSED,  # the sender's domain is bad
    "1.9": LETTER_WAS_REFUSED,  # handed to a system that does not speak the protocol (RFC 3886)
    "1.10": ADDRESS_IS_BAD,  # the domain takes no mail (RFC 7505); Exchange: recipient not found
    "2.1": ADDRESS_IS_BAD,  # the mailbox is closed
    "2.2": TRY_LATER,  # the mailbox is full
    "2.3": LETTER_WAS_REFUSED,  # longer than the mailbox takes
    "2.4": LETTER_WAS_REFUSED,  # a list could not be expanded
    "3.1": TRY_LATER,  # the system is full
    "3.2": TRY_LATER,  # the system takes no mail now
    "3.3": LETTER_WAS_REFUSED,  # the system lacks a feature that the letter needs
    "3.4": LETTER_WAS_REFUSED,  # longer than the system takes
    "3.5": TRY_LATER,  # the system is set up wrongly
    "4.1": TRY_LATER,  # the host did not answer; Exchange Online says it of unknown recipients, too
    "4.2": TRY_LATER,  # the connection broke
    "4.3": TRY_LATER,  # a directory did not answer
    "4.4": ADDRESS_IS_BAD,  # there is no way to the domain
    "4.5": TRY_LATER,  # too much mail at once
    "4.6": TRY_LATER,  # a loop on their side
    "4.7": TRY_LATER,  # too long under way
    "4.14": TRY_LATER,  # Exchange: too many hops
    "7.17": ADDRESS_IS_BAD,  # the mailbox has another owner now (RFC 7293)
    "7.18": ADDRESS_IS_BAD,  # the domain has another owner now (RFC 7293)
})  # fmt: skip
"""Subject and detail of a code of class 5."""

PERMANENT_BY_SUBJECT: Mapping[str, Kind] = MappingProxyType({
    "3": TRY_LATER,  # the receiving system
    "4": TRY_LATER,  # network and routing
    "5": LETTER_WAS_REFUSED,  # protocol
    "6": LETTER_WAS_REFUSED,  # content
    "7": LETTER_WAS_REFUSED,  # security and policy
})  # fmt: skip
"""The other details of a subject. Those of 0, 1 and 2 claim nothing: "other" is said of anything."""

_CODE = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_CODE_WITHIN = re.compile(r"(?<![\w.])([45])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
_REPLY_WITHIN = re.compile(r"(?<![\w.:/+-])([45])[0-5]\d(?=[ \-:,;)]|$)")


def checked_code(value: str) -> str:
    """The code that `value` begins with, without leading zeros; empty if there is none (RFC 3463 section 2)."""
    found = _CODE.match(value)
    return _joined(found) if found else ""


def code_within(text: str) -> str:
    """The first code of class 4 or 5 in free text; empty if there is none. Addresses of hosts are none."""
    found = _CODE_WITHIN.search(text)
    return _joined(found) if found else ""


def reply_class(text: str) -> str:
    """ "4" or "5", the class of the first SMTP reply in free text (RFC 5321 section 4.2.1); empty if there is none."""
    found = _REPLY_WITHIN.search(text)
    return found[1] if found else ""


def kind_of_code(code: str) -> Kind:
    """What a checked code of class 4 or 5 says; UNKNOWN for one that says nothing in particular, such as 5.0.0."""
    if code.startswith("4"):
        return Kind.SOFT
    if not code.startswith("5"):
        return Kind.UNKNOWN
    detail = code[2:]
    return PERMANENT.get(detail) or PERMANENT_BY_SUBJECT.get(detail.partition(".")[0], Kind.UNKNOWN)


def weakest(kinds: Iterable[Kind]) -> Kind:
    """The one that claims least, for what several witnesses say of one address; UNKNOWN if none claims anything."""
    return min((kind for kind in kinds if kind is not Kind.UNKNOWN), key=WEAKEST_FIRST.index, default=Kind.UNKNOWN)


def _joined(found: re.Match[str]) -> str:
    return f"{found[1]}.{int(found[2])}.{int(found[3])}"
