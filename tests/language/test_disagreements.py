"""What leaves open which of two things is meant, and what only looks like it."""

from __future__ import annotations

import pytest

from bot.language.disagreements import disagrees
from bot.language.readings import read
from bot.language.requests import request_for
from bot.language.side_by_side import reconciled
from handlers.contract import Caution

OPEN = [
    ("sell", "sell down to 500 shares"),
    ("sell", "Sell so that I am left with exactly 1,000 shares."),
    ("sell", "unload something like two hundred shares, exact number doesnt trouble me"),
    ("sell", "I hereby instruct the plan to sell ______ shares"),
    ("sell", "sell 300 Lucent at the market"),
    ("sell", "want to sell 1998 buicks"),
    ("sell", "redeem 50 shares of my growth and income fund"),
    ("sell", "They're at Schwab in my brokerage account"),
    ("sell", "SeLL 1oo ShArEs"),
    ("sell", "Too many zeros below! I wanted 300 sold."),
    ("buy", "$1,000 in twenties is coming to you, buy me stock with it"),
    ("buy", "put in $3,750 altogether over 9 purchases"),
    ("buy", "Buy $1,000. No, $300 is plenty."),
    ("buy", "invest $500; the check I mailed is for $600"),
    ("recurring", "stop taking the $39, I left your Washtenaw Avenue club"),
    ("recurring", "stop her monthly infusion"),
    ("recurring", "wrong amount on my form: $250 monthly"),
    ("recurring", "I want to go on with the debits, at $500 a month"),
    ("withdraw", "take me off the mailing list"),
    ("withdraw", "get me out of the december purchase"),
    ("withdraw", "Wild horses couldn't drag me out of the plan"),
    ("withdraw", "terminate my debits.. no too final"),
    ("cancel_order", "cancel one of my 2 orders"),
    ("cancel_order", "Cancel it and do nine hundred dollars in its stead"),
    ("cancel_order", "I do NOT want mine cancelled"),
    ("cancel_order", "cancel my order.. actually theres no order is there. i meant cancel ME"),
    ("cancel_order", "I wrote to take back my order. Is it canceled already?"),
    ("cancel_order", "withdraw me from this month's purchase only"),
    ("cancel_order", "cancel the 300, want 400"),
    ("sell", "stop selling my shares!!"),
    ("buy", "borrow against my shares and buy $2000 more"),
    ("recurring", "keep buying $300 every month until I hit 5000 shares"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in OPEN])
def test_what_leaves_the_act_open_is_seen(intent: str, text: str) -> None:
    assert disagrees(text, intent)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("sell", "sell 12.375 sh to even me out", id="a remainder"),
        pytest.param("sell", "the decision is mine. Sell 120.\n\nLester Quill", id="a signature after the number"),
        pytest.param("sell", "5,000 shares, one batch a month, fine by me", id="a batch a month"),
        pytest.param("sell", "Do you know what pads cost? Let go of 700 shares.", id="do you know what"),
        pytest.param("buy", "devote $310 of mine to the coming purchase", id="of mine"),
        pytest.param("buy", "this is a different animal altogether, put me down for $500", id="altogether, of no sum"),
        pytest.param(
            "sell", "The home costs $3,000 a month. Sell 200 shares.", id="a cost by the month, not of the sale"
        ),
        pytest.param("sell", "the generator died twice, sell 200", id="twice, of no sale"),
        pytest.param("sell", "Sell half. You know what, sell the lot.", id="thought better in the same breath"),
        pytest.param("recurring", "insured until June. Stop the withdrawals.", id="until June, of no deduction"),
        pytest.param("withdraw", "Next time $400 again. Take me out of the plan now.", id="next time, of a purchase"),
        pytest.param("withdraw", "opt me out of the direct purchase program", id="the purchase program"),
    ],
)
def test_plain_acts_are_not_open(intent: str, text: str) -> None:
    assert not disagrees(text, intent)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("sell", "Sell 120 shares and give the other 80 to my niece Carla.", id="a gift beside a sale"),
        pytest.param("sell", "Sell one half of it, and lower the bank draft to $275", id="a deduction beside a sale"),
        pytest.param("buy", "- 100 shares to be sold\n- $500 to be invested", id="a sale beside a purchase"),
        pytest.param(
            "recurring", "change my auto draft to 800 a month. i want a phone call from a rep", id="a person wanted"
        ),
        pytest.param("withdraw", "I quit this plan. I demand compensation.", id="a grievance beside leaving"),
    ],
)
def test_half_of_what_is_asked_is_doubted(intent: str, text: str) -> None:
    (request,) = reconciled((request_for(intent, read(text), 1.0),), text, {})
    assert Caution.DISAGREEMENT in request.cautions


@pytest.mark.parametrize(
    ("text", "is_doubted"),
    [
        pytest.param("change my bank to routing 072000326 and raise the deduction to $500", True, id="a bank"),
        pytest.param("my new phone is 419-555-0171 and raise the deduction to $500", False, id="a telephone"),
    ],
)
def test_a_deduction_from_a_bank_that_is_just_changed_is_doubted(text: str, is_doubted: bool) -> None:
    requests = tuple(request_for(intent, read(text), 1.0) for intent in ("update_account", "recurring"))
    found = {str(request.intent): request.cautions for request in reconciled(requests, text, {})}
    assert (Caution.DISAGREEMENT in found["recurring"]) is is_doubted


def test_what_the_deduction_does_is_no_other_purchase() -> None:
    text = "Please draw $275 from my bank each month and put it into Aastrom."
    (request,) = reconciled((request_for("recurring", read(text), 1.0),), text, {})
    assert request.cautions == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("pull $350 from my checking by auto deduction and buy stock", id="paid by deduction"),
        pytest.param("I am going to mail a check. Buy $300 of stock.", id="going to"),
        pytest.param("My dog gets taken to the vet. Put me down for $300 of stock.", id="taken, of no money"),
    ],
)
def test_a_purchase_that_only_mentions_deductions_is_one(text: str) -> None:
    assert Caution.DISAGREEMENT not in request_for("buy", read(text), 1.0).cautions


@pytest.mark.parametrize(
    ("text", "intents", "kept"),
    [
        pytest.param(
            "Don't close my account. Just stop the monthly debits.",
            ("withdraw", "recurring"),
            ["recurring"],
            id="denied",
        ),
        pytest.param(
            "You stopped my debit, which is lovely. Take me out of the plan.",
            ("recurring", "withdraw"),
            ["withdraw"],
            id="only told",
        ),
        pytest.param(
            "Don't sell my shares. Cancel the order.",
            ("sell", "cancel_order"),
            ["sell", "cancel_order"],
            id="cancelled",
        ),
    ],
)
def test_what_is_denied_beside_another_request_is_dropped(text: str, intents: tuple[str, ...], kept: list[str]) -> None:
    requests = [request_for(intent, read(text), 1.0) for intent in intents]
    assert [str(one.intent) for one in reconciled(requests, text, {})] == kept


@pytest.mark.parametrize(
    ("text", "intents", "doubted"),
    [
        pytest.param(
            "I need $2,000 for the dentist. Sell enough of my shares.",
            ("buy", "sell"),
            {"buy", "sell"},
            id="a need, no purchase",
        ),
        pytest.param(
            "Sell 200 shares, but only if it hits $3, then close my account.",
            ("sell", "withdraw"),
            {"sell", "withdraw"},
            id="leaving after a sale that hangs on a price",
        ),
        pytest.param(
            "Close my account and have a certificate issued.", ("withdraw",), {"withdraw"}, id="a certificate"
        ),
        pytest.param(
            "$260 of stock for me. does your cell treatment take volunteers?",
            ("buy",),
            {"buy"},
            id="a patient's question",
        ),
        pytest.param(
            "I am NOT asking you to sell a share. Cancel the sale.",
            ("cancel_order",),
            {"cancel_order"},
            id="never asked",
        ),
        pytest.param(
            "Drop my purchase order 41187, and sell 150 shares.",
            ("cancel_order", "sell"),
            set(),
            id="another kind of order",
        ),
        pytest.param(
            "Cancel my sale of 200, and sell 150 shares.",
            ("cancel_order", "sell"),
            {"cancel_order", "sell"},
            id="perhaps a replacement",
        ),
    ],
)
def test_what_stands_beside_a_request_may_leave_it_open(text: str, intents: tuple[str, ...], doubted: set[str]) -> None:
    requests = reconciled([request_for(intent, read(text), 1.0) for intent in intents], text, {})
    assert {str(one.intent) for one in requests if one.cautions} == doubted


def test_who_also_wants_to_join_and_was_not_heard_is_asked() -> None:
    text = "I would like to join, and to have $300 monthly taken from my bank account."
    request = request_for("recurring", read(text), 0.9)
    assert not request.cautions
    (sure,), (doubted,) = (reconciled([request], text, {"enroll": chance}) for chance in (0.01, 0.2))
    assert not sure.cautions
    assert doubted.cautions == {Caution.DISAGREEMENT}
