"""Text of format=flowed (RFC 3676) with its paragraphs put together again, each quote depth apart."""

from __future__ import annotations


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """`text` with soft line ends removed. `delete_space` (DelSp): a soft space is no part of the text."""
    done: list[str] = []
    pending: list[str] = []
    pending_depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # Stuffed, so that it does not look like a quote.
        if pending and depth != pending_depth:
            done.append(_quoted(pending, pending_depth))
            pending = []
        is_soft = content.endswith(" ") and content != "-- "  # The signature's mark is never soft.
        pending_depth = depth
        if is_soft:
            pending.append(content[:-1] if delete_space else content)
            continue
        if content == "-- " and pending:
            done.append(_quoted(pending, depth))
            pending = []
        done.append(_quoted([*pending, content], depth))
        pending = []
    if pending:
        done.append(_quoted(pending, pending_depth))
    return "\n".join(done)


def _quoted(pieces: list[str], depth: int) -> str:
    return ">" * depth + (" " if depth else "") + "".join(pieces)
