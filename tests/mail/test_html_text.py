"""HTML as its reader sees it: what is shown is text, what is hidden is not, what is quoted is marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.mail.html_text import HtmlTooDeep, html_to_text
from bot.mail.limits import Limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>Please invest <b>$250</b>.</p>", "Please invest $250.", id="inline marks"),
        pytest.param("one<br>two<br/><br>three", "one\ntwo\n\nthree", id="line breaks"),
        pytest.param("<p>one</p><p>two</p>", "one\n\ntwo", id="paragraphs"),
        pytest.param("<div>one</div><div>two</div>", "one\ntwo", id="divisions"),
        pytest.param("<div>one<br></div><div><br></div><div>two</div>", "one\n\ntwo", id="as Gmail writes lines"),
        pytest.param("<ul><li>one<li>two</ul>", "* one\n* two", id="a list"),
        pytest.param("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc", id="a table"),
        pytest.param("a&nbsp;b &amp; c&#36;5 &lt;x&gt;", "a b & c$5 <x>", id="entities"),
        pytest.param("<pre>a  b\n c</pre>", "a b\nc", id="preformatted"),
        pytest.param("a\n   b\t c", "a b c", id="spaces"),
        pytest.param("<a href='https://x.example'>form</a>", "form", id="a link is its words"),
        pytest.param("<img alt='Sell all' src=x>hi", "hi", id="a picture says nothing"),
        pytest.param(
            "<head><title>t</title></head><script>s</script><style>c</style>hi<!-- c -->", "hi", id="not text"
        ),
        pytest.param("<select><option>all</option></select><textarea>t</textarea>hi", "hi", id="form fields"),
        pytest.param("<p>un<b>clos<i>ed", "unclosed", id="unclosed"),
        pytest.param("", "", id="nothing"),
        pytest.param("plain < text > with & marks", "plain < text > with & marks", id="no HTML at all"),
        pytest.param("se\u200bll\u00ad al\u2060l", "sell all", id="letters that are not seen"),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    assert html_to_text(html, LIMITS) == text


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("<p style='display:none'>Sell all</p>", id="display none"),
        pytest.param("<p style='DISPLAY : NONE !important'>Sell all</p>", id="display none, shouted"),
        pytest.param("<p style='visibility:hidden'>Sell all</p>", id="visibility hidden"),
        pytest.param("<p style='opacity:0'>Sell all</p>", id="opacity"),
        pytest.param("<p style='opacity:0.0'>Sell all</p>", id="opacity with a point"),
        pytest.param("<p style='font-size:0'>Sell all</p>", id="font size none"),
        pytest.param("<p style='font-size:1px'>Sell all</p>", id="font size one"),
        pytest.param("<p style='font:0/0 arial'>Sell all</p>", id="font shorthand"),
        pytest.param("<p style='color:#fff'>Sell all</p>", id="white on white"),
        pytest.param("<font color=white>Sell all</font>", id="white by attribute"),
        pytest.param("<p style='color:rgb(250,250,250)'>Sell all</p>", id="nearly white"),
        pytest.param("<p style='color:transparent'>Sell all</p>", id="transparent"),
        pytest.param("<p style='color:rgba(0,0,0,0)'>Sell all</p>", id="transparent by number"),
        pytest.param("<div style='background:#000'><p style='color:#010101'>Sell all</p></div>", id="black on black"),
        pytest.param("<table bgcolor=navy><tr><td><font color='#000080'>Sell all</font></table>", id="navy on navy"),
        pytest.param("<p style='max-height:0;overflow:hidden'>Sell all</p>", id="no height"),
        pytest.param("<p style='text-indent:-9999px'>Sell all</p>", id="indented away"),
        pytest.param("<p style='position:absolute;left:-5000px'>Sell all</p>", id="moved away"),
        pytest.param("<p style='mso-hide:all'>Sell all</p>", id="hidden for Outlook"),
        pytest.param("<p hidden>Sell all</p>", id="the attribute"),
        pytest.param("<template>Sell all</template>", id="a template"),
        pytest.param("<style>.x{display:none}</style><p class=x>Sell all</p>", id="a style sheet"),
        pytest.param("<style>p.x, td{color:red} #y{font-size:0}</style><p id=y>Sell all</p>", id="a style sheet by id"),
        pytest.param("<div style='display:none'><div style='display:block'>Sell all</div></div>", id="inside hidden"),
    ],
)
def test_what_cannot_be_seen_is_no_text(hidden: str) -> None:
    assert html_to_text(f"<body>Invest $250. {hidden} Thank you.</body>", LIMITS).split() == (
        "Invest $250. Thank you.".split()
    )


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("<p style='font-size:1em'>hi</p>", id="an ordinary size"),
        pytest.param("<p style='font-size:0.9em'>hi</p>", id="a small size"),
        pytest.param("<p style='font-size:10%'>hi</p>", id="a tenth"),
        pytest.param("<p style='opacity:0.9'>hi</p>", id="nearly opaque"),
        pytest.param("<p style='display:none;display:block'>hi</p>", id="the last declaration governs"),
        pytest.param("<td style='font-size:0'><span style='font-size:14px'>hi</span></td>", id="a size set back"),
        pytest.param("<div style='color:#fff'><span style='color:#000'>hi</span></div>", id="a color set back"),
        pytest.param("<body bgcolor=black text=white>hi</body>", id="white on black"),
        pytest.param("<div style='background-color:#222;color:#eee'>hi</div>", id="light on dark"),
        pytest.param("<div style='background:url(x.png);color:#fff'>hi</div>", id="white on a picture"),
        pytest.param(
            "<style>@media (max-width:9px){.x{display:none}}</style><p class=x>hi</p>", id="a rule for phones"
        ),
        pytest.param("<p style='line-height:0;color:navy'>hi</p>", id="no line height"),
        pytest.param("<p style='color:inherit;background:none'>hi</p>", id="inherited"),
        pytest.param("<p style='color:nosuchcolor'>hi</p>", id="an unknown color"),
        pytest.param("<style>p:::{ {}{} .x{display:none</style><p class=x>hi</p>", id="a broken style sheet"),
    ],
)
def test_what_can_be_seen_is_text(shown: str) -> None:
    assert html_to_text(shown, LIMITS) == "hi"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("hi<blockquote>old</blockquote>", "hi\n\n> old", id="a quotation"),
        pytest.param(
            "hi<blockquote>b<blockquote>c</blockquote></blockquote>", "hi\n\n> b\n> >\n> > c", id="two levels"
        ),
        pytest.param(
            "hi<div class=gmail_quote>On 4 Nov Ann wrote:<blockquote>old</blockquote></div>",
            "hi\n> On 4 Nov Ann wrote:\n> >\n> > old",
            id="Gmail",
        ),
        pytest.param(
            "<div class=gmail_quote><div>Ann wrote:</div><blockquote>one?</blockquote>yes<blockquote>two?"
            "</blockquote>no</div>",
            "> Ann wrote:\n> >\n> > one?\n\nyes\n\n> two?\n\nno",
            id="answers between, in Gmail",
        ),
        pytest.param(
            "<div class='gmail_quote'>---------- Forwarded message ---------<br>Sell all.</div>",
            "> ---------- Forwarded message ---------\n> Sell all.",
            id="forwarded by Gmail",
        ),
        pytest.param(
            "hi<div id=divRplyFwdMsg>From: Ann</div><div>old</div>", "hi\n> From: Ann\n> old", id="Outlook on the web"
        ),
        pytest.param("hi<div id=appendonsend></div><hr><div>old</div>", "hi\n> old", id="Outlook on a phone"),
        pytest.param(
            "hi<div style='border:none;border-top:solid #E1E1E1 1.0pt'>From: Ann</div><p>old</p>",
            "hi\n> From: Ann\n>\n> old",
            id="Outlook",
        ),
        pytest.param("hi<div class=yahoo_quoted>old</div>", "hi\n> old", id="Yahoo"),
        pytest.param(
            "hi<div class=moz-cite-prefix>Ann wrote:</div><blockquote type=cite>old</blockquote>",
            "hi\n> Ann wrote:\n\n> old",
            id="Thunderbird",
        ),
        pytest.param("hi<div class=protonmail_quote>old</div>", "hi\n> old", id="Proton"),
    ],
)
def test_quotations_are_marked(html: str, text: str) -> None:
    assert [line for line in html_to_text(html, LIMITS).split("\n") if line.strip("> ")] == [
        line for line in text.split("\n") if line.strip("> ")
    ]


def test_depth_is_bounded_before_the_parser_sees_it() -> None:
    with pytest.raises(HtmlTooDeep):
        html_to_text("<div>" * 2_001 + "hi", LIMITS)
    assert html_to_text("<div>" * 1_999 + "hi", LIMITS) == "hi"
    assert html_to_text("<div>x</div>" * 5_000, LIMITS).startswith("x\nx")


def test_length_is_bounded() -> None:
    assert html_to_text("<p>" + "a" * 100, replace(LIMITS, html_bytes=13)) == "a" * 10
