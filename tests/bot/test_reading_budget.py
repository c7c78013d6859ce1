"""What a reading may take is held by the system: here in processes of their own, which it ends."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(script: str) -> tuple[int, str, float]:
    """How a process that runs `script` ended, what it printed, and its time of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.returncode, done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_process_that_uses_up_its_time_is_ended_even_in_the_midst_of_foreign_code(tmp_path: Path) -> None:
    code, printed, used = run(
        f"import os, re\nos.chdir({str(tmp_path)!r})\n"
        "from bot.reading_budget import processor_seconds\n"
        "with processor_seconds(1):\n"
        "    print('begun', flush=True)\n"
        "    re.match('(a|a)*b', 'a' * 60)\n"
        "print('done')"
    )
    assert (code, printed) == (-signal.SIGXCPU, "begun\n")
    assert 1 <= used < 10
    assert list(tmp_path.iterdir()) == [], "no core file is left"


def test_what_a_process_does_between_readings_is_not_counted() -> None:
    code, printed, used = run(
        "import time\n"
        "from bot.reading_budget import processor_seconds\n"
        "for _ in range(2):\n"
        "    with processor_seconds(1):\n"
        "        pass\n"
        "    end = time.process_time() + 2.5\n"
        "    while time.process_time() < end:\n"
        "        pass\n"
        "print('done')"
    )
    assert (code, printed) == (0, "done\n")
    assert used > 4


def test_more_memory_than_a_process_may_take_is_an_error_there_and_what_it_may_take_is_not() -> None:
    code, printed, _ = run(
        "from bot.reading_budget import hold_memory\n"
        "hold_memory(300_000_000)\n"
        "kept = bytearray(100_000_000)\n"
        "print('enough')\n"
        "try:\n"
        "    more = bytearray(400_000_000)\n"
        "except MemoryError:\n"
        "    print('no more')"
    )
    assert (code, printed) == (0, "enough\nno more\n")
