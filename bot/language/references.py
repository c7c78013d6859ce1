"""Account numbers and order ids as written, and the numbers that are neither.

`masked` blanks everything that holds digits but is no quantity: telephone and
check numbers, dates, times, ZIP codes, web and mail addresses, and the
references themselves; what is left is safe for the amount grammars.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bot.language.corrections import is_corrected_by
from bot.language.dates import DAY_ENDS, DAY_SAID
from bot.language.found import Found


@dataclass(frozen=True, slots=True)
class References:
    """Every reference in a text; what neither words nor form decide stays open."""

    accounts: tuple[Found[str], ...] = ()
    order_ids: tuple[Found[str], ...] = ()
    either: tuple[Found[str], ...] = ()
    others: tuple[Found[str], ...] = ()
    """Numbers of certificates and loans, of an account that was closed, and those taken back: no slot has them."""


_DAY_OR_MONTH = r"(?!(?:(?:0?[1-9]|1[0-2])/(?:\d{1,2}(?:/(?:\d{4}|\d{2}))?|(?:19|20)\d\d)|\d\d?/100)(?![\w/-]))"
"""Before a number with a slash: "11/13", "11/13/03" and "9/2003" are dates, "00/100" are cents."""
_NO_COUNT = r"(?!\s?(?:shares?\b|shs?\b|%|dollars?\b|bucks?\b|usd\b))"
_NO_UNIT = r"(?![\w,.]?\d)" + _NO_COUNT
_ID = (
    r"(?:DSPP(?:[-/]\d+)+|[A-Z]{1,4}-(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*(?:/\d{1,3})?|[A-Z]{1,3}\d+(?:-\d+)+"
    rf"|{_DAY_OR_MONTH}\d{{1,6}}(?:[-/]\d{{1,8}}|[-/][A-Z]{{1,3}}(?=[-/]?\d))+(?:[-/][A-Z])?"
    rf"|\d{{1,6}}(?:\.\d{{1,6}}){{2,3}}|\d{{3,8}}-[A-Z]"
    r"|[A-Z]{1,4}/\d+(?:[-/][A-Z0-9]+)*|[A-Z]{1,3}\d{4,10}|\d{1,4}[A-Z]{1,2}\d{2,8}"
    rf"|\d{{4,17}}(?!\d){_NO_COUNT})"
)
_SPACED = (
    r"(?:(?-i:(?!(?:IN|ON|AT|TO|OF|IS|NO|FOR|AND|THE|PLS)\b)[A-Z]{1,4}) \d{3,8}(?: \d{1,4}){0,2}"
    r"|\d{1,4}(?:-\d{1,3})?(?:(?: \d{1,4}){2,3}| (?![1-9]\d?[05]0\b)\d{1,4}))(?!\w)" + _NO_UNIT
)
"""A number written in groups: "55 0192 7"; a round figure after one group is an amount or a count."""
_STRONG = (
    rf"(?:{_DAY_OR_MONTH}\d{{1,4}}(?:[-/]\d{{1,7}})+(?:[-/][A-Z])?|\d{{1,6}}(?:\.\d{{1,6}}){{2,3}}|\d{{3,8}}-[A-Z]"
    r"|[A-Z]{1,4}[-/]\d{2,8}(?:-\d+)*|[A-Z]{1,3}\d{4,10}|[A-Z]{1,3}\d+(?:-\d+)+)"
)
"""A number that is no quantity by its looks."""
_NUMBER = r"(?:number(?:ed)?|no\.?|num|nr|id|ref(?:erence)?\.?|#)"
_ACCOUNT = re.compile(
    rf"\b(?:(?:acc(?:oun)?ts?|acct|a/c|folio)\.?(?:\s+(?:{_NUMBER}|is|of|(?:ending|ends)(?:\s+(?:in|with))?)){{0,4}}"
    rf"|(?:share|stock)?(?:holder|hldr)\.?(?=\s+{_NUMBER}|\s+{_STRONG}|\s*[:#])(?:\s+{_NUMBER}){{0,3}}"
    rf"|(?:plan|participant|member(?:ship)?|registration|enroll?ment)\.?\s+{_NUMBER}(?:\s+(?:{_NUMBER}|is)){{0,2}})"
    rf"\s{{0,3}}[:#]?\s{{0,3}}(?P<id>{_SPACED}|{_ID})(?![\w-]|/\w)",
    re.IGNORECASE,
)
_ACCOUNT_FARTHER = re.compile(
    rf"\b(?:acc(?:oun)?t|acct|a/c|bal(?:ance)?|holding|statement)\.?,?(?:\s+[a-z']+){{0,6}}?"
    rf"(?:\s+[a-z']+,?\s+#?(?P<id>(?:{_STRONG}|\d{{1,4}}(?: \d{{1,4}}){{2}})(?!\w){_NO_UNIT})"
    rf"|\s+(?:is|reads?|number|no\.?):?\s+(?P<lettered>(?-i:[A-Z]{{1,4}}) \d{{3,8}}(?: \d{{1,4}}){{0,2}}))(?![\w-]"
    rf"|/\w)",
    re.IGNORECASE,
)
"""An account with words between: "my account with the transfer agent reads 11-70-226"."""
_TWIN = re.compile(r"(?<![\w$,.-])(?P<id>\d{3,8})(?=,?\s+(?:and|&|or)\s+(?P=id)-[A-Z]\b)")
"""The first of a pair: "3341 and 3341-A"."""
_ORDER = re.compile(
    r"\b(?:orders?|ord|ref(?:erence)?|conf(?:irmation)?|cxl|trade|transaction)\b(?:(?:(?<=ord)|(?<=ref)|(?<=conf))\.)?"
    r"(?:\s+(?:number|numbered|no\.?|num|nr|#|is|id|ref\.?|reference|order)){0,5}"
    rf"\s{{0,3}}(?:no\.?\s{{0,2}})?[:#]?\s{{0,3}}(?P<id>{_SPACED}|{_ID})(?![\w-]|/\w)",
    re.IGNORECASE,
)
_LETTERED_ORDER = re.compile(
    r"\b(?:[Oo]rder|[Rr]ef(?:erence)?"
    r"|[Cc]onfirmation)\b\.?:?(?:\s+[a-z']+){0,4}\s+(?P<id>[A-Z]{2,5}-[A-Z]{2,8})(?![\w-])"
)
"""An order number of letters alone."""
_MORE = re.compile(rf"\s{{0,3}}(?:,|and|&|or else|or)\s{{0,3}}#?(?P<id>{_ID})(?![\w-]|/\w)", re.IGNORECASE)
_ORDER_FORM = re.compile(
    r"(?<![\w-])(?:(?:PO?|SO?|DSPP)-(?=[A-Z0-9-]*\d)[A-Z0-9]{3,}(?:-[A-Z0-9]+)*(?:/\d{1,3}(?!\d))?|DSPP(?:/\d+)+)"
    r"(?![\w-])",
    re.IGNORECASE,
)
_OPEN_FORM = re.compile(
    r"(?<![\w$/-])(?:[A-Z]{1,4}-\d{3,}(?:-\d+)*|[A-Z]{1,3}\d{2,}-\d{3,}|(?i:[A-Z]{1,3}\d{5,10})"
    rf"|(?!\d{{2,5}}0[-/]\d{{2,5}}0(?!\d))(?!\d{{3}}-\d\d-\d{{4}}(?!\d)){_DAY_OR_MONTH}"
    r"(?:(?=(?:\d-?){5})\d{1,4}-\d{1,6}(?:-\d{1,6})?|(?=(?:\d/?){5})\d{1,4}/\d{3,6})"
    r"|(?!40[13]-|1040-|1099-)\d{3,8}-[A-Z])"
    r"(?![\w-]|/\w)(?!\s?(?:share|sh\b|%|dollar|buck))"
    r"|(?<![\w$.,-])(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))\d{8}(?![\w,.-]\d)(?!\w)(?!\s?(?:share"
    r"|sh\b|%|dollar|buck))"
)
_OPEN_NUMBER = re.compile(
    r"\b(?:under(?:\s+(?:the|my))?|(?:one|it'?s|it is|that is|first|second|third|former|latter|last),?)\s+"
    rf"(?:number(?:ed)?|no\.?|nr\.?|#)\s{{0,2}}(?P<id>{_SPACED}|{_ID})(?![\w-]|/\w)",
    re.IGNORECASE,
)
"""What is registered, or pending, under a number, or pointed at by it: "the first, no. 20755"."""
_UNDO = (
    r"(?:cancel|scrap|scrub|strike|kill|void|cxl|nix|scratch|revoke|rescind|reverse|recall|abort|axe|undo|call off"
    r"|take back|delete|withdraw|pull)"
)
_BARE_ORDER = re.compile(
    r"\b(?:cancel|scrap|scrub|strike|kill|drop|void|cxl|nix|scratch|revoke|rescind|reverse|recall|abort|axe|undo"
    r"|call off"
    r"|status (?:of|on|for)|stop)\s+(?:both\s+)?(?:(?:the\s+one\s+)?(?:no\.?|number(?:ed)?)\s+)?(?:#\s?)?"
    r"(?P<id>\d{4,9})(?![\w-])(?![.,]\d)(?!\s*(?:shares?|dollars?|bucks|of\b))"
    rf"|(?:^|\n)[ ]{{0,3}}#?[ ]?(?P<before>[A-Z]{{0,3}}\d{{4,12}}|{_STRONG})\s*[-:,;.]{{1,2}}\s*(?:please\s+|pls\s+"
    rf"|plz\s+)?"
    rf"(?={_UNDO}\b)"
    rf"|\b(?:cancel|nix|void|revoke|rescind|scratch|recall|undo)\s+(?P<undone>{_STRONG})(?![\w-]|/\w){_NO_UNIT}"
    r"|(?:^|\n)(?P<first>\d{4,6})(?:\s+and\s+|\s*[,&]\s*)(?P<second>\d{4,6})(?=\s*(?:$|\n)|\s+(?:were|are)\b)"
    r"|(?<![\w$-])(?P<kind>\d{4,6})(?=\s+\((?:buy|sell|purchase|sale)\))"
    r"|\b(?:status|news|word|update|progress|anything|become|happened)\s+(?:of|on|for|about|with|regarding|to)\s+"
    rf"(?:my\s+|the\s+|order\s+|no\.?\s+|number\s+)*#?\s?(?P<asked>{_STRONG})(?![\w-]|/\w)",
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
        r"\b(?:19|20)\d\d-\d{1,2}(?:-\d{1,2})?\b(?!-\d)|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{1,2}/\d{1,2}\b"
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


_TELEPHONE = re.compile(r"\d{3}[-. ]\d{3}[-. ]\d{4}")
_TELEPHONE_BEFORE = re.compile(r"\b(?:cell|cellular|telephone|phone|mobile|fax|tel|pager)\b", re.IGNORECASE)
_NUMBER_BEFORE = re.compile(r"(?:number|no\.?|num|nr|#)\s*:?\s*$", re.IGNORECASE)
"""Directly before a reference that is called a number."""
_ELSEWHERE = re.compile(r"\b(?:wire|wired|routing|beneficiary|banco|swift)\b", re.IGNORECASE)
"""Before an account at a bank."""
_AT_A_BANK = re.compile(
    r"\b(?:bank|checking|savings|credit union|brokerage|schwab|fidelity)('s)?\s+(?:account|acct"
    r"|a/c)\b[^.;:!?\n]{0,30}$",
    re.IGNORECASE,
)
"""Before the number of a sender's account elsewhere: "my checking account ending"."""
_OF_ANOTHER_BEFORE = re.compile(
    r"\b(?:(?:old(?:er)?|former|previous|closed|wrong)\s+(?:one|account|acct|number)|certificates?|certs?|loan|mortgage"
    r"|claim|serial|model|flight|ticket|permit|license|part|patent)"
    r",?\s*(?:(?:is|was|no\.?|nos\.?|numbers?|numbered|#|:|reference|ref\.?),?\s*)*$",
    re.IGNORECASE,
)
"""Before the number of a thing that is no account with us."""
_SPARED_AFTER = re.compile(
    r",?\s+(?:is|are|should|must|shall)(?:n't|\s+not)\s+(?:to\s+)?be\s+(?:touched|changed|included|affected|used|sold"
    r"|moved)",
    re.IGNORECASE,
)
"""After an account that is to stay as it is."""
_SAME_BREATH = 30
"""Characters between two accounts of which the later may take the earlier one's place."""
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
        more = _MORE.match(text, match.end()) if pattern.groupindex else None
        while more:
            spans.append(more.span("id"))
            more = _MORE.match(text, more.end())
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
        one
        for one in free([*_spans(_ACCOUNT, text), *_spans(_TWIN, text)])
        if not _ELSEWHERE.search(text, max(0, one.start - 60), one.start)
        and not _AT_A_BANK.search(text, max(0, one.start - 60), one.start)
    ]
    orders = free(_spans(_ORDER_FORM, text)) + free(_spans(_ORDER, text)) + free(_spans(_BARE_ORDER, text))
    orders += free(_spans(_LETTERED_ORDER, text))
    taken += dated
    accounts += [one for one in free(_spans(_ACCOUNT_FARTHER, text)) if not _is_of_another(text, one)]
    found = free([*_spans(_OPEN_NUMBER, text), *_spans(_OPEN_FORM, text)])
    others = [one for one in found if _is_of_another(text, one)]
    kept, struck = _corrected(text, _each_once(accounts))
    open_ones = _each_once(one for one in found if one not in others)
    return References(kept, _each_once(orders), open_ones, (*others, *struck))


def _is_of_another(text: str, one: Found[str]) -> bool:
    """Whether the number is that of another thing, or of an account that is no more."""
    if _SPARED_AFTER.match(text, one.end):
        return True
    return bool(_OF_ANOTHER_BEFORE.search(text, max(0, one.start - 40), one.start))


def _corrected(text: str, found: tuple[Found[str], ...]) -> tuple[tuple[Found[str], ...], tuple[Found[str], ...]]:
    """`found` without those that another takes the place of in the same breath, and these: "1120, typo, 1210"."""
    struck = tuple(
        one
        for one, later in pairwise(found)
        if later.start - one.end <= _SAME_BREATH and is_corrected_by(text, one.end, later.start)
    )
    return tuple(one for one in found if one not in struck), struck


def _each_once(found: Iterable[Found[str]]) -> tuple[Found[str], ...]:
    kept: dict[str, Found[str]] = {}
    for item in sorted(found, key=lambda item: item.start):
        kept.setdefault(item.value.upper(), item)
    return tuple(kept.values())


def masked(text: str, known: References) -> str:
    """`text` with every figure that is no quantity blanked out; the same length."""
    characters = list(text)
    named = (*known.accounts, *known.order_ids, *known.either, *known.others)
    spans = [(item.start, item.end) for item in named]
    spans += [match.span() for noise in _NOISE for match in noise.finditer(text)]
    for start, end in spans:
        for at in range(start, end):
            if characters[at].isdigit() or characters[at] in "#$":
                characters[at] = "_"
    return "".join(characters)
