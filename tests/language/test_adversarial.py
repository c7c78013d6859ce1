"""Three hundred messages written to be carried out wrongly: distant negations, odd spellings, half orders.

As many again by the same author teach the model; what is left here it has not seen.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.language.examples import read_rows
from bot.language.judging import Judged, judged
from bot.language.pipeline import Reader

ATTACKS = read_rows(Path(__file__).parent / "adversarial.jsonl")

MOST_WRONG = 10
"""Of nearly three hundred; each is read back before it counts. Seven when this was written."""


@pytest.fixture(scope="module")
def found(reader: Reader) -> list[Judged]:
    return judged(reader, ATTACKS)


def test_few_attacks_are_carried_out(found: list[Judged]) -> None:
    wrong = {one.row.id: one.reason for one in found if one.is_wrong_action}
    assert len(found) > 280
    assert len(wrong) <= MOST_WRONG, wrong


def test_most_of_the_honest_orders_among_them_are_taken(found: list[Judged]) -> None:
    honest = [one for one in found if one.row.action == "execute" and len(one.row.intents) == 1]
    assert len(honest) > 50
    assert Counter(one.action for one in honest)["execute"] / len(honest) > 0.65
