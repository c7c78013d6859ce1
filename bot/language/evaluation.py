"""How good a reader is on labelled messages: intents, slots, actions, and above all wrong actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.language.classify_cli import classification
from bot.language.examples import LABELS, Example, read_rows
from bot.language.pipeline import Reader

__all__ = ["HARMFUL", "Evaluation", "IntentScore", "Miss", "evaluate", "read_rows"]

HARMFUL = frozenset({"buy", "sell", "recurring", "withdraw", "update_account"})
"""Labels on which a wrong action costs somebody money or shares."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How one label was recognised."""

    label: str
    precision: float
    recall: float
    f1: float
    messages: int
    """How many messages carry the label."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One message that was not read as labelled."""

    id: str
    wanted: Mapping[str, object]
    got: Mapping[str, object]
    is_wrong_action: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured."""

    messages: int
    intents: tuple[IntentScore, ...]
    macro_f1: float
    exact_intents: float
    exact_slots: float
    exact_slots_where_intents_right: float
    right_actions: float
    coverage: float
    """Share of the messages that are to be carried out, and were."""
    wrong_actions: int
    """Messages carried out that should not be, or with a wrong intent or a wrong detail."""
    wrong_action_rate: float
    """Wrong actions among all that were carried out on a harmful label or should have been."""
    misses: tuple[Miss, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values for `--json`."""
        return {
            "messages": self.messages,
            "macro_f1": round(self.macro_f1, 4),
            "exact_intents": round(self.exact_intents, 4),
            "exact_slots": round(self.exact_slots, 4),
            "exact_slots_where_intents_right": round(self.exact_slots_where_intents_right, 4),
            "right_actions": round(self.right_actions, 4),
            "coverage": round(self.coverage, 4),
            "wrong_actions": self.wrong_actions,
            "wrong_action_rate": round(self.wrong_action_rate, 4),
            "intents": {
                score.label: {
                    "precision": round(score.precision, 4),
                    "recall": round(score.recall, 4),
                    "f1": round(score.f1, 4),
                    "messages": score.messages,
                }
                for score in self.intents
            },
            "misses": [
                {"id": miss.id, "wanted": miss.wanted, "got": miss.got, "is_wrong_action": miss.is_wrong_action}
                for miss in self.misses
            ],
        }

    def to_text(self) -> str:
        """A table for people."""
        lines = [f"{'intent':18} precision recall   F1  messages"]
        lines += [
            f"{score.label:18} {score.precision:9.2f} {score.recall:6.2f} {score.f1:5.2f} {score.messages:8}"
            for score in self.intents
        ]
        lines += [
            "",
            f"messages            {self.messages}",
            f"macro F1            {self.macro_f1:.3f}",
            f"exact intents       {self.exact_intents:.3f}",
            f"exact slots         {self.exact_slots:.3f}"
            f" ({self.exact_slots_where_intents_right:.3f} where the intents are right)",
            f"right actions       {self.right_actions:.3f}",
            f"coverage            {self.coverage:.3f} of what is to be carried out",
            f"wrong actions       {self.wrong_actions} ({self.wrong_action_rate:.3%})",
        ]
        return "\n".join(
            [*lines, *(f"  WRONG ACTION {miss.id}: {dict(miss.got)}" for miss in self.misses if miss.is_wrong_action)]
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    row: Example
    intents: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    action: str
    reason: str
    carried_out: frozenset[str]

    @property
    def has_right_intents(self) -> bool:
        return self.intents == self.row.intents

    @property
    def has_right_slots(self) -> bool:
        return dict(self.slots) == dict(self.row.slots)

    @property
    def is_wrong_action(self) -> bool:
        """Whether something was carried out on a harmful label, and wrongly in any respect."""
        acted = self.carried_out & HARMFUL
        if not acted:
            return False
        return self.row.action != "execute" or not acted <= {*self.row.intents} or not self._acts_on_right_details()

    def _acts_on_right_details(self) -> bool:
        return all(
            self.slots.get(name, ()) == self.row.slots.get(name, ()) for name in ("amount_usd", "shares", "account")
        )


def evaluate(reader: Reader, rows: Sequence[Example]) -> Evaluation:
    """Read every row as `dspp classify` would, and compare with its labels."""
    judged = [_judge(reader, row) for row in rows]
    scores = tuple(score for label in LABELS if (score := _score(label, judged)) is not None)
    right = [one for one in judged if one.has_right_intents]
    harmful = [
        one for one in judged if HARMFUL & {*one.row.intents} or (one.action == "execute" and HARMFUL & {*one.intents})
    ]
    at_stake = [one for one in harmful if "execute" in (one.row.action, one.action)]
    wanted = [one for one in judged if one.row.action == "execute"]
    wrong = [one for one in judged if one.is_wrong_action]
    return Evaluation(
        messages=len(rows),
        intents=scores,
        macro_f1=_share(sum(score.f1 for score in scores), len(scores)),
        exact_intents=_share(len(right), len(judged)),
        exact_slots=_share(sum(one.has_right_slots for one in judged), len(judged)),
        exact_slots_where_intents_right=_share(sum(one.has_right_slots for one in right), len(right)),
        right_actions=_share(sum(one.action == one.row.action for one in judged), len(judged)),
        coverage=_share(sum(one.action == "execute" for one in wanted), len(wanted)),
        wrong_actions=len(wrong),
        wrong_action_rate=_share(len(wrong), len(at_stake)),
        misses=tuple(_miss(one) for one in judged if not _is_as_labelled(one)),
    )


def _judge(reader: Reader, row: Example) -> _Judged:
    found = classification(reader, row.subject, row.body)
    slots = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in found.slots.items()}
    carried_out = found.verdict.carried_out if found.verdict.action == "execute" else frozenset()
    return _Judged(row, found.verdict.labels, slots, found.verdict.action, found.verdict.reason, carried_out)


def _score(label: str, judged: Sequence[_Judged]) -> IntentScore | None:
    """How `label` was recognised; None if no message carries it and none was taken for it."""
    hits = sum(label in one.intents and label in one.row.intents for one in judged)
    claimed = sum(label in one.intents for one in judged)
    carried = sum(label in one.row.intents for one in judged)
    if not claimed and not carried:
        return None
    return IntentScore(
        label, _share(hits, claimed), _share(hits, carried), _share(2 * hits, claimed + carried), carried
    )


def _is_as_labelled(one: _Judged) -> bool:
    return one.has_right_intents and one.has_right_slots and one.action == one.row.action


def _miss(one: _Judged) -> Miss:
    wanted = {"intents": list(one.row.intents), "slots": dict(one.row.slots), "action": one.row.action}
    got = {"intents": list(one.intents), "slots": dict(one.slots), "action": one.action, "reason": one.reason}
    return Miss(one.row.id, wanted, got, one.is_wrong_action)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
