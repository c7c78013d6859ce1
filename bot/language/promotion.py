"""Which model may serve: a new one only if the frozen test shows nothing worse in it that matters.

Two things matter: that every intent is recognised as often as before, and
that no more is carried out wrongly than before. Everything else may fall.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.language.evaluation import Evaluation, evaluate
from bot.language.examples import HELD_OUT, Example, read_rows
from bot.language.model_files import BadModel, digest_of, in_service
from bot.language.pipeline import Reader
from bot.language.shelf import Change, How, Shelf

FROZEN = HELD_OUT / "test.jsonl"
"""The messages that decide; no model and no author of examples has seen them."""


class CannotChange(RuntimeError):
    """There is nothing that the model in service could be replaced by. It goes on serving."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of trying to put a model into service."""

    candidate: Evaluation
    current: Evaluation | None
    """What the candidate was compared with; None if there was no model that could be used."""
    to: str
    """Digest of the candidate."""
    compared: str
    """Digest of the model it was compared with: the one in service, or where that cannot be used the one before."""
    replaced: str
    """Digest of the model that `dspp models back` then leads to; empty if there is none that is whole."""
    reasons: tuple[str, ...]
    """Why the candidate may not serve; empty if it serves now."""

    def to_json(self) -> dict[str, object]:
        """Plain values for `--json`."""
        return {
            "promoted": not self.reasons,
            "to": self.to,
            "replaced": self.replaced,
            "reasons": list(self.reasons),
            "figures": _figures(self),
        }

    def to_text(self) -> str:
        """The figures of both side by side, and what fell or what serves now; of the test's messages nothing."""
        lines = [f"{'':42} {'new':>8} {'serving':>8}"] if self.current else [f"{'':42} {'new':>8}"]
        theirs = self.current.figures() if self.current else {}
        for name, value in self.candidate.figures().items():
            lines.append(f"{name:42} {value:8.3f}" + (f" {theirs[name]:8.3f}" if theirs else ""))
        if self.reasons:
            lines += ["", f"not promoted: {self.to} is worse than {self.compared}; nothing was changed", ""]
            lines += [f"  {reason}" for reason in self.reasons]
        else:
            lines += ["", f"promoted: {self.to}" + (f" in place of {self.replaced}" if self.replaced else "")]
        return "\n".join(lines)


def may_replace(candidate: Evaluation, current: Evaluation) -> list[str]:
    """Why `candidate` may not take the place of `current`; empty if it may.

    Equal is good enough. Both must have been measured on the same messages.
    """
    if candidate.messages != current.messages:
        return [f"measured on {candidate.messages} messages, the other on {current.messages}: not to be compared"]
    recalls = {score.label: score.recall for score in candidate.intents}
    reasons = [
        f"{'recall of ' + score.label:32} {score.recall:6.3f} -> {recalls.get(score.label, 0.0):6.3f}"
        f"  ({score.messages} messages)"
        for score in current.intents
        if score.messages and recalls.get(score.label, 0.0) < score.recall
    ]
    if candidate.wrong_actions > current.wrong_actions:
        reasons.append(
            f"{'wrong actions':32} {current.wrong_actions:6} -> {candidate.wrong_actions:6}"
            f"  (of {current.at_stake} and {candidate.at_stake} at stake)"
        )
    return reasons


def measured(folder: Path, rows: Sequence[Example]) -> Evaluation:
    """The model in `folder` on labelled messages. BadModel if it cannot be used."""
    reader = Reader.load(folder)
    try:
        return evaluate(reader, rows)
    except Exception as fault:  # of other code: whatever its files do to the code of today
        told = f"{type(fault).__name__}: {fault}"
        raise BadModel(f"the model at {folder} does not fit this program ({told}); run: dspp train") from fault


Measure = Callable[[Path, Sequence[Example]], Evaluation]


def promote(
    folder: Path,
    place: Path,
    *,
    by: str,
    at: datetime,
    measure: Measure = measured,
    test: Path = FROZEN,
) -> Promotion:
    """Let the model in `folder` serve at `place`, if it may. BadModel if it cannot be used.

    It is compared with the model in service; where that cannot be used, with
    the one before it; where there is neither, it serves. CannotChange if it is
    the same one.
    """
    shelf, rows = Shelf(place), read_rows(test)
    source = in_service(folder)
    to = digest_of(source)
    with shelf.alone():
        if shelf.current() == to and shelf.is_whole:
            raise CannotChange(f"the model {to} serves already")
        others = [digest for digest in shelf.whole() if digest != to]
        candidate = measure(source, rows)
        compared, current = _first_measured(shelf, others, rows, measure)
        reasons = may_replace(candidate, current) if current else []
        promotion = Promotion(candidate, current, to, compared, others[0] if others else "", tuple(reasons))
        if not reasons:
            change = Change(How.PROMOTED, to, promotion.replaced, by, _instant(at), _figures(promotion))
            shelf.put_in_service(source, change)
    return promotion


def _first_measured(
    shelf: Shelf, digests: Sequence[str], rows: Sequence[Example], measure: Measure
) -> tuple[str, Evaluation | None]:
    """The first of these models that can be used, and its measurement."""
    for digest in digests:
        with suppress(BadModel):
            return digest, measure(shelf.folder_of(digest), rows)
    return "", None


def install(folder: Path, place: Path, *, at: datetime, tested: bool) -> bool:
    """Let the model in `folder`, just trained, serve at `place` without a test. BadModel if it is not whole.

    False, and nothing is changed, if a model was promoted or put back there; and
    for one that must be `tested`, if there is any that it could be compared with.
    """
    shelf, to = Shelf(place), digest_of(folder)
    with shelf.alone():
        others = [digest for digest in shelf.whole() if digest != to]
        if shelf.is_promoted or (tested and others):
            return False
        if not (shelf.current() == to and shelf.is_whole) and not shelf.put_first(folder):
            replaced = others[0] if others else ""
            shelf.put_in_service(folder, Change(How.TRAINED, to, replaced, "dspp train", _instant(at)))
    return True


def back(place: Path, *, by: str, at: datetime) -> Change:
    """Swap the model in service and the one before it. CannotChange, or BadModel if that one is not whole any more."""
    shelf = Shelf(place)
    with shelf.alone():
        current, previous = shelf.current(), shelf.previous()
        if not previous:
            raise CannotChange(f"no model is known that came before the one at {in_service(place)}; promote another")
        change = Change(How.BACK, previous, current, by, _instant(at))
        shelf.put_in_service(shelf.folder_of(previous), change)
    return change


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _figures(promotion: Promotion) -> dict[str, dict[str, float]]:
    measured = {promotion.to: promotion.candidate}
    if promotion.current:
        measured[promotion.compared] = promotion.current
    return {
        digest: {name: round(value, 4) for name, value in found.figures().items()}
        | {f"recall of {score.label}": round(score.recall, 4) for score in found.intents if score.messages}
        for digest, found in measured.items()
    }
