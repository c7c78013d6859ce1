"""The handlers that tell, point, hand over or keep silent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.contract import (
    Caution,
    Completed,
    Ignored,
    NeedsInfo,
    Outcome,
    Referral,
    Referred,
    Refused,
    RequestTermination,
)
from handlers.decide import decide
from handlers.plan.accounts import AccountStatus, Hold, RegistrationKind
from handlers.plan.money import Shares
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateEntry, StateList, StateStatus
from handlers.plan_info import OVERVIEW, TOPICS
from tests.specimens import NOW, account, bare, deduction, purchase, registration, request, sale, snapshot, states

SECOND = registration(id="reg-2", account_number="A100-0007777")
TOLD = Completed(personal=True)


def reply(outcome: Outcome) -> Any:
    assert isinstance(outcome, Completed), outcome
    return outcome.reply


class TestBalance:
    def test_it_counts_what_can_be_sold_apart(self) -> None:
        outcome = decide(request("balance"), snapshot(orders=[sale()]))
        assert bare(outcome) == TOLD
        (holding,) = reply(outcome)["holdings"]
        assert holding["registration"] == registration()
        assert holding["settled"] == Shares.of("150.5")
        assert holding["sellable"] == Shares.of("110.5")

    @pytest.mark.parametrize(
        ("accounts", "told"),
        [
            pytest.param([], ["reg-ana", "reg-2"], id="all where none is named"),
            pytest.param(["7777"], ["reg-2"], id="the one named"),
        ],
    )
    def test_it_tells_of_the_accounts_meant(self, accounts: list[str], told: list[str]) -> None:
        outcome = decide(request("balance", accounts=accounts), snapshot(registrations=[registration(), SECOND]))
        assert [holding["registration"].id for holding in reply(outcome)["holdings"]] == told

    @pytest.mark.parametrize(
        ("held", "accounts", "outcome"),
        [
            pytest.param([], [], Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger"),
            pytest.param([registration()], ["9999"], NeedsInfo(("account",)), id="somebody else's account"),
            pytest.param(
                [registration(), registration(id="x", holds=frozenset({Hold.DECEASED}))],
                [],
                Referred(Referral.DEATH),
                id="nothing is told when a holder has died",
            ),
            pytest.param([registration(holds=frozenset({Hold.LEGAL}))], [], TOLD, id="a legal hold hides nothing"),
            pytest.param([registration(account=None)], [], TOLD, id="not enrolled"),
            pytest.param([registration(kind=RegistrationKind.TRUST)], [], TOLD, id="a trust's own count"),
        ],
    )
    def test_who_is_told(self, held: list[Any], accounts: list[str], outcome: Outcome) -> None:
        assert bare(decide(request("balance", accounts=accounts), snapshot(registrations=held))) == outcome

    def test_it_never_tells_a_value(self) -> None:
        facts = reply(decide(request("balance", topics=["price"]), snapshot()))
        assert facts.keys() == {"request", "coming", "terms", "holdings"}


class TestOrderStatus:
    def test_only_the_senders_own_orders_are_told(self) -> None:
        known = snapshot(orders=[purchase(), sale(), purchase(id="P-9", registration_id="reg-elsewhere")])
        rows = reply(decide(request("order_status"), known))["rows"]
        assert [row["order"].id for row in rows] == ["P-00001", "S-00001"]
        assert [row["account"] for row in rows] == ["****4821", "****4821"]

    def test_the_order_named_is_told_and_the_unknown_one_named(self) -> None:
        known = snapshot(orders=[purchase(), purchase(id="P-9", registration_id="reg-elsewhere")])
        facts = reply(decide(request("order_status", order_ids=["p-00001", "P-9"]), known))
        assert [row["order"].id for row in facts["rows"]] == ["P-00001"]
        assert facts["unknown"] == ("P-9",)

    def test_an_order_can_be_cancelled_while_it_is_open(self) -> None:
        known = snapshot(orders=[purchase()])
        (row,) = reply(decide(request("order_status"), known))["rows"]
        assert row["can_cancel"] is True

    @pytest.mark.parametrize(
        ("held", "accounts", "outcome"),
        [
            pytest.param([], [], Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger"),
            pytest.param([registration()], ["9999"], NeedsInfo(("account",)), id="somebody else's account"),
            pytest.param([registration(holds=frozenset({Hold.DECEASED}))], [], Referred(Referral.DEATH), id="a death"),
        ],
    )
    def test_who_is_told(self, held: list[Any], accounts: list[str], outcome: Outcome) -> None:
        assert bare(decide(request("order_status", accounts=accounts), snapshot(registrations=held))) == outcome


class TestEligibleStates:
    @pytest.mark.parametrize(
        ("codes", "is_open", "closed"),
        [
            pytest.param(["NJ"], ("NJ",), (), id="open"),
            pytest.param(["OH"], (), ("OH",), id="closed"),
            pytest.param(["NJ", "OH", "NJ"], ("NJ",), ("OH",), id="both, one named twice"),
            pytest.param([], ("MI", "NJ"), ("OH",), id="none named: all that are recorded"),
        ],
    )
    def test_what_is_recorded_is_told(
        self, codes: list[str], is_open: tuple[str, ...], closed: tuple[str, ...]
    ) -> None:
        outcome = decide(request("eligible_states", states=codes), snapshot(registrations=()))
        assert bare(outcome) == Completed()
        assert reply(outcome)["open"] == is_open
        assert reply(outcome)["closed"] == closed

    @pytest.mark.parametrize(
        ("codes", "listed"),
        [
            pytest.param(["TX"], states(), id="never recorded"),
            pytest.param(["NJ", "TX"], states(), id="one of two never recorded"),
            pytest.param(["NJ"], states(NJ=StateStatus.UNKNOWN), id="recorded as unknown"),
            pytest.param([], StateList(), id="nothing recorded at all"),
        ],
    )
    def test_what_is_unknown_goes_to_a_person(self, codes: list[str], listed: StateList) -> None:
        outcome = decide(request("eligible_states", states=codes), snapshot(state_list=listed))
        assert bare(outcome) == Referred(Referral.STATE_UNKNOWN)

    def test_what_is_known_is_told_beside_what_is_not(self) -> None:
        outcome = decide(request("eligible_states", states=["TX", "NJ", "OH"]), snapshot(registrations=()))
        assert isinstance(outcome, Referred)
        assert outcome.reply["unknown_states"] == ("TX",)
        assert outcome.reply["states"] == {"NJ": StateStatus.OPEN, "OH": StateStatus.CLOSED}

    def test_a_change_counts_from_its_day(self) -> None:
        tomorrow = StateEntry("NJ", StateStatus.CLOSED, NOW.date() + timedelta(days=1))
        listed = StateList((*states().entries, tomorrow))
        asked = request("eligible_states", states=["NJ"])
        assert reply(decide(asked, snapshot(state_list=listed)))["open"] == ("NJ",)
        later = snapshot(now=NOW + timedelta(days=1), state_list=listed)
        assert reply(decide(asked, later))["closed"] == ("NJ",)


class TestWithdraw:
    @pytest.mark.parametrize(
        ("changes", "outcome"),
        [
            pytest.param({}, Completed((RequestTermination("reg-ana"),), personal=True), id="a participant"),
            pytest.param(
                {"state": "OH"}, Completed((RequestTermination("reg-ana"),), personal=True), id="closed state"
            ),
            pytest.param(
                {"account": account(status=AccountStatus.SUSPENDED)},
                Completed((RequestTermination("reg-ana"),), personal=True),
                id="suspended",
            ),
            pytest.param(
                {"kind": RegistrationKind.JOINT},
                Completed((RequestTermination("reg-ana"),), personal=True),
                id="joint: leaving is no sale",
            ),
            pytest.param({"account": None}, Refused((Refusal.NOT_ENROLLED,)), id="not enrolled"),
            pytest.param(
                {"account": account(status=AccountStatus.TERMINATION_REQUESTED)},
                Refused((Refusal.TERMINATION_UNDER_WAY,)),
                id="leaving already",
            ),
            pytest.param({"holds": frozenset({Hold.LEGAL})}, Refused((Refusal.ACCOUNT_ON_HOLD,)), id="legal hold"),
            pytest.param({"kind": RegistrationKind.TRUST}, Referred(Referral.REGISTRATION_KIND), id="trust"),
            pytest.param({"country": "CA"}, Referred(Referral.NON_US), id="abroad"),
        ],
    )
    def test_who_may_leave(self, changes: dict[str, Any], outcome: Outcome) -> None:
        assert bare(decide(request("withdraw"), snapshot(registrations=[registration(**changes)]))) == outcome

    def test_the_letter_names_what_ends_with_it(self) -> None:
        held = registration(account=account(deduction=deduction()))
        elsewhere = purchase(id="P-9", registration_id="reg-2")
        known = snapshot(registrations=[held], orders=[purchase(), sale(), elsewhere])
        facts = reply(decide(request("withdraw"), known))
        assert facts["purchases"] == (purchase(),)
        assert facts["sales"] == (sale(),)
        assert facts["deduction"] == deduction()

    def test_no_request_is_kept_for_later(self) -> None:
        outcome = decide(request("withdraw", effective_dates=["2004-01"]), snapshot())
        assert bare(outcome) == NeedsInfo(("from_now",))


@pytest.mark.parametrize(
    ("intent", "topics", "facts"),
    [
        pytest.param(
            "documents", [], {"kinds": ("prospectus", "forms"), "by_post": False, "acknowledge": True}, id="any"
        ),
        pytest.param(
            "documents",
            ["statement"],
            {"kinds": ("statement",), "by_post": False, "acknowledge": False},
            id="statement",
        ),
        pytest.param(
            "documents",
            ["tax_form", "by_post"],
            {"kinds": ("tax_form",), "by_post": True, "acknowledge": False},
            id="tax form by post",
        ),
        pytest.param(
            "documents",
            ["forms", "acknowledge"],
            {"kinds": ("forms",), "by_post": False, "acknowledge": True},
            id="how to acknowledge",
        ),
        pytest.param(
            "documents",
            ["on_paper", "prospectus"],
            {"kinds": ("prospectus",), "by_post": True},
            id="a stranger's prospectus on paper",
        ),
        pytest.param("documents", ["tax_form", "forms"], {"kinds": ("tax_form",)}, id="a tax form is no form of ours"),
        pytest.param(
            "documents",
            ["statement", "forms", "prospectus"],
            {"kinds": ("prospectus", "statement")},
            id="a statement form is no form of ours",
        ),
        pytest.param("plan_info", [], {"topics": OVERVIEW}, id="the plan in short"),
        pytest.param("plan_info", ["price", "limits"], {"topics": ("limits", "price")}, id="two topics in order"),
        pytest.param("plan_info", ["pay:card"], {"topics": ("payment",)}, id="may I pay by card"),
        pytest.param("plan_info", ["weather"], {"topics": OVERVIEW}, id="a topic that nobody knows"),
        pytest.param("transfer_shares", ["gift"], {"kinds": ("gift",)}, id="a gift"),
        pytest.param(
            "transfer_shares",
            [],
            {"kinds": ("street_name", "gift", "certificate", "re_registration", "to_broker")},
            id="any transfer",
        ),
        pytest.param("update_account", ["email", "address"], {"details": ("address", "email")}, id="two details"),
        pytest.param("update_account", [], {"details": ("address", "email", "phone", "name")}, id="any detail"),
        pytest.param("out_of_scope", ["press"], {"pointers": ("press",)}, id="the press"),
    ],
)
def test_general_answers_need_no_registration(intent: str, topics: list[str], facts: dict[str, Any]) -> None:
    outcome = decide(request(intent, topics=topics), snapshot(registrations=()))
    assert bare(outcome) == Completed()
    told = reply(outcome)
    assert {name: told[name] for name in facts} == facts


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_the_plan_is_explained_alone(topic: str) -> None:
    assert reply(decide(request("plan_info", topics=[topic]), snapshot()))["topics"] == (topic,)


@pytest.mark.parametrize(
    ("intent", "topics", "cautions", "outcome"),
    [
        pytest.param("complaint", [], [], Referred(Referral.COMPLAINT), id="a complaint"),
        pytest.param("complaint", [], [Caution.THIRD_PARTY], Referred(Referral.COMPLAINT), id="about somebody else"),
        pytest.param("human", [], [], Referred(Referral.ASKED_FOR_A_PERSON), id="a person is wanted"),
        pytest.param("investment_advice", ["advice"], [], Refused((Refusal.NO_ADVICE,)), id="advice"),
        pytest.param("investment_advice", ["prediction"], [], Refused((Refusal.NO_ADVICE,)), id="a prediction"),
        pytest.param(
            "investment_advice",
            ["advice", "undisclosed"],
            [],
            Referred(Referral.UNDISCLOSED_FACTS),
            id="undisclosed facts",
        ),
        pytest.param("update_account", ["bank"], [], Referred(Referral.BANK_CHANGE), id="a new bank"),
        pytest.param("update_account", ["bank", "address"], [], Referred(Referral.BANK_CHANGE), id="bank and address"),
        pytest.param(
            "transfer_shares",
            ["estate"],
            [],
            Referred(Referral.DEATH),
            id="an estate",
        ),
        pytest.param("documents", ["on_paper"], [], Referred(Referral.PAPER_COPY), id="everything on paper"),
        pytest.param("documents", ["on_paper", "forms"], [], Referred(Referral.PAPER_COPY), id="the forms on paper"),
        pytest.param("documents", ["on_paper", "statement"], [], Completed(), id="a statement on paper is the agent's"),
        pytest.param(
            "documents", ["by_post", "prospectus"], [], Completed(), id="the prospectus, sent by whatever way"
        ),
        pytest.param("transfer_shares", ["gift"], [Caution.THIRD_PARTY], Completed(), id="a gift names another"),
        pytest.param(
            "transfer_shares", [], [Caution.THIRD_PARTY], Referred(Referral.THIRD_PARTY), id="out of another's account"
        ),
        pytest.param("thanks", [], [], Ignored("courtesy"), id="thanks"),
        pytest.param("out_of_scope", [], [], Referred(Referral.NOT_UNDERSTOOD), id="nobody knows what"),
        pytest.param("out_of_scope", ["automatic"], [], Ignored("automatic"), id="an automatic reply"),
        pytest.param("out_of_scope", ["bounce", "patient"], [], Ignored("bounce"), id="a bounce that quotes a patient"),
        pytest.param("out_of_scope", ["spam"], [], Ignored("spam"), id="spam"),
        pytest.param("out_of_scope", ["vendor"], [], Ignored("vendor"), id="a vendor"),
    ],
)
def test_where_the_rest_goes(intent: str, topics: list[str], cautions: list[Caution], outcome: Outcome) -> None:
    assert bare(decide(request(intent, topics=topics, cautions=cautions), snapshot())) == outcome


def test_nothing_ever_says_a_price() -> None:
    facts = reply(decide(request("plan_info", topics=["price"]), snapshot()))
    month = facts["coming"][0]
    assert month.pricing_days == (date(2003, 11, 13), date(2003, 11, 14), date(2003, 11, 17))
    assert "price" not in facts
