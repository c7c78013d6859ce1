"""The shipped plan with a few terms changed: a limit that runs short, money that is good later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.plan import Plan


def plan_with(**changes: Any) -> Plan:
    """The shipped plan, these terms changed in all of its history."""
    shipped = Plan.read(None).book
    return Plan(replace(shipped, history=tuple(replace(terms, **changes) for terms in shipped.history)))
