"""A file is written whole or not at all, for its owner alone, and none that stands is overwritten."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import exchange_files
from bot.exchange_files import (
    FileInTheWay,
    Row,
    UnwritableFile,
    WrittenFile,
    read_exchange_file,
    write_exchange_file,
)

DAY = date(2003, 11, 19)
NAMES = ("name", "color")
ROWS = (("apple", "red"), ("pear, green", 'the "William"'))
CONTENT = b'H,fruit,7,2003-11-19\nname,color\napple,red\n"pear, green","the ""William"""\nT,2,100\n'


def _write(path: Path, rows: Any = ROWS, sequence: int = 7, day: date = DAY) -> WrittenFile:
    return write_exchange_file(path, "fruit", sequence, day, NAMES, rows, ["100"])


def test_a_file_is_written_byte_by_byte_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"
    assert _write(path) == WrittenFile(path, hashlib.sha256(CONTENT).hexdigest(), 2, ("100",), True)
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_it(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        _write(tmp_path / "fruit.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "fruit.csv").stat().st_mode) == 0o600


def test_a_step_that_is_repeated_finds_its_own_file(tmp_path: Path) -> None:
    first, again = _write(tmp_path / "fruit.csv"), _write(tmp_path / "fruit.csv")
    assert (first.is_new, again.is_new) == (True, False)
    assert first.digest == again.digest
    assert len(list(tmp_path.iterdir())) == 1


def _other(path: Path) -> None:
    path.write_bytes(CONTENT.replace(b"apple", b"grape"))


def _longer(path: Path) -> None:
    path.write_bytes(CONTENT + b"\n")


def _empty(path: Path) -> None:
    path.touch()


def _folder(path: Path) -> None:
    path.mkdir()


def _nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.parametrize("put", [_other, _longer, _empty, _folder, _nowhere])
def test_no_other_file_is_overwritten(put: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"
    put(path)
    before = os.lstat(path)
    with pytest.raises(FileInTheWay, match="find out what it is, move it away if it is not needed"):
        _write(path)
    after = os.lstat(path)
    assert (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
    assert list(tmp_path.iterdir()) == [path]


class _PowerCut(BaseException):
    """Nothing runs after it."""


@pytest.mark.parametrize("call", ["open", "fsync", "link"])
def test_a_file_stands_whole_or_not_at_all_wherever_writing_ends(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fruit.csv"
    calls = 0
    while True:
        with monkeypatch.context() as patched:
            _ends_at(patched, call, calls)
            try:
                _write(path)
            except _PowerCut:
                assert not path.exists() or path.read_bytes() == CONTENT
            else:
                break
        calls += 1
    assert calls >= 1
    assert path.read_bytes() == CONTENT


def _ends_at(patched: pytest.MonkeyPatch, name: str, after: int) -> None:
    """The call of this name is the last, once it was called so often."""
    right, seen = getattr(os, name), 0

    def cut(*arguments: Any, **named: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen > after:
            raise _PowerCut
        return right(*arguments, **named)

    patched.setattr(os, name, cut)


def test_the_name_is_there_only_after_the_content_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "fruit.csv", []
    sync, link = os.fsync, os.link

    def _sync(descriptor: int) -> None:
        seen.append(("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file", path.exists()))
        sync(descriptor)

    def _link(source: Path, target: Path) -> None:
        seen.append(("link", path.exists()))
        link(source, target)

    monkeypatch.setattr(os, "fsync", _sync)
    monkeypatch.setattr(os, "link", _link)
    _write(path)
    assert seen == [("file", False), ("link", False), ("folder", True)]
    seen.clear()
    _write(path)
    assert seen[-2:] == [("file", True), ("folder", True)], "a file whose first writer died is made sure of"


def test_of_writers_at_the_same_instant_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"

    def write(number: int) -> bool:
        try:
            return _write(path, [("apple", f"red {number % 2}")]).is_new
        except FileInTheWay:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(32))) == 1
    assert list(tmp_path.iterdir()) == [path]
    assert read_exchange_file(path, "fruit", NAMES).rows[0].values["color"] in {"red 0", "red 1"}


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _write(tmp_path / "fruit.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _write(tmp_path / "none" / "fruit.csv")


def test_what_others_put_beside_it_stays(tmp_path: Path) -> None:
    beside = tmp_path / ".fruit.csv.0123456789abcdef"
    beside.write_text("a draft of a writer that died")
    _write(tmp_path / "fruit.csv")
    assert beside.read_text() == "a draft of a writer that died"


@pytest.mark.parametrize(
    ("rows", "sequence", "day", "fault"),
    [
        pytest.param(ROWS, 0, DAY, "the sequence is 0;", id="sequence zero"),
        pytest.param(ROWS, 10**9, DAY, "the sequence is 1000000000;", id="a sequence too long"),
        pytest.param(ROWS, 7, datetime(2003, 11, 19, 9), "a day without a time is wanted", id="an instant for a day"),
        pytest.param([("apple",)], 7, DAY, "row 1: 1 values, but there are 2 columns", id="a value missing"),
        pytest.param([*ROWS, ("", "")], 7, DAY, "row 3: every value is empty", id="an empty row"),
        pytest.param([("a", " b")], 7, DAY, "row 1, column color: blanks around it", id="a blank before"),
        pytest.param([("a\0", "b")], 7, DAY, "row 1, column name: ", id="a NUL character"),
        pytest.param([("a\rb", "b")], 7, DAY, "row 1, column name: ", id="a line end"),
        pytest.param([("\ud800", "b")], 7, DAY, "row 1, column name: ", id="half a character"),
        pytest.param([("a" * 200_000, "b")], 7, DAY, "row 1, column name: ", id="a value longer than is read"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(
    rows: Any, sequence: int, day: date, fault: str, tmp_path: Path
) -> None:
    with pytest.raises(UnwritableFile) as bad:
        _write(tmp_path / "fruit.csv", rows, sequence, day)
    (only,) = bad.value.faults
    assert fault in only
    assert list(tmp_path.iterdir()) == []


def test_a_file_larger_than_is_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_files, "LARGEST_BYTES", len(CONTENT) - 1)
    with pytest.raises(UnwritableFile, match="divide it"):
        _write(tmp_path / "fruit.csv")
    monkeypatch.setattr(exchange_files, "LARGEST_BYTES", len(CONTENT))
    assert _write(tmp_path / "fruit.csv").is_new


_VALUE = st.text(st.characters(exclude_categories=["C"]).filter(str.isprintable), max_size=12).map(str.strip)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_VALUE, _VALUE).filter(any), min_size=1, max_size=6))
def test_any_printable_value_is_read_as_it_was(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"
    path.unlink(missing_ok=True)
    written = _write(path, rows)
    file = read_exchange_file(path, "fruit", NAMES)
    assert [tuple(row.values.values()) for row in file.rows] == rows
    assert (file.digest, file.totals) == (written.digest, written.totals)


def test_an_empty_file_is_read_only_where_it_may_be(tmp_path: Path) -> None:
    _write(tmp_path / "fruit.csv", ())
    assert read_exchange_file(tmp_path / "fruit.csv", "fruit", NAMES, may_be_empty=True).rows == ()
    with pytest.raises(exchange_files.BadFile, match="there are no rows"):
        read_exchange_file(tmp_path / "fruit.csv", "fruit", NAMES)


def test_a_file_without_rows_must_still_count_them(tmp_path: Path) -> None:
    path = tmp_path / "fruit.csv"
    for trailer, fault in [("T", "counts nothing"), ("T,1", "counts 1"), ("", "a trailer record are wanted")]:
        path.write_text(f"H,fruit,7,2003-11-19\nname,color\n{trailer}\n")
        with pytest.raises(exchange_files.BadFile, match=fault):
            read_exchange_file(path, "fruit", NAMES, may_be_empty=True)


def test_a_row_does_not_show_its_values() -> None:
    assert "secret" not in repr(Row(3, {"account": "secret"}))
