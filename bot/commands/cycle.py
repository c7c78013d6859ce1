"""dspp cycle: the month's purchase, step by step; each step says what it did, or why it may not be done."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.commands.common import add_json, office_of, person, say
from bot.commands.cycle_told import facts, told
from bot.month.allot import allot_month
from bot.month.aside import defer
from bot.month.closes import hold_pricing, price
from bot.month.confirm import confirm_purchases, delivery_report
from bot.month.debits import send_debits
from bot.month.issue import acknowledge, instruct
from bot.month.lock import lock
from bot.month.office import Office, StepRefused
from bot.month.reminders import remind
from bot.month.sales import load_fills, send_batch, send_proceeds
from bot.month.status import due_of, open_cycles
from bot.month.step import at_the_month
from bot.month.trial import approve, run_trial, sales_state, trial_orders, trial_report, undo, void_approvals
from bot.wording import instant
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import CycleState, SalesState, cycle_id
from handlers.plan.cycle_steps import APPROVALS_NEEDED, StepDue
from storage.cycles import THE_PROGRAM, Cycle
from storage.store import Transaction

_STEPS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "remind": ("a week before the cut-off: remind of checks, and advise debits", remind),
    "debits": ("write the file of the month’s debits for the bank", send_debits),
    "lock": ("after the cut-off: what the month takes of each order", lock),
    "price": ("the price from the closes of the pricing days", price),
    "hold": ("record that pricing waits for a close", hold_pricing),
    "defer": ("after the purchase date, without all closes: put the purchases off by a month", defer),
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
    report.add_argument("--orders", action="store_true", help="every order of the trial run, one a line")
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
    if options.step is void_approvals:
        return _say(options, {"voided": True}, f"approvals of cycle {options.cycle} are void; run the trial again")
    return _say(options, facts(done), told(done))


def _file(options: argparse.Namespace) -> int:
    office = office_of(options)
    done = options.step(office, options.file, options.by, office.clock.now(), dry_run=options.dry_run)
    return _say(options, facts(done), told(done))


def _approve(options: argparse.Namespace) -> int:
    office = office_of(options)
    by = approve(office, options.cycle, options.by, office.clock.now(), dry_run=options.dry_run)
    text = f"approved by {' and '.join(by)} ({len(by)} of {APPROVALS_NEEDED})"
    return _say(options, {"approvers": list(by), "needed": APPROVALS_NEEDED}, text)


def _undo(options: argparse.Namespace) -> int:
    office = office_of(options)
    after = undo(office, options.cycle, options.by, options.reason, office.clock.now(), dry_run=options.dry_run)
    return _say(options, {"state": after.value}, f"cycle {options.cycle} is {after.value} again")


def _report(options: argparse.Namespace) -> int:
    office = office_of(options)
    with office.store.reading() as tx:
        cycle = tx.cycles.of(options.cycle)
        if cycle is None:
            raise StepRefused(f"there is no cycle {options.cycle}; the coming one is {_coming(office)}")
        if options.orders:
            found: object = trial_orders(tx, cycle)
        elif cycle.state is not CycleState.CONFIRMED:
            found = trial_report(tx, office, cycle)
        else:
            found = delivery_report(tx, cycle.id)
    return _say(options, facts(found), told(found))


def _status(options: argparse.Namespace) -> int:
    office = office_of(options)
    now = office.clock.now()
    with at_the_month(office) as tx:
        cycles = open_cycles(tx, office, now)
        if options.cycle:
            cycles = tuple(one for one in cycles if one.id == options.cycle)
        else:
            cycles = tuple(one for one in cycles if not _is_over(tx, one))
        found = [(cycle, due_of(tx, office, cycle, now)) for cycle in cycles]
    if options.cycle and not found:
        raise StepRefused(f"there is no cycle {options.cycle}; the coming one is {_coming(office)}")
    rows = [_cycle_facts(cycle) | {"next": [_due_facts(one) for one in due]} for cycle, due in found]
    zone = office.plan.book.timezone
    say(options, rows, "\n".join(line for cycle, due in found for line in _cycle_told(cycle, due, zone)))
    return 0


def _is_over(tx: Transaction, cycle: Cycle) -> bool:
    is_bought = cycle.state in {CycleState.CONFIRMED, CycleState.DEFERRED}
    return is_bought and sales_state(tx, cycle) in {SalesState.NONE, SalesState.PAID}


def _cycle_facts(cycle: Cycle) -> dict[str, object]:
    return {
        "cycle": cycle.id,
        "state": cycle.state.value,
        "purchase_date": cycle.purchase_date,
        "cut_off": cycle.cut_off,
        "pricing_days": [day.isoformat() for day in cycle.pricing_days],
        "price": str(cycle.price) if cycle.price else None,
    }


def _due_facts(due: StepDue) -> dict[str, object]:
    return {"step": due.step.value, "waits_for": due.waits_for.value if due.waits_for else None, "at": due.at}


def _cycle_told(cycle: Cycle, due: Sequence[StepDue], zone: str) -> Iterator[str]:
    at_price = f"  price {told(cycle.price).removeprefix('price ')}" if cycle.price else ""
    yield f"{cycle.id}  {cycle.state.value}  purchase date {cycle.purchase_date.isoformat()}{at_price}"
    for one in due:
        waits = f"waits for {one.waits_for.value}" if one.waits_for else "is due"
        yield f"    {one.step.value}: {waits}" + (f", {instant(one.at, zone)}" if one.at else "")
    if not due:
        yield "    nothing is to be done"


def _coming(office: Office) -> str:
    now = office.clock.now()
    return cycle_id(next(coming_purchases(now, office.plan.calendar(now), office.plan.book)))


def _say(options: argparse.Namespace, report: object, text: str) -> int:
    is_dry = getattr(options, "dry_run", False)
    say(options, report, ("nothing was done; this would be:\n" if is_dry else "") + text)
    return 0
