"""Keeps two machines from writing to each other for ever: how many letters one address gets at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.letter_counts import LetterCounts
from storage.store import Transaction

LETTERS_AT_MOST = {timedelta(hours=1): 60, timedelta(days=1): 200}
"""How many letters one address gets at most. A person writes less; what writes more is a machine without manners."""


def is_flood(tx: Transaction, address: str, now: datetime) -> bool:
    """Whether so many letters went to `address` of late that two machines may be writing to each other."""
    counts = LetterCounts(tx.connection)
    return any(counts.to(address, now - span) >= most for span, most in LETTERS_AT_MOST.items())


NAMELESS_NOTICES_AT_MOST = 20
"""How many notices an hour tell staff of messages that name no sender; the rest stand in the list of reviews."""


def is_flood_of_nameless(tx: Transaction, now: datetime) -> bool:
    """Whether so many messages without a sender came of late that staff need not be told of each."""
    return tx.reviews.nameless_since(now - timedelta(hours=1)) >= NAMELESS_NOTICES_AT_MOST
