"""The gate before and behind the signature: every way that is not let through."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest

from bot.mail.dkim_check import DkimVerdict, check_dkim, key_names
from bot.mail.dkim_reasons import DkimReason, DkimResult
from bot.mail.dns import Answer, DnsFailure
from bot.mail.limits import Limits
from tests.mail.signing import (
    LETTER,
    NOW,
    ed25519_key,
    key_record,
    public_octets,
    published,
    rsa_key,
    rsa_octets,
    short_key,
    sign,
)

LIMITS = Limits()
R = DkimReason
SIX = ["from", "to", "subject", "date", "message-id", "content-type"]
SECONDS = int(NOW.timestamp())


def verdict(raw: bytes, *records: str, domain: str = "example.com", now: datetime = NOW) -> DkimVerdict:
    return check_dkim(raw, published(*records, domain=domain), now, LIMITS)[0]


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        pytest.param({"v": "2"}, R.VERSION_UNKNOWN, id="another version"),
        pytest.param({"v": None}, R.TAG_MISSING, id="no version"),
        pytest.param({"a": "rsa-sha1"}, R.ALGORITHM_WEAK, id="SHA-1"),
        pytest.param({"a": "rsa-sha512"}, R.ALGORITHM_UNKNOWN, id="an unknown algorithm"),
        pytest.param({"a": "RSA-SHA256"}, R.ALGORITHM_UNKNOWN, id="an algorithm in capitals"),
        pytest.param({"a": "ed25519-sha256"}, R.KEY_OTHER_TYPE, id="the algorithm of another key"),
        pytest.param({"c": "nowsp/relaxed"}, R.CANONICALIZATION_UNKNOWN, id="an unknown form"),
        pytest.param({"c": "relaxed/relaxed/relaxed"}, R.CANONICALIZATION_UNKNOWN, id="three forms"),
        pytest.param({"c": "relaxed/"}, R.CANONICALIZATION_UNKNOWN, id="half a pair of forms"),
        pytest.param({"q": "http"}, R.QUERY_UNKNOWN, id="another way to the key"),
        pytest.param({"l": "20"}, R.BODY_LENGTH, id="a length"),
        pytest.param({"l": "99999"}, R.BODY_LENGTH, id="a length beyond the body"),
        pytest.param({"t": "yesterday"}, R.TIME_MALFORMED, id="a time in words"),
        pytest.param({"t": "9" * 5_000}, R.TIME_MALFORMED, id="a time of thousands of digits"),
        pytest.param({"x": "-1"}, R.TIME_MALFORMED, id="a negative end"),
        pytest.param({"x": str(SECONDS)}, R.TIMES_REVERSED, id="an end at its beginning"),
        pytest.param({"t": str(SECONDS - 90), "x": str(SECONDS - 1)}, R.EXPIRED, id="an end a second ago"),
        pytest.param({"t": None, "x": str(SECONDS - 1)}, R.EXPIRED, id="an end without a beginning"),
        pytest.param({"t": str(SECONDS + 3_601)}, R.SIGNED_IN_FUTURE, id="from the future"),
        pytest.param({"d": ""}, R.DOMAIN_MALFORMED, id="no domain"),
        pytest.param({"d": "localhost", "i": None}, R.DOMAIN_MALFORMED, id="a single label"),
        pytest.param({"d": "com"}, R.DOMAIN_MALFORMED, id="a top-level domain"),
        pytest.param({"d": "co.uk"}, R.DOMAIN_PUBLIC, id="a public suffix"),
        pytest.param({"d": "github.io"}, R.DOMAIN_PUBLIC, id="a host whose names belong to strangers"),
        pytest.param({"d": "ex ample.com"}, R.DOMAIN_MALFORMED, id="a domain with a space"),
        pytest.param({"d": "example..com"}, R.DOMAIN_MALFORMED, id="a domain with an empty label"),
        pytest.param({"d": "x" * 64 + ".com"}, R.DOMAIN_MALFORMED, id="a label too long"),
        pytest.param({"d": ".".join(["abc"] * 70)}, R.DOMAIN_MALFORMED, id="a domain too long"),
        pytest.param({"s": ""}, R.SELECTOR_MALFORMED, id="no selector"),
        pytest.param({"s": "a b"}, R.SELECTOR_MALFORMED, id="a selector with a space"),
        pytest.param({"s": "a..b"}, R.SELECTOR_MALFORMED, id="a selector with an empty label"),
        pytest.param({"s": ".".join(["abcdefgh"] * 27)}, R.SELECTOR_MALFORMED, id="a name too long to be asked"),
        pytest.param({"i": "@example.org"}, R.IDENTITY_OUTSIDE, id="an identity elsewhere"),
        pytest.param({"i": "@notexample.com"}, R.IDENTITY_OUTSIDE, id="an identity that ends alike"),
        pytest.param({"i": "@com"}, R.IDENTITY_OUTSIDE, id="an identity above"),
        pytest.param({"i": "example.com"}, R.IDENTITY_OUTSIDE, id="an identity without a sign"),
        pytest.param({"i": "a@b@example.com"}, R.IDENTITY_OUTSIDE, id="an identity of two signs"),
        pytest.param({"i": "\u202eann@example.com"}, R.IDENTITY_OUTSIDE, id="an identity that turns text around"),
        pytest.param({"i": ""}, R.IDENTITY_OUTSIDE, id="no identity in its tag"),
        pytest.param({"i": "@"}, R.IDENTITY_OUTSIDE, id="an empty identity"),
        pytest.param({"bh": "AAAA"}, R.BASE64_BROKEN, id="a short hash"),
        pytest.param({"bh": "@@@@"}, R.BASE64_BROKEN, id="a hash that is no base64"),
        pytest.param({"bh": ""}, R.BASE64_BROKEN, id="an empty hash"),
        pytest.param({"bh": b64encode(bytes(32)).decode()}, R.BODY_CHANGED, id="another body's hash"),
        pytest.param({"h": ""}, R.NAMES_MALFORMED, id="no names"),
        pytest.param({"h": "from::to"}, R.NAMES_MALFORMED, id="an empty name"),
        pytest.param({"h": "from:to\x7f"}, R.TAGS_MALFORMED, id="a control character"),
        pytest.param({"h": ":".join(["from"] * 101)}, R.NAMES_MALFORMED, id="too many names"),
        pytest.param({"h": "to:subject:date"}, R.FROM_UNSIGNED, id="no From"),
        pytest.param({"n b": "x"}, R.TAGS_MALFORMED, id="a tag of two words"),
        pytest.param({"z": "a b=AAAA"}, R.TAGS_MALFORMED, id="a second b= inside a tag"),
        pytest.param({"z": "x" * 9_000}, R.FIELD_TOO_LONG, id="a field too long"),
        pytest.param({"z": "a" + " " * 300 + "b"}, R.FIELD_TOO_LONG, id="a gap too long"),
        pytest.param({f"x{n}": "1" for n in range(60)}, R.TAGS_MALFORMED, id="too many tags"),
    ],
)
def test_the_gate_refuses(tags: dict[str, str | None], reason: DkimReason) -> None:
    found = verdict(sign(LETTER, tags=tags))
    assert found.reason is reason
    assert found.result is not DkimResult.PASS


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({"i": "ann@mail.example.com"}, id="an identity below"),
        pytest.param({"i": "ann@EXAMPLE.com"}, id="an identity in capitals"),
        pytest.param({"d": "EXAMPLE.Com"}, id="a domain in capitals"),
        pytest.param({"d": "example.com."}, id="a domain with its last dot"),
        pytest.param({"s": "S1"}, id="a selector in capitals"),
        pytest.param({"q": "dns/txt:http"}, id="a second way to the key"),
        pytest.param({"x": str(SECONDS + 1)}, id="a near end"),
        pytest.param({"t": str(SECONDS + 3_600)}, id="a fast clock"),
        pytest.param({"t": None}, id="no time"),
        pytest.param({"t": "0"}, id="the beginning of time"),
        pytest.param({"future": "tag", "z": "From:ann"}, id="tags of no meaning"),
        pytest.param({"c": None}, id="no forms"),
    ],
)
def test_the_gate_lets_through(tags: dict[str, str | None]) -> None:
    forms = "simple/simple" if "c" in tags else "relaxed/relaxed"
    found = verdict(sign(LETTER, tags=tags, forms=forms))
    assert (found.reason, found.domain, found.selector) == (R.PASSED, "example.com", "s1")


def test_a_domain_of_other_letters_is_compared_in_its_ascii_form() -> None:
    signed = sign(LETTER, domain="bücher.example")
    assert key_names(signed, LIMITS) == ("s1._domainkey.xn--bcher-kva.example",)
    found = verdict(signed, domain="xn--bcher-kva.example")
    assert (found.reason, found.domain) == (R.PASSED, "xn--bcher-kva.example")


@pytest.mark.parametrize("name", ["v", "a", "b", "bh", "d", "h", "s"])
def test_a_repeated_tag_is_an_error(name: str) -> None:
    signed = sign(LETTER).replace(b"DKIM-Signature: ", f"DKIM-Signature: {name}=1; ".encode(), 1)
    assert verdict(signed).reason is R.TAG_REPEATED


@pytest.mark.parametrize("name", ["v", "a", "bh", "d", "h", "s"])
def test_a_missing_tag_is_an_error(name: str) -> None:
    assert verdict(sign(LETTER, tags={name: None})).reason is R.TAG_MISSING


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"====", id="padding alone"),
        pytest.param(b"AAA", id="cut"),
        pytest.param(b"AA*A", id="no base64"),
    ],
)
def test_a_broken_signature_value_is_an_error(value: bytes) -> None:
    head, _, rest = sign(LETTER).partition(b"\r\n b=")
    raw = head + b"\r\n b=" + value + rest[rest.index(b"\r\n") :]
    assert verdict(raw).reason is R.BASE64_BROKEN


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        pytest.param(b"From: Eve <eve@evil.example>", R.FROM_NOT_SINGLE, id="a second From"),
        pytest.param(b"from:ann@example.com", R.FROM_NOT_SINGLE, id="the same From in other letters"),
        pytest.param(b"Subject: Sell everything", R.FIELD_ADDED, id="a second Subject"),
        pytest.param(b"Date: Tue, 24 Nov 2026 11:59:00 +0000", R.FIELD_ADDED, id="a second Date"),
        pytest.param(b"To: elsewhere@example.org", R.FIELD_ADDED, id="a second To"),
        pytest.param(b"Message-ID: <9@evil.example>", R.FIELD_ADDED, id="a second Message-ID"),
        pytest.param(b"Content-Type: text/html", R.FIELD_ADDED, id="a second Content-Type"),
        pytest.param(b"Content-Transfer-Encoding: base64", R.FIELD_UNSIGNED, id="a transfer encoding"),
    ],
)
@pytest.mark.parametrize("is_on_top", [True, False])
def test_a_field_that_was_not_signed_does_not_stand_beside_the_signed_one(
    added: bytes, reason: DkimReason, is_on_top: bool
) -> None:
    signed = sign(LETTER, names=SIX)
    raw = added + b"\r\n" + signed if is_on_top else signed.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n\r\n", 1)
    assert verdict(raw).result is not DkimResult.PASS
    if is_on_top:
        assert verdict(raw).reason is reason


def test_a_field_signed_once_more_than_it_occurs_cannot_be_added() -> None:
    raw = b"Subject: Sell everything\r\n" + sign(LETTER, names=[*SIX, "subject"])
    assert verdict(raw).reason is R.SIGNATURE_WRONG


def test_two_fields_that_are_both_signed_are_the_signers_word() -> None:
    twice = b"Subject: Second\r\n" + LETTER
    assert verdict(sign(twice, names=[*SIX, "subject"])).reason is R.PASSED


@pytest.mark.parametrize("name", SIX[1:])
def test_each_demanded_field_must_be_signed_where_it_stands(name: str) -> None:
    found = verdict(sign(LETTER, names=[each for each in SIX if each != name]))
    assert (found.reason, found.unsigned) == (R.FIELD_UNSIGNED, (name,))
    lines = [line for line in LETTER.split(b"\r\n") if not line.lower().startswith(name.encode() + b":")]
    absent = b"\r\n".join(lines)
    assert absent != LETTER
    names = [each for each in SIX if each != name]
    assert verdict(sign(absent, names=names, forms="relaxed/simple")).reason is R.PASSED


def test_text_after_a_signed_length_does_not_pass() -> None:
    signed = sign(LETTER, tags={"l": str(len(LETTER.split(b"\r\n\r\n", 1)[1]))})
    assert verdict(signed + b"Also sell all my shares.\r\n").reason is R.BODY_LENGTH


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(key_record(v=None), R.PASSED, id="no version"),
        pytest.param(key_record(v=None, k=None), R.PASSED, id="the key alone"),
        pytest.param(key_record(h="sha1:sha256"), R.PASSED, id="two hashes"),
        pytest.param(key_record(s="other : email"), R.PASSED, id="a list of services"),
        pytest.param(key_record(s="*"), R.PASSED, id="every service"),
        pytest.param(key_record(n="a note", g="", future="tag"), R.PASSED, id="tags of no meaning here"),
        pytest.param(key_record(t="s"), R.PASSED, id="no subdomains, and the identity is in none"),
        pytest.param(key_record(p=b64encode(rsa_octets(
            rsa_key().public_key().public_numbers().n, 65_537)).decode()), R.PASSED, id="a bare RSA key"),
        pytest.param(key_record(v="DKIM2"), R.KEY_MALFORMED, id="another version"),
        pytest.param(key_record(v=None) + "; v=DKIM1", R.KEY_MALFORMED, id="a version that is not first"),
        pytest.param("v=spf1 -all", R.KEY_MALFORMED, id="another kind of record"),
        pytest.param("", R.KEY_MALFORMED, id="an empty record"),
        pytest.param(key_record(p=None), R.KEY_MALFORMED, id="no key in it"),
        pytest.param(key_record(p="%%%"), R.KEY_MALFORMED, id="no base64"),
        pytest.param(key_record(p="AAAA"), R.KEY_MALFORMED, id="no key at all"),
        pytest.param(key_record(p=b64encode(public_octets(rsa_key())[:99]).decode()), R.KEY_MALFORMED,
                     id="half a key"),
        pytest.param(key_record() + "; p=", R.KEY_MALFORMED, id="a tag twice"),
        pytest.param(key_record() + "; n=" + "x" * 9_000, R.KEY_MALFORMED, id="too long a record"),
        pytest.param(key_record(p=""), R.KEY_REVOKED, id="revoked"),
        pytest.param(key_record(k="ed25519"), R.KEY_OTHER_TYPE, id="another type"),
        pytest.param(key_record(h="sha1"), R.KEY_OTHER_HASH, id="for SHA-1 only"),
        pytest.param(key_record(h=""), R.KEY_OTHER_HASH, id="for no hash"),
        pytest.param(key_record(s="tlsrpt"), R.KEY_OTHER_SERVICE, id="for reports only"),
        pytest.param(key_record(t="y"), R.KEY_TESTING, id="a test"),
        pytest.param(key_record(t="s : y"), R.KEY_TESTING, id="a test among flags"),
        pytest.param(key_record(short_key()), R.KEY_TOO_SHORT, id="512 bits"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 1_023) - 1, 65_537)).decode()), R.KEY_TOO_SHORT,
                     id="1023 bits"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 8_192) + 1, 65_537)).decode()), R.KEY_TOO_LONG,
                     id="8193 bits"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 2_047) + 1, 1)).decode()), R.KEY_EXPONENT,
                     id="a key under which everything is its own signature"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 2_047) + 1, 0)).decode()), R.KEY_EXPONENT,
                     id="no exponent"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 2_047) + 1, (1 << 64) + 1)).decode()), R.KEY_EXPONENT,
                     id="an exponent that takes long"),
        pytest.param(key_record(p=b64encode(rsa_octets((1 << 2_047) + 1, 1 << 16)).decode()), R.KEY_EXPONENT,
                     id="an even exponent"),
        pytest.param(key_record(p=b64encode(rsa_octets(1 << 2_047, 3)).decode()), R.KEY_EXPONENT, id="an even modulus"),
    ],
)  # fmt: skip
def test_key_records_are_honoured(record: str, reason: DkimReason) -> None:
    assert verdict(sign(LETTER), record).reason is reason


def test_a_short_key_does_not_sign_although_its_arithmetic_is_right() -> None:
    found = verdict(sign(LETTER, key=short_key()), key_record(short_key()))
    assert (found.result, found.reason) == (DkimResult.POLICY, R.KEY_TOO_SHORT)


def test_an_ed25519_key_has_its_own_length() -> None:
    signed = sign(LETTER, key=ed25519_key())
    right = public_octets(ed25519_key())
    assert verdict(signed, f"k=ed25519; p={b64encode(right).decode()}").reason is R.PASSED
    for wrong in (right[:31], right + b"\x00", bytes(12) + right):
        assert verdict(signed, f"k=ed25519; p={b64encode(wrong).decode()}").reason is R.KEY_MALFORMED
    for weak in (bytes(32), bytes([1]) + bytes(31)):  # Points of small order.
        assert verdict(signed, f"k=ed25519; p={b64encode(weak).decode()}").result is not DkimResult.PASS


def test_a_key_for_the_exact_domain_does_not_sign_for_a_subdomain() -> None:
    below = sign(LETTER, tags={"i": "@mail.example.com"})
    assert verdict(below, key_record()).reason is R.PASSED
    assert verdict(below, key_record(t="s")).reason is R.KEY_OTHER_IDENTITY


@pytest.mark.parametrize(
    ("answer", "reason", "result"),
    [
        pytest.param(DnsFailure("timeout"), R.KEY_UNREACHABLE, DkimResult.TEMPERROR, id="no answer"),
        pytest.param(None, R.KEY_UNREACHABLE, DkimResult.TEMPERROR, id="not asked"),
        pytest.param(Answer(False), R.KEY_MISSING, DkimResult.PERMERROR, id="no such name"),
        pytest.param(Answer(True), R.KEY_MISSING, DkimResult.PERMERROR, id="no such record"),
        pytest.param(
            Answer(True, (key_record(), key_record())), R.KEY_AMBIGUOUS, DkimResult.PERMERROR, id="the key twice"
        ),
        pytest.param(
            Answer(True, ("v=spf1 -all", key_record())), R.KEY_AMBIGUOUS, DkimResult.PERMERROR, id="a record beside it"
        ),
    ],
)
def test_what_the_name_servers_say_of_the_key(
    answer: Answer | DnsFailure | None, reason: DkimReason, result: DkimResult
) -> None:
    keys = {} if answer is None else {"s1._domainkey.example.com": answer}
    (found,) = check_dkim(sign(LETTER), keys, NOW, LIMITS)
    assert (found.reason, found.result) == (reason, result)


def test_a_signature_has_the_length_of_its_key() -> None:
    head, _, rest = sign(LETTER).partition(b"\r\n b=")
    value = b64decode(rest[: rest.index(b"\r\n")])
    for other in (b"\x00" + value, value + b"\x00", value[:-1]):  # Of the first, the number is the same.
        raw = head + b"\r\n b=" + b64encode(other) + b"\r\n" + LETTER
        assert verdict(raw).reason is R.SIGNATURE_WRONG


def test_a_fault_of_the_library_never_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("bot.mail.dkim_verify.DKIM.verify_sig", broken)
    assert verdict(sign(LETTER)).reason is R.CHECK_BROKEN
    monkeypatch.setattr("bot.mail.dkim_verify.DKIM.verify_sig", lambda *_: "yes")
    assert verdict(sign(LETTER)).reason is R.SIGNATURE_WRONG


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    verdict(sign(LETTER))
    verdict(sign(LETTER).replace(b"Invest", b"Sell"))
    verdict(sign(LETTER), "v=DKIM1; p=AAAA")
    assert caplog.records == []


def test_the_moment_may_be_of_any_zone() -> None:
    ahead = datetime.fromisoformat("2026-11-23T17:00:00+05:00")
    assert ahead.astimezone(UTC) == NOW
    assert verdict(sign(LETTER, tags={"x": str(SECONDS + 1)}), now=ahead).reason is R.PASSED
