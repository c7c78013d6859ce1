"""Signed letters: dkimpy, which did not sign them, finds both signatures good, and no change to them goes unseen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # dkimpy has no types
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.mail.compose import LetterParts
from bot.mail.courier import Deferred, Delivery, FolderCourier, Sent
from bot.mail.dkim_keys import SigningKey, SigningKeys
from bot.mail.dkim_sign import SIGNATURE_LIFE, SIGNED, CannotSign, SigningCourier, sign
from bot.mail.headers import read_header_section
from bot.mail.limits import Limits
from tests.mail.test_compose import made

NOW = datetime.now(UTC).replace(microsecond=0)
KEYS = SigningKeys(
    "aastrom.com",
    (
        SigningKey("rsa", "aastrom.com", "s1-rsa", generate_private_key(65537, 2048)),
        SigningKey("ed25519", "aastrom.com", "s1-ed25519", Ed25519PrivateKey.generate()),
    ),
)
RSA, ED25519 = 0, 1


def published(keys: SigningKeys = KEYS) -> Callable[..., bytes | None]:
    """A name system that holds the records of `keys`, as dkimpy asks it."""
    records: Mapping[str, str] = {f"{key.record.name}.": key.record.value for key in keys.keys}

    def ask(name: bytes, timeout: int = 5) -> bytes | None:
        found = records.get(name.decode())
        return found.encode() if found else None

    return ask


def verified(raw: bytes, keys: SigningKeys = KEYS) -> list[bool]:
    """What dkimpy says of each signature, topmost first. A fault in a signature is a no."""
    answers = []
    for place in range(len(keys.keys)):
        try:
            answers.append(dkim.DKIM(raw, minkey=2048).verify(idx=place, dnsfunc=published(keys)))
        except dkim.DKIMException:
            answers.append(False)
    return answers


def tags(raw: bytes, place: int) -> dict[str, str]:
    """The tags of a signature, without the spaces that fold it."""
    value = read_header_section(raw, 0, len(raw), Limits()).all("dkim-signature")[place]
    pairs = (tag.partition("=") for tag in re.sub(r"\s", "", value).split(";"))
    return {name: given for name, _, given in pairs}


def test_dkimpy_verifies_both_signatures_of_a_letter() -> None:
    assert verified(sign(made(), KEYS, NOW)) == [True, True]


def test_a_signature_says_what_it_must_and_for_how_long() -> None:
    raw = sign(made(), KEYS, NOW)
    rsa, ed25519 = tags(raw, RSA), tags(raw, ED25519)
    assert (rsa["a"], rsa["s"]) == ("rsa-sha256", "s1-rsa")
    assert (ed25519["a"], ed25519["s"]) == ("ed25519-sha256", "s1-ed25519")
    for found in (rsa, ed25519):
        assert (found["v"], found["c"], found["d"]) == ("1", "relaxed/relaxed", "aastrom.com")
        assert int(found["t"]) == NOW.timestamp()
        assert int(found["x"]) - int(found["t"]) == SIGNATURE_LIFE.total_seconds() == 14 * 24 * 3600
        assert set(found) == {"v", "a", "c", "d", "s", "t", "x", "h", "bh", "b"}, "and no l="


def test_every_field_is_signed_once_more_than_it_occurs() -> None:
    raw = sign(made(unsubscribe="https://aastrom.com/u"), KEYS, NOW)
    section = read_header_section(raw, 0, len(raw), Limits())
    for place in (RSA, ED25519):
        signed = tags(raw, place)["h"].split(":")
        assert {name: signed.count(name) for name in SIGNED} == {name: len(section.all(name)) + 1 for name in SIGNED}
        assert set(signed) == set(SIGNED)


@pytest.mark.parametrize("name", SIGNED)
def test_no_field_that_matters_can_be_added(name: str) -> None:
    raw = sign(made(), KEYS, NOW)
    assert verified(f"{name}: <x@evil.example>\r\n".encode() + raw) == [False, False]
    head, _, body = raw.partition(b"\r\n\r\n")
    assert verified(head + f"\r\n{name}: <x@evil.example>\r\n\r\n".encode() + body) == [False, False]


@pytest.mark.parametrize("name", [name for name in SIGNED if name != "cc"])
def test_no_field_that_matters_can_be_changed_or_taken_away(name: str) -> None:
    raw = sign(made(unsubscribe="https://aastrom.com/u"), KEYS, NOW)
    field = re.compile(rb"(?im)^" + name.encode() + rb":(.|\r\n[ \t])*\r\n")
    assert field.search(raw)
    assert verified(field.sub(b"", raw)) == [False, False]
    assert verified(field.sub(f"{name}: other\r\n".encode(), raw)) == [False, False]


def test_no_word_of_the_text_can_be_changed_or_added() -> None:
    raw = sign(made(), KEYS, NOW)
    assert verified(raw.replace(b"$250.00", b"$950.00")) == [False, False]
    assert verified(raw + b"and more\r\n") == [False, False]


def test_what_relays_do_to_a_letter_breaks_nothing() -> None:
    raw = sign(made(), KEYS, NOW)
    relayed = b"Received: from a\r\n by b\r\nReturn-Path: <x@y.example>\r\n" + raw
    relayed = relayed.replace(b"\r\nSubject: Your order", b"\r\nSUBJECT:   Your\r\n\torder")
    assert verified(relayed + b"\r\n\r\n") == [True, True]


@given(
    st.text(max_size=300),
    st.text(max_size=900),
    st.text(max_size=80),
    st.lists(st.integers(0, 10**9).map(lambda number: f"<{number}@example.com>"), max_size=25),
    st.sampled_from(["ann@example.com", "jürgen@exämple.de"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_letter_says_both_signatures_are_good(
    subject: str, body: str, name: str, references: list[str], recipient: str
) -> None:
    raw = made(LetterParts(subject, body, body), program_name=name, references=references, to_address=recipient)
    assert verified(sign(raw, KEYS, NOW)) == [True, True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n\r\n",
        b"x",
        b"\t\t x\r\n \t\r\n" + b" " * 900 + b"y \r\n",
        b" \t x \t \r\n\r\n",
        b"a\nb\rc\r\n",
        b".\r\n..\r\n",
    ],
    ids=repr,
)
def test_odd_bodies_are_signed_as_they_will_be_sent(body: bytes) -> None:
    raw = sign(b"From: <dspp@aastrom.com>\r\nSubject: x\r\n\r\n" + body, KEYS, NOW)
    assert verified(raw) == [True, True]
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def test_a_long_domain_and_long_lines_of_names_stay_whole() -> None:
    domain = ".".join(["d" * 60] * 3) + ".example.com"
    keys = SigningKeys(domain, tuple(replace(key, domain=domain) for key in KEYS.keys))
    raw = sign(f"From: <dspp@{domain}>\r\nSubject: x\r\n\r\nhello\r\n".encode(), keys, NOW)
    assert verified(raw, keys) == [True, True]
    assert max(map(len, sign(made(), KEYS, NOW).split(b"\r\n"))) <= 78


def test_the_same_letter_at_the_same_second_has_the_same_bytes_and_is_kept_below() -> None:
    raw = made()
    signed = sign(raw, KEYS, NOW)
    assert signed == sign(raw, KEYS, NOW)
    assert signed.endswith(raw)
    assert signed != sign(raw, KEYS, NOW + timedelta(seconds=1))
    assert verified(sign(raw, KEYS, NOW + timedelta(days=-3))) == [True, True], "an older signature still counts"
    assert verified(sign(raw, KEYS, NOW - SIGNATURE_LIFE - timedelta(days=1))) == [False, False], "but not for ever"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(made(from_address="dspp@other.example"), id="from another domain"),
        pytest.param(made(from_address="dspp@mail.aastrom.com"), id="from a domain below"),
        pytest.param(b"Subject: x\r\n\r\nhello\r\n", id="from nobody"),
        pytest.param(b"From: <a@aastrom.com>\r\nFrom: <b@aastrom.com>\r\n\r\nx\r\n", id="two senders"),
        pytest.param(b"From: <a@aastrom.com>, <b@aastrom.com>\r\n\r\nx\r\n", id="two senders in one field"),
        pytest.param(b"From: <a@aastrom.com>\r\nno field\r\n\r\nx\r\n", id="a line that is no field"),
        pytest.param(b" x\r\nFrom: <a@aastrom.com>\r\n\r\nx\r\n", id="folded before it begins"),
        pytest.param(b"From: <a@aastrom.com>\r\n", id="no end of the header"),
        pytest.param(b"From: <a@aastrom.com>\r\n\r\n" + b" " * 999 + b"\r\n", id="a line that is too long"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_letter_of_ours_is_not_signed(raw: bytes) -> None:
    with pytest.raises(CannotSign):
        sign(raw, KEYS, NOW)


def test_a_time_without_a_zone_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="zone"):
        sign(made(), KEYS, NOW.replace(tzinfo=None))


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_signed_or_refused(noise: bytes) -> None:
    try:
        signed = sign(b"From: <dspp@aastrom.com>\r\n" + noise, KEYS, NOW)
    except CannotSign:
        return
    assert signed.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")


class Keeps:
    """A courier that keeps what it is given."""

    def __init__(self) -> None:
        self.raw: list[tuple[str, str, bytes]] = []
        self.is_closed = False

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Take it."""
        self.raw.append((envelope_from, recipient, raw))
        return Sent("250 taken")

    async def aclose(self) -> None:
        """Remember that."""
        self.is_closed = True


async def test_a_letter_is_signed_on_its_way_and_its_envelope_stays() -> None:
    keeps = Keeps()
    courier = SigningCourier(keeps, KEYS, lambda: NOW)
    assert await courier.send("dspp+b1@aastrom.com", "ann@example.com", made()) == Sent("250 taken")
    assert keeps.raw == [("dspp+b1@aastrom.com", "ann@example.com", sign(made(), KEYS, NOW))]
    await courier.aclose()
    assert keeps.is_closed


async def test_a_letter_that_cannot_be_signed_is_kept_and_not_sent_without() -> None:
    keeps = Keeps()
    result = await SigningCourier(keeps, KEYS, lambda: NOW).send(
        "a@aastrom.com", "ann@example.com", made(from_address="dspp@other.example")
    )
    assert isinstance(result, Deferred)
    assert "not signed" in result.detail
    assert keeps.raw == []


async def test_a_signed_letter_has_the_same_file_at_every_try(tmp_path: Path) -> None:
    times = iter([NOW, NOW + timedelta(hours=1)])
    courier = SigningCourier(FolderCourier(tmp_path), KEYS, lambda: next(times))
    assert await courier.send("a@aastrom.com", "b@example.com", made()) == await courier.send(
        "a@aastrom.com", "b@example.com", made()
    )
    assert len(list(tmp_path.iterdir())) == 1


def test_the_keys_are_not_shown() -> None:
    shown = repr(KEYS)
    assert "PrivateKey" not in shown
    assert "s1-rsa" in shown
