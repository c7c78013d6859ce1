"""Which domains vouch for a message by signature (DKIM, RFC 6376), behind a gate stricter than the standard.

A pure function of the message, of the keys that were found and of the moment, so that it can run where a hostile
message may be killed. A signature passes only if it covers what a reader goes by: every From, Subject, Date, To and
Message-ID, the whole body, and the fields that say how the body is read. That it passes says that the signing domain
sent these words once, not that it sent them now or to us: for that, `DkimVerdict.digest` knows a message again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from bot.mail.dkim_fields import (
    RawField,
    SignedMessage,
    read_domain,
    read_selector,
    read_signed_message,
    read_tags,
)
from bot.mail.dkim_gate import DEMANDED_FIELDS, WEAK_ALGORITHMS, Signature, admitted, clock_refusal, open_fields
from bot.mail.dkim_reasons import RESULT_OF, DkimReason, DkimResult
from bot.mail.dkim_verify import ALGORITHMS, read_key, signature_refusal
from bot.mail.dns import Answer, DnsFailure
from bot.mail.limits import Limits
from bot.mail.organization import organizational_domain

SIGNATURES_CHECKED = 5
"""Signatures whose key is asked for. Ordinary mail bears one or two that can say something of its sender."""
SIGNATURES_READ = 20
"""Signature fields that are looked at, topmost first, and get a verdict."""

_DIGESTED = ("from", "subject", "date")
_DIGEST_HEAD = b"dspp-signed/1\n"


@dataclass(frozen=True, slots=True)
class DkimVerdict:
    """What one signature is worth. What could not be read of it is empty."""

    reason: DkimReason
    domain: str = ""
    """The signing domain (d=), in lower-case A-labels."""
    selector: str = ""
    identity: str = ""
    """The signer's identity (i=), printable ASCII with its domain as A-labels; only of a well-formed signature."""
    algorithm: str = ""
    key_bits: int = 0
    digest: str = ""
    """Of what was signed: hex, equal for the same signed message however often and by whatever way it comes. Of each
    signature whose mathematics are right, so also under FIELD_UNSIGNED."""
    unsigned: tuple[str, ...] = ()
    """The demanded fields that stand in the message and that the signature leaves open, under FIELD_UNSIGNED."""

    @property
    def result(self) -> DkimResult:
        """The finding in the words of RFC 8601."""
        return RESULT_OF[self.reason]


def key_names(raw: bytes, limits: Limits, organization: str | None = None) -> tuple[str, ...]:
    """The names whose TXT records hold the keys that `check_dkim` will need, each once; none if no signature can pass.

    At most SIGNATURES_CHECKED, all below `organization` unless that is None. Never raises.
    """
    message = read_signed_message(raw, limits)
    if isinstance(message, DkimReason):
        return ()
    readings = (admitted(message, field) for field in _signature_fields(message))
    names = [
        reading.key_name for reading in readings if isinstance(reading, Signature) and _is_of(organization, reading)
    ]
    return tuple(dict.fromkeys(names[:SIGNATURES_CHECKED]))


def check_dkim(
    raw: bytes,
    keys: Mapping[str, Answer | DnsFailure],
    now: datetime,
    limits: Limits,
    demanded: Collection[str] = DEMANDED_FIELDS,
    organization: str | None = None,
) -> tuple[DkimVerdict, ...]:
    """A verdict for each signature that is looked at, topmost first; none if the message bears none.

    `keys` holds what was found at `key_names`, `now` is the moment of arrival with its zone. `demanded` are the fields,
    in lower case, that a signature must cover where they are present; From always is. Unless `organization` is None,
    signatures of any other are not looked into: whoever wrote them chose whose name servers would be asked. Never
    raises for what `raw` or `keys` hold. A message that cannot be taken apart has one verdict, with the reason and no
    domain.
    """
    return _verdicts(raw, keys, now, limits, demanded, organization)


def read_signatures(
    raw: bytes, now: datetime, limits: Limits, demanded: Collection[str] = DEMANDED_FIELDS
) -> tuple[DkimVerdict, ...]:
    """As `check_dkim`, but all that can be said without keys: PASSED is only a signature that would prove something.

    For where somebody else has done the mathematics and names the domain for which it came out right. Which of several
    signatures that was cannot be told: beside a genuine one that proves little, a stranger can write one that looks
    better. So what keeps one signature of a domain from passing counts for all of them, and one that cannot be read,
    or more than are looked at, for every domain.
    """
    verdicts = _verdicts(raw, None, now, limits, demanded)
    message = read_signed_message(raw, limits)
    if isinstance(message, SignedMessage) and len(message.all("dkim-signature")) > len(verdicts):
        verdicts += (DkimVerdict(DkimReason.TOO_MANY_SIGNATURES),)
    worst: dict[str, DkimVerdict] = {}
    for each in verdicts:
        if each.reason is not DkimReason.PASSED:
            worst.setdefault(each.domain, each)
    spoiling = ((each, worst.get("") or worst.get(each.domain)) for each in verdicts)
    return tuple(
        replace(each, reason=found.reason, unsigned=found.unsigned)
        if found and each.reason is DkimReason.PASSED
        else each
        for each, found in spoiling
    )


def _verdicts(
    raw: bytes,
    keys: Mapping[str, Answer | DnsFailure] | None,
    now: datetime,
    limits: Limits,
    demanded: Collection[str],
    organization: str | None = None,
) -> tuple[DkimVerdict, ...]:
    """The verdicts; without `keys`, as if every key were there and the mathematics right."""
    message = read_signed_message(raw, limits)
    if isinstance(message, DkimReason):
        return (DkimVerdict(message),)
    verdicts: list[DkimVerdict] = []
    checked = 0
    for field in _signature_fields(message):
        reading = admitted(message, field)
        if isinstance(reading, DkimReason):
            verdicts.append(_named(field, reading))
            continue
        if not _is_of(organization, reading):
            verdicts.append(_named(field, DkimReason.NOT_OF_SENDER))
            continue
        checked += 1
        verdict = DkimVerdict(DkimReason.PASSED, reading.domain, reading.selector, reading.identity, reading.algorithm)
        refusal = DkimReason.TOO_MANY_SIGNATURES if checked > SIGNATURES_CHECKED else clock_refusal(reading, now)
        if refusal is None and keys is not None:
            verdict = _with_key(message, reading, keys.get(reading.key_name), verdict)
        elif refusal is None and message.body_hash(reading.body_form) != reading.body_hash:
            refusal = DkimReason.BODY_CHANGED
        verdict = replace(verdict, reason=refusal) if refusal else verdict
        verdicts.append(_with_digest(message, reading, verdict, demanded))
    return tuple(verdicts)


def _is_of(organization: str | None, signature: Signature) -> bool:
    """Whether the signing domain belongs to `organization`; every one does to None."""
    return organization is None or organizational_domain(signature.domain) == organization


def _signature_fields(message: SignedMessage) -> tuple[RawField, ...]:
    return message.all("dkim-signature")[:SIGNATURES_READ]


def _named(field: RawField, reason: DkimReason) -> DkimVerdict:
    """The verdict on a signature that is not admitted, with what can be read of it."""
    tags = read_tags(field.value)
    if isinstance(tags, DkimReason):
        return DkimVerdict(reason)
    algorithm = tags.get("a", "")
    return DkimVerdict(
        reason,
        read_domain(tags.get("d", "")),
        read_selector(tags.get("s", "")),
        algorithm=algorithm if algorithm in ALGORITHMS or algorithm in WEAK_ALGORITHMS else "",
    )


def _with_key(
    message: SignedMessage, signature: Signature, answer: Answer | DnsFailure | None, verdict: DkimVerdict
) -> DkimVerdict:
    """The verdict as the key makes it: still PASSED only if key, body and signature belong together."""
    key = read_key(answer, ALGORITHMS[signature.algorithm])
    if isinstance(key, DkimReason):
        return replace(verdict, reason=key)
    verdict = replace(verdict, key_bits=key.bits)
    if key.is_testing:
        return replace(verdict, reason=DkimReason.KEY_TESTING)
    if key.is_for_exact_domain and signature.identity_domain != signature.domain:
        return replace(verdict, reason=DkimReason.KEY_OTHER_IDENTITY)
    if message.body_hash(signature.body_form) != signature.body_hash:
        return replace(verdict, reason=DkimReason.BODY_CHANGED)
    refusal = signature_refusal(
        key, signature.value, signature.field, message.fields, signature.names, signature.header_form
    )
    return replace(verdict, reason=refusal) if refusal else verdict


def _with_digest(
    message: SignedMessage, signature: Signature, verdict: DkimVerdict, demanded: Collection[str]
) -> DkimVerdict:
    """A verdict that is PASSED so far with its digest, and with the fields that the signature leaves open."""
    if verdict.reason is not DkimReason.PASSED:
        return verdict
    unsigned = open_fields(signature, message, demanded)
    reason = DkimReason.FIELD_UNSIGNED if unsigned else DkimReason.PASSED
    return replace(verdict, reason=reason, unsigned=unsigned, digest=_digest(message, signature))


def _digest(message: SignedMessage, signature: Signature) -> str:
    """A digest over the signing organization, the body and the signed fields of _DIGESTED, all in their relaxed form.

    The relaxed form whatever the signature's own: what relays may change under either form is gone in it, so each
    replay that still passes has the same digest. So it has under each signature of one organization, for a replay may
    leave one of two away: what one of them may leave open does not count, nor does a signature's value, key or time.
    Without a date the Message-ID tells two letters apart. Each piece has its length before it, so that no two messages
    run together.
    """
    organization = organizational_domain(signature.domain) or signature.domain
    pieces = [organization.encode("ascii"), message.body_hash("relaxed")]
    for name in _DIGESTED if message.all("date") else (*_DIGESTED, "message-id"):
        if name in signature.names:
            pieces += [name.encode("ascii") + b":" + field.relaxed() for field in message.all(name)]
    return sha256(_DIGEST_HEAD + b"".join(b"%d:%s" % (len(piece), piece) for piece in pieces)).hexdigest()
