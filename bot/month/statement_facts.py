"""The facts of statements and of years' summaries: gathered for many accounts at once, from the ledger and the books.

The same ledger and the same day give the same facts. An account whose figures disagree
gives the fault in place of its facts, and keeps no other account from its statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.month.lots import lots_of
from bot.month.office import Office, StepRefused
from bot.month.statement_movements import Booked, Dated, Movements, movements_of, owed_dollars
from handlers.plan.accounts import AccountStatus, Hold, Registration
from handlers.plan.calendar import coming_purchases
from handlers.plan.cycle import month_of_cycle
from handlers.plan.eligibility import state_status
from handlers.plan.money import Money, Shares
from handlers.plan.payments import PaymentState
from handlers.plan.statement import (
    FiguresDisagree,
    Restriction,
    RestrictionKind,
    Statement,
    YearSummary,
    share_total,
    totals_of,
)
from handlers.plan.states import StateList, StateStatus
from storage.ledger import Entry
from storage.statement_rows import Balances, BookedPayment, BookedPurchase, BookedRefund, StatementRows
from storage.store import Transaction

Paper = Statement | YearSummary
OwnedT = TypeVar("OwnedT", BookedPurchase, BookedPayment)


@dataclass(frozen=True, slots=True)
class Period:
    """A month, or a calendar year, of which holders get a paper."""

    first_day: date
    last_day: date

    @property
    def is_year(self) -> bool:
        """Whether it is a year, and its paper a summary."""
        return self.first_day.month != self.last_day.month

    @property
    def name(self) -> str:
        """ "2003-11", or "2003"."""
        return f"{self.first_day:%Y}" if self.is_year else f"{self.first_day:%Y-%m}"

    @property
    def job(self) -> str:
        """What its letters are caused by; a registration's id follows. Without one, the cause of the report."""
        return f"{'year-summary' if self.is_year else 'statement'}:{self.name}"

    def cause(self, registration_id: str) -> str:
        """What one holder's letter is queued for."""
        return f"{self.job}:{registration_id}"

    def bounds(self, timezone: str) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it, in the plan's timezone."""
        zone = ZoneInfo(timezone)
        after = self.last_day + timedelta(days=1)
        return datetime.combine(self.first_day, time(), zone), datetime.combine(after, time(), zone)


def month_period(written: str) -> Period:
    """The month "2003-11". StepRefused if that is none."""
    try:
        year, month = month_of_cycle(written)
    except ValueError:
        raise StepRefused(f"{written!r} names no month; write it as 2003-11") from None
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), following - timedelta(days=1))


def year_period(written: str) -> Period:
    """The year "2003". StepRefused if that is none."""
    if not (written.isascii() and written.isdigit() and len(written) == 4 and "1900" < written < "9999"):
        raise StepRefused(f"{written!r} names no year; write it as 2003")
    return Period(date(int(written), 1, 1), date(int(written), 12, 31))


def papers_of(
    tx: Transaction, office: Office, period: Period, holders: Mapping[str, Registration], now: datetime
) -> dict[str, Paper | FiguresDisagree]:
    """The paper of each of these holders by id, or why it cannot be made."""
    gathered = _Gathered(tx, office, period, holders, now)
    found: dict[str, Paper | FiguresDisagree] = {}
    for one, holder in holders.items():
        try:
            found[one] = gathered.year(holder) if period.is_year else gathered.month(holder)
        except FiguresDisagree as fault:
            found[one] = fault
        except ValueError as fault:  # a quantity below zero: no amount and no number of shares is
            found[one] = FiguresDisagree(f"account {holder.masked_account}: {fault}")
    return found


class _Gathered:
    """Everything that is stored of these holders, read in a few statements for all of them."""

    def __init__(
        self, tx: Transaction, office: Office, period: Period, holders: Mapping[str, Registration], now: datetime
    ) -> None:
        rows, ids = StatementRows(tx.connection), sorted(holders)
        self._period = period
        self._office = office
        self._today = office.today(now)
        self._states = tx.states.all()
        self._next_month = next(coming_purchases(now, office.plan.calendar(now), office.plan.book))
        start, end = period.bounds(office.plan.book.timezone)
        self._entries = rows.entries_of(ids, end)
        self._opening, self._closing = rows.balances_at(ids, start), rows.balances_at(ids, end)
        self._purchases, self._payments = rows.purchases(ids), rows.payments(ids)
        self._refunds: dict[str, list[BookedRefund]] = defaultdict(list)
        for refund in rows.refunds(ids):
            self._refunds[refund.registration_id].append(refund)
        self._own_purchases = _by_owner(self._purchases)
        self._own_payments = _by_owner(self._payments)

    def month(self, holder: Registration) -> Statement:
        """The statement of one account. FiguresDisagree."""
        period, moved, booked = self._period, *self._moved(holder)
        opening, closing = self._opening[holder.id], self._closing[holder.id]
        here = _within(moved, period.first_day, period.last_day)
        whole_year = _within(moved, date(period.first_day.year, 1, 1), period.last_day)
        days = {order: purchase.purchase_date for order, purchase in booked.purchases.items()}
        return Statement(
            account=holder.masked_account,
            name=holder.name,
            first_day=period.first_day,
            last_day=period.last_day,
            opening_shares=_shares(opening, holder),
            closing_shares=_shares(closing, holder),
            entries=here.shares,
            opening_cash=_cash(opening, holder),
            closing_cash=_cash(closing, holder),
            cash=here.cash,
            refunds=tuple(
                row
                for row in moved.refunds
                if period.first_day <= row.on or (row.sent_on and period.first_day <= row.sent_on)
            ),
            owed=owed_dollars(closing.owed_cents),
            lots=lots_of(moved.shares, days),
            year_to_date=totals_of(whole_year.shares, whole_year.refunds),
            next_month=self._next_month,
            restrictions=restrictions_of(
                holder, booked, self._today, self._states, self._office.plan.book.prospectus_on(self._today).version
            ),
        )

    def year(self, holder: Registration) -> YearSummary:
        """The summary of one account's year. FiguresDisagree."""
        period, (moved, _) = self._period, self._moved(holder)
        here = _within(moved, period.first_day, period.last_day)
        return YearSummary(
            account=holder.masked_account,
            name=holder.name,
            year=period.first_day.year,
            opening_shares=_shares(self._opening[holder.id], holder),
            closing_shares=_shares(self._closing[holder.id], holder),
            entries=here.shares,
            refunds=here.refunds,
        )

    def _moved(self, holder: Registration) -> tuple[Movements, Booked]:
        booked = Booked(
            {one.order_id: one for one in self._own_purchases.get(holder.id, ())},
            self._refunds[holder.id],
            {one.id: one for one in self._own_payments.get(holder.id, ())},
        )
        return movements_of(holder.id, [self._dated(entry) for entry in self._entries[holder.id]], booked), booked

    def _dated(self, entry: Entry) -> Dated:
        return Dated(self._office.today(entry.at), entry)


def restrictions_of(
    holder: Registration, booked: Booked, today: date, states: StateList, prospectus: str
) -> tuple[Restriction, ...]:
    """What the account may not do on `today`. OC, "Address, email, bank change", "Returned after the PD"."""
    found = []
    if holder.sales_held_until is not None and today < holder.sales_held_until:
        found.append(Restriction(RestrictionKind.SALES_HELD, until=holder.sales_held_until))
    found += _of_lots(booked, today)
    if state_status(holder, states, [today]) is StateStatus.CLOSED:
        found.append(Restriction(RestrictionKind.STATE_CLOSED))
    if holder.is_active and prospectus not in holder.acknowledged:
        found.append(Restriction(RestrictionKind.PROSPECTUS))
    if holder.account is not None and holder.account.status is AccountStatus.SUSPENDED:
        found.append(Restriction(RestrictionKind.SUSPENDED))
    if holder.holds & {Hold.LEGAL, Hold.LOST, Hold.MAIL_RETURNED}:
        found.append(Restriction(RestrictionKind.ASK))
    return tuple(found)


def _of_lots(booked: Booked, today: date) -> Iterator[Restriction]:
    """Shares held because their payment came back, and shares not free while theirs may: one for each day it ends."""
    held: set[str] = set()
    until: dict[str, date] = {}
    for payment in booked.payments.values():
        order = payment.order_id
        if order is None or order not in booked.purchases:
            continue
        if payment.state is PaymentState.RETURNED:
            held.add(order)
        elif payment.state is PaymentState.INVESTED and payment.return_risk_until >= today:
            until[order] = max(until.get(order, date.min), payment.return_risk_until + timedelta(days=1))
    if held:
        yield Restriction(RestrictionKind.LOT_HELD, share_total(booked.purchases[order].shares for order in held))
    for day in sorted({day for order, day in until.items() if order not in held}):
        orders = [order for order, free_on in until.items() if free_on == day and order not in held]
        shares = share_total(booked.purchases[order].shares for order in orders)
        yield Restriction(RestrictionKind.PAYMENT_MAY_RETURN, shares, day)


def _by_owner(rows: Mapping[str, OwnedT]) -> dict[str, list[OwnedT]]:
    """Rows by the registration they belong to."""
    found: dict[str, list[OwnedT]] = defaultdict(list)
    for row in rows.values():
        found[row.registration_id].append(row)
    return found


def _within(moved: Movements, first: date, last: date) -> Movements:
    """What moved from the first to the last day, both inclusive."""
    return Movements(
        tuple(row for row in moved.shares if first <= row.on <= last),
        tuple(row for row in moved.cash if first <= row.on <= last),
        tuple(row for row in moved.refunds if first <= row.on <= last),
    )


def _shares(balances: Balances, holder: Registration) -> Shares:
    if balances.share_units < 0:
        raise FiguresDisagree(f"account {holder.masked_account}: its plan shares are below zero")
    return Shares.from_units(balances.share_units)


def _cash(balances: Balances, holder: Registration) -> Money:
    if balances.cash_cents < 0:
        raise FiguresDisagree(f"account {holder.masked_account}: the money that waits is below zero")
    return Money.from_cents(balances.cash_cents)
