"""`dspp classify`, the specimen behind it, and the gates of the evaluation."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bot.language.classify_cli import classify, classify_lines, classify_mail
from bot.language.evaluation import evaluate
from bot.language.examples import ACTIONS, HELD_OUT, LABELS, SHIPPED, SLOT_NAMES, read_rows
from bot.language.pipeline import Reader
from bot.language.specimen import specimen, verdict
from bot.language.understanding import EMPTY, FOREIGN, UNCLEAR, Understanding
from handlers.contract import Caution, Intent, Request, Slots
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion


def usd(text: str) -> Money:
    return Money.of(text)


def understood(*requests: Request) -> Understanding:
    return Understanding(requests)


def request(
    intent: str,
    *,
    topics: frozenset[str] = frozenset(),
    cautions: frozenset[Caution] = frozenset(),
    **slots: tuple[object, ...],
) -> Request:
    return Request(Intent(intent), Slots(**slots), topics, cautions)  # type: ignore[arg-type]  # each row names its own slots


@pytest.mark.parametrize(
    ("requests", "action"),
    [
        pytest.param([request("buy", amounts=(usd("500"),))], "execute", id="a purchase"),
        pytest.param([request("buy", amounts=(usd("250"),))], "execute", id="the minimum"),
        pytest.param([request("buy", amounts=(usd("10000"),))], "execute", id="the maximum"),
        pytest.param([request("buy", amounts=(usd("249.99"),))], "refuse", id="a cent under"),
        pytest.param([request("buy", amounts=(usd("10000.01"),))], "refuse", id="a cent over"),
        pytest.param([request("buy")], "ask", id="no amount"),
        pytest.param([request("buy", amounts=(usd("500"), usd("800")))], "ask", id="two amounts"),
        pytest.param([request("buy", shares=(Shares.of("100"),))], "ask", id="by number"),
        pytest.param([request("buy", amounts=(usd("500"),), topics=frozenset({"pay:card"}))], "refuse", id="by card"),
        pytest.param(
            [
                request(
                    "buy",
                    amounts=(usd("500"),),
                    payment_methods=(PaymentMethod.AUTOMATIC_DEDUCTION,),
                    frequencies=("once",),
                )
            ],
            "execute",
            id="debited once",
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),), effective_dates=("--11",))], "execute", id="in a month to come"
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),), accounts=("4471-0082",))], "execute", id="an account named"
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),), cautions=frozenset({Caution.THIRD_PARTY}))],
            "escalate",
            id="for somebody else",
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),), cautions=frozenset({Caution.CONDITIONAL}))],
            "refuse",
            id="under a condition",
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),), cautions=frozenset({Caution.CORRECTION}))], "ask", id="a correction"
        ),
        pytest.param([request("sell", shares=(Shares.of("200"),))], "execute", id="a sale"),
        pytest.param([request("sell", shares=(Portion.ALL,))], "execute", id="a sale of everything"),
        pytest.param([request("sell")], "ask", id="a sale of nobody knows how much"),
        pytest.param(
            [request("recurring", amounts=(usd("300"),), topics=frozenset({"start"}))], "execute", id="a deduction"
        ),
        pytest.param([request("recurring", topics=frozenset({"stop"}))], "execute", id="a stop"),
        pytest.param([request("recurring", topics=frozenset({"resume"}))], "execute", id="a resumption"),
        pytest.param(
            [request("recurring", amounts=(usd("50"),), topics=frozenset({"start"}))],
            "refuse",
            id="too small a deduction",
        ),
        pytest.param([request("withdraw")], "execute", id="leaving"),
        pytest.param([request("cancel_order", order_ids=("P-7K2M9QX",))], "execute", id="a cancelling by id"),
        pytest.param([request("cancel_order", amounts=(usd("1500"),))], "execute", id="a cancelling by amount"),
        pytest.param([request("enroll", states=("IA",))], "execute", id="joining"),
        pytest.param([request("enroll", topics=frozenset({"how"}))], "answer", id="how to join"),
        pytest.param([request("enroll", topics=frozenset({"street_name"}))], "refuse", id="joining from street name"),
        pytest.param([request("enroll", topics=frozenset({"non_us"}))], "escalate", id="joining from abroad"),
        pytest.param([request("balance")], "answer", id="a balance"),
        pytest.param([request("order_status", order_ids=("PO-22019",))], "answer", id="a status"),
        pytest.param([request("eligible_states", states=("OR",))], "answer", id="a state"),
        pytest.param([request("documents")], "answer", id="documents"),
        pytest.param([request("plan_info")], "answer", id="the plan"),
        pytest.param([request("complaint")], "escalate", id="a complaint"),
        pytest.param([request("human")], "escalate", id="a person"),
        pytest.param([request("investment_advice")], "refuse", id="advice"),
        pytest.param([request("thanks")], "ignore", id="thanks"),
        pytest.param([request("out_of_scope", topics=frozenset({"spam"}))], "ignore", id="spam"),
        pytest.param([request("out_of_scope")], "escalate", id="something else"),
        pytest.param(
            [request("buy", amounts=(usd("500"),)), request("balance")], "execute", id="an order and a question"
        ),
        pytest.param(
            [request("buy", amounts=(usd("500"),)), request("complaint")], "escalate", id="an order and a complaint"
        ),
        pytest.param([request("buy", amounts=(usd("500"),)), request("sell")], "ask", id="an order and an open one"),
        pytest.param(
            [request("buy", amounts=(usd("100"),)), request("sell", shares=(Portion.ALL,))],
            "refuse",
            id="a refused order and another",
        ),
        pytest.param(
            [request("investment_advice"), request("buy", amounts=(usd("800"),))], "execute", id="advice and an order"
        ),
        pytest.param([request("plan_info"), request("investment_advice")], "refuse", id="a question and advice"),
        pytest.param([request("thanks"), request("balance")], "answer", id="thanks and a question"),
    ],
)
def test_the_action_of_what_was_understood(requests: list[Request], action: str) -> None:
    assert verdict(understood(*requests)).action == action


@pytest.mark.parametrize(
    ("understanding", "action", "labels"),
    [
        pytest.param(Understanding(reason=EMPTY), "ask", (), id="nothing"),
        pytest.param(
            Understanding(reason=FOREIGN, alternatives=(Intent("thanks"),)),
            "escalate",
            ("out_of_scope",),
            id="not English",
        ),
        pytest.param(
            Understanding(reason=UNCLEAR, alternatives=(Intent("sell"), Intent("buy"))), "ask", ("sell",), id="unclear"
        ),
    ],
)
def test_what_was_not_understood_is_never_carried_out(
    understanding: Understanding, action: str, labels: tuple[str, ...]
) -> None:
    found = verdict(understanding)
    assert (found.action, found.labels) == (action, labels)


def test_the_specimen_has_what_the_message_names() -> None:
    snapshot = specimen(request("sell", shares=(Shares.of("5"),), accounts=("A-30662",)))
    assert snapshot.registrations[0].account_number == "A-30662"
    orders = specimen(request("cancel_order", order_ids=("P-1", "P-2"))).orders
    assert [order.id for order in orders] == ["P-1", "P-2"]
    assert specimen(request("enroll", topics=frozenset({"not_shareholder"}))).registrations == ()


@pytest.mark.slow
def test_lines_are_answered_in_order_in_the_words_of_the_labels(reader: Reader) -> None:
    lines = [
        json.dumps({"id": "a", "channel": "chat", "subject": "", "body": "put me down for $500"}),
        json.dumps({"id": "b", "channel": "email", "subject": "Re: hello", "body": "Thank you!\n\n> earlier words"}),
        json.dumps({"id": "c", "body": "sell half of my shares"}),
    ]
    out = io.StringIO()
    assert classify_lines([*lines, "", "  \n"], out, reader) == 0
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert [answer["intents"] for answer in answers] == [["buy"], ["thanks"], ["sell"]]
    assert [answer["slots"] for answer in answers] == [{"amount_usd": "500.00"}, {}, {"shares": "half"}]
    assert [answer["action"] for answer in answers] == ["execute", "ignore", "execute"]
    for answer in answers:
        assert set(answer) == {"id", "intents", "confidence", "slots", "action", "reason"}
        assert set(answer["intents"]) <= set(LABELS)
        assert answer["action"] in ACTIONS
        assert set(answer["slots"]) <= set(SLOT_NAMES)
        assert all(0 <= chance <= 1 for chance in answer["confidence"].values())


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        pytest.param("{not json", id="no JSON"),
        pytest.param("[1, 2]", id="no object"),
        pytest.param('{"id": "x"}', id="no body"),
        pytest.param('{"id": "x", "body": 7}', id="a body that is no text"),
        pytest.param("\x00", id="a control character"),
    ],
)
def test_a_bad_line_costs_no_other_its_answer(reader: Reader, line: str) -> None:
    out = io.StringIO()
    good = json.dumps({"id": "good", "body": "thank you"})
    assert classify_lines([line, good], out, reader) == 1
    bad, answered = (json.loads(text) for text in out.getvalue().splitlines())
    assert set(bad) == {"id", "error"}
    assert answered["intents"] == ["thanks"]


@pytest.mark.slow
def test_raw_messages_are_answered_by_name(reader: Reader, tmp_path: Path) -> None:
    mail = tmp_path / "one.eml"
    mail.write_bytes(
        b"From: ana@example.com\r\nTo: dspp@example.com\r\nSubject: order\r\n\r\n"
        b"Please invest $500 for me this month.\r\n"
    )
    out = io.StringIO()
    assert classify_mail([mail, tmp_path / "missing.eml"], out, reader) == 1
    first, second = (json.loads(text) for text in out.getvalue().splitlines())
    assert (first["id"], first["intents"], first["slots"]) == ("one.eml", ["buy"], {"amount_usd": "500.00"})
    assert (second["id"], "error" in second) == ("missing.eml", True)


@pytest.mark.slow
def test_an_unclear_message_shows_its_likeliest_reading_and_asks(reader: Reader) -> None:
    found = classify(reader, "", "the thing with the other thing")
    assert found["action"] in {"ask", "escalate"}


@pytest.mark.slow
def test_the_gates_hold_on_messages_by_somebody_else(reader: Reader) -> None:
    """The floors stand a margin under what was measured; docs/language.md has the figures."""
    result = evaluate(reader, read_rows(HELD_OUT / "development.jsonl"))
    assert result.messages > 1200
    assert result.macro_f1 >= 0.90
    assert result.wrong_actions <= 4
    assert result.exact_slots >= 0.93
    assert result.coverage >= 0.86
    assert {score.label for score in result.intents} == set(LABELS)
    assert min(score.f1 for score in result.intents) >= 0.75
    text, values = result.to_text(), result.to_json()
    assert "macro F1" in text
    assert json.loads(json.dumps(values))["wrong_actions"] == result.wrong_actions
    assert all(miss.id for miss in result.misses)


UNHEARD_BESIDE = frozenset({"chestnut-sell-057", "fern-cancel_order-007", "mallow-cancel_order-020", "quince-sell-089"})
"""Messages of several matters that the model learned from, of which one is done while the other goes unheard."""


@pytest.mark.slow
def test_nothing_harmful_is_carried_out_wrongly_on_the_training_messages(reader: Reader) -> None:
    rows = read_rows(SHIPPED / "mixed.jsonl")
    result = evaluate(reader, rows)
    wrong = {miss.id for miss in result.misses if miss.is_wrong_action}
    assert wrong <= UNHEARD_BESIDE, wrong - UNHEARD_BESIDE
