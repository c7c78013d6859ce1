"""Requests as JSON and back, for what is parked; effects in one canonical form, for what is confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from handlers.contract import Caution, Effect, Intent, Request, Slots, Span
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion


def request_to_json(request: Request) -> dict[str, Any]:
    """A request as plain JSON values."""
    slots = request.slots
    return {
        "intent": request.intent,
        "slots": {
            "amounts": [str(amount) for amount in slots.amounts],
            "shares": [share.value if isinstance(share, Portion) else str(share) for share in slots.shares],
            "states": list(slots.states),
            "accounts": list(slots.accounts),
            "order_ids": list(slots.order_ids),
            "payment_methods": [method.value for method in slots.payment_methods],
            "frequencies": list(slots.frequencies),
            "days_of_month": list(slots.days_of_month),
            "effective_dates": list(slots.effective_dates),
        },
        "topics": sorted(request.topics),
        "cautions": sorted(caution.name for caution in request.cautions),
        "confidence": str(request.confidence),
        "spans": [asdict(span) for span in request.spans],
    }


def request_from_json(stored: Mapping[str, Any]) -> Request:
    """The request that `request_to_json` was given."""
    slots = stored["slots"]
    return Request(
        intent=Intent(stored["intent"]),
        slots=Slots(
            amounts=tuple(Money.of(amount) for amount in slots["amounts"]),
            shares=tuple(_share(share) for share in slots["shares"]),
            states=tuple(slots["states"]),
            accounts=tuple(slots["accounts"]),
            order_ids=tuple(slots["order_ids"]),
            payment_methods=tuple(PaymentMethod(method) for method in slots["payment_methods"]),
            frequencies=tuple(slots["frequencies"]),
            days_of_month=tuple(slots["days_of_month"]),
            effective_dates=tuple(slots["effective_dates"]),
        ),
        topics=frozenset(stored["topics"]),
        cautions=frozenset(Caution[name] for name in stored["cautions"]),
        confidence=Decimal(stored["confidence"]),
        spans=tuple(Span(**span) for span in stored["spans"]),
    )


def _share(text: str) -> Shares | Portion:
    return Portion(text) if text in {portion.value for portion in Portion} else Shares.of(text)


def canonical(decided: Sequence[tuple[Intent, Sequence[Effect]]]) -> str:
    """What a code confirms: each intent with its effects, in one spelling that changes when any value does."""
    return json.dumps(
        [[intent, [[type(effect).__name__, _plain(effect)] for effect in effects]] for intent, effects in decided],
        sort_keys=True,
        separators=(",", ":"),
    )


def _plain(value: object) -> object:
    if isinstance(value, Money | Shares):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"no canonical form for {type(value).__name__}")
