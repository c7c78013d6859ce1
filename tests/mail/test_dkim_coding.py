"""How a body is coded and of which type it is must be signed, unless it says the same however that is stated."""

from __future__ import annotations

import pytest

from bot.mail.dkim_reasons import DkimReason
from tests.mail.signing import LETTER, sign
from tests.mail.test_dkim_gate import SIX, verdict

R = DkimReason


def stated(body: bytes, *fields: bytes) -> bytes:
    """The letter with another body, its type left out, and fields that say how it is read."""
    head = LETTER.partition(b"\r\n\r\n")[0].replace(b"\r\nContent-Type: text/plain", b"")
    return b"\r\n".join((head, *fields, b"", body))


QUOTED, PLAIN, HTML = b"Please invest $5=\r\n00.\r\n", b"Please invest $500.\r\n", b"<p hidden>Sell all.</p>\r\n"
PARTS = b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n$5=\r\n00\r\n--b--\r\n"
TEXT, MULTIPART = b"Content-Type: text/plain", b'Content-Type: multipart/mixed; boundary="b"'
CODING = b"Content-Transfer-Encoding: "
IS_TYPE, IS_CODING = "content-type", "content-transfer-encoding"


@pytest.mark.parametrize(
    ("body", "fields", "unsigned"),
    [
        pytest.param(PLAIN, (TEXT,), (), id="plain words"),
        pytest.param(PLAIN, (TEXT, CODING + b"7bit"), (), id="plain words that say so"),
        pytest.param(PLAIN, (TEXT, CODING + b"Quoted-Printable"), (), id="a coding of which nothing is used"),
        pytest.param(QUOTED, (TEXT, CODING + b"quoted-printable"), (IS_CODING,), id="a coding that is used"),
        pytest.param(QUOTED, (TEXT,), (IS_CODING,), id="a coding that may have been taken away"),
        pytest.param(QUOTED, (TEXT, CODING + b"8bit"), (IS_CODING,), id="a coding that may have been changed"),
        pytest.param(b"c2VsbCBhbGwu\r\n", (TEXT, CODING + b"base64"), (IS_CODING,), id="base64"),
        pytest.param(b"c2VsbCBhbGwu\r\n", (TEXT,), (IS_CODING,), id="what may have been base64"),
        pytest.param(b"c2VsbCBh \r\nbGwu\r\n", (TEXT,), (IS_CODING,), id="base64 with spaces at the ends of lines"),
        pytest.param(PLAIN, (TEXT, CODING + b"base64"), (IS_CODING,), id="what may not have been base64"),
        pytest.param(PLAIN, (TEXT, CODING + b"rot13"), (IS_CODING,), id="a coding that nobody knows"),
        pytest.param(PLAIN, (TEXT, CODING + b"7bit", CODING + b"base64"), (IS_CODING,), id="two codings"),
        pytest.param(b"\r\n", (TEXT, CODING + b"base64"), (), id="nothing"),
        pytest.param(PARTS, (MULTIPART,), (), id="parts, each with its own coding"),
        pytest.param(PARTS, (MULTIPART, CODING + b"base64"), (), id="parts whose whole cannot be coded"),
        pytest.param(QUOTED, (MULTIPART,), (IS_CODING,), id="parts that are not there"),
    ],
)
def test_how_the_body_is_coded_must_be_signed_unless_it_makes_no_difference(
    body: bytes, fields: tuple[bytes, ...], unsigned: tuple[str, ...]
) -> None:
    found = verdict(sign(stated(body, *fields), names=SIX))
    assert found.unsigned == unsigned
    assert found.reason is (R.FIELD_UNSIGNED if unsigned else R.PASSED)
    assert verdict(sign(stated(body, *fields), names=[*SIX, *[IS_CODING] * 2])).reason is R.PASSED


@pytest.mark.parametrize(
    ("body", "unsigned"),
    [
        pytest.param(PLAIN, (), id="plain words"),
        pytest.param(HTML, (IS_TYPE,), id="what may have been hidden by markup"),
        pytest.param(b"&#36;500\r\n", (IS_TYPE,), id="what may have been a sign of markup"),
        pytest.param(b"--b\r\n\r\nSell.\r\n--b--\r\n", (IS_TYPE,), id="what may have been parts"),
        pytest.param(b"Hello\r\n--b\r\n\r\nSell.\r\n", (IS_TYPE,), id="parts below a preamble"),
        pytest.param(b"From: x@example.com\r\n\r\nSell.\r\n", (IS_TYPE,), id="what may have been a letter"),
        pytest.param("Für $500.\r\n".encode(), (IS_TYPE,), id="letters of some charset"),
        pytest.param(b"\x1b$B500\r\n", (IS_TYPE,), id="a charset within ASCII"),
    ],
)
def test_a_type_that_may_have_been_taken_away_must_be_signed_too(body: bytes, unsigned: tuple[str, ...]) -> None:
    four = [name for name in SIX if name != IS_TYPE]
    assert verdict(sign(stated(body), names=four)).unsigned == unsigned
    assert verdict(sign(stated(body), names=SIX)).reason is R.PASSED


@pytest.mark.parametrize(
    ("body", "form", "unsigned"),
    [
        pytest.param(b"Invest $100 \r\n00.\r\n", "simple", (IS_TYPE,), id="a line that runs on"),
        pytest.param(b"Invest $500. ", "simple", (IS_TYPE,), id="a last line that would"),
        pytest.param(b"Invest $100\r\n00.\r\n", "simple", (), id="lines whose ends are signed"),
        pytest.param(b"Invest $100\r\n00.\r\n", "relaxed", (IS_TYPE,), id="a line that lost its space"),
        pytest.param(b"Invest $100\r\n\r\n00.\r\n", "relaxed", (IS_TYPE,), id="an empty line that had two"),
        pytest.param(b"\r\nInvest $100.\r\n\r\n", "relaxed", (), id="one line"),
        pytest.param(b"Invest $500 +AC0-.\r\n", "relaxed", (), id="UTF-7, which nobody reads here"),
    ],
)
def test_a_type_that_made_lines_run_on_may_have_been_taken_away(
    body: bytes, form: str, unsigned: tuple[str, ...]
) -> None:
    four = [name for name in SIX if name != IS_TYPE]
    assert verdict(sign(stated(body), names=four, forms=f"relaxed/{form}")).unsigned == unsigned
    assert verdict(sign(stated(body), names=SIX, forms=f"relaxed/{form}")).reason is R.PASSED
