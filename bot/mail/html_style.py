"""What a reader cannot see in HTML: hidden elements, letters without size, letters in the color of their ground.

Style sheets count as far as mail programs honor them: simple rules outside @media. Where the ground is a picture
nothing is concluded, because hiding what was meant to be read would lose a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from bot.mail.html_bounds import HtmlAllowance, HtmlTooDeep

_MOST_RULES = 200
_MOST_DECLARED = 2_000
_KEPT = 500
"""Different declarations that are kept in mind, because letters repeat few of them often."""
_MOST_SHEET = 100_000
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_TELLING = re.compile(
    r"display|visibility|font|opacity|height|width|color|background|left|top|indent|mso-hide|clip", re.IGNORECASE
)
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0?\.?0+(?![.\d])"
    r"|(?:text-indent|left|top)\s*:\s*-\d{3,}(?:px|pt|em)?|clip\s*:\s*rect\(\s*0)",
    re.IGNORECASE,
)
_FONT_SIZE = re.compile(r"(?:^|;)\s*font(?:-size\s*:|\s*:(?:\s*[a-z]+(?=\s))*)\s*([^;!\s/]+)", re.IGNORECASE)
_TINY = re.compile(
    r"0(?:\.0*)?(?:px|pt|em|rem|ex|%|vw)?|[01](?:\.\d+)?(?:px|pt)|0?\.0\d*(?:em|rem)|[0-4]%", re.IGNORECASE
)
_NO_SIZE = re.compile(
    r"(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*0(?:px|pt|em|%)?\s*(?:!important\s*)?(?:;|$)", re.IGNORECASE
)
_CLIPPED = re.compile(r"(?:^|;)\s*overflow(?:-[xy])?\s*:\s*hidden", re.IGNORECASE)
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color|-image)?\s*:\s*([^;!]+)", re.IGNORECASE)
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?:[0-9a-f]{2}|[0-9a-f])?(?![0-9a-f])", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+)(%?))?\s*\)", re.IGNORECASE)
_NAMES: Mapping[str, tuple[int, int, int]] = {
    "white": (255, 255, 255), "snow": (255, 250, 250), "ivory": (255, 255, 240), "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240), "azure": (240, 255, 255),
    "mintcream": (245, 255, 250),
    "black": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "navy": (0, 0, 128),
    "maroon": (128, 0, 0), "purple": (128, 0, 128), "teal": (0, 128, 128), "orange": (255, 165, 0),
}  # fmt: skip
_WHITE = (255, 255, 255)
_SAME = 40
"""Largest sum of differences over red, green and blue at which letters cannot be told from their ground."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The color of letters and of what is behind them; None where it is not known."""

    letters: tuple[int, int, int] | None = (0, 0, 0)
    ground: tuple[int, int, int] | None = _WHITE
    is_transparent: bool = False
    is_tiny: bool = False

    @property
    def is_unseen(self) -> bool:
        """Whether letters on it cannot be seen."""
        if self.is_transparent or self.is_tiny:
            return True
        if self.letters is None or self.ground is None:
            return False
        return sum(abs(a - b) for a, b in zip(self.letters, self.ground, strict=True)) <= _SAME


class Styles:
    """The declarations that each element has from style sheets and from its own attribute."""

    def __init__(self, by_node: Mapping[int, str]) -> None:
        self._by_node = by_node

    @classmethod
    def of(cls, parser: LexborHTMLParser, allowance: HtmlAllowance) -> Styles:
        """Match the telling rules of the document's style sheets; the later ones come later in the text.

        HtmlTooDeep if they fit more elements, counted once for each rule, than may be looked at.
        """
        sheets = [node.text(deep=True) for node in parser.css("style")]
        rules = _rules("\n".join(sheets)[:_MOST_SHEET])
        if not rules or parser.root is None:
            return cls({})
        if next(islice(parser.root.traverse(include_text=False), max(0, allowance.nodes), None), None) is not None:
            raise HtmlTooDeep
        by_node: dict[int, str] = {}
        for selector, declarations in rules:
            try:
                matched = parser.css(selector)
            except (SelectolaxError, ValueError, RuntimeError):
                continue  # A selector for other mail programs; it matches nothing here.
            allowance.take_fits(len(matched))
            for node in matched:
                by_node[node.mem_id] = f"{by_node.get(node.mem_id, '')};{declarations}"[-_MOST_DECLARED:]
        return cls(by_node)

    def style(self, node: LexborNode, own: str) -> str:
        """All declarations for `node`, its own last."""
        if not self._by_node:
            return own[:_MOST_DECLARED]
        return f"{self._by_node.get(node.mem_id, '')};{own[:_MOST_DECLARED]}"


def _rules(sheet: str) -> list[tuple[str, str]]:
    """Selector and declarations of the rules outside "@" blocks that could hide something, one for each selector."""
    found: list[tuple[str, str]] = []
    text = _COMMENT.sub("", sheet)
    at = 0
    while len(found) < _MOST_RULES and (opening := text.find("{", at)) >= 0:
        selectors = text[at:opening].rpartition(";")[2].strip()
        closing = _block_end(text, opening) if selectors.startswith("@") else text.find("}", opening)
        if closing < 0:
            break
        declarations = text[opening + 1 : closing]
        if selectors and not selectors.startswith("@") and len(selectors) < 300 and _TELLING.search(declarations):
            written = " ".join(declarations.split())[:_MOST_DECLARED]
            found.extend((selector, written) for selector in _plain_selectors(selectors))
        at = closing + 1
    return found[:_MOST_RULES]


def _plain_selectors(selectors: str) -> list[str]:
    """Each selector of a list, but those with pseudo-classes: mail programs ignore them, and they may take long."""
    if "(" in selectors:
        return []
    return [selector.strip() for selector in selectors.split(",") if selector.strip() and ":" not in selector]


def _block_end(text: str, opening: int) -> int:
    depth = 0
    for mark in re.finditer(r"[{}]", text[opening:]):
        depth += 1 if mark[0] == "{" else -1
        if depth == 0:
            return opening + mark.start()
    return -1


def surface_of(tag: str, attributes: Mapping[str, str | None], style: str, outer: Surface) -> Surface:
    """The surface inside an element, from its style, or the old attributes, or what is around it."""
    if not style and tag not in ("font", "body", "table", "td", "th", "tr"):
        return outer
    letters, ground, is_transparent, is_tiny = outer.letters, outer.ground, outer.is_transparent, outer.is_tiny
    color, background, size = _stated(style)
    stated = color or attributes.get("color" if tag == "font" else "text") or ""
    if stated and not stated.lower().startswith("inherit"):
        is_transparent = _is_transparent(stated)
        letters = _color(stated)
    stated = background or attributes.get("bgcolor") or ""
    if attributes.get("background") or "url(" in stated or "gradient" in stated:
        ground = None
    elif stated and not _is_transparent(stated) and stated.lower() not in ("none", "inherit", "initial"):
        ground = _color(stated)
    if size and size.lower() != "inherit":
        is_tiny = _TINY.fullmatch(size) is not None
    return Surface(letters, ground, is_transparent, is_tiny)


def is_removed(attributes: Mapping[str, str | None], style: str) -> bool:
    """Whether an element with these attributes and declarations is not shown, and nothing within it either."""
    return "hidden" in attributes or (bool(style) and _hides(style))


@lru_cache(maxsize=_KEPT)
def _hides(style: str) -> bool:
    """Whether declarations hide what they are said of."""
    if _NO_SIZE.search(style) and _CLIPPED.search(style):
        return True
    # The last declaration of a property governs, as in a browser; a later one that hides is looked at itself.
    last = {_property(declaration): declaration for declaration in _HIDING.finditer(style)}
    return any(not _is_overridden(name, declaration, style) for name, declaration in last.items())


def _property(declaration: re.Match[str]) -> str:
    return declaration[0].lstrip("; \t\r\n\f").partition(":")[0].strip().lower()


def _is_overridden(name: str, declaration: re.Match[str], style: str) -> bool:
    return re.search(rf"(?:^|;)\s*{re.escape(name)}\s*:", style[declaration.end() :], re.IGNORECASE) is not None


@lru_cache(maxsize=_KEPT)
def _stated(style: str) -> tuple[str, str, str]:
    """The color, the background and the size of letters that declarations state; empty where they do not."""
    return _last(_COLOR, style), _last(_GROUND, style), _last(_FONT_SIZE, style)


def _last(pattern: re.Pattern[str], style: str) -> str:
    stated = pattern.findall(style)
    return str(stated[-1]).strip() if stated else ""


def _is_transparent(stated: str) -> bool:
    found = _RGB.search(stated)
    if found and found[4] is not None:
        try:
            return float(found[4]) < (10.0 if found[5] else 0.1)
        except ValueError:
            return False
    return stated.strip().lower() == "transparent"


def _color(stated: str) -> tuple[int, int, int] | None:
    text = stated.strip().lower()
    if found := _HEX.search(text):
        digits = found[1] if len(found[1]) == 6 else "".join(letter * 2 for letter in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.search(text):
        return min(255, int(found[1])), min(255, int(found[2])), min(255, int(found[3]))
    return next((_NAMES[word] for word in re.findall(r"[a-z]+", text) if word in _NAMES), None)
