"""dspp holders import and states import: files of the transfer agent and of Investor Relations."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from bot.commands.common import add_json, say, service_of
from bot.holders_import import import_holders
from bot.states_import import import_states


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    for kind, run, what in (
        ("holders", _holders, "the transfer agent's file of registered holders"),
        ("states", _states, "the list of states where the program may be offered"),
    ):
        family = commands.add_parser(kind, help=what).add_subparsers(dest="action", required=True, metavar="ACTION")
        command = family.add_parser("import", help=f"check {what} and load it, whole or not at all")
        command.add_argument("file", type=Path)
        add_json(command)
        command.set_defaults(run=run)


def _holders(options: argparse.Namespace) -> int:
    service = service_of(options)
    done = import_holders(service.store, service.plan, service.keys, service.post, options.file, service.clock.now())
    say(
        options,
        asdict(done),
        f"{done.holders} holders loaded: {done.new} new, {done.changed} with changed details, {done.departed} departed",
    )
    return 0


def _states(options: argparse.Namespace) -> int:
    service = service_of(options)
    entries = import_states(service.store, options.file, service.clock.now())
    say(options, {"entries": entries}, f"{entries} entries loaded")
    return 0
