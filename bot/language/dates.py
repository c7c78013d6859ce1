"""When a change is to take effect, on which day of the month, and how often.

A month is read as a date only where the words around it set a date: "May I
sell in May?" names one month. Dates of things past are none.
"""

from __future__ import annotations

import re

from bot.language.found import Found
from bot.language.text import after, before

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
    r"|(?<![\w/-])(?P<us_month>\d{1,2})[/-](?P<us_day>\d{1,2})[/-](?P<us_year>\d{4}|\d{2})(?![\w/-])",
    re.IGNORECASE,
)

_STRONG_BEFORE = re.compile(
    r"\b(?:start(?:ing|s)?|begin(?:ning)?|commenc(?:e|ing)|effective|as of|resum\w+|back (?:up|on|to \w+)"
    r"|end as of|correct,)\b"
    r"(?:\s+(?:it|them|up|again|back|on|in|from|with|the|of|date|month|effective|be))*\s*[:,]?\s*$"
)
_FROM_BEFORE = re.compile(r"\bfrom\s*$")
_WEAK_BEFORE = re.compile(
    r"\b(?:in|on|for|skip(?:ping)?|during|by|to be effective on|with)\s+(?:the\s+|next\s+|this\s+|coming\s+)?$"
)
_PAST = re.compile(
    r"\b(?:was|were|did|had|been|since|bought|sold|mailed|sent|wrote|joined|moved|died|passed|opened|told"
    r"|called|telephoned|enrolled|received|"
    r"got|came|started|ordered|married|retired|dated|born|explained|stopped|left|cashed|happened|went|applied"
    r"|missed|gave|turned|graduates?|weather|gets? here|lets? out)\b"
)
_ORDER = re.compile(
    r"\b(?:please|pls|kindly|buy|purchas\w*|purchace|invest|sell|stop|pause|skip|suspend|hold|start|begin"
    r"|resume|draw|deduct|take|cancel|terminate|change|make|put|set|send|use|end|enter|apply)\b"
)


def effective_dates(text: str, *, weak: bool = True) -> tuple[Found[str], ...]:
    """Dates from which something is to hold, ISO with missing parts left off, in order of appearance.

    "2004-03-15", "2004-03", "--03-15" and "--03" are the four forms. With
    `weak`, "in March" and "for March" count too where the sentence orders something.
    """
    found: dict[str, Found[str]] = {}
    for match in _DATE.finditer(text):
        value = _iso(match)
        if value is None or (match["month"] and not _is_month(text, match)):
            continue
        prefix, suffix = before(text, match.start(), 80), after(text, match.end(), 60)
        if re.match(r"\s+(?:un)?til", suffix):
            continue
        strong = _STRONG_BEFORE.search(prefix) or (
            _FROM_BEFORE.search(prefix)
            and re.search(r"\b(?:hold|from|mail|send|post|to|pause|off|back)\b|^\s*$", prefix + suffix)
        )
        orders = _ORDER.search(prefix) or (_ORDER.search(suffix) and not prefix.strip(" infor"))
        ordered = weak and _WEAK_BEFORE.search(prefix) and orders and not _PAST.search(prefix[-45:])
        headed = re.search(
            r"(?:^|\n)\s*(?:\d[.)]\s*)?(?:start|purchase date|effective|date)\s*:\s*(?:the\s+)?$",
            text[max(0, match.start() - 40) : match.start()].lower(),
        )
        named = weak and re.search(r"\b(?:effective|end|last day)\s*$|\bcorrect,\s*$", prefix)
        if (strong and not re.search(r"\bsince\b", prefix[-30:])) or ordered or headed or named:
            found.setdefault(value, Found(value, match.start(), match.end()))
    return tuple(item for item in found.values() if not any(_is_part(item.value, other) for other in found))


def _is_part(date: str, other: str) -> bool:
    """Whether `other` says the same and more: "--05" beside "2004-05"."""
    return date != other and date.startswith("--") and other[4:].startswith(date[1:])


def _iso(match: re.Match[str]) -> str | None:
    if match["iso_year"]:
        year, month, day = match["iso_year"], int(match["iso_month"]), match["iso_day"]
    elif match["us_month"]:
        year, month, day = match["us_year"], int(match["us_month"]), match["us_day"]
        year = year if len(year) == 4 else ("20" if int(year) < 70 else "19") + year
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
                r"|through|skip)\s+$"
            ),
            prefix,
        )
        return bool(led) and (
            name[0].isupper()
            or lowered != "may"
            or not re.match(r"\s+(?:i|we|it|you|be|not)\b", after(text, match.end(), 10))
        )
    return True


_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "twenty-first": 21, "twenty-second": 22, "twenty-third": 23, "twenty-fourth": 24, "twenty-fifth": 25,
    "twenty-sixth": 26, "twenty-seventh": 27, "twenty-eighth": 28, "thirtieth": 30,
}  # fmt: skip
_DAY = re.compile(
    rf"\b(?:(?:on|to|for|every|each|by|around)\s+(?:or about\s+)?(?:the\s+)?"
    r"|the\s+(?=\S+\s+(?:day\s+)?of\s+(?:each|every|the)\s+month))"
    rf"(?:(?P<figure>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b)"
    r"(?!\s+(?:of\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:mon|tues|wednes|thurs|fri)day|time"
    r"|year|page|thing|line))",
    re.IGNORECASE,
)
_INCOME = re.compile(
    (
        r"\b(?:land(?:s|ed)?|pay(?:s|check|day|roll)?|paid|pension|deposit\w*|salary|mortgage|rent|due"
        r"|soc(?:ial)? sec\w*|mailed|wrote|sent|leave|going|born|home|died|passed|placed|submitted|arriv\w+|comes?"
        r"|appointment|seeing|used to|letter|statement)\b"
    ),
    re.IGNORECASE,
)


def days_of_month(text: str) -> tuple[Found[int], ...]:
    """Days on which a deduction is asked to be taken, not those on which other things fall."""
    found: dict[int, Found[int]] = {}
    for match in _DAY.finditer(text):
        day = int(match["figure"]) if match["figure"] else _ORDINALS[match["word"].lower()]
        clause = re.split(r",|\bsince\b|\bbecause\b|\band now\b|\bas my\b|\bso\b|\n", before(text, match.start(), 80))[
            -1
        ]
        if 1 <= day <= 31 and not _INCOME.search(clause):
            found.setdefault(day, Found(day, match.start(), match.end()))
    return tuple(found.values())


_FREQUENCIES = (
    (
        "biweekly",
        re.compile(
            (
                r"\b(?:bi-?weekly|every (?:two|2|other|second) (?:weeks?|friday|payday)|fortnightly|each fortnight"
                r"|semi-?monthly|twice a month|every (?:two|2) wks)\b"
            ),
            re.IGNORECASE,
        ),
    ),
    (
        "weekly",
        re.compile(
            r"\b(?:weekly|each week|every week|(?:a|per) week|every (?:mon|tues|wednes|thurs|fri)day)\b", re.IGNORECASE
        ),
    ),
    (
        "quarterly",
        re.compile(
            r"\b(?:quarterly|each quarter|every quarter|(?:a|per) quarter|every (?:three|3) months)\b", re.IGNORECASE
        ),
    ),
    ("annually", re.compile(r"\b(?:annually|yearly|every year|once a year|per year)\b", re.IGNORECASE)),
    ("daily", re.compile(r"\b(?:daily|every day|each day)\b", re.IGNORECASE)),
    (
        "once",
        re.compile(
            (
                r"\b(?:one[- ]?time|one[- ]?off|just (?:the )?once|only (?:the )?once|(?:just|only) (?:the )?one time"
                r"|single (?:debit|purchase|time|extra|buy)|a single time|for one purchase|one purchase now"
                r"|single\b(?= extra))\b"
            ),
            re.IGNORECASE,
        ),
    ),
    (
        "monthly",
        re.compile(
            (
                r"\b(?:monthly|each month|every month|(?:a|per) month|per mo|month by month|/\s?mo(?:nth)?|a mo)\b"
                r"|(?<=\d)/mo(?:nth)?\b|\b\d+ mo\b"
            ),
            re.IGNORECASE,
        ),
    ),
)
_ADJECTIVE_BEFORE = re.compile(r"\b(?:my|our|the|his|her|your)\s+(?:current\s+|present\s+|usual\s+)?$")


def frequencies(text: str) -> tuple[Found[str], ...]:
    """How often something is asked for: "monthly", "once" and the like, each once, in order of appearance.

    "My monthly deduction" names an arrangement that stands; it asks for none.
    """
    found: dict[str, Found[str]] = {}
    for name, pattern in _FREQUENCIES:
        for match in pattern.finditer(text):
            prefix, suffix = before(text, match.start(), 40), after(text, match.end(), 30)
            if name == "monthly" and (
                _ADJECTIVE_BEFORE.search(prefix)
                or re.match(r"\s+(?:statement|report|limit|maximum|minimum|price|ceiling|cap\b|date|amount)", suffix)
            ):
                continue
            if re.search(r"\b(?:not|nothing|no|rather than|isn't)\s+(?:every\s+|a\s+)?$", prefix):
                continue
            if name == "once" and re.match(r"\s+(?:i|we|they|you|my|the|in)\b", suffix):
                continue
            found.setdefault(name, Found(name, match.start(), match.end()))
    return tuple(sorted(found.values(), key=lambda item: item.start))
