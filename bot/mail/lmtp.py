"""The two dialects that the door speaks: SMTP for the world, LMTP (RFC 2033) for a relay of our own.

LMTP is SMTP with another greeting and one reply for each recipient, so that a relay need not keep a queue for a message
that only some could take. Here one message is stored once for all its recipients, so their replies are always the same.
What they have in common stays in `smtp_in`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """What sets one of the two apart."""

    name: str
    """As the greeting and the Received field name it."""
    greetings: frozenset[str]
    """The commands by which a client introduces itself."""
    foreign_greetings: frozenset[str]
    """Those of the other dialect, which must not be understood (RFC 2033 section 4.1)."""
    is_each_recipient_answered: bool
    """Whether there is a reply for each accepted recipient after the content (RFC 2033 section 4.2)."""

    @property
    def banner(self) -> str:
        """What the greeting says is spoken here."""
        return "LMTP" if self.is_each_recipient_answered else "ESMTP"

    def replies_after_content(self, recipients: int) -> int:
        """How many replies a message gets. `recipients` counts accepted RCPT commands, repeated ones included."""
        return recipients if self.is_each_recipient_answered else 1


SMTP = Dialect("SMTP", frozenset({"HELO", "EHLO"}), frozenset({"LHLO"}), is_each_recipient_answered=False)
LMTP = Dialect("LMTP", frozenset({"LHLO"}), frozenset({"HELO", "EHLO"}), is_each_recipient_answered=True)
