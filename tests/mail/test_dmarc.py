"""Whether what was proven is about the domain in From: DMARC by the tree walk and by the public suffix list."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.mail.dmarc import (
    DmarcResult,
    DmarcVerdict,
    Identifier,
    check_dmarc,
    names_walked,
)
from bot.mail.dmarc_records import Policy
from tests.mail.dmarc_zone import Zone, dkim, spf

NONE, PASS, FAIL, TEMPERROR, PERMERROR = DmarcResult
DEEP = "a.b.c.d.e.f.g.h.i.j.k.example.com"
QUARANTINES = "v=DMARC1; p=quarantine"


async def verdict(author: str, *identifiers: Identifier, **records: str) -> DmarcVerdict:
    """The verdict where each record is named by its domain with `_` for the dots."""
    zone = Zone({name.replace("_", "."): text for name, text in records.items()})
    return await check_dmarc(author, identifiers, zone)


# The examples of RFC 9989 appendix B


@pytest.mark.parametrize(
    ("author", "proven", "result"),
    [
        pytest.param("example.com", "example.com", PASS, id="the same"),
        pytest.param("example.com", "child.example.com", PASS, id="below"),
        pytest.param("child.example.com", "example.com", PASS, id="above"),
        pytest.param("news.example.com", "foo.example.com", PASS, id="beside"),
        pytest.param("child.example.com", "example.net", FAIL, id="another"),
        pytest.param("news.example.com", "foo.example.net", FAIL, id="below another"),
    ],
)
@pytest.mark.parametrize("kind", ["dkim", "spf"])
async def test_relaxed_alignment(author: str, proven: str, result: DmarcResult, kind: str) -> None:
    identifier = dkim(proven) if kind == "dkim" else spf(proven)
    found = await verdict(author, identifier, example_com="v=DMARC1; p=reject", example_net="v=DMARC1; p=none")
    assert found.result is result
    assert found.aligned == ((identifier,) if result is PASS else ())
    assert found.dkim_aligned is (result is PASS and kind == "dkim")
    assert found.spf_aligned is (result is PASS and kind == "spf")


async def test_the_simple_example() -> None:
    zone = Zone({"example.com": QUARANTINES, "signing.example.com": "v=DMARC1; p=none"})
    found = await check_dmarc("example.com", [spf("example.com"), dkim("signing.example.com")], zone)
    assert (found.result, found.dkim_aligned, found.spf_aligned) == (PASS, True, True)
    assert (found.record_domain, found.policy) == ("example.com", Policy.QUARANTINE)
    assert found.reason == "A signature and the sending server prove the sender's domain."
    assert zone.asked == ["_dmarc.example.com", "_dmarc.com", "_dmarc.signing.example.com"], "each name once"


async def test_the_deep_example() -> None:
    zone = Zone({"example.com": "v=DMARC1; p=reject; sp=quarantine", "signing.example.com": "v=DMARC1; p=none"})
    found = await check_dmarc(DEEP, [spf("example.com"), dkim("signing.example.com")], zone)
    assert (found.result, found.dkim_aligned, found.spf_aligned) == (PASS, True, True)
    assert (found.record_domain, found.policy) == ("example.com", Policy.QUARANTINE)
    assert found.organizational_domain == "example.com"
    assert zone.asked == [f"_dmarc.{name}" for name in (*names_walked(DEEP), "signing.example.com")]


async def test_the_example_with_a_suffix() -> None:
    proven = [spf("mail.giant.bank.example"), dkim("mail.mega.bank.example")]
    zone = Zone({"bank.example": "v=DMARC1; p=reject; psd=y", "giant.bank.example": QUARANTINES})
    found = await check_dmarc("giant.bank.example", proven, zone)
    assert (found.result, found.aligned) == (PASS, (proven[0],))
    assert (found.record_domain, found.organizational_domain) == ("giant.bank.example", "giant.bank.example")
    assert "_dmarc.example" not in zone.asked, "the walk ends at the suffix"


# No policy, no name


async def test_without_a_record_nothing_is_proven() -> None:
    found = await verdict("example.com", dkim("example.com"), spf("example.com"))
    assert (found.result, found.aligned, found.dkim_aligned) == (NONE, (), False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("v=DMARC1", id="no policy"),
        pytest.param("v=DMARC1; p=block", id="an unknown policy"),
        pytest.param("v=DMARC1; p=reject; p=reject", id="two policies"),
        pytest.param("v=DMARC1; p=reject;" + " " * 1_000_000, id="endless"),
    ],
)
async def test_a_record_without_a_policy_proves_nothing(text: str) -> None:
    found = await verdict("example.com", dkim("example.com"), example_com=text, com="v=DMARC1; p=reject; psd=y")
    assert (found.result, found.aligned, found.record_domain) == (NONE, (), "example.com")


async def test_an_unknown_policy_with_somebody_to_tell_is_none() -> None:
    text = "v=DMARC1; p=block; rua=mailto:d@example.com"
    found = await verdict("example.com", dkim("example.com"), example_com=text)
    assert (found.result, found.policy) == (PASS, Policy.NONE)


async def test_two_records_are_none() -> None:
    zone = Zone({"example.com": ("v=DMARC1; p=none", "v=DMARC1; p=reject")})
    assert (await check_dmarc("example.com", [dkim("example.com")], zone)).result is NONE
    zone = Zone({"a.example.com": ("v=DMARC1; p=none", "v=DMARC1; p=none"), "example.com": QUARANTINES})
    found = await check_dmarc("a.example.com", [], zone)
    assert (found.result, found.record_domain) == (FAIL, "example.com"), "the walk goes on above them"


async def test_other_texts_at_the_name_do_not_matter() -> None:
    zone = Zone({"example.com": ("v=spf1 -all", " v=DMARC1; p=none", "V=DMARC1;p=reject", "x" * 1_000_000)})
    found = await check_dmarc("example.com", [dkim("example.com")], zone)
    assert (found.result, found.policy) == (PASS, Policy.REJECT)


@pytest.mark.parametrize(
    "author",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="the root"),
        pytest.param("com", id="one label"),
        pytest.param("com.", id="one label and a dot"),
        pytest.param("example..com", id="an empty label"),
        pytest.param("exam ple.com", id="a space"),
        pytest.param("example.com\n", id="a line end"),
        pytest.param("192.0.2.1", id="an address"),
        pytest.param("[192.0.2.1]", id="an address in brackets"),
        pytest.param("a_b.example.com", id="an underscore"),
        pytest.param("a@example.com", id="a mailbox"),
        pytest.param("\ud800.com", id="half a letter"),
        pytest.param("\u200b.com", id="a letter without width"),
        pytest.param("x" * 64 + ".com", id="a label too long"),
        pytest.param("a." * 200 + "com", id="too many labels"),
        pytest.param("a" * 1_000_000, id="endless"),
    ],
)
async def test_what_is_no_domain_is_an_error_and_asks_nothing(author: str) -> None:
    zone = Zone({"com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=none"})
    found = await check_dmarc(author, [dkim(author), dkim("example.com")], zone)
    assert (found.result, found.aligned, zone.asked) == (PERMERROR, (), [])


@pytest.mark.parametrize(
    ("author", "record"),
    [
        pytest.param("co.uk", "v=DMARC1; p=none", id="of a registry"),
        pytest.param("github.io", "v=DMARC1; p=none", id="of a host"),
        pytest.param("example.com", "v=DMARC1; p=none; psd=y", id="by its own word"),
    ],
)
async def test_a_public_suffix_is_never_proven(author: str, record: str) -> None:
    zone = Zone({author: record})
    found = await check_dmarc(author, [dkim(author), spf(author), dkim(f"a.{author}")], zone)
    assert (found.result, found.aligned) == (FAIL, ())
    assert "public suffix" in found.reason


@pytest.mark.parametrize(
    ("author", "proven"),
    [
        pytest.param("Example.COM", "eXAMPLE.com", id="in any case"),
        pytest.param("example.com.", "example.com", id="with a last dot"),
        pytest.param("bücher.com", "xn--bcher-kva.com", id="in another script"),
        pytest.param("xn--bcher-kva.com", "BÜCHER.com", id="in another script, the other way"),
    ],
)
async def test_a_name_is_the_same_in_every_form(author: str, proven: str) -> None:
    zone = Zone({"example.com": "v=DMARC1; p=none; adkim=s", "xn--bcher-kva.com": "v=DMARC1; p=none; adkim=s"})
    assert (await check_dmarc(author, [dkim(proven)], zone)).dkim_aligned


@pytest.mark.parametrize("proven", ["straße.com", "exаmple.com", "strasse.com.evil.com", "strasse.co", "xstrasse.com"])
async def test_a_name_that_looks_alike_is_another(proven: str) -> None:
    zone = Zone({"strasse.com": "v=DMARC1; p=none", "example.com": "v=DMARC1; p=none"})
    for author in ("strasse.com", "example.com"):
        assert not (await check_dmarc(author, [dkim(proven), spf(proven)], zone)).aligned


# Strict and relaxed


@pytest.mark.parametrize(
    ("modes", "dkim_domain", "spf_domain", "expected"),
    [
        ("adkim=s; aspf=s", "example.com", "example.com", (True, True)),
        ("adkim=s; aspf=s", "a.example.com", "a.example.com", (False, False)),
        ("adkim=s", "a.example.com", "a.example.com", (False, True)),
        ("aspf=s", "a.example.com", "a.example.com", (True, False)),
        ("adkim=r; aspf=r", "a.example.com", "a.example.com", (True, True)),
        ("adkim=s; aspf=s", "com", "com", (False, False)),
        ("", "com", "com", (False, False)),
        ("", "", "", (False, False)),
    ],
)
async def test_strict_and_relaxed_are_told_apart_by_kind(
    modes: str, dkim_domain: str, spf_domain: str, expected: tuple[bool, bool]
) -> None:
    found = await verdict("example.com", dkim(dkim_domain), spf(spf_domain), example_com=f"v=DMARC1; p=reject; {modes}")
    assert (found.dkim_aligned, found.spf_aligned) == expected
    assert found.result is (PASS if any(expected) else FAIL)


async def test_strict_asks_for_no_other_name() -> None:
    zone = Zone({"example.com": "v=DMARC1; p=reject; adkim=s"})
    await check_dmarc("example.com", [dkim("a.example.com"), dkim("b.a.example.com")], zone)
    assert zone.asked == ["_dmarc.example.com", "_dmarc.com"]


async def test_the_mode_is_that_of_the_record_in_force() -> None:
    records = {"a_example_com": "v=DMARC1; p=none", "example_com": "v=DMARC1; p=none; adkim=s"}
    assert (await verdict("a.example.com", dkim("example.com"), **records)).dkim_aligned
    assert not (await verdict("b.example.com", dkim("example.com"), **records)).dkim_aligned


async def test_nothing_proven_fails() -> None:
    found = await verdict("example.com", example_com="v=DMARC1; p=none")
    assert (found.result, found.reason) == (FAIL, "Nothing was proven.")


# Where the two rules disagree


@pytest.mark.parametrize(
    ("author", "proven", "records"),
    [
        pytest.param("a.github.io", "b.github.io", {"github.io": ""}, id="a host that speaks for its customers"),
        pytest.param("a.co.uk", "b.co.uk", {"co.uk": ""}, id="a registry that does"),
        pytest.param("example.com", "example.net", {"com": "", "net": ""}, id="none, two top-level domains"),
        pytest.param("example.com", "victim.com", {"com": ""}, id="a top-level domain that does"),
        pytest.param("a.github.io", "github.io", {"github.io": ""}, id="the host itself"),
    ],
)
async def test_what_only_the_walk_joins_is_not_aligned(author: str, proven: str, records: Mapping[str, str]) -> None:
    zone = Zone(dict.fromkeys(records, "v=DMARC1; p=reject"))
    found = await check_dmarc(author, [dkim(proven), spf(proven)], zone)
    assert (found.result, found.aligned) == (FAIL, ())
    assert ("disagree" in found.reason) is (proven != "example.net")


@pytest.mark.parametrize(
    ("author", "proven", "records"),
    [
        pytest.param("example.com", "a.example.com", {"example.com": "", "a.example.com": "; psd=n"}, id="below"),
        pytest.param("a.example.com", "example.com", {"example.com": "", "a.example.com": "; psd=n"}, id="above"),
        pytest.param("a.example.com", "b.example.com", {"example.com": "; psd=y"}, id="beside, below a suffix"),
        pytest.param("a.example.com", "b.example.com", {"a.example.com": ""}, id="no record above"),
    ],
)
async def test_what_only_the_list_joins_is_not_aligned(author: str, proven: str, records: Mapping[str, str]) -> None:
    zone = Zone({name: f"v=DMARC1; p=none{text}" for name, text in records.items()})
    found = await check_dmarc(author, [dkim(proven), spf(proven)], zone)
    assert (found.result, found.aligned) == (FAIL, ())
    assert "disagree" in found.reason


async def test_two_customers_of_one_host_are_strangers() -> None:
    for record in ("v=DMARC1; p=none", "v=DMARC1; p=none; psd=y", "v=DMARC1; p=none; psd=n"):
        zone = Zone({"github.io": record, "a.github.io": "v=DMARC1; p=none"})
        assert not (await check_dmarc("a.github.io", [dkim("b.github.io")], zone)).aligned
        assert (await check_dmarc("a.github.io", [dkim("a.github.io")], zone)).aligned


async def test_one_that_aligns_is_enough() -> None:
    proven = [dkim("list.example.net"), spf("example.net"), dkim("a.example.com"), dkim("a.example.com")]
    found = await verdict("example.com", *proven, example_com="v=DMARC1; p=reject")
    assert (found.result, found.aligned) == (PASS, (proven[2],))


# Name servers that are silent


@pytest.mark.parametrize("silent", [f"_dmarc.{name}" for name in names_walked("a.b.c.example.com")])
async def test_a_silent_name_on_the_way_to_the_policy_is_no_verdict(silent: str) -> None:
    records = {"com": "v=DMARC1; p=none; np=reject"}
    found = await check_dmarc("a.b.c.example.com", [dkim("a.b.c.example.com")], Zone(records, (silent,)))
    assert (found.result, found.aligned) == (TEMPERROR, ())


async def test_a_silent_name_above_a_mark_does_not_matter() -> None:
    zone = Zone({"example.com": "v=DMARC1; p=none; psd=n"}, ("_dmarc.com",))
    assert (await check_dmarc("a.example.com", [dkim("example.com")], zone)).result is PASS


@pytest.mark.parametrize(
    ("mode", "proven", "result"),
    [
        pytest.param("r", "a.example.com", PASS, id="the very domain is proven, however far its organization goes"),
        pytest.param("r", "example.com", TEMPERROR, id="one that might belong to it"),
        pytest.param("r", "example.net", FAIL, id="one that cannot, by the list"),
        pytest.param("s", "a.example.com", PASS, id="the very domain, strictly"),
        pytest.param("s", "example.com", FAIL, id="another, strictly"),
    ],
)
async def test_its_own_record_is_known_though_a_name_above_is_silent(
    mode: str, proven: str, result: DmarcResult
) -> None:
    zone = Zone({"a.example.com": f"v=DMARC1; p=none; adkim={mode}"}, ("_dmarc.example.com",))
    found = await check_dmarc("a.example.com", [dkim(proven)], zone)
    assert (found.result, found.organizational_domain) == (result, None)
    assert found.undecided == ((dkim(proven),) if result is TEMPERROR else ())


@pytest.mark.parametrize("silent", ["_dmarc.x.y.example.com", "_dmarc.y.example.com"])
async def test_a_silent_name_above_what_was_proven_is_no_verdict(silent: str) -> None:
    records, proven = {"example.com": "v=DMARC1; p=reject"}, dkim("x.y.example.com")
    found = await check_dmarc("example.com", [proven], Zone(records, (silent,)))
    assert (found.result, found.aligned, found.undecided) == (TEMPERROR, (), (proven,))
    found = await check_dmarc("example.com", [proven, spf("example.com")], Zone(records, (silent,)))
    assert (found.result, found.dkim_aligned, found.spf_aligned) == (PASS, False, True), "one is enough"
    assert found.undecided == (proven,), "and the other may align later"


async def test_a_silent_name_above_a_stranger_does_not_matter() -> None:
    zone = Zone({"co.uk": "v=DMARC1; p=reject"}, ("_dmarc.b.co.uk", "_dmarc.example.net"))
    found = await check_dmarc("a.co.uk", [dkim("b.co.uk"), dkim("example.net")], zone)
    assert (found.result, found.undecided) == (FAIL, ())


async def test_a_silent_answer_about_existence_leaves_no_verdict_unless_it_passed() -> None:
    zone = Zone({"example.com": "v=DMARC1; p=none; sp=quarantine; np=none"}, ("a.example.com",))
    found = await check_dmarc("a.example.com", [], zone)
    assert (found.result, found.policy) == (TEMPERROR, Policy.QUARANTINE)
    found = await check_dmarc("a.example.com", [dkim("example.com")], zone)
    assert (found.result, found.policy) == (PASS, Policy.QUARANTINE), "the severer of the two"


async def test_a_name_too_long_to_have_a_record_is_not_asked_for() -> None:
    author = ".".join(["a" * 63] * 3 + ["a" * 56, "com"])
    zone = Zone({"com": "v=DMARC1; p=none; psd=y"})
    found = await check_dmarc(author, [], zone)
    assert (len(author), found.result) == (252, FAIL)
    assert all(len(name) <= 253 for name in zone.asked)
