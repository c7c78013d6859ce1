"""dspp examples: messages that staff reclassified, and whether the model is to learn from them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from bot.commands.common import add_json, person, say, service_of
from bot.language.examples import ACTIONS, LABELS, SLOT_NAMES
from bot.learning import BadLabels, CannotLearn, correct, judge, labels_of
from storage.audit import AuditKind, staff
from storage.corrections import Correction, CorrectionState


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("examples", help="messages that staff reclassified, for the model to learn from")
    actions = family.add_subparsers(dest="what", required=True, metavar="ACTION")
    correcting = actions.add_parser("correct", help="say what a message asked, where it was read otherwise")
    correcting.add_argument("message", help="its id, or that of its review")
    correcting.add_argument("--intent", action="append", required=True, choices=LABELS, metavar="LABEL", dest="intents")
    correcting.add_argument("--action", required=True, choices=ACTIONS, help="what is to be done with such a message")
    correcting.add_argument(
        "--slot", action="append", default=[], metavar="NAME=VALUE", dest="slots", help=f"of {', '.join(SLOT_NAMES)}"
    )
    correcting.add_argument("--by", required=True, metavar="NAME", type=person, help="who says so; kept with it")
    correcting.add_argument("--note", default="", metavar="TEXT", help="why; kept with it")
    correcting.set_defaults(run=_correct)
    listing = actions.add_parser("list", help="those that wait for a second person, oldest first")
    add_json(listing)
    listing.set_defaults(run=_list)
    review = actions.add_parser("review", help="accept one into training, or reject it")
    review.add_argument("correction")
    verdict = review.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--accept", action="store_true")
    verdict.add_argument("--reject", action="store_true")
    review.add_argument(
        "--by", required=True, metavar="NAME", type=person, help="who decides: another person than corrected it"
    )
    review.set_defaults(run=_review)


def _correct(options: argparse.Namespace) -> int:
    try:
        labels = labels_of(options.intents, options.action, options.slots)
    except BadLabels as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 2
    if _is_nobody(options):
        return 2
    service = service_of(options)
    try:
        with service.store.transaction() as tx:
            review = tx.reviews.get(options.message)
            message = tx.messages.get(review.message_id if review else options.message)
            now, note = service.clock.now(), options.note.strip()
            kept = correct(tx, message, labels, by=options.by.strip(), note=note, now=now)
            facts = {"command": "examples correct", "message": message.id, "intents": kept.intents}
            private = {"note": note} if note else None
            subject = f"correction:{kept.id}"
            tx.audit.note(staff(options.by), AuditKind.STAFF_ACT, subject, facts, now, private=private)
    except LookupError:
        print(f"dspp: there is no message and no review {options.message}", file=sys.stderr)
        return 1
    except CannotLearn as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 1
    print(f"{kept.id} waits for another person: dspp examples review {kept.id} --accept|--reject --by NAME")
    return 0


def _list(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        waiting = tx.corrections.in_state(CorrectionState.PENDING)
        earlier = {
            one.message_id: [each for each in tx.corrections.of_message(one.message_id) if each.id != one.id]
            for one in waiting
        }
    rows = [_row(one, earlier[one.message_id]) for one in waiting]
    parts = ["\n".join(_lines(one, earlier[one.message_id])) for one in waiting]
    say(options, rows, "\n\n".join(parts) or "nothing waits")
    return 0


def _review(options: argparse.Namespace) -> int:
    if _is_nobody(options):
        return 2
    service = service_of(options)
    try:
        with service.store.transaction() as tx:
            now = service.clock.now()
            judged = judge(tx, options.correction, accept=options.accept, by=options.by.strip(), now=now)
            facts = {"command": "examples review", "message": judged.message_id, "is_accepted": options.accept}
            tx.audit.note(staff(options.by), AuditKind.STAFF_ACT, f"correction:{judged.id}", facts, now)
    except CannotLearn as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 1
    print("accepted; the next dspp train learns from it" if options.accept else "rejected")
    return 0


def _is_nobody(options: argparse.Namespace) -> bool:
    if not options.by.strip():
        print("dspp: --by must name somebody", file=sys.stderr)
    return not options.by.strip()


def _row(one: Correction, earlier: Sequence[Correction]) -> dict[str, object]:
    return {
        "id": one.id,
        "message": one.message_id,
        "corrected_at": one.corrected_at,
        "corrected_by": one.corrected_by,
        "note": one.note,
        "subject": one.subject,
        "text": one.live,
        "read": list(one.was_read),
        "model": one.model,
        "staff_say": {"intents": list(one.intents), "action": one.action, "slots": _plain(one.slots)},
        "earlier": [{"by": each.corrected_by, "at": each.corrected_at, "state": each.state.value} for each in earlier],
    }


def _lines(one: Correction, earlier: Sequence[Correction]) -> list[str]:
    read = "; ".join(f"{each['intent']}{_told(each['slots'])}" for each in one.was_read)  # type: ignore[arg-type]  # our own JSON
    lines = [
        f"{one.id}  {one.corrected_at:%Y-%m-%d %H:%M}  by {one.corrected_by}" + (f": {one.note}" if one.note else ""),
        f"  read       {read or 'nothing surely'}" + (f"  (model {one.model})" if one.model else ""),
        f"  staff say  {', '.join(one.intents)}{_told(one.slots)}: {one.action}",
    ]
    if earlier:
        lines.append(f"  before     {', '.join(f'{each.corrected_by} ({each.state.value})' for each in earlier)}")
    lines += [f"  | {line}" for line in (one.subject, *one.live.strip().splitlines()) if line.strip()]
    return lines


def _told(slots: Mapping[str, Sequence[str] | str]) -> str:
    """Slots in brackets; nothing if there are none."""
    told = [
        f"{name} {each}" for name, values in slots.items() for each in ([values] if isinstance(values, str) else values)
    ]
    return f" ({', '.join(told)})" if told else ""


def _plain(slots: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in slots.items()}
