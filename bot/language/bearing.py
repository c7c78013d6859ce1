"""Looser words of each act: enough to bear out an act that the classifier is sure of.

Too loose to tell clauses apart or to order anything by themselves; `acts` has
the narrow phrases that do. Whatever is borne out only by these must still
stand as an order and meet no caution.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.language.acts import has_act
from bot.language.text import cues

_WORD = r"(?:[^\s.,!?;]|[.,](?=\d)){1,40}"


def _gap(most: int) -> str:
    """Up to `most` words with no mark between them, with a blank before each."""
    return rf"(?: {_WORD}){{0,{most}}}?"


_SUM = (
    r"(?:(?:us)?\$ ?\d[\d,.]{0,14}k?|(?:usd )?\d[\d,.]{0,14}k?(?: (?:us )?(?:dollars?|bucks?))?"
    r"|(?:[a-z]{1,15}[- ]){0,4}?(?:hundred|thousand|grand|dollars?|bucks?))"
)
_DOLLARS = (
    r"(?:(?:us)?\$ ?\d[\d,.]{0,14}k?|usd \d[\d,.]{0,14}k?|\d[\d,.]{0,14}k"
    r"|(?:[a-z\d,.]{1,15}[- ]){0,4}?(?:hundred|thousand|grand|dollars?|bucks?))"
)
_STOCK = r"(?:shares?|shars|shs|shrs|sh|stock|aastrom|astm|holdings?|position)"
_PLAN = r"(?:plan|program|programme|dspp|scheme)"
_BELONGING = rf"(?:{_PLAN}|membership|participation|participant|member|enrol?lment|account|acct)"
_ORDERS = r"(?:orders?|purchases?|perchases?|purchaces?|buy|sale|instructions?|request|transaction)"

BEARING: Mapping[str, re.Pattern[str]] = {
    "sell": cues(rf"""
        (?:sell|selling|sold|sale|liq|liquidat\w+|unload\w*|dump\w*|dispos(?:e|ing|al)(?: of)?|redeem\w*|part with
        |flatten){_gap(9)} {_STOCK} |
        (?:sell|dump|unload|liquidate) (?:them|em|those|these|it) |
        cash(?:ing)?(?: me| us| it| them)? (?:in|out){_gap(4)} {_STOCK} | let(?:ting)?{_gap(4)} {_STOCK}{_gap(1)} go |
        {_STOCK},?{_gap(4)} (?:sell|sold|out(?! of)|go(?! up| down| to)|for sale|as cash|next sale) |
        {_STOCK},?{_gap(4)} into (?:cash|money) | turn(?:ed|ing)?{_gap(7)} into (?:cash|money) |
        {_STOCK},?{_gap(2)} into (?:the|this|your|next)(?: \w+)? (?:sale|batch) |
        (?:action|type|kind|request|transaction)\W{{1,15}}sell
    """),
    "buy": cues(rf"""
        {_SUM}{_gap(4)} (?:of|in|into|for|towards?|to|at)(?: my| the| your| ur| this| own| coming| next| upcoming
        | company| more)* (?:{_STOCK}|{_PLAN}|me|mine|account|round|purchase|buy|month|order|batch) |
        (?:throw|toss|sink|devote|dedicate|commit|remit|allot|earmark|chip in|kick in|contribution|remittance|max me
        |new order|order|count me){_gap(6)} {_SUM} |
        usual{_gap(4)} {_SUM} | (?:check|cheque) for {_DOLLARS} | (?:same again|this time|another){_gap(4)} {_DOLLARS} |
        {_DOLLARS}{_gap(2)},? (?:again|as (?:always|usual|before)|this (?:time|round|go round)|astm|aastrom) |
        {_SUM} from me
    """),
    "recurring": cues(rf"""
        {_SUM}{_gap(6)} (?:every|each|per|a|of each|of every) month | {_SUM}{_gap(3)},? monthly |
        monthly(?! (?:allowance|maximum|max|limit|ceiling)){_gap(4)} {_SUM} |
        (?:regular|standing|recurring|automatick?|auto|monthly|each-month) (?:\w+ )?(?:contributions?|orders?|debits?
        |mandate|purchases?|instruction|investments?|investing|taking|pull|dedu\w+|authori[sz]ation|buying|drafts?) |
        (?:revoke\w*|revocation|knock|trim|switch|shut|kill|dial|ease|round|end|ending){_gap(6)} (?:debits?|mandate
        |deductions?|drafts?|contributions?|authori[sz]ation|automatic\w*|monthly)
    """),
    "withdraw": cues(rf"""
        (?:done|finished|through) w(?:ith|/){_gap(3)} {_BELONGING} | stop being an? (?:participant|member) |
        (?:notice of|request for|req) (?:withdrawal|termination|disenrol?lment) | disenrol\w* | cessation of |
        with ?draw(?:al)?(?: me)? from | (?:drop|bow)(?:ping|ing)? out | former participant | pull the plug on |
        (?:end|close|delete|termnate|terminate|cancel|stop|exit|quit|leave|leaving|drop
        |dropping){_gap(5)} {_BELONGING} |
        {_BELONGING}:?{_gap(2)} end(?:ed|s)? | sign me off | remove me | wish not to be in |
        (?:kindly|please|pls|ahead and) (?:close|end|terminate) (?:it|mine)
    """),
    "cancel_order": cues(rf"""
        (?:scrub|tear up|rip up|erase|abort|unwind|retract|shred|trash|cancel\w*|cansel\w*|cancle|void\w*|drop|kill
        |stop|halt|undo
        |brakes on){_gap(6)} (?:{_ORDERS}|slip|it|them|both|one|these|those|above) |
        (?:tear|rip){_gap(5)} up | {_ORDERS}{_gap(7)} (?:cancel\w*|void\w*|scrubbed|torn up|let it drop|undone
        |not happen|needn'?t happen|never happens?|not go through) | better if it never happens | let (?:it|that) drop |
        (?:must|should|shall|is|are) not(?: to)? be (?:made|carried out|executed|done|processed|placed) |
        (?:void|cancel|kill|scrap|nix|cxl|scratch) (?:(?:no|number|nr)\.? ?)?# ?[\w-]*\d |
        (?:please|pls|kindly)\W+cancel | too late to cancel |
        {_ORDERS} cancell?ation | in the (?:wastebasket|trash|bin|garbage) | (?:do not|don'?t|to not) do(?: it)? |
        undo what i did
    """),
    "enroll": cues(rf"""
        (?:add|adding|admit|register|enter|put|start|include|bring|make|set|sign|join|get|place|accept
        |enlist) (?:me|us|my \w+|our \w+|myself){_gap(5)} (?:{_PLAN}|participants?|members?|in|up) |
        (?:enter|add|admit|register) (?:me|us) |
        (?:apply|applying|request|ask|asking|wish|want|like|elect|hereby){_gap(5)} (?:participat\w+|take part|admission
        |join
        |be (?:added|admitted|included|put in)) | admit me to | new participant | want in | join me up |
        (?:open|start)(?: me| us)? an?{_gap(2)} account | do the direct (?:stock )?purchase
    """),
}  # fmt: skip
"""For each act that moves something, words that speak of it."""


@lru_cache(maxsize=64)
def speaks_of(text: str, intent: str) -> bool:
    """Whether `text` speaks of doing what `intent` does, be it in so many words or looser."""
    pattern = BEARING.get(intent)
    return has_act(text, intent) or bool(pattern and pattern.search(text))
