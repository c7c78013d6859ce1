"""What relays before us say that they saw (ARC, RFC 8617): for staff to look at, and for nothing else.

A list or a forwarder changes a message so that its signature breaks; ARC lets it say that the signature was whole when
the message came in, and sign that. Whether to believe such a relay is a question of who it is, and this service
believes none: the verdict never makes a sender known. It tells a person who wonders why a letter is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.mail.dkim_fields import (
    RawField,
    SignedMessage,
    decoded_base64,
    key_name,
    read_domain,
    read_forms,
    read_names,
    read_selector,
    read_signed_message,
    read_tags,
)
from bot.mail.dkim_reasons import DkimReason
from bot.mail.dkim_verify import ALGORITHMS, read_key, signature_refusal
from bot.mail.dns import Answer, DnsFailure
from bot.mail.limits import Limits
from bot.mail.smtp_text import printable

SETS_CHECKED = 10
"""ARC sets that are looked at. RFC 8617 section 4.2.1 allows 50; mail that goes through ten relays is no request."""
REPORTED_CHARACTERS = 1_000
"""Of what the last relay said, shown to staff."""

_RESULTS, _SIGNATURE, _SEAL = "arc-authentication-results", "arc-message-signature", "arc-seal"
_KINDS = (_RESULTS, _SIGNATURE, _SEAL)
_INSTANCE = re.compile(rb"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([1-9][0-9]?)[ \t\r\n]*;")
_TAGGED_INSTANCE = re.compile(r"[1-9][0-9]?")
_SIGNATURE_TAGS = frozenset({"i", "a", "b", "bh", "d", "h", "s"})
_SEAL_TAGS = frozenset({"i", "a", "b", "cv", "d", "s"})


class ArcResult(Enum):
    """The chain's state in the words of RFC 8617 section 4.4."""

    NONE = "none"
    PASS = "pass"  # noqa: S105  # it is a word of the standard, no password
    FAIL = "fail"


class ArcReason(Enum):
    """Why the chain is in that state; the value says it for people."""

    NO_SETS = "no relay left an ARC set"
    WHOLE = "every relay's seal is genuine and the message is as the last one sent it"
    UNREADABLE = "the message cannot be taken apart"
    TOO_MANY = "there are more ARC sets than are looked at"
    INCOMPLETE = "the ARC sets are malformed, incomplete or repeated"
    BROKEN_BEFORE = "a relay found the chain broken already"
    NO_KEY = "the key of a relay could not be had or used"
    CHANGED = "the message was changed after the last relay signed it"
    FORGED = "a relay's seal is not genuine"


_RESULT_OF: Mapping[ArcReason, ArcResult] = dict.fromkeys(ArcReason, ArcResult.FAIL) | {
    ArcReason.NO_SETS: ArcResult.NONE,
    ArcReason.WHOLE: ArcResult.PASS,
}


@dataclass(frozen=True, slots=True)
class ArcVerdict:
    """The state of the chain, and what its last relay said if the chain is whole."""

    reason: ArcReason
    instances: int = 0
    """How many sets there are."""
    sealer: str = ""
    """The domain that sealed last, in lower-case A-labels; empty unless the chain is whole."""
    reported: str = ""
    """What that domain says it found, printable ASCII in one line; empty unless the chain is whole."""

    @property
    def result(self) -> ArcResult:
        """The state as RFC 8617 names it."""
        return _RESULT_OF[self.reason]


@dataclass(frozen=True, slots=True)
class _Set:
    """What one relay left."""

    results: RawField
    signature: RawField
    seal: RawField
    signature_tags: Mapping[str, str]
    seal_tags: Mapping[str, str]


def arc_key_names(raw: bytes, limits: Limits) -> tuple[str, ...]:
    """The names whose TXT records hold the keys that `check_arc` will need, each once, at most SETS_CHECKED + 1."""
    message = read_signed_message(raw, limits)
    if isinstance(message, DkimReason):
        return ()
    sets = _read_sets(message)
    if isinstance(sets, ArcReason) or _structure_refusal(sets):
        return ()
    return tuple(dict.fromkeys([_key_name(sets[-1].signature_tags), *(_key_name(each.seal_tags) for each in sets)]))


def check_arc(raw: bytes, keys: Mapping[str, Answer | DnsFailure], limits: Limits) -> ArcVerdict:
    """The state of the ARC chain of `raw` (RFC 8617 section 5.2). `keys` holds what was found at `arc_key_names`.

    Only the last message signature is checked, for earlier ones are broken by any change since, and every seal.
    Never raises for what `raw` or `keys` hold.
    """
    message = read_signed_message(raw, limits)
    if isinstance(message, DkimReason):
        return ArcVerdict(ArcReason.UNREADABLE)
    sets = _read_sets(message)
    if isinstance(sets, ArcReason):
        return ArcVerdict(sets)
    refusal = _structure_refusal(sets) or _signature_refusal(message, sets[-1], keys)
    for count in range(len(sets), 0, -1):
        refusal = refusal or _seal_refusal(sets[:count], keys)
    if refusal:
        return ArcVerdict(refusal, len(sets))
    last = sets[-1]
    return ArcVerdict(ArcReason.WHOLE, len(sets), read_domain(last.seal_tags["d"]), _shown(last.results))


def _read_sets(message: SignedMessage) -> tuple[_Set, ...] | ArcReason:
    """The sets in order of their instances, which must be 1, 2 and so on, each with its three fields once."""
    fields = [field for field in message.fields if field.key in _KINDS]
    if not fields:
        return ArcReason.NO_SETS
    if len(fields) > SETS_CHECKED * len(_KINDS):
        return ArcReason.TOO_MANY
    found: dict[tuple[int, str], tuple[RawField, Mapping[str, str]]] = {}
    for field in fields:
        tags = {} if field.key == _RESULTS else read_tags(field.value)
        instance = 0 if isinstance(tags, DkimReason) else _instance(field, tags)
        if isinstance(tags, DkimReason) or not instance or (instance, field.key) in found:
            return ArcReason.INCOMPLETE
        found[instance, field.key] = (field, tags)
    count, odd = divmod(len(found), len(_KINDS))
    if odd or found.keys() != {(instance, kind) for instance in range(1, count + 1) for kind in _KINDS}:
        return ArcReason.INCOMPLETE
    sets = []
    for instance in range(1, count + 1):
        (results, _), (signature, signature_tags), (seal, seal_tags) = (found[instance, kind] for kind in _KINDS)
        sets.append(_Set(results, signature, seal, signature_tags, seal_tags))
    return tuple(sets)


def _instance(field: RawField, tags: Mapping[str, str]) -> int:
    """The field's i=; 0 if it has none that makes sense."""
    if field.key == _RESULTS:
        found = _INSTANCE.match(field.value)
        return int(found[1]) if found else 0
    stated = tags.get("i", "")
    return int(stated) if _TAGGED_INSTANCE.fullmatch(stated) else 0


def _structure_refusal(sets: Sequence[_Set]) -> ArcReason | None:
    """Why the chain cannot be whole whatever its keys (RFC 8617 sections 4.1.3 and 5.2, steps 2 and 3)."""
    if sets[-1].seal_tags.get("cv", "").lower() == "fail":
        return ArcReason.BROKEN_BEFORE
    states = [each.seal_tags.get("cv", "").lower() for each in sets]
    if states != ["none"] + ["pass"] * (len(sets) - 1):
        return ArcReason.INCOMPLETE
    return None if all(_is_well_formed(each) for each in sets) else ArcReason.INCOMPLETE


def _is_well_formed(each: _Set) -> bool:
    signature, seal = each.signature_tags, each.seal_tags
    names = read_names(signature.get("h", ""))
    return (
        signature.keys() >= _SIGNATURE_TAGS
        and seal.keys() >= _SEAL_TAGS
        and not seal.keys() & {"h", "bh", "l"}
        and "l" not in signature
        and all(tags["a"] in ALGORITHMS and _key_name(tags) for tags in (signature, seal))
        and names is not None
        and "from" in names
        and _SEAL not in names
    )


def _key_name(tags: Mapping[str, str]) -> str:
    return key_name(read_selector(tags["s"]), read_domain(tags["d"]))


def _signature_refusal(message: SignedMessage, last: _Set, keys: Mapping[str, Answer | DnsFailure]) -> ArcReason | None:
    """Why the last relay's signature over the message does not hold; None if it does."""
    tags = last.signature_tags
    forms, names = read_forms(tags.get("c", "simple/simple")), read_names(tags["h"])
    value = decoded_base64(tags["b"])
    key = read_key(keys.get(_key_name(tags)), ALGORITHMS[tags["a"]])
    if forms is None or names is None or value is None:
        return ArcReason.INCOMPLETE
    if isinstance(key, DkimReason) or key.is_testing:
        return ArcReason.NO_KEY
    if message.body_hash(forms[1]) != decoded_base64(tags["bh"]):
        return ArcReason.CHANGED
    refused = signature_refusal(key, value, last.signature, message.fields, names, forms[0])
    return ArcReason.CHANGED if refused else None


def _seal_refusal(sets: Sequence[_Set], keys: Mapping[str, Answer | DnsFailure]) -> ArcReason | None:
    """Why the seal of the last of `sets` over all of them does not hold; None if it does (RFC 8617 section 5.1.1)."""
    last = sets[-1]
    value = decoded_base64(last.seal_tags["b"])
    key = read_key(keys.get(_key_name(last.seal_tags)), ALGORITHMS[last.seal_tags["a"]])
    if value is None:
        return ArcReason.INCOMPLETE
    if isinstance(key, DkimReason) or key.is_testing:
        return ArcReason.NO_KEY
    sealed = [field for each in sets for field in (each.results, each.signature, each.seal)][:-1]
    # Fields are taken from the bottom up, so the oldest set goes to the bottom, wherever it stood.
    refused = signature_refusal(key, value, last.seal, sealed[::-1], [field.key for field in sealed], "relaxed")
    return ArcReason.FORGED if refused else None


def _shown(results: RawField) -> str:
    """What a relay said, without its instance, for people."""
    said = _INSTANCE.sub(b"", results.value, count=1)[: 4 * REPORTED_CHARACTERS]
    return " ".join(printable(" ".join(said.decode("utf-8", "replace").split())).split())[:REPORTED_CHARACTERS]
