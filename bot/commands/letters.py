"""dspp letters: the outbox, and another chance for letters that could not be delivered."""

from __future__ import annotations

import argparse
import sys

from bot.commands.common import add_json, person, say, service_of
from storage.audit import AuditKind, staff
from storage.outbox import OutboxState

SHOWN = 200
NOT_SENT = (OutboxState.QUEUED, OutboxState.DEAD, OutboxState.RETURNED)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("letters", help="letters on their way, and those that could not be delivered")
    actions = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help=f"the latest {SHOWN}, newest first; by default those not sent")
    listing.add_argument("--state", choices=[state.value for state in OutboxState], help="only those in this state")
    add_json(listing)
    listing.set_defaults(run=_list)
    retry = actions.add_parser("retry", help="try a letter again that was given up (DEAD) or came back (RETURNED)")
    retry.add_argument("letter")
    retry.add_argument("--by", default="dspp letters retry", metavar="NAME", type=person, help="who does it; kept")
    retry.set_defaults(run=_retry)


def _list(options: argparse.Namespace) -> int:
    states = (OutboxState(options.state),) if options.state else NOT_SENT
    with service_of(options).store.reading() as tx:
        letters = tx.outbox.in_states(states, SHOWN)
    rows = [
        {
            "id": one.id,
            "state": one.state.value,
            "created_at": one.created_at,
            "attempts": one.attempts,
            "recipient": one.recipient,
            "kind": one.kind,
            "detail": one.detail,
        }
        for one in letters
    ]
    lines = [
        f"{one.id}  {one.state.value:8}  {one.created_at:%Y-%m-%d %H:%M}  {one.attempts:3} tries  {one.recipient}"
        + (f"  {one.detail}" if one.detail else "")
        for one in letters
    ]
    say(options, rows, "\n".join(lines) or "there are none")
    return 0


def _retry(options: argparse.Namespace) -> int:
    service = service_of(options)
    with service.store.transaction() as tx:
        is_queued = tx.outbox.send_again(options.letter)
        if is_queued:
            facts, now = {"command": "letters retry"}, service.clock.now()
            tx.audit.note(staff(options.by), AuditKind.STAFF_ACT, f"letter:{options.letter}", facts, now)
    if not is_queued:
        print(f"dspp: there is no letter {options.letter} that was given up or came back", file=sys.stderr)
        return 1
    print("queued again")
    return 0
