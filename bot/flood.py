"""Keeps two machines from writing to each other for ever, and forged mail from making us write to the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.case import Case
from bot.mail.addresses import without_extension
from bot.mail.authentication import SURE
from bot.mail.loopguard import sameness
from bot.mail.organization import organizational_domain
from storage.letter_counts import LetterCounts
from storage.store import Transaction
from storage.unsure_counts import UnsureCounts

Limits = Mapping[timedelta, int]
SURE_NAMES = frozenset(ground.name for ground in SURE)

LETTERS_AT_MOST = {timedelta(hours=1): 60, timedelta(days=1): 200}
"""How many letters one address gets at most. A person writes less; what writes more is a machine without manners."""
UNSURE_AT_MOST = {timedelta(hours=1): 10, timedelta(days=1): 30}
"""How many one mailbox gets because of mail of which it is not sure that it came from there: who forges it shall
neither fill the mailbox nor use up the letters that are kept for its owner. What follows a plus sign, and dots, make no
other mailbox."""
DISOWNED_AT_MOST = {timedelta(hours=1): 3, timedelta(days=1): 6}
"""The same where the domain itself says that such mail is not from there. Not none: a holder's own letter looks like
that when somebody on its way changed it, and must not meet silence."""
UNSURE_IN_A_DOMAIN_AT_MOST = {timedelta(hours=1): 100, timedelta(days=1): 500}
"""How many all mailboxes of one organization get because of such mail. Mail that comes straight from a provider that
signs is sure and not counted, so this holds of a large provider too."""
UNSURE_TO_ANYBODY_AT_MOST = {timedelta(hours=1): 1_000}
"""How many go out in all because of such mail: who forges must not make us write to many. Letters to whoever is surely
known are not counted, so a busy hour takes none from the others."""
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
    address = case.conversation.address
    if not case.is_unsure:
        is_over = _is_over(LETTERS_AT_MOST, lambda since: LetterCounts(case.tx.connection).to(address, since), now)
    else:
        is_over = _is_flood_of_unsure(case.tx, address, now, DISOWNED_AT_MOST if case.is_disowned else UNSURE_AT_MOST)
    return is_over or says_the_same_again(case, now)


def is_flood(tx: Transaction, address: str, now: datetime) -> bool:
    """Whether so many letters went out of late that whoever is not surely known gets none at `address`."""
    return _is_flood_of_unsure(tx, address, now, UNSURE_AT_MOST)


def _is_flood_of_unsure(tx: Transaction, address: str, now: datetime, to_a_mailbox: Limits) -> bool:
    """Whether a limit is reached for all, for the address's organization or for its mailbox.

    Only letters to whoever is not surely known count, so nothing of a holder's own letters shows.
    """
    counts = UnsureCounts(tx.connection, SURE_NAMES)
    if _is_over(UNSURE_TO_ANYBODY_AT_MOST, counts.letters_in_all, now):
        return True
    domain = address.rpartition("@")[2]
    longest, most = max(UNSURE_IN_A_DOMAIN_AT_MOST.items())
    letters = counts.letters(organizational_domain(domain) or domain, now - longest, most)
    to_it = [at for recipient, at in letters if _mailbox(recipient) == _mailbox(address)]
    in_all = [at for _recipient, at in letters]
    return _is_over(to_a_mailbox, _counting(to_it), now) or _is_over(UNSURE_IN_A_DOMAIN_AT_MOST, _counting(in_all), now)


def _is_over(limits: Limits, sent_since: Callable[[datetime], int], now: datetime) -> bool:
    return any(sent_since(now - span) >= most for span, most in limits.items())


def _counting(sent: Sequence[datetime]) -> Callable[[datetime], int]:
    return lambda since: sum(at >= since for at in sent)


def _mailbox(address: str) -> str:
    """The same for all ways to write to one mailbox: providers let their customers add plus signs, some also dots."""
    local, _, domain = without_extension(address).rpartition("@")
    return f"{local.replace('.', '')}@{domain}"


def words_of(case: Case) -> str:
    """The digest of a message's words, numbers left out, apart for who is surely known: nobody else speaks for them."""
    if len(case.reading.live.split()) < WORDS_OF_A_MACHINE:
        return ""
    surely = "unsure" if case.is_unsure else "sure"
    return f"{surely}:{sameness(case.reading.live)}"[:64]


def says_the_same_again(case: Case, now: datetime) -> bool:
    """Whether the message, or its conversation, looks like a machine's: the same words, or letters without end."""
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


NOTICES_OF_UNSURE_AT_MOST = 20
"""How many notices an hour tell staff of single messages whose sender is not surely known, or is nobody."""


def unsure_reviews(tx: Transaction, now: datetime) -> int:
    """How many messages of the last hour wait for staff whose sender is not surely known, or is nobody.

    From NOTICES_OF_UNSURE_AT_MOST on, staff are told of all of them together instead of each.
    """
    return UnsureCounts(tx.connection, SURE_NAMES).reviews(now - timedelta(hours=1))
