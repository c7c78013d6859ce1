"""What a message consists of: several requests, one sum that is one order, and who is in the plan already."""

from __future__ import annotations

import pytest

from bot.language.bars import Bars
from bot.language.clauses import Clause
from bot.language.examples import LABELS
from bot.language.parts import IS_IN, Part, Scored, parts_of, with_first_payment, without_doubles
from bot.language.readings import read
from bot.language.scores import Scores
from bot.language.stances import NONE, ORDER

EVERY = Bars()


def scores(stance: str = ORDER, **chances: float) -> Scores:
    return Scores(dict.fromkeys(LABELS, 0.0) | chances, 1.0, stances={ORDER: 0.0} | {stance: 1.0})


def scored(text: str, *clauses: tuple[str, Scores]) -> Scored:
    return [(Clause(text.index(words), text.index(words) + len(words)), said) for words, said in clauses]


BOTH = "sell 50 of my shares, and stop my monthly deduction"


@pytest.mark.parametrize(
    ("stance", "intents"),
    [
        pytest.param(ORDER, ["sell", "recurring"], id="two orders"),
        pytest.param(NONE, ["sell"], id="one of them only tells"),
    ],
)
def test_a_second_order_stands_where_its_own_clause_orders(stance: str, intents: list[str]) -> None:
    clauses = scored(
        BOTH, ("sell 50 of my shares", scores(sell=0.95)), ("stop my monthly deduction", scores(stance, recurring=0.95))
    )
    parts = parts_of(BOTH, 0, scores(sell=0.6, recurring=0.4), clauses, EVERY)
    assert [part.intent for part in parts] == intents


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Debit $500 from my bank as before and buy stock.", ["buy"], id="one purchase"),
        pytest.param("Every month take $500 from my bank and buy stock.", ["recurring"], id="one deduction"),
        pytest.param("Buy $500 now. Then deduct $300 each month.", ["buy", "recurring"], id="two sums, two orders"),
        pytest.param("Buy $500 of stock. Also stop my monthly deduction.", ["buy", "recurring"], id="and a stop"),
        pytest.param("Invest $500 by check. Please pause the deduction.", ["buy", "recurring"], id="and a pause"),
    ],
)
def test_one_sum_is_one_order(text: str, kept: list[str]) -> None:
    parts = [Part("buy", 0.9), Part("recurring", 0.8)]
    assert [part.intent for part in without_doubles(parts, read(text))] == kept


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        pytest.param("sign me up and put $500 in", ["enroll", "buy"], id="with a purchase"),
        pytest.param("sign me up with $300 a month", ["enroll", "recurring"], id="with a deduction"),
        pytest.param("sign me up. Holder of record, 500.", ["enroll"], id="a number that is no sum"),
    ],
)
def test_joining_takes_the_first_payment_beside_it(text: str, intents: list[str]) -> None:
    parts = with_first_payment(Part("enroll", 0.9), read(text), scores(enroll=0.9, buy=0.05, recurring=0.05), EVERY)
    assert [part.intent for part in parts] == intents


@pytest.mark.parametrize(
    ("text", "is_in"),
    [
        pytest.param("Enrolled last June. Want $1,000 of shares", True, id="told"),
        pytest.param("I'm already in the plan", True, id="already"),
        pytest.param("I am a participant and ask", True, id="a participant"),
        pytest.param("Sign me up as a participant", False, id="as one"),
        pytest.param("I'm not already enrolled, please sign me up", False, id="not yet"),
        pytest.param("My wife is already a member, sign me up too", False, id="somebody else"),
        pytest.param("I was enrolled in the trial in June", False, id="in something else"),
        pytest.param("I want to be enrolled in the plan", False, id="wished"),
        pytest.param("get me enrolled this week", False, id="ordered"),
    ],
)
def test_who_is_in_the_plan_already(text: str, is_in: bool) -> None:
    assert bool(IS_IN.search(text)) is is_in
