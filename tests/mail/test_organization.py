"""How domain names are compared, and whose they are by the public suffix list."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.organization import LONGEST_DOMAIN, canonical_domain, list_date, organizational_domain

LABEL_63 = "a" * 63
LONGEST = f"{LABEL_63}.{LABEL_63}.{LABEL_63}.{'a' * 57}.com"


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        pytest.param("example.com", "example.com", id="plain"),
        pytest.param("EXAMPLE.Com", "example.com", id="mixed case"),
        pytest.param("example.com.", "example.com", id="a last dot"),
        pytest.param("com", "com", id="one label"),
        pytest.param("bücher.example", "xn--bcher-kva.example", id="a letter of another script"),
        pytest.param("BÜCHER.example", "xn--bcher-kva.example", id="the same in capitals"),
        pytest.param("bu\u0308cher.example", "xn--bcher-kva.example", id="the same composed of two"),
        pytest.param("straße.example", "xn--strae-oqa.example", id="a sharp s is not two of them"),
        pytest.param("XN--BCHER-KVA.example", "xn--bcher-kva.example", id="already converted"),
        pytest.param("例え。jp", "xn--r8jz45g.jp", id="the full stop of Japan"),
        pytest.param("ｅxample.com", "example.com", id="a wide letter is its narrow one"),
        pytest.param("exаmple.com", "xn--exmple-4nf.com", id="a Cyrillic letter is none of ours"),
        pytest.param("a.b.c.d.e.f.g.h.i.j.example.com", "a.b.c.d.e.f.g.h.i.j.example.com", id="many labels"),
        pytest.param(f"{LABEL_63}.com", f"{LABEL_63}.com", id="the longest label"),
        pytest.param(LONGEST, LONGEST, id="the longest name"),
        pytest.param(LONGEST + ".", LONGEST, id="the longest name and its dot"),
        pytest.param("1and1.com", "1and1.com", id="digits first"),
    ],
)
def test_one_name_has_one_form(domain: str, expected: str) -> None:
    assert canonical_domain(domain) == expected


@pytest.mark.parametrize(
    "domain",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="the root"),
        pytest.param(".example.com", id="a first dot"),
        pytest.param("example..com", id="an empty label"),
        pytest.param("example.com..", id="two last dots"),
        pytest.param("-example.com", id="a hyphen first"),
        pytest.param("example-.com", id="a hyphen last"),
        pytest.param("a_b.example.com", id="an underscore"),
        pytest.param("exam ple.com", id="a space"),
        pytest.param("example.com\n", id="a line end"),
        pytest.param("example.com\x00", id="a null"),
        pytest.param("example.com/x", id="a path"),
        pytest.param("[192.0.2.1]", id="an address in brackets"),
        pytest.param("192.0.2.1", id="an address"),
        pytest.param(f"{LABEL_63}a.com", id="a label too long"),
        pytest.param("a" + LONGEST, id="a first label too long"),
        pytest.param(LONGEST.replace(".com", "a.com"), id="a name too long"),
        pytest.param("ü." * 32 + LONGEST[: 253 - 64], id="a name too long once converted"),
        pytest.param("\u00ad" * 300 + "example.com", id="a name among letters that do not count"),
        pytest.param("a." * 300 + "com", id="far too many labels"),
        pytest.param("ü" * 60 + ".com", id="a label too long once converted"),
        pytest.param("\ud800.com", id="half a letter"),
        pytest.param("exam\u200bple。。com", id="an empty label between wide dots"),
        pytest.param("☃︎a\u2028.com", id="a separator of lines"),
        pytest.param("a\u3000b.com", id="a wide space"),
    ],
)
def test_what_is_no_name_has_no_form(domain: str) -> None:
    assert canonical_domain(domain) is None
    assert organizational_domain(domain) is None


@given(st.text(max_size=300))
def test_any_text_has_a_form_or_none_and_a_form_is_its_own_form(text: str) -> None:
    found = canonical_domain(text)
    assert found is None or (found.isascii() and len(found) <= LONGEST_DOMAIN and canonical_domain(found) == found)


@given(st.from_regex(r"([a-z0-9]{1,8}\.){0,6}(com|co\.uk|github\.io|kobe\.jp|example)", fullmatch=True))
def test_the_organization_is_the_name_or_stands_above_it(domain: str) -> None:
    found = organizational_domain(domain)
    assert found is None or (f".{domain}".endswith(f".{found}") and organizational_domain(found) == found)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        pytest.param("example.com", "example.com", id="registered below a top-level domain"),
        pytest.param("a.b.Example.COM.", "example.com", id="below that, in any case"),
        pytest.param("www.example.co.uk", "example.co.uk", id="below a suffix of two labels"),
        pytest.param("a.b.github.io", "b.github.io", id="one customer of a host"),
        pytest.param("c.github.io", "c.github.io", id="another customer of that host"),
        pytest.param("www.city.kobe.jp", "city.kobe.jp", id="an exception to a wildcard"),
        pytest.param("a.b.c.kobe.jp", "b.c.kobe.jp", id="below a wildcard"),
        pytest.param("mail.giant.bank.example", "bank.example", id="below a top-level domain not on the list"),
        pytest.param("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn", id="below a suffix of another script"),
    ],
)
def test_the_organization_is_the_registered_name(domain: str, expected: str) -> None:
    assert organizational_domain(domain) == expected


@pytest.mark.parametrize("domain", ["com", "co.uk", "github.io", "c.kobe.jp", "example", "公司.cn"])
def test_a_suffix_has_no_organization(domain: str) -> None:
    assert organizational_domain(domain) is None


def test_the_list_says_its_date() -> None:
    found = list_date()
    assert found is not None
    assert date(2025, 1, 1) < found
