"""dspp serve, migrate and setup: run the service, bring its database up to date, make a first set-up."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bot.app import open_service, serve
from bot.commands.common import service_of, settings_of
from bot.doors import new_loop
from bot.holders_import import import_holders
from bot.keys import bind_secret
from bot.language.shelf import check
from bot.settings import ROLES
from bot.states_import import import_states
from storage.schema import upgrade

ROLES_HELP = f"which parts to run, of {','.join(ROLES)}; default all"
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    run = commands.add_parser("serve", help="run the service until it is told to stop")
    run.add_argument("--roles", default=",".join(ROLES), help=ROLES_HELP)
    run.add_argument("--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    run.set_defaults(run=_serve)
    migrate = commands.add_parser("migrate", help="bring the database to this program's schema")
    migrate.set_defaults(run=_migrate)
    samples = commands.add_parser("samples", help="load the sample holders and state list, if none are there")
    samples.set_defaults(run=_samples)


def _serve(options: argparse.Namespace) -> int:
    roles = frozenset(filter(None, options.roles.split(",")))
    unknown = sorted(roles - {*ROLES})
    if unknown or not roles:
        named = ", ".join(unknown) or "(none given)"
        print(f"dspp serve: unknown role {named}; known are {', '.join(ROLES)}", file=sys.stderr)
        return 2
    service = open_service(settings_of(options))
    if "work" in roles:
        check(service.settings.model)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(serve(service, roles, announce=lambda line: print(f"dspp: {line}", flush=True)))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    service = open_service(settings_of(options))
    revision = upgrade(service.store.engine)
    bind_secret(service.store, service.keys)
    print(f"the database is at schema {revision}")
    return 0


def _samples(options: argparse.Namespace) -> int:
    service = service_of(options)
    with service.store.reading() as tx:
        is_empty = not tx.files.last_sequence("holders") and not tx.files.last_sequence("states")
    if not is_empty:
        print("holders or states are loaded already; the samples are left out")
        return 0
    now = service.clock.now()
    holders = SAMPLES / "holders.csv"
    imported = import_holders(service.store, service.plan, service.keys, service.post, holders, now)
    states = import_states(service.store, SAMPLES / "states.csv", now)
    print(f"loaded {imported.holders} sample holders and a sample list of {states} states (a sample, not a fact)")
    return 0
