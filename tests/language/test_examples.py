"""The labelled messages themselves: well formed, enough of each, and none of the test known to the training."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from bot.language.examples import LABELS, SHIPPED, BadExamples, Example, read_folder, read_rows
from bot.language.places import ARMED_FORCES
from handlers.plan.states import STATE_NAMES

HELD_OUT = Path(__file__).parent / "held_out.jsonl"
TRAINING = read_folder(SHIPPED)
TEST = read_rows(HELD_OUT)

FORMS = {
    "amount_usd": r"\d+\.\d\d",
    "shares": r"\d+(?:\.\d{1,4})?|all|half",
    "state": "|".join([*STATE_NAMES, *ARMED_FORCES]),
    "account": r"[\w-]{3,}",
    "order_id": r"[\w-]{3,}",
    "payment_method": r"check|automatic_deduction",
    "frequency": r"once|daily|weekly|biweekly|monthly|quarterly|annually",
    "day_of_month": r"[1-9]|[12]\d|3[01]",
    "effective_date": r"(?:\d{4}|-)-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?",
}


def grams(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9$']+", text.lower())
    return frozenset(" ".join(words[at : at + 3]) for at in range(len(words) - 2))


@pytest.mark.parametrize("label", LABELS)
def test_every_label_has_thirty_examples_of_its_own(label: str) -> None:
    rows = read_rows(SHIPPED / f"{label}.jsonl")
    assert len(rows) >= 30
    assert {row.intents[0] for row in rows} == {label}


def test_every_id_is_used_once() -> None:
    counts = Counter(row.id for row in (*TRAINING, *TEST))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("rows", [pytest.param(TRAINING, id="training"), pytest.param(TEST, id="held out")])
def test_every_slot_value_is_well_formed(rows: tuple[Example, ...]) -> None:
    malformed = [
        (row.id, name, value)
        for row in rows
        for name, values in row.slots.items()
        for value in values
        if not re.fullmatch(FORMS[name], value)
    ]
    assert malformed == []


def test_the_test_is_written_by_somebody_the_training_does_not_know() -> None:
    assert {row.author for row in TRAINING} & {row.author for row in TEST} == set()


def test_no_message_of_the_test_is_near_one_of_the_training() -> None:
    known = [(row.id, grams(row.body), row.body.strip().lower()) for row in TRAINING]
    near = []
    for row in TEST:
        own = grams(row.body)
        for other, theirs, body in known:
            shared = len(own & theirs)
            if len(own) >= 5 and shared / len(own | theirs) > 0.5:
                near.append((row.id, other))
            if len(row.body.split()) > 4 and body == row.body.strip().lower():
                near.append((row.id, other))
    assert near == []


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
