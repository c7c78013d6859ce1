"""A rendered letter as the bytes of one message. The same parts always give the same bytes.

Headers are written by hand from checked values: nothing that a stranger sent can start a header line, and no display
name of theirs is ever repeated. Every letter says that a program wrote it (RFC 3834), so that programs do not answer.
"""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from quopri import encodestring

from bot.mail.addresses import checked

REPLY_MARKER = "--- Please write your reply above this line ---"
"""First line of every letter. When it comes back, nothing below it is taken for the sender's words."""
LOOP_HEADER = "X-DSPP-Loop"
"""Marks every letter of ours, so that one that comes back is known."""

_LINE = 76
_MOST_REFERENCES = 20
_SUBJECT_CHARACTERS = 250
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@:\[\]-]{1,250}>")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'*+;=:@%/?-]{0,600})?")
"""An address on the web that needs no folding and no quoting between angle brackets: no comma, space or bracket."""
_FILE_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]|\.(?!\.)){0,58}[A-Za-z0-9]")
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BODY_TAG = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_MARKER_HTML = f'<p style="margin:0;padding:12px 16px 0;color:#767676;font-size:12px">{REPLY_MARKER}</p>\n'
_OUTLOOK_QUIET = "All"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter, such as a statement on paper."""

    name: str
    """Letters, digits, dots and hyphens, beginning with a letter: it stands in a header and on the reader's disk."""
    media_type: str
    """Such as "application/pdf"."""
    content: bytes

    def __post_init__(self) -> None:
        if _FILE_NAME.fullmatch(self.name) is None or _MEDIA_TYPE.fullmatch(self.media_type) is None:
            raise ValueError("a file name or a media type that cannot stand in a header")


@dataclass(frozen=True, slots=True)
class LetterParts:
    """What a template worded: one letter in both forms, and the files that go with it."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def compose(
    letter: LetterParts,
    *,
    program_name: str,
    from_address: str,
    to_address: str,
    reply_to: str,
    message_id: str,
    date: datetime,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    is_answer: bool | None = None,
    has_marker: bool = True,
    unsubscribe: str = "",
) -> bytes:
    """The whole message, CRLF line ends, ASCII but for addresses beyond it.

    `in_reply_to` and `references` come from strangers: what is no Message-ID among them is left out. Everything else
    is ours: a malformed address raises UnsafeAddress, a malformed Message-ID or a date without zone ValueError.
    `has_marker` puts the reply marker on top; a notice that nobody is to answer by mail goes without.
    `is_answer` says whether somebody's message is answered; not given, that is so where a message is referred to.
    `unsubscribe` is the https address where one POST ends letters of this kind (RFC 8058). It is for letters that
    nobody needs to have, never for a confirmation or what a holder must be told; what is no such address raises
    ValueError.
    The subject is the letter's own and never the answered message's: whoever forges a sender must not be able to put
    words into a letter of ours.
    """
    answers = bool(in_reply_to or references) if is_answer is None else is_answer
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise ValueError("not a Message-ID of ours")
    if date.tzinfo is None:
        raise ValueError("the date of a letter needs a zone")
    thread = _thread(in_reply_to, references)
    headers = [
        ("From", f"{_display_name(program_name)} <{checked(from_address)}>"),
        ("To", f"<{checked(to_address)}>"),
        ("Reply-To", f"{_display_name(program_name)} <{checked(reply_to)}>"),
        ("Subject", _unstructured(_one_line(letter.subject)[:_SUBJECT_CHARACTERS])),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
        ("In-Reply-To", in_reply_to if in_reply_to in thread else ""),
        ("References", " ".join(thread)),
        ("Auto-Submitted", "auto-replied" if answers else "auto-generated"),
        ("X-Auto-Response-Suppress", _OUTLOOK_QUIET),
        (LOOP_HEADER, checked(from_address)),
        *_unsubscribing(unsubscribe),
        ("MIME-Version", "1.0"),
    ]
    boundary = f"=_{sha256(message_id.encode()).hexdigest()[:32]}"  # "=_" cannot stand in quoted-printable text.
    worded = _worded(letter, boundary, has_marker)
    kind, body = _with_attachments(
        f'multipart/alternative; boundary="{boundary}"', worded, letter.attachments, boundary
    )
    headers.append(("Content-Type", kind))
    head = "".join(_folded(name, value) for name, value in headers if value)
    return head.encode() + b"\r\n" + body


def new_message_id(outbox_id: str, domain: str) -> str:
    """The Message-ID of an outgoing letter, the same at every attempt to send it."""
    message_id = f"<{outbox_id}.letter@{domain}>"
    if _MESSAGE_ID.fullmatch(message_id) is None or outbox_id.strip(".") != outbox_id or "@" in outbox_id + domain:
        raise ValueError("an outbox id or a domain that cannot stand in a Message-ID")
    return message_id


def _unsubscribing(address: str) -> list[tuple[str, str]]:
    """The fields by which a mail program offers to unsubscribe (RFC 2369 section 3.2, RFC 8058 section 3.1)."""
    if not address:
        return []
    if _HTTPS.fullmatch(address) is None:
        raise ValueError("letters are unsubscribed from at an https address")
    return [("List-Unsubscribe", f"<{address}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _thread(in_reply_to: str, references: Sequence[str]) -> list[str]:
    """References with the answered message last; the first and the newest where there are many (RFC 5322 3.6.4)."""
    wellformed = [found for found in (*references, in_reply_to) if _MESSAGE_ID.fullmatch(found)]
    if in_reply_to in wellformed:
        wellformed = [found for found in wellformed if found != in_reply_to] + [in_reply_to]
    unique = list(dict.fromkeys(wellformed))
    return unique if len(unique) <= _MOST_REFERENCES else [unique[0], *unique[-_MOST_REFERENCES + 1 :]]


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())[:_SUBJECT_CHARACTERS]


def _display_name(name: str) -> str:
    shown = _one_line(name)
    if not shown.isascii():
        return _unstructured(shown)
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unstructured(text: str) -> str:
    """Text of a header, in encoded words where it is not ASCII or would pass for one (RFC 2047)."""
    if text.isascii() and "=?" not in text:
        return text
    words: list[str] = []
    piece = ""
    for letter in text:
        if len((piece + letter).encode()) > 42:  # 56 letters of base64; an encoded word has at most 75.
            words.append(piece)
            piece = ""
        piece += letter
    words.append(piece)
    return " ".join(f"=?utf-8?b?{b64encode(word.encode()).decode()}?=" for word in words if word)


def _folded(name: str, value: str) -> str:
    """One header field, folded at its spaces. A value that holds a line break is a fault of this program."""
    if _CONTROLS.search(value):
        raise ValueError(f"a control character in the header {name}")
    lines = [f"{name}:"]
    for word in value.split(" "):
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1].strip() and len(lines[-1]) > len(name) + 1:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def _with_marker(html: str) -> str:
    body = _BODY_TAG.search(html)
    return html[: body.end()] + "\n" + _MARKER_HTML + html[body.end() :] if body else _MARKER_HTML + html


def _worded(letter: LetterParts, boundary: str, has_marker: bool) -> bytes:
    """The letter in both forms, up to and with the boundary that ends them."""
    text = f"{REPLY_MARKER}\n\n{letter.text}" if has_marker else letter.text
    html = _with_marker(letter.html) if has_marker else letter.html
    return _part("plain", text, boundary) + _part("html", html, boundary) + f"--{boundary}--\r\n".encode()


def _with_attachments(kind: str, body: bytes, files: Sequence[Attachment], inner: str) -> tuple[str, bytes]:
    """The Content-Type and body of the letter together with `files`; as they are where there are none."""
    if not files:
        return kind, body
    outer = inner.replace("=_", "=_x", 1)  # Neither boundary begins with the other; "=_" cannot stand in base64.
    parts = [f"--{outer}\r\n{_folded('Content-Type', kind)}\r\n".encode() + body]
    for file in files:
        head = (
            f"--{outer}\r\n"
            f'Content-Type: {file.media_type}; name="{file.name}"\r\n'
            f'Content-Disposition: attachment; filename="{file.name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        parts.append(head.encode() + encodebytes(file.content).replace(b"\n", b"\r\n"))
    return f'multipart/mixed; boundary="{outer}"', b"".join(parts) + f"--{outer}--\r\n".encode()


def _part(subtype: str, text: str, boundary: str) -> bytes:
    lines = "\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).rstrip("\n") + "\n"
    encoded = encodestring(lines.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    head = (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + encoded + b"\r\n"
