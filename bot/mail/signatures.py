"""What ends a letter without being part of what it says: signatures, the phone's line, disclaimers, list footers.

Too little is better than too much: a line that reads as a sentence, asks for something or holds an amount is never
taken for a signature, because it may be the one that counts ("P.S. do not sell after all").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST_DELIMITED = 25
_MOST_SIGNED = 10
_LONGEST_LINE = 70

_DELIMITER = re.compile(r"\s*(?:--|—|––|__)\s*$")
_STROKE = re.compile(r"\s*(?:[-–—]{3,}|_{5,}|={5,}|\*{5,})\s*$")
_SIGN_OFF = re.compile(
    r"\W{0,3}(?:(?:with |my |our |very |many |kind(?:est)?|best|warm(?:est)?|sincere|yours?|all the|thank)\s?)*\W{0,2}"
    r"(?:regards|wishes|best|sincerely|yours|truly|faithfully|respectfully|cordially|cheers|thanks|thx|thank you"
    r"|take care|sincerely yours|yours truly|yours faithfully|very truly yours|respectfully yours|regards and thanks"
    r"|thanks and regards|thanks & regards|mfg|mit freundlichen grüßen|viele grüße|cordialement|saludos|atentamente"
    r"|с уважением)"
    r"(?: (?:again|in advance|so much|very much))?[\s,.!;:)-]*[^\w\s]{0,3}\s*$",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"\W{0,3}(?:(?:sent|gesendet|envoyé|enviado|inviato|verzonden|sendt|skickat|wysłane|отправлено)\s+"
    r"(?:from|via|with|using|von|depuis|de|à partir de|desde|da|vanaf|fra|från|z|с)\s+"
    r"[\w’'.+&-]+(?:\s+[\w’'.+&-]+){0,6}|get outlook for \w+|sent wirelessly.{0,40}|via mobile)"
    r"\s*(?:[<\[(]\S{1,200}[>\])])?\W{0,2}$",
    re.IGNORECASE,
)
_NOT_MOBILE = re.compile(
    r"\b(?:is|are|was|to|for|my (?:bank|broker|account|checking|wife|husband))\b|[$€£,]", re.IGNORECASE
)
_DASHED_NAME = re.compile(r"\s*[-–—~]\s?[A-Z][\w.'’]*(?:[ -][A-Z][\w.'’]*){0,3}\s*$")
_CONTACT = re.compile(
    r"[^\s@]+@[^\s@]+\.\w|https?://|\bwww\.|(?:\+?\d[\d\s().-]{7,}\d)"
    r"|\b(?:tel|phone|mobile|cell|fax|office|skype)\b[ :.]",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:please|buy|sell|invest|purchase|cancel|stop|change|withdraw|enrol\w*|transfer|send|want|would|don'?t|do not"
    r"|not|never|wait|instead|actually|confirm|yes|no|what|when|how|why|can|could|p\.?\s?s\.?)\b|\$\s?\d|\?",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\W{0,4}(?:confidential(?:ity)?\b.{0,40}(?:notice|note|:|information|e-?mail|message)|disclaimer\b"
    r"|privileged\b.{0,40}(?:notice|:)"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)\b.{0,120}"
    r"(?:confidential|intended|privileged|may contain|attachments?)|the information (?:transmitted|contained in)"
    r"|if you (?:have received|are not the intended|received) |please consider the environment|important notice\b"
    r"|notice:? this e-?mail|irs circular 230|le informazioni contenute|diese e-mail enthält|ce message)",
    re.IGNORECASE,
)
_DISCLAIMER_GOES_ON = re.compile(
    r"confidential|intended recipient|addressee|unauthori[sz]ed|disclos|privileged|virus|delete|destroy|notify"
    r"|transmission|liab|e-?mail|riservate|destinatario|vertraulich",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"\W{0,4}(?:caution|warning|attention|external|notice)\b.{0,80}(?:external|outside|originated|unknown sender)",
    re.IGNORECASE,
)
_FOOTER = re.compile(r"mailing list|unsubscribe|list ?info|google groups|yahoo groups", re.IGNORECASE)


def is_mobile_line(line: str) -> bool:
    """Whether a phone or a mail service put this line under the letter."""
    if len(line) > 200 or _MOBILE.match(line) is None:
        return False
    return _NOT_MOBILE.search(line.lower().partition("<")[0].replace("get outlook for", "")) is None


def signature_lines(lines: Sequence[str]) -> tuple[frozenset[int], bool]:
    """Which lines of one stretch of live text are signature, disclaimer or footer, and whether that is doubtful."""
    marked = _disclaimers(lines)
    solid = [at for at, line in enumerate(lines) if at not in marked and line.strip()]
    tail = solid[-_MOST_DELIMITED - 1 :]
    for place, at in enumerate(tail):
        rest = [lines[other] for other in tail[place + 1 :]]
        if _begins_signature(lines[at], rest, is_first=at == solid[0]):
            # After the standard delimiter all is signature, but a request there is worth asking about.
            is_doubtful = any(_ASKS.search(line[:300]) for line in rest)
            first = place + 1 if _SIGN_OFF.match(lines[at]) else place
            return marked | frozenset(tail[first:]), is_doubtful
    return marked | _contact_block(lines, solid), False


def _begins_signature(line: str, rest: Sequence[str], *, is_first: bool) -> bool:
    if len(line) > _LONGEST_LINE:
        return False
    if _DELIMITER.match(line):
        return True
    if _STROKE.match(line):
        is_footer = any(_FOOTER.search(other[:300]) for other in rest)
        return is_footer or (not is_first and bool(rest) and all(map(_looks_signed, rest)))
    if _SIGN_OFF.match(line):
        return len(rest) <= _MOST_SIGNED and all(map(_looks_signed, rest))
    return not rest and not is_first and _DASHED_NAME.match(line) is not None


def _looks_signed(line: str) -> bool:
    """Whether a line could be part of a signature: short, no sentence, asks for nothing."""
    if len(line) > _LONGEST_LINE or _ASKS.search(line):
        return False
    words = line.split()
    return not (line.rstrip().endswith((".", "!")) and len(words) >= 5)


def _contact_block(lines: Sequence[str], solid: Sequence[int]) -> frozenset[int]:
    """A last paragraph with two ways to reach its writer, under other text."""
    block: list[int] = []
    for at in reversed(solid):
        if block and at != block[-1] - 1:
            break
        block.append(at)
    has_text_above = len(block) < len(solid)
    contacts = sum(_CONTACT.search(lines[at][:200]) is not None for at in block)
    if 2 <= len(block) <= 8 and contacts >= 2 and has_text_above and all(_looks_signed(lines[at]) for at in block):
        return frozenset(block)
    return frozenset()


def _disclaimers(lines: Sequence[str]) -> frozenset[int]:
    """Paragraphs that lawyers add, and warnings that a gateway put above the letter."""
    marked: set[int] = set()
    paragraph: list[int] = []
    is_going_on = False
    for at in range(len(lines) + 1):
        if at < len(lines) and lines[at].strip():
            paragraph.append(at)
            continue
        if paragraph:
            text = " ".join(lines[index][:300].strip() for index in paragraph[:6])
            is_first = paragraph[0] == next((i for i, line in enumerate(lines) if line.strip()), -1)
            starts = _DISCLAIMER.match(text) is not None or (is_first and _BANNER.match(text) is not None)
            is_going_on = starts or (is_going_on and _DISCLAIMER_GOES_ON.search(text) is not None)
            if is_going_on:
                marked.update(paragraph)
            paragraph = []
    return frozenset(marked)
