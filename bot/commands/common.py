"""What the commands share: settings from the options, and output for people or programs."""

from __future__ import annotations

import argparse
import json
import os
import sys

from bot.app import Service, check_schema, open_service
from bot.desk_reply import NAME_AT_MOST
from bot.keys import bind_secret
from bot.month.office import Office
from bot.settings import Settings, read_settings


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of this run. BadSettings."""
    return read_settings(options.config)


def service_of(options: argparse.Namespace) -> Service:
    """The service's parts with a database that is at the right schema and the secret's own. Raises what is wrong."""
    service = open_service(settings_of(options))
    check_schema(service.store)
    bind_secret(service.store, service.keys)
    return service


def office_of(options: argparse.Namespace) -> Office:
    """What the steps of the month work with. Raises what is wrong."""
    service = service_of(options)
    folder = service.settings.state_dir / "files"
    originator = service.settings.originator
    return Office(service.store, service.plan, service.keys, service.post, service.clock, folder, originator)


def person(name: str) -> str:
    """Who does something, as `--by` names them, no longer than the store keeps. For argparse, which tells the fault."""
    if len(name.strip()) > NAME_AT_MOST:
        raise argparse.ArgumentTypeError(f"the name is longer than {NAME_AT_MOST} characters")
    return name.strip()


def add_json(command: argparse.ArgumentParser) -> None:
    """Offer --json."""
    command.add_argument("--json", action="store_true", help="print one JSON document")


def say(options: argparse.Namespace, report: object, text: str) -> None:
    """Print `report` as JSON if that was asked for, else `text`."""
    try:
        print(json.dumps(report, indent=2, default=str) if options.json else text, flush=True)
    except BrokenPipeError:  # whoever read it has enough; the command goes on to its own status
        stop_printing()


def stop_printing() -> None:
    """Let nothing more go to a standard output that nobody reads, not even what is still buffered."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
