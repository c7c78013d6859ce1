"""The labelled messages themselves: well formed, enough of each, and none of the test known to the training."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.language.examples import HELD_OUT, LABELS, SHIPPED, SLOT_NAMES, BadExamples, Example, read_folder, read_rows
from bot.language.likeness import near
from bot.language.slot_forms import FORMS, WANTED, malformed

TRAINING = read_folder(SHIPPED)
DEVELOPMENT = read_rows(HELD_OUT / "development.jsonl")
TEST = read_rows(HELD_OUT / "test.jsonl")

ACTING = ("buy", "sell", "recurring", "withdraw", "cancel_order", "enroll", "update_account", "transfer_shares")
NEAR_DOMAIN = {"hazel", "larch"}
"""Authors who wrote messages full of our words that ask for nothing of ours."""
ADVERSARIAL = {"juniper", "cherry"}
"""Authors who wrote several requests at once, and what only looks like one."""


@pytest.mark.parametrize("label", LABELS)
def test_every_label_has_its_file_of_examples(label: str) -> None:
    rows = read_rows(SHIPPED / f"{label}.jsonl")
    assert len(rows) >= (100 if label in ACTING else 60)
    assert {row.intents for row in rows} == {(label,)}


def test_there_are_negatives_and_traps_enough() -> None:
    assert sum(row.author in NEAR_DOMAIN for row in TRAINING) >= 500
    assert sum(len(row.intents) > 1 or row.author in ADVERSARIAL for row in TRAINING) >= 400


def test_every_slot_has_a_form_and_is_told_in_words() -> None:
    assert set(FORMS) == set(WANTED) == set(SLOT_NAMES)


def test_every_id_is_used_once() -> None:
    counts = Counter(row.id for row in (*TRAINING, *DEVELOPMENT, *TEST))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(TRAINING, id="training"),
        pytest.param(DEVELOPMENT, id="development"),
        pytest.param(TEST, id="test"),
    ],
)
def test_every_slot_value_is_well_formed(rows: tuple[Example, ...]) -> None:
    assert [(row.id, *wrong) for row in rows for wrong in malformed(row.slots)] == []


def test_no_author_writes_for_two_of_training_development_and_test() -> None:
    authors = [{row.author for row in rows} for rows in (TRAINING, DEVELOPMENT, TEST)]
    assert sum(map(len, authors)) == len(set.union(*authors))


def test_no_scenario_stands_in_two_of_training_development_and_test() -> None:
    scenarios = [{" ".join(row.scenario.lower().split()) for row in rows} for rows in (TRAINING, DEVELOPMENT, TEST)]
    assert all("" not in named for named in scenarios)
    assert sum(map(len, scenarios)) == len(set.union(*scenarios))


def test_no_message_of_the_test_is_near_one_that_the_model_or_we_have_seen() -> None:
    assert near(TEST, (*TRAINING, *DEVELOPMENT)) == []
    assert near(DEVELOPMENT, TRAINING) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param("{", "line 1", id="no JSON"),
        pytest.param(
            '{"id": "x", "body": "b", "intents": ["fly"], "slots": {}, "action": "ask"}', "fly", id="an unknown label"
        ),
        pytest.param('{"id": "x", "body": "b", "intents": [], "slots": {}, "action": "ask"}', "intents", id="no label"),
        pytest.param(
            '{"id": "x", "body": "b", "intents": ["buy"], "slots": {}, "action": "run"}', "run", id="an unknown action"
        ),
        pytest.param(
            '{"id": "x", "body": "b", "intents": ["buy"], "slots": {"size": 1}, "action": "ask"}',
            "size",
            id="an unknown slot",
        ),
        pytest.param('{"id": "x", "intents": ["buy"], "slots": {}, "action": "ask"}', "body", id="no body"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BadExamples, match=fault) as caught:
        read_rows(file)
    assert "rows.jsonl, line 1" in str(caught.value)


def test_a_folder_without_examples_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadExamples, match="no examples"):
        read_folder(tmp_path)
