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
