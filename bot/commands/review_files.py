"""dspp reviews file and original: what came with a message, taken out of it for staff to look at elsewhere.

A stranger chose every byte of it. So nothing is opened or looked into here, the name that the sender gave is shown and
never used, and a file is made only where none is yet, for its owner alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.app import Service
from bot.commands.common import service_of
from bot.mail.authres import written_results
from bot.mail.exported import exported
from bot.mail.limits import Limits
from bot.mail.parse import Attachment, attached_content
from storage.messages import InboundMessage


def register(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words to those of `dspp reviews`."""
    file = actions.add_parser("file", help="save one of the files that came with the message")
    file.add_argument("review")
    file.add_argument("number", type=int, metavar="NUMBER", help="which, as dspp reviews show numbers them")
    file.set_defaults(run=_file)
    original = actions.add_parser("original", help="save the whole message as it came, under what we found out")
    original.add_argument("review")
    original.set_defaults(run=_original)
    for command in (file, original):
        command.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file, for you alone")


def as_rows(attachments: Sequence[Attachment]) -> list[dict[str, object]]:
    """Attachments for `--json`, each with the number by which it is asked for."""
    return [{"number": number, **asdict(one)} for number, one in enumerate(attachments, start=1)]


def as_lines(attachments: Sequence[Attachment]) -> list[str]:
    """Attachments for people, one line each."""
    return [
        f"{number}  {one.file_name or '(no name)'}  {one.content_type}  {one.size:,} octets  SHA-256 {one.sha256}"
        for number, one in enumerate(attachments, start=1)
    ]


def _file(options: argparse.Namespace) -> int:
    message = _message_of(service_of(options), options.review)
    if message is None:
        return 1
    content = attached_content(message.raw, options.number, Limits())
    if content is None:
        print(
            f"dspp: there is no file {options.number}; dspp reviews show {options.review} lists them", file=sys.stderr
        )
        return 1
    return _save(options.out, content)


def _original(options: argparse.Namespace) -> int:
    service = service_of(options)
    message = _message_of(service, options.review)
    if message is None:
        return 1
    found = str((message.sender or {}).get("results", ""))
    return _save(options.out, exported(message.raw, message.received, found or written_results(service.hostname, ())))


def _message_of(service: Service, review_id: str) -> InboundMessage | None:
    """The message that a review is about; None, and a word about it, if there is no such review."""
    with service.store.reading() as tx:
        review = tx.reviews.get(review_id)
        if review is None:
            print(f"dspp: there is no review {review_id}", file=sys.stderr)
            return None
        return tx.messages.get(review.message_id)


def _save(path: Path, content: bytes) -> int:
    """Write `content` to a new file that only its owner may read; one that is there stays as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"dspp: {path} is there already; name a new file", file=sys.stderr)
        return 1
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError:
        path.unlink()  # Half a file would pass for the whole.
        raise
    print(f"{len(content):,} octets written to {path}. A stranger chose them: look at them where they can do no harm")
    return 0
