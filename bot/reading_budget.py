"""What one reading may take of the machine, held by the system and not by the program that might hang.

The processor's time is counted by the kernel, which ends the process that used up its own: a busy machine makes a
reading slow, but never makes it use more of the processor. So whoever used it up once will do so again.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZES = Path("/proc/self/statm")


def hold_memory(growth_bytes: int) -> None:
    """Let this process take `growth_bytes` more than it has now; what asks for more hears MemoryError.

    Where the system does not tell what a process has, nothing is held.
    """
    if not _SIZES.exists():
        return
    taken = int(_SIZES.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    _lower(resource.RLIMIT_AS, taken + growth_bytes)


@contextmanager
def processor_seconds(seconds: int) -> Iterator[None]:
    """Within, this process may use the processor for `seconds` more, up to one more for rounding.

    After that the kernel ends it by SIGXCPU, without a core file. Outside nothing is counted.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, int(time.process_time()) + 1 + seconds)
    try:
        yield
    finally:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _lower(kind: int, soft: int) -> None:
    """Set a soft limit, or the hard one where that is lower; a hard limit could not be raised again."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
