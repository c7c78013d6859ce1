"""Bounces of public material, read as a person reads them; bytes meant to harm, read in fair time, without a fault."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.bounce_text import LINE_CHARACTERS, MOST_LINES, told_lines
from bot.mail.bounces import read_bounce
from bot.mail.delivery_status import DIAGNOSTIC_CHARACTERS
from bot.mail.feedback_report import read_feedback
from bot.mail.loopguard import ignore_reason
from bot.mail.mime import read_parts
from bot.mail.parse import parse
from bot.mail.status_codes import Kind
from tests.mail.material import material
from tests.mail.messages import LIMITS

HARD, SOFT, REFUSED, UNKNOWN = Kind.HARD, Kind.SOFT, Kind.REFUSED, Kind.UNKNOWN
LOUIS = ("louisl@larry.slip.umd.edu", SOFT, "4.0.0", "failed")
PUBLIC: dict[str, tuple[tuple[str, Kind, str, str], ...]] = {
    "delayed_dsn.raw": (("thomas@de-montfort.ac.uk", SOFT, "4.0.0", "delayed"),),
    "dsn_with_multipart_alternative.raw": (("non-existing@example.com", HARD, "5.1.10", "failed"),),
    "multi_recipient_dsn.raw": (
        ("arathib@vnet.ibm.com", REFUSED, "5.0.0", "failed"),
        ("johnh@hpnjld.njd.hp.com", SOFT, "4.0.0", "delayed"),
        ("wsnell@sdcc13.ucsd.edu", HARD, "5.0.0", "failed"),
    ),
    "simple_dsn.raw": (LOUIS,),
    "simple_dsn_with_html.raw": (LOUIS,),
    "multipart-wo-boundary.raw": (("", UNKNOWN, "", "failed"),),
    "badbound.msg": (("pnet@uscom.com", UNKNOWN, "", "failed"),),
}
"""Every bounce in the public corpora, and what it says."""
N = 1_000_000
DAEMON = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n"
TEXT = DAEMON + b"\nuser unknown\n"
STATUS = (
    DAEMON + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: message/delivery-status\n\n"
)
COMPLAINT = STATUS.replace(b"delivery-status", b"feedback-report")
OPENINGS = (
    b"Hi. This is the\n\nthe following addresses had permanent fatal errors\ndid not reach the following recipient\n"
    b"delivery to the following recipients failed\nYour message to:\nFailed addresses follow:\n"
    b"transcript of session follows\nThis Message was undeliverable due to the following reason:\n"
    b"mail to the following recipients could not be delivered\n"
)


def public_files() -> list[Path]:
    return sorted(path for path in material("mime").rglob("*") if path.suffix in (".raw", ".msg"))


def test_the_bounces_of_public_corpora_are_told_from_all_other_mail() -> None:
    files = public_files()
    assert len(files) >= 150
    found = {path.name: read_bounce(path.read_bytes(), LIMITS) for path in files}
    assert {name for name, report in found.items() if report} == set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_bounce_is_read_as_a_person_reads_it(name: str) -> None:
    path = next(path for path in public_files() if path.name == name)
    report = read_bounce(path.read_bytes(), LIMITS)
    assert report is not None
    assert tuple((each.address, each.kind, each.code, each.action) for each in report.recipients) == PUBLIC[name]


def test_no_public_message_is_a_complaint() -> None:
    assert [path.name for path in public_files() if read_feedback(path.read_bytes(), LIMITS)] == []


HOSTILE = [
    pytest.param(TEXT + b"a" * N, id="one line"),
    pytest.param(TEXT + b"\n" * N, id="blank lines"),
    pytest.param(TEXT + b"a@b.example\n" * (N // 12), id="addresses"),
    pytest.param(TEXT + OPENINGS + (b"a" * 159 + b"\n") * (N // 160), id="openings, then letters"),
    pytest.param(TEXT + OPENINGS + (b" " * 158 + b"x\n") * (N // 160), id="openings, then spaces"),
    pytest.param(TEXT + OPENINGS + (b",a@" * 53 + b"\n") * (N // 160), id="openings, then commas"),
    pytest.param(TEXT + OPENINGS + (b"<" * 159 + b"\n") * (N // 160), id="openings, then brackets"),
    pytest.param(TEXT + b"mailbox " * (N // 8), id="words of a reason"),
    pytest.param(TEXT + b"exceed" * (N // 6), id="a word without end"),
    pytest.param(TEXT + b"-" * N, id="dashes"),
    pytest.param(TEXT + (b" " * 1_000 + b"\n") * (N // 1_000), id="lines of spaces"),
    pytest.param(
        DAEMON + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + (b"--b\nContent-Type: text/html\n\n" + b"<b>" * 1_900 + b"\n") * 150,
        id="many parts of deep HTML",
    ),
    pytest.param(STATUS + b"\nFinal-Recipient: rfc822;a@b.example\nStatus: 5.1.1\n" * (N // 50), id="recipients"),
    pytest.param(STATUS + b"junk\n" * (N // 5), id="no fields"),
    pytest.param(STATUS + b"X: y\n\n" * (N // 6), id="blocks of one field"),
    pytest.param(STATUS + b"Final-Recipient: rfc822;" + b"(" * N, id="a recipient of parentheses"),
    pytest.param(STATUS + b"Diagnostic-Code: smtp;" + b"5.1.1 " * (N // 6), id="codes"),
    pytest.param(STATUS + b"Diagnostic-Code: smtp;" + b"=?utf-8?q?a?= " * (N // 14), id="encoded words"),
    pytest.param(STATUS + b"Final-Recipient: utf-8;" + b"\\x{41}" * (N // 6), id="escaped letters"),
    pytest.param(
        STATUS + (b"X: y\n\n" * 1_000 + b"--b\nContent-Type: message/delivery-status\n\n") * 150, id="many status parts"
    ),
    pytest.param(b"X-Failed-Recipients: " + b"a" * 250_000 + b"\n\nx", id="a failed recipient without end"),
    pytest.param(b"X-Failed-Recipients: " + b"a@b.example," * 20_000 + b"\n\nx", id="failed recipients"),
    pytest.param(b"Auto-Submitted: " + b"(" * 250_000 + b"\n\nx", id="a comment without end"),
    pytest.param(b"X-Mailer: " + b"auto " * 50_000 + b"\n\nx", id="a mail program's name without end"),
    pytest.param(b"X-Auto-Response-Suppress: " + b"a," * 120_000 + b"\n\nx", id="much to suppress"),
    pytest.param(b"Subject: " + b"a" * 500 + b" is out of the office (return" + b"\n\nx", id="a long name"),
    pytest.param(COMPLAINT + b"Feedback-Type: abuse\n" * (N // 21), id="complaints"),
    pytest.param(COMPLAINT + b"Source-IP: " + b"1." * (N // 2), id="a host without end"),
    pytest.param(COMPLAINT + b"Incidents: " + b"9" * N, id="incidents without end"),
]  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_reports_are_read_in_fair_time(raw: bytes) -> None:
    mail = parse(raw, LIMITS)
    started = time.process_time()
    report = read_bounce(raw, LIMITS)
    read_feedback(raw, LIMITS)
    ignore_reason(mail, "", ["dspp@aastrom.com"])
    assert time.process_time() - started < 3.0
    assert report is None or len(report.recipients) <= LIMITS.recipients


def test_what_is_read_of_a_text_is_bounded() -> None:
    root, _ = read_parts(TEXT + (b"x" * 10_000 + b"\n") * 1_000, LIMITS)
    lines = told_lines(tuple(root.leaves()), LIMITS)
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) == LINE_CHARACTERS


_PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b'"', b"=", b"--b\n", b"--b--\n", b"\xff", b"\x00", b"(", b",",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n",
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n",
        b"Content-Type: message/delivery-status\n\n", b"Content-Type: message/feedback-report\n\n",
        b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n", DAEMON, TEXT, OPENINGS,
        b"Final-Recipient: rfc822; ", b"Original-Recipient: utf-8; \\x{110000}", b"Action: failed\n", b"Action: ",
        b"Status: 5.", b"1.1\n", b"Diagnostic-Code: smtp; 550 ", b"Will-Retry-Until: Tue, 99 Nov 0000 ",
        b"<a@b.example>:", b"a@b.example", b"X-Failed-Recipients: ", b"Feedback-Type: abuse\n", b"Incidents: 9",
        b"Source-IP: fe80::1%\x1b", b"Arrival-Date: ", b"Message-ID: <", b"mailbox full", b"5.1.1", b"450 ",
        "Échec".encode(), "🏦".encode(), b"X-Mailer: Nov",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Content-Type: text/html\n\n<b", b"Auto-Submitted: (((",
    ]
)  # fmt: skip


def check(raw: bytes) -> None:
    """Whatever is found is clean: addresses that are none are empty, and what staff read is one printable line."""
    report = read_bounce(raw, LIMITS)
    for each in report.recipients if report else ():
        assert len(each.diagnostic) <= DIAGNOSTIC_CHARACTERS
        assert "\n" not in each.diagnostic + each.address + each.remote_mta
        (each.address + each.original_address + each.diagnostic + each.remote_mta).encode("utf-8")
    complaint = read_feedback(raw, LIMITS)
    if complaint:
        (complaint.source_ip + complaint.user_agent + complaint.reported_domain).encode("utf-8")
        assert not set(complaint.source_ip) - set("0123456789abcdef:.")
    ignore_reason(parse(raw, LIMITS), None, ["dspp@aastrom.com"])


@pytest.fixture(autouse=True)
def _faults_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that the last resort would hide is a failure here."""

    def shown(*_: object) -> None:
        raise AssertionError("a fault was hidden")

    monkeypatch.setattr("bot.mail.bounces._log.error", shown)
    monkeypatch.setattr("bot.mail.bounces._log.info", shown)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    check(raw)
    check(STATUS + raw)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=40).map(b"".join))
def test_any_pieces_of_reports_are_read(raw: bytes) -> None:
    check(raw)
    check(DAEMON + raw)
    check(COMPLAINT + raw)


LETTERS = sorted((Path(__file__).parent / "automatic_mail").glob("*.eml"))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(LETTERS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255), st.integers(-3, 40)), max_size=8)
)
def test_bounces_damaged_anywhere_are_read(path: Path, damages: list[tuple[float, int, int]]) -> None:
    raw = bytearray(path.read_bytes())
    for where, octet, length in damages:
        at = int(where * len(raw))
        raw[at : at + max(length, 0)] = bytes([octet]) * (length < 3)
    check(bytes(raw))


def test_a_fault_of_the_reader_is_no_bounce_and_says_nothing_of_the_sender(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError("ann@holder.example")

    monkeypatch.undo()
    monkeypatch.setattr("bot.mail.bounces.read_parts", broken)
    assert read_bounce(LETTERS[0].read_bytes(), LIMITS) is None
    assert [record.getMessage() for record in caplog.records] == ["a bounce could not be read: RecursionError"]
