"""The acknowledgement of the prospectus: alone, it is a request of its own; beside an order, a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.language.acts import has_act
from bot.language.readings import Reading
from bot.language.requests import ACTING
from bot.language.topics import SHARED
from handlers.contract import Request


def with_acknowledgement(requests: Sequence[Request]) -> list[Request]:
    """An acknowledgement of the prospectus beside an order belongs to the order, and asks for nothing of its own."""
    told = [one for one in requests if "acknowledge" in one.topics]
    needing = [one for one in requests if one.intent in {"buy", "recurring", "enroll"}]
    if not told or not needing:
        return list(requests)
    idle = [one for one in told if one.intent in {"documents", "acknowledge", "thanks", "plan_info"}]
    return [
        replace(one, topics=one.topics | {"acknowledge"}) if one in needing else one
        for one in requests
        if one not in idle
    ]


def only_acknowledges(reading: Reading) -> bool:
    """Whether the prospectus is acknowledged and nothing is asked for beside."""
    if not SHARED["acknowledge"].search(reading.text) or "?" in reading.text:
        return False
    rest = SHARED["acknowledge"].sub(" ", reading.text)
    return not any(has_act(rest, intent) for intent in (*ACTING, "documents"))
