"""Specimens of the plan's values, as tests need them: everything in order unless a test says otherwise.

The day is Wednesday, November 5, 2003, ten in the morning in New York: the
coming purchase date is November 19, its cut-off November 12, 17:00.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from bot.sessions import trading_calendar
from bot.terms_file import default_terms_path, read_terms
from handlers.contract import Caution, Ignored, Intent, Outcome, Request, Slots, Snapshot
from handlers.plan.accounts import (
    AccountStatus,
    Deduction,
    DeductionStatus,
    PlanAccount,
    Registration,
    RegistrationKind,
)
from handlers.plan.calendar import TradingCalendar
from handlers.plan.money import Money, Shares
from handlers.plan.orders import (
    Order,
    PaymentMethod,
    Portion,
    PurchaseOrder,
    PurchaseOrderState,
    SaleOrder,
    SaleOrderState,
)
from handlers.plan.states import StateEntry, StateList, StateStatus
from handlers.plan.terms import PlanBook

EASTERN = ZoneInfo("America/New_York")
NOW = datetime(2003, 11, 5, 10, 0, tzinfo=EASTERN)
PURCHASE_DATE = date(2003, 11, 19)
CUT_OFF = datetime(2003, 11, 12, 17, 0, tzinfo=EASTERN)
PROSPECTUS = "2003-11-04"


@cache
def book() -> PlanBook:
    """The plan terms that are shipped."""
    return read_terms(default_terms_path())


@cache
def calendar() -> TradingCalendar:
    """The trading days from 2003 to 2029."""
    return trading_calendar(date(2003, 11, 4), date(2027, 1, 1))


def usd(text: str) -> Money:
    return Money.of(text)


def states(**statuses: StateStatus) -> StateList:
    """New Jersey and Michigan open, Ohio closed, since before the plan began; and what a test adds."""
    known = {"NJ": StateStatus.OPEN, "MI": StateStatus.OPEN, "OH": StateStatus.CLOSED} | statuses
    return StateList(tuple(StateEntry(code, status, date(2003, 11, 1)) for code, status in known.items()))


def deduction(amount: str = "300", status: DeductionStatus = DeductionStatus.ACTIVE) -> Deduction:
    return Deduction(usd(amount), status)


def account(**changes: Any) -> PlanAccount:
    """An active plan account with 150.5 shares, all settled."""
    found = PlanAccount(
        status=AccountStatus.ACTIVE,
        enrolled_on=date(2003, 11, 4),
        plan_shares=Shares.of("150.5"),
        settled_shares=Shares.of("150.5"),
    )
    return replace(found, **changes)


def registration(**changes: Any) -> Registration:
    """An individual of New Jersey, enrolled, with the prospectus acknowledged."""
    found = Registration(
        id="reg-ana",
        account_number="A100-0004821",
        kind=RegistrationKind.INDIVIDUAL,
        name="ANA B SMITH",
        email="ana@example.org",
        state="NJ",
        country="US",
        registered_shares=Shares.of("100"),
        taxpayer="taxpayer-ana",
        acknowledged=frozenset({PROSPECTUS}),
        account=account(),
    )
    return replace(found, **changes)


def purchase(**changes: Any) -> PurchaseOrder:
    """An open purchase of $500 for the coming purchase date."""
    found = PurchaseOrder(
        id="P-00001",
        registration_id="reg-ana",
        amount=usd("500"),
        payment_method=PaymentMethod.CHECK,
        purchase_date=PURCHASE_DATE,
        cut_off=CUT_OFF,
        state=PurchaseOrderState.AWAITING_PAYMENT,
        received_at=datetime(2003, 11, 4, 9, 0, tzinfo=EASTERN),
    )
    return replace(found, **changes)


def sale(**changes: Any) -> SaleOrder:
    """An open sale of 40 shares on the coming purchase date."""
    found = SaleOrder(
        id="S-00001",
        registration_id="reg-ana",
        shares=Shares.of("40"),
        portion=None,
        purchase_date=PURCHASE_DATE,
        cut_off=CUT_OFF,
        state=SaleOrderState.QUEUED,
        received_at=datetime(2003, 11, 4, 9, 0, tzinfo=EASTERN),
    )
    return replace(found, **changes)


def snapshot(
    *,
    now: datetime = NOW,
    registrations: Iterable[Registration] | None = None,
    orders: Iterable[Order] = (),
    state_list: StateList | None = None,
    plan_book: PlanBook | None = None,
) -> Snapshot:
    """What the plan knows of Ana; of the `registrations` given instead; of nobody if there are none."""
    return Snapshot(
        now=now,
        today=now.astimezone(EASTERN).date(),
        book=plan_book or book(),
        calendar=calendar(),
        states=state_list or states(),
        registrations=(registration(),) if registrations is None else tuple(registrations),
        orders=tuple(orders),
    )


def slots(amounts: Iterable[str] = (), shares: Iterable[str | Portion] = (), **others: Iterable[Any]) -> Slots:
    """Slots from plain text: amounts and numbers of shares as digits."""
    return Slots(
        amounts=tuple(usd(amount) for amount in amounts),
        shares=tuple(count if isinstance(count, Portion) else Shares.of(count) for count in shares),
        **{name: tuple(values) for name, values in others.items()},
    )


def request(
    intent: str, *, topics: Iterable[str] = (), cautions: Iterable[Caution] = (), **details: Iterable[Any]
) -> Request:
    """A request for `intent` with these details, topics and cautions."""
    return Request(Intent(intent), slots(**details), frozenset(topics), frozenset(cautions))


def bare(outcome: Outcome) -> Outcome:
    """The outcome without the facts for its letter, to compare what was decided."""
    return outcome if isinstance(outcome, Ignored) else replace(outcome, reply={})
