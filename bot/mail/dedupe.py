"""Knowing a message that came before: the same letter delivered twice has the same key, whatever way it took.

A Message-ID alone is not enough, for some programs repeat it and some leave it out; so the key covers what identifies
the letter, its body and the header fields its writer set, and none that relays add. What a mailing list adds counts:
its copy is left alone, and must not stand for the copy that came straight to us.
"""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from io import BytesIO

from bot.mail.headers import message_ids, read_header_section
from bot.mail.limits import Limits

_IDENTIFYING = ("from", "to", "cc", "subject", "date", "message-id", "auto-submitted", "precedence")
_NAMING = ("date", "message-id")
_CONTENT = "content-"
_LIST = "list-"
_LONGEST_SHOWN = 200
_SPACES = re.compile(r"\s+")
_LIMITS = Limits()


def dedupe_key(channel: str, raw: bytes, received_on: date | None = None) -> str:
    """Channel, Message-ID and a digest over body and identifying fields, set apart by bars.

    Received, Return-Path, Delivered-To, Authentication-Results, DKIM-Signature, ARC and X- fields do not change it, nor
    do line ends, folding, spaces at line ends or blank lines at the end. `received_on` counts only for a letter with
    neither Message-ID nor date: the same words another day are another letter.
    """
    section = read_header_section(raw, 0, len(raw), _LIMITS)
    digest = sha256(b"dspp-dedupe/1\n")
    for name, value in sorted(section.fields, key=lambda field: field[0]):
        if name in _IDENTIFYING or (name.startswith((_CONTENT, _LIST)) and name != "content-length"):
            digest.update(f"{name}:{_SPACES.sub(' ', value).strip()}\n".encode("utf-8", "surrogatepass"))
    if received_on is not None and not any(section.first(name).strip() for name in _NAMING):
        digest.update(f"received-on:{received_on.isoformat()}\n".encode())
    digest.update(b"\n" + _body(raw[section.body_at :]))
    return f"{channel}|{shown_id(section.first('message-id'))}|{digest.hexdigest()}"


def _body(raw: bytes) -> bytes:
    """The body without what relays change. Line by line: a list of millions of empty lines would fill the memory."""
    kept = bytearray()
    for line in BytesIO(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")):
        kept += line.rstrip(b" \t\n")
        kept += b"\n"
    return bytes(kept.strip(b" \t\n"))


def shown_id(value: str) -> str:
    """A Message-ID as the key has it, from a header's value: a very long one as its digest."""
    found = next(iter(message_ids([value], 1)), "")
    return found if len(found) <= _LONGEST_SHOWN else f"<{sha256(found.encode('utf-8', 'replace')).hexdigest()}>"
