"""HTML mail as the plain text that its reader sees, with quoted parts marked by "> " as in plain mail.

What the reader cannot see is no text: nobody may be made to order by white letters on white. What a mail program marks
as quoted is marked here, so that the reply splitter sees it. Links, images and form fields contribute nothing but
their visible text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.mail.html_bounds import HtmlAllowance, HtmlTooDeep, admit
from bot.mail.html_style import Styles, Surface, is_removed, surface_of
from bot.mail.limits import Limits

__all__ = ["HtmlTooDeep", "html_to_text"]

_SKIPPED = frozenset({
    "head", "title", "style", "script", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math",
    "audio", "video", "canvas", "map", "select", "option", "datalist", "textarea", "button", "input", "meter",
    "progress", "-comment", "-doctype",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"})
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

# Marks that mail programs put on what they quote: by class, by id, and where the rest of the letter is quoted.
_QUOTE_CLASSES = frozenset({
    "gmail_quote", "gmail_attr", "gmail_extra_quote", "yahoo_quoted", "moz-cite-prefix", "moz-forward-container",
    "protonmail_quote", "zmail_extra", "zmail_quote", "tutanota_quote", "mailru-blockquote", "gwt-quote",
    "wordsection_quote", "front-blockquote", "outlookmessageheader", "reply-separator", "hs_reply",
})  # fmt: skip
_QUOTE_IDS = re.compile(
    r"OLK_SRC_BODY_SECTION|yahoo_quoted\w*|mail-editor-reference-message-container.*|reply-intro|isForwardContent"
    r"|isReplyContent|replySplit",
    re.IGNORECASE,
)
_REST_IDS = frozenset({"divrplyfwdmsg", "x_divrplyfwdmsg", "appendonsend", "x_appendonsend", "stopspelling", "zwchr"})
_OUTLOOK_LINE = re.compile(
    r"border-top:\s*solid\s+#(b5c4df|e1e1e1)|border-top:\s*#(b5c4df|e1e1e1)\s+1(\.0)?p[tx]\s+solid", re.IGNORECASE
)


_PAPER = Surface()


@dataclass(frozen=True, slots=True)
class _State:
    quotes: int = 0
    is_removed: bool = False
    is_preformatted: bool = False
    surface: Surface = _PAPER
    is_gmail_quote: bool = False
    """Directly inside the element in which Gmail puts the attribution, the quoted letter and answers between."""


def html_to_text(html: str, limits: Limits, allowance: HtmlAllowance | None = None) -> str:
    """The visible text of `html`, blocks on lines of their own; what is over the bounds of length is not read.

    Once there is more text than `limits.text_characters` the rest is left out. HtmlTooDeep past the other bounds.
    `allowance` is what the message's other parts left of them, all by default.
    """
    allowance = allowance or HtmlAllowance.of(limits)
    source = allowance.within(html)
    admit(source, limits, allowance)
    parser = LexborHTMLParser(source)
    root = parser.root
    if root is None:
        return ""
    return _Writer(Styles.of(parser, allowance), limits.html_quote_depth, allowance).write(root)


class _Writer:
    """Walks the tree without recursion and gathers lines."""

    def __init__(self, styles: Styles, quote_depth: int, allowance: HtmlAllowance) -> None:
        self._styles = styles
        self._quote_depth = quote_depth
        self._allowance = allowance
        self._lines: list[str] = []
        self._current: list[str] = []
        self._quotes = 0
        self._rest_is_quoted = False
        self._is_blank_due = False

    def write(self, root: LexborNode) -> str:
        waiting: list[tuple[LexborNode | None, _State, str]] = [(root, _State(), "")]
        while waiting and self._allowance.text >= 0:
            node, state, closing = waiting.pop()
            if node is None:
                self._end_block(closing)
                continue
            # What follows waits below, so that the children come before it.
            if node is not root and node.next is not None:
                waiting.append((node.next, _state_after(node, state), ""))
            inner = self._enter(node, state)
            if inner is None:
                continue
            if node.tag in _BLOCKS:
                waiting.append((None, state, node.tag))
            if node.first_child is not None:
                waiting.append((node.first_child, inner, ""))
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _enter(self, node: LexborNode, state: _State) -> _State | None:
        """Take in one node; the state of its children, None if they are not wanted."""
        self._allowance.take_nodes(1)
        tag = node.tag or ""
        if tag == "-text":
            if not (state.is_removed or state.surface.is_unseen):
                self._text(node.text_content or "", state)
            return None
        if tag in _SKIPPED:
            return None
        if tag == "br":
            self._end_line(forced=True, state=state)
            return None
        attributes = node.attributes
        style = self._styles.style(node, attributes.get("style") or "")
        inner = self._inner_state(tag, attributes, style, state)
        if tag in _BLOCKS:
            self._end_line()
            self._is_blank_due = self._is_blank_due or (tag in _SPACED and bool(self._lines))
        elif tag in ("td", "th") and self._current:
            self._current.append(" ")
        if tag == "li" and not inner.is_removed:
            self._text("* ", inner)
        return inner

    def _inner_state(self, tag: str, attributes: dict[str, str | None], style: str, state: _State) -> _State:
        if _starts_quoted_rest(tag, attributes, style) and not state.is_removed:
            self._end_line()
            self._rest_is_quoted = True
        classes = frozenset((attributes.get("class") or "").lower().split())
        is_gmail = "gmail_quote" in classes and tag != "blockquote"
        is_quote = tag == "blockquote" or (bool(classes & _QUOTE_CLASSES) and not is_gmail)
        is_quote = is_quote or _QUOTE_IDS.fullmatch(attributes.get("id") or "") is not None
        return _State(
            quotes=state.quotes + (is_quote or is_gmail),
            is_removed=state.is_removed or is_removed(attributes, style),
            is_preformatted=state.is_preformatted or tag in ("pre", "xmp", "plaintext", "listing"),
            surface=surface_of(tag, attributes, style, state.surface),
            is_gmail_quote=is_gmail,
        )

    def _text(self, text: str, state: _State) -> None:
        visible = _INVISIBLE.sub("", text)
        quotes = max(state.quotes, 1 if self._rest_is_quoted else 0)
        if self._current and quotes != self._quotes and visible.strip():
            self._end_line()
        if state.is_preformatted:
            for line in visible.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]:
                if self._allowance.text < 0:
                    return
                self._add(line, quotes)
                self._end_line(forced=True, state=state)
            visible = visible.rpartition("\n")[2]
            self._add(visible, quotes)
            return
        self._add(_SPACES.sub(" ", visible), quotes)

    def _add(self, text: str, quotes: int) -> None:
        if not text or (text == " " and not self._current):
            return
        if not self._current:
            self._quotes = quotes
        self._current.append(text)

    def _end_line(self, *, forced: bool = False, state: _State | None = None) -> None:
        """Put the gathered line out; a forced one stays even if it is empty."""
        line = re.sub(" {2,}", " ", "".join(self._current)).strip()
        if not self._current and state is not None:
            self._quotes = max(state.quotes, 1 if self._rest_is_quoted else 0)
        self._current.clear()
        if not line and not forced:
            return
        if self._is_blank_due and self._lines and self._lines[-1].strip("> "):
            self._put("")
        self._is_blank_due = False
        self._put(line)

    def _put(self, line: str) -> None:
        quoted = ("> " * min(self._quotes, self._quote_depth) + line).rstrip()
        self._allowance.text -= len(quoted) + 1
        self._lines.append(quoted)

    def _end_block(self, tag: str) -> None:
        self._end_line()
        self._is_blank_due = self._is_blank_due or tag in _SPACED


def _state_after(node: LexborNode, state: _State) -> _State:
    """Gmail splits its quotation to answer within: what follows a quoted piece there is the sender's own again."""
    if state.is_gmail_quote and node.tag == "blockquote":
        return replace(state, quotes=state.quotes - 1, is_gmail_quote=False)
    return state


def _starts_quoted_rest(tag: str, attributes: dict[str, str | None], style: str) -> bool:
    """Whether a mail program put this element between the answer and the letter that it answers."""
    if (attributes.get("id") or "").lower() in _REST_IDS:
        return True
    return tag == "div" and _OUTLOOK_LINE.search(style) is not None
