"""Identifiers: time-ordered and unguessable for rows, derived from their cause for what people quote."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime

PLAIN_LETTERS = "23456789BCDFGHJKMNPQRTVWXYZ"
"""Letters and digits that nobody confuses when reading aloud; no vowels, so no words."""

_IN_ORDER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"234567abcdefghijklmnopqrstuvwxyz")
"""Base32 with the digits first, so that the texts sort as the numbers do."""


def new_id(now: datetime) -> str:
    """26 lower-case base32 characters: 48 bits of milliseconds, then 80 random bits."""
    head = int(now.timestamp() * 1000).to_bytes(6, "big")
    return base64.b32encode(head + secrets.token_bytes(10)).rstrip(b"=").translate(_IN_ORDER).decode()


def spelled(seed: str, length: int) -> str:
    """`length` plain characters that follow from `seed`: the same seed, the same characters."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, at = divmod(number, len(PLAIN_LETTERS))
        letters.append(PLAIN_LETTERS[at])
    return "".join(letters)


def quotable(seed: str, length: int) -> str:
    """As `spelled`, but with at least one letter and one digit, so that it is known for a number wherever it stands.

    A spelling of letters alone reads like a word, one of digits alone like a
    quantity; then the next spelling of the same seed is taken.
    """
    spelling = spelled(seed, length)
    further = 0
    while spelling.isalpha() or spelling.isdigit():
        further += 1
        spelling = spelled(f"{seed}#{further}", length)
    return spelling
