"""Who may take part, and which registration is meant. PLAN "Who may take part", "States", "Street name", holds."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.plan.accounts import AccountStatus, Hold, Registration, RegistrationKind
from handlers.plan.eligibility import (
    check_not_suspended,
    check_participant,
    is_deceased,
    is_for_staff,
    lives_abroad,
    names_account,
    registration_meant,
    state_status,
)
from handlers.plan.enrolment import check_enrolment, has_acknowledged, registration_to_enroll
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateEntry, StateList, StateStatus
from tests.specimens import account, book, registration

ANA = registration()
SON = registration(id="reg-son", account_number="A100-0007777", account=None)
OTHER = registration(id="reg-other", account_number="B200-0004821")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        pytest.param("A100-0004821", True, id="in full"),
        pytest.param("a100 0004821", True, id="in full, written otherwise"),
        pytest.param("A1000004821", True, id="in full, without the dash"),
        pytest.param("4821", True, id="the last four"),
        pytest.param("****4821", True, id="as our letters show it"),
        pytest.param("ending 4821", True, id="ending in"),
        pytest.param("ending in 4821", True, id="ending in, spelled out"),
        pytest.param("xxxx4821", True, id="with crosses"),
        pytest.param("04821", False, id="five digits are neither"),
        pytest.param("821", False, id="three digits are too few"),
        pytest.param("4822", False, id="another four"),
        pytest.param("A100-0004822", False, id="another number"),
        pytest.param("", False, id="nothing"),
        pytest.param("****", False, id="only stars"),
    ],
)
def test_an_account_is_named_in_full_or_by_its_last_four(written: str, names: bool) -> None:
    assert names_account(written, ANA.account_number) is names


def test_a_number_that_begins_with_a_cross_keeps_it() -> None:
    assert names_account("X100-0004821", "X1000004821")
    assert not names_account("X100-0004821", "1000004821")


def test_a_number_of_four_is_not_named_by_half_of_itself() -> None:
    assert names_account("4821", "4821")
    assert not names_account("21", "4821")


@pytest.mark.parametrize(
    ("written", "held", "meant"),
    [
        pytest.param((), (ANA,), ANA, id="the only one"),
        pytest.param((), (SON,), SON, id="the only one, active or not"),
        pytest.param((), (ANA, SON), ANA, id="the only active one"),
        pytest.param((), (ANA, OTHER), None, id="two active: ask"),
        pytest.param((), (SON, registration(id="x", account=None)), None, id="two, none active: ask"),
        pytest.param(("7777",), (ANA, SON), SON, id="the one named, though the other is active"),
        pytest.param(("4821",), (ANA, OTHER), None, id="two end alike: ask"),
        pytest.param(("A100-0004821",), (ANA, OTHER), ANA, id="two end alike, named in full"),
        pytest.param(("9999",), (ANA,), None, id="named, but not the sender's"),
        pytest.param(("4821", "7777"), (ANA, SON), None, id="two named: ask"),
        pytest.param(("4821", "A100-0004821"), (ANA, SON), ANA, id="one named twice"),
        pytest.param((), (), None, id="none held"),
    ],
)
def test_which_registration_is_meant(
    written: tuple[str, ...], held: tuple[Registration, ...], meant: Registration | None
) -> None:
    assert registration_meant(written, held) is meant


@pytest.mark.parametrize(
    ("written", "held", "meant"),
    [
        pytest.param((), (SON,), SON, id="the only one"),
        pytest.param((), (ANA, SON), SON, id="the one that is not enrolled yet"),
        pytest.param((), (ANA,), ANA, id="the only one, enrolled: it will be refused"),
        pytest.param((), (ANA, OTHER), ANA, id="all enrolled: any will be refused"),
        pytest.param((), (SON, registration(id="x", account=None)), None, id="two not enrolled: ask"),
        pytest.param(("4821",), (ANA, SON), ANA, id="the one named"),
        pytest.param((), (), None, id="none held"),
    ],
)
def test_which_registration_is_to_enroll(
    written: tuple[str, ...], held: tuple[Registration, ...], meant: Registration | None
) -> None:
    assert registration_to_enroll(written, held) is meant


LIST = StateList(
    (
        StateEntry("NJ", StateStatus.OPEN, date(2003, 11, 1)),
        StateEntry("OH", StateStatus.OPEN, date(2003, 11, 1)),
        StateEntry("OH", StateStatus.CLOSED, date(2003, 11, 19)),
        StateEntry("PA", StateStatus.CLOSED, date(2003, 11, 1)),
        StateEntry("PA", StateStatus.OPEN, date(2003, 11, 19)),
        StateEntry("TX", StateStatus.OPEN, date(2003, 11, 6)),
    )
)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        pytest.param("NJ", StateStatus.OPEN, id="open on both days"),
        pytest.param("OH", StateStatus.CLOSED, id="open today, closed on the purchase date"),
        pytest.param("PA", StateStatus.CLOSED, id="closed today, open on the purchase date"),
        pytest.param("TX", StateStatus.UNKNOWN, id="unknown today, open on the purchase date"),
        pytest.param("CA", StateStatus.UNKNOWN, id="never recorded"),
        pytest.param("", StateStatus.UNKNOWN, id="no state of record"),
    ],
)
def test_the_state_of_record_counts_on_receipt_and_on_the_purchase_date(state: str, status: StateStatus) -> None:
    days = (date(2003, 11, 5), date(2003, 11, 19))
    assert state_status(registration(state=state), LIST, days) is status


@pytest.mark.parametrize(
    ("status", "refusals", "enrolling"),
    [
        pytest.param(None, (Refusal.NOT_ENROLLED,), (), id="no account"),
        pytest.param(AccountStatus.INQUIRER, (Refusal.NOT_ENROLLED,), (), id="asked once"),
        pytest.param(AccountStatus.KIT_SENT, (Refusal.NOT_ENROLLED,), (), id="has the kit"),
        pytest.param(AccountStatus.FORM_RECEIVED, (Refusal.NOT_ENROLLED,), (), id="sent the form"),
        pytest.param(AccountStatus.NIGO, (Refusal.NOT_ENROLLED,), (), id="form not in good order"),
        pytest.param(AccountStatus.ACTIVE, (), (Refusal.ALREADY_ENROLLED,), id="active"),
        pytest.param(AccountStatus.SUSPENDED, (), (Refusal.ALREADY_ENROLLED,), id="suspended may still sell"),
        pytest.param(
            AccountStatus.TERMINATION_REQUESTED,
            (Refusal.TERMINATION_UNDER_WAY,),
            (Refusal.TERMINATION_UNDER_WAY,),
            id="closing",
        ),
        pytest.param(AccountStatus.TERMINATED, (Refusal.TERMINATION_UNDER_WAY,), (), id="closed may enroll again"),
    ],
)
def test_each_account_status_has_its_answer(
    status: AccountStatus | None, refusals: tuple[Refusal, ...], enrolling: tuple[Refusal, ...]
) -> None:
    found = registration(account=account(status=status) if status else None)
    assert check_participant(found) == refusals
    assert check_enrolment(found, StateStatus.OPEN) == enrolling
    held = registration(account=found.account, holds=frozenset({Hold.LEGAL}))
    assert check_participant(held) == (Refusal.ACCOUNT_ON_HOLD, *refusals)
    assert check_enrolment(held, StateStatus.OPEN) == (Refusal.ACCOUNT_ON_HOLD, *enrolling)


@pytest.mark.parametrize("status", list(AccountStatus), ids=lambda status: status.name.lower())
def test_only_a_suspended_account_is_kept_from_buying_as_suspended(status: AccountStatus) -> None:
    expected = (Refusal.ACCOUNT_ON_HOLD,) if status is AccountStatus.SUSPENDED else ()
    assert check_not_suspended(registration(account=account(status=status))) == expected


@pytest.mark.parametrize("hold", list(Hold), ids=lambda hold: hold.name.lower())
def test_every_hold_stops_a_participant_and_only_death_freezes(hold: Hold) -> None:
    held = registration(holds=frozenset({hold}))
    assert check_participant(held) == (Refusal.ACCOUNT_ON_HOLD,)
    assert is_deceased(held) is (hold in {Hold.DECEASED, Hold.DEATH_REPORTED})


@pytest.mark.parametrize(
    ("status", "refusals"),
    [
        pytest.param(StateStatus.OPEN, (), id="open"),
        pytest.param(StateStatus.CLOSED, (Refusal.STATE_CLOSED,), id="closed"),
        pytest.param(StateStatus.UNKNOWN, (), id="unknown is nobody's refusal: a person decides"),
    ],
)
def test_a_closed_state_keeps_from_enrolling(status: StateStatus, refusals: tuple[Refusal, ...]) -> None:
    assert check_enrolment(registration(account=None), status) == refusals


@pytest.mark.parametrize(
    ("kind", "for_staff"),
    [
        pytest.param(RegistrationKind.INDIVIDUAL, False, id="individual"),
        pytest.param(RegistrationKind.JOINT, False, id="joint: any owner may ask"),
        pytest.param(RegistrationKind.CUSTODIAL, False, id="the custodian acts for the minor"),
        pytest.param(RegistrationKind.TRUST, True, id="trust"),
        pytest.param(RegistrationKind.IRA, True, id="retirement account"),
        pytest.param(RegistrationKind.ENTITY, True, id="entity"),
    ],
)
def test_some_kinds_of_registration_are_for_staff(kind: RegistrationKind, for_staff: bool) -> None:
    assert is_for_staff(registration(kind=kind)) is for_staff


@pytest.mark.parametrize(("country", "abroad"), [("US", False), ("CA", True), ("", True)])
def test_a_holder_outside_the_united_states_lives_abroad(country: str, abroad: bool) -> None:
    assert lives_abroad(registration(country=country)) is abroad


def test_each_version_of_the_prospectus_needs_its_own_acknowledgement() -> None:
    first, second = book().prospectuses
    assert has_acknowledged(ANA, first)
    assert not has_acknowledged(ANA, second)
    assert has_acknowledged(registration(acknowledged=frozenset({first.version, second.version})), second)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        pytest.param("A100-0004821", "****4821", id="the last four show"),
        pytest.param("4821", "****", id="a number of four shows nothing"),
        pytest.param("", "****", id="no number"),
    ],
)
def test_a_letter_shows_only_the_last_four(number: str, masked: str) -> None:
    assert registration(account_number=number).masked_account == masked
