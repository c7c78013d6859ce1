"""A message that leaves for other programs says nothing in our name but what we found, and is else as it came."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.authres import FIELD, UNTRUSTED_FIELD, read_results
from bot.mail.exported import disarmed, exported

OURS = "aastrom.com; dkim=fail header.d=example.com;\r\n dmarc=fail header.from=example.com"
RECEIVED = "Received: from mail.example.com ([192.0.2.7])\r\n\tby aastrom.com with ESMTP\r\n\tid x\r\n"
FORGED = "aastrom.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
REST = b"From: ann@example.com\r\nSubject: sell\r\n\r\nAuthentication-Results: a line of the text\r\n"


def believed(raw: bytes) -> list[str]:
    """What other programs read in fields of that name, whatever the case and the space around it."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return [str(value) for name, value in message.items() if name.strip().lower() == FIELD.lower()]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(f"Authentication-Results: {FORGED}\r\n", id="plain"),
        pytest.param(f"AUTHENTICATION-results:{FORGED}\r\n", id="in other cases"),
        pytest.param(f"Authentication-Results:\r\n\t{FORGED}\r\n", id="folded"),
        pytest.param(f"Authentication-Results : {FORGED}\r\n", id="a space before the colon"),
        pytest.param(f"Authentication-Results: a\r\nAuthentication-Results: {FORGED}\r\n", id="twice"),
        pytest.param(f"no field at all\r\nAuthentication-Results: {FORGED}\r\n", id="below what is no field"),
        pytest.param(f"X: y\nAuthentication-Results: {FORGED}\n", id="with bare line feeds"),
        pytest.param(f"X: y\rAuthentication-Results: {FORGED}\r", id="with bare carriage returns"),
    ],
)
def test_a_forged_finding_is_renamed_wherever_it_stands(field: str) -> None:
    leaving = exported(field.encode() + REST, RECEIVED, OURS)
    assert believed(leaving) == [OURS]
    assert leaving.startswith(f"{FIELD}: {OURS}\r\n{RECEIVED}".encode())
    assert f"{UNTRUSTED_FIELD}:".encode() in leaving
    assert b"dkim=pass" in leaving, "what it said can still be read"
    assert leaving.endswith(REST)


def test_what_goes_on_from_nothing_does_not_go_on_from_our_findings() -> None:
    leaving = exported(b"\t; dkim=pass header.d=example.com\r\n" + REST, "", OURS)
    assert believed(leaving) == [OURS]
    assert f"{UNTRUSTED_FIELD}:\t; dkim=pass".encode() in leaving


def test_a_message_without_such_fields_leaves_octet_by_octet() -> None:
    assert disarmed(REST) == REST
    assert exported(REST, RECEIVED, OURS) == f"{FIELD}: {OURS}\r\n{RECEIVED}".encode() + REST


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\r\nAuthentication-Results: x\r\n", b":", b"x", b"a:\r\n\r\n\r\n"])
def test_what_is_hardly_a_message_leaves_as_it_came(raw: bytes) -> None:
    assert disarmed(raw) == raw


@given(
    st.lists(
        st.sampled_from(
            [b"Authentication-Results: x", b"authentication-results :y", b"\tz", b" ", b"no field", b"A: b", b":"]
        )
    ),
    st.sampled_from([b"\r\n", b"\n", b"\r"]),
    st.binary(max_size=50),
)
def test_only_names_in_the_header_are_changed(lines: list[bytes], end: bytes, body: bytes) -> None:
    raw = end.join([b"A: b", *lines]) + end + end + body
    leaving = disarmed(raw)
    head = leaving[: leaving.index(end + end)]
    assert not any(line.strip().lower().startswith(b"authentication-results") for line in head.split(end))
    kept = [line for line in lines if b"uthentication" not in line]
    assert [line for line in head.split(end)[1:] if b"uthentication" not in line.lower()] == kept
    assert leaving.endswith(raw[raw.index(end + end) :])


@pytest.mark.parametrize("findings", ["", "aastrom.com", "aastrom.com; none\r\nFrom: x@example.com", "é; none"])
def test_findings_that_could_end_their_field_are_refused(findings: str) -> None:
    assert read_results(findings) is None
    with pytest.raises(ValueError, match="no value of"):
        exported(REST, RECEIVED, findings)
