"""Months as chance has them, one after another: the books agree after every step, and everybody has what is theirs.

What is theirs is reckoned a second time, naively, in `tests/month/naive.py`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from bot.files.from_bank import CheckRow
from bot.files.from_transfer_agent import FILLS, FillRow
from bot.files.layout import write_rows
from bot.holders_import import registration_id
from bot.month import closes, issue, sales, trial
from bot.plan import Plan
from handlers.contract import AcceptPurchase, AcceptSale, Effect
from handlers.plan.accounts import Hold
from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import PaymentMethod, Portion
from handlers.plan.states import StateEntry, StateStatus
from storage.ledger import (
    COMPANY,
    PAID_OUT,
    SHARE,
    UNISSUED,
    UNMATCHED,
    plan_account,
    proceeds_account,
    refunds_account,
)
from storage.store import Store, open_engine
from tests.databases import fresh_store
from tests.month.naive import (
    DIES,
    GOOD_AFTER,
    HOLDERS,
    MOVES,
    OPENING,
    TAXPAYER,
    Paid,
    Played,
    Sold,
    Theirs,
    buy,
    fills_of,
    sell,
)
from tests.month.playing import Month, at, check, holder

MONTHS = ("2003-11", "2003-12", "2004-01")

CHECKS = some.builds(
    Paid,
    holder=some.sampled_from([*HOLDERS, 1, 2]),
    cents=some.one_of(
        some.integers(1, 1_200_000), some.sampled_from([15_000, 24_999, 25_000, 999_999, 1_000_000, 1_000_001])
    ),
    days_before=some.sampled_from([0, 0, 1, 2, 5, 6]),
    second=some.one_of(some.sampled_from([-1, 0, 1]), some.integers(-20_000, 9_000)),
    flaw=some.sampled_from(["", "", "", "", "", "third party", "foreign", "unknown"]),
    is_ordered=some.booleans(),
)
SALES = some.builds(
    Sold,
    holder=some.sampled_from(HOLDERS),
    units=some.one_of(some.integers(1, 2 * OPENING), some.just(OPENING)),
    portion=some.sampled_from([None, None, Portion.ALL, Portion.HALF]),
)
PLAYED = some.builds(
    Played,
    checks=some.lists(CHECKS, max_size=7, unique_by=lambda one: (one.days_before, one.second)).map(tuple),
    sales=some.lists(SALES, max_size=4).map(tuple),
    closes=some.tuples(*[some.integers(100, 130)] * 3),
    fills=some.lists(
        some.tuples(some.integers(1, 50), some.integers(9_000, 16_000), some.integers(0, 300)), min_size=1, max_size=2
    ).map(tuple),
)


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    """A store's file at the newest schema, to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        with fresh_store("sqlite", Path(folder)) as store:
            path = Path(str(store.engine.url.database))
        yield path


@contextmanager
def a_month(empty: Path, limit: int) -> Iterator[Month]:
    """An office with six holders, and so many units under the aggregate limit."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store.sqlite3"
        shutil.copyfile(empty, copy)
        store = Store(open_engine(f"sqlite:///{copy}"))
        shipped = Plan.read(None).book
        terms = tuple(
            replace(one, aggregate_limit=Shares.from_units(limit), good_funds_sessions=GOOD_AFTER)
            for one in shipped.history
        )
        month = Month(store, Path(folder), Plan(replace(shipped, history=terms)))
        rows = [
            holder(number, taxpayer_id=f"900-00-{TAXPAYER[number]:04d}", state="OH" if number == MOVES else "MI")
            for number in HOLDERS
        ]
        month.holders(*rows)
        yield month
        store.close()


def account(number: int) -> str:
    return f"CST-30{number:03d}"


def order(month: Month, effect: Effect, when: datetime) -> str:
    """An order by mail, confirmed."""
    with month.store.transaction() as tx:
        cause = f"confirmed:play:{month.number('orders')}"
        return tx.effects.apply([effect], cause=cause, now=when, today=when.date())[0]


def pay(month: Month, theirs: Theirs, played: Played, number: str, barred: set[int]) -> None:
    """Orders by mail and the lockbox file of the month, loaded in the evening of the cut-off."""
    dates = month.dates(number)
    rows: list[CheckRow] = []
    for place, one in enumerate(played.checks):
        received = dates.cut_off - timedelta(days=one.days_before) + timedelta(seconds=one.second)
        if one.is_ordered:
            amount = Money.from_cents(min(one.cents, 1_000_000))
            dollars = AcceptPurchase(
                registration_id(account(one.holder)), amount, PaymentMethod.CHECK, dates.purchase_date, dates.cut_off
            )
            order(month, dollars, dates.cut_off - timedelta(days=8))
        changes: dict[str, object] = {"received": received, "check_number": f"{1 + place}{number[5:]}"}
        changes |= {"third party": {"payer": "Aunt Example"}, "foreign": {"currency": "CAD"}}.get(one.flaw, {})
        if one.flaw == "unknown":
            changes["account"] = ""
        row = check(account(one.holder), str(Money.from_cents(one.cents)), f"{received.date()} 10:00")
        rows.append(replace(row, **changes))  # type: ignore[arg-type]  # each value is of its column's type
        if one.flaw == "unknown":
            theirs.unmatched += one.cents
        elif one.flaw != "foreign":
            theirs.pending[one.holder] += one.cents
            if not one.flaw and one.holder not in barred:
                theirs.waiting.append((one, received))
    month.lockbox(*rows, day=dates.cut_off_day.isoformat())


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    months=some.lists(PLAYED, min_size=2, max_size=3),
    limit=some.sampled_from([100_000_000_000, 100_000_000_000, 120_000_000, 3_000_000]),
    barred_from=some.tuples(some.integers(0, 4), some.integers(0, 4)),
)
def test_whatever_a_month_brings_everybody_has_what_is_theirs(
    months: list[Played], limit: int, barred_from: tuple[int, int], empty: Path
) -> None:
    with a_month(empty, limit) as month:
        theirs, barred = Theirs(), set[int]()
        for place, (number, played) in enumerate(zip(MONTHS, months, strict=False)):
            stops = [who for who, since in zip((DIES, MOVES), barred_from, strict=True) if since == place]
            play(month, theirs, number, played, limit, barred, stops)
            compare(month, theirs)
            mail_proceeds(month, theirs, number)
            compare(month, theirs)


def play(
    month: Month, theirs: Theirs, number: str, played: Played, limit: int, barred: set[int], stops: list[int]
) -> None:
    """One month from its checks to its proceeds, the books in agreement after every step."""
    dates = month.dates(number)
    pay(month, theirs, played, number, barred)
    sale_orders: list[tuple[str, Sold]] = []
    for one in played.sales:
        shares = Shares.from_units(one.units)
        effect = AcceptSale(
            registration_id(account(one.holder)), shares, one.portion, dates.purchase_date, dates.cut_off
        )
        when = dates.cut_off - timedelta(days=4, minutes=-len(sale_orders))
        sale_orders.append((order(month, effect, when), one))
    assert month.books_agree()
    for who in stops:
        bar(month, who, dates.purchase_date)
        barred.add(who)
    held = dict(theirs.shares)
    month.lock(number)
    assert month.books_agree()
    month.prices(*(str(Money.from_cents(close)) for close in played.closes), number=number)
    evening = at(dates.pricing_days[-1].isoformat(), "21:00")
    closes.price(month.office, number, "test", evening)
    assert month.books_agree()
    trial.run_trial(month.office, number, "test", evening)
    trial.approve(month.office, number, "Olive", evening)
    trial.approve(month.office, number, "Peter", evening)
    assert month.books_agree()
    buy(theirs, month, played, number, limit, barred)
    report = month.allot(number)
    assert month.books_agree()
    assert report.orders >= 0
    batch = sell(theirs, played, sale_orders, barred, held)
    trade(month, played, number, batch)
    if report.shares.units:
        month.issue(number)
    else:
        issue.instruct(month.office, number, "test", month.purchase_morning(number))
    assert month.books_agree()
    assert month.confirm(number).due <= report.orders
    assert month.books_agree()


def trade(month: Month, played: Played, number: str, batch: int) -> None:
    """The batch, and the broker's fills of it."""
    pieces = fills_of(played, batch)
    if not batch:
        return
    morning, day = month.purchase_morning(number), month.dates(number).purchase_date
    assert sales.send_batch(month.office, number, "test", morning) is not None
    rows = [
        FillRow(f"B-{number}", f"F{at_}", day, Shares.from_units(units), Price.from_units(price), Money.from_cents(fee))
        for at_, (units, price, fee) in enumerate(pieces, start=1)
    ]
    if not rows:
        return
    sequence = month.number("fills")
    path = month.folder / f"fills-{sequence}.csv"
    write_rows(path, FILLS, sequence, day, rows)
    sales.load_fills(month.office, path, "test", morning)
    assert month.books_agree()


def mail_proceeds(month: Month, theirs: Theirs, number: str) -> None:
    """The proceeds of a month, once its sale has settled."""
    with month.store.reading() as tx:
        settles = {one.settles_on for one in tx.month_sales.sold(number) if one.settles_on}
    if not settles:
        return
    sales.send_proceeds(month.office, number, "test", at(max(settles).isoformat()))
    theirs.paid_out += sum(theirs.proceeds.values())
    theirs.proceeds = dict.fromkeys(HOLDERS, 0)
    assert month.books_agree()
    assert month.balance(PAID_OUT) == theirs.paid_out


def bar(month: Month, who: int, purchase_date: date) -> None:
    """A death is reported of one holder; the other's state is closed from the purchase date on."""
    with month.store.transaction() as tx:
        when = at((purchase_date - timedelta(days=9)).isoformat())
        if who == DIES:
            tx.reported_holds.report(registration_id(account(who)), Hold.DEATH_REPORTED, "play", when)
        else:
            tx.states.record([StateEntry("OH", StateStatus.CLOSED, purchase_date)], "for the play", when)


def compare(month: Month, theirs: Theirs) -> None:
    """Every balance of the ledger is what the naive reckoning has."""
    for number in HOLDERS:
        own = registration_id(account(number))
        found = {
            "shares": month.balance(plan_account(own), SHARE),
            "pending": month.balance(plan_account(own)),
            "refunds": month.balance(refunds_account(own)),
            "proceeds": month.balance(proceeds_account(own)),
        }
        wanted = {
            "shares": theirs.shares[number],
            "pending": theirs.pending[number],
            "refunds": theirs.refunds[number],
            "proceeds": theirs.proceeds[number],
        }
        assert (number, found) == (number, wanted)
    assert month.balance(UNMATCHED) == theirs.unmatched
    assert month.balance(COMPANY) == theirs.invested
    assert -month.balance(UNISSUED, SHARE) == theirs.issued
