"""Which closes stand and who must vouch for them. PLAN "Purchase price", "A close is missing"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.closes import (
    REFUSED_PROBLEMS,
    CloseEntry,
    CloseNeed,
    CloseProblem,
    CloseSource,
    check_close,
    days_in_doubt,
    missing_days,
    price_of,
    standing,
)
from handlers.plan.money import Price
from tests.specimens import EASTERN, PURCHASE_DATE, book, calendar

TERMS = book().on(PURCHASE_DATE)
DAYS = (date(2003, 11, 13), date(2003, 11, 14), date(2003, 11, 17))
DAY = DAYS[0]
START = datetime(2003, 11, 13, 16, 30, tzinfo=EASTERN)
P = CloseProblem


def close(text: str) -> Price:
    return Price(Decimal(text))


def entries(*brought: tuple[str, str], day: date = DAY) -> list[CloseEntry]:
    """Entries of one day by who brought them ("file ..." is a file) and what, a minute apart."""
    return [
        CloseEntry(
            day,
            close(price),
            CloseSource.FILE if who.startswith("file") else CloseSource.PERSON,
            who,
            START + timedelta(minutes=minute),
        )
        for minute, (who, price) in enumerate(brought)
    ]


def stands(*brought: tuple[str, str], before: str | None = "1.12") -> tuple[str | None, CloseNeed | None]:
    """What stands for the day, and what it needs, after a day that closed at `before`."""
    earlier = entries(("file 1", before), day=DAY - timedelta(days=1)) if before else []
    found = standing([*entries(*brought), *earlier], TERMS)[DAY]
    return str(found.standing.price) if found.standing else None, found.need


@pytest.mark.parametrize(
    ("dollars", "changes", "problems"),
    [
        pytest.param("1.15", {}, (), id="a close like the last one"),
        pytest.param("1.1234", {}, (), id="four places"),
        pytest.param("0", {}, (P.NOT_A_PRICE,), id="zero"),
        pytest.param("-0", {}, (P.NOT_A_PRICE,), id="zero, written oddly"),
        pytest.param("-1.15", {}, (P.NOT_A_PRICE,), id="negative"),
        pytest.param("NaN", {}, (P.NOT_A_PRICE,), id="no number"),
        pytest.param("sNaN", {}, (P.NOT_A_PRICE,), id="no number that traps"),
        pytest.param("Infinity", {}, (P.NOT_A_PRICE,), id="infinite"),
        pytest.param("1E+400", {}, (P.NOT_A_PRICE,), id="beyond all sense"),
        pytest.param("1.12345", {}, (P.TOO_FINE,), id="five places"),
        pytest.param("0.00001", {}, (P.TOO_FINE,), id="less than the smallest price"),
        pytest.param("1.5680", {}, (), id="forty percent up exactly"),
        pytest.param("1.5681", {}, (P.JUMP,), id="a ten-thousandth more than forty percent up"),
        pytest.param("0.6720", {}, (), id="forty percent down exactly"),
        pytest.param("0.6719", {}, (P.JUMP,), id="a ten-thousandth more than forty percent down"),
        pytest.param("112", {}, (P.JUMP,), id="a decimal point left out"),
        pytest.param("112", {"last_known": None}, (), id="nothing to hold it against"),
        pytest.param("1.15", {"day": date(2003, 11, 15)}, (P.NOT_A_SESSION,), id="a Saturday"),
        pytest.param("1.15", {"day": date(2003, 11, 11)}, (), id="a bank holiday on which the market is open"),
        pytest.param("1.15", {"day": date(2003, 11, 18)}, (P.IN_THE_FUTURE,), id="tomorrow's"),
        pytest.param(
            "1.15", {"day": date(2003, 11, 22)}, (P.NOT_A_SESSION, P.IN_THE_FUTURE), id="a Saturday to come"
        ),
        pytest.param("1.15", {"day": date(1903, 11, 13)}, (P.OUTSIDE_CALENDAR,), id="a century early"),
        pytest.param("1.15", {"stands": close("1.15")}, (P.DUPLICATE,), id="the same again"),
        pytest.param("1.1500", {"stands": close("1.15")}, (P.DUPLICATE,), id="the same, written longer"),
        pytest.param("1.16", {"stands": close("1.15")}, (P.DIFFERS,), id="another than the one that stands"),
        pytest.param("9.99", {"stands": close("1.15")}, (P.DIFFERS, P.JUMP), id="another that jumps"),
        pytest.param("9.99", {"stands": close("9.99")}, (P.DUPLICATE,), id="a jump that was vouched for"),
        pytest.param(
            "1.16", {"stands": close("1.15"), "is_issued": True}, (P.AFTER_ISSUE, P.DIFFERS), id="after the issue"
        ),
        pytest.param("1.15", {"stands": close("1.15"), "is_issued": True}, (P.DUPLICATE,), id="the same after issue"),
    ],
)  # fmt: skip
def test_what_is_remarkable_about_a_close(
    dollars: str, changes: dict[str, object], problems: tuple[CloseProblem, ...]
) -> None:
    known: dict[str, object] = {
        "day": DAYS[2], "today": DAYS[2], "last_known": close("1.12"), "stands": None, "is_issued": False,
        "terms": TERMS, "calendar": calendar(),
    }  # fmt: skip
    given_now = known | changes
    found = check_close(given_now.pop("day"), Decimal(dollars), **given_now)  # type: ignore[arg-type]  # by name
    assert found == problems


def test_what_is_no_close_at_all_is_refused_and_the_rest_asks_for_people() -> None:
    asks = {P.AFTER_ISSUE, P.DIFFERS, P.DUPLICATE, P.JUMP}
    assert set(CloseProblem) - asks == REFUSED_PROBLEMS


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param([("file 2", "1.15")], ("1.1500", None), id="a file's close stands at once"),
        pytest.param([("file 2", "11.5")], (None, CloseNeed.TWO_PEOPLE), id="a file's jump does not"),
        pytest.param(
            [("file 2", "11.5"), ("Ann", "11.5")], (None, CloseNeed.SECOND_PERSON), id="a file's jump and one person"
        ),
        pytest.param(
            [("file 2", "11.5"), ("Ann", "11.5"), ("Ben", "11.5")], ("11.5000", None), id="a jump two people vouch for"
        ),
        pytest.param(
            [("file 2", "11.5"), ("Ann", "1.15"), ("Ben", "1.15")], ("1.1500", None), id="a slip two people put right"
        ),
        pytest.param([("Ann", "1.15")], (None, CloseNeed.SECOND_PERSON), id="one person is not enough"),
        pytest.param([("Ann", "1.15"), ("Ann", "1.15")], (None, CloseNeed.SECOND_PERSON), id="twice the same person"),
        pytest.param(
            [("Ann", "1.15"), (" ANN ", "1.15")], (None, CloseNeed.SECOND_PERSON), id="the same person in capitals"
        ),
        pytest.param([("Ann", "1.15"), ("Ben", "1.15")], ("1.1500", None), id="two people"),
        pytest.param([("Ann", "1.15"), ("Ben", "1.1500")], ("1.1500", None), id="two people, written differently"),
        pytest.param([("Ann", "1.15"), ("Ben", "1.51")], (None, CloseNeed.AGREEMENT), id="two who differ"),
        pytest.param(
            [("Ann", "1.15"), ("Ben", "1.51"), ("Ben", "1.15")], ("1.1500", None), id="one who puts a slip right"
        ),
        pytest.param(
            [("Ann", "1.15"), ("Ann", "1.51"), ("Ben", "1.15")], (None, CloseNeed.AGREEMENT), id="only the last counts"
        ),
        pytest.param(
            [("Ann", "1.15"), ("Ben", "1.51"), ("Cy", "1.15")], ("1.1500", None), id="two against one"
        ),
        pytest.param([("Ann", "11.5"), ("Ben", "11.5")], ("11.5000", None), id="two people vouch for a jump"),
        pytest.param(
            [("file 2", "1.15"), ("file 3", "1.16")], ("1.1500", CloseNeed.SOURCES_DIFFER),
            id="a file replaces nothing but is not overheard",
        ),
        pytest.param([("file 2", "1.15"), ("file 3", "1.15")], ("1.1500", None), id="a second source agrees"),
        pytest.param(
            [("file 2", "1.15"), ("file 3", "1.16"), ("Ann", "1.15")], ("1.1500", CloseNeed.SECOND_PERSON),
            id="one person sides with the first file",
        ),
        pytest.param(
            [("file 2", "1.15"), ("file 3", "1.16"), ("Ann", "1.15"), ("Ben", "1.15")], ("1.1500", None),
            id="two people settle it",
        ),
        pytest.param(
            [("file 2", "1.15"), ("Ann", "1.16")], ("1.1500", CloseNeed.SECOND_PERSON), id="one person corrects nothing"
        ),
        pytest.param(
            [("file 2", "1.15"), ("Ann", "1.16"), ("Ben", "1.16")], ("1.1600", None), id="two people correct a file"
        ),
        pytest.param([("file 2", "1.15"), ("Ann", "1.15")], ("1.1500", None), id="the same by hand needs nothing"),
        pytest.param(
            [("file 2", "1.15"), ("Ann", "1.16"), ("Ann", "1.15")], ("1.1500", None), id="a correction taken back"
        ),
        pytest.param(
            [("Ann", "1.15"), ("file 2", "1.16"), ("Ben", "1.15")], ("1.1600", CloseNeed.SECOND_PERSON),
            id="an entry before the file is used up",
        ),
        pytest.param(
            [("Ann", "1.15"), ("Ben", "1.15"), ("Ann", "1.16"), ("Ben", "1.16")], ("1.1600", None),
            id="two people correct themselves",
        ),
        pytest.param(
            [("Ann", "1.15"), ("Ben", "1.15"), ("Cy", "1.16"), ("Ann", "1.16"), ("Ann", "1.15"), ("Ben", "1.16")],
            ("1.1600", CloseNeed.SECOND_PERSON), id="one who goes back alone",
        ),
    ],
)  # fmt: skip
def test_a_close_stands_by_file_or_by_two_people(
    brought: list[tuple[str, str]], expected: tuple[str | None, CloseNeed | None]
) -> None:
    assert stands(*brought) == expected


def test_the_first_close_of_all_has_nothing_to_jump_from() -> None:
    assert stands(("file 2", "115"), before=None) == ("115.0000", None)


def test_who_vouched_for_a_close_is_kept() -> None:
    found = standing(entries(("Ben", "1.15"), ("Ann", "1.15")), TERMS)[DAY].standing
    assert found is not None
    assert found.vouched_by == ("Ben", "Ann")


def test_a_jump_is_held_against_the_last_day_that_has_a_close() -> None:
    brought = [
        *entries(("file 1", "1.12"), day=DAYS[0]),
        *entries(("file 2", "11.3"), day=DAYS[1]),
        *entries(("file 3", "11.4"), day=DAYS[2]),
    ]
    found = standing(brought, TERMS)
    assert missing_days(DAYS, found) == (DAYS[1], DAYS[2])
    vouched = [*brought, *entries(("file 1", "1.12"), ("Ann", "11.3"), ("Ben", "11.3"), day=DAYS[1])]
    assert missing_days(DAYS, standing(vouched, TERMS)) == ()


def test_a_correction_makes_the_days_after_it_stand() -> None:
    slip = [*entries(("file 1", "11.2"), day=DAYS[0]), *entries(("file 2", "1.15"), day=DAYS[1])]
    assert missing_days(DAYS[:2], standing(slip, TERMS)) == (DAYS[1],)
    put_right = [*slip, *entries(("file 1", "11.2"), ("Ann", "1.12"), ("Ben", "1.12"), day=DAYS[0])]
    assert missing_days(DAYS[:2], standing(put_right, TERMS)) == ()


@pytest.mark.parametrize(
    ("closes", "price"),
    [
        pytest.param(("1.12", "1.15", "1.09"), "1.0864", id="the announcement's month"),
        pytest.param(("1.58", "1.61", "1.66"), "1.5682", id="the average is never rounded"),
    ],
)
def test_three_closes_make_the_price(closes: tuple[str, ...], price: str) -> None:
    brought = [entry for day, text in zip(DAYS, closes, strict=True) for entry in entries(("file 1", text), day=day)]
    assert str(price_of(DAYS, standing(brought, TERMS), TERMS)) == price


def test_no_price_is_made_of_fewer_closes() -> None:
    found = standing(entries(("file 1", "1.12"), day=DAYS[1]), TERMS)
    assert missing_days(DAYS, found) == (DAYS[0], DAYS[2])
    with pytest.raises(ValueError, match="no close stands for 2003-11-13, 2003-11-17"):
        price_of(DAYS, found, TERMS)
    with pytest.raises(ValueError, match="1 pricing days make no price; the terms say 3"):
        price_of(DAYS[1:2], found, TERMS)
    with pytest.raises(ValueError, match="1 pricing days"):
        price_of((DAYS[1],) * 3, found, TERMS)
    assert str(price_of(DAYS[1:2], found, replace(TERMS, pricing_count=1))) == "1.0864"


brought_by = st.tuples(st.sampled_from(["file 1", "file 2", "Ann", "Ben", "Cy"]), st.sampled_from(["1.1", "1.2", "9"]))


@given(st.lists(brought_by, min_size=1, max_size=8))
def test_nothing_stands_on_one_persons_word(brought: list[tuple[str, str]]) -> None:
    price, _ = stands(*brought)
    if price is not None:
        same = {who for who, said in brought if close(said) == close(price)}
        assert len(same) > 1 or any(who.startswith("file") for who in same)
        assert price != "9.0000" or len({who for who in same if not who.startswith("file")}) > 1


@given(st.lists(brought_by, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_entries_are_read_changes_nothing(brought: list[tuple[str, str]], chance: Random) -> None:
    made = entries(*brought)
    assert standing(chance.sample(made, len(made)), TERMS) == standing(made, TERMS)


def test_a_day_in_doubt_is_named_although_a_close_stands() -> None:
    brought = [
        *entries(("file 1", "1.12"), day=DAYS[0]),
        *entries(("file 2", "1.15"), ("file 3", "1.16"), day=DAYS[1]),
        *entries(("file 4", "1.09"), ("Ann", "1.10"), day=DAYS[2]),
    ]
    found = standing(brought, TERMS)
    assert missing_days(DAYS, found) == ()
    assert days_in_doubt(DAYS, found) == (DAYS[1], DAYS[2])
