"""SPF against the public suite for RFC 7208: each of its cases, with answers at once and over a real name server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest
import yaml

from bot.mail.dns_kept import DnsLimits
from bot.mail.dns_live import LiveResolver
from bot.mail.spf import SpfVerdict, check_spf
from tests.mail.material import SHARED, material
from tests.name_server import ZoneAnswers, Zones, name_server

RECEIVER = "mx.receiver.example"
CASES = 203
"""As many as the suite is known to have; fewer read is a fault in reading it."""
HASTY = replace(DnsLimits(), try_seconds=0.2, lifetime_seconds=0.5)
Record = Mapping[str, str | Sequence[str | int]]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the suite with the zones that it asks."""

    name: str
    peer: str
    mail_from: str
    helo: str
    results: frozenset[str]
    explanation: str | None
    """None where the suite does not say; empty where the domain has none of its own."""
    zones: Zones

    async def check(self, resolver: LiveResolver | ZoneAnswers) -> SpfVerdict:
        """What we say of it."""
        return await check_spf(self.peer, self.mail_from, self.helo, resolver, RECEIVER, explains=True)


@cache
def cases() -> Mapping[str, Case]:
    """Every case by its name; none where the suite is absent."""
    path = SHARED / "spf" / "rfc7208-tests.yml"
    if not path.is_file():
        return {}
    found: dict[str, Case] = {}
    for section in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if section is None:
            continue
        zones = {name: zone_of(records) for name, records in section["zonedata"].items()}
        for name, case in section["tests"].items():
            results = case["result"]
            explanation = case.get("explanation")
            assert name not in found
            found[name] = Case(
                name,
                case["host"],
                case["mailfrom"],
                case["helo"],
                frozenset([results] if isinstance(results, str) else results),
                "" if explanation == "DEFAULT" else explanation,
                zones,
            )
    return found


def zone_of(records: Sequence[Record | str]) -> Mapping[str, Sequence[str] | str]:
    """One name of the suite. Its records of the old type SPF stand for TXT records where it has none of those."""
    zone: dict[str, list[str] | str] = {}
    pairs = [pair for record in records if not isinstance(record, str) for pair in record.items()]
    if not any(kind == "TXT" for kind, _ in pairs):
        pairs = [("TXT" if kind == "SPF" else kind, value) for kind, value in pairs]
    for kind, value in pairs:
        if kind != "SPF" and value != "NONE":
            listed = zone.setdefault(kind, [])
            assert isinstance(listed, list)
            listed.append(written(kind, value))
    if "TIMEOUT" in records:
        zone["*"] = "silent"
    return zone


def written(kind: str, value: str | Sequence[str | int]) -> str:
    """One record's value as zones have it here."""
    if isinstance(value, str):
        return value
    return (" " if kind == "MX" else "").join(map(str, value))


def assert_agrees(verdict: SpfVerdict, case: Case) -> None:
    """Result and explanation. The suite writes hexadecimal digits in capitals; RFC 7208 section 7.4 does not."""
    assert verdict.result.value in case.results, verdict
    if case.explanation is not None:
        assert verdict.explanation.lower() == case.explanation.lower()


def test_the_whole_suite_is_read() -> None:
    material("spf")
    assert len(cases()) == CASES
    assert sum(case.explanation is not None for case in cases().values()) >= 20


@pytest.mark.parametrize("name", cases() or ["absent"])
async def test_each_case_of_the_suite(name: str) -> None:
    material("spf")
    case = cases()[name]
    verdict = await case.check(ZoneAnswers(case.zones))
    assert_agrees(verdict, case)


@pytest.mark.parametrize("name", cases() or ["absent"])
async def test_each_case_over_a_real_name_server(name: str) -> None:
    material("spf")
    case = cases()[name]
    async with name_server(case.zones) as server:
        resolver = LiveResolver([server.address], limits=HASTY)
        verdict = await case.check(resolver)
    assert_agrees(verdict, case)
