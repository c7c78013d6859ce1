"""The settings of the bank that collects debits: all or none, as a file can hold them, never repeated if wrong."""

from __future__ import annotations

import pytest

from bot.settings import PREFIX, BadSettings, read_settings

BANK = {
    "ach_bank_routing": "091000019",
    "ach_bank_name": "EXAMPLE NATIONAL BANK",
    "ach_origin": "1999999999",
    "ach_company_name": "EXAMPLE MOTORS",
    "ach_company_id": "1777777777",
}


def _read(**changes: str) -> str:
    """What is wrong with the bank's settings, these changed."""
    given = {PREFIX + key.upper(): value for key, value in (BANK | changes).items()}
    with pytest.raises(BadSettings) as fault:
        read_settings(None, given)
    return str(fault.value)


def test_the_settings_say_who_collects() -> None:
    found = read_settings(None, {PREFIX + key.upper(): value for key, value in BANK.items()}).originator
    assert found is not None
    assert (found.bank_routing, found.origin_name, found.company_name) == (
        "091000019",
        "EXAMPLE MOTORS",
        "EXAMPLE MOTORS",
    )
    assert (found.company_id, found.description) == ("1777777777", "STOCK PLAN")


def test_without_them_nobody_collects() -> None:
    assert read_settings(None, {}).originator is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("ach_bank_routing", "091000018", id="a wrong check digit"),
        pytest.param("ach_bank_name", "Example National Bank", id="small letters"),
        pytest.param("ach_origin", "12", id="too short an origin"),
        pytest.param("ach_company_name", "EXAMPLE MOTORS OF ANN ARBOR", id="a name of more than 16 characters"),
        pytest.param("ach_company_id", "17777777777", id="eleven digits"),
        pytest.param("ach_description", "REVERSAL", id="a description that has a meaning"),
    ],
)
def test_what_no_file_can_hold_stops_the_start_and_is_not_repeated(key: str, value: str) -> None:
    told = _read(**{key: value})
    assert f"{key} is set, but" in told
    assert value not in told


@pytest.mark.parametrize("key", list(BANK))
def test_one_of_them_missing_stops_the_start(key: str) -> None:
    assert f"{key} is not set" in _read(**{key: ""})
