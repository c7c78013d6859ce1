"""Takes a state list into the store: where the plan may be offered, by effective date."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile, Row, day_of, read_exchange_file
from bot.holders_import import check_not_loaded
from handlers.plan.states import STATE_NAMES, StateEntry, StateStatus
from storage.files import LoadedFile
from storage.store import Store

KIND = "states"
COLUMNS = ("state", "status", "effective", "source")


def import_states(store: Store, path: Path, now: datetime) -> int:
    """Load a state list and return how many entries it had. BadFile lists every fault; OSError."""
    file = read_exchange_file(path, KIND, COLUMNS)
    faults: list[str] = []
    first_line: dict[tuple[str, date], int] = {}
    by_source: dict[str, list[StateEntry]] = {}
    for row in file.rows:
        entry = _entry(row, faults)
        if entry is None:
            continue
        first = first_line.setdefault((entry.code, entry.effective), row.line)
        if first != row.line:
            faults.append(f"line {row.line}, column state: {entry.code} for the same day stands in line {first} too")
        by_source.setdefault(row.values["source"] or path.name, []).append(entry)
    if faults:
        raise BadFile(path, faults)
    with store.transaction() as tx:
        store.lock(tx, {f"files:{KIND}"})
        check_not_loaded(tx, file, KIND)
        for source, entries in by_source.items():
            tx.states.record(entries, source, now)
        loaded = LoadedFile(file.digest, KIND, file.sequence, path.name, len(file.rows), now, file.as_of)
        tx.files.record(loaded)
        note_loaded(tx, loaded, {"sources": len(by_source)})
    return len(file.rows)


def _entry(row: Row, faults: list[str]) -> StateEntry | None:
    """The entry of a row; None, and its faults, if it is not in order."""
    code, status, day = row.values["state"].upper(), row.values["status"], row.values["effective"]
    wrong: list[tuple[str, str, str]] = []
    if code not in STATE_NAMES:
        wrong.append(("state", code, "a USPS state code is wanted, such as MI"))
    known = [each.value for each in StateStatus]
    if status not in known:
        wrong.append(("status", status, f"one of {', '.join(known)} is wanted"))
    effective = date.min
    try:
        effective = day_of(day)
    except ValueError:
        wrong.append(("effective", day, "YYYY-MM-DD is wanted"))
    faults += [f"line {row.line}, column {name}: {value!r} is not accepted; {remedy}" for name, value, remedy in wrong]
    return None if wrong else StateEntry(code, StateStatus(status), effective)
