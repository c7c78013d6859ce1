"""Whether the sender's domain lets mail come from the address that it came from: SPF, RFC 7208.

spftrace evaluates the records; this gives it our resolver, bounds what it reads, and turns all that it says into one
verdict. A pass says that the host may send for the envelope sender's domain, no more: hosts are shared, so it never
proves alone who wrote a message. Anything that goes wrong, in the name servers or in the library, is a temporary
error and never a pass.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, get_args

from spftrace import BaseResolver, DnsError, Evaluator, Event, Limits, Result, SpfError, SpfPermError, Term
from spftrace.macros import MacroContext, expand, truncate_domain
from spftrace.resolver import NOERROR, NXDOMAIN

from bot.mail.dns import NAME_CHARACTERS, DnsFailure, Kind, Resolver, askable_name

_log = logging.getLogger(__name__)

Identity = Literal["mailfrom", "helo"]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class SpfResult(Enum):
    """The seven results of RFC 7208 section 2.6; the values are the words of RFC 8601."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105  # the word of the RFC, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """What the domain says of the address that its mail came from."""

    result: SpfResult
    identity: Identity
    """What was checked: the envelope sender, or for the null sender the name of the greeting."""
    domain: str
    """Of that identity, lower case, as A-labels; empty if it has none that could be asked for."""
    reason: str
    """One sentence for people: printable ASCII, short. It may quote the domain's record."""
    explanation: str = ""
    """What the domain's owner says about a fail: a stranger's words, printable ASCII, short. Empty unless asked for."""


@dataclass(frozen=True, slots=True)
class SpfLimits:
    """The bounds of one check; those that RFC 7208 section 4.6.4 names are what it says there."""

    dns_terms: int = 10
    void_lookups: int = 2
    seconds: float = 20.0
    """All questions together; the RFC asks for at least 20."""
    questions: int = 122
    """The record, ten terms of at most eleven questions each, and eleven for the name of the address (macro p)."""
    address_characters: int = 320
    """Of an envelope sender: 64 of mailbox, 255 of domain (RFC 5321 section 4.5.3.1)."""
    policy_characters: int = 32_768
    """All records of the check together. The RFC wants one to fit in 512 octets; large senders have some thousands."""
    answer_characters: int = 65_535
    """One answer, whatever it is: no DNS message is larger."""
    explanation_characters: int = 500


_LIMITS = SpfLimits()
_REASON_CHARACTERS = 200
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_UNPRINTABLE = re.compile(r"[^ -~]+")
_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_WORDS: dict[SpfResult, str] = {
    SpfResult.NONE: "the domain publishes no SPF record",
    SpfResult.NEUTRAL: "the domain does not say whether the address may send for it",
    SpfResult.PASS: "the address may send for the domain",
    SpfResult.FAIL: "the address may not send for the domain",
    SpfResult.SOFTFAIL: "the address probably may not send for the domain",
    SpfResult.TEMPERROR: "the name servers gave no answer",
    SpfResult.PERMERROR: "the domain's record cannot be used",
}


async def check_spf(
    peer: str,
    mail_from: str,
    helo: str,
    resolver: Resolver,
    receiver: str,
    *,
    explains: bool = False,
    limits: SpfLimits = _LIMITS,
) -> SpfVerdict:
    """Whether `peer` may send for `mail_from`, or for `helo` if the sender is null (RFC 7208 sections 2.4 and 4).

    `peer` is the client's IP address; with any other ("local") there is nothing to check. `receiver` is our name, as
    the domain's owner may see it in an explanation. Explanations are not asked for unless `explains`. Never raises for
    what a stranger wrote or published; asks at most `limits.questions` questions, one after the other.
    """
    identity: Identity = "mailfrom" if mail_from else "helo"
    address = _address(peer)
    if address is None:
        return SpfVerdict(SpfResult.NONE, identity, "", "the message did not come from an IP address")
    local_part, domain = _sender(mail_from, helo, limits)
    if not domain:
        return SpfVerdict(SpfResult.NONE, identity, "", "the sender has no well-formed domain")
    evaluator = _Evaluator(
        _Questions(resolver, limits),
        Limits(
            max_terms=limits.dns_terms,
            max_void=limits.void_lookups,
            time_limit=limits.seconds,
            max_queries=limits.questions,
        ),
        receiver=receiver,
    )
    evaluator.explanation_characters = limits.explanation_characters if explains else 0
    greeting = askable_name(helo) or helo[:NAME_CHARACTERS]
    try:
        found = await evaluator.evaluate(address, f"{local_part}@{domain}", greeting)
        result = SpfResult(found.verdict)
    except Exception as error:
        _log.error("an SPF check broke off: %s", type(error).__name__)
        return SpfVerdict(SpfResult.TEMPERROR, identity, domain, "the check broke off")
    explanation = _plain(found.explanation or "", limits.explanation_characters)
    return SpfVerdict(result, identity, domain, _reason(result, found), explanation)


class _Questions(BaseResolver):
    """The library's questions, asked of our resolver. One for each check: it counts what the check has read."""

    def __init__(self, resolver: Resolver, limits: SpfLimits) -> None:
        self._resolver = resolver
        self._limits = limits
        self._policy_characters = 0

    async def _lookup(self, name: str, rtype: str) -> tuple[str, list[str]]:
        """Its code for what came of it, and the records."""
        if not name.isascii():
            # Macros made it of a mailbox beyond ASCII, and such a term matches nothing (RFC 8616 section 4).
            return NXDOMAIN, []
        try:
            answer = await self._resolver.lookup(name, _KINDS[rtype])
        except DnsFailure as failure:
            raise DnsError(str(failure)) from failure
        if not answer.is_domain:
            return NXDOMAIN, []
        if sum(map(len, answer.records)) > self._limits.answer_characters:
            raise DnsError("an answer too long")
        if rtype == "TXT":
            self._count(answer.records)
        return NOERROR, list(answer.records)

    def _count(self, texts: Sequence[str]) -> None:
        self._policy_characters += sum(len(text) for text in texts if text[:6].lower() == "v=spf1")
        if self._policy_characters > self._limits.policy_characters:
            raise SpfPermError(f"its records have more than {self._limits.policy_characters} characters")


class _Unkept(list[str]):
    """Warnings that nobody reads: it keeps none, so that the library need not look through them for each new one."""

    def __contains__(self, warning: object) -> bool:
        return True


class _Evaluator(Evaluator):
    """The library's evaluation, with bounded explanations and without its list of warnings."""

    explanation_characters = 0

    def _begin(self) -> None:
        super()._begin()
        self.warnings = _Unkept()

    async def _explanation(self, ip: _Address, domain: str, sender: str, helo: str, exp_term: Term) -> str | None:
        """What the owner says of the fail, with its macros filled in (RFC 7208 section 6.2). None if it cannot be had.

        The library's own does not know that an explanation may hold spaces, and fills in texts of any length.
        """
        if not self.explanation_characters:
            return None
        context = MacroContext(
            ip=ip, sender=sender, helo=helo, domain=domain, receiver=self.receiver, session=self.session
        )
        try:
            with self.session.void_exempt():
                target = truncate_domain(await expand(exp_term.arg or "", context))
                _, texts = await self.session.query(target, "TXT")
                if len(texts) != 1 or len(texts[0]) > self.explanation_characters:
                    return None
                return " ".join([await expand(word, context, exp=True) for word in texts[0].split(" ")])
        except (SpfError, DnsError, ValueError):
            return None


def _address(peer: str) -> str | None:
    """The client's IP address without its scope. One of IPv4 within IPv6 the library takes for what it is."""
    address = peer.partition("%")[0]
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return None
    return address


def _sender(mail_from: str, helo: str, limits: SpfLimits) -> tuple[str, str]:
    """Mailbox and domain to check; the domain is empty if there is none (RFC 7208 sections 2.4, 4.1 and 4.3)."""
    if len(mail_from) > limits.address_characters:
        return "", ""
    local_part, _, domain = mail_from.rpartition("@") if "@" in mail_from else ("", "", "" if mail_from else helo)
    asked = askable_name(domain) or ""
    return local_part or "postmaster", asked if _DOMAIN.fullmatch(asked) else ""


def _reason(result: SpfResult, found: Result) -> str:
    """The verdict in words, with the term of the record that decided or what is wrong with it."""
    return _plain(_WORDS[result] + _because(found.trace.events), _REASON_CHARACTERS)


def _because(events: Sequence[Event]) -> str:
    """The last that the library says of why: a fault in the record, no matching term, or the term that matched."""
    for event in reversed(events):
        match event.kind, event.data:
            case "exit", {"result": "permerror", "reason": str(fault)}:
                return f": {fault}"
            case "exit", _:
                return ""
            case "eval_done", {"reason": "default"}:
                return ": no term of its record matches"
            case "mech_match", {"raw": str(term)}:
                return f': "{term}"'
    return ""


def _plain(text: str, most: int) -> str:
    """A stranger's text made harmless: printable ASCII, on one line, cut."""
    return _UNPRINTABLE.sub("?", text[: most * 4])[:most]
