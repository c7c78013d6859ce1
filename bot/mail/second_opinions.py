"""What two independent libraries take for the live text, asked within bounds.

Neither is safe alone: one calls bullets a signature, the other shows whatever stands above the first header. They see
only the first stretch of a text, with long lines cut, because some of their patterns take cubic time.
"""

from __future__ import annotations

from collections.abc import Sequence

from email_reply_parser import EmailReplyParser as FragmentParser  # type: ignore[import-untyped]  # ships no types
from mailparser_reply import EmailReplyParser as HeaderParser  # type: ignore[import-untyped]  # ships no types

_WINDOW_LINES = 300
_WINDOW_CHARACTERS = 10_000
_LONGEST_LINE = 300
_MOST_ON = 40
"""Occurrences of "On" past which the first library's search for split attributions takes seconds."""
_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "da", "sv"]


def visible_lines(lines: Sequence[str]) -> tuple[int, list[frozenset[int]]]:
    """How many lines the libraries saw, and for each that answered, which of these it takes for live text."""
    window: list[str] = []
    characters = 0
    for line in lines[:_WINDOW_LINES]:
        characters += min(len(line), _LONGEST_LINE) + 1
        if characters > _WINDOW_CHARACTERS:
            break
        window.append(line[:_LONGEST_LINE].rstrip())
    text = "\n".join(window)
    answers: list[frozenset[int]] = []
    for ask in (_ask_fragments, _ask_headers):
        try:
            visible = ask(text)
        except Exception:  # noqa: S112  # a stranger's text can make a library's patterns fail; then it has no opinion
            continue
        if visible is not None:
            answers.append(_matched(window, visible))
    return len(window), answers


def _ask_fragments(text: str) -> str | None:
    if text.count("On") > _MOST_ON:
        return None
    return str(FragmentParser.parse_reply(text))


def _ask_headers(text: str) -> str | None:
    latest = HeaderParser(languages=list(_LANGUAGES)).parse_reply(text)
    return None if latest is None else str(latest)


def _matched(window: Sequence[str], visible: str) -> frozenset[int]:
    """The lines of `window` that stand in `visible`, in order. Blank lines count for nothing."""
    shown = [line.strip() for line in visible.split("\n") if line.strip()]
    found: set[int] = set()
    at = 0
    for index, line in enumerate(window):
        if at < len(shown) and line.strip() and line.strip() == shown[at]:
            found.add(index)
            at += 1
    return frozenset(found)
