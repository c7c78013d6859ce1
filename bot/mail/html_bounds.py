"""What HTML may ask of the parser: bounds that hold before the parser begins, found in one pass over the source.

The parser's time grows with the square of some counts: attributes of one tag, choices of one field, elements open at
once. From a given "<" and letter a tag reads the same whatever stands before it, so reading a tag at *each* such place,
those in comments and quotations too, finds at least every tag that the parser will see. Counts of those, and products
of such counts, cannot be talked down: no closing tag is believed to close anything.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from bot.mail.html_nesting import plain_nesting
from bot.mail.html_tags import ATTRIBUTE, ATTRIBUTES, FORMATTING, NAME, VOID
from bot.mail.limits import Limits

_TAG = re.compile(rf"<({NAME}){ATTRIBUTES}")
_WRITTEN = re.compile(rf"<{NAME}{ATTRIBUTES}")
_ATTRIBUTES = re.compile(rf"[\t\n\r\f /]++|({ATTRIBUTE})")
_OPENING = re.compile(r"</?[a-zA-Z]")
_ENDS_CHOICES = frozenset({"select", "option", "optgroup"})
_ENDS_FORMATTING = re.compile(rf"</(?:{'|'.join(sorted(FORMATTING))})(?![^\t\n\r\f />])", re.IGNORECASE)
_CHOICES = frozenset({"select", "option", "optgroup"})
_LINKS = frozenset({"a", "nobr"})
_ROOTS = frozenset({"html", "body"})
_NAMED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_CLOSED_BY_OTHERS = frozenset({
    "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option",
})  # fmt: skip
_ALIKE = 3
"""Formatting elements of one spelling that the parser remembers to reopen (HTML section 13.2.4.3)."""
_RESCAN = 4
"""How often each character may be looked at on average, because tags seem to stand within tags."""
_ELEMENT_WEIGHT, _ATTRIBUTE_WEIGHT = 100, 60
"""What a reopened element and one of its attributes take in memory, in characters of its spelling."""


class HtmlTooDeep(ValueError):
    """The HTML is nested or repeated so that the parser could not take it in fair time. A retry does not help."""


@dataclass(slots=True)
class HtmlAllowance:
    """What is left of the bounds for the HTML of one message, over all its parts. Each part takes its share."""

    characters: int
    tags: int
    reopened: int
    adoptions: int
    choices: int
    nodes: int
    fits: int
    """Elements that rules of style sheets may fit, each counted once for each rule."""
    text: int
    """Characters of text still wanted; below zero once text was left out."""

    @classmethod
    def of(cls, limits: Limits) -> HtmlAllowance:
        """The whole allowance of one message."""
        return cls(
            limits.html_bytes,
            limits.html_tags,
            limits.html_reopened,
            limits.html_adoptions,
            limits.html_choices,
            limits.html_nodes,
            limits.html_nodes,
            limits.text_characters,
        )

    def within(self, html: str) -> str:
        """As much of `html`, from its beginning, as may still be read."""
        source = html[: max(0, self.characters)]
        if source.count("<") <= self.tags:
            return source
        beyond = next(islice(_OPENING.finditer(source), max(0, self.tags), None), None)
        return source if beyond is None else source[: beyond.start()]

    def take_fits(self, number: int) -> None:
        """Count elements that a rule fits. HtmlTooDeep if they are more than are left."""
        self.fits -= number
        if self.fits < 0:
            raise HtmlTooDeep

    def take_nodes(self, number: int) -> None:
        """Count nodes of a tree. HtmlTooDeep if they are more than are left."""
        self.nodes -= number
        if self.nodes < 0:
            raise HtmlTooDeep


def admit(source: str, limits: Limits, allowance: HtmlAllowance) -> None:
    """Let the parser have `source`, which is `allowance.within` it. HtmlTooDeep if that could take too long.

    Looks at each character at most eight times, and at one tag besides.
    """
    spellings = _spellings(source)
    names = {tag: _name(tag) for tag in spellings}
    opened, closers = sum(spellings.values()), source.count("</")
    allowance.characters -= len(source)
    allowance.tags -= opened + closers
    allowance.choices -= sum(spellings[tag] for tag, name in names.items() if name in _CHOICES)
    _take_formatting(
        source, {tag: spellings[tag] for tag, name in names.items() if name in FORMATTING}, opened, allowance
    )
    most = limits.html_attributes
    if (
        min(allowance.choices, allowance.adoptions, allowance.reopened) < 0
        or any(len(tag) > 2 * most and attribute_count(tag) > most for tag in spellings)
        # What a second <html> or <body> says is added to the first, one by one.
        or sum(attribute_count(tag) * spellings[tag] for tag, name in names.items() if name in _ROOTS) > most
        or (opened > limits.html_depth and _depth(source) > limits.html_depth)
    ):
        raise HtmlTooDeep


def _take_formatting(source: str, formatting: dict[str, int], opened: int, allowance: HtmlAllowance) -> None:
    """Take what the formatting elements of `source` may cost, where `opened` elements may be open at once."""
    if not formatting:
        return
    tags = opened + source.count("</")
    # Each closing tag of formatting, and each link within a link, may look through all that is open.
    looks = len(_ENDS_FORMATTING.findall(source))
    looks += sum(number for tag, number in formatting.items() if _name(tag) in _LINKS)
    # Whatever closes an element may have all formatting that stood in it opened anew by what comes next.
    weights = {tag: _weight(tag) for tag in formatting}
    reopened = _reopened(formatting, weights)
    if looks * opened > allowance.adoptions // 10 or reopened * tags > allowance.reopened // 10:
        nesting = plain_nesting(source)
        if nesting is not None:
            opened = min(opened, nesting.elements)
            reopened = min(reopened, nesting.formatting * max(weights.values()))
    allowance.adoptions -= looks * opened
    allowance.reopened -= reopened * tags


def attribute_count(tag: str) -> int:
    """How many attributes the parser reads in `tag`, which begins with "<" and a letter; repeated names count too."""
    found = _TAG.match(tag)
    if found is None:
        return 0
    return sum(1 for piece in _ATTRIBUTES.finditer(tag, found.end(1), found.end()) if piece[1])


def _reopened(formatting: dict[str, int], weights: dict[str, int]) -> int:
    """What it takes to open all the formatting anew that the parser can have in mind; of links, one."""
    link = others = 0
    for tag, number in formatting.items():
        if _name(tag) == "a":
            link = max(link, weights[tag])
        else:
            others += min(_ALIKE, number) * weights[tag]
    return link + others


def _weight(tag: str) -> int:
    """What it takes to open the element of a start tag once more."""
    return _ELEMENT_WEIGHT + len(tag) + _ATTRIBUTE_WEIGHT * attribute_count(tag)


def _spellings(source: str) -> Counter[str]:
    """Each start tag as it is written, and how often. HtmlTooDeep if tags stand in tags too often to look at each."""
    apart = _WRITTEN.findall(source)
    if "".join(apart).count("<") == len(apart):
        return Counter(apart)
    written: list[str] = []
    left = _RESCAN * len(source)
    at = 0
    while (tag := _WRITTEN.search(source, at)) is not None:
        spelling = tag[0]
        written.append(spelling)
        at = tag.end()
        if "<" in spelling[1:]:
            left -= len(spelling)
            at = tag.start() + 1
            if left < 0:
                raise HtmlTooDeep
    return Counter(written)


def _name(tag: str) -> str:
    """The name of a start tag, lower-case."""
    found = _TAG.match(tag)
    return found[1].lower() if found else ""


def _depth(source: str) -> int:
    """How many elements are open at once if every closing tag closes one: what honest nesting comes to, not a bound."""
    deepest = opened = 0
    for tag in _NAMED.finditer(source):
        name = tag[2].lower()
        if name in VOID or name in _CLOSED_BY_OTHERS:
            continue
        opened = max(0, opened - 1) if tag[1] else opened + 1
        deepest = max(deepest, opened)
    return deepest
