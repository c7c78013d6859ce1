"""Addresses that only we can make, and addresses that may be written to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.addresses import (
    UnsafeAddress,
    bounce_address,
    checked,
    conversation_of,
    is_addr_spec,
    is_own,
    outbox_of,
    reply_address,
    without_extension,
)

PROGRAM = "dspp@aastrom.com"
KEY = bytes(range(32))
OTHER = bytes(32)
ONE = "a" * 26
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
KEYS = st.binary(min_size=16, max_size=64)


@given(IDS, KEYS)
def test_a_reply_address_leads_back_to_its_conversation(identifier: str, key: bytes) -> None:
    address = reply_address(PROGRAM, identifier, key)
    assert is_addr_spec(address)
    assert len(address.partition("@")[0]) <= 64
    assert address == address.lower()
    for changed in (address, address.upper(), address.title()):
        assert conversation_of(changed, PROGRAM, key) == identifier
        assert is_own(changed, PROGRAM, key)
    assert outbox_of(address, PROGRAM, key) is None


@given(IDS, KEYS)
def test_a_bounce_address_leads_back_to_its_letter_and_to_no_conversation(identifier: str, key: bytes) -> None:
    address = bounce_address(PROGRAM, identifier, key)
    assert outbox_of(address.upper(), PROGRAM.upper(), key) == identifier
    assert conversation_of(address, PROGRAM, key) is None


@given(IDS, KEYS, KEYS)
def test_another_key_makes_nothing_of_ours(identifier: str, key: bytes, other: bytes) -> None:
    address = reply_address(PROGRAM, identifier, key)
    assert key == other or conversation_of(address, PROGRAM, other) is None


@given(IDS, st.integers(min_value=5, max_value=47), st.sampled_from("abcdefgh234567"))
def test_a_changed_letter_makes_nothing_of_ours(identifier: str, at: int, letter: str) -> None:
    address = reply_address(PROGRAM, identifier, KEY)
    forged = address[:at] + letter + address[at + 1 :]
    assert forged == address or not is_own(forged, PROGRAM, KEY)


@given(st.text(max_size=120))
def test_nothing_else_is_ours(address: str) -> None:
    assert is_own(address, PROGRAM, KEY) is (address.lower() == PROGRAM)
    assert conversation_of(f"{address}@aastrom.com", PROGRAM, KEY) is None


@pytest.mark.parametrize(
    ("address", "own"),
    [
        pytest.param(PROGRAM, True, id="the program's"),
        pytest.param("DSPP@Aastrom.COM", True, id="the program's, shouted"),
        pytest.param("dspp+anything@aastrom.com", False, id="an extension of somebody's making"),
        pytest.param(reply_address(PROGRAM, ONE, KEY).replace("aastrom", "example"), False, id="another domain"),
        pytest.param(reply_address("ir@aastrom.com", ONE, KEY), False, id="another mailbox"),
        pytest.param(reply_address(PROGRAM, ONE, KEY).replace("+c", "+b"), False, id="a bounce made of a reply"),
        pytest.param(reply_address(PROGRAM, ONE, OTHER), False, id="another key"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_ours(address: str, own: bool) -> None:
    assert is_own(address, PROGRAM, KEY) is own


@pytest.mark.parametrize(
    ("program", "identifier", "key"),
    [
        pytest.param(PROGRAM, "a" * 25, KEY, id="an id too short"),
        pytest.param(PROGRAM, "A" * 26, KEY, id="an id in capitals"),
        pytest.param(PROGRAM, "a" * 25 + "1", KEY, id="an id with a digit outside base32"),
        pytest.param(PROGRAM, ONE, b"short", id="a key too short"),
        pytest.param("a-program-with-a-long-name@aastrom.com", ONE, KEY, id="a program's name too long"),
        pytest.param("dspp+x@aastrom.com", ONE, KEY, id="a program's address with a plus"),
        pytest.param("dspp", ONE, KEY, id="no address"),
    ],
)
def test_no_address_is_made_of_unfit_parts(program: str, identifier: str, key: bytes) -> None:
    with pytest.raises(ValueError, match=r"id|key|address"):
        reply_address(program, identifier, key)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        pytest.param("ann@example.com", True, id="plain"),
        pytest.param("ann.o'brien+dspp@mail.example.co.uk", True, id="odd but fine"),
        pytest.param("jürgen@exämple.de", True, id="beyond ASCII"),
        pytest.param("a" * 64 + "@example.com", True, id="the longest local part"),
        pytest.param("a" * 65 + "@example.com", False, id="a local part too long"),
        pytest.param("ann@" + "a." * 125 + "com", False, id="a domain too long"),
        pytest.param("ann@example.com\r\nBcc: bob@example.com", False, id="a line break"),
        pytest.param("ann@example.com\n", False, id="a line break at the end"),
        pytest.param("ann @example.com", False, id="a space"),
        pytest.param("<ann@example.com>", False, id="brackets"),
        pytest.param("ann@example.com,bob@example.com", False, id="two"),
        pytest.param("ann@@example.com", False, id="two signs"),
        pytest.param("a\x00nn@example.com", False, id="NUL"),
        pytest.param('"ann smith"@example.com', False, id="a quoted local part"),
        pytest.param(".ann@example.com", False, id="a dot first"),
        pytest.param("ann..b@example.com", False, id="two dots"),
        pytest.param("ann@example..com", False, id="an empty label"),
        pytest.param("ann@-example.com", False, id="a hyphen first"),
        pytest.param("ann@example", False, id="one label"),
        pytest.param("ann@127.0.0.1", False, id="a number"),
        pytest.param("ann@[127.0.0.1]", False, id="an address literal"),
        pytest.param("ann\u202e@example.com", False, id="a letter that turns the text"),
        pytest.param("ann\u2028@example.com", False, id="a line separator"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_which_addresses_may_be_written_to(address: str, safe: bool) -> None:
    assert is_addr_spec(address) is safe
    if safe:
        assert checked(address) == address
    else:
        with pytest.raises(UnsafeAddress) as refusal:
            checked(address)
        assert not address or address not in str(refusal.value)


@given(st.text(max_size=80))
def test_a_safe_address_holds_nothing_that_could_start_a_header(text: str) -> None:
    for address in (text, f"{text}@example.com", f"ann@{text}.com"):
        if is_addr_spec(address):
            assert not set(address) & set('\r\n\x00 \t<>,;:"()[]\\')
            assert address.isprintable()


def test_extensions_do_not_tell_mailboxes_apart() -> None:
    assert without_extension("DSPP+c123@Aastrom.com") == PROGRAM
    assert without_extension("+odd@aastrom.com") == "+odd@aastrom.com"
