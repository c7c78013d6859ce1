"""Work side by side: found in its order, and a failure is told and not swallowed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pytest

from bot.language import side_processes
from bot.language.side_processes import SideWorkFailed, in_processes


def test_what_is_found_comes_in_the_order_of_its_parts() -> None:
    assert in_processes([partial(pow, base, 2) for base in (3, 1, 2)]) == [9, 1, 4]


def test_what_is_too_long_for_a_pipe_comes_whole() -> None:
    assert [len(found) for found in in_processes([partial(bytes, 3_000_000), partial(bytes, 2_000_000)])] == [
        3_000_000,
        2_000_000,
    ]


def test_a_failure_says_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_processes, "cores", lambda: 2)
    with pytest.raises(SideWorkFailed, match="invalid literal for int"):
        in_processes([partial(int, "1"), partial(int, "one")])


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_processes, "cores", lambda: 2)
    parts: list[Callable[[], int]] = [_die, partial(int, "1")]
    with pytest.raises(SideWorkFailed, match="ended with 3"):
        in_processes(parts)


def _die() -> int:
    os._exit(3)


def test_one_core_does_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_processes, "cores", lambda: 1)
    assert in_processes([os.getpid, os.getpid]) == [os.getpid()] * 2
