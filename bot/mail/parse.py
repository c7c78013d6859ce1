"""A message's bytes as something that can be read: who, what, which thread, whether at all. Never raises.

The raw bytes are the truth and are kept elsewhere; this is one reading of them, pure and repeatable. What is broken is
read as well as can be and named in `defects`; what cannot be trusted to be the whole message is not `is_readable`, and
goes to a person. Nothing here decides whether to answer (`loopguard`) or what is quoted (`reply_text`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from bot.mail.charsets import decode
from bot.mail.flowed import unflowed
from bot.mail.headers import HeaderSection, decoded, message_ids, sent_at, single_address
from bot.mail.html_bounds import HtmlAllowance, HtmlTooDeep
from bot.mail.html_text import html_to_text
from bot.mail.limits import Limits
from bot.mail.mime import Part, read_parts

_log = logging.getLogger(__name__)

ORDINARY, REPORT, ENCRYPTED, SIGNED, CALENDAR = "ordinary", "report", "encrypted", "signed", "calendar"

UNREADABLE = frozenset({
    "header_over_limit", "mime_too_deep", "too_many_parts", "html_too_deep", "html_over_limit", "text_over_limit",
    "boundary_missing", "boundary_not_found", "transfer_encoding_unknown", "base64_broken", "encrypted",
    "opaque_signature", "message_over_limit", "parser_failure",
})  # fmt: skip
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FILE_NAME_DANGERS = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff<>:"|?*%]+'
)
_ARMOR, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----\n", "\n-----BEGIN PGP SIGNATURE-----"
_READ_TYPES = frozenset({"text/plain", "text/html"})
_HTML_WANTED = re.compile(r"\bhtml\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came with a message besides its text. The content stays in the raw bytes."""

    file_name: str
    """Cleaned: no path, no control characters; empty if the sender gave none."""
    content_type: str
    size: int
    """Octets, decoded."""
    sha256: str
    """Hexadecimal, of the decoded content."""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One message, read."""

    from_address: str = ""
    """Lower-case addr-spec; empty unless there is exactly one From field with exactly one well-formed address."""
    from_defect: str = "missing"
    """Why `from_address` is empty: missing, several_headers, several_addresses, group, malformed; else empty."""
    subject: str = ""
    message_id: str = ""
    """With its angle brackets; empty if there is none that is well formed."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """Oldest first."""
    date: datetime | None = None
    text: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Every value by lower-case name, unfolded, encoded words left as they are."""
    attachments: tuple[Attachment, ...] = ()
    kind: str = ORDINARY
    """ordinary, report, encrypted, signed or calendar."""
    defects: tuple[str, ...] = ()
    is_readable: bool = False
    """Whether `text` is all that the sender wrote, as far as can be told."""


def parse(raw: bytes, limits: Limits) -> ParsedMail:
    """Read `raw`. Whatever the bytes are there is a ParsedMail; a fault of this program shows as "parser_failure"."""
    if len(raw) > limits.message_bytes:
        return ParsedMail(defects=("message_over_limit",))
    try:
        return _parse(raw, limits)
    except Exception as error:  # The message must reach a person even if this program cannot read it.
        _log.error("a message could not be parsed: %s", type(error).__name__)
        return ParsedMail(defects=("parser_failure",))


def attached_content(raw: bytes, number: int, limits: Limits) -> bytes | None:
    """The decoded octets of an attachment, by its place among those that `parse` lists, from 1; None if none is there.

    They are whatever the sender chose: to be kept or handed on, and never opened here.
    """
    if len(raw) > limits.message_bytes:
        return None
    try:
        _, reading = _taken_apart(raw, limits)
        return reading.attached[number - 1].content()[0] if 1 <= number <= len(reading.attached) else None
    except Exception as error:  # As for `parse`: the whole message can be had all the same.
        _log.error("a message could not be parsed: %s", type(error).__name__)
        return None


def _taken_apart(raw: bytes, limits: Limits) -> tuple[Part, _Reading]:
    root, structural = read_parts(raw, limits)
    reading = _Reading(limits, list(structural), HtmlAllowance.of(limits))
    reading.take(root, is_root=True)
    return root, reading


def _parse(raw: bytes, limits: Limits) -> ParsedMail:
    root, reading = _taken_apart(raw, limits)
    text = reading.text()
    kind = _kind(root, text)
    text = _without_armor(text)
    if kind == ENCRYPTED:
        reading.defects.append("encrypted")
    elif kind == SIGNED and _is_opaque(root):
        reading.defects.append("opaque_signature")
    defects = tuple(dict.fromkeys(reading.defects))
    section = root.section
    from_address, from_defect = single_address(section.all("from"))
    return ParsedMail(
        from_address=from_address,
        from_defect=from_defect,
        subject=decoded(section.first("subject"), limits.subject_characters),
        message_id=next(iter(message_ids(section.all("message-id")[:1], 1)), ""),
        in_reply_to=message_ids(section.all("in-reply-to"), limits.references),
        references=message_ids(section.all("references"), limits.references),
        date=sent_at(section.first("date")),
        text=text,
        headers=_by_name(section),
        attachments=tuple(_described(part, limits) for part in reading.attached),
        kind=kind,
        defects=defects,
        is_readable=not UNREADABLE.intersection(defects),
    )


class _Reading:
    """Gathers the text and the attachments of a tree of parts."""

    def __init__(self, limits: Limits, defects: list[str], html_allowance: HtmlAllowance) -> None:
        self._limits = limits
        self._html_allowance = html_allowance
        self._texts: list[str] = []
        self.attached: list[Part] = []
        self.defects = defects

    def text(self) -> str:
        """All text in order, cleaned and within the limit."""
        joined = "\n\n".join(text.strip("\n") for text in self._texts if text.strip())
        if len(joined) > self._limits.text_characters:
            self.defects.append("text_over_limit")
        return joined[: self._limits.text_characters]

    def take(self, part: Part, *, is_root: bool = False) -> None:
        """Take in a part; depth is bounded by the limits of the tree."""
        match part.content_type:
            case _ if not part.is_container:
                self._take_leaf(part, is_root=is_root)
            case "multipart/alternative":
                self._take_alternatives(part)
            case "multipart/related" | "multipart/signed" | "multipart/report":
                self.take(part.children[0])
                self._attach(part.children[1:])
            case "multipart/digest" | "multipart/encrypted":
                self._attach(part.children)
            case _:
                for child in part.children:
                    self.take(child)

    def _take_leaf(self, part: Part, *, is_root: bool = False) -> None:
        # What is the whole letter is its text, whatever a field says that nobody need have signed.
        is_set_apart = not is_root and (part.disposition == "attachment" or (part.disposition and part.file_name))
        text = None if is_set_apart else self._text_of(part)
        if text is None:
            self._attach((part,))
        else:
            self._texts.append(text)

    def _take_alternatives(self, part: Part) -> None:
        """The plain form if it says anything, else the richest. What is not chosen says the same again."""
        plain = next((child for child in part.children if child.content_type == "text/plain"), None)
        first = self._read_apart(plain) if plain is not None else None
        if first is not None and first.text().strip() and not _is_suspect_stub(first.text()):
            self._choose(first)
            self._attach_files(child for child in part.children if child is not plain)
            return
        others = [self._read_apart(child) for child in reversed(part.children) if child is not plain]
        rich = next((reading for reading in others if reading.text().strip()), None)
        is_stub = first is not None and rich is not None and len(rich.text()) > 2 * len(first.text())
        chosen = rich if rich is not None and (is_stub or first is None or not first.text().strip()) else first
        for reading in (*filter(None, (first,)), *others):
            self.attached.extend(reading.attached)
        if chosen is not None:
            self._choose(chosen)
        else:
            for reading in others:
                self.defects.extend(reading.defects)

    def _read_apart(self, part: Part) -> _Reading:
        reading = _Reading(self._limits, [], self._html_allowance)
        reading.take(part)
        return reading

    def _choose(self, reading: _Reading) -> None:
        self._texts.append(reading.text())
        self.defects.extend(reading.defects)

    def _attach_files(self, parts: Iterable[Part]) -> None:
        """What is in an alternative besides its text: pictures and files."""
        for part in parts:
            for leaf in part.leaves():
                if leaf.content_type not in _READ_TYPES or leaf.disposition == "attachment":
                    self._attach((leaf,))

    def _text_of(self, part: Part) -> str | None:
        """The text of a leaf, None if it is not text to be read."""
        if part.content_type.startswith("multipart/"):
            # Its parts could not be told apart. A person shall see the bytes, the program must not act on them.
            return _CONTROLS.sub("", _LINE_ENDS.sub("\n", decode(part.body, "")[0]))
        if part.content_type not in _READ_TYPES:
            return None
        content, defect = part.content()
        text, wrong_charset = decode(content, part.parameter("charset"))
        self.defects.extend(filter(None, (defect, wrong_charset)))
        if part.content_type == "text/html":
            return self._from_html(text)
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).replace("\u00a0", " ")
        if part.parameter("format").lower() == "flowed":
            return unflowed(text, delete_space=part.parameter("delsp").lower() == "yes")
        return text

    def _from_html(self, html: str) -> str:
        source = self._html_allowance.within(html)
        if len(source) < len(html):
            self.defects.append("html_over_limit")
        try:
            text = html_to_text(source, self._limits, self._html_allowance)
            if self._html_allowance.text < 0:
                self.defects.append("text_over_limit")
            return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        except HtmlTooDeep:
            self.defects.append("html_too_deep")
            return ""

    def _attach(self, parts: tuple[Part, ...]) -> None:
        for part in parts:
            self.attached.extend(part.leaves())


def _described(part: Part, limits: Limits) -> Attachment:
    content, _ = part.content()
    name = clean_file_name(part.file_name, limits)
    return Attachment(name, part.content_type, len(content), sha256(content).hexdigest())


def clean_file_name(name: str, limits: Limits) -> str:
    """The last component of `name`, without what could harm a terminal, a page or a file system."""
    shown = decoded(name, 4 * limits.file_name_characters).replace("\\", "/").rpartition("/")[2]
    shown = " ".join(_FILE_NAME_DANGERS.sub(" ", shown).split()).strip(". ")
    if len(shown) <= limits.file_name_characters:
        return shown
    stem, dot, ending = shown.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: limits.file_name_characters - len(ending) - 1]}.{ending}"
    return shown[: limits.file_name_characters]


def _is_suspect_stub(plain: str) -> bool:
    """Whether a plain alternative may only tell to look at the other one."""
    return len(plain) < 300 and _HTML_WANTED.search(plain) is not None


def _kind(root: Part, text: str) -> str:
    match root.content_type:
        case "multipart/report" | "message/delivery-status" | "message/disposition-notification":
            return REPORT
        case "multipart/encrypted":
            return ENCRYPTED
        case "application/pkcs7-mime" | "application/x-pkcs7-mime":
            return SIGNED if root.parameter("smime-type").lower() == "signed-data" else ENCRYPTED
        case "multipart/signed":
            return SIGNED
        case "text/calendar":
            return CALENDAR
    if root.content_type in ("multipart/alternative", "multipart/mixed") and _has_invitation(root):
        return CALENDAR
    if "-----BEGIN PGP MESSAGE-----" in text:
        return ENCRYPTED
    return SIGNED if text.startswith(_ARMOR) else ORDINARY


def _has_invitation(root: Part) -> bool:
    """Whether a calendar entry is offered as another form of the text, not merely attached."""
    alternatives = [part for part in (root, *root.children) if part.content_type == "multipart/alternative"]
    return any(child.content_type == "text/calendar" for part in alternatives for child in part.children)


def _is_opaque(root: Part) -> bool:
    return root.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime")


def _without_armor(text: str) -> str:
    """The text inside a clear signature, which is not checked; other text as it is."""
    if not text.startswith(_ARMOR):
        return text
    _, _, after_head = text.partition("\n\n")
    signed, mark, _ = after_head.rpartition(_SIGNATURE)
    return re.sub(r"(?m)^- ", "", signed if mark else after_head)


def _by_name(section: HeaderSection) -> Mapping[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for name, value in section.fields:
        grouped.setdefault(name, []).append(value)
    return MappingProxyType({name: tuple(values) for name, values in grouped.items()})
