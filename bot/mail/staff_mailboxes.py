"""The mailboxes that every domain owes the world: postmaster and abuse. What comes there is for people, not the bot.

They are taken whoever the sender is; whoever has trouble with our mail must be able to say so.
"""

from __future__ import annotations

STAFF_MAILBOXES = frozenset({"postmaster", "abuse"})
"""RFC 5321 section 4.5.1 asks for the first, RFC 2142 section 2 for the second."""
_WITHOUT_DOMAIN = "postmaster"


def is_staff_address(address: str, program_address: str) -> bool:
    """Whether mail to `address` is for the staff: postmaster or abuse at the program's domain, or bare postmaster.

    The case of letters does not matter (RFC 5321 section 4.1.1.3). Any text may be asked about; an extension with a
    plus sign makes it another mailbox, which we do not have.
    """
    local, at, domain = address.lower().rpartition("@")
    if not at:
        return domain == _WITHOUT_DOMAIN
    return local in STAFF_MAILBOXES and domain == program_address.lower().rpartition("@")[2]
