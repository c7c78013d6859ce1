"""Who a message is from, and whether a person writes under such a name: cases where both were once mistaken."""

from __future__ import annotations

import pytest

from bot.mail.addresses import bounce_address, is_addr_spec, is_bounce_address, reply_address
from bot.mail.headers import single_address
from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import parse

OWN = ["dspp@aastrom.com"]
KEY = bytes(range(32))
ID = "a" * 26


def reason(sender: str, mail_from: str, head: str = "X: y") -> str | None:
    raw = f"From: {sender}\nSubject: hello\n{head}\n\nhi\n".encode()
    return ignore_reason(parse(raw, Limits()), mail_from, OWN)


@pytest.mark.parametrize("name", ["office-admin@trust.example", "boat-owner@example.com"])
def test_a_person_whose_mailbox_sounds_like_a_lists_is_answered(name: str) -> None:
    assert reason(name, name) is None


@pytest.mark.parametrize("envelope", ["people-admin@list.example", "people-owner@list.example"])
def test_what_such_a_mailbox_sends_for_somebody_else_is_a_lists(envelope: str) -> None:
    assert reason("ann@example.com", envelope) == "list"


@pytest.mark.parametrize("field", ["List-Archive: <https://list.example>", "List-Unsubscribe-Post: x"])
def test_every_list_field_is_a_sign_of_a_list(field: str) -> None:
    assert reason("ann@example.com", "ann@example.com", field) == "list"


def test_an_address_given_as_its_own_name_is_an_address() -> None:
    assert single_address(("Ann@example.com <ann@example.com>",)) == ("ann@example.com", "")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("ceo@example.com <ann@example.com>", id="another address as the name"),
        pytest.param("ann@example.com x <ann@example.com>", id="more than the address"),
        pytest.param("ann@ban\u212a.example", id="a sign that is a k in lower case"),
        pytest.param("\u0130" * 31 + "@example.com", id="too long in lower case"),
    ],
)
def test_what_could_be_taken_for_somebody_else_is_nobody(value: str) -> None:
    assert single_address((value,)) == ("", "malformed")


def test_a_sign_that_is_a_k_in_lower_case_is_in_no_address() -> None:
    assert not is_addr_spec("ann@ban\u212a.example")


def test_the_envelope_sender_of_a_letter_is_known_by_its_form() -> None:
    ours = bounce_address("dspp@aastrom.com", ID, KEY)
    assert is_bounce_address(ours)
    assert is_bounce_address(ours.upper())
    assert not is_bounce_address(reply_address("dspp@aastrom.com", ID, KEY))
    assert not is_bounce_address("dspp@aastrom.com")
    assert not is_bounce_address("dspp+bob@aastrom.com")
