"""dspp audit: seals the record of what happened, checks that nobody changed it, and hands it out."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.audit import exported, seal_all, verify
from bot.commands.common import add_json, say, service_of
from bot.exchange_files import day_of
from storage.audit import Head

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Bound:
    """Where an export begins or ends: at a number, or at a day in the plan's timezone."""

    number: int | None = None
    day: date | None = None

    def instant(self, timezone: str, *, is_end: bool) -> datetime | None:
        """When the day begins, or ends; None if it is no day."""
        if self.day is None:
            return None
        day = self.day + timedelta(days=1) if is_end else self.day
        return datetime.combine(day, time(), ZoneInfo(timezone))


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("audit", help="the sealed record of everything that happened")
    actions = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("verify", help="check that no record was changed or taken out; changes nothing")
    check.add_argument(
        "--head",
        action="append",
        default=[],
        type=_head,
        metavar="NUMBER:DIGEST",
        help="what dspp audit head told once; without it nobody can see that the end was cut off. May be given often",
    )
    add_json(check)
    check.set_defaults(run=_verify)
    head = actions.add_parser("head", help="the last sealed record, to be written down elsewhere")
    add_json(head)
    head.set_defaults(run=_show_head)
    seal = actions.add_parser("seal", help="seal what waits; the running service does it by itself")
    add_json(seal)
    seal.set_defaults(run=_seal)
    export = actions.add_parser("export", help="sealed records as JSON lines, which anybody can check")
    for name, what in (("from", "first"), ("to", "last")):
        export.add_argument(
            f"--{name}", dest=what, type=_bound, default=Bound(), metavar="NUMBER|DAY", help=f"the {what} one wanted"
        )
    export.add_argument(
        "--about", default="", metavar="ID", help="those about a message, letter, order, registration, file or cycle"
    )
    export.add_argument("--texts", action="store_true", help="with the private texts, which may name people")
    export.set_defaults(run=_export)


def _head(text: str) -> Head:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("NUMBER:DIGEST is wanted, as dspp audit head tells it")
    return Head(int(found[1]), found[2])


def _bound(text: str) -> Bound:
    if _NUMBER.fullmatch(text):
        return Bound(number=int(text))
    try:
        return Bound(day=day_of(text))
    except ValueError:
        raise argparse.ArgumentTypeError("a number from 1 on, or a day as 2003-11-19, is wanted") from None


def _verify(options: argparse.Namespace) -> int:
    service = service_of(options)
    found = verify(service.store, options.head, service.clock.now())
    broken = found.broken
    lines = [f"{found.head.number} records are whole, up to {found.head}"]
    if broken is not None:
        lines = [f"BROKEN at {broken.number}: {broken.how.value}", f"whole before it: {found.head.number} records"]
    if found.unsealed:
        lines.append(f"{found.unsealed} wait to be sealed, which is usual")
    if found.late:
        lines.append(f"{found.late} have waited for more than an hour: run dspp serve, or dspp audit seal")
    report = {
        "is_good": found.is_good,
        "records": found.head.number,
        "head": str(found.head),
        "unsealed": found.unsealed,
        "late": found.late,
        "broken": {"number": broken.number, "how": broken.how.name.lower()} if broken else None,
    }
    say(options, report, "\n".join(lines))
    return 0 if found.is_good else 1


def _show_head(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        head, unsealed = tx.audit.head(), tx.audit.unsealed()
    say(options, {"number": head.number, "digest": head.digest, "unsealed": unsealed}, str(head))
    return 0


def _seal(options: argparse.Namespace) -> int:
    store = service_of(options).store
    sealed = seal_all(store)
    with store.reading() as tx:
        head = tx.audit.head()
    say(options, {"sealed": sealed, "head": str(head)}, f"{sealed} records sealed; the head is {head}")
    return 0


def _export(options: argparse.Namespace) -> int:
    service = service_of(options)
    timezone = service.plan.book.timezone
    lines = exported(
        service.store,
        numbers=(options.first.number, options.last.number),
        instants=(options.first.instant(timezone, is_end=False), options.last.instant(timezone, is_end=True)),
        about=options.about,
        with_texts=options.texts,
    )
    count = 0
    try:
        for line in lines:
            sys.stdout.buffer.write(line)
            count += 1
    except (ValueError, TypeError):
        print("dspp: a record cannot be read, since it was changed; dspp audit verify tells which", file=sys.stderr)
        return 1
    finally:
        sys.stdout.buffer.flush()
    print(f"dspp: {count} records", file=sys.stderr)
    return 0
