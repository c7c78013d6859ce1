"""A confirmation whose figures disagree cannot be made, and what is made is worded by its own template."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from bot.month import wording
from bot.month.letter_facts import (
    TEMPLATE_OF,
    AmendedConfirmation,
    DeductionAdvice,
    LetterFacts,
    RefundReason,
    RefundSent,
    section_of,
)
from bot.month.parts import Column, letter_parts, parts_of
from bot.render import TEMPLATES
from handlers.plan.money import Shares
from handlers.plan.statement import FiguresDisagree
from tests.letters.month_facts import (
    bought,
    bought_in_part,
    closes,
    long_statement,
    price,
    sold,
    statement,
    year_summary,
)
from tests.specimens import CUT_OFF, EASTERN, PURCHASE_DATE, book, usd


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"price": price("1.0865")}, "price", id="a price that does not follow from the closes"),
        pytest.param({"closes": closes("1.12", "1.15", "1.10")}, "price", id="a close that does not make the price"),
        pytest.param({"discount": Decimal("0.04")}, "price", id="another discount"),
        pytest.param({"invested": usd("249.99")}, "invested and refunded", id="a cent is lost"),
        pytest.param({"refunded": usd("0.01")}, "invested and refunded", id="a cent too many"),
        pytest.param({"balance_after": Shares.of("380.6179")}, "balance", id="a balance a ten-thousandth too high"),
        pytest.param(
            {"shares": Shares.of("230.1179"), "balance_after": Shares.of("380.6179")}, "shares", id="a share too many"
        ),
    ],
)
def test_a_purchase_confirmation_that_does_not_add_up_is_not_made(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(FiguresDisagree, match=complaint):
        bought(**changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"is_reduced": False}, "shares", id="not said to be reduced"),
        pytest.param({"accepted": usd("5141.64"), "refunded": usd("0")}, "nothing is refunded", id="nothing refunded"),
        pytest.param(
            {"invested": usd("5141.63"), "refunded": usd("4858.37")}, "are not the price of", id="a cent too few"
        ),
        pytest.param(
            {"invested": usd("5141.65"), "refunded": usd("4858.35")},
            "are not the price of",
            id="a cent too much invested",
        ),
        pytest.param(
            {"shares": Shares.of("6376.7377"), "balance_after": Shares.of("6527.2377")},
            "more is bought",
            id="too many shares",
        ),
    ],
)
def test_a_reduced_purchase_that_does_not_add_up_is_not_made(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(FiguresDisagree, match=complaint):
        bought_in_part(**changes)


@pytest.mark.parametrize(
    ("dollars", "refunded", "count"),
    [("2570.82", "2429.18", "1639.3442"), ("128.54", "121.46", "81.9671")],
    ids=["an order of 5,000 dollars", "an allotment under the minimum"],
)
def test_the_worked_shortage_is_confirmed(dollars: str, refunded: str, count: str) -> None:
    made = bought_in_part(
        accepted=usd(dollars) + usd(refunded), invested=usd(dollars), refunded=usd(refunded), shares=Shares.of(count),
        balance_after=Shares.of(count) + Shares.of("150.5"),
    )  # fmt: skip
    assert made.invested == usd(dollars)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"net": usd("31.68")}, "net", id="a cent too much net"),
        pytest.param({"fees": ()}, "net", id="a fee forgotten"),
        pytest.param({"withheld": usd("0")}, "net", id="withholding forgotten"),
        pytest.param({"shares_remaining": Shares.of("110.4999")}, "shares", id="a ten-thousandth lost"),
        pytest.param({"average_price": Decimal("1.2350")}, "far off shares", id="an average that is not the gross"),
    ],
)
def test_a_sale_confirmation_that_does_not_add_up_is_not_made(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(FiguresDisagree, match=complaint):
        sold(**changes)


def test_a_sale_settles_on_a_trade_date_or_later() -> None:
    for days in ((), (date(2003, 11, 25),)):
        with pytest.raises(ValueError, match="settles before it is traded"):
            sold(trade_dates=days)


def test_the_cent_that_the_largest_remainder_gives_is_in_order() -> None:
    assert sold(gross=usd("49.39"), net=usd("31.68")).gross == usd("49.39")


def test_an_amended_confirmation_is_of_the_same_order_and_changes_something() -> None:
    for other, complaint in ((bought(), "changes nothing"), (bought(order_id="P-2"), "another order")):
        with pytest.raises(ValueError, match=complaint):
            AmendedConfirmation(bought(), other, "of a test")


def test_no_more_is_debited_than_was_elected() -> None:
    until = datetime(2003, 11, 7, 12, 0, tzinfo=EASTERN)
    with pytest.raises(FiguresDisagree, match="more than was elected"):
        DeductionAdvice("****4821", usd("300"), usd("300.01"), date(2003, 11, 10), PURCHASE_DATE, CUT_OFF, until)


@pytest.mark.parametrize("make", [bought, sold], ids=["a purchase", "a sale"])
def test_a_confirmation_does_not_take_an_account_number_in_full(make: Callable[..., LetterFacts]) -> None:
    with pytest.raises(ValueError, match="not masked"):
        make(account="A100-0004821")


def test_no_letter_is_made_with_an_account_number_in_full() -> None:
    refund = RefundSent("A100-0004821", "P-1", usd("1"), RefundReason.CANCELLED, PURCHASE_DATE)
    with pytest.raises(ValueError, match="not masked"):
        section_of(refund)


def test_each_kind_of_facts_has_a_template_of_its_own() -> None:
    assert len(set(TEMPLATE_OF.values())) == len(TEMPLATE_OF)
    assert all((TEMPLATES / name).is_file() for name in TEMPLATE_OF.values())
    assert section_of(bought()).template == "month/purchase_confirmation.j2"


@pytest.mark.parametrize(
    ("prices", "written"),
    [
        (("1.12", "1.15", "1.09"), "$1.12"),
        (("1.58", "1.61", "1.66"), "$1.616667, rounded here only"),
        (("1.00", "1.00", "1.01"), "$1.003333, rounded here only"),
        (("0.0001", "0.0002", "0.0003"), "$0.0002"),
        (("1234.5", "1234.5", "1234.5"), "$1,234.50"),
    ],
)
def test_how_an_average_is_written(prices: tuple[str, ...], written: str) -> None:
    assert wording.average(price(each) for each in prices) == written


def test_how_prices_and_movements_are_written() -> None:
    assert wording.price(price("1.5")) == "$1.5000"
    assert wording.exact_price(Decimal("1.2345678")) == "$1.234568, rounded here only"
    assert wording.exact_price(Decimal("1.2345670")) == "$1.234567"
    assert wording.signed(Shares.of("9204.7128"), is_in=True) == "+9,204.7128"
    assert wording.signed(Shares.of("40"), is_in=False) == "-40.0000"
    assert wording.table_day(date(2004, 1, 2)) == "Jan 2, 2004"


def test_a_table_fits_on_a_phone_and_loses_no_cell() -> None:
    for part in letter_parts(statement(), book().timezone) + letter_parts(long_statement(), book().timezone):
        text = wording.phone_table(part.columns, part.rows)
        assert max((len(line) for line in text.splitlines()), default=0) <= wording.PHONE_COLUMNS
        for cell in (cell for row in part.rows for cell in row):
            assert " ".join(cell.split()) in " ".join(text.split())


def test_a_figure_that_leaves_no_room_for_its_title_stands_beside_it_all_the_same() -> None:
    columns = (Column("What"), Column("A title as long as a phone is wide", is_figure=True))
    assert wording.phone_table(columns, [("x", "$1.00")]) == "  x\n    A title as long as a phone is wide  $1.00"


def test_a_letter_leaves_out_only_the_columns_for_paper() -> None:
    paper, letter = parts_of(statement(), book().timezone), letter_parts(statement(), book().timezone)
    assert [part.caption for part in paper] == [part.caption for part in letter]
    assert [len(part.columns) for part in paper if part.caption == "Share transactions"] == [5]
    for part in letter:
        assert "Shares after" not in [column.title for column in part.columns]
        assert all(len(row) == len(part.columns) for row in part.rows)


def test_a_statement_and_a_year_tell_every_transaction_once() -> None:
    for told in (statement(), year_summary()):
        rows = [
            row for part in parts_of(told, book().timezone) if part.caption == "Share transactions" for row in part.rows
        ]
        assert len(rows) == len(told.entries)
        for entry, row in zip(told.entries, rows, strict=True):
            assert entry.reference in row[1]
