"""The answer to our question completes the request that waits for it, and only that."""

from __future__ import annotations

import json

import pytest

from bot.language.understanding import UNCLEAR, Understanding
from bot.reading import Reading
from bot.waiting import ASKED_SLOTS, completed_by, parked
from handlers.contract import Caution, Intent, Request, Slots
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

BUY, SELL = Intent("buy"), Intent("sell")
UNREAD = Understanding(reason=UNCLEAR)
NO_DETAILS = Slots()


def _reading(rest: str, slots: Slots = NO_DETAILS, understanding: Understanding = UNREAD) -> Reading:
    return Reading(
        from_address="ana@example.com",
        from_defect="",
        subject="",
        rfc_message_id="",
        in_reply_to=(),
        references=(),
        rest=rest,
        slots=slots,
        understanding=understanding,
    )


def _completed(request: Request, missing: list[str], reading: Reading) -> Request | None:
    kept = parked(request, missing)
    assert kept is not None
    return completed_by(json.loads(json.dumps(kept)), reading)


def _understood(*requests: Request) -> Understanding:
    return Understanding(requests=requests)


def _dollars(*amounts: str) -> Slots:
    return Slots(amounts=tuple(Money.of(amount) for amount in amounts))


def test_every_fact_we_wait_for_is_a_slot() -> None:
    assert set(ASKED_SLOTS.values()) <= set(Slots.__dataclass_fields__)


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param([], id="nothing is missing"),
        pytest.param(["deduction_change"], id="no single slot answers it"),
        pytest.param(["amount", "once_or_monthly"], id="one of two"),
        pytest.param(["not_an_order"], id="the wish itself is in question"),
    ],
)
def test_what_no_detail_can_answer_is_not_waited_for(missing: list[str]) -> None:
    assert parked(Request(BUY), missing) is None


CHECK = (PaymentMethod.CHECK,)


@pytest.mark.parametrize(
    ("before", "missing", "reading", "after"),
    [
        pytest.param(Slots(), ["amount"], _reading("$500", _dollars("500")), _dollars("500"), id="the amount"),
        pytest.param(
            Slots(payment_methods=CHECK),
            ["amount"],
            _reading("$500", _dollars("500")),
            Slots(amounts=(Money.of("500"),), payment_methods=CHECK),
            id="what was said before stays",
        ),
        pytest.param(
            _dollars("500", "600"),
            ["amount"],
            _reading("The second, $600", _dollars("600")),
            _dollars("600"),
            id="one of two amounts",
        ),
        pytest.param(
            Slots(shares=(Shares.of("500"),)),
            ["amount"],
            _reading("$500", _dollars("500")),
            _dollars("500"),
            id="dollars in place of shares",
        ),
        pytest.param(
            Slots(),
            ["amount", "payment_method"],
            _reading("$500", _dollars("500")),
            _dollars("500"),
            id="one fact of two",
        ),
        pytest.param(
            Slots(), ["shares"], _reading("all", Slots(shares=(Portion.ALL,))), Slots(shares=(Portion.ALL,)), id="all"
        ),
        pytest.param(
            _dollars("500"),
            ["account"],
            _reading("the one ending 0001"),
            Slots(amounts=(Money.of("500"),), accounts=("0001",)),
            id="the last four of an account",
        ),
        pytest.param(
            Slots(), ["account"], _reading("CST-10010 please"), Slots(accounts=("CST-10010",)), id="a whole account"
        ),
        pytest.param(
            Slots(accounts=("9999",)),
            ["account"],
            _reading("account 10010", Slots(accounts=("10010",))),
            Slots(accounts=("10010",)),
            id="another account than the one we did not know",
        ),
    ],
)
def test_a_fact_completes_the_request(before: Slots, missing: list[str], reading: Reading, after: Slots) -> None:
    assert _completed(Request(BUY, before), missing, reading) == Request(BUY, after)


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(_reading("I will think about it"), id="no fact"),
        pytest.param(_reading(""), id="nothing"),
        pytest.param(_reading("account 4821", Slots(accounts=("4821",))), id="another fact"),
        pytest.param(
            _reading(
                "Please sell shares worth $500 from my plan account",
                _dollars("500"),
                _understood(Request(SELL, _dollars("500"))),
            ),
            id="another request",
        ),
    ],
)
def test_a_message_about_something_else_leaves_the_request_incomplete(reading: Reading) -> None:
    assert _completed(Request(BUY), ["amount"], reading) is None


@pytest.mark.parametrize(
    ("rest", "understanding"),
    [
        pytest.param("$500", _understood(Request(SELL)), id="so short that it can only be the answer"),
        pytest.param(
            "Thank you for asking, I would like it to be $500 then",
            _understood(Request(BUY), Request(Intent("thanks"))),
            id="the same request with thanks",
        ),
        pytest.param("it should be five hundred dollars this time please", UNREAD, id="no request can be read in it"),
    ],
)
def test_the_answer_counts_however_its_words_are_read(rest: str, understanding: Understanding) -> None:
    completed = _completed(Request(BUY), ["amount"], _reading(rest, _dollars("500"), understanding))
    assert completed == Request(BUY, _dollars("500"))


def test_cautions_and_topics_of_both_messages_count() -> None:
    waiting = Request(BUY, topics=frozenset({"acknowledge"}), cautions=frozenset({Caution.PAST}))
    answer = Request(BUY, topics=frozenset({"pay:card"}), cautions=frozenset({Caution.CONDITIONAL}))
    completed = _completed(
        waiting, ["amount"], _reading("$500 by card if it falls", _dollars("500"), _understood(answer))
    )
    assert completed is not None
    assert completed.topics == {"acknowledge", "pay:card"}
    assert completed.cautions == {Caution.PAST, Caution.CONDITIONAL}


def test_a_long_line_of_hyphens_is_searched_in_no_time() -> None:
    assert _completed(Request(BUY), ["account"], _reading("-" * 200_000)) is None
