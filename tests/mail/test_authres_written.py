"""Authentication-Results: what we write, whom we believe, and what a stranger cannot do to either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.authres import (
    FIELD,
    LONGEST_FIELD,
    LONGEST_VALUE,
    MOST_PROPERTIES,
    MOST_RESULTS,
    UNTRUSTED_FIELD,
    MethodResult,
    Property,
    Results,
    arc_result,
    disarmed_fields,
    dkim_result,
    dmarc_result,
    read_results,
    spf_result,
    trusted_results,
    writable,
    written_results,
)

RELAY = "mx.example.org"


def read(value: str) -> Results:
    found = read_results(value)
    assert found is not None
    return found


def one(method: str, result: str, *properties: tuple[str, str, str], reason: str | None = None) -> MethodResult:
    return MethodResult(method, result, tuple(Property(*found) for found in properties), reason)


# Writing

OURS = (
    spf_result("pass", "ann@example.com"),
    dkim_result("pass", "example.com", "s1", "rsa-sha256"),
    dkim_result("fail", "list.example.net", "2026", "ed25519-sha256"),
    dmarc_result("pass", "example.com", "reject"),
    arc_result("none"),
)


def test_our_own_field() -> None:
    assert written_results(RELAY, OURS) == (
        "mx.example.org; spf=pass smtp.mailfrom=ann@example.com; dkim=pass\r\n"
        " header.d=example.com header.s=s1 header.a=rsa-sha256; dkim=fail\r\n"
        " header.d=list.example.net header.s=2026 header.a=ed25519-sha256; dmarc=pass\r\n"
        " header.from=example.com policy.dmarc=reject; arc=none"
    )
    assert read(written_results(RELAY, OURS)) == Results(RELAY, OURS)


def test_no_results_are_a_statement() -> None:
    assert written_results(RELAY, ()) == "mx.example.org; none"
    assert read(written_results(RELAY, ())) == Results(RELAY, ())


TEXTS = st.text(max_size=400) | st.text(alphabet='a@."\\;=() /\r\n\t\x00é', max_size=40)
KEYWORDS = st.sampled_from(["dkim", "spf", "x-y", "a1", "DMARC", "none", "reason"])
PROPERTIES = st.builds(Property, KEYWORDS, KEYWORDS, TEXTS)
RESULTS = st.builds(
    MethodResult,
    KEYWORDS,
    KEYWORDS,
    st.lists(PROPERTIES, max_size=4).map(tuple),
    st.none() | TEXTS,
    st.sampled_from([1, 2, 999_999_999]),
)


@given(st.lists(RESULTS, max_size=6))
def test_what_is_written_is_read_back(results: list[MethodResult]) -> None:
    assert read(written_results(RELAY, results)) == Results(RELAY, tuple(writable(result) for result in results))


@given(TEXTS, TEXTS, TEXTS)
def test_a_value_of_a_stranger_adds_nothing(domain: str, selector: str, sender: str) -> None:
    text = written_results(RELAY, [dkim_result("fail", domain, selector, "rsa-sha256"), spf_result("fail", sender)])
    assert [(found.method, found.result, len(found.properties)) for found in read(text).results] == [
        ("dkim", "fail", 3),
        ("spf", "fail", 1),
    ]
    assert all(line.isprintable() and line.isascii() for line in text.split("\r\n"))
    assert all(line.startswith(" ") and line.strip() for line in text.split("\r\n")[1:])
    assert max(map(len, text.split("\r\n"))) <= 998


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("evil.example; dkim=pass header.d=example.com", id="a result"),
        pytest.param('evil"; dkim=pass header.d="example.com', id="a quotation mark"),
        pytest.param("evil\\", id="an escape"),
        pytest.param("evil\\\"; dkim=pass", id="an escaped quotation mark"),
        pytest.param("evil (", id="a comment"),
        pytest.param("evil\r\nAuthentication-Results: mx.example.org; dkim=pass", id="a field"),
        pytest.param("evil\n\n", id="a body"),
        pytest.param("x header.d=example.com", id="a property"),
        pytest.param("a@evil.example header.d=example.com", id="a property after a mailbox"),
    ],
)  # fmt: skip
def test_an_injected_value_stays_a_value(value: str) -> None:
    text = written_results(RELAY, [dkim_result("fail", value, "s", "a")])
    (result,) = read(text).results
    assert result.result == "fail"
    assert result.value_of("header", "d") == value.replace("\r", "?").replace("\n", "?")
    assert "\n\n" not in text


def test_what_is_too_long_is_cut() -> None:
    (result,) = read(written_results(RELAY, [dkim_result("pass", "x" * 100_000, "s", "a")])).results
    assert result.value_of("header", "d") == "x" * LONGEST_VALUE


@pytest.mark.parametrize("value", ["x", '"' * 1_000, "é" * 1_000])
def test_what_is_too_much_is_left_out_from_the_end(value: str) -> None:
    many = [MethodResult("dkim", f"x{number}", (Property("header", "d", value),) * 30) for number in range(200)]
    text = written_results(RELAY, many)
    found = read(text).results
    assert len(text) <= LONGEST_FIELD
    assert 0 < len(found) <= MOST_RESULTS
    assert found == tuple(writable(result) for result in many[: len(found)])
    assert all(len(result.properties) == MOST_PROPERTIES for result in found)


@pytest.mark.parametrize(
    ("authserv_id", "result"),
    [
        pytest.param("", OURS[0], id="no name"),
        pytest.param("a b", OURS[0], id="a name of two words"),
        pytest.param("a;b", OURS[0], id="a name with a mark"),
        pytest.param("é", OURS[0], id="a name beyond ASCII"),
        pytest.param("a\n", OURS[0], id="a name with a line end"),
        pytest.param("a", one("d kim", "pass"), id="a method"),
        pytest.param("a", one("dkim", "pass\n"), id="an answer"),
        pytest.param("a", one("dkim", "pass", ("he.ader", "d", "x")), id="a type"),
        pytest.param("a", one("dkim", "pass", ("header", "d=", "x")), id="a property"),
        pytest.param("a", MethodResult("dkim", "pass", version=0), id="a version"),
        pytest.param("a", MethodResult("dkim", "pass", version=10**9), id="a version too high"),
    ],
)
def test_a_word_of_ours_that_is_no_word_is_a_fault(authserv_id: str, result: MethodResult) -> None:
    with pytest.raises(ValueError, match=r"authentication service|keyword|version"):
        written_results(authserv_id, [result])


# Believing


def test_only_the_topmost_field_is_believed() -> None:
    genuine, forged = f"{RELAY}; dkim=fail", f"{RELAY}; dkim=pass"
    assert trusted_results([genuine, forged], RELAY) == read(genuine)
    assert trusted_results(["other.example; dkim=pass", genuine], RELAY) is None
    assert trusted_results([f"{RELAY}; dkim=pass;", genuine], RELAY) is None, "nor the next where the first is broken"
    assert trusted_results([], RELAY) is None


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("mx.example.org", True),
        ("MX.Example.ORG", True),
        ('"mx.example.org"', True),
        ("mx.example.org.", False),
        ("a.mx.example.org", False),
        ("example.org", False),
        ("mx.example.org.evil.example", False),
        ('"mx.example.org "', False),
        ("mx.example.orɡ", False),
        ('""', False),
    ],
)
def test_the_name_must_be_the_relays(said: str, believed: bool) -> None:
    assert (trusted_results([f"{said}; dkim=pass"], RELAY) is not None) is believed
    assert trusted_results([f"{said}; dkim=pass"], "") is None or said == '""'


def test_a_name_that_only_looks_like_the_relays_is_not_it() -> None:
    assert trusted_results(["k.example; dkim=pass"], "\u212a.example") is None, "the sign of Kelvin is not k"


def test_a_field_that_is_not_believed_is_renamed() -> None:
    genuine, forged = f"{RELAY}; dkim=fail", f"{RELAY}; dkim=pass"
    fields = (
        ("received", "x"),
        ("Authentication-Results", genuine),
        ("authentication-results", forged),
        ("From", "ann@example.com"),
        ("AUTHENTICATION-RESULTS ", "broken"),
        ("ARC-Authentication-Results", "i=1; x; none"),
    )
    kept = disarmed_fields(fields, RELAY)
    assert kept == (
        fields[0],
        fields[1],
        (UNTRUSTED_FIELD, forged),
        fields[3],
        (UNTRUSTED_FIELD, "broken"),
        fields[5],
    )
    assert [name for name, _ in disarmed_fields(fields, None)].count(UNTRUSTED_FIELD) == 3
    assert [name for name, _ in disarmed_fields(fields, "other.example")].count(UNTRUSTED_FIELD) == 3
    assert disarmed_fields((), RELAY) == ()


@given(st.lists(st.tuples(st.sampled_from([FIELD, FIELD.lower(), "From"]), st.sampled_from([f"{RELAY}; none", "x"]))))
def test_at_most_one_field_stays_and_none_is_lost(fields: list[tuple[str, str]]) -> None:
    kept = disarmed_fields(fields, RELAY)
    assert [value for _, value in kept] == [value for _, value in fields]
    assert sum(name.lower() == FIELD.lower() for name, _ in kept) <= 1
    assert [field for field in kept if field[0] == "From"] == [field for field in fields if field[0] == "From"]
