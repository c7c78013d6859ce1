"""The two ways to find out who sent a message: by ourselves, or by what a mail server of ours found before us.

Either way the From address is believed only if a signature that we accept covers the message, belongs to the address's
domain under the tree walk and under the public suffix list, is asked for by the domain's DMARC policy, and was made
over a letter to us. Whatever could not be found out for now is said to be so, and counts as nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.mail.arc import ArcVerdict, arc_key_names, check_arc
from bot.mail.authentication import Arrived, Authentication, Ground
from bot.mail.authres import (
    MethodResult,
    Results,
    arc_result,
    dkim_result,
    dmarc_result,
    spf_result,
    trusted_results,
    written_results,
)
from bot.mail.dkim_check import DkimVerdict, check_dkim, key_names, read_signatures
from bot.mail.dkim_reasons import DkimReason, DkimResult
from bot.mail.dmarc import DmarcResult, DmarcVerdict, Identifier, check_dmarc
from bot.mail.dmarc_records import Policy
from bot.mail.dns import Answer, DnsFailure, Resolver
from bot.mail.headers import HeaderSection, read_header_section
from bot.mail.limits import Limits
from bot.mail.organization import canonical_domain, organizational_domain
from bot.mail.spf import SpfLimits, SpfResult, SpfVerdict, check_spf

Keys = Mapping[str, Answer | DnsFailure]

DEMANDED = ("from", "subject", "date", "to", "message-id", "content-type", "content-transfer-encoding")
"""What a signature must cover to count, unless the settings say otherwise: who, what, when, to whom, which, and how to
read it."""
OPEN_IF_STRAIGHT = frozenset({"to", "message-id", "content-type", "content-transfer-encoding"})
"""What of it a signature may leave open where the message came straight from its writer's own provider.

Large providers sign less: Gmail leaves Content-Type open, Outlook.com To, Yahoo Message-ID and Content-Type, and some
leave the transfer coding. An open field can be changed only by somebody in between, and there is nobody if the client
may send for the envelope sender (SPF) and that is the very address in From. The domain alone would not do: who forwards
a letter within one provider sends it on from there.
"""
SPF_SECONDS = 5.0
"""For SPF, which matters only in that exception."""
KEYS_AT_ONCE = 2
"""Keys of one message that are asked for at the same time: with SPF three questions, so that all the messages that are
looked up together do not fill what the resolver has room for."""
_DISOWNING = frozenset({Policy.QUARANTINE, Policy.REJECT})
_LIMITS = Limits()
_TO_CHARACTERS = 20_000
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_MAILBOX = re.compile(r"(?:[^<>@]*<\s*([^\s<>@]{1,64}@[^\s<>@]{1,253})\s*>|([^\s<>@]{1,64}@[^\s<>@]{1,253}))")
_DKIM_PASSED = ("dkim", "pass")
_NOT_THE_DOMAIN = "another domain of the organization signed it, and the mail server does not say whether that may"


@dataclass(frozen=True, slots=True)
class DirectCheck:
    """Asks name servers and checks signatures itself.

    Whoever writes chooses the domain in From, and with it whose name servers are asked: those of that organization and
    of nobody else. Whatever else a message names (other signers, other envelope senders, relays) could prove nothing,
    so a stranger's slow name servers cannot be put between a provider and its customers' letters.
    """

    resolver: Resolver
    is_ours: Callable[[str], bool]
    """Whether an address is the program's."""
    authserv_id: str
    """The name under which findings are written down."""
    demanded: Collection[str] = DEMANDED

    async def check(self, arrived: Arrived) -> Authentication:
        """What is known of the sender. A failure of the name servers is told as such, and never passes."""
        from_domain = arrived.from_address.rpartition("@")[2]
        organization = organizational_domain(from_domain) or ""
        spf, keys = await asyncio.gather(self._spf(arrived, organization), self._keys(arrived.raw, organization))
        signatures = await asyncio.to_thread(
            check_dkim, arrived.raw, keys, arrived.at, _LIMITS, self.demanded, organization
        )
        is_host_known = spf is not None and spf.result is SpfResult.PASS
        is_straight = is_host_known and arrived.mail_from.lower() == arrived.from_address
        accepted = _accepted(signatures, is_straight=is_straight)
        identifiers = [Identifier("dkim", one.domain) for one in accepted]
        if spf is not None and is_host_known:
            identifiers.append(Identifier("spf", spf.domain))
        dmarc = await check_dmarc(from_domain, identifiers, self.resolver)
        found = _judged(signatures, accepted, dmarc, is_to_us=_is_to_us(arrived.raw, self.is_ours))
        chain = await asyncio.to_thread(_chain_without_keys, arrived.raw)
        results = [
            *([spf_result(spf.result.value, arrived.mail_from)] if spf else []),
            *(dkim_result(one.result.value, one.domain, one.selector, one.algorithm) for one in signatures),
            dmarc_result(dmarc.result.value, dmarc.author_domain or from_domain, dmarc.policy.value),
            *([arc_result(chain.result.value)] if chain else []),
        ]
        is_disowned = dmarc.result is DmarcResult.FAIL and dmarc.policy in _DISOWNING
        return replace(found, results=written_results(self.authserv_id, results), is_disowned=is_disowned)

    async def _spf(self, arrived: Arrived, organization: str) -> SpfVerdict | None:
        """Whether the client may send for the envelope sender; None if that is of another organization than From."""
        if not organization or organizational_domain(arrived.mail_from.rpartition("@")[2]) != organization:
            return None
        return await check_spf(
            arrived.peer,
            arrived.mail_from,
            arrived.helo,
            self.resolver,
            self.authserv_id,
            limits=SpfLimits(seconds=SPF_SECONDS),
        )

    async def _keys(self, raw: bytes, organization: str) -> Keys:
        return await _asked(await asyncio.to_thread(key_names, raw, _LIMITS, organization), self.resolver)


async def relays_said(raw: bytes, resolver: Resolver) -> ArcVerdict:
    """What relays say that they saw, with their keys: for staff who ask about one message, and for nothing else.

    Not for messages as they come in, for strangers choose the names: eleven at most, each as slow as its owner likes.
    """
    return check_arc(raw, await _asked(arc_key_names(raw, _LIMITS), resolver), _LIMITS)


async def _asked(names: Sequence[str], resolver: Resolver) -> Keys:
    """What stands at each of `names`, a few asked at a time."""
    places = asyncio.Semaphore(KEYS_AT_ONCE)

    async def ask(name: str) -> Answer | DnsFailure:
        async with places:
            try:
                return await resolver.lookup(name, "TXT")
            except DnsFailure as failure:
                return failure

    return dict(zip(names, await asyncio.gather(*map(ask, names)), strict=True))


def _chain_without_keys(raw: bytes) -> ArcVerdict | None:
    """The state of the chain of relays where no key could change it: there is none, or it is broken."""
    return None if arc_key_names(raw, _LIMITS) else check_arc(raw, {}, _LIMITS)


def _accepted(signatures: Sequence[DkimVerdict], *, is_straight: bool) -> list[DkimVerdict]:
    """The signatures that count: those that leave nothing open, or nothing that somebody could have changed."""
    return [
        one
        for one in signatures
        if one.reason is DkimReason.PASSED
        or (one.reason is DkimReason.FIELD_UNSIGNED and is_straight and OPEN_IF_STRAIGHT.issuperset(one.unsigned))
    ]


def _judged(
    signatures: Sequence[DkimVerdict], accepted: Sequence[DkimVerdict], dmarc: DmarcVerdict, *, is_to_us: bool
) -> Authentication:
    """What signatures and policy say together; the first finding that keeps the sender from being believed counts."""
    aligned = {identifier.domain for identifier in dmarc.aligned if identifier.kind == "dkim"}
    vouching = next((one for one in accepted if one.domain in aligned), None)
    if vouching is None or dmarc.result is not DmarcResult.PASS:
        could_align = any(one.result is DkimResult.TEMPERROR for one in signatures) or bool(dmarc.undecided)
        if could_align or dmarc.result is DmarcResult.TEMPERROR:
            return Authentication(Ground.NO_ANSWER, note=dmarc.reason, is_temporary=True)
        own = [one for one in signatures if one.reason is not DkimReason.NOT_OF_SENDER]
        if signatures and not own:
            return Authentication(Ground.NOT_ALIGNED, note=DkimReason.NOT_OF_SENDER.value)
        if not accepted:
            return Authentication(Ground.NOT_SIGNED, note=_why_not(own))
        if dmarc.result is DmarcResult.NONE:
            return Authentication(Ground.NO_POLICY, note=dmarc.reason)
        is_judged = dmarc.result in (DmarcResult.PASS, DmarcResult.FAIL)  # It may pass by its host alone.
        return Authentication(Ground.NOT_ALIGNED if is_judged else Ground.FAILED_POLICY, note=dmarc.reason)
    if not is_to_us:
        return Authentication(Ground.NOT_TO_US)
    return Authentication(Ground.VOUCHED, digest=vouching.digest)


@dataclass(frozen=True, slots=True)
class TrustedCheck:
    """Believes what a mail server of ours found, where the message surely came through it.

    Its word is taken for the mathematics of a signature and for DMARC. What it cannot tell of a signature (which fields
    it covers, whether it covers the whole body) is looked at here, for a signature may be genuine and mean nothing.

    Its word on DMARC does not say which proof it rests on: beside a signature it may be the host alone (SPF), and the
    domain's wish that only its very own signature counts (adkim=s) or that strangers have names below it (psd=y) is
    known to that server only. So only a signature by the very domain in From counts, which belongs to it under every
    rule. An identity (header.i) makes no other domain count: signers fill it from the From field unchecked.
    """

    authserv_id: str
    """The name under which that server leaves its findings."""
    is_listed: Callable[[str], bool]
    """Whether a client's address is that server's."""
    is_ours: Callable[[str], bool]
    demanded: Collection[str] = DEMANDED

    async def check(self, arrived: Arrived) -> Authentication:
        """What is known of the sender, without asking anybody."""
        return await asyncio.to_thread(self._check, arrived)

    def _check(self, arrived: Arrived) -> Authentication:
        if not self.is_listed(arrived.peer):
            return Authentication(Ground.NO_RESULTS, note="it did not come from that server")
        section = read_header_section(arrived.raw, 0, len(arrived.raw), _LIMITS)
        results = trusted_results(section.all("authentication-results"), self.authserv_id)
        if results is None:
            return Authentication(Ground.NO_RESULTS)
        written = written_results(results.authserv_id, results.results)
        return replace(self._judged(arrived, results), results=written)

    def _judged(self, arrived: Arrived, results: Results) -> Authentication:
        from_domain = canonical_domain(arrived.from_address.rpartition("@")[2])
        policies = [one for one in results.results if one.method == "dmarc"]
        policy = policies[0].result if len(policies) == 1 else "none"
        named = {canonical_domain(value) for one in policies for value in _values(one, "header", "from")}
        if policy != "pass" or not from_domain or named != {from_domain}:
            grounds = {"none": Ground.NO_POLICY, "temperror": Ground.NO_ANSWER}
            asked = {value.lower() for one in policies for value in _values(one, "policy", "dmarc")}
            is_disowned = policy == "fail" and not asked.isdisjoint(one.value for one in _DISOWNING)
            ground = grounds.get(policy, Ground.FAILED_POLICY)
            return Authentication(ground, note=f"dmarc={policy}", is_disowned=is_disowned)
        proven = {
            (canonical_domain(domain), selector)
            for one in results.results
            if (one.method, one.result) == _DKIM_PASSED
            for domain in _values(one, "header", "d")
            for selector in _values(one, "header", "s") or ("",)
        }
        found = [one for one in read_signatures(arrived.raw, arrived.at, _LIMITS, self.demanded) if _is_of(one, proven)]
        straight = {
            value.lower()
            for one in results.results
            if (one.method, one.result) == ("spf", "pass")
            for value in _values(one, "smtp", "mailfrom")
        }
        sound = _accepted(found, is_straight=arrived.from_address in straight)
        if not sound:
            return Authentication(Ground.NOT_SIGNED, note=_why_not(found))
        vouching = next((one for one in sound if one.domain == from_domain), None)
        if vouching is None or organizational_domain(from_domain) is None:
            is_near = any(organizational_domain(one.domain) == organizational_domain(from_domain) for one in sound)
            return Authentication(Ground.NOT_ALIGNED, note=_NOT_THE_DOMAIN if is_near else "")
        if not _is_to_us(arrived.raw, self.is_ours):
            return Authentication(Ground.NOT_TO_US)
        return Authentication(Ground.VOUCHED, digest=vouching.digest)


def _why_not(signatures: Sequence[DkimVerdict]) -> str:
    """Why no signature counts, for people: the reason of the first, with what it leaves open."""
    if not signatures:
        return ""
    first = signatures[0]
    return first.reason.value + (f" ({', '.join(first.unsigned)})" if first.unsigned else "")


def _is_of(verdict: DkimVerdict, proven: Collection[tuple[str | None, str]]) -> bool:
    """Whether a signature is one that was found genuine, as far as the server named it."""
    return (verdict.domain, verdict.selector) in proven or (verdict.domain, "") in proven


def _values(result: MethodResult, kind: str, name: str) -> tuple[str, ...]:
    return tuple(one.value for one in result.properties if (one.type, one.name) == (kind, name))


def _is_to_us(raw: bytes, is_ours: Callable[[str], bool]) -> bool:
    """Whether the To field names us, so that a letter to somebody else cannot be brought here as an order."""
    section: HeaderSection = read_header_section(raw, 0, len(raw), _LIMITS)
    written = section.all("to")
    return len(written) == 1 and any(map(is_ours, addressed(written[0][:_TO_CHARACTERS])))


def addressed(written: str) -> tuple[str, ...]:
    """The addresses in a To field's value, without names and comments, which may say what they like.

    Of what is written oddly (a comment or a quotation that does not end, an angle bracket too many) there are none.
    """
    bare = _QUOTED.sub(" ", written)
    before = ""
    while before != bare:  # The innermost comments first; each round takes away one level of at most _TO_CHARACTERS.
        before, bare = bare, _COMMENT.sub(" ", bare)
    if any(sign in bare for sign in '"()\\'):
        return ()
    items = (item.rpartition(":")[2].strip(" ;") for item in bare.split(","))
    return tuple(found[1] or found[2] for item in items if (found := _MAILBOX.fullmatch(item)))
