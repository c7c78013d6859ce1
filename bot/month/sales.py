"""The month's one sale: the batch to the broker, the fills back, each seller's proceeds, and the list to pay by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bot.audit import note_loaded
from bot.exchange_files import BadFile, ExchangeFile
from bot.files.from_transfer_agent import FILLS, FillRow
from bot.files.layout import read_rows
from bot.files.to_bank import PROCEEDS, ProceedsRow
from bot.files.to_transfer_agent import SALE_BATCH, SaleRow
from bot.holders_import import check_not_loaded
from bot.month.letter_facts import Fee, SaleConfirmation
from bot.month.lock import may_not_sell
from bot.month.office import Office, StepRefused
from bot.month.sending import send_rows
from bot.month.step import at_the_month
from bot.month.trial import SALES_SENT, sales_state
from handlers.plan.cycle import CycleStep, SalesState
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Shares
from handlers.plan.orders import SaleOrderState
from handlers.plan.sale_allocation import (
    Fill,
    FillsContradict,
    Proceeds,
    SaleToAllocate,
    allocate,
    batch_gross,
    settles_on,
)
from storage.cycles import Cycle
from storage.files import LoadedFile
from storage.ledger import FEES, MARKET, PAID_OUT, SHARE, USD, Entry, Posting, move, plan_account, proceeds_account
from storage.month_sales import SaleResult, StoredFill
from storage.sent_files import SentFile
from storage.store import Transaction

_COUNTED = {SaleOrderState.RECEIVED, SaleOrderState.CONFIRMED, SaleOrderState.QUEUED, SaleOrderState.LOCKED}


def send_batch(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> SentFile | None:
    """Write the batch of a locked cycle's sales. None where there is nothing to sell. A second time the same file."""
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = _locked(tx, office, number, now)
        is_new = tx.sent_files.of(SALES_SENT + number) is None
        if is_new:
            _take_out_held(tx, cycle)
            settle_uncovered(tx, cycle)
        batch = [one for one in tx.month_sales.sold(number) if one.shares.units]
        if not batch:
            return None
        numbers = tx.registrations.account_numbers({one.registration_id for one in batch})
        rows = [SaleRow(batch_of(cycle), numbers[one.registration_id], one.order_id, one.shares) for one in batch]
        cause, as_of = SALES_SENT + number, cycle.purchase_date
        sent = send_rows(tx, office, SALE_BATCH, rows, cause=cause, as_of=as_of, now=now, dry_run=dry_run)
        if is_new:
            tx.month_sales.move_all(number, {SaleOrderState.LOCKED}, SaleOrderState.PLACED)
            tx.cycles.note(number, CycleStep.SEND_SALES, by, now, digest=sent.digest, orders=len(batch))
        return sent


def _take_out_held(tx: Transaction, cycle: Cycle) -> None:
    """Sell nothing of an account over which something has come since the lock: a death above all. OC, "Death"."""
    batch = [one for one in tx.month_sales.sold(cycle.id) if one.shares.units]
    holders = tx.registrations.by_ids({one.registration_id for one in batch})
    held = [one for one in batch if may_not_sell(holders[one.registration_id], cycle)]
    tx.month_sales.keep(cycle.id, [replace(one, shares=NO_SHARES) for one in held])


def settle_uncovered(tx: Transaction, cycle: Cycle) -> None:
    """Sale orders that sell nothing are over: held where the account may not sell, else for want of shares.

    A second time it finds nothing.
    """
    aside = [one for one in tx.month_sales.sold(cycle.id) if not one.shares.units]
    holders = tx.registrations.by_ids({one.registration_id for one in aside})
    for one in aside:
        is_held = may_not_sell(holders[one.registration_id], cycle)
        after = SaleOrderState.HELD if is_held else SaleOrderState.INSUFFICIENT_SHARES
        tx.month_sales.move(one.order_id, _COUNTED, after)


def batch_of(cycle: Cycle) -> str:
    """What the batch of a cycle is called in files."""
    return f"B-{cycle.id}"


def _locked(tx: Transaction, office: Office, number: str, now: datetime) -> Cycle:
    cycle = tx.cycles.of(number)
    if cycle is None or (sales_state(tx, cycle) is SalesState.NONE and not tx.month_sales.sold(number)):
        raise StepRefused(f"cycle {number} has no locked sales")
    if office.today(now) < cycle.purchase_date:
        raise StepRefused(f"sales of cycle {number} are on {cycle.purchase_date.isoformat()}; nothing before")
    return cycle


@dataclass(frozen=True, slots=True)
class Allocated:
    """What the month's sale brought."""

    cycle: str
    orders: int
    shares: Shares
    gross: Money
    net: Money


def load_fills(office: Office, path: Path, by: str, now: datetime, *, dry_run: bool = False) -> Allocated:
    """Load the broker's fills and give each seller their part. BadFile if no batch waits for them."""
    file, rows = read_rows(path, FILLS)
    with at_the_month(office, dry_run=dry_run) as tx:
        check_not_loaded(tx, file, FILLS.kind)
        cycle = _awaiting(tx, path, rows)
        fills = [Fill(row.trade_date, row.shares, row.price, row.fee) for row in rows]
        _check_days(path, file, fills, cycle, office.today(now))
        batch = [one for one in tx.month_sales.sold(cycle.id) if one.shares.units]
        try:
            found = allocate(
                [SaleToAllocate(one.order_id, one.shares) for one in batch],
                fills,
                office.terms(cycle.purchase_date).sale_fee,
            )
        except FillsContradict as fault:
            raise BadFile(path, [str(fault)]) from None
        settles = settles_on(fills, office.plan.calendar(now), office.plan.book)
        tx.month_sales.keep_fills(
            cycle.id,
            [
                StoredFill(at, fill.trade_date, fill.shares, fill.price, fill.fee)
                for at, fill in enumerate(fills, start=1)
            ],
        )
        owners = {one.order_id: one.registration_id for one in batch}
        shares = {one.order_id: one.shares for one in batch}
        results = [
            SaleResult(
                one.order_id,
                owners[one.order_id],
                shares[one.order_id],
                sold=one.sold,
                gross=one.gross,
                broker_fee=one.broker_fee,
                plan_fee=one.plan_fee,
                net=one.net,
                settles_on=settles,
            )
            for one in found
        ]
        tx.month_sales.keep(cycle.id, results)
        tx.ledger.post_all([_entry(cycle, owners[one.order_id], one, now) for one in found if one.sold.units])
        tx.month_sales.move_all(cycle.id, {SaleOrderState.PLACED}, SaleOrderState.ALLOCATED)
        loaded_file = LoadedFile(file.digest, FILLS.kind, file.sequence, path.name, len(rows), now, file.as_of)
        tx.files.record(loaded_file)
        note_loaded(tx, loaded_file, {"gross": str(batch_gross(fills))})
        report = Allocated(
            cycle.id,
            len(found),
            sum((one.sold for one in found), NO_SHARES),
            sum((one.gross for one in found), ZERO_DOLLARS),
            sum((one.net for one in found), ZERO_DOLLARS),
        )
        tx.cycles.note(cycle.id, CycleStep.ALLOCATE_SALES, by, now, gross=str(report.gross), shares=str(report.shares))
    return report


def _check_days(path: Path, file: ExchangeFile, fills: Sequence[Fill], cycle: Cycle, today: date) -> None:
    """BadFile where a fill is of a day on which the batch was not with the broker yet, or that is to come."""
    faults = [
        f"line {line.line}, column trade_date: {fill.trade_date.isoformat()} is not between the purchase date,"
        f" {cycle.purchase_date.isoformat()}, and today"
        for line, fill in zip(file.rows, fills, strict=True)
        if not cycle.purchase_date <= fill.trade_date <= today
    ]
    if faults:
        raise BadFile(path, faults)


def _awaiting(tx: Transaction, path: Path, rows: tuple[FillRow, ...]) -> Cycle:
    """The cycle whose batch all these fills are of. BadFile."""
    batches = {row.batch for row in rows}
    waiting = {batch_of(cycle): cycle for cycle in tx.cycles.all() if sales_state(tx, cycle) is SalesState.SENT}
    if len(batches) != 1 or not batches <= waiting.keys():
        known = ", ".join(sorted(waiting)) or "none"
        raise BadFile(path, [f"fills of {', '.join(sorted(batches))}; the batch that waits for fills is {known}"])
    return waiting[batches.pop()]


def _entry(cycle: Cycle, registration_id: str, one: Proceeds, now: datetime) -> Entry:
    lines: list[Posting] = move(plan_account(registration_id), MARKET, SHARE, one.sold.units)
    fees = one.broker_fee + one.plan_fee
    if one.net.cents:
        lines += move(MARKET, proceeds_account(registration_id), USD, one.net.cents)
    if fees.cents:
        lines += move(MARKET, FEES, USD, fees.cents)
    return Entry(f"sale:{one.order_id}", now, f"sale of cycle {cycle.id}", lines)


def send_proceeds(office: Office, number: str, by: str, now: datetime, *, dry_run: bool = False) -> SentFile | None:
    """Write the list by which the bank pays the sellers, once the sale has settled; each gets a confirmation.

    None where every sale brought so little that nothing is left to pay.
    """
    with at_the_month(office, dry_run=dry_run) as tx:
        cycle = tx.cycles.of(number)
        if cycle is None or sales_state(tx, cycle) not in {SalesState.ALLOCATED, SalesState.PAID}:
            raise StepRefused(f"the sales of cycle {number} are not allocated, so nothing is to be paid")
        sold = [one for one in tx.month_sales.sold(number) if one.sold is not None and one.sold.units]
        settled = max((one.settles_on for one in sold if one.settles_on), default=cycle.purchase_date)
        if office.today(now) < settled:
            raise StepRefused(f"the sales of cycle {number} settle on {settled.isoformat()}; nothing is paid before")
        rows = [row for one in sold if (row := _proceeds_row(tx, one)) is not None]
        is_new = sales_state(tx, cycle) is not SalesState.PAID
        sent = None
        if rows:
            cause = f"proceeds:{number}"
            sent = send_rows(tx, office, PROCEEDS, rows, cause=cause, as_of=settled, now=now, dry_run=dry_run)
        if is_new:
            tx.ledger.post_all([_payment(one, now) for one in sold if one.net is not None and one.net.cents])
            tx.month_sales.move_all(number, {SaleOrderState.ALLOCATED}, SaleOrderState.PROCEEDS_MAILED)
            for one, remaining in _remaining(tx, sold):
                confirm_sale(tx, office, cycle, one, remaining, now)
            digest = sent.digest if sent else ""
            tx.cycles.note(number, CycleStep.SEND_PROCEEDS, by, now, digest=digest, checks=len(rows))
        return sent


def _proceeds_row(tx: Transaction, one: SaleResult) -> ProceedsRow | None:
    payee = tx.registrations.payee(one.registration_id)
    gross, fees = one.gross or ZERO_DOLLARS, (one.broker_fee or ZERO_DOLLARS) + (one.plan_fee or ZERO_DOLLARS)
    if one.sold is None or one.net is None or one.settles_on is None or not one.net.cents:
        return None
    return ProceedsRow(
        account=payee.account_number,
        name=payee.name,
        address=payee.address,
        state=payee.state,
        country=payee.country,
        order=one.order_id,
        shares=one.sold,
        gross=gross,
        fee=fees,
        net=one.net,
        settlement_day=one.settles_on,
    )


def _payment(one: SaleResult, now: datetime) -> Entry:
    lines = move(proceeds_account(one.registration_id), PAID_OUT, USD, (one.net or ZERO_DOLLARS).cents)
    return Entry(f"proceeds:{one.order_id}", now, "proceeds mailed", lines)


def _average(fills: Sequence[StoredFill]) -> Decimal:
    """Dollars a share over all fills, not rounded."""
    value = sum((fill.shares.count * fill.price.dollars for fill in fills), Decimal(0))
    return value / sum((fill.shares.count for fill in fills), Decimal(0))


def _remaining(tx: Transaction, sold: Sequence[SaleResult]) -> Iterator[tuple[SaleResult, Shares]]:
    """Each sale with the shares that its account had left after it; several of one account follow each other."""
    held = tx.ledger.plan_shares({one.registration_id for one in sold})
    for one in reversed(sold):
        remaining = held.get(one.registration_id, NO_SHARES)
        yield one, remaining
        held[one.registration_id] = remaining + (one.sold or NO_SHARES)


def confirm_sale(
    tx: Transaction, office: Office, cycle: Cycle, one: SaleResult, remaining: Shares, now: datetime
) -> bool:
    """Queue a seller's confirmation, once. False where no letter may go."""
    holder = tx.registrations.by_ids({one.registration_id})[one.registration_id]
    fills = tx.month_sales.fills(cycle.id)
    if one.sold is None or one.gross is None or one.net is None or one.settles_on is None:
        return False
    average = _average(fills)
    fees = (("Broker’s fee", one.broker_fee), ("Fee of the program", one.plan_fee))
    told = SaleConfirmation(
        account=holder.masked_account,
        order_id=one.order_id,
        trade_dates=tuple(sorted({fill.trade_date for fill in fills})),
        settles_on=one.settles_on,
        shares=one.sold,
        average_price=average,
        gross=one.gross,
        fees=tuple(Fee(name, amount) for name, amount in fees if amount and amount.cents),
        withheld=ZERO_DOLLARS,
        recovered=ZERO_DOLLARS,
        net=one.net,
        shares_before=remaining + one.sold,
        shares_remaining=remaining,
        error_report_days=office.terms(cycle.purchase_date).error_report_days,
    )
    return office.write_to(tx, holder, told, cause=f"sale-confirmation:{one.order_id}", now=now)
