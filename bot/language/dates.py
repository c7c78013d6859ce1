"""When a change is to take effect, on which day of the month, and how often.

A month is read as a date only where the words around it set a date: "May I
sell in May?" names one month. Dates of things past are none.
"""

from __future__ import annotations

import re

from bot.language.corrections import governing, is_corrected_by
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
    r"|end as of|correct,|(?<!my )(?<!our )(?<!your )first (?:debit|deduction|draft|draw|withdrawal|pull|one|payment"
    r"|installment))\b"
    r"(?:\s+(?:it|them|up|again|back|on|in|from|with|the|of|date|month|effective|be|as|usual))*\s*[:,]?\s*$"
)
_FROM_BEFORE = re.compile(
    r"(?<!proceeds )(?<!check )(?<!dating )(?<!dated )(?<!sale )(?<!purchase )(?<!order )(?<!left )(?<!statement )"
    r"(?<!form )(?<!money )(?<!letter )\bfrom\s*$"
)
_WEAK_BEFORE = re.compile(
    r"\b(?:in|into|on|at|for|skip(?:ping)?|during|by|to be effective on|with|the|your)\s+(?:the\s+|next\s+"
    r"|this\s+|coming\s+"
    r"|your\s+)*$"
)
_CYCLE_AFTER = re.compile(
    r"\s+(?:(?:19|20)\d\d\s+)?(?:one|purchase|sale|buy|cycle|period|round|batch|date|investment|deduction|debit"
    r"|draft|run)\b"
)
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
        if value is None:
            continue
        is_rival = last is not None and bool(_OR.fullmatch(text, last, match.start()))
        if match["month"] and not is_rival and not _is_month(text, match):
            continue
        if is_rival or _sets_a_date(text, match, weak=weak):
            found.setdefault(value, Found(value, match.start(), match.end()))
            last = match.end()
    kept = [item for item in found.values() if not any(_is_part(item.value, other) for other in found)]
    return governing(text, kept)


def _sets_a_date(text: str, match: re.Match[str], *, weak: bool) -> bool:
    """Whether the words around a date make something take effect on it."""
    prefix, suffix = before(text, match.start(), 80), after(text, match.end(), 60)
    if re.match(r"\s+(?:un)?til (?:now|today|the present|this)", suffix) or _PAST_AFTER.match(suffix):
        return False
    if re.search(r"\b(?:not|until|till|before|than)\s+(?:in\s+|on\s+)?$", prefix) or _TAKEN_BACK_AFTER.search(suffix):
        return False
    if re.search(
        r"(?:^|\n)\s*(?:\d[.)]\s*)?(?:start|purchase date|effective|date)\s*:\s*(?:the\s+)?$",
        text[max(0, match.start() - 40) : match.start()].lower(),
    ):
        return True
    if _STRONG_BEFORE.search(prefix) and not re.search(r"\b(?:since|i start|we start|that start\w*)\b", prefix[-45:]):
        return True
    if _FROM_BEFORE.search(prefix) and not _PAST.search(prefix[-45:]):
        return True
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
                r"|through|skip|into|or)\s+(?:the\s+|your\s+|this\s+|next\s+|coming\s+)?$"
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


_ORDINALS = {
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
_DAY = re.compile(
    rf"(?:\b(?:on|upon|to|for|every|each|by|around|is)\s+(?:or about\s+)?(?:the\s+)?|:\s+the\s+"
    r"|\b(?:monthly|(?:each|every|a|per)\s+month),?\s+(?:the\s+)?(?=\d)"
    r"|(?<!\w)(?=\d{1,2}(?:st|nd|rd|th)\s+(?:day\s+)?of\s+(?:each|every|the)\s+month)"
    rf"|,\s+the\s+(?=\S+\s+(?:being|is) best)"
    r"|\bthe\s+(?=\S+\s+(?:day\s+)?of\s+(?:each|every|the)\s+month))"
    rf"(?:(?P<figure>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b)"
    r"(?!\s+(?:of\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:mon|tues|wednes|thurs|fri)day|time"
    r"|year|page|thing|line|thought|of all|instant\b|inst\b))"
    rf"|{DAY_SAID}(?P<plain>\d{{1,2}}){DAY_ENDS}"
    r"|\bday\s{0,2}:?\s{0,2}(?P<numbered>\d{1,2})(?![\d.:/])",
    re.IGNORECASE,
)
_STRUCK_BEFORE = re.compile(r"\b(?:strike|scratch|not|forget|rather than|instead of)\s+(?:on\s+)?(?:the\s+)?$")
_STRUCK = re.compile(
    rf"\b(?:strike|scratch|forget) (?:that|the (?:\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS)}))\b", re.IGNORECASE
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


def days_of_month(text: str) -> tuple[Found[int], ...]:
    """Days on which a deduction is asked to be taken, not those on which other things fall."""
    found: dict[int, Found[int]] = {}
    struck = [match.end() for match in _STRUCK.finditer(text)]
    for match in _DAY.finditer(text):
        figure = match["figure"] or match["plain"] or match["numbered"]
        day = int(figure) if figure else _ORDINALS[match["word"].lower()]
        clause = re.split(r",|\bsince\b|\bbecause\b|\band now\b|\bas my\b|\bso\b|\n", before(text, match.start(), 80))[
            -1
        ]
        # "Strike the fifteenth, payday is the 28th": what is said after it stands in its place.
        is_named = match.group().startswith(":") or any(0 < match.start() - end <= _INSTEAD for end in struck)
        if not 1 <= day <= 31 or (_INCOME.search(clause) and not is_named) or _STRUCK_BEFORE.search(clause):
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


_EACH = r"(?:a|per|each|every|evry|ev|ea\.?|in each|of each)"
_FREQUENCIES = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "biweekly",
            r"\b(?:bi-?weekly|every (?:two|2|other|second) (?:weeks?|friday|payday)|fortnightly|each fortnight"
            r"|semi-?monthly|twice a month|every (?:two|2) wks)\b",
        ),
        (
            "weekly",
            r"\b(?:weekly|each week|every week|(?:a|per) week|every (?:mon|tues|wednes|thurs|fri)day)\b",
        ),
        (
            "quarterly",
            r"\b(?:quarterly|each quarter|every quarter|per quarter|every (?:three|3) months)\b"
            r"|(?:\d|dollars?|bucks|hundred|thousand) a quarter\b",
        ),
        ("annually", r"\b(?:annually|yearly|every year|once a year|per year)\b"),
        ("daily", r"\b(?:daily|every day|each day)\b"),
        (
            "once",
            r"\b(?:one[- ]?time|one[- ]?off|just (?:the )?once|only (?:the )?once|(?:just|only) (?:the )?one time"
            r"|single (?:debit|purchase|time|extra|buy)|a single time|for one purchase|one purchase now|lump sum"
            r"|once now"
            r"|single\b(?= extra))\b",
        ),
        (
            "monthly",
            rf"\b(?:monthly|{_EACH} (?:month|mnth|munth)|every-month|per mo|month by month|/\s?mo(?:nth)?|a mo)\b"
            r"|(?<=\d)/mo(?:nth)?\b|\b\d+ mo\b",
        ),
    )
)
_ADJECTIVE_BEFORE = re.compile(
    r"\b(?:my|our|the|his|her|your)\s+(?:current\s+|present\s+|usual\s+|automatic\s+|auto\s+)?$"
)
_NOT_OFTEN_AFTER = re.compile(
    r"\s+(?:statement|report|limit|maximum|minimum|price|ceiling|cap\b|date|sale|disposal|transaction|batch"
    r"|thing\?|bill"
    r"|payment on|rent|premium|newsletter)"
)
_PAYING = re.compile(
    r"\b(?:invest\w*|buy\w*|purchas\w*|put\w*|tak\w*|took|deduct\w*|debit\w*|draft\w*|draw\w*|pull\w*|send\w*"
    r"|withdraw\w*"
    r"|contribut\w*|monthly|month|start\w*|begin\w*|sign\w*|set|plan|amount|investment|raise|often|go|resum\w*"
    r"|auto\w*|no)\b|\d|\$"
    r"|\b(?:hundred|thousand|dollars)\b"
)


_SHORT = 60
"""Characters of a message that speaks of one thing only."""


def frequencies(text: str, *, standing: bool = False) -> tuple[Found[str], ...]:
    """How often something is asked for: "monthly", "once" and the like, each once, in order of appearance.

    "My monthly deduction" names an arrangement that stands; it counts only
    where that is to be changed (`standing`). How often other things happen
    ("follows the stock every day") counts nowhere.
    """
    found: dict[str, Found[str]] = {}
    for name, pattern in _FREQUENCIES:
        for match in pattern.finditer(text):
            if _asks_how_often(text, name, match, standing):
                found[name] = Found(name, match.start(), match.end())
                break
    return tuple(sorted(found.values(), key=lambda item: item.start))


def _asks_how_often(text: str, name: str, match: re.Match[str], standing: bool) -> bool:
    prefix, suffix = before(text, match.start(), 40), after(text, match.end(), 30)
    if name == "monthly":
        if not standing and _ADJECTIVE_BEFORE.search(prefix):
            return False
        if _NOT_OFTEN_AFTER.match(suffix) or re.search(r"\b(?:twice|two times)\s+$", prefix):
            return False
        if standing and re.search(r"\b(?:pension|salary|rent|earns?|pays|statement)\b[^,;]{0,25}$", prefix):
            return False
        if re.search(
            r"\b(?:i|we) (?:only |just )?(?:get|make|receive|collect|bring home|live on)\b[^;]{0,25}$", prefix
        ):
            return False
    elif name != "once" and len(text) > _SHORT and not _PAYING.search(prefix + " " + suffix):
        return False
    if re.search(r"\b(?:not|nothing|no|rather than|isn't)\s+(?:every\s+|a\s+)?$", prefix):
        return False
    return not (name == "once" and re.match(r"\s+(?:i|we|they|you|my|the|in)\b", suffix))
