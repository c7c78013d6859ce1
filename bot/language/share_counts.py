"""Numbers of shares to be sold or moved, among those that are held, kept or only told of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.language.found import Found
from bot.language.numbers import Quantity
from bot.language.text import after, before
from handlers.plan.money import Shares
from handlers.plan.orders import Portion

ShareCount = Shares | Portion

_SHARES_AFTER = re.compile(
    r"\s*\)?\s*(?:\([\w ,.-]{1,40}\)\s*)?(?:more\s+|additional\s+|whole\s+|full\s+|plan\s+|common\s+|registered\s+"
    r"|newly\s+issued\s+|aastrom\s+|astm\s+|dspp\s+|of\s+(?:my|the|our|these|those|his|her|your|mom's|it)\s+)*"
    r"(?:(?:aastrom|plan|dspp|astm)\s+)*(?:shares?\b|shrs?\b|shs\b|sh\b|sharez\b|shars\b|shars?\b"
    r"|of my (?:holding|stock|position|aastrom|plan stock)\b|units of stock)"
)
_ORDER_BEFORE = re.compile(
    r"\b(?:sell|sale|sold|selling|unload|dump|liquidate|dispos\w+|redeem|transfer|move|gift|give|giving|put"
    r"|register\w*|make over|certificate|direct|buy|purchase|send)\b[^.!?;]{0,60}$"
)
_HELD_BEFORE = re.compile(
    r"(?:\bown\w*|\bhold(?:s|ing)?|\bhave|\bhas|\bhad|\bthere(?:'s| are| is)|\bholder of(?: record of)?"
    r"|\bowner of(?: record of)?|\bshow\w*|\bleft with|\bkeep(?:ing)?|\bleav\w+(?: me(?: with)?)?|"
    r"\bremain\w*|\bcertificate for|\bup to|\bi've|\bwe've|\bgot|\bcome to|\bbalance (?:of|is)|\bgave (?:me|her"
    r"|him|us)|\bleft me|\bheld|\bout of|\bof those|\bput|\bsaid|\bbought|\bacquired|\bcredited|\bposition is"
    r"|\bround|\beven)"
    r"\s+(?:me\s+)?(?:the\s+|a\s+round\s+|the\s+even\s+|about\s+|only\s+|just\s+|some\s+|all\s+|my\s+)?\s*$"
)
_HELD_AFTER = re.compile(
    r"\s*(?:shares?|shs|sh)?\s*(?:i|we|that i|which i)?\s*(?:already )?(?:own|hold|held|have|bought|was given"
    r"|inherited|sold)\b"
)
_DIRECT_BEFORE = re.compile(
    r"\b(?:sell(?:ing)?|liquidate|unload|dump|redeem|dispose of|move|transfer|give|register|send|put|all|to have"
    r"|get rid of|(?:like|want|need|send|issue)\w* (?:me )?(?:an? )?(?:\w+ )?certificate for)"
    r"(?:\s+(?!own|hold|have|has|had|keep|leav|got|bought)\w+){0,3}?\s*$"
)
"""An act that takes the number as its object, whatever stands between: "sell my remaining 120 shares"."""
_PART_BEFORE = re.compile(r"\b(?:some|half|part|most|any|few|third|quarter|out) of (?:my|our|the|those|these)\s*$")
_DONE_TO_AFTER = re.compile(
    r"\s*(?:of (?:my|our|the) )?(?:\w+ ){0,2}?(?:shares?|shs|sh) (?:be |to be |all )?(?:issued|sold|transferred"
    r"|moved|sent over|put in|registered in|re-registered|converted|delivered|liquidated|signed over)\b"
)
_PAST_BEFORE = re.compile(
    r"\b(?:i|we|you|he|she|they)\s+(?:have\s+)?(?:just\s+|already\s+)?(?:sold|bought|bought|received|sold off"
    r"|gave)\s*$|^(?:sold|bought)\s*$"
)
_BARE_BEFORE = re.compile(
    r"(?:\bsell(?:ing)?|\bunload|\bdump|\bliquidate|\bdispose of|\bredeem|\bcash (?:in|out)|\bget rid of"
    r"|\bsale of|\blet go of|\bmov(?:e|ing)|\btransfer|\bgive|\ball|\bwant(?: just)?|\bmake (?:it|that)|\bthe"
    r"|\bof|\bjust|\boops|\bmeant?|\bno|\bwait|\bthen|^)"
    r"\s*,?\s*(?:about|another|off|my|only|exactly|just|the)?\s*[(]?$"
)
_BARE_AFTER = re.compile(
    r"\s*(?:\([\d,.]+\))?\)?\s*(?:$|[.,!?)]|over|into|to my|of (?:them|mine|em|'em)|on the|at the|next|please"
    r"|pls|plz|but|and|from|out|not|limit|asap|this|now|for me|more|even|total|tot\b|thanks|thx|ok\b|instead"
    r"|all told|-|in the|dear)"
)
_NOT_SHARES_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?|\$|k\b|years?|yrs?|days?|weeks?|months?|hours?|minutes?|percent|%|checks?|orders?"
    r"|people|a month|per month|monthly)"
)

_STOCK = (
    r"(?:shares?|shrs?|shs|sh|stock|stocks|holdings?|position|investment|account|acct|plan|dspp|aastrom|astm"
    r"|balance|lot|units)"
)
_OWN = r"(?:of\s+)?(?:my|our|the|mine|his|her|their|these|those|your)"
_ALL = re.compile(
    rf"\ball\s+(?:{_OWN}\s+)?(?:\w+\s+){{0,3}}?{_STOCK}\b|\ball\s+of\s+(?:it|them|em|mine|ours|'em)\b"
    rf"|\ball\s+(?:mine|ours)\b"
    rf"|\bevery(?:\s+(?:last|single))*\s+(?:one\b|{_STOCK})|\bevery(?:\s+(?:last|single))*\s+(?:\w+\s+)?shares?\b"
    rf"|\b(?:entire|whole)\s+(?:\w+\s+){{0,2}}?(?:stock|holdings?|position|investment|account|acct|balance"
    rf"|lot)\b|\b(?:the\s+)?whole\s+(?:lot|thing|works|shebang|kit)\b|\b100\s?(?:%|percent|pct)"
    rf"|\b(?:sell|liquidate|dump|unload|redeem|cash(?:\s+(?:in|out))?|move|transfer|get rid of|want"
    rf"|sold)\s+(?:\w+\s+){{0,2}}?(?:all|everything)\b(?!\s+(?:\d|but|except|set|right|that))"
    rf"|\bcash\s+(?:me|us)\s+out\b|\bsell\s+(?:me|us)\s+out\b|\beverything\s+(?:i|we|she|he)(?:'ve)?\s+(?:own"
    rf"|have|has|got|hold)"
    rf"|\bclose out (?:my|the|our) (?:entire )?position\b|\bthe whole (?:amount|balance)\b"
    rf"|\ball \d[\d,.]*\s+(?:shares|shs)",
    re.IGNORECASE,
)
_HALF = re.compile(
    rf"\b(?:one[- ])?half\s+(?:{_OWN}|of\s+(?:them|em|'em|it|what|mine))\b|\b(?:sell|move|transfer|give|put"
    rf"|want|need)\s+(?:just\s+|only\s+|the\s+other\s+)?(?:one[- ])?half\b(?!\s+(?:an?|hour|time))"
    rf"|\b(?:50|fifty)\s?(?:%|percent)\s+of\s+{_OWN}",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"\b(?:not|don't|dont|do not|never|isn't|nor|n't|keep|hold on to|leave|keeping|except|about)\s+(?:the\s+"
    r"|sell(?:ing)?\s+)?\s*$"
)
_FRACTION = re.compile(
    (
        rf"\b(?:a|one|two)[- ](?:third|quarter|fourth|fifth|tenth)s?\s+{_OWN}\b|\b\d{{1,2}}\s?(?:%"
        rf"|percent)\s+{_OWN}\b|\b(?:most|some|part|a few|a bit|a couple|several)\s+(?:hundred\s+)?of\s+(?:my|our"
        rf"|the|mine|them)\b"
    ),
    re.IGNORECASE,
)


def share_counts(text: str, found: Sequence[Quantity]) -> tuple[Found[Shares | None], ...]:
    """Numbers with a word for shares, without those that are only held or told of; None could not be read."""
    result: list[Found[Shares | None]] = []
    for quantity in found:
        prefix, suffix = before(text, quantity.start), after(text, quantity.end)
        if quantity.is_money or not _SHARES_AFTER.match(suffix):
            continue
        ordered = bool(_ORDER_BEFORE.search(prefix))
        held = _HELD_BEFORE.search(prefix) and not _DIRECT_BEFORE.search(prefix) and not _DONE_TO_AFTER.match(suffix)
        if _PAST_BEFORE.search(prefix) or held or _PART_BEFORE.search(prefix):
            continue
        if not ordered and _HELD_AFTER.match(suffix):
            continue
        result.append(Found(_shares(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def bare_share_counts(text: str, found: Sequence[Quantity]) -> tuple[Found[Shares | None], ...]:
    """Numbers that can only count shares where shares are what is asked for: "sell 800", "75 of them"."""
    result: list[Found[Shares | None]] = []
    for quantity in found:
        prefix, suffix = before(text, quantity.start), after(text, quantity.end)
        if (
            quantity.is_money
            or quantity.value is None
            or _NOT_SHARES_AFTER.match(suffix)
            or _SHARES_AFTER.match(suffix)
        ):
            continue
        if not _BARE_BEFORE.search(prefix) or not _BARE_AFTER.match(suffix) or _HELD_BEFORE.search(prefix):
            continue
        if quantity.value < 10 and not re.search(r"\bsell(?:ing)?\s+(?:just |only )?$", prefix):
            continue
        result.append(Found(_shares(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def portions(text: str) -> tuple[Found[Portion], ...]:
    """ "All" and "half" where they speak of a holding."""
    found = [(Portion.ALL, match) for match in _ALL.finditer(text)] + [
        (Portion.HALF, match) for match in _HALF.finditer(text)
    ]
    kept = [
        Found(portion, match.start(), match.end())
        for portion, match in found
        if not _NEGATED_BEFORE.search(before(text, match.start()))
        and not re.search(
            r"\d", match.group()[3:] if portion is Portion.ALL and not match.group().startswith("100") else ""
        )
    ]
    return tuple(sorted(kept, key=lambda item: item.start))


def names_a_part(text: str) -> bool:
    """Whether a part of the holding is named that is neither a number nor all nor half: "a third of my shares"."""
    return bool(_FRACTION.search(text))


def _shares(value: Decimal | None) -> Shares | None:
    if value is None or not value:
        return None
    try:
        return Shares(value)
    except ValueError:
        return None
