"""Holders of record as the transfer agent's file has them, with their accounts in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from handlers.plan.accounts import (
    AccountStatus,
    Deduction,
    DeductionStatus,
    Hold,
    PlanAccount,
    Registration,
    RegistrationKind,
)
from handlers.plan.money import NO_SHARES, Money, Shares
from storage.ledger import Ledger
from storage.reported_holds import ReportedHolds
from storage.tables import accounts, acknowledgements, deductions, registrations

AT_ONCE = 400
"""Rows that are looked up in one statement."""


@dataclass(frozen=True, slots=True)
class MonthlyDeduction:
    """A monthly automatic deduction with what its life hangs on: the signed form, and the test of the bank account."""

    registration_id: str
    taxpayer: str
    amount: Money
    status: DeductionStatus
    authorised_on: date | None
    prenoted_on: date | None
    """The day on which the bank was to post the entry without money; None until one is sent for this bank account."""


@dataclass(frozen=True, slots=True)
class HolderRecord:
    """One holder of record, ready to be kept: the taxpayer id hashed, the bank account encrypted."""

    id: str
    account_number: str
    kind: RegistrationKind
    name: str
    email: str
    address: str
    state: str
    country: str
    registered_shares: Shares
    taxpayer: str
    bank: str
    holds: frozenset[Hold]


class Registrations:
    """The registrations table and what hangs on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_email(self, address: str) -> tuple[Registration, ...]:
        """Current registrations with this email address, by account number; none for no address."""
        if not address:
            return ()
        return self._load(registrations.c.email == address, registrations.c.is_current.is_(True))

    def of_taxpayers(self, taxpayers: Iterable[str]) -> tuple[Registration, ...]:
        """Every registration of these taxpayers."""
        return self._load(registrations.c.taxpayer.in_(sorted(taxpayers)))

    def by_ids(self, ids: Iterable[str]) -> dict[str, Registration]:
        """These registrations by id, current or not."""
        wanted = sorted(ids)
        found: dict[str, Registration] = {}
        for start in range(0, len(wanted), AT_ONCE):
            some = self._load(registrations.c.id.in_(wanted[start : start + AT_ONCE]))
            found |= {one.id: one for one in some}
        return found

    def account_numbers(self, ids: Iterable[str]) -> dict[str, str]:
        """The account numbers of these registrations."""
        wanted = sorted(ids)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), AT_ONCE):
            rows = self._connection.execute(
                select(registrations.c.id, registrations.c.account_number).where(
                    registrations.c.id.in_(wanted[start : start + AT_ONCE])
                )
            )
            found |= {row.id: row.account_number for row in rows}
        return found

    def payee(self, registration_id: str) -> HolderRecord:
        """Name and address of record: to whom a check is made out. KeyError if there is no such registration."""
        row = self._connection.execute(
            select(registrations).where(registrations.c.id == registration_id)
        ).mappings().one_or_none()  # fmt: skip
        if row is None:
            raise KeyError(registration_id)
        return _record(row)

    def payees(self, ids: Iterable[str]) -> dict[str, HolderRecord]:
        """Name, address and sealed bank account of these registrations, by id."""
        wanted = sorted(ids)
        found: dict[str, HolderRecord] = {}
        for start in range(0, len(wanted), AT_ONCE):
            rows = self._connection.execute(
                select(registrations).where(registrations.c.id.in_(wanted[start : start + AT_ONCE]))
            )
            found |= {row["id"]: _record(row) for row in rows.mappings()}
        return found

    def by_account_number(self, account_number: str) -> Registration | None:
        """The registration with this account number, current or not."""
        found = self._load(registrations.c.account_number == account_number)
        return found[0] if found else None

    def records(self) -> dict[str, HolderRecord]:
        """Every holder record by account number, as last kept."""
        rows = self._connection.execute(select(registrations)).mappings()
        return {row["account_number"]: _record(row) for row in rows}

    def keep(self, records: Sequence[HolderRecord]) -> None:
        """Insert or replace each record and mark it current. Another bank account is to be tested anew by a prenote."""
        stored = self._connection.execute(select(registrations.c.id, registrations.c.bank))
        known = {row.id: row.bank for row in stored}
        fresh = [self._values(record) for record in records if record.id not in known]
        if fresh:
            self._connection.execute(insert(registrations), fresh)
        for record in records:
            if record.id in known:
                self._connection.execute(
                    update(registrations).where(registrations.c.id == record.id).values(self._values(record))
                )
                if known[record.id] != record.bank:
                    self._connection.execute(
                        update(deductions).where(deductions.c.registration_id == record.id).values(prenoted_on=None)
                    )

    def mark_departed(self, ids: Iterable[str]) -> None:
        """These are holders of record no more; their history stays."""
        self._connection.execute(
            update(registrations).where(registrations.c.id.in_(list(ids))).values(is_current=False)
        )

    def hold_sales(self, registration_id: str, until: date) -> None:
        """No sale before `until`."""
        self._connection.execute(
            update(registrations).where(registrations.c.id == registration_id).values(sales_held_until=until)
        )

    def enroll(self, registration_id: str, on: date, at: datetime) -> None:
        """Open the account, or open it again."""
        self.set_status(registration_id, AccountStatus.ACTIVE, at)
        self._connection.execute(
            update(accounts).where(accounts.c.registration_id == registration_id).values(enrolled_on=on)
        )

    def set_status(self, registration_id: str, status: AccountStatus, at: datetime) -> None:
        """Record where the account stands; the first record makes the account."""
        changed = self._connection.execute(
            update(accounts)
            .where(accounts.c.registration_id == registration_id)
            .values(status=status.value, changed_at=at)
        )
        if not changed.rowcount:
            self._connection.execute(
                insert(accounts).values(registration_id=registration_id, status=status.value, changed_at=at)
            )

    def acknowledge(self, registration_id: str, version: str, at: datetime, cause: str) -> None:
        """Record that the holder acknowledged a prospectus version; the first record stands."""
        known = select(acknowledgements.c.version).where(
            acknowledgements.c.registration_id == registration_id, acknowledgements.c.version == version
        )
        if self._connection.execute(known).first() is None:
            self._connection.execute(
                insert(acknowledgements).values(registration_id=registration_id, version=version, at=at, cause=cause)
            )

    def set_deduction(self, registration_id: str, deduction: Deduction, at: datetime) -> None:
        """Record how the monthly deduction stands. One that ends or starts anew needs a new signed authorisation."""
        values: dict[str, object] = {"amount": deduction.amount, "status": deduction.status.value, "changed_at": at}
        if deduction.status in {DeductionStatus.PENDING, DeductionStatus.REVOKED}:
            values |= {"authorised_on": None, "authorised_by": None, "prenoted_on": None}
        changed = self._connection.execute(
            update(deductions).where(deductions.c.registration_id == registration_id).values(values)
        )
        if not changed.rowcount:
            self._connection.execute(insert(deductions).values(registration_id=registration_id, **values))

    def deduction_of(self, registration_id: str) -> MonthlyDeduction | None:
        """The monthly deduction of an account, however it stands."""
        return next(iter(self._deductions(deductions.c.registration_id == registration_id)), None)

    def deductions_in(self, *statuses: DeductionStatus) -> tuple[MonthlyDeduction, ...]:
        """Every deduction that stands so, one taxpayer's after another's."""
        return self._deductions(deductions.c.status.in_([status.value for status in statuses]))

    def authorise_deduction(self, registration_id: str, by: str, on: date, at: datetime) -> bool:
        """Record the signed form of a deduction that waits for it. False if none does."""
        changed = self._connection.execute(
            update(deductions)
            .where(
                deductions.c.registration_id == registration_id,
                deductions.c.status == DeductionStatus.PENDING.value,
            )
            .values(
                status=DeductionStatus.PRENOTE.value,
                authorised_on=on,
                authorised_by=by,
                prenoted_on=None,
                changed_at=at,
            )
        )
        return changed.rowcount == 1

    def note_prenote(self, registration_id: str, on: date | None, at: datetime) -> None:
        """Record for which day a prenote was sent; None where the bank account has to be tested anew."""
        self._connection.execute(
            update(deductions)
            .where(deductions.c.registration_id == registration_id)
            .values(prenoted_on=on, changed_at=at)
        )

    def correct_bank(self, registration_id: str, sealed: str) -> None:
        """Take over what the holder's own bank says its account is. It needs no new prenote."""
        self._connection.execute(update(registrations).where(registrations.c.id == registration_id).values(bank=sealed))

    def _deductions(self, where: ColumnElement[bool]) -> tuple[MonthlyDeduction, ...]:
        rows = self._connection.execute(
            select(deductions, registrations.c.taxpayer)
            .join(registrations, registrations.c.id == deductions.c.registration_id)
            .where(where)
            .order_by(registrations.c.taxpayer, deductions.c.registration_id)
        )
        return tuple(
            MonthlyDeduction(
                registration_id=row.registration_id,
                taxpayer=row.taxpayer,
                amount=row.amount,
                status=DeductionStatus(row.status),
                authorised_on=row.authorised_on,
                prenoted_on=row.prenoted_on,
            )
            for row in rows
        )

    def _values(self, record: HolderRecord) -> dict[str, object]:
        return {
            "id": record.id,
            "account_number": record.account_number,
            "kind": record.kind.value,
            "name": record.name,
            "email": record.email,
            "address": record.address,
            "state": record.state,
            "country": record.country,
            "registered_shares": record.registered_shares,
            "taxpayer": record.taxpayer,
            "bank": record.bank,
            "holds": sorted(hold.value for hold in record.holds),
            "is_current": True,
        }

    def _load(self, *where: ColumnElement[bool]) -> tuple[Registration, ...]:
        rows = self._connection.execute(
            select(registrations).where(*where).order_by(registrations.c.account_number)
        ).mappings().all()  # fmt: skip
        ids = [row["id"] for row in rows]
        plan_accounts = self._plan_accounts(ids)
        versions: dict[str, set[str]] = {}
        for row in self._connection.execute(
            select(acknowledgements).where(acknowledgements.c.registration_id.in_(ids))
        ):
            versions.setdefault(row.registration_id, set()).add(row.version)
        reported = ReportedHolds(self._connection).of_registrations(ids)
        return tuple(
            _registration(
                row,
                plan_accounts.get(row["id"]),
                frozenset(versions.get(row["id"], ())),
                reported.get(row["id"], frozenset()),
            )
            for row in rows
        )

    def _plan_accounts(self, ids: Sequence[str]) -> dict[str, PlanAccount]:
        shares = Ledger(self._connection).plan_shares(ids)
        elected = {
            row.registration_id: Deduction(row.amount, DeductionStatus(row.status))
            for row in self._connection.execute(select(deductions).where(deductions.c.registration_id.in_(ids)))
        }
        return {
            row.registration_id: PlanAccount(
                status=AccountStatus(row.status),
                enrolled_on=row.enrolled_on,
                plan_shares=shares.get(row.registration_id, NO_SHARES),
                settled_shares=shares.get(row.registration_id, NO_SHARES),
                deduction=elected.get(row.registration_id),
            )
            for row in self._connection.execute(select(accounts).where(accounts.c.registration_id.in_(ids)))
        }


def _record(row: RowMapping) -> HolderRecord:
    return HolderRecord(
        id=row["id"],
        account_number=row["account_number"],
        kind=RegistrationKind(row["kind"]),
        name=row["name"],
        email=row["email"],
        address=row["address"],
        state=row["state"],
        country=row["country"],
        registered_shares=row["registered_shares"],
        taxpayer=row["taxpayer"],
        bank=row["bank"],
        holds=frozenset(Hold(value) for value in row["holds"]),
    )


def _registration(
    row: RowMapping, account: PlanAccount | None, versions: frozenset[str], reported: frozenset[Hold]
) -> Registration:
    return Registration(
        id=row["id"],
        account_number=row["account_number"],
        kind=RegistrationKind(row["kind"]),
        name=row["name"],
        email=row["email"],
        state=row["state"],
        country=row["country"],
        registered_shares=row["registered_shares"],
        taxpayer=row["taxpayer"],
        holds=frozenset(Hold(value) for value in row["holds"]) | reported,
        sales_held_until=row["sales_held_until"],
        acknowledged=versions,
        account=account,
    )
