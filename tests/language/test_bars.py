"""The numbers that decide: what is asked of a reading before it counts, and what raises it."""

from __future__ import annotations

import pytest

from bot.language.bars import BY_INTENT, Bars
from bot.language.examples import LABELS
from bot.language.readings import read
from bot.language.scores import Scores
from bot.language.side_by_side import unless_missed
from handlers.contract import Caution, Intent, Request

EVERY = Bars()


@pytest.mark.parametrize(
    ("intent", "is_familiar", "needed"),
    [
        pytest.param("sell", True, 0.5, id="a sale"),
        pytest.param("plan_info", True, 0.3, id="a question"),
        pytest.param("plan_info", False, 0.5, id="a question unlike any of ours"),
        pytest.param("sell", False, 0.5, id="a sale unlike any of ours"),
    ],
)
def test_what_could_do_harm_and_what_is_unlike_ours_must_be_likelier(
    intent: str, is_familiar: bool, needed: float
) -> None:
    assert EVERY.needed(intent, is_familiar=is_familiar) == needed


def test_every_number_is_stored_with_a_decision_under_one_name() -> None:
    stored = EVERY.to_json()
    assert stored["sell"] == BY_INTENT["sell"]
    assert {"others", "unfamiliar", "order", "sure_order", "unworded"} <= set(stored)


def scores(*possible: str) -> Scores:
    return Scores(dict.fromkeys(LABELS, 0.0) | dict.fromkeys(possible, 0.5), 1.0, frozenset(possible))


def requests(*intents: str) -> tuple[Request, ...]:
    return tuple(Request(Intent(intent)) for intent in intents)


@pytest.mark.parametrize(
    ("asked", "text", "possible", "doubted"),
    [
        pytest.param(["enroll"], "enroll me and invest 500", ["enroll", "buy"], ["enroll"], id="a purchase beside"),
        pytest.param(["enroll"], "enroll me and invest 500", ["enroll"], ["enroll"], id="money that is not understood"),
        pytest.param(["enroll"], "enroll me and sell 50", ["enroll"], [], id="impossible, whatever its words"),
        pytest.param(["enroll"], "enroll me please", ["enroll", "buy"], [], id="possible, but without its words"),
        pytest.param(["enroll", "buy"], "enroll me and invest 500", ["enroll", "buy"], [], id="understood both"),
        pytest.param(
            ["sell"], "sell 100, not like when I had to buy back in", ["sell", "buy"], [], id="a single order"
        ),
        pytest.param(
            ["balance", "cancel_order"],
            "my balance? cancel my order. sell 75 shares",
            ["balance", "cancel_order", "sell"],
            ["cancel_order"],
            id="a sale beside two others; information is given all the same",
        ),
    ],
)
def test_an_order_that_was_not_understood_beside_another_is_asked_about(
    asked: list[str], text: str, possible: list[str], doubted: list[str]
) -> None:
    found = unless_missed(requests(*asked), read(text), scores(*possible))
    assert [str(one.intent) for one in found if Caution.DISAGREEMENT in one.cautions] == doubted
