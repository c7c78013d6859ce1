"""The issue: the instruction to the transfer agent, the list of purchases, and the acknowledgement that must agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile
from bot.files.from_transfer_agent import ISSUANCE_ACKNOWLEDGEMENT, POSITIONS, IssuanceAcknowledgementRow
from bot.files.layout import read_rows
from bot.files.to_transfer_agent import ISSUANCE_INSTRUCTION, PURCHASE_SUMMARY, IssuanceInstructionRow, PurchaseRow
from bot.holders_import import check_not_loaded
from bot.month.letter_facts import CycleNeedsPerson
from bot.month.office import Office, StepRefused
from bot.month.sending import send_rows
from bot.month.step import at_the_month, finish
from bot.month.trial import price_of
from handlers.plan.cycle import CycleState, CycleStep
from handlers.plan.money import NO_SHARES, Shares
from handlers.plan.orders import PurchaseOrderState
from storage.cycles import Cycle
from storage.files import LoadedFile
from storage.ledger import SHARE, UNISSUED
from storage.sent_files import SentFile
from storage.store import Transaction

INSTRUCTION = "issuance:"
SUMMARY = "purchase-summary:"
"""Causes of the two files; the cycle's id follows."""


def instruct(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> tuple[SentFile, ...]:
    """Write the issuance instruction and the purchase summary of an allotted cycle. A second time the same files.

    Where no order got shares there is nothing to issue or to acknowledge, and the cycle moves on without a file.
    """
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.of(number)
        if cycle is None or cycle.state is not CycleState.ALLOTTED:
            raise StepRefused(f"cycle {number} is not allotted, so there is nothing to issue")
        shares = allotted_shares(tx, cycle)
        if shares == NO_SHARES:
            finish(tx, cycle, CycleStep.ACKNOWLEDGE, by, now, detail={"shares": str(shares), "reference": "none"})
            return ()
        issued = Shares.from_units(-tx.ledger.balance(UNISSUED, SHARE))
        row = IssuanceInstructionRow(
            cycle=number,
            purchase_date=cycle.purchase_date,
            price=price_of(cycle),
            shares=shares,
            issued_before=issued - shares,
            cumulative=issued,
            limit=office.terms(cycle.purchase_date).aggregate_limit,
        )
        as_of = cycle.purchase_date
        is_new = tx.sent_files.of(INSTRUCTION + number) is None
        bought, cause = _purchases(tx, cycle), SUMMARY + number
        summary = send_rows(tx, office, PURCHASE_SUMMARY, bought, cause=cause, as_of=as_of, now=now, dry_run=dry_run)
        cause = INSTRUCTION + number
        sent = send_rows(tx, office, ISSUANCE_INSTRUCTION, [row], cause=cause, as_of=as_of, now=now, dry_run=dry_run)
        if is_new:
            told = {"shares": str(shares), "cumulative": str(issued)}
            tx.cycles.note(number, CycleStep.INSTRUCT_ISSUE, by, now, digest=sent.digest, **told)
        return sent, summary


def allotted_shares(tx: Transaction, cycle: Cycle) -> Shares:
    """All shares of a cycle."""
    return Shares.from_units(sum(one.shares.units for one in tx.month_orders.allotted(cycle.id)))


def _purchases(tx: Transaction, cycle: Cycle) -> list[PurchaseRow]:
    allotted = [one for one in tx.month_orders.allotted(cycle.id) if one.shares.units]
    numbers = tx.registrations.account_numbers({one.registration_id for one in allotted})
    price = price_of(cycle)
    return [
        PurchaseRow(numbers[one.registration_id], one.order_id, one.invested, price, one.shares) for one in allotted
    ]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What an acknowledgement said."""

    cycle: str
    shares: Shares
    reference: str


def acknowledge(
    office: Office, path: Path, by: str, now: datetime, *, dry_run: bool = False
) -> tuple[Acknowledged, ...]:
    """Load the transfer agent's acknowledgement. BadFile where it differs from the instruction."""
    file, rows = read_rows(path, ISSUANCE_ACKNOWLEDGEMENT)
    with at_the_month(office, dry_run=dry_run) as tx:
        check_not_loaded(tx, file, ISSUANCE_ACKNOWLEDGEMENT.kind)
        faults = [
            f"line {line.line}: {fault}"
            for line, row in zip(file.rows, rows, strict=True)
            for fault in _disagreements(tx, row)
        ]
        if faults:
            raise BadFile(path, faults)
        for row in rows:
            _issue(tx, row, by, now)
        kind = ISSUANCE_ACKNOWLEDGEMENT.kind
        loaded_file = LoadedFile(file.digest, kind, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded_file)
        note_loaded(tx, loaded_file, {})
    return tuple(Acknowledged(row.cycle, row.shares, row.reference) for row in rows)


def _disagreements(tx: Transaction, row: IssuanceAcknowledgementRow) -> list[str]:
    cycle = tx.cycles.of(row.cycle)
    if cycle is None or cycle.state is not CycleState.ALLOTTED or tx.sent_files.of(INSTRUCTION + row.cycle) is None:
        return [f"column cycle: no instruction for {row.cycle} waits for an acknowledgement"]
    ours = {
        "purchase_date": (row.purchase_date, cycle.purchase_date),
        "shares": (row.shares, allotted_shares(tx, cycle)),
        "cumulative": (row.cumulative, _instructed_cumulative(tx, cycle)),
    }
    return [
        f"column {column}: {theirs} is acknowledged, but {own} was instructed; ask the transfer agent"
        for column, (theirs, own) in ours.items()
        if theirs != own
    ]


def _instructed_cumulative(tx: Transaction, cycle: Cycle) -> Shares:
    """All shares issued under the plan as the instruction told them, whatever was allotted since."""
    told = [act.detail["cumulative"] for act in tx.cycles.acts(cycle.id) if act.step is CycleStep.INSTRUCT_ISSUE]
    return Shares.of(told[-1])


def _issue(tx: Transaction, row: IssuanceAcknowledgementRow, by: str, now: datetime) -> None:
    cycle = tx.cycles.of(row.cycle)
    if cycle is None:
        raise LookupError(f"cycle {row.cycle} is gone")
    bought = [one.order_id for one in tx.month_orders.allotted(cycle.id) if one.shares.units]
    tx.month_orders.move_purchases(bought, {PurchaseOrderState.ALLOTTED}, PurchaseOrderState.ISSUED)
    finish(tx, cycle, CycleStep.ACKNOWLEDGE, by, now, detail={"shares": str(row.shares), "reference": row.reference})


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How our plan balances compare with the transfer agent's."""

    accounts: int
    differences: tuple[str, ...]


def reconcile(office: Office, path: Path, now: datetime) -> Reconciled:
    """Compare every plan balance with the transfer agent's positions, account by account. BadFile."""
    file, rows = read_rows(path, POSITIONS)
    with at_the_month(office) as tx:
        check_not_loaded(tx, file, POSITIONS.kind)
        held = {number: shares for number, shares in tx.ledger.all_plan_shares().items() if shares.units}
        numbers = tx.registrations.account_numbers(held)
        ours = {numbers[number]: shares for number, shares in held.items()}
        theirs = {row.account: row.plan_shares for row in rows}
        differences = tuple(
            f"{account}: {ours.get(account, NO_SHARES)} here, {theirs.get(account, NO_SHARES)} at the transfer agent"
            for account in sorted(ours.keys() | theirs.keys())
            if ours.get(account, NO_SHARES) != theirs.get(account, NO_SHARES)
        )
        loaded_file = LoadedFile(file.digest, POSITIONS.kind, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded_file)
        note_loaded(tx, loaded_file, {})
        if differences:
            _tell_differences(tx, office, len(differences), file.sequence, now)
    return Reconciled(len(ours.keys() | theirs.keys()), differences)


def _tell_differences(tx: Transaction, office: Office, count: int, sequence: int, now: datetime) -> None:
    newest = tx.cycles.all()[-1:]
    told = CycleNeedsPerson(
        cycle=newest[0].id if newest else "none",
        purchase_date=newest[0].purchase_date if newest else office.today(now),
        what="Find out why plan balances differ from the transfer agent’s",
        why=f"Positions file {sequence} differs from our ledger for {count} accounts.",
        command="dspp ledger balances plan:",
        until=None,
    )
    office.tell_staff(tx, told, cause=f"positions:{sequence}", now=now)
