"""Outgoing letters: right for every mail program, and no way to put a header into one."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.addresses import UnsafeAddress
from bot.mail.compose import REPLY_MARKER, LetterParts, compose, new_message_id
from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.mail.reply_text import split

LETTER = LetterParts(
    "Your order", "Dear Ann,\n\n$250.00 will be invested — at last.\n", "<p>Dear Ann, <b>$250.00</b></p>"
)
DATE = datetime(2003, 11, 4, 9, 0, tzinfo=timezone(timedelta(hours=-5)))


def made(letter: LetterParts = LETTER, **changes: object) -> bytes:
    values: dict[str, object] = {
        "program_name": "Aastrom DSPP",
        "from_address": "dspp@aastrom.com",
        "to_address": "ann@example.com",
        "reply_to": "dspp+c1@aastrom.com",
        "message_id": "<out1@aastrom.com>",
        "date": DATE,
        "in_reply_to": "<in1@example.com>",
        "references": ("<in0@example.com>",),
    }
    return compose(letter, **(values | changes))  # type: ignore[arg-type]  # a table of keyword arguments


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_says_who_to_whom_and_that_a_program_wrote_it() -> None:
    message = read(made())
    assert message["From"] == "Aastrom DSPP <dspp@aastrom.com>"
    assert message["To"].addresses[0].addr_spec == "ann@example.com"
    assert message["Reply-To"].addresses[0].addr_spec == "dspp+c1@aastrom.com"
    assert message["Subject"] == "Your order"
    assert message["Date"].datetime == DATE
    assert message["Message-ID"] == "<out1@aastrom.com>"
    assert message["In-Reply-To"] == "<in1@example.com>"
    assert message["References"] == "<in0@example.com> <in1@example.com>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-DSPP-Loop"] == "dspp@aastrom.com"
    assert not message.defects


def test_the_recipient_is_the_bare_address() -> None:
    assert b"\r\nTo: <ann@example.com>\r\n" in made()


def test_a_letter_has_two_forms_and_each_begins_with_the_marker() -> None:
    message = read(made())
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    for part, subtype in ((plain, "plain"), (html, "html")):
        assert part.get_content_type() == f"text/{subtype}"
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
    assert plain.get_content().split("\r\n") == [REPLY_MARKER, "", *LETTER.text.split("\n")]
    assert html.get_content().index(REPLY_MARKER) < html.get_content().index("Dear Ann")


def test_the_marker_goes_inside_the_body_of_a_whole_page() -> None:
    page = LetterParts(
        "x", "x", '<!doctype html><html><head><title>t</title></head><body class="a">\n<p>hi</p></body></html>'
    )
    _, html = read(made(page)).iter_parts()
    content = html.get_content()
    assert content.index("<body") < content.index(REPLY_MARKER) < content.index("hi")


def test_every_line_is_short_and_ends_with_crlf() -> None:
    long = LetterParts("s" * 900, "word " * 3_000 + "x" * 5_000, "<p>" + "y" * 5_000)
    raw = made(long, references=[f"<{'r' * 60}{n}@example.com>" for n in range(50)])
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    raw.decode("ascii")


def test_the_same_parts_give_the_same_bytes() -> None:
    assert made() == made()


def test_a_letter_of_our_own_accord_is_no_answer() -> None:
    message = read(made(in_reply_to="", references=()))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Your order"
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_an_answer_to_a_message_without_an_id_is_still_an_answer() -> None:
    message = read(made(in_reply_to="", references=(), is_answer=True))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Subject"] == "Your order"


def test_a_long_thread_keeps_its_first_and_its_newest() -> None:
    references = [f"<{n}@example.com>" for n in range(40)]
    kept = read(made(references=references))["References"].split()
    assert len(kept) == 20
    assert (kept[0], kept[-1]) == ("<0@example.com>", "<in1@example.com>")


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("<x@y>\r\nBcc: bob@example.com", id="a line break"),
        pytest.param("<x@y> <z@w", id="no end"),
        pytest.param("no brackets", id="no brackets"),
        pytest.param("<ü@y>", id="beyond ASCII"),
        pytest.param("<" + "x" * 400 + "@y>", id="too long"),
    ],
)
def test_what_is_no_message_id_is_left_out_of_the_thread(hostile: str) -> None:
    message = read(made(in_reply_to=hostile, references=(hostile, "<in0@example.com>")))
    assert message["References"] == "<in0@example.com>"
    assert message["In-Reply-To"] is None
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"to_address": "ann@example.com\r\nBcc: bob@example.com"}, UnsafeAddress, id="recipient"),
        pytest.param({"to_address": "Ann <ann@example.com>"}, UnsafeAddress, id="recipient with a name"),
        pytest.param({"reply_to": "x"}, UnsafeAddress, id="reply address"),
        pytest.param({"from_address": ""}, UnsafeAddress, id="sender"),
        pytest.param({"message_id": "<a b@c>"}, ValueError, id="Message-ID"),
        pytest.param({"date": datetime(2003, 11, 4)}, ValueError, id="a date without zone"),
    ],
)
def test_unfit_values_of_ours_stop_a_letter(changes: dict[str, object], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        made(LETTER, **changes)


@given(
    st.text(max_size=200),
    st.text(max_size=100),
    st.lists(st.text(max_size=60), max_size=3),
    st.text(max_size=300),
)
def test_no_text_can_start_a_header(subject: str, name: str, references: list[str], body: str) -> None:
    raw = made(LetterParts(subject, body, body), program_name=name, references=references, in_reply_to=subject)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
    assert sorted(set(names)) == sorted(names)
    assert set(names) <= {
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
        "X-Auto-Response-Suppress", "X-DSPP-Loop", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert parse(raw, Limits()).from_address == "dspp@aastrom.com"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), min_size=1, max_size=120))
def test_subjects_survive(subject: str) -> None:
    wanted = " ".join(subject.split())
    shown = parse(
        made(LetterParts(subject, "x", "x"), is_answer=False, in_reply_to="", references=()), Limits()
    ).subject
    assert shown == wanted


def test_a_letter_beyond_ascii_addresses_itself_in_utf8() -> None:
    raw = made(to_address="jürgen@exämple.de")
    assert "To: <jürgen@exämple.de>".encode() in raw


def test_an_answer_above_our_letter_is_all_that_is_live() -> None:
    ours = parse(made(LetterParts("x", "Reply YES to invest $500.", "<p>Reply YES to invest $500.</p>")), Limits())
    quoted = "\n".join(f"> {line}" for line in ours.text.split("\n"))
    for below in (ours.text, quoted):
        parts = split(f"No, thank you.\n\n{below}")
        assert parts.live == "No, thank you."
        assert not parts.doubtful


def test_an_answer_in_html_above_our_letter_is_all_that_is_live() -> None:
    ours = read(made(LetterParts("x", "x", "<body><p>Reply YES to invest $500.</p></body>"))).get_body(("html",))
    assert ours is not None
    above, below = "<div>No, thank you.</div>", ours.get_content()
    for quotation in (
        f"<div class=gmail_quote>On 4 Nov 2003 DSPP wrote:<blockquote>{below}</blockquote></div>",
        f"<div id=appendonsend></div><hr><div id=divRplyFwdMsg>From: DSPP</div>{below}",
        f"<hr>{below}",
    ):
        reply = f"From: a@b.example\nContent-Type: text/html\n\n{above}{quotation}".encode()
        assert split(parse(reply, Limits()).text).live == "No, thank you."


def test_message_ids_come_from_the_outbox() -> None:
    assert new_message_id("a" * 26, "aastrom.com") == new_message_id("a" * 26, "aastrom.com")
    assert new_message_id("a" * 26, "aastrom.com").endswith("@aastrom.com>")
    for outbox_id, domain in (("a b", "aastrom.com"), ("a", "x>\r\nBcc: y"), ("a@b", "aastrom.com")):
        with pytest.raises(ValueError, match="Message-ID"):
            new_message_id(outbox_id, domain)


def test_dates_are_written_for_mail() -> None:
    assert b"Date: Tue, 04 Nov 2003 14:00:00 +0000" in made(date=DATE.astimezone(UTC))
