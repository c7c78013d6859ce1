"""Work done side by side in processes of its own, where the machine has more than one core.

A training's parts do not depend on each other. A child is a copy of its parent,
so that nothing but what it found has to be handed over.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Final, TypeVar, cast

Found = TypeVar("Found")

_FORK: Final = "fork"


class SideWorkFailed(RuntimeError):
    """A part of the work failed in its own process. The message is that process's traceback, or how it ended."""


def cores() -> int:
    """How many processes may work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(parts: Sequence[Callable[[], Found]]) -> list[Found]:
    """What each part finds, in their order; what they find must be picklable, what they change is lost.

    One after the other where there is one core or no way to copy a process. SideWorkFailed if a part fails.
    """
    if len(parts) < 2 or cores() < 2 or _FORK not in multiprocessing.get_all_start_methods():
        return [part() for part in parts]
    context = multiprocessing.get_context(_FORK)
    running: list[tuple[ForkProcess, Connection]] = []
    for part in parts:
        ours, theirs = context.Pipe(duplex=False)
        others = [ours, *(one for _, one in running)]
        child = context.Process(target=_work, args=(part, theirs, others), daemon=True)
        child.start()
        theirs.close()
        running.append((child, ours))
    found = []
    failures = []
    try:
        for child, ours in running:
            try:
                is_whole, result = cast("tuple[bool, Found | str]", ours.recv())
            except (EOFError, OSError):
                is_whole, result = False, ""
            child.join()
            if is_whole:
                found.append(cast("Found", result))
            else:
                failures.append(str(result) or f"a process ended with {child.exitcode} before it was done")
    finally:
        for child, _ in running:
            child.terminate()
    if failures:
        raise SideWorkFailed("\n".join(failures))
    return found


def _work(part: Callable[[], object], answer: Connection, others: Sequence[Connection]) -> None:
    """Do one part and answer. Whose parent is gone has nobody who reads: it holds no end of a pipe open for itself."""
    for one in others:
        one.close()
    try:
        answer.send((True, part()))
    except BaseException:
        answer.send((False, traceback.format_exc()))
    finally:
        answer.close()
