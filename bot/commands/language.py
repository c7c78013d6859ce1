"""dspp train, evaluate and classify: the language model."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.clock import Clock
from bot.commands.common import add_json, say, settings_of
from bot.language.classify_cli import classify_lines, classify_mail
from bot.language.evaluation import compared, evaluate, evaluate_judged
from bot.language.examples import BadExamples, Example, read_rows
from bot.language.judging import judged
from bot.language.measures import confusion
from bot.language.model_files import sources_of
from bot.language.pictures import draw
from bot.language.pipeline import Reader
from bot.language.promotion import CannotChange, install, promote
from bot.language.shelf import Shelf
from bot.language.training import sources_digest, train
from bot.learning import accepted_examples
from bot.settings import Settings

CLASSIFY_KEYS = (
    '"body" (text or null) is needed; "id" comes back with the answer, "subject" is read with the body; "channel" and'
    """ any other key is left alone. Example: {"id": "1", "channel": "email", "subject": "my order","""
    ' "body": "Please invest $500."}'
)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    training = commands.add_parser("train", help="train the language model from the examples")
    training.add_argument("--out", type=Path, metavar="DIR", help="where to put it; default: where the service looks")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--if-needed", action="store_true", help="do nothing if the model there fits the examples")
    training.add_argument("--shipped-only", action="store_true", help="leave out what staff corrected")
    training.set_defaults(run=_train)
    evaluation = commands.add_parser("evaluate", help="score the model on labelled messages")
    evaluation.add_argument("file", type=Path, help="JSON lines in the form of the examples")
    evaluation.add_argument("--model", type=Path, metavar="DIR")
    evaluation.add_argument("--against", type=Path, metavar="DIR", help="another model, to compare with")
    evaluation.add_argument("--pictures", type=Path, metavar="DIR", help="draw reliability.svg and confusion.svg there")
    evaluation.add_argument("--misses", action="store_true", help="list every message that was read otherwise")
    add_json(evaluation)
    evaluation.set_defaults(run=_evaluate)
    classify = commands.add_parser(
        "classify",
        help="say what messages ask, a JSON line each; needs no database",
        description="Say what messages ask. Each line in is a JSON object, each line out the answer to it: "
        + CLASSIFY_KEYS,
    )
    classify.add_argument("file", type=Path, nargs="?", help="JSON lines; default: standard input")
    classify.add_argument("--eml", type=Path, nargs="+", metavar="FILE", help="raw messages instead")
    classify.add_argument("--model", type=Path, metavar="DIR")
    classify.set_defaults(run=_classify)


def _reader(options: argparse.Namespace) -> Reader:
    return Reader.load(options.model or settings_of(options).model)


def _train(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    shelf = Shelf(settings.model)
    out = options.out.resolve() if options.out else None
    if out and (out.is_relative_to(shelf.versions.resolve()) or shelf.versions.resolve().is_relative_to(out)):
        print(f"dspp: {options.out} is where models in service are kept; name another folder", file=sys.stderr)
        return 2
    extra = () if options.shipped_only else accepted_examples(settings)
    if out and out != settings.model.resolve():
        print(train(out, seed=options.seed, if_needed=options.if_needed, report=print, extra=extra))
        return 0
    with shelf.alone("training"):
        return _train_for_service(options, settings, extra)


def _train_for_service(options: argparse.Namespace, settings: Settings, extra: Sequence[Example]) -> int:
    """Train beside the model in service. Where staff taught anything, or a model was promoted, the test decides."""
    place, now = settings.model, Clock(settings.clock).now
    if options.if_needed and sources_of(place) == sources_digest(seed=options.seed, extra=extra):
        print(f"the model at {place} fits the examples; nothing to do")
        return 0
    if options.if_needed and (change := Shelf(place).was_put_back()):
        print(f"{change.by} put the model {change.to} back; dspp train without --if-needed tries another")
        return 0
    candidate = place.with_name(f"{place.name}.candidate")
    if not sources_of(candidate):  # what a kill left of it
        shutil.rmtree(candidate, ignore_errors=True)
    print(train(candidate, seed=options.seed, if_needed=True, report=print, extra=extra))
    if install(candidate, place, at=now(), tested=bool(extra)):
        shutil.rmtree(candidate, ignore_errors=True)
        print(f"it serves at {place}")
        return 0
    print("comparing it with the model in service")
    try:
        done = promote(candidate, place, by="dspp train", at=now())
    except CannotChange as fault:
        print(f"dspp: {fault}")
        return 0
    print(done.to_text())
    if not done.reasons:
        shutil.rmtree(candidate, ignore_errors=True)  # it was copied; one that was refused is not trained again
    return 1 if done.reasons and not options.if_needed else 0


def _evaluate(options: argparse.Namespace) -> int:
    rows = _labelled(options.file)
    found = judged(_reader(options), rows)
    result = evaluate_judged(found)
    report, text = result.to_json(), result.to_text(misses=options.misses)
    if options.pictures:
        drawn = draw(options.pictures, result.bands, confusion(found))
        report["pictures"] = [str(path) for path in drawn]
        text += f"\ndrawn: {drawn[0]}, {drawn[1]}"
    if options.against:
        other = evaluate(Reader.load(options.against), rows)
        report["against"] = other.to_json()
        text += f"\n\n{compared(result, other)}"
    say(options, report, text)
    return 0


@contextmanager
def _in_utf8(file: Path) -> Iterator[None]:
    """BadExamples if what is read meanwhile from a file is not written in UTF-8."""
    try:
        yield
    except UnicodeDecodeError as fault:
        raise BadExamples(f"{file} is not written in UTF-8 ({fault.reason} at byte {fault.start})") from fault


def _labelled(file: Path) -> Sequence[Example]:
    """The labelled messages of a file, one at least. BadExamples."""
    with _in_utf8(file):
        rows = read_rows(file)
    if not rows:
        raise BadExamples(f"{file} holds no labelled message")
    return rows


def _classify(options: argparse.Namespace) -> int:
    reader = _reader(options)
    if options.eml:
        return classify_mail(options.eml, sys.stdout, reader)
    if options.file is None:
        return classify_lines(sys.stdin, sys.stdout, reader)
    with _in_utf8(options.file), options.file.open(encoding="utf-8") as lines:
        return classify_lines(lines, sys.stdout, reader)
