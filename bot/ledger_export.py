"""The ledger as a plain-text file that beancount reads, so that somebody else's program can check our books.

What leaves an account is negative there, as in the ledger itself; every account
is one of Assets, so that no sign changes on the way. Shares carry the ticker.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from handlers.plan.money import Money, Shares
from storage.ledger import SHARE, Entry, Ledger

_NO_NAME = re.compile(r"[^A-Za-z0-9-]+")
_DATE = "%Y-%m-%d"


def write_beancount(ledger: Ledger, ticker: str, target: Path) -> int:
    """Write every entry to `target`, which must not exist, and return how many. FileExistsError, OSError.

    Whole or not at all, and readable by its owner alone: it shows what everybody holds.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            written = _write(ledger, ticker, out)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, target)  # unlike a rename, it fails where a file of that name stands
        except FileExistsError as fault:
            raise FileExistsError(fault.errno, "a file of that name stands there already", str(target)) from None
    finally:
        draft.unlink(missing_ok=True)
    return written


def _write(ledger: Ledger, ticker: str, out: TextIO) -> int:
    written = 0
    opened: set[str] = set()
    for entry in ledger.entries():
        for line in entry.lines:
            if line.account not in opened:
                opened.add(line.account)
                out.write(f"1970-01-01 open {account_name(line.account)}\n")
        out.writelines(_lines(entry, ticker))
        written += 1
    return written


def account_name(account: str) -> str:
    """An account of the ledger as beancount spells it: "plan:r-7K2" is "Assets:Plan:R-7K2"."""
    parts = (_NO_NAME.sub("-", part) for part in account.split(":"))
    return ":".join(["Assets", *(part[:1].upper() + part[1:] for part in parts)])


def _lines(entry: Entry, ticker: str) -> Iterator[str]:
    narration = entry.memo.replace("\\", " ").replace('"', "'")
    yield f'\n{entry.at.strftime(_DATE)} * "{narration}" ^{_NO_NAME.sub("-", entry.id)}\n'
    for line in entry.lines:
        if line.unit == SHARE:
            amount = f"{Shares.from_units(abs(line.quantity))} {ticker}"
        else:
            amount = f"{Money.from_cents(abs(line.quantity))} {line.unit}"
        yield f"  {account_name(line.account)}  {'-' if line.quantity < 0 else ''}{amount}\n"
