"""Files for the transfer agent and the bank: one a cause, numbered by kind, written before it is recorded.

A crash between the two leaves a file that nobody recorded; the step, done again,
writes the very same bytes under the same number, finds them there, and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from bot.files.layout import Layout, write_rows
from bot.month.office import Office
from storage.sent_files import SentFile
from storage.store import Transaction

RowT = TypeVar("RowT")


def send_rows(
    tx: Transaction,
    office: Office,
    layout: Layout[RowT],
    rows: Sequence[RowT],
    *,
    cause: str,
    as_of: date,
    now: datetime,
    dry_run: bool = False,
) -> SentFile:
    """Write a file of these rows and record it; the file that stands for this cause, if there is one.

    With `dry_run` only what it would be: nothing is written or recorded, and it has no digest.
    UnwritableFile, FileInTheWay, OSError: nothing is recorded.
    """
    standing = tx.sent_files.of(cause)
    if standing is not None:
        return standing
    sequence = tx.sent_files.next_sequence(layout.kind)
    name = f"{layout.kind}-{sequence:06d}.csv"
    totals = {total.name: total.of(rows) for total in layout.totals}
    if dry_run:
        return SentFile(layout.kind, sequence, cause, name, "", len(rows), totals, now)
    office.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = write_rows(office.folder / name, layout, sequence, as_of, rows)
    sent = SentFile(layout.kind, sequence, cause, name, written.digest, len(rows), totals, now)
    tx.sent_files.record(sent)
    return sent
