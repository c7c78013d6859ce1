"""A request that waits for a fact, and how the sender's next message completes it.

We ask "how much?"; the answer is "$500". Read alone it asks for nothing; in
this conversation it is the fact we asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from enum import Enum, auto
from typing import Any

from bot.language.understanding import UNDERSTOOD
from bot.reading import Reading
from bot.request_json import request_from_json, request_to_json
from handlers.contract import Caution, Request, Slots
from handlers.same_order import QUESTION, SECOND

ASKED_SLOTS: Mapping[str, str] = {
    "amount": "amounts",
    "shares": "shares",
    "account": "accounts",
    "order_id": "order_ids",
    "payment_method": "payment_methods",
    "state": "states",
}
"""What we ask for, and the detail that answers it. What is not here is not waited for: it needs a new message."""

_SECOND = re.compile(
    r"\b(?:second|another|additional(?:ly)?|both|two|twice|2|separate|new|in addition|(?:one|once) more|again|extra)\b",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"\b(?:same|duplicate|not? (?:a )?(?:second|another|new)|(?:only|just) (?:the )?(?:one|once)|one only|no|already"
    r"|mistake|by accident|first(?: one)?|that one)\b",
    re.IGNORECASE,
)
_WORDS_OF_AN_ANSWER = 12

_ACCOUNT = re.compile(r"(?<!\w)[A-Za-z]{0,3}[\d-]{0,16}\d{4}(?!\w)")


def parked(request: Request, missing: Sequence[str]) -> dict[str, Any] | None:
    """What the conversation keeps, so that the missing facts can complete `request`; None if they cannot."""
    if not missing or (any(name not in ASKED_SLOTS for name in missing) and tuple(missing) != (QUESTION,)):
        return None
    return {"request": request_to_json(request), "missing": list(missing)}


class SameOrder(Enum):
    """What a sender says who was asked whether an order is a second one."""

    SECOND = auto()
    SAME = auto()
    UNCLEAR = auto()
    """Neither or both, or something else altogether."""


def same_or_second(kept: Mapping[str, Any] | None, reading: Reading) -> SameOrder | None:
    """The answer to that question; None if it was not asked."""
    if kept is None or kept["missing"] != [QUESTION]:
        return None
    is_answer = len(reading.rest.split()) <= _WORDS_OF_AN_ANSWER and not reading.doubtful
    says_same, says_second = bool(_SAME.search(reading.rest)), bool(_SECOND.search(_SAME.sub(" ", reading.rest)))
    if not is_answer or says_same is says_second:
        return SameOrder.UNCLEAR
    return SameOrder.SECOND if says_second else SameOrder.SAME


def completed_by(kept: Mapping[str, Any], reading: Reading) -> Request | None:
    """The parked request with the facts that `reading` brings; None if it speaks of something else."""
    request = request_from_json(kept["request"])
    if kept["missing"] == [QUESTION]:
        is_second = same_or_second(kept, reading) is SameOrder.SECOND
        return replace(request, topics=request.topics | {SECOND}) if is_second else None
    understanding = reading.understanding
    others = {one.intent for one in understanding.requests} - {request.intent, "thanks"}
    slots = reading.slots
    if "account" in kept["missing"] and not slots.accounts:
        slots = replace(slots, accounts=tuple(_ACCOUNT.findall(reading.rest))[:1])
    brought = {name for name in kept["missing"] if getattr(slots, ASKED_SLOTS[name])}
    if not brought:
        return None
    if understanding.reason == UNDERSTOOD and others and not _is_terse(reading.rest):
        return None
    cautions = request.cautions.union(*(one.cautions for one in understanding.requests))
    return replace(
        request,
        slots=_merged(request.slots, slots, kept["missing"]),
        cautions=cautions - {Caution.UNLIKELY},  # who brings what we asked for means the order
        topics=request.topics.union(*(one.topics for one in understanding.requests if one.intent == request.intent)),
    )


def _merged(before: Slots, now: Slots, missing: Sequence[str]) -> Slots:
    """The earlier details, with what was asked for, and anything else now given, taken from the new message.

    A bare number is read both as dollars and as shares; it is what was asked for.
    """
    asked = {ASKED_SLOTS[name] for name in missing}
    values = {}
    for field in fields(Slots):
        new = getattr(now, field.name)
        values[field.name] = new if field.name in asked or new else getattr(before, field.name)
    for wanted, other in (("amounts", "shares"), ("shares", "amounts")):
        if wanted in asked and getattr(now, wanted):
            values[other] = ()
    return Slots(**values)


def _is_terse(text: str) -> bool:
    """Whether a message is so short that it can only answer the question before it."""
    return len(text.split()) <= 6
