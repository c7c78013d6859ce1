"""SPF verdicts: what is checked, and what each result and its reason are."""

from __future__ import annotations

import pytest

from bot.mail.spf import SpfResult, SpfVerdict
from tests.mail.spf_checks import HELO, PEER, RECEIVER, check, record
from tests.name_server import ZoneAnswers, Zones

# -- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result", "reason"),
    [
        pytest.param(
            "v=spf1 ip4:192.0.2.0/24 -all",
            SpfResult.PASS,
            'the address may send for the domain: "ip4:192.0.2.0/24"',
            id="pass",
        ),
        pytest.param("v=spf1 -all", SpfResult.FAIL, 'the address may not send for the domain: "-all"', id="fail"),
        pytest.param(
            "v=spf1 ~all", SpfResult.SOFTFAIL, 'the address probably may not send for the domain: "~all"', id="softfail"
        ),
        pytest.param(
            "v=spf1 ?all",
            SpfResult.NEUTRAL,
            'the domain does not say whether the address may send for it: "?all"',
            id="neutral",
        ),
        pytest.param(
            "v=spf1 ip4:192.0.2.2",
            SpfResult.NEUTRAL,
            "the domain does not say whether the address may send for it: no term of its record matches",
            id="no term",
        ),
        pytest.param("v=spf2.0/pra -all", SpfResult.NONE, "the domain publishes no SPF record", id="none"),
        pytest.param(
            "v=spf1 ipv4:192.0.2.1",
            SpfResult.PERMERROR,
            "the domain's record cannot be used: unknown mechanism 'ipv4:192.0.2.1'",
            id="permerror",
        ),
        pytest.param(
            "v=spf1 include:dead.example.com -all",
            SpfResult.TEMPERROR,
            "the name servers gave no answer",
            id="temperror",
        ),
    ],
)
async def test_each_result_has_its_reason(text: str, result: SpfResult, reason: str) -> None:
    verdict = await check(record(text, {"dead.example.com": {"*": "servfail"}}))
    assert verdict == SpfVerdict(result, "mailfrom", "example.com", reason)


@pytest.mark.parametrize(
    ("zones", "result"),
    [
        pytest.param({"example.com": {"*": "silent"}}, SpfResult.TEMPERROR, id="the record"),
        pytest.param(
            {"example.com": {"TXT": ["v=spf1 a +all"], "*": "silent"}},
            SpfResult.TEMPERROR,
            id="addresses before a pass",
        ),
        pytest.param({"example.com": {"TXT": ["v=spf1 mx +all"], "*": "silent"}}, SpfResult.TEMPERROR, id="exchanges"),
        pytest.param(
            {"example.com": {"TXT": ["v=spf1 mx +all"], "MX": ["1 m.example.com"]}, "m.example.com": {"*": "servfail"}},
            SpfResult.TEMPERROR,
            id="an exchange's address",
        ),
        pytest.param(
            {"example.com": {"TXT": ["v=spf1 exists:x.example.com +all"]}, "x.example.com": {"*": "refused"}},
            SpfResult.TEMPERROR,
            id="whether a name exists",
        ),
        pytest.param(
            {"example.com": {"TXT": ["v=spf1 redirect=x.example.com"]}, "x.example.com": {"*": "silent"}},
            SpfResult.TEMPERROR,
            id="where the record lies",
        ),
        pytest.param(
            {"example.com": {"TXT": ["v=spf1 ptr -all"]}, "1.2.0.192.in-addr.arpa": {"*": "silent"}},
            SpfResult.FAIL,
            id="the name of an address, which then only does not match (RFC 7208 section 5.5)",
        ),
    ],
)
async def test_a_failure_to_ask_is_never_a_pass(zones: Zones, result: SpfResult) -> None:
    assert (await check(ZoneAnswers(zones))).result is result


# -- who is checked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail_from", "helo", "identity", "domain"),
    [
        pytest.param("ann@example.com", HELO, "mailfrom", "example.com", id="the sender"),
        pytest.param("Ann@EXAMPLE.com.", HELO, "mailfrom", "example.com", id="written otherwise"),
        pytest.param("@example.com", HELO, "mailfrom", "example.com", id="no mailbox"),
        pytest.param('"a@b"@example.com', HELO, "mailfrom", "example.com", id="an at sign in the mailbox"),
        pytest.param("ann@exämple.com", HELO, "mailfrom", "xn--exmple-cua.com", id="an umlaut"),
        pytest.param("", "Mail.example.com", "helo", "mail.example.com", id="no sender"),
        pytest.param("", "mail.exämple.com", "helo", "mail.xn--exmple-cua.com", id="no sender, an umlaut"),
    ],
)
async def test_who_is_checked(mail_from: str, helo: str, identity: str, domain: str) -> None:
    resolver = ZoneAnswers({domain: {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}})
    verdict = await check(resolver, mail_from, helo=helo)
    assert (verdict.result, verdict.identity, verdict.domain) == (SpfResult.PASS, identity, domain)
    assert resolver.asked == [(domain, "TXT")]


async def test_the_null_sender_is_postmaster_of_the_greeting() -> None:
    zones: Zones = {
        HELO: {"TXT": ["v=spf1 exists:%{l}.%{o}.%{h}.example.org -all"]},
        f"postmaster.{HELO}.{HELO}.example.org": {"A": ["127.0.0.2"]},
    }
    assert (await check(ZoneAnswers(zones), "")).result is SpfResult.PASS


@pytest.mark.parametrize(
    ("mail_from", "helo"),
    [
        pytest.param("ann", HELO, id="no domain"),
        pytest.param("ann@", HELO, id="an empty domain"),
        pytest.param("@", HELO, id="nothing but the sign"),
        pytest.param("ann@localhost", HELO, id="one label"),
        pytest.param("ann@[192.0.2.1]", HELO, id="an address for a domain"),
        pytest.param("ann@example..com", HELO, id="an empty label"),
        pytest.param("ann@" + "x" * 64 + ".example.com", HELO, id="a label too long"),
        pytest.param("ann@example.com\n", HELO, id="a line break"),
        pytest.param("ann@exam ple.com", HELO, id="a space"),
        pytest.param("ann@\udcff.com", HELO, id="no characters"),
        pytest.param("ann@example.com>", HELO, id="more than an address"),
        pytest.param("ann@example。com", HELO, id="a dot that is none"),
        pytest.param("a" * 309 + "@example.com", HELO, id="too long an address"),
        pytest.param("a@" * 1_000_000 + "example.com", HELO, id="a very long one"),
        pytest.param("", "", id="no sender and no greeting"),
        pytest.param("", "localhost", id="no sender and a greeting of one label"),
        pytest.param("", "[192.0.2.1]", id="no sender and an address in the greeting"),
        pytest.param("", "ann@example.com", id="no sender and an address as greeting"),
    ],
)
async def test_a_sender_without_a_proper_domain_is_nobody_and_nothing_is_asked(mail_from: str, helo: str) -> None:
    resolver = ZoneAnswers({"*.com": {"TXT": ["v=spf1 +all"]}})
    verdict = await check(resolver, mail_from, helo=helo)
    assert (verdict.result, verdict.domain) == (SpfResult.NONE, "")
    assert verdict.reason == "the sender has no well-formed domain"
    assert resolver.asked == []


@pytest.mark.parametrize(
    ("peer", "result"),
    [
        pytest.param("192.0.2.1", SpfResult.PASS, id="an address"),
        pytest.param("::ffff:192.0.2.1", SpfResult.PASS, id="one of IPv4 within IPv6"),
        pytest.param("::FFFF:C000:201", SpfResult.PASS, id="the same in digits"),
        pytest.param("fe80::1%eth0", SpfResult.PASS, id="one of IPv6 with its interface"),
        pytest.param("::192.0.2.1", SpfResult.FAIL, id="one of IPv6 that only looks so"),
        pytest.param("192.0.2.2", SpfResult.FAIL, id="another"),
        pytest.param("local", SpfResult.NONE, id="a socket of this machine"),
        pytest.param("", SpfResult.NONE, id="none"),
        pytest.param("192.0.2.0/24", SpfResult.NONE, id="a network"),
        pytest.param("3221225985", SpfResult.NONE, id="a number"),
        pytest.param("١٩٢.0.2.1", SpfResult.NONE, id="foreign digits"),
    ],
)
async def test_the_address_that_the_mail_came_from(peer: str, result: SpfResult) -> None:
    verdict = await check(record("v=spf1 ip4:192.0.2.1 ip6:fe80::/10 -all"), peer=peer)
    assert verdict.result is result
    if result is SpfResult.NONE:
        assert verdict.reason == "the message did not come from an IP address"


async def test_the_interface_of_an_address_is_no_part_of_what_is_asked() -> None:
    resolver = record("v=spf1 ptr -all")
    await check(resolver, peer="fe80::1%eth0")
    assert resolver.asked[1] == ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa", "PTR")


@pytest.mark.parametrize(
    ("helo", "asked"),
    [
        pytest.param("Mail.example.com.", "mail.example.com.example.org", id="a name"),
        pytest.param("mäil.example.com", "xn--mil-qla.example.com.example.org", id="an umlaut"),
        pytest.param("[192.0.2.1]", "[192.0.2.1].example.org", id="an address"),
        pytest.param("", "example.com.example.org", id="nothing, so the sender's domain"),
    ],
)
async def test_a_record_may_name_the_greeting(helo: str, asked: str) -> None:
    resolver = record("v=spf1 exists:%{h}.example.org -all")
    await check(resolver, helo=helo)
    assert resolver.asked[1] == (asked, "A")


async def test_a_mailbox_beyond_ascii_matches_no_term_that_names_it() -> None:
    resolver = record("v=spf1 exists:%{l}.example.com exists:x.%{s} -all", {"*.example.com": {"A": ["127.0.0.2"]}})
    assert (await check(resolver, "jürgen@example.com")).result is SpfResult.FAIL
    assert resolver.asked == [("example.com", "TXT")]
    assert (await check(resolver, "ann@example.com")).result is SpfResult.PASS


# -- explanations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        pytest.param("%{i} is not of %{d}, says %{r}.", f"{PEER} is not of example.com, says {RECEIVER}.", id="words"),
        pytest.param("two  spaces", "two  spaces", id="spaces"),
        pytest.param("a\r\nBcc: x", "", id="a line break"),
        pytest.param("\x1b[2J", "", id="a command to a terminal"),
        pytest.param("f\ufffdr", "", id="beyond ASCII"),
        pytest.param("%{z}", "", id="no such macro"),
        pytest.param("100 %", "", id="a lone percent sign"),
        pytest.param("%{d" + "1" * 400 + "}", "example.com", id="many digits"),
        pytest.param("x" * 500, "x" * 500, id="long enough"),
        pytest.param("x" * 501, "", id="too long"),
        pytest.param("%{s}" * 125, ("ann@example.com" * 125)[:500], id="grown too long"),
    ],
)
async def test_an_explanation_is_told_harmless_or_not_at_all(text: str, explanation: str) -> None:
    resolver = record("v=spf1 -all exp=why.example.com", {"why.example.com": {"TXT": [text]}})
    assert (await check(resolver, explains=True)).explanation == explanation


async def test_an_explanation_of_a_mailbox_beyond_ascii_is_cleaned() -> None:
    resolver = record("v=spf1 -all exp=why.example.com", {"why.example.com": {"TXT": ["not %{l}!"]}})
    assert (await check(resolver, "j\x1bü\u202en@example.com", explains=True)).explanation == "not j?n!"


async def test_explanations_are_not_asked_for_unless_wanted() -> None:
    resolver = record("v=spf1 -all exp=why.example.com", {"why.example.com": {"TXT": ["because"]}})
    assert (await check(resolver)).explanation == ""
    assert resolver.asked == [("example.com", "TXT")]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"why.example.com": {"*": "silent"}}, id="a failure"),
        pytest.param({}, id="nothing there, after as many voids as may be"),
        pytest.param({"why.example.com": {"TXT": ["one", "another"]}}, id="two texts"),
        pytest.param({"why.example.com": {"TXT": ["x" * 10_000_000]}}, id="ten megabytes"),
    ],
)
async def test_an_explanation_that_cannot_be_had_changes_nothing(others: Zones) -> None:
    resolver = record("v=spf1 a:a.example.com a:b.example.com -all exp=why.example.com", others)
    verdict = await check(resolver, explains=True)
    assert (verdict.result, verdict.explanation) == (SpfResult.FAIL, "")
