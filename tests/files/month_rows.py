"""Rows of every kind of file for tests: one specimen each, and any that the layout allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot.files import notations
from bot.files.from_bank import CORRECTED, AchReturnRow, CheckRow, ReturnedCheckRow
from bot.files.from_transfer_agent import FillRow, IssuanceAcknowledgementRow, PositionRow, StopRow
from bot.files.kinds import INCOMING, OUTGOING
from bot.files.layout import Layout
from bot.files.nacha_debits import AccountType
from bot.files.prices import CloseRow
from bot.files.to_bank import ProceedsRow, RefundRow
from bot.files.to_transfer_agent import EnrolmentRow, IssuanceInstructionRow, PurchaseRow, SaleRow, TerminationRow
from handlers.plan.accounts import TRANSFER_AGENT_HOLDS, Hold
from handlers.plan.money import Money, Price, Shares, shares_bought

AS_OF = date(2003, 11, 19)
LAYOUTS: Mapping[str, Layout[Any]] = {**INCOMING, **OUTGOING}
_NEW_YORK = timezone(timedelta(hours=-5))


def usd(text: str) -> Money:
    """Dollars, for short."""
    return Money.of(text)


def shares(text: str) -> Shares:
    """Shares, for short."""
    return Shares.of(text)


CLOSE = Price(Decimal("1.12"))
PRICE = Price(Decimal("1.0864"))
RECEIVED = datetime(2003, 11, 5, 14, 30, tzinfo=_NEW_YORK)
CHECK = CheckRow("CST-20001", usd("250"), "USD", "101", date(2003, 11, 3), "Ana Perez", RECEIVED, "")
CHANGE = AchReturnRow("091000010000002", usd("0"), "C01", AS_OF, "", "44556677889", None, "", "")
PROCEEDS = ProceedsRow(
    "CST-20001", "Ana Perez", "12 Orchard Lane, Ann Arbor, 48104", "MI", "US", "S7K2M", shares("100.5"),
    usd("112.56"), usd("12.56"), usd("100.00"), date(2003, 11, 24),
)  # fmt: skip

SPECIMENS: Mapping[str, Any] = {
    "prices": CloseRow(date(2003, 11, 13), CLOSE, "Nasdaq daily list"),
    "checks": CHECK,
    "returned_checks": ReturnedCheckRow("CST-20001", usd("250"), "101", date(2003, 11, 12), "insufficient funds"),
    "ach_returns": CHANGE,
    "fills": FillRow("2003-11", "F-1", AS_OF, shares("100.5"), CLOSE, usd("12.56")),
    "issuance_acknowledgement": IssuanceAcknowledgementRow(
        "2003-11", AS_OF, shares("230.1178"), shares("10230.1178"), "ISS-0042"
    ),
    "positions": PositionRow("CST-20001", shares("1250.5")),
    "stops": StopRow("CST-20001", Hold.DECEASED, date(2003, 11, 18), "death certificate seen"),
    "enrolments": EnrolmentRow("CST-20001", date(2003, 11, 10), "2003-11-04"),
    "purchase_summary": PurchaseRow("CST-20001", "P7K2M", usd("250"), PRICE, shares("230.1178")),
    "issuance_instruction": IssuanceInstructionRow(
        "2003-11", AS_OF, PRICE, shares("230.1178"), shares("10000"), shares("10230.1178"), shares("10000000")
    ),
    "sale_batch": SaleRow("2003-11", "CST-20001", "S7K2M", shares("100.5")),
    "terminations": TerminationRow("CST-20001", date(2003, 11, 18), shares("1.5")),
    "refund_checks": RefundRow(
        "R-1", "CST-20001", "Ana Perez", "12 Orchard Lane, Ann Arbor, 48104", "MI", "US", usd("50"),
        "over the maximum", "",
    ),
    "proceeds": PROCEEDS,
}  # fmt: skip

_AMOUNTS = st.integers(1, 10**9).map(Money.from_cents)
_SHARES = st.integers(1, 10**15).map(Shares.from_units)
_PRINTABLE = st.characters(exclude_categories=["C", "Z"], include_characters=" ").filter(str.isprintable)
_TEXT = st.one_of(st.text(_PRINTABLE, max_size=40), st.text("=+-@',;|\" \uff1dA1", max_size=12)).map(str.strip)


def _texts(least: int, most: int) -> st.SearchStrategy[str]:
    return _TEXT.map(lambda text: text[:most].strip() or "x" * least)


def _matching(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


_DAYS = st.dates(max_value=AS_OF)
_BY_NOTATION: Mapping[int, st.SearchStrategy[Any]] = {
    id(notations.ACCOUNT): _matching("[A-Za-z0-9][A-Za-z0-9-]{3,19}"),
    id(notations.ACCOUNT_IF_KNOWN): _matching("([A-Za-z0-9][A-Za-z0-9-]{3,19})?"),
    id(notations.REFERENCE): _matching("[A-Za-z0-9][A-Za-z0-9:._/-]{0,63}"),
    id(notations.REFERENCE_IF_ANY): _matching("([A-Za-z0-9][A-Za-z0-9:._/-]{0,63})?"),
    id(notations.CYCLE): _matching("[0-9]{4}-(0[1-9]|1[0-2])"),
    id(notations.COUNTRY): _matching("[A-Z]{2}"),
    id(notations.STATE_IF_ANY): _matching("([A-Z]{2})?"),
    id(notations.CURRENCY): st.sampled_from(["USD", "CAD", "EUR"]),
    id(notations.TRACE): _matching("[0-9]{15}"),
    id(notations.ACH_CODE): st.one_of(st.sampled_from(sorted(CORRECTED)), _matching("[RC](0[1-9]|[1-9][0-9])")),
    id(notations.CHECK_NUMBER): _matching("[1-9][0-9]{0,14}"),
    id(notations.HOLD): st.sampled_from(TRANSFER_AGENT_HOLDS),
    id(notations.DAY): _DAYS,
    id(notations.DAY_IF_ANY): st.none() | _DAYS,
    id(notations.INSTANT): st.datetimes(
        datetime(1990, 1, 1), datetime(2003, 11, 18), timezones=st.sampled_from([UTC, _NEW_YORK])
    ),
    id(notations.DOLLARS): st.just(usd("0")) | _AMOUNTS,
    id(notations.DOLLARS_ABOVE_ZERO): _AMOUNTS,
    id(notations.PRICE): st.integers(1, 10**8).map(lambda units: Price(Decimal(units) / 10_000)),
    id(notations.SHARES): st.just(shares("0")) | _SHARES,
    id(notations.SHARES_ABOVE_ZERO): _SHARES,
    id(notations.ROUTING): st.just(""),
    id(notations.BANK_ACCOUNT): st.just(""),
    id(notations.ACCOUNT_TYPE): st.none(),
}


def _corrected(row: AchReturnRow) -> AchReturnRow:
    wanted = CORRECTED.get(row.code, frozenset())
    values: dict[str, Any] = {
        "corrected_routing": "011000015",
        "corrected_account": "4455-A",
        "corrected_account_type": AccountType.SAVINGS,
        "corrected_name": "=PEREZ",
        "corrected_reference": "-1",
    }
    for name in values.keys() - wanted:
        values[name] = None if name == "corrected_account_type" else ""
    return replace(replace(row, **values), amount=usd("0") if row.is_change else row.amount)


def _bought(row: PurchaseRow) -> PurchaseRow:
    bought = shares_bought(row.dollars, row.price)
    return replace(row, shares=bought if bought.units else shares("0.0001"))


def _issued(row: IssuanceInstructionRow) -> IssuanceInstructionRow:
    cumulative = row.issued_before + row.shares
    return replace(row, cumulative=cumulative, limit=max(row.limit, cumulative))


def _paid(row: ProceedsRow) -> ProceedsRow:
    fee = min(row.fee, row.gross)
    return replace(row, fee=fee, net=row.gross - fee)


def _acknowledged(row: IssuanceAcknowledgementRow) -> IssuanceAcknowledgementRow:
    return replace(row, cumulative=max(row.cumulative, row.shares))


_AGREEING: Mapping[str, Callable[[Any], Any]] = {
    "ach_returns": _corrected,
    "purchase_summary": _bought,
    "issuance_instruction": _issued,
    "issuance_acknowledgement": _acknowledged,
    "proceeds": _paid,
}
"""Makes a row agree with itself."""


def rows_of(layout: Layout[Any]) -> st.SearchStrategy[list[Any]]:
    """Any rows that may stand in one file of this kind."""
    values = []
    for column in layout.columns:
        found = _BY_NOTATION.get(id(column.notation))
        if found is None:  # free text, of which each column has its own length
            least = 1 if column.notation.wanted.startswith("1 to ") else 0
            found = _texts(least, int(column.notation.wanted.split(" printable")[0].split()[-1]))
        values.append(found)
    row = st.builds(layout.row, *values).map(_AGREEING.get(layout.kind, lambda row: row))
    least = 0 if layout.may_be_empty else 1
    return st.lists(row.filter(lambda each: not list(layout.objections(each))), min_size=least, max_size=6)


def identity_of(layout: Layout[Any], row: Any) -> Any:
    """What tells a row from the others of its file."""
    return layout.identity(row) if layout.identity else tuple(getattr(row, name) for name in layout.once)
