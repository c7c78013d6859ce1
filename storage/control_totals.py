"""The control totals: what must be equal at every moment, each figure from two places that know nothing of each other.

One side is the ledger, the other the tables of what happened (payments, what
was allotted, what goes back, what was sold). The plan's rules name them
(PLAN, section 3: receipts = invested + refunded + pending; allotted = issued =
movement of the aggregate limit; the debit file's total = the sum of its debits).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, func, not_, or_, select, type_coerce

from handlers.plan.payments import PaymentKind, PaymentState
from storage.ledger import (
    COMPANY,
    FEES,
    MARKET,
    OUTSIDE,
    PAID_OUT,
    PAYERS_CHECK,
    PAYERS_DEBIT,
    REFUNDED,
    SHARE,
    UNISSUED,
    UNMATCHED,
    USD,
    WRITTEN_OFF,
)
from storage.month_tables import acceptances, ach_entries, allotments, payments, refunds, sale_results, sent_files
from storage.tables import postings

_OF_THE_WORLD = (OUTSIDE, PAYERS_CHECK, PAYERS_DEBIT, UNMATCHED, COMPANY, UNISSUED, MARKET, FEES, REFUNDED, PAID_OUT)
_NAMED = (*_OF_THE_WORLD, WRITTEN_OFF)
_HOLDERS = ("plan:", "refunds:", "proceeds:", "owed:")
_NEVER_BELOW_ZERO = ("plan:", "refunds:", "proceeds:")
_ALLOTMENT = "allot:"
"""How the ids of allotments' entries begin; the order's number follows."""
_NOT_RECEIVED = (PaymentState.FILED.value, PaymentState.RETURNED.value)
_SETTLED = (PaymentState.INVESTED.value, PaymentState.REFUND_PENDING.value, PaymentState.REFUNDED.value)
"""What became of a payment that is neither pending nor returned: it was invested, or refunded."""
_OWED = "owed:"
_PENDING = (
    PaymentState.HELD.value,
    PaymentState.UNCOLLECTED.value,
    PaymentState.GOOD.value,
)


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """Two figures that must be equal: ten-thousandths of a share, cents, or a count."""

    name: str
    unit: str
    expected: int
    """What the tables of what happened say."""
    found: int
    """What the ledger says."""

    @property
    def holds(self) -> bool:
        """Whether the two are equal."""
        return self.expected == self.found


class ControlTotals:
    """Computes them within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[ControlTotal, ...]:
        """Every control total of the whole store."""
        return (*self._entries(), *self._money(), *self._shares(), *self._months(), *self._files())

    def broken(self) -> tuple[ControlTotal, ...]:
        """Those that do not hold. Empty means that the books agree."""
        return tuple(total for total in self.all() if not total.holds)

    def _entries(self) -> Iterator[ControlTotal]:
        uneven = (
            select(postings.c.entry_id)
            .group_by(postings.c.entry_id, postings.c.unit)
            .having(func.sum(postings.c.quantity) != 0)
        )
        yield ControlTotal("entries that do not sum to zero", "entries", 0, self._count(uneven))
        strange = select(postings.c.account).where(
            postings.c.account.not_in(_NAMED), not_(or_(*(postings.c.account.startswith(name) for name in _HOLDERS)))
        )
        yield ControlTotal("accounts that nobody knows", "accounts", 0, self._count(strange.distinct()))
        overdrawn = (
            select(postings.c.account)
            .where(or_(*(postings.c.account.startswith(name) for name in _NEVER_BELOW_ZERO)))
            .group_by(postings.c.account, postings.c.unit)
            .having(func.sum(postings.c.quantity) < 0)
        )
        yield ControlTotal("holders' balances below zero", "accounts", 0, self._count(overdrawn))

    def _money(self) -> Iterator[ControlTotal]:
        for kind, account in ((PaymentKind.CHECK, PAYERS_CHECK), (PaymentKind.DEBIT, PAYERS_DEBIT)):
            received = self._sum(
                payments.c.amount, payments.c.kind == kind.value, payments.c.state.not_in(_NOT_RECEIVED)
            )
            yield ControlTotal(f"received by {kind.value.lower()}, less returned", USD, received, -self._of(account))
        invested = self._sum(allotments.c.invested)
        yield ControlTotal("invested", USD, invested, self._of(COMPANY))
        yield ControlTotal("unmatched", USD, self._payments(PaymentState.UNMATCHED.value), self._of(UNMATCHED))
        sent = self._sum(refunds.c.amount, refunds.c.file_sequence.is_not(None))
        yield ControlTotal("refunded", USD, sent, self._of(REFUNDED))
        due = self._sum(refunds.c.amount, refunds.c.file_sequence.is_(None))
        yield ControlTotal("to be refunded", USD, due, self._under("refunds:", USD))
        pending = self._sum(payments.c.amount, payments.c.state.in_(_PENDING), payments.c.registration_id.is_not(None))
        yield ControlTotal("pending", USD, pending, self._under("plan:", USD))
        settled = self._sum(payments.c.amount, payments.c.state.in_(_SETTLED))
        owed = invested + self._sum(refunds.c.amount) - settled
        of_returns = and_(postings.c.account.startswith(_OWED), _of_entries("return:"))
        yield ControlTotal("owed after returns", USD, owed, -self._posted(of_returns, USD))
        gross = self._sum(sale_results.c.gross)
        yield ControlTotal("gross proceeds of sales", USD, gross, -self._of(MARKET))
        fees = self._sum(sale_results.c.broker_fee) + self._sum(sale_results.c.plan_fee)
        of_sales = and_(postings.c.account == FEES, not_(_of_entries("return-fee:")))
        yield ControlTotal("fees of sales", USD, fees, self._posted(of_sales, USD))

    def _shares(self) -> Iterator[ControlTotal]:
        yield ControlTotal("issued", SHARE, self._sum(allotments.c.shares), -self._of(UNISSUED, SHARE))
        sold = self._sum(sale_results.c.sold)
        yield ControlTotal("sold", SHARE, sold, self._of(MARKET, SHARE))

    def _months(self) -> Iterator[ControlTotal]:
        posted = {
            row.cycle_id: int(row.units)
            for row in self._connection.execute(
                select(allotments.c.cycle_id, func.sum(-postings.c.quantity).label("units"))
                .join(postings, allotments.c.order_id == func.substr(postings.c.entry_id, len(_ALLOTMENT) + 1))
                .where(
                    postings.c.account == UNISSUED,
                    postings.c.unit == SHARE,
                    postings.c.entry_id.startswith(_ALLOTMENT),
                )
                .group_by(allotments.c.cycle_id)
            )
        }
        for cycle, units in self._by_cycle(allotments.c.cycle_id, allotments.c.shares).items():
            yield ControlTotal(f"{cycle}: allotted = issued", SHARE, units, posted.get(cycle, 0))
        paid = self._by_cycle(acceptances.c.cycle_id, acceptances.c.paid)
        settled = self._by_cycle(acceptances.c.cycle_id, acceptances.c.accepted, acceptances.c.returned)
        for cycle, cents in paid.items():
            yield ControlTotal(f"{cycle}: paid = accepted + returned", USD, cents, settled[cycle])
        used = self._by_cycle(allotments.c.cycle_id, allotments.c.invested, allotments.c.refunded)
        for cycle, cents in used.items():
            accepted = self._sum(
                acceptances.c.accepted,
                acceptances.c.cycle_id == cycle,
                acceptances.c.order_id.in_(select(allotments.c.order_id)),
            )
            yield ControlTotal(f"{cycle}: accepted = invested + refunded", USD, accepted, cents)

    def _files(self) -> Iterator[ControlTotal]:
        written = self._connection.execute(
            select(sent_files.c.sequence, sent_files.c.totals).where(sent_files.c.kind == "ach_debits")
        )
        for sequence, totals in written.all():
            debits = self._sum(ach_entries.c.amount, ach_entries.c.file_sequence == sequence)
            yield ControlTotal(f"debit file {sequence}", USD, debits, int(totals["cents"]))

    def _of(self, account: str, unit: str = USD) -> int:
        return self._posted(postings.c.account == account, unit)

    def _under(self, prefix: str, unit: str) -> int:
        return self._posted(postings.c.account.startswith(prefix), unit)

    def _posted(self, where: ColumnElement[bool], unit: str) -> int:
        return self._scalar(select(func.sum(postings.c.quantity)).where(and_(where, postings.c.unit == unit)))

    def _payments(self, state: str) -> int:
        return self._sum(payments.c.amount, payments.c.state == state)

    def _sum(self, column: ColumnElement[Any], *where: ColumnElement[bool]) -> int:
        return self._scalar(select(_units(column)).where(*where))

    def _by_cycle(self, cycle: ColumnElement[str], *columns: ColumnElement[Any]) -> Mapping[str, int]:
        summed = sum((_units(column) for column in columns[1:]), start=_units(columns[0]))
        rows = self._connection.execute(select(cycle, summed).group_by(cycle).order_by(cycle))
        return {name: int(total) for name, total in rows}

    def _count(self, rows: Select[Any]) -> int:
        return self._scalar(select(func.count()).select_from(rows.subquery()))

    def _scalar(self, question: Select[Any]) -> int:
        return int(self._connection.execute(question).scalar_one() or 0)


def _of_entries(prefix: str) -> ColumnElement[bool]:
    """Whether a posting is of an entry whose id begins so."""
    return postings.c.entry_id.startswith(prefix, autoescape=True)


def _units(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The sum of a column of money or shares as the whole number that is stored."""
    return func.coalesce(func.sum(type_coerce(column, BigInteger)), 0)
