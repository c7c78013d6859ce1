"""What puts an order off or leaves it to be confirmed, and what shows a mere specimen of one.

"Tmrw" and "after Christmas" are times that no slot holds; "wife permitting"
and "will confirm by phone" leave the last word to somebody; "Draft: sell 200"
and "sell 200 or not" order nothing.
"""

from __future__ import annotations

import re

from bot.language.text import cues

_FEASTS = (
    r"(?:christmas|x-?mas|thanksgiving|easter|new year\w*(?:'s)?(?: day)?|the (?:holidays?|new year|weekend|election"
    r"|wedding"
    r"|funeral|baby|harvest)|labor day|memorial day|independence day|the 4th of july|valentine'?s(?: day)?|hanuk\w+"
    r"|passover|ramadan|tax (?:day|season|time)|my (?:surgery|vacation|trip|birthday|operation))"
)
OFF_TO_LATER = rf"""
    tmrw | tmr | tmw | tmrow | tom+or+ow?s? | 2mor+ow? | 2moro | 2mrw | 2mro | morrow |
    after {_FEASTS} | (?:once|when) {_FEASTS} (?:is|are|has|have) (?:over|past|done|come|passed) |
    (?:but |and )?not (?:before|until|till|til|prior to|sooner than|any sooner than|earlier than) (?:the )?(?:\d|end
    |first|middle
    |tenth|fifteenth|twentieth|last|next|i|we|my|our|he|she|it|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul
    |aug|sep
    |oct|nov|dec|christmas|{_FEASTS})\w*
"""
"""Cues of times that no slot holds, in the form of `cues`."""

_LEFT_OPEN = cues(r"""
    (?:wife|husband|spouse|lawyer|accountant|broker|bank|boss|doctor|board|court|money|funds|cash|price|market|finances
    |budget|my son|my daughter|health|circumstances|conditions) (?:permitting|willing|allowing) |
    (?:will|shall|i'?ll|we'?ll|going to|gonna|let me|have to|need to|must|to) (?:first )?confirm(?! (?:this|that|it
    |receipt
    |my (?:identity|address)|who i am)(?: is)? (?:right|correct|me|mine))(?:[ ](?:it|this|that|the order))?[ ](?:by
    |later
    |over|via|when|once|tomorrow|in a|with (?:my|a) (?:call|phone|wife|husband|second)|on (?:the phone|monday|tuesday
    |wednesday|thursday|friday)|next|after|before|first) |
    (?:i|we)(?:'ll| will) (?:call|phone|ring|telephone|let you know)(?: you)?(?: back)? to confirm |
    to be confirmed | tbc | tbd | (?:awaiting|pending|subject to
    |until) (?:my |our |a |final |written |further )*(?:confirmation
    |approval|word|ok|okay|go-ahead|say-so) | (?:confirmation|approval) (?:to follow|will follow|follows|is to follow)
""")
"""The last word is still to come."""
_SPECIMEN = re.compile(
    r"(?:^|\n|[\[(<{*])[\s\"'>*#-]{0,4}(?:rough |first |my |a |an |just a |only a |this is (?:just "
    r"|only )?an? )*(?:draft|sample"
    r"|example|template|specimen|poll|survey|quiz|exercise|mock(?:[- ]?up)?|demo|dry run|test run|trial run|scenario"
    r"|question|joke|riddle)(?:[ ](?:order|letter|message|text|e-?mail|sale|purchase|only|form|wording"
    r"|question))?\s?(?:[:\])>}]|-{1,2}\s)"
    r"|\b(?:sample|example|specimen|mock|dummy|model|pretend) (?:order|letter|message|instruction|purchase|sale"
    r"|request)s?\b",
    re.IGNORECASE,
)
"""A heading that makes a specimen of what follows."""
_OR_NOT = re.compile(
    r"\b(?:sell|buy|purchase|invest|liquidate|dump|quit|leave|close|cancel|stop|do it|shares|stock|dollars"
    r"|\d)(?: [\w$,.]+){0,4}?,?"
    r"(?<!believe it)(?<!like it) or (?:not|no|nay|naw)\b(?! (?:it|they|he|she|i|we|you|at all it))",
    re.IGNORECASE,
)
"""Both ways in one breath."""
_ALREADY = cues(r"""
    (?:if|unless)(?: it| this| that| you| they| (?:the|my) (?:order|sale|purchase))?(?:'s|'ve| is| was| has
    | have| had| did| hasn'?t| haven'?t| didn'?t| isn'?t| wasn'?t)?(?: not)?(?: been)? already(?: been)?(?: \w+)? |
    (?:if|unless) (?:you|they) (?:haven'?t|have not|didn'?t|did not)(?: \w+){0,4} (?:already|yet) |
    if not (?:done|sold|bought|processed|placed|carried out|executed|entered)(?: \w+)? already |
    if (?:it|this|that) (?:hasn'?t|has not|wasn'?t|isn'?t) (?:been )?(?:done|sold|bought|processed|placed|executed)
""")
"""Words of an order that may have been sent before."""
_BANK_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)


def leaves_open(text: str) -> bool:
    """Whether somebody's last word on it is still to come."""
    return bool(_LEFT_OPEN.search(text))


def is_a_specimen(text: str, intent: str) -> bool:
    """Whether the text shows an order instead of giving one, or asks which of yes and no; a bank draft is none."""
    if intent == "recurring":
        text = _BANK_DRAFT.sub(" ", text)
    return bool(_SPECIMEN.search(text) or _OR_NOT.search(text))


def may_be_done_already(text: str) -> bool:
    """Whether it allows that the same was ordered before."""
    return bool(_ALREADY.search(text))
