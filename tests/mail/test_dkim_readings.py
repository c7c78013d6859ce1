"""What two programs could read differently proves nothing: what is checked is what the rest of the service reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.mail.dkim_check import DkimVerdict, check_dkim, key_names
from bot.mail.dkim_reasons import DkimReason, DkimResult
from bot.mail.headers import HeaderSection, read_header_section
from bot.mail.limits import Limits
from tests.mail.signing import LETTER, NOW, published, sign

LIMITS = Limits()
R = DkimReason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param((b"Subject:", b"Subject :"), R.HEADER_MALFORMED, id="a space before a colon"),
        pytest.param((b"Subject:", b"Subject\t:"), R.HEADER_MALFORMED, id="a tab before a colon"),
        pytest.param((b"Subject: Invest", b"Subject Invest"), R.HEADER_MALFORMED, id="a line without a colon"),
        pytest.param((b"Subject:", b"Sub\xc3\xa9ject:"), R.HEADER_MALFORMED, id="letters in a name"),
        pytest.param((b"Subject:", b": x\r\nSubject:"), R.HEADER_MALFORMED, id="an empty name"),
        pytest.param((b"DKIM-Signature", b" folded\r\nDKIM-Signature"), R.HEADER_MALFORMED, id="folded from the start"),
        pytest.param((b"DKIM-Signature", b"From ann Mon\r\nDKIM-Signature"), R.HEADER_MALFORMED,
                     id="a mailbox file's mark"),
        pytest.param((b"DKIM-Signature", b"X: y\r\n" * 1_000 + b"DKIM-Signature"), R.HEADER_MALFORMED,
                     id="many fields"),
        pytest.param((b"Subject:", b"X: " + b"y" * 300_000 + b"\r\nSubject:"), R.HEADER_MALFORMED, id="a long field"),
        pytest.param((b"Invest\r\n", b"Invest\r"), R.LINE_ENDS, id="a bare CR"),
        pytest.param((b"Invest\r\n", b"Invest\n"), R.LINE_ENDS, id="a bare LF among CRLFs"),
        pytest.param((b"Invest\r\n", b"Invest\r\rSubject: Sell\r\n"), R.LINE_ENDS, id="a field behind bare CRs"),
        pytest.param((b"$250", b"$2\x0050"), R.LINE_ENDS, id="NUL in the body"),
        pytest.param((b"Invest", b"In\x00vest"), R.LINE_ENDS, id="NUL in a field"),
        pytest.param((b"$250", b"\n.\n$250"), R.LINE_ENDS, id="a smuggled end"),
    ],
)  # fmt: skip
def test_what_programs_read_differently_is_not_looked_at(change: tuple[bytes, bytes], reason: DkimReason) -> None:
    signed = sign(LETTER)
    raw = signed.replace(change[0], change[1], 1)
    assert raw != signed
    assert check_dkim(raw, published(), NOW, LIMITS) == (DkimVerdict(reason),)
    assert key_names(raw, LIMITS) == ()


@pytest.mark.parametrize(
    "differs",
    [
        pytest.param(lambda read: replace(read, defects=("other",)), id="a defect"),
        pytest.param(lambda read: replace(read, fields=read.fields[1:]), id="a field fewer"),
        pytest.param(lambda read: replace(read, fields=read.fields[::-1]), id="another order"),
        pytest.param(lambda read: replace(read, body_at=read.body_at + 1), id="another beginning of the body"),
    ],
)
def test_what_the_service_would_read_differently_is_not_looked_at(
    differs: Callable[[HeaderSection], HeaderSection], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = sign(LETTER)
    other = differs(read_header_section(raw, 0, len(raw), LIMITS))
    monkeypatch.setattr("bot.mail.dkim_fields.read_header_section", lambda *_: other)
    assert check_dkim(raw, published(), NOW, LIMITS) == (DkimVerdict(DkimReason.HEADER_MALFORMED),)


def test_an_oversize_message_is_not_looked_at() -> None:
    raw = sign(LETTER)
    small = Limits(message_bytes=len(raw) - 1)
    assert check_dkim(raw, published(), NOW, small) == (DkimVerdict(DkimReason.MESSAGE_TOO_LARGE),)
    assert key_names(raw, small) == ()


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\r\n\r\ntext", LETTER, b"Subject: x\r\n"])
def test_an_unsigned_message_has_no_verdict_that_proves_anything(raw: bytes) -> None:
    assert all(each.result is DkimResult.POLICY for each in check_dkim(raw, published(), NOW, LIMITS))
    assert key_names(raw, LIMITS) == ()


def test_lines_of_spaces_in_the_header_do_not_end_it() -> None:
    folded = LETTER.replace(b"Subject: Invest\r\n", b"Subject: Invest\r\n \r\n\tnow\r\n")
    assert check_dkim(sign(folded), published(), NOW, LIMITS)[0].reason is DkimReason.PASSED
    (unfolded,) = check_dkim(sign(folded).replace(b"\r\n \r\n\tnow", b""), published(), NOW, LIMITS)
    assert unfolded.reason is DkimReason.SIGNATURE_WRONG
