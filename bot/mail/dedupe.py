"""Knowing a message that came before: the same letter delivered twice has the same key, whatever way it took.

A Message-ID alone is not enough, for some programs repeat it and some leave it out; so the key covers what identifies
the letter, its body and the header fields its writer set, and none that relays add.
"""

from __future__ import annotations

import re
from hashlib import sha256

from bot.mail.headers import message_ids, read_header_section
from bot.mail.limits import Limits

_IDENTIFYING = ("from", "to", "cc", "subject", "date", "message-id")
_CONTENT = "content-"
_LONGEST_SHOWN = 200
_SPACES = re.compile(r"\s+")
_LINE_END = re.compile(rb"\r\n|\r")
_LIMITS = Limits()


def dedupe_key(channel: str, raw: bytes) -> str:
    """Channel, Message-ID and a digest over body and identifying fields, set apart by bars.

    Received, Return-Path, Delivered-To, Authentication-Results, DKIM-Signature, ARC and X- fields do not change it, nor
    do line ends, folding, spaces at line ends or blank lines at the end.
    """
    section = read_header_section(raw, 0, len(raw), _LIMITS)
    digest = sha256(b"dspp-dedupe/1\n")
    for name, value in sorted(section.fields, key=lambda field: field[0]):
        if name in _IDENTIFYING or (name.startswith(_CONTENT) and name != "content-length"):
            digest.update(f"{name}:{_SPACES.sub(' ', value).strip()}\n".encode("utf-8", "surrogatepass"))
    lines = _LINE_END.sub(b"\n", raw[section.body_at :]).split(b"\n")
    body = b"\n".join(line.rstrip(b" \t") for line in lines)
    digest.update(b"\n" + body.strip(b" \t\n"))
    return f"{channel}|{_shown_id(section.first('message-id'))}|{digest.hexdigest()}"


def _shown_id(value: str) -> str:
    found = next(iter(message_ids([value], 1)), "")
    return found if len(found) <= _LONGEST_SHOWN else f"<{sha256(found.encode('utf-8', 'replace')).hexdigest()}>"
