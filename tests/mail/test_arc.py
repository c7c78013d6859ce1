"""Chains of relays: whole, broken at each link, and made to harm."""

from __future__ import annotations

import time

import pytest
from dkim import rfc822_parse  # type: ignore[import-untyped]  # dkimpy has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.arc import ArcReason, ArcResult, ArcVerdict, arc_key_names, check_arc
from bot.mail.dns import Answer, DnsFailure
from bot.mail.limits import Limits
from tests.mail.signing import LETTER, Key, ed25519_key, key_record, published, rsa_key, seal, short_key, sign

LIMITS = Limits()
KEYS = published() | published(key_record(ed25519_key()), domain="relay.example", selector="arc")


def chain(length: int) -> bytes:
    raw = sign(LETTER)
    for number in range(length):
        raw = seal(raw, results=f"mx{number}.example; dkim=pass")
    return raw


def verdict(raw: bytes) -> ArcVerdict:
    return check_arc(raw, KEYS, LIMITS)


@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_a_whole_chain_passes(length: int) -> None:
    found = verdict(chain(length))
    assert (found.result, found.reason) == (ArcResult.PASS, ArcReason.WHOLE)
    assert (found.instances, found.sealer) == (length, "example.com")
    assert found.reported == f"mx{length - 1}.example; dkim=pass"


def test_relays_sign_with_keys_of_their_own() -> None:
    raw = seal(chain(1), domain="relay.example", selector="arc", key=ed25519_key())
    assert arc_key_names(raw, LIMITS) == ("arc._domainkey.relay.example", "s1._domainkey.example.com")
    found = verdict(raw)
    assert (found.result, found.instances, found.sealer) == (ArcResult.PASS, 2, "relay.example")


@pytest.mark.parametrize("raw", [LETTER, sign(LETTER), b"", b"\r\n\r\ntext"])
def test_a_message_without_sets_has_no_chain(raw: bytes) -> None:
    assert verdict(raw).result is not ArcResult.PASS
    assert arc_key_names(raw, LIMITS) == ()
    if raw[:1].isalpha():
        assert verdict(raw) == ArcVerdict(ArcReason.NO_SETS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param((b"$250", b"$950"), ArcReason.CHANGED, id="the body"),
        pytest.param((b"From: Ann <ann@", b"From: Ann <bob@"), ArcReason.CHANGED, id="the sender"),
        pytest.param((b"Subject: Invest", b"Subject: Sell"), ArcReason.CHANGED, id="the subject"),
        pytest.param((b"mx0.example; dkim=pass", b"mx0.example; dkim=fail"), ArcReason.FORGED, id="the oldest results"),
        pytest.param((b"mx1.example; dkim=pass", b"mx1.example; dkim=fail"), ArcReason.FORGED, id="the latest results"),
        pytest.param((b"cv=pass", b"cv=none"), ArcReason.INCOMPLETE, id="a state that cannot be"),
        pytest.param((b"cv=pass", b"cv=fail"), ArcReason.BROKEN_BEFORE, id="a chain that was broken"),
        pytest.param((b"i=2; mx1", b"i=3; mx1"), ArcReason.INCOMPLETE, id="an instance left out"),
        pytest.param((b"i=2; mx1", b"i=1; mx1"), ArcReason.INCOMPLETE, id="an instance twice"),
        pytest.param((b"i=2; mx1", b"i=0; mx1"), ArcReason.INCOMPLETE, id="an instance of nought"),
        pytest.param((b"i=2; mx1", b"mx1"), ArcReason.INCOMPLETE, id="results without an instance"),
        pytest.param((b"ARC-Seal: i=2", b"ARC-Seal: i=x"), ArcReason.INCOMPLETE, id="an instance that is no number"),
        pytest.param((b"ARC-Seal: i=2", b"X-Seal: i=2"), ArcReason.INCOMPLETE, id="a seal missing"),
        pytest.param((b"ARC-Seal: i=2;", b"ARC-Seal: i=2; h=from;"), ArcReason.INCOMPLETE,
                     id="a seal that names fields"),
        pytest.param((b"ARC-Seal: i=2;", b"ARC-Seal: i=2; i=2;"), ArcReason.INCOMPLETE, id="a tag twice"),
        pytest.param((b"a=rsa-sha256", b"a=rsa-sha1"), ArcReason.INCOMPLETE, id="SHA-1"),
        pytest.param((b"d=example.com", b"d=com"), ArcReason.INCOMPLETE, id="no domain"),
        pytest.param((b"d=example.com", b"d=example.org"), ArcReason.NO_KEY, id="a domain without a key"),
        pytest.param((b"Subject:", b"Subject :"), ArcReason.UNREADABLE, id="a header that programs read differently"),
    ],
)  # fmt: skip
def test_a_chain_that_was_changed_fails(change: tuple[bytes, bytes], reason: ArcReason) -> None:
    whole = chain(2)
    raw = whole.replace(*change, 1)
    assert raw != whole
    found = verdict(raw)
    assert (found.result, found.reason) == (ArcResult.FAIL, reason)
    assert (found.sealer, found.reported) == ("", "")


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        pytest.param({"l": "5"}, ArcReason.INCOMPLETE, id="a length"),
        pytest.param({"h": "to:subject"}, ArcReason.INCOMPLETE, id="no From"),
        pytest.param({"h": "from:arc-seal"}, ArcReason.INCOMPLETE, id="a seal among the signed fields"),
        pytest.param({"c": "simple/other"}, ArcReason.INCOMPLETE, id="an unknown form"),
        pytest.param({"bh": "AAAA"}, ArcReason.CHANGED, id="another hash"),
    ],
)
def test_a_message_signature_that_does_not_cover_the_message_fails(tags: dict[str, str], reason: ArcReason) -> None:
    assert verdict(seal(LETTER, tags=tags)).reason is reason


def test_nothing_can_be_put_where_a_value_is_left_out_of_the_hash() -> None:
    """A second b= would take what follows it out of what is signed."""
    for raw in (seal(LETTER, tags={"z": "a b="}), seal(LETTER, seal_tags={"z": "a b="})):
        assert verdict(raw).result is ArcResult.FAIL
        assert verdict(raw.replace(b"a b=", b"a b=AAAA")).result is ArcResult.FAIL


@pytest.mark.parametrize("name", [b"ARC-Authentication-Results", b"ARC-Message-Signature", b"ARC-Seal"])
def test_a_set_has_each_field_once(name: bytes) -> None:
    assert verdict(name + b": i=2; b=AAAA\r\n" + chain(2)).reason is ArcReason.INCOMPLETE


def test_a_change_after_an_earlier_relay_is_the_next_relays_word() -> None:
    changed = seal(LETTER).replace(b"$250.", b"$250. A list's footer.")
    assert verdict(changed).reason is ArcReason.CHANGED
    assert verdict(seal(changed)).reason is ArcReason.WHOLE


def test_sets_count_by_their_instance_wherever_they_stand() -> None:
    fields, body = rfc822_parse(chain(3))
    arc = [name + b":" + value for name, value in fields if name.startswith(b"ARC-")]
    rest = [name + b":" + value for name, value in fields if not name.startswith(b"ARC-")]
    raw = b"".join([*rest, *arc[::-1], b"\r\n", body])
    assert verdict(raw).reason is ArcReason.WHOLE


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        pytest.param(DnsFailure("timeout"), rsa_key(), id="no answer"),
        pytest.param(Answer(False), rsa_key(), id="no such name"),
        pytest.param(Answer(True, (key_record(t="y"),)), rsa_key(), id="a test key"),
        pytest.param(Answer(True, (key_record(p=""),)), rsa_key(), id="a revoked key"),
        pytest.param(Answer(True, (key_record(short_key()),)), short_key(), id="a short key"),
    ],
)
def test_a_relay_without_a_sound_key_breaks_the_chain(answer: Answer | DnsFailure, key: Key) -> None:
    found = check_arc(seal(LETTER, key=key), {"s1._domainkey.example.com": answer}, LIMITS)
    assert (found.result, found.reason, found.instances) == (ArcResult.FAIL, ArcReason.NO_KEY, 1)


def test_a_seal_of_another_key_is_forged() -> None:
    forged = seal(LETTER, key=rsa_key(1_024))
    assert verdict(forged).reason is ArcReason.CHANGED
    sealed_wrong = seal(LETTER).replace(b"ARC-Seal: i=1;", b"ARC-Seal: i=1; t=1;")
    assert verdict(sealed_wrong).reason is ArcReason.FORGED


def test_what_a_relay_says_is_shown_in_one_short_plain_line() -> None:
    said = 'mx.example;\r\n dkim=pass\x1b[31m \u202e\u00e9 reason="' + "x" * 3_000 + '"'
    found = verdict(seal(LETTER, results=said))
    assert found.reason is ArcReason.WHOLE
    assert found.reported.startswith("mx.example; dkim=pass?[31m ?")
    assert found.reported.isascii()
    assert found.reported.isprintable()
    assert len(found.reported) == 1_000


def test_more_sets_than_are_looked_at_fail_unread() -> None:
    raw = chain(11)
    assert verdict(raw) == ArcVerdict(ArcReason.TOO_MANY)
    assert arc_key_names(raw, LIMITS) == ()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"ARC-Seal: i=1;" + b" " * 200_000 + b"\r\n" + LETTER, id="spaces"),
        pytest.param(b"ARC-Authentication-Results:" + b" " * 200_000 + b"i=1;\r\n" + LETTER, id="spaces before i="),
        pytest.param(b"ARC-Seal: " + b"i=1;" * 60_000 + b"\r\n" + LETTER, id="tags"),
        pytest.param(b"ARC-Seal: i=1\r\n" * 900 + LETTER, id="seals"),
        pytest.param(chain(1) + b" " * 9_900_000, id="a body of spaces"),
    ],
)
def test_hostile_chains_are_checked_in_fair_time(raw: bytes) -> None:
    started = time.process_time()
    arc_key_names(raw, LIMITS)
    assert verdict(raw).result is ArcResult.FAIL
    assert time.process_time() - started < 3.0


_WHOLE = chain(2)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(_WHOLE) - 1), st.binary(max_size=3))
def test_no_changed_bytes_raise_and_a_chain_that_passes_says_the_same(at: int, other: bytes) -> None:
    raw = _WHOLE[:at] + other + _WHOLE[at + 1 :]
    assert len(arc_key_names(raw, LIMITS)) <= 11
    found = verdict(raw)
    if found.result is ArcResult.PASS:
        assert raw.split(b"\r\n\r\n", 1)[1].split() == LETTER.split(b"\r\n\r\n", 1)[1].split()
        assert (found.instances, found.reported) == (2, "mx1.example; dkim=pass")


@given(st.binary(max_size=500))
def test_any_bytes_have_a_verdict(raw: bytes) -> None:
    for message in (raw, b"ARC-Seal: i=1; " + raw + b"\r\n" + LETTER):
        assert verdict(message).result is not ArcResult.PASS
