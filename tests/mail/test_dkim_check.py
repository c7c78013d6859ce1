"""Signatures that hold, signatures that were tampered with, and knowing a signed message again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from dkim.canonicalization import Relaxed, Simple  # type: ignore[import-untyped]  # dkimpy has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.dkim_check import DkimVerdict, check_dkim, key_names, read_signatures
from bot.mail.dkim_fields import canonical_body
from bot.mail.dkim_reasons import RESULT_OF, DkimReason, DkimResult
from bot.mail.limits import Limits
from tests.mail.signing import DOMAIN, LETTER, NOW, Key, ed25519_key, key_record, published, rsa_key, short_key, sign

LIMITS = Limits()
HEAD, BODY = LETTER.split(b"\r\n\r\n", 1)
SIX = ("from", "to", "subject", "date", "message-id", "content-type")


def verdicts(raw: bytes, *records: str) -> tuple[DkimVerdict, ...]:
    return check_dkim(raw, published(*records), NOW, LIMITS)


def verdict(raw: bytes, *records: str) -> DkimVerdict:
    (only,) = verdicts(raw, *records)
    return only


@pytest.mark.parametrize(
    ("key", "algorithm", "bits"),
    [
        pytest.param(rsa_key(1_024), "rsa-sha256", 1_024, id="the shortest RSA key"),
        pytest.param(rsa_key(), "rsa-sha256", 2_048, id="an RSA key"),
        pytest.param(ed25519_key(), "ed25519-sha256", 256, id="an Ed25519 key"),
    ],
)
@pytest.mark.parametrize("forms", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "relaxed"])
def test_an_untouched_message_passes(key: Key, algorithm: str, bits: int, forms: str) -> None:
    found = verdict(sign(LETTER, key=key, forms=forms), key_record(key))
    assert (found.result, found.reason) == (DkimResult.PASS, DkimReason.PASSED)
    assert (found.domain, found.selector, found.algorithm, found.key_bits) == (DOMAIN, "s1", algorithm, bits)
    assert found.identity == "@example.com"
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param((b"$250", b"$950"), DkimReason.BODY_CHANGED, id="an amount"),
        pytest.param((b"Ann\r\n", b"Ann\r\nand sell all\r\n"), DkimReason.BODY_CHANGED, id="text added to the body"),
        pytest.param((b"From: Ann <ann@", b"From: Ann <bob@"), DkimReason.SIGNATURE_WRONG, id="the sender"),
        pytest.param((b"Subject: Invest", b"Subject: Sell"), DkimReason.SIGNATURE_WRONG, id="the subject"),
        pytest.param((b"To: dspp@", b"To: ir@"), DkimReason.SIGNATURE_WRONG, id="the recipient"),
        pytest.param((b"11:59:00", b"11:59:01"), DkimReason.SIGNATURE_WRONG, id="the date"),
        pytest.param((b"<1@example", b"<2@example"), DkimReason.SIGNATURE_WRONG, id="the Message-ID"),
        pytest.param((b"text/plain", b"text/html"), DkimReason.SIGNATURE_WRONG, id="how the body is read"),
        pytest.param((b"Subject: Invest\r\n", b""), DkimReason.SIGNATURE_WRONG, id="a signed field removed"),
        pytest.param((b"d=example.com", b"d=example.org"), DkimReason.KEY_UNREACHABLE, id="the domain"),
        pytest.param((b"t=17", b"t=16"), DkimReason.SIGNATURE_WRONG, id="the time of signing"),
        pytest.param((b"c=relaxed/relaxed", b"c=simple/relaxed"), DkimReason.SIGNATURE_WRONG, id="the form"),
    ],
)
def test_a_change_of_what_was_signed_is_found(change: tuple[bytes, bytes], reason: DkimReason) -> None:
    signed = sign(LETTER)
    assert change[0] in signed
    changed = verdict(signed.replace(*change))
    assert (changed.result is DkimResult.PASS, changed.reason) == (False, reason)


def test_anothers_key_does_not_sign_for_a_domain() -> None:
    forged = sign(LETTER, key=rsa_key(1_024))
    assert verdict(forged, key_record(rsa_key())).reason is DkimReason.SIGNATURE_WRONG
    head, _, rest = sign(LETTER).partition(b"\r\n b=")
    other = b"A" if rest[20:21] != b"A" else b"B"
    assert verdict(head + b"\r\n b=" + rest[:20] + other + rest[21:]).reason is DkimReason.SIGNATURE_WRONG


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(lambda raw: b"Received: from a by b; today\r\nX-Spam: no\r\n" + raw, id="fields on top"),
        pytest.param(lambda raw: raw.replace(b"Subject: Invest", b"SUBJECT:\r\n\tInvest  "), id="folding and case"),
        pytest.param(lambda raw: raw.replace(b"$250.\r\n", b"$250. \t\r\n"), id="spaces at a line's end"),
        pytest.param(lambda raw: raw.replace(b"invest $", b"invest \t  $"), id="more spaces in a line"),
        pytest.param(lambda raw: raw + b"\r\n\r\n", id="blank lines at the end"),
        pytest.param(lambda raw: raw.replace(b"\r\n", b"\n"), id="the line ends of a mailbox file"),
        pytest.param(lambda raw: raw.replace(b"Subject: Invest", b"Subject: Invest\x0b"), id="a vertical tab"),
        pytest.param(lambda raw: b"DKIM-Signature: v=1; d=relay.example; a=\r\n" + raw, id="another signature"),
        pytest.param(lambda raw: raw.replace(b"v=1;", b"v=1 ;"), id="spaces in the signature, which breaks it"),
    ],
)
def test_what_relays_change_makes_no_other_message(way: object) -> None:
    assert callable(way)
    original = verdict(sign(LETTER))
    replayed = verdicts(way(sign(LETTER)))[-1]
    if replayed.reason is DkimReason.SIGNATURE_WRONG:
        assert replayed.digest == ""
    else:
        assert (replayed.reason, replayed.digest) == (DkimReason.PASSED, original.digest)


def test_the_same_message_has_one_digest_whatever_key_form_or_time_signs_it() -> None:
    spaced = LETTER.replace(b"invest $", b"invest \t $").replace(b"Subject: Inv", b"Subject:  Inv")
    later = {"t": str(int(NOW.timestamp()) + 60), "i": "ann@example.com"}
    keys: tuple[Key, ...] = (rsa_key(), ed25519_key())
    digests = {
        verdict(sign(spaced, forms=forms, tags=tags, key=key), key_record(key)).digest
        for forms in ("simple/simple", "relaxed/relaxed")
        for tags in ({}, later)
        for key in keys
    }
    assert len(digests) == 1
    assert digests != {""}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"$250", b"$251"), id="another amount"),
        pytest.param((b"11:59", b"11:58"), id="another moment"),
        pytest.param((b"Subject: Invest", b"Subject: Sell"), id="another subject"),
        pytest.param((b"From: Ann", b"From: Bob"), id="another sender"),
    ],
)
def test_another_message_has_another_digest(change: tuple[bytes, bytes]) -> None:
    other = verdict(sign(LETTER.replace(*change)))
    assert other.reason is DkimReason.PASSED
    assert other.digest != verdict(sign(LETTER)).digest


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"<1@", b"<2@"), id="another id"),
        pytest.param((b"To: dspp@", b"To: ir@"), id="another recipient"),
        pytest.param((b"Content-Type: text/plain", b"Content-Type: text/html"), id="another type"),
    ],
)
def test_what_a_signature_may_leave_open_makes_no_other_letter(change: tuple[bytes, bytes]) -> None:
    other = verdict(sign(LETTER.replace(*change)))
    assert other.reason is DkimReason.PASSED
    assert other.digest == verdict(sign(LETTER)).digest


def test_the_digest_says_who_signed() -> None:
    elsewhere = sign(LETTER, domain="example.net")
    found = check_dkim(elsewhere, published(domain="example.net"), NOW, LIMITS)[0]
    assert found.reason is DkimReason.PASSED
    assert found.digest != verdict(sign(LETTER)).digest


@pytest.mark.parametrize(
    ("names", "unsigned"),
    [
        pytest.param("to:subject:message-id:date:from:mime-version:from:to:cc:subject:date:message-id:reply-to",
                     ("content-type",), id="as Gmail signs"),
        pytest.param("From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck",
                     ("to",), id="as Outlook signs"),
        pytest.param("Date:From:To:Subject:From:Subject:Reply-To", ("message-id", "content-type"), id="as Yahoo signs"),
    ],
)  # fmt: skip
def test_large_providers_leave_fields_open_and_the_verdict_names_them(names: str, unsigned: tuple[str, ...]) -> None:
    signed = sign(LETTER, names=names.split(":"))
    found = verdict(signed)
    assert (found.result, found.reason) == (DkimResult.POLICY, DkimReason.FIELD_UNSIGNED)
    assert found.unsigned == unsigned
    assert len(found.digest) == 64
    (lenient,) = check_dkim(signed, published(), NOW, LIMITS, demanded=("from", "subject", "date"))
    assert (lenient.reason, lenient.digest) == (DkimReason.PASSED, found.digest)
    (changed,) = check_dkim(signed.replace(b"$250", b"$950"), published(), NOW, LIMITS, demanded=())
    assert changed.reason is DkimReason.BODY_CHANGED


def test_what_a_replayer_can_change_in_an_open_field_makes_no_other_message() -> None:
    signed = sign(LETTER, names=("from", "date", "subject", "message-id"))
    digests = {verdict(raw).digest for raw in (signed, signed.replace(b"To: dspp@", b"To: ir@"))}
    assert digests == {verdict(signed.replace(b"To: dspp@aastrom.com\r\n", b"")).digest}
    assert digests != {""}


def read(raw: bytes) -> list[DkimReason]:
    return [each.reason for each in read_signatures(raw, NOW, LIMITS)]


def line(key: Key | None = None, names: tuple[str, ...] = SIX, **tags: str) -> bytes:
    return sign(LETTER, key=key, names=names, tags=tags)[: -len(LETTER)]


def test_without_keys_a_signature_is_judged_by_all_but_the_mathematics() -> None:
    signed = sign(LETTER)
    (found,) = read_signatures(signed, NOW, LIMITS)
    assert replace(verdict(signed), key_bits=0) == found
    assert read(sign(LETTER, key=short_key())) == [DkimReason.PASSED]
    assert read(signed.replace(b"$250", b"$950")) == [DkimReason.BODY_CHANGED]
    assert read(sign(LETTER, names=SIX[1:])) == [DkimReason.FROM_UNSIGNED]
    assert read(sign(LETTER, names=SIX[:3])) == [DkimReason.FIELD_UNSIGNED]
    assert read(sign(LETTER, tags={"l": "5"})) == [DkimReason.BODY_LENGTH]
    assert read(sign(LETTER, tags={"t": "1", "x": "2"})) == [DkimReason.EXPIRED]
    assert read(LETTER) == []
    assert read(b"From : ann\r\n" + signed) == [DkimReason.HEADER_MALFORMED]


@pytest.mark.parametrize(
    ("genuine", "reason"),
    [
        pytest.param(line(names=SIX[:3]), DkimReason.FIELD_UNSIGNED, id="one that leaves fields open"),
        pytest.param(line(l="5"), DkimReason.BODY_LENGTH, id="one over a part of the body"),
        pytest.param(line(s="other", a="rsa-sha1"), DkimReason.ALGORITHM_WEAK, id="one of another selector"),
        pytest.param(line(z="x" * 9_000), DkimReason.FIELD_TOO_LONG, id="one that is not read"),
        pytest.param(line(future="a b=c"), DkimReason.TAGS_MALFORMED, id="one with a second value"),
    ],
)
@pytest.mark.parametrize("is_on_top", [True, False])
def test_without_keys_a_better_looking_signature_does_not_stand_for_a_genuine_one(
    genuine: bytes, reason: DkimReason, is_on_top: bool
) -> None:
    invented = line(key=short_key())
    raw = (invented + genuine if is_on_top else genuine + invented) + LETTER
    assert read(raw) == [reason, reason]
    others = sign(raw, domain="example.net", names=SIX)
    expected = reason if reason is DkimReason.FIELD_TOO_LONG else DkimReason.PASSED
    assert read(others)[0] is expected


@pytest.mark.parametrize("count", [6, 21, 300])
def test_without_keys_more_signatures_than_are_looked_at_prove_nothing(count: int) -> None:
    assert DkimReason.PASSED not in read(line() * count + LETTER)
    assert set(read(line() * 5 + LETTER)) == {DkimReason.PASSED}
    elsewhere = line(d="example.net", a="rsa-sha1")
    hidden = line(key=short_key()) + elsewhere * 19 + line(l="5") + LETTER
    assert DkimReason.PASSED not in read(hidden)
    assert read(line() + elsewhere * 19 + LETTER)[0] is DkimReason.PASSED


def test_keys_are_asked_for_the_topmost_signatures_that_could_pass_and_each_once() -> None:
    lines = [line(s="old", a="rsa-sha1"), *(line(s=f"s{n}") for n in range(7)), line(s="s0")]
    raw = b"".join(lines) + LETTER
    assert key_names(raw, LIMITS) == tuple(f"s{n}._domainkey.example.com" for n in range(5))
    assert key_names(line() + line() + LETTER, LIMITS) == ("s1._domainkey.example.com",)
    reasons = [each.reason for each in verdicts(raw)]
    assert reasons[0] is DkimReason.ALGORITHM_WEAK
    assert reasons[2] is DkimReason.PASSED
    assert reasons[6:] == [DkimReason.TOO_MANY_SIGNATURES] * 3


def test_signatures_in_the_body_count_as_text() -> None:
    raw = HEAD + b"\r\n\r\n" + sign(LETTER)
    assert key_names(raw, LIMITS) == ()
    assert verdicts(raw) == ()


def test_a_long_list_of_signatures_is_not_read_to_its_end() -> None:
    assert len(verdicts(line() * 200 + LETTER)) == 20


def test_a_signature_lasts_until_its_end() -> None:
    end = int(NOW.timestamp()) + 60
    signed = sign(LETTER, tags={"x": str(end)})
    at = [check_dkim(signed, published(), NOW + timedelta(seconds=s), LIMITS)[0].reason for s in (0, 60, 61)]
    assert at == [DkimReason.PASSED, DkimReason.PASSED, DkimReason.EXPIRED]
    long_ago = sign(LETTER, tags={"t": "1000000000", "x": "1000000060"})
    then = NOW - timedelta(seconds=NOW.timestamp() - 1_000_000_030)
    assert check_dkim(long_ago, published(), then, LIMITS)[0].reason is DkimReason.PASSED


def test_every_reason_has_one_result() -> None:
    assert set(RESULT_OF) == set(DkimReason)
    assert [reason for reason in DkimReason if RESULT_OF[reason] is DkimResult.PASS] == [DkimReason.PASSED]


_LINE = st.text(alphabet="ab \t", max_size=6).map(str.encode)


@given(st.lists(_LINE, max_size=12), st.booleans())
def test_bodies_are_canonical_as_dkimpy_makes_them(lines: list[bytes], ended: bool) -> None:
    body = b"\r\n".join(lines) + b"\r\n" * ended
    assert canonical_body(body, "simple") == Simple.canonicalize_body(body)
    assert canonical_body(body, "relaxed") == Relaxed.canonicalize_body(body)


_SIMPLE = sign(LETTER, forms="simple/simple", names=SIX)
_RELAXED = sign(LETTER, forms="relaxed/relaxed", names=SIX)
_SIGNED_FROM = len(_SIMPLE) - len(LETTER)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(LETTER) - 1), st.integers(1, 255))
def test_no_flipped_byte_passes_under_simple_forms(at: int, flip: int) -> None:
    place = _SIGNED_FROM + at
    raw = _SIMPLE[:place] + bytes([_SIMPLE[place] ^ flip]) + _SIMPLE[place + 1 :]
    assert all(each.reason is not DkimReason.PASSED for each in verdicts(raw))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(_RELAXED) - 1), st.integers(0, 255))
def test_a_replaced_byte_passes_under_relaxed_forms_only_where_it_says_the_same(at: int, byte: int) -> None:
    raw = _RELAXED[:at] + bytes([byte]) + _RELAXED[at + 1 :]
    for each in verdicts(raw):
        if each.reason is DkimReason.PASSED:
            head, body = raw.split(b"\r\n\r\n", 1)
            assert body.split() == BODY.split()
            assert head[_SIGNED_FROM:].lower().split() == HEAD.lower().split()
            assert each.digest == verdict(_RELAXED).digest


def test_only_signatures_of_the_senders_organization_are_looked_into() -> None:
    foreign = b"".join(line(d=f"relay{n}.example", s=f"f{n}") for n in range(9))
    raw = foreign + line(d="mail.example.com") + line() + LETTER
    assert key_names(raw, LIMITS, "example.com") == (
        "s1._domainkey.mail.example.com",
        "s1._domainkey.example.com",
    )
    assert key_names(raw, LIMITS, "") == ()
    found = check_dkim(sign(sign(LETTER), "relay.example"), published(), NOW, LIMITS, organization="example.com")
    assert [each.reason for each in found] == [DkimReason.NOT_OF_SENDER, DkimReason.PASSED]
    assert (found[0].domain, found[0].result, found[0].digest) == ("relay.example", DkimResult.POLICY, "")
