"""Asking name servers: what is kept and for how long, and what is shared and bounded where many ask at once."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dns import Answer, DnsFailure
from bot.mail.dns_kept import DnsLimits, Kept
from bot.mail.dns_live import LiveResolver
from tests.name_server import NameServer, Zones, name_server

LIMITS = DnsLimits()
HASTY = replace(LIMITS, try_seconds=0.1, lifetime_seconds=0.3)
ZONES: Zones = {
    "example.com": {"TXT": ["v=spf1 mx -all"]},
    "mail.example.com": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
}


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def patient(server: NameServer, **bounds: Any) -> LiveResolver:
    """What asks the server as the service does."""
    return LiveResolver([server.address], limits=replace(LIMITS, **bounds))


def hasty(server: NameServer, **bounds: Any) -> LiveResolver:
    """What soon gives up, where no answer will come."""
    return LiveResolver([server.address], limits=replace(HASTY, **bounds))


# -- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ttl_seconds", "name", "kept_until"),
    [
        pytest.param(60, "mail.example.com", 60, id="its time to live"),
        pytest.param(0, "mail.example.com", 5, id="at least five seconds"),
        pytest.param(86_400, "mail.example.com", 3600, id="at most an hour"),
        pytest.param(86_400, "none.example.com", 30, id="absence by the zone's word for it"),
        pytest.param(10, "none.example.com", 30, id="absence is not ruled by records"),
        pytest.param(60, "example.com", 30, id="no such record"),
    ],
)
async def test_an_answer_is_kept_for_its_time(ttl_seconds: int, name: str, kept_until: float) -> None:
    clock = Clock()
    async with name_server(ZONES, ttl_seconds=ttl_seconds) as server:
        resolver = LiveResolver([server.address], limits=LIMITS, clock=clock)
        first = await resolver.lookup(name, "A")
        clock.now += kept_until - 0.1
        assert await resolver.lookup(name.upper() + ".", "A") == first
        assert server.count(name, "A") == 1
        clock.now += 0.2
        assert await resolver.lookup(name, "A") == first
        assert server.count(name, "A") == 2


async def test_kinds_and_names_are_kept_apart() -> None:
    async with name_server(ZONES) as server:
        resolver = patient(server)
        assert (await resolver.lookup("mail.example.com", "A")).records == ("192.0.2.1",)
        assert (await resolver.lookup("mail.example.com", "AAAA")).records == ("2001:db8::1",)
        assert (await resolver.lookup("example.com", "A")).records == ()


def test_the_answer_not_used_for_longest_goes_first() -> None:
    kept = Kept(replace(LIMITS, kept_answers=2), Clock())
    for name in ("a", "b"):
        kept.keep((name, "A"), Answer(True, (name,)), 60)
    assert kept.find(("a", "A")) is not None
    kept.keep(("c", "A"), Answer(True, ("c",)), 60)
    assert [kept.find((name, "A")) is not None for name in "abc"] == [True, False, True]


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=2), st.integers(0, 40), st.integers(-5, 9)), max_size=60))
def test_no_more_is_kept_than_the_bounds_allow(answers: list[tuple[str, int, int]]) -> None:
    clock = Clock()
    limits = replace(LIMITS, kept_answers=5, kept_characters=60)
    kept = Kept(limits, clock)
    for name, length, seconds in answers:
        kept.keep((name, "TXT"), Answer(True, ("x" * length,)), seconds)
        clock.now += 1
        assert len(kept) <= 5
        assert 0 <= kept.characters <= 60
        found = kept.find((name, "TXT"))
        assert found is None or found.records == ("x" * length,)
    clock.now += 3600
    assert all(kept.find((name, "TXT")) is None for name, *_ in answers)
    assert (len(kept), kept.characters) == (0, 0)


# -- questions at once ------------------------------------------------------------------------------------------------


async def test_equal_questions_share_one_flight() -> None:
    async with name_server(ZONES, delay_seconds=0.05) as server:
        resolver = patient(server)
        answers = await asyncio.gather(*(resolver.lookup("Example.com", "TXT") for _ in range(50)))
        assert set(answers) == {Answer(True, ("v=spf1 mx -all",))}
        assert resolver.flights == 0
    assert len(server.asked) == 1


async def test_who_stops_waiting_does_not_end_the_question_for_the_others() -> None:
    async with name_server(ZONES, delay_seconds=0.05) as server:
        resolver = patient(server)
        first, second = (asyncio.create_task(resolver.lookup("example.com", "TXT")) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).records == ("v=spf1 mx -all",)
    assert len(server.asked) == 1


async def test_a_question_that_nobody_waits_for_ends_quietly() -> None:
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    async with name_server({"a.example": {"*": "servfail"}}, delay_seconds=0.02) as server:
        resolver = patient(server)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(resolver.lookup("a.example", "TXT"), 0.01)
        while resolver.flights:
            await asyncio.sleep(0.01)
        gc.collect()
    assert server.count("a.example", "TXT") == 1
    assert complaints == []


async def test_so_many_questions_are_under_way_and_no_more() -> None:
    zones = {f"{number}.example": {"A": [f"192.0.2.{number}"]} for number in range(12)}
    async with name_server(zones, delay_seconds=0.01) as server:
        resolver = patient(server, questions_under_way=3)
        answers = await asyncio.gather(*(resolver.lookup(name, "A") for name in zones))
    assert [answer.records for answer in answers] == [tuple(zone["A"]) for zone in zones.values()]
    assert server.most_under_way == 3


async def test_waiting_for_a_turn_is_part_of_the_lifetime() -> None:
    async with name_server({"b.example": {"A": ["192.0.2.1"]}}) as server:
        resolver = hasty(server, questions_under_way=1, try_seconds=9.0)
        async with resolver._places:  # The only place is taken for as long as the test likes.
            with pytest.raises(DnsFailure):
                await resolver.lookup("b.example", "A")
        assert server.count("b.example", "A") == 0
        assert (await resolver.lookup("b.example", "A")).records == ("192.0.2.1",)


async def test_one_question_too_many_fails_at_once() -> None:
    async with name_server({"*.example": {"A": ["192.0.2.1"]}}, delay_seconds=0.05) as server:
        resolver = patient(server, questions_waiting=2)
        waiting = [asyncio.create_task(resolver.lookup(f"{number}.example", "A")) for number in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(DnsFailure, match="too many"):
            await resolver.lookup("2.example", "A")
        assert (await resolver.lookup("1.example", "A")).records, "an equal question needs no place"
        await asyncio.gather(*waiting)
        assert (await resolver.lookup("2.example", "A")).records


async def test_closing_ends_what_is_under_way() -> None:
    async with name_server({"a.example": {"*": "silent"}}) as server:
        resolver = hasty(server, lifetime_seconds=60)
        waiting = asyncio.create_task(resolver.lookup("a.example", "A"))
        while not server.asked:
            await asyncio.sleep(0.01)
        await resolver.aclose()
        with pytest.raises(DnsFailure, match="closed"):
            await waiting
        assert resolver.flights == 0
