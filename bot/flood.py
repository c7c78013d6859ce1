"""Keeps two machines from writing to each other for ever, and forged mail from making us write to the world."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.case import Case
from bot.mail.loopguard import sameness
from storage.letter_counts import LetterCounts
from storage.store import Transaction

LETTERS_AT_MOST = {timedelta(hours=1): 60, timedelta(days=1): 200}
"""How many letters one address gets at most. A person writes less; what writes more is a machine without manners."""
UNSURE_AT_MOST = {timedelta(hours=1): 10, timedelta(days=1): 30}
"""The same where it is not sure that the mail came from the address: who forges it shall neither fill its mailbox nor
use up the letters that are kept for its owner."""
UNSURE_TO_ANYBODY_AT_MOST = {timedelta(hours=1): 1_000}
"""Letters in all, over which none goes to whoever is not surely known: who forges must not make us write to many."""
IN_A_CONVERSATION_AT_MOST = {timedelta(days=1): 100}
"""Letters in one conversation."""
SAID_WITHIN = timedelta(hours=24)
"""A reply in the same words as an earlier message is a machine's within this time."""
SAID_ANEW_WITHIN = timedelta(hours=1)
"""So is a new letter that comes a third time within this one."""
WORDS_OF_A_MACHINE = 8
"""Fewer words may be said again by anybody: "yes", or what was asked for."""


def is_too_much(case: Case, now: datetime) -> bool:
    """Whether the message must get no letter, since machines may be writing to each other, or somebody makes us write.

    What surely comes from its sender and orders something is never too much for saying the same again.
    """
    return _is_flood(case.tx, case.conversation.address, now, is_sure=not case.is_unsure) or _says_the_same_again(
        case, now
    )


def is_flood(tx: Transaction, address: str, now: datetime) -> bool:
    """Whether so many letters went to `address` of late that whoever is not surely known gets none there."""
    return _is_flood(tx, address, now, is_sure=False)


def _is_flood(tx: Transaction, address: str, now: datetime, *, is_sure: bool) -> bool:
    counts = LetterCounts(tx.connection)
    limits = LETTERS_AT_MOST if is_sure else UNSURE_AT_MOST
    if any(counts.to(address, now - span) >= most for span, most in limits.items()):
        return True
    over_all = {} if is_sure else UNSURE_TO_ANYBODY_AT_MOST
    return any(counts.to_anybody(now - span) >= most for span, most in over_all.items())


def words_of(case: Case) -> str:
    """The digest of a message's words, numbers left out, apart for who is surely known: nobody else speaks for them."""
    if len(case.reading.live.split()) < WORDS_OF_A_MACHINE:
        return ""
    surely = "unsure" if case.is_unsure else "sure"
    return f"{surely}:{sameness(case.reading.live)}"[:64]


def _says_the_same_again(case: Case, now: datetime) -> bool:
    counts, address = LetterCounts(case.tx.connection), case.conversation.address
    in_here = IN_A_CONVERSATION_AT_MOST.items()
    if any(counts.in_conversation(case.conversation.id, now - span) >= most for span, most in in_here):
        return True
    words = words_of(case)
    if not words or case.reading.codes or (case.orders and not case.is_unsure):
        return False
    if case.reading.in_reply_to:
        return counts.said(address, words, now - SAID_WITHIN) >= 1
    return counts.said(address, words, now - SAID_ANEW_WITHIN) >= 2


NAMELESS_NOTICES_AT_MOST = 20
"""How many notices an hour tell staff of messages that name no sender; the rest stand in the list of reviews."""


def is_flood_of_nameless(tx: Transaction, now: datetime) -> bool:
    """Whether so many messages without a sender came of late that staff need not be told of each."""
    return tx.reviews.nameless_since(now - timedelta(hours=1)) >= NAMELESS_NOTICES_AT_MOST
