"""SPF and those who mean ill: records that are bombs, name servers that are silent, text that is anything."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import logging
import string
import time
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.dns import Answer, DnsFailure, Kind
from bot.mail.spf import SpfLimits, SpfResult, SpfVerdict, check_spf
from tests.mail.spf_checks import HELO, PEER, RECEIVER, check, record
from tests.name_server import ZoneAnswers, Zones

LIMITS = SpfLimits()
_A = {"*.example.com": {"A": ["198.51.100.1"]}}
_EXCHANGES = {
    f"m{number}.example.com": {"MX": [f"{place} e{place}-{number}.example.com" for place in range(10)]}
    for number in range(10)
}


@pytest.mark.parametrize(
    ("resolver", "result", "questions"),
    [
        pytest.param(
            record("v=spf1 " + "a:x%{d} " * 10 + "+all", {"xexample.com": {"A": ["198.51.100.1"]}}),
            SpfResult.PASS,
            2,
            id="ten terms",
        ),
        pytest.param(
            record("v=spf1 " + "".join(f"a:{n}.example.com " for n in range(11)) + "+all", _A),
            SpfResult.PERMERROR,
            11,
            id="eleven terms",
        ),
        pytest.param(record("v=spf1 a:a.example.com mx +all"), SpfResult.PASS, 3, id="two voids"),
        pytest.param(
            record("v=spf1 a:a.example.com a:b.example.com mx +all"), SpfResult.PERMERROR, 4, id="three voids"
        ),
        pytest.param(record("v=spf1 include:example.com +all"), SpfResult.PERMERROR, 1, id="includes itself"),
        pytest.param(record("v=spf1 redirect=example.com"), SpfResult.PERMERROR, 1, id="redirects to itself"),
        pytest.param(
            record(
                "v=spf1 include:a.example.com include:b.example.com +all",
                {"*.example.com": {"TXT": ["v=spf1 include:a.%{d} include:b.%{d}"]}},
            ),
            SpfResult.PERMERROR,
            11,
            id="includes that double",
        ),
        pytest.param(
            record("v=spf1 " + "".join(f"mx:m{n}.example.com " for n in range(10)) + "+all", {**_EXCHANGES, **_A}),
            SpfResult.PASS,
            111,
            id="all that a record may ask",
        ),
        pytest.param(
            ZoneAnswers({"example.com": {"TXT": ["v=spf1 mx +all"], "MX": [f"1 {n}.example.com" for n in range(11)]}}),
            SpfResult.PERMERROR,
            2,
            id="eleven exchanges",
        ),
        pytest.param(record("v=spf1 " + "x" * 10_000_000), SpfResult.TEMPERROR, 1, id="a record of ten megabytes"),
        pytest.param(
            ZoneAnswers({"example.com": {"TXT": ["v=spf1 +all", "x" * 10_000_000]}}),
            SpfResult.TEMPERROR,
            1,
            id="ten megabytes beside the record",
        ),
        pytest.param(record("v=spf1 " + "ip4:198.51.100.1 " * 1_900 + "+all"), SpfResult.PASS, 1, id="a long record"),
        pytest.param(
            record("v=spf1 " + "ip4:198.51.100.1 " * 2_000 + "+all"), SpfResult.PERMERROR, 1, id="too long a record"
        ),
        pytest.param(
            record(
                "v=spf1 " + "".join(f"include:{n}.example.com " for n in range(9)) + "+all",
                {"*.example.com": {"TXT": ["v=spf1 " + "ip4:198.51.100.1 " * 400 + "-all"]}},
            ),
            SpfResult.PERMERROR,
            6,
            id="records that together are too long",
        ),
        pytest.param(
            record("v=spf1 exists:x." + "%{l}" * 60 + " -all"), SpfResult.FAIL, 2, id="macros that make long names"
        ),
        pytest.param(record("v=spf1 a:%{d" + "1" * 5_000 + "} +all"), SpfResult.TEMPERROR, 1, id="a number too large"),
        pytest.param(record("v=spf1 ip4:192.0.2.1\n"), SpfResult.TEMPERROR, 1, id="a line break in an address"),
    ],
)
async def test_bombs_are_bounded(resolver: ZoneAnswers, result: SpfResult, questions: int) -> None:
    verdict = await check(resolver, ".a" * 150 + "@example.com")
    assert verdict.result is result
    assert len(resolver.asked) == questions


async def test_questions_are_counted_whatever_the_record_asks() -> None:
    resolver = record("v=spf1 " + "".join(f"mx:m{n}.example.com " for n in range(10)) + "+all", {**_EXCHANGES, **_A})
    verdict = await check_spf(PEER, "a@example.com", HELO, resolver, RECEIVER, limits=replace(LIMITS, questions=20))
    assert verdict.result is SpfResult.PERMERROR
    assert len(resolver.asked) == 20


async def test_time_is_in_proportion_to_the_record() -> None:
    names = ("".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=4))
    text = "v=spf1 " + "".join(f"{name}=x " for name in itertools.islice(names, 60_000)) + "-all"
    limits = replace(LIMITS, policy_characters=len(text), answer_characters=len(text))
    before = time.process_time()
    verdict = await check_spf(PEER, "a@example.com", HELO, record(text), RECEIVER, limits=limits)
    assert verdict.result is SpfResult.FAIL
    assert time.process_time() - before < 6, "in proportion to the square it would be twelve"


@dataclass(slots=True)
class Stubborn:
    """A resolver that never answers, or raises what no resolver should."""

    fault: Exception | None = None
    asked: int = 0

    async def lookup(self, name: str, kind: Kind) -> Answer:
        """Nothing."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        await asyncio.Event().wait()
        raise AssertionError("never")


async def test_a_check_ends_though_nobody_answers() -> None:
    resolver = Stubborn()
    limits = replace(LIMITS, seconds=0.02)
    async with asyncio.timeout(LIMITS.seconds / 2):
        verdict = await check_spf(PEER, "a@example.com", HELO, resolver, RECEIVER, limits=limits)
    assert verdict.result is SpfResult.TEMPERROR
    assert resolver.asked == 1


async def test_a_check_can_be_called_off() -> None:
    task = asyncio.create_task(check(Stubborn()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("fault", [RuntimeError("secret"), ValueError("secret"), RecursionError("secret")])
async def test_a_fault_within_is_a_temporary_error_and_its_text_stays_inside(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        verdict = await check(Stubborn(fault), "private@example.com")
    assert verdict == SpfVerdict(SpfResult.TEMPERROR, "mailfrom", "example.com", "the check broke off")
    assert type(fault).__name__ in caplog.text
    assert not any(word in caplog.text for word in ("secret", "private", "example.com", PEER))


async def test_a_failure_of_the_name_servers_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    verdict = await check(Stubborn(DnsFailure("no answer")))
    assert (verdict.result, verdict.reason) == (SpfResult.TEMPERROR, "the name servers gave no answer")
    assert caplog.text == ""


# -- properties -------------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    "+ - ~ ? : / = . % { } é \0 v=spf1 all a mx ptr include exists redirect exp ip4 ip6 %{ l} s1r-} d9} p} ir} "
    "example.com 192.0.2.1 :: /0 //128 99".split(" ")
) | st.just(" ")
_TEXTS = st.lists(_PIECES | st.text(max_size=3), max_size=25).map("".join) | st.text(max_size=60)


@settings(deadline=None)
@given(_TEXTS, _TEXTS, st.sampled_from([PEER, "2001:db8::1"]))
def test_no_record_raises_or_says_more_than_is_fit_to_show(first: str, second: str, peer: str) -> None:
    zones: Zones = {
        "example.com": {"TXT": [f"v=spf1 {first}"], "A": ["198.51.100.1"], "MX": ["1 example.com"]},
        "*.com": {"TXT": [second]},
    }
    verdict = asyncio.run(check(ZoneAnswers(zones), peer=peer, explains=True))
    for told in (verdict.reason, verdict.explanation):
        assert told.isascii()
        assert told == "" or told.isprintable()
    assert len(verdict.reason) <= 200
    assert len(verdict.explanation) <= 500


_WRITTEN = st.text(st.characters(), max_size=40)
"""Any code points, halves of characters among them, as a client may send them."""


@settings(deadline=None)
@given(mail_from=_WRITTEN | _WRITTEN.map("{}@example.com".format), helo=_WRITTEN)
def test_no_sender_raises_or_passes(mail_from: str, helo: str) -> None:
    verdict = asyncio.run(check(record("v=spf1 exists:%{h}.%{s} exists:%{L}.%{o} -all"), mail_from, helo=helo))
    assert verdict.result in {SpfResult.FAIL, SpfResult.NONE, SpfResult.PERMERROR, SpfResult.TEMPERROR}
    assert verdict.domain.isascii()


@given(
    peer=st.integers(0, 2**32 - 1),
    terms=st.lists(st.tuples(st.sampled_from("+-~?"), st.integers(0, 2**32 - 1), st.integers(0, 32)), max_size=6),
    is_near=st.booleans(),
)
def test_the_first_network_that_holds_the_address_decides(
    peer: int, terms: list[tuple[str, int, int]], is_near: bool
) -> None:
    results = {"+": SpfResult.PASS, "-": SpfResult.FAIL, "~": SpfResult.SOFTFAIL, "?": SpfResult.NEUTRAL}
    networks = [(sign, (peer ^ (1 << base % 32)) if is_near else base, bits) for sign, base, bits in terms]
    expected = next(
        (results[sign] for sign, base, bits in networks if base >> (32 - bits) == peer >> (32 - bits)),
        SpfResult.NEUTRAL,
    )
    text = " ".join(["v=spf1", *(f"{sign}ip4:{ipaddress.IPv4Address(base)}/{bits}" for sign, base, bits in networks)])
    assert asyncio.run(check(record(text), peer=str(ipaddress.IPv4Address(peer)))).result is expected
