"""Any amount, count or day is read back exactly, however it is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.dates import days_of_month, effective_dates
from bot.language.readings import read
from bot.language.slots import slots_for
from handlers.plan.money import Shares

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()

CENTS = st.integers(min_value=1, max_value=999_999_99).map(lambda cents: Decimal(cents) / 100)
DOLLARS = st.integers(min_value=1, max_value=999_999)
JOINTS = st.sampled_from(("", "and "))
HYPHENS = st.sampled_from(("-", " "))


def below_a_hundred(number: int, hyphen: str = "-") -> str:
    if number < 20:
        return _UNITS[number]
    ten, one = divmod(number, 10)
    return _TENS[ten] + (hyphen + _UNITS[one] if one else "")


def in_words(number: int, joint: str = "", hyphen: str = "-") -> str:
    thousands, rest = divmod(number, 1000)
    hundreds, last = divmod(rest, 100)
    parts = [f"{in_words(thousands, joint, hyphen)} thousand"] if thousands else []
    parts += [f"{_UNITS[hundreds]} hundred"] if hundreds else []
    if last or not parts:
        # "two thousand five" may be twenty-five hundred; who means 2,005 says "and".
        needs_joint = bool(parts) and not hundreds and last < 10
        parts.append(("and " if needs_joint else joint if parts else "") + below_a_hundred(last, hyphen))
    return " ".join(parts)


def paid(text: str, intent: str = "buy") -> list[Decimal]:
    return [amount.dollars for amount in slots_for(intent, read(text))[0].amounts]


def counted(text: str, intent: str = "sell") -> list[Decimal]:
    found = slots_for(intent, read(text))[0].shares
    assert all(isinstance(one, Shares) for one in found), "no portion was written"
    return [one.count for one in found if isinstance(one, Shares)]


@given(CENTS, st.sampled_from(("${:.2f}", "${:,.2f}", "USD {:,.2f}", "{:,.2f} dollars", "{:.2f} bucks", "US${:.2f}")))
@settings(max_examples=150, deadline=None)
def test_an_amount_in_figures_is_read_back(amount: Decimal, form: str) -> None:
    assert paid(f"Please invest {form.format(amount)} for me.") == [amount]


@given(DOLLARS, JOINTS, HYPHENS)
@settings(max_examples=150, deadline=None)
def test_an_amount_in_words_is_read_back(dollars: int, joint: str, hyphen: str) -> None:
    words = in_words(dollars, joint, hyphen)
    assert paid(f"Please invest {words} dollars for me.") == [dollars]
    assert paid(f"deduct {words} dollars every month from my bank", "recurring") == [dollars]


@given(DOLLARS, st.integers(min_value=1, max_value=99))
@settings(max_examples=100, deadline=None)
def test_cents_are_read_back_in_words_and_as_hundredths(dollars: int, cents: int) -> None:
    amount = Decimal(dollars) + Decimal(cents) / 100
    assert paid(f"Please invest {in_words(dollars)} and {cents:02}/100 dollars for me.") == [amount]
    assert paid(f"Please invest {in_words(dollars)} dollars and {below_a_hundred(cents)} cents for me.") == [amount]


@given(st.integers(min_value=1, max_value=9999), st.sampled_from(("k", "K", " thousand", " grand")))
@settings(max_examples=80, deadline=None)
def test_thousands_are_read_back(tenths: int, scale: str) -> None:
    thousands = Decimal(tenths) / 10
    assert paid(f"Please invest ${thousands}{scale} for me.") == [thousands * 1000]


@given(st.integers(min_value=1, max_value=999_999_9999).map(lambda number: Decimal(number) / 10_000))
@settings(max_examples=120, deadline=None)
def test_a_count_of_shares_in_figures_is_read_back(count: Decimal) -> None:
    written = f"{count.normalize():f}"
    assert counted(f"sell {written} shares") == [count]
    assert counted(f"please transfer {written} shares to my broker", "transfer_shares") == [count]


@given(DOLLARS, JOINTS)
@settings(max_examples=100, deadline=None)
def test_a_count_of_shares_in_words_is_read_back(count: int, joint: str) -> None:
    assert counted(f"Please sell {in_words(count, joint)} shares from my account.") == [count]


@given(st.integers(min_value=20, max_value=9_999), st.integers(min_value=20, max_value=9_999))
@settings(max_examples=100, deadline=None)
def test_two_true_rivals_both_stay_and_a_correction_governs(first: int, second: int) -> None:
    rivals = [first] if first == second else [first, second]
    assert paid(f"Please invest ${first} or ${second} for me.") == rivals
    assert paid(f"Please invest ${first} for me. Make that ${second}.") == [second]
    assert paid(f"Please invest ${first}.\n\nYours,\nAnn Lee\n\nP.S. The bills are in. Make that ${second}.") == [
        second
    ]


@given(st.dates(min_value=date(2004, 1, 1), max_value=date(2007, 12, 31)), st.sampled_from(("%B %d, %Y", "%d %B %Y")))
@settings(max_examples=100, deadline=None)
def test_a_day_on_which_something_takes_effect_is_read_back(day: date, form: str) -> None:
    assert [one.value for one in effective_dates(f"start my deduction effective {day.strftime(form)}")] == [
        day.isoformat()
    ]
    assert [one.value for one in effective_dates(f"begin it {day:%m/%d/%Y}")] == [day.isoformat()]
    assert [one.value for one in effective_dates(f"pause it effective {day:%B %Y}")] == [f"{day:%Y-%m}"]


@given(st.integers(min_value=1, max_value=31))
def test_a_day_of_the_month_is_read_back(day: int) -> None:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    assert [one.value for one in days_of_month(f"take $300 every month on the {day}{ending}")] == [day]
