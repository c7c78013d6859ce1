"""Why a signature is accepted or not: each reason is a sentence for people and has one result in the words of RFC 8601.

A verdict is made of a reason alone, so that no two places can word or rank the same finding differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class DkimResult(Enum):
    """The results of RFC 8601 section 2.7.1; the value is the word as written in Authentication-Results."""

    NONE = "none"
    """There is no signature. No verdict bears it: a message without signatures has no verdicts."""
    PASS = "pass"  # noqa: S105  # it is a word of the standard, no password
    FAIL = "fail"
    POLICY = "policy"
    """Perhaps genuine, but not of a kind that we accept."""
    NEUTRAL = "neutral"
    """Of a kind that we cannot check."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class DkimReason(Enum):
    """What was found; the value says it for people. PASSED is the only one under which a signature proves anything."""

    PASSED = "the signature is genuine and covers what it must"

    MESSAGE_TOO_LARGE = "the message is larger than is looked at"
    LINE_ENDS = "the message holds NUL or line ends that programs read differently"
    HEADER_MALFORMED = "the header section is not one that every program reads alike"
    FROM_NOT_SINGLE = "the message does not have exactly one From field"

    TOO_MANY_SIGNATURES = "the message bears more signatures than are checked"
    FIELD_TOO_LONG = "the signature field is longer than is looked at"
    TAGS_MALFORMED = "the signature is not a well-formed list of tags"
    TAG_REPEATED = "a tag stands twice in the signature"
    TAG_MISSING = "a tag that every signature has is missing"
    VERSION_UNKNOWN = "the signature is of another version than 1"
    ALGORITHM_WEAK = "the signature uses SHA-1, which can be forged"
    ALGORITHM_UNKNOWN = "the signature uses an algorithm that is not known"
    CANONICALIZATION_UNKNOWN = "the signature uses a canonicalization that is not known"
    QUERY_UNKNOWN = "the signature's key is published in a way that is not known"
    BASE64_BROKEN = "the signature or the body's hash is not well-formed base64"
    BODY_LENGTH = "the signature covers the body only up to a length, so that text could be added"
    NAMES_MALFORMED = "the list of signed fields is malformed or too long"
    FROM_UNSIGNED = "the signature does not cover the From field"
    DOMAIN_MALFORMED = "the signing domain is not a domain name"
    DOMAIN_PUBLIC = "the signing domain is one below which strangers register names"
    SELECTOR_MALFORMED = "the key's selector is not a name"
    IDENTITY_OUTSIDE = "the signer's identity is malformed or outside the signing domain"
    TIME_MALFORMED = "a time in the signature is not a number"
    TIMES_REVERSED = "the signature expired before it was made"
    SIGNED_IN_FUTURE = "the signature is from the future"
    EXPIRED = "the signature has expired"
    NOT_OF_SENDER = "the signature is of another organization than the sender's, so it is not looked into"
    FIELD_ADDED = "a field that the signature names stands in the message more often than was signed"

    KEY_UNREACHABLE = "the name servers did not answer when asked for the key"
    KEY_MISSING = "the signing domain publishes no such key"
    KEY_AMBIGUOUS = "several records stand where the key should be"
    KEY_MALFORMED = "the key record is malformed"
    KEY_REVOKED = "the signing domain has revoked the key"
    KEY_OTHER_TYPE = "the key is for another algorithm"
    KEY_OTHER_HASH = "the key may not be used with SHA-256"
    KEY_OTHER_SERVICE = "the key may not be used for mail"
    KEY_OTHER_IDENTITY = "the key may not be used for identities in a subdomain"
    KEY_TESTING = "the key is marked as a test, and such a signature counts as none"
    KEY_TOO_SHORT = "the key has fewer than 1024 bits"
    KEY_TOO_LONG = "the key has more than 8192 bits"
    KEY_EXPONENT = "the key's exponent is one that no sound key has"

    BODY_CHANGED = "the body is not the one that was signed"
    SIGNATURE_WRONG = "the signature does not match the signed fields and the key"
    CHECK_BROKEN = "the check itself failed"
    FIELD_UNSIGNED = "the signature is genuine but leaves a field open that changes what the message says"


_BY_RESULT: Mapping[DkimResult, tuple[DkimReason, ...]] = {
    DkimResult.PASS: (DkimReason.PASSED,),
    DkimResult.FAIL: (DkimReason.BODY_CHANGED, DkimReason.SIGNATURE_WRONG),
    DkimResult.TEMPERROR: (DkimReason.KEY_UNREACHABLE,),
    DkimResult.NEUTRAL: (
        DkimReason.VERSION_UNKNOWN,
        DkimReason.ALGORITHM_UNKNOWN,
        DkimReason.CANONICALIZATION_UNKNOWN,
        DkimReason.QUERY_UNKNOWN,
    ),
    DkimResult.PERMERROR: (
        DkimReason.TAGS_MALFORMED,
        DkimReason.TAG_REPEATED,
        DkimReason.TAG_MISSING,
        DkimReason.BASE64_BROKEN,
        DkimReason.NAMES_MALFORMED,
        DkimReason.FROM_UNSIGNED,
        DkimReason.DOMAIN_MALFORMED,
        DkimReason.SELECTOR_MALFORMED,
        DkimReason.IDENTITY_OUTSIDE,
        DkimReason.TIME_MALFORMED,
        DkimReason.TIMES_REVERSED,
        DkimReason.KEY_MISSING,
        DkimReason.KEY_AMBIGUOUS,
        DkimReason.KEY_MALFORMED,
        DkimReason.KEY_REVOKED,
        DkimReason.KEY_OTHER_TYPE,
        DkimReason.KEY_OTHER_HASH,
        DkimReason.KEY_OTHER_SERVICE,
        DkimReason.KEY_OTHER_IDENTITY,
        DkimReason.CHECK_BROKEN,
    ),
    DkimResult.POLICY: (
        DkimReason.MESSAGE_TOO_LARGE,
        DkimReason.LINE_ENDS,
        DkimReason.HEADER_MALFORMED,
        DkimReason.FROM_NOT_SINGLE,
        DkimReason.TOO_MANY_SIGNATURES,
        DkimReason.FIELD_TOO_LONG,
        DkimReason.ALGORITHM_WEAK,
        DkimReason.BODY_LENGTH,
        DkimReason.DOMAIN_PUBLIC,
        DkimReason.SIGNED_IN_FUTURE,
        DkimReason.EXPIRED,
        DkimReason.NOT_OF_SENDER,
        DkimReason.FIELD_ADDED,
        DkimReason.KEY_TESTING,
        DkimReason.KEY_TOO_SHORT,
        DkimReason.KEY_TOO_LONG,
        DkimReason.KEY_EXPONENT,
        DkimReason.FIELD_UNSIGNED,
    ),
}

RESULT_OF: Mapping[DkimReason, DkimResult] = {
    reason: result for result, reasons in _BY_RESULT.items() for reason in reasons
}
"""The one result of each reason."""
