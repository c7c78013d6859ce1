"""Makes a request of an intent and a stretch of text: its slots, topics and cautions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.language.acts import ACTS
from bot.language.bearing import speaks_of
from bot.language.cautions import cautions
from bot.language.deductions import CHANGES
from bot.language.examples import ORDERS
from bot.language.figure_roles import is_surely_told
from bot.language.numbers import is_inexact
from bot.language.readings import Reading, Region
from bot.language.slots import slots_for
from bot.language.standing import has_order, is_ordered
from bot.language.text import cues
from bot.language.topics import holds_in_street_name, topics
from handlers.contract import Caution, Intent, Request, Slots, Span

ACTING = ORDERS
"""Intents that move something."""

MOVING = ("buy", "sell", "recurring", "withdraw", "cancel_order")
"""Those of them that are doubted where another of them is ordered but was not understood."""

WHOLE_MESSAGE = frozenset({Caution.DECEASED, Caution.THIRD_PARTY, Caution.CORRECTION})
"""Cautions that hold for every request of a message, wherever they are said."""

LETTER = 40
"""Words from which on a message tells more than it asks."""
_NAMED = {
    "buy": re.compile(r"\b(?:bu[yi]|bought|purchas|invest)", re.IGNORECASE),
    "sell": re.compile(r"\b(?:sell|sold|sale|liquidat|unload|dump|redeem)", re.IGNORECASE),
}
"""The plain words of a purchase and of a sale."""
_SELLS = cues("sell | liquidate | unload")
"""Verbs of a sale that nobody uses of a purchase."""

_UNDOING = cues(
    r"""
        (?:cancel|scrap|kill|void|cxl|revoke|rescind|undo|call off|take back|disregard|nix|shred)(?:led|ed
        |ing)?(?: [\w$,.'-]+){0,5} (?:orders?|purchase|buy|sale|sell|instruction|it) |
        withdr[ae]w(?:n|ing)?(?: (?:my|the|that|this|an?))?(?: [\w$,.'-]+){0,2} (?:orders?|purchase|instruction) |
        (?:don'?t|do not|please no|not) (?:\w+ )?(?:process|carry out|put (?:it|that) through|do (?:this|my|the
        |teh) (?:\w+ )?(?:order|buy|purchase|sale|sell)) |
        (?:stop|pull|hold)(?: my| the| that)?(?: \w+)? (?:buy|purchase|order|sale) | pulled out of |
        not (?:be )?carried out | stand(?:ing)? down (?:on|from) | struck (?:out|off) |
        changed my mind | make it stop | take (?:it|that|the sale) back | never ?mind
        """
)
_DEDUCTING = cues(
    r"""
        (?:come|go|bring|brought|drop|cut|raise|lower)\w*(?: it| that| mine)? (?:down|up|back) to |
        (?:bring|brought|drop|cut|raise|lower)\w* (?:it|that|mine) to |
        (?:gets?|is|being) (?:pulled|drawn|debited|deducted|taken) |
        (?:my|our|the|monthly|standing|regular) deductions?(?! from) | deductions? (?:to|of) |
        (?:standing|recurring|regular|automatic|repeating) (?:purchases?|buys?|investments?|contributions?) |
        (?:bank|monthly|auto\w*) drafts? | (?:each|every) (?:time|batch) | (?:a|each|every|per) month(?!'s) |
        monthly(?! (?:allowance|allotment|maximum|max|limit|ceiling|sale|batch))
        """
)
"""Words of the monthly deduction; beside a purchase they leave open which is meant."""
_ASKING = re.compile(
    r"(?<![\w'])(?:can|could|would|will|may|might|if|is|are|am|does|do|did|(?:what|how|when|where|who)(?:'s|s)?|why"
    r"|which"
    r"|should)(?![\w'])",
    re.IGNORECASE,
)
_OPENS_A_QUESTION = re.compile(
    r"(?:hi|hello|so|and|but|ok|also|well|quick q\w*)?[\s,-]*(?:(?:can|could|may|might|does|is|are|am|what if|how|when"
    r"|if) (?:i|we|it|a|one|there|the|my|somebody|someone|anyone)"
    r"|do (?:i|we|there|somebody|someone|anyone)|what(?:'?s)? (?:a|one|there|the|my))\b",
    re.IGNORECASE,
)
_POLITE = cues(
    r"""
        (?:can|could|would|will|cud|can't|couldn't|won't|wouldn't) (?:you|u|ya|somebody|someone|ya'?ll) | please |
        pls | plz | kindly | would you | ok\? | if you (?:would|could) | would it be (?:too much|any) trouble |
        would it trouble you |
        how about (?:you|taking) | possible to (?:undo|cancel|stop) | what (?:i|we)(?: do)? (?:need|want) |
        where do i send | i'?d like | i want
        """
)
_ONLY_ONCE = cues(r"""
    (?:just|only) (?:this )?once | just this (?:one|1) time | one[- ]time | one[- ]off | this (?:one|1) time |
    a single (?:purchase|time)
""")
"""Words of a purchase that is not to be made each month."""
_REGULARLY = cues(r"""
    (?:every|each|per|ev|evry|ea) ?(?:single )?(?:other )?(?:month|mo|mnth|week|quarter|payday|pay ?check|time|one|year
    |fortnight|purchase|(?:two|three) (?:weeks|months)) | all the months |
    an? (?:month|mo|mth|week|quarter)(?! ago) | month (?:to|by|in|after) month |
    monthly(?! (?:allowance|maximum|max|limit|ceiling|sale|batch|purchase date)) | (?:the )?month's |
    \d[\d,.]* ?/ ?mo(?:nth)? | deductions? | debits | the debit | drafts? | draw | recurring | repeating | standing |
    regular\w* | automatic\w* | auto[- ]?(?:buy|purchase|pay|debit|deduct|draft|invest|plan|thing)\w* | habit |
    arrangement | ongoing | periodic\w* | biweekly | weekly | quarterly | twice a month | withdrawals |
    contributions? | installments? | resume | restart | reinstate | from now on | until (?:i|further|told) |
    (?:raise|lower|increase|reduce|bump|cut|change|keep|drop|bring|go|up|down)(?: [\w'$,.]+){0,6}? (?:to|at|from|by
    |instead) | the (?:same|usual) (?:day|date) |
    (?:you|gets?|is|being) (?:now )?(?:take|taking|pull|pulling|draw|drawing|pulled|drawn|taken|debited|deducted) |
    (?:start|begin)(?:s|ing)? (?:in|with|from|on|next|this)
""")
"""Words of what is done again and again, or of what stands; a sum without them may be meant for one purchase."""
STATEMENT = re.compile(r"[^.!?\n]+(?:[.!?]+|\n|$)")
"""A sentence or a line of its own."""


def request_for(
    intent: str,
    reading: Reading,
    confidence: float,
    regions: Sequence[Region] | None = None,
    *,
    is_near: bool = False,
    is_surely_ended: bool = False,
) -> Request:
    """The request for `intent` that `regions` of the text (all of it if None) make.

    Slots and topics belong to the regions; who it is about belongs to the
    whole message. With `is_near` only those cautions are taken whose cues stand
    near the order, and the standing of its verb is not looked at;
    `cautions_everywhere` names all of them. With `is_surely_ended` a deduction
    is to be stopped where no table of words says what becomes of it.
    """
    text = reading.text if regions is None else "\n".join(reading.text[region.start : region.end] for region in regions)
    slots, spans = slots_for(intent, reading, regions)
    if regions is not None:
        slots = _with_account(intent, reading, slots)
    said = text if regions is None else _whole_sentences(reading.text, regions)
    sizes = [span.start for span in spans if span.slot in {"amount_usd", "shares"}]
    near = _near_the_order(said, intent, [reading.text[at : at + 12] for at in sizes]) if is_near else said
    found = cautions(near, intent) | (cautions(reading.text, intent) & WHOLE_MESSAGE)
    if intent in ACTING and (is_only_asked(said, intent) or not (is_near or is_ordered(said, intent))):
        found |= {Caution.HYPOTHETICAL}
    if intent in MOVING and any(
        is_inexact(reading.text, start) or is_surely_told(reading.roles, start) for start in sizes
    ):
        found |= {Caution.DISAGREEMENT}
    if intent in {"buy", "sell"} and (_UNDOING.search(near) or _is_the_other_way(said, intent)):
        found |= {Caution.DISAGREEMENT}
    monthly = bool(slots.amounts) and bool({"monthly"} & set(slots.frequencies) or slots.payment_methods)
    subjects = topics(text, intent, has_monthly_amount=monthly)
    if intent in {"enroll", "buy", "sell"} and holds_in_street_name(reading.text):
        subjects |= {"street_name"}
    if intent == "recurring":
        if is_surely_ended and not (subjects & CHANGES or slots.amounts or slots.days_of_month):
            subjects |= {"stop"}
        slots, spans = _of_the_change(slots, spans, subjects)
    if intent == "buy" and _is_of_the_deduction(said, slots) and "once" not in slots.frequencies:
        found |= {Caution.DISAGREEMENT}
    if intent == "recurring" and slots.amounts and (_ONLY_ONCE.search(said) or not _REGULARLY.search(reading.text)):
        found |= {Caution.DISAGREEMENT}
    return Request(
        intent=Intent(intent),
        slots=slots,
        topics=subjects,
        cautions=found,
        confidence=Decimal(f"{confidence:.4f}"),
        spans=spans,
    )


def cautions_everywhere(request: Request, text: str) -> frozenset[Caution]:
    """The cautions of a whole message's only request, also those whose cues stand far from the order."""
    intent = str(request.intent)
    found = request.cautions | cautions(text, intent)
    if intent in ACTING and not is_ordered(text, intent):
        found |= {Caution.HYPOTHETICAL}
    if intent in {"buy", "sell"} and _UNDOING.search(text):
        found |= {Caution.DISAGREEMENT}
    return found


def _of_the_change(slots: Slots, spans: tuple[Span, ...], subjects: frozenset[str]) -> tuple[Slots, tuple[Span, ...]]:
    """Without what only names the deduction that stands.

    A start needs all; a change keeps how often, but not that it is automatic; a
    stop, pause or resumption as it was needs neither.
    """
    if "start" in subjects or ("resume" in subjects and slots.amounts):
        return slots, spans
    if "change" in subjects:
        return replace(slots, payment_methods=()), tuple(span for span in spans if span.slot != "payment_method")
    kept = tuple(span for span in spans if span.slot not in {"payment_method", "frequency"})
    return replace(slots, payment_methods=(), frequencies=()), kept


def _is_the_other_way(text: str, intent: str) -> bool:
    """Whether the text orders a sale where a purchase was understood, or a purchase where a sale was."""
    other = "sell" if intent == "buy" else "buy"
    is_other = has_order(text, other) or (intent == "buy" and bool(_SELLS.search(text)))
    return is_other and not _NAMED[intent].search(text)


def _near_the_order(text: str, intent: str, sizes: Sequence[str]) -> str:
    """Of a long text the sentences that speak of `intent` or name its size, those beside them, and the last two.

    A letter tells of much; where the heads are sure that it orders something,
    what is said far from the order takes nothing from it. A postscript may.
    """
    sentences = [match.group() for match in STATEMENT.finditer(text)]
    if len(text.split()) <= LETTER:
        return text
    at = {
        number
        for number, sentence in enumerate(sentences)
        if speaks_of(sentence, intent) or any(size in sentence for size in sizes)
    }
    kept = {near for number in at for near in (number - 1, number, number + 1)} | {
        len(sentences) - 2,
        len(sentences) - 1,
    }
    return "".join(sentence for number, sentence in enumerate(sentences) if number in kept) if at else text


def _is_of_the_deduction(text: str, slots: Slots) -> bool:
    """Whether a purchase is spoken of as what is bought month by month."""
    if "monthly" in slots.frequencies:
        return True
    said = [match.group() for match in STATEMENT.finditer(text) if speaks_of(match.group(), "buy")]
    return any(_DEDUCTING.search(sentence) for sentence in said or [text])


def _whole_sentences(text: str, regions: Sequence[Region]) -> str:
    """The sentences that `regions` lie in: a condition or a question mark may stand beside the request's own words."""
    found = []
    for match in STATEMENT.finditer(text):
        if any(match.start() < region.end and region.start < match.end() for region in regions):
            found.append(match.group())
    return "".join(found)


def _with_account(intent: str, reading: Reading, slots: Slots) -> Slots:
    """`slots` with the only account the message names, where the request's own part names none."""
    if slots.accounts:
        return slots
    named = slots_for(intent, reading)[0].accounts
    return replace(slots, accounts=named) if len(named) == 1 else slots


def is_only_asked(text: str, intent: str) -> bool:
    """Whether the act stands only in questions that are no polite orders: "can I sell 500?"."""
    if intent not in ACTS:
        return False
    asked = False
    for match in STATEMENT.finditer(text):
        sentence = match.group().strip()
        if not speaks_of(sentence, intent):
            continue
        is_question = (sentence.endswith("?") and bool(_ASKING.search(sentence))) or bool(
            _OPENS_A_QUESTION.match(sentence)
        )
        if not is_question or _POLITE.search(sentence):
            return False
        asked = True
    return asked


def is_borne_out(intent: str, reading: Reading, slots: Slots) -> bool:
    """Whether the text itself, and not the classifier alone, says that `intent` is asked for."""
    if speaks_of(reading.text, intent):
        return True
    if intent == "buy":
        return bool(slots.amounts) and bool(
            re.search(r"\b(?:purchase|buy|buying|stock|shares|invest\w*|plan|aastrom)\b", reading.text, re.IGNORECASE)
        )
    return intent not in ACTING
