"""How a tag is written in HTML, and which elements are special to the parser.

The expressions read a tag as the tokenizer of the HTML standard does (section 13.2.5, "tag open" to "after attribute
value"). None of them goes back over what it has read.
"""

from __future__ import annotations

NAME = r"[a-zA-Z][^\t\n\r\f />]*+"
"""The name of an element."""
ATTRIBUTE = (
    r"""[^\t\n\r\f />][^\t\n\r\f />=]*+"""
    r"""(?:[\t\n\r\f ]*+=[\t\n\r\f ]*+(?:"[^"]*+"?+|'[^']*+'?+|[^\t\n\r\f >"'][^\t\n\r\f >]*+|(?=>|\Z)))?+"""
)
"""One attribute with its value, if it has one."""
ATTRIBUTES = rf"(?:[\t\n\r\f /]++|{ATTRIBUTE})*+"
"""All attributes of a tag, up to its ">" or the end of the text."""

FORMATTING = frozenset({
    "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u", "nobr", "a",
})  # fmt: skip
"""Elements that the parser opens anew where something else closed them (section 13.2.4.3)."""
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
"""Elements that hold nothing."""
