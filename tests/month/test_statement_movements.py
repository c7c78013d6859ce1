"""What ledger entries mean to a holder: a table of every kind of entry, and lots that always add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.month.lots import lots_of
from bot.month.statement_movements import Booked, Dated, Movements, movements_of
from handlers.plan.money import Money, Price, Shares
from handlers.plan.payments import PaymentKind, PaymentState
from handlers.plan.statement import (
    CashEntry,
    CashMovement,
    FiguresDisagree,
    Lot,
    RefundEntry,
    ShareEntry,
    ShareMovement,
    last_balance,
    share_total,
)
from storage.ledger import (
    COMPANY,
    FEES,
    MARKET,
    OUTSIDE,
    PAYERS_CHECK,
    PAYERS_DEBIT,
    REFUNDED,
    SHARE,
    UNISSUED,
    UNMATCHED,
    USD,
    Entry,
    Posting,
    move,
)
from storage.statement_rows import BookedPayment, BookedPurchase, BookedRefund

NOON = datetime(2003, 11, 10, 17, tzinfo=UTC)
DAY = date(2003, 11, 10)
PLAN, REFUNDS, PROCEEDS, OWED = "plan:R", "refunds:R", "proceeds:R", "owed:R"
PRICE = Price.from_units(10_864)
BOUGHT = BookedPurchase("P-1", "R", Shares.of("230.1178"), Money.of("250"), PRICE, date(2003, 11, 9))
CHECK = BookedPayment("pay-1", "R", None, PaymentKind.CHECK, PaymentState.GOOD, "1077", DAY)
DEBIT = BookedPayment("pay-2", "R", "P-1", PaymentKind.DEBIT, PaymentState.GOOD, "0910", DAY)
BOOKED = Booked({"P-1": BOUGHT}, (), {"pay-1": CHECK, "pay-2": DEBIT})


def entry(name: str, lines: Sequence[Posting]) -> Dated:
    return Dated(DAY, Entry(name, NOON, "as told", lines))


def usd(text: str) -> int:
    return Money.of(text).cents


def allotted(back: str = "0", dollars: str = "250", units: int = 2_301_178) -> list[Posting]:
    lines = [*move(PLAN, COMPANY, USD, usd(dollars)), *move(UNISSUED, PLAN, SHARE, units)]
    return lines + (move(PLAN, REFUNDS, USD, usd(back)) if usd(back) else [])


PURCHASE = ShareEntry(DAY, ShareMovement.PURCHASE, Shares.of("230.1178"), "P-1", Money.of("250"), PRICE)
SOLD = [*move(PLAN, MARKET, SHARE, 400_000), *move(MARKET, PROCEEDS, USD, 4_000), *move(MARKET, FEES, USD, 550)]


def cash(movement: CashMovement, dollars: str, reference: str) -> Movements:
    return Movements((), (CashEntry(DAY, movement, Money.of(dollars), reference),), ())


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            entry("receipt:pay-1", move(PAYERS_CHECK, PLAN, USD, 25_000)),
            cash(CashMovement.CHECK, "250", "check 1077"),
            id="a check without an order is known by its number",
        ),
        pytest.param(
            entry("receipt:pay-2:2", move(PAYERS_DEBIT, PLAN, USD, 25_000)),
            cash(CashMovement.DEDUCTION, "250", "P-1"),
            id="a debit presented again is known by its order",
        ),
        pytest.param(
            entry("match:pay-9", move(UNMATCHED, PLAN, USD, 25_000)),
            cash(CashMovement.CHECK, "250", "as told"),
            id="a check that was found to be theirs",
        ),
        pytest.param(
            entry("return:pay-2", move(PLAN, PAYERS_DEBIT, USD, 25_000)),
            cash(CashMovement.RETURNED, "250", "P-1"),
            id="a payment returned while it waited",
        ),
        pytest.param(
            entry("return:pay-2", move(OWED, PAYERS_DEBIT, USD, 25_000)),
            cash(CashMovement.RETURNED_AFTER, "250", "P-1"),
            id="a payment returned once it was invested",
        ),
        pytest.param(
            entry(
                "return:pay-2",
                [*move(REFUNDS, PAYERS_DEBIT, USD, 5_000), *move(OWED, PAYERS_DEBIT, USD, 20_000)],
            ),
            cash(CashMovement.RETURNED_AFTER, "250", "P-1"),
            id="a payment returned of which a part was to be refunded",
        ),
        pytest.param(entry("allot:P-1", allotted()), Movements((PURCHASE,), (), ()), id="a purchase"),
        pytest.param(
            entry("allot:P-1", allotted("33.33")),
            Movements((PURCHASE,), (), (RefundEntry(DAY, Money.of("33.33"), "as told", None),)),
            id="a purchase of which a part goes back",
        ),
        pytest.param(
            entry("allot:P-2", move(PLAN, REFUNDS, USD, 10_000)),
            Movements((), (), (RefundEntry(DAY, Money.of("100"), "as told", None),)),
            id="an order under the minimum goes back",
        ),
        pytest.param(
            entry("sale:S-1", SOLD),
            Movements(
                (
                    ShareEntry(
                        DAY, ShareMovement.SALE, Shares.of("40"), "S-1", Money.of("45.50"), fees=Money.of("5.50")
                    ),
                ),
                (),
                (),
            ),
            id="a sale",
        ),
        pytest.param(
            entry("opening:R", move(OUTSIDE, PLAN, SHARE, 10_000)),
            Movements((ShareEntry(DAY, ShareMovement.MOVED_IN, Shares.of("1"), "as told"),), (), ()),
            id="shares from outside",
        ),
        pytest.param(
            entry("withdrawal:1", move(PLAN, OUTSIDE, SHARE, 10_000)),
            Movements((ShareEntry(DAY, ShareMovement.MOVED_OUT, Shares.of("1"), "as told"),), (), ()),
            id="shares to the register",
        ),
        pytest.param(
            entry("reversal:P-1", move(PLAN, UNISSUED, SHARE, 10_000)),
            Movements((ShareEntry(DAY, ShareMovement.REVERSAL, Shares.of("1"), "P-1"),), (), ()),
            id="a purchase taken back",
        ),
        pytest.param(
            entry("recoup:pay-2", move(PROCEEDS, OWED, USD, 25_000)),
            Movements((), (), ()),
            id="what is owed is recovered from a sale",
        ),
        pytest.param(
            entry("refunded:ref-1", move(REFUNDS, REFUNDED, USD, 10_000)),
            Movements((), (), ()),
            id="a refund is mailed",
        ),
    ],
)
def test_each_entry_means_this_to_its_holder(told: Dated, expected: Movements) -> None:
    assert movements_of("R", [told], BOOKED) == expected


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        pytest.param(entry("allot:P-9", allotted()), "no order of the account was allotted", id="an unknown order"),
        pytest.param(entry("allot:P-1", allotted(units=2_301_179)), "230.1179 shares", id="a unit too many"),
        pytest.param(entry("allot:P-1", allotted(dollars="250.01")), r"\$250.01", id="a cent too many"),
        pytest.param(entry("strange:1", move(PLAN, "fees", USD, 100)), "-100 cents .* 0 can be told", id="a charge"),
        pytest.param(entry("strange:2", move(REFUNDS, PLAN, USD, 100)), "100 cents .* 0 can be told", id="a return"),
    ],
)
def test_what_contradicts_the_books_makes_no_statement(told: Dated, fault: str) -> None:
    with pytest.raises(FiguresDisagree, match=fault):
        movements_of("R", [told], BOOKED)


def test_each_refund_is_told_once_and_by_its_own_check() -> None:
    """Two refunds of the same amount, of which the second was mailed."""
    first, second = (BookedRefund(f"ref-{n}", f"refund:pay-{n}", "R", None, Money.of("100")) for n in (1, 2))
    told = [
        entry("refund:pay-1", move(PLAN, REFUNDS, USD, 10_000)),
        entry("refund:pay-2", move(PLAN, REFUNDS, USD, 10_000)),
        Dated(DAY + timedelta(days=3), Entry("refunded:ref-2", NOON, "", move(REFUNDS, REFUNDED, USD, 10_000))),
    ]
    found = movements_of("R", told, Booked({}, (first, second), {})).refunds
    assert [(row.reference, row.sent_on) for row in found] == [("ref-1", None), ("ref-2", DAY + timedelta(days=3))]


def bought(reference: str, shares: str, dollars: str) -> ShareEntry:
    return ShareEntry(DAY, ShareMovement.PURCHASE, Shares.of(shares), reference, Money.of(dollars))


def left(shares: str, movement: ShareMovement = ShareMovement.SALE, reference: str = "S-1") -> ShareEntry:
    return ShareEntry(DAY, movement, Shares.of(shares), reference)


def test_shares_that_came_first_leave_first_and_the_cost_follows() -> None:
    entries = (bought("P-1", "3", "10.00"), bought("P-2", "5", "20.00"), left("4"))
    assert lots_of(entries, {"P-2": date(2003, 11, 9)}) == (Lot(date(2003, 11, 9), Shares.of("4"), Money.of("16.00")),)


def test_a_purchase_that_is_taken_back_takes_its_own_lot() -> None:
    entries = (bought("P-1", "3", "10.00"), bought("P-2", "5", "20.00"), left("5", ShareMovement.REVERSAL, "P-2"))
    assert lots_of(entries, {}) == (Lot(DAY, Shares.of("3"), Money.of("10.00")),)


def test_no_lot_gives_more_than_it_has() -> None:
    with pytest.raises(FiguresDisagree, match="more shares leave"):
        lots_of((bought("P-1", "3", "10.00"), left("3.0001")), {})


@given(
    st.lists(st.tuples(st.sampled_from(ShareMovement), st.integers(1, 50_000), st.integers(1, 1_000_000)), max_size=25)
)
def test_lots_always_sum_to_the_balance_and_never_to_more_than_was_paid(
    moves: list[tuple[ShareMovement, int, int]],
) -> None:
    entries: list[ShareEntry] = []
    held = paid = 0
    for number, (movement, units, cents) in enumerate(moves):
        if not movement.is_in and units > held:
            continue
        held += units if movement.is_in else -units
        paid += cents if movement is ShareMovement.PURCHASE else 0
        dollars = Money.from_cents(cents if movement is ShareMovement.PURCHASE else 0)
        entries.append(ShareEntry(DAY, movement, Shares.from_units(units), f"P-{number}", dollars))
    lots = lots_of(entries, {})
    assert share_total(lot.shares for lot in lots) == last_balance(Shares.of("0"), entries) == Shares.from_units(held)
    assert sum(lot.cost.cents for lot in lots if lot.cost is not None) <= paid
    assert all(lot.shares.units for lot in lots)
