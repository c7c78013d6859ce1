"""dspp holders and states: files of the transfer agent and of Investor Relations, and holds of our own."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from bot.commands.common import add_json, person, say, service_of
from bot.holders_import import import_holders
from bot.states_import import import_states
from storage.audit import AuditKind, staff


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
        if kind == "holders":
            _register_holds(family)


def _register_holds(family: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    held = family.add_parser(
        "held", help="accounts on hold for a death that a message reported, or a letter that came back"
    )
    add_json(held)
    held.set_defaults(run=_held)
    release = family.add_parser(
        "release", help="release an account whose holder lives, or whose address is right again"
    )
    release.add_argument("account", help="the whole account number")
    release.add_argument("--by", required=True, metavar="NAME", type=person, help="who releases it; kept with the hold")
    release.add_argument("--reason", required=True, metavar="TEXT", help="how it was verified; kept with the hold")
    release.set_defaults(run=_release)


def _holders(options: argparse.Namespace) -> int:
    service = service_of(options)
    done = import_holders(service.store, service.plan, service.keys, service.post, options.file, service.clock.now())
    say(
        options,
        asdict(done),
        f"{done.holders} holders loaded: {done.new} new, {done.changed} with changed details, {done.departed} departed,"
        f" {done.stopped} stopped because their state is closed",
    )
    return 0


def _held(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        standing = tx.reported_holds.standing()
    rows = [asdict(one) | {"hold": one.hold.value} for one in standing]
    lines = [
        f"{one.account_number}  {one.hold.value}  since {one.reported_at:%Y-%m-%d %H:%M} UTC  {one.cause}"
        for one in standing
    ]
    say(options, rows, "\n".join(lines) or "none")
    return 0


def _release(options: argparse.Namespace) -> int:
    if not options.by.strip() or not options.reason.strip():
        print("dspp: --by and --reason must say something", file=sys.stderr)
        return 2
    service = service_of(options)
    with service.store.transaction() as tx:
        holder = tx.registrations.by_account_number(options.account)
        if holder is None or not tx.reported_holds.release(
            holder.id, options.by.strip(), options.reason.strip(), service.clock.now()
        ):
            print(f"dspp: no reported hold stands on account {options.account}; see dspp holders held", file=sys.stderr)
            return 1
        private = {"reason": options.reason.strip()}
        facts = {"hold": "reported"}
        by, now = staff(options.by), service.clock.now()
        tx.audit.note(by, AuditKind.HOLD_RELEASED, f"registration:{holder.id}", facts, now, private=private)
        others = [one.account_number for one in tx.reported_holds.standing() if one.email == holder.email]
    print("released. A deduction that was paused stays paused until the holder asks to resume it")
    if others:
        print(f"everything at the same email address stays frozen until these are released too: {', '.join(others)}")
    return 0


def _states(options: argparse.Namespace) -> int:
    service = service_of(options)
    entries = import_states(service.store, options.file, service.clock.now())
    say(options, {"entries": entries}, f"{entries} entries loaded")
    return 0
