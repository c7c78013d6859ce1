"""What is asked of the monthly deduction."""

from __future__ import annotations

import pytest

from bot.language.cautions import is_negated
from bot.language.deductions import recurring_topics

ASKED = [
    ("Would you discontinue, then, the sum that is taken from my bank each month", {"stop"}),
    ("see no point keeping the auto draft going, shut it off", {"stop"}),
    ("the undersigned revokes the authorization for preauthorized debits", {"stop"}),
    ("I'm through with automatic anything. End it.", {"stop"}),
    ("DO NOT TAKE ANOTHER CENT OUT OF MY CHECKING", {"stop"}),
    ("The automatic debit, though, should stop.", {"stop"}),
    ("the monthly draft, off.", {"stop"}),
    ("kill the monthly pull", {"stop"}),
    ("put me back on the monthly buying", {"resume"}),
    ("I wish neither to stop nor to pause the deduction. I wish to raise it to $425", {"change"}),
    ("stop my deduction, no sorry wrong word, RAISE it, to 600", {"change"}),
    ("pause my deduction", {"pause"}),
    ("leave it as it is", set()),
]


@pytest.mark.parametrize(("text", "topics"), [pytest.param(*row, id=row[0]) for row in ASKED])
def test_what_is_to_become_of_it_is_seen(text: str, topics: set[str]) -> None:
    assert recurring_topics(text) == topics


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        pytest.param("Do not stop the deduction.", True, id="do not stop it"),
        pytest.param("Please don't raise my deduction to $500.", True, id="do not raise it"),
        pytest.param("Don't take another cent. End the debits.", False, id="not another cent"),
        pytest.param("I am not stopping. Raise it to $425 monthly.", False, id="not this, but that"),
    ],
)
def test_a_change_denied_beside_another_is_no_negation(text: str, negated: bool) -> None:
    assert is_negated(text, "recurring") is negated
