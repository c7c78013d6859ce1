"""A code confirms one parked request and nothing else, and is found however people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.codes import candidates, code_for
from storage.ids import PLAIN_LETTERS

KEY = bytes(range(32))
EXPIRY = datetime(2003, 11, 6, 14, 0, tzinfo=UTC)


def _code(
    confirmation_id: str = "c1",
    canonical: str = '[["buy",[]]]',
    address: str = "ana@example.com",
    expires_at: datetime = EXPIRY,
    key: bytes = KEY,
) -> str:
    return code_for(key, confirmation_id=confirmation_id, canonical=canonical, address=address, expires_at=expires_at)


def test_the_same_request_always_has_the_same_code() -> None:
    assert _code() == _code()


def test_an_instant_means_the_same_in_any_timezone() -> None:
    assert _code(expires_at=EXPIRY.astimezone(timezone(-timedelta(hours=5)))) == _code()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(_code(confirmation_id="c2"), id="another parked request"),
        pytest.param(_code(canonical='[["sell",[]]]'), id="other effects"),
        pytest.param(_code(address="bob@example.com"), id="another address"),
        pytest.param(_code(expires_at=EXPIRY + timedelta(seconds=1)), id="another expiry"),
        pytest.param(_code(key=bytes(32)), id="another installation"),
        pytest.param(_code(confirmation_id="c1\n[]", canonical="x"), id="parts that run together"),
    ],
)
def test_a_code_is_bound_to_everything_it_confirms(other: str) -> None:
    assert other != _code()


def test_every_code_has_two_letters_and_two_digits_at_least_and_is_found_again() -> None:
    for seed in range(500):
        code = _code(confirmation_id=f"seed {seed}")
        plain = code.replace("-", "")
        digits = sum(letter.isdigit() for letter in plain)
        assert len(plain) == 8
        assert set(plain) <= set(PLAIN_LETTERS)
        assert 2 <= digits <= 6, code
        assert candidates(f"the code {plain[:4].lower()} {plain[4:].lower()} of yesterday") == (
            (f"{plain[:4].lower()} {plain[4:].lower()}", code),
        )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("K7QM-2R9T", "K7QM-2R9T", id="as printed"),
        pytest.param("K7QM2R9T", "K7QM2R9T", id="without its hyphen"),
        pytest.param("k7qm-2r9t", "k7qm-2r9t", id="lower case"),
        pytest.param("K7QM 2R9T", "K7QM 2R9T", id="a blank for the hyphen"),
        pytest.param("K7QM - 2R9T", "K7QM - 2R9T", id="blanks around the hyphen"),
        pytest.param("K7QM\u00a02R9T", "K7QM\u00a02R9T", id="a no-break blank"),
        pytest.param("K7QM\u20112R9T", "K7QM\u20112R9T", id="a no-break hyphen"),
        pytest.param("K7QM\u20132R9T", "K7QM\u20132R9T", id="an en dash"),
        pytest.param("K7QM\u20142R9T", "K7QM\u20142R9T", id="an em dash"),
        pytest.param("K7QM\u22122R9T", "K7QM\u22122R9T", id="a minus sign"),
        pytest.param("K7QM--2R9T", "K7QM--2R9T", id="two hyphens"),
        pytest.param("Yes, my code is K7QM-2R9T. Thank you", "K7QM-2R9T", id="in a sentence"),
        pytest.param("the code K7QM 2R9T is what I have", "K7QM 2R9T", id="spaced, behind a word of four letters"),
        pytest.param("here it is: code K7QM \u2013 2R9T", "K7QM \u2013 2R9T", id="a spaced dash, behind such a word"),
        pytest.param("with this code K7QM 2R9T", "K7QM 2R9T", id="spaced, behind two such words"),
        pytest.param("CODE-K7QM-2R9T", "K7QM-2R9T", id="hung on the word code"),
        pytest.param("Code:K7QM-2R9T", "K7QM-2R9T", id="right behind a colon"),
        pytest.param("-K7QM-2R9T", "K7QM-2R9T", id="as a list item"),
        pytest.param('"K7QM-2R9T"', "K7QM-2R9T", id="in quotation marks"),
        pytest.param("*K7QM-2R9T*", "K7QM-2R9T", id="in bold"),
        pytest.param("(K7QM-2R9T)", "K7QM-2R9T", id="in brackets"),
        pytest.param("on the 22nd K7QM 2R9T", "K7QM 2R9T", id="behind a day of the month"),
        pytest.param("K7QM-2R9T 25th", "K7QM-2R9T", id="before a day of the month"),
    ],
)
def test_a_code_is_found_however_it_is_written(text: str, written: str) -> None:
    assert candidates(text) == ((written, "K7QM-2R9T"),)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("yes please go ahead with this", id="words only"),
        pytest.param("Your order P-7K2M9QX was received", id="a purchase order's number"),
        pytest.param("my sale S-2B9QXW7, when?", id="a sale order's number"),
        pytest.param("order p-7k2m9qx", id="an order's number in lower case"),
        pytest.param("reference DSPP-7K2M9Q", id="a conversation's reference"),
        pytest.param("call me at 734-930-5777", id="a phone number"),
        pytest.param("call 7349 3057 or 734 9305777", id="phone numbers written otherwise"),
        pytest.param("account CST-10001", id="an account number"),
        pytest.param("account A10-004821 or ****4821", id="account numbers of other kinds"),
        pytest.param("account 1234-5678", id="digits only"),
        pytest.param("Ann Arbor, MI 48104-2345", id="a postal code"),
        pytest.param("from the 22nd-25th, or 22nd 23rd", id="days of the month"),
        pytest.param("MRTG-BKHD", id="letters only"),
        pytest.param("the plan 2345", id="a word and a number"),
        pytest.param("K7QM-2R9T-XYZ4", id="the beginning of something longer"),
        pytest.param("AB22-K7QM-2R9T", id="the end of something longer"),
        pytest.param("K7QM-2R9TX", id="nine characters"),
        pytest.param("K7QM2R9", id="seven characters"),
        pytest.param("K7Q0-2R9T", id="a zero, which no code has"),
        pytest.param("K7QM-2R9A", id="a vowel, which no code has"),
        pytest.param("K7QM\n\n2R9T", id="two lines"),
        pytest.param("\uff2b7QM-2R9T", id="a letter that only looks like one of ours"),
    ],
)
def test_what_is_no_code_is_not_taken_for_one(text: str) -> None:
    assert candidates(text) == ()


def test_several_codes_are_found_in_order_and_each_once() -> None:
    text = "I have K7QM-2R9T and then XW34-T5BV, or was it k7qm 2r9t?"
    assert [code for _, code in candidates(text)] == ["K7QM-2R9T", "XW34-T5BV"]


def test_a_long_message_without_codes_is_searched_in_no_time() -> None:
    assert candidates("code " * 40_000 + "-" * 40_000) == ()
