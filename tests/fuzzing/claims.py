"""What holds of every message, whatever its bytes: each claim is a function that fails where it does not hold.

The claims are told by means of their own where that can be done: the From fields are counted anew, bare line ends are
looked for with another pattern, and what is quoted is put there by the claim itself. `check` makes all of them of one
message; `forgeries` adds what must not become of a signed letter.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from ipaddress import ip_address

from bot.codes import candidates
from bot.language.understanding import Understands
from bot.mail.addresses import is_addr_spec
from bot.mail.authres import FIELD, disarmed_fields, read_results, writable, written_results
from bot.mail.bounces import read_bounce
from bot.mail.compose import REPLY_MARKER
from bot.mail.content import refusal_of
from bot.mail.dedupe import dedupe_key
from bot.mail.feedback_report import MOST_INCIDENTS, TYPES, read_feedback
from bot.mail.headers import HeaderSection, decoded, message_ids, read_header_section, sent_at, single_address
from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason, sameness
from bot.mail.parse import ParsedMail, parse
from bot.mail.part_scan import is_bomb
from bot.mail.reply_text import split
from bot.mail.status_codes import Kind
from bot.reading import read, read_head

LIMITS = Limits()
PROGRAM = "dspp@aastrom.com"
CODE = "K7QM-2R9T"
RELAYED = b"Received: from a.example by b.example; Mon, 23 Nov 2026 12:00:00 +0000\r\n"
REASONS = frozenset({"automatic", "automatic_reply", "bounce", "bulk", "list", "loop", "receipt", "report"})
NEVER_WHOLE = frozenset({
    "base64_broken", "boundary_not_found", "encrypted", "header_over_limit", "html_too_deep", "mime_too_deep",
    "opaque_signature", "text_over_limit", "too_many_parts", "transfer_encoding_unknown",
})  # fmt: skip
"""Defects that leave in doubt whether the text is all that was written."""
_PLAIN_HEADER = re.compile(rb"(?:[!-9;-~]++:[^\r\n]*+\r\n(?:[ \t][^\r\n]*+\r\n)*+)++")
_CUT = frozenset({"header_over_limit", "header_without_blank_line"})
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_LINE_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u200b-\u200f\ufeff\ud800-\udfff]")
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_REPLY = re.compile(r"(?:4|5)\d\d [45]\.\d\.\d [ -~]+")
_SHOWN_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]+>")
_MOST_COMPOSED = 1_000
"""Characters of a text that is put into another letter as its quotation."""


def check(raw: bytes, mail_from: str, understands: Understands) -> None:
    """Make every claim of one message. AssertionError where one does not hold."""
    with no_fault_is_caught():
        mail = parse(raw, LIMITS)
        it_is_read_as_promised(raw, mail)
        a_sender_is_one_address_of_one_field(raw, mail)
        every_line_is_live_or_quoted_or_signature(mail.text)
        no_code_is_found_in_what_is_quoted(mail.text)
        fields_are_read_as_promised(raw)
        the_key_tells_deliveries_apart(raw)
        the_door_takes_only_what_is_clean(raw)
        results_are_read_as_they_are_written(raw, mail)
        reports_are_read_as_promised(raw)
        the_loop_guard_has_a_reason_or_none(mail, mail_from)
        it_is_understood_as_promised(raw, mail, mail_from, understands)


@contextmanager
def no_fault_is_caught() -> Iterator[None]:
    """Some readers turn a fault of theirs into a value and log it; while this lasts, that fails."""
    watch = _Watch(logging.ERROR)
    logger = logging.getLogger("bot")
    logger.addHandler(watch)
    try:
        yield
    finally:
        logger.removeHandler(watch)


class _Watch(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(f"a fault was caught: {record.getMessage()}")


def it_is_read_as_promised(raw: bytes, mail: ParsedMail) -> None:
    """There is a reading, twice the same, of bounded clean text; and it is not whole where a defect says so."""
    assert mail == parse(raw, LIMITS)
    assert "parser_failure" not in mail.defects
    assert not (mail.is_readable and NEVER_WHOLE.intersection(mail.defects)), mail.defects
    assert _TEXT_CONTROLS.search(mail.text) is None
    assert len(mail.text) <= LIMITS.text_characters
    assert _LINE_CONTROLS.search(mail.subject) is None
    assert len(mail.subject) <= LIMITS.subject_characters
    assert all(_SHOWN_ID.fullmatch(found) for found in (*mail.in_reply_to, *mail.references))
    assert mail.message_id == "" or _SHOWN_ID.fullmatch(mail.message_id)
    assert len(mail.references) <= LIMITS.references
    assert mail.date is None or mail.date.tzinfo is not None
    for attachment in mail.attachments:
        assert _LINE_CONTROLS.search(attachment.file_name) is None
        assert not set("/\\") & set(attachment.file_name)
        assert len(attachment.file_name) <= LIMITS.file_name_characters
        assert 0 <= attachment.size <= len(raw)


def a_sender_is_one_address_of_one_field(raw: bytes, mail: ParsedMail) -> None:
    """Two From fields, or none, and nobody sent it; the head alone tells the same sender."""
    assert bool(mail.from_address) != bool(mail.from_defect)
    assert mail.from_address == "" or is_addr_spec(mail.from_address)
    assert mail.from_address == mail.from_address.lower()
    fields = from_fields(raw)
    if mail.from_address and not _CUT.intersection(mail.defects):
        assert fields == 1, f"{fields} From fields"
    assert not mail.from_address or fields >= 1
    head = read_head(raw, "", PROGRAM)
    if not refusal_of(raw, LIMITS):
        assert head.from_address == mail.from_address


def from_fields(raw: bytes) -> int:
    """How many lines before the first empty one begin as a From field, told without the code under test."""
    lines = re.split(rb"\r\n|\r|\n", raw)
    head = lines[: lines.index(b"")] if b"" in lines else lines
    return sum(re.match(rb"from[ \t]*:", line, re.IGNORECASE) is not None for line in head)


def every_line_is_live_or_quoted_or_signature(text: str) -> None:
    """No line is lost and none is made up."""
    parts = split(text)
    kept = Counter(_lines(parts.live)) + Counter(_lines(parts.quoted)) + Counter(_lines(parts.signature))
    assert kept == Counter(_lines(text))
    assert parts.doubtful == bool(parts.doubts)


def no_code_is_found_in_what_is_quoted(text: str) -> None:
    """Any text, quoted in three ways below one word with a code in it, gives that word at most, and no code."""
    cited = f"{text[:_MOST_COMPOSED]}\nThe code is {CODE}.\n{text[:_MOST_COMPOSED]}"
    marked = "\n".join(f"> {line}" for line in cited.split("\n"))
    html = f"<p>yes</p><blockquote type=cite>{escape(cited).replace(chr(10), '<br>')}</blockquote>"
    for letter in (
        f"yes\n\n{marked}",
        f"yes\n\n{REPLY_MARKER}\n{cited}",
        parse(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode(), LIMITS).text,
    ):
        live = split(letter).live
        assert set(_lines(live)) <= {"yes"}, live
        assert candidates(live) == ()


def fields_are_read_as_promised(raw: bytes) -> None:
    """The header section lies in the message; what is shown of its fields is short, and one clean line."""
    section = read_header_section(raw, 0, len(raw), LIMITS)
    assert 0 <= section.body_at <= len(raw)
    assert len(section.fields) <= LIMITS.header_count
    for name, value in section.fields[:50]:
        assert name.isascii()
        assert name == name.lower().strip()
        shown = decoded(value, 100)
        assert len(shown) <= 100
        assert _LINE_CONTROLS.search(shown) is None
        assert len(message_ids([value], 3)) <= 3
        address, reason = single_address((value,))
        assert bool(address) != bool(reason)
        moment = sent_at(value)
        assert moment is None or moment.tzinfo is not None


def the_key_tells_deliveries_apart(raw: bytes) -> None:
    """A relay's stamp above a plain header section leaves the message the same; whatever else differs does not."""
    content = on_the_wire(raw)
    key = dedupe_key("email", content)
    assert key == dedupe_key("email", content)
    head, shown, digest = key.split("|", 1)[0], key.split("|", 1)[1].rpartition("|")[0], key.rpartition("|")[2]
    assert head == "email"
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert len(shown) <= 200
    assert dedupe_key("email", content + b"more") != key
    assert dedupe_key("email", b"X-Autoreply: yes\r\n" + content) != key
    header, blank, _ = content.partition(b"\r\n\r\n")
    if blank and _PLAIN_HEADER.fullmatch(header + b"\r\n") and b"dkim-signature" not in header.lower():
        assert dedupe_key("email", RELAYED + content) == key


def the_door_takes_only_what_is_clean(raw: bytes) -> None:
    """What could be read as two messages is refused; every refusal is a proper reply."""
    for content in (raw, on_the_wire(raw)):
        refusal = refusal_of(content, LIMITS)
        assert refusal == "" or _REPLY.fullmatch(refusal)
        if not refusal:
            assert _BARE.search(content) is None
            assert b"\x00" not in content
            assert max(map(len, content.split(b"\r\n"))) + 2 <= LIMITS.line_length + 2
            head = content.partition(b"\r\n\r\n")[0]
            assert len(re.findall(rb"(?im)^received[ \t]*:", head)) <= LIMITS.hops
            assert not is_bomb(content, LIMITS)


def on_the_wire(raw: bytes) -> bytes:
    """The message as a client would send it: without NUL, and every line ends in CRLF."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw.replace(b"\x00", b""))


def results_are_read_as_they_are_written(raw: bytes, mail: ParsedMail) -> None:
    """What a relay's field says can be written again and says the same; none keeps its name unless it is believed."""
    for value in (*mail.headers.get("authentication-results", ())[:5], raw[:2_000].decode("latin-1")):
        found = read_results(value)
        if found is None:
            continue
        assert found.authserv_id.isascii()
        readable = tuple(writable(each) for each in found.results)
        again = read_results(written_results("mx.example", readable))
        assert again is not None
        assert again.results == readable
    fields = [(name, value) for name, values in mail.headers.items() for value in values]
    assert FIELD.lower() not in {name.strip().lower() for name, _ in disarmed_fields(fields, None)}


def reports_are_read_as_promised(raw: bytes) -> None:
    """Bounces and complaints name plain addresses, in one clean line each, or nobody."""
    bounce = read_bounce(raw, LIMITS)
    assert bounce == read_bounce(raw, LIMITS)
    if bounce is not None:
        assert bounce.recipients
        assert len(bounce.recipients) <= LIMITS.recipients
        assert isinstance(bounce.kind_for("ann@example.com"), Kind)
        assert bounce.original_message_id == "" or _SHOWN_ID.fullmatch(bounce.original_message_id)
        assert _LINE_CONTROLS.search(bounce.reporting_mta) is None
        for each in bounce.recipients:
            assert all(shown == "" or is_addr_spec(shown) for shown in (each.address, each.original_address))
            assert _LINE_CONTROLS.search(each.code + each.diagnostic + each.action) is None
    complaint = read_feedback(raw, LIMITS)
    assert complaint == read_feedback(raw, LIMITS)
    if complaint is not None:
        assert complaint.feedback_type in TYPES
        for shown in (complaint.original_recipient, complaint.original_sender):
            assert shown == "" or is_addr_spec(shown)
        assert complaint.source_ip == "" or ip_address(complaint.source_ip)
        assert _LINE_CONTROLS.search(complaint.user_agent + complaint.reported_domain) is None
        assert 1 <= complaint.incidents <= MOST_INCIDENTS


def the_loop_guard_has_a_reason_or_none(mail: ParsedMail, mail_from: str) -> None:
    """A reason that is known, the same each time; our own mark and our own address are always a loop."""
    reason = ignore_reason(mail, mail_from, {PROGRAM})
    assert reason is None or reason in REASONS
    assert reason == ignore_reason(mail, mail_from, {PROGRAM})
    assert ignore_reason(mail, PROGRAM, {PROGRAM}) == "loop"
    digest = sameness(mail.text)
    assert digest == "" or re.fullmatch(r"[0-9a-f]+", digest)
    assert digest == sameness(mail.text.upper().lower()) or not mail.text.isascii()


def it_is_understood_as_promised(raw: bytes, mail: ParsedMail, mail_from: str, understands: Understands) -> None:
    """The whole reading is twice the same, tells what the parts tell, and acts on nothing that must be left alone."""
    reading = read(raw, mail_from, own_address=PROGRAM, understands=understands, limits=LIMITS)
    assert reading == read(raw, mail_from, own_address=PROGRAM, understands=understands, limits=LIMITS)
    assert (reading.from_address, reading.from_defect) == (mail.from_address, mail.from_defect)
    assert reading.is_readable == mail.is_readable
    assert not (reading.is_too_long and reading.is_readable)
    assert reading.attachments == len(mail.attachments)
    if reading.ignore:
        assert (reading.live, reading.codes, reading.understanding.requests) == ("", (), ())
        return
    assert reading.bounce is None
    parts = split(mail.text)
    assert (reading.live, reading.quoted, reading.doubtful) == (parts.live, parts.quoted, parts.doubtful)
    for written, code in reading.codes:
        assert written in reading.live
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", code)
        assert written not in reading.rest


def _section(raw: bytes) -> HeaderSection:
    return read_header_section(raw, 0, len(raw), LIMITS)


def _lines(text: str) -> list[str]:
    """The lines that say something, without blanks at their ends."""
    return [line.rstrip() for line in text.split("\n") if line.strip()]
