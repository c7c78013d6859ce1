"""dspp train, evaluate and classify: the language model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands.common import add_json, say, settings_of
from bot.language.classify_cli import classify_lines, classify_mail
from bot.language.evaluation import evaluate
from bot.language.examples import read_rows
from bot.language.pipeline import Reader
from bot.language.training import train


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    training = commands.add_parser("train", help="train the language model from the examples")
    training.add_argument("--out", type=Path, metavar="DIR", help="where to put it; default: where the service looks")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--if-needed", action="store_true", help="do nothing if the model there fits the examples")
    training.set_defaults(run=_train)
    evaluation = commands.add_parser("evaluate", help="score the model on labelled messages")
    evaluation.add_argument("file", type=Path, help="JSON lines in the form of the examples")
    evaluation.add_argument("--model", type=Path, metavar="DIR")
    add_json(evaluation)
    evaluation.set_defaults(run=_evaluate)
    classify = commands.add_parser("classify", help="say what messages ask, a JSON line each; needs no database")
    classify.add_argument("file", type=Path, nargs="?", help="JSON lines; default: standard input")
    classify.add_argument("--eml", type=Path, nargs="+", metavar="FILE", help="raw messages instead")
    classify.add_argument("--model", type=Path, metavar="DIR")
    classify.set_defaults(run=_classify)


def _reader(options: argparse.Namespace) -> Reader:
    return Reader.load(options.model or settings_of(options).model)


def _train(options: argparse.Namespace) -> int:
    out = options.out or settings_of(options).model
    report = train(out, seed=options.seed, if_needed=options.if_needed, report=print)
    print(report)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    result = evaluate(_reader(options), read_rows(options.file))
    say(options, result.to_json(), result.to_text())
    return 0


def _classify(options: argparse.Namespace) -> int:
    reader = _reader(options)
    if options.eml:
        return classify_mail(options.eml, sys.stdout, reader)
    if options.file is None:
        return classify_lines(sys.stdin, sys.stdout, reader)
    with options.file.open(encoding="utf-8") as lines:
        return classify_lines(lines, sys.stdout, reader)
