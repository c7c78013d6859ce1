"""dspp dkim: the keys that sign outgoing letters, and the records to publish for them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot.commands.common import add_json, say, settings_of
from bot.mail.dkim_keys import SigningKeys, key_files, make_signing_keys, read_signing_keys


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("dkim", help="the keys that sign outgoing letters")
    actions = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, run, what in (
        ("keygen", _keygen, "make an RSA and an Ed25519 key, and tell what to publish for them"),
        ("check", _check, "check the keys that are there, and tell what must be published for them"),
    ):
        command = actions.add_parser(name, help=what)
        command.add_argument("--domain", required=True, help="the domain of the program's address")
        command.add_argument("--selector", required=True, help="names this pair of keys, for instance s2026")
        command.add_argument(
            "--out", type=Path, metavar="DIR", help="default: dkim_keys as set, or dkim in the state directory"
        )
        add_json(command)
        command.set_defaults(run=run)


def _keygen(options: argparse.Namespace) -> int:
    keys = make_signing_keys(_folder(options), options.domain, options.selector)
    return _tell(options, keys, "made, for this user only; put them in the backup")


def _check(options: argparse.Namespace) -> int:
    keys = read_signing_keys(_folder(options), options.domain, options.selector)
    return _tell(options, keys, "in order")


def _folder(options: argparse.Namespace) -> Path:
    folder: Path = options.out or settings_of(options).dkim_dir
    return folder


def _tell(options: argparse.Namespace, keys: SigningKeys, state: str) -> int:
    folder, selector = _folder(options), options.selector.lower()
    files = key_files(folder, keys.domain, selector)
    settings = {"dkim_selector": selector, "dkim_keys": str(folder.resolve())}
    report = {
        "keys": [
            {
                "kind": key.kind,
                "file": str(files[key.kind]),
                "record": key.record.name,
                "value": key.record.value,
                "zone": key.record.zone_line,
            }
            for key in keys.keys
        ],
        "settings": settings,
    }
    lines = [f"{files[key.kind]}  {state}" for key in keys.keys]
    lines += ["", "to publish in the DNS, before the settings are set:"]
    for key in keys.keys:
        lines += ["", f"name   {key.record.name}", "type   TXT", f"value  {key.record.value}", key.record.zone_line]
    lines += ["", "then set, and start the service again:"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    say(options, report, "\n".join(lines))
    return 0
