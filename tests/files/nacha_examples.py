"""Invented originators and debits for the tests of ACH files; every routing number has a right check digit."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import strategies as st

from bot.files.nacha_debits import AccountType, Debit, Originator, trace_number
from handlers.plan.money import ZERO_DOLLARS, Money

BANK = "091000019"
COMPANY = Originator(
    bank_routing=BANK,
    bank_name="EXAMPLE NATIONAL BANK",
    origin="1999999999",
    origin_name="EXAMPLE MOTORS CORP",
    company_name="EXAMPLE MOTORS",
    company_id="1999999999",
    description="STOCK PLAN",
)
EFFECTIVE = date(2003, 11, 12)
CREATED = datetime(2003, 11, 6, 9, 30)


def debit_of(sequence: int, amount: str = "250.00", **changes: object) -> Debit:
    """A debit in order, but for `changes`; "0" makes a prenote."""
    values: dict[str, object] = {
        "trace": trace_number(BANK, sequence),
        "routing": "011000015",
        "account": "44556677889",
        "account_type": AccountType.CHECKING,
        "amount": Money.of(amount),
        "reference": "CST-20001",
        "name": "ANA PEREZ",
        "is_prenote": amount == "0",
    }
    return Debit(**(values | changes))  # type: ignore[arg-type]  # a test may give what does not fit


def with_check_digit(digits: str) -> str:
    """A routing number from its first eight digits."""
    summed = sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=False))
    return digits + str(-summed % 10)


routing_numbers = st.text("0123456789", min_size=8, max_size=8).map(with_check_digit)
accounts = st.text("0123456789-ABab", min_size=1, max_size=17).filter(lambda text: bool(text.strip("0-")))
references = st.text("0123456789-ABCab", max_size=15)
words = st.text("ABCXYZ019&'(),-./#", min_size=1, max_size=8).map(lambda word: word + "A")


def texts(width: int) -> st.SearchStrategy[str]:
    """Text that stands in a file as it is."""
    return st.lists(words, min_size=1, max_size=3).map(lambda each: " ".join(each)[:width].strip())


originators = st.builds(
    Originator,
    bank_routing=routing_numbers,
    bank_name=texts(23),
    origin=st.text("0123456789AZ", min_size=9, max_size=10),
    origin_name=texts(23),
    company_name=texts(16),
    company_id=st.text("0123456789AZ", min_size=1, max_size=10),
    description=texts(10),
)


@st.composite
def debit_lists(draw: st.DrawFn, bank_routing: str) -> list[Debit]:
    """Debits, prenotes and retries with rising trace numbers and names in the spelling of a file."""
    sequences = sorted(draw(st.sets(st.integers(1, 9_999_999), min_size=1, max_size=25)))
    debits = []
    for sequence in sequences:
        is_prenote, is_retry = draw(st.sampled_from(((False, False), (True, False), (False, True))))
        cents = draw(st.integers(1, 9_999_999_999))
        debits.append(
            Debit(
                trace=trace_number(bank_routing, sequence),
                routing=draw(routing_numbers),
                account=draw(accounts),
                account_type=draw(st.sampled_from(AccountType)),
                amount=ZERO_DOLLARS if is_prenote else Money.from_cents(cents),
                reference=draw(references),
                name=draw(texts(22)),
                is_prenote=is_prenote,
                is_retry=is_retry,
            )
        )
    return debits
