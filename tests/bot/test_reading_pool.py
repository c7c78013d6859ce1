"""Reading happens in a process of its own: one that takes too long is ended, and none outlives the service."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.mail.limits import Limits
from bot.reading_pool import ReadingFailed, ReadingPool

pytestmark = pytest.mark.slow

MAIL = b"From: ana.perez@example.com\r\nSubject: hello\r\n\r\nPlease invest $500 by check.\r\n"

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.mail.limits import Limits
from bot.reading_pool import ReadingPool

async def main():
    pool = ReadingPool(Path(sys.argv[1]), "dspp@aastrom.com", Limits(), seconds=20)
    await pool.warm()
    print(*pool._pool._processes, flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_a_message_is_read_in_another_process(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", Limits(), seconds=20)
    try:
        reading = await pool.read(MAIL, "ana.perez@example.com")
    finally:
        pool.close()
    assert [request.intent for request in reading.understanding.requests] == ["buy"]


async def test_a_reading_that_takes_too_long_is_ended_and_the_next_one_works(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", Limits(), seconds=0.01)
    try:
        with pytest.raises(ReadingFailed, match="longer than"):
            await pool.read(MAIL, "ana.perez@example.com")
        pool._seconds = 20
        assert (await pool.read(MAIL, "ana.perez@example.com")).from_address == "ana.perez@example.com"
    finally:
        pool.close()


async def test_a_reading_process_that_dies_while_idle_costs_no_message(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", Limits(), seconds=20)
    try:
        await pool.warm()
        for pid in list(pool._pool._processes):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.5)
        assert (await pool.read(MAIL, "ana.perez@example.com")).is_readable
    finally:
        pool.close()


def test_no_reading_process_outlives_a_service_that_was_killed(model: Path, tmp_path: Path) -> None:
    script = tmp_path / "holder.py"
    script.write_text(HOLDER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    holder = subprocess.Popen(
        [sys.executable, str(script), str(model)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert holder.stdout is not None
    children = [int(pid) for pid in holder.stdout.readline().split()]
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert children
    end = time.monotonic() + 15
    while any(map(is_running, children)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(is_running, children))
