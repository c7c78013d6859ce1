"""What serves survives trainings and promotions at once, and a damaged model does not open the gate."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.language.evaluation import Evaluation
from bot.language.examples import Example
from bot.language.model_files import BadModel, digest_of, in_service, sources_of
from bot.language.pipeline import Reader
from bot.language.promotion import CannotChange, Measure, back, install, promote
from bot.language.shelf import Change, How, Shelf
from bot.language.training import train
from tests.language.test_promotion import AT, BEFORE, evaluation, good, model_at, score

WORSE = evaluation(score("buy", 0.5), score("sell", 0.5), wrong=5)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the service looks; a model lies there."""
    model_at(tmp_path / "model", "first")
    return tmp_path / "model"


def made(tmp_path: Path, sources: str) -> Path:
    model_at(tmp_path / sources, sources)
    return tmp_path / sources


def trained(tmp_path: Path, place: Path, sources: str) -> bool:
    return install(made(tmp_path, sources), place, at=AT, tested=False)


def by_sources(**found: Evaluation) -> Measure:
    """The frozen test, by what a model was trained from."""

    def measure(folder: Path, _rows: Sequence[Example]) -> Evaluation:
        return found.get(sources_of(folder), BEFORE)

    return measure


def damage(folder: Path) -> None:
    (folder / "said.txt").write_text("changed")


# ------------------------------------------------------------------ training


def test_the_first_model_lies_at_the_place_and_the_next_one_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "model"
    assert trained(tmp_path, place, "one")
    assert (in_service(place), Shelf(place).changes()) == (place, [])
    assert trained(tmp_path, place, "two")
    assert sources_of(place) == "two"
    assert [change.how for change in Shelf(place).changes()] == [How.TRAINED]
    assert not Shelf(place).is_promoted


def test_what_a_training_replaced_can_be_put_back(place: Path, tmp_path: Path) -> None:
    assert trained(tmp_path, place, "two")
    assert trained(tmp_path, place, "three")
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "two"
    assert Shelf(place).is_promoted, "what a person put back is not replaced without the test"


def test_training_the_same_again_changes_nothing(place: Path, tmp_path: Path) -> None:
    assert trained(tmp_path, place, "two")
    before = Shelf(place).changes()
    shutil.rmtree(tmp_path / "two", ignore_errors=True)
    assert trained(tmp_path, place, "two")
    assert Shelf(place).changes() == before
    assert back(place, by="Eli", at=AT).replaced == digest_of(tmp_path / "two")


@pytest.mark.parametrize(
    ("tested", "is_damaged", "serves"),
    [
        pytest.param(False, False, True, id="from the shipped examples"),
        pytest.param(True, False, False, id="from what staff taught too"),
        pytest.param(True, True, True, id="there is nothing to be compared with"),
    ],
)
def test_what_staff_taught_serves_untested_only_where_no_model_is(
    tested: bool, is_damaged: bool, serves: bool, place: Path, tmp_path: Path
) -> None:
    if is_damaged:
        damage(place)
    assert install(made(tmp_path, "two"), place, at=AT, tested=tested) is serves
    assert (sources_of(place) == "two") is serves


def test_nothing_serves_untested_in_place_of_a_promoted_model_even_a_damaged_one(place: Path, tmp_path: Path) -> None:
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    damage(in_service(place))
    assert not trained(tmp_path, place, "three")
    assert Shelf(place).changes()[0].how is How.PROMOTED


def test_a_folder_that_a_promoted_model_serves_for_is_not_trained_into(place: Path, tmp_path: Path) -> None:
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    with pytest.raises(BadModel, match="choose another folder"):
        train(place)


# ------------------------------------------------------------------- at once


def test_a_training_that_ends_amid_a_promotion_waits_for_it(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is placed, and before anything is cleared away a model has just been trained."""
    second, third = made(tmp_path, "two"), made(tmp_path, "three")
    tidy = Shelf._tidy
    with ThreadPoolExecutor(1) as threads:
        done: list[Future[bool]] = []

        def slow(shelf: Shelf, wanted: set[str]) -> None:
            if not done:
                done.append(threads.submit(install, third, place, at=AT, tested=False))
                with pytest.raises(TimeoutError):
                    done[0].result(0.3)
            tidy(shelf, wanted)

        monkeypatch.setattr(Shelf, "_tidy", slow)
        promote(second, place, by="Dana", at=AT, measure=good)
        assert not done[0].result(10), "a model was promoted meanwhile: only the test may replace it"
    assert sources_of(place) == "two"
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "first"


def test_many_trainings_at_once_leave_the_model_of_one(place: Path, tmp_path: Path) -> None:
    start, names = Barrier(3), "abc"

    def work(name: str) -> None:
        for number in range(5):
            folder = made(tmp_path, f"{name}{number}")
            start.wait()
            assert install(folder, place, at=AT, tested=False)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, names))
    assert sources_of(place) in {f"{name}4" for name in names}
    back(place, by="Eli", at=AT)
    assert sources_of(place)


# ------------------------------------------------------------------- damaged


def test_where_the_model_in_service_is_damaged_the_one_before_it_is_compared_with(place: Path, tmp_path: Path) -> None:
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    damage(in_service(place))
    first = Shelf(place).previous()
    refused = promote(made(tmp_path, "bad"), place, by="Dana", at=AT, measure=by_sources(bad=WORSE))
    assert (refused.compared, len(refused.reasons)) == (first, 3)
    done = promote(made(tmp_path, "three"), place, by="Dana", at=AT, measure=by_sources())
    assert (done.reasons, done.compared, done.replaced) == ((), first, first)
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "first"


def test_where_the_model_in_service_is_of_other_code_the_one_before_it_is_compared_with(
    place: Path, tmp_path: Path
) -> None:
    def measure(folder: Path, rows: Sequence[Example]) -> Evaluation:
        if sources_of(folder) == "two":
            raise BadModel("of other code")
        return by_sources(three=WORSE)(folder, rows)

    two = made(tmp_path, "two")
    promote(two, place, by="Dana", at=AT, measure=good)
    refused = promote(made(tmp_path, "three"), place, by="Dana", at=AT, measure=measure)
    assert refused.compared == Shelf(place).previous() != digest_of(two)
    assert "is worse than" in refused.to_text()
    assert sources_of(place) == "two"


@pytest.mark.parametrize(
    ("damaged", "remedy"),
    [
        pytest.param(["current"], "run: dspp models back", id="the one before is whole"),
        pytest.param(["current", "previous"], "run: dspp train", id="both are damaged"),
        pytest.param(["current", "book"], "run: dspp train", id="the book is damaged too"),
    ],
)
def test_the_remedy_for_a_damaged_model_is_the_shortest(
    damaged: list[str], remedy: str, place: Path, tmp_path: Path
) -> None:
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    shelf = Shelf(place)
    folders = {"current": in_service(place), "previous": shelf.folder_of(shelf.previous())}
    for name in damaged:
        if name == "book":
            (shelf.versions / "log.json").write_text("no")
        else:
            damage(folders[name])
    with pytest.raises(BadModel, match=f"not as it was trained .*{remedy}"):
        Reader.load(place)


def test_a_promoted_model_that_was_rewritten_with_its_manifest_is_damaged(place: Path, tmp_path: Path) -> None:
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    folder = in_service(place)
    shutil.rmtree(folder)
    made(tmp_path, "other").rename(folder)
    assert (Shelf(place).is_whole, sources_of(place)) == (False, "")
    with pytest.raises(BadModel, match=r"not the one that was put there.*run: dspp models back"):
        Reader.load(place)


def test_a_place_that_is_a_link_keeps_its_model(tmp_path: Path) -> None:
    model_at(tmp_path / "disk" / "model", "first")
    place = tmp_path / "state" / "model"
    place.parent.mkdir()
    place.symlink_to(Path("..") / "disk" / "model")
    promote(made(tmp_path, "two"), place, by="Dana", at=AT, measure=good)
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "first"


def test_a_book_that_does_not_say_how_a_model_came_bars_a_training(place: Path, tmp_path: Path) -> None:
    assert trained(tmp_path, place, "two")
    (Shelf(place).versions / "log.json").unlink()
    assert not trained(tmp_path, place, "three")
    assert sources_of(place) == "two"


def test_the_same_model_serves_already(place: Path, tmp_path: Path) -> None:
    two = made(tmp_path, "two")
    assert install(two, place, at=AT, tested=False)
    with pytest.raises(CannotChange):
        promote(two, place, by="Dana", at=AT, measure=good)
    assert Shelf(place).changes() == [
        Change(How.TRAINED, digest_of(two), Shelf(place).previous(), "dspp train", AT.isoformat())
    ]
