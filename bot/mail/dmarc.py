"""DMARC by RFC 9989: whether what DKIM and SPF proved is about the domain in From, and what its owner asks otherwise.

Two names belong together only where two rules say so: the tree walk of the standard, which asks the names' owners, and
the public suffix list, which their strangers keep. Either can err by joining what does not belong together (a registry
that publishes a record without `psd=y`, a suffix that is not on the list); where they disagree, nothing is proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from bot.mail.dmarc_records import DmarcRecord, Policy, Suffix, only_record
from bot.mail.dns import DnsFailure, Resolver
from bot.mail.organization import LONGEST_DOMAIN, canonical_domain, organizational_domain

MOST_WALKED = 10
"""Identifiers whose organization is looked up for one message; the rest counts as not aligned.

A walk asks for eight names at most, the last of them shared, so one message costs at most 8 + 10 × 7 questions for
records and one for the existence of the domain. An ordinary one costs two to four.
"""
MOST_IDENTIFIERS = 100
"""Identifiers that are looked at at all."""
_LABELS_WALKED = 7
"""Longest name that a walk asks for besides the one it starts at (RFC 9989 section 4.10, step 4)."""
_PREFIX = "_dmarc."

IdentifierKind = Literal["dkim", "spf"]


class DmarcResult(Enum):
    """What came out, in the words of RFC 8601 section 2.7.4 (there by way of RFC 7489)."""

    NONE = "none"
    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A domain that was proven: a good signature's `d=`, or the envelope sender's where SPF passed (section 4.4)."""

    kind: IdentifierKind
    domain: str


@dataclass(frozen=True, slots=True)
class DmarcVerdict:
    """What is known of the domain in From."""

    result: DmarcResult
    reason: str
    """A sentence for people. It names no domain."""
    author_domain: str = ""
    """The domain in From as it was compared; empty if it is none."""
    policy: Policy = Policy.NONE
    """What the owner asks to be done with mail that fails, for this domain and with testing counted in."""
    record_domain: str | None = None
    """Where the policy was found."""
    organizational_domain: str | None = None
    """The organization behind the domain, by the tree walk."""
    aligned: tuple[Identifier, ...] = ()
    """Those that belong to the domain in From under both rules, in the order given. Empty unless the result is pass."""
    undecided: tuple[Identifier, ...] = ()
    """Those that could not be judged because the name servers failed. Trying again may align them."""

    @property
    def dkim_aligned(self) -> bool:
        """Whether a signature proves the domain in From, under both rules."""
        return any(identifier.kind == "dkim" for identifier in self.aligned)

    @property
    def spf_aligned(self) -> bool:
        """Whether the envelope sender proves the domain in From, under both rules."""
        return any(identifier.kind == "spf" for identifier in self.aligned)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a tree walk found: the records on the way up from `start`, the longest name first."""

    start: str
    records: tuple[tuple[str, DmarcRecord], ...]
    is_complete: bool = True
    """Whether every name on the way answered. If not, the records are those below the silent name."""

    def at(self, name: str) -> DmarcRecord | None:
        """The record at exactly `name`."""
        return next((record for where, record in self.records if where == name), None)

    def organizational_domain(self) -> str | None:
        """The organization behind `start` (RFC 9989 section 4.10.2). None if the walk was cut short.

        It is the highest name with a record, or the one below that if the record says that strangers have names there.
        A mark ends the walk, so only the highest record can bear one, and one at `start` itself has no effect.
        """
        if not self.is_complete:
            return None
        if not self.records:
            return self.start
        name, record = self.records[-1]
        if record.suffix is Suffix.YES:
            return ".".join(self.start.split(".")[-(name.count(".") + 2) :])
        return name

    def policy_record(self) -> tuple[str, DmarcRecord] | None:
        """The record in force for `start`, with its name: its own, its organization's, or its suffix's (4.10.1)."""
        suffixes = (name for name, record in self.records if record.suffix is Suffix.YES)
        for name in (self.start, self.organizational_domain() or self.start, *suffixes):
            record = self.at(name)
            if record is not None:
                return name, record
        return None


_Alignment = Literal["aligned", "disputed", "foreign", "unknown"]
_BY_WALK_AND_LIST: Mapping[tuple[bool, bool], _Alignment] = {
    (True, True): "aligned",
    (True, False): "disputed",
    (False, True): "disputed",
    (False, False): "foreign",
}
_PASSED = {
    frozenset({"dkim"}): "A signature proves the sender's domain.",
    frozenset({"spf"}): "The sending server proves the sender's domain.",
    frozenset({"dkim", "spf"}): "A signature and the sending server prove the sender's domain.",
}
_NOT_LOOKED_UP = "The name servers failed, so it is not known whether the sender's domain is proven."
_IS_SUFFIX = "The sender's domain is a public suffix: names below it belong to strangers."
_IS_DISPUTED = "The tree walk and the public suffix list disagree about whether what was proven belongs to the sender."
_IS_FOREIGN = "What was proven does not belong to the sender's domain."
_IS_NOTHING = "Nothing was proven."


def names_walked(domain: str) -> tuple[str, ...]:
    """The names whose records a walk from `domain` may ask for, in order: eight at most (RFC 9989 section 4.10)."""
    labels = domain.split(".")
    parents = range(min(len(labels) - 1, _LABELS_WALKED), 0, -1)
    return (domain, *(".".join(labels[-count:]) for count in parents))


def policy_in_force(record: DmarcRecord, *, is_inherited: bool, is_domain: bool) -> Policy:
    """What `record` asks for a domain: its own policy, or what it says of names below it (section 4.10.1, "t" in 4.7).

    `is_domain` is whether the domain in From exists; it matters only where the record is inherited.
    """
    policy = record.policy or Policy.NONE
    if is_inherited:
        policy = record.subdomain_policy or policy
        policy = policy if is_domain else record.absent_policy or policy
    if record.is_testing:
        severities = list(Policy)
        policy = severities[max(severities.index(policy) - 1, 0)]
    return policy


async def check_dmarc(from_domain: str, identifiers: Sequence[Identifier], resolver: Resolver) -> DmarcVerdict:
    """Whether one of `identifiers`, which all passed their own check, proves that `from_domain` sent the message.

    A failure of the name servers is `temperror` wherever the answer could have changed the result. A domain that is no
    domain name, or has one label, is `permerror`; one that is a public suffix never passes.
    """
    author = canonical_domain(from_domain)
    if author is None or "." not in author:
        return DmarcVerdict(DmarcResult.PERMERROR, "The sender's domain is not a domain name.")
    lookups = _Lookups(resolver)
    walk = await lookups.walk(author)
    found = walk.policy_record()
    if found is None and not walk.is_complete:
        return DmarcVerdict(DmarcResult.TEMPERROR, "The sender's DMARC policy could not be looked up.", author)
    if found is None:
        return DmarcVerdict(DmarcResult.NONE, "The sender's domain has no DMARC policy.", author)
    name, record = found
    known = DmarcVerdict(
        DmarcResult.NONE, "", author, record_domain=name, organizational_domain=walk.organizational_domain()
    )
    if record.policy is None:
        return replace(known, reason="The sender's domain has a DMARC record, but no policy that can be read from it.")
    is_suffix = organizational_domain(author) is None or (name == author and record.suffix is Suffix.YES)
    judged = {} if is_suffix else await _judged(walk, record, identifiers, lookups)
    policy, is_known = await _policy(record, author, lookups, is_inherited=name != author)
    result, reason = _result(judged, is_suffix=is_suffix, is_policy_known=is_known)
    return replace(
        known,
        result=result,
        reason=reason,
        policy=policy,
        aligned=tuple(identifier for identifier, alignment in judged.items() if alignment == "aligned"),
        undecided=tuple(identifier for identifier, alignment in judged.items() if alignment == "unknown"),
    )


class _Lookups:
    """The questions asked for one message. Each name is asked for once; a name that was silent stays so."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[str, DmarcRecord | DnsFailure | None] = {}

    async def walk(self, start: str) -> Walk:
        """The walk up from `start`. It ends at a record with `psd=n` or `psd=y`, or at a name that is silent."""
        records: list[tuple[str, DmarcRecord]] = []
        for name in names_walked(start):
            if name not in self._known:
                self._known[name] = await self._asked(name)
            record = self._known[name]
            if isinstance(record, DnsFailure):
                return Walk(start, tuple(records), is_complete=False)
            if record is not None:
                records.append((name, record))
                if record.suffix is not Suffix.UNKNOWN:
                    break
        return Walk(start, tuple(records))

    async def is_domain(self, name: str) -> bool:
        """Whether `name` exists (RFC 8020, as RFC 9989 section 3.2.13 asks). DnsFailure if that is not known."""
        return (await self._resolver.lookup(name, "A")).is_domain

    async def _asked(self, name: str) -> DmarcRecord | DnsFailure | None:
        if len(_PREFIX + name) > LONGEST_DOMAIN:
            return None  # No name server can hold a record there.
        try:
            return only_record((await self._resolver.lookup(_PREFIX + name, "TXT")).records)
        except DnsFailure as failure:
            return failure


async def _judged(
    walk: Walk, record: DmarcRecord, identifiers: Sequence[Identifier], lookups: _Lookups
) -> dict[Identifier, _Alignment]:
    """Each identifier with whether it belongs to the domain in From (RFC 9989 section 4.10.2, and the list)."""
    own, own_by_list = walk.organizational_domain(), organizational_domain(walk.start)
    judged: dict[Identifier, _Alignment] = {}
    to_walk: dict[str, list[Identifier]] = {}
    for identifier in identifiers[:MOST_IDENTIFIERS]:
        domain = canonical_domain(identifier.domain)
        is_strict = record.dkim_is_strict if identifier.kind == "dkim" else record.spf_is_strict
        if domain == walk.start:
            judged[identifier] = "aligned"
        elif domain is None or is_strict:
            judged[identifier] = "foreign"
        elif own is None:
            judged[identifier] = "unknown" if organizational_domain(domain) == own_by_list else "foreign"
        elif f".{domain}".endswith(f".{own}"):
            judged[identifier] = "foreign"
            to_walk.setdefault(domain, []).append(identifier)
        else:  # A walk only goes up, so it cannot lead to an organization that is not above: nothing need be asked.
            judged[identifier] = _BY_WALK_AND_LIST[False, organizational_domain(domain) == own_by_list]
    # Those that can align come first: strangers' signatures, however many, do not use up what may be asked.
    for domain in sorted(to_walk, key=lambda domain: organizational_domain(domain) != own_by_list)[:MOST_WALKED]:
        is_same_by_list = organizational_domain(domain) == own_by_list
        other = (await lookups.walk(domain)).organizational_domain()
        alignment = _BY_WALK_AND_LIST[other == own, is_same_by_list]
        if other is None:
            alignment = "unknown" if is_same_by_list else "foreign"
        judged.update(dict.fromkeys(to_walk[domain], alignment))
    return judged


async def _policy(record: DmarcRecord, author: str, lookups: _Lookups, *, is_inherited: bool) -> tuple[Policy, bool]:
    """What is asked for the domain in From, and whether that is known: if not, it is the severer of what it may be."""
    if_domain, if_absent = (
        policy_in_force(record, is_inherited=is_inherited, is_domain=is_domain) for is_domain in (True, False)
    )
    if if_domain is if_absent:
        return if_domain, True
    try:
        return (if_domain if await lookups.is_domain(author) else if_absent), True
    except DnsFailure:
        return max(if_domain, if_absent, key=list(Policy).index), False


def _result(
    judged: Mapping[Identifier, _Alignment], *, is_suffix: bool, is_policy_known: bool
) -> tuple[DmarcResult, str]:
    """The result and its reason. One aligned identifier is enough; a failure counts where it could have been one."""
    alignments = set(judged.values())
    if "aligned" in alignments:
        kinds = frozenset(identifier.kind for identifier, alignment in judged.items() if alignment == "aligned")
        return DmarcResult.PASS, _PASSED[kinds]
    if "unknown" in alignments or not is_policy_known:
        return DmarcResult.TEMPERROR, _NOT_LOOKED_UP
    if is_suffix:
        return DmarcResult.FAIL, _IS_SUFFIX
    if "disputed" in alignments:
        return DmarcResult.FAIL, _IS_DISPUTED
    return DmarcResult.FAIL, _IS_FOREIGN if judged else _IS_NOTHING
