"""Questions to the domain name system, as the mail part asks them: one protocol, so that tests bring their own answers.

What has no record and what could not be asked are two things: an absent record is an answer, a failure is none. A check
that treats a failure as "no record" lets whoever can disturb the name servers switch it off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from dns.exception import DNSException
from dns.name import IDNA_2008_Practical

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]
"""The kinds of record that are asked for."""


class DnsFailure(Exception):
    """The name servers did not answer, or not with an answer. Trying again later may work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the name servers said."""

    is_domain: bool
    """Whether the name exists at all, with records of whatever kind (not NXDOMAIN)."""
    records: tuple[str, ...] = ()
    """Those of the kind asked for: the strings of a TXT record joined, else addresses or names without a last dot."""


class Resolver(Protocol):
    """Anything that answers questions."""

    async def lookup(self, name: str, kind: Kind) -> Answer:
        """The records of `kind` at `name`, following aliases. DnsFailure if that could not be found out."""
        ...


NAME_CHARACTERS = 253
"""Of a name as it is written, without its last dot (RFC 1035 section 2.3.4: 255 octets with lengths and root)."""
LABEL_CHARACTERS = 63
"""Of one label (RFC 1035 section 2.3.4)."""
_PRINTABLE = re.compile(r"[ -~]+")


def askable_name(name: str) -> str | None:
    """`name` as it is asked: lower case, U-labels as A-labels, no last dot. None if no such name can exist.

    None for an empty name or label, a label over 63 or a name over 253 octets, control characters, and what IDNA 2008
    (with the mapping of UTS 46) does not allow. Never raises. The root is no name that anybody asks for here.
    """
    written = name.removesuffix(".")
    if not written or len(written) > NAME_CHARACTERS:
        return None
    labels = [_asked_label(label) for label in written.split(".")]
    asked = ".".join(label for label in labels if label is not None)
    return asked if None not in labels and len(asked) <= NAME_CHARACTERS else None


def _asked_label(label: str) -> str | None:
    """One label as it is asked; None if there can be none such."""
    if not label.isascii():
        try:
            label = IDNA_2008_Practical.encode(label).decode("ascii")
        except (DNSException, UnicodeError):
            return None
    if len(label) > LABEL_CHARACTERS or not _PRINTABLE.fullmatch(label):
        return None
    return label.lower()
