"""The purchase cycles: one a month, where each stands, and what was done to it by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from handlers.plan.calendar import PurchaseMonth
from handlers.plan.cycle import CycleState, CycleStep, cycle_id
from handlers.plan.money import Money, Price, Shares
from storage.audit import PROGRAM, Audit, AuditKind, staff
from storage.ids import new_id
from storage.month_tables import cycle_acts, cycles

THE_PROGRAM = "the program"
"""Who did a step that needed no person."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One month's purchase as it stands."""

    id: str
    nominal_date: date
    purchase_date: date
    pricing_days: tuple[date, ...]
    cut_off: datetime
    state: CycleState
    price: Price | None
    available: Shares | None
    """Shares left of the aggregate limit when the trial was made."""
    demanded: Shares | None
    accepted: Money | None
    trial_digest: str
    settled_to: str
    """The last order, by id, that was allotted, expired, held or carried forward."""


@dataclass(frozen=True, slots=True)
class CycleAct:
    """One step done to a cycle: by a person, or by the program itself."""

    step: CycleStep
    by: str
    at: datetime
    digest: str
    detail: Mapping[str, Any]


class Cycles:
    """The tables of cycles and of what was done to them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, number: str) -> Cycle | None:
        """The cycle "2003-11"; None before it is opened."""
        row = self._connection.execute(select(cycles).where(cycles.c.id == number)).mappings().one_or_none()
        return _cycle(row) if row else None

    def on(self, purchase_date: date) -> Cycle | None:
        """The cycle that buys on this day."""
        found = select(cycles).where(cycles.c.purchase_date == purchase_date)
        row = self._connection.execute(found).mappings().one_or_none()
        return _cycle(row) if row else None

    def all(self) -> tuple[Cycle, ...]:
        """Every cycle, earliest first."""
        rows = self._connection.execute(select(cycles).order_by(cycles.c.id)).mappings()
        return tuple(map(_cycle, rows))

    def open(self, month: PurchaseMonth, at: datetime) -> Cycle:
        """The cycle of a purchase month; made if it is not there, and left as it is if it is."""
        number = cycle_id(month)
        found = self.of(number)
        if found is not None:
            return found
        self._connection.execute(
            insert(cycles).values(
                id=number,
                nominal_date=month.nominal_date,
                purchase_date=month.purchase_date,
                pricing_days=[day.isoformat() for day in month.pricing_days],
                cut_off=month.cut_off,
                state=CycleState.OPEN.value,
                changed_at=at,
            )
        )
        opened = self.of(number)
        if opened is None:
            raise LookupError(f"cycle {number} was made and is not there")
        return opened

    def move(self, number: str, before: CycleState, after: CycleState, at: datetime, **facts: object) -> bool:
        """Move a cycle on, with what is known of it now. False if it does not stand where the caller thinks."""
        changed = self._connection.execute(
            update(cycles)
            .where(cycles.c.id == number, cycles.c.state == before.value)
            .values(state=after.value, changed_at=at, **facts)
        )
        return changed.rowcount == 1

    def note_facts(self, number: str, at: datetime, **facts: object) -> None:
        """Keep what is known of a cycle now; it stays where it stands."""
        self._connection.execute(update(cycles).where(cycles.c.id == number).values(changed_at=at, **facts))

    def note(self, number: str, step: CycleStep, by: str, at: datetime, *, digest: str = "", **detail: object) -> None:
        """Record that a step was done. Details are texts and numbers."""
        self._connection.execute(
            insert(cycle_acts).values(
                id=new_id(at), cycle_id=number, step=step.value, by=by, at=at, digest=digest, detail=detail
            )
        )
        reason = detail.pop("reason", None)
        Audit(self._connection).note(
            staff(by) if by != THE_PROGRAM else PROGRAM,
            AuditKind.CYCLE_STEP,
            f"cycle:{number}",
            {"step": step.value, "digest": digest, **detail},
            at,
            private={"reason": str(reason)} if reason is not None else None,
        )

    def acts(self, number: str) -> tuple[CycleAct, ...]:
        """What was done to a cycle, earliest first."""
        rows = self._connection.execute(
            select(cycle_acts).where(cycle_acts.c.cycle_id == number).order_by(cycle_acts.c.at, cycle_acts.c.id)
        )
        return tuple(CycleAct(CycleStep(row.step), row.by, row.at, row.digest, row.detail) for row in rows)

    def approvers(self, number: str, digest: str) -> tuple[str, ...]:
        """Who approved the trial with this digest, each once, in order."""
        approved = (
            act.by for act in self.acts(number) if act.step is CycleStep.APPROVE and digest and act.digest == digest
        )
        return tuple(dict.fromkeys(approved))


def _cycle(row: RowMapping) -> Cycle:
    return Cycle(
        id=row["id"],
        nominal_date=row["nominal_date"],
        purchase_date=row["purchase_date"],
        pricing_days=tuple(date.fromisoformat(day) for day in row["pricing_days"]),
        cut_off=row["cut_off"],
        state=CycleState(row["state"]),
        price=row["price"],
        available=row["available"],
        demanded=row["demanded"],
        accepted=row["accepted"],
        trial_digest=row["trial_digest"] or "",
        settled_to=row["settled_to"],
    )
