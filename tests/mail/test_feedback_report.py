"""Complaints of mailbox providers, whole, blackened and broken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.mail.bounces import read_bounce
from bot.mail.feedback_report import MOST_INCIDENTS, FeedbackReport, read_feedback
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import parse
from tests.mail.messages import LIMITS

HEAD = b"""From: <complaints@provider.example>
To: dspp+bq@aastrom.com
Subject: A complaint about your mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=f

--f
Content-Type: text/plain

Somebody called this unwanted.
"""
FIELDS = b"""--f
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider-Loop/1.0
Version: 1
Original-Mail-From: <dspp+bq@aastrom.com>
Original-Rcpt-To: <Ann@Holder.example>
Arrival-Date: Wed, 5 Nov 2003 09:12:44 -0600
Reported-Domain: Aastrom.com
Source-IP: 192.0.2.1
Incidents: 3
"""
RETURNED = b"""--f
Content-Type: message/rfc822

From: dspp@aastrom.com
To: ann@holder.example
Message-ID: <letter-20@aastrom.com>

Dear shareholder
--f--
"""


def reading(fields: bytes) -> FeedbackReport:
    head = b"--f\nContent-Type: message/feedback-report\n\n"
    found = read_feedback(HEAD + head + fields + b"\n" + RETURNED, LIMITS)
    assert found is not None
    return found


def test_a_complaint_is_read_whole() -> None:
    assert read_feedback(HEAD + FIELDS + RETURNED, LIMITS) == FeedbackReport(
        feedback_type="abuse",
        original_recipient="ann@holder.example",
        original_sender="dspp+bq@aastrom.com",
        original_message_id="<letter-20@aastrom.com>",
        source_ip="192.0.2.1",
        reported_domain="aastrom.com",
        user_agent="Provider-Loop/1.0",
        arrived_at=datetime(2003, 11, 5, 15, 12, 44, tzinfo=UTC),
        incidents=3,
    )


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_complaint_is_neither_a_bounce_nor_answered(line_end: bytes) -> None:
    raw = (HEAD + FIELDS + RETURNED).replace(b"\n", line_end)
    assert read_feedback(raw, LIMITS) is not None
    assert read_bounce(raw, LIMITS) is None
    assert ignore_reason(parse(raw, LIMITS), "complaints@provider.example", ["dspp@aastrom.com"]) == "report"


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        (b"abuse", "abuse"), (b"Fraud", "fraud"), (b"not-spam", "not-spam"), (b"opt-out", "opt-out"),
        (b"opt-out-list", "opt-out-list"), (b"auth-failure", "auth-failure"), (b"virus", "virus"), (b"other", "other"),
        (b"miscategorized", "other"), (b"", "other"), (b"abuse <script>", "other"),
    ],
)  # fmt: skip
def test_the_kind_is_a_registered_one_or_other(stated: bytes, kind: str) -> None:
    assert reading(b"Feedback-Type: " + stated).feedback_type == kind


@pytest.mark.parametrize(
    ("stated", "host"),
    [
        (b"192.0.2.1", "192.0.2.1"), (b"[192.0.2.1]", "192.0.2.1"), (b"2001:DB8::1", "2001:db8::1"),
        (b"IPv6:2001:db8::1", "2001:db8::1"), (b"fe80::1%eth0", ""), (b"192.0.2.256", ""), (b"example.com", ""),
        (b"", ""),
    ],
)  # fmt: skip
def test_the_host_is_well_formed_or_none(stated: bytes, host: str) -> None:
    assert reading(b"Feedback-Type: abuse\nSource-IP: " + stated).source_ip == host


@pytest.mark.parametrize(
    ("stated", "incidents"),
    [(b"7", 7), (b"0", 1), (b"-4", 1), (b"many", 1), (b"9" * 500, MOST_INCIDENTS), ("٣".encode(), 1), (b"", 1)],
)
def test_incidents_are_a_small_count(stated: bytes, incidents: int) -> None:
    assert reading(b"Feedback-Type: abuse\nIncidents: " + stated).incidents == incidents


def test_a_blackened_recipient_is_nobody() -> None:
    assert reading(b"Feedback-Type: abuse\nOriginal-Rcpt-To: redacted").original_recipient == ""
    assert reading(b"Feedback-Type: abuse\nOriginal-Rcpt-To: a@b.example, c@d.example").original_recipient == ""


def test_a_failed_check_is_named() -> None:
    found = reading(b"Feedback-Type: auth-failure\nAuth-Failure: DMARC\nOriginal-Mail-From: <>")
    assert (found.auth_failure, found.original_sender) == ("dmarc", "")


def test_older_names_of_fields_are_read() -> None:
    found = reading(
        b"Feedback-Type: opt-out\nRemoval-Recipient: ann@holder.example\nReceived-Date: Wed, 5 Nov 2003 09:12:44 -0600"
    )
    assert found.original_recipient == "ann@holder.example"
    assert found.arrived_at == datetime(2003, 11, 5, 15, 12, 44, tzinfo=UTC)


def test_fields_under_a_wrong_type_are_found() -> None:
    raw = (HEAD + FIELDS + RETURNED).replace(b"message/feedback-report", b"text/plain; name=report.txt")
    found = read_feedback(raw, LIMITS)
    assert found is not None
    assert (found.feedback_type, found.original_recipient) == ("abuse", "ann@holder.example")


def test_a_complaint_without_fields_is_still_one() -> None:
    assert read_feedback(HEAD + RETURNED, LIMITS) == FeedbackReport(
        "other", original_message_id="<letter-20@aastrom.com>"
    )


def test_hotmails_older_form_names_who_complains_in_the_letter() -> None:
    raw = b"""From: staff@hotmail.example
Subject: complaint about message from 192.0.2.1
Content-Type: multipart/mixed; boundary=f

--f
Content-Type: message/rfc822

X-HmXmrOriginalRecipient: <ann@hotmail.example>
Message-ID: <letter-21@aastrom.com>

x
--f--
"""
    assert read_feedback(raw, LIMITS) == FeedbackReport(
        "abuse", "ann@hotmail.example", original_message_id="<letter-21@aastrom.com>"
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"From: ann@holder.example\n\nFeedback-Type: abuse\n", id="a person's words"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=f\n\n--f\n\nsee\n" + RETURNED, id="a forwarded letter"),
        pytest.param(
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=f\n\n--f\n\nx\n", id="DSN"
        ),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_complaint_is_none(raw: bytes) -> None:
    assert read_feedback(raw, LIMITS) is None
