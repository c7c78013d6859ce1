"""Reading a message: whatever the bytes are there is a reading, and it says how far it can be trusted."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from bot.mail.parse import CALENDAR, ENCRYPTED, ORDINARY, REPORT, SIGNED
from tests.mail.messages import LIMITS, mail, multipart

# -- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "address", "defect"),
    [
        pytest.param("From: ann@example.com", "ann@example.com", "", id="plain"),
        pytest.param("From: Ann Smith <Ann@Example.COM>", "ann@example.com", "", id="with a name, lower-cased"),
        pytest.param('From: "Smith, Ann" <ann@example.com>', "ann@example.com", "", id="a comma in a quoted name"),
        pytest.param("From: ann@example.com (Ann, at home)", "ann@example.com", "", id="with a comment"),
        pytest.param("From: =?utf-8?q?Ann=2C_Smith?= <ann@example.com>", "ann@example.com", "", id="an encoded name"),
        pytest.param('From: "boss@aastrom.com" <ann@example.com>', "ann@example.com", "", id="an address as a name"),
        pytest.param("From: Ann\n <ann@example.com>", "ann@example.com", "", id="folded"),
        pytest.param("From: <o'brien+x@mail.example.com>", "o'brien+x@mail.example.com", "", id="odd but fine"),
        pytest.param("Subject: x", "", "missing", id="none"),
        pytest.param("From: a@b.example\nFrom: c@d.example", "", "several_headers", id="two headers"),
        pytest.param("From: a@b.example, c@d.example", "", "several_addresses", id="two addresses"),
        pytest.param("From: Smith, Ann <ann@example.com>", "", "several_addresses", id="a bare comma in a name"),
        pytest.param("From: people: a@b.example;", "", "group", id="a group"),
        pytest.param("From: <a@b.example> <c@d.example>", "", "malformed", id="two brackets"),
        pytest.param("From: a@b.example <c@d.example>", "", "malformed", id="two addresses in one"),
        pytest.param("From: alice@example.org)bob@evil.example", "", "malformed", id="a stray parenthesis"),
        pytest.param('From: "ann@example.com', "", "malformed", id="an open quote"),
        pytest.param("From: <ann@example.com", "", "malformed", id="an open bracket"),
        pytest.param("From: ann", "", "malformed", id="no domain"),
        pytest.param("From: ann@localhost", "", "malformed", id="a bare host"),
        pytest.param("From: ann@[127.0.0.1]", "", "malformed", id="an address literal"),
        pytest.param("From: =?utf-8?q?ann=40example.com?=", "", "malformed", id="an encoded address"),
        pytest.param("From: ann\u200b@example.com", "", "malformed", id="a letter that is not seen"),
        pytest.param("From:", "", "malformed", id="empty"),
    ],
)
def test_there_is_one_sender_or_none(head: str, address: str, defect: str) -> None:
    read = mail(head)
    assert (read.from_address, read.from_defect) == (address, defect)


# -- head -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        pytest.param("Invest $250", "Invest $250", id="plain"),
        pytest.param("=?utf-8?q?Caf=C3=A9?=", "Café", id="quoted"),
        pytest.param("=?ISO-8859-1?B?Q2Fm6Q==?=", "Café", id="base64"),
        pytest.param("=?utf-8?q?Caf?= =?utf-8?q?=C3=A9?=", "Café", id="two words make one"),
        pytest.param("=?utf-8?b?Q2Fmww==?= =?utf-8?b?qQ==?=", "Café", id="a letter split between base64 words"),
        pytest.param("=?utf-8?b?Q?=", "Q", id="base64 of nothing"),
        pytest.param("=?utf-8?q?Caf=C3?=\n =?utf-8?q?=A9?=", "Café", id="a letter split between words"),
        pytest.param("=?utf-8?q?a?= b", "a b", id="word and text"),
        pytest.param("one\n two\n\tthree", "one two three", id="folded"),
        pytest.param("=?utf-8?q?one=0D=0ABcc:_x=40y?=", "one Bcc: x@y", id="a line break in disguise"),
        pytest.param("=?nosuch?q?Caf=C3=A9?=", "Café", id="an unknown charset"),
        pytest.param("=?utf-8?x?abc?=", "=?utf-8?x?abc?=", id="an unknown encoding"),
        pytest.param("Café", "Café", id="raw UTF-8"),
        pytest.param("a\u202eb\x07c", "a b c", id="letters that turn or ring"),
    ],
)
def test_subjects_are_one_readable_line(subject: str, shown: str) -> None:
    assert mail(f"Subject: {subject}").subject == shown


def test_a_long_subject_is_cut() -> None:
    assert len(mail("Subject: " + "x" * 100_000).subject) == LIMITS.subject_characters


def test_the_thread_is_read_from_well_formed_ids() -> None:
    read = mail(
        "Message-ID: <1@a.example>\nIn-Reply-To: your mail <2@a.example> of Monday\n"
        "References: <3@a.example>\n <4@a.example> junk <5 6> <2@a.example><3@a.example>"
    )
    assert read.message_id == "<1@a.example>"
    assert read.in_reply_to == ("<2@a.example>",)
    assert read.references == ("<3@a.example>", "<4@a.example>", "<2@a.example>")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        pytest.param("Tue, 4 Nov 2003 09:00:00 -0500", datetime(2003, 11, 4, 14, 0, tzinfo=UTC), id="plain"),
        pytest.param("4 Nov 2003 09:00 EST", datetime(2003, 11, 4, 14, 0, tzinfo=UTC), id="old zone"),
        pytest.param("Tue, 4 Nov 2003 09:00:00 -0000", datetime(2003, 11, 4, 9, 0, tzinfo=UTC), id="no zone"),
        pytest.param("yesterday", None, id="words"),
        pytest.param("Tue, 4 Nov 99999999999 09:00:00 +9999999", None, id="absurd"),
    ],
)
def test_dates(value: str, moment: datetime | None) -> None:
    assert mail(f"Date: {value}").date == moment


def test_headers_are_kept_by_lower_case_name() -> None:
    read = mail("X-Loop: a\nx-loop: b\nSubject: x")
    assert read.headers["x-loop"] == ("a", "b")


# -- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        pytest.param("", "Café".encode(), "Café", id="UTF-8 without a label"),
        pytest.param("", "Café".encode("latin-1"), "Café", id="Latin-1 without a label"),
        pytest.param("Content-Type: text/plain; charset=us-ascii", "Café".encode(), "Café", id="UTF-8 called ASCII"),
        pytest.param("Content-Type: text/plain; charset=utf-8", "€5".encode("cp1252"), "€5", id="Windows called UTF-8"),
        pytest.param(
            "Content-Type: text/plain; charset=iso-8859-1", "€5".encode("cp1252"), "€5", id="Windows as Latin-1"
        ),
        pytest.param("Content-Type: text/plain; charset=iso-8859-1", "€5".encode(), "€5", id="UTF-8 called Latin-1"),
        pytest.param("Content-Type: text/plain; charset=nosuch", "Café".encode(), "Café", id="an unknown charset"),
        pytest.param("Content-Type: text/plain; charset=idna", b"hello", "hello", id="a codec that is no charset"),
        pytest.param("Content-Type: text/plain; charset=koi8-r", "продать".encode("koi8-r"), "продать", id="Russian"),
        pytest.param("Content-Type: text/plain; charset=iso-2022-jp", "株".encode("iso-2022-jp"), "株", id="Japanese"),
        pytest.param("Content-Type: text/plain; charset=utf-16", "Hi".encode("utf-16"), "Hi", id="UTF-16"),
        pytest.param('Content-Type: text/plain; charset="utf-8', "Café".encode(), "Café", id="an open quote"),
        pytest.param("Content-Transfer-Encoding: quoted-printable", b"$2=\n50 =C3=A9", "$250 é", id="quoted-printable"),
        pytest.param("Content-Transfer-Encoding: quoted-printable", b"a=ZZb =", "a=ZZb ", id="broken quoted-printable"),
        pytest.param("Content-Transfer-Encoding: base64", b64encode(b"Invest $250"), "Invest $250", id="base64"),
        pytest.param("Content-Transfer-Encoding: base64", b"SW52ZXN0*ICQyNTA", "Invest $250", id="base64 with dirt"),
        pytest.param("Content-Transfer-Encoding: base64", b"SW52ZXN0ICQyN=\nTA=", "Invest $2L", id="base64 in pieces"),
        pytest.param("Content-Transfer-Encoding: 7bit; x", b"hello", "hello", id="a transfer encoding with parameters"),
        pytest.param("", b"a\x00b\x07c\r\nd\re", "abc\nd\ne", id="control characters and line ends"),
        pytest.param("", "a\u200bb\u202ec\u00a0d".encode(), "abc d", id="letters that are not seen"),
        pytest.param("Content-Type: text", b"hello", "hello", id="a type without a subtype"),
        pytest.param("Content-Type: ", b"hello", "hello", id="an empty type"),
        pytest.param("Content-Type: nonsense", b"hello", "hello", id="a senseless type"),
        pytest.param(
            "Content-Type: text/plain; format=flowed",
            b"one \ntwo\n> three \n> four\nfive\n-- \nAnn",
            "one two\n> three four\nfive\n-- \nAnn",
            id="flowed",
        ),
        pytest.param(
            "Content-Type: text/plain; format=flowed; delsp=yes", b"in \nvest\n from", "invest\nfrom", id="DelSp"
        ),
        pytest.param(
            "Content-Type: text/plain; format=flowed; delsp=yes",
            b"$100 \n00 or $1. \n5 or 7 \n  \nk",
            "$100 00 or $1. 5 or 7 k",
            id="DelSp beside figures",
        ),
        pytest.param("Content-Type: text/plain; charset=utf-7", b"$250 +AC0-5", "$250 +AC0-5", id="UTF-7 as it stands"),
        pytest.param("Content-Type: text/plain; charset=hz-gb-2312", b"~{4s~}5", "~{4s~}5", id="HZ as it stands"),
        pytest.param("Content-Type: text/plain; charset=iso-2022-kr", b"a\x0e5\x0f", "a5", id="ISO-2022-KR the same"),
    ],
)
def test_the_text_of_one_part(head: str, body: bytes, text: str) -> None:
    read = mail(f"From: a@b.example\n{head}".rstrip("\n"), body)
    assert read.text.strip() == text.strip()
    assert "parser_failure" not in read.defects


@pytest.mark.parametrize(
    ("parts", "kind", "text", "files"),
    [
        pytest.param(
            ("\nplain", "Content-Type: text/html\n\n<p>rich</p>"), "alternative", "plain", [], id="plain wins"
        ),
        pytest.param(
            ("\n  ", "Content-Type: text/html\n\n<p>rich</p>"), "alternative", "rich", [], id="plain is blank"
        ),
        pytest.param(
            ("\nThis needs an HTML reader.", "Content-Type: text/html\n\n<p>" + "Please invest $250. " * 5 + "</p>"),
            "alternative",
            ("Please invest $250. " * 5).strip(),
            [],
            id="plain only points to HTML",
        ),
        pytest.param(("\none", "\ntwo"), "mixed", "one\n\ntwo", [], id="two texts"),
        pytest.param(
            ("\none", "Content-Disposition: attachment; filename=../../a.txt\n\ntwo"),
            "mixed",
            "one",
            ["a.txt"],
            id="a file",
        ),
        pytest.param(
            ("Content-Type: text/html\n\n<p>one", "Content-Type: image/png; name=x.png\nContent-ID: <1>\n\nzz"),
            "related",
            "one",
            ["x.png"],
            id="a picture in HTML",
        ),
        pytest.param(
            ("\none", "Content-Type: message/rfc822\n\nSubject: in\n\ninner"),
            "mixed",
            "one",
            [""],
            id="a letter in a letter is a file",
        ),
        pytest.param(("\none", "Content-Type: text/x-nosuch\n\ntwo"), "nosuch", "one", [""], id="unknown kinds"),
    ],
)
def test_the_text_of_several_parts(parts: tuple[str, ...], kind: str, text: str, files: list[str]) -> None:
    read = multipart(kind, *parts)
    assert read.text == text
    assert [file.file_name for file in read.attachments] == files
    assert read.is_readable


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        pytest.param('filename="form.pdf"', "form.pdf", id="plain"),
        pytest.param('filename="C:\\\\Users\\\\ann\\\\form.pdf"', "form.pdf", id="a path of Windows"),
        pytest.param('filename="../../etc/passwd"', "passwd", id="a path that climbs"),
        pytest.param("filename*=utf-8''caf%C3%A9.pdf", "café.pdf", id="extended"),
        pytest.param('filename*0="for"; filename*1="m.pdf"', "form.pdf", id="in pieces"),
        pytest.param('filename="=?utf-8?q?caf=C3=A9=2Epdf?="', "café.pdf", id="an encoded word"),
        pytest.param('filename="a\u202efdp.exe"', "a fdp.exe", id="letters that turn the text"),
        pytest.param('filename="<script>.pdf"', "script .pdf", id="marks of HTML"),
        pytest.param(f'filename="{"x" * 300}.pdf"', "x" * 146 + ".pdf", id="too long"),
        pytest.param("", "", id="none"),
    ],
)
def test_file_names_are_clean(given_name: str, name: str) -> None:
    disposition = f"Content-Disposition: attachment; {given_name}".rstrip("; ")
    (file,) = multipart("mixed", "\none", f"Content-Type: application/pdf\n{disposition}\n\nabc").attachments
    assert file.file_name == name
    assert (file.content_type, file.size) == ("application/pdf", 3)
    assert file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("head", "body", "kind", "readable"),
    [
        pytest.param("", "hi", ORDINARY, True, id="ordinary"),
        pytest.param(
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n--b--\n",
            REPORT,
            True,
            id="a report",
        ),
        pytest.param(
            'Content-Type: multipart/signed; boundary="b"',
            "--b\n\nhi\n--b\nContent-Type: application/pgp-signature\n\nxx\n--b--\n",
            SIGNED,
            True,
            id="signed",
        ),
        pytest.param(
            "",
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\n- hi\n-----BEGIN PGP SIGNATURE-----\nx\n",
            SIGNED,
            True,
            id="signed in the text",
        ),
        pytest.param(
            'Content-Type: multipart/encrypted; boundary="b"',
            "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\nxx\n--b--\n",
            ENCRYPTED,
            False,
            id="encrypted",
        ),
        pytest.param("", "-----BEGIN PGP MESSAGE-----\n\nabc\n", ENCRYPTED, False, id="encrypted in the text"),
        pytest.param(
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "xx", ENCRYPTED, False, id="S/MIME"
        ),
        pytest.param(
            "Content-Type: application/pkcs7-mime; smime-type=signed-data", "xx", SIGNED, False, id="opaque S/MIME"
        ),
        pytest.param("Content-Type: text/calendar", "BEGIN:VCALENDAR", CALENDAR, True, id="an invitation"),
        pytest.param(
            'Content-Type: multipart/alternative; boundary="b"',
            "--b\n\nhi\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--b--\n",
            CALENDAR,
            True,
            id="an invitation with text",
        ),
    ],
)
def test_kinds(head: str, body: str, kind: str, readable: bool) -> None:
    read = mail(f"From: a@b.example\n{head}".rstrip("\n"), body)
    assert read.kind == kind
    assert read.is_readable is readable
