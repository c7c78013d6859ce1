"""Recurring: the monthly deduction. It replaces, never adds; stopping it is always allowed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from handlers.contract import (
    Assurance,
    ChangeDeduction,
    Completed,
    DeductionChange,
    Intent,
    NeedsInfo,
    Outcome,
    RecordAcknowledgement,
    Referral,
    Referred,
    Refused,
    Snapshot,
)
from handlers.decide import decide
from handlers.plan.accounts import AccountStatus, Deduction, DeductionStatus, Hold, RegistrationKind
from handlers.plan.orders import PaymentMethod
from handlers.plan.refusals import Refusal
from handlers.registry import handler_for
from tests.specimens import EASTERN, PROSPECTUS, account, bare, deduction, registration, request, snapshot, usd

ACTIVE, PAUSED, PENDING = DeductionStatus.ACTIVE, DeductionStatus.PAUSED, DeductionStatus.PENDING
REVOKED, PRENOTE = DeductionStatus.REVOKED, DeductionStatus.PRENOTE
LIVE = (ACTIVE, PAUSED, PENDING, PRENOTE)


def with_deduction(status: DeductionStatus | None, **changes: Any) -> Snapshot:
    found = account(deduction=deduction("300", status) if status else None)
    return snapshot(registrations=[registration(**{"account": found} | changes)])


def outcome_of(known: Snapshot, topics: Iterable[str] = (), **details: Any) -> Outcome:
    return decide(request("recurring", topics=topics, **details), known)


def changed(change: DeductionChange, amount: str | None = None) -> Outcome:
    return Completed((ChangeDeduction("reg-ana", change, usd(amount) if amount else None),), personal=True)


NOTHING_TO_DO = Completed((), personal=True)
NO_DEDUCTION = Refused((Refusal.NO_DEDUCTION,))


@pytest.mark.parametrize(
    ("status", "topics", "amounts", "outcome"),
    [
        pytest.param(None, ["start"], ["300"], changed(DeductionChange.START, "300"), id="start the first"),
        pytest.param(None, [], ["300"], changed(DeductionChange.START, "300"), id="an amount is a start"),
        pytest.param(REVOKED, ["start"], ["300"], changed(DeductionChange.START, "300"), id="start after a stop"),
        pytest.param(ACTIVE, ["start"], ["400"], changed(DeductionChange.CHANGE, "400"), id="a start replaces"),
        pytest.param(ACTIVE, [], ["400"], changed(DeductionChange.CHANGE, "400"), id="an amount replaces"),
        pytest.param(PENDING, ["start"], ["400"], changed(DeductionChange.CHANGE, "400"), id="replaces a pending one"),
        pytest.param(ACTIVE, ["change"], ["400"], changed(DeductionChange.CHANGE, "400"), id="change"),
        pytest.param(ACTIVE, ["change"], ["300"], NOTHING_TO_DO, id="change to the same amount"),
        pytest.param(None, ["change"], ["400"], NO_DEDUCTION, id="change what is not there"),
        pytest.param(ACTIVE, ["pause"], [], changed(DeductionChange.PAUSE), id="pause"),
        pytest.param(ACTIVE, ["pause"], ["300"], changed(DeductionChange.PAUSE), id="pause my 300"),
        pytest.param(PAUSED, ["pause"], [], NOTHING_TO_DO, id="pause what is paused"),
        pytest.param(None, ["pause"], [], NO_DEDUCTION, id="pause what is not there"),
        pytest.param(PAUSED, ["resume"], [], changed(DeductionChange.RESUME), id="resume"),
        pytest.param(ACTIVE, ["resume"], [], NOTHING_TO_DO, id="resume what runs"),
        pytest.param(PENDING, ["resume"], [], NOTHING_TO_DO, id="resume what waits for its signature"),
        pytest.param(REVOKED, ["resume"], [], NO_DEDUCTION, id="resume what was stopped"),
        pytest.param(ACTIVE, ["stop"], [], changed(DeductionChange.STOP), id="stop"),
        pytest.param(PENDING, ["stop"], [], changed(DeductionChange.STOP), id="stop what waits"),
        pytest.param(REVOKED, ["stop"], [], NO_DEDUCTION, id="stop what was stopped"),
        pytest.param(ACTIVE, [], [], NeedsInfo(("deduction_change",)), id="say nothing"),
        pytest.param(ACTIVE, ["stop", "start"], [], NeedsInfo(("deduction_change",)), id="say two things"),
        pytest.param(None, ["start"], [], NeedsInfo(("amount",)), id="start without an amount"),
        pytest.param(ACTIVE, ["change"], [], NeedsInfo(("amount",)), id="change without an amount"),
        pytest.param(None, ["start"], ["300", "400"], NeedsInfo(("amount",)), id="start with two amounts"),
    ],
)
def test_what_is_made_of_a_request(
    status: DeductionStatus | None, topics: list[str], amounts: list[str], outcome: Outcome
) -> None:
    assert bare(outcome_of(with_deduction(status), topics, amounts=amounts)) == outcome


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("249.99", (Refusal.BELOW_MINIMUM,), id="a cent under"),
        pytest.param("250.00", (), id="exactly the minimum"),
        pytest.param("10000.00", (), id="exactly the maximum"),
        pytest.param("10000.01", (Refusal.ABOVE_MONTHLY_MAXIMUM,), id="a cent over"),
    ],
)
@pytest.mark.parametrize("status", [None, ACTIVE], ids=["start", "change"])
def test_the_limits(status: DeductionStatus | None, amount: str, expected: tuple[Refusal, ...]) -> None:
    outcome = outcome_of(with_deduction(status), amounts=[amount])
    assert (outcome.refusals if isinstance(outcome, Refused) else ()) == expected


@pytest.mark.parametrize(
    ("frequency", "outcome"),
    [
        pytest.param("monthly", changed(DeductionChange.START, "300"), id="monthly"),
        pytest.param("biweekly", Refused((Refusal.ONLY_MONTHLY,)), id="every two weeks"),
        pytest.param("quarterly", Refused((Refusal.ONLY_MONTHLY,)), id="each quarter"),
        pytest.param("once", Refused((Refusal.ONLY_MONTHLY,)), id="once"),
    ],
)
def test_deductions_are_monthly(frequency: str, outcome: Outcome) -> None:
    found = outcome_of(with_deduction(None), ["start"], amounts=["300"], frequencies=[frequency])
    assert bare(found) == outcome


@pytest.mark.parametrize(
    ("changes", "starting", "stopping"),
    [
        pytest.param({"state": "OH"}, Refused((Refusal.STATE_CLOSED,)), True, id="closed state"),
        pytest.param({"state": "TX"}, Referred(Referral.STATE_UNKNOWN), True, id="unknown state"),
        pytest.param(
            {"acknowledged": frozenset()}, Refused((Refusal.PROSPECTUS_NOT_ACKNOWLEDGED,)), True, id="prospectus"
        ),
        pytest.param({"holds": frozenset({Hold.LEGAL})}, Refused((Refusal.ACCOUNT_ON_HOLD,)), True, id="legal hold"),
        pytest.param(
            {"holds": frozenset({Hold.DECEASED})}, Referred(Referral.DEATH), Referral.DEATH, id="a holder has died"
        ),
        pytest.param(
            {"kind": RegistrationKind.TRUST},
            Referred(Referral.REGISTRATION_KIND),
            Referral.REGISTRATION_KIND,
            id="trust",
        ),
        pytest.param({"country": "CA"}, Referred(Referral.NON_US), Referral.NON_US, id="abroad"),
    ],
)
def test_starting_needs_what_a_purchase_needs_and_stopping_does_not(
    changes: dict[str, Any], starting: Outcome, stopping: bool | Referral
) -> None:
    assert bare(outcome_of(with_deduction(None, **changes), ["start"], amounts=["300"])) == starting
    assert bare(outcome_of(with_deduction(PAUSED, **changes), ["resume"])) == starting
    for word, change in (("stop", DeductionChange.STOP), ("pause", DeductionChange.PAUSE)):
        expected = Referred(stopping) if isinstance(stopping, Referral) else changed(change)
        assert bare(outcome_of(with_deduction(ACTIVE, **changes), [word])) == expected


@pytest.mark.parametrize("topic", ["start", "stop", "pause", "resume"])
def test_who_is_not_enrolled_is_told_just_that(topic: str) -> None:
    known = snapshot(registrations=[registration(account=None)])
    assert bare(outcome_of(known, [topic], amounts=["300"])) == Refused((Refusal.NOT_ENROLLED,))


def test_who_is_leaving_cannot_start() -> None:
    leaving = registration(account=account(status=AccountStatus.TERMINATION_REQUESTED))
    outcome = outcome_of(snapshot(registrations=[leaving]), amounts=["300"])
    assert bare(outcome) == Refused((Refusal.TERMINATION_UNDER_WAY,))


def test_an_acknowledgement_in_the_same_message_is_recorded_first() -> None:
    outcome = outcome_of(with_deduction(None, acknowledged=frozenset()), ["start", "acknowledge"], amounts=["300"])
    started = ChangeDeduction("reg-ana", DeductionChange.START, usd("300"))
    assert bare(outcome) == Completed((RecordAcknowledgement("reg-ana", PROSPECTUS), started), personal=True)


@pytest.mark.parametrize(
    ("status", "topics", "details", "missing"),
    [
        pytest.param(None, ["start"], {"payment_methods": [PaymentMethod.CHECK]}, ("payment_method",), id="by check"),
        pytest.param(None, ["start"], {"shares": ["50"]}, ("amount",), id="shares too"),
        pytest.param(ACTIVE, ["change"], {"effective_dates": ["2004-03"]}, ("from_now",), id="change from March"),
        pytest.param(ACTIVE, ["pause"], {"effective_dates": ["--01", "--04"]}, ("from_now",), id="pause for a winter"),
        pytest.param(ACTIVE, ["stop"], {"days_of_month": [1]}, ("from_now",), id="stop on the first"),
    ],
)
def test_what_is_asked(
    status: DeductionStatus | None, topics: list[str], details: dict[str, Any], missing: tuple[str, ...]
) -> None:
    outcome = outcome_of(with_deduction(status), topics, **{"amounts": ["400"]} | details)
    assert bare(outcome) == NeedsInfo(missing)


@pytest.mark.parametrize("named", ["2003-11-05", "2003-11-12", "2003-11", "--11-10"])
def test_what_ends_as_of_a_day_before_the_coming_cut_off_ends_now(named: str) -> None:
    outcome = outcome_of(with_deduction(ACTIVE), ["stop"], effective_dates=[named])
    assert bare(outcome) == changed(DeductionChange.STOP)


@pytest.mark.parametrize("named", ["2003-11-04", "2003-11-13", "2003-12-31", "2004-11"])
def test_what_is_to_end_after_another_purchase_or_in_the_past_is_asked_about(named: str) -> None:
    outcome = outcome_of(with_deduction(ACTIVE), ["stop"], effective_dates=[named])
    assert bare(outcome) == NeedsInfo(("from_now",))


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        pytest.param("2003-11-18", changed(DeductionChange.STOP), id="before the purchase that is under way"),
        pytest.param("2003-12-01", NeedsInfo(("from_now",)), id="after it, and before the next cut-off"),
    ],
)
def test_after_the_cut_off_the_purchase_under_way_still_lies_between(named: str, outcome: Outcome) -> None:
    later = snapshot(
        now=datetime(2003, 11, 14, 10, 0, tzinfo=EASTERN),
        registrations=[registration(account=account(deduction=deduction("300", ACTIVE)))],
    )
    assert bare(outcome_of(later, ["stop"], effective_dates=[named])) == outcome


@pytest.mark.parametrize(
    ("named", "is_told"),
    [("2003-11-12", True), ("2003-11", False), ("--11-10", True), ("--11", False)],
)
def test_that_it_takes_effect_before_the_named_day_is_said_of_a_day_only(named: str, is_told: bool) -> None:
    outcome = outcome_of(with_deduction(ACTIVE), ["stop"], effective_dates=[named])
    assert isinstance(outcome, Completed)
    assert outcome.reply["at_once"] is is_told


def test_a_new_amount_with_a_day_is_taken_and_the_letter_says_what_becomes_of_the_day() -> None:
    outcome = outcome_of(with_deduction(ACTIVE), ["change"], amounts=["400"], days_of_month=[10])
    assert isinstance(outcome, Completed)
    assert outcome.effects == (ChangeDeduction("reg-ana", DeductionChange.CHANGE, usd("400")),)
    assert outcome.reply["day_named"] is True


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"days_of_month": [5]}, id="a day of the month"),
        pytest.param({"effective_dates": ["2004-02"]}, id="a later month"),
    ],
)
def test_a_start_with_a_day_is_taken_and_the_letter_says_what_becomes_of_the_day(details: dict[str, Any]) -> None:
    outcome = outcome_of(with_deduction(None), ["start"], amounts=["300"], **details)
    assert bare(outcome) == changed(DeductionChange.START, "300")
    assert isinstance(outcome, Completed)
    assert outcome.reply["day_named"] is True


@pytest.mark.parametrize("status", LIVE, ids=lambda status: status.name.lower())
def test_a_stop_names_the_month_it_is_in_without_a_question(status: DeductionStatus) -> None:
    outcome = outcome_of(with_deduction(status), ["stop"], effective_dates=["2003-11"])
    assert bare(outcome) == changed(DeductionChange.STOP)


def needed(known: Snapshot, topics: Iterable[str], amounts: Iterable[str]) -> Assurance:
    outcome = outcome_of(known, topics, amounts=amounts)
    assert isinstance(outcome, Completed)
    return handler_for(Intent("recurring")).required(outcome, known)


@pytest.mark.parametrize(
    ("stands", "topics", "amounts", "assurance"),
    [
        pytest.param(None, ["start"], ["5000"], Assurance.CONFIRMED, id="start just what is large"),
        pytest.param(None, ["start"], ["5000.01"], Assurance.OUT_OF_BAND, id="start above it"),
        pytest.param(deduction("300"), ["change"], ["6000"], Assurance.OUT_OF_BAND, id="raise above it"),
        pytest.param(deduction("6000"), ["change"], ["300"], Assurance.CONFIRMED, id="lower from above it"),
        pytest.param(deduction("6000", PAUSED), ["resume"], [], Assurance.OUT_OF_BAND, id="resume one above it"),
        pytest.param(deduction("300", PAUSED), ["resume"], [], Assurance.CONFIRMED, id="resume a small one"),
        pytest.param(deduction("6000"), ["pause"], [], Assurance.CONFIRMED, id="pause one above it"),
        pytest.param(deduction("6000"), ["stop"], [], Assurance.CONFIRMED, id="stop one above it"),
        pytest.param(deduction("6000"), ["resume"], [], Assurance.CONFIRMED, id="what runs already"),
    ],
)
def test_a_large_deduction_needs_more_than_a_code_and_ending_one_does_not(
    stands: Deduction | None, topics: list[str], amounts: list[str], assurance: Assurance
) -> None:
    known = snapshot(registrations=[registration(account=account(deduction=stands))])
    assert needed(known, topics, amounts) is assurance


@pytest.mark.parametrize(
    ("changes", "status", "assurance"),
    [
        pytest.param({}, ACTIVE, Assurance.OUT_OF_BAND, id="of the same taxpayer"),
        pytest.param({}, PAUSED, Assurance.CONFIRMED, id="paused"),
        pytest.param({"taxpayer": "tin-minor"}, ACTIVE, Assurance.CONFIRMED, id="of another taxpayer"),
    ],
)
def test_a_large_deduction_is_large_over_two_accounts_too(
    changes: dict[str, Any], status: DeductionStatus, assurance: Assurance
) -> None:
    second = registration(
        id="reg-2", account_number="A100-0007777", account=account(deduction=deduction("4000", status)), **changes
    )
    known = snapshot(registrations=[registration(), second])
    outcome = outcome_of(known, ["start"], amounts=["2000"], accounts=[registration().account_number[-4:]])
    assert isinstance(outcome, Completed)
    assert handler_for(Intent("recurring")).required(outcome, known) is assurance
