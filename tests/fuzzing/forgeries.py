"""What must never become of a signed letter: strangers put theirs above, within and below it, and it still proves.

A letter that passes must be the letter that was signed. So whatever bytes a fuzzer finds, alone or around a letter that
was signed with a key of the tests: if a signature of it passes, its reader reads what the signer wrote, or less.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.mail.arc import SETS_CHECKED, ArcResult, arc_key_names, check_arc
from bot.mail.content import refusal_of
from bot.mail.dkim_check import SIGNATURES_CHECKED, SIGNATURES_READ, check_dkim, key_names, read_signatures
from bot.mail.dkim_reasons import DkimReason
from bot.mail.parse import ParsedMail, parse
from tests.fuzzing.claims import LIMITS, from_fields, on_the_wire
from tests.mail.signing import LETTER, NOW, key_record, published, seal, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""Always the same, so that what a fuzzer has found keeps its meaning."""
KEYS = published(key_record(KEY)) | published(key_record(KEY), domain="relay.example", selector="arc")
LETTER_WITH_PARTS = LETTER.replace(
    b"text/plain\r\n\r\nPlease invest $250.",
    b'multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease invest $250.\r\n--b\r\n'
    b"Content-Type: text/html\r\n\r\n<p>Please invest <b>$250</b>.\r\n--b--",
)
_MOST_PUT_IN = 3_000
"""Bytes of a stranger's that are put around a letter."""


@dataclass(frozen=True, slots=True)
class Genuine:
    """A letter as its domain signed it."""

    head: bytes
    body: bytes
    words: frozenset[str]
    """Every word of its text."""
    subject: str


@cache
def genuine() -> tuple[Genuine, ...]:
    """The letters that were signed, in each pair of forms."""
    return tuple(
        _taken_apart(sign(letter, key=KEY, forms=forms))
        for letter in (LETTER, LETTER_WITH_PARTS)
        for forms in ("relaxed/relaxed", "simple/simple", "relaxed/simple")
    )


def _taken_apart(signed: bytes) -> Genuine:
    head, _, body = signed.partition(b"\r\n\r\n")
    mail = parse(signed, LIMITS)
    return Genuine(head + b"\r\n", body, frozenset(mail.text.split()), mail.subject)


@cache
def chain() -> bytes:
    """A signed letter that went over two relays which say so."""
    return seal(seal(sign(LETTER, key=KEY), key=KEY), "relay.example", "arc", KEY)


def check_forgeries(raw: bytes) -> None:
    """Claim it of the bytes alone, and of a signed letter with the bytes in one of PLACES; the bytes choose which."""
    wire = on_the_wire(raw)
    relays_are_heard_in_bounds(wire)
    a_letter_that_passes_is_the_letter_that_was_signed(wire)
    chance = crc32(raw)
    letter = genuine()[chance % len(genuine())]
    put = PLACES[chance // len(genuine()) % len(PLACES)]
    a_letter_that_passes_is_the_letter_that_was_signed(put(wire[:_MOST_PUT_IN], letter))


PLACES: tuple[Callable[[bytes, Genuine], bytes], ...] = (
    lambda piece, letter: piece + letter.head + b"\r\n" + letter.body,
    lambda piece, letter: piece + b"\r\n" + letter.head + b"\r\n" + letter.body,
    lambda piece, letter: letter.head + piece + b"\r\n" + letter.body,
    lambda piece, letter: letter.head + piece + b"\r\n\r\n" + letter.body,
    lambda piece, letter: letter.head + b"\r\n" + piece + letter.body,
    lambda piece, letter: letter.head + b"\r\n" + letter.body + piece,
)
"""Where a stranger can put bytes: above and below the fields, and above and below the body."""


def a_letter_that_passes_is_the_letter_that_was_signed(wire: bytes) -> None:
    """Whoever reads a message that passes reads the signer's sender, subject and words, or fewer of them."""
    names = key_names(wire, LIMITS)
    assert len(names) <= SIGNATURES_CHECKED
    assert all(name.isascii() and "._domainkey." in name for name in names)
    verdicts = check_dkim(wire, KEYS, NOW, LIMITS)
    assert len(verdicts) <= SIGNATURES_READ
    assert len(read_signatures(wire, NOW, LIMITS)) <= SIGNATURES_READ + 1
    for verdict in verdicts:
        assert (verdict.domain + verdict.selector + verdict.identity).isascii()
        assert not verdict.digest or re.fullmatch(r"[0-9a-f]{64}", verdict.digest)
    if any(verdict.reason is DkimReason.PASSED for verdict in verdicts) and not refusal_of(wire, LIMITS):
        assert from_fields(wire) == 1
        mail = parse(wire, LIMITS)
        assert any(_is_from(mail, letter) for letter in genuine()), "a forged message passes"


def _is_from(mail: ParsedMail, letter: Genuine) -> bool:
    is_of_its_words = set(mail.text.split()) <= letter.words
    return mail.from_address == "ann@example.com" and mail.subject == letter.subject and is_of_its_words


def relays_are_heard_in_bounds(wire: bytes) -> None:
    """A chain names few keys, and tells clean words and only where it is whole."""
    assert len(arc_key_names(wire, LIMITS)) <= SETS_CHECKED + 1
    verdict = check_arc(wire, KEYS, LIMITS)
    assert verdict == check_arc(wire, KEYS, LIMITS)
    assert verdict.reported.isascii()
    assert verdict.reported.isprintable()
    assert verdict.result is ArcResult.PASS or (verdict.sealer, verdict.reported) == ("", "")
    assert verdict.result is not ArcResult.PASS or verdict.sealer in ("example.com", "relay.example")
