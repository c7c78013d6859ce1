"""Keeps two machines from writing to each other for ever: how many letters one address gets at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.mail.loopguard import sameness
from bot.reading import Reading
from storage.letter_counts import LetterCounts
from storage.store import Transaction

LETTERS_AT_MOST = {timedelta(hours=1): 60, timedelta(days=1): 200}
"""How many letters one address gets at most. A person writes less; what writes more is a machine without manners."""


UNSURE_AT_MOST = {timedelta(hours=1): 10, timedelta(days=1): 30}
"""The same where it is not sure that the mail came from the address: who forges it shall neither fill its mailbox nor
use up the letters that are kept for its owner."""

UNSURE_TO_ANYBODY_AT_MOST = {timedelta(hours=1): 1_000}
"""Letters in all, over which none goes to whoever is not surely known: who forges must not make us write to many."""


def is_flood(tx: Transaction, address: str, now: datetime, *, is_sure: bool) -> bool:
    """Whether so many letters went to `address` of late that two machines may be writing to each other.

    `is_sure` says whether what would be answered surely came from that address.
    """
    counts = LetterCounts(tx.connection)
    limits = LETTERS_AT_MOST if is_sure else UNSURE_AT_MOST
    if any(counts.to(address, now - span) >= most for span, most in limits.items()):
        return True
    over_all = {} if is_sure else UNSURE_TO_ANYBODY_AT_MOST
    return any(counts.to_anybody(now - span) >= most for span, most in over_all.items())


SAID_WITHIN = timedelta(hours=24)
WORDS_OF_A_MACHINE = 8
"""Fewer words may be said again by anybody: "yes", or what was asked for."""


def says_the_same_again(tx: Transaction, reading: Reading, address: str, now: datetime) -> bool:
    """Whether a reply says in the same words what its sender said not long ago: two machines may face each other.

    A message that begins a conversation is none, for a person may give the same order twice; nor is one with a code.
    """
    if not reading.in_reply_to or reading.codes or len(reading.live.split()) < WORDS_OF_A_MACHINE:
        return False
    return LetterCounts(tx.connection).has_said(address, sameness(reading.live), now - SAID_WITHIN)


NAMELESS_NOTICES_AT_MOST = 20
"""How many notices an hour tell staff of messages that name no sender; the rest stand in the list of reviews."""


def is_flood_of_nameless(tx: Transaction, now: datetime) -> bool:
    """Whether so many messages without a sender came of late that staff need not be told of each."""
    return tx.reviews.nameless_since(now - timedelta(hours=1)) >= NAMELESS_NOTICES_AT_MOST
