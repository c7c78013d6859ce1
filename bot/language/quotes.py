"""When quoted text counts: only where the live text adopts it, answers it, or points at it.

Adopted text ("go ahead with the below") is as good as live. An answer ("six
hundred even") takes its subject from our question and its details from
itself. Text only pointed at ("see below") is never acted on.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from bot.language.text import cues

LONGEST_ANSWER = 14
"""An answer to a question of ours has at most so many words."""

_ADOPTS = cues(
    r"""
        (?:go ahead|proceed|carry on)(?: \w+){0,3} (?:with|on|as|per)(?: \w+){0,4}? (?:below|beneath|underneath
        |above|attached|following|quoted|draft) |
        (?:as|what is|what'?s|exactly what|what it|the order) (?:is )?(?:written|stated|described|set out|said
        |set down|it says|stands) (?:below|beneath|underneath) |
        (?:do|please do|carry out|execute|act on|process) (?:as |what |the )?(?:below|beneath|(?:it|the (?:message
        |note|draft|order|text|letter)) (?:below|beneath|underneath|says)) |
        (?:the )?below is (?:right|correct|what i want|accurate) |
        i (?:approve|confirm|agree to|authori[sz]e|adopt) (?:the|what is|everything) (?:below|written below|quoted) |
        (?:go ahead|proceed|carry on)(?: \w+){0,2} (?:with|on) (?:what|as) i (?:wrote|said|asked|sent|ordered
        |put)(?: \w+){0,2} (?:below|beneath|underneath) |
        (?:please )?(?:do|carry out|act on|process) (?:as|what) i (?:asked|wrote|said|ordered|requested) (?:below
        |beneath
        |underneath) |
        (?:exactly|just|same)(?: \w+){0,6}? as (?:in the (?:note|message|order) )?(?:below|beneath|underneath) |
        (?:instructions?|order|request|wish)(?: of mine)? (?:is|are|stands?) (?:the one |as )?(?:below|beneath
        |underneath) |
        (?:that|this|it|what i wrote)(?: \w+){0,2} still (?:stands|holds
        |goes),? (?:so )?(?:and )?(?:please )?(?:act on it|do it
        |carry it out|go ahead|proceed)
        """
)
_RESERVES = cues(
    r"""
        not | don'?t | won'?t | never | but | except\w* |
        rather than | instead | until | unless | if | only | hold | wait | change\w* | make (?:it|that) | no longer
        """
)
"""Words with which what is adopted is not adopted as it stands."""
_ASSENT = (
    r"(?:yes|yep|yeah|ok|okay|sure|right|correct|confirmed|(?:i|we) (?:do )?confirm(?: it| this| that| the order)?"
    r"|agreed|exactly|indeed|in every (?:particular|detail|respect)|every word"
    r"|(?:that'?s|that is|it is|this is|it'?s|you have it|all|looks|sounds) (?:all )?(?:right|correct|good|fine|it)"
    r"|go ahead|(?:please )?proceed|(?:please )?do it|please do|please|thanks|thank you|(?:with )?(?:my |the )?code"
    r"|\d{3,8})"
)
_SIGNED = r"(?:\n\W*(?:(?-i:[A-Z][\w.'-]*)(?:,? (?-i:[A-Z][\w.'-]*)|,? (?:and|&|de|van|von)){0,5}|[a-z.]{1,15}))"
_YES = re.compile(
    rf"\W*(?:yes|yep|yeah|confirmed|(?:i|we) (?:do )?confirm|correct|ok|okay|go ahead|(?:that'?s|that is) (?:right"
    rf"|correct)"
    rf"|(?:please )?proceed)\b(?:[\s.,!:;-]+{_ASSENT}\b)*\W*{_SIGNED}{{0,2}}\s*",
    re.IGNORECASE,
)
"""A yes, however often it is said, with a code and a name under it, and nothing else."""
_INVITES_YES = re.compile(
    r"(?:reply|answer|respond|say)\s+(?:with\s+)?\W?yes|if (?:this|that) is (?:right|correct)|please confirm|to confirm"
    r"|is (?:this|that) (?:right|correct)",
    re.IGNORECASE,
)
_POINTS = cues(
    r"""
        (?:see|per|as per|refer to|read|about) (?:the )?(?:below|beneath|underneath|attached|following|forwarded) |
        fyi | see (?:my|his|her|the) (?:note|message|e-?mail) (?:below|underneath) |
        forward(?:ing|ed)(?: this| it)? | below
        """
)  # fmt: skip
_ASKS = re.compile(
    r"\?|we (?:need to|must|should) know|please (?:tell|let) us|(?:tell|let) us (?:know )?(?:which|what|on|whether|in)"
    r"|which of",
    re.IGNORECASE,
)
_OURS = cues(
    r"""
        you (?:would like|wrote|asked|told|want|wish|have (?:\w+ )?orders?|did not|said) | your request | shall we |
        (?:tell|let) us | we (?:need to|must|should) know | for asking
        """
)
"""Words in which we ask, and a sender does not."""
_CLOSES = cues("appreciate | clear now | that answers | got it | understood now | makes sense | good to know")
"""Words that end a correspondence; they answer no question."""
_MARKS = re.compile(r"^[ \t]*(?:[>|]+[ \t]?)+", re.MULTILINE)
_HEADER = re.compile(
    r"^(?:on .{5,80} wrote:|-{2,}.*-{2,}|(?:from|sent|to|cc|date|subject):.*)$", re.MULTILINE | re.IGNORECASE
)


class Use(Enum):
    """What the live text makes of the quoted text."""

    NONE = auto()
    ADOPTED = auto()
    ANSWERED = auto()
    POINTED_AT = auto()


def own_words(quoted: str) -> str:
    """The quoted text without quote marks and header lines, of the same words."""
    return _HEADER.sub("", _MARKS.sub("", quoted)).strip()


def is_ours(quoted: str) -> bool:
    """Whether the quoted text speaks as our letters do, to whom asks something of us."""
    return bool(_OURS.search(own_words(quoted)))


def use_of(live: str, quoted: str, *, asks_by_itself: bool) -> Use:
    """What `live` makes of `quoted`; `asks_by_itself` says that the live text orders something in its own words."""
    words = own_words(quoted)
    if not words:
        return Use.NONE
    if _ADOPTS.search(live) and (_RESERVES.search(live) or "?" in live):
        return Use.POINTED_AT
    if _ADOPTS.search(live) or (_YES.fullmatch(live) and _INVITES_YES.search(words)):
        return Use.ADOPTED
    is_short = len(live.split()) <= LONGEST_ANSWER
    if is_short and not asks_by_itself and "?" not in live:
        if _ASKS.search(words) and not _CLOSES.search(live):
            return Use.ANSWERED
        if _POINTS.search(live):
            return Use.POINTED_AT
    return Use.NONE
