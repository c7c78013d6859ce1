"""How quantities and days are written for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot import wording
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod
from tests.specimens import CUT_OFF, book


def eastern(when: datetime) -> str:
    return wording.instant(when, book().timezone)


@pytest.mark.parametrize(
    ("write", "quantity", "written"),
    [
        pytest.param(wording.money, Money.of("1250"), "$1,250.00", id="dollars with a comma"),
        pytest.param(wording.money, Money.of("0.05"), "$0.05", id="five cents"),
        pytest.param(wording.money, Money.of("10000000"), "$10,000,000.00", id="millions"),
        pytest.param(wording.money_words, Money.of("500"), "five hundred dollars", id="round dollars"),
        pytest.param(wording.money_words, Money.of("1"), "one dollar", id="one dollar"),
        pytest.param(wording.money_words, Money.of("0.01"), "zero dollars and one cent", id="one cent"),
        pytest.param(
            wording.money_words,
            Money.of("2512.21"),
            "two thousand five hundred twelve dollars and twenty-one cents",
            id="no 'and' but before the cents, as Americans write checks",
        ),
        pytest.param(wording.money_words, Money.of("10000"), "ten thousand dollars", id="the maximum"),
        pytest.param(wording.shares, Shares.of("9204.7128"), "9,204.7128", id="shares with a comma"),
        pytest.param(wording.shares, Shares.of("40"), "40.0000", id="always four places"),
        pytest.param(wording.share_number, Shares.of("1100"), "1,100", id="whole shares in a sentence"),
        pytest.param(wording.share_number, Shares.of("230.5"), "230.5000", id="part of a share in a sentence"),
        pytest.param(wording.share_words, Shares.of("200"), "two hundred shares", id="whole shares"),
        pytest.param(wording.share_words, Shares.of("1"), "one share", id="one share"),
        pytest.param(
            wording.share_words,
            Shares.of("230.1178"),
            "two hundred thirty and 1178/10,000 shares",
            id="with a fraction",
        ),
        pytest.param(wording.share_words, Shares.of("0.5"), "5000/10,000 of a share", id="less than one share"),
        pytest.param(wording.day, date(2003, 11, 5), "Wednesday, November 5, 2003", id="a day without a zero"),
        pytest.param(wording.short_day, date(2003, 11, 19), "November 19, 2003", id="a day without its name"),
        pytest.param(
            wording.days,
            [date(2003, 11, 13), date(2003, 11, 14), date(2003, 11, 17)],
            "November 13, 14 and 17, 2003",
            id="days of one month",
        ),
        pytest.param(
            wording.days,
            [date(2003, 11, 28), date(2003, 12, 1)],
            "November 28 and December 1, 2003",
            id="days of two months",
        ),
        pytest.param(
            wording.days,
            [date(2003, 12, 31), date(2004, 1, 2)],
            "December 31, 2003 and January 2, 2004",
            id="days of two years",
        ),
        pytest.param(wording.days, [date(2003, 11, 28)], "November 28, 2003", id="one day"),
        pytest.param(eastern, CUT_OFF, "Wednesday, November 12, 2003, 5:00 p.m. Eastern time", id="a cut-off"),
        pytest.param(
            eastern,
            datetime(2004, 7, 1, 3, 5, tzinfo=UTC),
            "Wednesday, June 30, 2004, 11:05 p.m. Eastern time",
            id="the day before, in summer time",
        ),
        pytest.param(
            eastern,
            datetime(2004, 1, 1, 5, 0, tzinfo=UTC),
            "Thursday, January 1, 2004, 12:00 a.m. Eastern time",
            id="midnight",
        ),
        pytest.param(wording.percent, Decimal("0.03"), "3%", id="a whole percent"),
        pytest.param(wording.percent, Decimal("0.025"), "2.5%", id="half a percent"),
        pytest.param(wording.percent, Decimal("0.10"), "10%", id="ten percent is no 1E+1"),
        pytest.param(wording.percent, Decimal(0), "0%", id="none"),
        pytest.param(
            wording.payment_method, PaymentMethod.AUTOMATIC_DEDUCTION, "automatic deduction", id="a way to pay"
        ),
        pytest.param(wording.state_name, "NJ", "New Jersey", id="a state"),
        pytest.param(wording.state_name, "ZZ", "ZZ", id="no state"),
        pytest.param(wording.listed, ["a"], "a", id="one"),
        pytest.param(wording.listed, ["a", "b"], "a and b", id="two"),
        pytest.param(wording.listed, ["a", "b", "c"], "a, b and c", id="three"),
    ],
)
def test_how_it_is_written(write: Callable[[object], str], quantity: object, written: str) -> None:
    assert write(quantity) == written


def test_a_timezone_without_a_common_name_is_named_as_it_is() -> None:
    assert wording.instant(CUT_OFF, "America/Phoenix").endswith("3:00 p.m. America/Phoenix")


def test_text_is_wrapped_with_its_indent() -> None:
    lines = wording.wrapped("word " * 40, indent=4, first="  - ").splitlines()
    assert lines[0].startswith("  - word")
    assert all(line.startswith("    word") for line in lines[1:])
    assert max(len(line) for line in lines) <= wording.TEXT_COLUMNS


def test_a_link_is_never_broken_and_nothing_else_is_too_long() -> None:
    link = "https://www.aastrom.com/" + "a" * 80
    lines = wording.wrapped(f"see {link} or {'b' * 200}").splitlines()
    assert link in lines
    assert max(len(line) for line in lines if line != link) <= wording.LONGEST_LINE


def test_nothing_wraps_to_nothing() -> None:
    assert wording.wrapped("") == ""
