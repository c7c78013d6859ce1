"""The labelled messages: rows of JSON lines, checked as they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.language.stances import NONE, ORDER, STANCES

LABELS = (
    "enroll", "buy", "sell", "balance", "eligible_states", "recurring", "cancel_order", "order_status",
    "transfer_shares", "withdraw", "update_account", "documents", "plan_info", "complaint", "human",
    "investment_advice", "out_of_scope", "thanks",
)  # fmt: skip
"""The vocabulary of intents, in its own order."""
ORDERS = frozenset({"buy", "sell", "recurring", "withdraw", "cancel_order", "enroll"})
"""Labels of what is ordered."""
ACTIONS = ("execute", "ask", "answer", "refuse", "escalate", "ignore")
SLOT_NAMES = (
    "amount_usd", "shares", "state", "account", "order_id", "payment_method", "frequency", "day_of_month",
    "effective_date",
)  # fmt: skip

DECIDING_SLOTS = ("amount_usd", "shares", "account", "order_id", "day_of_month", "effective_date")
"""Slots that make an action another one. How it is paid, and that it is monthly, is read back with every order."""

SHIPPED = Path(__file__).parent / "examples"
"""The folder of examples that the model is trained from."""

STAFF = "staff"
"""The author of every example that staff made of a shareholder's message."""

HELD_OUT = Path(__file__).parent / "held_out"
"""Messages by authors whom the training never sees: development.jsonl to tune on, test.jsonl only to be scored on."""


class BadExamples(ValueError):
    """A file of labelled messages is wrong. The message names the file, the line and what is wrong; mend it there."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message."""

    id: str
    author: str
    channel: str
    subject: str
    body: str
    intents: tuple[str, ...]
    action: str
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each slot's values in order of appearance."""
    scenario: str = ""
    """The situation that its author was given or thought of, in a few words."""
    stance: str | None = None
    """How it puts its act, one of `STANCES`; None where nobody has said."""


def read_rows(path: Path) -> tuple[Example, ...]:
    """The labelled messages of one file. BadExamples names the first line that is wrong."""
    return tuple(_rows(path))


def read_folder(folder: Path) -> tuple[Example, ...]:
    """Those of every `*.jsonl` file in `folder`, by name of file. BadExamples if there are none."""
    rows = [row for path in sorted(folder.glob("*.jsonl")) for row in _rows(path)]
    if not rows:
        raise BadExamples(f"{folder}: there are no examples (*.jsonl) here")
    return tuple(rows)


def _rows(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield row_of(json.loads(line))
                except KeyError as fault:
                    raise BadExamples(f"{path}, line {number}: there is no {fault}") from fault
                except (ValueError, TypeError) as fault:
                    raise BadExamples(f"{path}, line {number}: {fault or type(fault).__name__}") from fault


def row_of(values: Mapping[str, object]) -> Example:
    """The labelled message that `values` are of. KeyError, ValueError or TypeError say what is wrong with them."""
    intents, slots = values["intents"], values["slots"]
    if not isinstance(intents, Sequence) or isinstance(intents, str) or not intents:
        raise ValueError("intents must be a list of labels")
    unknown = [label for label in intents if label not in LABELS]
    if unknown:
        raise ValueError(f"unknown intent {unknown[0]!r}")
    if values["action"] not in ACTIONS:
        raise ValueError(f"unknown action {values['action']!r}")
    if not isinstance(slots, Mapping) or not set(slots) <= set(SLOT_NAMES):
        raise ValueError(f"unknown slots {slots!r}")
    return Example(
        id=str(values["id"]),
        author=str(values.get("author", "")),
        channel=str(values.get("channel", "email")),
        subject=str(values.get("subject", "")),
        body=str(values["body"]),
        intents=tuple(str(label) for label in intents),
        action=str(values["action"]),
        slots={str(name): _values(value) for name, value in slots.items()},
        scenario=str(values.get("scenario", "")),
        stance=_stance(values),
    )


def _stance(values: Mapping[str, object]) -> str | None:
    """The stance that a row names; else what follows from its action, or from labels that are no orders."""
    if "stance" in values:
        if values["stance"] not in STANCES:
            raise ValueError(f"unknown stance {values['stance']!r}")
        return str(values["stance"])
    if values["action"] == "execute":
        return ORDER
    return None if ORDERS & {*_values(values["intents"])} else NONE


def _values(value: object) -> tuple[str, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(item) for item in value)
    return (str(value),)
