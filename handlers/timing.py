"""When a request can be carried out, and whether that is when the sender wants it."""

from __future__ import annotations

from itertools import islice

from handlers.contract import Slots, Snapshot
from handlers.plan.calendar import DayAsked, PurchaseMonth, coming_purchases, day_asked, earliest, purchase_month

COMING_SHOWN = 3
"""How many purchase dates a letter names. "Enrolment kit"."""


def coming_months(snapshot: Snapshot) -> tuple[PurchaseMonth, ...]:
    """The next purchase months that an order or payment can still reach now."""
    return tuple(islice(coming_purchases(snapshot.now, snapshot.calendar, snapshot.book), COMING_SHOWN))


def day_wanted(slots: Slots, month: PurchaseMonth) -> DayAsked:
    """How the days the sender named lie to the month's purchase date; the worst of several. FITS if none is named."""
    named = (*slots.effective_dates, *(f"---{day:02}" for day in slots.days_of_month))
    found = {day_asked(day, month.purchase_date) for day in named}
    for worst in (DayAsked.OTHER_MONTH, DayAsked.UNREADABLE, DayAsked.OTHER_DAY):
        if worst in found:
            return worst
    return DayAsked.FITS


def is_at_once(slots: Slots, snapshot: Snapshot, month: PurchaseMonth) -> bool:
    """Whether what the sender wants to end or change from the days named on may be done now.

    It may where no purchase is made between now and each of those days: who
    stops as of January 1 in the last days of December loses nothing. Nothing is
    kept for later. OC, "Unit of an order".
    """
    today = snapshot.today
    under_way = purchase_month(today.year, today.month, snapshot.calendar, snapshot.book).purchase_date
    for named in slots.effective_dates:
        day = earliest(named, today, month.cut_off_day)
        if day is None or today <= under_way <= day:
            return False
    days = Slots(days_of_month=slots.days_of_month)
    return day_wanted(days, month) is DayAsked.FITS


def names_a_day(slots: Slots) -> bool:
    """Whether the sender named a whole date as of which it is to hold, not only a month."""
    return any(named.count("-") == (3 if named.startswith("--") else 2) for named in slots.effective_dates)
