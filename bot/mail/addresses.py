"""Addresses: which are safe to send to, and our own keyed ones, by which a reply finds its conversation.

A conversation is known by an address that only we can make: the program's local part, a plus sign, the letter "c",
the conversation's id and a tag of 80 bits over them. Guessing one is hopeless, and a number quoted in a subject opens
nothing. Everything is lower-case letters and digits, because relays change the case of addresses.
This module refuses to repair an address: it is well formed or it is none.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

LOCAL_OCTETS = 64
"""RFC 5321 section 4.5.3.1.1."""
ADDRESS_OCTETS = 254
"""RFC 5321 section 4.5.3.1.3, less the angle brackets."""
_TAG_LETTERS = 16
_CONVERSATION = "c"
_BOUNCE = "b"
_ID = re.compile(r"[a-z2-7]{26}")
_KEYED = re.compile(rf"(?P<local>[^+]+)\+(?P<kind>[bc])(?P<id>[a-z2-7]{{26}})(?P<tag>[a-z2-7]{{{_TAG_LETTERS}}})")
# A dot-atom (RFC 5322 section 3.2.3) in which letters beyond ASCII are allowed (RFC 6532).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\uffff-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\uffff-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9\u00a1-\uffff]([A-Za-z0-9\u00a1-\uffff-]{0,61}[A-Za-z0-9\u00a1-\uffff])?")
# Letters that look like nothing or turn the text around: zero-width, line and paragraph separators, direction marks,
# odd spaces, surrogates, private use, and the signs whose lower case is another letter (Kelvin, Angstrom).
_TREACHEROUS = re.compile(
    r"[\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u212a\u212b\u3000\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uff20\ufff0-\uffff]"
)


class UnsafeAddress(ValueError):
    """The address is not one that a letter may be sent to. A retry does not help."""


def is_addr_spec(address: str) -> bool:
    """Whether `address` is a plain, complete address: one "@", a dot-atom before it, a domain name after it.

    Quoted local parts, address literals, spaces, control characters, angle brackets and commas make it none.
    """
    local, at, domain = address.rpartition("@")
    if not at or not 0 < len(local.encode("utf-8", "surrogatepass")) <= LOCAL_OCTETS:
        return False
    if len(address.encode("utf-8", "surrogatepass")) > ADDRESS_OCTETS or _TREACHEROUS.search(address):
        return False
    labels = domain.split(".")
    return (
        len(labels) >= 2
        and _LOCAL.fullmatch(local) is not None
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def checked(address: str) -> str:
    """`address` itself, if it is safe to send to; else UnsafeAddress, whose text does not repeat it."""
    if not is_addr_spec(address):
        raise UnsafeAddress("not a well-formed address")
    return address


def reply_address(program_address: str, conversation_id: str, key: bytes) -> str:
    """The address that replies of one conversation come back to. ValueError where it would not fit in an address."""
    return _keyed(program_address, _CONVERSATION, conversation_id, key)


def bounce_address(program_address: str, outbox_id: str, key: bytes) -> str:
    """The envelope sender of one outgoing letter, so that a bounce names the letter by the address it comes to."""
    return _keyed(program_address, _BOUNCE, outbox_id, key)


def conversation_of(address: str, program_address: str, key: bytes) -> str | None:
    """The id of the conversation that `address` was made for; None if we did not make it."""
    return _id_of(address, program_address, _CONVERSATION, key)


def outbox_of(address: str, program_address: str, key: bytes) -> str | None:
    """The id of the outgoing letter whose envelope sender `address` is; None if we did not make it."""
    return _id_of(address, program_address, _BOUNCE, key)


def is_own(address: str, program_address: str, key: bytes) -> bool:
    """Whether mail to `address` is for us: the program's address itself or one that we made with `key`."""
    return (
        address.lower() == program_address.lower()
        or conversation_of(address, program_address, key) is not None
        or outbox_of(address, program_address, key) is not None
    )


def is_bounce_address(address: str) -> bool:
    """Whether `address` has the form of a letter's envelope sender. Nobody writes there but programs.

    Whether we made it, the door has seen to (`is_own`); this needs no key.
    """
    found = _KEYED.fullmatch(address.lower().rpartition("@")[0])
    return found is not None and found["kind"] == _BOUNCE


def without_extension(address: str) -> str:
    """`address` in lower case and without what follows a plus sign, to tell whose mailbox it is."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _keyed(program_address: str, kind: str, identifier: str, key: bytes) -> str:
    if _ID.fullmatch(identifier) is None:
        raise ValueError("an id is 26 letters of lower-case base32")
    local, _, domain = checked(program_address.lower()).rpartition("@")
    keyed = f"{local}+{kind}{identifier}{_tag(program_address, kind, identifier, key)}"
    if "+" in local or len(keyed.encode()) > LOCAL_OCTETS:
        raise ValueError("the program's address must have no plus sign and at most 20 letters before the @")
    return f"{keyed}@{domain}"


def _id_of(address: str, program_address: str, kind: str, key: bytes) -> str | None:
    local, _, domain = address.lower().rpartition("@")
    own_local, _, own_domain = program_address.lower().rpartition("@")
    found = _KEYED.fullmatch(local)
    if found is None or domain != own_domain or found["local"] != own_local or found["kind"] != kind:
        return None
    expected = _tag(program_address, kind, found["id"], key)
    return found["id"] if hmac.compare_digest(expected, found["tag"]) else None


def _tag(program_address: str, kind: str, identifier: str, key: bytes) -> str:
    if len(key) < 16:
        raise ValueError("the key of the reply addresses has fewer than 128 bits")
    signed = f"dspp-address/1\n{kind}\n{identifier}\n{program_address.lower()}".encode()
    return b32encode(hmac.digest(key, signed, sha256))[:_TAG_LETTERS].decode().lower()
