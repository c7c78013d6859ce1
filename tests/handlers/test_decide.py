"""What stops a request whatever it asks: cautions, and topics that mean the same for several intents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handlers.contract import (
    Assurance,
    Caution,
    Completed,
    Ignored,
    Intent,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Refused,
    ReportDeath,
    Request,
)
from handlers.decide import CAUTION_QUESTIONS, decide, referral_facts
from handlers.plan.accounts import Hold, RegistrationKind
from handlers.plan.refusals import Refusal, in_precedence
from handlers.registry import all_handlers, handler_for
from tests.specimens import CUT_OFF, EASTERN, NOW, bare, registration, request, snapshot

LABELS = {
    "enroll", "buy", "sell", "balance", "eligible_states", "recurring", "cancel_order", "order_status",
    "transfer_shares", "withdraw", "update_account", "documents", "plan_info", "complaint", "human",
    "investment_advice", "out_of_scope", "thanks",
}  # fmt: skip
CONSEQUENTIAL = {"enroll", "buy", "sell", "recurring", "cancel_order", "withdraw", "acknowledge"}
PERSONAL = {"balance", "order_status"}

FREEZING = (ReportDeath("ana@example.org"),)
"""What a message from Ana that tells of a death leads to."""

each_consequential = pytest.mark.parametrize("intent", sorted(CONSEQUENTIAL))
each_other = pytest.mark.parametrize("intent", sorted(LABELS - CONSEQUENTIAL))


def good(intent: str) -> Request:
    """A request for `intent` that would go through."""
    amounts = {"buy": ["500"], "recurring": ["500"]}.get(intent, [])
    return request(intent, amounts=amounts, shares=["5"] if intent == "sell" else [])


def test_every_label_has_its_handler() -> None:
    found = all_handlers()
    assert {handler.label or intent for intent, handler in found.items()} == LABELS
    assert found.keys() - LABELS == {"acknowledge"}
    assert found[Intent("acknowledge")].label == "documents"


@pytest.mark.parametrize("intent", sorted([*LABELS, "acknowledge"]))
def test_what_an_intent_requires(intent: str) -> None:
    handler = handler_for(Intent(intent))
    assert handler.consequential is (intent in CONSEQUENTIAL)
    confirmed = intent in CONSEQUENTIAL | PERSONAL
    expected = Assurance.CONFIRMED if confirmed else Assurance.ANONYMOUS
    assert handler.requires is (Assurance.OUT_OF_BAND if intent in ("sell", "withdraw") else expected)
    assert handler.title
    assert handler.title[0].islower()
    assert not handler.title.endswith(".")


@pytest.mark.parametrize("caution", list(Caution), ids=lambda caution: caution.name.lower())
@each_consequential
def test_every_caution_stops_what_is_consequential(intent: str, caution: Caution) -> None:
    outcome = decide(replace(good(intent), cautions=frozenset({caution})), snapshot())
    expected: Outcome
    match caution:
        case Caution.DECEASED:
            expected = Referred(Referral.DEATH, effects=FREEZING)
        case Caution.THIRD_PARTY:
            expected = Referred(Referral.THIRD_PARTY)
        case Caution.CONDITIONAL:
            plain = decide(good(intent), snapshot())
            others = plain.refusals if isinstance(plain, Refused) else ()
            expected = Refused(in_precedence((Refusal.CONDITIONAL_ORDER, *others)))
        case Caution.UNLIKELY:  # what is refused, or lacks a fact, needs no other question
            plain = bare(decide(good(intent), snapshot()))
            expected = NeedsInfo((CAUTION_QUESTIONS[caution],)) if isinstance(plain, Completed) else plain
        case _:
            expected = NeedsInfo((CAUTION_QUESTIONS[caution],))
    assert bare(outcome) == expected


@pytest.mark.parametrize("caution", list(Caution), ids=lambda caution: caution.name.lower())
@each_other
def test_information_stops_only_for_a_death_or_somebody_elses_figures(intent: str, caution: Caution) -> None:
    asked = good(intent)
    outcome = decide(replace(asked, cautions=frozenset({caution})), snapshot())
    if caution is Caution.DECEASED:
        assert isinstance(outcome, Referred)
        assert outcome.reason is Referral.DEATH
    elif caution is Caution.THIRD_PARTY and intent in {*PERSONAL, "update_account", "transfer_shares"}:
        assert isinstance(outcome, Referred)
        assert outcome.reason is Referral.THIRD_PARTY
    else:
        plain = decide(asked, snapshot())
        assert type(outcome) is type(plain)


@pytest.mark.parametrize(
    "caution", [each for each in Caution if each is not Caution.DECEASED], ids=lambda caution: caution.name.lower()
)
@pytest.mark.parametrize("held", [(), (registration(account=None),)], ids=["a stranger", "a holder"])
def test_a_question_how_to_enroll_is_answered_whatever_it_supposes(held: tuple[Any, ...], caution: Caution) -> None:
    asked = request("enroll", topics=["how"], cautions=[caution])
    assert bare(decide(asked, snapshot(registrations=held))) == Completed()


@pytest.mark.parametrize(
    ("cautions", "outcome"),
    [
        pytest.param(
            [Caution.DISAGREEMENT, Caution.DECEASED],
            Referred(Referral.DEATH, effects=FREEZING),
            id="a death before a disagreement",
        ),
        pytest.param(
            [Caution.CONDITIONAL, Caution.THIRD_PARTY],
            Referred(Referral.THIRD_PARTY),
            id="somebody else before a condition",
        ),
        pytest.param(
            [Caution.NEGATED, Caution.CONDITIONAL],
            Refused((Refusal.CONDITIONAL_ORDER,)),
            id="a condition before a negation",
        ),
        pytest.param([Caution.PAST, Caution.HYPOTHETICAL], NeedsInfo(("only_supposed",)), id="supposed before past"),
    ],
)
def test_of_several_cautions_the_most_serious_rules(cautions: list[Caution], outcome: Outcome) -> None:
    found = decide(request("sell", shares=["5"], cautions=cautions), snapshot())
    assert bare(found) == outcome


@pytest.mark.parametrize(
    ("asked", "held", "effects"),
    [
        pytest.param(request("balance", cautions=[Caution.DECEASED]), {}, FREEZING, id="a death, from a holder"),
        pytest.param(request("thanks", cautions=[Caution.DECEASED]), {}, FREEZING, id="a death beside thanks"),
        pytest.param(request("transfer_shares", topics=["estate"]), {}, (), id="an estate, of nobody known to be dead"),
        pytest.param(
            request("balance", cautions=[Caution.DECEASED]),
            {"holds": frozenset({Hold.DECEASED})},
            FREEZING,
            id="a death that the transfer agent knows of",
        ),
        pytest.param(request("balance"), {"holds": frozenset({Hold.DECEASED})}, (), id="a question of the dead"),
        pytest.param(
            request("balance"), {"holds": frozenset({Hold.DEATH_REPORTED})}, (), id="a question of the frozen"
        ),
    ],
)
def test_only_a_message_that_tells_of_a_death_freezes(
    asked: Request, held: dict[str, Any], effects: tuple[ReportDeath, ...]
) -> None:
    outcome = decide(asked, snapshot(registrations=[registration(**held)]))
    assert bare(outcome) == Referred(Referral.DEATH, effects=effects)


@pytest.mark.parametrize("intent", ["balance", "sell", "transfer_shares"])
def test_a_stranger_freezes_nothing(intent: str) -> None:
    asked = request(intent, topics=["estate"], cautions=[Caution.DECEASED])
    assert bare(decide(asked, snapshot(registrations=()))) == Referred(Referral.DEATH)


@pytest.mark.parametrize(
    ("asked", "held", "outcome"),
    [
        pytest.param(
            request("buy", amounts=["249.99"], topics=["pay:card", "timed"]),
            {"state": "OH"},
            Refused(
                (
                    Refusal.STATE_CLOSED,
                    Refusal.PAYMENT_METHOD,
                    Refusal.CONDITIONAL_ORDER,
                    Refusal.TIMED_ORDER,
                    Refusal.BELOW_MINIMUM,
                )
            ),
            id="of the account, the message and the amount",
        ),
        pytest.param(
            request("sell", shares=["5000"]),
            {},
            Refused((Refusal.CONDITIONAL_ORDER, Refusal.MORE_THAN_HELD)),
            id="more than held",
        ),
        pytest.param(
            request("buy"),
            {},
            Refused((Refusal.CONDITIONAL_ORDER,)),
            id="what is missing is not asked of what is refused",
        ),
        pytest.param(
            request("cancel_order"),
            {},
            Refused((Refusal.CONDITIONAL_ORDER, Refusal.NO_OPEN_ORDER)),
            id="an order that is not there",
        ),
        pytest.param(
            request("sell", shares=["5"]),
            {"kind": RegistrationKind.JOINT},
            Referred(Referral.JOINT_OWNERS),
            id="a referral outranks it",
        ),
        pytest.param(
            request("buy", amounts=["500"], topics=["non_us"]),
            {},
            Referred(Referral.NON_US),
            id="a topic's referral outranks it",
        ),
    ],
)
def test_a_conditional_order_is_told_every_reason(asked: Request, held: dict[str, Any], outcome: Outcome) -> None:
    found = decide(
        replace(asked, cautions=frozenset({Caution.CONDITIONAL})), snapshot(registrations=[registration(**held)])
    )
    assert bare(found) == outcome


PAYMENT = (Refusal.PAYMENT_METHOD,)


@pytest.mark.parametrize(
    ("intent", "topics", "refusals"),
    [
        *(
            pytest.param("buy", [f"pay:{way}"], PAYMENT, id=f"buy, paid by {way}")
            for way in ("card", "wire", "cash", "money_order", "paypal", "crypto", "other", "foreign_check")
        ),
        pytest.param("recurring", ["pay:card"], PAYMENT, id="each month by card"),
        pytest.param("buy", ["timed"], (Refusal.TIMED_ORDER,), id="buy at a time"),
        pytest.param("sell", ["timed"], (Refusal.TIMED_ORDER,), id="sell at a time"),
        pytest.param("recurring", ["timed"], (Refusal.TIMED_ORDER,), id="deduct at a time"),
        pytest.param("buy", ["timed", "pay:wire"], (*PAYMENT, Refusal.TIMED_ORDER), id="both, in precedence"),
        pytest.param("sell", ["street_name"], (Refusal.STREET_NAME,), id="sell shares at a broker"),
    ],
)
def test_topics_that_refuse(intent: str, topics: list[str], refusals: tuple[Refusal, ...]) -> None:
    outcome = decide(replace(good(intent), topics=frozenset(topics)), snapshot())
    assert isinstance(outcome, Refused)
    assert outcome.refusals == refusals
    assert outcome.reply["refusals"] == refusals


def test_all_reasons_come_in_one_reply() -> None:
    held = registration(state="OH", acknowledged=frozenset())
    asked = request("buy", amounts=["249.99"], topics=["pay:card", "timed"])
    outcome = decide(asked, snapshot(registrations=[held]))
    assert isinstance(outcome, Refused)
    assert outcome.refusals == (
        Refusal.STATE_CLOSED,
        Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,
        Refusal.PAYMENT_METHOD,
        Refusal.TIMED_ORDER,
        Refusal.BELOW_MINIMUM,
    )


@pytest.mark.parametrize(
    ("intent", "topic", "known", "outcome"),
    [
        pytest.param("enroll", "street_name", False, Refused((Refusal.STREET_NAME,)), id="a stranger's broker shares"),
        pytest.param("buy", "street_name", False, Refused((Refusal.STREET_NAME,)), id="a stranger buys at a broker"),
        pytest.param("sell", "street_name", False, Refused((Refusal.STREET_NAME,)), id="a stranger sells at a broker"),
        pytest.param(
            "buy", "not_shareholder", False, Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger's first shares"
        ),
        pytest.param(
            "enroll", "not_shareholder", False, Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger without shares"
        ),
        pytest.param("enroll", "non_us", False, Referred(Referral.NON_US), id="a stranger abroad"),
        pytest.param("eligible_states", "non_us", False, Referred(Referral.NON_US), id="a question from abroad"),
        pytest.param("sell", "non_us", True, Referred(Referral.NON_US), id="a holder abroad sells"),
        pytest.param("buy", "pay:third_party_check", True, Referred(Referral.THIRD_PARTY), id="somebody else's check"),
    ],
)
def test_topics_of_who_and_whose(intent: str, topic: str, known: bool, outcome: Outcome) -> None:
    found = decide(replace(good(intent), topics=frozenset({topic})), snapshot(registrations=None if known else ()))
    assert bare(found) == outcome


@pytest.mark.parametrize("topic", ["street_name", "not_shareholder"])
def test_a_registered_holder_may_have_shares_at_a_broker_too(topic: str) -> None:
    outcome = decide(request("buy", amounts=["500"], topics=[topic]), snapshot())
    assert isinstance(outcome, Completed)
    assert len(outcome.effects) == 1


@pytest.mark.parametrize("topic", ["pay:card", "street_name", "non_us", "timed", "not_shareholder"])
def test_a_question_on_the_same_topic_is_only_answered(topic: str) -> None:
    outcome = decide(request("plan_info", topics=[topic]), snapshot(registrations=()))
    assert isinstance(outcome, Completed)
    assert outcome.effects == ()


@pytest.mark.parametrize("intent", sorted([*LABELS, "acknowledge"]))
def test_the_same_question_gets_the_same_answer_an_hour_later(intent: str) -> None:
    now = decide(good(intent), snapshot())
    later = decide(good(intent), snapshot(now=NOW + timedelta(hours=1)))
    assert type(now) is type(later)
    if isinstance(now, Completed) and isinstance(later, Completed):
        assert now.effects == later.effects
        assert hash(now.effects) == hash(later.effects)


@pytest.mark.parametrize("intent", sorted([*LABELS, "acknowledge"]))
def test_without_a_registration_nothing_is_ever_done_or_told(intent: str) -> None:
    outcome = decide(good(intent), snapshot(registrations=()))
    if isinstance(outcome, Completed):
        assert outcome.effects == ()
        assert not outcome.personal


@pytest.mark.parametrize("intent", sorted([*LABELS, "acknowledge"]))
def test_what_has_effects_or_figures_is_personal_and_requires_a_code(intent: str) -> None:
    outcome = decide(good(intent), snapshot(registrations=[registration(acknowledged=frozenset())]))
    if isinstance(outcome, Completed) and (outcome.effects or outcome.personal):
        assert outcome.personal
        assert handler_for(Intent(intent)).requires >= Assurance.CONFIRMED


def test_an_order_across_the_cut_off_is_another_order() -> None:
    before = decide(good("buy"), snapshot(now=CUT_OFF))
    after = decide(good("buy"), snapshot(now=CUT_OFF + timedelta(seconds=1)))
    assert isinstance(before, Completed)
    assert isinstance(after, Completed)
    assert before.effects != after.effects


def test_every_reply_knows_the_coming_dates_and_the_terms_on_the_first() -> None:
    for intent in sorted(LABELS - {"thanks"}):
        outcome = decide(good(intent), snapshot())
        assert not isinstance(outcome, Ignored)
        dates = [month.purchase_date for month in outcome.reply["coming"]]  # type: ignore[attr-defined]  # months
        assert dates == [date(2003, 11, 19), date(2003, 12, 17), date(2004, 1, 21)]
        assert outcome.reply["request"] == good(intent)


def test_a_referral_names_its_promise_and_the_deadline_at_risk() -> None:
    held = registration(country="CA")
    outcome = decide(good("buy"), snapshot(registrations=[held]))
    assert isinstance(outcome, Referred)
    assert outcome.reply["kind"] is Referral.NON_US
    assert outcome.reply["reply_by"] == date(2003, 11, 7)
    assert outcome.reply["deadline_at_risk"] == CUT_OFF


def test_a_referral_of_what_has_no_deadline_puts_none_at_risk() -> None:
    outcome = decide(good("complaint"), snapshot())
    assert isinstance(outcome, Referred)
    assert outcome.reply["deadline_at_risk"] is None


def test_a_promise_is_counted_in_banking_sessions() -> None:
    friday = snapshot(now=datetime(2003, 11, 7, 18, 0, tzinfo=EASTERN))
    facts = referral_facts(Referral.FAILED, friday)
    assert facts["reply_by"] == date(2003, 11, 12)  # Monday, then Wednesday: banks are closed on Veterans Day


def test_an_intent_without_a_handler_is_a_fault() -> None:
    with pytest.raises(KeyError):
        decide(request("make_coffee"), snapshot())
