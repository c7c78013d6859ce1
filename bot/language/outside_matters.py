"""When the object of an act is none of ours: a trial, a gym, a newspaper, another company's stock, a vendor's order.

"Withdraw me from the study" has the verb of leaving the plan; what is left
decides. A thing counts only where it is the object itself: "cancel my order,
the phone bill is due" is an order of ours.
"""

from __future__ import annotations

import re

from bot.language.text import cues

_KINDS = {
    "medicine": r"""(?:clinical |medical |drug |patient |phase \w+ )?(?:trials?|stud(?:y|ies))|treatments?|therap(?:y
    |ies)
        |procedures?|surger(?:y|ies)|prescriptions?|vaccin\w+|physical therapy|registry""",
    "benefits": r"""part [abcd](?!\w)|medicare(?: \w+)?|medicaid|social security|food stamps|unemployment|pension plan
    |401 ?\(?k\)?
        |health plan|dental plan|benefits|medi-?gap""",
    "reading": r"""(?:sunday |daily |morning |evening |local )?(?:news)?papers?(?! (?:copy|copies|statement|form
    |certificate|work))
        |magazines?|newsletters?|subscriptions?|e-?mails?|mailing lists?|mailings?|press releases?|catalog(?:ue)?s?
        |journals?|book club|record club|chat|forum|list ?serv""",
    "clubs": r"""gym|y\.?m\.?c\.?a|health club|fitness \w+|yoga|bowling|league|choir|class|classes|course|seminar
    |webinar
        |workshop|golf|golf club|country club|aarp|raffle|lottery|contest|sweepstakes|dinner|luncheon|banquet|tour
        |conference call|conference""",
    "meals": r"""pizzas?|sandwich(?:es)?|flowers|roses|cake|groceries|lunch|coffee|beer|wine|turkey|steaks?
    |fruit basket""",
    "goods": r"""blender|toaster|mattress|sofa|couch|furniture|fridge|refrigerator|freezer|washer|dryer|stove|oven
    |vacuum|tv
        |television|laptop|computer|printer|camera|shoes|boots|shirts?|books?|dvds?|toys?|tires?|gloves|syringes
        |curtains
        |carpet|lamp|mower|tractor|parts|seeds?|firewood|propane|gasoline|heating oil|bioreactors?|pumps?|reagents?
        |media""",
    "services": r"""(?:life |car |auto |health |home |dental )?insurance(?: policy)?|policy|premiums?|cable(?: tv)?
    |satellite
        |internet(?: service)?|(?:cell |tele)?phone (?:service|plan|contract|line|bill)|electric\w*(?: bill)?
        |gas bill|water bill|utilit(?:y|ies)|mortgage|car payment|rent|credit card|visa|mastercard|storage unit
        |trash \w+
        |netflix|aol|lease|loan|tuition|alimony|child support|tithe|dues|charity|church|savings bonds?""",
    "travel": r"""hotel(?: room)?|flights?|airline tickets?|tickets?|reservations?|cruise|rental car|trip|train""",
    "meetings": r"""appointments?|(?:my|our|the) (?:meeting|interview|visit|call)|meeting|interview|checkups?""",
}
"""Things that people also join, leave, order and cancel, by their kind."""
_THING = "|".join(re.sub(r"\s*\n\s*", "", kind) for kind in _KINDS.values())
_OWN = r"(?:my|our|the|a|an|your|this|that|those|these|any|some|all|his|her|their)"
_NOT_OURS = (
    r"(?!(?:plan|program|programme|dspp|orders?|purchases?|sale|deductions?|debits?|drafts?|shares?|stock|account|acct"
    r"|participation|money|because|since|and|so|as|but|or|until|till|if|i|we|for|to|by|per|with|like|card|instead|when"
    r"|while|after|before|now|please|sent|mailed|placed)\b)"
)
_LEADING = rf"(?:{_NOT_OURS}[a-z$][\w'-]{{0,20}} ){{0,4}}?"
_END = r"(?![\w'-]| (?:is|are|was|has|bill|comes?|money|needs?|paid|tells?|told|says?|said|check|stock|shares)\b)"
_AN = rf"(?:{_OWN} )?(?:{_NOT_OURS}[a-z][\w-]{{0,14}} ){{0,2}}?"

_JOINED = cues(rf"""
    (?:enrol?l?|sign|register|join|joining|participate|participating|participation|take part|volunteer
    |enter)(?: (?:me|us|up|him|her|down|my \w+|in|into|for|to|on|of|with)){{0,4}} {_AN}(?:{_THING}){_END} |
    (?:put|get|add|include) (?:me|us)(?: (?:down|in|into|on|for|up)){{1,2}} {_AN}(?:{_THING}){_END} |
    (?:enrol?l?|register) (?:you|u|y'all)
""")
_LEFT = cues(rf"""
    (?:withdraw|withdrawing|withdrawal|remove|drop|quit|quitting|leave|leaving|exit|unsubscribe|opt
    |resign)(?: (?:me|us|my name|out|off|from|of))* {_AN}(?:{_THING}){_END} |
    (?:close|cancel|end|terminate) (?:my|our|the) (?:[a-z]{{2,14}} )?(?:phone|gas|water|bank|checking|savings|cable
    |credit
    |electric|store|club) (?:account|acct) |
    (?:take|get) (?:me|us|my name) (?:off|out)(?: (?:of|from))? {_AN}(?:{_THING}){_END}
""")
_CALLED_OFF = cues(rf"""
    (?:cancel|cancell?ing|cancellation of|stop|stopping|discontinue|terminate|end|close|void|pause|suspend|skip|postpone
    |call off|scrap) (?:{_OWN} )?{_LEADING}(?:{_THING}){_END}
""")
_ORDERED = cues(rf"""
    (?:{_THING}) (?:order|delivery)(?! of (?:stock|shares)) |
    orders?(?: (?:no\.?|number|#)? ?[\w-]{{0,12}}\d)?,? (?:for|of) {_LEADING}(?:{_THING}){_END} |
    orders?(?: (?:no\.?|number|#)? ?[\w-]{{0,12}}\d)?, the (?:[a-z]{{3,14}} )?(?:{_THING})(?=[.,;!?\n]|$) |
    orders? for (?:(?:one|two|three|four|five|six|a dozen|\d{{1,3}}) )(?:(?:small|medium|large|extra|new|blue|black
    |white
    |red|cases?|boxes|packs?|pairs?|bottles?|bags?|pounds?|units?) )(?:of )?[a-z]{{3,14}}
""")
_DEDUCTED = cues(rf"""
    (?:deductions?|payments?|debits?|drafts?|withdrawals?|charges?|auto-?pay)(?: [a-z]+)? (?:for|to|toward|of) {_OWN}[ ]
    (?:[a-z][\w-]{{0,14}} ){{0,2}}?(?:{_THING}){_END} |
    (?:{_THING}) (?:deductions?|debits?|drafts?|membership)
""")
_BY_INTENT = {
    "enroll": (_JOINED,),
    "withdraw": (_LEFT, _CALLED_OFF),
    "cancel_order": (_LEFT, _CALLED_OFF, _ORDERED),
    "recurring": (_CALLED_OFF, _DEDUCTED),
}
"""For each act, the ways in which a thing of another kind is its object."""
_VENDOR = cues(r"""
    (?:acknowledge\w*|thank you for|thanks for|confirm\w*|receipt of|regarding|re)(?: receipt of)? your (?:purchase[ ]
    )?order (?:no\.? |number |# ?)?\d\w* | ship(?:ping|ped)? date | back-?ordered | (?:terms:? )?net (?:10|15|30|45|60)
    | f\.?o\.?b\.? | our order desk | order entry | (?:has|have|will be|was|been) shipped | tracking number |
    your (?:order|package|shipment) (?:has|is|was|will) | should you wish to (?:cancel|order|buy) |
    our (?:catalog|price list|sales team|customer service|warehouse|customers)
""")
"""Words of a supplier to a customer."""

_OURS = (
    r"(?:A{1,2}[asrto]{3,6}m\w*|AASTROM|ASTM|Astm|DSPP|Plan|Program|Company|Common|Direct|Stock|Shares?|Purchase"
    r"|Biosciences?|Bio|Inc|Your?"
    r"|My|Mine|Our|The|This|That|Those|These|It|Them|All|Any|Each|Every|More|New|Us|US|USD|U\.S|I|We|Book"
    r"|Certificate|Record"
    r"|Whole|Registered|Investment|January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Jan"
    r"|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Next|Account|Acct|Street|Thank|Thanks|Please|Hundred|Thousand"
    r"|Dollars|Total"
    r"|At|On|In|For|To|From|By|And|Of|Ann|Michigan|Friday|Monday|Tuesday|Wednesday|Thursday)"
)
_NAMED = rf"(?-i:(?!{_OURS}(?![a-z]))[A-Z][a-z&]\w{{1,14}}|(?!{_OURS}(?![A-Za-z]))[A-Z]{{2,5}}(?![A-Za-z]))"
_WELL_KNOWN = (
    r"(?:apple|pfizer|amgen|microsoft|ford|gm|ge|ibm|intel|cisco|dell|oracle|enron|kmart|walmart|wal-mart|exxon|at&t"
    r"|lucent"
    r"|merck|upjohn|pharmacia|geron|osiris|genentech|genzyme|biogen|alliant|gerber|dte|edison|yahoo|ebay|amazon"
    r"|google|coke"
    r"|pepsi|disney|mcdonald'?s|boeing|chrysler|dow|dupont|motorola|nokia|verizon|home depot|target|starbucks|nike"
    r"|sears)"
)
_OTHER_STOCK = re.compile(
    rf"\b(?:sell|selling|unload|liquidate|dump|buy|buying|purchase|invest|put)\b[^.!?\n]{{0,60}}?"
    rf"(?:\d[\d,.]{{0,12}}|all|half|some|more|of|my|our|any)\s+(?:of\s+)?(?:my\s+|our\s+|the\s+)?(?:{_NAMED}"
    rf"|{_WELL_KNOWN})\s+"
    rf"(?:common\s+)?(?:shares?|shs|stock)\b"
    rf"|(?:shares?|shs|stock|worth|dollars|bucks|(?<!\d)\$\s?\d[\d,.]{{0,12}})\s+(?:of|in|into)\s+(?:my\s+|our\s+"
    rf"|the\s+)?"
    rf"(?:{_NAMED}(?!'s|\s+(?:stock|shares)\s+plan)|{_WELL_KNOWN}\b)",
    re.IGNORECASE,
)
"""Another company's stock, by its name."""
_SHOUTED = re.compile(r"[A-Z]{2,}[^a-z]{12,}")
"""Text in capitals, where none marks a name."""


def is_outside(text: str, intent: str) -> bool:
    """Whether what `intent` would be done to is named, and is none of ours."""
    if any(pattern.search(text) for pattern in _BY_INTENT.get(intent, ())):
        return True
    if _VENDOR.search(text):
        return True
    return intent in {"buy", "sell"} and bool(_OTHER_STOCK.search(_SHOUTED.sub(lambda m: m.group().lower(), text)))
