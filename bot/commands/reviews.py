"""dspp reviews: what waits for Investor Relations, until the console takes this over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands import review_files
from bot.commands.common import add_json, person, say, service_of
from bot.desk_reply import AlreadyClosed, BadAnswer, NoSender, answer_review
from bot.explain import in_short
from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.reading import text_of
from handlers.contract import Referral
from storage.audit import AuditKind, staff
from storage.reviews import OPEN

SHOWN_AT_MOST = 4_000
"""Characters of a message that are shown unless all of it is asked for. JSON always has all."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("reviews", help="messages that wait for Investor Relations")
    actions = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="those that wait, the nearest deadline first")
    add_json(listing)
    listing.set_defaults(run=_list)
    show = actions.add_parser("show", help="one, with the message, what was understood and the letter sent meanwhile")
    show.add_argument("review")
    most = f"all of the message, not only its first {SHOWN_AT_MOST:,} characters"
    show.add_argument("--whole", action="store_true", help=most)
    add_json(show)
    show.set_defaults(run=_show)
    review_files.register(actions)
    answer = actions.add_parser("answer", help="send an answer in the sender's conversation and close the review")
    answer.add_argument("review")
    answer.add_argument("--by", required=True, metavar="NAME", help="who answers; kept with the review")
    text = answer.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", help="the answer; greeting, your name and the common footer are put around it")
    text.add_argument("--file", type=Path, help="a file that holds the answer; - is standard input")
    text.add_argument("--no-letter", metavar="REASON", help="close it without a letter, for this reason")
    answer.set_defaults(run=_answer)
    retry = actions.add_parser("retry", help="let the service work again on a message that failed; closes the review")
    retry.add_argument("review")
    retry.add_argument(
        "--by", default="dspp reviews retry", metavar="NAME", type=person, help="who says so; kept with the review"
    )
    retry.set_defaults(run=_retry)


def _list(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        waiting = tx.reviews.waiting()
    rows = [
        {
            "id": one.id,
            "reason": Referral[one.reason].value,
            "opened_at": one.opened_at,
            "deadline_at": one.deadline_at,
            "message": one.message_id,
        }
        for one in waiting
    ]
    lines = [
        f"{one.id}  {one.opened_at:%Y-%m-%d %H:%M}  {Referral[one.reason].value}"
        + (f"  (cut-off at risk: {one.deadline_at:%Y-%m-%d %H:%M} UTC)" if one.deadline_at else "")
        for one in waiting
    ]
    say(options, rows, "\n".join(lines) or "nothing waits")
    return 0


def _show(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        one = tx.reviews.get(options.review)
        if one is None:
            print(f"dspp: there is no review {options.review}", file=sys.stderr)
            return 1
        message = tx.messages.get(one.message_id)
    text = text_of(message.raw)
    attachments = parse(message.raw, Limits()).attachments
    report = {
        "id": one.id,
        "state": one.state,
        "reason": Referral[one.reason].value,
        "opened_at": one.opened_at,
        "deadline_at": one.deadline_at,
        "message": one.message_id,
        "received_at": message.received_at,
        "text": text,
        "attachments": review_files.as_rows(attachments),
        "understood": one.understood,
        "draft": one.draft,
        "closed_by": one.closed_by,
        "answer": one.answer,
    }
    lines = [f"{name}: {report[name]}" for name in ("id", "state", "reason", "received_at", "opened_at", "deadline_at")]
    lines += ["", "--- the message ---", *_shown(text, one.id, whole=options.whole)]
    if attachments:
        lines += ["", f"--- what came with it: dspp reviews file {one.id} NUMBER --out FILE saves one ---"]
        lines += review_files.as_lines(attachments)
    lines += ["", "--- the letter sent meanwhile ---", one.draft or "(none)"]
    lines += ["", "--- what was understood ---", *in_short(one.understood)]
    lines += [f"(dspp explain {one.id} tells how it was read, and why)"]
    if one.answer:
        lines += ["", f"--- answered by {one.closed_by} ---", one.answer]
    say(options, report, "\n".join(lines))
    return 0


def _shown(text: str, review_id: str, *, whole: bool) -> list[str]:
    """The message, or its beginning where it is long and not all of it is wanted."""
    if whole or len(text) <= SHOWN_AT_MOST:
        return [text]
    left = len(text) - SHOWN_AT_MOST
    return [text[:SHOWN_AT_MOST], f"(and {left:,} characters more: dspp reviews show {review_id} --whole)"]


def _answer(options: argparse.Namespace) -> int:
    service = service_of(options)
    try:
        text = _written(options)
    except ValueError as fault:
        print(f"dspp: the answer is not written in UTF-8: {fault}", file=sys.stderr)
        return 2
    try:
        answer_review(service, options.review, by=options.by, text=text.strip(), no_letter=options.no_letter)
    except BadAnswer as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 2
    except (LookupError, AlreadyClosed, NoSender) as fault:
        print(f"dspp: {fault}", file=sys.stderr)
        return 1
    print("closed" if options.no_letter is not None else "answered; the letter is in the outbox")
    return 0


def _written(options: argparse.Namespace) -> str:
    """What staff wrote, wherever they did. OSError or ValueError if it cannot be read."""
    if options.file is None:
        return options.text or ""
    if str(options.file) == "-":
        return sys.stdin.read()
    return options.file.read_text(encoding="utf-8-sig")  # type: ignore[no-any-return]  # argparse made it a Path


def _retry(options: argparse.Namespace) -> int:
    service = service_of(options)
    now = service.clock.now()
    with service.store.transaction() as tx:
        review = tx.reviews.get(options.review)
        if review is None or review.state != OPEN:
            print(f"dspp: there is no open review {options.review}", file=sys.stderr)
            return 1
        if not tx.messages.retry(review.message_id):
            print("dspp: its message did not fail; dspp reviews answer closes it", file=sys.stderr)
            return 1
        tx.outbox.set_aside(f"answer:{review.message_id}")  # the letter that said a person has it; the answer follows
        tx.reviews.close(review.id, options.by, "worked on again", now)
        facts = {"command": "reviews retry", "message": review.message_id}
        tx.audit.note(staff(options.by), AuditKind.STAFF_ACT, f"review:{review.id}", facts, now)
    print("closed; the message is worked on again")
    return 0
