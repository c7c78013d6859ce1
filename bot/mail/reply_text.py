"""What the sender writes now, told from what is only quoted.

A request is read from live text alone, so a quoted line must never count as live: where marks are unclear the line is
quoted, and where the reading is open to doubt `doubtful` says so and the service asks instead of acting. The whole text
is kept with the message; nothing here loses it.
Our own letters begin with a marker line, and nothing below it is live.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.mail.compose import REPLY_MARKER
from bot.mail.quote_marks import (
    attribution_start,
    header_labels,
    is_divider,
    is_plain_attribution,
    is_quoted,
    is_rule,
    leads_into_quote,
)
from bot.mail.second_opinions import visible_lines
from bot.mail.signatures import is_mobile_line, signature_lines

_MARKER_WORDS = re.sub(r"[^a-z ]", "", REPLY_MARKER.lower()).strip()
_WRAPPED_AT = 60
"""A quoted line this long may have been broken by a mail program that marked only its first half."""
_UNFINISHED_AT = 40
"""So may a shorter one that does not end its sentence."""


@dataclass(frozen=True, slots=True)
class LiveText:
    """A text in its parts, each with its lines in order."""

    live: str
    quoted: str
    doubtful: bool
    """Whether the division should be asked about before anything is done because of it."""
    signature: str = ""
    """Signatures, disclaimers and footers of the live part."""
    doubts: tuple[str, ...] = ()
    """Why it is doubtful, in short codes."""


class _Line(Enum):
    LIVE = auto()
    QUOTED = auto()
    SIGNATURE = auto()


def split(text: str) -> LiveText:
    """Divide the text of one message. Pure, and linear in the length of the text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    doubts: list[str] = []
    kinds, unsure_from = _divide(lines, doubts)
    _mark_signatures(lines, kinds, doubts)
    _compare(lines, kinds, unsure_from, doubts)
    return LiveText(
        live=_joined(lines, kinds, _Line.LIVE),
        quoted=_joined(lines, kinds, _Line.QUOTED),
        doubtful=bool(doubts),
        signature=_joined(lines, kinds, _Line.SIGNATURE),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _divide(lines: Sequence[str], doubts: list[str]) -> tuple[list[_Line], int]:
    """Live or quoted, by the marks of mail programs; and where a quotation begins whose mark is weak."""
    kinds = [_Line.LIVE] * len(lines)
    end = _marker_at(lines)
    if end < len(lines):
        kinds[end:] = [_Line.QUOTED] * (len(lines) - end)
        if is_quoted(lines[end]) and any(line.strip() and not is_quoted(line) for line in lines[end + 2 :]):
            doubts.append("text_below_marker")
    unsure_from = len(lines)
    floor = 0
    for at in range(end):
        if is_quoted(lines[at]):
            kinds[at] = _Line.QUOTED
            if at and kinds[at - 1] is _Line.LIVE and leads_into_quote(lines[at - 1], lines[at]):
                kinds[at - 1] = _Line.QUOTED
            floor = at + 1
            continue
        cut, is_sure = _cut_at(lines, kinds, at, floor, end)
        if cut is None:
            continue
        kinds[cut:end] = [_Line.QUOTED] * (end - cut)
        if kinds[at] is _Line.SIGNATURE:
            doubts.append("text_after_phone_signature")
        if not any(line.strip() for line in lines[:cut]):
            doubts.append("begins_with_quotation")
        unsure_from = unsure_from if is_sure else cut
        break
    _mark_broken_lines(lines, kinds, end, doubts)
    return kinds, unsure_from


def _cut_at(lines: Sequence[str], kinds: list[_Line], at: int, floor: int, end: int) -> tuple[int | None, bool]:
    """Where everything from here on is quoted, None if it is not, and whether that is sure.

    Marks what is quoted or signed on the way.
    """
    line = lines[at]
    if not line.strip():
        return None, True
    labels = header_labels(lines, at)
    if labels or is_divider(line):
        return _above_rules(lines, at, floor), labels != 2
    following = next((other for other in range(at + 1, end) if lines[other].strip()), None)
    attribution = attribution_start(lines, at, floor)
    if attribution is not None and following is not None and not is_quoted(lines[following]):
        # The quoted letter bears no marks of its own.
        return attribution, is_plain_attribution(" ".join(lines[attribution : at + 1]))
    if attribution is not None:
        kinds[attribution : at + 1] = [_Line.QUOTED] * (at + 1 - attribution)
    elif is_mobile_line(line) and (at == 0 or not lines[at - 1].strip()):
        kinds[at] = _Line.SIGNATURE
        if following is not None and not _is_mark(lines, following, end):
            return following, True
    return None, True


def _is_mark(lines: Sequence[str], at: int, end: int) -> bool:
    """Whether quotation plainly begins at a line, or the signature goes on."""
    line = lines[at]
    if is_quoted(line) or is_divider(line) or is_rule(line) or header_labels(lines, at) or is_mobile_line(line):
        return True
    return any(attribution_start(lines, last, at) == at for last in range(at, min(end, at + 4)))


def _above_rules(lines: Sequence[str], at: int, floor: int) -> int:
    """A stroke above a header block belongs to the quotation."""
    start = at
    for above in range(at - 1, max(floor, at - 4) - 1, -1):
        if is_rule(lines[above]):
            start = above
        elif lines[above].strip():
            break
    return start


def _marker_at(lines: Sequence[str]) -> int:
    """The line of our marker, also where a mail program broke it in two; the end of the text if there is none."""
    previous = ""
    for at, line in enumerate(lines):
        words = " ".join(re.sub(r"[^a-z ]", " ", line.lower()).split()) if len(line) < 300 else ""
        if words and _MARKER_WORDS in words:
            return at
        if words and previous and _MARKER_WORDS in f"{previous} {words}":
            return at - 1
        previous = words
    return len(lines)


def _mark_broken_lines(lines: Sequence[str], kinds: list[_Line], end: int, doubts: list[str]) -> None:
    """The second half of a long quoted line, which its program left without a mark, is quoted too."""
    for at in range(1, end):
        if kinds[at] is not _Line.LIVE or not lines[at].strip() or kinds[at - 1] is not _Line.QUOTED:
            continue
        above = lines[at - 1].rstrip()
        is_long = len(above) >= _WRAPPED_AT or (
            len(above) >= _UNFINISHED_AT and not above.endswith((".", "?", "!", ":"))
        )
        if is_quoted(above) and is_long:
            kinds[at] = _Line.QUOTED
            doubts.append("broken_quotation")


def _compare(lines: Sequence[str], kinds: list[_Line], unsure_from: int, doubts: list[str]) -> None:
    """Hear two libraries. What both hide is not live; what both show below a weak mark may be live after all."""
    seen, answers = visible_lines(lines)
    if len(answers) < 2:
        return
    for at in range(seen):
        if not lines[at].strip():
            continue
        if kinds[at] is _Line.LIVE and not any(at in answer for answer in answers):
            kinds[at] = _Line.QUOTED
            doubts.append("hidden_by_both")
        elif at >= unsure_from and kinds[at] is _Line.QUOTED and all(at in answer for answer in answers):
            doubts.append("shown_by_both")


def _mark_signatures(lines: Sequence[str], kinds: list[_Line], doubts: list[str]) -> None:
    """Each stretch of live lines may end in a signature."""
    start = 0
    while start < len(lines):
        if kinds[start] is not _Line.LIVE:
            start += 1
            continue
        stop = start
        while stop < len(lines) and kinds[stop] is _Line.LIVE:
            stop += 1
        marked, is_doubtful = signature_lines(lines[start:stop])
        for offset in marked:
            kinds[start + offset] = _Line.SIGNATURE
        if is_doubtful:
            doubts.append("request_in_signature")
        start = stop


def _joined(lines: Sequence[str], kinds: Sequence[_Line], kind: _Line) -> str:
    """The lines of one kind, with a blank line where others were left out between them."""
    done: list[str] = []
    previous = -1
    for at, line in enumerate(lines):
        if kinds[at] is not kind:
            continue
        if done and previous != at - 1 and done[-1]:
            done.append("")
        if line.strip() or (done and (done[-1] or previous == at - 1)):
            done.append(line.rstrip())
        previous = at
    return "\n".join(done).strip("\n")
