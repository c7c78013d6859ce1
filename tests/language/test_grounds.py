"""Grounds for and against an order: named, weighed together as learned, and the same from disk."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.language.examples import row_of
from bot.language.figure_roles import Chances
from bot.language.grounds import WEIGHED, Grounds, Numbers, grounds, is_complete, may_stand, names_what
from bot.language.moments import moments, with_moments
from bot.language.readings import read, with_roles
from bot.language.requests import request_for
from bot.language.scores import Scores
from handlers.contract import Caution, Intent, Request, Slots
from handlers.plan.money import Money, Shares

READING = read("I should be glad to see some of my shares go at the next sale, and thank you kindly for the trouble.")
ORDER = Request(Intent("sell"), confidence=Decimal("0.9"))
SURE = Scores({"sell": 0.9, "buy": 0.1}, 3.0, stances={"order": 0.95, "none": 0.05})


def of(*cautions: Caution, order: float = 0.95, request: Request = ORDER) -> Numbers:
    scores = Scores({"sell": 0.9, "buy": 0.1}, 3.0, stances={"order": order, "none": 1 - order})
    return grounds(request, frozenset(cautions), scores, READING)


def test_every_caution_that_is_weighed_has_a_ground_near_the_order_and_anywhere() -> None:
    names = set(of())
    assert {f"cue far {one.name.lower()}" for one in WEIGHED} < names
    assert {f"cue near {one.name.lower()}" for one in WEIGHED} < names


def test_the_names_are_always_the_same() -> None:
    told = Chances(0.1, 0.1, 0.8)
    reading = with_roles(read("Sell 200 of my 300 shares in May 2004."), {5: told, 15: told})
    reading = with_moments(reading, dict.fromkeys(moments(reading.text), 0.4))
    request = request_for("sell", reading, 0.9)
    assert list(grounds(request, frozenset(), SURE, reading)) == list(of())


def test_a_figure_that_no_slot_takes_speaks_against() -> None:
    reading = read("Sell 200 shares and 300 dollars")
    request = request_for("sell", reading, 0.9)
    both = with_roles(reading, {5: Chances(0, 0.9, 0.1), 20: Chances(0.9, 0, 0.1)})
    one = with_roles(reading, {5: Chances(0, 0.9, 0.1), 20: Chances(0.1, 0, 0.9)})
    ordered, told = (grounds(request, frozenset(), SURE, each) for each in (both, one))
    assert ordered["another figure is ordered"] > 0 > told["another figure is ordered"]
    assert ordered["its figure is ordered"] == told["its figure is ordered"] > 0


def test_a_day_that_no_slot_takes_speaks_against() -> None:
    reading = read("Leave the plan for me, the 31st of December would do.")
    request = request_for("withdraw", reading, 0.9)
    likely, unlikely = (
        grounds(request, frozenset(), SURE, replace(reading, days=dict.fromkeys([27], chance)))
        for chance in (0.45, 0.02)
    )
    assert likely["another day is ordered"] > unlikely["another day is ordered"]
    assert likely["its day is ordered"] == unlikely["its day is ordered"] == 0


@pytest.fixture(scope="module")
def learned() -> Grounds:
    """Grounds that learned: an order stands where its score is high, unless a condition is named."""
    found, stands = [], []
    for step in range(60):
        order, caution = step / 60, {Caution.CONDITIONAL} if step % 3 == 0 else set()
        found.append(of(*caution, order=order))
        stands.append(order > 0.5 and not caution)
    weighed = Grounds()
    weighed.fit(found, stands)
    return weighed


def test_scores_and_cues_are_weighed_together(learned: Grounds) -> None:
    assert learned.chance(of(order=0.97)) > 0.5 > learned.chance(of(order=0.1))
    assert learned.chance(of(Caution.CONDITIONAL, order=0.97)) < learned.chance(of(order=0.97))


def test_the_strongest_grounds_are_named_with_what_they_speak_for(learned: Grounds) -> None:
    told = learned.strongest(of(Caution.CONDITIONAL, order=0.97), 3)
    assert len(told) == 3
    assert told["is an order"] > 0 > told["cue far conditional"]


def test_what_is_stored_weighs_the_same(learned: Grounds, tmp_path: Path) -> None:
    learned.to_disk(tmp_path / "grounds.npz")
    loaded = Grounds()
    loaded.from_disk(tmp_path / "grounds.npz")
    assert loaded.is_fitted
    assert loaded.chance(of(order=0.7)) == learned.chance(of(order=0.7))


def test_nothing_is_learned_where_all_are_alike() -> None:
    weighed = Grounds()
    weighed.fit([of(), of()], [True, True])
    assert not weighed.is_fitted


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (Request(Intent("cancel_order")), False),
        (Request(Intent("cancel_order"), slots=Slots(shares=(Shares(Decimal(50)),))), True),
        (Request(Intent("withdraw")), True),
    ],
)
def test_whether_a_cancelling_names_its_order(request_: Request, names: bool) -> None:
    assert names_what(request_) is names


ROW = {"id": "a-1", "author": "a", "body": "x", "intents": ["sell"], "slots": {"shares": "200"}, "action": "execute"}


@pytest.mark.parametrize(
    ("row", "stands"),
    [
        pytest.param({}, True, id="as labelled"),
        pytest.param({"slots": {"shares": "300"}}, False, id="another count"),
        pytest.param({"slots": {"shares": "200", "effective_date": "--05"}}, False, id="a date that was not read"),
        pytest.param({"slots": {"shares": "200", "payment_method": "check"}}, True, id="how it is paid"),
        pytest.param({"intents": ["buy"]}, False, id="another act"),
        pytest.param({"intents": ["sell", "documents"]}, True, id="a wish beside it"),
        pytest.param({"intents": ["sell", "withdraw"]}, False, id="another order beside it"),
        pytest.param({"action": "refuse", "stance": "order"}, True, id="an order that the rules refuse"),
        pytest.param({"action": "ask", "stance": "conditional"}, False, id="a condition"),
    ],
)
def test_which_orders_may_stand(row: dict[str, object], stands: bool) -> None:
    request = Request(Intent("sell"), slots=Slots(shares=(Shares(Decimal(200)),)))
    assert may_stand(request, row_of({**ROW, **row})) is stands


@pytest.mark.parametrize(
    ("request_", "complete"),
    [
        (Request(Intent("buy")), False),
        (Request(Intent("buy"), slots=Slots(amounts=(Money(Decimal(500)),))), True),
        (Request(Intent("buy"), slots=Slots(amounts=(Money(Decimal(500)), Money(Decimal(600))))), False),
        (Request(Intent("recurring"), topics=frozenset({"stop"})), True),
        (Request(Intent("recurring")), False),
        (Request(Intent("cancel_order")), True),
        (Request(Intent("cancel_order"), slots=Slots(order_ids=("P-1",))), True),
        (Request(Intent("withdraw")), True),
    ],
)
def test_whether_anything_is_left_to_ask(request_: Request, complete: bool) -> None:
    assert is_complete(request_) is complete
