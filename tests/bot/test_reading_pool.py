"""Reading happens in a process of its own: one that takes too long is ended, and none outlives the service."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.language.model_files import MANIFEST, BadModel, digest_of, file_digests, in_service
from bot.language.promotion import install
from bot.language.shelf import Shelf
from bot.mail.limits import Limits
from bot.reading_pool import ReadingFailed, ReadingPool

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
        pool._replace(pool._pool)
        assert (await pool.read(MAIL, "ana.perez@example.com")).understanding.model == before
        shutil.rmtree(Shelf(place).kept(before.partition(".")[0]))
        pool._replace(pool._pool)
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
