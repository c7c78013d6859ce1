"""Statements of months that follow each other: each opens with what the last one closed with, whatever moved."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.holders_import import registration_id
from bot.month.statement_facts import month_period, papers_of
from handlers.plan.money import ZERO_DOLLARS, Shares, total
from handlers.plan.statement import CashMovement, Statement
from storage.ledger import (
    FEES,
    MARKET,
    OUTSIDE,
    PAYERS_CHECK,
    SHARE,
    USD,
    Posting,
    move,
    plan_account,
    proceeds_account,
    refunds_account,
)
from storage.store import Store
from tests.month.playing import Month, at, holder

ACCOUNT = "CST-30001"
MONTHS = ("2003-11", "2003-12", "2004-01")
NOW = at("2004-02-02")


def played(store: Store, folder: Path, seed: int) -> Month:
    """Some eighty random movements of one account over three months, never more than it has."""
    month, chance, owner = Month(store, folder), random.Random(seed), registration_id(ACCOUNT)  # a test
    month.holders(holder(1))
    # Each at an instant of its own, for what leaves must come after what it leaves from; many at the ends of a day.
    moments = sorted({(chance.randrange(1, 88), chance.choice([0, 720, 1439])) for _ in range(90)})
    shares, dollars = 1_000_000, 0
    with store.transaction() as tx:
        for number, (ahead, minute) in enumerate(moments):
            kind = chance.choice(["receipt", "return", "refund", "sale", "in", "out"])
            units, cents = chance.randint(1, max(shares, 1)), chance.randint(1, max(dollars, 1))
            if (kind in {"return", "refund"} and cents > dollars) or (kind in {"sale", "out"} and units > shares):
                continue
            fresh = chance.randint(1, 500_000)
            lines = {
                "receipt": move(PAYERS_CHECK, plan_account(owner), USD, fresh),
                "return": move(plan_account(owner), PAYERS_CHECK, USD, cents),
                "refund": move(plan_account(owner), refunds_account(owner), USD, cents),
                "sale": sold(owner, units, fresh),
                "in": move(OUTSIDE, plan_account(owner), SHARE, fresh),
                "out": move(plan_account(owner), OUTSIDE, SHARE, units),
            }[kind]
            shares += sum(one.quantity for one in lines if (one.account, one.unit) == (plan_account(owner), SHARE))
            dollars += sum(one.quantity for one in lines if (one.account, one.unit) == (plan_account(owner), USD))
            day = date(2003, 11, 5) + timedelta(days=ahead)
            moment = at(day.isoformat(), f"{minute // 60:02d}:{minute % 60:02d}")
            tx.ledger.post(f"{kind}:{number}", moment, "", lines)
    return month


def sold(owner: str, units: int, gross: int) -> list[Posting]:
    fee = gross // 10
    lines = [*move(plan_account(owner), MARKET, SHARE, units), *move(MARKET, proceeds_account(owner), USD, gross - fee)]
    return lines + (move(MARKET, FEES, USD, fee) if fee else [])


def statements_of(month: Month) -> list[Statement]:
    with month.store.reading() as tx:
        owner = tx.registrations.by_account_number(ACCOUNT)
        assert owner is not None
        found = [papers_of(tx, month.office, month_period(one), {owner.id: owner}, NOW)[owner.id] for one in MONTHS]
    statements = [one for one in found if isinstance(one, Statement)]
    assert len(statements) == len(MONTHS), found
    return statements


def received(statements: Sequence[Statement]) -> int:
    rows = [row for one in statements for row in one.cash]
    waits = {CashMovement.CHECK: 1, CashMovement.RETURNED: -1}
    return sum(row.dollars.cents * waits[row.movement] for row in rows)


@pytest.mark.parametrize("seed", range(6))
def test_each_month_opens_where_the_last_one_closed(seed: int, store: Store, tmp_path: Path) -> None:
    month = played(store, tmp_path, seed)
    first, second, third = statements = statements_of(month)
    assert (first.opening_shares, first.opening_cash) == (Shares.of("0"), ZERO_DOLLARS)
    for before, after in ((first, second), (second, third)):
        assert (after.opening_shares, after.opening_cash) == (before.closing_shares, before.closing_cash)
    owner = registration_id(ACCOUNT)
    assert third.closing_shares.units == month.balance(plan_account(owner), SHARE)
    assert third.closing_cash.cents == month.balance(plan_account(owner), USD)
    refunded = total(one.totals.refunded for one in statements)
    assert refunded.cents == month.balance(refunds_account(owner), USD)
    assert received(statements) == third.closing_cash.cents + refunded.cents
    assert total(one.totals.proceeds for one in statements).cents == month.balance(proceeds_account(owner), USD)
    assert second.year_to_date.proceeds == first.totals.proceeds + second.totals.proceeds
    assert third.year_to_date == third.totals  # January begins the year anew
