"""Dollar amounts that are meant to be paid, among all the figures in a message.

A dollar figure has a part to play: it is to be invested, or it is a price, a
fee, a limit, what was paid before, what something cost. Only the first is an
amount. Bare numbers ("put me down for 500") count where the words around them
say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.language.found import Found
from bot.language.numbers import Quantity
from bot.language.text import after, before
from handlers.plan.money import Money

PRICE_BELOW = Decimal(50)
"""A figure under this beside words of trading is a price for one share."""
LEAST_BARE = Decimal(20)
"""A bare number under this is no amount of dollars."""

_PRICE_AFTER = re.compile(
    r"\s*(?:(?:a|per|each|the)\s+(?:share|sh\b|pop)|/\s?sh|apiece|each\b(?!\s+(?:month|mo))|gtc\b|limit\b)"
)
_PRICE_BEFORE = re.compile(
    r"(?:price\w*(?:\s+(?:of|is|at|comes in at|was|under|below|over|above))*|below|under|above|over|beneath"
    r"|(?:less|more|lower|higher|better) than|"
    r"hits?|hitting|reach(?:es|ed)?|(?:get|go|come|gone)\w*(?:\s+(?:up|down|back|in))*(?:\s+(?:to|at|past|above"
    r"|below|under|over))|"
    r"(?:rise|climb|drop|fall|dip|slip|jump|sink|trade|close|open)s?\w*\s+(?:to|at|above|below|under|over|past)"
    r"|trading|closed?|limit(?:\s+(?:of|is|at|price))?|"
    r"stop(?:\s+loss)?(?:\s+at)?|cross(?:es)?|not for less than|no less than|at least|penny over|up to|down to"
    r"|\bin at|\bat(?:\s+or\s+(?:below|under|above))?|@|"
    r"average (?:is|of)|worth|bought\w*(?:\s+in)? at|paid)\s*(?:about|around|only)?\s*$"
)
_FEE_AFTER = re.compile(
    r"\s*(?:\w+\s){0,2}?(?:fees?|commissions?|penalt(?:y|ies)|surcharge|bond|overdraft|in (?:bank )?charges)\b"
    r"|\s*(?:bank |service )?charge\b"
)
_FEE_BEFORE = re.compile(
    r"(?:fees?|commissions?|penalty|postage|(?:service|bank|a|the) charges?|costs?|costing|owe[sd]? me|(?:i'm"
    r"|am|we're|are|me) out)(?:\s+(?:of|is|was|are|me))?\s*(?:about|only)?\s*$"
)
_LIMIT_AFTER = re.compile(
    r"\s*(?:minimum|min\b|maximum|max\b|limit|cap\b|lid\b|ceiling|floor)(?!\s+(?:please|pls|for me))|\s+(?:is"
    r"|being) the (?:least|most|minimum|maximum)"
)
_LIMIT_BEFORE = re.compile(
    r"(?:minimum|min|maximum|max|cap|limit|lid|least|most|ceiling)\b(?:\s+\w+){0,3}?\s*(?:\s(?:is|of|at|being"
    r"|you allow)|:|,)?\s*$"
)
_OLD_BEFORE = re.compile(
    r"(?:\binstead of|\brather than|\bin place of|\bnot|\bisn't|\bwas|\bwere|\bused to be|\bcurrently"
    r"|\bpresently|\bis now|\bfrom the (?:current|present|old|usual)|"
    r"\b(?:down|up) from|\bno longer|\b(?:my|our|the) (?:current|present|old|existing|usual|former|previous)|"
    r"\b(?:you|they)(?:'re| are| have been|'ve been)?(?: now| currently)? (?:taking|drawing|pulling|debiting"
    r"|deducting)(?: out)?(?: from (?:me|us))?)"
    r"\s+(?:the |my |only |just |about )?\s*$"
)
_OLD_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?)?\s*(?:(?:a|per|each|every|in each)\s+month\s*|monthly\s*)?,?\s*"
    r"(?:(?:that|which)(?:'s| is| gets?| are| you|'ve| has| was)|you(?:'re| are)? (?:now )?(?:draw|tak|pull"
    r"|debit|deduct|have been)|(?:i|we) (?:now|currently|presently)|(?:is|are) being (?:taken|drawn|pulled))"
)
_MINE_BEFORE = re.compile(r"\b(?:my|our|the|that|this)\s*$")
_MINE_AFTER = re.compile(
    r"\s*(?:a month |per month |each month |monthly |automatic |auto )*"
    r"(?:deductions?|debits?|drafts?|withdrawals?|bank draft|monthly)\b"
)
_FROM_BEFORE = re.compile(r"\bfrom\s+(?:the |my |our )?(?:current |present )?\s*$")
_FROM_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?)?\s*(?:a month|per month|monthly)?\s*,?\s*(?:(?:up|down|back)\s+)?to\b"
)
_OTHER_BEFORE = re.compile(
    r"(?:\bworth(?: only)?|\bearn(?:ed|s)?|\bbonus (?:of|was)|\braise of|\bbill (?:of|is|was|for)"
    r"|\binherit(?:ed)?|\bsalary (?:of|is)|\bproceeds of|\brefund of|\bsold (?:\w+\s){1,4}for|"
    r"\bpaid(?: over| about| me| nearly)?|\bbought (?:\w+\s){0,4}(?:at|for)|\bmortgage (?:of|is)|\brent (?:is"
    r"|of)|\bowes? me|\ba cd[\w\s]{0,20}for|\bloss of|\bsavings of)\s*$"
)
_OTHER_AFTER = re.compile(
    r"\s*(?:bonus|paycheck|refund|salary|rebate|loan|debt|bill\b|deductible|raise\b|cd\b|certificate of deposit)"
)
_PAST_BEFORE = re.compile(
    r"\b(?:bought|purchased|invested|ordered|put in(?: some)?|had you take|wrote (?:you )?(?:for|and said)|said"
    r"|told you)\b[^.!?]{0,25}$"
)
_PAST_WITHIN = re.compile(
    r"\b(?:last (?:month|week|year|time|spring|fall|summer|winter|\w+day)|yesterday|ago|already|previously"
    r"|back in|in (?:19|20)\d\d|earlier|before|on \w+day|by mistake)\b"
)
_MISTAKEN_AFTER = re.compile(
    r"[^.!?]{0,25}\b(?:should have been|should be|ought to have been|was (?:a mistake|wrong|an error))\b"
)

_BARE_BEFORE = re.compile(
    r"(?:\b(?:in|down|up)\s+for|\bput\w*(?:\s+(?:in|down|another))?|\binvest\w*|\btak(?:e|ing)(?:\s+out)?"
    r"|\bdeduct\w*|\bdebit\w*(?:\s+it)?|\bdraw\w*|\bpull\w*|\bwithdraw\w*|\bcontribut\w*|\badd\w*|"
    r"\bsend\w*(?:\s+in)?|\bmak(?:e|ing)\s+(?:it|that|them)|\bpurchas\w*(?:\s+of)?|\bbuy(?:ing)?(?:\s+(?:me"
    r"|us))?|\bsum\s+of|\bamount(?:\s+(?:of|is))?\s*:?|\bto|\bfor|\bof|\bdo|\bdo like|\bat|\bthe figure|"
    r"\bcheck (?:is written )?for|\bwritten for|\bspend\w*|\bapply\w*|\bwithdraw|\bset\s+(?:it|up)|\bget me"
    r"|\bgive me|\bleave it at|\bhim|\bher|\bthem|\bwants?|\blike|\ba|\ban|\bsingle|\bextra|\boops|\bno|\byeah"
    r"|\bwait|\bmean|\bmeant|\bsay|\band|^)"
    r"\s*[,:]?\s*(?:about|around|another|an additional|an extra|only|just|like|exactly|a further|some|up"
    r"|the)?\s*[(\"']?$"
)
_UNITS_AFTER = re.compile(
    r"\s*\)?\s*(?:of\s+(?:my|the|our|them|these|those|mine|us|em|'em|you|your|his|her)\b"
    r"|(?:\w+\s+){0,2}(?:shares?|shrs?|shs?|sh|sharez|shars)\b|"
    r"years?|yrs?|days?|weeks?|wks?|months?\b|hours?|hrs?|minutes?|mins?\b|seconds?|kids|children|grand\w*"
    r"|times?|percent|pct|people|checks?|orders?\b|letters?|miles|"
    r"acres?|cents?|sisters?|brothers?|nephews?|nieces|daughters|sons|certificates?|copies|pages?|questions?"
    r"|things?|items?|calls?|accounts?|per\s?cent|degrees|feet|"
    r"[-]?(?:year|yr|month|week|day)s?[- ]old|cows|head\b|astm\b|aastrom\b|others?\b|shift|north|south|east"
    r"|west|[nsew]\.?\s|[a-z]+ (?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|blvd|way)\b)"
)
_PAYING_AFTER = re.compile(
    r"\s*\)?\s*(?:$|[.,!?;)]|(?:a|per|each|every|this|next)\s+(?:month|mo\b|time|go|round|purchase)|/\s?mo"
    r"|monthly|out of|from|into|in\b|worth|of (?:stock|it|aastrom|astm)|on the|by (?:check|auto)|please|pls|plz"
    r"|"
    r"even|again|for (?:me|us|him|her|the|this|next)|more|this|next|now|instead|dollar|buck|and|but|as|at the"
    r"|auto|automatic|starting|beginning|to (?:start|begin|buy|invest)|oops|is what|with|will|on my|once|thanks"
    r"|thx|in my|of my|each|today|-|purchase\b|order\b|buy\b|is what|going|put\b)"
)


def _is_price(quantity: Quantity, prefix: str, suffix: str) -> bool:
    if _PRICE_AFTER.match(suffix):
        return True
    return quantity.value is not None and quantity.value < PRICE_BELOW and bool(_PRICE_BEFORE.search(prefix))


def _is_something_else(prefix: str, suffix: str) -> bool:
    """Whether the words around a dollar figure make it a fee, a limit, a former amount or money for other things."""
    if (
        _FEE_AFTER.match(suffix)
        or _FEE_BEFORE.search(prefix)
        or _LIMIT_AFTER.match(suffix)
        or _LIMIT_BEFORE.search(prefix)
    ):
        return True
    if (
        _OLD_BEFORE.search(prefix)
        or _OLD_AFTER.match(suffix)
        or _OTHER_BEFORE.search(prefix)
        or _OTHER_AFTER.match(suffix)
    ):
        return True
    if _MINE_BEFORE.search(prefix) and _MINE_AFTER.match(suffix):
        return True
    if _FROM_BEFORE.search(prefix) and _FROM_AFTER.match(suffix):
        return True
    past = _PAST_BEFORE.search(prefix)
    return bool(past and (_PAST_WITHIN.search(prefix + suffix) or _MISTAKEN_AFTER.match(suffix)))


def _suffix(text: str, quantity: Quantity) -> str:
    """What follows the figure, the word for dollars skipped."""
    following = after(text, quantity.end)
    return re.sub(
        (
            r"^\s*(?:\([^()]{1,40}\)\s*)?-?\s?(?:us\s+|u\.s\.\s+)?(?:\$|dollars?\b|dollors?\b|usd\b|bucks?\b)(?:'"
            r"|\s+and no cents)?"
        ),
        "",
        following,
    )


def amounts(text: str, found: Sequence[Quantity]) -> tuple[Found[Money | None], ...]:
    """Dollar figures that may be meant to be paid, in order; a value of None could not be read for certain."""
    result: list[Found[Money | None]] = []
    for quantity in found:
        if not quantity.is_money:
            continue
        prefix, suffix = before(text, quantity.start), _suffix(text, quantity)
        if _is_price(quantity, prefix, suffix) or _is_something_else(prefix, suffix):
            continue
        result.append(Found(_money(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def bare_amounts(text: str, found: Sequence[Quantity]) -> tuple[Found[Money | None], ...]:
    """Numbers without a word for dollars that the words around them make amounts; only where an amount is asked for."""
    result: list[Found[Money | None]] = []
    for quantity in found:
        if quantity.is_money or quantity.value is None or quantity.value < LEAST_BARE:
            continue
        prefix, suffix = before(text, quantity.start), after(text, quantity.end)
        if _UNITS_AFTER.match(suffix) or not _PAYING_AFTER.match(suffix) or not _BARE_BEFORE.search(prefix):
            continue
        if _is_price(quantity, prefix, suffix) or _is_something_else(prefix, suffix):
            continue
        result.append(Found(_money(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def _money(value: Decimal | None) -> Money | None:
    """A payable amount, or None if `value` is none (a fraction of a cent, zero, far too large)."""
    if value is None or not value:
        return None
    try:
        return Money(value)
    except ValueError:
        return None
