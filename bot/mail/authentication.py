"""Who sent a message, and how surely: a From header is believed only where the sender's domain vouches for it.

A domain vouches by a signature over the message (DKIM) that is aligned with the From address and by a policy that says
so (DMARC). That a message came from a host of the domain (SPF) is noted, and proves nothing here: hosts are shared.
What was found is kept with the message, so that anybody can be told later why it was believed or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Ground(Enum):
    """Why a sender is known surely, or is not; the value says it for people. Only the first two are sure."""

    VOUCHED = "the sender's domain signed the message, and its policy covers the address"
    UNCHECKED = "senders are not checked in this installation"
    NO_SENDER = "the message does not name exactly one sender"
    NO_ANSWER = "the name servers did not answer, so it could not be found out"
    NOT_SIGNED = "the message bears no signature that is accepted"
    NOT_ALIGNED = "it is signed, but not by the sender's domain"
    NO_POLICY = "the sender's domain has no policy (DMARC) that says its mail is signed"
    FAILED_POLICY = "it fails the policy (DMARC) of the sender's domain"
    NOT_TO_US = "what was signed is a letter to somebody else"
    NO_RESULTS = "the mail server before this one left no results that may be believed"


SURE = frozenset({Ground.VOUCHED, Ground.UNCHECKED})


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as it came through the door, with what is needed to say who sent it."""

    raw: bytes
    from_address: str
    """The one well-formed address of the one From field; empty if there is none."""
    mail_from: str
    """Envelope sender; empty for the null sender."""
    peer: str
    """The client's address."""
    helo: str
    at: datetime
    """When it came, by the world's clock, which is the one that signatures go by."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """What was found out about the sender of one message."""

    ground: Ground
    results: str = ""
    """Every finding, as the value of an Authentication-Results field (RFC 8601)."""
    digest: str = ""
    """Of the content that the sender's domain signed: equal for the same message replayed. Empty if not vouched for."""
    note: str = ""
    """What more is to be said, for people."""
    address: str = ""
    """The From address that this is about."""
    is_temporary: bool = False
    """Whether trying again later may lead to another result."""
    is_disowned: bool = False
    """Whether the domain in From asks that such a message be refused or set apart (DMARC): it is not from there."""

    @property
    def is_aligned(self) -> bool:
        """Whether the From address may be believed."""
        return self.ground in SURE

    @classmethod
    def of_record(cls, record: Mapping[str, object] | None, digest: str, address: str) -> Authentication:
        """What `record` says of the sender `address`; of none, and of another address, a sender who is not known."""
        if record is None or record.get("ground") not in Ground.__members__ or record.get("address") != address:
            return NOBODY
        ground = Ground[str(record["ground"])]
        return cls(
            ground,
            str(record.get("results", "")),
            digest,
            str(record.get("note", "")),
            address,
            is_disowned=record.get("disowned") is True,
        )

    def record(self) -> Mapping[str, object]:
        """What is kept with the message."""
        kept = {"ground": self.ground.name, "address": self.address, "results": self.results, "note": self.note}
        return kept | {"disowned": True} if self.is_disowned else kept


class SenderCheck(Protocol):
    """Anything that finds out who sent a message."""

    async def check(self, arrived: Arrived) -> Authentication:
        """What is known of the sender. Never raises for what a message holds or a name server does."""
        ...


UNCHECKED = Authentication(Ground.UNCHECKED)
NOBODY = Authentication(Ground.NO_SENDER)
NO_ANSWER = Authentication(Ground.NO_ANSWER, is_temporary=True)


class NoCheck:
    """Takes every sender at their word: for development and rehearsals, where no mail comes from outside."""

    async def check(self, arrived: Arrived) -> Authentication:
        """The word of the message."""
        return UNCHECKED if arrived.from_address else NOBODY
