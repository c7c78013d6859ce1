"""A price named beside the size of a purchase or sale: "sell 200 shares at $5" is a limit order, and never carried out.

The size is what is bought or sold; any second sum behind "at", "@", "for ...
each" or "a share" is a price. A sum by the month, a date, a time of day, a
street or a percentage behind "at" is none.
"""

from __future__ import annotations

import re

from bot.language.bearing import speaks_of
from bot.language.text import cues

_FEW = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
_DOLLARS = (
    rf"(?:(?:us ?)?\$ ?\d[\d,]{{0,9}}(?:\.\d{{1,4}})?|\d[\d,]{{0,9}}(?:\.\d{{1,4}})?(?= (?:dollars?|bucks?|cents?|usd))"
    rf"|\d{{1,3}}\.\d{{1,4}}|(?:an?|{_FEW})(?= (?:dollars?|bucks?)(?! (?:hundred|thousand))))"
)
_BARE = rf"(?:\d{{1,3}}(?:\.\d{{1,4}}| \d/\d)?|(?:{_FEW})(?: and a (?:half|quarter)| even| flat)?)"
_UNIT = r"(?: (?:dollars?|bucks?|cents?|usd))?"
_BY_TIME = r"(?!,? ?(?:a|per|each|every|this|for the|/) ?(?:month|mo\b|week|quarter|year|payday|paycheck)|,? monthly)"
_NO_MORE = r"(?![\d,.]*\d|k\b|%| ?percent| ?(?:am|pm|a\.m|p\.m|o'?clock)\b|:\d|-\d|/\d)"

_PRICES = {
    "each": cues(rf"""
        (?:at|for|@) (?:{_DOLLARS}|{_BARE}){_UNIT} ?(?:each|a ?piece|ea|per)(?! (?:month|week|quarter|year|of))
    """),
    "a share": cues(rf"""
        (?:{_DOLLARS}|{_BARE}|a){_UNIT} ?(?:a|per|each|the|/) ?(?:share|sh)
    """),
    "a price of": cues(rf"""
        (?:at|for|with) (?:a|the) (?:\w+ )?price (?:of|at|around|near) {_DOLLARS} | price(?::|=|,)? ?{_DOLLARS} |
        (?:at|for) (?:a|the) (?:\w+ )?price (?:of|at) {_BARE}
    """),
    "at an odd sum": re.compile(
        rf"(?<![\w'])(?:(?:in|for|sum|amount|down|keep|set|me|order|deduction) )?(?:at|@) ?"
        rf"(?:about |around |roughly |exactly |only |just |least |most )?(?:{_DOLLARS}){_NO_MORE}{_UNIT}{_BY_TIME}",
        re.IGNORECASE,
    ),
    "for a sum": re.compile(
        rf"(?<![\w'])(?:shares?|shs|sh|astm) for ?(?:about |only |just )?(?:{_DOLLARS}){_NO_MORE}{_UNIT}(?= ?(?:$"
        rf"|[.,;!?\n]))",
        re.IGNORECASE,
    ),
    "at a bare number": re.compile(
        rf"(?<![\w'])(?:shares?|shs|sh|stock|astm|aastrom|them|em|it|all|everything|worth|dollars|bucks|sell|buy"
        rf"|\d[\d,.]{{0,12}}k?) (?:at|@) ?{_BARE}{_NO_MORE}{_UNIT}(?= ?(?:$|[.,;!?\n)]| (?:or|and|please|pls|plz)\b))",
        re.IGNORECASE,
    ),
}
"""By its form, a price."""

_SIZES = re.compile(
    r"\$ ?\d[\d,.]*k?|\b\d[\d,.]*k? ?(?:dollars?|bucks?|usd)\b|\b(?:hundred|thousand|grand)\b"
    r"|\b\d[\d,.]* (?:\w+ )?shares?\b",
    re.IGNORECASE,
)
_SIZE_ITSELF = re.compile(r"(?:in|for|sum|amount|down|keep|set|me|order|deduction) (?:at|@)", re.IGNORECASE)
"""An "at" before the size itself: "keep me at $500"."""
_TOLD = cues(r"""
    with (?:the |your )?(?:stock|price|market|shares|astm|aastrom|it) | bought | paid | paying | cost |
    got (?:it|them|these|in|mine) | was | were | is | it's | its | stands? | stood |
    closed |
    trading | trades | sitting | went | dropped | fell | rose | started | valued | quoted | ran | peaked |
    currently | been | opened | listed | purchased | years ago | used to
""")
"""Words of a price that is only told: "bought at $5", "it is at $1.20"."""
_REACH = 24
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+")


def names_a_price(text: str, intent: str) -> bool:
    """Whether a sentence of the act names a price beside its size."""
    if intent not in {"buy", "sell"}:
        return False
    said = [match.group() for match in _SENTENCE.finditer(text) if speaks_of(match.group(), intent)]
    return any(_is_a_price(sentence, match, name, intent) for sentence in said for name, match in _found(sentence))


def _found(sentence: str) -> list[tuple[str, re.Match[str]]]:
    return [(name, match) for name, pattern in _PRICES.items() for match in pattern.finditer(sentence)]


def _is_a_price(sentence: str, match: re.Match[str], name: str, intent: str) -> bool:
    if _TOLD.search(sentence, max(0, match.start() - _REACH), match.start()):
        return False
    if intent == "sell" or name in {"each", "a share", "a price of", "at a bare number"}:
        return True
    beside = sentence[: match.start()] + " " + sentence[match.end() :]
    return not _SIZE_ITSELF.match(match.group()) and bool(_SIZES.search(beside)) and name != "for a sum"
