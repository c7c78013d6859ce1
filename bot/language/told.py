"""Which figures a message only tells of, beside those that it orders.

People who write at length name what the roof cost, what they bought in spring
and what a pension pays before they say what they want. Such a figure is left
out only where another one is plainly ordered; where none is, all stay and the
sender is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import TypeVar

from bot.language.found import Found
from bot.language.text import after, before, cues

Value = TypeVar("Value")


class Part(Enum):
    """What a figure does in its sentence."""

    ORDERED = "the object of an order"
    OPEN = "neither"
    TOLD = "part of a story"


_ORDER = cues(r"""
    invest | put | buy | buying | purchase | order | enter | apply | use | using | debit | deduct | draft | draw | take
    | taking | pull | withdraw | transfer | contribute | add | throw | send | sending | sell | selling | liquidate
    | unload | enclos\w+ | herewith | remit\w* | place | process | execute | make | raise | lower | increase | bump |
    reduce | cut | change | set | start | begin | like | love | want | wish | need | please | pls | plz | kindly |
    go ahead | have (?:it|them|me) | here'?s | here is | here are | check | chek | money order | should be | amount |
    steer | deposit | manage | spare | swing | round it up | down for | in for | figure is | sum of | turn | do |
    this (?:time|one) | instruct |
    direct you | authori[sz]e | down to | up to | charge | spend | go(?:es)? | drop | dump | move | give | gift |
    issue |
    registered | certificate | wire | wiring | wants | resume | authority | after is | follows | want\w* |
    (?:to be|be|have|is|are|get) (?:increased|raised|reduced|lowered|invested|debited|deducted|drawn|drafted|changed
    |used|applied|put|sold|transferred|moved|issued|turned) | to be \w+ed | for shares
""")
_PAST = cues(r"""
    was | were | had | been | did | paid | cost | costs | spent | went | came | got | gave | took | bought | ran | won |
    lost | sold | left | owed? | owes | sent | made | held out | kept | wrote | began | grew | crept | said | told |
    (?:i|we|he|she|dad|mother) put | (?:i|we|he|she|they|you)(?:'?ve| have| has)(?: \w+)? put | ago |
    charges? (?:me|us|you) |
    charged | earned? | earns | pays | worth | averages? | appraised |
    (?!(?:enclos|interest|need|unlimit|hundr|want|regist|agree|sign|limit|unit|fix|intend|propos|auto|automat|speed|ne
    |confirm|wish|desir|decid|instruct|authoriz|direct|request|allot|receiv|bless|notif\w*|amend|increas|deduct
    |debit|draft|invest|reduc|rais|lower|entitl|titl|need|list|nam|enroll|pleas|pre\w*|retir|settl|certificat|advanc)\w*ed)[a-z]+ed(?<!eed)
""")
_OTHER_THINGS = cues(r"""
    rent | tuition | mortgage | bills? | loan | salary | pension | insurance | premium | deductible | taxe?s? | fee |
    fees | raise | bonus | paycheck | payroll | wages | severance | overtime | refund | interest | account ending | card
    | roof | furnace | heater | car | truck | tires? | tractor | combine | header | diesel | house | boat | hospital |
    dentist | doctor | invoice | funeral | lawyer | attorney | plumber | mower | warranty | outfit | broker | margin |
    dues | budget | balance | semester | cabin | cruise | conditions? | laundry | utility | groceries
""")
_OPINION = cues(r"""
    i mean | meant | instead | rather | should | ought | correct\w* | actually | no | sorry | oops | wait | scratch |
    strike | or | maybe | perhaps | prefer | better | wiser | enough | plenty | thinks? | says? | afford | settle |
    limit | else | otherwise | either | between | both | final | decided
""")
_PAST_AFTER = re.compile(
    r"\W{0,3}(?:\w+\s){0,2}?(?:was|were|went|came|ago|last (?:month|year|week|time|spring|fall))\b"
)
_OPINION_AFTER = cues(
    "left | over | follows | worth | to go | to be |instead | rather | or | no | sorry | oops | actually "
    "| i mean | is (?:better|plenty|enough|final)"
)
_PAID_AFTER = re.compile(
    r"\s*(?:\([^()]{1,40}\)\s*)?(?:dollars?|bucks?|usd)?\s*,?\s*(?:even\s+)?(?:for me\b|worth\b"
    r"|(?:worth )?(?:more )?(?:into|in|towards?|for|of) (?:more |some |the |your |my )?(?:aastrom|astm|stock"
    r"|shares|common"
    r"|plan|program|company|dspp|account)|(?:a|each|every|per) month|monthly|this (?:time|round|month)|please|pls"
    r"|is (?:what|the)"
    r"|which is going into)"
)
_DATED = cues(r"""
    last (?:month|week|year|time|spring|fall|summer|winter|autumn|\w+day) | yesterday | ago | already | earlier |
    previously | in (?:january|february|march|april|may|june|july|august|september|october|november|december
    |jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|spring|fall|summer|winter|(?:19|20)\d\d|the (?:spring|fall
    |autumn|summer|winter)) | until now | to begin with | the first | over (?:\w+ )?(?:months|years) | before
""")
_BREAK = re.compile(r"[;(]\s|--?\s|,\s+(?=(?:but|so)\s)|\b(?:but|so|because|now)\b|\band\s+(?=(?:i|we|please|now)\b)")
_FORMER = re.compile(
    r"\b(?:my|our|the|last|first|earlier|previous)\s+(?:january|february|march|april|may|june|july|august"
    r"|september|october"
    r"|november|december|first|last|earlier|previous|spring|summer|fall|winter)\s+(?:remittance|purchase|payment|check"
    r"|contribution|order)\s+(?:of|for|was|\(?\w+,|,)\s*$"
)
"""A purchase that is over: "my October remittance of"."""
_STANDING = re.compile(
    r"\b(?:at present|presently|currently|at the moment|as (?:it|things) stands?|up to now|until now)\b"
    r"(?:(?! to )[^.!?;]){0,60}$"
    r"|\b(?:stands|standing|stood|set|running) at (?:the )?$"
    r"|\b(?:old|former|present|current|previous|prior)(?: [a-z]+){0,2} (?:amount|sum|figure)\W{1,3}$",
    re.IGNORECASE,
)
"""What is drawn now, and shall be another: "at present you draw six hundred"."""
_LEAST_WORDS = 6
"""A sentence of fewer words around a figure tells no story."""


def part_of(text: str, start: int, end: int) -> Part:
    """What the figure from `start` to `end` does: the nearest verb before it decides, then the words after it."""
    prefix, suffix = before(text, start, 240), after(text, end, 120)
    clause = prefix[_last(_BREAK, prefix) :]
    ordered, told = _last(_ORDER, clause), _last(_PAST, clause)
    dated = bool(_DATED.search(clause[-80:]) or _DATED.search(suffix[:50]))
    if _FORMER.search(clause) or _STANDING.search(clause):
        return Part.TOLD
    if ordered > told and not (dated and told > 0):
        return Part.ORDERED
    following = _BREAK.split(suffix, maxsplit=1)[0]
    sentence = clause + " " + following
    is_other = bool(_OTHER_THINGS.search(sentence))
    if told == ordered == 0 and _PAID_AFTER.match(suffix) and not dated and not is_other:
        return Part.ORDERED
    if _OPINION.search(clause[-60:]) or _OPINION_AFTER.search(suffix[:40]):
        return Part.OPEN
    if not is_other and not (told and dated) and len(sentence.split()) < _LEAST_WORDS:
        return Part.OPEN
    if told or _PAST_AFTER.match(suffix) or is_other:
        return Part.TOLD
    return Part.OPEN


def without_told(text: str, found: Sequence[Found[Value]]) -> list[Found[Value]]:
    """`found` without what is only told of, where something else is ordered; all of it where nothing is."""
    if len(found) < 2:
        return list(found)
    parts = [part_of(text, item.start, item.end) for item in found]
    if Part.ORDERED not in parts:
        return list(found)
    return [item for item, part in zip(found, parts, strict=True) if part is not Part.TOLD]


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match of `pattern` in `text` ends; 0 without one."""
    return max((match.end() for match in pattern.finditer(text)), default=0)


_CANCELLING = cues(r"""
    cancel\w* | kill | scrap | scrub | void | withdraw\w* | revok\w* | rescind\w* | undo | call off | take back | drop |
    pull\w* | stop | cxl | nix | forget | disregard | strike | not (?:carry|carried|go) (?:\w+ )?(?:out|ahead|through) |
    don'?t | do not | dont | hold off
""")


def is_of_a_cancelling(text: str, start: int, end: int) -> bool:
    """Whether the figure stands in a sentence that cancels: "kill my $500 order"."""
    return bool(_CANCELLING.search(before(text, start, 120)) or _CANCELLING.search(after(text, end, 100)))
