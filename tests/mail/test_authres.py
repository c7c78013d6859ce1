"""Authentication-Results: how a field is read, wholly or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.authres import (
    DEEPEST_COMMENT,
    LONGEST_FIELD,
    MOST_PROPERTIES,
    MOST_RESULTS,
    MethodResult,
    Property,
    Results,
    read_results,
    trusted_results,
    written_results,
)

RELAY = "mx.example.org"


def read(value: str) -> Results:
    found = read_results(value)
    assert found is not None
    return found


def one(method: str, result: str, *properties: tuple[str, str, str], reason: str | None = None) -> MethodResult:
    return MethodResult(method, result, tuple(Property(*found) for found in properties), reason)


@pytest.mark.parametrize(
    ("value", "authserv_id", "results"),
    [
        # RFC 8601 appendix B
        pytest.param("example.org 1; none", "example.org", (), id="B.2, nothing was checked"),
        pytest.param(
            "example.com; spf=pass smtp.mailfrom=example.net",
            "example.com",
            (one("spf", "pass", ("smtp", "mailfrom", "example.net")),),
            id="B.3, one check",
        ),
        pytest.param(
            "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
            " spf=pass smtp.mailfrom=example.net",
            "example.com",
            (
                one("auth", "pass", ("smtp", "auth", "sender@example.net")),
                one("spf", "pass", ("smtp", "mailfrom", "example.net")),
            ),
            id="B.4, two checks",
        ),
        pytest.param(
            'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net;\n'
            'dkim=fail reason="bad signature" header.i=@newyork.example.com',
            "example.com",
            (
                one("dkim", "pass", ("header", "i", "@mail-router.example.net"), reason="good signature"),
                one("dkim", "fail", ("header", "i", "@newyork.example.com"), reason="bad signature"),
            ),
            id="B.6, two signatures",
        ),
        pytest.param(
            "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
            " policy (A dot can go here) . (like that) expired\r\n (this surprised me) ="
            " (as I wasn't expecting it) 1362471462",
            "foo.example.net",
            (one("dkim", "fail", ("policy", "expired", "1362471462")),),
            id="B.7, comments everywhere",
        ),
        # The grammar
        pytest.param('"a b" ; none', "a b", (), id="a quoted name"),
        pytest.param("(c)a(d);(e)none(f)", "a", (), id="comments without spaces"),
        pytest.param("a;none=pass", "a", (one("none", "pass"),), id="a method named none"),
        pytest.param("\ta\t;\tx\t=\ty\t", "a", (one("x", "y"),), id="tabs"),
        pytest.param("a; x=y reason=word", "a", (one("x", "y", reason="word"),), id="a reason without quotes"),
    ],
)
def test_a_field_is_read_to_its_end(value: str, authserv_id: str, results: tuple[MethodResult, ...]) -> None:
    assert read(value) == Results(authserv_id, results)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("p.q=r", ("p", "q", "r"), id="a word"),
        pytest.param("SMTP.MailFrom=Ann@B.example", ("smtp", "mailfrom", "Ann@B.example"), id="capitals"),
        pytest.param('p.q=""', ("p", "q", ""), id="nothing in quotes"),
        pytest.param(r'p.q="a\"; z=pass \\"', ("p", "q", 'a"; z=pass \\'), id="escapes"),
        pytest.param("p.q=prvs=12=ann/b@c.example", ("p", "q", "prvs=12=ann/b@c.example"), id="a tagged mailbox"),
        pytest.param("p.q=@c.example", ("p", "q", "@c.example"), id="a domain with its mark"),
        pytest.param('p.q="a b"@c.example', ("p", "q", '"a b"@c.example'), id="a quoted mailbox"),
        pytest.param(r"(a (b \) ; z=pass) c) p.q=r", ("p", "q", "r"), id="a comment in a comment"),
        pytest.param("reason.x=z", ("reason", "x", "z"), id="a type named reason"),
        pytest.param('p.q="a\r\n b"', ("p", "q", "a  b"), id="a fold in quotes"),
    ],
)
def test_a_property_is_read(value: str, expected: tuple[str, str, str]) -> None:
    assert read(f"a; X=Y {value}").results == (one("x", "y", expected),)


def test_the_version_of_a_method_is_read() -> None:
    assert read("a; dkim/2=pass").results == (MethodResult("dkim", "pass", version=2),)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("(a)", id="a comment"),
        pytest.param("a", id="a name only"),
        pytest.param("a;", id="no result"),
        pytest.param("a; ;", id="empty results"),
        pytest.param("; dkim=pass", id="no name"),
        pytest.param("a dkim=pass", id="no semicolon"),
        pytest.param("a 2; dkim=pass", id="another version"),
        pytest.param("a 01x; dkim=pass", id="a version that is none"),
        pytest.param("a 1 1; dkim=pass", id="two versions"),
        pytest.param("a" + " 1" * 1_000 + "; none", id="many versions"),
        pytest.param("a " + "1" * 1_000 + "; none", id="a version too long"),
        pytest.param("a; none; dkim=pass", id="none and more"),
        pytest.param("a; dkim=pass; none", id="more and none"),
        pytest.param("a; none none", id="none twice"),
        pytest.param("a; dkim=pass;", id="a last semicolon"),
        pytest.param("a; dkim=pass;; spf=pass", id="two semicolons"),
        pytest.param("a; dkim", id="no answer"),
        pytest.param("a; dkim=", id="an empty answer"),
        pytest.param("a; =pass", id="no method"),
        pytest.param("a; dkim==pass", id="two equals signs"),
        pytest.param('a; dkim="pass"', id="an answer in quotes"),
        pytest.param("a; dkim-=pass", id="a method with a last hyphen"),
        pytest.param("a; dk_im=pass", id="an underscore"),
        pytest.param("a; dkim=pass header.d", id="a property without a value"),
        pytest.param("a; dkim=pass header.d=", id="an empty value"),
        pytest.param("a; dkim=pass header=x", id="a property without a type"),
        pytest.param("a; dkim=pass .d=x", id="a property without a type before the dot"),
        pytest.param("a; dkim=pass header.d=x y", id="a value of two words"),
        pytest.param("a; dkim=pass header.b=ab/cd", id="a slash in a word"),
        pytest.param("a; dkim=pass header.d=x,y", id="a comma"),
        pytest.param("a; dkim=pass header.d=<x@b.example>", id="angle brackets"),
        pytest.param("a; dkim=pass action=none header.d=x", id="a word that is neither reason nor property"),
        pytest.param("a; dkim=pass header.d=x reason=y", id="a reason after a property"),
        pytest.param("a; dkim=pass reason=x reason=y", id="two reasons"),
        pytest.param('a; dkim=pass header.d="x"header.s=y', id="nothing between properties"),
        pytest.param('a; dkim=pass header.d="x', id="a quotation that does not end"),
        pytest.param('a; dkim=pass header.d="x\\', id="an escape at the end"),
        pytest.param('a; dkim=pass header.d="x\\"', id="an escaped end"),
        pytest.param("a; dkim=pass (x", id="a comment that does not end"),
        pytest.param("a; dkim=pass (x\\", id="a comment that ends in an escape"),
        pytest.param("a; dkim=pass (x\\)", id="a comment with an escaped end"),
        pytest.param("a; dkim=pass x)", id="a comment that does not begin"),
        pytest.param("a; dkim=pass\x00", id="a null"),
        pytest.param("a; dkim=pass\r", id="a bare return"),
        pytest.param("a; dkim=pass\x0b", id="a vertical tab"),
        pytest.param("a; dkim=pass (é)", id="a letter beyond ASCII"),
        pytest.param("a; dkim\u00a0=pass", id="a hard space"),
        pytest.param("a; dkim=pass header.d=x@", id="a mailbox without a domain"),
        pytest.param("a; dkim=pass header.d=x@y@z", id="two domains"),
        pytest.param('a; dkim=pass header.d="x"@', id="a quoted mailbox without a domain"),
        pytest.param("a; dkim=pass header.d=2001:db8::1", id="an unquoted colon"),
        pytest.param("Authentication-Results: a; dkim=pass", id="the name of the field"),
    ],
)
def test_what_does_not_fit_is_not_read_at_all(value: str) -> None:
    assert read_results(value) is None
    assert trusted_results([value], "a") is None


def test_a_value_given_twice_is_no_value() -> None:
    (result,) = read("a; dkim=pass header.d=x header.d=y header.s=z smtp.d=w").results
    assert result.value_of("header", "d") is None
    assert result.value_of("header", "s") == "z"
    assert result.value_of("header", "i") is None
    assert result.value_of("smtp", "d") == "w"


def test_results_are_found_by_method() -> None:
    found = read("a; dkim=pass; spf=none; dkim=fail")
    assert [result.result for result in found.of("dkim")] == ["pass", "fail"]
    assert found.of("dmarc") == ()


@pytest.mark.parametrize(
    ("bound", "piece", "end"),
    [
        pytest.param(MOST_RESULTS, "; dkim=pass", "", id="results"),
        pytest.param(MOST_PROPERTIES, " x.y=z", "", id="properties"),
        pytest.param(DEEPEST_COMMENT, " (", ")", id="comments"),
    ],
)
def test_a_field_is_read_up_to_its_bounds(bound: int, piece: str, end: str) -> None:
    start = "a" if piece.startswith(";") else "a; dkim=pass"
    assert read_results(start + piece * bound + end * bound) is not None
    assert read_results(start + piece * (bound + 1) + end * (bound + 1)) is None


def test_a_field_is_read_up_to_its_length() -> None:
    value = "a; none"
    assert read_results(value + " " * (LONGEST_FIELD - len(value))) == Results("a", ())
    assert read_results(value + " " * (LONGEST_FIELD - len(value) + 1)) is None


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        ")",
        "()",
        "\\",
        '"',
        "\\(",
        "a",
        "-",
        "a-",
        "@",
        "a@",
        ".",
        ";",
        "=",
        " ",
        "1",
        "/",
        " x.y=z",
        "; a=b",
        '"\\"',
    ],
)
def test_hostile_lengths_end(piece: str) -> None:
    for start in ("", "a", "a;", "a; b", "a; b=c ", "a; b=c d.e=", 'a; b=c d.e="', "a; b=c ("):
        value = start + piece * (LONGEST_FIELD // len(piece))
        assert read_results(value[:LONGEST_FIELD]) is None or piece in {" ", "()"} or start.endswith("=")
        assert read_results(value * 20) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read_results(text)
    assert found is None or text.isascii()


WORDS = st.sampled_from(
    [
        "a",
        "dkim",
        "=",
        "pass",
        ";",
        " ",
        "(",
        ")",
        '"',
        "\\",
        "header",
        ".",
        "d",
        "@",
        "/",
        "1",
        "none",
        "reason",
        "\r\n ",
    ]
)


@given(st.lists(WORDS, max_size=40))
def test_what_was_read_can_be_written_and_read_again(words: list[str]) -> None:
    found = read_results("a; dkim=pass " + "".join(words))
    if found is not None:
        assert read(written_results("a", found.results)).results == found.results
