"""A month that its schedule drives, while people and banks act between its rounds."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.files.from_transfer_agent import IssuanceAcknowledgementRow
from bot.month import issue, trial
from bot.month.schedule import Schedule
from handlers.plan.cycle import CycleState
from handlers.plan.money import Shares
from storage.cycles import THE_PROGRAM
from storage.store import Store
from tests.month.playing import NOVEMBER, Month, at, check, holder

NOTICE = "notices/cycle_needs_person"


class SetClock(Clock):
    """Shows what it is set to, and a microsecond more each time, so that what is done has an order."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(instant)
        self.at = instant
        self._looked = itertools.count()

    def now(self) -> datetime:
        return self.at.astimezone(UTC) + timedelta(microseconds=next(self._looked))


class Played(Month):
    """A month that its schedule drives; people and banks act between its rounds."""

    clock: SetClock
    schedule: Schedule

    def begin(self) -> None:
        """A schedule as it is after a start."""
        self.clock = SetClock(at("2003-11-05"))
        self.schedule = self.another()

    def another(self) -> Schedule:
        """A schedule of another process."""
        return Schedule(replace(self.office, clock=self.clock))

    def comes(self, day: str, time: str = "09:00") -> None:
        """One round at that instant."""
        self.clock.at = at(day, time)
        self.schedule.round()

    def state(self, number: str = NOVEMBER) -> CycleState | None:
        with self.store.reading() as tx:
            cycle = tx.cycles.of(number)
        return cycle.state if cycle else None

    def steps(self, number: str = NOVEMBER) -> list[str]:
        """What the program did, in order."""
        with self.store.reading() as tx:
            return [act.step.value for act in tx.cycles.acts(number) if act.by == THE_PROGRAM]

    def notices(self) -> list[str]:
        """The causes of what staff were told, in order."""
        return [letter.cause for letter in reversed(self.letters(kind=NOTICE))]

    def approve(self) -> None:
        for name in ("Olive", "Peter"):
            trial.approve(self.office, NOVEMBER, name, self.clock.now())

    def acknowledge(self) -> None:
        with self.store.reading() as tx:
            cycle = tx.cycles.of(NOVEMBER)
            assert cycle is not None
            shares = issue.allotted_shares(tx, cycle)
            issued = Shares.from_units(-tx.ledger.balance("unissued", "SHARE"))
        self.acknowledges(IssuanceAcknowledgementRow(NOVEMBER, cycle.purchase_date, shares, issued, "TA-1"))


def begun(store: Store, folder: Path) -> Played:
    """Two buyers, one seller, and a schedule that has opened the cycle of November."""
    played = Played(store, folder)
    played.holders(*(holder(number) for number in range(1, 4)))
    played.begin()
    played.comes("2003-11-05")
    played.buys("CST-30001", "250")
    played.buys("CST-30002", "10000")
    played.sells("CST-30003", "40")
    return played


def lockbox(month: Month) -> None:
    month.lockbox(check("CST-30001", "250"), check("CST-30002", "10000"))


def to_allotted(month: Played) -> None:
    lockbox(month)
    month.prices("1.12", "1.15", "1.09")
    month.comes("2003-11-18", "07:00")
    month.approve()
    month.comes("2003-11-19", "09:00")
