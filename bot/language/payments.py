"""How a purchase is to be paid: the plan's two ways as slots, every other way as a topic."""

from __future__ import annotations

import re

from bot.language.found import Found
from bot.language.text import after, before
from handlers.plan.orders import PaymentMethod

_CHECK = re.compile(r"(?<![\w-])(?:checks?|cheques?|ck|chk|cashier'?s (?:check|cheque))(?![\w-])", re.IGNORECASE)
_NOT_A_PAYMENT_AFTER = re.compile(
    r"\s+(?:on|with|into|to see|if|out|whether|back|book|balance|stub|the|that i|up on|in my mailbox|came"
    r"|for my shares|to (?:us|me)\b|here to|made out to (?:us|me)|comes|gets here|in to)\b|\s*box"
)
_NOT_A_PAYMENT_BEFORE = re.compile(
    r"\b(?:to|please|can you|will|would|could|voided?|double|void|sale|send me (?:the|a)|mail me (?:the|a)"
    r"|proceeds by|proceeds:|mail the|send the|cut the|cut a|wheat|pension|paid by|write out a"
    r"|forgetful about mailing|not|a wheat|"
    r"until the wheat|paycheck|rather than write out a|use the|gain the|what i|the last|your|first|sent me a"
    r"|the other)\s*$"
)
_AUTOMATIC = re.compile(
    r"\bauto(?:matic(?:ally)?|matic)?[- ]?(?:monthly |bank |investment |investing )?(?:deduct\w*|debit\w*"
    r"|draft\w*|withdraw\w*|pay\w*|drawn|draw|plan|investment|ach|thing|purchase|money|pull)\b"
    r"|\b(?:deduct|debit|draft|draw|drawn|pull|take|taken|took)\w*\b[^.!?;]{0,50}\bauto(?:matic(?:ally)?)?\b"
    r"|\b(?:automatic(?:ally)?|auto)\b[^.!?;]{0,30}\b(?:from|out of) (?:my|our|the) (?:bank|checking|savings"
    r"|account|credit union)"
    r"|\b(?:ach|a\.c\.h\.)\b(?:\s+(?:debit|transfer|pull))?|\b(?:bank|direct|electronic) (?:debit|draft"
    r"|deduction)\b|\bdebit (?:it|my (?:bank|checking|account)|the bank)\b|\b(?:\$\s?)?[\d,]{1,12} a month auto\b"
    r"|\bout of (?:my|our) (?:own )?checking\b|\bpull it (?:from|out of) my (?:bank|checking|credit union)\b",
    re.IGNORECASE,
)

TOPIC_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(pattern, re.IGNORECASE))
    for topic, pattern in (
        (
            "pay:third_party_check",
            (
                r"\b(?:third[- ]party|somebody else'?s|(?:my )?(?:son|daughter|wife|husband|mother|mom|dad|father"
                r"|brother|sister|friend|neighbou?r|boss|employer|company|client|nephew|niece|grandson|roommate)'?s?'s?"
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
                r"|hundred dollar bills) in\b"
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
        prefix = before(text, match.start(), 60)
        if not _NOT_A_PAYMENT_AFTER.match(after(text, match.end(), 30)) and not _NOT_A_PAYMENT_BEFORE.search(prefix):
            found.setdefault(PaymentMethod.CHECK, Found(PaymentMethod.CHECK, match.start(), match.end()))
    for match in _AUTOMATIC.finditer(text):
        if not _NOT_MEANT_BEFORE.search(before(text, match.start(), 40)):
            found.setdefault(
                PaymentMethod.AUTOMATIC_DEDUCTION, Found(PaymentMethod.AUTOMATIC_DEDUCTION, match.start(), match.end())
            )
            break
    return tuple(sorted(found.values(), key=lambda item: item.start))


def payment_topics(text: str) -> frozenset[str]:
    """Topics for every other way of paying that is offered: "pay:card", "pay:wire" and so on."""
    return frozenset(
        topic
        for topic, pattern in TOPIC_PATTERNS
        for match in pattern.finditer(text)
        if not _NOT_MEANT_BEFORE.search(before(text, match.start(), 30))
    )
