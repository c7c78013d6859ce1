"""Quantities in figures and words: "1,250.00", "2.5K", "5OO", "twenty-five hundred", "a grand".

Only says what number is written and whether dollars are; what it is for is
decided elsewhere. What looks like a quantity but cannot be read for certain
("$1,00", "three fifty dollars") is reported without a value: better to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

LARGEST_DIGITS = 15
"""More digits than this are no quantity of this program."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written, at its place."""

    value: Decimal | None
    """None where it cannot be read for certain."""
    start: int
    end: int
    is_money: bool
    """Whether dollars are named with it: "$", USD, dollars, bucks, grand."""
    is_spelled: bool = False
    """Whether it stands in words."""


UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "fitty": 50, "fivty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "ninty": 90,
}  # fmt: skip
SCALES = {
    "dozen": 12, "hundred": 100, "hunderd": 100, "hundrd": 100, "hunderds": 100, "hundreds": 100, "hunnert": 100,
    "hundo": 100,
    "thousand": 1000, "thousnad": 1000, "thousend": 1000, "thousan": 1000, "thousands": 1000, "grand": 1000,
    "million": 1_000_000,
}  # fmt: skip

_WORD = "|".join(sorted([*UNITS, *TENS, *SCALES], key=len, reverse=True))
_GAP = r"(?: {1,3}\n? {0,3}|\n {0,3})"
"""A blank or the end of a line; an empty line parts two numbers."""
_SPELLED = re.compile(
    rf"(?<![\w\ufffd-])(?:(?:a|an|half\s+a)\s+(?=(?:{'|'.join(SCALES)})\b))?(?:{_WORD})\b"
    rf"(?:\s+and\s+(?:a|one)[\s-]+half\b|(?:{_GAP}?-{_GAP}?|{_GAP}(?:(?:and|an|&){_GAP})?)(?:{_WORD})\b)*+",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(?<![\w\ufffd#/.,$-])(?<!\d:)(?<!\d')(?P<sign>(?:US\s?\$|USD\s{0,2}\$?|\$)\s{0,2})?(?P<figures>\d[\dOo.,]*|\.\d+)"
    r"(?P<scale>\s?[kK](?![\w\ufffd])|\s+(?:hundred|thousand|grand|million|dozen)\b)?",
    re.IGNORECASE,
)
_STRICT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+")
_CONTINENTAL = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+,\d\d")
"""Points between the thousands and a comma before the cents, as in much of Europe; no other reading is left."""
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d\d0")
"""A point before three places, the last of them a zero: "1.500" is fifteen hundred to many people."""
_BLANKS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+")
"""Blanks between the thousands, as in much of Europe; read where plainly dollars are meant, a slip elsewhere."""
_PLAINLY_DOLLARS_AFTER = re.compile(r"\s?(?:\$|(?:us )?dollars\b|usd\b|bucks\b)", re.IGNORECASE)
_REFERENCE_BEFORE = re.compile(
    r"(?:\b(?:account|acct|number|no|order|unit|apt|check|plan|box)\b\.?|#)\W{0,3}$", re.IGNORECASE
)
_GROUP = r"\d(?:[.,]?[\dOo])*+"
_NEXT_LINE = (
    r" ?\n ?(?!\n)(?!\d{1,2}[.):]\s)"
    r"(?![1-9][\d,]*\s+(?!(?:shares?|shs|dollars?|bucks|usd)\b)(?-i:[A-Z])[a-z]|[1-9]\d*\s+(?:[a-z]+\s){0,2}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|blvd|way|north|south|east|west)\b)"
)
"""The end of a line, where the next begins neither an item of a list nor an address."""
_BROKEN = re.compile(
    rf"(?<![\d.,Oo])[.,]?{_GROUP}"
    r"(?:(?:"
    rf"{_NEXT_LINE}"
    r"| (?!(?<=\d\d )(?:2 (?:buy|invest|put|work|go|start|sell|my|the|you|u)"
    r"|4 (?:me|us|my|the|this|that|now|each|it))\b)"
    r"|, (?=\d{3}(?!\d))(?<!\d{4}, )"
    r"|[^\w\s/-]|[^\w\s/$-][^\w\s$-]| [^\w\s/$@(~+'\"-]| {2}"
    rf")(?=\d){_GROUP})+",
    re.IGNORECASE,
)
"""Figures with a foreign character between them: "2*00", "10 000", "1\\n000"; one number, or two, or a slip.

What parts two values in ordinary writing does not count: a comma or full stop
with a blank, a slash, a hyphen, a dollar sign after a blank, a bracket, an at.
"""
_MONEY_AFTER = re.compile(
    r"\s{0,2}(?:\([^()]{1,40}\)\s{0,2})?(?:-\s?)?"
    r"(?:\$|(?:us\s+|u\.s\.\s+)?dol+[aeo]rs?\b|usd\b|us\$|bucks?\b|smackers\b|greenbacks\b)",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"(?:\$|\bus\$|\busd)\s{0,2}$", re.IGNORECASE)
_VAGUE_BEFORE = re.compile(
    r"\b(?:couple|few|several|some|many|odd)(?:\s+of)?\s+$"
    r"|\b(?:(?:half|third|quarter|part|some|most) of(?: a| the| my)?|twice|double|triple|\d+\s?x|times)\s+\$?$",
    re.IGNORECASE,
)
_INEXACT_BEFORE = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|nearly|almost|close to|upwards of|at (?:the )?(?:most|least)"
    r"|no (?:more|less|fewer) than|not (?:over|under|more than|less than)|(?:buy|sell|invest|in|spend|purchase)(?: me)?"
    r" up to)\s+|~\s?)(?:US)?\$?\s?$",
    re.IGNORECASE,
)
_CENTS_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?)?\s+and\s+"
    r"(?:(?P<hundredths>\d\d|no|xx)/100\b(?:\s+dollars?)?|(?P<cents>\d{1,2}|[a-z]+(?:[- ][a-z]+)?)\s+cents?\b)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\s*(?:dollars?|bucks?|usd)?\s*\(\s*(?:usd|us)?\s*\$?\s*", re.IGNORECASE)
_JOINED = re.compile(r"[ ]{1,3}(?:and\s+)?|\n(?:and\s+)?|\s{1,3}and\s+")
_SCALE_REACH = 12
"""Characters at the end of a quantity in which its last scale stands."""
_ENDS_IN_A_SCALE = re.compile(r"(?P<scale>hundred|thousand|million|grand|k)$", re.IGNORECASE)
_VAGUE_AFTER = re.compile(r"\s*(?:\+|-\s?odd\b|\s(?:something|and change|or so|plus|odd)\b|s\s+of\b)", re.IGNORECASE)
_RANGE_AFTER = re.compile(r"\s?-\s?\$?(?P<figures>\d[\d,.]*)")
_SIGNS = "\u00a2-\u00a5\u0e3f\u20a0-\u20cf\uffe0-\uffe6"
"""Signs of other currencies, and of cents, for a class of characters."""
_CURRENCY = (
    r"cdn|cad|aud|nzd|hkd|sgd|eur|euros?|gbp|jpy|yen|chf|mxn|inr|cny|rmb|sek|nok|dkk|pounds?(?: sterling)?|sterling"
    r"|quid|pesos?|francs?|rupees?|kron(?:or|er|e|a)|loonies|deutsche? marks?|dm|shekels?|yuan|lire|rubles?"
)
_FOREIGN_AFTER = re.compile(
    rf"\s?(?:(?:{_CURRENCY}|can\.?|canadian|australian|hong kong|new zealand|singapore)\b|[{_SIGNS}])", re.IGNORECASE
)
_FOREIGN_BEFORE = re.compile(rf"(?:(?<![\w])(?:{_CURRENCY}|canadian|australian)|[{_SIGNS}])\s?\$?\s?$", re.IGNORECASE)
_ADDED = re.compile(
    r"\s*(?:dollars?|bucks?|usd|shares?|shs)?\s*,?\s*"
    r"(?:plus|minus|less|and (?:another|an? (?:additional|extra|further))|\+|\*|x|times|over|divided by)\s*",
    re.IGNORECASE,
)
"""Between two figures of which neither is what is meant: "200 plus 100 shares", "$300 and another $300", "$500 x 2"."""
_AND_AGAIN = re.compile(
    r"\s*(?:dollars?|bucks?|usd|shares?|shs)?,?\s+and (?:then )?(?:(?:for )?another |an(?: extra| additional) )?",
    re.IGNORECASE,
)
_IS_AFTER = re.compile(r"\s+(?:is|was|it is)\b", re.IGNORECASE)
"""After a figure that is only said again: "1,050 and 1,050 is what I want"."""
_SEVERAL_TIMES = re.compile(
    r"\s*(?:dollars?|bucks?|usd|shares?|shs)?,?\s*(?:x\s?\d|\d\s?x\b"
    r"|(?:twice|thrice|(?:two|three|four|several|\d) times)\b"
    r"(?! (?:an?|per|each|every|this|that|last|in|already|now)\b))",
    re.IGNORECASE,
)
"""How often a figure is to be taken: "$500 twice"."""
_A_YEAR = re.compile(
    r"\s*(?:dollars?|bucks?|usd)?,?\s*(?:(?:a|per|each|every) (?:year|yr|annum)\b|/\s?(?:year|yr|annum)\b"
    r"|annually\b|yearly\b|p\.?a\.)",
    re.IGNORECASE,
)
"""Said of what is to be paid in a year; nobody may divide it by twelve."""
_RIVAL = re.compile(r"\s*(?:to|or|and|-)\s*\$?\s?")
_GLUED = re.compile(r"[\w\ufffd]|-(?!\s|dollar)")
_NOT_AFTER = re.compile(
    r"\s\d/\d|[\w\ufffd%:]|'\d|, 000\b| ,\d{3}\b|/\d|-\d|\s?%|\s(?:percent|per\s?cent|pct|cents?|pennies)\b",
    re.IGNORECASE,
)


def spelled(words: list[str]) -> Decimal | None:
    """The number that `words` (lower-case) spell, or None: "twenty five hundred" is 2500, "three fifty" is nothing."""
    total, current = Decimal(0), None
    scale_floor: int | None = None
    last: int | None = None
    at = 0
    while at < len(words):
        word = words[at]
        if word in {"a", "an", "one"} and words[at + 1 : at + 2] == ["half"]:
            if last == 100:
                return None  # "a hundred and a half" may be one half more, or fifty more.
            current = Decimal(current or 0)
            current, at = (current + Decimal(last) / 2 if last else current + Decimal("0.5")), at + 2
            continue
        if word in {"and", "a", "an"}:
            at += 1
            continue
        if word in UNITS or word in TENS:
            value = UNITS.get(word, TENS.get(word, 0))
            step = 100 if word in TENS or value >= 10 else 10
            if current is not None and (current % step or not current):
                return None
            if current is not None and step == 10 and 0 < current % 100 < 20:
                return None
            if current is None and total and step == 10 and words[at - 1] != "and" and at == len(words) - 1:
                return None  # "a grand five" may be fifteen hundred.
            current, last = (current or Decimal(0)) + value, None
        elif word == "half":
            current = Decimal("0.5")
        else:
            scale = SCALES[word]
            if scale >= 1000:
                if scale_floor is not None and scale >= scale_floor:
                    return None
                total += (current if current is not None else Decimal(1)) * scale
                current, scale_floor, last = None, scale, scale
            else:
                if current is not None and current >= 100:
                    return None
                current, last = (current if current is not None else Decimal(1)) * scale, scale
        at += 1
    return total + (current or Decimal(0))


def _in_figures(figures: str, scale: str) -> Decimal | None:
    text = figures.replace("O", "0").replace("o", "0")
    if _CONTINENTAL.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    if not _STRICT.fullmatch(text) or len(text) > LARGEST_DIGITS or (_MAYBE_THOUSANDS.fullmatch(text) and not scale):
        return None
    value = Decimal(text.replace(",", ""))
    word = scale.strip().lower()
    return value * (1000 if word == "k" else SCALES.get(word, 1))


def _figures(text: str) -> Iterator[Quantity]:
    broken = [match.span() for match in _BROKEN.finditer(text)][::-1]
    read = 0
    for match in _FIGURES.finditer(text):
        while broken and broken[-1][1] <= match.start("figures"):
            broken.pop()
        if broken and broken[-1][0] <= match.start("figures"):
            if match.start() >= read:
                read = broken[-1][1]
                is_money = bool(match["sign"] or _MONEY_AFTER.match(text, read, read + 80))
                yield Quantity(_in_blanks(text, match, read), match.start(), read, is_money)
            continue
        figures = match["figures"].rstrip(".,")
        end = match.end() if match["scale"] else match.start("figures") + len(figures)
        if figures.lower().endswith("o") and not re.search(r"\d[Oo.,\d]*[Oo]$", figures):
            continue
        following = text[end : end + 80]
        is_money = bool(match["sign"]) or bool(_MONEY_AFTER.match(following))
        value = _in_figures(figures, match["scale"] or "")
        ranged = _RANGE_AFTER.match(following) if is_money else None
        if ranged and not re.match(r"[\d-]", following[ranged.end() :]):
            upper = _in_figures(ranged["figures"].rstrip(".,"), "")
            if value is not None and upper is not None and upper <= value:
                value = upper = None  # "$3-00"
            yield Quantity(value, match.start(), end, is_money)
            yield Quantity(upper, end + ranged.start("figures"), end + ranged.end("figures"), is_money)
            continue
        if figures.startswith("00"):
            continue
        if _NOT_AFTER.match(following) and not _MONEY_AFTER.match(following):
            if is_money and not re.match(r"\s?%|\s(?:percent|cents?)", following, re.IGNORECASE):
                yield Quantity(None, match.start(), end, is_money)
            continue
        preceding = text[max(0, match.start() - 30) : match.start()]
        if _is_vague(preceding, following):
            value = None
        if _FOREIGN_BEFORE.search(preceding):
            value, is_money = None, True
        yield Quantity(value, match.start(), end, is_money or "grand" in (match["scale"] or "").lower())


def _in_blanks(text: str, match: re.Match[str], end: int) -> Decimal | None:
    """The dollars that figures with blanks between the thousands say; None where they may say something else."""
    written = text[match.start("figures") : end]
    preceding, following = text[max(0, match.start() - 30) : match.start()], text[end : end + 80]
    if not _BLANKS.fullmatch(written) or _REFERENCE_BEFORE.search(preceding) or _is_vague(preceding, following):
        return None
    if not match["sign"] and not _PLAINLY_DOLLARS_AFTER.match(following):
        return None
    return Decimal(written.replace(" ", ""))


def _is_vague(preceding: str, following: str) -> bool:
    """Whether the words around a number make it no certain count or sum of dollars."""
    return bool(
        _VAGUE_BEFORE.search(preceding)
        or _VAGUE_AFTER.match(following)
        or _FOREIGN_AFTER.match(following)
        or _SEVERAL_TIMES.match(following)
        or _A_YEAR.match(following)
    )


def _spelled(text: str) -> Iterator[Quantity]:
    for match in _SPELLED.finditer(text):
        preceding = text[max(0, match.start() - 30) : match.start()]
        first = match.group().split()[0].lower()
        if first in SCALES and re.search(r"\d[ \n]?$", preceding):
            # The first word is the scale of a number in figures: "1 thousand five hundred".
            later = _SPELLED.search(text, match.start() + len(first), match.end())
            if later is None:
                continue
            match, preceding = later, ""
        words = re.findall(r"[a-z]+", match.group().lower())
        value = spelled(words)
        following = text[match.end() : match.end() + 80]
        if _GLUED.match(following) or re.match(r"\s?%|\s(?:percent|per\s?cent|cents?)\b", following, re.IGNORECASE):
            continue
        if _is_vague(preceding, following) or _FOREIGN_BEFORE.search(preceding):
            value = None
        if words[0] in SCALES and re.search(r"[_/]\s*$", preceding):
            value = None  # "1 1/2 thousand"
        if words[0] in SCALES and re.search(r"\b(?:too?|fore?|tree|ate|won)\s+$", preceding, re.IGNORECASE):
            value = None  # "to hundred" may be two hundred.
        is_money = (
            "grand" in words
            or bool(_MONEY_AFTER.match(following))
            or bool(_MONEY_BEFORE.search(text[max(0, match.start() - 5) : match.start()]))
        )
        yield Quantity(value, match.start(), match.end(), is_money, is_spelled=True)


def quantities(text: str) -> list[Quantity]:
    """Every quantity in `text` (as `plain` gives it), in order of appearance.

    What is written partly in figures and partly in words ("1 thousand five
    hundred") is one quantity, and so is an amount with its cents.
    """
    found: list[Quantity] = []
    for quantity in sorted([*_figures(text), *_spelled(text)], key=lambda quantity: quantity.start):
        last = found[-1] if found else None
        if last and _JOINED.fullmatch(text, last.end, quantity.start):
            scale = _ENDS_IN_A_SCALE.search(text, max(last.start, last.end - _SCALE_REACH), last.end)
            if scale:
                found[-1] = _together(
                    last, quantity, 1000 if scale["scale"] in "kK" else SCALES[scale["scale"].lower()]
                )
                continue
        if last and _IN_BRACKETS.fullmatch(text, last.end, quantity.start) and last.is_money != quantity.is_money:
            # "five hundred (5,000) dollars": both speak of dollars, whether they agree or not.
            last, quantity = replace(last, is_money=True), replace(quantity, is_money=True)
            found[-1] = last
        if last and quantity.is_money and not last.is_money and _RIVAL.fullmatch(text, last.end, quantity.start):
            # "between 300 and 500 dollars": the word for dollars speaks of both.
            found[-1] = replace(last, is_money=True)
        if last and _is_summed(text, last, quantity):
            found[-1], quantity = replace(last, value=None), replace(quantity, value=None)
        found.append(quantity)
    return [_with_cents(text, quantity) for quantity in found]


def _is_summed(text: str, first: Quantity, second: Quantity) -> bool:
    """Whether the two are to be reckoned together; the same figure twice stands for its double."""
    if _ADDED.fullmatch(text, first.end, second.start):
        return True
    is_again = first.value == second.value and bool(_AND_AGAIN.fullmatch(text, first.end, second.start))
    return is_again and not _IS_AFTER.match(text, second.end)


def _together(first: Quantity, second: Quantity, scale: int) -> Quantity:
    value = None
    if first.value is not None and second.value is not None and second.value < scale:
        value = first.value + second.value
    return Quantity(value, first.start, second.end, first.is_money or second.is_money, first.is_spelled)


def is_inexact(text: str, start: int) -> bool:
    """Whether the number at `start` is said to be rough or only a bound: "about 500", "at least $300"."""
    return bool(_INEXACT_BEFORE.search(text, max(0, start - 40), start))


def _with_cents(text: str, quantity: Quantity) -> Quantity:
    match = _CENTS_AFTER.match(text, quantity.end)
    if match is None or quantity.value is None:
        return quantity
    written = (match["hundredths"] or match["cents"]).lower()
    words = re.findall(r"[a-z]+", written)
    known = all(word in UNITS or word in TENS for word in words)
    cents = (
        Decimal(written)
        if written.isdigit()
        else Decimal(0)
        if written in {"no", "xx"}
        else spelled(words)
        if known
        else None
    )
    value = quantity.value + cents / 100 if cents is not None and cents < 100 else None
    return Quantity(value, quantity.start, quantity.end, True, quantity.is_spelled)
