"""Outgoing letters: right for every mail program, and no way to put a header into one."""

from __future__ import annotations

import ast
import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.addresses import UnsafeAddress, is_addr_spec
from bot.mail.compose import REPLY_MARKER, LetterParts, compose, new_message_id
from bot.mail.headers import read_header_section, single_address
from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.mail.reply_text import split

ROOT = Path(__file__).resolve().parent.parent.parent
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
        pytest.param({"unsubscribe": "http://aastrom.com/u"}, ValueError, id="an address without TLS"),
        pytest.param({"unsubscribe": "mailto:dspp@aastrom.com"}, ValueError, id="no address on the web"),
        pytest.param({"unsubscribe": "https://aastrom.com/u\r\nBcc: x"}, ValueError, id="more than an address"),
        pytest.param({"unsubscribe": "https://aastrom.com/u>, <https://evil.example"}, ValueError, id="two addresses"),
        pytest.param({"unsubscribe": "https://aastrom.com/ü"}, ValueError, id="an address beyond ASCII"),
        pytest.param({"unsubscribe": "https://aastrom.com/" + "x" * 900}, ValueError, id="an address without end"),
        pytest.param({"date": datetime(2003, 11, 4)}, ValueError, id="a date without zone"),
    ],
)
def test_unfit_values_of_ours_stop_a_letter(changes: dict[str, object], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        made(LETTER, **changes)


def names_in(raw: bytes) -> list[str]:
    """The names of the header fields, as our own reading of strangers' mail finds them."""
    section = read_header_section(raw, 0, len(raw), Limits())
    assert not section.defects
    return [name for name, _ in section.fields]


ANY_TEXT = st.text(max_size=200) | st.text('\r\n\t \0:<>@=?,;"\\FromBc\u2028\u0085\ud800', max_size=200)
ADDRESSES = ANY_TEXT | st.sampled_from(
    ["ann@example.com", "jürgen@exämple.de", "a@b.example\r\nBcc: <c@d.example>", "a@b.example>, <c@d.example"]
)
WRITTEN = {
    "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
    "x-auto-response-suppress", "x-dspp-loop", "mime-version", "content-type",
}  # fmt: skip


@given(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3), ANY_TEXT, st.text(max_size=300))
def test_no_text_can_start_a_header(
    subject: str, name: str, references: list[str], in_reply_to: str, body: str
) -> None:
    raw = made(LetterParts(subject, body, body), program_name=name, references=references, in_reply_to=in_reply_to)
    found = names_in(raw)
    assert sorted(set(found)) == sorted(found)
    assert set(found) <= WRITTEN
    assert {"from", "to", "reply-to", "date", "message-id"} <= set(found)
    assert parse(raw, Limits()).from_address == "dspp@aastrom.com"
    by_library = email.message_from_bytes(raw)
    assert [one.lower() for one in by_library] == found
    assert not by_library.defects
    assert raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "").isprintable()


@given(ADDRESSES, ADDRESSES, ADDRESSES, ANY_TEXT)
def test_an_address_stands_alone_and_whole_or_there_is_no_letter(
    to: str, from_address: str, reply_to: str, message_id: str
) -> None:
    values = {"to_address": to, "from_address": from_address, "reply_to": reply_to}
    for field, given_address in values.items():
        try:
            raw = made(LETTER, **{field: given_address})
        except ValueError:
            assert not is_addr_spec(given_address)
            continue
        section = read_header_section(raw, 0, len(raw), Limits())
        for name, wanted in (("to", to), ("from", from_address), ("reply-to", reply_to)):
            if field.startswith(name.replace("-", "_")):
                assert single_address(section.all(name)) == (wanted.lower(), "")
        assert sorted(set(names_in(raw))) == sorted(names_in(raw))
    try:
        raw = made(LETTER, message_id=message_id)
    except ValueError:
        return
    assert read_header_section(raw, 0, len(raw), Limits()).all("message-id") == (message_id,)


def test_a_letter_that_may_be_unsubscribed_from_says_how() -> None:
    message = read(made(unsubscribe="https://aastrom.com/u/a1?b=c&d=%20"))
    assert message["List-Unsubscribe"] == "<https://aastrom.com/u/a1?b=c&d=%20>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    long = f"https://aastrom.com/{'x' * 600}"
    assert f"List-Unsubscribe: <{long}>\r\n".encode() in made(unsubscribe=long)


def test_nobody_is_offered_to_unsubscribe_unless_told_where() -> None:
    assert not any(name.startswith("list-") for name in names_in(made()))


def test_no_letter_that_the_service_writes_today_can_be_unsubscribed_from() -> None:
    callers = 0
    for package in ("bot", "handlers", "storage", "templates"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "compose":
                    callers += 1
                    assert "unsubscribe" not in {word.arg for word in node.keywords}, f"{path.name}: an optional letter"
                    assert None not in {word.arg for word in node.keywords}, f"{path.name}: who knows"
    assert callers == 1, "all letters come from one place"


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
