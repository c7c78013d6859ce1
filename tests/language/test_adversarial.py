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

STILL_WRONG = frozenset({"quince-sell-091", "quince-buy-111", "quince-transfer_shares-001"})
"""What is carried out wrongly all the same, known and named; each is read back before it counts."""
MARGIN = 1
"""Others that may go either way: another processor rounds the encoder's numbers otherwise."""


@pytest.fixture(scope="module")
def found(reader: Reader) -> list[Judged]:
    return judged(reader, ATTACKS)


def test_no_attack_is_carried_out_but_those_that_are_known(found: list[Judged]) -> None:
    wrong = {one.row.id: one.reason for one in found if one.is_wrong_action}
    unknown = {id: reason for id, reason in wrong.items() if id not in STILL_WRONG}
    assert len(found) > 280
    assert len(unknown) <= MARGIN, unknown


def test_most_of_the_honest_orders_among_them_are_taken(found: list[Judged]) -> None:
    honest = [one for one in found if one.row.action == "execute" and len(one.row.intents) == 1]
    assert len(honest) > 50
    assert Counter(one.action for one in honest)["execute"] / len(honest) > 0.65
