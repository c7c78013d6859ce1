"""Takes a holders file into the store: all of it, once, or nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.audit import note_loaded
from bot.exchange_files import BadFile, ExchangeFile
from bot.holders_file import KIND, HolderRow, read_holders
from bot.keys import Keys
from bot.moves import has_moved, settle_move
from bot.plan import Plan
from bot.post import Post
from bot.render import Section
from handlers.plan.money import NO_SHARES
from storage.audit import PROGRAM, AuditKind
from storage.files import LoadedFile
from storage.ids import spelled
from storage.ledger import OUTSIDE, SHARE, Posting, plan_account
from storage.registrations import HolderRecord
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What a holders file brought."""

    holders: int
    new: int
    changed: int
    departed: int
    stopped: int = 0
    """Participants who moved to a closed state, so that their purchases stopped."""


def registration_id(account: str) -> str:
    """The id of a registration: it follows from the account number."""
    return "r-" + spelled(f"registration:{account}", 12)


def import_holders(store: Store, plan: Plan, keys: Keys, post: Post, path: Path, now: datetime) -> Imported:
    """Load a holders file. BadFile if it is faulty, was loaded before, or is older than one loaded before.

    A holder whose address, email or bank changed gets a hold on sales and a
    notice at the old email address. OC, "Address, email, bank change". What
    else a move to another state leads to is in `bot/moves.py`.
    """
    file, rows = read_holders(path, {prospectus.version for prospectus in plan.book.prospectuses})
    with store.transaction() as tx:
        store.lock(tx, {f"files:{KIND}"})
        check_not_loaded(tx, file, KIND)
        before = tx.registrations.records()
        records = [_record(row, keys, before) for row in rows]
        moved = [record for record in records if has_moved(before.get(record.account_number), record)]
        store.lock(tx, {record.taxpayer for record in moved})
        tx.registrations.keep(records)
        present = {row.account for row in rows}
        departed = [one.id for number, one in before.items() if number not in present]
        tx.registrations.mark_departed(departed)
        changed = 0
        for row, record in zip(rows, records, strict=True):
            earlier = before.get(row.account)
            if earlier is None:
                _open(tx, row, record, now)
            elif what := _changes(earlier, record):
                changed += 1
                _guard(tx, plan, post, earlier, record, what, file, now)
        stopped = sum(
            settle_move(tx, plan, post, record, f"moved:{record.id}:{file.sequence}", now) for record in moved
        )
        loaded = LoadedFile(file.digest, KIND, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded)
        new = sum(row.account not in before for row in rows)
        imported = Imported(len(rows), new, changed, len(departed), stopped)
        note_loaded(tx, loaded, {"shares": file.totals[0], **asdict(imported)})
    return imported


def check_not_loaded(tx: Transaction, file: ExchangeFile, kind: str) -> None:
    """BadFile if these bytes, or a file of this kind with this or a later number, were taken in before."""
    earlier = tx.files.by_digest(file.digest)
    if earlier is not None:
        raise BadFile(file.path, [f"was loaded before, at {earlier.loaded_at:%Y-%m-%d %H:%M} UTC as {earlier.name}"])
    last = tx.files.last_sequence(kind)
    if file.sequence <= last:
        raise BadFile(file.path, [f"line 1, column 3: sequence {file.sequence} is not after the last loaded, {last}"])


def _record(row: HolderRow, keys: Keys, before: dict[str, HolderRecord]) -> HolderRecord:
    earlier = before.get(row.account)
    # Sealing the same text twice gives different bytes; keep the earlier where the account number is the same.
    # What the bank corrected may say besides that it is a savings account, which the transfer agent does not know.
    same_bank = (
        earlier is not None and earlier.bank and row.bank and keys.unseal(earlier.bank).split()[:2] == row.bank.split()
    )
    bank = earlier.bank if earlier is not None and same_bank else (keys.seal(row.bank) if row.bank else "")
    return HolderRecord(
        id=registration_id(row.account),
        account_number=row.account,
        kind=row.kind,
        name=row.name,
        email=row.email,
        address=row.address,
        state=row.state,
        country=row.country,
        registered_shares=row.shares,
        taxpayer=keys.taxpayer(row.taxpayer_id),
        bank=bank,
        holds=row.holds,
    )


def _open(tx: Transaction, row: HolderRow, record: HolderRecord, now: datetime) -> None:
    """A participant from before this service: the account, its acknowledgement and its shares."""
    cause = f"opening:{record.id}"
    if row.prospectus:
        tx.registrations.acknowledge(record.id, row.prospectus, now, cause)
    if row.enrolled_on is not None:
        tx.registrations.enroll(record.id, row.enrolled_on, now)
    if row.plan_shares != NO_SHARES:
        units = row.plan_shares.units
        lines = [Posting(plan_account(record.id), SHARE, units), Posting(OUTSIDE, SHARE, -units)]
        tx.ledger.post(cause, now, "plan shares held when the service began", lines)


def _changes(earlier: HolderRecord, record: HolderRecord) -> list[str]:
    """Which of the details that a thief would change have changed, in the words of a letter."""
    residence = (earlier.address, earlier.state, earlier.country), (record.address, record.state, record.country)
    compared = (
        ("email address", earlier.email, record.email),
        ("postal address", *residence),
        ("bank account", earlier.bank, record.bank),
    )
    return [word for word, before, after in compared if before != after]


def _guard(
    tx: Transaction,
    plan: Plan,
    post: Post,
    earlier: HolderRecord,
    record: HolderRecord,
    what: list[str],
    file: ExchangeFile,
    now: datetime,
) -> None:
    """Hold sales for a time, and tell the holder where they were reached before."""
    today = now.astimezone(ZoneInfo(plan.book.timezone)).date()
    held = plan.calendar(now).banking_sessions_after(today, plan.book.on(today).change_hold_sessions)
    tx.registrations.hold_sales(record.id, held)
    facts = {"hold": "sales", "until": held, "cause": f"file:{KIND}:{file.sequence}", "changed": what}
    tx.audit.note(PROGRAM, AuditKind.HOLD_SET, f"registration:{record.id}", facts, now)
    if not earlier.email:
        return
    number = record.account_number
    post.notice(
        tx,
        earlier.email,
        Section(
            "notices/details_changed.j2",
            {"what": what, "held_until": held, "account": "****" + number[-4:] if len(number) > 4 else "****"},
        ),
        cause=f"changed:{record.id}:{file.sequence}",
        kind="notices/details_changed",
        now=now,
    )
