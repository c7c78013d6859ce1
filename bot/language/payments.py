"""How a purchase is to be paid: the plan's two ways as slots, every other way as a topic."""

from __future__ import annotations

import re

from bot.language.found import Found
from bot.language.text import after, before
from handlers.plan.orders import PaymentMethod

_CHECK = re.compile(
    r"(?<![\w-])(?:checks?|cheques?|cheks?|checque|ck|chk|cashier'?s (?:check|cheque))(?![\w-])", re.IGNORECASE
)
_NOT_A_PAYMENT_AFTER = re.compile(
    r"\s+(?:to see|if|whether|back|book|balance|stub|the|that i|up on|in my mailbox|came|cleared|bounced|is deposited"
    r"|for my shares|to (?:us|me)\b|here to|made out to (?:us|me)\b|comes|gets here|in to|(?:may|can|should"
    r"|will) (?:come|go) to"
    r"|bores?)\b|\s*box"
)
_AFTER_A_VERB = re.compile(r"\s+(?:on(?! (?:its|it's|the|their) way)|with|into|out)\b")
_A_CHECK_BEFORE = re.compile(
    r"\b(?:an?|my|our|the|his|her|this|one|personal|bank|cashier'?s|by|enclosed|own|popping a|\w+'s)\s*$"
)
"""Words after which "check on", "check with" are a check and no act of checking."""
_NOT_A_PAYMENT_BEFORE = re.compile(
    r"\b(?:to|please|can you|will|would|could|voided?|double|void|sale|send me (?:the|a)|mail me (?:the|a)"
    r"|proceeds by|proceeds:|mail the|send the|cut the|cut a|wheat|pension|county|milk|harvest|corn|beet|beans?|crop"
    r"|grain"
    r"|cattle|cotton|pay|salary|royalty|commission|bonus|insurance|disability|retirement|unemployment|lease|rent|ot"
    r"|overtime"
    r"|settlement|ssi|stimulus|government|payroll|paid by|write out a"
    r"|forgetful about mailing|not|a wheat|security|tax|rebate|severance|dividend|writing|expecting my"
    r"|always sent|have sent|(?:get|receive|got|received) my"
    r"|i'?ve sent|used to send|no more|"
    r"until the wheat|paycheck|rather than write out a|use the|gain the|what i|the last|your|first|sent me a"
    r"|(?:lost|cashed|returned) my(?: \$?[\d,.]+)?|until now i'?ve been mailing you a|went in with a|customary"
    r"|the other)\s*$|\[\s*\]\s*$"
)
_DEDUCTED = (
    r"(?:deduct(?!ib)|deducsh|debit|draft|draw|drawn|drew|pull|withdraw|withdrew|take|taken|taking|took|come|comes|help"
    r" yoursel)"
)
_BANK = r"(?:bank|checking|savings|credit union|account|demand deposit|s\s?&\s?l)"
_AUTOMATIC = re.compile(
    r"\bauto(?:matic(?:ally)?|matic)?[- ]?(?:monthly |bank |investment |investing )?(?:deduct\w*|debit\w*"
    r"|draft\w*|withdraw\w*|pay\w*|drawn|draw|plan|investment|ach|thing|purchase|money|pull)\b"
    rf"|\b{_DEDUCTED}\w*\b[^.!?;]{{0,50}}\bauto(?:matic(?:ally)?)?\b"
    rf"|\b(?:automatic(?:ally)?|auto)\b[^.!?;]{{0,30}}\b(?:from|out of) (?:my|our|the) {_BANK}"
    r"|\b(?:ach|a\.c\.h\.)\b(?:\s+(?:debit|transfer|pull))?|\b(?:bank|direct|electronic) (?:debit|draft"
    rf"|deduction)\b|\bdebit (?:it|my|our|the|me)\b(?! card)|\b(?:\$\s?)?[\d,]{{1,12}} a month auto\b"
    rf"|\b{_DEDUCTED}\w*\b(?:[^.!?;]|\.\d){{0,60}}?\b(?:from|out\s?of|outta|to (?=h(?:er|is) bank)) (?:(?:my|our"
    rf"|his|her|the|a) )?"
    rf"(?:(?!check\b|plan\b|dspp\b|broker)[\w']+ ){{0,3}}?{_BANK}\b(?! of)"
    rf"|\bfrom (?:my|our) (?:own )?(?:[\w']+ )?(?:bank|checking|savings|credit union)\b[^.!?;]{{0,40}}\b(?:take"
    rf"|draw|debit)"
    r"|\bout of (?:my|our) (?:own )?checking\b|\bdebit (?=[a-z]+ (?:federal|union|bank))"
    rf"|\bdraft (?:my|our) (?:\w+ ){{0,2}}?{_BANK}\b"
    rf"|\b{_DEDUCTED}\w*\b(?:[^.!?;]|\.\d){{0,60}}?\b(?:off(?: of)?|against|on) (?:my|our|his|her"
    rf"|the) (?:[\w']+ ){{0,3}}?{_BANK}\b"
    rf"|\bcharge (?:it (?:to|against) |to )?(?:my|our|the) (?:(?!card\b)[\w']+ ){{0,3}}?{_BANK}\b"
    r"|\b(?:by|via|through|with|is|as|use|using|do|please|and|may|can|could|to|you|u|just|then|then,|the|a|an|bank,"
    r"|it,|me,)"
    r"[ ]debit(?:ed|ing)?\b(?!-?\s?cards?)(?! (?:hit|came|went|was|did|for my))"
    r"|(?:^|[.,;:!?\n]\s*)debit\b(?!-?\s?cards?)",
    re.IGNORECASE,
)
_FROM_A_BANK = re.compile(
    r"\b(?:from|out of|off|off of|outta) (?:(?:my|our|the) )(?:(?!plan\b|check\b)[\w']+ ){0,3}?"
    r"(?:bank|checking|savings|credit union)\b(?! (?:statement|book|said|says))|\bfrom:? (?:my |our )?(?:bank"
    r"|checking|savings)\b",
    re.IGNORECASE,
)
"""Where the money lies; how it is to be paid only if no check is spoken of."""
_CHECK_ON_BEFORE = re.compile(r"\b(?:checks?|cheques?|ck),?\s+(?:is |was |will be |to be )?$")
"""Before what a check is drawn on."""
_TAKEN_OUT_BEFORE = re.compile(
    r"\b(?:transferred|moved|withdrew|took|pulled|closed|letter|wrote|call\w*|heard|loan|borrow\w*|interest|notice"
    r"|form)\b"
    r"[^.!?;]{0,40}$"
)
_DEDUCTION = re.compile(
    r"\b(?:deduct(?!ib)\w*|deducsh\w*|debit(?:s|ed|ing)?|draft(?:s|ed|ing)?|auto\w*|withdrawals?)\b(?! card)"
    r"|\b(?:from|out\s?of|outta|on) (?:(?:my|our|his|her|the|a) )?(?:(?!check\b|plan\b)[\w']+ ){0,3}?"
    r"(?:bank|checking|savings|credit union)\b|\b(?:from|out of) (?:my|our) (?:(?!plan\b)\w+ )?account\b"
    r"|\b(?:my|our) (?:(?!plan\b|check\b)[\w']+ ){0,2}?(?:bank|checking|savings|credit union)\b",
    re.IGNORECASE,
)
"""Words of a deduction, where one is asked for and not only spoken of."""
_ENDED_BEFORE = re.compile(
    r"\b(?:stop|stopping|suspend|pause|pausing|cancel|end|halt|quit|skip|discontinue|through with|instead of"
    r"|no more|not|blank"
    r"|forms? for)\s+(?:[\w']+\s+){0,3}?$"
)
_STOPPED_BEFORE = re.compile(
    r"\b(?:stop|end|cancel|drop|kill|quit|terminate|discontinue)(?:ping|ing)? (?:the|my|our|that|this|any)"
    r"(?: [\w'$,.]+){0,3} $"
)
"""Before a deduction that is to go: it pays for nothing."""
_BY_CHECK_BEFORE = re.compile(r"\b(?:by|with|send(?:ing)?|mail(?:ing)?)\s+(?:you\s+)?(?:a\s+|my\s+)?(?:personal\s+)?$")
_EACH_AFTER = re.compile(r"\s+(?:for \S+ )?(?:each|every|a|per) (?:month|time)\b|\s+monthly\b")

TOPIC_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(pattern, re.IGNORECASE))
    for topic, pattern in (
        (
            "pay:third_party_check",
            (
                r"\b(?:third[- ]party|somebody else'?s|(?:my )?(?:son|daughter|wife|husband|mother|mom|dad|father"
                r"|brother|sister|friend|neighbou?r|boss|employer|company|client|nephew|niece|grandson|roommate|uncle"
                r"|aunt|cousin|grand(?:ma|pa|mother|father))(?: (?-i:[A-Z])[a-z]+)?'?s?'s?"
                r"|my (?:boss|company|business|employer)'?s?|endorsed|signed over|office trust"
                r"|made out to me) (?:own )?(?:check|cheque)\b|\b(?:check|cheque) (?:is )?(?:made out to me"
                r"|from my (?:son|daughter|wife|husband|mother|mom|dad|father|brother|sister|friend|boss|employer"
                r"|company|client|neighbou?r)|drawn on my (?:son|daughter|mother|friend|boss)'?s)"
            ),
        ),
        (
            "pay:foreign_check",
            (
                r"\b(?:canadian|foreign|english|british|german|euro|mexican|swiss|toronto|london"
                r"|non-?u\.?s\.?)\b(?:\s+(?:bank|dollar|currency|dollars|bank's))?\s+(?:check|cheque|draft)\b"
                r"|\b(?:check|cheque|draft)\b[^.!?]{0,40}\b(?:canadian|foreign|royal bank of canada|toronto|british"
                r"|swiss|in euros?|in pounds|on a bank (?:in|abroad))\b"
            ),
        ),
        (
            "pay:card",
            (
                r"\b(?:credit|debit|charge|bank|gift|prepaid)[- ]?cards?\b|\b(?:my|our|by|with|a|the|to|on|via|use"
                r"|using|wife's)\s+(?:visa|mastercard|master card|amex|american express|discover|diners|plastic)\b"
                r"|\bvisa\b|\bmastercard\b|\bamex\b|\bdiscover card\b|\bput it on (?:my|the) card\b"
            ),
        ),
        (
            "pay:wire",
            (
                r"\b(?:wire|wired|wiring|wires)\b(?!\s*tap)|\bbank transfer\b|\bfedwire\b|\bswift\b(?=\s+(?:code"
                r"|transfer))"
            ),
        ),
        ("pay:paypal", r"\bpay\s?pal\b"),
        (
            "pay:cash",
            (
                r"\b(?:in|with|pay|by|send|mail|bring|the) (?:you )?(?:cash|bills)\b(?! (?:position|out|balance|in\b"
                r"|left))|\bcash (?:in|by|through) (?:the mail|an envelope|mail|person)\b|\b(?:twenties"
                r"|hundred dollar bills) in\b|\bin (?:small )?(?:bills|twenties|tens|fifties|hundreds)\b"
                r"|\d\s+(?:dollars |bucks )?(?:in )?cash\b(?! (?:out|in\b|position|balance|left))"
            ),
        ),
        ("pay:money_order", r"\bmoney[- ]?orders?\b|\bpostal orders?\b"),
        ("pay:crypto", r"\b(?:bitcoins?|btc|crypto(?:currency)?|ethereum|eth|usdt|stablecoins?|dogecoin)\b"),
        ("pay:zelle", r"\bzelle\b"),
        (
            "pay:venmo",
            r"\bvenmo\b|\bcash ?app\b|\bapple pay\b|\bgoogle pay\b|\bwestern union\b|\bmoney ?gram\b|\be-?gold\b",
        ),
    )
)
"""Ways to pay that the plan does not know, or that a person must look at."""

_NOT_MEANT_BEFORE = re.compile(
    r"\b(?:not|no|instead of|rather than|sorry, not|isn't|without)\s+(?:an?\s+|by\s+|my\s+|the\s+)?$"
)


def payment_methods(text: str) -> tuple[Found[PaymentMethod], ...]:
    """Check and automatic deduction where they are to pay for a purchase, each once, in order of appearance."""
    found: dict[PaymentMethod, Found[PaymentMethod]] = {}
    for match in _CHECK.finditer(text):
        if _is_payment(text, match):
            found.setdefault(PaymentMethod.CHECK, Found(PaymentMethod.CHECK, match.start(), match.end()))
    for match in _AUTOMATIC.finditer(text):
        prefix = before(text, match.start(), 40)
        if (
            not _NOT_MEANT_BEFORE.search(prefix)
            and not _ENDED_BEFORE.search(prefix)
            and not _CHECK_ON_BEFORE.search(prefix)
            and not prefix.rstrip().endswith("]")
        ):
            found.setdefault(
                PaymentMethod.AUTOMATIC_DEDUCTION, Found(PaymentMethod.AUTOMATIC_DEDUCTION, match.start(), match.end())
            )
            break
    if not found and not _CHECK.search(text):
        for match in _FROM_A_BANK.finditer(text):
            if not _TAKEN_OUT_BEFORE.search(before(text, match.start(), 60)):
                method = PaymentMethod.AUTOMATIC_DEDUCTION
                found[method] = Found(method, match.start(), match.end())
                break
    return tuple(sorted(found.values(), key=lambda item: item.start))


def deduction_methods(text: str) -> tuple[Found[PaymentMethod], ...]:
    """The same for a monthly deduction that is asked for: a check only where it is to come every month."""
    found: list[Found[PaymentMethod]] = []
    for match in _CHECK.finditer(text):
        is_regular = _BY_CHECK_BEFORE.search(before(text, match.start(), 40)) and _EACH_AFTER.match(
            after(text, match.end(), 30)
        )
        if is_regular and _is_payment(text, match):
            found.append(Found(PaymentMethod.CHECK, match.start(), match.end()))
            break
    for match in _DEDUCTION.finditer(text):
        prefix = before(text, match.start(), 40)
        if not _NOT_MEANT_BEFORE.search(prefix) and not _STOPPED_BEFORE.search(prefix):
            found.append(Found(PaymentMethod.AUTOMATIC_DEDUCTION, match.start(), match.end()))
            break
    return tuple(sorted(found, key=lambda item: item.start))


def _is_payment(text: str, match: re.Match[str]) -> bool:
    prefix, suffix = before(text, match.start(), 60), after(text, match.end(), 30)
    if _NOT_A_PAYMENT_AFTER.match(suffix) or _NOT_A_PAYMENT_BEFORE.search(prefix):
        return False
    return not _AFTER_A_VERB.match(suffix) or bool(_A_CHECK_BEFORE.search(prefix))


def payment_topics(text: str) -> frozenset[str]:
    """Topics for every other way of paying that is offered: "pay:card", "pay:wire" and so on."""
    return frozenset(
        topic
        for topic, pattern in TOPIC_PATTERNS
        for match in pattern.finditer(text)
        if not _NOT_MEANT_BEFORE.search(before(text, match.start(), 30))
    )
