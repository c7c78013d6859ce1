"""Specimens of what the letters of the month are told: figures that agree, plainly invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from bot.month.letter_facts import Close, Fee, PurchaseConfirmation, SaleConfirmation
from handlers.plan.calendar import PurchaseMonth, coming_purchases
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Money, Price, Shares, total
from handlers.plan.orders import PaymentMethod
from handlers.plan.statement import (
    CashEntry,
    CashMovement,
    Lot,
    RefundEntry,
    Restriction,
    RestrictionKind,
    ShareEntry,
    ShareMovement,
    Statement,
    YearSummary,
    share_total,
    totals_of,
)
from tests.specimens import NOW, PURCHASE_DATE, book, calendar, usd

ACCOUNT = "****4821"
NAME = "JOSÉ KOVÁCS & MARY O’BRIEN JT TEN"


def months() -> tuple[PurchaseMonth, ...]:
    """November, December and January."""
    return tuple(islice(coming_purchases(NOW, calendar(), book()), 3))


NOVEMBER, DECEMBER, JANUARY = months()


def price(text: str) -> Price:
    return Price(Decimal(text))


def closes(*prices: str) -> tuple[Close, ...]:
    return tuple(Close(day, price(each)) for day, each in zip(NOVEMBER.pricing_days, prices, strict=True))


def bought(**changes: Any) -> PurchaseConfirmation:
    """$250 at the closes 1.12, 1.15 and 1.09."""
    found = PurchaseConfirmation(
        account=ACCOUNT,
        order_id="P-00001",
        purchase_date=PURCHASE_DATE,
        closes=closes("1.12", "1.15", "1.09"),
        discount=Decimal("0.03"),
        price=price("1.0864"),
        method=PaymentMethod.CHECK,
        accepted=usd("250"),
        invested=usd("250"),
        refunded=ZERO_DOLLARS,
        shares=Shares.of("230.1178"),
        fees=ZERO_DOLLARS,
        balance_before=Shares.of("150.5"),
        balance_after=Shares.of("380.6178"),
        is_reduced=False,
        error_report_days=60,
    )
    return replace(found, **changes)


def bought_in_part(**changes: Any) -> PurchaseConfirmation:
    """$10,000 of which only $5,141.64 could be invested at 1.5682, because the shares ran short."""
    reduced: dict[str, Any] = {
        "closes": closes("1.58", "1.61", "1.66"),
        "price": price("1.5682"),
        "accepted": usd("10000"),
        "invested": usd("5141.64"),
        "refunded": usd("4858.36"),
        "shares": Shares.of("3278.6885"),
        "balance_after": Shares.of("3429.1885"),
        "is_reduced": True,
    }
    return bought(**(reduced | changes))


def sold(**changes: Any) -> SaleConfirmation:
    """40 shares at an average of 1.2345678 dollars, in two fills, with two charges."""
    found = SaleConfirmation(
        account=ACCOUNT,
        order_id="S-00001",
        trade_dates=(PURCHASE_DATE,),
        settles_on=date(2003, 11, 24),
        shares=Shares.of("40"),
        average_price=Decimal("1.2345678"),
        gross=usd("49.38"),
        fees=(Fee("Sale fee", usd("5")), Fee("Broker’s commission", usd("0.40"))),
        withheld=usd("12.31"),
        recovered=ZERO_DOLLARS,
        net=usd("31.67"),
        shares_before=Shares.of("150.5"),
        shares_remaining=Shares.of("110.5"),
        error_report_days=60,
    )
    return replace(found, **changes)


ENTRIES = (
    ShareEntry(date(2003, 11, 7), ShareMovement.MOVED_IN, Shares.of("20"), "TA-00417"),
    ShareEntry(PURCHASE_DATE, ShareMovement.PURCHASE, Shares.of("230.1178"), "P-00001", usd("250"), price("1.0864")),
    ShareEntry(
        PURCHASE_DATE,
        ShareMovement.SALE,
        Shares.of("40"),
        "S-00001",
        usd("49.38"),
        fees=usd("5.40"),
        withheld=usd("12.31"),
    ),
    ShareEntry(date(2003, 11, 25), ShareMovement.MOVED_OUT, Shares.of("10.5"), "TA-00422"),
)
CASH = (
    CashEntry(date(2003, 11, 6), CashMovement.CHECK, usd("250"), "P-00001"),
    CashEntry(date(2003, 11, 10), CashMovement.DEDUCTION, usd("300"), "P-00002"),
    CashEntry(date(2003, 11, 12), CashMovement.RETURNED, usd("300"), "P-00002"),
    CashEntry(date(2003, 11, 26), CashMovement.CHECK, usd("175.25"), "P-00007"),
)
REFUNDS = (
    RefundEntry(date(2003, 10, 30), usd("60.05"), "P-00000", date(2003, 11, 3)),
    RefundEntry(date(2003, 11, 20), usd("33.33"), "P-00003", None),
)


def statement(**changes: Any) -> Statement:
    """November 2003 with something of everything."""
    found: dict[str, Any] = {
        "account": ACCOUNT,
        "name": NAME,
        "first_day": date(2003, 11, 1),
        "last_day": date(2003, 11, 30),
        "opening_shares": Shares.of("150.5"),
        "closing_shares": Shares.of("350.1178"),
        "entries": ENTRIES,
        "opening_cash": usd("40"),
        "closing_cash": usd("181.92"),
        "cash": CASH,
        "refunds": REFUNDS,
        "owed": ZERO_DOLLARS,
        "lots": (
            Lot(None, Shares.of("120"), None),
            Lot(PURCHASE_DATE, Shares.of("230.1178"), usd("250")),
        ),
        "year_to_date": replace(
            totals_of(ENTRIES, REFUNDS), invested=usd("1250"), shares_bought=Shares.of("1150.5890"), fees=usd("7.77")
        ),
        "next_month": DECEMBER,
        "restrictions": (
            Restriction(RestrictionKind.SALES_HELD, until=date(2003, 12, 9)),
            Restriction(RestrictionKind.PAYMENT_MAY_RETURN, Shares.of("230.1178"), date(2003, 12, 3)),
        ),
    }
    return Statement(**(found | changes))


def quiet_statement(**changes: Any) -> Statement:
    """A month in which nothing happened, to an account without shares."""
    none = totals_of((), ())
    nothing: dict[str, Any] = {
        "opening_shares": NO_SHARES, "closing_shares": NO_SHARES, "entries": (), "cash": (), "refunds": (), "lots": (),
        "opening_cash": ZERO_DOLLARS, "closing_cash": ZERO_DOLLARS, "year_to_date": none, "restrictions": (),
    }  # fmt: skip
    return statement(**(nothing | changes))


def long_entries(count: int) -> tuple[ShareEntry, ...]:
    """So many purchases in November, no two figures alike."""
    return tuple(
        ShareEntry(
            date(2003, 11, 1 + at * 29 // count),
            ShareMovement.PURCHASE,
            Shares.from_units(2_301_178 + 10_007 * at),
            f"P-{10_000 + at}",
            Money.from_cents(25_000 + 1_087 * at),
            price("1.0864"),
        )
        for at in range(count)
    )


def long_statement(count: int = 40) -> Statement:
    """A statement of so many transactions."""
    entries = long_entries(count)
    invested = total(entry.dollars for entry in entries)
    return quiet_statement(
        opening_shares=Shares.of("0.0001"),
        closing_shares=share_total(entry.shares for entry in entries) + Shares.of("0.0001"),
        entries=entries,
        cash=(CashEntry(date(2003, 11, 3), CashMovement.CHECK, invested, "P-10000"),),
        lots=(
            Lot(None, Shares.of("0.0001"), None),
            *(Lot(entry.on, entry.shares, entry.dollars) for entry in entries),
        ),
        year_to_date=totals_of(entries, ()),
    )


def year_summary(**changes: Any) -> YearSummary:
    """2003 with the transactions of November."""
    found = YearSummary(
        account=ACCOUNT,
        name=NAME,
        year=2003,
        opening_shares=Shares.of("150.5"),
        closing_shares=Shares.of("350.1178"),
        entries=ENTRIES,
        refunds=REFUNDS,
    )
    return replace(found, **changes)
