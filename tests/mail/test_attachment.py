"""A file that goes with a letter arrives as it is, and leaves the letter as it was."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.compose import Attachment, LetterParts, compose
from bot.mail.limits import Limits
from bot.mail.parse import parse

TEXT = "Dear Ann,\n\nyour statement — on paper.\n"
HTML = "<p>Dear Ann, your statement.</p>"


def made(*files: Attachment) -> bytes:
    return compose(
        LetterParts("Your statement", TEXT, HTML, files),
        program_name="Aastrom DSPP",
        from_address="dspp@aastrom.com",
        to_address="ann@example.com",
        reply_to="dspp@aastrom.com",
        message_id="<out1@aastrom.com>",
        date=datetime(2003, 12, 1, 9, 0, tzinfo=UTC),
        has_marker=False,
    )


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def pdf(content: bytes, name: str = "statement-2003-11.pdf") -> Attachment:
    return Attachment(name, "application/pdf", content)


@given(st.lists(st.binary(max_size=4000), min_size=1, max_size=3))
def test_any_file_arrives_byte_by_byte_and_the_letter_with_it(contents: list[bytes]) -> None:
    files = [pdf(content, f"part-{number}.pdf") for number, content in enumerate(contents)]
    message = read(made(*files))
    assert message.get_content_type() == "multipart/mixed"
    alternative, *attached = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in alternative.iter_parts())
    assert plain.replace("\r\n", "\n") == TEXT
    assert html.strip() == HTML
    assert [part.get_filename() for part in attached] == [file.name for file in files]
    assert [part.get_content() for part in attached] == contents
    assert {part.get_content_type() for part in attached} == {"application/pdf"}
    assert {part.get_content_disposition() for part in attached} == {"attachment"}
    assert not message.defects


def test_content_that_looks_like_a_boundary_ends_nothing() -> None:
    boundary = str(read(made(pdf(b"%PDF"))).get_boundary())
    hostile = f"\r\n--{boundary}--\r\n\r\n--{boundary[:2]}{boundary[3:]}--\r\n".encode()
    (attached,) = read(made(pdf(hostile))).iter_attachments()
    assert attached.get_content() == hostile


def test_neither_boundary_begins_with_the_other() -> None:
    message = read(made(pdf(b"%PDF")))
    outer, inner = str(message.get_boundary()), str(next(iter(message.iter_parts())).get_boundary())
    assert not outer.startswith(inner)
    assert not inner.startswith(outer)


def test_the_same_letter_with_the_same_file_is_the_same_bytes_in_lines_that_every_relay_takes() -> None:
    raw = made(pdf(bytes(range(256)) * 40))
    assert raw == made(pdf(bytes(range(256)) * 40))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_letter_without_files_has_no_part_for_them() -> None:
    assert read(made()).get_content_type() == "multipart/alternative"


def test_our_own_reader_finds_the_text_of_a_letter_with_a_file() -> None:
    assert "your statement — on paper." in parse(made(pdf(b"%PDF-1.7")), Limits()).text


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        pytest.param('a".pdf', "application/pdf", id="a quote"),
        pytest.param("a.pdf\r\nBcc: x@example.com", "application/pdf", id="a header"),
        pytest.param("../a.pdf", "application/pdf", id="a path"),
        pytest.param("a..pdf", "application/pdf", id="two dots"),
        pytest.param(".profile", "application/pdf", id="a hidden file"),
        pytest.param("a.pdf\n", "application/pdf", id="a line end"),
        pytest.param("", "application/pdf", id="nothing"),
        pytest.param("a" * 80, "application/pdf", id="too long"),
        pytest.param("a.pdf", "application/pdf\r\nX: y", id="a header in the type"),
        pytest.param("a.pdf", "pdf", id="no type"),
    ],
)
def test_a_name_that_cannot_stand_in_a_header_is_refused(name: str, media_type: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header"):
        Attachment(name, media_type, b"")
