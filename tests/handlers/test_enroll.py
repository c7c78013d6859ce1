"""Enroll and acknowledge: who joins, what is acknowledged, and what a stranger is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from handlers.contract import (
    Completed,
    NeedsInfo,
    OpenAccount,
    Outcome,
    RecordAcknowledgement,
    Referral,
    Referred,
    Refused,
    Snapshot,
)
from handlers.decide import decide
from handlers.plan.accounts import AccountStatus, Hold, RegistrationKind
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateStatus
from tests.specimens import EASTERN, PROSPECTUS, account, bare, registration, request, snapshot

NEW = registration(account=None, acknowledged=frozenset())
ENROLLED = Completed((OpenAccount("reg-ana", PROSPECTUS),), personal=True)
SECOND_VERSION = datetime(2004, 1, 28, 9, 0, tzinfo=EASTERN)


def outcome_of(known: Snapshot, **details: Any) -> Outcome:
    return decide(request("enroll", **details), known)


def new(**changes: Any) -> Snapshot:
    return snapshot(registrations=[registration(**{"account": None, "acknowledged": frozenset()} | changes)])


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({}, ENROLLED, id="a registered holder in an open state"),
        pytest.param({"kind": RegistrationKind.JOINT}, ENROLLED, id="joint owners: any may ask"),
        pytest.param({"kind": RegistrationKind.CUSTODIAL}, ENROLLED, id="a custodian for a minor"),
        pytest.param({"account": account(status=AccountStatus.KIT_SENT)}, ENROLLED, id="has the kit"),
        pytest.param({"account": account(status=AccountStatus.TERMINATED)}, ENROLLED, id="left before, joins again"),
        pytest.param({"account": account()}, Refused((Refusal.ALREADY_ENROLLED,)), id="enrolled already"),
        pytest.param(
            {"account": account(status=AccountStatus.TERMINATION_REQUESTED)},
            Refused((Refusal.TERMINATION_UNDER_WAY,)),
            id="is leaving",
        ),
        pytest.param({"state": "OH"}, Refused((Refusal.STATE_CLOSED,)), id="closed state"),
        pytest.param({"state": "TX"}, Referred(Referral.STATE_UNKNOWN), id="unknown state"),
        pytest.param(
            {"state": "TX", "account": account()},
            Refused((Refusal.ALREADY_ENROLLED,)),
            id="enrolled already, in an unknown state",
        ),
        pytest.param({"country": "CA", "state": ""}, Referred(Referral.NON_US), id="abroad"),
        pytest.param({"kind": RegistrationKind.TRUST}, Referred(Referral.REGISTRATION_KIND), id="trust"),
        pytest.param({"holds": frozenset({Hold.LEGAL})}, Refused((Refusal.ACCOUNT_ON_HOLD,)), id="legal hold"),
        pytest.param({"holds": frozenset({Hold.DECEASED})}, Referred(Referral.DEATH), id="a holder has died"),
        pytest.param(
            {"state": "OH", "holds": frozenset({Hold.LOST})},
            Refused((Refusal.ACCOUNT_ON_HOLD, Refusal.STATE_CLOSED)),
            id="two reasons, in precedence",
        ),
    ],
)
def test_who_may_enroll(changes: dict[str, Any], outcome: Outcome) -> None:
    assert bare(outcome_of(new(**changes))) == outcome


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        pytest.param(["NJ"], ENROLLED, id="the state of record"),
        pytest.param(["MI"], ENROLLED, id="another open state: the state of record decides"),
        pytest.param(["OH"], Refused((Refusal.STATE_CLOSED,)), id="a closed state is where they say they live"),
        pytest.param(["TX"], Referred(Referral.STATE_UNKNOWN), id="an unknown state"),
        pytest.param(["TX", "OH"], Refused((Refusal.STATE_CLOSED,)), id="an unknown and a closed state"),
    ],
)
def test_a_state_that_is_named_as_home_counts_too(named: list[str], outcome: Outcome) -> None:
    assert bare(outcome_of(new(), states=named)) == outcome


def test_a_stranger_gets_the_kit_as_a_general_answer() -> None:
    outcome = outcome_of(snapshot(registrations=()), states=["OH", "TX"])
    assert bare(outcome) == Completed()
    assert isinstance(outcome, Completed)
    assert outcome.reply["states"] == {"OH": StateStatus.CLOSED, "TX": StateStatus.UNKNOWN}
    assert outcome.reply["registration"] is None


@pytest.mark.parametrize("held", [(), (NEW,), (registration(),)], ids=["a stranger", "a holder", "a participant"])
def test_a_question_how_to_enroll_is_only_answered(held: tuple[Any, ...]) -> None:
    assert bare(outcome_of(snapshot(registrations=held), topics=["how"])) == Completed()


def test_the_version_acknowledged_is_the_one_in_force_on_the_day() -> None:
    outcome = outcome_of(snapshot(now=SECOND_VERSION, registrations=[NEW]))
    assert bare(outcome) == Completed((OpenAccount("reg-ana", "2004-01-28"),), personal=True)


def test_of_several_registrations_the_one_not_enrolled_joins() -> None:
    second = registration(id="reg-2", account_number="A100-0007777", account=None)
    opened = Completed((OpenAccount("reg-2", PROSPECTUS),), personal=True)
    assert bare(outcome_of(snapshot(registrations=[registration(), second]))) == opened


def test_of_two_not_enrolled_it_is_asked_which() -> None:
    second = registration(id="reg-2", account_number="A100-0007777", account=None)
    known = snapshot(registrations=[NEW, second])
    assert bare(outcome_of(known)) == NeedsInfo(("account",))
    assert bare(outcome_of(known, accounts=["4821"])) == ENROLLED


def acknowledged(known: Snapshot, **details: Any) -> Outcome:
    return decide(request("acknowledge", **details), known)


RECORDED = RecordAcknowledgement("reg-ana", PROSPECTUS)


@pytest.mark.parametrize(
    ("held", "details", "effects"),
    [
        pytest.param([NEW], {}, (RECORDED,), id="for the only registration"),
        pytest.param([registration()], {}, (), id="acknowledged before"),
        pytest.param(
            [NEW, registration(id="reg-2", account_number="A100-0007777", acknowledged=frozenset({"2002"}))],
            {},
            (RECORDED, RecordAcknowledgement("reg-2", PROSPECTUS)),
            id="for all registrations where none is named",
        ),
        pytest.param(
            [NEW, registration(id="reg-2", account_number="A100-0007777", acknowledged=frozenset())],
            {"accounts": ["7777"]},
            (RecordAcknowledgement("reg-2", PROSPECTUS),),
            id="for the one named",
        ),
        pytest.param([registration(), NEW], {}, (RECORDED,), id="only where it is lacking"),
    ],
)
def test_an_acknowledgement_is_recorded_where_it_is_lacking(
    held: list[Any], details: dict[str, Any], effects: tuple[RecordAcknowledgement, ...]
) -> None:
    outcome = acknowledged(snapshot(registrations=held), **details)
    assert bare(outcome) == Completed(effects, personal=True)
    assert isinstance(outcome, Completed)
    assert outcome.reply["already"] is (not effects)


def test_a_new_version_is_acknowledged_anew() -> None:
    outcome = acknowledged(snapshot(now=SECOND_VERSION))
    assert bare(outcome) == Completed((RecordAcknowledgement("reg-ana", "2004-01-28"),), personal=True)


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        pytest.param([], Refused((Refusal.NOT_A_SHAREHOLDER,)), id="a stranger"),
        pytest.param(
            [registration(holds=frozenset({Hold.DECEASED}))], Referred(Referral.DEATH), id="a holder has died"
        ),
    ],
)
def test_who_cannot_acknowledge(held: list[Any], outcome: Outcome) -> None:
    assert bare(acknowledged(snapshot(registrations=held))) == outcome
