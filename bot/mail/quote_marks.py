"""How mail programs mark what they quote: attribution lines, header blocks, dividers. Recognition only, line by line.

Each recognizer looks at a few lines of bounded length, so that reading a text takes time in proportion to it. Words are
those of the mail programs in the languages of Europe that our correspondents' programs may be set to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 400
"""Characters; a longer line is no mark."""
_MOST_ATTRIBUTION_LINES = 4
_MOST_BLOCK_LINES = 12

_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")
_VERB = (
    r"(?:wrote|writes|has written|a écrit|a ecrit|écrit|schrieb|geschrieben|schreef|geschreven|escribió|escribio"
    r"|ha scritto|scrive|escreveu|napisał(?:\(a\)|a)?|napisal(?:\(a\)|a)?|napsal(?:\(a\)|a)?|skrev|kirjoitti|írta|yazdı"
    r"|a scris|написал(?:\(а\)|а)?|пишет|пише|έγραψε|写道|寫道)"
)
_ENDS_WITH_VERB = re.compile(rf"(?<!\w){_VERB}\s*[:：]?[\s\-–—]*$", re.IGNORECASE)
# In German, Dutch and the Nordic languages the name follows the verb.
_VERB_THEN_NAME = re.compile(r"\b(?:schrieb|schreef|skrev|geschrieben von)\b.{1,200}[:：]\s*$", re.IGNORECASE)
_ENDS_LIKE_ATTRIBUTION = re.compile(rf"(?:[:：]|(?<!\w){_VERB})[\s\-–—]*$", re.IGNORECASE)
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|пн|вт|ср|чт|пт|сб|вс)"
_START = re.compile(
    r"\W{0,4}(?:(?:on|at|le|am|el|il|op|em|den|a|in data|in article|w dniu|dnia|dne|в|la data)\s"
    rf"|(?:{_WEEKDAY}|man|tir|ons|tor|fre|lør|søn|ma|ti|ke|to|pe|la|su)\w{{0,8}}[.,]?\s|\d{{1,4}}[./-]\d{{1,2}}[./-]\d"
    r"|\d{1,2}:\d{2}\b|\d{1,2}\.?\s+\w{3,12}\.?\s+\d{4})",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2}"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}\.?\s+\d{1,2}\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_TELLING = re.compile(r"[\d@]|\byou\b", re.IGNORECASE)
"""Without any of these nothing is an attribution; looked for first, to be quick."""
_YOU = re.compile(r"\byou (?:wrote|write)\s*:?\s*$", re.IGNORECASE)

_LABEL_WORDS = {
    "from": "from|from name|von|de|da|van|fra|från|od|lähettäjä|от|от кого|από|kimden|feladó|expéditeur|remitente"
    "|mittente",
    "date": "sent|sent at|date|gesendet|datum|envoyé|envoyé le|date d'envoi|message du|enviado|enviado el|enviada em"
    "|fecha|data|inviato|verzonden|dato|sendt|skickat|lähetetty|päivämäärä|wysłano|отправлено|дата|gönderildi|elküldve",
    "to": "to|an|à|a|para|aan|til|till|do|vastaanottaja|кому|προς|kime|címzett|destinataire",
    "subject": "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|temat|тема|θέμα|konu|tárgy",
    "cc": "cc|bcc|kopie|copie à|copia|kopia|kopio|копия|reply-to|organization|importance|on behalf of",
}
_LABELS = {label: kind for kind, labels in _LABEL_WORDS.items() for label in labels.split("|")}
_LABEL = re.compile(
    r"[^\w>$]{0,6}(?P<label>"
    + "|".join(sorted(map(re.escape, _LABELS), key=len, reverse=True))
    + r")\s?[*_]{0,2}\s?[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-–—_=*~·.]{2,}\s*$")
_DIVIDER_WORDS = (
    r"original message|original mail|original appointment|forwarded message|forwarded mail|reply message"
    r"|message d'origine|message original|message transféré|message transmis|ursprüngliche nachricht|originalnachricht"
    r"|weitergeleitete nachricht|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato"
    r"|mensagem original|mensagem encaminhada|oorspronkelijk bericht|doorgestuurd bericht"
    r"|oprindelig (?:besked|meddelelse)|videresendt (?:besked|melding)|opprinnelig melding|ursprungligt meddelande"
    r"|vidarebefordrat meddelande|alkuperäinen viesti|wiadomość oryginalna|wiadomość przekazana|původní zpráva"
    r"|исходное сообщение|пересылаемое сообщение|пересланное сообщение|orijinal mesaj|mail original"
    r"|previous message|forwarded by .{1,150}|original message from .{1,150}"
)
_DIVIDER = re.compile(rf"\W{{0,3}}[-–—_=*]{{2,}}\s*(?:{_DIVIDER_WORDS})\s*:?\s*[-–—_=*]{{2,}}\W*$", re.IGNORECASE)
_BARE_DIVIDER = re.compile(
    r"\W{0,3}(?:begin forwarded message|forwarded message|start of forwarded message|original message"
    r"|début du message (?:transféré|réexpédié)|anfang der weitergeleiteten (?:nachricht|e-mail)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)\s*:\s*$",
    re.IGNORECASE,
)


def is_quoted(line: str) -> bool:
    """Whether the line carries the mark of quotation that every mail program understands."""
    return _QUOTED.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether the line is only a stroke."""
    return len(line) <= LONGEST and _RULE.match(line) is not None


def is_divider(line: str) -> bool:
    """Whether a mail program says here that an original or forwarded message follows."""
    return len(line) <= LONGEST and (_DIVIDER.match(line) is not None or _BARE_DIVIDER.match(line) is not None)


def attribution_start(lines: Sequence[str], end: int, floor: int) -> int | None:
    """Where the attribution begins that ends at line `end` ("On ... Ann wrote:"); None if none ends there.

    It may be broken over four lines, and begins at or after `floor`. The latest line that looks like a beginning
    counts, so that the text above it stays out.
    """
    if len(lines[end]) > LONGEST or not _ENDS_LIKE_ATTRIBUTION.search(lines[end]):
        return None
    unsure: int | None = None
    joined = ""
    for start in range(end, max(floor, end - _MOST_ATTRIBUTION_LINES + 1) - 1, -1):
        line = lines[start].strip()
        if not line or is_quoted(line) or len(joined) + len(line) > LONGEST:
            break
        joined = f"{line} {joined}".strip()
        if not _is_attribution(joined):
            continue
        if _START.match(joined):
            is_broken_date = (
                start > floor and lines[start - 1].rstrip().endswith(",") and _START.match(lines[start - 1])
            )
            if not is_broken_date:
                return start
        unsure = start if unsure is None else unsure
    return unsure


def _is_attribution(joined: str) -> bool:
    if not _TELLING.search(joined):
        return False
    has_address = _ADDRESS.search(joined) is not None
    has_date = _DATE.search(joined) is not None
    if _ENDS_WITH_VERB.search(joined):
        return has_address or (has_date and _START.match(joined) is not None) or _YOU.search(joined) is not None
    if _VERB_THEN_NAME.search(joined):
        return has_address or has_date
    return joined.rstrip().endswith((":", "：")) and has_address and has_date and _LABEL.match(joined) is None


def leads_into_quote(line: str, below: str) -> bool:
    """Whether a line directly above marked quotation introduces it, however it is worded."""
    if len(line) > LONGEST:
        return False
    if below.lstrip().startswith(">:"):  # The end of "... <ann@example.com>:", broken before its last mark.
        return _ADDRESS.search(line) is not None
    if not _ENDS_LIKE_ATTRIBUTION.search(line):
        return False
    return bool(_ENDS_WITH_VERB.search(line) or _ADDRESS.search(line) or (_DATE.search(line) and _START.match(line)))


def header_labels(lines: Sequence[str], start: int) -> int:
    """How many kinds of labels the header of a quoted letter has that begins at `start`; 0 if none begins there.

    From and Sent or Subject and the like, in any language. Two labels can be a sender's own memo ("From: checking, To:
    the plan"), so a block needs a third, or a date or subject, or an address beside From.
    """
    if len(lines[start]) > LONGEST or _LABEL.match(lines[start]) is None:
        return 0
    kinds: set[str] = set()
    has_address = False
    unlabelled = 0
    for line in lines[start : start + _MOST_BLOCK_LINES]:
        found = _LABEL.match(line[:LONGEST])
        if found:
            kinds.add(_LABELS[found["label"].lower()])
            unlabelled = 0
        else:
            unlabelled += 1
            if unlabelled > 2:
                break
        has_address = has_address or _ADDRESS.search(line[:LONGEST]) is not None
    is_pair = "from" in kinds and len(kinds) == 2 and (has_address or bool(kinds & {"date", "subject"}))
    return len(kinds) if len(kinds) >= 3 or is_pair else 0


def is_plain_attribution(joined: str) -> bool:
    """Whether an attribution names an address and a date, so that it can hardly be the sender's own sentence."""
    return _ADDRESS.search(joined) is not None and _DATE.search(joined) is not None
