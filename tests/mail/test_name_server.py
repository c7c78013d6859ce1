"""The name server of the tests: what it shows is what its zones say."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.mail.dns import Answer
from bot.mail.dns_live import LiveResolver
from tests.name_server import ZoneAnswers, Zones, name_server


async def test_a_fault_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault"):
        async with name_server({"a.example": {"TXT": "v=spf1 -all"}}):
            pass


async def test_wildcards_stand_for_names_that_are_not_listed() -> None:
    zones: Zones = {"*.example.com": {"A": ["192.0.2.9"]}, "a.example.com": {"TXT": ["x"]}}
    async with name_server(zones) as server:
        for resolver in (LiveResolver([server.address]), ZoneAnswers(zones)):
            assert (await resolver.lookup("b.example.com", "A")).records == ("192.0.2.9",)
            assert (await resolver.lookup("c.b.example.com", "A")).records == ("192.0.2.9",)
            assert await resolver.lookup("a.example.com", "A") == Answer(True)
            assert await resolver.lookup("b.a.example.com", "A") == Answer(False)


async def test_it_runs_as_a_process(tmp_path: Path) -> None:
    zones = tmp_path / "zones.json"
    zones.write_text(json.dumps({"a.example": {"TXT": ["from a process"]}}))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.name_server", str(zones)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = int((await asyncio.to_thread(process.stdout.readline)).rsplit(":", 1)[1])
        resolver = LiveResolver([("127.0.0.1", port)])
        assert (await resolver.lookup("a.example", "TXT")).records == ("from a process",)
    finally:
        process.terminate()
        process.communicate()
