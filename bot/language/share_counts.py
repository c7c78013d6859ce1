"""Numbers of shares to be sold or moved, among those that are held, kept or only told of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.language.found import Found
from bot.language.numbers import SCALES, TENS, UNITS, Quantity
from bot.language.text import after, before
from handlers.plan.money import Shares
from handlers.plan.orders import Portion

ShareCount = Shares | Portion

_SHARES_AFTER = re.compile(
    r"\s*\)?\s*(?:\([\w ,.-]{1,40}\)\s*)?(?:(?:to|or|-)\s*\d[\d,]*\s+)?(?:of an?\s+|book[- ]?(?:keeping"
    r"|entry)\s+)?(?:more\s+|additional\s+|whole\s+|full\s+"
    r"|plan\s+|common\s+|registered\s+"
    r"|newly\s+issued\s+|aastrom\s+|astm\s+|dspp\s+|of\s+(?:my|the|our|these|those|his|her|your|[a-z]{2,20}'s|it)\s+(?:old\s+)?)*"
    r"(?:(?:aastrom|plan|dspp|astm)\s+)*(?:shares?\b|shrs?\b|shs\b|sh\b|sharez\b|shars\b|shars?\b"
    r"|of my (?:holding|stock|position|aastrom|plan stock)\b|units\b)"
)
_ORDER_BEFORE = re.compile(
    r"\b(?:sell|sale|sold|selling|unload|dump|liquidate|dispos\w+|redeem|transfer|move|gift|give|giving|put"
    r"|register\w*|make over|certificate|direct|buy|purchase|send)\b[^.!?;]{0,60}$"
)
_HELD_BEFORE = re.compile(
    r"(?:\bown\w*|\bhold(?:s|ing)?|\bhave|\bhaving|\bhas|\bhad|\bthere(?:'s| are| is)|\bholder of(?: record of)?"
    r"|\bowner of(?: record of)?|\bshow\w*|\bleft with|\bkeep(?:ing)?|\bleav\w+(?: me(?: with)?)?|"
    r"\bremain\w*|\b(?:something|little|well) over|\bbuilt up|\baccumulated|(?<!part )(?<!parting )\bwith"
    r"|\b(?:have|got|hold|holding|is|my|our|his|her|with|one|lost) (?:an? )?(?:old |stock "
    r"|paper )?certificate for|\bup to|\bi've|\bwe've|\bgot|\bcome to|\bbalance (?:of|is)|\bgave (?:me|her"
    r"|him|us)|\bleft me|\bheld|\bout of|\bof those|\bput|\bsaid|\bbought|\bacquired|\bcredited|\bposition is"
    r"|\bround|\beven)"
    r"\s+(?:me\s+)?(?:the\s+|a\s+round\s+|the\s+even\s+|about\s+|only\s+|just\s+|some\s+|all\s+|my\s+)?\s*$"
)
_HELD_AFTER = re.compile(
    r"\s*(?:shares?|shs|sh)?\s*(?:(?:i|we|that i|which i)\s*(?:already )?sold"
    r"|(?:i|we|that i|which i)?\s*(?:already )?(?:own|hold|held|have|bought|was given|inherited)(?! for me))\b"
)
_DIRECT_BEFORE = re.compile(
    r"\b(?:sell(?:ing)?|liquidate|unload|dump|redeem|dispose of|move|transfer|give|register|send|put|all|to have"
    r"|get rid of|(?:like|want|need|send|issue|request)\w* (?:me )?(?:an? )?(?:\w+ )?certificate for)"
    r"(?:\s+(?!own|hold|have|has|had|keep|leav|got|bought)\w+){0,3}?\s*$"
)
"""An act that takes the number as its object, whatever stands between: "sell my remaining 120 shares"."""
_PART_BEFORE = re.compile(
    r"(?:^|[.!?;,:]\s+)of (?:my|our|the|those|these)(?: own)?\s*$|"
    r"\b(?:some|several|half|part|portion|bunch|handful|couple|most|any|few|hundred|dozen|third|quarter|out)"
    r" of (?:my|our|the|those|these)(?: own)?\s*$"
)
_WHOLE_BEFORE = re.compile(
    rf"(?:\d|\b(?:{'|'.join([*UNITS, *TENS, *SCALES])}))(?: shares| shs)? (?:out )?of (?:my|our|the|his|her|their|these"
    r"|those)(?: [a-z]{2,12})? ?$"
)
"""Before the holding that a part is taken of: "sell 300 of my 1,200 shares"."""
_LEFT_OUT = (
    r"(?:but|except(?:ing)?(?: for)?|save(?: for)?|less|minus|apart from|other than|excluding|besides)"
    r" (?:for )?(?:the (?:last|first|other) |about |maybe |my )?"
)
_LEFT_OUT_BEFORE = re.compile(
    rf"\b(?:all|everything|every|entire|whole|lot)\b(?:(?! but )[^.!?;]){{0,40}}[ ,]{_LEFT_OUT}$"
)
"""Before what is not to be sold: "all but 100 shares"."""
_LEFT_OUT_AFTER = re.compile(
    rf"[^.!?;\d]{{0,30}}?[ ,]{_LEFT_OUT}(?:\d|a (?:hundred|thousand|few|dozen)|(?:{'|'.join([*UNITS, *TENS])})\b)"
)
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
    r"|\bsale of|\bsale for|\blet go of|\bmov(?:e|ing)|\btransfer|\bgive|\ball|\bwant(?: just)?|\bmake (?:it"
    r"|that(?: one)?)"
    r"|\bthe|\bjust|\boops|\bmeant?|\bno|\bwait|\bthen|\bor|\bmaybe|\bor maybe|\b(?:should|ought to"
    r"|shoulda)(?:'?ve)? (?:be|been)"
    r"|\bshould(?:'?ve| have) been|\bi wanted|\bwants|\benter|\bzero|\binstead|\bshs to|\bshares to|\bpush|\bdrs"
    r"|\band|\blet|^)"
    r"\s*,?\s*(?:about|another|off|my|only|exactly|just|the)?\s*[(]?$"
)
_BARE_AFTER = re.compile(
    r"\s*(?:\([\d,.]+\))?\)?\s*(?:$|[.,!?)]|over|into|to my|of (?:them|mine|em|'em|the|my|hers|his|those|these)|on the"
    r"|at the|next|please"
    r"|pls|plz|but|and|from|out|not|limit|asap|this|now|for me|more|even|total|tot\b|thanks|thx|ok\b|instead"
    r"|all told|-|in the|dear|@|by\b|sold\b|to sell|to be sold|in all|it is|or\b|maybe|across|to each|apiece"
    r"|i'd like to|go\b)"
)
_CORRECTED_BEFORE = re.compile(r"\b(?:sorry|oops|i mean|i meant|rather|correction|typo)[\s,:]*$")
_EACH_AFTER = re.compile(r"\s*(?:shares?\s*)?(?:apiece|to each)\b")
_IN_ALL_AFTER = re.compile(r"\s*(?:in all|all told|altogether|in total)\b")
_FROM_BEFORE, _TO_AFTER = re.compile(r"\bfrom\s*$"), re.compile(r"\s*(?:shares?|shs|sh)?\s*to\s+\w")
_MEANT_AFTER = re.compile(r"[^.!?]{0,40}\b(?:shares?,? not (?:dollars|\$))")
_COUNTED_BEFORE = re.compile(r"\b(?:qty|quantity|number of shares|shares|sell)\s{0,3}(?:[:=]|\.{2,30}|is\b)?\s{0,3}$")
"""A form's line that names the count."""
_DONE_AFTER = re.compile(
    r"\s*(?:of (?:hers|his|mine|them|my|the)(?: \w+)?\s+)?(?:(?:to|may|can|should|shall|must|are to|is to) be )?sold\b"
)
_ANOTHER_BEFORE = re.compile(r"(?:^\s*|\bsell |\bgive |\band |\bthen |\bplus )(?:and |then )?another\s*$")
_WISHED_AFTER = re.compile(r"\s*(?:of (?:them|mine|those) )?(?:i'd like|i would like|i want|i wish|ought|should)\b")
_COUNTED_AFTER = re.compile(
    r"\s+(?!(?:this|thanks|as|is|was|plus|yes|his|hers|always|unless|less|perhaps|pls"
    r"|across)\b)(?:[a-z]+\s)?[a-z]{3,}s\b"
)
_NOT_SHARES_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?|\$|k\b|half|third|quarter|years?|yrs?|days?|weeks?|months?|hours?|minutes?|percent|%"
    r"|checks?|orders?"
    r"|people|a month|per month|monthly)"
)

_WANTED_BEFORE = re.compile(r"\b(?:need|want|like|get|wish|please)(?:\s+(?:to|have|about|the|my|another)){0,2}\s*$")
_NOT_DONE_BEFORE = re.compile(
    r"\b(?:instead of|rather than)\s+(?:selling|buying|moving)\s+(?:another |my |the |all )?$"
)
_SOLD_BEFORE = re.compile(
    r"\b(?:sell(?:ing)?|unload|dump|liquidate|redeem)\s+(?:me\s+)?(?:off\s+|just\s+|only\s+|exactly\s+|the\s+"
    r"|my\s+|another\s+)*$"
)
_MOVED_BEFORE = re.compile(r"\b(?:move|transfer|drs|push|gift|give)\s+(?:over\s+|just\s+|only\s+|another\s+|my\s+)*$")

_STOCK = (
    r"(?:shares?|shrs?|shs|sh|stock|stocks|holdings?|position|investment|account|acct|plan|dspp|aastrom|astm"
    r"|balance|lot|units|stake|stash)"
)
_OWN = r"(?:of\s+)?(?:my|our|the|mine|his|her|their|these|those|your|[a-z]{2,20}'s)"
_A_COUNT = rf"(?:(?:about|exactly|just|only|the|my)\s+)?(?:\d|half\b|(?:{'|'.join([*UNITS, *TENS])})\b)"
"""What a holding that is named by its number begins with."""
_ALL = re.compile(
    rf"\ball\s+(?:{_OWN}\s+)?(?:\w+\s+){{0,3}}?{_STOCK}\b|\ball\s+of\s+(?:it|them|em|mine|ours|'em)\b"
    rf"|\ball\s+(?:mine|ours)\b"
    rf"|\bevery(?:\s+(?:last|single))*\s+(?:one\b|{_STOCK})|\bevery(?:\s+(?:last|single))*\s+(?:\w+\s+)?shares?\b"
    rf"|\b(?:entire|whole)\s+(?:\w+\s+){{0,2}}?(?:stock|holdings?|position|investment|account|acct|balance"
    rf"|lot)\b|\b(?:the\s+)?whole\s+(?:lot|thing|works|shebang|kit)\b|\b100\s?(?:%|percent|pct)"
    rf"|\b(?:sell|liquidate|dump|unload|redeem|cash(?:\s+(?:in|out))?|move|transfer|get rid of|want"
    rf"|sold)\s+(?:\w+\s+){{0,2}}?(?:all|everything)\b(?!\s+(?:\d|but|except|set|right|that))"
    rf"|\b(?:cash|sell)\s+(?:me|us)\s+out\b(?!\s+of\s+{_A_COUNT})|\beverything\s+(?:i|we|she|he)(?:'ve)?\s+(?:owne?d?s?|had"
    rf"|have|has|got|holds?)"
    rf"|\bclose out (?:my|the|our) (?:entire )?position\b|\bthe whole (?:amount|balance)\b"
    rf"|\ball \d[\d,.]*\s+(?:shares|shs)"
    r"|\b(?:sell|liquidate|redeem|unload|whatever shares)\s+(?:whatever\s+)?(?:shares\s+)?(?:i|we|she"
    r"|he)(?:'ve)?\s+(?:have|has|own|hold|got|left)\b"
    r"|\bwhatever\s+(?:shares\s+)(?:stand|are|remain|is)\b"
    r"|\beverything\b[^.!?;\d]{0,40}\b(?:sell|liquidate)(?=\s+(?:in|at|on|for|it|please|pls)\b|[.,!]|\s*$)"
    r"|\b(?:sell|liquidate|unload|offload|dump|redeem),?\s+(?:off\s+)?the\s+lot\b"
    r"|\beverything\s+in\s+(?:the|my|our|her|his)\s+(?:plan|account|program|dspp)\b|\bsell(?:ing)? the lot\b",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?:(?<!and )\bone[- ]half|(?<!one-)(?<!one )(?<!and a )\bhalf|(?<![\d/] )(?<![\d/])\b1/2(?![\d/]))"
    rf"\s+(?:of\s+)?(?:(?:{_OWN})\s+)?(?:\w+\s+){{0,2}}?{_STOCK}\b"
    r"|\b(?:one[- ])?half\s+(?:of\s+)?(?:them|em|'em|it|what|mine|hers|his)\b"
    r"|\b(?:sell|selling|move|transfer|give|put|want|need|dump|dumping|unload|liquidate|redeem)"
    r"\s+(?:off\s+|out\s+)?(?:just\s+|only\s+|the\s+other\s+)?(?:one[- ])?half\b(?!\s+(?:an?|hour|time|the|past|way)\b)"
    r"|\bhalf\s+(?:goes|should be sold|to be sold|sold)\b"
    r"|\b(?:sale|disposal|liquidation)\s+of\s+(?:one[- ])?half\b(?!\s+an?\b)"
    r"|^\s*half(?:\s+please)?[.!]?\s*$"
    rf"|\b(?:50|fifty)\s?(?:%|percent)\s+of\s+{_OWN}",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"\b(?:sold (?:my|our|the|his|her)|other|not|don't|dont|do not|never|isn't|nor|n't|keep|hold on to|leave"
    r"|keeping|except|about)\s+(?:the\s+"
    r"|sell(?:ing)?\s+)?\s*$"
)
_ELSEWHERE = re.compile(
    r"^all\b.{0,40}?\b(?:other|else|(?:sits?|lies?|(?:is|are) (?:with|at|in|over))\b)", re.IGNORECASE
)
"""A holding whose place is told, not one to be moved: "all my Aastrom sits at"."""
_FRACTION = re.compile(
    (
        rf"\b(?:a|one|two)[- ](?:third|quarter|fourth|fifth|tenth)s?\s+{_OWN}\b|\b\d{{1,2}}\s?(?:%"
        rf"|percent)\s+{_OWN}\b|\b(?:most|some|part|a few|a bit|a couple|several)\s+(?:hundred\s+)?of\s+(?:my|our"
        rf"|the|mine|them)\b"
        r"|\b(?:a|one) (?:third|quarter|fourth|fifth|tenth) (?:to be )?(?:sold|liquidated|gone)\b"
    ),
    re.IGNORECASE,
)


def share_counts(text: str, found: Sequence[Quantity]) -> tuple[Found[Shares | None], ...]:
    """Numbers with a word for shares, without those that are only held or told of; None could not be read."""
    result: list[Found[Shares | None]] = []
    for quantity in found:
        prefix, suffix = before(text, quantity.start), after(text, quantity.end)
        if quantity.is_money or not (_SHARES_AFTER.match(suffix) or _MEANT_AFTER.match(suffix)):
            continue
        if _WHOLE_BEFORE.search(prefix) or _LEFT_OUT_BEFORE.search(prefix):
            continue
        if re.search(r"\bcertificate\s*\(\s*$", prefix) or (_FROM_BEFORE.search(prefix) and _TO_AFTER.match(suffix)):
            continue
        ordered = bool(_ORDER_BEFORE.search(prefix))
        held = _HELD_BEFORE.search(prefix) and not _DIRECT_BEFORE.search(prefix) and not _DONE_TO_AFTER.match(suffix)
        if _NOT_DONE_BEFORE.search(prefix) or _PAST_BEFORE.search(prefix) or held or _PART_BEFORE.search(prefix):
            continue
        if not ordered and _HELD_AFTER.match(suffix) and not _WANTED_BEFORE.search(prefix):
            continue
        result.append(Found(shares(quantity.value), quantity.start, quantity.end))
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
        is_direct = bool(_COUNTED_BEFORE.search(text[max(0, quantity.start - 40) : quantity.start].lower())) or (
            bool(_SOLD_BEFORE.search(prefix) or _MOVED_BEFORE.search(prefix)) and not _COUNTED_AFTER.match(suffix)
        )
        if not (is_direct or _is_counted(prefix, suffix)) or _HELD_BEFORE.search(prefix):
            continue
        if _LEFT_OUT_BEFORE.search(prefix):
            continue
        if quantity.value < 10 and not re.search(r"\bsell(?:ing)?\s+(?:just |only )?$", prefix):
            continue
        result.append(Found(shares(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def _is_counted(prefix: str, suffix: str) -> bool:
    """Whether the words around a bare number make it a count of shares to be sold or moved."""
    if _BARE_BEFORE.search(prefix) and _BARE_AFTER.match(suffix):
        return True
    if _CORRECTED_BEFORE.search(prefix) or _DONE_AFTER.match(suffix):
        return True
    if _EACH_AFTER.match(suffix) or _IN_ALL_AFTER.match(suffix):
        return True
    return bool(_WISHED_AFTER.match(suffix) and (_ANOTHER_BEFORE.search(prefix) or re.search(r"(?:^|,)\s*$", prefix)))


def held_share_counts(text: str, found: Sequence[Quantity]) -> tuple[Found[Shares | None], ...]:
    """Numbers of shares that are said to be held: "I have 800 shares"."""
    return tuple(
        Found(shares(quantity.value), quantity.start, quantity.end)
        for quantity in found
        if not quantity.is_money
        and (_SHARES_AFTER.match(after(text, quantity.end)) or _BY_NAME_AFTER.match(after(text, quantity.end)))
        and _HELD_BEFORE.search(before(text, quantity.start))
    )


_BY_NAME_AFTER = re.compile(r"\s*(?:of )?(?:aastrom|astm)\b")
_THEM = re.compile(
    r"\b(?:sell|move|transfer|liquidate|unload|redeem|register|re-register|put|dump|want|like|need)\s+"
    r"(?:them|those|these|it)\b(?!\s+(?:all )?(?:to (?:go|stay)|later))"
    r"|\b(?:get|have)\s+(?:them|those|these|it)\s+(?:all\s+)?(?:moved|transferred|registered|re-?registered|sold|put"
    r"|switched|over|out)\b",
    re.IGNORECASE,
)


def meant_by_them(text: str, held: Sequence[Found[Shares | None]]) -> tuple[Found[Shares | None], ...]:
    """The only count that is held, where it is to be sold or moved: "I have 800 shares. Sell them."."""
    if len(held) != 1 or not _THEM.search(text, held[0].end):
        return ()
    return tuple(held)


_BOUGHT_BEFORE = re.compile(
    r"\b(?:buy\w*|purchase|get|gimme|give|want|like|need|order|add|pick up|acquire|take|invest|put|issue|grab|for"
    r"|have)\b[^.!?;]{0,60}$"
)
_OWNED_BEFORE = re.compile(
    r"\b(?:my|our|the|his|her|their|these|those|with|of|me|than)\s*(?:last |first |other )?$|\(\s*$"
)
_BOUGHT_AFTER = re.compile(
    r"[^.!?;]{0,40}\b(?:buy|bought|purchase|each month|every month|(?:a|per) month|please|pls)\b"
)
_MONTHLY_AFTER = re.compile(r"[^.!?;]{0,30}\b(?:(?:a|each|every|per) month|monthly)\b")


def is_bought(text: str, start: int, end: int, intent: str) -> bool:
    """Whether shares are to be bought by their number, which the plan does not do, rather than spoken of."""
    prefix, suffix = before(text, start), after(text, end)
    if intent == "recurring" and not _MONTHLY_AFTER.match(suffix):
        return False
    if _OWNED_BEFORE.search(prefix) and not re.search(r"\b(?:buy|get|give) (?:me|the)\s*$", prefix):
        return False
    return bool(_BOUGHT_BEFORE.search(prefix) or _BOUGHT_AFTER.match(suffix) or not prefix.strip())


def is_sold_directly(text: str, start: int) -> bool:
    """Whether the number at `start` is the object of a sale, whatever other numbers speak of shares: "sell 750"."""
    prefix = before(text, start)
    return bool(_SOLD_BEFORE.search(prefix) or _ANOTHER_BEFORE.search(prefix))


def is_the_whole(text: str, end: int) -> bool:
    """Whether the number that ends at `end` sums the others up: "three hundred in all"."""
    return bool(_IN_ALL_AFTER.match(after(text, end)))


def portions(text: str) -> tuple[Found[Portion], ...]:
    """ "All" and "half" where they speak of a holding."""
    found = [(Portion.ALL, match) for match in _ALL.finditer(text)] + [
        (Portion.HALF, match) for match in _HALF.finditer(text)
    ]
    kept = [
        Found(portion, match.start(), match.end())
        for portion, match in found
        if not _NEGATED_BEFORE.search(before(text, match.start()))
        and not _ELSEWHERE.search(match.group() + after(text, match.end(), 20))
        and not (portion is Portion.ALL and _LEFT_OUT_AFTER.match(after(text, match.end())))
        and not re.search(
            r"\d", match.group()[3:] if portion is Portion.ALL and not match.group().startswith("100") else ""
        )
    ]
    return tuple(sorted(kept, key=lambda item: item.start))


def names_a_part(text: str) -> bool:
    """Whether a part of the holding is named that is neither a number nor all nor half: "a third of my shares"."""
    return bool(_FRACTION.search(text))


def shares(value: Decimal | None) -> Shares | None:
    """A number as a count of shares; None if it is none."""
    if value is None or not value:
        return None
    try:
        return Shares(value)
    except ValueError:
        return None
