"""No HTML takes the parser long: what could is refused before it begins, and nothing in the source talks that away."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.mail import html_bounds, html_text
from bot.mail.html_bounds import HtmlAllowance, HtmlTooDeep, admit, attribute_count
from bot.mail.html_nesting import plain_nesting
from bot.mail.html_text import html_to_text
from bot.mail.limits import Limits
from bot.mail.parse import parse
from tests.mail.messages import multipart

LIMITS = Limits()
BLIND = replace(LIMITS, html_depth=10**9)
"""As if a sender had got around the count of honest nesting, which anybody can."""
FAIR_SECONDS = 6.0
"""Of the processor; each takes under one, and without the bounds most of them would take minutes."""


def numbered(tag: str, number: int) -> str:
    """`tag` so often, with a number in the place of #."""
    return "".join(tag.replace("#", str(at)) for at in range(number))


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p " + numbered("a# ", 201) + ">", id="attributes of a tag"),
        pytest.param("<p " + numbered("a#=x\t", 200_000), id="attributes of a tag that does not end"),
        pytest.param("<p " + numbered("a#='>' ", 201) + ">", id="attributes with quoted ends of tags"),
        pytest.param("<p " + numbered('a#=">"', 201) + ">", id="attributes without spaces"),
        pytest.param("<p" + numbered("/a#", 201) + ">", id="attributes between slashes"),
        pytest.param("<!-- <a x=' --><p " + numbered("a# ", 201) + ">", id="behind a tag in a comment"),
        pytest.param('<a x="<p ' + numbered("a# ", 201) + '>">', id="within an attribute, should that end earlier"),
        pytest.param(numbered("<html a#>", 300), id="attributes added to the root"),
        pytest.param("<body>" + numbered("<BODY a#>", 300), id="attributes added to the body"),
        pytest.param("<select>" + "<option>" * 2_000, id="choices"),
        pytest.param("<select>" + "<optgroup><option>" * 1_000, id="groups of choices"),
        pytest.param("<p>" + numbered("<b a=#>", 2_000) + "x" + "<p>x" * 5_000, id="formatting that is reopened"),
        pytest.param(f"<p>{'<b>' * 3}<i a='{'y' * 100_000}'>" + "<p>x" * 5_000, id="a long attribute reopened"),
        pytest.param(f"<p><b {numbered('a# ', 190)}>" + "<p>x" * 20_000, id="many attributes reopened"),
        pytest.param("<b>" * 3 + "<div>" * 9_000 + "</b>" * 9_000, id="formatting closed below open elements"),
        pytest.param("<div>" * 9_000 + "<a>" * 9_000, id="links within links"),
        pytest.param("<a" * 500_000, id="tags in names of tags"),
        pytest.param("<a b='" * 160_000, id="tags in attributes"),
        pytest.param("<a b='<a b=\"" * 100_000, id="tags in attributes, quoted in turn"),
        pytest.param(("<a " + "x" * 60_000) * 30, id="tags of great length"),
    ],
)
def test_what_would_take_long_never_reaches_the_parser(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(source: str) -> None:
        pytest.fail(f"{len(source)} characters reached the parser")

    monkeypatch.setattr(html_text, "LexborHTMLParser", parsed)
    started = time.process_time()
    with pytest.raises(HtmlTooDeep):
        html_to_text(html, BLIND)
    assert time.process_time() - started < FAIR_SECONDS


def at_the_bound_of_reopening(formatting: int) -> str:
    weight = formatting * (100 + len("<b a=0000>") + 60)
    return "<p>" + "".join(f"<b a={at:04}>" for at in range(formatting)) + "<p>x" * (199_000_000 // weight - formatting)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p " + numbered("a# ", 200) + ">x</p>" * 10_000, id="attributes"),
        pytest.param(("<p " + numbered("a# ", 200) + ">x") * 2_000, id="attributes of many tags"),
        pytest.param("<div></x>" * 200_000, id="closing tags of nothing"),
        pytest.param("<div></select>" * 140_000, id="closing tags of something else"),
        pytest.param("<div><!--</div>-->" * 110_000, id="closing tags in comments"),
        pytest.param("<div a='</div>'>" * 110_000, id="closing tags in attributes"),
        pytest.param("<ul><li>" * 200_000, id="lists in lists"),
        pytest.param("<span>" * 14_000 + "</p>" * 400_000, id="closing tags below open elements"),
        pytest.param("<span>" * 14_000 + "<li>" * 400_000, id="items below open elements"),
        pytest.param("<select>" + "<div>" * 300_000, id="elements in a choice"),
        pytest.param("<table>" + "<div>" * 300_000, id="elements put before a table"),
        pytest.param("<svg><foreignObject><p>" * 80_000, id="drawings"),
        pytest.param("<template>" * 200_000, id="templates"),
        pytest.param("<b>" * 3 + "<div>" * 10_000 + "</b>" * 1_990, id="formatting closed below open elements"),
        pytest.param(at_the_bound_of_reopening(60), id="formatting reopened, few"),
        pytest.param(at_the_bound_of_reopening(300), id="formatting reopened, many"),
        pytest.param("<blockquote>" * 1_900 + "<p>x" * 400_000, id="deep quotation"),
        pytest.param("<blockquote>" * 1_900 + "<pre>" + "\n" * 1_900_000, id="lines in a deep quotation"),
        pytest.param(f"<style>{'*{color:red}' * 200}</style>" + "<p>x" * 28_000, id="rules that fit everything"),
        pytest.param(f"<style>{','.join('*' * 140)}{{color:red}}</style>" + "<p>x" * 28_000, id="a list of selectors"),
        pytest.param("<style>p:nth-child(2n+1){color:red}</style>" + "<p>x" * 28_000, id="counting children"),
        pytest.param("<style>:has(x){color:red}</style>" + "<div>" * 28_000, id="looking into children"),
        pytest.param("<style>p:last-of-type{color:red}</style>" + "<p>" * 28_000, id="looking at neighbours"),
        pytest.param(
            f"<style>*{{{'display:none;display:block;' * 80}}}</style>" + "<p>x" * 28_000, id="many declarations"
        ),
        pytest.param(f"<p style='{'display:none;display:block;' * 70}'>x" * 990, id="many declarations of their own"),
        pytest.param("<style>" + "/*" * 50_000 + "</style>x", id="comments that do not end"),
    ],
)
def test_what_gets_around_the_count_of_depth_still_takes_fair_time(html: str) -> None:
    started = time.process_time()
    allowance = HtmlAllowance.of(BLIND)
    try:
        text = html_to_text(html, BLIND, allowance)
    except HtmlTooDeep:
        text = ""
    assert time.process_time() - started < FAIR_SECONDS
    assert len(text) <= LIMITS.text_characters + 1_000


def test_a_long_thread_of_an_office_program_is_read() -> None:
    answer = (
        '<div><p class="MsoNormal" style="margin:0cm;margin-bottom:.0001pt"><span style="font-size:11.0pt;'
        'font-family:Calibri,sans-serif;color:#1F497D">Please invest $250<o:p></o:p></span></p>'
        '<p class="MsoNormal"><b><span lang="EN-US">From:</span></b> <a href="mailto:%d@x.example">'
        '<font size="2" face="Arial">Ann</font></a><br><i>old</i><o:p></o:p></p></div>\n'
    )
    html = "<html><body>" + "".join(answer % number for number in range(1_250)) + "</body></html>"
    assert len(html) > 400_000
    assert html_to_text(html, LIMITS).count("$250") == 1_250


@pytest.mark.parametrize(
    "evasion",
    [
        "<!--</div>-->", "<!--></div>-->", "</div", "<a title='</div>'>", "</x>", "</p>", "<style></div></style>",
        "<title></div></title>", "<textarea></div></textarea>", "<select></div></select>", "<svg></div></svg>",
        "<![CDATA[</div>]]>", "</ div>", "<!--x--!></div>-->", "<script><!--</div>--></script>", "<template></div>",
        "<table></div>", "<table><td></div>", "<object></div>", "<x></div>", "<b></div>",
    ],
)  # fmt: skip
def test_no_closing_tag_that_the_parser_ignores_counts_against_depth(evasion: str) -> None:
    source = f"<div>{evasion}" * 50
    nesting = plain_nesting(source)
    assert nesting is None or nesting.elements >= _deepest(source)


def _deepest(source: str) -> int:
    """How deep the parser's own tree is."""
    root = LexborHTMLParser(source).root
    assert root is not None
    deepest, waiting = 0, [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in node.iter())
    return deepest


_PLAIN = st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<font size=2>", "</font>", "<table>", "</table>",
     "<tr>", "</tr>", "<td>", "</td>", "<ul>", "</ul>", "<li>", "</li>", "<span>", "</span>", "<a href=x>", "</a>",
     "<h1>", "</h1>", "<br>", "x", "<blockquote>", "</blockquote>", "<o:p>", "</o:p>", "<center>", "</center>",
     "<dl>", "<dt>", "<dd>", "</dd>", "</dl>", "<th>", "</th>", "<tbody>", "</tbody>", "<body>", "</body>", "<html>",
     "</html>", "<pre>", "</pre>", "<!--x-->", "<style>a{}</style>", "<address>", "</address>"]
)  # fmt: skip


@settings(max_examples=1_500)
@given(st.lists(_PLAIN, max_size=40).map("".join), st.integers(1, 8))
def test_the_tree_is_never_deeper_than_plain_nesting_says(source: str, times: int) -> None:
    nesting = plain_nesting(source * times)
    assert nesting is not None
    assert nesting.elements >= _deepest(source * times)


def test_deep_nesting_in_honest_writing_is_known_to_be_shallow_over_all() -> None:
    nesting = plain_nesting("<div><p><b>x</b> <a href=y>z</a></p><p><font size=2>x</div>" * 1_000)
    assert nesting is not None
    assert nesting.elements < 1_100
    assert plain_nesting("<p>a < b and <b>c</b></p>") is not None
    assert plain_nesting("<div><svg></svg></div>") is None


@pytest.mark.parametrize(
    ("part", "defect"),
    [
        pytest.param("<p>x</p>" * 2_000, "html_over_limit", id="tags"),
        pytest.param("<p>" + "x " * 150_000, "html_over_limit", id="length"),
        pytest.param("<select>" + "<option>" * 300, "html_too_deep", id="choices"),
        pytest.param(
            "<style>" + "*{color:red}" * 100 + "</style>" + "<p>x" * 400, "html_too_deep", id="rules that fit"
        ),
        pytest.param("<b>" * 3 + "<div>" * 1_000 + "</b>" * 4_000, "html_too_deep", id="formatting closed"),
        pytest.param("<p>" + numbered("<b a=#>", 100) + "<p>x" * 600, "html_too_deep", id="formatting reopened"),
    ],
)
def test_all_parts_of_a_message_share_what_one_may_take(part: str, defect: str) -> None:
    once = f"Content-Type: text/html\n\n{part}"
    limits = replace(LIMITS, text_characters=10**9)
    assert parse(once.encode(), limits).is_readable
    read = multipart("mixed", *[once] * 20)
    assert defect in read.defects
    assert not read.is_readable


def test_text_that_was_left_out_is_told() -> None:
    read = parse(b"Content-Type: text/html\n\n<pre>" + b"\n" * 300_000 + b"but sell nothing</pre>", LIMITS)
    assert "text_over_limit" in read.defects
    assert not read.is_readable


def test_the_plain_form_is_read_where_the_other_is_refused() -> None:
    read = multipart("alternative", "Content-Type: text/html\n\n<p " + numbered("a# ", 201), "\nPlease invest $250.")
    assert (read.text.strip(), read.is_readable) == ("Please invest $250.", True)


def test_rules_for_what_a_pointer_does_are_left_out_of_a_list_and_the_others_kept() -> None:
    html = "<style>a:hover, .x, p:not(.y) {display:none}</style>hi<p class=x>gone</p>"
    assert "gone" in html_to_text(html, LIMITS), "a list with a function is not read"
    html = "<style>a:hover, .x {display:none}</style>hi<p class=x>gone</p>"
    assert html_to_text(html, LIMITS) == "hi"


@pytest.mark.parametrize(
    ("style", "is_seen"),
    [
        ("display:none;display:block", True),
        ("display:block;display:none", False),
        ("display:none;display:block;display:none", False),
        ("DISPLAY:none;display:block;visibility:hidden", False),
        ("display:none;visibility:hidden;display:block;visibility:visible", True),
    ],
)
def test_the_last_of_many_declarations_governs(style: str, is_seen: bool) -> None:
    assert html_to_text(f"<p style='{style}'>hi</p>", LIMITS) == ("hi" if is_seen else "")


_SPACES = st.sampled_from([" ", "\n", "\t", "\f", "/", " / ", "  "])
_VALUES = st.sampled_from(
    ["", "=", " = ", "=x", "= x", "='x y'", '="x>y"', "=a'b", "=<p", "=/", "=`x`", "=x/", "='", '="']
)


@settings(max_examples=400)
@given(st.lists(st.tuples(_SPACES, _VALUES), max_size=12), st.sampled_from([">", "/>", " >", " / >"]))
def test_attributes_are_counted_as_the_parser_counts_them(pieces: list[tuple[str, str]], end: str) -> None:
    tag = "<p" + "".join(f"{space}a{at}{value}" for at, (space, value) in enumerate(pieces)) + end + "'>\">x"
    node = LexborHTMLParser(tag).css_first("p")
    assert node is not None
    names = {name.lower() for name in node.attributes}
    assert attribute_count(tag) >= len(names)
    if not any(value.endswith(("='", '="')) or value.rstrip().endswith("=") for _space, value in pieces):
        assert attribute_count(tag) == len(names)


_SOUP = st.sampled_from(
    ["<p", "<b", "<a", "<", ">", " ", "=", "'", '"', "/", "x", "y1", "a=b", "c='d'", 'e="f"', "<!--", "-->",
     "<!", "<?", "</p>", "</", "<script>", "</script>", "<style>", "</style>", "<svg>", "<![CDATA[", "]]>",
     "<select>", "<textarea>",
     "<title>", "</title>", "\n", "\f", "\x00", "\r", "&gt;", "<P", "<plaintext>", "<q1 z", "é", "\u2028", "\x0b"]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(_SOUP, max_size=60).map("".join))
def test_no_tag_that_the_parser_sees_has_more_attributes_than_were_counted(source: str) -> None:
    counted = max((attribute_count(source[at:]) for at in range(len(source)) if source[at] == "<"), default=0)
    root = LexborHTMLParser(source).root
    assert root is not None
    seen = [len(node.attributes) for node in root.traverse(include_text=False) if node.tag not in ("html", "body")]
    assert max(seen, default=0) <= counted
    limits = replace(LIMITS, html_attributes=counted + 2 * sum(map(attribute_count, _tags(source))))
    admit(source, limits, HtmlAllowance.of(limits))  # nothing else in so little is refused
    if counted:
        with pytest.raises(HtmlTooDeep):
            admit(source, replace(LIMITS, html_attributes=counted - 1), HtmlAllowance.of(LIMITS))


def _tags(source: str) -> list[str]:
    return [source[at:] for at in range(len(source)) if source[at] == "<"]


@pytest.mark.parametrize("repeated", ["<p>x</p>", "<a b='", "<a", "<p a>", "<!--<p a='", "x" * 8, '<p a="<b c>">'])
def test_the_work_of_the_scan_grows_with_the_source_and_not_with_its_square(
    repeated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    counting_spellings(monkeypatch, looked_at.append)
    source = repeated * (400_000 // len(repeated))
    limits = replace(LIMITS, html_tags=10**9, html_attributes=10**9)
    with suppress(HtmlTooDeep):
        admit(source, limits, HtmlAllowance.of(limits))
    assert sum(looked_at) <= 7 * len(source) + 1


def counting_spellings(monkeypatch: pytest.MonkeyPatch, tell: Callable[[int], None]) -> None:
    """Let `tell` hear the length of each tag that the scan reads."""

    class Counting:
        def __init__(self) -> None:
            self._pattern = html_bounds._WRITTEN

        def search(self, source: str, at: int) -> object:
            found = self._pattern.search(source, at)
            if found is not None:
                tell(len(found[0]))
            return found

        def findall(self, source: str) -> list[str]:
            found = self._pattern.findall(source)
            tell(sum(map(len, found)))
            return found

    monkeypatch.setattr(html_bounds, "_WRITTEN", Counting())
