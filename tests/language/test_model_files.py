"""A folder is put in place whole, and what lies on the shelf is what was put there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest

from bot.language.model_files import MANIFEST, BadModel, digest_of, filling, sources_of, store
from bot.language.pipeline import build
from bot.language.training import train

UNTRAINED = build()


def read(folder: Path) -> str:
    return (folder / "said.txt").read_text() if (folder / "said.txt").exists() else ""


def fill(target: Path, text: str) -> None:
    with filling(target) as fresh:
        (fresh / "said.txt").write_text(text)
        assert read(target) != text, "nothing is seen of it before it is whole"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(lambda _target: None, id="nothing"),
        pytest.param(lambda target: target.mkdir(), id="an empty folder"),
        pytest.param(lambda target: fill(target, "old"), id="another"),
    ],
)
def test_a_folder_takes_its_place_whole_and_leaves_nothing_beside_it(
    before: Callable[[Path], None], tmp_path: Path
) -> None:
    before(tmp_path / "it")
    fill(tmp_path / "it", "new")
    assert (tmp_path / "it" / "said.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_a_folder_that_cannot_be_filled_changes_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "it", "old")
    with suppress(OSError), filling(tmp_path / "it") as fresh:
        (fresh / "said.txt").write_text("half")
        raise OSError("the disk is full")
    assert (tmp_path / "it" / "said.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_of_many_that_fill_a_folder_at_once_one_stays_and_none_fails(tmp_path: Path) -> None:
    start = Barrier(4)

    def work(name: str) -> None:
        for number in range(25):
            start.wait()
            with filling(tmp_path / "it") as fresh:
                (fresh / "said.txt").write_text(f"{name}{number}")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, "abcd"))
    assert (tmp_path / "it" / "said.txt").read_text()[1:] == "24"
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_a_folder_that_holds_something_else_is_not_trained_into(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine")
    with pytest.raises(BadModel, match="is no language model; choose another folder"):
        train(tmp_path / "letters")
    assert (tmp_path / "letters" / "a.txt").read_text() == "mine"


def rewritten(folder: Path) -> None:
    """Another file with a manifest that fits it."""
    (folder / "said.txt").write_text("changed")
    (folder / MANIFEST).unlink()
    shutil.copytree(folder, other := folder.with_name("other"))
    store(UNTRAINED, other, "other")
    shutil.rmtree(folder)
    other.rename(folder)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(rewritten, "not the one that was put there", id="another whole model under its name"),
        pytest.param(lambda folder: (folder / "meta.json").unlink(), "not as it was trained", id="a missing file"),
        pytest.param(
            lambda folder: (folder / MANIFEST).write_text('{"files": [1]}'), "cannot be read", id="another manifest"
        ),
        pytest.param(lambda folder: (folder / MANIFEST).write_bytes(b"\xff"), "cannot be read", id="no text"),
        pytest.param(lambda folder: (folder / MANIFEST).unlink(), "there is no language model", id="no manifest"),
    ],
)
def test_on_the_shelf_only_what_was_put_there_is_a_model(
    spoil: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    folder = tmp_path / "model.versions" / store(UNTRAINED, made, "made")
    folder.parent.mkdir()
    made.rename(folder)
    assert (digest_of(folder), sources_of(folder)) == (folder.name, "made")
    spoil(folder)
    with pytest.raises(BadModel, match=says):
        digest_of(folder)
    assert sources_of(folder) == ""


def test_the_digest_is_over_the_files_and_not_over_what_they_were_trained_from(tmp_path: Path) -> None:
    digests = {store(UNTRAINED, tmp_path / sources, sources) for sources in ("a", "b")}
    assert len(digests) == 1
    assert json.loads((tmp_path / "a" / MANIFEST).read_text())["sources"] == "a"
