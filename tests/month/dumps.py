"""All that is stored, in a form in which two runs of the same steps are equal: without ids that chance has made."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage.audit import AuditKind
from storage.store import Store
from storage.tables import metadata

BY_CHANCE: Mapping[str, frozenset[str]] = {
    "cycle_acts": frozenset({"id"}),
    "close_entries": frozenset({"id"}),
    "outbox": frozenset({"id", "rfc_message_id", "envelope_from", "raw"}),
    "audit_records": frozenset({"id", "subject", "facts", "previous", "digest", "number", "private"}),
}
"""Columns whose values differ from run to run, by table."""
WHEN = frozenset({"changed_at", "at", "made_at", "created_at", "loaded_at", "written_at", "entered_at"})


def dump(store: Store, folder: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Every row of every table, and every file of the folder; `without` these columns, wherever they are."""
    found: dict[str, list[str]] = {}
    with store.reading() as tx:
        for table in metadata.sorted_tables:
            left_out = BY_CHANCE.get(table.name, frozenset()) | without
            rows = tx.connection.execute(select(table)).mappings()
            found[table.name] = sorted(
                json.dumps(
                    {str(name): value for name, value in row.items() if name not in left_out} | _told(table.name, row),
                    default=str,
                    sort_keys=True,
                )
                for row in rows
            )
    found["files"] = sorted(
        f"{path.relative_to(folder)} {path.read_bytes().hex()}" for path in folder.rglob("*") if path.suffix == ".csv"
    )
    return found


def _told(table: str, row: Any) -> dict[str, object]:
    """What a letter says, and what an audit record holds, without what chance has in them."""
    if table == "outbox":
        message = email.message_from_bytes(row["raw"], policy=email.policy.default)
        body = message.get_body(("plain",))
        return {"subject": message["Subject"], "text": body.get_content() if body else ""}
    if table == "audit_records":
        is_letter = row["kind"] == AuditKind.LETTER_QUEUED.value
        facts = {name: value for name, value in row["facts"].items() if name not in {"raw", "reason"}}
        return {"facts": facts} | ({} if is_letter else {"subject": row["subject"]})
    return {}
