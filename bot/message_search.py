"""Which message somebody means: staff hear an order number or a letter's reference, seldom an id of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.mail.dedupe import shown_id
from storage.ids import PLAIN_LETTERS
from storage.messages import InboundMessage
from storage.store import Transaction

_REFERENCE = re.compile(rf"(?:DSPP-?)?([{PLAIN_LETTERS}]{{6}})", re.IGNORECASE)
_ORDER = re.compile(rf"([PS])-?([{PLAIN_LETTERS}]{{7}})", re.IGNORECASE)
_ANSWERS = re.compile(r"(answer|review):(\w+)$")


def messages_meant(tx: Transaction, written: str) -> list[InboundMessage]:
    """The messages that `written` may mean, latest first; none if it fits nothing.

    It may be the id of a message or a review, the reference that letters give
    (with or without "DSPP-"), an order number, or a Message-ID (with or without
    its angle brackets), also that of a letter of ours. Case plays no part.
    """
    name = written.strip()
    found = {message.id: message for message in _of_id(tx, name.lower())}
    if not found and (order := _ORDER.fullmatch(name)):
        found = {message.id: message for message in _of_order(tx, f"{order[1]}-{order[2]}".upper())}
    if not found and (reference := _REFERENCE.fullmatch(name)):
        for conversation_id in tx.conversations.with_reference(f"DSPP-{reference[1]}".upper()):
            found |= {message.id: message for message in tx.messages.in_conversation(conversation_id)}
    if not found and "@" in name:
        found = {message.id: message for message in _of_message_id(tx, f"<{name.strip('<>')}>")}
    return sorted(found.values(), key=lambda message: (message.received_at, message.id), reverse=True)


def _of_id(tx: Transaction, name: str) -> Iterator[InboundMessage]:
    review = tx.reviews.get(name)
    yield from _existing(tx, [review.message_id if review else name])


def _existing(tx: Transaction, ids: Iterable[str]) -> Iterator[InboundMessage]:
    for one in ids:
        try:
            yield tx.messages.get(one)
        except LookupError:
            continue


def _of_order(tx: Transaction, order_id: str) -> Iterator[InboundMessage]:
    """The message that asked for the order, and those that confirmed it, cancelled it or asked about it."""
    yield from tx.messages.deciding_of(order_id)
    taken_for = (tx.orders.cause_of(order_id) or "").split(":")
    if taken_for[0] == "confirmed":
        asked = tx.confirmations.message_of(taken_for[1])
        yield from _existing(tx, [asked] if asked else [])


def _of_message_id(tx: Transaction, message_id: str) -> Iterator[InboundMessage]:
    """The message itself, or, where it is a letter of ours, the message which that answers."""
    if key := shown_id(message_id):
        yield from tx.messages.with_dedupe_part(f"|{key}|")
    if answers := _ANSWERS.search(tx.outbox.cause_of(message_id) or ""):
        yield from _of_id(tx, answers[2])
