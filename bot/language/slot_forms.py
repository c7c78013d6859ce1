"""How the value of each slot is written in labelled messages, so that two labels of one thing are equal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from bot.language.places import ARMED_FORCES
from handlers.plan.states import STATE_NAMES

_REFERENCE: Final = r"(?=(?:.*\w){3})[\w./-]+(?: [\w./-]+){0,3}"
"""Letters and digits in up to four groups, as people write them: 4471-0082, 19/220, 20.553.1, AST 0031 5."""
FORMS: Final[Mapping[str, str]] = {
    "amount_usd": r"\d+\.\d\d",
    "shares": r"(?=.*[1-9])\d+(?:\.\d{1,4})?|all|half",
    "state": "|".join([*STATE_NAMES, *ARMED_FORCES]),
    "account": _REFERENCE,
    "order_id": _REFERENCE,
    "payment_method": r"check|automatic_deduction",
    "frequency": r"once|daily|weekly|biweekly|monthly|quarterly|annually",
    "day_of_month": r"[1-9]|[12]\d|3[01]",
    "effective_date": r"(?:\d{4}|-)-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?",
}
"""A regular expression for each slot's values."""

WANTED: Final[Mapping[str, str]] = {
    "amount_usd": "dollars and cents, as 500.00",
    "shares": "a number above 0, all or half",
    "state": "a postal code, as NJ",
    "account": "the account as written",
    "order_id": "the order number as written",
    "payment_method": "check or automatic_deduction",
    "frequency": "once, daily, weekly, biweekly, monthly, quarterly or annually",
    "day_of_month": "1 to 31",
    "effective_date": "a day or month that there is, as 2003-12-17, 2003-12 or --12",
}
"""The same in words."""
_LEAP_YEAR: Final = 2000


def malformed(slots: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The slots, each with its value, that are not written as they are to be."""
    for name, values in slots.items():
        for value in values:
            if not re.fullmatch(FORMS[name], value) or (name == "effective_date" and not _is_in_a_calendar(value)):
                yield name, value


def _is_in_a_calendar(value: str) -> bool:
    """Whether there is such a day or month; without a year, in some year."""
    year, month, day = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-(\d\d))?", value).groups()  # type: ignore[union-attr]  # it has the form
    try:
        date(_LEAP_YEAR if year == "-" else int(year), int(month), int(day or 1))
    except ValueError:
        return False
    return True
