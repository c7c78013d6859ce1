"""Which conversation a message belongs to.

By the keyed reply address first, then by In-Reply-To and References to a
letter of ours; both only when the sender is the one we wrote to. Never by a
subject, a reference in the text or a From header alone: a stranger who quotes
a reference opens a conversation of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.mail.addresses import conversation_of
from bot.reading import Reading
from storage.conversations import Conversation
from storage.store import Transaction


def conversation_for(
    tx: Transaction,
    reading: Reading,
    recipients: Iterable[str] | None,
    *,
    channel: str,
    program_address: str,
    key: bytes,
    now: datetime,
) -> Conversation:
    """The conversation that a message continues, or a new one.

    `recipients` are the addresses that the message came to; None for a sender who is not known surely, who must not
    put a word into somebody's conversation: theirs is always a new one.
    """
    address = reading.from_address
    if recipients is None:
        return tx.conversations.open(channel, address, now)
    for recipient in recipients:
        known = conversation_of(recipient, program_address, key)
        conversation = tx.conversations.get(known) if known else None
        if conversation and conversation.address == address:
            return conversation
    named = (*reading.in_reply_to, *reversed(reading.references))
    if named:
        conversation = tx.conversations.of_letter(named, address)
        if conversation:
            return conversation
    return tx.conversations.open(channel, address, now)
