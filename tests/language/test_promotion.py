"""A model serves only if it is no worse where it matters, and a kill leaves one that serves."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.language import training
from bot.language.evaluation import Evaluation
from bot.language.examples import Example
from bot.language.measures import IntentScore
from bot.language.model_files import BadModel, digest_of, in_service, sources_of, store
from bot.language.pipeline import build
from bot.language.promotion import CannotChange, back, install, may_replace, promote
from bot.language.shelf import BOOK, Shelf
from bot.language.training import sources_digest, train

AT = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)


def score(label: str, recall: float, messages: int = 20) -> IntentScore:
    return IntentScore(label, 0.9, recall, 0.9, messages)


def evaluation(*scores: IntentScore, wrong: int = 0, messages: int = 100) -> Evaluation:
    return Evaluation(
        messages=messages,
        intents=scores,
        macro_f1=0.9,
        macro_f1_bounds=(0.85, 0.95),
        exact_intents=0.9,
        exact_slots=0.9,
        exact_slots_where_intents_right=0.95,
        slots={},
        right_actions=0.8,
        coverage=0.7,
        to_be_carried_out=30,
        wrong_actions=wrong,
        at_stake=50,
        calibration_error=0.04,
        bands=(),
        milliseconds={},
        megabytes=100.0,
        misses=(),
    )


BEFORE = evaluation(score("buy", 0.9), score("sell", 0.95), wrong=1)


@pytest.mark.parametrize(
    ("candidate", "fell"),
    [
        pytest.param(BEFORE, [], id="the same in everything"),
        pytest.param(evaluation(score("buy", 0.95), score("sell", 1.0)), [], id="better in everything"),
        pytest.param(evaluation(score("buy", 0.85), score("sell", 1.0)), ["recall of buy"], id="one intent falls"),
        pytest.param(
            evaluation(score("buy", 0.85), score("sell", 0.9), wrong=2),
            ["recall of buy", "recall of sell", "wrong actions"],
            id="all falls",
        ),
        pytest.param(evaluation(score("buy", 0.95)), ["recall of sell"], id="an intent is never found any more"),
        pytest.param(
            evaluation(score("buy", 0.9), score("sell", 0.95), wrong=2), ["wrong actions"], id="one wrong action more"
        ),
        pytest.param(evaluation(score("buy", 0.9), score("sell", 0.95)), [], id="a wrong action less"),
        pytest.param(
            evaluation(score("buy", 0.9), score("sell", 0.95), score("human", 0.0, 0), wrong=1),
            [],
            id="an intent claimed that no message has",
        ),
        pytest.param(
            replace(BEFORE, macro_f1=0.1, exact_slots=0.1, coverage=0.1), [], id="what does not bar a model falls"
        ),
        pytest.param(
            evaluation(score("buy", 0.95), score("sell", 1.0), messages=99), ["measured on 99"], id="another test"
        ),
    ],
)
def test_a_model_may_serve_unless_recall_falls_or_wrong_actions_rise(candidate: Evaluation, fell: list[str]) -> None:
    reasons = may_replace(candidate, BEFORE)
    assert [any(reason.startswith(what) for reason in reasons) for what in fell] == [True] * len(fell)
    assert len(reasons) == len(fell)


def test_an_intent_that_no_message_has_bars_nobody() -> None:
    claimed = evaluation(*BEFORE.intents, score("human", 0.0, 0), wrong=1)
    assert may_replace(BEFORE, claimed) == []


# ------------------------------------------------------------------ in place


UNTRAINED = build()


def model_at(folder: Path, sources: str) -> str:
    """A whole but untrained model, and its digest: it can be stored, checked and told from others."""
    folder.mkdir(parents=True)
    (folder / "said.txt").write_text(sources, encoding="utf-8")
    return store(UNTRAINED, folder, sources)


def good(_folder: Path, _rows: Sequence[Example]) -> Evaluation:
    return BEFORE


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the service looks; a model lies there."""
    model_at(tmp_path / "model", "first")
    return tmp_path / "model"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    model_at(tmp_path / "second", "second")
    return tmp_path / "second"


def serve(folder: Path, place: Path, by: str = "Dana") -> None:
    assert not promote(folder, place, by=by, at=AT, measure=good).reasons


def test_what_lies_at_the_place_serves_until_something_is_promoted(place: Path, second: Path) -> None:
    assert in_service(place) == place
    serve(second, place)
    assert in_service(place).parent == Shelf(place).versions


def test_a_model_is_promoted_where_none_was(tmp_path: Path, second: Path) -> None:
    place = tmp_path / "model"
    done = promote(second, place, by="Dana", at=AT, measure=good)
    assert (done.reasons, done.current, done.replaced) == ((), None, "")
    assert sources_of(place) == "second"
    assert Shelf(place).previous() == ""
    with pytest.raises(CannotChange, match="no model is known that came before"):
        back(place, by="Dana", at=AT)


def test_the_promoted_serves_and_one_command_brings_back_the_one_before(place: Path, second: Path) -> None:
    serve(second, place)
    shutil.rmtree(second)
    assert sources_of(place) == "second"
    assert back(place, by="Eli", at=AT).how.value == "put back"
    assert sources_of(place) == "first"
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "second"


def test_only_the_two_latest_models_are_kept(place: Path, second: Path, tmp_path: Path) -> None:
    third = model_at(tmp_path / "third", "third")
    serve(second, place)
    serve(tmp_path / "third", place)
    kept = {folder.name for folder in Shelf(place).versions.iterdir() if folder.is_dir()}
    assert kept == {third, digest_of(second)}
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "second"


def test_who_promoted_what_when_and_on_which_figures_is_kept(place: Path, second: Path) -> None:
    first, to = digest_of(place), digest_of(second)
    serve(second, place, by="Dana")
    back(place, by="Eli", at=AT)
    rows = json.loads((Shelf(place).versions / BOOK).read_text(encoding="utf-8"))
    assert [(row["how"], row["to"], row["replaced"], row["by"], row["at"]) for row in rows] == [
        ("promoted", to, first, "Dana", "2003-11-05T14:00:00+00:00"),
        ("put back", first, to, "Eli", "2003-11-05T14:00:00+00:00"),
    ]
    assert rows[0]["figures"][to]["recall of sell"] == 0.95
    assert rows[0]["figures"][first]["wrong actions"] == 1


def test_a_worse_model_changes_nothing_and_is_told_why(place: Path, second: Path) -> None:
    def measure(folder: Path, _rows: Sequence[Example]) -> Evaluation:
        return BEFORE if folder == place else evaluation(score("buy", 0.9), score("sell", 0.5))

    done = promote(second, place, by="Dana", at=AT, measure=measure)
    assert "recall of sell" in done.to_text()
    assert "0.950 ->  0.500" in done.to_text()
    assert sources_of(place) == "first"
    assert Shelf(place).changes() == []
    assert not Shelf(place).is_promoted


def test_the_model_that_serves_is_not_promoted_again(place: Path, second: Path) -> None:
    serve(second, place)
    with pytest.raises(CannotChange, match="serves already"):
        promote(second, place, by="Dana", at=AT, measure=good)


def test_a_damaged_model_in_service_is_no_hindrance_and_a_damaged_candidate_is_none(place: Path, second: Path) -> None:
    (place / "said.txt").unlink()
    serve(second, place)
    assert sources_of(place) == "second"
    with pytest.raises(BadModel, match="no language model at"):
        promote(place.with_name("nowhere"), place, by="Dana", at=AT, measure=good)


def test_a_model_that_was_damaged_in_service_can_be_put_there_anew(place: Path, second: Path) -> None:
    serve(second, place)
    (in_service(place) / "said.txt").write_text("changed")
    serve(second, place)
    assert sources_of(place) == "second"


def test_what_a_kill_forestalled_was_not_put_back(place: Path, second: Path) -> None:
    serve(second, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "symlink_to", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            back(place, by="Eli", at=AT)
    assert Shelf(place).was_put_back() is None
    back(place, by="Eli", at=AT)
    change = Shelf(place).was_put_back()
    assert change is not None
    assert change.by == "Eli"


def test_back_leads_away_from_a_model_that_was_damaged_in_service(place: Path, second: Path) -> None:
    serve(second, place)
    (in_service(place) / "said.txt").write_text("changed")
    assert sources_of(place) == ""
    back(place, by="Eli", at=AT)
    assert sources_of(place) == "first"


def test_back_to_a_model_that_was_damaged_changes_nothing(place: Path, second: Path) -> None:
    serve(second, place)
    shelf = Shelf(place)
    (shelf.versions / shelf.previous() / "said.txt").unlink()
    with pytest.raises(BadModel, match="not as it was"):
        back(place, by="Eli", at=AT)
    assert sources_of(place) == "second"


class Killed(BaseException):
    """The process ends here."""


STEPS: dict[str, tuple[object, str]] = {
    "as a model is copied": (shutil, "copytree"),
    "as something takes its name": (os, "replace"),
    "before the files are on the disk": (os, "sync"),
    "before the link is made": (Path, "symlink_to"),
    "as something is cleared away": (shutil, "rmtree"),
}


def _kill(patch: pytest.MonkeyPatch, owner: object, name: str, at_call: int) -> None:
    real: Callable[..., object] = getattr(owner, name)
    calls = iter(range(1, 100))

    def killed(*arguments: object, **keywords: object) -> object:
        if next(calls) == at_call:
            raise Killed
        return real(*arguments, **keywords)

    patch.setattr(owner, name, killed)


@pytest.mark.parametrize("at_call", [1, 2, 3, 4])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("command", ["promote", "first promote", "back", "train", "train again"])
def test_a_kill_leaves_the_model_of_before_or_of_after_and_the_next_try_works(
    command: str, step: str, at_call: int, place: Path, second: Path, tmp_path: Path
) -> None:
    third = tmp_path / "third"
    model_at(third, "third")
    if command in {"promote", "back"}:
        serve(second, place)
    elif command == "train again":
        assert install(second, place, at=AT, tested=False)

    def change() -> None:
        if command == "back":
            back(place, by="Eli", at=AT)
        elif command.startswith("train"):
            assert install(third, place, at=AT, tested=False)
        else:
            serve(third, place)

    before = sources_of(place)
    after = "first" if command == "back" else "third"
    with pytest.MonkeyPatch.context() as patch:
        _kill(patch, *STEPS[step], at_call)
        try:
            change()
        except Killed:
            pass
        else:
            assert sources_of(place) == after
    assert sources_of(place) in {before, after}
    if sources_of(place) == before:
        change()
    assert sources_of(place) == after
    back(place, by="Eli", at=AT)
    assert sources_of(place) == before, "the one before is still at hand"


# ------------------------------------------------------------------ training


def staff_row(number: int = 1) -> Example:
    return Example(f"staff-{number}", "staff", "email", "", "please let 200 of them go", ("sell",), "execute")


def test_what_staff_taught_makes_another_model_and_nothing_makes_the_same(tmp_path: Path) -> None:
    (tmp_path / "sell.jsonl").write_text("", encoding="utf-8")
    digests = {
        sources_digest(tmp_path, 0, extra)
        for extra in ((), (staff_row(),), (replace(staff_row(), action="ask"),), (staff_row(), staff_row(2)))
    }
    assert len(digests) == 4
    assert sources_digest(tmp_path, 0) == sources_digest(tmp_path, 0, ())


@pytest.fixture
def taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Example]]:
    """What each training was given; the training itself is left out."""
    seen: list[Sequence[Example]] = []

    def fitted(rows: Sequence[Example], *_: object) -> object:
        seen.append(rows)
        return UNTRAINED

    monkeypatch.setattr(training, "fitted", fitted)
    monkeypatch.setenv("DSPP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    return seen


def test_a_new_example_of_staff_is_noticed_and_learned(taught: list[Sequence[Example]], tmp_path: Path) -> None:
    out = tmp_path / "m"
    assert train(out, if_needed=True).was_needed
    assert not train(out, if_needed=True).was_needed
    assert train(out, if_needed=True, extra=[staff_row()]).was_needed
    assert not train(out, if_needed=True, extra=[staff_row()]).was_needed
    assert [sum(row.author == "staff" for row in rows) for rows in taught] == [0, 1]


def test_training_needs_no_database_and_makes_none(taught: list[Sequence[Example]], tmp_path: Path) -> None:
    assert main(["train"]) == 0
    assert sources_of(tmp_path / "state" / "model")
    assert not list((tmp_path / "state").glob("*.sqlite3"))
    assert main(["train", "--if-needed"]) == 0
    assert len(taught) == 1
