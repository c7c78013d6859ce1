"""Whose domain a domain is: one written form for names, and the organization behind one by the public suffix list.

Below a public suffix (`com`, `co.uk`) strangers register names, so two names belong together only below the same
registered one. The list's private section counts too: two customers of one host (`a.github.io`, `b.github.io`) are
strangers to each other, and for proving a sender the rule that joins fewer names is the safer one.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import idna
from publicsuffixlist import PSLFILE, PublicSuffixList

LONGEST_DOMAIN = 253
"""Characters of a domain name in text (RFC 1035 section 2.3.4 allows 255 octets on the wire)."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.){{0,126}}{_LABEL}")
_LIST_VERSION = re.compile(r"^// VERSION: (\d{4}-\d{2}-\d{2})", re.MULTILINE)
_LIST_HEAD = 4_000
"""Characters at the start of the list, where it says its date."""


def canonical_domain(domain: str) -> str | None:
    """`domain` as names are compared: lower case, other scripts as A-labels, no last dot. None if it is no name.

    Letters are converted by IDNA 2008 with the mapping of UTS 46, not transitional: `ß` stays a letter of its own and
    does not become `ss`, which is another owner's name. Only letters, digits and hyphens make labels (RFC 5890 section
    2.3.1), and a name whose last label is a number is an address, not a name.
    """
    if len(domain) > LONGEST_DOMAIN + 1:
        return None
    name = domain
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
        except UnicodeError:
            return None
    name = name.removesuffix(".").lower()
    if len(name) > LONGEST_DOMAIN or _DOMAIN.fullmatch(name) is None or name.rpartition(".")[2].isdigit():
        return None
    return name


def organizational_domain(domain: str) -> str | None:
    """The registered name at or above `domain` by the public suffix list. None if there is none: a suffix, or no name.

    Below a top-level domain that the list does not know, names count as registered directly under it, as the list's
    own rule for that case says.
    """
    name = canonical_domain(domain)
    return None if name is None else _suffixes().privatesuffix(name)


def list_date() -> date | None:
    """The day on which the list in use was made; None if it does not say. An old list misses new suffixes."""
    with Path(PSLFILE).open(encoding="utf-8") as opened:
        found = _LIST_VERSION.search(opened.read(_LIST_HEAD))
    return date.fromisoformat(found[1]) if found else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
