"""How a message puts its act: which cues count beside it, and what it is reason enough for by itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.language.examples import row_of
from bot.language.stances import NONE, ORDER, PLAIN, STANCES, plainly
from handlers.contract import Caution


@pytest.mark.parametrize(
    ("stances", "cautions"),
    [
        pytest.param({ORDER: 0.3, "others": 0.6}, {Caution.THIRD_PARTY}, id="a plain stance"),
        pytest.param({ORDER: 0.3, NONE: 0.7}, set(), id="no order at all is no caution"),
        pytest.param({ORDER: 0.6, "negated": 0.4}, set(), id="a stance that is not plain"),
        pytest.param({"deceased": 0.5, "others": 0.5}, {Caution.DECEASED, Caution.THIRD_PARTY}, id="two of them"),
    ],
)
def test_a_plain_stance_is_a_caution(stances: Mapping[str, float], cautions: set[Caution]) -> None:
    assert plainly(stances, 0.5) == cautions


def test_what_is_left_open_is_no_caution_where_a_detail_is_asked_for_anyway() -> None:
    open_ = {ORDER: 0.2, "unsettled": 0.8}
    assert plainly(open_, 0.5, is_complete=True) == {Caution.DISAGREEMENT}
    assert plainly(open_, 0.5, is_complete=False) == set()


def test_every_stance_but_an_order_and_none_is_reason_for_a_caution() -> None:
    assert set(PLAIN) == {*STANCES} - {ORDER, NONE}


ROW = {"id": "a-1", "author": "a", "body": "x", "intents": ["sell"], "slots": {}, "action": "ask"}


@pytest.mark.parametrize(
    ("changes", "stance"),
    [
        pytest.param({}, None, id="an order that is asked about: somebody must say why"),
        pytest.param({"stance": "conditional"}, "conditional", id="somebody has said"),
        pytest.param({"action": "execute"}, ORDER, id="what is carried out was ordered"),
        pytest.param({"intents": ["balance"], "action": "answer"}, NONE, id="what orders nothing"),
    ],
)
def test_the_stance_of_a_row(changes: Mapping[str, object], stance: str | None) -> None:
    assert row_of({**ROW, **changes}).stance == stance


def test_an_unknown_stance_is_named() -> None:
    with pytest.raises(ValueError, match="unknown stance 'doubtful'"):
        row_of({**ROW, "stance": "doubtful"})
