"""dspp cycle: the month's purchase, step by step; each step says what it did, or why it may not be done."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from bot.commands.common import add_json, office_of, person, say
from bot.month.allot import allot_month
from bot.month.closes import hold_pricing, price
from bot.month.confirm import confirm_purchases, report_of
from bot.month.issue import acknowledge, instruct
from bot.month.lock import lock
from bot.month.office import Office, StepRefused
from bot.month.sales import load_fills, send_batch, send_proceeds
from bot.month.status import due_of, open_cycles
from bot.month.trial import approve, run_trial, trial_report, undo, void_approvals
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import cycle_id
from storage.cycles import THE_PROGRAM

_STEPS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "lock": ("after the cut-off: what the month takes of each order", lock),
    "price": ("the price from the closes of the pricing days", price),
    "hold": ("record that pricing waits for a close", hold_pricing),
    "trial": ("compute the whole allotment, for two people to approve", run_trial),
    "void": ("after a change of what the trial rests on: back to the priced cycle", void_approvals),
    "allot": ("on the purchase date: money becomes shares", allot_month),
    "sales": ("write the batch of sales for the broker", send_batch),
    "proceeds": ("write the list by which sellers are paid, and confirm their sales", send_proceeds),
    "instruct": ("write the issuance instruction and the purchase summary", instruct),
    "confirm": ("queue every buyer’s confirmation", confirm_purchases),
}
_FILES: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "acknowledge": ("load the transfer agent’s acknowledgement of the issue", acknowledge),
    "fills": ("load the broker’s fills, and give each seller their part", load_fills),
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("cycle", help="the month's purchase and sale").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    status = family.add_parser("status", help="where each cycle stands, and what comes next")
    status.add_argument("cycle", nargs="?", help='such as "2003-11"; all that are not over if left out')
    add_json(status)
    status.set_defaults(run=_status)
    for word, (what, step) in _STEPS.items():
        command = family.add_parser(word, help=what)
        command.add_argument("cycle", help='such as "2003-11"')
        _add_who(command)
        command.set_defaults(run=_step, step=step)
    for word, (what, step) in _FILES.items():
        command = family.add_parser(word, help=what)
        command.add_argument("file", type=Path)
        _add_who(command)
        command.set_defaults(run=_file, step=step)
    approval = family.add_parser("approve", help="one of two people’s approval of the trial run")
    approval.add_argument("cycle")
    _add_who(approval, required=True)
    approval.set_defaults(run=_approve)
    undoing = family.add_parser("undo", help="one step back, while nothing was allotted")
    undoing.add_argument("cycle")
    undoing.add_argument("--reason", required=True, metavar="TEXT")
    _add_who(undoing, required=True)
    undoing.set_defaults(run=_undo)
    report = family.add_parser("report", help="the trial run, or who got their confirmation")
    report.add_argument("cycle")
    add_json(report)
    report.set_defaults(run=_report)


def _add_who(command: argparse.ArgumentParser, *, required: bool = False) -> None:
    command.add_argument(
        "--by",
        default=THE_PROGRAM,
        required=required,
        metavar="NAME",
        type=person,
        help="who does it; kept with the cycle",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add_json(command)


def _step(options: argparse.Namespace) -> int:
    office = office_of(options)
    done = options.step(office, options.cycle, options.by, office.clock.now(), dry_run=options.dry_run)
    return _told(options, done)


def _file(options: argparse.Namespace) -> int:
    office = office_of(options)
    done = options.step(office, options.file, options.by, office.clock.now(), dry_run=options.dry_run)
    return _told(options, done)


def _approve(options: argparse.Namespace) -> int:
    office = office_of(options)
    if options.by == THE_PROGRAM:
        raise StepRefused("an approval is a person’s; name them with --by")
    approvers = approve(office, options.cycle, options.by, office.clock.now(), dry_run=options.dry_run)
    say(options, {"approvers": list(approvers)}, f"approved by {' and '.join(approvers)}")
    return 0


def _undo(options: argparse.Namespace) -> int:
    office = office_of(options)
    after = undo(office, options.cycle, options.by, options.reason, office.clock.now(), dry_run=options.dry_run)
    say(options, {"state": after.value}, f"cycle {options.cycle} is {after.value} again")
    return 0


def _report(options: argparse.Namespace) -> int:
    office = office_of(options)
    with office.store.reading() as tx:
        cycle = tx.cycles.of(options.cycle)
        if cycle is not None and cycle.trial_digest and cycle.available is not None:
            found: object = trial_report(tx, office, cycle)
        else:
            found = None
    return _told(options, found if found is not None else report_of(office, options.cycle))


def _status(options: argparse.Namespace) -> int:
    office = office_of(options)
    now = office.clock.now()
    with office.store.transaction() as tx:
        cycles = open_cycles(tx, office, now)
        if options.cycle:
            cycles = tuple(one for one in cycles if one.id == options.cycle)
        found = [(cycle, due_of(tx, office, cycle, now)) for cycle in cycles]
    if options.cycle and not found:
        raise StepRefused(f"there is no cycle {options.cycle}; the coming one is {_coming(office)}")
    rows = [
        {
            "cycle": cycle.id,
            "state": cycle.state.value,
            "purchase_date": cycle.purchase_date,
            "cut_off": cycle.cut_off,
            "pricing_days": [day.isoformat() for day in cycle.pricing_days],
            "price": str(cycle.price) if cycle.price else None,
            "next": [
                {"step": one.step.value, "waits_for": one.waits_for.value if one.waits_for else None, "at": one.at}
                for one in due
            ],
        }
        for cycle, due in found
    ]
    lines = []
    for cycle, due in found:
        lines.append(f"{cycle.id}  {cycle.state.value}  purchase date {cycle.purchase_date.isoformat()}")
        for one in due:
            waits = f"waits for {one.waits_for.value}" if one.waits_for else "is due"
            lines.append(f"    {one.step.value}: {waits}" + (f" ({one.at:%Y-%m-%d %H:%M %Z})" if one.at else ""))
    say(options, rows, "\n".join(lines))
    return 0


def _coming(office: Office) -> str:
    now = office.clock.now()
    return cycle_id(next(coming_purchases(now, office.plan.calendar(now), office.plan.book)))


def _told(options: argparse.Namespace, done: object) -> int:
    plain = _plain(done)
    text = "\n".join(f"{name}: {value}" for name, value in plain.items()) if isinstance(plain, dict) else str(plain)
    would = "nothing was done; this would be:\n" if getattr(options, "dry_run", False) else ""
    say(options, plain, would + text)
    return 0


def _plain(done: object) -> object:
    """A report as plain texts and numbers."""
    if is_dataclass(done) and not isinstance(done, type):
        return {name.replace("_", " "): str(value) for name, value in asdict(done).items()}
    if isinstance(done, tuple | list):
        return [_plain(each) for each in done]
    return "nothing to do" if done is None else str(done)
