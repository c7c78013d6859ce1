"""Asking name servers: every answer over real packets, and what a bad name server can do."""

from __future__ import annotations

import random
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dns.asyncresolver
import dns.resolver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dns import Answer, DnsFailure, Kind, Resolver, askable_name
from bot.mail.dns_kept import DnsLimits
from bot.mail.dns_live import LiveResolver
from bot.mail.dns_servers import asker
from tests.name_server import NameServer, ZoneAnswers, Zones, name_server

LIMITS = DnsLimits()
HASTY = replace(LIMITS, try_seconds=0.1, lifetime_seconds=0.3)
ZONES: Zones = {
    "example.com": {"TXT": ["v=spf1 mx -all"], "MX": ["20 b.example.com", "10 Mail.example.com"]},
    "mail.example.com": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["mail.example.com"]},
    "www.example.com": {"CNAME": ["alias.example.com"]},
    "alias.example.com": {"CNAME": ["example.com"]},
    "long.example.com": {"TXT": ["a" * 300 + "b" * 300]},
    "umlaut.example.com": {"TXT": ["v=spf1 \u0663 all"]},
    "nomail.example.com": {"MX": ["0 ."]},
    "odd.example.com": {"MX": ["1 a\\.b.example.com", "2 c\\000d.example.com", "3 mail.example.com"]},
    "only.below.example.com": {"A": ["192.0.2.3"]},
    "xn--exmple-cua.com": {"TXT": ["umlaut"]},
}


def patient(server: NameServer, **bounds: Any) -> LiveResolver:
    """What asks the server as the service does."""
    return LiveResolver([server.address], limits=replace(LIMITS, **bounds))


def hasty(server: NameServer, **bounds: Any) -> LiveResolver:
    """What soon gives up, where no answer will come."""
    return LiveResolver([server.address], limits=replace(HASTY, **bounds))


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        pytest.param("Example.COM", "example.com", id="lower case"),
        pytest.param("example.com.", "example.com", id="the last dot goes"),
        pytest.param("com", "com", id="one label"),
        pytest.param("_dmarc.example.com", "_dmarc.example.com", id="an underscore"),
        pytest.param("a b%@\\.example.com", "a b%@\\.example.com", id="odd but printable"),
        pytest.param("Exämple.com", "xn--exmple-cua.com", id="a U-label"),
        pytest.param("faß.de", "xn--fa-hia.de", id="not the mapping of 2003"),
        pytest.param("xn--exmple-cua.com", "xn--exmple-cua.com", id="an A-label"),
        pytest.param("x" * 63 + ".com", "x" * 63 + ".com", id="63 octets of label"),
        pytest.param("x" * 64 + ".com", None, id="64 octets of label"),
        pytest.param("ä" * 60 + ".com", None, id="64 octets once it is an A-label"),
        pytest.param(".".join(["x" * 62] * 4), ".".join(["x" * 62] * 4), id="251 octets of name"),
        pytest.param(".".join(["x" * 63] * 3 + ["y" * 61]), ".".join(["x" * 63] * 3 + ["y" * 61]), id="253 octets"),
        pytest.param(".".join(["x" * 63] * 3 + ["y" * 62]), None, id="254 octets of name"),
        pytest.param(".".join(["ä" * 30] * 7), None, id="too long once it is of A-labels"),
        pytest.param("", None, id="nothing"),
        pytest.param(".", None, id="the root"),
        pytest.param("a..b", None, id="an empty label"),
        pytest.param(".a.b", None, id="an empty first label"),
        pytest.param("a.b..", None, id="two last dots"),
        pytest.param("a\n.b", None, id="a control character"),
        pytest.param("a\x00.b", None, id="NUL"),
        pytest.param("a。b.com", None, id="a dot that is none"),
        pytest.param("a\uff0eb.com", None, id="another dot that is none"),
        pytest.param("\ud800.com", None, id="half a character"),
        pytest.param("☃☃\u202e.com", None, id="what no domain may hold"),
        pytest.param("x." * 1_000_000, None, id="two million characters"),
    ],
)
def test_a_name_is_asked_in_one_form_or_not_at_all(name: str, asked: str | None) -> None:
    assert askable_name(name) == asked


@given(st.text() | st.lists(st.text(max_size=70), max_size=9).map(".".join))
def test_whatever_is_asked_can_be_asked(name: str) -> None:
    asked = askable_name(name)
    if asked is not None:
        assert askable_name(asked) == asked
        assert asked.isascii()
        assert asked.isprintable()
        assert len(asked) <= 253
        assert all(0 < len(label) <= 63 for label in asked.split("."))


async def test_a_name_that_cannot_exist_is_answered_without_asking() -> None:
    async with name_server(ZONES) as server:
        resolver = patient(server)
        for name in ("", "a..b", "x" * 64 + ".com", "a\n.com"):
            assert await resolver.lookup(name, "TXT") == Answer(is_domain=False)
    assert server.asked == []


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        pytest.param("example.com", "TXT", Answer(True, ("v=spf1 mx -all",)), id="a text"),
        pytest.param("EXAMPLE.com.", "TXT", Answer(True, ("v=spf1 mx -all",)), id="written otherwise"),
        pytest.param("mail.example.com", "A", Answer(True, ("192.0.2.1",)), id="an address"),
        pytest.param("mail.example.com", "AAAA", Answer(True, ("2001:db8::1",)), id="an address of IPv6"),
        pytest.param(
            "example.com", "MX", Answer(True, ("Mail.example.com", "b.example.com")), id="the preferred first"
        ),
        pytest.param("nomail.example.com", "MX", Answer(True, ("",)), id="no mail by RFC 7505"),
        pytest.param("1.2.0.192.in-addr.arpa", "PTR", Answer(True, ("mail.example.com",)), id="a name of an address"),
        pytest.param("long.example.com", "TXT", Answer(True, ("a" * 300 + "b" * 300,)), id="strings are joined"),
        pytest.param("umlaut.example.com", "TXT", Answer(True, ("v=spf1 \ufffd\ufffd all",)), id="no foreign digits"),
        pytest.param("odd.example.com", "MX", Answer(True, ("mail.example.com",)), id="names that cannot be written"),
        pytest.param("www.example.com", "TXT", Answer(True, ("v=spf1 mx -all",)), id="through aliases"),
        pytest.param("exämple.com", "TXT", Answer(True, ("umlaut",)), id="an umlaut"),
        pytest.param("example.com", "A", Answer(True), id="nothing of that kind"),
        pytest.param("www.example.com", "A", Answer(True), id="nothing of that kind behind aliases"),
        pytest.param("below.example.com", "A", Answer(True), id="only names below"),
        pytest.param("none.example.com", "A", Answer(False), id="no such name"),
    ],
)
async def test_answers(name: str, kind: Kind, answer: Answer) -> None:
    async with name_server(ZONES) as server:
        resolvers: list[Resolver] = [patient(server)]
        if name not in {"umlaut.example.com", "odd.example.com"}:  # which need packets
            resolvers.append(ZoneAnswers(ZONES))
        for resolver in resolvers:
            assert await resolver.lookup(name, kind) == answer


FAULTS: Mapping[str, str] = {
    "servfail": "gave no answer",
    "refused": "gave no answer",
    "silent": "in time",
    "garbage": "in time",
    "wrong id": "in time",
    "wrong question": "in time",
    "half a message": "in time",
    "truncate always": "cut off",
    "hang up": "gave no answer",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_answer_is_a_failure_and_is_asked_again(fault: str) -> None:
    name = "private.example.com"
    async with name_server({name: {"TXT": ["v=spf1 +all"], "fault": fault}}) as server:
        resolver = hasty(server)
        with pytest.raises(DnsFailure, match=FAULTS[fault]) as raised:
            await resolver.lookup(name, "TXT")
        assert name not in "".join(traceback.format_exception(raised.value)), "what was asked stays out of the log"
        server.zones = {name: {"TXT": ["mended"]}}
        assert (await resolver.lookup(name, "TXT")).records == ("mended",)


async def test_what_is_cut_off_over_udp_is_asked_over_tcp() -> None:
    zones: Zones = {"a.example": {"TXT": ["short"], "fault": "truncate"}, "b.example": {"TXT": ["x" * 3000]}}
    async with name_server(zones) as server:
        resolver = patient(server)
        assert (await resolver.lookup("a.example", "TXT")).records == ("short",)
        assert (await resolver.lookup("b.example", "TXT")).records == ("x" * 3000,)
    assert [transport for *_, transport in server.asked] == ["udp", "tcp", "udp", "tcp"]


@pytest.mark.parametrize("place", [pytest.param(1, id="another number"), pytest.param(13, id="another name")])
async def test_an_answer_over_tcp_to_another_question_is_a_failure(place: int) -> None:
    def other(wire: bytes, way: str) -> bytes:
        return wire if way == "udp" else wire[:place] + bytes([wire[place] ^ 1]) + wire[place + 1 :]

    async with name_server({"a.example": {"TXT": ["x"], "fault": "truncate"}}) as server:
        server.mangle = other
        with pytest.raises(DnsFailure):
            await patient(server).lookup("a.example", "TXT")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "records",
    [
        pytest.param({"TXT": ["x" * 19_000]}, id="just not too long"),
        pytest.param({"TXT": [f"{number}" for number in range(LIMITS.answer_records - 1)]}, id="just not too many"),
    ],
)
async def test_a_large_answer_is_read(records: Mapping[str, list[str]]) -> None:
    async with name_server({"a.example": records}) as server:
        assert sorted((await patient(server).lookup("a.example", "TXT")).records) == sorted(records["TXT"])


@pytest.mark.parametrize(
    "records",
    [
        pytest.param(["x" * 20_000], id="too long"),
        pytest.param([f"{number}" for number in range(LIMITS.answer_records)], id="too many records"),
        pytest.param(["x" * 64_000], id="as long as can be"),
    ],
)
async def test_an_answer_beyond_the_bounds_is_a_failure(records: list[str]) -> None:
    async with name_server({"a.example": {"TXT": records}}) as server:
        with pytest.raises(DnsFailure):
            await patient(server).lookup("a.example", "TXT")
    assert len(server.asked) == 2, "it was asked again"


# -- aliases ----------------------------------------------------------------------------------------------------------


def chain(length: int, fault: str | None) -> Zones:
    """Aliases that lead from 0.example to `length`.example, which has a text."""
    entry = {} if fault is None else {"fault": fault}
    zones: dict[str, Mapping[str, list[str] | str]] = {
        f"{number}.example": {"CNAME": [f"{number + 1}.example"], **entry} for number in range(length)
    }
    return {**zones, f"{length}.example": {"TXT": ["the end"]}}


@pytest.mark.parametrize("fault", [None, "bare alias"])
async def test_aliases_are_followed_so_far_and_no_farther(fault: str | None) -> None:
    async with name_server(chain(LIMITS.aliases, fault)) as server:
        assert (await patient(server).lookup("0.example", "TXT")).records == ("the end",)
    async with name_server(chain(LIMITS.aliases + 1, fault)) as server:
        with pytest.raises(DnsFailure):
            await patient(server).lookup("0.example", "TXT")
    assert len(server.asked) <= LIMITS.aliases + 2


@pytest.mark.parametrize("fault", [{}, {"fault": "bare alias"}])
@pytest.mark.parametrize("target", ["a.example", "b.example"])
async def test_aliases_in_a_circle_are_a_failure(fault: Mapping[str, str], target: str) -> None:
    zones: Zones = {"a.example": {"CNAME": [target], **fault}, "b.example": {"CNAME": ["a.example"], **fault}}
    async with name_server(zones) as server:
        with pytest.raises(DnsFailure):
            await patient(server).lookup("a.example", "TXT")


@pytest.mark.parametrize(
    ("behind", "answer"),
    [
        pytest.param({"TXT": ["here"]}, Answer(True, ("here",)), id="records"),
        pytest.param({"A": ["192.0.2.1"]}, Answer(True), id="nothing of that kind"),
        pytest.param(None, Answer(False), id="nothing at all"),
    ],
)
@pytest.mark.parametrize("fault", [{}, {"fault": "bare alias"}])
async def test_what_an_alias_leads_to(
    behind: Mapping[str, list[str]] | None, answer: Answer, fault: Mapping[str, str]
) -> None:
    zones: dict[str, Mapping[str, list[str] | str]] = {"a.example": {"CNAME": ["b.example"], **fault}}
    if behind is not None:
        zones["b.example"] = behind
    async with name_server(zones) as server:
        assert await patient(server).lookup("a.example", "TXT") == answer
    assert len(server.asked) == 1 + bool(fault), "the answer that came with the alias is believed"


async def test_a_failure_behind_an_alias_is_a_failure() -> None:
    zones: Zones = {"a.example": {"CNAME": ["b.example"]}, "b.example": {"TXT": "servfail"}}
    async with name_server(zones) as server:
        with pytest.raises(DnsFailure):
            await patient(server).lookup("a.example", "TXT")


# -- several name servers, and none -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["servfail", "silent", "refused"])
async def test_the_next_name_server_is_asked_where_one_fails(fault: str) -> None:
    async with name_server({"a.example": {"*": fault}}) as broken, name_server({"a.example": {"TXT": ["x"]}}) as sound:
        resolver = LiveResolver([broken.address, sound.address], limits=replace(LIMITS, try_seconds=0.2))
        assert (await resolver.lookup("a.example", "TXT")).records == ("x",)


async def test_a_name_server_that_is_not_there_is_a_failure() -> None:
    async with name_server({}) as server:
        address = server.address
    with pytest.raises(DnsFailure, match="in time"):
        await LiveResolver([address], limits=HASTY).lookup("a.example", "TXT")


@pytest.mark.parametrize("address", [("dns.example", 53), ("", 53), ("127.0.0.1", 0), ("127.0.0.1", 65_536)])
def test_a_name_server_that_cannot_be_asked_is_an_error_at_the_start(address: tuple[str, int]) -> None:
    with pytest.raises(ValueError, match="a name server"):
        LiveResolver([address])


def test_the_name_servers_of_the_system_are_asked_if_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def configured(self: dns.resolver.BaseResolver, _: object) -> None:
        self.nameservers = ["192.0.2.53", "2001:db8::53"]
        self.search = []

    monkeypatch.setattr(dns.asyncresolver.Resolver, "read_resolv_conf", configured)
    assert [str(server) for server in asker((), LIMITS).nameservers] == ["Do53:192.0.2.53@53", "Do53:2001:db8::53@53"]


def test_a_system_without_name_servers_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def unconfigured(_self: object, _path: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.asyncresolver.Resolver, "read_resolv_conf", unconfigured)
    with pytest.raises(ValueError, match=r"names no name server .*settings"):
        LiveResolver()


# -- rubbish ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("transport", "tries"), [("tcp", 400), ("udp", 60)])
async def test_no_damage_to_an_answer_does_more_than_fail(transport: str, tries: int) -> None:
    chance = random.Random(7208)

    def damage(wire: bytes, way: str) -> bytes:
        if way != transport:
            return wire
        octets = bytearray(wire)
        for _ in range(chance.randrange(1, 6)):
            octets[chance.randrange(2, len(octets))] = chance.randrange(256)
        return bytes(octets[: chance.randrange(1, len(octets) + 1)]) if chance.random() < 0.2 else bytes(octets)

    fault = {"fault": "truncate"} if transport == "tcp" else {}
    zone = {"TXT": ["v=spf1 ip4:192.0.2.1 -all", "another"], "MX": ["10 mail.a.example"], **fault}
    kinds: tuple[Kind, ...] = ("TXT", "MX")
    outcomes: list[type] = []
    async with name_server({"*.a.example": zone}) as server:
        server.mangle = damage
        resolver = hasty(server, try_seconds=0.02, lifetime_seconds=0.02)
        for number in range(tries):
            try:
                outcomes.append(type(await resolver.lookup(f"{number}.a.example", kinds[number % 2])))
            except DnsFailure as failure:
                outcomes.append(type(failure))
    assert set(outcomes) == {Answer, DnsFailure}
