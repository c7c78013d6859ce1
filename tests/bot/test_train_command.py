"""`dspp train` passes by no gate, loses no model that served, and what is wrong with a model or a file is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import bot.commands.language
from bot.cli import main
from bot.language import promotion, training
from bot.language.evaluation import Evaluation
from bot.language.examples import Example
from bot.language.model_files import digest_of, in_service, sources_of
from bot.language.pipeline import Reader, build
from bot.language.shelf import Shelf
from tests.language.test_promotion import BEFORE, evaluation, score

WORSE = evaluation(score("buy", 0.5), score("sell", 0.5), wrong=5)
STAFF_ROW = Example("staff-1", "staff", "email", "", "please let 200 of them go", ("sell",), "execute")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory, without a database."""
    monkeypatch.setenv("DSPP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    return tmp_path / "state"


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Evaluation]:
    """What the frozen test says of models, by their descriptions; trainings are empty and quick."""
    found: dict[str, Evaluation] = {}

    def fitted(rows: Sequence[Example], _encoder: Path, seed: int, *_: object) -> object:
        nlp = build()
        nlp.meta["description"] = f"seed {seed}" + ", staff" * any(row.author == "staff" for row in rows)
        return nlp

    monkeypatch.setattr(training, "fitted", fitted)
    monkeypatch.setattr(Reader, "load", lambda folder: folder)
    monkeypatch.setattr(promotion, "evaluate", lambda folder, _rows: found.get(described(folder), BEFORE))
    return found


def described(place: Path) -> str:
    return str(json.loads((in_service(place) / "meta.json").read_text())["description"])


def promoted(state: Path, tmp_path: Path) -> None:
    """Seed 1 serves in place of seed 0."""
    assert main(["train"]) == 0
    assert main(["train", "--seed", "1", "--out", str(tmp_path / "new")]) == 0
    assert main(["models", "promote", str(tmp_path / "new")]) == 0
    assert described(state / "model") == "seed 1"


def damage(place: Path) -> None:
    (in_service(place) / "config.cfg").unlink()


@pytest.mark.parametrize(
    "out",
    [
        pytest.param([], id="without --out"),
        pytest.param(["--out", "{state}/model"], id="the place itself"),
        pytest.param(["--out", "{state}/../state/model"], id="the place by another name"),
    ],
)
@pytest.mark.parametrize("is_damaged", [False, True], ids=["whole", "damaged"])
def test_what_replaces_a_promoted_model_must_pass_the_test(
    out: list[str], is_damaged: bool, state: Path, tmp_path: Path, verdicts: dict[str, Evaluation]
) -> None:
    promoted(state, tmp_path)
    if is_damaged:
        damage(state / "model")
    serving = in_service(state / "model")
    verdicts["seed 2"] = WORSE
    words = [word.format(state=state) for word in out]
    assert main(["train", "--seed", "2", *words]) == 1
    assert in_service(state / "model") == serving
    assert main(["train", "--seed", "3", *words]) == 0
    assert described(state / "model") == "seed 3"
    assert main(["models", "back"]) == 0
    assert described(state / "model") == ("seed 0" if is_damaged else "seed 1")


def test_what_staff_taught_does_not_pass_by_the_test_behind_a_damaged_model(
    state: Path, tmp_path: Path, verdicts: dict[str, Evaluation], monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(state, tmp_path)
    damage(state / "model")
    monkeypatch.setattr(bot.commands.language, "accepted_examples", lambda _settings: (STAFF_ROW,))
    verdicts["seed 0, staff"] = WORSE
    serving = in_service(state / "model")
    assert main(["train"]) == 1
    assert in_service(state / "model") == serving
    assert main(["models", "back"]) == 0
    assert described(state / "model") == "seed 0"


@pytest.mark.parametrize("out", ["model.versions", "model.versions/new", "model.current", "."])
def test_where_models_in_service_are_kept_nothing_is_trained(
    out: str, state: Path, tmp_path: Path, verdicts: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    promoted(state, tmp_path)
    capsys.readouterr()
    assert main(["train", "--seed", "2", "--out", str(state / out)]) == 2
    assert "is where models in service are kept; name another folder" in capsys.readouterr().err
    assert described(state / "model") == "seed 1"


def test_before_any_promotion_a_training_keeps_the_model_that_it_replaces(
    state: Path, verdicts: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    first = digest_of(state / "model")
    verdicts["seed 1"] = WORSE
    assert main(["train", "--seed", "1"]) == 0, "nothing was taught or promoted: it serves as it is"
    assert described(state / "model") == "seed 1"
    assert main(["train", "--seed", "1"]) == 0
    assert Shelf(state / "model").previous() == first
    assert main(["models", "back"]) == 0
    assert described(state / "model") == "seed 0"
    assert not (state / "model.candidate").exists()


def test_a_training_that_was_killed_as_it_cleared_up_is_no_hindrance(
    state: Path, verdicts: dict[str, Evaluation]
) -> None:
    (state / "model.candidate").mkdir(parents=True)
    (state / "model.candidate" / "tokenizer").write_text("left over")
    assert main(["train"]) == 0
    assert sources_of(state / "model")


def test_doctor_and_the_list_name_the_way_back_from_a_damaged_model(
    state: Path,
    tmp_path: Path,
    verdicts: dict[str, Evaluation],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    promoted(state, tmp_path)
    damage(state / "model")
    monkeypatch.undo()
    monkeypatch.setenv("DSPP_STATE_DIR", str(state))
    capsys.readouterr()
    assert main(["doctor", "--json"]) == 1
    (finding,) = [one for one in json.loads(capsys.readouterr().out) if one["what"] == "language model"]
    assert finding["says"].endswith("is not as it was trained (config.cfg)")
    assert finding["remedy"] == "run dspp models back"
    assert main(["models", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert "is not as it was trained (config.cfg)" in listed[0]
    assert main(["models", "back"]) == 0


@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param(b"", "holds no labelled message", id="an empty file"),
        pytest.param(b"\n \n", "holds no labelled message", id="empty lines"),
        pytest.param(b'{"id": "\xe4"}\n', "is not written in UTF-8 (invalid continuation byte", id="Latin 1"),
        pytest.param(b"{\n", "line 1", id="no JSON"),
    ],
)
def test_a_file_that_cannot_be_scored_on_is_told_in_a_sentence(
    written: bytes, says: str, state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(written)
    assert main(["evaluate", str(file)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"dspp: {file}")
    assert says in told
    assert told.count("\n") == 1


def test_messages_to_classify_that_are_not_in_utf8_are_told_in_a_sentence(
    state: Path, tmp_path: Path, verdicts: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_bytes(b'{"id": "1", "body": "\xe4"}\n')
    assert main(["classify", str(file)]) == 1
    assert capsys.readouterr().err.startswith(f"dspp: {file} is not written in UTF-8")
