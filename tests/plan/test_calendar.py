"""Purchase dates, pricing days, cut-offs and settlement, against dates worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice

import pytest

from handlers.plan.calendar import (
    DayAsked,
    OutsideCalendar,
    TradingCalendar,
    coming_purchases,
    day_asked,
    earliest,
    federal_reserve_holidays,
    nominal_purchase_date,
    pricing_days,
    purchase_month,
    settlement_date,
)
from handlers.plan.money import Price, purchase_price
from handlers.plan.terms import LagUnit, PlanBook
from tests.specimens import CUT_OFF, EASTERN, NOW, book, calendar


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("purchase_date", "pricing", "cut_off_day", "settles"),
    [
        pytest.param(
            "2003-11-19",
            ("2003-11-13", "2003-11-14", "2003-11-17"),
            "2003-11-12",
            "2003-11-24",
            id="banks closed Nov 11",
        ),
        pytest.param("2003-12-17", ("2003-12-11", "2003-12-12", "2003-12-15"), "2003-12-10", "2003-12-22", id="plain"),
        pytest.param(
            "2004-01-21",
            ("2004-01-14", "2004-01-15", "2004-01-16"),
            "2004-01-13",
            "2004-01-26",
            id="Martin Luther King Day",
        ),
        pytest.param(
            "2004-02-18", ("2004-02-11", "2004-02-12", "2004-02-13"), "2004-02-10", "2004-02-23", id="Presidents' Day"
        ),
        pytest.param(
            "2004-06-16", ("2004-06-09", "2004-06-10", "2004-06-14"), "2004-06-08", None, id="Reagan's funeral"
        ),
        pytest.param(
            "2004-11-17",
            ("2004-11-11", "2004-11-12", "2004-11-15"),
            "2004-11-10",
            None,
            id="first pricing day a bank holiday",
        ),
        pytest.param(
            "2006-11-22",
            ("2006-11-16", "2006-11-17", "2006-11-20"),
            "2006-11-15",
            "2006-11-28",
            id="settles across Thanksgiving",
        ),
    ],
)
def test_a_purchase_month(purchase_date: str, pricing: tuple[str, ...], cut_off_day: str, settles: str | None) -> None:
    bought = day(purchase_date)
    month = purchase_month(bought.year, bought.month, calendar(), book())
    assert month.purchase_date == month.nominal_date == bought
    assert month.pricing_days == tuple(map(day, pricing))
    assert month.cut_off == datetime.combine(day(cut_off_day), time(17), tzinfo=EASTERN)
    assert month.cut_off_day == day(cut_off_day)
    if settles is not None:
        assert settlement_date(bought, calendar(), book().on(bought)) == day(settles)


@pytest.mark.parametrize(
    ("purchase_date", "by_calendar", "by_trading_days"),
    [
        pytest.param(
            "2003-11-28", ("11-24", "11-25", "11-26"), ("11-21", "11-24", "11-25"), id="the day after Thanksgiving"
        ),
        pytest.param("2003-12-01", ("11-25", "11-26", "11-28"), ("11-24", "11-25", "11-26"), id="a Monday after it"),
        pytest.param(
            "2004-02-17", ("02-11", "02-12", "02-13"), ("02-10", "02-11", "02-12"), id="after Presidents' Day"
        ),
        pytest.param("2003-11-19", ("11-13", "11-14", "11-17"), ("11-13", "11-14", "11-17"), id="no holiday near"),
        pytest.param(
            "2004-01-21", ("01-14", "01-15", "01-16"), ("01-14", "01-15", "01-16"), id="holiday on the last day"
        ),
    ],
)
def test_pricing_days_are_counted_as_the_terms_say(
    purchase_date: str, by_calendar: tuple[str, ...], by_trading_days: tuple[str, ...]
) -> None:
    bought = day(purchase_date)
    terms = book().on(bought)
    expected = tuple(day(f"{bought.year}-{each}") for each in by_calendar)
    assert pricing_days(bought, calendar(), terms) == expected
    expected = tuple(day(f"{bought.year}-{each}") for each in by_trading_days)
    assert pricing_days(bought, calendar(), replace(terms, pricing_lag_unit=LagUnit.SESSIONS)) == expected


def test_the_price_of_a_month_needs_its_own_closes() -> None:
    closes = {day("2003-11-13"): "1.12", day("2003-11-14"): "1.15", day("2003-11-17"): "1.09"}
    days = pricing_days(day("2003-11-19"), calendar(), book().on(day("2003-11-19")))
    price = purchase_price([Price(Decimal(closes[each])) for each in days], book().on(days[0]).discount)
    assert price == Price(Decimal("1.0864"))


@pytest.mark.parametrize(("year", "month"), [(year, month) for year in range(2004, 2027) for month in range(1, 13)])
def test_every_month_keeps_the_order_of_its_days(year: int, month: int) -> None:
    found = purchase_month(year, month, calendar(), book())
    assert 16 <= found.nominal_date.day <= 22
    assert found.nominal_date.weekday() == 2
    assert found.nominal_date <= found.purchase_date <= found.nominal_date + timedelta(days=2)
    assert len(found.pricing_days) == 3
    assert found.pricing_days == tuple(sorted(set(found.pricing_days)))
    assert found.pricing_days[-1] <= found.purchase_date - timedelta(days=2)
    assert found.cut_off.date() < found.pricing_days[0]
    assert calendar().is_banking_session(found.cut_off_day)
    assert all(calendar().is_session(each) for each in (*found.pricing_days, found.purchase_date))


@pytest.mark.parametrize(
    ("nominal", "actual", "pricing"),
    [
        pytest.param("2024-06-19", "2024-06-20", ("2024-06-14", "2024-06-17", "2024-06-18"), id="Juneteenth"),
        pytest.param(
            "2019-06-19", "2019-06-19", ("2019-06-13", "2019-06-14", "2019-06-17"), id="before it was a holiday"
        ),
    ],
)
def test_a_purchase_date_without_trading_moves_and_takes_its_pricing_days_along(
    nominal: str, actual: str, pricing: tuple[str, ...]
) -> None:
    found = purchase_month(day(nominal).year, day(nominal).month, calendar(), book())
    assert found.nominal_date == day(nominal)
    assert found.purchase_date == day(actual)
    assert found.pricing_days == tuple(map(day, pricing))


@pytest.mark.parametrize(
    ("after_day", "weekday", "expected"),
    [
        pytest.param(15, 2, "2003-11-19", id="Wednesday after the 15th"),
        pytest.param(18, 2, "2003-11-19", id="Wednesday the 19th is after the 18th"),
        pytest.param(19, 2, "2003-11-26", id="the 19th is not after the 19th"),
        pytest.param(0, 5, "2003-11-01", id="the first Saturday may be the 1st"),
        pytest.param(21, 4, "2003-11-28", id="as late as a month can always hold"),
    ],
)
def test_the_rule_names_the_first_such_weekday_after_a_day(after_day: int, weekday: int, expected: str) -> None:
    terms = replace(book().history[0], purchase_after_day=after_day, purchase_weekday=weekday)
    assert nominal_purchase_date(2003, 11, terms) == day(expected)


def changed(effective: str, **changes: object) -> PlanBook:
    """The shipped terms with one more change."""
    first = book().history[0]
    later = replace(first, effective=day(effective), **changes)  # type: ignore[arg-type]  # any term
    return replace(book(), history=(first, later))


@pytest.mark.parametrize(
    ("effective", "hour"),
    [
        pytest.param("2003-11-19", 12, id="in force on the purchase date"),
        pytest.param("2003-11-20", 17, id="in force a day later"),
        pytest.param("2003-11-01", 12, id="in force before the month's first day ends"),
    ],
)
def test_a_months_dates_follow_the_terms_of_its_purchase_date(effective: str, hour: int) -> None:
    found = purchase_month(2003, 11, calendar(), changed(effective, cut_off_time=time(12)))
    assert found.cut_off.hour == hour


def test_a_new_weekday_counts_from_its_effective_date() -> None:
    assert purchase_month(2003, 11, calendar(), changed("2003-11-19", purchase_weekday=3)).purchase_date == day(
        "2003-11-20"
    )
    assert purchase_month(2003, 11, calendar(), changed("2003-11-20", purchase_weekday=3)).purchase_date == day(
        "2003-11-19"
    )


@pytest.mark.parametrize(
    ("now", "purchase_date"),
    [
        pytest.param(CUT_OFF, "2003-11-19", id="at the cut-off"),
        pytest.param(CUT_OFF + timedelta(microseconds=1), "2003-12-17", id="an instant later"),
        pytest.param(CUT_OFF.astimezone(UTC), "2003-11-19", id="at the cut-off, told in Greenwich time"),
        pytest.param(datetime(2003, 11, 13, 0, 0, tzinfo=EASTERN), "2003-12-17", id="the morning after"),
        pytest.param(datetime(2003, 12, 31, 23, 59, tzinfo=EASTERN), "2004-01-21", id="over the turn of the year"),
        pytest.param(
            datetime(2004, 1, 1, 3, 0, tzinfo=UTC), "2004-01-21", id="New Year in Greenwich, not yet in New York"
        ),
    ],
)
def test_the_coming_purchase_is_the_next_whose_cut_off_is_not_past(now: datetime, purchase_date: str) -> None:
    assert next(coming_purchases(now, calendar(), book())).purchase_date == day(purchase_date)


def test_coming_purchases_go_on_month_by_month() -> None:
    found = [month.purchase_date for month in islice(coming_purchases(NOW, calendar(), book()), 4)]
    assert found == [day("2003-11-19"), day("2003-12-17"), day("2004-01-21"), day("2004-02-18")]


@pytest.mark.parametrize(
    ("trade", "settles"),
    [
        pytest.param("2003-11-19", "2003-11-24", id="three days in 2003"),
        pytest.param("2017-08-16", "2017-08-21", id="three days until September 2017"),
        pytest.param("2017-09-01", "2017-09-07", id="the last trade of three days, over Labor Day"),
        pytest.param("2017-09-05", "2017-09-07", id="the first of two days"),
        pytest.param("2024-05-22", "2024-05-24", id="two days until May 2024"),
        pytest.param("2024-05-28", "2024-05-29", id="the first of one day"),
        pytest.param("2024-06-20", "2024-06-21", id="one day since"),
        pytest.param("2004-10-06", "2004-10-12", id="Columbus Day: the market is open and the banks are not"),
    ],
)
def test_a_sale_settles_by_the_rule_of_its_day(trade: str, settles: str) -> None:
    assert settlement_date(day(trade), calendar(), book().on(day(trade))) == day(settles)


@pytest.mark.parametrize(
    ("holiday", "kept"),
    [
        pytest.param("2003-11-11", True, id="Veterans Day"),
        pytest.param("2000-11-11", False, id="Veterans Day on a Saturday does not move to the Friday"),
        pytest.param("2000-11-10", False, id="the Friday before it"),
        pytest.param("2001-11-12", True, id="Veterans Day on a Sunday moves to the Monday"),
        pytest.param("2010-12-31", False, id="New Year's Eve before a Saturday New Year"),
        pytest.param("2006-01-02", True, id="New Year on a Sunday"),
        pytest.param("2004-01-19", True, id="Martin Luther King Day"),
        pytest.param("2004-02-16", True, id="Presidents' Day"),
        pytest.param("2004-05-31", True, id="Memorial Day"),
        pytest.param("2004-07-05", True, id="Independence Day on a Sunday"),
        pytest.param("2004-09-06", True, id="Labor Day"),
        pytest.param("2004-10-11", True, id="Columbus Day"),
        pytest.param("2004-11-25", True, id="Thanksgiving"),
        pytest.param("2004-11-26", False, id="the day after it"),
        pytest.param("2021-06-18", False, id="Juneteenth not yet kept"),
        pytest.param("2022-06-20", True, id="Juneteenth on a Sunday"),
        pytest.param("2004-04-09", False, id="Good Friday: the banks are open and the market is not"),
        pytest.param("2004-06-11", False, id="Reagan's funeral: the banks are open and the market is not"),
    ],
)
def test_the_federal_reserves_holidays(holiday: str, kept: bool) -> None:
    assert (day(holiday) in federal_reserve_holidays(day(holiday).year)) is kept


@pytest.mark.parametrize("year", range(2003, 2030))
def test_every_year_has_its_holidays_on_weekdays(year: int) -> None:
    found = federal_reserve_holidays(year)
    assert all(each.weekday() < 5 and each.year == year for each in found)
    assert 8 <= len(found) <= 11


FEW = TradingCalendar(tuple(map(day, ("2003-11-10", "2003-11-11", "2003-11-12", "2003-11-14"))))


@pytest.mark.parametrize(
    ("asked", "on_or_before", "on_or_after"),
    [
        pytest.param("2003-11-10", "2003-11-10", "2003-11-10", id="the first known"),
        pytest.param("2003-11-13", "2003-11-12", "2003-11-14", id="a day without trading"),
        pytest.param("2003-11-14", "2003-11-14", "2003-11-14", id="the last known"),
    ],
)
def test_the_nearest_session(asked: str, on_or_before: str, on_or_after: str) -> None:
    assert FEW.on_or_before(day(asked)) == day(on_or_before)
    assert FEW.on_or_after(day(asked)) == day(on_or_after)


def test_a_banking_session_needs_open_banks() -> None:
    assert FEW.is_session(day("2003-11-11"))
    assert not FEW.is_banking_session(day("2003-11-11"))
    assert FEW.banking_session_before(day("2003-11-12")) == day("2003-11-10")
    assert FEW.banking_sessions_after(day("2003-11-10"), 2) == day("2003-11-14")
    assert FEW.banking_sessions_after(day("2003-11-10"), 0) == day("2003-11-10")


@pytest.mark.parametrize("outside", ["2003-11-09", "2003-11-15"])
def test_a_day_outside_the_calendar_is_never_guessed(outside: str) -> None:
    for ask in (FEW.is_session, FEW.is_banking_session, FEW.on_or_after, FEW.on_or_before):
        with pytest.raises(OutsideCalendar, match=outside):
            ask(day(outside))


def test_counting_out_of_the_calendar_is_a_fault() -> None:
    with pytest.raises(OutsideCalendar):
        FEW.sessions_back(day("2003-11-11"), 2)
    with pytest.raises(OutsideCalendar):
        FEW.banking_sessions_after(day("2003-11-12"), 2)
    with pytest.raises(OutsideCalendar):
        FEW.banking_session_before(day("2003-11-10"))
    with pytest.raises(OutsideCalendar):
        TradingCalendar(()).is_session(day("2003-11-10"))


@pytest.mark.parametrize(
    ("partial", "found"),
    [
        pytest.param("2003-11-19", DayAsked.FITS, id="the purchase date itself"),
        pytest.param("2003-11", DayAsked.FITS, id="its month"),
        pytest.param("--11", DayAsked.FITS, id="its month in any year"),
        pytest.param("---19", DayAsked.FITS, id="its day in any month"),
        pytest.param("2003", DayAsked.FITS, id="its year"),
        pytest.param("2003-11-20", DayAsked.OTHER_DAY, id="the day after"),
        pytest.param("---15", DayAsked.OTHER_DAY, id="another day in any month"),
        pytest.param("2003-12", DayAsked.OTHER_MONTH, id="the month after"),
        pytest.param("--12-19", DayAsked.OTHER_MONTH, id="the same day of another month"),
        pytest.param("2004-11-19", DayAsked.OTHER_MONTH, id="another year"),
        pytest.param("2004", DayAsked.OTHER_MONTH, id="only another year"),
        pytest.param("next week", DayAsked.UNREADABLE, id="words"),
        pytest.param("", DayAsked.UNREADABLE, id="nothing"),
        pytest.param("11/19/2003", DayAsked.UNREADABLE, id="another notation"),
    ],
)
def test_a_day_that_was_named_is_held_against_the_purchase_date(partial: str, found: DayAsked) -> None:
    assert day_asked(partial, date(2003, 11, 19)) is found


@pytest.mark.parametrize(
    ("partial", "first"),
    [
        pytest.param("2004-01-01", "2004-01-01", id="a day between"),
        pytest.param("2003-12-29", "2003-12-29", id="the first"),
        pytest.param("2004-01-13", "2004-01-13", id="the last"),
        pytest.param("2003-12-28", None, id="the day before"),
        pytest.param("2004-01-14", None, id="the day after"),
        pytest.param("2004-01", "2004-01-01", id="a month begun"),
        pytest.param("2003-12", "2003-12-29", id="the rest of a month"),
        pytest.param("2004-02", None, id="another month"),
        pytest.param("--01-01", "2004-01-01", id="a day of any year"),
        pytest.param("---05", "2004-01-05", id="a day of any month"),
        pytest.param("soon", None, id="no date"),
    ],
)
def test_the_earliest_day_that_a_partial_date_may_be(partial: str, first: str | None) -> None:
    assert earliest(partial, day("2003-12-29"), day("2004-01-13")) == (day(first) if first else None)
