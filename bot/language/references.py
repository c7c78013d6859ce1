"""Account numbers and order ids as written, and the numbers that are neither.

`masked` blanks everything that holds digits but is no quantity: telephone and
check numbers, dates, times, ZIP codes, web and mail addresses, and the
references themselves; what is left is safe for the amount grammars.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.language.dates import DAY_ENDS, DAY_SAID
from bot.language.found import Found


@dataclass(frozen=True, slots=True)
class References:
    """Every reference in a text; what neither words nor form decide stays open."""

    accounts: tuple[Found[str], ...] = ()
    order_ids: tuple[Found[str], ...] = ()
    either: tuple[Found[str], ...] = ()


_ID = (
    r"(?:[A-Z]{1,4}-(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*|[A-Z]{1,3}\d+(?:-\d+)+"
    r"|\d{1,6}(?:-\d{1,8})+(?:-[A-Z])?|\d{3,8}-[A-Z]|[A-Z]{1,3}\d{4,10}|\d{4,12})"
)
_ACCOUNT = re.compile(
    rf"\b(?:acc(?:oun)?ts?|acct|a/c|holder (?:no\b|number\b|#))\.?(?:\s+(?:number|no\.?|num|nr|#|is"
    rf"|of)){{0,4}}\s{{0,3}}[:#]?"
    rf"\s{{0,3}}(?P<id>{_ID}|[A-Z]{{2}}\s\d{{4,8}})(?![\w-])",
    re.IGNORECASE,
)
_ORDER = re.compile(
    rf"\b(?:orders?|ref(?:erence)?|confirmation|cxl|trade|transaction)\b\.?"
    rf"(?:\s+(?:number|no\.?|num|nr|#|is|id|ref\.?|reference"
    rf"|order)){{0,5}}\s{{0,3}}[:#]?\s{{0,3}}(?P<id>{_ID})(?![\w-])",
    re.IGNORECASE,
)
_MORE = re.compile(rf"\s{{0,3}}(?:,|and|&|or else|or)\s{{0,3}}#?(?P<id>{_ID})(?![\w-])", re.IGNORECASE)
_ORDER_FORM = re.compile(
    r"(?<![\w-])(?:PO?|SO?|DSPP)-(?=[A-Z0-9-]*\d)[A-Z0-9]{3,}(?:-[A-Z0-9]+)*(?![\w-])", re.IGNORECASE
)
_OPEN_FORM = re.compile(
    r"(?<![\w$-])(?:[A-Z]{1,4}-\d{3,}(?:-\d+)*|[A-Z]{1,3}\d{2,}-\d{3,}"
    r"|(?!\d{2,5}0-\d{2,5}0(?!\d))(?=(?:\d-?){5})\d{1,4}-\d{1,6}(?:-\d)?)"
    r"(?![\w-])(?!\s?(?:share|sh\b|%|dollar|buck))"
    r"|(?<![\w$.,-])(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))\d{8}(?![\w,.-]\d)(?!\w)(?!\s?(?:share"
    r"|sh\b|%|dollar|buck))"
)
_BARE_ORDER = re.compile(
    r"\b(?:cancel|scrap|scrub|strike|kill|drop|void|cxl|status (?:of|on|for)"
    r"|stop)\s+(?:both\s+)?(?:#\s?)?(?P<id>\d{4,9})(?![\w-])(?!\s*(?:shares?"
    r"|dollars?|bucks|of\b))"
    r"|(?:^|\n)(?P<first>\d{4,6})(?:\s+and\s+|\s*[,&]\s*)(?P<second>\d{4,6})(?=\s*(?:$|\n)|\s+(?:were|are)\b)"
    r"|(?<![\w$-])(?P<kind>\d{4,6})(?=\s+\((?:buy|sell|purchase|sale)\))",
    re.IGNORECASE,
)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_NOISE = (
    re.compile(r"https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w.-]{1,200}", re.IGNORECASE),
    re.compile(
        r"(?<![\w-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])"
        r"|(?<![\w-])\d{3}-\d{4}(?![\w-])"
    ),
    re.compile(r"\barea code \d{3}\b", re.IGNORECASE),
    re.compile(
        r"\b\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\b\.?|o'?clock|eastern|e\.?t\b)|\b\d{1,2}:\d{2}(?::\d{2})?", re.IGNORECASE
    ),
    re.compile(r"\b\d{1,2}\s?(?:[ap]\.?m\b\.?|o'?clock)", re.IGNORECASE),
    re.compile(
        r"\b(?:19|20)\d\d-\d{1,2}(?:-\d{1,2})?\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}\b"
    ),
    re.compile(rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+(?:19|20)\d\d)?\b(?!,\d)", re.IGNORECASE),
    re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?:19|20)\d\d)?\b", re.IGNORECASE),
    re.compile(
        (
            rf"\b(?:{_MONTH}|since|in|year|early|late|mid|back in|class of|(?<!sum )(?<!amount )(?<!total )of|until"
            rf"|dated)\s+(?:19|20)\d\d\b(?!\s*(?:shares|dollars))"
        ),
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:19|20)\d\d\s{0,2}(?:-|to|through|thru|until|till|and)\s{0,2}(?:19|20)\d\d\b", re.IGNORECASE),
    re.compile(r"\b(?:in|since|from|back in)\s+'\d\d\b", re.IGNORECASE),
    re.compile(r"\b(?:[A-Z]{2}|[A-Z][a-z]+\.?,?)\s+\d{5}(?:-\d{4})?\b|\b\d{5}-\d{4}\b"),
    re.compile(
        r"\b(?:check|cheque|ck|number|numbered|no|nr|case|page|pages|item|items|form|line|box|room|rm|apt|unit"
        r"|suite|route|rt|rr|"
        r"lot|post|local|extension|ext|section|rule|step|certificate|cert|chapter|district|vfw post|code|routing)\b"
        r"\.?\s*(?:no\.?|number|#)?\s*#?\d[\d-]*(?![\d,.]*\d)(?:\s+and\s+#?\d+\b)?",
        re.IGNORECASE,
    ),
    re.compile(r"#\s?\d[\d-]*"),
    re.compile(r"\b10-[KQ]\b|(?<![$\d.,])\b1099(?:-\w+)?\b(?![.,]?\d)|\bw-?9\b|\b8-K\b|\b401\(?k\)?", re.IGNORECASE),
    re.compile(r"^[ ]*(?:\(?[1-9a-e]\)|[1-9][.)]\s)", re.MULTILINE),
    re.compile(r"\b\d+(?:st|nd|rd|th)\b", re.IGNORECASE),
    re.compile(rf"{DAY_SAID}\d{{1,2}}{DAY_ENDS}", re.IGNORECASE),
)


_TELEPHONE = re.compile(r"\d{3}-\d{3}-\d{4}")
_TELEPHONE_BEFORE = re.compile(r"\b(?:cell|cellular|telephone|phone|mobile|fax|tel|pager)\b", re.IGNORECASE)
_NUMBER_BEFORE = re.compile(r"(?:number|no\.?|num|nr|#)\s*:?\s*$", re.IGNORECASE)
"""Directly before a reference that is called a number."""
_ELSEWHERE = re.compile(r"\b(?:wire|wired|routing|beneficiary|banco|swift)\b", re.IGNORECASE)
"""Before an account at a bank."""
_NUMBERED = re.compile(
    r"\b(?:polic(?:y|ies)|invoice|paragraph|par\.|directive|memo|rule|section|statute|case|docket)\s+(?:no\.?\s+"
    r"|#\s?)?[\w-]{1,12}",
    re.IGNORECASE,
)
"""Numbers of documents that are none of ours."""


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    spans = []
    for match in pattern.finditer(text):
        spans += [match.span(name) for name in pattern.groupindex if match.group(name)] or [match.span()]
        more = _MORE.match(text, match.end()) if "id" in pattern.groupindex else None
        if more:
            spans.append(more.span("id"))
    return spans


def _is_telephone(text: str, match: re.Match[str]) -> bool:
    """Whether what follows the word account is a telephone number: "new cell for my account: 419-555-0148"."""
    if not _TELEPHONE.fullmatch(match["id"]) or _NUMBER_BEFORE.search(text, match.start(), match.start("id")):
        return False
    return bool(_TELEPHONE_BEFORE.search(text, max(0, match.start() - 40), match.start()))


def references(text: str) -> References:
    """The account numbers and order ids in `text`, each once, in order of appearance."""
    called = [match.span("id") for match in _ACCOUNT.finditer(text) if not _is_telephone(text, match)]
    taken: list[tuple[int, int]] = [
        match.span() for noise in _NOISE[:3] for match in noise.finditer(text) if match.span() not in called
    ]

    def free(spans: Iterable[tuple[int, int]]) -> list[Found[str]]:
        found = []
        for start, end in spans:
            if not any(start < other_end and other_start < end for other_start, other_end in taken):
                taken.append((start, end))
                found.append(Found(text[start:end], start, end))
        return found

    dated = [match.span() for noise in (*_NOISE[5:8], _NOISE[9], _NUMBERED) for match in noise.finditer(text)]
    accounts = [
        one for one in free(_spans(_ACCOUNT, text)) if not _ELSEWHERE.search(text, max(0, one.start - 60), one.start)
    ]
    orders = free(_spans(_ORDER_FORM, text)) + free(_spans(_ORDER, text)) + free(_spans(_BARE_ORDER, text))
    taken += dated
    return References(_each_once(accounts), _each_once(orders), _each_once(free(_spans(_OPEN_FORM, text))))


def _each_once(found: Iterable[Found[str]]) -> tuple[Found[str], ...]:
    kept: dict[str, Found[str]] = {}
    for item in sorted(found, key=lambda item: item.start):
        kept.setdefault(item.value.upper(), item)
    return tuple(kept.values())


def masked(text: str, known: References) -> str:
    """`text` with every figure that is no quantity blanked out; the same length."""
    characters = list(text)
    spans = [(item.start, item.end) for item in (*known.accounts, *known.order_ids, *known.either)]
    spans += [match.span() for noise in _NOISE for match in noise.finditer(text)]
    for start, end in spans:
        for at in range(start, end):
            if characters[at].isdigit() or characters[at] in "#$":
                characters[at] = "_"
    return "".join(characters)
