"""Why a request, though understood, must not be carried out as it stands: one small table of cues per caution.

Each function takes plain live text and answers for one caution. They err on
the safe side: a caution too many costs the sender a question, one too few
could move somebody's money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.language.acts import has_act
from bot.language.conditions import SENTENCE, hangs_on_something_else, is_conditional
from bot.language.disagreements import disagrees
from bot.language.other_people import concerns_a_death, is_for_a_third_party
from bot.language.outside_matters import is_outside
from bot.language.postponements import is_a_specimen, may_be_done_already
from bot.language.retractions import is_answered_no, is_taken_back
from bot.language.standing import has_order
from bot.language.text import cues
from handlers.contract import Caution

# ---------------------------------------------------------------- negation

_VERBS: Mapping[str, str] = {
    "buy": r"(?:buy|purchase|invest|order|put|place|process|do|enter|act)\w*",
    "sell": r"(?:sell|liquidate|dump|unload|touch|place|process)\w*",
    "recurring": r"(?:start|begin|set up|stop|change|take|deduct|debit|draw|pause|raise|lower)\w*",
    "withdraw": r"(?:close|leav|withdraw|terminat|end|quit|cancel|drop|remov|enroll|unenroll)\w*",
    "cancel_order": r"(?:cancel|withdraw|revok|stop|void)\w*",
    "enroll": r"(?:enroll|enrol|sign|join)\w*",
    "update_account": r"(?:change|update|chang|mov)\w*",
}
_NOT = (
    r"(?:do not|don'?t|dont|never|please not|not|no longer want to|would not|wouldn'?t|won'?t|cannot|not to"
    r"|didn'?t want to|don'?t want to|do not want to|don'?t want you to|stop trying to|refuse to|neither|without"
    r"|anything but|no want(?: to)?)"
)
_NEGATED: Mapping[str, re.Pattern[str]] = {
    intent: re.compile(
        (
            rf"(?<!\w){_NOT}\s+(?:(?:please|ever|yet|want|to|you|any|going|be|planning|asking|wish|mean|have|me|us"
            rf"|actually|really|intend|looking)\s+)*{verbs}(?!\w)"
        ),
        re.IGNORECASE,
    )
    for intent, verbs in _VERBS.items()
}
_NOT_NEGATION: Mapping[str, re.Pattern[str]] = {
    "buy": cues(r"""
        (?<=why )(?:don'?t|dont) | never done | don'?t (?:put|do) (?:\w+ )?(?:monthly|every) |
        not (?:going to )?(?:place|process) | not put in writing
    """),
    "sell": cues(r"""
        not sell(?:ing)? (?:the )?(?:rest|other half|remaining|whole thing|all) |
        (?:do not|don'?t|dont) sell (?:more|the (?:rest|others?|remaining)|all|any more|it all|everything)
    """),
    "recurring": cues(r"""
        can'?t \w+ | not put in |
        (?:do not|don'?t|dont|never|not)(?: you)?(?: ever)? (?:take|draw|deduct|debit|pull)(?: out)? (?:me )?(?:another
        |any
        |one more|an? (?:cent|penny|dime|nickel)|anything|a single|no more)
    """),
    "withdraw": cues(r"""
        not (?:a )?(?:pause|sell\w*) | not (?:any more|anymore) | don'?t (?:sell|drop me a line) |
        not end(?:ing)? up | without (?:closing)? cost | not cancel(?:ling)? (?:my|the) order
    """),
}  # fmt: skip


_NO_TERMINATION = cues(r"""
    (?:nothing|not|never)(?: \w+){0,8} (?:a|as) (?:termination|withdrawal|resignation) |
    stay(?:ing)? in the (?:plan|program) | not the plan |
    (?:don'?t|dont|do not|never)(?: please)? (?:kick|throw|toss|boot|take|drop|put) (?:me|us) (?:out|off)
""")


_DENIED_CHANGE = cues(r"""
    (?:do not|don'?t|dont|not|neither|nor|never|no)(?: \w+){0,3}? (?:to )?(?:start|begin|stop|pause|end|quit|cancel|skip
    |suspend|change|raise|lower|turn)\w*(?: (?:it|them|my|the|our|anything|everything|deductions?|debits?|drafts?))*
""")
"""What is not to be done with the deduction; beside it something else may be ordered: "not stopping, raise it"."""


def is_negated(text: str, intent: str) -> bool:
    """Whether the text says not to do what `intent` would do."""
    pattern = _NEGATED.get(intent)
    if pattern is None:
        return False
    allowed = _NOT_NEGATION.get(intent)
    if intent == "withdraw" and _NO_TERMINATION.search(text):
        return True
    found = [match for match in pattern.finditer(text) if not (allowed and allowed.match(text, match.start()))]
    if intent == "recurring" and found:
        return not has_order(_DENIED_CHANGE.sub(" ", text), intent)
    return bool(found)


# ---------------------------------------------------- supposing and telling

_SUPPOSING = cues(r"""
    (?<!as )if (?:i|we|one|somebody|someone|a (?:person|fella?|fellow|guy|man|woman|holder|body)|he|she
    |they)(?:'d| had| were| was| would| only| ever| started| sold| bought
    | wanted| sent| put| invested| decided| mailed| did| could| should| joined| quit| left)(?: \w+)? |
    what if | what would happen | what happens (?:if|when|to) | suppos(?:e|ing) | hypothetic\w+ | in theory |
    theoretically | let'?s say(?! \$?\d) | say (?:the stock|somebody|it closed) | (?<!can )imagine |
    just (?:curious|wondering|asking|a question|checking) | only (?:asking(?! for (?:one|this))|inquiring|curious
    |wondering) |
    not (?:doing|selling|sending|buying|asking|planning|ready|instructing|ordering|signing) (?:it|anything|to
    |you|any|yet|that)(?: \w+)? | not asking for (?:it|that|this|any|the|you|an? (?:sale|purchase|order|change)) |
    no order in | (?:haven'?t|have not|not) (?:yet )?(?:decided|made up) |
    could see (?:doing|myself) | want the rules only | before i (?:decide|commit|do anything|sign) |
    please do neither | curious,? not | would it be (?:possible|okay|ok|wise|smart|better) |
    i wish i (?:could|had) | would have (?:bought|sold|invested) | i'?d consider |
    (?:could|can|may|would|might) (?:a|some|any) ?(?:guy|person|fella|fellow|man|woman|one|body|holder
    |shareholder)(?! (?:please |kindly )?\w+ (?:me|my|us|our)) |
    (?:is|would) (?:that|this|it) (?:be )?(?:not )?(?:allowed|permitted|possible(?! to (?:undo|cancel|stop))|legal
    |against) | or is that |
    don'?t bank on it | draft for now | don'?t act on it
""")
_WAVERING = cues(r"""
    (?:thinking|toying) (?:of|about|with) | (?:i|we|i'm|im|am|are|we're) (?:just |only )?consider(?:ing)? |
    might (?:go ahead|want|like|decide|be|sell|buy|invest|need|possibly) | may (?:want|decide|need|possibly) to |
    maybe (?:i|we|sell|buy|next|someday|later) | perhaps (?:i|we|sell|buy) | some ?day | one of these days |
    in the future | down the road | sometime | i (?:think|guess)(?=[.,!?]|$) | mark my words | probably |
    eventually | half a mind | for example | tempted
""")
"""Words that suppose only where they stand beside the act."""
_ORDERING = re.compile(
    r"(?<![\w'])(?:please|pls|plz|plse|kindly|want|need|would like|i'd like|like to|wish|we'd like|go ahead"
    r"|ready to|put me|sign me|count me|take me|get me|give me|use it|direct|instruct\w*|authori[sz]e|request"
    r"|i'll take|i elect|hereby|can you|could you|can u|could u|will you|would you|"
    r"cancel|stop|sell|buy|purchase|invest|close|end|terminate|drop|remove|raise|lower|reduce|pause|start"
    r"|change|switch|update|enroll|skip|quit|quitting|resign|make it|make that|done with|done w|leaving|i'm out"
    r"|im out|unenroll|opt|liquidate|unload|debit|deduct|take|use|apply|enter|charge|leave|"
    r"turn|bring|up|set|withdraw|kill|scrap|void|strike|pull|call off|undo|be so good|be pleased|let me|send"
    r"|buying|in for|down for|more stock|worth|one time|redeem|dump|get rid|move|my decision|fix|resume|put"
    r"|hold|suspend|discontinue|cease|establish|begin|wants?|must|have to|should be|"
    r"my new|new (?:address|phone|cell|email|bank|number)|address (?:is|becomes)|we've moved|i've moved|i moved"
    r"|we moved|number is)(?![\w])",
    re.IGNORECASE,
)
_TOLD = cues(r"""
    (?:last (?:month|week|year|spring|summer|fall|winter)|yesterday|years? ago|months? ago|weeks? ago|in (?:19
    |20)\d\d|back in \w+|once upon|that was in \w+|previously)(?:,| )(?:i|we|you)? |
    i (?:sold|bought|invested|cancelled|canceled|closed|purchased|ordered) |
    we (?:sold|bought|invested|cancelled|canceled|closed|purchased) |
    you (?:sold|bought|took|paused|charged|cancelled|closed)
""")


def is_hypothetical(text: str, intent: str) -> bool:
    """Whether it supposes instead of asking: plainly anywhere, or by a "maybe" in the act's own sentence."""
    if _SUPPOSING.search(text) or is_a_specimen(text, intent):
        return True
    return any(has_act(match.group(), intent) for match in SENTENCE.finditer(text) if _WAVERING.search(match.group()))


_REPORTED = cues(r"""
    (?:told|asked|instructed|ordered) (?:you|u|your \w+|them|him|her)(?: people)? (?:to|not to) |
    (?:you|u) never (?:did|bought|sold) | who'?s paying me
""")


_CANCELLED_THEN = re.compile(
    r"\b(?:i|we)\b[^.!?\n]{0,120}?\bcancell?ed (?:the|my|our|an?|that) (?:\w+ )?(?:order|purchase|sale)\b",
    re.IGNORECASE,
)


def is_past(text: str, intent: str) -> bool:
    """Whether it only tells of what was done before: past deeds and not one word of ordering, or an order reported."""
    if _REPORTED.search(text):
        return True
    if intent == "cancel_order" and _CANCELLED_THEN.search(text) and not has_order(text, intent):
        return True
    return bool(_TOLD.search(text)) and not _ORDERING.search(text)


# ------------------------------------------------------------- corrections

_EARLIER_ORDER = cues(r"""
    (?:yesterday|last (?:week|night|month|\w+day)|earlier|this morning|on (?:mon|tues|wednes|thurs|fri|satur
    |sun)day|the other day|previously|before)(?:,? (?:i|we))(?: \w+){0,2} (?:wrote|sent|mailed|ordered|asked
    |said|e-?mailed|put|told|gave|requested|emailed|placed) |
    (?:i|we)(?: just| already)? (?:wrote|sent|ordered|asked|said|e-?mailed|told|gave|requested|emailed
    |placed)(?: [\w$,.]+){0,8} (?:yesterday|earlier|this morning|last (?:week|night|month|\w+day)|on (?:mon|tues
    |wednes|thurs|fri|satur|sun)day|the other day) |
    (?:i|we) (?:wrote|sent|ordered|asked|e-?mailed|requested|placed)(?: [\w$,.]+){0,6} on the \d+(?:st|nd|rd|th)? |
    (?:further to|in) my (?:order|message|e-?mail|letter|note|request) of |
    (?:change|amend|correct|alter)s? the (?:sum|amount|figure|number) |
    my (?:earlier|previous|last|first|other|pending|open|original) (?:order|message|e-?mail|letter|note|request
    |instruction) |
    (?:yesterday|monday|tuesday|wednesday|thursday|friday)'s (?:order|message|e-?mail|letter|note|request) |
    (?:the|that|this) (?:order|sale|buy|purchase|sell) (?:that )?(?:i|we) (?:sent|placed|put|mailed|gave|wrote|made) |
    (?:change|amend|correct|correction|modify|increase|reduce|raise|lower|revise|adjust)(?:s
    |d)?(?: to| of)?(?: my| the| that)? (?:pending |open |earlier |existing )?(?:order|purchase
    |buy|sale)(?! date| plan| program) | instead of the (?:order|\$?[\d,]+)(?: \w+)? (?:i|we)
""")
_SENT_BEFORE = cues(r"""
    reminder | lost my (?:\$?[\d,.]+ )?(?:check|order|payment|letter|money) |
    (?:sending|writing|asking|send|e-?mailing) (?:this|it|you|my order)? ?(?:again|once more|a second time|twice) |
    re-?sending |
    (?:in case|since|because) (?:you|it|my|the)(?: \w+){0,4} (?:didn'?t|did not|got lost|missed|never (?:got|came
    |arrived)) |
    again,? in case | second (?:request|time (?:i|of asking)) |
    as i (?:already )?(?:asked|ordered|wrote) (?:before|already)
""")
"""Words of sending again; whether the first order stands must be asked."""
_CORRECTING = cues(r"""
    (?:should|ought to) (?:be|have been|have said|have read|read|say) | i meant |
    meant (?:to (?:say|write|put)|buy|sell) |
    had the wrong | (?:new|right|correct) (?:figure|amount|number) | make (?:it|that) |
    change (?:it|that|my|the|to) | changes? to | instead | replace\w* | correct(?:ion|ed)? | not \$?[\d,]+ |
    rather | supersede\w* | increase (?:it|my|the) | amend\w* | raise (?:it|my|the) | in its place | to stand
""")


def corrects_an_order(text: str, intent: str) -> bool:
    """Whether it amends an order already sent, which it must replace and never add to."""
    if intent not in {"buy", "sell"}:
        return False
    if _SENT_BEFORE.search(text) or may_be_done_already(text):
        return True
    return bool(_EARLIER_ORDER.search(text)) and bool(_CORRECTING.search(text))


_MOVING = frozenset({"buy", "sell", "recurring", "withdraw"})
"""What moves money or shares; taking back one of these leaves it undone."""

_TABLE: Mapping[Caution, Callable[[str, str], bool]] = {
    Caution.DECEASED: lambda text, _intent: concerns_a_death(text),
    Caution.THIRD_PARTY: lambda text, _intent: is_for_a_third_party(text),
    Caution.CONDITIONAL: is_conditional,
    Caution.NEGATED: lambda text, intent: (
        is_negated(text, intent) or (intent in _MOVING and (is_taken_back(text) or is_answered_no(text, intent)))
    ),
    Caution.HYPOTHETICAL: lambda text, intent: is_hypothetical(text, intent) or hangs_on_something_else(text, intent),
    Caution.PAST: is_past,
    Caution.CORRECTION: corrects_an_order,
    Caution.DISAGREEMENT: lambda text, intent: disagrees(text, intent) or is_outside(text, intent),
}


def cautions(text: str, intent: str) -> frozenset[Caution]:
    """Every caution that the text of a request for `intent` calls for. QUOTED is seen elsewhere."""
    return frozenset(caution for caution, holds in _TABLE.items() if holds(text, intent))
