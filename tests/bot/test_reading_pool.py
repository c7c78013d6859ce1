"""Reading happens in processes of its own: what takes too long or too much is ended, none outlives the service."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.language.model_files import MANIFEST, BadModel, digest_of, file_digests, in_service
from bot.language.promotion import install
from bot.language.shelf import Shelf
from bot.mail.limits import Limits
from bot.reading import is_heavy
from bot.reading_pool import ReadingFailed, ReadingPool, Spent
from tests.hostile_html import UNBOUNDED, memory_bomb, time_bomb

pytestmark = pytest.mark.slow

AT = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
MAIL = b"From: ana.perez@example.com\r\nSubject: hello\r\n\r\nPlease invest $500 by check.\r\n"

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.mail.limits import Limits
from bot.reading_pool import ReadingPool

async def main():
    pool = ReadingPool(Path(sys.argv[1]), "dspp@aastrom.com", Limits(), seconds=20)
    await pool.warm()
    print(*pool._ordinary._pool._processes, flush=True)
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
        with pytest.raises(ReadingFailed, match="longer than") as failed:
            await pool.read(MAIL, "ana.perez@example.com")
        assert (failed.value.spent, failed.value.tries) == (Spent.WALL_CLOCK, 2)
        pool._ordinary._seconds = 20
        assert (await pool.read(MAIL, "ana.perez@example.com")).from_address == "ana.perez@example.com"
    finally:
        pool.close()


def processes_of(pool: ReadingPool) -> int:
    return len(pool._ordinary._pool._processes) + len(pool._heavy._pool._processes)


async def test_a_reading_that_uses_up_its_time_of_the_processor_is_ended_and_not_tried_again(model: Path) -> None:
    limits = replace(UNBOUNDED, reading_processor_seconds=1)
    pool = ReadingPool(model, "dspp@aastrom.com", limits, seconds=120)
    try:
        await pool.warm()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        with pytest.raises(ReadingFailed, match="time of the processor") as failed:
            await pool.read(time_bomb("b@x.example", "1"), "b@x.example")
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        assert (failed.value.spent, failed.value.tries) == (Spent.PROCESSOR, 1)
        assert used < 30, "it would have taken longer than that, and is not begun again"
        assert (await pool.read(MAIL, "ana.perez@example.com")).is_readable
    finally:
        pool.close()


def processor_seconds_of(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def test_a_reading_process_may_work_longer_in_all_than_one_reading_may(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", replace(Limits(), reading_processor_seconds=1), seconds=120)
    long = b"From: ana.perez@example.com\r\nSubject: x\r\n\r\n" + b"1,000 " * 10_000
    try:
        await pool.read(long, "ana.perez@example.com")
        (process,) = pool._ordinary._pool._processes
        loading = processor_seconds_of(process)
        for _ in range(400):
            await pool.read(long, "ana.perez@example.com")
            if processor_seconds_of(process) > loading + 3:
                break
        assert processor_seconds_of(process) > loading + 3
        assert list(pool._ordinary._pool._processes) == [process]
    finally:
        pool.close()


async def test_a_reading_that_wants_more_memory_than_it_may_have_goes_to_a_person(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", replace(UNBOUNDED, reading_memory_bytes=200_000_000), seconds=120)
    try:
        reading = await pool.read(memory_bomb("b@x.example", "1"), "b@x.example")
        assert not reading.is_readable
        assert (await pool.read(MAIL, "ana.perez@example.com")).is_readable
    finally:
        pool.close()


async def test_an_ordinary_message_does_not_wait_for_a_large_one(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", replace(UNBOUNDED, reading_processor_seconds=3), seconds=120)
    try:
        await pool.warm()
        assert processes_of(pool) == 1, "the second process starts with the first large message"
        bomb = time_bomb("b@x.example", "1")
        assert is_heavy(bomb, UNBOUNDED)
        large = asyncio.create_task(pool.read(bomb, "b@x.example"))
        while processes_of(pool) == 1:
            await asyncio.sleep(0.01)
        assert (await pool.read(MAIL, "ana.perez@example.com")).is_readable
        assert not large.done()
        with pytest.raises(ReadingFailed):
            await large
    finally:
        pool.close()


async def test_a_reading_process_that_dies_while_idle_costs_no_message(model: Path) -> None:
    pool = ReadingPool(model, "dspp@aastrom.com", Limits(), seconds=20)
    try:
        await pool.warm()
        for pid in list(pool._ordinary._pool._processes):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.5)
        assert (await pool.read(MAIL, "ana.perez@example.com")).is_readable
    finally:
        pool.close()


async def test_a_reading_process_that_is_replaced_takes_the_model_that_the_service_started_with(
    model: Path, tmp_path: Path
) -> None:
    place, other = tmp_path / "model", tmp_path / "other"
    shutil.copytree(in_service(model), place)
    shutil.copytree(place, other)
    (other / "note.txt").write_text("another digest")
    store_manifest(other)
    pool = ReadingPool(place, "dspp@aastrom.com", Limits(), seconds=20)
    try:
        before = (await pool.read(MAIL, "ana.perez@example.com")).understanding.model
        assert install(other, place, at=AT, tested=False)
        assert not place.exists(), "the model that the service started with stands on the shelf now"
        pool._ordinary._replace(pool._ordinary._pool)
        assert (await pool.read(MAIL, "ana.perez@example.com")).understanding.model == before
        shutil.rmtree(Shelf(place).kept(before.partition(".")[0]))
        pool._ordinary._replace(pool._ordinary._pool)
        after = (await pool.read(MAIL, "ana.perez@example.com")).understanding.model
        assert after.startswith(digest_of(other)), "it is gone, so the one in service is taken"
    finally:
        pool.close()


async def test_a_model_that_cannot_be_used_is_told_when_the_service_starts(model: Path, tmp_path: Path) -> None:
    place = tmp_path / "model"
    shutil.copytree(in_service(model), place)
    (place / "dspp_intent" / "settings.json").write_text("{}")
    store_manifest(place)
    pool = ReadingPool(place, "dspp@aastrom.com", Limits(), seconds=20)
    try:
        with pytest.raises(BadModel, match=r"cannot be used .*run: dspp train"):
            await pool.warm()
        with pytest.raises(ReadingFailed, match="cannot be used"):
            await pool.read(MAIL, "ana.perez@example.com")
    finally:
        pool.close()


def store_manifest(folder: Path) -> None:
    """Make what lies there a whole model."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"] = file_digests(folder, MANIFEST)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


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
