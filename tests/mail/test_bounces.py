"""What mail systems report when a letter comes back: each in its own manner, and each with its own mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.mail.bounces import BounceReport, read_bounce
from bot.mail.delivery_status import RecipientReport, address_of, judged, read_delivery_status
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import parse
from bot.mail.status_codes import Kind, checked_code, code_within, kind_of_code, reply_class, weakest
from tests.mail.messages import LIMITS

LETTERS = Path(__file__).parent / "automatic_mail"
HARD, SOFT, REFUSED, DELIVERED, RELAYED, UNKNOWN = (
    Kind.HARD, Kind.SOFT, Kind.REFUSED, Kind.DELIVERED, Kind.RELAYED, Kind.UNKNOWN,
)  # fmt: skip
ANN, BOB = "ann@holder.example", "bob@holder.example"

EXPECTED: dict[str, tuple[str, tuple[tuple[str, Kind, str, str], ...], str]] = {
    "amazon_ses": ("status", ((ANN, HARD, "5.1.1", "failed"),), "<letter-12@aastrom.com>"),
    "barracuda": ("status", ((ANN, REFUSED, "5.7.1", "failed"),), "<letter-13@aastrom.com>"),
    "beyond_ascii": ("status", (("jörg@beispiel.example", HARD, "5.1.1", "failed"),), "<letter-15@aastrom.com>"),
    "boundary_lost": ("status", ((ANN, HARD, "5.1.1", "failed"),), "<letter-14@aastrom.com>"),
    "contradiction": ("status", ((ANN, SOFT, "5.1.1", "failed"), (BOB, SOFT, "4.4.1", "delayed")), ""),
    "domino": ("status", ((ANN, HARD, "5.1.1", "failed"),), "<letter-10@aastrom.com>"),
    "exchange_2016": ("status", ((BOB, HARD, "5.1.1", "failed"),), "<letter-4@aastrom.com>"),
    "exchange_online": ("status", (("eve@holder.example", SOFT, "5.4.1", "failed"),), ""),
    "exchange_55": ("text", (("zoe@old.holder.example", UNKNOWN, "", "failed"),), ""),
    "exim": (
        "header",
        ((ANN, HARD, "5.1.1", "failed"), ("bob@other.example", SOFT, "5.2.2", "failed")),
        "<letter-3@aastrom.com>",
    ),
    "exim_warning": ("text", ((ANN, SOFT, "", "delayed"),), ""),
    "fields_under_a_wrong_type": ("status", ((ANN, HARD, "5.2.1", "failed"),), ""),
    "fields_with_too_many_blank_lines": ("status", ((ANN, HARD, "5.1.2", "failed"),), ""),
    "fields_without_blank_lines": ("status", ((ANN, HARD, "5.1.1", "failed"), (BOB, SOFT, "4.2.2", "delayed")), ""),
    "french_text": ("text", ((ANN, SOFT, "", "failed"),), ""),
    "german_text": ("text", ((ANN, HARD, "", "failed"),), ""),
    "gmail": ("status", (("ann@gmail.example", HARD, "5.1.1", "failed"),), "<letter-5@aastrom.com>"),
    "gmail_full": ("status", (("ann@gmail.example", SOFT, "5.2.2", "failed"),), ""),
    "groupwise": ("text", ((ANN, HARD, "", "failed"),), "<letter-11@aastrom.com>"),
    "html_only": ("text", ((ANN, HARD, "5.1.1", "failed"),), ""),
    "icloud": ("status", (("ann@icloud.example", SOFT, "5.2.2", "failed"),), ""),
    "imail": ("text", ((ANN, UNKNOWN, "", "failed"),), "<letter-17@aastrom.com>"),
    "japanese_text": ("text", ((ANN, HARD, "", "failed"),), ""),
    "mailbox_handed_on": ("status", (("ann.new@elsewhere.example", HARD, "5.7.17", "failed"),), ""),
    "mimecast": ("status", ((ANN, REFUSED, "5.7.1", "failed"),), ""),
    "netscape": ("text", ((ANN, HARD, "", "failed"),), "<letter-16@aastrom.com>"),
    "no_reason": ("text", (("", UNKNOWN, "", "failed"),), ""),
    "opensmtpd": ("status", ((ANN, REFUSED, "5.0.0", "failed"),), ""),
    "postfix": ("status", ((ANN, HARD, "5.1.1", "failed"),), "<letter-1@aastrom.com>"),
    "postfix_delayed": ("status", ((ANN, SOFT, "4.4.1", "delayed"),), "<letter-2@aastrom.com>"),
    "postfix_success": ("status", ((ANN, DELIVERED, "2.0.0", "delivered"), (BOB, RELAYED, "2.0.0", "relayed")), ""),
    "proofpoint": ("status", ((ANN, REFUSED, "5.0.0", "failed"),), ""),
    "qmail": ("text", ((ANN, HARD, "5.1.1", "failed"), (BOB, SOFT, "5.2.2", "failed")), "<letter-7@aastrom.com>"),
    "sendmail": ("status", ((ANN, HARD, "5.1.1", "failed"),), "<letter-8@aastrom.com>"),
    "sendmail_old_text": ("text", (("ann@gone.example", HARD, "", "failed"),), "<letter-9@aastrom.com>"),
    "spanish_text": ("text", ((ANN, HARD, "", "failed"),), ""),
    "yahoo": ("text", (("ann@yahoo.com", HARD, "", "failed"),), "<letter-6@aastrom.com>"),
}  # fmt: skip


def letter(name: str) -> bytes:
    return (LETTERS / f"{name}.eml").read_bytes()


def report(name: str) -> BounceReport:
    found = read_bounce(letter(name), LIMITS)
    assert found is not None
    return found


def test_every_letter_that_came_back_has_its_expected_reading() -> None:
    assert {path.stem for path in LETTERS.glob("*.eml")} == set(EXPECTED)
    assert len(EXPECTED) >= 25


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_bounce_tells_whom_it_is_about_and_why(name: str, line_end: bytes) -> None:
    found = read_bounce(letter(name).replace(b"\n", line_end), LIMITS)
    assert found is not None
    told = tuple((each.address, each.kind, each.code, each.action) for each in found.recipients)
    assert (found.source, told, found.original_message_id) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bounce_is_never_answered(name: str) -> None:
    assert ignore_reason(parse(letter(name), LIMITS), "", ["dspp@aastrom.com"]) == "bounce"


def test_the_fields_around_a_recipient_are_read() -> None:
    (ann,) = report("postfix").recipients
    assert report("postfix").reporting_mta == "mx1.holder.example"
    assert ann.remote_mta == "store.holder.example"
    assert ann.original_address == ANN
    assert ann.diagnostic.startswith("550 5.1.1 <ann@holder.example>: Recipient address rejected: User unknown")
    assert ann.is_final
    (late,) = report("postfix_delayed").recipients
    assert late.retry_until == datetime(2003, 11, 10, 15, 12, 44, tzinfo=UTC)
    assert not late.is_final


def test_the_text_beside_fields_that_say_nothing_gives_the_reason() -> None:
    raw = letter("domino").replace(b"Status: 5.1.1\n", b"").replace(b"Diagnostic-Code", b"X-Other")
    found = read_bounce(raw, LIMITS)
    assert found is not None
    assert [(each.kind, each.action) for each in found.recipients] == [(HARD, "failed")]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("ann@holder.example", HARD, id="named"),
        pytest.param("ANN@Holder.example", HARD, id="in other letters"),
        pytest.param("bob@other.example", SOFT, id="another"),
        pytest.param("eve@holder.example", SOFT, id="not named: the weakest of all"),
    ],
)
def test_what_is_claimed_of_an_address(address: str, kind: Kind) -> None:
    assert report("exim").kind_for(address) is kind


def test_an_address_that_was_handed_on_is_known_by_the_one_we_wrote_to() -> None:
    softer = b"\nFinal-Recipient: rfc822; bob@holder.example\nAction: delayed\nStatus: 4.4.1\n\n--ho--"
    found = read_bounce(letter("mailbox_handed_on").replace(b"\n--ho--", softer), LIMITS)
    assert found is not None
    assert found.kind_for(ANN) is HARD
    assert found.kind_for(BOB) is SOFT


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("5.1.1", HARD), ("5.1.2", HARD), ("5.1.3", HARD), ("5.1.6", HARD), ("5.1.10", HARD), ("5.2.1", HARD),
        ("5.4.4", HARD), ("5.7.17", HARD), ("5.7.18", HARD),
        ("5.2.2", SOFT), ("5.3.1", SOFT), ("5.3.2", SOFT), ("5.4.1", SOFT), ("5.4.6", SOFT), ("5.4.7", SOFT),
        ("5.4.316", SOFT), ("4.1.1", SOFT), ("4.0.0", SOFT), ("4.7.1", SOFT),
        ("5.1.7", REFUSED), ("5.1.8", REFUSED), ("5.2.3", REFUSED), ("5.3.4", REFUSED), ("5.5.4", REFUSED),
        ("5.6.0", REFUSED), ("5.6.7", REFUSED), ("5.7.0", REFUSED), ("5.7.1", REFUSED), ("5.7.26", REFUSED),
        ("5.0.0", UNKNOWN), ("5.1.0", UNKNOWN), ("5.2.0", UNKNOWN), ("5.1.999", UNKNOWN), ("5.9.9", UNKNOWN),
        ("2.1.5", UNKNOWN), ("", UNKNOWN),
    ],
)  # fmt: skip
def test_only_codes_about_the_address_speak_against_it(code: str, kind: Kind) -> None:
    assert kind_of_code(code) is kind


@pytest.mark.parametrize(
    ("code", "diagnostic", "action", "kind"),
    [
        pytest.param("5.1.1", "550 5.1.1 no such user", "failed", HARD, id="all say the same"),
        pytest.param("5.1.1", "", "failed", HARD, id="a code alone"),
        pytest.param("5.1.1", "", "delayed", SOFT, id="still being tried"),
        pytest.param("5.1.1", "", "delivered", DELIVERED, id="it arrived"),
        pytest.param("5.1.1", "", "expanded", RELAYED, id="a list took it"),
        pytest.param("5.1.1", "452 sorry", "failed", SOFT, id="a temporary reply"),
        pytest.param("5.1.1", "550 4.2.1 later", "failed", SOFT, id="a temporary code within"),
        pytest.param("5.1.1", "550 mailbox full", "failed", SOFT, id="words of a full mailbox"),
        pytest.param("5.1.1", "550 blocked as spam", "failed", REFUSED, id="words of a filter"),
        pytest.param("5.1.1", "550 5.7.1 user unknown", "failed", REFUSED, id="a policy's code within"),
        pytest.param("5.0.0", "550 user unknown", "failed", HARD, id="words where the code says nothing"),
        pytest.param("5.0.0", "550 sorry", "failed", REFUSED, id="permanent without a reason"),
        pytest.param("", "554 sorry", "failed", REFUSED, id="a reply without a reason"),
        pytest.param("", "sorry", "failed", UNKNOWN, id="nothing at all"),
        pytest.param("5.1.1", "550 no account overquota@spam.example", "failed", HARD, id="words within an address"),
        pytest.param("5.0.0", "550 see https://blocked.example/spam user unknown", "failed", HARD, id="within a link"),
        pytest.param("5.1.1", "relay.spam-filter.example[192.0.2.1]:25 said: 550", "failed", HARD, id="within a host"),
        pytest.param("5.0.0", "host mx[10.4.5.6]:25 said 550 user unknown", "failed", HARD, id="numbers of a host"),
    ],
)
def test_the_weaker_claim_wins(code: str, diagnostic: str, action: str, kind: Kind) -> None:
    assert judged(code, diagnostic, action) is kind


def test_silence_claims_nothing() -> None:
    assert weakest([UNKNOWN, HARD]) is HARD
    assert weakest([HARD, REFUSED, SOFT, RELAYED, DELIVERED]) is DELIVERED
    assert weakest([]) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("5.1.1", "5.1.1"), (" 5.1.1 (no such user)", "5.1.1"), ("5.01.010", "5.1.10"), ("5.1.1.1", ""), ("6.1.1", ""),
        ("5.1", ""), ("5.1.1234", ""), ("smtp; 5.1.1", ""), ("٥.١.١", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_code_has_its_form(value: str, code: str) -> None:
    assert checked_code(value) == code


def test_addresses_of_hosts_and_versions_are_no_codes() -> None:
    assert code_within("connect to mx[5.1.1.9]: refused by 4.4.4.4, v5.1.1, x-5.1.1") == "5.1.1"
    assert code_within("connect to mx[5.1.1.9] with v4.1.1") == ""
    assert code_within("(#5.1.1)") == "5.1.1"
    assert reply_class("queue 450x, mx:550/tcp, 1550, then 421 busy") == "4"
    assert reply_class("500 shares? no: 599, 600") == "5"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; Ann@Holder.example", ANN), ("RFC822;<ann@holder.example>", ANN), ("ann@holder.example", ANN),
        ("rfc822; ann@holder.example (Ann)", ANN), ("rfc822;ann@holder.example;", ANN), ("<ann@holder.example>", ANN),
        ("ann@holder.example; (x)", ANN),
        ("utf-8; j\\x{F6}rg@beispiel.example", "jörg@beispiel.example"), ("utf-8; a\\x{D800}b@c.example", ""),
        ("rfc822; ann", ""), ("x400; /G=Ann/S=Holder/", ""), ("rfc822; a@b.example, c@d.example", ""), ("", ""),
        ("rfc822; ann@holder.example\n\tbob@holder.example", ""), ("rfc822; \"a b\"@c.example", ""),
        ("utf-8; a\\x{110000}@c.example", ""), ("utf-8; a\\x{0A}b@c.example", ""),
    ],
)  # fmt: skip
def test_an_address_is_clean_or_none(value: str, address: str) -> None:
    assert address_of(value) == address


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"From: ann@holder.example\nSubject: Sell\n\nPlease sell 10 shares.\n", id="a request"),
        pytest.param(
            b"From: ann@holder.example\nSubject: Undeliverable check\n\nYour check came back, please send another.\n",
            id="a check that failed",
        ),
        pytest.param(
            b"From: ann@holder.example\nSubject: bounced\n\nYour letter could not be delivered to me:\n\n"
            b"bob@other.example: user unknown\n",
            id="a person writing about a bounce",
        ),
        pytest.param(
            b"From: ann@holder.example\nSubject: Fwd: Undelivered Mail\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n" + letter("postfix") + b"\n--b--\n",
            id="a person forwarding one",
        ),
        pytest.param(
            b"From: ann@holder.example\nSubject: Fwd: Undelivered Mail\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\n\nIs this from you?\n--b\nContent-Type: message/delivery-status\n\n"
            b"Final-Recipient: rfc822; bob@holder.example\nAction: failed\nStatus: 5.1.1\n--b--\n",
            id="a person forwarding its parts",
        ),
        pytest.param(
            b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b--\n",
            id="a receipt",
        ),
        pytest.param(
            b"From: postmaster@x.example\nSubject: Undeliverable: x\n"
            b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n"
            b"could not be delivered to\nann@holder.example\n--b--\n",
            id="a receipt that says it was thrown away",
        ),
        pytest.param(
            b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b--\n",
            id="a complaint",
        ),
        pytest.param(
            b"From: ann@holder.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nAsk jim@x.example\n",
            id="an absence",
        ),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_bounce_is_none(raw: bytes) -> None:
    assert read_bounce(raw, LIMITS) is None


def test_recipients_are_bounded() -> None:
    block = b"".join(b"\nFinal-Recipient: rfc822; a%d@b.example\nStatus: 5.1.1\n" % n for n in range(5_000))
    assert len(read_delivery_status(block, LIMITS).recipients) == LIMITS.recipients
    head = b"Content-Type: message/delivery-status\n\n"
    found = read_bounce(head + block, LIMITS)
    assert found is not None
    assert len(found.recipients) == LIMITS.recipients


def test_a_diagnostic_is_one_short_printable_line() -> None:
    told = b"smtp; 550 \x1b[31mred\x07\xe2\x80\xae" + b"x" * 5_000
    content = b"Final-Recipient: rfc822; a@b.example\nDiagnostic-Code: " + told
    (found,) = read_delivery_status(content, LIMITS).recipients
    assert len(found.diagnostic) == 200
    assert found.diagnostic.isprintable()


def test_the_bounces_own_recipient_never_failed() -> None:
    raw = (
        b"From: MAILER-DAEMON@x.example\nTo: dspp+bq@aastrom.com\nSubject: failure notice\n\nHi. This is the post.\n\n"
        b"<dspp+bq@aastrom.com>:\nuser unknown\n"
    )
    found = read_bounce(raw, LIMITS)
    assert found is not None
    assert [each.address for each in found.recipients] == [""]


def test_an_address_between_two_commas_is_no_failed_one() -> None:
    raw = (
        b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nIt failed. Write to Jim, jim@x.example, about it.\n"
    )
    found = read_bounce(raw, LIMITS)
    assert found is not None
    assert [each.address for each in found.recipients] == [""]


@pytest.mark.parametrize(
    ("fields", "action", "kind"),
    [
        pytest.param(b"Action: error", "failed", UNKNOWN, id="another word for failed"),
        pytest.param(b"Status: 5.1.1", "failed", HARD, id="a permanent code alone"),
        pytest.param(b"Status: 4.4.1", "", SOFT, id="a temporary code alone"),
        pytest.param(b"Action: failed\nStatus: 5.0.0 (user unknown)", "failed", HARD, id="a reason behind the code"),
    ],
)
def test_fields_that_are_missing_are_filled_from_the_others(fields: bytes, action: str, kind: Kind) -> None:
    (found,) = read_delivery_status(b"Final-Recipient: rfc822; a@b.example\n" + fields, LIMITS).recipients
    assert (found.action, found.kind) == (action, kind)


def test_a_blank_line_and_a_name_begin_the_next_recipient() -> None:
    content = b"""Final-Recipient: rfc822; a@b.example
Action: failed

Original-Recipient: rfc822; c@d.example
Final-Recipient: rfc822; e@f.example
Action: delayed
"""
    found = read_delivery_status(content, LIMITS).recipients
    assert [(each.original_address, each.address) for each in found] == [
        ("", "a@b.example"),
        ("c@d.example", "e@f.example"),
    ]


def test_a_claim_without_action_or_code_is_a_failure_without_reason() -> None:
    assert read_delivery_status(b"Final-Recipient: rfc822; a@b.example\n", LIMITS).recipients == (
        RecipientReport("a@b.example"),
    )


def test_a_report_wrapped_by_a_gateway_is_read() -> None:
    head, _, body = letter("postfix").partition(b"\n\n")
    kind = head[head.index(b"Content-Type:") :]
    wrapped = (
        head[: head.index(b"Content-Type:")] + b"Content-Type: multipart/mixed; boundary=w\n\n--w\n"
        + kind + b"\n\n" + body + b"\n--w\nContent-Type: text/plain\n\nThis mail was scanned.\n--w--\n"
    )  # fmt: skip
    found = read_bounce(wrapped, LIMITS)
    assert found is not None
    assert [(each.address, each.kind) for each in found.recipients] == [(ANN, HARD)]
    assert found.original_message_id == "<letter-1@aastrom.com>"


def parts_of(number: int, each: int) -> bytes:
    """A bounce with so many status parts, each with so many recipients of its own."""
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    blocks = (
        b"--b\nContent-Type: message/delivery-status\n\n"
        + b"".join(b"Final-Recipient: rfc822; a%d.%d@b.example\nStatus: 5.1.1\n\n" % (part, at) for at in range(each))
        for part in range(number)
    )
    return head + b"".join(blocks) + b"--b--\n"


@pytest.mark.parametrize(
    ("number", "each", "most"),
    [
        pytest.param(3, 2, 6, id="a few"),
        pytest.param(2, 80, LIMITS.recipients, id="too many together"),
        pytest.param(50, 1, 10, id="too many parts"),
    ],
)
def test_status_parts_and_what_they_say_together_are_bounded(number: int, each: int, most: int) -> None:
    found = read_bounce(parts_of(number, each), LIMITS)
    assert found is not None
    assert len(found.recipients) == most


def test_no_more_of_a_message_is_read_than_may_come_in() -> None:
    raw = letter("postfix")
    found = read_bounce(raw, replace(LIMITS, message_bytes=raw.index(b"Final-Recipient")))
    assert found is not None
    assert (found.source, found.original_message_id) == ("text", "")
