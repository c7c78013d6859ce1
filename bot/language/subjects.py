"""Whose words a subject line is: its sender's, or those of the letter it answers."""

from __future__ import annotations

import re

from bot.language.text import MARK

_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no file and no library takes."""
_TAG = r"\s*\[[^\]\n]{1,30}\]"
_PREFIXES = (
    "re", "fw", "fwd",  # English
    "aw", "antw", "antwort", "wg",  # German
    "sv", "vs", "vb",  # Swedish, Norwegian, Danish, Finnish
    "rv", "res", "resp", "enc",  # Spanish, Portuguese
    "tr", "r", "i",  # French, Turkish, Italian
    "odp", "pd",  # Polish
    "回复", "回覆", "答复", "转发",  # Chinese
)  # fmt: skip
"""What mail programs put before the subject of an answer or a forward, by language."""
_REPLY = re.compile(rf"(?:{_TAG})*\s*(?:{'|'.join(_PREFIXES)})\s*(?:\[\d+\]|\(\d+\))?\s*[:：]", re.IGNORECASE)


def own_subject(subject: str) -> str:
    """The subject where its author wrote it; empty for that of a reply or a forward, which is somebody else's."""
    return "" if _REPLY.match(subject) else subject


def message_text(subject: str, live: str) -> str:
    """The text that is read: the subject, if its sender wrote it, as a paragraph of its own before the live text."""
    head = own_subject(subject).strip()
    text = f"{head}\n\n{live}" if head and live.strip() else head or live
    return _LONE.sub(MARK, text)
