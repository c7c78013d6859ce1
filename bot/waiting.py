"""A request that waits for a fact, and how the sender's next message completes it.

We ask "how much?"; the answer is "$500". Read alone it asks for nothing; in
this conversation it is the fact we asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from bot.language.understanding import UNDERSTOOD
from bot.reading import Reading
from bot.request_json import request_from_json, request_to_json
from handlers.contract import Caution, Request, Slots

ASKED_SLOTS: Mapping[str, str] = {
    "amount": "amounts",
    "shares": "shares",
    "account": "accounts",
    "order_id": "order_ids",
    "payment_method": "payment_methods",
    "state": "states",
}
"""What we ask for, and the detail that answers it. What is not here is not waited for: it needs a new message."""

_ACCOUNT = re.compile(r"(?<!\w)[A-Za-z]{0,3}[\d-]{0,16}\d{4}(?!\w)")


def parked(request: Request, missing: Sequence[str]) -> dict[str, Any] | None:
    """What the conversation keeps, so that the missing facts can complete `request`; None if they cannot."""
    if not missing or any(name not in ASKED_SLOTS for name in missing):
        return None
    return {"request": request_to_json(request), "missing": list(missing)}


def completed_by(kept: Mapping[str, Any], reading: Reading) -> Request | None:
    """The parked request with the facts that `reading` brings; None if it speaks of something else."""
    request = request_from_json(kept["request"])
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
