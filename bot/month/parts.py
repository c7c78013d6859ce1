"""A statement or a year's summary as titled parts of words and figures: written once, for the letter and for paper.

`templates/month/statement.j2` and `bot/statement_pdf.py` show the same parts, so the two cannot disagree.
Holds no value of a holding: nothing here knows a price of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.month.wording import price, signed, table_day
from bot.wording import day, days, instant, money, share_number, shares, short_day
from handlers.plan.money import Shares, total
from handlers.plan.statement import (
    CashMovement,
    PeriodTotals,
    RefundEntry,
    Restriction,
    RestrictionKind,
    ShareEntry,
    ShareMovement,
    Statement,
    YearSummary,
    balances,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    is_figure: bool = False
    """Set to the right, and in plain text on a line of its own."""
    is_on_paper_only: bool = False
    """Left out of letters, where a phone has no room for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part under its caption: facts, then a table, then notes; any of them may be empty."""

    caption: str
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def in_a_letter(self) -> Part:
        """This part without the columns that are for paper only."""
        kept = [at for at, column in enumerate(self.columns) if not column.is_on_paper_only]
        rows = tuple(tuple(row[at] for at in kept) for row in self.rows)
        return Part(self.caption, self.facts, tuple(self.columns[at] for at in kept), rows, self.notes)


MOVEMENTS = {
    ShareMovement.PURCHASE: "Purchase of newly issued shares",
    ShareMovement.MOVED_IN: "Shares moved into the program",
    ShareMovement.SALE: "Sale",
    ShareMovement.MOVED_OUT: "Shares moved out to the register",
    ShareMovement.REVERSAL: "Purchase taken back",
}
PAYMENTS = {
    CashMovement.CHECK: "Check received",
    CashMovement.DEDUCTION: "Automatic deduction received",
    CashMovement.RETURNED: "Payment returned unpaid by the bank",
    CashMovement.RETURNED_AFTER: "Payment returned unpaid by the bank after the purchase",
}
SIGNS = {
    CashMovement.CHECK: "+",
    CashMovement.DEDUCTION: "+",
    CashMovement.RETURNED: "-",
    CashMovement.RETURNED_AFTER: "",
}
"""How a movement changes the money that waits; one after the purchase does not."""
RESTRICTIONS = {
    RestrictionKind.SALES_HELD: "No sale is carried out{until}, because your details were changed.",
    RestrictionKind.LOT_HELD: "{shares} shares cannot be sold or moved{until}: their payment was returned.",
    RestrictionKind.PAYMENT_MAY_RETURN: "{shares} shares cannot be sold{until}, while their payment may be returned.",
    RestrictionKind.STATE_CLOSED: "Nothing can be bought, as the program cannot be offered in your state at this time.",
    RestrictionKind.PROSPECTUS: "Nothing can be bought before you acknowledge the Prospectus that is in force.",
    RestrictionKind.SUSPENDED: "The account is suspended.",
    RestrictionKind.ASK: "Some restrictions apply to this account. Investor Relations can tell you more.",
}
"""What the holder reads of each restriction; {shares} and {until} where they are known."""

SHARE_COLUMNS = (
    Column("Date"),
    Column("Transaction"),
    Column("Dollars", is_figure=True),
    Column("Shares", is_figure=True),
    Column("Shares after", is_figure=True, is_on_paper_only=True),
)
CASH_COLUMNS = (Column("Date"), Column("Movement"), Column("Dollars", is_figure=True))
TOTAL_COLUMNS = (Column("In sums"), Column("This month", is_figure=True), Column("Year to date", is_figure=True))
LOT_COLUMNS = (Column("Bought on"), Column("Shares", is_figure=True), Column("Cost", is_figure=True))


def parts_of(told: Statement | YearSummary, timezone: str) -> tuple[Part, ...]:
    """The parts of a statement or of a year's summary, in the order in which they are read."""
    return tuple(_statement(told, timezone) if isinstance(told, Statement) else _year(told))


def _statement(told: Statement, timezone: str) -> Iterator[Part]:
    yield Part("Your shares", _holding(told, told.first_day, told.last_day))
    yield _transactions(told.opening_shares, told.entries, "No shares were bought, sold or moved in this period.")
    yield _cash(told)
    if told.refunds:
        yield _refunds(told.refunds)
    month, year = _sums(told.totals), _sums(told.year_to_date)
    rows = tuple((name, here, there) for (name, here), (_, there) in zip(month, year, strict=True))
    yield Part("Month and year to date", columns=TOTAL_COLUMNS, rows=rows)
    yield _lots(told)
    coming = (
        ("Purchase date", day(told.next_month.purchase_date)),
        ("Cut-off", instant(told.next_month.cut_off, timezone)),
        ("Priced on", days(told.next_month.pricing_days)),
    )
    yield Part("Next purchase date", coming)
    restricted = tuple(_restricted(each) for each in told.restrictions) or ("There are no restrictions.",)
    yield Part("Restrictions", notes=restricted)


def _year(told: YearSummary) -> Iterator[Part]:
    yield Part("Your shares", _holding(told, date(told.year, 1, 1), date(told.year, 12, 31)))
    yield _transactions(told.opening_shares, told.entries, "No shares were bought, sold or moved in this year.")
    if told.refunds:
        yield _refunds(told.refunds)
    yield Part(f"{told.year} in sums", _sums(told.totals))
    yield Part(
        "For your taxes",
        notes=(
            "This is a summary of what is on record and no tax form. Any tax forms are mailed separately.",
            "We give no tax advice. Please keep this summary, and ask a tax adviser what it means for you.",
        ),
    )


def _holding(told: Statement | YearSummary, first: date, last: date) -> tuple[tuple[str, str], ...]:
    return (
        ("Account", told.account),
        ("Registered to", told.name),
        ("Period", f"{short_day(first)} to {short_day(last)}"),
        ("Opening shares", shares(told.opening_shares)),
        ("Closing shares", shares(told.closing_shares)),
    )


def _transactions(opening: Shares, entries: Sequence[ShareEntry], none: str) -> Part:
    if not entries:
        return Part("Share transactions", notes=(none,))
    after = balances(opening, entries)
    rows = tuple(
        (
            table_day(entry.on),
            _transaction(entry),
            money(entry.dollars) if entry.dollars.cents else "",
            signed(entry.shares, entry.movement.is_in),
            shares(held),
        )
        for entry, held in zip(entries, after, strict=True)
    )
    return Part("Share transactions", columns=SHARE_COLUMNS, rows=rows)


def _transaction(entry: ShareEntry) -> str:
    """One movement of shares in words, with what belongs to it: "Sale, order S-00001; fee $5.00, net $95.00"."""
    said = MOVEMENTS[entry.movement] + (f" at {price(entry.price)}" if entry.price else "") + f", {entry.reference}"
    if entry.movement is not ShareMovement.SALE:
        return said
    taken = [
        f"{name} {money(amount)}"
        for name, amount in (("fees", entry.fees), ("withheld", entry.withheld))
        if amount.cents
    ]
    return f"{said}; {', '.join([*taken, f'net {money(entry.net)}'])}"


def _cash(told: Statement) -> Part:
    kinds = {kind: total(row.dollars for row in told.cash if row.movement is kind) for kind in CashMovement}
    facts = [
        ("Waiting at the opening", money(told.opening_cash)),
        ("Received", money(kinds[CashMovement.CHECK] + kinds[CashMovement.DEDUCTION])),
        ("Returned unpaid", money(kinds[CashMovement.RETURNED])),
        ("Invested", money(told.totals.invested)),
        ("Refunded", money(told.totals.refunded)),
        ("Waiting at the close", money(told.closing_cash)),
    ]
    notes = ["Money that waits to be invested earns no interest."]
    if told.owed.cents:
        facts.append(("Owed by you", money(told.owed)))
        notes.append(
            "A payment was returned unpaid once it was invested. Please call Investor Relations about what is owed."
        )
    rows = tuple(
        (table_day(row.on), f"{PAYMENTS[row.movement]}, {row.reference}", SIGNS[row.movement] + money(row.dollars))
        for row in told.cash
    )
    return Part("Your money", tuple(facts), CASH_COLUMNS if rows else (), rows, tuple(notes))


def _refunds(refunds: Sequence[RefundEntry]) -> Part:
    rows = tuple(
        (
            table_day(row.on),
            f"{row.reference}, "
            + (f"check mailed on {table_day(row.sent_on)}" if row.sent_on else "check not mailed yet"),
            money(row.dollars),
        )
        for row in refunds
    )
    return Part("Refunds", columns=(Column("Date"), Column("Refund"), Column("Dollars", is_figure=True)), rows=rows)


def _sums(totals: PeriodTotals) -> tuple[tuple[str, str], ...]:
    return (
        ("Dollars invested", money(totals.invested)),
        ("Shares bought", shares(totals.shares_bought)),
        ("Shares sold", shares(totals.shares_sold)),
        ("Proceeds of sales, net", money(totals.proceeds)),
        ("Fees of sales", money(totals.fees)),
        ("Tax withheld", money(totals.withheld)),
        ("Dollars refunded", money(totals.refunded)),
    )


def _lots(told: Statement) -> Part:
    rows = tuple(
        (
            table_day(lot.bought_on) if lot.bought_on else "from outside the program",
            shares(lot.shares),
            money(lot.cost) if lot.cost is not None else "not known to us",
        )
        for lot in told.lots
    )
    if not rows:
        return Part("Lots", notes=("No shares are held in the program.",))
    return Part(
        "Lots",
        columns=LOT_COLUMNS,
        rows=rows,
        notes=("Shares bought together make a lot; its cost is the dollars invested.",),
    )


def _restricted(each: Restriction) -> str:
    return RESTRICTIONS[each.kind].format(
        shares=share_number(each.shares) if each.shares else "Some",
        until=f" before {day(each.until)}" if each.until else "",
    )


def letter_parts(told: Statement | YearSummary, timezone: str) -> tuple[Part, ...]:
    """The parts as a letter shows them: without the columns that are for paper only."""
    return tuple(part.in_a_letter() for part in parts_of(told, timezone))
