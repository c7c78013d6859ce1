"""How often something is asked for: monthly, once and the like."""

from __future__ import annotations

import re

from bot.language.found import Found
from bot.language.text import after, before

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
            r"|once now|(?:just|only) this once|one[- ]shot|single\b(?= extra))\b",
        ),
        (
            "monthly",
            r"\b(?:mon?th?ly|mounthly|monthley|month[- ]in,? (?:and )?month[- ]out"
            rf"|{_EACH} (?:calendar )?(?:month|mnth|munth)|every-month|per mo|month by month|/\s?mo(?:nth)?|a mo)\b"
            r"|(?<=\d)/mo(?:nth)?\b|\b\d+ mo\b",
        ),
    )
)
_OTHER_INCOME_BEFORE = re.compile(
    r"\b(?:pension|salary|rent|earns?|pays|statement|social security|income|mortgage|wages?|loan|lease|premium"
    r"|dues|tuition|note)\b(?:[^,;]|,\d){0,25}$"
)
"""Before what comes in or goes out elsewhere each month."""
_WITHIN_BEFORE = re.compile(
    r"\b(?:during|within|(?<!once )in|for|than|over|about|once|half|almost|nearly|after|of|ago)\s+$|\(\s*(?:was"
    r"|at)\b[^()]*$"
)
"""Before "a month" as a stretch of time: "what one may put in during a month"."""
_REGULAR = re.compile(
    r"\b(?:every|each|a|per) month\b(?!'s)|\bmonthly\b|\b(?:my|our|the|standing|regular) deductions?\b", re.IGNORECASE
)
"""Words of the monthly kind, beside which "once" says something of a purchase."""
_ADJECTIVE_BEFORE = re.compile(
    r"\b(?:my|our|the|his|her|your)\s+(?:current\s+|present\s+|usual\s+|automatic\s+|auto\s+)?$"
)
_NOT_OFTEN_AFTER = re.compile(
    r"\s+(?:statement|report|limit|maximum|minimum|price|ceiling|cap\b|date|sale|disposal|transaction|batch"
    r"|thing\?|bill|allowance|allotment|quota|window|deadline|cut-?off"
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
    ("follows the stock every day") counts nowhere. A purchase is made once
    unless it is said otherwise, so that "one time only" counts only where the
    monthly kind is spoken of as well.
    """
    found: dict[str, Found[str]] = {}
    for name, pattern in _FREQUENCIES:
        if name == "once" and not _REGULAR.search(text):
            continue
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
        if _OTHER_INCOME_BEFORE.search(prefix):
            return False
        if text[match.start() :].lower().startswith(("a m", "/")) and _WITHIN_BEFORE.search(prefix):
            return False
        if re.search(
            r"\b(?:i|we) (?:only |just )?(?:get|make|receive|collect|bring home|live on)\b[^;]{0,25}$", prefix
        ):
            return False
    elif name == "once":
        if re.search(r"\b(?:my|the|last|our|earlier|previous)\s+$", prefix):
            return False
    elif len(text) > _SHORT and not _PAYING.search(prefix + " " + suffix):
        return False
    if re.search(r"\b(?:not|nothing|no|rather than|isn't)\s+(?:every\s+|a\s+)?$", prefix):
        return False
    if name == "monthly":
        return True
    habit = (
        r"\s+(?:i|we|they|you|my|the|in)\b"
        if name == "once"
        else r",?\s+(?:i|we|they|he|she)\s+(?!want|wish|would|like)"
    )
    return not re.match(habit, suffix)
