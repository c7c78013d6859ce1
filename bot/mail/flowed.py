"""Text of format=flowed (RFC 3676) with its paragraphs put together again, each quote depth apart.

A figure never runs on: where a digit stands on either side of a soft line end, its space stays whatever DelSp says.
Many signatures leave the spaces at the ends of lines open, and "$100" with "00" below must not become another sum.
"""

from __future__ import annotations


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """`text` with soft line ends removed. `delete_space` (DelSp): a soft space is no part of the text.

    Takes time in proportion to `text`.
    """
    done: list[str] = []
    pending: list[str] = []
    pending_depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # Stuffed, so that it does not look like a quote.
        if pending and depth != pending_depth:
            done.append(_quoted(pending, pending_depth, delete_space))
            pending = []
        is_soft = content.endswith(" ") and content != "-- "  # The signature's mark is never soft.
        pending_depth = depth
        if is_soft:
            pending.append(content)
            continue
        if content == "-- " and pending:
            done.append(_quoted(pending, depth, delete_space))
            pending = []
        done.append(_quoted([*pending, content], depth, delete_space))
        pending = []
    if pending:
        done.append(_quoted(pending, pending_depth, delete_space))
    return "\n".join(done)


def _quoted(pieces: list[str], depth: int, delete_space: bool) -> str:
    joined = _without_soft_spaces(pieces) if delete_space else pieces
    return ">" * depth + (" " if depth else "") + "".join(joined)


def _without_soft_spaces(pieces: list[str]) -> list[str]:
    """The pieces of a paragraph without the space at the end of each but the last, unless a digit stands beside it."""
    done = list(pieces)
    following = pieces[-1]
    for at in range(len(pieces) - 2, -1, -1):
        bare = pieces[at][:-1]
        if not (bare[-1:].isdigit() or following[:1].isdigit()):
            done[at] = bare
        following = done[at] or following
    return done
