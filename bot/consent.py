"""Whether a reply that holds the right code really says yes.

The code proves that the reply's author read our letter. It does not prove
that they agree with it: "No! Do not do this (K7QM-2R9T)" holds the code too.
So the rest of the live text must not object, and must not ask for something
else than what was read back. In doubt nothing is done and we ask: only a clear
objection drops the request, since people write much around a code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum, auto

from handlers.contract import Slots

MOST_WORDS = 60
"""A longer reply says something that we had better read."""

_HARMLESS = re.compile(
    r"""\b(?:
    (?:account|acct|order|check|phone|reference|ref)[ ]no
    | (?:no|not[ ]a|not[ ]any)[ ](?:further[ ])?
      (?:problems?|objections?|changes?|questions?|rush|hurry|worry|worries|doubts?)
    | (?:do[ ]not|don't|dont)[ ](?:worry|mind|hesitate|forget)
    | (?:can't|cannot|cant)[ ]wait
    | (?:let[ ]me[ ]know[ ])?if[ ](?:you[ ](?:need|have|want|require)|there[ ](?:is|are))
      [ ](?:anything|something|any|more)(?:[ ](?:else|more|further|other|questions?|information|from[ ]me))*
    )\b""",
    re.VERBOSE,
)
"""Courtesies that hold a word of objection."""

_OBJECTION = re.compile(
    r"""\b(?:
    no | nope | nah | never | stop | cancel(?:l?ed)? | abort | undo | void | forget[ ](?:it|this|that|about)
    | decline | refuse | disagree | reject | scam | fraud(?:ulent)? | phishing | unauthori[sz]ed | changed[ ]my[ ]mind
    | (?:do[ ]not|don't|dont)(?![ ](?:know|see|have|remember|understand|need|think)\b)
    | (?:did[ ]not|didn't|didnt)[ ](?:ask|order|request|want|authori[sz]e|send|place|write|make|approve|agree)
    | (?:can't|cannot|cant|won't|wont|will[ ]not|would[ ]not|wouldn't)[ ](?:agree|confirm|approve|accept)
    | not[ ](?:what|mine|me|right|correct|now|today|ok|okay|agreed?|approved?|confirmed?|authori[sz]ed)
    )\b""",
    re.VERBOSE,
)
"""A reply that says one of these turns down what we read back."""

_DOUBTS = frozenset(
    """not none neither nor cannot cant dont wont isnt wasnt didnt doesnt havent couldnt wouldnt shouldnt wrong
    incorrect mistake mistaken error instead change rather except unless if only but however although though hold wait
    until later actually also another more less fewer increase decrease reduce lower raise double maybe perhaps unsure
    ignore disregard forget withdraw""".split()
)
"""A reply with one of these in it may mean something else than yes; so does any word that ends in "n't"."""

_FAULTS = frozenset("wrong incorrect mistake mistaken error".split())
"""Without a code, and about what we read back, these turn it down."""

_ABOUT_THE_CODE = frozenset(
    "code codes find found see where receive received get got understand know work works".split()
)
"""A reply that speaks of these asks for help with the code; it does not object."""

_WISHES = frozenset(
    """instead change rather only but make more less fewer increase decrease reduce lower raise double also
    another""".split()
)
"""A reply that speaks of these asks for something else, which is read as a request of its own."""

_OWN_WORDS: Mapping[str, frozenset[str]] = {
    "cancel_order": frozenset("cancel canceled cancelled stop void undo withdraw".split()),
    "recurring": frozenset("stop cancel change increase decrease reduce lower raise hold".split()),
    "withdraw": frozenset("stop cancel withdraw".split()),
}
"""What a yes may say because it was read back: "yes, cancel it"."""

_QUESTION = re.compile(r"(?:^|[.!?,:;\n])\s*(?:why|who|what|whats|is|are|was|did|should|am)\b[^.!?]*\?")
"""A question that begins so doubts what was read back; "when will I get my statement?" does not."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


class Consent(Enum):
    """What a reply says to our read-back."""

    GIVEN = auto()
    WITHHELD = auto()
    """It objects."""
    CHANGED = auto()
    """It asks for something else, or says more than a yes."""


def consent(rest: str, said: Slots, read_back: Slots, intents: Collection[str] = ()) -> Consent:
    """What the live text `rest` (the code taken out) says, given the details in it and those we read back.

    `intents` are those of the requests read back: a yes may repeat their words.
    """
    text = _plain(rest)
    own: frozenset[str] = frozenset().union(*(_OWN_WORDS.get(intent, frozenset()) for intent in intents))
    if any(objection.group() not in own for objection in _OBJECTION.finditer(text)):
        return Consent.WITHHELD
    words = _WORD.findall(text)
    if len(words) > MOST_WORDS or any(_is_doubt(word) for word in words if word not in own) or _questions(rest):
        return Consent.CHANGED
    for name in ("amounts", "shares", "payment_methods", "frequencies"):
        if set(getattr(said, name)) - set(getattr(read_back, name)):
            return Consent.CHANGED
    return Consent.GIVEN


def is_objection(text: str) -> bool:
    """Whether a short reply without a code turns down what we read back, and does no more than that."""
    plain = _plain(text)
    words = set(_WORD.findall(plain))
    if not words or len(_WORD.findall(plain)) > MOST_WORDS // 2 or "?" in plain or words & (_ABOUT_THE_CODE | _WISHES):
        return False
    return _OBJECTION.search(plain) is not None or bool(words & _FAULTS)


AFFIRMATIONS = frozenset(
    """yes yep yup yea yeah ok okay confirm confirmed confirming correct agreed agree accept proceed sure approved right
    fine ahead""".split()
)


def is_bare_yes(text: str) -> bool:
    """Whether a reply says yes and hardly anything else, without the code."""
    plain = _plain(text)
    words = _WORD.findall(plain)
    if not 0 < len(words) <= 12 or "?" in plain or _OBJECTION.search(plain) or any(map(_is_doubt, words)):
        return False
    return any(word in AFFIRMATIONS for word in words)


def _plain(text: str) -> str:
    """`text` in lower case, with one kind of apostrophe and single blanks, and without courtesies."""
    straight = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    return _HARMLESS.sub(" ", " ".join(straight.split()))


def _is_doubt(word: str) -> bool:
    return word in _DOUBTS or word.endswith("n't")


def _questions(text: str) -> bool:
    """Whether a question doubts what was read back, and no yes stands beside it."""
    answered, questions = _QUESTION.subn(" ", text.lower())
    return questions > 0 and not any(word in AFFIRMATIONS for word in _WORD.findall(answered))
