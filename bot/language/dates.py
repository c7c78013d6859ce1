"""When a change is to take effect, and on which day of the month; how often: `how_often`.

A month is read as a date only where the words around it set a date: "May I
sell in May?" names one month. Dates of things past are none.
"""

from __future__ import annotations

import re

from bot.language.corrections import governing, is_corrected_by
from bot.language.found import Found
from bot.language.how_often import frequencies
from bot.language.text import after, before

__all__ = ["DAY_ENDS", "DAY_SAID", "ORDINALS", "days_of_month", "effective_dates", "frequencies", "named_dates"]

_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "febuary": 2,
    "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10,
    "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![\w'])(?:(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_NAME})\b\.?"
    rf"(?:\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]))?(?:,?\s+(?:of\s+)?(?P<year>(?:19|20)\d\d))?(?!\w)"
    r"|(?<![\w/-])(?P<iso_year>(?:19|20)\d\d)-(?P<iso_month>\d{1,2})(?:-(?P<iso_day>\d{1,2}))?(?![\w-])"
    r"|(?<![\w/-])(?P<us_month>\d{1,2})[/-](?P<us_day>\d{1,2})[/-](?P<us_year>\d{4}|\d{2})(?![\w/-])"
    r"|(?<![\w/$.,-])(?P<short_month>\d{1,2})/(?P<short_day>\d{1,2})(?![\w/-]|[.,]\d|\s+(?:of|share|my|the"
    r"|interest)\b)",
    re.IGNORECASE,
)

_STRONG_BEFORE = re.compile(
    r"\b(?:start(?:ing|s)?|begin(?:ning)?|commenc(?:e|ing)|effective|as of|resum\w+|back (?:up|on|to \w+)"
    r"|end as of|correct,|(?<!my )(?<!our )(?<!your )first (?:debit|deduction|draft|draw|withdrawal|pull|one|payment"
    r"|installment|time|date|purchase))\b"
    r"(?:\s+(?:it|them|up|again|back|on|in|from|with|the|your|this|next|of|date|month|effective|be|as|usual|debit"
    r"|draft|draw"
    r"|deduction|purchase|sale|payment|to|is))*\s*[:,]?\s*$"
)
_STATE_AS_OF = re.compile(
    r"\b(?:is|are|was|were|isn't|has|have|had|hold|holds|own|owns|held|owned|stood?|stands|switched|history|record"
    r"|books"
    r"|worth)\b(?:(?!\b(?:please|stop|start|end|pause|change|deduct|cancel|close|resume"
    r"|begin|leaving|quitting|withdrawing|out|done)\b)[^.!?;:]){0,60}\bas of\s+$"
)
"""A state of things on a date: "are on your books as of"."""
_FROM_BEFORE = re.compile(
    r"(?<!proceeds )(?<!check )(?<!dating )(?<!dated )(?<!sale )(?<!purchase )(?<!order )(?<!left )(?<!statement )"
    r"(?<!form )(?<!money )(?<!letter )\bfrom\s*$"
)
_WEAK_BEFORE = re.compile(
    r"\b(?:in|into|on|at|for|skip(?:ping)?|during|by|to be effective on|with|the|your)\s+(?:the\s+|next\s+"
    r"|this\s+|coming\s+"
    r"|your\s+)*$|\bnext\s+$|\b(?:end|beginning|middle|late|early)\s+(?:of\s+|in\s+)?$"
)
_CYCLE_AFTER = re.compile(
    r"(?:'s)?\s+(?:(?:19|20)\d\d\s+)?(?:one|purchase|sale|buy|cycle|period|round|batch|date|investment|deduction|debit"
    r"|draft|draw|pull|withdrawal|run|transactions?)\b"
)
_SEASON_AFTER = re.compile(r"\s+(?:through|thru|to|till|until)\s+(?!further|i\b|we\b|you\b|then\b)\w+")
"""After the first of two ends: "From November through Easter we are in Arizona"."""
_EVENT_BEFORE = re.compile(
    r"\b(?:coming|due|arriv\w+|expect(?:ed|ing)|surgery|operation|wedding|graduation|leaving|retir\w+|moving|birthday"
    r"|vacation|school|comes|falls|opens|ends)\s+(?:again\s+|up\s+|out\s+)?(?:in|on|by)\s+(?:the\s+|next\s+|this\s+)*$"
)
"""Before the date of something that happens to the sender."""
_PAST = re.compile(
    r"\b(?:was|were|did|had|been|since|bought|sold|mailed|sent|wrote|joined|moved|died|passed|opened|told|purchased"
    r"|invested|called|telephoned|enrolled|received|"
    r"got|came|started|ordered|married|retired|dated|dating|born|explained|stopped|left|cashed|happened|went|applied"
    r"|missed|gave|turned|graduates?|weather|gets? here|lets? out|(?:i|we|he|she|company|they|people|agent) put)\b"
)
_PAST_AFTER = re.compile(r"\s*(?:\w+\s+){0,2}?(?:was|were|had|did|got|has been|reached|came|arrived|bounced)\b")
_ORDER = re.compile(
    r"\b(?:please|pls|kindly|buy|purchas(?:e|ing)|purchace|invest|sell|pause|skip|suspend|resume|deduct|cancel"
    r"|terminate|apply"
    r"|do so|participation)\b"
    r"|(?:^|\b(?:please|pls|kindly|to|and|then|you|also|not|like|have|so|let)\s+|[,:)]\s*|\b(?:1|2|3)\.\s*)"
    r"(?:stop|hold|start|begin|draw|take|change|make|put|set|send|use|end|enter)\b"
)
_AMOUNT_FOR_BEFORE = re.compile(
    r"\d(?:k|,\d{3}|\.\d\d)?\s*(?:dollars?|bucks|shares|shs|worth|more)?\s+(?:for|into|towards?)\s+(?:the\s+)?$"
)
_MINE_BEFORE = re.compile(
    r"\b(?:statement|confirmation|receipt|letter|notice|price|what|how|when|did)\b[^.!?;,]{0,40}$"
)
"""Before a purchase or sale that is spoken of, not ordered."""
_WISHED = re.compile(r"\b(?:like|want|wish|please|kindly|ask|instruct\w*|direct)\b")
_MOVING_AFTER = re.compile(
    r",?\s+(?:i|we)(?:'ll| will|'m| am|'re| are)?\s+(?:go|move|moving|going|live|living|be|shall)\b"
)
_TAKEN_BACK_AFTER = re.compile(r"\bno,? (?:skip|scratch|strike|forget|not) (?:the |that|it)", re.IGNORECASE)
_LEAD = re.compile(r"\b(?:in|for|the|on|at)\b")
_OR = re.compile(r",?\s+or\s+(?:in\s+|on\s+)?", re.IGNORECASE)


def effective_dates(text: str, *, weak: bool = True) -> tuple[Found[str], ...]:
    """Dates from which something is to hold, ISO with missing parts left off, in order of appearance.

    "2004-03-15", "2004-03", "--03-15" and "--03" are the four forms. With
    `weak`, "in March" and "for the March purchase" count too where the
    sentence orders something.
    """
    found: dict[str, Found[str]] = {}
    last: int | None = None
    for match in _DATE.finditer(text):
        value = _iso(match)
        if value is None or (match["short_month"] and not _STRONG_BEFORE.search(before(text, match.start(), 80))):
            continue
        is_rival = last is not None and bool(_OR.fullmatch(text, last, match.start()))
        if match["month"] and not is_rival and not _is_month(text, match):
            continue
        if is_rival or _sets_a_date(text, match, weak=weak):
            found.setdefault(value, Found(value, match.start(), match.end()))
            last = match.end()
    kept = [item for item in found.values() if not any(_is_part(item.value, other) for other in found)]
    return governing(text, kept)


def named_dates(text: str) -> tuple[Found[str], ...]:
    """Every date that `text` names, whatever is said of it, in order of appearance."""
    return tuple(
        Found(value, match.start(), match.end())
        for match in _DATE.finditer(text)
        if (value := _iso(match)) is not None and (not match["month"] or _is_month(text, match))
    )


def _sets_a_date(text: str, match: re.Match[str], *, weak: bool) -> bool:
    """Whether the words around a date make something take effect on it."""
    prefix, suffix = before(text, match.start(), 80), after(text, match.end(), 60)
    if re.match(r"\s+(?:un)?til (?:now|today|the present|this)", suffix) or _PAST_AFTER.match(suffix):
        return False
    if re.search(
        r"\b(?:not|until|till|before|after|than)\s+(?:in\s+|on\s+|at\s+|with\s+|from\s+)?(?:the\s+)?$", prefix
    ) or _TAKEN_BACK_AFTER.search(suffix):
        return False
    if re.search(
        r"(?:^|\n)\s*(?:\d[.)]\s*)?(?:start|purchase date|effective|date)\s*:\s*(?:the\s+)?$",
        text[max(0, match.start() - 40) : match.start()].lower(),
    ):
        return True
    if _STATE_AS_OF.search(prefix):
        return False
    if _STRONG_BEFORE.search(prefix) and not re.search(r"\b(?:since|i start|we start|that start\w*)\b", prefix[-45:]):
        return True
    if _FROM_BEFORE.search(prefix) and not _PAST.search(prefix[-45:]):
        return bool(_ORDER.search(prefix)) or not _SEASON_AFTER.match(suffix)
    if re.search(r"\bfrom\s+(?:the|your|this|next)\s+$", prefix) and _CYCLE_AFTER.match(suffix):
        return not _PAST.search(prefix[-45:])
    if re.search(r"\bon\s*$", prefix) and _MOVING_AFTER.match(suffix):
        return True
    return weak and _is_ordered_for(prefix, suffix)


def _is_ordered_for(prefix: str, suffix: str) -> bool:
    """Whether something is ordered for the date between `prefix` and `suffix`: "buy $500 in March"."""
    if re.search(r"\b(?:effective|end|last day)\s*$|\bcorrect,\s*$", prefix):
        return True
    if re.search(r"\blet\s*$", prefix) and re.match(r"\s+be\b", suffix):
        return True
    past = max((one.end() for one in _PAST.finditer(prefix)), default=0)
    if not past and _AMOUNT_FOR_BEFORE.search(prefix):
        return True
    lead = _WEAK_BEFORE.search(prefix)
    if _EVENT_BEFORE.search(prefix):
        return False
    is_cycle = lead and not lead.group().startswith(("the", "your")) and _CYCLE_AFTER.match(suffix)
    if is_cycle and (not past or _WISHED.search(prefix)) and not _MINE_BEFORE.search(prefix):
        return True
    if not lead or (re.search(r"\b(?:the|your)\s+$", lead.group()) and not _CYCLE_AFTER.match(suffix)):
        return False
    ordered = max((one.end() for one in _ORDER.finditer(prefix)), default=0)
    return ordered > past or (not _LEAD.sub("", prefix.rpartition(",")[2]).strip() and bool(_ORDER.search(suffix)))


def _is_part(date: str, other: str) -> bool:
    """Whether `other` says the same and more: "--05" beside "2004-05"."""
    return date != other and date.startswith("--") and other[4:].startswith(date[1:])


def _iso(match: re.Match[str]) -> str | None:
    if match["iso_year"]:
        year, month, day = match["iso_year"], int(match["iso_month"]), match["iso_day"]
    elif match["us_month"]:
        year, month, day = match["us_year"], int(match["us_month"]), match["us_day"]
        year = year if len(year) == 4 else ("20" if int(year) < 70 else "19") + year
    elif match["short_month"]:
        year, month, day = None, int(match["short_month"]), match["short_day"]
    else:
        year, month, day = match["year"], _MONTHS[match["month"].lower()], match["day1"] or match["day2"]
    if not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    return f"{year or '-'}-{month:02d}" + (f"-{int(day):02d}" if day else "")


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Whether "may", "march" and the like stand for the month here."""
    name = match["month"]
    if match["day1"] or match["day2"] or match["year"]:
        return True
    if re.match(r"\.?\s+(?:[A-Z][a-z]+\s*(?:$|\n)|board|tree)", text[match.end("month") : match.end("month") + 20]):
        return False
    lowered = name.lower()
    if lowered in {"may", "march", "mar", "sun", "dec", "jan", "sep"}:
        prefix = before(text, match.start(), 20)
        led = re.search(
            (
                r"\b(?:in|of|by|for|until|till|since|from|next|last|this|starting|beginning|effective|begin in"
                r"|begin with|start with|through|skip|into|or)\s+(?:the\s+|your\s+|this\s+|next\s+|coming\s+)?$"
            ),
            prefix,
        )
        following = after(text, match.end(), 30)
        if _CYCLE_AFTER.match(following) and re.search(r"\b(?:the|your|at|this|next)\s+$", prefix):
            return True
        return bool(led) and (
            name[0].isupper()
            or lowered != "may"
            or not re.match(r"\s+(?:i|we|it|you|be|not)\b", after(text, match.end(), 10))
        )
    return True


ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "twenty-first": 21, "twenty-second": 22, "twenty-third": 23, "twenty-fourth": 24, "twenty-fifth": 25,
    "twenty-sixth": 26, "twenty-seventh": 27, "twenty-eighth": 28, "thirtieth": 30,
}  # fmt: skip
DAY_SAID, DAY_ENDS = (
    r"\b(?:on|by)\s+the\s+",
    r"(?=\s{0,2}(?:$|\n|[,;)!?]|\.(?!\d)|(?:if|because|since|when|as|of (?:each|every|the) month|each month"
    r"|every month|a month|please|pls|thanks)\b))",
)
"""Around a day of the month without its ending: "on the 15, if it is possible"."""
_TAKING_SAID = (
    r"\b(?:dr[ae]wn?|debit(?:ed)?|take|taken|taking|deduct(?:ed)?|draft(?:ed)?|pull(?:ed)?|withdrawn?|come|go)"
)
_DAY_CHOSEN = (
    r"(?:(?:would|will|might|could)\s+(?:be|do|suit|work)|(?:suits?|works?)\b|if possible|is\s+(?:what|fine|good|best"
    r"|right"
    r"|better|perfect|ok)|sounds|please\b|will\b|of (?:each|every|the) month)"
)
"""After a day that is chosen: "the 20th suits me fine"."""
_DAY = re.compile(
    rf"(?:\b(?:on|upon|to|for|every|each|by|around|is)\s+(?:or about\s+)?(?:the\s+)?|:\s+the\s+"
    rf"|{_TAKING_SAID}\s+(?:(?:it|out|them|me|off|up)\s+){{0,2}}(?:the\s+)?"
    rf"|\b(?:draw|debit|deduction|draft|draught|pull|withdrawal)(?:ing)?(?:\s+(?:day|date)|\s*:),?\s+(?:is\s+"
    rf"|on\s+)?(?:the\s+)?"
    r"|\b(?:day|date)\s+(?:of|for)\s+(?:the\s+)?(?:debit|draw|deduction|draft|withdrawal|purchase)\W{1,3}(?:the\s+)?"
    r"|\b(?:say|make (?:it|that)|prefer|choose|pick)\s+the\s+"
    rf"|\bthe\s+(?=\S+\s+{_DAY_CHOSEN})"
    r"|^\W*the\s+(?=\S+?\W*(?:$|\n|please|pls|thanks))"
    rf"|(?<!\w)(?=(?:{'|'.join(ORDINALS)})\s+(?:day\s+)?of\s+(?:each|every|the)\s+month)"
    r"|\b(?:monthly|(?:each|every|a|per)\s+month),?\s+(?:the\s+)?(?=\d)"
    r"|(?<!\w)(?=\d{1,2}(?:st|nd|rd|th)\s+(?:day\s+)?of\s+(?:each|every|the)\s+month)"
    rf"|,\s+the\s+(?=\S+\s+(?:being|is) best)"
    r"|\bthe\s+(?=\S+\s+(?:day\s+)?of\s+(?:each|every|the)\s+month))"
    rf"(?:(?P<figure>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b)"
    r"(?!\s+(?:of\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:mon|tues|wednes|thurs|fri)day|time"
    r"|year|page|thing|line|thought|of all|instant\b|inst\b))"
    rf"|{DAY_SAID}(?P<plain>\d{{1,2}}){DAY_ENDS}"
    r"|\bday\s{0,2}:?\s{0,2}(?P<numbered>\d{1,2})(?![\d.:/])",
    re.IGNORECASE,
)
_STRUCK_BEFORE = re.compile(r"\b(?:strike|scratch|not|forget|rather than|instead of)\s+(?:on\s+)?(?:the\s+)?$")
_STRUCK = re.compile(
    rf"\b(?:strike|scratch|forget) (?:that|the (?:\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)}))\b", re.IGNORECASE
)
_INSTEAD = 40
"""Characters after a day that is taken back within which another stands in its place."""
_INCOME = re.compile(
    (
        r"\b(?:land(?:s|ed)?|pay(?:s|check|day|roll)?|paid|pension|deposit\w*|salary|mortgage|rent|due"
        r"|soc(?:ial)? sec\w*|mailed|wrote|sent|leave|going(?! forward)|born|(?<!go )home|died|went|lord|passed"
        r"|placed|submitted|arriv\w+|comes?(?! out)|payday"
        r"|if(?! (?:you (?:would|could|will|can|please)|possible|convenient|that))"
        r"|appointment|seeing|used to|letter|statement)\b"
    ),
    re.IGNORECASE,
)


_AT_A_TIME = re.compile(r"(?:on|upon|by|around|for)\b", re.IGNORECASE)
_OF_A_DEDUCTION = re.compile(
    r"\b(?:deduct\w*|debit\w*|draft\w*|draw\w*|drew|take[ns]?|taking|pull\w*|withdr\w*|invest\w*|buy\w*|purchas\w*"
    r"|contribut\w*|month(?:ly)?|auto\w*|start\w*|begin\w*|set|move[ds]?|change[ds]?|switch\w*|put|make|do|have"
    r"|go(?:es)?|day"
    r"|date|come|instead|same|usual|possible|amount|bank|checking|savings|transfer\w*|arrange|want|like|prefer|please"
    r"|it|choice|rather|best|convenient|suits?)\b"
    r"|\$\s?\d|\d\s*$|\b(?:hundred|dollars|bucks)\b"
)


def _is_of_a_deduction(text: str, start: int, end: int) -> bool:
    """Whether the clause around a day speaks of money that is taken, and not of an operation or a journey."""
    prefix, suffix = before(text, start, 100), after(text, end, 60)
    if not prefix.strip():
        return True
    return bool(_OF_A_DEDUCTION.search(prefix) or _OF_A_DEDUCTION.search(suffix))


def days_of_month(text: str) -> tuple[Found[int], ...]:
    """Days on which a deduction is asked to be taken, not those on which other things fall."""
    found: dict[int, Found[int]] = {}
    struck = [match.end() for match in _STRUCK.finditer(text)]
    for match in _DAY.finditer(text):
        figure = match["figure"] or match["plain"] or match["numbered"]
        day = int(figure) if figure else ORDINALS[match["word"].lower()]
        clause = re.split(r",|\bsince\b|\bbecause\b|\band now\b|\bas my\b|\bso\b|\n", before(text, match.start(), 80))[
            -1
        ]
        # "Strike the fifteenth, payday is the 28th": what is said after it stands in its place.
        is_named = match.group().lstrip().startswith(":") or any(0 < match.start() - end <= _INSTEAD for end in struck)
        if not 1 <= day <= 31 or (_INCOME.search(clause) and not is_named) or _STRUCK_BEFORE.search(clause):
            continue
        if (
            not is_named
            and _AT_A_TIME.match(match.group())
            and not _is_of_a_deduction(text, match.start(), match.end())
        ):
            continue
        if (
            found
            and match.group().lower().startswith("is")
            and not is_corrected_by(text, list(found.values())[-1].end, match.start())
        ):
            continue
        found.setdefault(day, Found(day, match.start(), match.end()))
    kept = [item for item in found.values() if not _STRUCK.search(text, item.end, item.end + 60)]
    return governing(text, kept)
