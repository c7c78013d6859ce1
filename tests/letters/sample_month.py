"""Specimens of the letters of the month, and of the notice that a cycle needs a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bot.month.letter_facts import (
    AmendedConfirmation,
    CarriedForward,
    CycleNeedsPerson,
    DeductionAdvice,
    DeductionStopped,
    Deferred,
    LetterFacts,
    OrderExpired,
    PaymentReminder,
    PaymentReturnedAfter,
    PaymentReturnedBefore,
    RefundReason,
    RefundSent,
    StopReason,
    section_of,
)
from bot.render import STAFF_NOTICE
from handlers.plan.money import NO_SHARES, ZERO_DOLLARS, Shares
from handlers.plan.orders import PaymentMethod
from handlers.plan.statement import CashEntry, CashMovement, Restriction, RestrictionKind
from tests.letters.month_facts import (
    ACCOUNT,
    CASH,
    DECEMBER,
    NAME,
    bought,
    bought_in_part,
    closes,
    price,
    quiet_statement,
    sold,
    statement,
    year_summary,
)
from tests.letters.table import PAYEE, Sample
from tests.specimens import CUT_OFF, EASTERN, PURCHASE_DATE, usd

NEVER = ("estimate", "worth", "we recommend", "should buy", "should sell", "market value", "A100-0004821", "..")
"""What no letter of the month says."""
NEXT = ("Wednesday, December 17, 2003", "Wednesday, December 10, 2003, 5:00 p.m. Eastern time")
KEEP = ("Keep this letter for your taxes.", "within 60 days of the date of this letter")
CLOSES = ("Close of Nov 13, 2003 $1.1200", "Close of Nov 14, 2003 $1.1500", "Close of Nov 17, 2003 $1.0900")


def month_letters() -> Iterable[Sample]:
    """Confirmations, statements, and what is told of payments, deductions and delays."""
    yield from _confirmations()
    yield from _statements()
    yield from _payments()
    yield from _deductions()
    yield from _notices()


def told(id: str, facts: LetterFacts, *must: str, must_not: tuple[str, ...] = ()) -> Sample:
    return Sample(f"month: {id}", (section_of(facts),), must, must_not=(*NEVER, *must_not))


def _confirmations() -> Iterable[Sample]:
    yield told(
        "a purchase", bought(), *CLOSES, *KEEP,
        "P-00001", ACCOUNT, "Wednesday, November 19, 2003", "Average $1.12 ", "Discount 3%", "Price of a share $1.0864",
        "Dollars invested $250.00", "Dollars refunded $0.00", "Fees none", "Shares bought 230.1178",
        "Shares before 150.5000", "Shares after 380.6178", "newly issued by Aastrom Biosciences, Inc.",
        must_not=("in part", "not invested"),
    )  # fmt: skip
    yield told(
        "a purchase cut pro rata", bought_in_part(), *KEEP,
        "Average $1.616667, rounded here only", "Price of a share $1.5682", "Dollars invested $5,141.64",
        "Dollars refunded $4,858.36", "Shares bought 3,278.6885", "carried out in part", "in proportion to the orders",
        "$4,858.36, goes back to you without interest",
    )  # fmt: skip
    kept_back = bought(accepted=usd("300"), refunded=usd("50"))
    yield told("a purchase with a refund", kept_back, "$50.00 was not invested", must_not=("in part",))
    corrected = bought(
        closes=closes("1.12", "1.15", "1.12"), price=price("1.0961"),
        shares=Shares.of("228.0813"), balance_after=Shares.of("378.5813"),
    )  # fmt: skip
    yield told(
        "a corrected confirmation",
        AmendedConfirmation(bought(), corrected, "the close of November 17, 2003 was corrected by the exchange"),
        *KEEP,
        "is no longer right, because the close of November 17, 2003 was corrected by the exchange.",
        "$1.0864 becomes $1.0961", "230.1178 becomes 228.0813", "380.6178 becomes 378.5813",
        "Close of Nov 17, 2003 now $1.1200", "Price of a share $1.0961", "Shares bought 228.0813",
        "newly issued by",
        must_not=("$250.00 becomes",),
    )  # fmt: skip
    yield told(
        "a sale", sold(),
        "S-00001", ACCOUNT, "Trade date November 19, 2003", "Settlement date Monday, November 24, 2003",
        "Shares sold 40.0000",
        "Average price $1.234568, rounded here only", "Gross $49.38", "Sale fee $5.00", "Broker’s commission $0.40",
        "Tax withheld $12.31", "Net $31.67", "paid by check, mailed to your address of record",
        "Shares before 150.5000", "Shares remaining 110.5000", "Form 1099-B", "within 60 days",
        must_not=("Kept for",),
    )  # fmt: skip
    plain = sold(
        average_price=Decimal("1.2345"), fees=(), withheld=ZERO_DOLLARS, net=usd("49.38"),
        trade_dates=(PURCHASE_DATE, date(2003, 11, 20)),
    )  # fmt: skip
    yield told(
        "a sale over two days, free of charge", plain,
        "Trade dates November 19, 2003; November 20, 2003", "Average price $1.2345 ", "Fees none", "Tax withheld none",
    )  # fmt: skip
    recovering = sold(recovered=usd("31.67"), net=ZERO_DOLLARS)
    yield told(
        "a sale that recovers a payment", recovering,
        "Kept for a returned payment $31.67", "Net $0.00", "nothing left to be paid out", "kept from this sale",
        must_not=("Expect the check", "paid by check, mailed"),
    )  # fmt: skip


def _statements() -> Iterable[Sample]:
    yield told(
        "a statement", statement(), *NEXT, ACCOUNT, NAME,
        "Opening shares 150.5000", "Closing shares 350.1178",
        "Nov 19, 2003 Purchase of newly issued shares at $1.0864,",
        "+230.1178", "-40.0000", "-10.5000", "+20.0000", "net $31.67", "Waiting at the opening $40.00",
        "Received $725.25", "Returned unpaid $300.00", "Invested $250.00", "Refunded $33.33",
        "Waiting at the close $181.92", "earns no interest", "+$175.25", "-$300.00",
        "check mailed on Nov 3, 2003", "check not mailed yet",
        "$1,250.00", "1,150.5890", "$93.38", "from outside the program", "not known to us",
        "December 11, 12 and 15, 2003", "No sale is carried out before Tuesday, December 9, 2003",
        "230.1178 shares cannot be sold before Wednesday, December 3, 2003", "We give no value of your shares",
        must_not=("Owed by you", "Shares after"),
    )  # fmt: skip
    yield told(
        "a statement of a quiet month", quiet_statement(),
        "No shares were bought, sold or moved in this period.", "No shares are held in the program.",
        "There are no restrictions.",
        "Waiting at the close $0.00", *NEXT,
        must_not=("check mailed",),
    )  # fmt: skip
    returned = CashEntry(date(2003, 11, 28), CashMovement.RETURNED_AFTER, usd("250"), "P-00001")
    restricted = tuple(Restriction(kind) for kind in RestrictionKind)
    owing = statement(owed=usd("265"), cash=(*CASH, returned), restrictions=restricted)
    yield told(
        "a statement with something owed and every restriction", owing,
        "Owed by you $265.00", "unpaid by the bank after the purchase, P-00001",
        "Waiting at the close $181.92",
        "cannot be offered in your state", "before you acknowledge the Prospectus", "The account is suspended.",
        "Some shares cannot be sold or moved: their payment was returned.", "Investor Relations can tell you more",
    )  # fmt: skip
    yield told(
        "a year", year_summary(),
        "Period January 1, 2003 to December 31, 2003", "Opening shares 150.5000", "Closing shares 350.1178",
        "Dollars invested $250.00", "Shares bought 230.1178", "Proceeds of sales, net $31.67", "Fees of sales $5.40",
        "Tax withheld $12.31", "Dollars refunded $93.38", "no tax form", "We give no tax advice",
    )  # fmt: skip
    quiet = year_summary(closing_shares=NO_SHARES, opening_shares=NO_SHARES, entries=(), refunds=())
    yield told("a quiet year", quiet, "No shares were bought, sold or moved in this year.")


def _payments() -> Iterable[Sample]:
    order = {"account": ACCOUNT, "order_id": "P-00001", "amount": usd("500"), "purchase_date": PURCHASE_DATE}
    ended = OrderExpired(**order, cut_off=CUT_OFF, next_month=DECEMBER)  # type: ignore[arg-type]  # a table of facts
    yield told("an order without payment", ended, "P-00001", "$500.00", "Nothing was bought", "nothing is owed", *NEXT)
    for reason in RefundReason:
        refund = RefundSent(ACCOUNT, "P-00001", usd("121.46"), reason, date(2003, 11, 21))
        yield told(f"a refund: {reason.name}", refund, "P-00001", "$121.46", "November 21, 2003", "without interest")
    no_order = RefundSent(ACCOUNT, "", usd("75"), RefundReason.NOT_ACCEPTED, date(2003, 11, 21))
    yield told("a refund of no order", no_order, "$75.00", must_not=("Order number",))
    before = PaymentReturnedBefore(
        **order, method=PaymentMethod.CHECK, returned_on=date(2003, 11, 14), fee=usd("15"),  # type: ignore[arg-type]  # a table of facts
        presented_again_on=None, next_month=DECEMBER,
    )  # fmt: skip
    yield told(
        "a check returned before",
        before,
        "$500.00",
        "Friday, November 14, 2003",
        "$15.00",
        "The order is dropped",
        *NEXT,
    )
    again = replace(
        before, method=PaymentMethod.AUTOMATIC_DEDUCTION, fee=ZERO_DOLLARS, presented_again_on=date(2003, 11, 12),
        returned_on=date(2003, 11, 10),
    )  # fmt: skip
    yield told(
        "a debit presented again", again,
        "Your order stands", "presented again on that day", "Fee for the return none", "Wednesday, November 12, 2003",
        must_not=("The order is dropped",),
    )  # fmt: skip
    once_more = replace(before, method=PaymentMethod.AUTOMATIC_DEDUCTION)
    yield told("a debit returned before", once_more, "did not pay the debit", must_not=("stands",))
    for fee, phrase in ((usd("15"), "the payment, the fee and the cost of the sale"), (ZERO_DOLLARS, "none")):
        after = PaymentReturnedAfter(
            **order, method=PaymentMethod.CHECK, returned_on=date(2003, 11, 28), fee=fee,  # type: ignore[arg-type]  # a table of facts
            shares_held=Shares.of("460.2356"), reply_by=date(2003, 12, 5),
        )  # fmt: skip
        yield told(
            f"a payment returned after, fee {fee}", after, phrase, "460.2356", "cannot be sold or moved",
            "by Friday, December 5, 2003", "If Investor Relations approves it",
        )  # fmt: skip
    carried = CarriedForward(
        **order, method=PaymentMethod.CHECK, received_on=date(2003, 11, 12), good_on=date(2003, 11, 20),  # type: ignore[arg-type]  # a table of facts
        next_month=DECEMBER,
    )  # fmt: skip
    yield told(
        "a payment carried forward", carried,
        "Thursday, November 20, 2003", "Nothing was bought with it on that date.", *NEXT,
    )  # fmt: skip
    for method, phrase in (
        (PaymentMethod.CHECK, PAYEE[0]),
        (PaymentMethod.AUTOMATIC_DEDUCTION, "in your bank account"),
    ):
        waits = PaymentReminder(**order, method=method, cut_off=CUT_OFF)  # type: ignore[arg-type]  # a table of facts
        yield told(
            f"a reminder: {method.name}",
            waits,
            phrase,
            "$500.00",
            "Wednesday, November 12, 2003, 5:00 p.m. Eastern time",
        )
    put_off = Deferred(ACCOUNT, usd("500"), (date(2003, 11, 17),), PURCHASE_DATE, DECEMBER)
    yield told(
        "a purchase put off", put_off,
        "For November 17, 2003 there is no closing sale price", "never replaced by another",
        "If you want it back", *NEXT,
    )  # fmt: skip


def _deductions() -> Iterable[Sample]:
    until = datetime(2003, 11, 7, 12, 0, tzinfo=EASTERN)
    advice = DeductionAdvice(ACCOUNT, usd("300"), usd("300"), date(2003, 11, 10), PURCHASE_DATE, CUT_OFF, until)
    yield told(
        "a debit to come", advice,
        "$300.00", "Monday, November 10, 2003", "Friday, November 7, 2003, 12:00 p.m.", "November 19, 2003",
        must_not=("Only",),
    )  # fmt: skip
    less = replace(advice, amount=usd("120.50"))
    yield told("a debit cut to the limit", less, "Only $120.50 is debited this time", "limit of $10,000.00")
    for reason in StopReason:
        stopped = DeductionStopped(
            ACCOUNT, usd("300"), reason, date(2003, 11, 13), None if reason is StopReason.LIMIT_REACHED else DECEMBER
        )
        may_begin_again = reason in (StopReason.BANK_ACCOUNT, StopReason.NOT_AUTHORIZED)
        phrases = ("a new signed authorization", *NEXT) if may_begin_again else ("Nothing more is debited",)
        yield told(f"a deduction stopped: {reason.name}", stopped, "$300.00", "November 13, 2003", *phrases)


def _notices() -> Iterable[Sample]:
    waits = CycleNeedsPerson(
        cycle="2003-11",
        purchase_date=PURCHASE_DATE,
        what="Enter the close of November 17, 2003",
        why="No closing sale price of that day is on record, and none is ever substituted.",
        command="dspp close enter 2003-11-17 PRICE --source SOURCE",
        until=datetime(2003, 11, 19, 9, 0, tzinfo=EASTERN),
    )
    for id, facts, phrase in (
        ("until", waits, "by Wednesday, November 19, 2003, 9:00 a.m. Eastern time, with “dspp close enter"),
        ("at once", replace(waits, until=None, command=""), "Enter the close of November 17, 2003 now."),
    ):
        yield Sample(
            f"month: a cycle needs a person {id}", (section_of(facts),),
            ("2003-11", "none is ever substituted", phrase),
            frame=STAFF_NOTICE, must_not=NEVER,
        )  # fmt: skip
