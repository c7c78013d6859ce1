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
    r"\s*(?:(?:a|per|each|the)\s+(?:share|sh\b|pop)|/\s?sh|a\s?piece\b|each\b(?!\s+(?:month|mo))|gtc\b|limit\b)"
)
_PRICE_BEFORE = re.compile(
    r"(?:price\w*(?:\s+(?:of|is|at|comes in at|was|under|below|over|above))*|below|under|above|over|beneath"
    r"|(?:less|more|lower|higher|better) than|"
    r"hits?|hitting|touch(?:es|ed)?|held out for|hold out for|reach(?:es|ed)?|(?:get|go|come|gone)\w*(?:\s+(?:up"
    r"|down|back|in))*(?:\s+(?:to|at|past|above"
    r"|below|under|over))|"
    r"(?:rise|climb|drop|fall|dip|slip|jump|sink|trade|close|open)s?\w*\s+(?:to|at|above|below|under|over|past)"
    r"|trading|closed?|limit(?:\s+(?:of|is|at|price))?|"
    r"stop(?:\s+loss)?(?:\s+at)?|cross(?:es)?|not for less than|no less than|at least|penny over|up to|down to"
    r"|\bin at|\bat(?:\s+or\s+(?:below|under|above))?|@|"
    r"average (?:is|of)|worth|bought\w*(?:\s+in)? at|paid)\s*(?:about|around|only)?\s*$"
)
_FEE_AFTER = re.compile(
    r"\s*(?:[\"']?\w+[\"']?\s){0,2}?(?:fees?|commissions?|penalt(?:y|ies)|surcharge|bond|overdraft"
    r"|in (?:bank )?charges)\b"
    r"|\s*(?:bank |service )?charge\b"
)
_FEE_BEFORE = re.compile(
    r"(?:fees?|commissions?|penalty|postage|(?:service|bank|a|the) charges?|costs?|costing|owe[sd]? me|(?:i'm"
    r"|am|we're|are|me) out)(?:\s+(?:of|is|was|are|me))?\s*(?:about|only)?\s*$"
    r"|\b(?:charged|stung|dinged|nicked|socked|fined|docked|(?:bank|you|they|it|branch|union) (?:hit|billed))"
    r" (?:me|us)(?: for)?(?: (?:about|another|an extra))?\s*$"
)
_LIMIT_AFTER = re.compile(
    r"\s*(?:minimum|min\b|maximum|max\b|limit|cap\b|lid\b|ceiling|floor)(?!\s+(?:please|pls|for me))|\s+(?:is"
    r"|being) the (?:least|most|minimum|maximum)"
)
_LIMIT_BEFORE = re.compile(
    r"(?:minimum|min|maximum|max|cap|limit|lid|least|most|ceiling)\b(?:\s+\w+){0,3}?\s*(?:\s(?:is|of|at|being"
    r"|you allow)|:|\s?=)?\s*$"
)
_LIMIT_ORDERED_BEFORE = re.compile(
    r"(?<!can )(?<!can i )(?<!may i )(?<!could i )(?<!should i )(?<!if i )(?<!you )"
    r"\b(?:put|invest|buy|purchase|take|deduct|debit|send|contribute|put me (?:down|in)"
    r"|sign me up|enclosed is)(?: (?:in|for))* (?:the|your) "
    r"(?:minimum|maximum|min|max|limit)(?: (?:amount|of|sum))*\s*$"
)
"""A limit that is itself what is ordered: "put in the maximum of $10,000"."""
_OLD_BEFORE = re.compile(
    r"(?:\binstead of|\brather than|\bin place of|\bnot|\bisn't|(?<!intended )(?<!meant )(?<!wanted )"
    r"(?<!rather it )\bwas|(?<!rather it )(?<!prefer it )\bwere"
    r"|\bused to be|\bcurrently"
    r"|\bpresently|\bis now|\bfrom the (?:current|present|old|usual)|"
    r"\b(?:down|up) from|\bno longer|\b(?:my|our|the) (?:current|present|old|existing|usual|former|previous)|"
    r"\b(?:you|they)(?:'re| are| have been|'ve been)?(?: now| currently)? (?:taking|drawing|pulling|debiting"
    r"|deducting)(?: out)?(?: from (?:me|us))?)"
    r"\s+(?:the |my |only |just |about )?\s*$"
)
_NOT_DONE_BEFORE = re.compile(
    r"\b(?:instead of|rather than)\s+(?:buying|investing|selling|putting in|sending)\s+(?:another |my |the |only )?$"
    r"|\b(?:(?:was|were|am|is) (?:going|about|planning|supposed)|had (?:planned|meant|intended|hoped)|thought|meant)"
    r"\s+(?:to|of|about)\s+(?:\w+\s+){1,3}$"
)
_ENDED_BEFORE = re.compile(
    r"\b(?:stop|quit|cease|end|no more)\s+(?:the\s+)?(?:tak|deduct|debit|draw|pull|draft|withdraw|send"
    r"|invest)\w*(?:\s+(?:out|of|my|the))*\s*$"
)
_STANDING_BEFORE = re.compile(
    r"^\s*(?:now )?you (?:now |currently )?(?:draw|take|pull|debit|deduct|draft)(?: out)?\s+$"
)
"""A sentence that tells what is taken now."""
_STOPPED_BEFORE = re.compile(r"\b(?:stop|end|quit|drop|halt|no more)\w*\s+(?:the|my|our|that|with the)\s*$")
_MONTHLY_WITHIN = re.compile(r"\b(?:(?:a|per|each|every) month|monthly)\b")
_MONTHLY_AFTER = re.compile(r"\s*(?:dollars?|bucks?)?\s*(?:(?:a|per|each|every) month\b|/\s?mo|monthly)")
_OLD_AFTER = re.compile(
    r"\s*(?:dollars?|bucks?)?\s*(?:(?:a|per|each|every|in each)\s+month\s*|monthly\s*)?,?\s*"
    r"(?:(?:that|which)(?: gets?| you(?! will| may| can| should| are to)|'ve| has| was"
    r"|(?:'s| is| are)(?: (?:just|way|far|a bit|a little|already))* (?:now|currently|presently|at present|being|coming"
    r"|going out|taken|drawn|pulled|deducted|debited|drafted|withdrawn|in force|too|more than"
    r"|what (?:you|i now|it is)))"
    r"|you(?:'re| are)? (?:now )?(?:draw|tak|pull"
    r"|debit|deduct|have been)|(?:i|we) (?:now|currently|presently)|(?:is|are) being (?:taken|drawn|pulled))"
)
_MINE_BEFORE = re.compile(r"\b(?:my|our|the|that|this)\s*$")
_MINE_AFTER = re.compile(
    r"\s*(?:a month |per month |each month |monthly |automatic |auto )*"
    r"(?:deductions?|debits?|drafts?|withdrawals?|bank draft|monthly)\b"
)
_PART_BEFORE = re.compile(r"\b(?:have|get|give you|share) (?:an? |about |another )?$")
_PART_AFTER = re.compile(r"\s*(?:dollars?|bucks?)? ?of (?:it|that|this)\b")
"""Around a part of what came in: "I got a raise; I'd like you to have ten dollars of it"."""
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
_INCOME_OWN_BEFORE = re.compile(
    r"\b(?:i|we|he|she) (?:only |just |now )?(?:get|gets|make|makes|receives?|collects?|bring home|live on|draw)"
    r" (?:about |only |just |around )?$"
)
_INCOME_OWN_AFTER = re.compile(
    r"\s*(?:(?:a|per|each|every) (?:month|week|year|other week)\b|monthly|weekly"
    r"|from (?:my |the )?(?:social|pension|va\b)"
    r"|in (?:social|pension))"
)
"""What comes in, not what is to be paid: "I get $1,140 a month"."""
_OTHER_AFTER = re.compile(
    r"\s*(?:bonus|paycheck|refund|salary|rebate|loan|debt|bill\b|deductible|raise\b|cd\b|certificate of deposit)"
)
_PAST_BEFORE = re.compile(
    r"\b(?:bought|purchased|invested|ordered|put in(?: some)?"
    r"|(?:i|we)(?:'ve| have)?(?: already| just)? put|had you take|wrote (?:you )?(?:for|and said)|said"
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
    r"|\bwait|\bmean|\bmeant|\bsay|\band|\bhere(?:'s| is| are)|\benclosed is|\bthis time|\bminimum|\bmin|\bleast"
    r"|\beven|\b(?:full|whole)|\bthe usual|\bsame|\bmonthly|\bread|\bbe|\bor|\bor maybe|\bmaybe|\beither"
    r"|\b(?:deduction|draft|debit)"
    r"|\bfor good|\bgo|\bpls|\bplease|\bwhatever|\bi'?d do|\byes|\bagain|[.]{2}|^)"
    r"\s*[,:]?\s*(?:about|around|another|an additional|an extra|only|just|like|exactly|a further|some|up"
    r"|the)?\s*[(\"']?$"
)
_UNITS_AFTER = re.compile(
    r"\s*\)?\s*(?:of\s+(?:my|the|our|them|these|those|mine|us|em|'em|you|your|his|her)\b"
    r"|(?:(?!(?:for|in|into|tow?ards?|on|worth|at|to|and|or|then|from|this|please|pls)\b)\w+\s+){0,2}(?:shares?"
    r"|shrs?|shs?|sh|sharez|shars)\b|"
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
    r"|auto|automatic|starting|beginning|is better|is plenty|is enough|is fine|only if|if\b|only\b|or\b|tow?ards?"
    r"|for (?:my|your|aastrom|astm|stock|shares|common|company)|on (?:shares|stock)|through|thru|which is going"
    r"|it is|final|going"
    r"|till|until|not\b|not sure|every|evry|to (?:start|begin|buy|invest)|oops|is what|with|will|on my|once|thanks"
    r"|thx|in my|of my|each|today|-|purchase\b|order\b|buy\b|is what|going|put\b)"
)


_PAYING_BEFORE = re.compile(
    r"\b(?:invest|put|buy|purchase|spend|throw|toss|chip in|send|deduct|debit|draft|draw|take|pull|withdraw"
    r"|contribute|add"
    r"|charge|apply|use|paypal|zelle|venmo|wire|set me up|sign me up|want)"
    r"(?:\s+(?:me|it|us|u|you|in|out|down|up|off|at|for|to|with|another|an?|additional|extra|just|only|exactly"
    r"|the|full|whole|my (?:visa|card"
    r"|mastercard|bank|checking|account|savings))){0,3}\s*$"
)
"""Verbs that a number after them is the money of, whatever follows."""
_CHANGED_BEFORE = re.compile(
    r"\b(?:raise|lower|increase|reduce|cut|bump|change|move|drop|bring|put|push|set|adjust|make|switch|up|go"
    r"|round)(?:d|ed|ing)?\b"
    r"[^.!?;]{0,45}\bto\s+(?:an? |an even )?$|\bmake\b[^.!?;]{0,25}\b(?:deduction|draft|debit|monthly|withdrawal)\s*$"
)
"""A change of the deduction, up to its new amount."""
_COMES_TO_BEFORE = re.compile(
    r"\b(?:comes?|came|amounts|amounting|adds?(?: up)?|adding up|counting|went|from (?:19|20)\d\d) (?:out )?to"
    r"(?: (?:exactly|about|an?|even|just))*\s*$"
)
_CODE = re.compile(r"\s*(?:yes|ok|confirm\w*)?[\s,.]*(?:code:?\s*)?\d{4,8}[\s.]*", re.IGNORECASE)
"""A message that is only the code of a reading back."""
_A_MONTH_AFTER = re.compile(
    r"\s*\)?,?\s*(?:(?:a|per|each|every|evry|ea\.?)\s+(?:month|mo\b|throw)|/\s?mo|monthly|a throw)"
)
_INCOME_BEFORE = re.compile(
    r"\b(?:pension|salary|rent|pays|paid|make|earn\w*|gets?|cost\w*|charge\w*|mortgage|bill|insurance|fee|ssi"
    r"|is)\b[^.!?]{0,20}$"
)
_COUNTED_AFTER = re.compile(
    r"\s+(?!(?:bucks?|dollars?|this|thanks|as|is|was|plus|towards|yes|his|hers|theirs|yours|mines|always|stocks?"
    r"|worth|us"
    r"|perhaps|unless|less|afterwards|pls|please)\b)(?:[a-z]+\s)?[a-z]{3,}s\b"
)
_SHORT = 14
"""Words of a message so short that its only number can be nothing but the amount."""
_NOT_DOLLARS_AFTER = re.compile(r"[^.!?]{0,40}\b(?:shares?,? not (?:dollars|\$)|not dollars)\b")


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
        or (_LIMIT_BEFORE.search(prefix) and not _LIMIT_ORDERED_BEFORE.search(prefix))
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
    if (
        _ENDED_BEFORE.search(prefix)
        or _NOT_DONE_BEFORE.search(prefix)
        or (_STOPPED_BEFORE.search(prefix) and _MONTHLY_AFTER.match(suffix))
    ):
        return True
    if _STANDING_BEFORE.search(prefix) and _MONTHLY_WITHIN.search(suffix):
        return True
    if _FROM_BEFORE.search(prefix) and _FROM_AFTER.match(suffix):
        return True
    if _PART_BEFORE.search(prefix) and _PART_AFTER.match(suffix):
        return True
    if _INCOME_OWN_BEFORE.search(prefix) and _INCOME_OWN_AFTER.match(suffix):
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
        result.append(Found(money(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def bare_amounts(text: str, found: Sequence[Quantity]) -> tuple[Found[Money | None], ...]:
    """Numbers without a word for dollars that the words around them make amounts; only where an amount is asked for."""
    result: list[Found[Money | None]] = []
    is_short = len(text[:400].split()) <= _SHORT and not re.search(r"\b(?:sell|shares?|shs)\b", text[:400].lower())
    if len(text) < 40 and re.match(r"\s*(?:yes|ok|confirm|code)", text.lower()) and _CODE.fullmatch(text):
        return ()
    for quantity in found:
        if quantity.is_money or quantity.value is None or quantity.value < LEAST_BARE:
            continue
        prefix, suffix = before(text, quantity.start), after(text, quantity.end)
        if _UNITS_AFTER.match(suffix) or _NOT_DOLLARS_AFTER.match(suffix) or _COMES_TO_BEFORE.search(prefix):
            continue
        if not (_is_paid(prefix, suffix) or (is_short and not _COUNTED_AFTER.match(suffix))):
            continue
        if _is_price(quantity, prefix, suffix) or _is_something_else(prefix, suffix):
            continue
        result.append(Found(money(quantity.value), quantity.start, quantity.end))
    return tuple(result)


def _is_paid(prefix: str, suffix: str) -> bool:
    """Whether the words around a bare number make it money to be paid."""
    if _PAYING_AFTER.match(suffix) and _BARE_BEFORE.search(prefix):
        return True
    if _A_MONTH_AFTER.match(suffix) and not _INCOME_BEFORE.search(prefix):
        return True
    return bool(_PAYING_BEFORE.search(prefix) or _CHANGED_BEFORE.search(prefix)) and not _COUNTED_AFTER.match(suffix)


def money(value: Decimal | None) -> Money | None:
    """A payable amount, or None if `value` is none (a fraction of a cent, zero, far too large)."""
    if value is None or not value:
        return None
    try:
        return Money(value)
    except ValueError:
        return None


_RAISED_BEFORE = re.compile(
    r"\b(?:sell\w*|liquidat\w+|raise|bring(?: in| me)?|get|give|need|net|make|makes|enough|cash|cover|yield"
    r"|unload|redeem)\b[^.!?;]{0,60}$"
)
_SOLD_BEFORE = re.compile(r"\b(?:sell|liquidate|unload|redeem)\s+(?:me\s+)?(?:about\s+|off\s+|just\s+|only\s+)?$")
_PLACED_BEFORE = re.compile(r"\b(?:invest|buy|purchase|deduct|debit|draft|deduction|contribute)\b[^.!?;]{0,30}$")
_PLACED_AFTER = re.compile(r"\s*(?:to be|should be|be|gets?) (?:invested|put|used|applied|debited|deducted)\b")
_WORTH_AFTER = re.compile(r"\s*(?:dollars?'?|bucks?)?\s*worth\b|\s*in (?:stock|shares)\b")


def is_to_be_raised(text: str, start: int, end: int, is_counted: bool) -> bool:
    """Whether a dollar figure says how much a sale is to bring; where shares are counted, only "$500 worth" does."""
    prefix, suffix = before(text, start), after(text, end)
    if _SOLD_BEFORE.search(prefix) or _WORTH_AFTER.match(suffix):
        return True
    if _PLACED_BEFORE.search(prefix) or _PLACED_AFTER.match(suffix):
        return True  # another order stands beside the sale: better to ask than to do half of it
    return not is_counted and bool(_RAISED_BEFORE.search(prefix))
