"""DMARC policy records by RFC 9989 sections 4.7 and 4.8: what a domain asks of those who get mail in its name.

Reading never fails. What does not begin as a record is none. What begins as one but cannot be understood stays a
record without a policy: it is not passed over, because the domain did speak, and it proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

LONGEST_RECORD = 8_192
"""Characters of a record that is read. Ordinary ones have 50 to 400; a longer one counts as one without a policy."""


class Policy(Enum):
    """What the domain's owner asks to be done with mail that fails. Order is severity: mildest first."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class Suffix(Enum):
    """What a record says of its own name: whether strangers have names below it (`psd`)."""

    YES = "y"
    NO = "n"
    UNKNOWN = "u"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record. The defaults are those of RFC 9989 section 4.7."""

    policy: Policy | None = None
    """For the domain itself (`p`). None if the record says nothing that can be applied: then DMARC does not apply."""
    subdomain_policy: Policy | None = None
    """For names below it (`sp`); None if not told apart from the domain itself."""
    absent_policy: Policy | None = None
    """For names below it that do not exist (`np`); None if not told apart from those that do."""
    dkim_is_strict: bool = False
    """Whether a signature must be of the very domain (`adkim=s`)."""
    spf_is_strict: bool = False
    """Whether the envelope sender must be of the very domain (`aspf=s`)."""
    suffix: Suffix = Suffix.UNKNOWN
    is_testing: bool = False
    """Whether the owner asks for one degree less than the policies say (`t=y`)."""
    failure_options: frozenset[str] = frozenset("0")
    """Which failures to report (`fo`)."""
    aggregate_addresses: tuple[str, ...] = ()
    """Where summaries go (`rua`): the well-formed addresses, without the size limits of the former version."""
    failure_addresses: tuple[str, ...] = ()
    """Where single failures go (`ruf`)."""


# Spaces and tabs only: the grammar knows no line ends, and nothing stands before the version.
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_NAME = re.compile(r"[A-Za-z]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@$&'()*+=-]|%[0-9A-Fa-f]{2})+")
_MAIL_URI = re.compile(r"mailto:[^@?]+@[^@?]+(?:\?.*)?", re.IGNORECASE)
_SIZE = re.compile(r"![0-9]+[kmgt]?\Z", re.IGNORECASE)
_TAGS = frozenset({"v", "p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf"})
_POLICIES = {policy.value: policy for policy in Policy}
_SUFFIXES = {suffix.value: suffix for suffix in Suffix}
_IS_STRICT = {"r": False, "s": True}
_IS_TESTING = {"n": False, "y": True}
_FAILURES = ("0", "1", "d", "s")


def read_record(text: str) -> DmarcRecord | None:
    """The record that `text` is; None if it does not begin with `v=DMARC1` (section 4.7, "v").

    Unknown tags, the retired `pct`, `ri` and `rf` among them, are ignored, and so are tags with values that the
    grammar does not know, except that an unknown `p`, `sp` or `np` makes the whole policy `none` if there is somebody
    to tell (`rua`), and no policy otherwise (section 4.10.1). A tag given twice leaves no policy (RFC 6376 section
    3.2).
    """
    if _VERSION.match(text[:LONGEST_RECORD]) is None:
        return None
    tags = _tags(text) if len(text) <= LONGEST_RECORD else None
    if tags is None:
        return DmarcRecord()
    aggregate = _addresses(tags.get("rua", ""))
    asked = {name: tags[name].lower() for name in ("p", "sp", "np") if name in tags}
    if "p" in asked and all(value in _POLICIES for value in asked.values()):
        policy, subdomain, absent = (_POLICIES.get(asked.get(name, "")) for name in ("p", "sp", "np"))
    else:
        policy, subdomain, absent = (Policy.NONE if aggregate else None), None, None
    return DmarcRecord(
        policy=policy,
        subdomain_policy=subdomain,
        absent_policy=absent,
        dkim_is_strict=_IS_STRICT.get(tags.get("adkim", "").lower(), False),
        spf_is_strict=_IS_STRICT.get(tags.get("aspf", "").lower(), False),
        suffix=_SUFFIXES.get(tags.get("psd", "").lower(), Suffix.UNKNOWN),
        is_testing=_IS_TESTING.get(tags.get("t", "").lower(), False),
        failure_options=_failure_options(tags.get("fo", "")),
        aggregate_addresses=aggregate,
        failure_addresses=_addresses(tags.get("ruf", "")),
    )


def only_record(texts: Iterable[str]) -> DmarcRecord | None:
    """The record among the TXT records of one name. None if there is none, or more than one (section 4.10, step 2)."""
    found: DmarcRecord | None = None
    for text in texts:
        record = read_record(text)
        if record is None:
            continue
        if found is not None:
            return None
        found = record
    return found


def _tags(text: str) -> Mapping[str, str] | None:
    """The known tags with their values, of whatever letters. None if one is given twice."""
    tags: dict[str, str] = {}
    for piece in text.split(";"):
        name, is_tag, value = (part.strip(" \t") for part in piece.partition("="))
        if not is_tag or _NAME.fullmatch(name) is None or name.lower() not in _TAGS:
            continue
        name = name.lower()
        if name in tags:
            return None
        tags[name] = value
    return tags


def _addresses(value: str) -> tuple[str, ...]:
    """The well-formed addresses in a list of them (section 4.8, dmarc-urilist)."""
    listed = (_SIZE.sub("", address.strip(" \t")) for address in value.split(","))
    return tuple(address for address in listed if _is_address(address))


def _is_address(text: str) -> bool:
    is_mail = text[:7].lower() == "mailto:"
    return _URI.fullmatch(text) is not None and (not is_mail or _MAIL_URI.fullmatch(text) is not None)


def _failure_options(value: str) -> frozenset[str]:
    """The options of `fo`, "0" if they are not of its grammar: each once, and not both 0 and 1."""
    options = value.lower().split(":") if len(value) <= 2 * len(_FAILURES) else []
    chosen = frozenset(options)
    is_told = bool(options) and len(chosen) == len(options) and chosen <= set(_FAILURES) and not chosen >= {"0", "1"}
    return chosen if is_told else frozenset("0")
