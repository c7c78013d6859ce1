"""How deep HTML nests, where it is written so plainly that this can be known without the parser.

A closing tag closes nothing if it stands in a comment, if the parser ignores it, or if something else is open that it
may not close; so nobody can tell the depth of HTML by counting. Here only what surely closes counts as closing: a tag
that stands in the open and closes what was opened last, or a block in which nothing but text marks was left open.
Whatever could be read in two ways makes the answer "not known".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.mail.html_tags import ATTRIBUTES, FORMATTING, NAME, VOID

_TOKEN = re.compile(
    r"(?:[^<]++|<(?![a-zA-Z/!?]))++"
    r"|<!--(?!-?>)[^-]*+(?:-(?!->|-!>)[^-]*+)*+-->"
    r"|<(?:!(?!--|\[CDATA\[)|\?)[^>]*+>"
    rf"|<(?P<raw>style|title)(?![^\t\n\r\f />]){ATTRIBUTES}>[^<]*+(?:<!--[^<]*+)?+</(?P=raw)[\t\n\r\f ]*+>"
    rf"|<(?P<closes>/?)(?P<name>{NAME}){ATTRIBUTES}>",
    re.IGNORECASE,
)
_AMBIGUOUS = frozenset({
    "applet", "button", "caption", "embed", "form", "frame", "frameset", "iframe", "image", "listing", "marquee",
    "math", "nobr", "noembed", "noframes", "noscript", "object", "optgroup", "option", "plaintext", "rb", "rp", "rt",
    "rtc", "ruby", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
})  # fmt: skip
"""Elements that change how what follows is read."""
_ENDED_BY_THE_NEXT = frozenset({"p", "li", "td", "th", "tr", "dt", "dd"})
_MARKS = (FORMATTING - {"nobr"}) | {"span", "p", "o:p"}
_CLOSE_MARKS_TOO = frozenset({"div", "td", "th", "blockquote", "center", "ul", "ol"})
_MARKS_LOOKED_THROUGH = 8


@dataclass(frozen=True, slots=True)
class Nesting:
    """The most that can be open at once."""

    elements: int
    """Elements, those that the parser adds by itself included."""
    formatting: int
    """Formatting elements that the parser has in mind to reopen."""


def plain_nesting(source: str) -> Nesting | None:
    """How deep `source` nests at most, None if it is not written plainly enough to tell. Linear in its length."""
    opened: list[str] = []
    deepest = remembered = most_remembered = 0
    at = 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:
            return None
        at = token.end()
        if token["name"] is None:
            continue
        name = token["name"].lower()
        if name in _AMBIGUOUS:
            return None
        if token["closes"]:
            if name in FORMATTING and opened and opened[-1] == name:
                remembered -= 1
            del opened[_closed_from(name, opened) :]
        elif name not in VOID and not (name in _ENDED_BY_THE_NEXT and opened and opened[-1] == name):
            opened.append(name)
            deepest = max(deepest, len(opened))
            if name in FORMATTING:
                remembered += 1
                most_remembered = max(most_remembered, remembered)
    # A table within each element adds two by itself; html, head and body may be added once.
    return Nesting(3 * deepest + most_remembered + 3, most_remembered)


def _closed_from(name: str, opened: list[str]) -> int:
    """From which of the open elements on a closing tag surely closes them; their number if it may close nothing."""
    if opened and opened[-1] == name:
        return len(opened) - 1
    if name in _CLOSE_MARKS_TOO:
        for back in range(len(opened) - 1, max(-1, len(opened) - 2 - _MARKS_LOOKED_THROUGH), -1):
            if opened[back] == name:
                return back
            if opened[back] not in _MARKS:
                break
    return len(opened)
