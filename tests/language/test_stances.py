"""How a message puts its act: which cues count beside it, and what it is reason enough for by itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.language.bars import Bars
from bot.language.examples import row_of
from bot.language.stances import NONE, ORDER, PLAIN, SAID_BY, STANCES, weighed
from handlers.contract import Caution

EVERY = Bars()


@pytest.mark.parametrize(
    ("stances", "is_surely_ordered", "found", "kept"),
    [
        pytest.param({ORDER: 0.95}, True, {Caution.CONDITIONAL}, set(), id="a cue that the whole does not bear out"),
        pytest.param({ORDER: 0.95}, False, {Caution.CONDITIONAL}, {Caution.CONDITIONAL}, id="in few words every cue"),
        pytest.param(
            {ORDER: 0.85, "conditional": 0.1},
            True,
            {Caution.CONDITIONAL},
            {Caution.CONDITIONAL},
            id="a cue that it does",
        ),
        pytest.param(
            {ORDER: 0.85, "others": 0.1}, True, {Caution.CONDITIONAL}, set(), id="another stance says nothing for a cue"
        ),
        pytest.param(
            {ORDER: 0.99}, True, {Caution.DISAGREEMENT}, {Caution.DISAGREEMENT}, id="what reads figures always counts"
        ),
        pytest.param({ORDER: 0.3, "others": 0.6}, False, set(), {Caution.THIRD_PARTY}, id="a plain stance, and no cue"),
        pytest.param({ORDER: 0.3, NONE: 0.7}, False, set(), set(), id="no order at all is no caution"),
        pytest.param({ORDER: 0.6, "negated": 0.4}, False, set(), set(), id="a stance that is not plain"),
    ],
)
def test_which_cautions_count(
    stances: Mapping[str, float], is_surely_ordered: bool, found: set[Caution], kept: set[Caution]
) -> None:
    assert weighed(frozenset(found), stances, EVERY, is_surely_ordered=is_surely_ordered) == kept


def test_what_is_left_open_is_no_caution_where_a_detail_is_asked_for_anyway() -> None:
    open_ = {ORDER: 0.2, "unsettled": 0.8}
    assert weighed(frozenset(), open_, EVERY, is_surely_ordered=False, is_complete=True) == {Caution.DISAGREEMENT}
    assert weighed(frozenset(), open_, EVERY, is_surely_ordered=False, is_complete=False) == set()


def test_every_stance_but_an_order_and_none_is_reason_for_a_caution() -> None:
    assert set(PLAIN) == {*STANCES} - {ORDER, NONE}
    assert {stance for stances in SAID_BY.values() for stance in stances} <= {*STANCES}


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
