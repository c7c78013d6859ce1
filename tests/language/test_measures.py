"""The statistics of an evaluation, on messages judged by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bot.language.evaluation import compared, evaluate_judged
from bot.language.examples import LABELS, Example
from bot.language.judging import Judged
from bot.language.measures import bands, calibration_error, confusion, intent_scores, macro_f1_bounds, slot_exactness
from bot.language.pictures import draw

FIVE = {"amount_usd": ("500.00",)}


def judged(
    wanted: str,
    got: str,
    *,
    action: str = "execute",
    done: str = "execute",
    chance: float = 0.9,
    slots: Mapping[str, tuple[str, ...]] = FIVE,
    read: Mapping[str, tuple[str, ...]] = FIVE,
    id: str = "x",
) -> Judged:
    row = Example(id, "hand", "email", "", "words", tuple(wanted.split()), action, slots)
    carried_out = frozenset(got.split()) if done == "execute" else frozenset()
    return Judged(row, tuple(got.split()), read, done, "", carried_out, {got.split()[0]: chance}, 0.004)


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        pytest.param(judged("buy", "buy"), False, id="as labelled"),
        pytest.param(judged("buy", "buy", done="ask"), False, id="asked"),
        pytest.param(judged("buy", "sell"), True, id="another act"),
        pytest.param(judged("buy", "buy", read={"amount_usd": ("50.00",)}), True, id="another amount"),
        pytest.param(judged("buy", "buy", action="ask"), True, id="done though it was to be asked"),
        pytest.param(
            judged("plan_info", "cancel_order", action="answer"), True, id="an order undone that was to stand"
        ),
        pytest.param(judged("plan_info", "documents", action="answer"), False, id="what moves nothing"),
        pytest.param(
            judged("buy", "buy", read=FIVE | {"payment_method": ("check",)}),
            False,
            id="a detail that changes no action",
        ),
    ],
)
def test_a_wrong_action_is_one_that_costs_money(one: Judged, wrong: bool) -> None:
    assert one.is_wrong_action is wrong


def test_precision_and_recall_count_each_label_of_each_message() -> None:
    scores = {
        one.label: one
        for one in intent_scores([judged("buy", "buy"), judged("buy sell", "buy"), judged("sell", "buy")])
    }
    assert (round(scores["buy"].precision, 2), scores["buy"].recall) == (0.67, 1.0)
    assert (scores["sell"].precision, scores["sell"].recall, scores["sell"].messages) == (0.0, 0.0, 2)


def test_bounds_hold_the_figure_and_are_the_same_each_time() -> None:
    rows = [judged("buy", "buy"), judged("sell", "sell"), judged("sell", "buy")] * 20
    low, high = macro_f1_bounds(rows)
    middle = np.mean([one.f1 for one in intent_scores(rows)])
    assert low < middle < high
    assert (low, high) == macro_f1_bounds(rows)


def test_calibration_compares_what_is_claimed_with_what_is_right() -> None:
    honest = [judged("buy", "buy", chance=0.75)] * 3 + [judged("sell", "buy", chance=0.75)]
    assert calibration_error(bands(honest)) == pytest.approx(0)
    boasting = [judged("sell", "buy", chance=0.95)] * 4
    assert calibration_error(bands(boasting)) == pytest.approx(0.95)
    (band,) = bands(boasting)
    assert (band.right, band.messages) == (0.0, 4)


def test_slots_are_counted_where_the_intents_are_right() -> None:
    found = slot_exactness(
        [
            judged("buy", "buy"),
            judged("buy", "buy", read={}),
            judged("buy", "buy", slots={}, read={"shares": ("5",)}),
            judged("buy", "sell"),
        ]
    )
    assert found == {"amount_usd": (0.5, 2), "shares": (0.0, 1)}


def test_an_evaluation_names_its_misses_and_compares() -> None:
    one = evaluate_judged([judged("buy", "buy", id="a"), judged("buy", "sell", id="b")])
    other = evaluate_judged([judged("buy", "sell", id="a"), judged("buy", "buy", id="b")])
    assert (one.wrong_actions, one.at_stake, one.coverage) == (1, 2, 1.0)
    assert "WRONG ACTION b" in one.to_text()
    assert "b: {'intents': ['buy']" in one.to_text(misses=True)
    assert one.to_json()["wrong_actions"] == 1
    assert "only this one misses:  b" in compared(one, other)
    with pytest.raises(ValueError, match="no labelled messages"):
        evaluate_judged([])


def test_the_pictures_are_drawn_alike_each_time(tmp_path: Path) -> None:
    rows = [judged("buy", "buy"), judged("sell", "buy", chance=0.4)]
    table = confusion(rows)
    assert table[LABELS.index("sell"), LABELS.index("buy")] == 1
    first = [path.read_bytes() for path in draw(tmp_path / "a", bands(rows), table)]
    second = [path.read_bytes() for path in draw(tmp_path / "b", bands(rows), table)]
    assert first == second
    assert all(picture.startswith(b"<?xml") and b"</svg>" in picture for picture in first)
