"""Writes holders and states files for tests: in order, or with one thing wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

ANA: dict[str, str] = {
    "account": "CST-20001",
    "kind": "individual",
    "name": "Ana Perez",
    "taxpayer_id": "987-65-4321",
    "email": "ana@example.com",
    "address": "12 Orchard Lane",
    "city": "Ann Arbor",
    "state": "MI",
    "postal_code": "48104",
    "country": "US",
    "shares": "1500.0000",
    "bank_routing": "011000015",
    "bank_account": "44556677889",
    "hold": "",
    "enrolled_on": "2003-11-10",
    "prospectus": "2003-11-04",
    "plan_shares": "1250.5000",
}
"""A participant in good standing. No other value in her row holds the digits of her taxpayer id or bank account."""

BOB: dict[str, str] = ANA | {
    "account": "CST-20002",
    "name": "Bob Miller",
    "taxpayer_id": "876543210",
    "email": "bob@example.com",
    "state": "OH",
    "shares": "300",
    "bank_routing": "",
    "bank_account": "",
    "enrolled_on": "",
    "prospectus": "",
    "plan_shares": "",
}
"""A registered holder who has not joined."""


def write_holders(
    path: Path, *holders: Mapping[str, str], sequence: int = 1, count: str | None = None, total: str | None = None
) -> Path:
    """Write a holders file; its trailer is right unless `count` or `total` says otherwise."""
    summed = sum((Decimal(holder["shares"]) for holder in holders), Decimal(0)) if total is None else total
    rows = [list(holder.values()) for holder in holders]
    trailer = ["T", str(len(rows)) if count is None else count, str(summed)]
    return write_records(path, ["H", "holders", str(sequence), "2003-11-03"], list(ANA), *rows, trailer)


def write_states(path: Path, *entries: Sequence[str], sequence: int = 1) -> Path:
    """Write a states file of (state, status, effective, source)."""
    head = ["H", "states", str(sequence), "2003-11-03"]
    names = ["state", "status", "effective", "source"]
    return write_records(path, head, names, *entries, ["T", str(len(entries))])


def write_records(path: Path, *records: Sequence[str]) -> Path:
    """Write records as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path
