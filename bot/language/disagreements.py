"""What a text says beside an act that leaves open whether, or which of two things, is meant: one table of cues per act.

A sale beside "or hold", a purchase to be paid "later", a leaving of the
mailing list, a deduction of somebody else's club. Asking costs little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.language.text import cues

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
"""The months as people write them, for expressions."""

_OPPOSED: Mapping[str, re.Pattern[str]] = {
    "withdraw": cues(r"""
        (?:mailing|e-?mail|phone|calling) list | out of (?:the|my|this|that) (?:\w+ )?(?:purchase|order|buy|sale
        |batch)(?! plan| program) |
        (?:couldn'?t|could not|can'?t|wouldn'?t) (?:drag|get|drive|throw|kick) (?:me|us) |
        (?:terminate|end|close|cancel|quit|stop)(?: my| our| the| these| those)? (?:\w+ )?(?:debits?|deductions?
        |drafts?) |
        stop or leave | (?:quit\w*|leav\w+|clos\w+)(?: \w+){0,4} or (?:only|just|merely)(?: \w+){0,6} |
        stay(?:ing)? in the (?:plan|program) | remain in the (?:plan|program) | keep me (?:in|enrolled) |
        (?:account|acct) (?:at|with) (?!(?:the |my |our |your )?(?:aastrom|dspp|plan|program|you|company
        |continental))\w+ |
        out of (?:michigan|ohio|state|town|the (?:house|country)) | one more (?:\w+ )?(?:and|mistake|error|letter) |
        about ready to | next time[^.!?\n]{0,50}[ ](?:out|leave|leaving|quit|close|done) |
        (?:drop|leave|leaving) (?:me|us) (?:an?|some|my) | this chat |
        (?:account|acct) \w+ at \w+ | (?:rather|instead),? (?:just )?(?:stop|pause) | month'?s (?:purchase|order)
    """),
    "recurring": cues(rf"""
        wrong (?:amount|figure|day|date) | (?:reversed|transposed) the | your (?:\w+ ){{0,3}}(?:club|gym|magazine) |
        member(?:ship)? card | locker | subscription | go(?:ing)? on with |
        monthly (?:infusion|dose|shot|injection|treatment|magazine|bill|rent) |
        stop or (?:leave|pause) | (?:pause|stop)\w* or (?:stop|pause|quit|leave|end|cancel)\w* |
        (?:cut|lower|reduce|drop) (?:my|the|our|it)(?: [\w$]+){{0,4}} (?:in half|by half|by a third) | double |
        triple | after the (?:\w+ )?(?:one|purchase|debit|draft|deduction) |
        (?:starting|beginning|from|effective|as of)(?: in)? (?:19|20)\d\d(?! ?\w*-) | no monthly |
        every (?:other|second|third|few) months? |
        (?:pause|stop|hold|skip|suspend|take|draw|deduct|debit|pull)\w*[ ][^.!?\n]{{0,60}}?(?:until
        |through) (?:{MONTHS}) | for (?:a|one|two|three|six|\d\d?) (?:years?|months?) only | and then stop |
        (?:withdraw|close) (?:me|my account)[^\n]{{0,40}}(?:rather|instead|i mean) |
        (?:until|till|til) (?:i|we)(?:'ve| have)? (?:hit|have|reach|own|get|got
        |hold)(?: up)?(?: to)? (?:\$ ?)?\d[\d,]* |
        \d[\d,.]*(?: dollars| bucks)? (?:a|per|each|every) year | yearly | annually
    """),
    "sell": cues(r"""
        (?:sell|unload|dump|liquidate)(?: [\w,]+){0,5} down to | sell so(?: that)? (?:i|we) |
        of my (?:\w+ ){0,4}(?:fund|funds) | \d[oO]+ (?:shares|shs) |
        (?:shares|stock|them|they'?re|is|are|it) (?:\w+ )?(?:in|at|with) (?:my |a )?(?:merrill|schwab|fidelity
        |e-?trade|ameritrade|brokerage|edward jones|broker|street) |
        too many (?:zeros|zeroes) | wrong (?:number|count|amount) |
        (?:sell|dump|unload)[ ](?:my[ ])?\d[\d,]*(?:\.\d+)?[ ](?!shares?|shs|shrs|sh|shars|sahres|stock|aastrom|astm|of
        |more|please|pls
        |plz|thx|thanks|at|for|from|in|on|out|this|next|now|and|then|to|so|with|but|as|or|is|it|my|me|the|plan|dspp
        |common
        |total|also|asap|when|if|right|leaving|leave|because|by|today|immediately|not|plus|units|i|we|off|instead|acct
        |account|only|via|through|sir|each|no|buy|a|hundred|thousand)[a-z]+ |
        something like (?:a |an |\$ ?)?(?:\d|half|one|two|three|four|five|ten|fifty|hundred|thousand) |
        exact (?:number|count) (?:does|is|isn) | _{3,} |
        (?:stop|quit|cease) (?:selling|trying to sell) | did i say |
        sell or (?:hold|keep|buy|transfer) | (?:hold|keep) or sell | (?:keep|hold on to) (?:all|every|them all) |
        all but(?: \w+){0,3} (?:\d[\d,.]*|one|two|ten|fifty|hundred|thousand|half) |
        (?:everything|all|them|it|shares?|stock|holdings?|position)(?: \w+){0,3},? (?:except\w*|but|besides
        |other than|apart from|aside from|save|less|minus|bar) (?:for )?(?:the|my|a|an|one|\d)[\w,.]*(?: \w+)? |
        half (?:of )?(?:the |my |what'?s |what is )?(?:remaining|rest|remainder|left|that) |
        majority of | (?:sell|sold|unload|liquidate)\b[^.!?\n]{0,40} twice |
        (?:sell|unload|dump|liquidate|redeem)\b[^.!?\n]{0,50} (?:each|every) (?:month|week|time) |
        (?:each|every) (?:month|week|time)\b[^.!?\n]{0,30} (?:sell|unload|dump|liquidate) |
        (?:shares?|shs|stock) (?:of|in) (?!my|mine|the|our|aastrom|astm|common|it|them|your|plan|this|record|dspp|these
        |those|his|her|their|company|stock|acct|account)[a-z]\w+ | a coffee |
        (?<!not )(?<!n't )(?<!nt )(?:sell|liquidate|dump|unload)(?: off)? (?:the )?(?:rest|remainder|others) |
        and (?:then )?(?:the )?(?:rest|remainder|others) (?:in|on|next|later|after|when) |
        (?:sell|unload|dump|liquidate)\b[^.!?\n]{0,50}(?<!batch )(?<!once ) (?:a|per) (?:month|week|day|year) |
        (?:lots?|blocks?|certificates?) of (?:\d|a hundred|one hundred)[\d,]* | (?:can'?t|cannot) decide | what now |
        (?:husband|wife|partner|brother|sister)(?: \w+){0,2} (?:does not|doesn'?t|disagrees|is against) |
        (?:buy|purchase) order(?=\n) | at (?:this|these|today'?s) prices?\? | what do (?:you|u) think | should (?:i|we)
    """),
    "buy": cues(r"""
        [\d,.]{1,15}k?(?: dollars| bucks)? (?:altogether|all told) | in (?:twenties|tens|fifties|hundreds|small bills) |
        (?<!do )(?:you|u) know what,? (?:buy|make|just|all|let) |
        (?:no|wait|nah),? \$?[\d,]+ is (?:plenty|enough) | the check(?: \w+){0,4} is for | since my first purchase |
        something like (?:a |an |\$ ?)?(?:\d|one|two|three|four|five|ten|fifty|hundred|thousand) |
        exact (?:sum|amount|figure) (?:does|is|isn) | _{3,} |
        buy or (?:sell|hold|wait) | (?:bill|invoice|charge it to) (?:me|later) | bill me |
        pay(?: you)?(?: back)? (?:later|next|when|after|as soon) | on credit | 401 ?\(?k\)? |
        (?:stop|quit|cease) (?:buying|investing|purchasing|trying to (?:buy|invest)) | did i say | borrow\w* against |
        borrow\w* (?:the |some |this )?(?:money|funds|cash|\$) | borrowed (?:money|funds) | on margin |
        (?:my|some) (?-i:[A-Z]{2,4}) (?:stock|shares) | refund (?:you|due|that you) | refund i |
        split (?:over|into|between|across|in|up) | spread (?:over|out|across|it) | half now |
        (?:jan|feb|mar)\w*,? (?:and|&) (?:feb|mar|apr)\w* |
        (?:sell|sale) order(?=\n) | and another (?:\$ ?)?\d[\d,.]*k? (?:for|in|the) | advert\w* | sponsor\w* |
        should (?:i|we) | minus (?:the|\$) |
        (?:\$ ?[\d,.]+|dollars|bucks|worth|shares?|stock)(?: worth)? of (?!my|mine|the|our|aastrom|astm|common|it|your
        |plan
        |this|that|dspp|company|stock|shares?|more|these|new|newly|additional|you|each|every|money|a|an|us|what
        |\d)[a-z]\w+
    """),
    "cancel_order": cues(r"""
        in (?:its|their|that one'?s) (?:place|stead) | the other thing | or else \d+ |
        one of (?:my|our|the) (?:two|2|three|3) | (?<!any )one of (?:them|'?em|those|these) |
        two orders(?: \w+)?,? cancel one |
        (?:not|n'?t) want (?:mine|it|this|that|them|my \w+) cancel\w* |
        cancel (?:the )?(?:wrong )?(?:one|two) (?:for me|of them) | kill one | or is it |
        (?:everything|all|both)(?: \w+){0,3} (?:but|except) | not the \$?\d[\d,.]* |
        did (?:you|somebody|someone|they) (?:cancel|stop|void) |
        (?:is|was|has) (?:it|that|my (?:order|purchase|sale))(?: been)?(?: already)? (?:cancell?ed|withdrawn|stopped
        |taken back
        |voided) | (?:there'?s|theres|there is|have|had|was|got) no (?:open |pending )?order |
        i meant (?:to )?cancel me |
        (?:withdraw|take|leave|count) (?:me|us) (?:from|out of|out for) (?:this|next
        |the)(?: \w+)? (?:month'?s )?(?:purchase
        |batch|order|round) | (?:you )?(?:bought|sold|went ahead|did it|went through)(?: with it)? anyway |
        you went ahead |
        reimburse | cancel\w* (?:the|my) \$?\d[\d,.]*(?: \w+)?,? (?:i )?(?:want|need|make|do|put|buy|instead)
    """),
}  # fmt: skip


def disagrees(text: str, intent: str) -> bool:
    """Whether the text wavers between two things that cannot both be meant."""
    pattern = _OPPOSED.get(intent)
    return bool(pattern and pattern.search(text))
