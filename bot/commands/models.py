"""dspp models: which language model serves, a better one in its place, and the one before again."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from bot.clock import Clock
from bot.commands.common import add_json, person, say, settings_of
from bot.language.model_files import BadModel, digest_of, in_service
from bot.language.promotion import CannotChange, back, promote
from bot.language.shelf import Change, Shelf
from bot.settings import Settings
from storage.audit import AuditKind, staff
from storage.schema import newest_revision, stored_revision
from storage.store import Store, database_is_there, open_engine

BY = "who says so; kept in the log"
RESTART = "the service takes it up at its next start"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("models", help="the language model in service, and the one before it")
    actions = family.add_subparsers(dest="what", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="which serves, which came before it, and what replaced what")
    add_json(listing)
    listing.set_defaults(run=_list)
    promoting = actions.add_parser("promote", help="let a model serve, unless the frozen test shows it to be worse")
    promoting.add_argument("folder", type=Path, metavar="DIR", help="where dspp train --out put it")
    promoting.add_argument("--by", default="dspp models promote", metavar="NAME", type=person, help=BY)
    add_json(promoting)
    promoting.set_defaults(run=_promote)
    returning = actions.add_parser("back", help="swap the model in service and the one before it")
    returning.add_argument("--by", default="dspp models back", metavar="NAME", type=person, help=BY)
    returning.set_defaults(run=_back)


def _list(options: argparse.Namespace) -> int:
    place = settings_of(options).model
    shelf = Shelf(place)
    current, previous, changes = shelf.current(), shelf.previous(), shelf.changes()
    report = {
        "in_service": _described(in_service(place), current),
        "previous": _described(shelf.kept(previous), previous),
        "changes": [asdict(change) | {"how": change.how.value} for change in changes],
    }
    lines = [f"{what:12}{told or 'none'}" for what, told in (
        ("in service", report["in_service"]), ("previous", report["previous"])
    )]  # fmt: skip
    lines += [""] * bool(changes)
    lines += [
        f"{change.at}  {change.how.value:16}  {change.to}"
        + (f" for {change.replaced}" if change.replaced else "")
        + f"  by {change.by}"
        for change in changes
    ]
    say(options, report, "\n".join(lines))
    return 0 if current else 1


def _described(folder: Path, digest: str) -> str:
    """A model and where it stands, with its fault if it has one; nothing if there is none."""
    if not digest:
        return ""
    try:
        digest_of(folder)
    except BadModel as fault:
        return f"{digest}  {fault}"
    return f"{digest}  {folder}"


def _promote(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    by = options.by.strip() or "dspp models promote"
    now = Clock(settings.clock).now()
    try:
        done = promote(options.folder, settings.model, by=by, at=now)
    except CannotChange as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 1
    if not done.reasons:
        _note(settings, "models promote", by, Shelf(settings.model).changes()[0], now)
    say(options, done.to_json(), done.to_text() + ("" if done.reasons else f"; {RESTART}"))
    return 1 if done.reasons else 0


def _back(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    by = options.by.strip() or "dspp models back"
    now = Clock(settings.clock).now()
    try:
        change = back(settings.model, by=by, at=now)
    except CannotChange as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 1
    _note(settings, "models back", by, change, now)
    print(f"{change.to} serves in place of {change.replaced}; {RESTART}")
    return 0


def _note(settings: Settings, command: str, by: str, change: Change, now: datetime) -> None:
    """Note who let which model serve. The model serves already: what is on disk is not part of a transaction.

    Where there is no database yet, or none at this schema, only the shelf's own log knows of it.
    """
    engine = open_engine(settings.database)
    try:
        if not database_is_there(engine) or stored_revision(engine) != newest_revision():
            print("dspp: there is no database yet, so only dspp models list tells of this", file=sys.stderr)
            return
        with Store(engine).transaction() as tx:
            facts = {"command": command, "replaced": change.replaced}
            tx.audit.note(staff(by), AuditKind.STAFF_ACT, f"model:{change.to}", facts, now)
    finally:
        engine.dispose()
