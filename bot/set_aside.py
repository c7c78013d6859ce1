"""Messages that wait for the reading process of the large ones, in the order in which they came.

What is set aside stays leased and stays in the store; only its id is kept here. A lease that runs out meanwhile is
taken anew when the message is claimed again, which changes nothing in the order. A smaller message of the same sender
waits behind it, so that what one person wrote is answered in the order in which it came.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from storage.messages import InboundMessage


@dataclass(frozen=True, slots=True)
class _Waiting:
    sender: tuple[str, str] | None
    claims: int


class SetAside:
    """The messages that wait, the one that is worked on included."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._senders: Counter[tuple[str, str] | None] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, message: InboundMessage) -> None:
        """Let `message` wait behind the others; one that waits already keeps its place."""
        if message.id not in self._waiting:
            self._waiting[message.id] = _Waiting(_sender_of(message), message.claims)
            self._senders[_sender_of(message)] += 1

    def remove(self, message_id: str) -> None:
        """The message with this id is done with, or is somebody else's."""
        gone = self._waiting.pop(message_id, None)
        if gone is not None:
            self._senders[gone.sender] -= 1
            self._senders += Counter()  # forgets those of whom nothing waits

    def first(self) -> str | None:
        """The id of the message that has waited longest; None if none waits."""
        return next(iter(self._waiting), None)

    def holds_up(self, message: InboundMessage) -> bool:
        """Whether `message` must wait, because it waits already or another of its sender does."""
        sender = _sender_of(message)
        return message.id in self._waiting or (sender is not None and self._senders[sender] > 0)

    def as_first_claimed(self, message: InboundMessage) -> InboundMessage:
        """`message` with the claims it had when it was set aside: those made to renew its lease are no tries."""
        waiting = self._waiting.get(message.id)
        return message if waiting is None else replace(message, claims=waiting.claims)


def _sender_of(message: InboundMessage) -> tuple[str, str] | None:
    """Who sent it and how surely that is known: a forged letter shall not make its true sender wait. None if nobody."""
    sender = message.sender or {}
    address = str(sender.get("address") or message.mail_from).lower()
    return (address, str(sender.get("ground", ""))) if address else None
