"""How good a reader is on labelled messages: intents, slots, actions, and above all wrong actions."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.language.examples import Example
from bot.language.judging import Judged, judged
from bot.language.measures import (
    Band,
    IntentScore,
    bands,
    calibration_error,
    intent_scores,
    macro_f1_bounds,
    share,
    slot_exactness,
)
from bot.language.pipeline import Reader

SHORT = 40
"""Words of a short message."""


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
    macro_f1_bounds: tuple[float, float]
    """Where 95 of 100 bootstrap samples have it."""
    exact_intents: float
    exact_slots: float
    exact_slots_where_intents_right: float
    slots: Mapping[str, tuple[float, int]]
    """By slot: the share exactly right where the intents are right, and of how many."""
    right_actions: float
    coverage: float
    """Share of the messages that ask one thing, which is to be carried out, and were."""
    to_be_carried_out: int
    """How many such messages there are."""
    wrong_actions: int
    """Messages carried out that should not be, or with a wrong intent or a wrong detail."""
    at_stake: int
    """Messages on which something harmful was carried out, or was to be."""
    calibration_error: float
    bands: tuple[Band, ...]
    milliseconds: Mapping[str, tuple[float, float]]
    """For short and for longer messages: median and 95th percentile."""
    megabytes: float
    """The most memory that this process has held so far."""
    misses: tuple[Miss, ...]

    @property
    def wrong_action_rate(self) -> float:
        """Wrong actions among all that was at stake."""
        return share(self.wrong_actions, self.at_stake)

    def figures(self) -> dict[str, float]:
        """The figures that models are compared by."""
        return {
            "macro F1": self.macro_f1,
            "exact intents": self.exact_intents,
            "exact slots": self.exact_slots,
            "exact slots where the intents are right": self.exact_slots_where_intents_right,
            "right actions": self.right_actions,
            "coverage": self.coverage,
            "wrong actions": self.wrong_actions,
            "calibration error": self.calibration_error,
        }

    def to_json(self) -> dict[str, object]:
        """Plain values for `--json`."""
        return {
            "messages": self.messages,
            **{name.replace(" ", "_").lower(): round(value, 4) for name, value in self.figures().items()},
            "macro_f1_bounds": [round(bound, 4) for bound in self.macro_f1_bounds],
            "wrong_action_rate": round(self.wrong_action_rate, 4),
            "at_stake": self.at_stake,
            "to_be_carried_out": self.to_be_carried_out,
            "slots": {name: {"exact": round(exact, 4), "of": count} for name, (exact, count) in self.slots.items()},
            "intents": {
                score.label: {
                    "precision": round(score.precision, 4),
                    "recall": round(score.recall, 4),
                    "f1": round(score.f1, 4),
                    "messages": score.messages,
                }
                for score in self.intents
            },
            "reliability": [
                {"probability": round(band.probability, 4), "right": round(band.right, 4), "messages": band.messages}
                for band in self.bands
            ],
            "milliseconds": {name: [round(value, 1) for value in pair] for name, pair in self.milliseconds.items()},
            "megabytes": round(self.megabytes),
            "misses": [
                {"id": miss.id, "wanted": miss.wanted, "got": miss.got, "is_wrong_action": miss.is_wrong_action}
                for miss in self.misses
            ],
        }

    def to_text(self, *, misses: bool = False) -> str:
        """Tables for people; every miss too if asked for."""
        low, high = self.macro_f1_bounds
        lines = [f"{'intent':18} precision recall   F1  messages"]
        lines += [
            f"{score.label:18} {score.precision:9.2f} {score.recall:6.2f} {score.f1:5.2f} {score.messages:8}"
            for score in self.intents
        ]
        lines += ["", f"{'slot':18}     exact  messages, where the intents are right"]
        lines += [f"{name:18} {exact:9.3f} {count:9}" for name, (exact, count) in self.slots.items()]
        lines += [
            "",
            f"messages            {self.messages}",
            f"macro F1            {self.macro_f1:.3f} (95 %: {low:.3f} to {high:.3f})",
            f"exact intents       {self.exact_intents:.3f}",
            f"exact slots         {self.exact_slots:.3f}"
            f" ({self.exact_slots_where_intents_right:.3f} where the intents are right)",
            f"right actions       {self.right_actions:.3f}",
            f"coverage            {self.coverage:.3f} of {self.to_be_carried_out} plain requests to be carried out",
            f"wrong actions       {self.wrong_actions} of {self.at_stake} at stake ({self.wrong_action_rate:.2%})",
            f"calibration error   {self.calibration_error:.3f}",
        ]
        lines += [
            f"{name + ' messages':19} {median:.1f} ms, 95 of 100 within {most:.1f} ms"
            for name, (median, most) in self.milliseconds.items()
        ]
        lines.append(f"memory              {self.megabytes:.0f} MB at most so far")
        lines += [f"  WRONG ACTION {miss.id}: {dict(miss.got)}" for miss in self.misses if miss.is_wrong_action]
        if misses:
            lines += ["", *(f"{miss.id}: {dict(miss.wanted)}\n    -> {dict(miss.got)}" for miss in self.misses)]
        return "\n".join(lines)


def evaluate(reader: Reader, rows: Sequence[Example]) -> Evaluation:
    """Read every row as `dspp classify` would, and compare with its labels."""
    return evaluate_judged(judged(reader, rows))


def evaluate_judged(found: Sequence[Judged]) -> Evaluation:
    """Compare what was read with what was labelled. ValueError if there is nothing."""
    if not found:
        raise ValueError("there are no labelled messages to evaluate on")
    scores = intent_scores(found)
    right = [one for one in found if one.has_right_intents]
    wanted = [one for one in found if one.row.action == "execute" and len(one.row.intents) == 1]
    honesty = bands(found)
    return Evaluation(
        messages=len(found),
        intents=scores,
        macro_f1=share(sum(score.f1 for score in scores), len(scores)),
        macro_f1_bounds=macro_f1_bounds(found),
        exact_intents=share(len(right), len(found)),
        exact_slots=share(sum(one.has_right_slots for one in found), len(found)),
        exact_slots_where_intents_right=share(sum(one.has_right_slots for one in right), len(right)),
        slots=slot_exactness(found),
        right_actions=share(sum(one.action == one.row.action for one in found), len(found)),
        coverage=share(sum(one.action == "execute" for one in wanted), len(wanted)),
        to_be_carried_out=len(wanted),
        wrong_actions=sum(one.is_wrong_action for one in found),
        at_stake=sum(one.is_at_stake for one in found),
        calibration_error=calibration_error(honesty),
        bands=honesty,
        milliseconds=_milliseconds(found),
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        misses=tuple(_miss(one) for one in found if not one.is_as_labelled),
    )


def compared(one: Evaluation, other: Evaluation) -> str:
    """The figures of two models side by side, and the messages that only one of them reads as labelled."""
    theirs = other.figures()
    lines = [f"{'':42} {'this':>8} {'other':>8}"]
    lines += [f"{name:42} {value:8.3f} {theirs[name]:8.3f}" for name, value in one.figures().items()]
    missed, other_missed = {miss.id for miss in one.misses}, {miss.id for miss in other.misses}
    lines += [
        f"only this one misses:  {', '.join(sorted(missed - other_missed)) or 'none'}",
        f"only the other misses: {', '.join(sorted(other_missed - missed)) or 'none'}",
    ]
    return "\n".join(lines)


def _milliseconds(found: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    times: dict[str, list[float]] = {"short": [], "longer": []}
    for one in found:
        words = len(one.row.subject.split()) + len(one.row.body.split())
        times["short" if words <= SHORT else "longer"].append(one.seconds * 1000)
    return {name: (float(np.median(each)), float(np.quantile(each, 0.95))) for name, each in times.items() if each}


def _miss(one: Judged) -> Miss:
    wanted = {"intents": list(one.row.intents), "slots": dict(one.row.slots), "action": one.row.action}
    got = {"intents": list(one.intents), "slots": dict(one.slots), "action": one.action, "reason": one.reason}
    return Miss(one.row.id, wanted, got, one.is_wrong_action)
